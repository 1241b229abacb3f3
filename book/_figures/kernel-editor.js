// A kernel as a table of boxes, with a menu of the kernels that have names.

import { grid } from "./arithmetic.js";
import { bar, box, button, element, labelled, spoken } from "./controls.js";
import { colour, magnitude } from "./drawing.js";
import { nameOf, readFinite } from "./state.js";

const inFewDigits = (value) => String(Number(value.toPrecision(Math.abs(value) < 0.1 ? 2 : 3))).replace("-", "−");

export class KernelEditor {
  // The kernel of a figure, in the field `key` of its state; `words` say which where it has several,
  // `write` what stands in a cell.
  constructor(figure, key, words = "Kernel", write = inFewDigits) {
    this.figure = figure;
    this.key = key;
    this.words = words;
    this.write = write;
    this.field = figure.constructor.fields[key];
    this.cells = [];
    this.table = element("div", { className: "figure-grid", role: "group", "aria-label": `${words}, weights` });
    this.skip = button("Go past the weights", () => this.#goPast());
    this.skip.classList.add("figure-skip");
    this.element = element("div", {}, this.#names(), this.skip, this.table, ...this.#sizes());
    figure.follow(this);
  }

  sync(state) {
    const weights = state[this.key];
    if (this.table.childElementCount !== weights.data.length || this.width !== weights.width) this.#lay(weights);
    const most = magnitude(weights);
    this.cells.forEach((cell, n) => {
      cell.sync(state);
      const tint = colour(weights.data[n] * 0.45, { signed: true, limit: most });
      cell.input.style.setProperty("--cell", `rgb(${tint.join(" ")})`);
    });
  }

  #lay({ width, data }) {
    this.width = width;
    this.table.style.setProperty("--columns", width);
    this.cells = Array.from(data, (_, n) => this.#cell(n, Math.floor(n / width), n % width));
    this.skip.hidden = data.length <= 25;
    this.table.replaceChildren(...this.cells.map((cell) => cell.input));
  }

  #cell(n, row, column) {
    const get = (state) => state[this.key].data[n];
    return box(this.figure, {
      words: `Row ${row + 1}, column ${column + 1}`,
      read: readFinite,
      write: this.write,
      get,
      step: 0.25,
      change: (value) => {
        const weights = this.figure.state[this.key];
        const data = weights.data.slice();
        data[n] = value;
        return this.figure.set({ [this.key]: grid(weights.height, weights.width, data) });
      },
    });
  }

  // Who comes by keyboard need not go through them all.
  #goPast() {
    const last = this.cells.at(-1).input;
    const isAfter = (control) => last.compareDocumentPosition(control) & Node.DOCUMENT_POSITION_FOLLOWING;
    const controls = [...this.figure.querySelectorAll("select, input, button, [tabindex='0'], a[href]")];
    controls.find((control) => isAfter(control) && !control.disabled).focus();
  }

  #names() {
    const { named } = this.field;
    const options = Object.keys(named).map((value) => element("option", { value }, spoken(value)));
    const own = element("option", { value: "", disabled: true }, "Your own");
    const select = element("select", {}, ...options, own);
    select.onchange = () => this.figure.set({ [this.key]: this.field.read(select.value) });
    this.figure.follow({ sync: (state) => (select.value = nameOf(state[this.key], named) ?? "") });
    return labelled(this.words, select);
  }

  #sizes() {
    const isFixed = this.field.smallest === this.field.largest;
    return isFixed ? [] : [bar(this.#size("Rows", "height"), this.#size("Columns", "width"))];
  }

  // Another size keeps the weights around the middle.
  #size(words, side) {
    const select = element("select");
    for (let n = this.field.smallest; n <= this.field.largest; n++) select.append(element("option", { value: n }, String(n)));
    select.onchange = () => {
      const { height, width } = { ...this.figure.state[this.key], [side]: Number(select.value) };
      this.figure.set({ [this.key]: resized(this.figure.state[this.key], height, width) });
    };
    this.figure.follow({ sync: (state) => (select.value = state[this.key][side]) });
    return labelled(words, select);
  }
}

function resized(old, height, width) {
  const shift = [
    Math.floor(height / 2) - Math.floor(old.height / 2),
    Math.floor(width / 2) - Math.floor(old.width / 2),
  ];
  const made = grid(height, width);
  for (let i = 0; i < old.height; i++) {
    for (let j = 0; j < old.width; j++) {
      const [row, column] = [i + shift[0], j + shift[1]];
      if (row >= 0 && column >= 0 && row < height && column < width) {
        made.data[row * width + column] = old.data[i * old.width + j];
      }
    }
  }
  return made;
}
