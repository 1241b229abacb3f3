// The error of a kernel in the nine directions of the Hessian's eigenvectors: a row for each, with
// the direction as a kernel, its eigenvalue, the factor of a step, and the error as a bar.

import { element } from "./controls.js";
import { Picture, magnitude, short } from "./drawing.js";
import { brief, sayFactor } from "./learning-words.js";

const HEADS = ["Direction", "λ", "A step", "Error now, outlined: at the start"];

export class Directions {
  constructor() {
    const heads = HEADS.map((words) => element("th", { scope: "col" }, words));
    this.body = element("tbody");
    this.element = element("table", { className: "figure-directions" }, element("thead", {}, element("tr", {}, ...heads)), this.body);
    this.rows = [];
  }

  show(directions) {
    while (this.rows.length < directions.length) this.#add();
    const most = Math.max(...directions.flatMap(({ before, now }) => [Math.abs(before), Math.abs(now)])) || 1;
    directions.forEach((direction, n) => this.#fill(this.rows[n], direction, most));
  }

  #add() {
    const picture = new Picture();
    const [eigenvalue, factor, error] = ["span", "span", "span"].map((tag) => element(tag));
    const [now, before] = ["now", "before"].map((name) => element("span", { className: `figure-error-${name}` }));
    const track = element("span", { className: "figure-error", "aria-hidden": "true" }, before, now);
    const name = element("th", { scope: "row" }, element("span", {}, String(this.rows.length + 1)), picture.element);
    const cells = [element("td", {}, eigenvalue), element("td", {}, factor), element("td", {}, error, track)];
    this.body.append(element("tr", {}, name, ...cells));
    this.rows.push({ picture, eigenvalue, factor, error, now, before });
  }

  #fill(row, { vector, eigenvalue, factor, before, now }, most) {
    row.picture.paint(vector, { signed: true, limit: magnitude(vector) });
    row.picture.describe(Array.from(vector.data, (value) => short(value)).join(", "));
    row.eigenvalue.textContent = brief(eigenvalue);
    row.factor.textContent = sayFactor(factor);
    row.factor.classList.toggle("figure-grows", Math.abs(factor) > 1);
    row.error.textContent = brief(now);
    for (const [bar, value] of [[row.now, now], [row.before, before]]) {
      const part = (50 * value) / most;
      Object.assign(bar.style, { left: `${50 + Math.min(part, 0)}%`, width: `${Math.abs(part)}%` });
      bar.classList.toggle("figure-below", value < 0);
    }
  }
}
