// A small table of numbers with a colour behind each.

import { grid } from "./arithmetic.js";
import { element } from "./controls.js";
import { colour, magnitude, short } from "./drawing.js";

// How a number's cell is painted. Signed: a thin tint, for the ink. Otherwise as a pixel.
export function painted(value, scale) {
  if (scale.signed) {
    return [`rgb(${colour(value * 0.45, scale).map(Math.round).join(" ")})`, "var(--figure-ink)"];
  }
  const [gray] = colour(value, scale);
  return [`rgb(${gray} ${gray} ${gray})`, gray < 118 ? "#fff" : "#000"];
}

export class NumberTable {
  constructor(words) {
    this.words = words;
    this.element = element("div", { className: "figure-grid", role: "img", "aria-label": words });
  }

  // `scale` as for `colour`; by default signed, as far as the largest magnitude.
  show(values, scale = { signed: true, limit: magnitude(values) }) {
    const { height, width, data } = values;
    if (this.element.childElementCount !== data.length) {
      const cells = Array.from(data, () => element("span", { className: "figure-cell" }));
      this.element.replaceChildren(...cells);
    }
    this.element.style.setProperty("--columns", width);
    const texts = Array.from(data, (value) => short(value));
    texts.forEach((text, n) => {
      const cell = this.element.children[n];
      const [ground, ink] = painted(data[n], scale);
      cell.textContent = text;
      cell.style.background = ground;
      cell.style.color = ink;
    });
    const rows = Array.from({ length: height }, (_, i) => texts.slice(i * width, (i + 1) * width).join(" "));
    this.element.setAttribute("aria-label", `${this.words}: ${rows.join("; ")}`);
  }
}

// One number, as a table of one cell.
export class NumberCell extends NumberTable {
  show(value, scale) {
    super.show(grid(1, 1, [value]), scale);
  }
}
