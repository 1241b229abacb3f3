// What a kernel of N × N weights does to waves, N odd: the same numbers as its weights, N × N of them.
//
// A frequency is [u, v], the cycles down and to the right in N pixels, from −(N − 1)/2 to (N − 1)/2.
// Sliding the kernel as it is multiplies the wave exp(2πi(ui + vj)/N) by the complex number
// Σ K(m, n) exp(2πi(um + vn)/N), the weights counted from the middle. A convolution multiplies it by
// the conjugate: the sign is −1.

import { grid } from "./arithmetic.js";

export const SIGNS = { "cross-correlation": 1, convolution: -1 };

// cos and sin of the phases of the frequencies (rows) at the weights (columns) along an axis.
function waves(frequencies, length, sign) {
  const middle = (length - 1) / 2;
  return frequencies.map((frequency) =>
    Array.from({ length }, (_, m) => {
      const angle = (sign * 2 * Math.PI * frequency * (m - middle)) / length;
      return [Math.cos(angle), Math.sin(angle)];
    })
  );
}

// The response at lists of frequencies, down and to the right: { real, imaginary }, grids.
export function response(kernel, [downs, rights], sign) {
  const [down, right] = [waves(downs, kernel.height, sign), waves(rights, kernel.width, sign)];
  const [real, imaginary] = [grid(downs.length, rights.length), grid(downs.length, rights.length)];
  right.forEach((along, v) => {
    // Along the rows of the kernel first, then down them.
    const rows = Array.from({ length: kernel.height }, (_, m) => {
      let [re, im] = [0, 0];
      along.forEach(([cos, sin], n) => {
        re += kernel.data[m * kernel.width + n] * cos;
        im += kernel.data[m * kernel.width + n] * sin;
      });
      return [re, im];
    });
    down.forEach((phases, u) => {
      phases.forEach(([cos, sin], m) => {
        real.data[u * rights.length + v] += cos * rows[m][0] - sin * rows[m][1];
        imaginary.data[u * rights.length + v] += cos * rows[m][1] + sin * rows[m][0];
      });
    });
  });
  return { real, imaginary };
}

function responseAt(kernel, [u, v], sign) {
  const { real, imaginary } = response(kernel, [[u], [v]], sign);
  return [real.data[0], imaginary.data[0]];
}

// The response at one frequency, as its gain and its phase in degrees, 0 where there is none.
export function gainAt(kernel, frequency, sign) {
  const [re, im] = responseAt(kernel, frequency, sign);
  const gain = Math.hypot(re, im);
  if (gain < 1e-9) return { gain: 0, phase: 0 };
  const isReal = Math.abs(im) < 1e-9;
  return { gain, phase: isReal ? (re > 0 ? 0 : 180) : (Math.atan2(im, re) * 180) / Math.PI };
}

// The kernel that has another response at a frequency, and at its negative the conjugate, without
// which it would not be real; at all others the same. (One term of the inverse transform.)
export function withGain(kernel, [u, v], sign, { gain, phase }) {
  const [down, right] = [waves([u], kernel.height, sign)[0], waves([v], kernel.width, sign)[0]];
  const [re, im] = responseAt(kernel, [u, v], sign);
  const angle = (phase * Math.PI) / 180;
  const [more, moreImaginary] = [gain * Math.cos(angle) - re, gain * Math.sin(angle) - im];
  const share = (u === 0 && v === 0 ? 1 : 2) / (kernel.height * kernel.width);
  const data = kernel.data.map((weight, place) => {
    const [[c, s], [cos, sin]] = [down[Math.floor(place / kernel.width)], right[place % kernel.width]];
    const change = more * (c * cos - s * sin) + moreImaginary * (c * sin + s * cos);
    return Math.round((weight + share * change) * 1e5) / 1e5; // an address has room for five digits
  });
  return grid(kernel.height, kernel.width, data);
}
