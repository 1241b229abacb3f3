// A kernel learns by gradient descent what another makes of a picture: step by step, and why some
// directions are learnt at once and others slowly.

import data from "figure-data";
import { crossCorrelate, grid, sum } from "./arithmetic.js";
import { bar, box, button, element, labelled, menu, options, panel, tick } from "./controls.js";
import { descend, eigen, factorOf, gradientOf, hessian, inner, windowsOf } from "./descent.js";
import { Directions } from "./direction-table.js";
import { Picture, ScaleBar, magnitude, short } from "./drawing.js";
import { Figure, define } from "./figure.js";
import { GradientTable } from "./gradient-table.js";
import { KernelEditor } from "./kernel-editor.js";
import { precise, saySteps, sayThreshold } from "./learning-words.js";
import { LossPlot } from "./loss-plot.js";
import { NumberTable } from "./number-table.js";
import { PICTURES } from "./pictures.js";
import { choice, flag, integer, kernel, place, real } from "./state.js";

const { initial } = data;
const BATCHES = { all: "the whole picture", 16: "16 random windows", 1: "one random window" };
const TICK = 200; // milliseconds: what turns its sign at each step must not flash

class KernelLearning extends Figure {
  static fields = {
    picture: choice(initial.picture, Object.keys(PICTURES)),
    centred: flag(initial.centred === "on"),
    target: kernel(initial.target, data.targets, 3, 3),
    start: kernel(initial.start, data.starts, 3, 3),
    rate: real(Number(initial.rate), 0, 1000),
    momentum: choice(initial.momentum, ["0", "0.5", "0.9"]),
    batch: choice(initial.batch, ["all", "16", "1"]),
    step: integer(Number(initial.step), 0, 1000),
    weight: place(initial.weight.split(",").map(Number), 2),
  };

  #timer = 0;

  build() {
    const { fields } = this.constructor;
    this.pictures = {
      input: new Picture("The picture"),
      wanted: new Picture("The map that the target kernel makes of it"),
      found: new Picture("The map that the kernel makes of it now"),
      difference: new Picture("The second map minus the first"),
    };
    const { input, wanted, found, difference } = this.pictures;
    this.scale = new ScaleBar();
    this.weights = new NumberTable("Kernel");
    this.gradient = new GradientTable((weight) => this.set({ weight }));
    this.plot = new LossPlot();
    this.directions = new Directions();
    this.readout = element("p", { className: "figure-readout" });
    this.explained = element("p", { className: "figure-readout" });
    return [
      bar(
        menu(this, "picture", "Picture", options(fields.picture)),
        tick(this, "centred", "Subtract its mean"),
        menu(this, "batch", "A step looks at", BATCHES),
        menu(this, "momentum", "Momentum", options(fields.momentum))
      ),
      element("div", { className: "figure-panels figure-four" },
        panel("input", ["Picture"], input.element),
        panel("wanted", ["Wanted map"], wanted.element),
        panel("found", ["Present map"], found.element),
        panel("difference", ["Difference"], difference.element)),
      this.scale.element,
      bar(...this.#rate()),
      bar(...this.#steps()),
      this.readout,
      element("div", { className: "figure-panels figure-halves" },
        panel("loss", ["Loss after each step"], this.plot.element),
        panel("directions", ["Error in each direction"], this.directions.element)),
      element("div", { className: "figure-panels figure-four figure-tables" },
        panel("target", ["Wanted"], new KernelEditor(this, "target", "Target kernel").element),
        panel("start", ["At step 0"], new KernelEditor(this, "start", "Start").element),
        panel("weights", ["Kernel now"], this.weights.element),
        panel("gradient", ["Gradient"], this.gradient.element)),
      this.explained,
    ];
  }

  compute({ picture, centred, target, start, rate, momentum, batch, step, weight }) {
    const { image, windows, H, modes } = knownOf(picture, centred);
    const inertia = Number(momentum);
    const descent = descend({
      windows, H, start: start.data, target: target.data, rate, steps: step,
      momentum: inertia, batch: batch === "all" ? 0 : Number(batch),
    });
    const weights = grid(3, 3, descent.weights);
    const wanted = crossCorrelate(image, target);
    const found = crossCorrelate(image, weights);
    const difference = grid(found.height, found.width, found.data.map((value, n) => value - wanted.data[n]));
    const directions = modes.map(({ value, vector }) => {
      const [before, now] = [start.data, weights.data].map((w) => inner(vector, w.map((one, n) => one - target.data[n])));
      const sign = before < 0 ? -1 : 1; // an eigenvector has no sign: let the first error be positive
      return {
        eigenvalue: value, factor: factorOf(value, rate, inertia),
        vector: grid(3, 3, vector.map((one) => sign * one)), before: sign * before, now: sign * now,
      };
    });
    return {
      ...descent, image, centred, windows, weights, wanted, found, difference, directions, rate, weight,
      gradient: gradientOf(image, difference, descent.drawn), step: descent.losses.length - 1,
      momentum: inertia, threshold: (2 * (1 + inertia)) / modes[0].value,
    };
  }

  show(result) {
    const { fields } = this.constructor;
    this.result = result;
    const { image, centred, wanted, found, difference, weights, losses, directions, step } = result;
    const signed = { signed: true, limit: magnitude(wanted) };
    this.pictures.input.paint(image, centred ? { signed: true, limit: 1 } : { limit: 1 });
    this.pictures.wanted.paint(wanted, signed);
    this.pictures.found.paint(found, signed);
    this.pictures.difference.paint(difference, signed);
    this.scale.show(signed);
    this.#frame(result);
    this.weights.show(weights);
    this.gradient.show(result.gradient, result.weight);
    this.plot.show(losses);
    this.directions.show(directions);
    this.run.textContent = this.#timer ? "Pause" : "Run";
    this.slider.value = Math.min(result.rate / result.threshold, 1.25);
    this.slider.setAttribute("aria-valuetext", `${short(result.rate / result.threshold)} of the threshold`);
    this.back.setAttribute("aria-disabled", step === 0); // in reach of the keyboard, where the focus is
    this.readout.setAttribute("aria-live", this.#timer ? "off" : "polite");
    replace(this.readout, `${saySteps(result, fields.step.maximum)} ${sayThreshold(result)}`);
    replace(this.explained, this.#explain(result));
    if (this.#timer && (result.diverged || step === fields.step.maximum)) this.#pause();
  }

  rest() {
    this.#pause();
  }

  #rate() {
    const { read, write } = this.constructor.fields.rate;
    const change = (rate) => this.set({ rate });
    const typed = box(this, { words: "Learning rate", read, write, get: (state) => state.rate, change, step: 0.01, inputMode: "decimal" });
    this.follow(typed);
    this.slider = element("input", { type: "range", min: 0, max: 1.25, step: 0.01 });
    this.slider.addEventListener("input", () => {
      change(Number((Number(this.slider.value) * this.result.threshold).toPrecision(4)));
    });
    const part = labelled("As part of the threshold (mark)", this.slider);
    part.classList.add("figure-rate");
    part.append(element("span", { className: "figure-threshold" }));
    return [labelled("Learning rate", typed.input), part];
  }

  #steps() {
    const move = (steps) => () => {
      this.#pause();
      this.#go(this.result.step + steps);
    };
    this.run = button("Run", () => {
      if (this.#timer) this.#pause();
      else this.#timer = setInterval(() => this.#tick(), TICK);
      this.redraw();
    });
    this.back = button("Back to step 0", () => {
      this.#pause();
      this.#go(0);
    });
    return [button("1 step", move(1)), button("10 steps", move(10)), button("100 steps", move(100)), this.run, this.back];
  }

  #go(step) {
    if (this.result.diverged && step > this.result.step) return;
    this.set({ step: Math.min(step, this.constructor.fields.step.maximum) });
  }

  // Ever more steps at a time, about a tenth of what has been done.
  #tick() {
    if (document.hidden) return this.#pause();
    const { step } = this.result;
    this.#go(step + Math.max(1, Math.floor(step / 10)));
  }

  #pause() {
    clearInterval(this.#timer);
    this.#timer = 0;
    this.run.textContent = "Run"; // also where nothing is drawn any more
    this.redraw();
  }

  // What the gradient is made of: the part of the picture that the difference is laid on, or the
  // windows that were drawn.
  #frame({ drawn, difference, weight: [top, left] }) {
    const { height, width } = difference;
    const places = drawn?.map((n) => ({ top: Math.floor(n / width), left: n % width }));
    const one = (size, role) => (at) => ({ ...at, height: size, width: size, role });
    this.pictures.input.frame(places ? places.map(one(3, "kernel")) : [{ top, left, height, width, role: "output" }]);
    this.pictures.difference.frame(places ? places.map(one(1, "output")) : [{ top: 0, left: 0, height, width, role: "output" }]);
  }

  #explain({ gradient, drawn, weight: [row, column] }) {
    const slope = `${precise(gradient.data[3 * row + column])}, the gradient of the weight in row ${row + 1}, column ${column + 1}`;
    if (!drawn) return `Lay the difference on the frame in the picture, multiply pixel by pixel, and take twice the mean: ${slope}.`;
    return `The next step looks at ${BATCHES[drawn.length]}. Twice the mean of the difference there times the pixel under the weight is ${slope}.`;
  }
}

// What depends on the picture alone, kept for the next change.
const known = new Map();

function knownOf(picture, centred) {
  const key = `${picture} ${centred}`;
  if (!known.has(key)) {
    const image = centred ? minusMean(PICTURES[picture]) : PICTURES[picture];
    const windows = windowsOf(image, { height: 3, width: 3 });
    const H = hessian(windows);
    known.set(key, { image, windows, H, modes: eigen(H) });
  }
  return known.get(key);
}

function minusMean({ height, width, data }) {
  const mean = sum(data) / data.length;
  return grid(height, width, data.map((value) => value - mean));
}

// A changed sentence, which a screen reader reads out.
function replace(paragraph, text) {
  if (paragraph.textContent !== text) paragraph.textContent = text;
}

define("kernel-learning", KernelLearning);
