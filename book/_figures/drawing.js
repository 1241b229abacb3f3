// Pictures of grids: a canvas with a pixel for each number, and lines on it that stay sharp.

import data from "figure-data";
import { element } from "./controls.js";

const { palette } = data;
const rgb = (hex) => [1, 3, 5].map((n) => parseInt(hex.slice(n, n + 2), 16));
const [NEGATIVE, ZERO, POSITIVE] = [palette.INPUT, palette.PAPER, palette.KERNEL].map(rgb);

// The largest magnitude in a grid, 1 if there is none.
export function magnitude({ data }) {
  return data.reduce((most, value) => Math.max(most, Math.abs(value)), 0) || 1;
}

// The colour of a number as [red, green, blue]: with `signed`, blue, white or orange, as far as
// `limit`; otherwise gray from 0 (black) to `limit` (white). As cnnlib.plots.image.
export function colour(value, { signed, limit }) {
  const part = Math.min(Math.max(value / limit, signed ? -1 : 0), 1);
  if (!signed) return [part, part, part].map((share) => 255 * share);
  const end = part < 0 ? NEGATIVE : POSITIVE;
  return ZERO.map((from, n) => from + Math.abs(part) * (end[n] - from));
}

const SVG = "http://www.w3.org/2000/svg";

export class Picture {
  constructor(words) {
    this.canvas = element("canvas", { width: 1, height: 1 });
    this.lines = document.createElementNS(SVG, "svg");
    this.lines.setAttribute("aria-hidden", "true");
    this.element = element("div", { className: "figure-picture", role: "img", "aria-label": words }, this.canvas, this.lines);
  }

  describe(words) {
    if (this.element.getAttribute("aria-label") !== words) this.element.setAttribute("aria-label", words);
  }

  paint(grid, scale) {
    const { width, height } = grid;
    if (this.canvas.width !== width || this.canvas.height !== height) {
      Object.assign(this.canvas, { width, height });
      this.lines.setAttribute("viewBox", `0 0 ${width} ${height}`);
      this.element.style.setProperty("--picture-ratio", `${width} / ${height}`);
    }
    const context = this.canvas.getContext("2d");
    const image = context.createImageData(width, height);
    for (let n = 0; n < grid.data.length; n++) {
      image.data.set(colour(grid.data[n], scale), 4 * n);
      image.data[4 * n + 3] = 255;
    }
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
    const row = Math.floor(((event.clientY - box.top) / box.height) * this.canvas.height);
    const column = Math.floor(((event.clientX - box.left) / box.width) * this.canvas.width);
    const inside = row >= 0 && column >= 0 && row < this.canvas.height && column < this.canvas.width;
    return inside ? [row, column] : null;
  }
}

// Let a pixel of a picture be chosen, by pointer and by arrow keys: `move(row, column)` is called
// for each, `get()` returns the one that is chosen.
export function choosePixel(picture, get, move) {
  const { element: target, canvas } = picture;
  target.tabIndex = 0;
  target.setAttribute("role", "application");
  const byPointer = (event) => {
    const pixel = picture.at(event);
    if (pixel) move(...pixel);
  };
  target.addEventListener("pointermove", byPointer);
  target.addEventListener("pointerdown", byPointer);
  target.addEventListener("keydown", (event) => {
    const [down, right] = { ArrowUp: [-1, 0], ArrowDown: [1, 0], ArrowLeft: [0, -1], ArrowRight: [0, 1] }[event.key] ?? [];
    if (down === undefined) return;
    event.preventDefault();
    const [row, column] = get();
    const within = (value, length) => Math.min(Math.max(value, 0), length - 1);
    move(within(row + down, canvas.height), within(column + right, canvas.width));
  });
}
