// Shows beside a date's input how the date was read. The server reads it, as it does on saving.
(() => {
  // The last request for each input.
  const requests = new WeakMap();
  let timer;

  const outputOf = (input) => input.closest(".dated").querySelector(".date-in-words");

  function show(input, words, isProblem) {
    const output = outputOf(input);
    output.textContent = words;
    output.classList.toggle("problem", isProblem);
  }

  async function read(input, isFinal) {
    const text = input.value;
    const last = requests.get(input) ?? {};
    // The same text is sent again only to show the problem that was hidden while it was typed.
    if (last.text === text && last.isFinal >= isFinal) return;
    const request = { text, isFinal };
    requests.set(input, request);
    if (!text.trim()) return show(input, "", false);
    try {
      const response = await fetch(`${input.dataset.readDate}&text=${encodeURIComponent(text)}`);
      if (!response.ok) throw new Error(response.status);
      const { words, problem } = await response.json();
      if (requests.get(input) !== request) return;
      // Half a date is no mistake yet.
      show(input, problem ? (isFinal ? problem : "") : words, Boolean(problem && isFinal));
    } catch {
      // The server is away, or the session has ended: the words shown belong to an older text.
      if (requests.get(input) === request) show(input, "", false);
    }
  }

  const isDate = (element) => element.matches?.("input[data-read-date]");

  document.addEventListener("input", (event) => {
    if (!isDate(event.target)) return;
    clearTimeout(timer);
    timer = setTimeout(() => read(event.target, false), 300);
  });
  document.addEventListener("change", (event) => {
    if (!isDate(event.target)) return;
    clearTimeout(timer);
    read(event.target, true);
  });
  // The calendar fills the input without an event, and then focuses it.
  document.addEventListener("focusin", (event) => {
    const input = event.target;
    if (!isDate(input)) return;
    if (!requests.has(input)) requests.set(input, { text: input.defaultValue, isFinal: true });
    if (requests.get(input).text !== input.value) read(input, true);
  });
})();
