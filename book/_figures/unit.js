// One number of one map of a network, and what it is computed from.

import data from "figure-data";
import { receptiveField } from "./arithmetic.js";
import { readNumber } from "./state.js";

const { layers } = data;

// A field of the state: layer, map, row and column as 2,13,4,5, all but the layer counted from 0.
export function unit(text) {
  const read = (given) => {
    const numbers = given.split(",").map(readNumber);
    const [layer, map, row, column] = numbers;
    const known = layers[layer - 1];
    const whole = numbers.length === 4 && numbers.every((n) => Number.isInteger(n) && n >= 0);
    if (!whole || !known || map >= known.maps || Math.max(row, column) >= known.convolved.size) {
      throw new RangeError(`“${given}” is no place on a map: write its layer, map, row and column, as 2,13,4,5.`);
    }
    return numbers;
  };
  return { initial: read(text), read, write: String };
}

// The unit where a stage of its layer has it; what it sees of the input (`field`), and of each map
// of the layer before (`read`; null if there is none), as frames that may reach over the border.
export function sight([layer, map, ...pixel], stage) {
  const { size, windows } = layers[layer - 1][stage];
  const place = pixel.map((value) => Math.min(value, size - 1));
  const frame = (slid) => {
    const { size: side, jump, start } = receptiveField(slid);
    const [top, left] = place.map((value) => start + value * jump);
    return { top, left, height: side, width: side };
  };
  const before = layers[layer - 2]?.[stage].windows.length;
  return { unit: [layer, map, ...place], field: frame(windows), read: before ? frame(windows.slice(before)) : null };
}

// What of a frame lies on a map of some size.
export function clipped({ top, left, height, width }, size) {
  const [rows, columns] = [[top, height], [left, width]].map(([from, length]) => [
    Math.max(from, 0),
    Math.min(from + length, size),
  ]);
  return { top: rows[0], left: columns[0], height: rows[1] - rows[0], width: columns[1] - columns[0] };
}
