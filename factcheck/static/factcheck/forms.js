// Shared behaviour of all forms of the admin.
(() => {
  // The Enter key in a one-line field does not submit the form: it would press the first button,
  // whichever that is. Searches and the log-in form still submit on Enter.
  const BUTTON_TYPES = ["submit", "button", "reset", "image", "file", "color"];

  function isOneLine(field) {
    if (field.tagName === "SELECT") return true;
    return field.tagName === "INPUT" && !BUTTON_TYPES.includes(field.type);
  }

  document.addEventListener("keydown", (event) => {
    const form = event.target.form;
    if (event.key !== "Enter" || event.isComposing || !form || !isOneLine(event.target)) return;
    if (form.getAttribute("method")?.toLowerCase() !== "post" || form.id === "login-form") return;
    // Prevents only the submit: lists of suggestions have handled the key already.
    event.preventDefault();
  });

  // A link in the list of mistakes opens folded parts and focuses the field, or the widget that hides it.
  function showField(id) {
    const field = document.getElementById(id);
    if (!field) return;
    for (let part = field.closest("details"); part; part = part.parentElement.closest("details")) part.open = true;
    (field.closest(".form-row") ?? field).scrollIntoView({ block: "center" });
    const shown = field.matches("select.select2-hidden-accessible") ? field.nextElementSibling.querySelector("[role=combobox]") : field;
    (shown.matches("input, select, textarea, [tabindex]") ? shown : shown.querySelector("input, select, textarea"))?.focus({ preventScroll: true });
  }

  document.addEventListener("click", (event) => {
    const link = event.target.closest(".mistakes a");
    if (!link) return;
    event.preventDefault();
    showField(link.getAttribute("href").slice(1));
  });

  // Adds a row for evidence beyond the two spare ones, without saving first.
  function addRecord(rows) {
    const records = rows.querySelectorAll(".evidence-row");
    const row = records[records.length - 1].cloneNode(true);
    const next = `${rows.dataset.name}-${records.length}-`;
    for (const label of row.querySelectorAll("label")) {
      const field = label.querySelector("input, textarea");
      field.name = next + field.name.split("-").pop();
      field.id = label.htmlFor = `id_${field.name}`;
      field.value = "";
    }
    row.querySelector("legend").textContent = records.length + 1;
    records[records.length - 1].after(row);
    row.querySelector("input").focus();
    rows.querySelector(".add-record").hidden = records.length + 1 >= Number(rows.dataset.most);
  }

  for (const rows of document.querySelectorAll(".evidence-rows")) {
    const button = rows.querySelector(".add-record");
    button.hidden = false;
    button.addEventListener("click", () => addRecord(rows));
  }
})();
