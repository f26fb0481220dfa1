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
document.addEventListener("htmx:configRequest", (event) => {
  onlyChosen(event.detail.elt, event.detail.formData);
});

// A slash leads to the search, as readers know it from elsewhere.
document.addEventListener("keydown", (event) => {
  const isTyping = event.target.closest("input, textarea, select, [contenteditable]");
  const field = document.querySelector("input[type=search]");
  if (event.key !== "/" || event.ctrlKey || event.metaKey || event.altKey || isTyping || !field) return;
  event.preventDefault();
  field.focus();
});
