// Slide a kernel over a picture: everything about one convolution, to take hold of.

import data from "figure-data";
import { PADDING_MODES, crossCorrelate, grid, layout, sum, turned, windowAt } from "./arithmetic.js";
import { bar, button, element, menu, numbers, options, panel } from "./controls.js";
import { Picture, ScaleBar, choosePixel, magnitude, short } from "./drawing.js";
import { Figure, define } from "./figure.js";
import { KernelEditor } from "./kernel-editor.js";
import { NumberCell, NumberTable } from "./number-table.js";
import { Camera, opener } from "./own-picture.js";
import { Pen } from "./pen.js";
import { PICTURES } from "./pictures.js";
import { bitmap, choice, integer, kernel, place } from "./state.js";

const { initial } = data;
const { height, width, data: ink } = PICTURES.digit;
const FIRST_DRAWING = grid(height, width, ink.map(Math.round));

const OWN_SIZE = 60; // rows and columns of a picture of the reader's own
const within = (value, length) => Math.min(Math.max(value, 0), length - 1);

class ConvolutionPlayground extends Figure {
  static fields = {
    picture: choice(initial.picture, [...Object.keys(PICTURES), "drawing", "own"]),
    drawing: bitmap(FIRST_DRAWING),
    kernel: kernel(initial.kernel, data.kernels),
    operation: choice(initial.operation, ["cross-correlation", "convolution"]),
    stride: integer(Number(initial.stride), 1, 4),
    padding: choice(initial.padding, ["0", "1", "2", "3", "4", "same"]),
    mode: choice(initial.mode, PADDING_MODES),
    dilation: integer(Number(initial.dilation), 1, 4),
    pixel: place(initial.pixel.split(",").map(Number)),
  };

  build() {
    const { fields } = this.constructor;
    this.input = new Picture();
    this.output = new Picture();
    this.scale = new ScaleBar();
    this.readout = element("p", { className: "figure-readout", role: "status" });
    this.sizes = [element("span"), element("span")];
    const choose = (row, column) => this.set({ pixel: [row, column] });
    choosePixel(this.output, () => this.result.pixel, choose);
    this.pen = new Pen(this, this.input, {
      choose: (row, column) => this.#chooseWindowAround(row, column),
      step: (...step) => this.set({ pixel: this.result.pixel.map((value, n) => Math.max(value + step[n], 0)) }),
      offset: () => this.result.at.amounts.map(([before]) => before),
    });
    return [
      bar(menu(this, "picture", "Input", options(fields.picture, { own: "Your own" })), ...this.#ownPictures()),
      bar(
        menu(this, "operation", "Operation", options(fields.operation, { "cross-correlation": "Cross-correlation" })),
        menu(this, "stride", "Stride", numbers(fields.stride)),
        menu(this, "padding", "Padding", options(fields.padding)),
        menu(this, "mode", "Padding mode", options(fields.mode)),
        menu(this, "dilation", "Dilation", numbers(fields.dilation))
      ),
      element("div", { className: "figure-panels figure-triptych" },
        panel("input", [this.sizes[0]], this.input.element, this.pen.clear),
        panel("kernel", [], new KernelEditor(this, "kernel").element),
        panel("output", [this.sizes[1]], this.output.element, this.scale.element)),
      this.#sum(),
      this.readout,
    ];
  }

  compute({ picture, drawing, kernel: weights, operation, stride, padding, mode, dilation, pixel }) {
    const image = { ...PICTURES, drawing, own: this.own }[picture];
    if (!image) throw new RangeError("The address cannot carry a picture of your own: open it once more.");
    const options = { stride, padding: padding === "same" ? padding : Number(padding), paddingMode: mode, dilation };
    const slid = operation === "convolution" ? turned(weights) : weights;
    const at = layout(image, slid, options);
    const output = crossCorrelate(image, slid, options);
    const [row, column] = [within(pixel[0], output.height), within(pixel[1], output.width)];
    const signed = sum(weights.data) < 1e-9;
    const limit = signed ? magnitude(output) : Math.max(1, magnitude(output));
    return { image, slid, at, output, pixel: [row, column], operation, dilation, scale: { signed, limit } };
  }

  show(result) {
    const { image, slid, at, output, pixel: [row, column], scale } = result;
    this.input.paint(at.padded, { limit: 1 });
    this.output.paint(output, scale);
    this.scale.show(scale);
    this.toggle.textContent = this.camera.running ? "Stop the camera" : "Camera";
    const [top, left] = [row * at.strides[0], column * at.strides[1]];
    const taps = [];
    for (let p = 0; p < slid.height; p++) {
      for (let q = 0; q < slid.width; q++) {
        taps.push({ top: top + p * at.dilations[0], left: left + q * at.dilations[1], height: 1, width: 1, role: "tap" });
      }
    }
    const span = { height: (slid.height - 1) * at.dilations[0] + 1, width: (slid.width - 1) * at.dilations[1] + 1 };
    const border = { top: at.amounts[0][0], left: at.amounts[1][0], height: image.height, width: image.width };
    const spread = result.dilation > 1 ? taps : [];
    const isPadded = at.padded.width > image.width || at.padded.height > image.height;
    this.input.frame([...(isPadded ? [{ ...border, role: "border" }] : []), ...spread, { top, left, ...span, role: "kernel" }, ...this.pen.frames()]);
    this.output.frame([{ top: row, left: column, height: 1, width: 1, role: "output" }]);
    this.#explain(result);
  }

  rest() {
    this.camera.stop();
  }

  // The window, the weights, the products and their sum, of the chosen output pixel.
  #sum() {
    this.window = new NumberTable("Window");
    this.weights = new NumberTable("Kernel");
    this.products = new NumberTable("Products");
    this.total = new NumberCell("Sum");
    this.weightsName = element("span");
    const sign = (text) => element("span", { className: "figure-sign", "aria-hidden": "true" }, text);
    return element("div", { className: "figure-sum" },
      panel("window", ["Window"], this.window.element), sign("×"),
      panel("weights", [this.weightsName], this.weights.element), sign("="),
      panel("products", ["Products"], this.products.element), sign("→"),
      panel("total", ["Sum"], this.total.element));
  }

  #explain({ image, slid, at, output, pixel: [row, column], operation, scale }) {
    const covered = windowAt(at, slid, row, column);
    const products = grid(slid.height, slid.width, covered.data.map((value, n) => value * slid.data[n]));
    const total = output.data[row * output.width + column];
    this.window.show(covered, { limit: 1 });
    this.weights.show(slid);
    this.products.show(products);
    this.total.show(total, scale);
    this.weightsName.textContent = operation === "convolution" ? "Kernel, turned" : "Kernel";
    const size = ({ height, width }) => `${height} × ${width}`;
    const isPadded = at.padded.width > image.width || at.padded.height > image.height;
    this.sizes[0].textContent = isPadded ? `Padded: ${size(at.padded)}` : `Input ${size(image)}`;
    this.sizes[1].textContent = `Feature map ${size(output)}`;
    const count = products.data.length;
    const added = count === 1 ? "the only product is" : `the ${count} products add up to`;
    this.readout.textContent = `Output pixel [${row}, ${column}]: ${added} ${short(total, 4)}.`;
    this.output.describe(`Feature map, ${size(output)}. Arrow keys choose a pixel.`);
    this.input.describe(`Input, ${size(at.padded)}. Arrow keys ${this.pen.active ? "move the pen, the space bar draws" : "move the window"}.`);
  }

  // The output pixel whose window has its middle nearest to a pixel of the padded input.
  #chooseWindowAround(row, column) {
    const { at, slid, output } = this.result;
    const nearest = (pixel, axis, taps, length) =>
      within(Math.round((pixel - (at.dilations[axis] * (taps - 1)) / 2) / at.strides[axis]), length);
    this.set({ pixel: [nearest(row, 0, slid.height, output.height), nearest(column, 1, slid.width, output.width)] });
  }

  // A file or the camera as input. The camera stops where another input is chosen or out of sight.
  #ownPictures() {
    const take = (picture) => {
      this.own = picture;
      this.set({ picture: "own" });
    };
    const refuse = (problem) => {
      if (!(problem instanceof RangeError)) throw problem;
      this.say(problem.message, true);
    };
    let wanted = false; // until the first frame another input is chosen
    this.camera = new Camera(OWN_SIZE, (frame) => {
      const goesOn = wanted || this.state.picture === "own";
      if (goesOn) take(frame);
      wanted = false;
      this.redraw();
      return goesOn;
    });
    this.toggle = button("Camera", () => {
      wanted = !this.camera.running;
      if (wanted) this.camera.start().catch(refuse);
      else this.camera.stop();
      this.redraw();
    });
    return [...opener(OWN_SIZE, take, refuse), this.toggle];
  }
}

define("convolution-playground", ConvolutionPlayground);
