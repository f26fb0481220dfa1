// The library of the autocomplete fields tells a screen reader what was chosen, not what is asked.
(() => {
  const named = (select) => select.labels[0]?.textContent.trim().replace(/:$/, "");

  function nameFields(root) {
    for (const select of root.querySelectorAll("select.admin-autocomplete")) {
      const shown = select.nextElementSibling?.querySelectorAll("[role=combobox], [role=textbox], input");
      for (const part of shown ?? []) {
        part.removeAttribute("aria-labelledby");
        part.setAttribute("aria-label", named(select));
      }
    }
  }

  // Asked for after the library's own scripts, it runs after them.
  document.addEventListener("DOMContentLoaded", () => window.django?.jQuery(() => {
    nameFields(document);
    django.jQuery(document).on("select2:open", (event) => {
      const search = document.querySelector(".select2-container--open .select2-search--dropdown input");
      search?.setAttribute("aria-label", named(event.target));
    });
  }));
  // The admin makes the fields of a new row what they are at the same event.
  document.addEventListener("formset:added", (event) => setTimeout(() => nameFields(event.target)));
})();
