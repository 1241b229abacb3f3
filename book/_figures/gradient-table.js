// A kernel's gradient as a table of buttons, one of which is chosen.

import { button, element } from "./controls.js";
import { colour, magnitude } from "./drawing.js";
import { brief } from "./learning-words.js";

export class GradientTable {
  // `choose([row, column])` is called with the place of a button.
  constructor(choose) {
    this.cells = Array.from({ length: 9 }, (_, n) => {
      const cell = button("", () => choose([Math.floor(n / 3), n % 3]));
      cell.className = "figure-cell";
      return cell;
    });
    this.element = element("div", { className: "figure-grid", role: "group", "aria-label": "Gradient" }, ...this.cells);
    this.element.style.setProperty("--columns", 3);
  }

  show(gradient, [row, column]) {
    const scale = { signed: true, limit: magnitude(gradient) };
    this.cells.forEach((cell, n) => {
      const value = gradient.data[n];
      cell.textContent = brief(value);
      cell.setAttribute("aria-pressed", n === 3 * row + column);
      cell.setAttribute("aria-label", `${brief(value)}, row ${Math.floor(n / 3) + 1}, column ${(n % 3) + 1}`);
      cell.style.setProperty("--cell", `rgb(${colour(value * 0.45, scale).map(Math.round).join(" ")})`);
    });
  }
}
