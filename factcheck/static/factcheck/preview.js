// The panel beside a claim's form that shows the page as readers will see it, and follows the form.
// Without a script its button opens the same page in another tab.
(() => {
  const panel = document.querySelector("#preview");
  const form = panel?.closest("form");
  if (!form) return;
  const frame = panel.querySelector("iframe");
  let timer, controller;

  async function show() {
    if (!panel.open) return;
    controller?.abort();
    controller = new AbortController();
    const { signal } = controller;
    const body = new FormData(form);
    body.set("_preview", "1");
    panel.setAttribute("aria-busy", "true");
    try {
      const response = await fetch(location.href, { method: "POST", body, signal });
      const page = await response.text();
      const scrollTop = frame.contentWindow?.scrollY ?? 0;
      frame.onload = () => frame.contentWindow.scrollTo({ top: scrollTop, behavior: "instant" });
      // Its links open in another tab, so that the form stays open.
      frame.srcdoc = page.replace("<head>", '<head><base target="_blank">');
    } catch {
      // A newer request replaced this one, or the server is away: the last preview stays.
    }
    if (!signal.aborted) panel.removeAttribute("aria-busy");
  }

  function debouncedShow() {
    clearTimeout(timer);
    timer = setTimeout(show, 700);
  }

  // The reader may have opened the panel before this script ran.
  show();
  panel.addEventListener("toggle", show);
  form.addEventListener("input", debouncedShow);
  // Django's widgets report a change only as an event of Django's jQuery.
  window.addEventListener("load", () => django.jQuery(form).on("change", debouncedShow));
})();
