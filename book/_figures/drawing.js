// Pictures of grids: a canvas with a pixel for each number, and lines on it that stay sharp.

import { element, isCommand } from "./controls.js";
import { hues, onChange } from "./hues.js";

const rgb = (hex) => [1, 3, 5].map((n) => parseInt(hex.slice(n, n + 2), 16));
const ends = () => [hues.INPUT, hues.PAPER, hues.KERNEL].map(rgb);
let [negative, zero, positive] = ends();
onChange(() => ([negative, zero, positive] = ends()));

// A number in a cell or a sentence, as short as it may be, with a true minus.
export function short(value, digits = 2) {
  const text = Math.abs(value) >= 1e4 ? value.toPrecision(3) : value.toFixed(digits);
  const trimmed = text.includes(".") && !text.includes("e") ? text.replace(/\.?0+$/, "") : text;
  return trimmed === "-0" ? "0" : trimmed.replace("-", "−");
}

// The largest magnitude in a grid, 1 if there is none.
export function magnitude({ data }) {
  return data.reduce((most, value) => Math.max(most, Math.abs(value)), 0) || 1;
}

// The colour of a number as [red, green, blue]: with `signed`, blue, the page's ground or orange,
// as far as `limit`; otherwise gray from 0 (black) to `limit` (white). As cnnlib.plots.image.
export function colour(value, { signed, limit }) {
  const part = Math.min(Math.max(value / limit, signed ? -1 : 0), 1);
  if (!signed) return [255 * part, 255 * part, 255 * part];
  const [end, share] = [part < 0 ? negative : positive, Math.abs(part)];
  const mixed = (n) => zero[n] + share * (end[n] - zero[n]);
  return [mixed(0), mixed(1), mixed(2)];
}

const SVG = "http://www.w3.org/2000/svg";

export class Picture {
  constructor(words = "") {
    this.canvas = element("canvas", { width: 1, height: 1 });
    this.lines = document.createElementNS(SVG, "svg");
    this.lines.setAttribute("aria-hidden", "true");
    this.element = element("div", { className: "figure-picture", role: "img", "aria-label": words }, this.canvas, this.lines);
  }

  describe(words) {
    if (this.element.getAttribute("aria-label") !== words) this.element.setAttribute("aria-label", words);
  }

  // Count frames and places in so many rows and columns; by default those of what is painted.
  measure(height, width) {
    if (this.height === height && this.width === width) return;
    Object.assign(this, { height, width });
    this.lines.setAttribute("viewBox", `0 0 ${width} ${height}`);
    this.element.style.setProperty("--picture-ratio", `${width} / ${height}`);
  }

  paint(grid, scale) {
    const { width, height } = grid;
    this.measure(height, width);
    if (this.canvas.width !== width || this.canvas.height !== height) Object.assign(this.canvas, { width, height });
    const context = this.canvas.getContext("2d");
    const image = context.createImageData(width, height);
    const bytes = image.data;
    grid.data.forEach((value, n) => {
      [bytes[4 * n], bytes[4 * n + 1], bytes[4 * n + 2]] = colour(value, scale);
      bytes[4 * n + 3] = 255;
    });
    context.putImageData(image, 0, 0);
  }

  // Draw frames: [{ top, left, height, width, role }, …], in pixels of the grid.
  frame(frames) {
    while (this.lines.childElementCount > frames.length) this.lines.lastChild.remove();
    while (this.lines.childElementCount < frames.length) this.lines.append(document.createElementNS(SVG, "rect"));
    frames.forEach(({ top, left, height, width, role }, n) => {
      const rect = this.lines.children[n];
      const attributes = { x: left, y: top, width, height, class: `figure-frame figure-${role}` };
      for (const [key, value] of Object.entries(attributes)) rect.setAttribute(key, value);
    });
  }

  // The pixel of the grid under a pointer, as [row, column], or null beside it.
  at(event) {
    const box = this.canvas.getBoundingClientRect();
    const row = Math.floor(((event.clientY - box.top) / box.height) * this.height);
    const column = Math.floor(((event.clientX - box.left) / box.width) * this.width);
    const inside = row >= 0 && column >= 0 && row < this.height && column < this.width;
    return inside ? [row, column] : null;
  }
}

// The scale of a picture's colours: a strip from one end to the other, with the numbers there.
export class ScaleBar {
  constructor() {
    this.ends = [element("span"), element("span")];
    this.strip = element("span", { className: "figure-strip" });
    this.element = element("p", { className: "figure-scale" }, this.ends[0], this.strip, this.ends[1]);
  }

  show({ signed, limit }) {
    const { INPUT, PAPER, KERNEL } = hues;
    this.ends[0].textContent = signed ? short(-limit) : "0";
    this.ends[1].textContent = short(limit);
    this.strip.style.background = `linear-gradient(to right, ${signed ? [INPUT, PAPER, KERNEL] : ["#000", "#fff"]})`;
  }
}

// The step of an arrow key, as [down, right]; undefined for any other key, and for a command.
const ARROWS = { ArrowUp: [-1, 0], ArrowDown: [1, 0], ArrowLeft: [0, -1], ArrowRight: [0, 1] };
export const arrow = (event) => (isCommand(event) ? undefined : ARROWS[event.key]);

// Let a pixel of a picture be chosen, by pointer and by arrow keys: `move(row, column)` is called
// for each, `get()` returns the one that is chosen.
export function choosePixel(picture, get, move) {
  const { element: target } = picture;
  target.tabIndex = 0;
  target.setAttribute("role", "application");
  const byPointer = (event) => {
    const pixel = picture.at(event);
    if (pixel) move(...pixel);
  };
  target.addEventListener("pointermove", byPointer);
  target.addEventListener("pointerdown", byPointer);
  target.addEventListener("keydown", (event) => {
    const step = arrow(event);
    if (!step) return;
    event.preventDefault();
    const [down, right] = step;
    const [row, column] = get();
    const within = (value, length) => Math.min(Math.max(value, 0), length - 1);
    move(within(row + down, picture.height), within(column + right, picture.width));
  });
}
