// A curve of losses over the steps, on a logarithmic axis. Lines and letters keep their width.

import { element } from "./controls.js";
import { powerOfTen, precise } from "./learning-words.js";

const SPANS = [20, 50, 100, 200, 500, 1000]; // steps that the axis may show
const LEAST = 1e-33; // drawn for a loss of zero
const SVG = "http://www.w3.org/2000/svg";

function shape(tag, name) {
  const made = document.createElementNS(SVG, tag);
  made.setAttribute("class", name);
  return made;
}

export class LossPlot {
  constructor() {
    this.lines = shape("path", "figure-plot-lines");
    this.curve = shape("path", "figure-plot-curve");
    const svg = shape("svg", "");
    svg.setAttribute("viewBox", "0 0 100 100");
    svg.setAttribute("preserveAspectRatio", "none");
    svg.append(this.lines, this.curve);
    this.labels = element("div");
    this.point = element("span", { className: "figure-plot-point" });
    this.element = element("div", { className: "figure-plot", role: "img" }, svg, this.labels, this.point);
  }

  show(losses) {
    const logs = losses.map((loss) => Math.log10(Math.max(loss, LEAST)));
    const top = Math.ceil(Math.max(...logs));
    const lowest = Math.min(Math.floor(Math.min(...logs)), top - 2);
    const apart = Math.ceil((top - lowest) / 6); // powers of ten between two lines
    const bottom = top - apart * Math.ceil((top - lowest) / apart);
    const last = losses.length - 1;
    const span = SPANS.find((steps) => steps >= last) ?? last;
    const x = (step) => (100 * step) / span;
    const y = (log) => (100 * (top - log)) / (top - bottom);
    const powers = Array.from({ length: (top - bottom) / apart + 1 }, (_, n) => top - n * apart);
    this.lines.setAttribute("d", powers.map((power) => `M0 ${y(power)}H100`).join(""));
    this.curve.setAttribute("d", logs.map((log, step) => `${step ? "L" : "M"}${x(step)} ${y(log)}`).join(""));
    Object.assign(this.point.style, { left: `${x(last)}%`, top: `${y(logs[last])}%` });
    const label = (words, name, style) => {
      const made = element("span", { className: `figure-plot-${name}` }, words);
      Object.assign(made.style, style);
      return made;
    };
    this.labels.replaceChildren(
      ...powers.map((power) => label(powerOfTen(power), "power", { top: `${y(power)}%` })),
      ...[0, span / 2, span].map((step) => label(String(step), "step", { left: `${x(step)}%` }))
    );
    const start = `Loss over the steps, on a logarithmic axis: ${precise(losses[0])} at the start`;
    this.element.setAttribute("aria-label", last ? `${start}, ${precise(losses[last])} after step ${last}.` : `${start}.`);
  }
}
