// What all forms of the admin share.
(() => {
  // The Enter key in a one-line field sends no form: it would press a button that nobody looked at.
  // What asks the server for a list (a search) and the log-in still work by Enter.
  const PRESSED = ["submit", "button", "reset", "image", "file", "color"];

  function isOneLine(field) {
    if (field.tagName === "SELECT") return true;
    return field.tagName === "INPUT" && !PRESSED.includes(field.type);
  }

  document.addEventListener("keydown", (event) => {
    const form = event.target.form;
    if (event.key !== "Enter" || event.isComposing || !form || !isOneLine(event.target)) return;
    if (form.getAttribute("method")?.toLowerCase() !== "post" || form.id === "login-form") return;
    // Only the sending of the form is prevented: lists of suggestions have chosen already.
    event.preventDefault();
  });

  // The list of mistakes leads into the field, out of a folded part, and to fields that a widget hides.
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

  // More records of evidence than the two spare ones, without saving first.
  function addRecord(rows) {
    const all = rows.querySelectorAll(".evidence-row");
    const row = all[all.length - 1].cloneNode(true);
    const next = `${rows.dataset.name}-${all.length}-`;
    for (const label of row.querySelectorAll("label")) {
      const field = label.querySelector("input, textarea");
      field.name = next + field.name.split("-").pop();
      field.id = label.htmlFor = `id_${field.name}`;
      field.value = "";
    }
    row.querySelector("legend").textContent = all.length + 1;
    all[all.length - 1].after(row);
    row.querySelector("input").focus();
    rows.querySelector(".add-record").hidden = all.length + 1 >= Number(rows.dataset.most);
  }

  for (const rows of document.querySelectorAll(".evidence-rows")) {
    const button = rows.querySelector(".add-record");
    button.hidden = false;
    button.addEventListener("click", () => addRecord(rows));
  }
})();
