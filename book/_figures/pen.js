// Drawing on a picture, with a pointer or with arrow keys and the space bar.

import { grid } from "./arithmetic.js";
import { button, isCommand } from "./controls.js";
import { arrow } from "./drawing.js";

export class Pen {
  // On the picture of a figure that has the fields `picture` and `drawing`, and `image` in its
  // result. `choose(row, column, event)` is called with each place that the pointer or the pen comes
  // to; where nothing is to be drawn, arrow keys call `step(down, right)`. `offset()` says where on
  // the picture the drawing begins.
  constructor(figure, picture, { choose, step, offset = () => [0, 0] }) {
    this.figure = figure;
    this.place = [0, 0];
    this.paints = null; // what the pen leaves, 0 or 1, while it is down
    this.clear = button("Clear", () => this.#draw(() => 0));
    this.target = picture.element;
    this.picture = picture;
    Object.assign(this, { choose, step, offset });
    this.target.tabIndex = 0;
    this.target.setAttribute("role", "application");
    this.target.addEventListener("pointerdown", (event) => this.#down(event));
    this.target.addEventListener("pointermove", (event) => this.#move(event));
    for (const end of ["pointerup", "pointercancel"]) this.target.addEventListener(end, () => (this.paints = null));
    this.target.addEventListener("keydown", (event) => this.#key(event));
    figure.follow(this);
  }

  get active() {
    return this.figure.state.picture === "drawing";
  }

  sync() {
    this.clear.hidden = !this.active;
    this.target.classList.toggle("figure-drawn", this.active);
  }

  // A frame around the pen, while keys move it.
  frames() {
    if (!this.active || document.activeElement !== this.target) return [];
    const [row, column] = this.#onPicture(this.place);
    return [{ top: row, left: column, height: 1, width: 1, role: "pen" }];
  }

  #onPicture(place) {
    const offset = this.offset();
    return place.map((value, axis) => value + offset[axis]);
  }

  #onDrawing(place) {
    const offset = this.offset();
    return place.map((value, axis) => value - offset[axis]);
  }

  #down(event) {
    const found = this.picture.at(event);
    if (!found) return;
    if (!this.active) return this.choose(...found, event);
    const [row, column] = this.#onDrawing(found);
    const { height, width, data } = this.figure.state.drawing;
    if (row < 0 || column < 0 || row >= height || column >= width) return;
    this.target.setPointerCapture(event.pointerId);
    this.paints = 1 - data[row * width + column];
    this.place = [row, column];
    this.#line(this.place);
  }

  #move(event) {
    const found = this.picture.at(event);
    if (!found) return;
    this.choose(...found, event);
    if (this.paints !== null) this.#line(this.#onDrawing(found));
  }

  #key(event) {
    const step = arrow(event);
    const isSpace = event.key === " " && !isCommand(event);
    if (!step && !(isSpace && this.active)) return;
    event.preventDefault();
    if (!this.active) return this.step(...step);
    if (step) {
      const { image } = this.figure.result;
      this.place = this.place.map((value, n) => Math.min(Math.max(value + step[n], 0), (n ? image.width : image.height) - 1));
      this.choose(...this.#onPicture(this.place), event);
    } else {
      const [row, column] = this.place;
      this.#draw((value, i, j) => (i === row && j === column ? 1 - value : value));
    }
    this.figure.redraw();
  }

  // A stroke from where the pen was, two pixels wide.
  #line(to) {
    const from = this.place;
    const steps = Math.max(Math.abs(to[0] - from[0]), Math.abs(to[1] - from[1]), 1);
    const touched = new Set();
    for (let n = 0; n <= steps; n++) {
      const [row, column] = from.map((start, axis) => Math.round(start + (n / steps) * (to[axis] - start)));
      for (const [i, j] of [[row, column], [row + 1, column], [row, column + 1], [row + 1, column + 1]]) touched.add(`${i},${j}`);
    }
    this.place = to;
    this.#draw((value, i, j) => (touched.has(`${i},${j}`) ? this.paints : value));
  }

  #draw(change) {
    const { height, width, data } = this.figure.state.drawing;
    const drawn = data.map((value, n) => change(value, Math.floor(n / width), n % width));
    this.figure.set({ drawing: grid(height, width, drawn) });
  }
}
