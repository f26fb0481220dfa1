// Says beside a date's input which date was understood. The server reads it: there is one reader.
(() => {
  const asked = new WeakMap();
  let waiting;

  const shown = (input) => input.closest(".dated").querySelector(".date-in-words");

  function show(input, words, isProblem) {
    const output = shown(input);
    output.textContent = words;
    output.classList.toggle("problem", isProblem);
  }

  async function read(input, isDone) {
    const text = input.value;
    const last = asked.get(input) ?? {};
    // Of what was asked before, only the problem may have been kept back while it was typed.
    if (last.text === text && last.isDone >= isDone) return;
    const question = { text, isDone };
    asked.set(input, question);
    if (!text.trim()) return show(input, "", false);
    try {
      const answer = await fetch(`${input.dataset.readDate}&text=${encodeURIComponent(text)}`);
      if (!answer.ok) throw new Error(answer.status);
      const { words, problem } = await answer.json();
      if (asked.get(input) !== question) return;
      // Half a date is no mistake yet.
      show(input, problem ? (isDone ? problem : "") : words, Boolean(problem && isDone));
    } catch {
      // The server is away, or the session has ended: what was shown is of another text.
      if (asked.get(input) === question) show(input, "", false);
    }
  }

  const isDate = (element) => element.matches?.("input[data-read-date]");

  document.addEventListener("input", (event) => {
    if (!isDate(event.target)) return;
    clearTimeout(waiting);
    waiting = setTimeout(() => read(event.target, false), 300);
  });
  document.addEventListener("change", (event) => {
    if (!isDate(event.target)) return;
    clearTimeout(waiting);
    read(event.target, true);
  });
  // The calendar writes into the input without an event, and goes to it.
  document.addEventListener("focusin", (event) => {
    const input = event.target;
    if (!isDate(input)) return;
    if (!asked.has(input)) asked.set(input, { text: input.defaultValue, isDone: true });
    if (asked.get(input).text !== input.value) read(input, true);
  });
})();
