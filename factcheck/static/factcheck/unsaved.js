// What is typed in a form of the admin is not lost: leaving asks first, a copy of it stays in the
// browser until the server says that it was saved, and a form is sent once.
(() => {
  const page = document.querySelector("template#unsaved");
  const form = document.querySelector("#content form[method=post]:not(#changelist-form)");
  if (!page) return;

  const PREFIX = "factcheck draft ";
  const DAYS = 30, MOST_DRAFTS = 30, MOST_CHARACTERS = 1_500_000, PAUSE = 800, STOPPED = 15_000;
  const NEVER = ["file", "password", "submit", "button", "image", "reset"];
  const OWN = ["csrfmiddlewaretoken", "_submission", "_draft"];

  // Drafts: one for each account, page and kind of form.

  const path = location.pathname.replace(/^\/[a-z]{2}(?=\/)/, "");
  const of = new URLSearchParams(location.search);
  const place = `${PREFIX}${page.dataset.user} ${path}${of.get("ids") ?? ""}${of.has("_popup") ? " window" : ""}`;
  const keyOf = (kind) => `${place} ${kind}`;

  function read(key) {
    try {
      return JSON.parse(localStorage.getItem(key));
    } catch {
      return null;
    }
  }

  function write(key, draft) {
    const text = JSON.stringify(draft);
    if (text.length > MOST_CHARACTERS) return;
    for (const [oldest] of [["none"], ...all().reverse()]) {
      if (oldest !== key) localStorage.removeItem(oldest);
      try {
        localStorage.setItem(key, text);
        return;
      } catch {
        // The browser's room is full: the oldest draft goes.
      }
    }
  }

  // Every draft with its key, the newest first.
  const all = () => Object.keys(localStorage)
    .filter((key) => key.startsWith(PREFIX))
    .map((key) => [key, read(key)])
    .sort(([, a], [, b]) => (b?.at ?? 0) - (a?.at ?? 0));

  function prune() {
    all().forEach(([key, draft], number) => {
      const isOld = !draft || Date.now() - draft.at > DAYS * 86_400_000;
      if (isOld || number >= MOST_DRAFTS) localStorage.removeItem(key);
    });
  }

  // The server names the drafts that it has saved in a cookie, with the page that follows.
  function forgetSaved() {
    const saved = document.cookie.match(/(?:^|; )saved_drafts=([^;]+)/)?.[1].split(".") ?? [];
    if (!saved.length) return;
    document.cookie = "saved_drafts=; path=/; max-age=0; samesite=lax";
    for (const [key, draft] of all()) {
      if (!saved.includes(draft?.id)) continue;
      localStorage.removeItem(key);
      // An imported article needs neither its preview nor its text any more.
      if (draft.kind === "preview") localStorage.removeItem(key.replace(/preview$/, "form"));
    }
  }

  try {
    forgetSaved();
    prune();
  } catch {
    return; // No storage in this browser.
  }
  if (!form) return;

  // What a form holds.

  const isKept = (field) => field.name && !NEVER.includes(field.type) && !OWN.includes(field.name)
    && !field.name.includes("__prefix__");
  const isTyped = (field) => isKept(field) && field.type !== "hidden" && !field.hidden;

  function isChanged(field) {
    if (["checkbox", "radio"].includes(field.type)) return field.checked !== field.defaultChecked;
    if (!field.options) return field.value !== field.defaultValue;
    const options = [...field.options];
    if (field.multiple) return options.some((one) => one.selected !== one.defaultSelected);
    const before = options.find((one) => one.defaultSelected) ?? options[0];
    return field.value !== (before?.value ?? "");
  }

  // What each field holds: its name, its value and, of a choice, the words for it.
  function held() {
    const found = [];
    for (const field of form.elements) {
      if (!isKept(field)) continue;
      if (field.options) {
        for (const one of field.selectedOptions) found.push([field.name, one.value, one.text]);
      } else if (field.checked || !["checkbox", "radio"].includes(field.type)) {
        found.push([field.name, field.value]);
      }
    }
    return found;
  }

  const kind = form.classList.contains("preview") ? "preview" : "form";
  const isLong = [...form.elements].some(isTyped);
  // The page shows text that the server has refused: it is as unsaved as if it were just typed.
  let isRefused = "refused" in page.dataset;
  const isDirty = () => isLong && (isRefused || [...form.elements].some((one) => isTyped(one) && isChanged(one)));
  let id = crypto.getRandomValues(new Uint32Array(4)).join("-").slice(0, 40);
  let offer = null, waiting, isSending = false;

  function keep() {
    clearTimeout(waiting);
    // Until somebody has decided on the older text, it is not written over.
    if (offer) return;
    if (isDirty()) write(keyOf(kind), { id, kind, at: Date.now(), fields: held() });
    else if (read(keyOf(kind))?.id === id) localStorage.removeItem(keyOf(kind));
  }

  function keepSoon() {
    clearTimeout(waiting);
    waiting = setTimeout(keep, PAUSE);
  }

  // Putting a draft back.

  function rowsOf(fields, prefix) {
    const ids = new Map(fields.map(([name, value]) => [name, value]));
    return Array.from({ length: Number(ids.get(`${prefix}-TOTAL_FORMS`)) }, (_, n) => ids.get(`${prefix}-${n}-id`) ?? "");
  }

  // Where each row of the draft goes: to the row with its number, or to a new one.
  function places(fields, prefix) {
    const total = form.elements[`${prefix}-TOTAL_FORMS`];
    const now = rowsOf(held(), prefix);
    let next = Number(form.elements[`${prefix}-INITIAL_FORMS`].value);
    return rowsOf(fields, prefix).map((row, number) => {
      const there = row ? now.indexOf(row) : -1;
      if (there >= 0) return there;
      while (Number(total.value) <= next) {
        const before = total.value;
        document.querySelector(`#${prefix}-group .add-row a`)?.click();
        if (total.value === before) return number;
      }
      return next++;
    });
  }

  function makeRoom(name) {
    const [, prefix, number] = name.match(/^(.+-evidence)-(\d+)-/) ?? [];
    if (!prefix || form.elements[name]) return;
    const last = [...form.querySelectorAll(".evidence-row")].findLast((one) => one.querySelector(`[name^="${prefix}-"]`));
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

  function choose(field, chosen) {
    for (const [value, text] of chosen) {
      if (![...field.options].some((one) => one.value === value)) field.add(new Option(text ?? value, value));
    }
    for (const one of field.options) one.selected = chosen.some(([value]) => value === one.value);
  }

  function restore(draft) {
    const moved = {};
    for (const [name] of draft.fields) {
      const prefix = name.match(/^(.+)-TOTAL_FORMS$/)?.[1];
      if (prefix && form.elements[name]) moved[prefix] = places(draft.fields, prefix);
    }
    const values = new Map();
    for (const [name, value, text] of draft.fields) {
      const [, prefix, number, rest] = name.match(/^([a-z_]+)-(\d+)-(.+)$/) ?? [];
      const there = prefix in moved ? `${prefix}-${moved[prefix][number] ?? number}-${rest}` : name;
      makeRoom(there);
      values.set(there, [...(values.get(there) ?? []), [value, text]]);
    }
    for (const field of form.elements) {
      // Of the hidden fields, what the editor had seen: who saved since then is told of.
      if (!isTyped(field) && field.name !== "seen_state") continue;
      const chosen = values.get(field.name) ?? [];
      if (["checkbox", "radio"].includes(field.type)) field.checked = chosen.some(([value]) => value === field.value);
      else if (field.options) choose(field, chosen);
      else if (chosen.length) field.value = chosen[0][0];
      if (isTyped(field) && isChanged(field)) window.django?.jQuery?.(field).trigger("change");
    }
    id = draft.id;
    form.elements._draft.value = id;
    form.dispatchEvent(new Event("input", { bubbles: true }));
  }

  // The preview of an article is an answer to its text: it is read again, with all that was typed.
  function resume(draft) {
    const again = document.createElement("form");
    Object.assign(again, { method: "post", enctype: "multipart/form-data", hidden: true });
    const token = form.elements.csrfmiddlewaretoken.value;
    for (const [name, value] of [...draft.fields, ["csrfmiddlewaretoken", token], ["_read", "1"]]) {
      const field = document.createElement("textarea");
      Object.assign(field, { name, value });
      again.append(field);
    }
    document.body.append(again);
    isSending = true;
    again.submit();
  }

  function offerBack(draft) {
    offer = page.content.firstElementChild.cloneNode(true);
    const at = new Date(draft.at), isToday = at.toDateString() === new Date().toDateString();
    const style = isToday ? { timeStyle: "short" } : { dateStyle: "medium", timeStyle: "short" };
    for (const said of offer.querySelectorAll("[data-kind]")) {
      if (said.dataset.kind !== draft.kind) said.remove();
    }
    const time = offer.querySelector("time");
    time.dateTime = at.toISOString();
    time.textContent = new Intl.DateTimeFormat(document.documentElement.lang, style).format(at);
    offer.addEventListener("click", ({ target }) => {
      if (!target.value) return;
      offer.remove();
      offer = null;
      if (target.value === "discard") {
        for (const one of ["form", "preview"]) localStorage.removeItem(keyOf(one));
        keepSoon();
      } else if (draft.kind === kind) restore(draft);
      else resume(draft);
    });
    form.before(offer);
  }

  function begin() {
    if ("saved" in page.dataset) {
      localStorage.removeItem(keyOf(kind));
      return;
    }
    const own = read(keyOf(kind)), preview = kind === "form" ? read(keyOf("preview")) : null;
    const isSame = own && JSON.stringify(typed(own.fields)) === JSON.stringify(typed(held()));
    if (isRefused && own) id = own.id;
    else if (preview) offerBack(preview);
    else if (own && kind === "form" && !isSame) offerBack(own);
    else if (isSame) id = own.id;
  }

  const typed = (fields) => fields.filter(([name]) => {
    const field = form.elements[name];
    return name !== "seen_state" && !/_FORMS$/.test(name) && field?.type !== "hidden";
  });

  function addField(name, value) {
    const field = Object.assign(document.createElement("input"), { type: "hidden", name, value });
    form.append(field);
  }

  if (isLong) {
    begin();
    addField("_draft", id);
    form.addEventListener("input", keepSoon);
    form.addEventListener("change", keepSoon);
    // The admin's own widgets tell of a change through the admin's own library alone.
    window.addEventListener("load", () => window.django?.jQuery?.(form).on("change", keepSoon));
    window.addEventListener("pagehide", keep);
    window.addEventListener("beforeunload", (event) => {
      if (isSending || !isDirty()) return;
      keep();
      event.preventDefault();
      event.returnValue = true; // for older browsers
    });
  }

  // A form is sent once. Whoever goes back to it and sends it again sends the same key.

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
    if (isLong) keep();
    // Not at once: a disabled button is not sent.
    setTimeout(() => setSending(!event.defaultPrevented));
    setTimeout(() => setSending(false), STOPPED);
  });
  window.addEventListener("pageshow", () => setSending(false));
})();
