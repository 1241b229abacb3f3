// Cover a part of an image, and ask a network again.

import { grid } from "./arithmetic.js";

// The square of odd size around a place, as far as it lies on an image.
export function squareAround(place, size, { height, width }) {
  const [rows, columns] = [height, width].map((length, axis) => [
    Math.max(place[axis] - (size - 1) / 2, 0),
    Math.min(place[axis] + (size + 1) / 2, length),
  ]);
  return { top: rows[0], left: columns[0], height: rows[1] - rows[0], width: columns[1] - columns[0] };
}

// The image with a black square on it.
export function covered(image, place, size) {
  const { top, left, height, width } = squareAround(place, size, image);
  const data = image.data.slice();
  for (let i = top; i < top + height; i++) data.fill(0, i * image.width + left, i * image.width + left + width);
  return grid(image.height, image.width, data);
}

// How the probability of a class changes with the square around each pixel, a row a frame.
// `told(map, isWhole)` gets what there is of it; where it returns false, no more comes.
export async function slideSquare(network, image, label, size, told) {
  const ask = async (images) => {
    const { probabilities } = await network.run(images, ["probabilities"]);
    const classes = probabilities.length / images.length;
    return images.map((_, n) => probabilities[n * classes + label]);
  };
  const [whole] = await ask([image]);
  const map = grid(image.height, image.width);
  for (let row = 0; row < image.height; row++) {
    const images = Array.from({ length: image.width }, (_, column) => covered(image, [row, column], size));
    map.data.set((await ask(images)).map((share) => share - whole), row * image.width);
    if (!told(map, row + 1 === image.height)) return;
    await new Promise(requestAnimationFrame);
  }
}
