// Comfort only: every page works without it.

// Leave empty fields and defaults (the first option of a select) out of the address.
function dropDefaults(form, data) {
  for (const name of new Set(data.keys())) {
    const isFirst = form.elements[name]?.selectedIndex === 0;
    const values = data.getAll(name).filter((value) => value !== "" && !isFirst);
    data.delete(name);
    for (const value of values) data.append(name, value);
  }
}
document.addEventListener("formdata", (event) => {
  if (event.target.method === "get") dropDefaults(event.target, event.formData);
});

// A response shows only the choices that were made before its request. If the reader has changed
// something since, the response is discarded, because a newer request is under way. Enter in a field
// both changes it and sends the form: the second request for the same query is prevented, because
// its response would replace what the reader is about to click.
let changeCount = 0, pendingRequest;
document.addEventListener("change", () => changeCount++, true);
document.addEventListener("input", (event) => event.target.id === "field-outlet_name" && changeCount++, true);
document.addEventListener("htmx:configRequest", (event) => {
  dropDefaults(event.detail.elt, event.detail.formData);
  event.detail.query = new URLSearchParams(event.detail.formData).toString();
  if (pendingRequest?.query === event.detail.query) event.preventDefault();
  else pendingRequest = event.detail;
  pendingRequest.changeCount = changeCount;
});
document.addEventListener("htmx:beforeSwap", (event) => {
  if (event.detail.requestConfig.changeCount === changeCount) return;
  event.detail.shouldSwap = false;
  pendingRequest = undefined;
});
document.addEventListener("htmx:afterRequest", (event) => {
  if (!event.detail.successful) pendingRequest = undefined;
});

// A slash leads to the search, as readers know it from elsewhere.
document.addEventListener("keydown", (event) => {
  const isTyping = event.target.closest("input, textarea, select, [contenteditable]");
  const field = document.querySelector("input[type=search]");
  if (event.key !== "/" || event.ctrlKey || event.metaKey || event.altKey || isTyping || !field) return;
  event.preventDefault();
  field.focus();
});
