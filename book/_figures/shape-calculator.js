// Stack layers: sizes, receptive fields, what is learned and what is to be done, and the code.

import data from "figure-data";
import { fromRows, grid } from "./arithmetic.js";
import { bar, button, element, labelled, numberBox, panel } from "./controls.js";
import { Picture, choosePixel } from "./drawing.js";
import { Figure, define } from "./figure.js";
import { LayerList } from "./layer-list.js";
import { NEW, code, describe, layers } from "./layer-stack.js";
import { integer, place } from "./state.js";

const { initial } = data;
const PICTURE = fromRows(data.picture.map((row) => row.map((value) => value / 255)));
const NOTHING = { parameters: 0, products: 0, field: { size: 1, jump: 1, start: 0 } };

const inEnglish = (number) => number.toLocaleString("en");
const total = (rows, key) => rows.reduce((sum, row) => sum + row[key], 0);
const within = (value, length) => Math.min(Math.max(value, 0), length - 1);

// A pale chessboard of so many rows and columns; plain where its squares would be too small.
function board(size) {
  if (size > 64) return grid(1, 1, [1]);
  const shade = (_, n) => ((Math.floor(n / size) + (n % size)) % 2 ? 0.9 : 1);
  return grid(size, size, Array.from({ length: size * size }, shade));
}

class ShapeCalculator extends Figure {
  static fields = {
    size: integer(Number(initial.size), 1, 1024),
    channels: integer(Number(initial.channels), 1, 4096),
    layers: layers(initial.layers),
    traced: /* a layer; 0 is the last */ integer(Number(initial.traced), 0, 20),
    pixel: place(initial.pixel.split(",").map(Number)),
  };

  build() {
    this.list = new LayerList(this);
    this.sums = element("p", { className: "figure-readout", role: "status" });
    this.seen = element("p", { className: "figure-readout", role: "status" });
    this.input = new Picture();
    this.output = new Picture();
    this.sizes = [element("span"), element("span")];
    this.code = element("code");
    this.from = element("select", { onchange: () => this.#traceFrom(Number(this.from.value)) });
    choosePixel(this.output, () => this.result.pixel, (row, column) => this.set({ pixel: [row, column] }));
    const add = (kind) => () => this.list.add(NEW[kind]);
    const copy = button("Copy the code", () => this.#copy());
    return [
      bar(numberBox(this, "size", "Rows and columns of the input"), numberBox(this, "channels", "Channels")),
      this.list.element,
      bar(button("Add a convolution", add("conv")), button("Add a max pooling", add("max")), button("Add an average pooling", add("average"))),
      this.sums,
      bar(labelled("Trace back a pixel of", this.from)),
      element("div", { className: "figure-panels figure-diptych" },
        panel("input", ["Input ", this.sizes[0]], this.input.element),
        panel("output", [this.sizes[1]], this.output.element)),
      this.seen,
      element("pre", { className: "figure-code", tabIndex: 0, role: "region", "aria-label": "The stack in PyTorch" }, this.code),
      bar(copy),
    ];
  }

  compute({ size, channels, layers: stack, traced, pixel }) {
    const rows = describe(stack, size, channels);
    const at = traced >= 1 && traced <= rows.length ? traced : rows.length;
    const row = rows[at - 1] ?? { ...NOTHING, size, channels };
    return { size, channels, stack, rows, at, row, pixel: pixel.map((value) => within(value, row.size)) };
  }

  show(result) {
    const { size, channels, stack, rows, row, pixel } = result;
    this.list.show(rows);
    this.input.paint(PICTURE, { limit: 1 });
    this.input.measure(size, size);
    this.output.paint(board(row.size), { limit: 1 });
    this.output.measure(row.size, row.size);
    this.output.frame([{ top: pixel[0], left: pixel[1], height: 1, width: 1, role: "output" }]);
    const last = rows.at(-1) ?? { size, channels };
    const [learned, done] = ["parameters", "products"].map((key) => inEnglish(total(rows, key)));
    this.sums.textContent =
      `In all: ${channels} × ${size} × ${size} becomes ${last.channels} × ${last.size} × ${last.size}, ` +
      `with ${learned} parameters and ${done} multiply-accumulates.`;
    this.code.textContent = code(stack, channels);
    this.#offerLayers();
    this.#trace();
  }

  // The layers whose pixels can be traced back.
  #offerLayers() {
    const { stack, at } = this.result;
    const names = stack.map((layer, n) => `layer ${n + 1}`);
    const known = names.length ? names : ["the input"];
    if (Array.from(this.from, ({ text }) => text).join() !== known.join()) {
      this.from.replaceChildren(...known.map((name, n) => element("option", { value: n + 1 }, name)));
    }
    this.from.value = Math.max(at, 1);
  }

  // The last layer stays the last when another comes.
  #traceFrom(layer) {
    this.set({ traced: layer === this.result.rows.length ? 0 : layer });
  }

  // Frame what the chosen pixel sees, as far as it lies in the image, and say it.
  #trace() {
    const { size, at, row, pixel: [i, j] } = this.result;
    const spans = [i, j].map((index) => {
      const first = row.field.start + index * row.field.jump;
      return [first, first + row.field.size - 1];
    });
    const [[top, bottom], [left, right]] = spans.map(([first, last]) => [Math.max(first, 0), Math.min(last, size - 1)]);
    const inside = bottom >= top && right >= left;
    this.input.frame(inside ? [{ top, left, height: bottom - top + 1, width: right - left + 1, role: "kernel" }] : []);
    const say = ([first, last]) => `${first} to ${last}`.replaceAll("-", "−");
    const beyond = spans.some(([first, last]) => first < 0 || last >= size) ? " What lies beyond the image is padding." : "";
    this.seen.textContent =
      `Pixel [${i}, ${j}] sees ${row.field.size} × ${row.field.size} pixels of the input: rows ${say(spans[0])}, ` +
      `columns ${say(spans[1])}. The windows of its neighbours begin ${row.field.jump} ${row.field.jump === 1 ? "pixel" : "pixels"} further on.${beyond}`;
    this.sizes[0].textContent = `${size} × ${size}`;
    this.sizes[1].textContent = `${at ? `Output of layer ${at}:` : "Output"} ${row.size} × ${row.size}`;
    this.input.describe(`Input with the receptive field, rows ${say(spans[0])}, columns ${say(spans[1])}`);
    this.output.describe(`Feature map of ${row.size} × ${row.size}. Arrow keys choose a pixel.`);
  }

  async #copy() {
    try {
      await navigator.clipboard.writeText(this.code.textContent);
      this.say("The code is in the clipboard.");
    } catch {
      getSelection().selectAllChildren(this.code);
      this.say("The browser does not let the page copy. The code is selected: copy it with its own command.");
    }
  }
}

define("shape-calculator", ShapeCalculator);
