// Gradient descent on a kernel that is to make of a picture what a target kernel makes of it. The
// loss, the mean of the squared difference of both maps, is quadratic in the n weights w:
//
//   L = (w − w*)ᵀ H (w − w*) / 2,   H = 2/N Σ a aᵀ,
//
// with the N windows a of the picture as vectors and the target w*. H is a grid of n × n.

import { crossCorrelate, grid, layout, windowAt } from "./arithmetic.js";

const ENOUGH = 1e30; // a descent whose loss has passed it has diverged

// The windows that a kernel of the given size meets, each as a list of its pixels.
export function windowsOf(image, { height, width }) {
  const at = layout(image, grid(height, width));
  return Array.from(
    { length: at.height * at.width },
    (_, n) => windowAt(at, { height, width }, Math.floor(n / at.width), n % at.width).data
  );
}

export function hessian(windows) {
  const size = windows[0].length;
  const made = grid(size, size);
  for (const a of windows) {
    for (let i = 0; i < size; i++) for (let j = 0; j < size; j++) made.data[i * size + j] += a[i] * a[j];
  }
  made.data.forEach((sum, n) => (made.data[n] = (2 * sum) / windows.length));
  return made;
}

export function lossOf(H, error) {
  return inner(error, times(H, error)) / 2;
}

// ∂L/∂w of the mean over all output pixels, or over those that are `drawn`: the picture correlated
// with the difference of the maps (cnnlib.conv.conv2d_backward, of 2 difference / N).
export function gradientOf(image, difference, drawn = null) {
  const counted = drawn ? grid(difference.height, difference.width) : difference;
  drawn?.forEach((n) => (counted.data[n] += difference.data[n]));
  const count = drawn ? drawn.length : difference.data.length;
  const sums = crossCorrelate(image, counted);
  return grid(sums.height, sums.width, sums.data.map((sum) => (2 * sum) / count));
}

// With the windows and their Hessian, descend from `start` to `target`, lists of weights, as far as
// `steps` and no further than a loss of 1e30. `batch` is how many windows, drawn at random, a step
// looks at; 0 is all. With momentum, as PyTorch's SGD has it, v ← momentum v + gradient and
// w ← w − rate v.
export function descend({ windows, H, start, target, rate, momentum = 0, batch = 0, steps }) {
  const random = generator(1);
  const losses = [];
  let weights = Float64Array.from(start);
  let velocity = new Float64Array(start.length);
  for (;;) {
    const error = weights.map((weight, n) => weight - target[n]);
    losses.push(lossOf(H, error));
    const drawn = batch ? Array.from({ length: batch }, () => Math.floor(random() * windows.length)) : null;
    if (losses.length > steps || losses.at(-1) > ENOUGH) {
      return { weights, losses, drawn, diverged: losses.at(-1) > ENOUGH };
    }
    // H (w − w*) is the picture correlated with the difference, in fewer products.
    const gradient = drawn ? gradientOfWindows(drawn.map((n) => windows[n]), error) : times(H, error);
    velocity = velocity.map((v, n) => momentum * v + gradient[n]);
    weights = weights.map((weight, n) => weight - rate * velocity[n]);
  }
}

function gradientOfWindows(windows, error) {
  const gradient = new Float64Array(error.length);
  for (const a of windows) {
    const difference = inner(a, error);
    a.forEach((pixel, n) => (gradient[n] += (2 * difference * pixel) / windows.length));
  }
  return gradient;
}

// By what a step multiplies, in the end, the error along an eigenvector of H: |factor| < 1 where
// rate · eigenvalue < 2 (1 + momentum). It is the larger root z of z² − (1 + momentum − rate ·
// eigenvalue) z + momentum = 0, or the magnitude of both where they are complex.
export function factorOf(eigenvalue, rate, momentum = 0) {
  const middle = (1 + momentum - rate * eigenvalue) / 2;
  const square = middle ** 2 - momentum;
  if (square < 0) return Math.sqrt(momentum);
  return middle < 0 ? middle - Math.sqrt(square) : middle + Math.sqrt(square);
}

// The eigenvalues of a symmetric matrix, from the largest, and their eigenvectors of length 1, by
// Jacobi's rotations (Golub and Van Loan, "Matrix Computations", section 8.5).
export function eigen({ height: size, data }) {
  const A = Float64Array.from(data);
  const V = Float64Array.from({ length: size * size }, (_, n) => (n % (size + 1) ? 0 : 1));
  const scale = Math.sqrt(inner(A, A));
  const isLeft = () => A.some((value, n) => n % (size + 1) && Math.abs(value) > 1e-16 * scale);
  for (let sweep = 0; sweep < 12 && isLeft(); sweep++) {
    for (let p = 0; p < size; p++) for (let q = p + 1; q < size; q++) rotate(A, V, size, p, q);
  }
  const vector = (n) => Float64Array.from({ length: size }, (_, i) => V[i * size + n]);
  const found = Array.from({ length: size }, (_, n) => ({ value: A[n * size + n], vector: vector(n) }));
  // What rounding leaves of a zero: along such a vector the picture shows nothing.
  const isZero = ({ value }) => Math.abs(value) < 1e-13 * scale;
  return found.map((one) => (isZero(one) ? { ...one, value: 0 } : one)).sort((a, b) => b.value - a.value);
}

// Turn the axes p and q so that A has a zero between them, and V with them.
function rotate(A, V, size, p, q) {
  const off = A[p * size + q];
  if (off === 0) return;
  const theta = (A[q * size + q] - A[p * size + p]) / (2 * off);
  const tangent = (theta < 0 ? -1 : 1) / (Math.abs(theta) + Math.hypot(theta, 1));
  const cosine = 1 / Math.hypot(tangent, 1);
  const sine = tangent * cosine;
  const mix = (M, one, other) => {
    [M[one], M[other]] = [cosine * M[one] - sine * M[other], sine * M[one] + cosine * M[other]];
  };
  for (let n = 0; n < size; n++) mix(A, n * size + p, n * size + q);
  for (let n = 0; n < size; n++) mix(A, p * size + n, q * size + n);
  for (let n = 0; n < size; n++) mix(V, n * size + p, n * size + q);
}

export function inner(a, b) {
  let sum = 0;
  for (let n = 0; n < a.length; n++) sum += a[n] * b[n];
  return sum;
}

function times({ height, width, data }, vector) {
  const product = new Float64Array(height);
  for (let i = 0, n = 0; i < height; i++) for (let j = 0; j < width; j++) product[i] += data[n++] * vector[j];
  return product;
}

// Numbers from 0 to 1 that look random and are the same each time ("mulberry32", Tommy Ettinger).
function generator(seed) {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
