// The controls of the figures: native ones, each with a label, bound to a field of the state.

// An element with properties; those with a dash, and `role`, are attributes.
export function element(tag, properties = {}, ...children) {
  const made = document.createElement(tag);
  for (const [key, value] of Object.entries(properties)) {
    if (key === "role" || key.includes("-")) made.setAttribute(key, value);
    else made[key] = value;
  }
  made.append(...children);
  return made;
}

// A name as people write it: sobel_x is “Sobel x”.
export function spoken(name) {
  const words = name.replace(/[_-]/g, " ");
  return words[0].toUpperCase() + words.slice(1);
}

export function bar(...children) {
  return element("div", { className: "figure-bar" }, ...children);
}

// Each figure has these lines in a bundle of its own, and all figures of a page count together.
const COUNT = Symbol.for("figure-controls");

export function labelled(words, control) {
  document[COUNT] = (document[COUNT] ?? 0) + 1;
  control.id ||= `figure-control-${document[COUNT]}`;
  const label = element("label", { htmlFor: control.id }, words);
  return element("div", { className: "figure-control" }, label, control);
}

// The labels of a menu of a choice: its texts as people write them, where `others` has no other.
export function options(field, others = {}) {
  return Object.fromEntries(field.options.map((text) => [text, others[text] ?? spoken(text)]));
}

// A menu for a field of few values. `labels` maps the texts of its options to words.
export function menu(figure, key, words, labels) {
  const field = figure.constructor.fields[key];
  const entries = Object.entries(labels).map(([value, text]) => element("option", { value }, text));
  const select = element("select", { onchange: () => figure.set({ [key]: field.read(select.value) }) }, ...entries);
  figure.follow({ sync: (state) => (select.value = field.write(state[key])) });
  return labelled(words, select);
}

export function button(words, act) {
  return element("button", { type: "button", onclick: act }, words);
}

// A box to tick, for a field that is a flag.
export function tick(figure, key, words) {
  const input = element("input", { type: "checkbox", onchange: () => figure.set({ [key]: input.checked }) });
  figure.follow({ sync: (state) => (input.checked = state[key]) });
  return element("label", { className: "figure-tick" }, input, element("span", {}, words));
}

// A part of a figure with its words above; the style sheet places it by the name of its area.
export function panel(area, words, ...parts) {
  const heading = element("p", { className: "figure-heading" }, ...words);
  return element("div", { className: `figure-panel figure-area-${area}` }, heading, ...parts);
}

// The labels of a menu of whole numbers.
export function numbers({ minimum, maximum }) {
  const all = Array.from({ length: maximum - minimum + 1 }, (_, n) => String(minimum + n));
  return Object.fromEntries(all.map((text) => [text, text]));
}

// Whether a key is pressed as part of a command of the browser: Alt+Left goes back.
export const isCommand = ({ altKey, ctrlKey, metaKey }) => altKey || ctrlKey || metaKey;

// What somebody may be about to complete.
const UNFINISHED = /^[+\-−]?\d*[.,]$|^[+\-−]?$|\/$/;

// A box for a number. What cannot be read is said and marked; the state keeps the last that could.
// `inputMode` chooses the keys that a phone offers: only those of "text" have minus and slash.
export function box(figure, { words, read, write, get, change, step = 1, inputMode = "text" }) {
  const input = element("input", { type: "text", inputMode, autocomplete: "off", spellcheck: false });
  input.setAttribute("aria-label", words);
  const mark = (wrong) => (wrong ? input.setAttribute("aria-invalid", "true") : input.removeAttribute("aria-invalid"));
  const take = (text) => {
    try {
      const taken = change(read(text));
      mark(!taken);
    } catch (problem) {
      if (!(problem instanceof RangeError)) throw problem;
      mark(true);
      figure.say(problem.message, true);
    }
  };
  const move = (steps) => {
    const value = get(figure.state) + steps * step;
    take(String(Number(value.toPrecision(12))));
    input.value = write(get(figure.state));
  };
  input.addEventListener("input", () => UNFINISHED.test(input.value) || take(input.value));
  input.addEventListener("change", () => take(input.value));
  input.addEventListener("keydown", (event) => {
    const steps = { ArrowUp: 1, ArrowDown: -1, PageUp: 10, PageDown: -10 }[event.key];
    if (!steps || isCommand(event)) return;
    event.preventDefault();
    move(steps);
  });
  input.addEventListener("blur", () => {
    mark(false);
    input.value = write(get(figure.state));
  });
  scrub(input, move);
  const sync = (state) => {
    if (input !== document.activeElement) input.value = write(get(state)); // nobody is typing
  };
  return { input, sync };
}

// A labelled box for a field that is a whole number.
export function numberBox(figure, key, words) {
  const { read, write, minimum } = figure.constructor.fields[key];
  const get = (state) => state[key];
  const change = (value) => figure.set({ [key]: value });
  const inputMode = minimum < 0 ? "text" : "numeric";
  const control = box(figure, { words, read, write, get, change, inputMode });
  figure.follow(control);
  return labelled(words, control.input);
}

// Dragging to the side changes a number: a step for every eight pixels.
function scrub(input, move) {
  let from = null;
  input.classList.add("figure-scrub");
  input.addEventListener("pointerdown", (event) => {
    from = event.clientX;
    input.setPointerCapture(event.pointerId);
  });
  input.addEventListener("pointermove", (event) => {
    if (from === null || !event.buttons) return;
    const steps = Math.trunc((event.clientX - from) / 8);
    if (steps) {
      from += 8 * steps;
      move(steps);
    }
  });
  for (const end of ["pointerup", "pointercancel"]) input.addEventListener(end, () => (from = null));
}

// A slider for a field that is a whole number, with the number beside it.
export function slider(figure, key, words) {
  const { minimum, maximum } = figure.constructor.fields[key];
  const shown = element("output");
  const input = element("input", { type: "range", min: minimum, max: maximum });
  input.addEventListener("input", () => figure.set({ [key]: Number(input.value) }));
  figure.follow({
    sync: (state) => {
      input.value = state[key];
      shown.textContent = String(state[key]).replace("-", "−");
    },
  });
  return element("div", { className: "figure-slider" }, labelled(words, input), shown);
}
