// Turn and shift a picture; what comes in from outside is black.

import { grid } from "./arithmetic.js";

// By so many degrees clockwise around the middle, then by whole pixels. Between pixels linearly, as
// scipy.ndimage.affine_transform(order=1, mode="grid-constant").
export function turnedAndShifted(image, degrees, down, right) {
  const { height, width } = image;
  const [cos, sin] = [Math.cos((degrees * Math.PI) / 180), Math.sin((degrees * Math.PI) / 180)];
  const middle = [(height - 1) / 2, (width - 1) / 2];
  const result = grid(height, width);
  for (let i = 0; i < height; i++) {
    for (let j = 0; j < width; j++) {
      const [y, x] = [i - down - middle[0], j - right - middle[1]];
      result.data[i * width + j] = between(image, middle[0] + cos * y - sin * x, middle[1] + sin * y + cos * x);
    }
  }
  return result;
}

function between({ height, width, data }, row, column) {
  const [top, left] = [Math.floor(row), Math.floor(column)];
  const pixel = (i, j) => (i >= 0 && j >= 0 && i < height && j < width ? data[i * width + j] : 0);
  const mix = (part, from, to) => (part === 0 ? from : from + part * (to - from));
  const along = (i) => mix(column - left, pixel(i, left), pixel(i, left + 1));
  return mix(row - top, along(top), along(top + 1));
}
