// The page that offers to send a form again. Logging in issues a new CSRF token, which replaces the
// one in this page.
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
