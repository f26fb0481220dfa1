// The page that gives a form back. Whoever was told to log in has got a new token by that: it is
// sent instead of the one that this page was made with.
(() => {
  const form = document.querySelector("form.send-again");
  if (!form) return;
  const button = form.querySelector("button");
  form.addEventListener("submit", () => {
    const token = document.cookie.match(/(?:^|; )csrftoken=([^;]+)/)?.[1];
    if (token && "logIn" in form.dataset) form.elements.csrfmiddlewaretoken.value = token;
    setTimeout(() => { button.disabled = true; });
  });
  window.addEventListener("pageshow", () => { button.disabled = false; });
})();
