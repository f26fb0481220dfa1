// The library of the autocomplete fields names the chosen value to a screen reader, not the field.
(() => {
  const labelOf = (select) => select.labels[0]?.textContent.trim().replace(/:$/, "");

  function nameFields(root) {
    for (const select of root.querySelectorAll("select.admin-autocomplete")) {
      const shown = select.nextElementSibling?.querySelectorAll("[role=combobox], [role=textbox], input");
      for (const part of shown ?? []) {
        part.removeAttribute("aria-labelledby");
        part.setAttribute("aria-label", labelOf(select));
      }
    }
  }

  // Registered after the library's own scripts, so it runs after them.
  document.addEventListener("DOMContentLoaded", () => window.django?.jQuery(() => {
    nameFields(document);
    django.jQuery(document).on("select2:open", (event) => {
      const search = document.querySelector(".select2-container--open .select2-search--dropdown input");
      search?.setAttribute("aria-label", labelOf(event.target));
    });
  }));
  // Django sets up the fields of a new row at the same event.
  document.addEventListener("formset:added", (event) => setTimeout(() => nameFields(event.target)));
})();
