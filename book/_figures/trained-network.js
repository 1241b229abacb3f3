// The trained network, live: give it a picture, and see what its layers make of it.

import data from "figure-data";
import { grid } from "./arithmetic.js";
import { Bars, percent } from "./bars.js";
import { bar, button, element, menu, options, panel, slider, tick } from "./controls.js";
import { Picture, ScaleBar, magnitude } from "./drawing.js";
import { Figure, define } from "./figure.js";
import { Maps, OUTPUTS } from "./maps.js";
import { turnedAndShifted } from "./motion.js";
import { loadNetwork } from "./network.js";
import { covered, slideSquare, squareAround } from "./occlusion.js";
import { opener } from "./own-picture.js";
import { Pen } from "./pen.js";
import { PICTURES } from "./pictures.js";
import { bitmap, choice, flag, integer, place } from "./state.js";
import { sight, unit } from "./unit.js";

const { initial, classes, size: SIZE } = data;
const STAGES = { pooled: "After pooling and ReLU", convolved: "Right after the convolution" };
const SQUARES = Object.fromEntries([3, 5, 7, 9, 11].map((size) => [size, `${size} × ${size}`]));
const megabytes = (bytes) => `${(bytes / 1e6).toFixed(1)} MB`;
const clamped = (value, least, most) => Math.min(Math.max(value, least), most);

class TrainedNetwork extends Figure {
  static fields = {
    picture: choice(initial.picture, [...Object.keys(PICTURES), "drawing", "own"]),
    drawing: bitmap(grid(SIZE, SIZE)),
    invert: flag(false),
    turn: integer(0, -180, 180),
    right: integer(0, -SIZE, SIZE),
    down: integer(0, -SIZE, SIZE),
    cover: flag(false),
    square: choice(initial.square, Object.keys(SQUARES)),
    at: place([14, 14], SIZE - 1),
    class: choice(initial.class, ["likeliest", ...classes]),
    stage: choice(initial.stage, Object.keys(STAGES)),
    unit: unit(initial.unit),
  };

  build() {
    const { fields } = this.constructor;
    const take = (picture) => {
      this.own = picture;
      this.set({ picture: "own", invert: true });
    };
    this.maps = new Maps((chosen) => this.set({ unit: chosen }), () => this.result.sight.unit);
    this.parts = [
      this.#probabilities(),
      this.#occlusion(),
      element("div", { className: "figure-all-maps" }, bar(menu(this, "stage", "Maps", STAGES)), this.maps.element),
    ];
    this.parts.forEach((part) => (part.hidden = true));
    const [probabilities, occlusion, maps] = this.parts;
    return [
      bar(menu(this, "picture", "Picture", options(fields.picture, { "t-shirt": "T-shirt", own: "Your own" })),
        ...opener(SIZE, take, (problem) => this.#refuse(problem)), tick(this, "invert", "Invert")),
      bar(slider(this, "right", "Shift right"), slider(this, "down", "Shift down"), slider(this, "turn", "Turn (degrees)")),
      bar(menu(this, "square", "Black square", SQUARES), tick(this, "cover", "Cover the picture with it")),
      element("div", { className: "figure-network" }, this.#input(), this.#offer(), probabilities, occlusion),
      maps,
    ];
  }

  compute(state) {
    const { picture, drawing, invert, turn, right, down, cover, square, at } = state;
    const source = { ...PICTURES, drawing, own: this.own }[picture];
    if (!source) throw new RangeError("There is no picture of your own yet: open one. (An address cannot carry it.)");
    const parts = [source, invert, turn, right, down, cover && `${square} ${at}`];
    if (!this.made || parts.some((part, n) => part !== this.made.parts[n])) {
      const shown = invert ? grid(SIZE, SIZE, source.data.map((value) => 1 - value)) : source;
      const moved = turnedAndShifted(shown, turn, down, right);
      this.made = { parts, image: cover ? covered(moved, at, Number(square)) : moved };
    }
    return { image: this.made.image, sight: sight(state.unit, state.stage) };
  }

  show(result) {
    const { square, cover, at } = this.state;
    const box = { ...squareAround(at, Number(square), result.image), role: "border" };
    const field = { ...result.sight.field, role: "kernel" };
    this.input.paint(result.image, { limit: 1 });
    this.input.frame([...(cover ? [box] : []), ...(this.network ? [field] : []), ...this.pen.frames()]);
    const hand = this.pen.active ? "draw" : cover ? "move the square" : "shift it";
    const keys = this.pen.active ? "move the pen, the space bar draws" : hand;
    this.inputWords.textContent = `Input: drag to ${hand}`;
    this.input.describe(`Input, ${SIZE} × ${SIZE}. Arrow keys ${keys}.`);
    if (this.network && this.asked !== result.image) this.asking ??= this.#ask();
    else if (this.answer) this.#showAnswer();
  }

  // Ask the network about the picture; if that has changed by then, once more.
  async #ask() {
    try {
      while (this.asked !== this.result.image) {
        const { image } = this.result;
        this.answer = await this.network.run([image], ["probabilities", ...OUTPUTS]);
        this.asked = image;
      }
    } finally {
      this.asking = null;
    }
    this.#showAnswer();
  }

  #showAnswer() {
    const { probabilities } = this.answer;
    const best = this.#likeliest();
    this.bars.show(probabilities);
    this.verdict.textContent = `The network says: ${classes[best]}, ${percent(probabilities[best])}.`;
    this.maps.show(this.answer, this.state.stage, this.result.sight);
    if (this.slid && !this.#isStillAsked(this.slid)) this.#showSlid(null);
  }

  #likeliest() {
    const { probabilities } = this.answer;
    return probabilities.indexOf(Math.max(...probabilities));
  }

  // The input, on which a hand draws, shifts the picture or moves the square.
  #input() {
    this.input = new Picture();
    this.inputWords = element("span");
    let from = [0, 0];
    const shift = (down, right) => this.set({ down: clamped(down, -SIZE, SIZE), right: clamped(right, -SIZE, SIZE) });
    const cover = (...at) => this.set({ at: at.map((value) => clamped(value, 0, SIZE - 1)) });
    this.pen = new Pen(this, this.input, {
      choose: (row, column, event) => {
        if (this.pen.active || !event?.buttons) return;
        if (event.type === "pointerdown") from = [row - this.state.down, column - this.state.right];
        if (this.state.cover) cover(row, column);
        else shift(row - from[0], column - from[1]);
      },
      step: (down, right) => {
        const { at } = this.state;
        if (this.state.cover) cover(at[0] + down, at[1] + right);
        else shift(this.state.down + down, this.state.right + right);
      },
      offset: () => [this.state.down, this.state.right],
    });
    return panel("input", [this.inputWords], this.input.element, this.pen.clear);
  }

  #refuse(problem) {
    if (!(problem instanceof RangeError)) throw problem;
    this.say(problem.message, true);
  }

  #probabilities() {
    this.bars = new Bars(classes);
    this.verdict = element("p", { className: "figure-readout", role: "status" });
    return panel("probabilities", ["Probabilities"], this.bars.element, this.verdict);
  }

  // Where the square costs a class its probability, when somebody asks.
  #occlusion() {
    this.occluded = new Picture();
    this.occlusionScale = new ScaleBar();
    this.occlusionWords = element("p", { className: "figure-readout", role: "status" });
    this.slidParts = [this.occluded.element, this.occlusionScale.element];
    const named = { likeliest: "The likeliest", ...Object.fromEntries(classes.map((name) => [name, name])) };
    const made = panel("occlusion", ["Occlusion map"],
      bar(menu(this, "class", "Of the class", named), button("Slide the square", () => this.#slide())),
      ...this.slidParts, this.occlusionWords);
    this.#showSlid(null);
    return made;
  }

  // What an occlusion map is the answer to.
  #question() {
    const { class: wanted, square } = this.state;
    const label = wanted === "likeliest" ? this.#likeliest() : classes.indexOf(wanted);
    return { image: this.result.image, label, square };
  }

  #isStillAsked(question) {
    return Object.entries(this.#question()).every(([key, value]) => question[key] === value);
  }

  #slide() {
    const question = this.#question();
    const { image, label, square } = question;
    this.slid = question;
    slideSquare(this.network, image, label, Number(square), (map, isWhole) => {
      const goesOn = this.slid === question && this.#isStillAsked(question);
      if (goesOn) this.#showSlid(question, map, isWhole);
      return goesOn;
    });
  }

  #showSlid(question, map = null, isWhole = false) {
    Object.assign(this, { slid: question, slidMap: map });
    this.slidParts.forEach((part) => (part.hidden = !question));
    this.occlusionWords.textContent = "";
    if (!question) return;
    const scale = { signed: true, limit: magnitude(map) };
    const name = classes[question.label];
    this.occluded.paint(map, scale);
    this.occlusionScale.show(scale);
    if (!isWhole) return;
    const most = map.data.indexOf(Math.min(...map.data));
    const where = `row ${Math.floor(most / SIZE)}, column ${most % SIZE}`;
    const fall = map.data[most] < 0 ? `falls most, by ${percent(-map.data[most]).replace(" %", " points")}, at ${where}` : "falls nowhere";
    this.occlusionWords.textContent = `The probability of ${name} ${fall}.`;
    this.occluded.describe(`How the probability of ${name} changes with a black square around each pixel. It ${fall}.`);
  }

  async load(told = () => {}) {
    this.network = await loadNetwork(data.files, told);
    this.say("");
    this.parts.forEach((part) => (part.hidden = false));
    this.redraw();
  }

  // What somebody may ask for: to load the network.
  #offer() {
    const words = element("p", {},
      `The network and what runs it are ${megabytes(data.bytes)} (sent as ${megabytes(data.compressed)} by a server ` +
        "that compresses). They come when you ask; your pictures stay in this page.");
    const came = element("progress", { max: data.bytes, value: 0, hidden: true, "aria-label": "What has come of the network" });
    const wait = (waits) => {
      load.setAttribute("aria-disabled", waits);
      came.hidden = !waits;
    };
    const load = button(`Load the network (${megabytes(data.bytes)})`, () => {
      if (load.getAttribute("aria-disabled") === "true") return;
      wait(true);
      this.load((bytes) => (came.value = bytes)).then(leave).catch((problem) => {
        this.#refuse(problem);
        wait(false);
      });
    });
    // The focus that was here goes on to what has come.
    const leave = () => {
      const [first] = this.parts;
      first.tabIndex = -1;
      if (offer.contains(document.activeElement)) first.focus({ preventScroll: true });
      offer.remove();
    };
    const offer = element("div", { className: "figure-offer" }, words, bar(load, came));
    if (location.protocol !== "file:") return offer;
    words.textContent =
      "Browsers let the network run only where a server hands out the page. Your own machine will do: " +
      "run python -m http.server in the folder of the site.";
    load.remove();
    return offer;
  }
}

define("trained-network", TrainedNetwork);
