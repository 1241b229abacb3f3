// The layers of a stack as a list of boxes, one line a layer, and what comes of each.

import { box, button, element, labelled } from "./controls.js";
import { KINDS, NUMBERS, readLayerNumber } from "./layer-stack.js";

const inEnglish = (number) => number.toLocaleString("en");

export class LayerList {
  // The stack of a figure, in the field `layers` of its state.
  constructor(figure) {
    this.figure = figure;
    this.element = element("ol", { className: "figure-layers" });
    this.rows = [];
    figure.follow(this);
  }

  add(layer) {
    if (this.#change((stack) => [...stack, layer])) this.#focusOn(this.rows.length - 1, "input");
  }

  sync(state) {
    const kinds = state.layers.map(({ kind }) => kind).join();
    if (kinds !== this.kinds) this.#lay(state.layers);
    this.kinds = kinds;
    this.rows.forEach(({ boxes }) => boxes.forEach((control) => control.sync(state)));
  }

  // What comes of each layer, as `describe` has it.
  show(described) {
    described.forEach(({ size, channels, parameters, products, field }, n) => {
      const learned = parameters ? `${inEnglish(parameters)} parameters, ${inEnglish(products)} multiply-accumulates` : "nothing learned";
      this.rows[n].result.textContent = `${channels} × ${size} × ${size}; ${learned}; a pixel sees ${field.size} × ${field.size}`;
    });
  }

  #lay(stack) {
    this.rows = stack.map(({ kind }, n) => this.#row(kind, n, stack.length));
    this.element.replaceChildren(...this.rows.map((row) => row.element));
  }

  #row(kind, n, count) {
    const { keys, torch } = KINDS[kind];
    const boxes = keys.map((key) => this.#box(key, n));
    const result = element("p", { className: "figure-result" });
    const controls = keys.map((key, k) => labelled(NUMBERS[key].name, boxes[k].input));
    const title = element("span", { className: "figure-layer-name" }, element("code", {}, torch));
    const order = [
      this.#button("↑", `Move layer ${n + 1} up`, n > 0, () => this.#swap(n, n - 1)),
      this.#button("↓", `Move layer ${n + 1} down`, n < count - 1, () => this.#swap(n, n + 1)),
      this.#button("×", `Remove layer ${n + 1}`, true, () => this.#remove(n)),
    ];
    const line = element("div", { className: "figure-bar" }, title, ...controls, element("span", { className: "figure-order" }, ...order));
    return { element: element("li", {}, line, result), boxes, result };
  }

  #button(sign, words, enabled, act) {
    const made = button(sign, act);
    made.setAttribute("aria-label", words);
    made.disabled = !enabled;
    return made;
  }

  #box(key, n) {
    return box(this.figure, {
      words: `Layer ${n + 1}, ${NUMBERS[key].name}`,
      read: (text) => readLayerNumber(key, text),
      write: String,
      inputMode: "numeric",
      get: (state) => state.layers[n]?.[key] ?? 0,
      change: (value) => this.#change((stack) => stack.map((layer, m) => (m === n ? { ...layer, [key]: value } : layer))),
    });
  }

  // Returns whether the changed stack was taken, and is there.
  #change(change) {
    const taken = this.figure.set({ layers: change(this.figure.state.layers) });
    if (taken) this.figure.update();
    return taken;
  }

  #swap(n, m) {
    const swapped = (stack) => stack.map((layer, k) => (k === n ? stack[m] : k === m ? stack[n] : layer));
    const again = `[aria-label$="${m < n ? "up" : "down"}"]:enabled`; // as long as it goes on
    if (this.#change(swapped)) this.#focusOn(m, again, "button:enabled");
  }

  #remove(n) {
    if (!this.#change((stack) => stack.filter((_, m) => m !== n))) return;
    if (this.rows.length) this.#focusOn(Math.min(n, this.rows.length - 1), "button:last-of-type");
    else this.figure.querySelector(".figure-live").focus();
    this.figure.say(`Layer ${n + 1} is removed.`);
  }

  // The first of these that is there.
  #focusOn(n, ...selectors) {
    const found = selectors.map((selector) => this.rows[n].element.querySelector(selector));
    found.find(Boolean).focus();
  }
}
