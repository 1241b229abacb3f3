// Moves of maps, and the layers that are asked whether they go along with them.
//
// `border` is "circular", where what leaves comes in on the other side, or "zeros".

import { crossCorrelate, grid, pad, pool } from "./arithmetic.js";

// A move along an axis as a matrix: the weight of place j in what comes to place i. By a whole
// number of pixels it is a permutation, where zeros come in a part of one. By another number it
// evaluates, between the pixels, the sum of waves that goes through them (Dirichlet's kernel); where
// zeros come in, as many zeros are put beside the pixels first.
function move(length, by, border) {
  const period = border === "circular" ? length : 2 * length;
  const weight = (distance) => {
    if (Number.isInteger(by)) return (border === "circular" ? distance % period : distance) === 0 ? 1 : 0;
    const angle = (Math.PI * distance) / period;
    return Math.sin(Math.PI * distance) / (period * (period % 2 ? Math.sin(angle) : Math.tan(angle)));
  };
  return Array.from({ length }, (_, i) => Float64Array.from({ length }, (_, j) => weight(i - j - by)));
}

// T_s of a map, down and to the right.
export function moved(map, [down, right], border) {
  const { height, width, data } = map;
  const [rows, columns] = [move(height, down, border), move(width, right, border)];
  const between = new Float64Array(height * width);
  const result = new Float64Array(height * width);
  rows.forEach((weights, i) => {
    weights.forEach((weight, m) => {
      if (weight === 0) return;
      for (let j = 0; j < width; j++) between[i * width + j] += weight * data[m * width + j];
    });
  });
  columns.forEach((weights, j) => {
    weights.forEach((weight, n) => {
      if (weight === 0) return;
      for (let i = 0; i < height; i++) result[i * width + j] += weight * between[i * width + n];
    });
  });
  return grid(height, width, result);
}

// Pascal's triangle: a row of cnnlib.kernels.binomial(size), scaled to sum to 1.
function binomial(size) {
  let row = [1];
  while (row.length < size) row = [...row, 0].map((value, n) => (value + (row[n - 1] ?? 0)) / 2);
  return Float64Array.from(row);
}

// Blur with a binomial kernel of odd size, then keep every `stride`-th pixel; size 1 is no blur.
function subsampled(map, size, stride, border) {
  const row = binomial(size);
  const half = (size - 1) / 2;
  const across = { stride: [1, stride], padding: [0, half], paddingMode: border };
  const down = { stride: [stride, 1], padding: [half, 0], paddingMode: border };
  return crossCorrelate(crossCorrelate(map, grid(1, size, row), across), grid(size, 1, row), down);
}

// The largest pixel of the window at each pixel, which is its upper left one.
function maxima(map, window, border) {
  const padded = pad(map, [[0, window - 1], [0, window - 1]], border);
  return pool(pool(padded, "max", [1, window], 1), "max", [window, 1], 1);
}

// The three maps that a layer makes of an image. What is pooled are blocks of the stride's size;
// windows of two pixels where the stride is one.
export function mapsOf(image, kernel, { stride, blur, border }) {
  const feature = crossCorrelate(image, kernel, { padding: "same", paddingMode: border });
  const strided = subsampled(feature, blur, stride, border);
  const pooled = subsampled(maxima(feature, Math.max(stride, 2), border), blur, stride, border);
  return { feature, strided, pooled };
}

const norm = ({ data }) => Math.sqrt(data.reduce((total, value) => total + value * value, 0));

// What differs between two maps, and its norm in parts of that of the second.
export function difference(found, expected) {
  const error = grid(found.height, found.width, found.data.map((value, n) => value - expected.data[n]));
  return { error, size: norm(error) / norm(expected) };
}
