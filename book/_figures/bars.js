// Shares of a whole as bars, each with its name and its number.

import { element } from "./controls.js";

export const percent = (share) => `${(100 * share).toFixed(1)} %`;

export class Bars {
  constructor(names) {
    this.rows = names.map((name) => {
      const [bar, number] = [element("span"), element("span", { className: "figure-share" })];
      const track = element("span", { className: "figure-track", "aria-hidden": "true" }, bar);
      return { bar, number, item: element("li", {}, element("span", {}, name), track, number) };
    });
    this.element = element("ul", { className: "figure-bars" }, ...this.rows.map(({ item }) => item));
  }

  show(shares) {
    const most = Math.max(...shares);
    this.rows.forEach(({ bar, number, item }, n) => {
      bar.style.width = `${100 * shares[n]}%`;
      number.textContent = percent(shares[n]);
      item.classList.toggle("figure-most", shares[n] === most);
    });
  }
}
