// All maps of a layer on one picture, with a gap between them.

import { grid } from "./arithmetic.js";
import { Picture, magnitude } from "./drawing.js";

export class Atlas extends Picture {
  constructor(columns) {
    super();
    this.columns = columns;
  }

  // Paint square maps, each as far as its own largest magnitude. `data` has them one by one.
  show(count, size, data, signed) {
    this.size = size;
    this.pitch = size + 1;
    const [height, width] = [Math.ceil(count / this.columns), this.columns].map((n) => n * this.pitch - 1);
    const all = grid(height, width);
    this.limits = Array.from({ length: count }, (_, map) => {
      const numbers = data.subarray(map * size * size, (map + 1) * size * size);
      const limit = magnitude({ data: numbers });
      const { top, left } = this.boxOf(map);
      numbers.forEach((value, n) => {
        all.data[(top + Math.floor(n / size)) * width + left + (n % size)] = value / limit;
      });
      return limit;
    });
    this.paint(all, { signed, limit: 1 });
    const context = this.canvas.getContext("2d");
    for (let x = size; x < width; x += this.pitch) context.clearRect(x, 0, 1, height);
    for (let y = size; y < height; y += this.pitch) context.clearRect(0, y, width, 1);
  }

  boxOf(map) {
    const [row, column] = [Math.floor(map / this.columns), map % this.columns];
    return { top: row * this.pitch, left: column * this.pitch, height: this.size, width: this.size };
  }

  // The place on the picture of a map's pixel, and the other way round. A gap belongs to the map
  // before it, and where that is left through the gap, to the map behind it.
  placeOf([map, row, column]) {
    const { top, left } = this.boxOf(map);
    return [top + row, left + column];
  }

  pixelAt(place, from) {
    const [down, across] = place.map((value, axis) => {
      const isGap = value % this.pitch === this.size;
      if (!isGap) return value;
      return from[axis] === value - 1 ? value + 1 : value - 1;
    });
    const map = Math.floor(down / this.pitch) * this.columns + Math.floor(across / this.pitch);
    return [map, down % this.pitch, across % this.pitch];
  }
}
