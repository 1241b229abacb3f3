// The arithmetic of the figures, that of cnnlib.shapes and cnnlib.conv, sums in NumPy's order:
// tests/test_figures_arithmetic.py holds both to the same numbers, to the last bit.
//
// A grid is { height, width, data }, its numbers row by row. Sizes of kernels, strides, dilations
// and amounts of padding are integers, or [vertical, horizontal] pairs of them. What cannot be
// computed is a RangeError in cnnlib's words.

export const PADDING_MODES = ["zeros", "reflect", "replicate", "circular"];

export function grid(height, width, data = new Float64Array(height * width)) {
  return { height, width, data };
}

export function fromRows(rows) {
  return grid(rows.length, rows[0].length, Float64Array.from(rows.flat()));
}

export const pair = (value) => (Array.isArray(value) ? value : [value, value]);

function check(name, value, minimum) {
  const rule = `use an integer of at least ${minimum}`;
  if (!Number.isInteger(value)) throw new RangeError(`\`${name}\` (${value}) is not an integer: ${rule}`);
  if (value < minimum) throw new RangeError(`\`${name}\` (${value}) is less than ${minimum}: ${rule}`);
  return value;
}

// cnnlib.shapes.padding_amounts, along one axis: [before, after].
export function paddingAmounts(padding, kernelSize, stride = 1, dilation = 1) {
  if (padding === "valid") return [0, 0];
  if (padding !== "same") return [check("padding", padding, 0), padding];
  if (stride !== 1) {
    throw new RangeError(`\`padding\` ('same') needs stride 1, but \`stride\` is ${stride}: use an integer`);
  }
  const total = dilation * (kernelSize - 1);
  return [Math.floor(total / 2), total - Math.floor(total / 2)];
}

// cnnlib.shapes.conv_output_size, along one axis, which `axis` names.
export function outputSize(size, kernelSize, stride = 1, padding = 0, dilation = 1, axis = "size") {
  check("size", size, 1);
  check("kernel_size", kernelSize, 1);
  check("stride", stride, 1);
  check("dilation", dilation, 1);
  const [before, after] = paddingAmounts(padding, kernelSize, stride, dilation);
  const padded = size + before + after;
  const span = dilation * (kernelSize - 1) + 1;
  if (span > padded) {
    const dilated = dilation > 1 ? ` with \`dilation\` (${dilation}) spans ${span} pixels and` : "";
    throw new RangeError(
      `\`kernel_size\` (${kernelSize})${dilated} exceeds the padded input ${axis} (${padded}): ` +
        "increase `padding` or use a smaller kernel"
    );
  }
  return Math.floor((padded - span) / stride) + 1;
}

// The pixel of the image at place `index` along an axis, which may lie beyond its ends; -1 where
// there is a zero.
const REPEAT = {
  zeros: (index, length) => (index >= 0 && index < length ? index : -1),
  replicate: (index, length) => Math.min(Math.max(index, 0), length - 1),
  circular: (index, length) => (index + length) % length,
  reflect: (index, length) => {
    const folded = Math.abs(index);
    return folded < length ? folded : 2 * (length - 1) - folded;
  },
};

// How much less than its length an axis can repeat of itself, where there is a limit.
const KEPT_BACK = { reflect: 1, circular: 0 };

function sources(length, [before, after], mode, axis) {
  if (!PADDING_MODES.includes(mode)) {
    const known = PADDING_MODES.map((name) => `'${name}'`).join(", ");
    throw new RangeError(`\`padding_mode\` ('${mode}') is unknown: use one of ${known}`);
  }
  const most = length - KEPT_BACK[mode];
  if (Math.max(before, after) > most) {
    throw new RangeError(
      `\`padding\` (${Math.max(before, after)}) exceeds what \`padding_mode\` ('${mode}') can ` +
        `repeat of the input ${axis} (${length}): use at most ${most}, or 'zeros'`
    );
  }
  return Array.from({ length: before + length + after }, (_, n) => REPEAT[mode](n - before, length));
}

// cnnlib.conv_inputs.pad; `amounts` is [[top, bottom], [left, right]].
export function pad(image, amounts, mode = "zeros") {
  const rows = sources(image.height, amounts[0], mode, "height");
  const columns = sources(image.width, amounts[1], mode, "width");
  const padded = grid(rows.length, columns.length);
  rows.forEach((row, i) => {
    columns.forEach((column, j) => {
      if (row >= 0 && column >= 0) {
        padded.data[i * padded.width + j] = image.data[row * image.width + column];
      }
    });
  });
  return padded;
}

const accumulators = new Float64Array(8); // made once: a feature map takes thousands of sums

// How NumPy sums (pairwise_sum in its loops_utils.h): in order up to seven numbers, then in eight
// accumulators, and in halves from 128 on.
export function sum(values, start = 0, length = values.length) {
  if (length < 8) {
    let total = 0;
    for (let n = start; n < start + length; n++) total += values[n];
    return total;
  }
  if (length > 128) {
    const half = Math.floor(length / 2);
    const first = half - (half % 8);
    return sum(values, start, first) + sum(values, start + first, length - first);
  }
  const r = accumulators;
  const whole = length - (length % 8);
  for (let n = 0; n < 8; n++) r[n] = values[start + n];
  for (let n = 8; n < whole; n++) r[n % 8] += values[start + n];
  let total = r[0] + r[1] + (r[2] + r[3]) + (r[4] + r[5] + (r[6] + r[7]));
  for (let n = whole; n < length; n++) total += values[start + n];
  return total;
}

// The kernel turned by 180°: what makes a convolution of a cross-correlation.
export function turned(kernel) {
  return grid(kernel.height, kernel.width, kernel.data.slice().reverse());
}

// Everything about a kernel on an image but the sums: the padded image and the size of the result.
export function layout(image, kernel, options = {}) {
  const { stride = 1, padding = 0, paddingMode = "zeros", dilation = 1 } = options;
  const [strides, dilations] = [pair(stride), pair(dilation)];
  const paddings = pair(padding);
  const [height, width] = ["height", "width"].map((axis, n) =>
    outputSize(image[axis], kernel[axis], strides[n], paddings[n], dilations[n], axis)
  );
  const amounts = ["height", "width"].map((axis, n) =>
    paddingAmounts(paddings[n], kernel[axis], strides[n], dilations[n])
  );
  const padded = pad(image, amounts, paddingMode);
  return { padded, amounts, strides, dilations, height, width };
}

// What the kernel covers at output pixel (i, j) of a layout, as a grid of the kernel's size.
export function windowAt({ padded, strides, dilations }, kernel, i, j, into = null) {
  const covered = into ?? grid(kernel.height, kernel.width);
  for (let p = 0, n = 0; p < kernel.height; p++) {
    const row = (i * strides[0] + p * dilations[0]) * padded.width + j * strides[1];
    for (let q = 0; q < kernel.width; q++) covered.data[n++] = padded.data[row + q * dilations[1]];
  }
  return covered;
}

// cnnlib.conv.conv2d of one image by one kernel, as `method="loops"` has it.
export function crossCorrelate(image, kernel, options = {}) {
  const at = layout(image, kernel, options);
  const output = grid(at.height, at.width);
  const products = grid(kernel.height, kernel.width);
  for (let i = 0; i < at.height; i++) {
    for (let j = 0; j < at.width; j++) {
      windowAt(at, kernel, i, j, products);
      for (let n = 0; n < products.data.length; n++) products.data[n] *= kernel.data[n];
      output.data[i * at.width + j] = sum(products.data);
    }
  }
  return output;
}

export function convolve(image, kernel, options = {}) {
  return crossCorrelate(image, turned(kernel), options);
}

// PyTorch's max_pool2d and avg_pool2d of one image: without padding, the stride the window's size.
export function pool(image, kind, kernelSize, stride = kernelSize) {
  const [height, width] = pair(kernelSize);
  const at = layout(image, grid(height, width), { stride });
  const output = grid(at.height, at.width);
  const covered = grid(height, width);
  for (let i = 0; i < at.height; i++) {
    for (let j = 0; j < at.width; j++) {
      windowAt(at, covered, i, j, covered);
      output.data[i * at.width + j] =
        kind === "max" ? Math.max(...covered.data) : sum(covered.data) / covered.data.length;
    }
  }
  return output;
}

// cnnlib.shapes.receptive_field along one axis; layers are { kernelSize, stride, padding, dilation }.
export function receptiveField(layers) {
  let [size, jump, start] = [1, 1, 0];
  for (const { kernelSize, stride = 1, padding = 0, dilation = 1 } of layers) {
    size += dilation * (kernelSize - 1) * jump;
    start -= padding * jump;
    jump *= stride;
  }
  return { size, jump, start };
}

// cnnlib.shapes.count_parameters and count_multiply_accumulates; a shape has the outputs first.
export function countParameters(shape, bias = true) {
  const weights = shape.reduce((product, length) => product * length, 1);
  return weights + (bias ? shape[0] : 0);
}

export function countMultiplyAccumulates(shape, outputs = 1) {
  const [height, width] = pair(outputs);
  return countParameters(shape, false) * height * width;
}
