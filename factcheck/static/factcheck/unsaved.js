// Protects what is typed in a form of the admin: leaving the page asks first, a draft stays in the
// browser until the server confirms that it was saved, and a form is sent only once.
(() => {
  const page = document.querySelector("template#unsaved");
  const form = document.querySelector("#content form[method=post]:not(#changelist-form)");
  if (!page) return;

  const PREFIX = "factcheck draft ";
  const DAYS = 30, MAX_DRAFTS = 30, MAX_CHARACTERS = 1_500_000, SAVE_DELAY = 800, RESEND_AFTER = 15_000;
  const UNSAVED_TYPES = ["file", "password", "submit", "button", "image", "reset"];
  const INTERNAL_FIELDS = ["csrfmiddlewaretoken", "_submission", "_draft"];

  // Drafts: one for each account, page and kind of form.

  const path = location.pathname.replace(/^\/[a-z]{2}(?=\/)/, "");
  const query = new URLSearchParams(location.search);
  const pageKey = `${PREFIX}${page.dataset.user} ${path}${query.get("ids") ?? ""}${query.has("_popup") ? " window" : ""}`;
  const keyOf = (kind) => `${pageKey} ${kind}`;

  function read(key) {
    try {
      return JSON.parse(localStorage.getItem(key));
    } catch {
      return null;
    }
  }

  function write(key, draft) {
    const text = JSON.stringify(draft);
    if (text.length > MAX_CHARACTERS) return;
    for (const [oldest] of [["none"], ...allDrafts().reverse()]) {
      if (oldest !== key) localStorage.removeItem(oldest);
      try {
        localStorage.setItem(key, text);
        return;
      } catch {
        // The browser's storage is full: delete the oldest draft and try again.
      }
    }
  }

  // Every draft with its key, the newest first.
  const allDrafts = () => Object.keys(localStorage)
    .filter((key) => key.startsWith(PREFIX))
    .map((key) => [key, read(key)])
    .sort(([, a], [, b]) => (b?.at ?? 0) - (a?.at ?? 0));

  function prune() {
    allDrafts().forEach(([key, draft], number) => {
      const isOld = !draft || Date.now() - draft.at > DAYS * 86_400_000;
      if (isOld || number >= MAX_DRAFTS) localStorage.removeItem(key);
    });
  }

  // The server lists the drafts that it has saved in a cookie of its next response.
  function deleteSavedDrafts() {
    const saved = document.cookie.match(/(?:^|; )saved_drafts=([^;]+)/)?.[1].split(".") ?? [];
    if (!saved.length) return;
    document.cookie = "saved_drafts=; path=/; max-age=0; samesite=lax";
    for (const [key, draft] of allDrafts()) {
      if (!saved.includes(draft?.id)) continue;
      localStorage.removeItem(key);
      // After an import, the draft of the article's text is not needed either.
      if (draft.kind === "preview") localStorage.removeItem(key.replace(/preview$/, "form"));
    }
  }

  try {
    deleteSavedDrafts();
    prune();
  } catch {
    return; // No storage in this browser.
  }
  if (!form) return;

  // The fields of the form.

  const isSaveable = (field) => field.name && !UNSAVED_TYPES.includes(field.type) && !INTERNAL_FIELDS.includes(field.name)
    && !field.name.includes("__prefix__");
  const isTyped = (field) => isSaveable(field) && field.type !== "hidden" && !field.hidden;

  function isChanged(field) {
    if (["checkbox", "radio"].includes(field.type)) return field.checked !== field.defaultChecked;
    if (!field.options) return field.value !== field.defaultValue;
    const options = [...field.options];
    if (field.multiple) return options.some((option) => option.selected !== option.defaultSelected);
    const before = options.find((option) => option.defaultSelected) ?? options[0];
    return field.value !== (before?.value ?? "");
  }

  // The fields' names and values; of a choice, also its label.
  function currentFields() {
    const fields = [];
    for (const field of form.elements) {
      if (!isSaveable(field)) continue;
      if (field.options) {
        for (const option of field.selectedOptions) fields.push([field.name, option.value, option.text]);
      } else if (field.checked || !["checkbox", "radio"].includes(field.type)) {
        fields.push([field.name, field.value]);
      }
    }
    return fields;
  }

  const kind = form.classList.contains("preview") ? "preview" : "form";
  const isLong = [...form.elements].some(isTyped);
  // The page shows a form that the server has rejected: its text is unsaved.
  let isRejected = "refused" in page.dataset;
  const isDirty = () => isLong && (isRejected || [...form.elements].some((field) => isTyped(field) && isChanged(field)));
  let id = crypto.getRandomValues(new Uint32Array(4)).join("-").slice(0, 40);
  let offerBox = null, timer, isSending = false;

  function saveDraft() {
    clearTimeout(timer);
    // The older draft is not overwritten until the editor has restored or discarded it.
    if (offerBox) return;
    if (isDirty()) write(keyOf(kind), { id, kind, at: Date.now(), fields: currentFields() });
    else if (read(keyOf(kind))?.id === id) localStorage.removeItem(keyOf(kind));
  }

  function debouncedSave() {
    clearTimeout(timer);
    timer = setTimeout(saveDraft, SAVE_DELAY);
  }

  // Restoring a draft.

  function rowsOf(fields, prefix) {
    const ids = new Map(fields.map(([name, value]) => [name, value]));
    return Array.from({ length: Number(ids.get(`${prefix}-TOTAL_FORMS`)) }, (_, n) => ids.get(`${prefix}-${n}-id`) ?? "");
  }

  // The row of the form for each row of the draft: the one with its id, or a new one.
  function rowTargets(fields, prefix) {
    const total = form.elements[`${prefix}-TOTAL_FORMS`];
    const now = rowsOf(currentFields(), prefix);
    let next = Number(form.elements[`${prefix}-INITIAL_FORMS`].value);
    return rowsOf(fields, prefix).map((row, number) => {
      const existing = row ? now.indexOf(row) : -1;
      if (existing >= 0) return existing;
      while (Number(total.value) <= next) {
        const before = total.value;
        document.querySelector(`#${prefix}-group .add-row a`)?.click();
        if (total.value === before) return number;
      }
      return next++;
    });
  }

  function addEvidenceRow(name) {
    const [, prefix, number] = name.match(/^(.+-evidence)-(\d+)-/) ?? [];
    if (!prefix || form.elements[name]) return;
    const last = [...form.querySelectorAll(".evidence-row")].findLast((row) => row.querySelector(`[name^="${prefix}-"]`));
    if (!last) return;
    const row = last.cloneNode(true);
    for (const part of row.querySelectorAll("[name], [id], [for]")) {
      for (const attribute of ["name", "id", "for"]) {
        const value = part.getAttribute(attribute);
        if (value) part.setAttribute(attribute, value.replace(/-evidence-\d+-/, `-evidence-${number}-`));
      }
      if (part.matches("input, textarea")) part.value = "";
    }
    last.after(row);
  }

  function selectOptions(field, chosen) {
    for (const [value, text] of chosen) {
      if (![...field.options].some((option) => option.value === value)) field.add(new Option(text ?? value, value));
    }
    for (const option of field.options) option.selected = chosen.some(([value]) => value === option.value);
  }

  function restore(draft) {
    const targets = {};
    for (const [name] of draft.fields) {
      const prefix = name.match(/^(.+)-TOTAL_FORMS$/)?.[1];
      if (prefix && form.elements[name]) targets[prefix] = rowTargets(draft.fields, prefix);
    }
    const values = new Map();
    for (const [name, value, text] of draft.fields) {
      const [, prefix, number, rest] = name.match(/^([a-z_]+)-(\d+)-(.+)$/) ?? [];
      const target = prefix in targets ? `${prefix}-${targets[prefix][number] ?? number}-${rest}` : name;
      addEvidenceRow(target);
      values.set(target, [...(values.get(target) ?? []), [value, text]]);
    }
    for (const field of form.elements) {
      // The only hidden field restored is the version that the editor had seen, to detect a conflict.
      if (!isTyped(field) && field.name !== "seen_state") continue;
      const chosen = values.get(field.name) ?? [];
      if (["checkbox", "radio"].includes(field.type)) field.checked = chosen.some(([value]) => value === field.value);
      else if (field.options) selectOptions(field, chosen);
      else if (chosen.length) field.value = chosen[0][0];
      if (isTyped(field) && isChanged(field)) window.django?.jQuery?.(field).trigger("change");
    }
    id = draft.id;
    form.elements._draft.value = id;
    form.dispatchEvent(new Event("input", { bubbles: true }));
  }

  // An article's preview exists only as a response: post the draft to build the preview again.
  function readAgain(draft) {
    const copy = document.createElement("form");
    Object.assign(copy, { method: "post", enctype: "multipart/form-data", hidden: true });
    const token = form.elements.csrfmiddlewaretoken.value;
    for (const [name, value] of [...draft.fields, ["csrfmiddlewaretoken", token], ["_read", "1"]]) {
      const field = document.createElement("textarea");
      Object.assign(field, { name, value });
      copy.append(field);
    }
    document.body.append(copy);
    isSending = true;
    copy.submit();
  }

  function offerDraft(draft) {
    offerBox = page.content.firstElementChild.cloneNode(true);
    const at = new Date(draft.at), isToday = at.toDateString() === new Date().toDateString();
    const style = isToday ? { timeStyle: "short" } : { dateStyle: "medium", timeStyle: "short" };
    for (const message of offerBox.querySelectorAll("[data-kind]")) {
      if (message.dataset.kind !== draft.kind) message.remove();
    }
    const time = offerBox.querySelector("time");
    time.dateTime = at.toISOString();
    time.textContent = new Intl.DateTimeFormat(document.documentElement.lang, style).format(at);
    offerBox.addEventListener("click", ({ target }) => {
      if (!target.value) return;
      offerBox.remove();
      offerBox = null;
      if (target.value === "discard") {
        for (const draftKind of ["form", "preview"]) localStorage.removeItem(keyOf(draftKind));
        debouncedSave();
      } else if (draft.kind === kind) restore(draft);
      else readAgain(draft);
    });
    form.before(offerBox);
  }

  function start() {
    if ("saved" in page.dataset) {
      localStorage.removeItem(keyOf(kind));
      return;
    }
    const draft = read(keyOf(kind)), preview = kind === "form" ? read(keyOf("preview")) : null;
    const isSame = draft && JSON.stringify(typedFields(draft.fields)) === JSON.stringify(typedFields(currentFields()));
    if (isRejected && draft) id = draft.id;
    else if (preview) offerDraft(preview);
    else if (draft && kind === "form" && !isSame) offerDraft(draft);
    else if (isSame) id = draft.id;
  }

  const typedFields = (fields) => fields.filter(([name]) => {
    const field = form.elements[name];
    return name !== "seen_state" && !/_FORMS$/.test(name) && field?.type !== "hidden";
  });

  function addField(name, value) {
    const field = Object.assign(document.createElement("input"), { type: "hidden", name, value });
    form.append(field);
  }

  if (isLong) {
    start();
    addField("_draft", id);
    form.addEventListener("input", debouncedSave);
    form.addEventListener("change", debouncedSave);
    // Django's widgets report a change only as an event of Django's jQuery.
    window.addEventListener("load", () => window.django?.jQuery?.(form).on("change", debouncedSave));
    window.addEventListener("pagehide", saveDraft);
    window.addEventListener("beforeunload", (event) => {
      if (isSending || !isDirty()) return;
      saveDraft();
      event.preventDefault();
      event.returnValue = true; // for older browsers
    });
  }

  // A form is sent once: going back and sending it again sends the same key.

  const key = form.elements._submission;
  if (key) {
    const before = history.state?.submission;
    if (before) key.value = before;
    else history.replaceState({ ...history.state, submission: key.value }, "");
  }

  function setSending(value) {
    isSending = value;
    for (const button of form.querySelectorAll("[type=submit]")) button.disabled = value;
  }

  form.addEventListener("submit", (event) => {
    if (event.submitter?.formTarget === "_blank") return;
    if (isSending) {
      event.preventDefault();
      return;
    }
    isSending = true;
    if (isLong) saveDraft();
    // After the submit: the value of a disabled button would not be sent.
    setTimeout(() => setSending(!event.defaultPrevented));
    setTimeout(() => setSending(false), RESEND_AFTER);
  });
  window.addEventListener("pageshow", () => setSending(false));
})();
