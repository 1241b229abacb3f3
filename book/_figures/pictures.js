// The pictures of a figure's data, as grids of gray values from 0 (black) to 1 (white), by name.

import data from "figure-data";
import { fromRows, grid } from "./arithmetic.js";

function fromBytes(rows) {
  const { height, width, data: bytes } = fromRows(rows);
  return grid(height, width, bytes.map((value) => value / 255));
}

export const PICTURES = Object.fromEntries(Object.entries(data.pictures).map(([name, rows]) => [name, fromBytes(rows)]));
