// Shift a picture before a layer, or the map after it: the same only where the layer is equivariant.

import data from "figure-data";
import { fromRows, sum } from "./arithmetic.js";
import { bar, element, menu, numberBox, options, panel, spoken } from "./controls.js";
import { Picture, arrow, magnitude, short } from "./drawing.js";
import { Figure, define } from "./figure.js";
import { PICTURES } from "./pictures.js";
import { difference, mapsOf, moved } from "./shifting.js";
import { choice, integer } from "./state.js";

const { initial } = data;
const MAPS = ["feature", "strided", "pooled"];
const WAYS = { found: "Shift, then layer", expected: "Layer, then shift", error: "Difference" };
const FARTHEST = 16; // pixels; of the smallest picture, something still is in sight
const within = (value) => Math.min(Math.max(value, -FARTHEST), FARTHEST);
const times = (size) => `${size} × ${size}`;

// A relative size in words.
function inWords(size) {
  if (size === 0) return "exactly 0";
  return `${100 * size >= 10 ? Math.round(100 * size) : Number((100 * size).toPrecision(2))} %`;
}

// A shift in words.
function amount([down, right]) {
  const along = [[down, "down", "up"], [right, "to the right", "to the left"]];
  const parts = along.filter(([by]) => by).map(([by, ahead, back]) => {
    const size = Math.abs(by);
    return `${short(size)} ${size === 1 ? "pixel" : "pixels"} ${by > 0 ? ahead : back}`;
  });
  return parts.join(" and ") || "not at all";
}

const said = (maps) => `Differences: ${maps.map(({ name, size }) => `${name} map ${inWords(size)}`).join(", ")}.`;

class EquivarianceExplorer extends Figure {
  static fields = {
    picture: choice(initial.picture, Object.keys(PICTURES)),
    kernel: choice(initial.kernel, Object.keys(data.kernels)),
    border: choice(initial.border, ["circular", "zeros"]),
    stride: choice(initial.stride, ["1", "2", "4"]),
    blur: choice(initial.blur, ["none", "3", "5", "7"]),
    compare: choice(initial.compare, ["between", "nearest"]),
    down: integer(Number(initial.down), -FARTHEST, FARTHEST),
    right: integer(Number(initial.right), -FARTHEST, FARTHEST),
  };

  #kept = null;

  build() {
    const { fields } = this.constructor;
    this.input = new Picture();
    this.pictures = {};
    this.sizes = Object.fromEntries(MAPS.map((map) => [map, element("p", { className: "figure-amount" })]));
    this.readout = element("p", { className: "figure-readout", role: "status" });
    this.#drag();
    const blurs = Object.fromEntries(fields.blur.options.map((size) => [size, size === "none" ? "None" : times(size)]));
    return [
      bar(
        menu(this, "picture", "Picture", options(fields.picture)),
        menu(this, "kernel", "Kernel", options(fields.kernel)),
        menu(this, "border", "Border", options(fields.border)),
        menu(this, "stride", "Stride", options(fields.stride)),
        menu(this, "blur", "Blur before the stride", blurs),
        menu(this, "compare", "Moves by parts of a pixel", { between: "Between the pixels", nearest: "To the nearest" })
      ),
      element("div", { className: "figure-commuting" },
        panel("moved", ["Input: drag it"], this.input.element,
          bar(numberBox(this, "down", "Down"), numberBox(this, "right", "Right"))),
        element("div", { className: "figure-ways" },
          ...MAPS.map((map) => element("p", { className: "figure-heading" }, `${spoken(map)} map`)),
          ...Object.entries(WAYS).flatMap(([way, words]) => this.#row(way, words)),
          ...Object.values(this.sizes))),
      this.readout,
    ];
  }

  compute({ picture, kernel, border, stride: text, blur, compare, down, right }) {
    const [image, weights, stride] = [PICTURES[picture], fromRows(data.kernels[kernel]), Number(text)];
    const options = { stride, blur: blur === "none" ? 1 : Number(blur), border };
    const input = moved(image, [down, right], border);
    const found = mapsOf(input, weights, options);
    const plain = this.#unmoved([picture, kernel, border, stride, blur].join(), () => mapsOf(image, weights, options));
    const divides = down % stride === 0 && right % stride === 0;
    const maps = MAPS.map((name) => {
      const step = name === "feature" ? 1 : stride;
      const by = [down / step, right / step].map((value) => (compare === "nearest" ? Math.round(value) : value));
      const expected = moved(plain[name], by, border);
      return { name, by, found: found[name], expected, limit: magnitude(plain[name]), ...difference(found[name], expected) };
    });
    return { input, maps, stride, compare, shift: [down, right], divides, signed: sum(weights.data) < 1e-9 };
  }

  show(result) {
    const { input, maps, shift, signed } = result;
    this.input.paint(input, { limit: 1 });
    this.input.describe(`Input, moved ${amount(shift)}. Arrow keys move it.`);
    for (const { name, limit, size, ...drawn } of maps) {
      for (const [way, words] of Object.entries(WAYS)) {
        this.pictures[way][name].paint(drawn[way], { signed: signed || way === "error", limit });
        this.pictures[way][name].describe(`${words}: ${name} map, ${drawn[way].height} × ${drawn[way].width} pixels`);
      }
      this.sizes[name].textContent = inWords(size);
    }
    this.readout.textContent = `${this.#compared(result)} ${said(maps)}`;
  }

  // The maps of the picture as it was, which stay the same while it is dragged.
  #unmoved(key, make) {
    if (this.#kept?.key !== key) this.#kept = { key, maps: make() };
    return this.#kept.maps;
  }

  // How far the picture has moved, and how far the maps should.
  #compared({ stride, compare, shift, divides, maps: [, { by }] }) {
    if (shift.every((value) => value === 0)) return "Nothing has moved yet.";
    const picture = `The picture has moved ${amount(shift)}`;
    if (stride === 1) return `${picture}, and so should each map.`;
    const both = `${picture}; the strided and the pooled map should move ${amount(shift.map((value) => value / stride))}`;
    if (divides) return `${both}.`;
    return compare === "between"
      ? `${both}. Between its pixels, a map is the sum of waves that goes through them.`
      : `${both}. They cannot: the nearest that they can is ${amount(by)}.`;
  }

  #row(way, words) {
    this.pictures[way] = Object.fromEntries(MAPS.map((map) => [map, new Picture()]));
    const heading = element("p", { className: "figure-heading figure-way" }, words);
    return [heading, ...MAPS.map((map) => this.pictures[way][map].element)];
  }

  // The picture follows the pointer that holds it, and the arrow keys.
  #drag() {
    const { element: target, canvas } = this.input;
    let held = null;
    target.tabIndex = 0;
    target.setAttribute("role", "application");
    target.classList.add("figure-dragged");
    const go = (down, right) => this.set({ down: within(down), right: within(right) });
    target.addEventListener("pointerdown", (event) => {
      if (event.button !== 0) return;
      target.setPointerCapture(event.pointerId);
      held = { x: event.clientX, y: event.clientY, from: this.result.shift };
    });
    target.addEventListener("pointermove", (event) => {
      if (!held) return;
      const pixel = canvas.getBoundingClientRect().width / canvas.width;
      const [down, right] = [event.clientY - held.y, event.clientX - held.x].map((way) => Math.round(way / pixel));
      go(held.from[0] + down, held.from[1] + right);
    });
    for (const end of ["pointerup", "pointercancel"]) target.addEventListener(end, () => (held = null));
    target.addEventListener("keydown", (event) => {
      const step = arrow(event);
      if (!step) return;
      event.preventDefault();
      go(this.state.down + step[0], this.state.right + step[1]);
    });
  }
}

define("equivariance-explorer", EquivarianceExplorer);
