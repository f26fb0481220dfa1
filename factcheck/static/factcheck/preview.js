// The panel beside a claim's form that shows the page as readers will see it, and follows the form.
// Without a script its button opens the same page in another tab.
(() => {
  const panel = document.querySelector("#preview");
  const form = panel?.closest("form");
  if (!form) return;
  const frame = panel.querySelector("iframe");
  let waiting, running;

  async function show() {
    if (!panel.open) return;
    running?.abort();
    running = new AbortController();
    const { signal } = running;
    const body = new FormData(form);
    body.set("_preview", "1");
    panel.setAttribute("aria-busy", "true");
    try {
      const answer = await fetch(location.href, { method: "POST", body, signal });
      const page = await answer.text();
      const place = frame.contentWindow?.scrollY ?? 0;
      frame.onload = () => frame.contentWindow.scrollTo({ top: place, behavior: "instant" });
      // Its links open elsewhere: the form stays as it is.
      frame.srcdoc = page.replace("<head>", '<head><base target="_blank">');
    } catch {
      // A newer one took its place, or the server is away: what is shown stays.
    }
    if (!signal.aborted) panel.removeAttribute("aria-busy");
  }

  function showSoon() {
    clearTimeout(waiting);
    waiting = setTimeout(show, 700);
  }

  // Whoever was quick has opened it already.
  show();
  panel.addEventListener("toggle", show);
  form.addEventListener("input", showSoon);
  // The admin's own widgets tell of a change through the admin's own library alone.
  window.addEventListener("load", () => django.jQuery(form).on("change", showSoon));
})();
