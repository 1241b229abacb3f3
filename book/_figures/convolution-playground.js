// Slide a kernel over a picture: everything about one convolution, to take hold of.

import data from "figure-data";
import { convolve, crossCorrelate, grid, layout, turned } from "./arithmetic.js";
import { bar, element, menu, numbers, spoken } from "./controls.js";
import { Picture, choosePixel, magnitude } from "./drawing.js";
import { Figure, define } from "./figure.js";
import { KernelEditor } from "./kernel-editor.js";
import { choice, integer, kernel } from "./state.js";

const { initial } = data;
const PICTURES = Object.fromEntries(
  Object.entries(data.pictures).map(([name, rows]) => [
    name,
    grid(rows.length, rows[0].length, Float64Array.from(rows.flat(), (value) => value / 255)),
  ])
);
const OPERATIONS = { "cross-correlation": crossCorrelate, convolution: convolve };

class ConvolutionPlayground extends Figure {
  static fields = {
    picture: choice(initial.picture, Object.keys(PICTURES)),
    kernel: kernel(initial.kernel, data.kernels),
    operation: choice(initial.operation, Object.keys(OPERATIONS)),
    stride: integer(Number(initial.stride), 1, 4),
    padding: integer(Number(initial.padding), 0, 4),
    mode: choice(initial.mode, ["zeros", "reflect", "replicate", "circular"]),
    dilation: integer(Number(initial.dilation), 1, 4),
  };

  build() {
    const { fields } = this.constructor;
    const names = (key) => Object.fromEntries(fields[key].options.map((text) => [text, spoken(text)]));
    this.input = new Picture("Input");
    this.output = new Picture("Feature map");
    this.editor = new KernelEditor(this, "kernel");
    const panel = (words, ...parts) => element("div", { className: "figure-panel" }, element("p", {}, words), ...parts);
    return [
      bar(menu(this, "picture", "Input", names("picture")), menu(this, "operation", "Operation", names("operation"))),
      bar(
        menu(this, "stride", "Stride", numbers(fields.stride)),
        menu(this, "padding", "Padding", numbers(fields.padding)),
        menu(this, "mode", "Padding mode", names("mode")),
        menu(this, "dilation", "Dilation", numbers(fields.dilation))
      ),
      element("div", { className: "figure-panels" },
        panel("Input", this.input.element),
        panel("Kernel", this.editor.element),
        panel("Feature map", this.output.element)),
    ];
  }

  compute({ picture, kernel: weights, operation, stride, padding, mode, dilation }) {
    const options = { stride, padding, paddingMode: mode, dilation };
    const image = PICTURES[picture];
    const slid = operation === "convolution" ? turned(weights) : weights;
    return {
      at: layout(image, slid, options),
      output: OPERATIONS[operation](image, weights, options),
      signed: weights.data.reduce((total, weight) => total + weight, 0) < 1e-9,
    };
  }

  show({ at, output, signed }) {
    this.input.paint(at.padded, { limit: 1 });
    this.output.paint(output, { signed, limit: signed ? magnitude(output) : Math.max(1, magnitude(output)) });
  }
}

define("convolution-playground", ConvolutionPlayground);
