// A kernel and what it does to waves, side by side: each can be changed, and the other follows.

import data from "figure-data";
import { crossCorrelate, grid, turned } from "./arithmetic.js";
import { bar, box, element, isCommand, labelled, menu, options, panel } from "./controls.js";
import { Picture, ScaleBar, arrow, magnitude, short } from "./drawing.js";
import { Figure, define } from "./figure.js";
import { KernelEditor } from "./kernel-editor.js";
import { PICTURES } from "./pictures.js";
import { SIGNS, gainAt, response, withGain } from "./spectrum.js";
import { choice, integer, kernel, real } from "./state.js";

const { initial, size: SIZE } = data;
const HIGHEST = (SIZE - 1) / 2;
const FINE = 7; // points of the response for each frequency that can be changed, along both axes
const POINTS = Array.from({ length: SIZE * FINE }, (_, n) => (n + 0.5) / FINE - SIZE / 2);
const WAVE = 3 * SIZE; // pixels of a wave, so that each closes on the circle
const STEP = 0.25; // of a gain, for each touch of the brush
const gainField = real(1, 0, 1000);
const phaseField = real(0, -180, 180);

const within = (value) => Math.min(Math.max(value, -HIGHEST), HIGHEST);
const cycles = (value) => (value === 0 ? "0" : `${short(value)}/${SIZE}`);

// A frequency in words.
function named([down, right]) {
  if (down === 0 && right === 0) return "without cycles, all pixels alike,";
  const along = [[down, "down"], [right, "to the right"]].filter(([value]) => value);
  return `of ${along.map(([value, way]) => `${cycles(value)} ${way}`).join(" and ")}, in cycles per pixel,`;
}

class FourierView extends Figure {
  static fields = {
    kernel: kernel(initial.kernel, data.kernels, SIZE, SIZE),
    picture: choice(initial.picture, Object.keys(PICTURES)),
    operation: choice(initial.operation, Object.keys(SIGNS)),
    shown: choice(initial.shown, ["magnitude", "real", "imaginary"]),
    brush: choice(initial.brush, ["choose", "raise", "lower", "erase"]),
    down: integer(Number(initial.down), -HIGHEST, HIGHEST),
    right: integer(Number(initial.right), -HIGHEST, HIGHEST),
  };

  build() {
    const { fields } = this.constructor;
    this.plane = new Picture();
    this.scale = new ScaleBar();
    this.pictures = { waveBefore: new Picture(), waveAfter: new Picture(), before: new Picture(), after: new Picture() };
    this.readout = element("p", { className: "figure-readout", role: "status" });
    this.#paintable();
    const frequencies = Object.fromEntries(
      Array.from({ length: SIZE }, (_, n) => [String(n - HIGHEST), cycles(n - HIGHEST)])
    );
    const { waveBefore, waveAfter, before, after } = this.pictures;
    return [
      bar(
        menu(this, "operation", "Operation", options(fields.operation)),
        menu(this, "shown", "Part shown", { magnitude: "Magnitude", real: "Real part", imaginary: "Imaginary part" }),
        menu(this, "brush", "Brush", {
          choose: "Choose a wave", raise: "Raise its gain", lower: "Lower its gain", erase: "Take it away",
        }),
        menu(this, "picture", "Picture", options(fields.picture))
      ),
      element("div", { className: "figure-sides" },
        panel("kernel", [], new KernelEditor(this, "kernel", "Kernel", (weight) => short(weight)).element),
        panel("response", ["Transfer function, by cycles per pixel"], this.#axes(), this.scale.element)),
      bar(
        menu(this, "down", "Frequency, down", frequencies),
        menu(this, "right", "Frequency, right", frequencies),
        this.#part("gain", "Gain", gainField, STEP),
        this.#part("phase", "Phase in degrees", phaseField, 15)
      ),
      this.readout,
      element("div", { className: "figure-before-after" },
        panel("wave", ["Wave"], waveBefore.element), panel("wave-after", ["Wave, after"], waveAfter.element),
        panel("picture", ["Picture"], before.element), panel("picture-after", ["Picture, after"], after.element)),
    ];
  }

  compute({ kernel: weights, picture, operation, shown, down, right }) {
    const sign = SIGNS[operation];
    const slid = operation === "convolution" ? turned(weights) : weights;
    const filter = (image) => crossCorrelate(image, slid, { padding: "same", paddingMode: "circular" });
    const { real, imaginary } = response(weights, [POINTS, POINTS], sign);
    const sizes = grid(real.height, real.width, real.data.map((re, n) => Math.hypot(re, imaginary.data[n])));
    const wave = grid(WAVE, WAVE);
    wave.data.forEach((_, n) => {
      const turns = (down * Math.floor(n / WAVE) + right * (n % WAVE)) / SIZE;
      wave.data[n] = Math.cos(2 * Math.PI * (turns % 1));
    });
    const image = PICTURES[picture];
    return {
      plane: { magnitude: sizes, real, imaginary }[shown],
      limit: magnitude(sizes),
      isSigned: shown !== "magnitude",
      frequency: [down, right],
      at: gainAt(weights, [down, right], sign),
      keepsBrightness: gainAt(weights, [0, 0], sign).gain > 0.05,
      wave: [wave, filter(wave)],
      image: [image, filter(image)],
    };
  }

  show(result) {
    const { plane, limit, isSigned, frequency, at, keepsBrightness, wave, image } = result;
    const { waveBefore, waveAfter, before, after } = this.pictures;
    const scale = { signed: isSigned, limit };
    this.plane.paint(plane, scale);
    this.plane.measure(SIZE, SIZE);
    this.plane.element.classList.toggle("figure-drawn", this.state.brush !== "choose");
    this.scale.show(scale);
    const frames = [frequency.map((value) => -value), frequency].map(([down, right], n) => ({
      top: down + HIGHEST, left: right + HIGHEST, height: 1, width: 1, role: n ? "chosen" : "mirror",
    }));
    this.plane.frame(frames);
    const highest = Math.max(1, magnitude(wave[1]));
    [waveBefore, waveAfter].forEach((picture, n) => picture.paint(wave[n], { signed: true, limit: highest }));
    before.paint(image[0], { limit: 1 });
    after.paint(image[1], keepsBrightness ? { limit: Math.max(1, magnitude(image[1])) } : { signed: true, limit: magnitude(image[1]) });
    this.#say(frequency, at);
  }

  #say(frequency, { gain, phase }) {
    const which = named(frequency);
    const size = short(gain, 3);
    const how = { 0: "in place", 180: "upside down" }[Math.round(phase)] ?? `its phase moved by ${short(phase, 0)}°`;
    this.readout.textContent = `The wave ${which} ${size === "0" ? "is gone" : `comes out ${size} times as high, ${how}`}.`;
    const keys = "Arrow keys choose a wave, plus and minus change its gain, Delete takes it away.";
    this.plane.describe(`Transfer function. The chosen wave ${which}: gain ${size}, phase ${short(phase, 0)}°. ${keys}`);
    this.pictures.waveBefore.describe(`The wave ${which}`);
    this.pictures.waveAfter.describe(`The wave after the kernel, ${size} times as high`);
    this.pictures.before.describe("The picture");
    this.pictures.after.describe("The picture after the kernel");
  }

  // The response with its axes, from −1/2 to 1/2 cycle per pixel, downwards and to the right.
  #axes() {
    const ends = (words) => element("span", { className: `figure-axis figure-${words}`, "aria-hidden": "true" },
      ...["−½", "0", "½"].map((text) => element("span", {}, text)));
    return element("div", { className: "figure-plane" }, ends("downwards"), this.plane.element, ends("rightwards"));
  }

  // A box for the gain or the phase of the chosen wave.
  #part(key, words, { read }, step) {
    const get = ({ kernel: weights, operation, down, right }) => gainAt(weights, [down, right], SIGNS[operation])[key];
    const change = (value) => this.#take({ [key]: value });
    const control = box(this, { words, read, write: (value) => short(value, key === "gain" ? 3 : 1), get, change, step });
    this.follow(control);
    return labelled(words, control.input);
  }

  // Give a wave another gain, phase or both.
  #take(part, [down, right] = [this.state.down, this.state.right]) {
    const { kernel: weights, operation } = this.state;
    const before = gainAt(weights, [down, right], SIGNS[operation]);
    const next = { ...before, ...part };
    const isConstant = down === 0 && right === 0;
    if (isConstant && part.phase !== undefined && part.phase % 180 !== 0) {
      throw new RangeError("Where all pixels are alike, the response is the sum of the weights: its phase is 0° or 180°.");
    }
    if (before.gain === 0 && part.phase) throw new RangeError("A wave that is gone has no phase: raise its gain first.");
    return this.set({ kernel: withGain(weights, [down, right], SIGNS[operation], next), down, right });
  }

  #change(brush, frequency = [this.state.down, this.state.right]) {
    const { kernel: weights, operation } = this.state;
    const { gain } = gainAt(weights, frequency, SIGNS[operation]);
    const to = { raise: gain + STEP, lower: gain - STEP, erase: 0 }[brush];
    this.#take({ gain: Math.max(to, 0) }, frequency);
  }

  // Choose waves, or paint, with a pointer that is held and with keys.
  #paintable() {
    const { element: target } = this.plane;
    let last = null; // the wave under the pointer, while it is down
    target.tabIndex = 0;
    target.setAttribute("role", "application");
    const touch = (event) => {
      const found = this.plane.at(event);
      if (!found || String(found) === last) return;
      last = String(found);
      const frequency = found.map((value) => value - HIGHEST);
      const { brush } = this.state;
      if (brush === "choose") this.set({ down: frequency[0], right: frequency[1] });
      else this.#change(brush, frequency);
    };
    target.addEventListener("pointerdown", (event) => {
      if (event.button !== 0) return;
      target.setPointerCapture(event.pointerId);
      last = "";
      touch(event);
    });
    target.addEventListener("pointermove", (event) => last !== null && touch(event));
    for (const end of ["pointerup", "pointercancel"]) target.addEventListener(end, () => (last = null));
    const brushes = { "+": "raise", "=": "raise", "-": "lower", "−": "lower", Delete: "erase", Backspace: "erase" };
    target.addEventListener("keydown", (event) => {
      const [step, brush] = [arrow(event), brushes[event.key]];
      if (isCommand(event) || !(step || brush)) return;
      event.preventDefault();
      if (brush) this.#change(brush);
      else this.set({ down: within(this.state.down + step[0]), right: within(this.state.right + step[1]) });
    });
  }
}

define("fourier-view", FourierView);
