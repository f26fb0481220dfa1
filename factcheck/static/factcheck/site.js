// Comfort only: every page works without it.

// Addresses hold what was chosen, not what was left empty or as it is anyway: a select's first.
function onlyChosen(form, data) {
  for (const name of new Set(data.keys())) {
    const isFirst = form.elements[name]?.selectedIndex === 0;
    const values = data.getAll(name).filter((value) => value !== "" && !isFirst);
    data.delete(name);
    for (const value of values) data.append(name, value);
  }
}
document.addEventListener("formdata", (event) => {
  if (event.target.method === "get") onlyChosen(event.target, event.formData);
});

// An answer knows only what was chosen before it was asked for. What has been chosen since would be
// lost with it: it is let go, for another one is on its way. Enter in a field is a choice and sends
// the form, too: what is asked for already is not asked again, or its answer would take away what
// the reader is about to click.
let choices = 0, asked;
document.addEventListener("change", () => choices++, true);
document.addEventListener("input", (event) => event.target.id === "field-outlet_name" && choices++, true);
document.addEventListener("htmx:configRequest", (event) => {
  onlyChosen(event.detail.elt, event.detail.formData);
  event.detail.query = new URLSearchParams(event.detail.formData).toString();
  if (asked?.query === event.detail.query) event.preventDefault();
  else asked = event.detail;
  asked.choices = choices;
});
document.addEventListener("htmx:beforeSwap", (event) => {
  if (event.detail.requestConfig.choices === choices) return;
  event.detail.shouldSwap = false;
  asked = undefined;
});
document.addEventListener("htmx:afterRequest", (event) => {
  if (!event.detail.successful) asked = undefined;
});

// A slash leads to the search, as readers know it from elsewhere.
document.addEventListener("keydown", (event) => {
  const isTyping = event.target.closest("input, textarea, select, [contenteditable]");
  const field = document.querySelector("input[type=search]");
  if (event.key !== "/" || event.ctrlKey || event.metaKey || event.altKey || isTyping || !field) return;
  event.preventDefault();
  field.focus();
});
