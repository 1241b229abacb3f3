// A stack of layers: how it is written in an address, what comes of it, and its code in PyTorch.

import { countMultiplyAccumulates, countParameters, outputSize, receptiveField } from "./arithmetic.js";
import { readNumber } from "./state.js";

// What each kind of layer has, in the order of its text; then its name in PyTorch.
export const KINDS = {
  conv: { keys: ["channels", "kernelSize", "stride", "padding", "dilation"], torch: "Conv2d" },
  max: { keys: ["kernelSize", "stride", "padding", "dilation"], torch: "MaxPool2d" },
  average: { keys: ["kernelSize", "stride", "padding"], torch: "AvgPool2d" },
};

// The numbers of a layer: their names in PyTorch, their least and their greatest value.
export const NUMBERS = {
  channels: { name: "out_channels", least: 1, most: 4096 },
  kernelSize: { name: "kernel_size", least: 1, most: 64 },
  stride: { name: "stride", least: 1, most: 64 },
  padding: { name: "padding", least: 0, most: 64 },
  dilation: { name: "dilation", least: 1, most: 64 },
};
const MOST_LAYERS = 20;

export const NEW = {
  conv: { kind: "conv", channels: 16, kernelSize: 3, stride: 1, padding: 1, dilation: 1 },
  max: { kind: "max", kernelSize: 2, stride: 2, padding: 0, dilation: 1 },
  average: { kind: "average", kernelSize: 2, stride: 2, padding: 0 },
};

export function readLayerNumber(key, text) {
  const { name, least, most } = NUMBERS[key];
  const value = readNumber(text);
  if (!Number.isInteger(value) || value < least || value > most) {
    throw new RangeError(`\`${name}\` (${text}) is not a whole number from ${least} to ${most}.`);
  }
  return value;
}

// The field of a state: conv:16:3:1:1:1;max:2:2:0:1 is a convolution and a pooling.
export function layers(initial) {
  const field = {
    write: (stack) => stack.map((layer) => [layer.kind, ...KINDS[layer.kind].keys.map((key) => layer[key])].join(":")).join(";"),
    read(text) {
      const stack = text.split(";").filter(Boolean).map(readLayer);
      if (stack.length > MOST_LAYERS) throw new RangeError(`A stack here has at most ${MOST_LAYERS} layers.`);
      return stack;
    },
  };
  return { ...field, initial: field.read(initial) };
}

function readLayer(text) {
  const [kind, ...texts] = text.split(":");
  const keys = Object.hasOwn(KINDS, kind) ? KINDS[kind].keys : [];
  if (!keys.length || texts.length !== keys.length) {
    throw new RangeError(`“${text}” is no layer: write it like conv:16:3:1:1:1 or max:2:2:0:1.`);
  }
  return { kind, ...Object.fromEntries(keys.map((key, n) => [key, readLayerNumber(key, texts[n])])) };
}

// What comes of a stack: for each layer the channels, the size, what it learns, what it multiplies
// and what its output pixels see.
export function describe(stack, size, channels) {
  const rows = [];
  stack.forEach((layer, n) => {
    const before = rows.at(-1) ?? { size, channels };
    try {
      rows.push(describeLayer(layer, before, stack.slice(0, n + 1)));
    } catch (problem) {
      if (!(problem instanceof RangeError)) throw problem;
      throw new RangeError(`Layer ${n + 1}: ${problem.message}`);
    }
  });
  return rows;
}

function describeLayer(layer, before, upToHere) {
  const { kind, kernelSize, stride, padding, dilation = 1 } = layer;
  const size = outputSize(before.size, kernelSize, stride, padding, dilation);
  const field = receptiveField(upToHere);
  if (kind !== "conv") {
    // As PyTorch has it, so that each window holds a pixel of the image.
    const most = Math.floor((dilation * (kernelSize - 1) + 1) / 2);
    if (padding > most) {
      throw new RangeError(
        `\`padding\` (${padding}) exceeds half of what a pooling's \`kernel_size\` (${kernelSize}) spans: use at most ${most}`
      );
    }
    return { size, channels: before.channels, parameters: 0, products: 0, field };
  }
  const shape = [layer.channels, before.channels, kernelSize, kernelSize];
  return {
    size,
    channels: layer.channels,
    parameters: countParameters(shape),
    products: countMultiplyAccumulates(shape, size),
    field,
  };
}

// The stack in PyTorch; what has its default is left out.
export function code(stack, channels) {
  const lines = [];
  for (const layer of stack) {
    const given = layer.kind === "conv" ? [channels, layer.channels, layer.kernelSize] : [layer.kernelSize];
    const defaults = { stride: layer.kind === "conv" ? 1 : layer.kernelSize, padding: 0, dilation: 1 };
    for (const [key, value] of Object.entries(defaults)) {
      if (layer[key] !== undefined && layer[key] !== value) given.push(`${key}=${layer[key]}`);
    }
    if (layer.kind === "conv") channels = layer.channels;
    lines.push(`    nn.${KINDS[layer.kind].torch}(${given.join(", ")}),\n`);
  }
  return `from torch import nn\n\nstack = nn.Sequential(\n${lines.join("")})\n`;
}
