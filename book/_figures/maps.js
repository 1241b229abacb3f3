// The maps of all layers of a network; one number on them is chosen.

import data from "figure-data";
import { Atlas } from "./atlas.js";
import { element, isCommand, panel } from "./controls.js";
import { choosePixel, short } from "./drawing.js";
import { clipped } from "./unit.js";

const { layers } = data;
const COLUMNS = 8;

// As the page's pictures name them.
const nameOf = (layer, stage) => `${stage === "pooled" ? "pool" : "conv"} ${layer}`;

export const OUTPUTS = layers.flatMap(({ convolved, pooled }) => [convolved.output, pooled.output]);

export class Maps {
  // `choose(unit)` is called with the layer, map, row and column that are chosen; `present()` says
  // which are, also where they have not been shown yet: two keys may come within one frame.
  constructor(choose, present) {
    this.layers = layers.map((_, n) => this.#layer(n + 1, choose, present));
    this.readout = element("p", { className: "figure-readout", role: "status" });
    const panels = this.layers.map(({ panel: made }) => made);
    this.element = element("div", {}, element("div", { className: "figure-maps" }, ...panels), this.readout);
  }

  #layer(layer, choose, present) {
    const [atlas, words] = [new Atlas(COLUMNS), element("span")];
    const { maps } = layers[layer - 1];
    // Where the chosen number is on another layer, keys start with the first of this.
    const chosen = () => (present()[0] === layer ? present().slice(1) : [0, 0, 0]);
    const get = () => atlas.placeOf(chosen());
    choosePixel(atlas, get, (...place) => choose([layer, ...atlas.pixelAt(place, get())]));
    atlas.element.addEventListener("keydown", (event) => {
      const step = { PageUp: -1, PageDown: 1 }[event.key];
      if (isCommand(event) || !step) return;
      event.preventDefault();
      const [map, ...pixel] = chosen();
      choose([layer, (map + step + maps) % maps, ...pixel]);
    });
    return { atlas, words, panel: panel(`layer-${layer}`, [words], atlas.element) };
  }

  // Show a stage of all layers: `answer` has the numbers by the outputs' names, `sight` is that of
  // the chosen number.
  show(answer, stage, sight) {
    const isPainted = this.answer === answer && this.stage === stage;
    Object.assign(this, { answer, stage, sight });
    this.layers.forEach(({ atlas, words }, n) => {
      const { maps, [stage]: { output, size } } = layers[n];
      if (!isPainted) atlas.show(maps, size, answer[output], stage === "convolved");
      words.textContent = `${nameOf(n + 1, stage)}: ${maps} maps, ${size} × ${size}`;
      atlas.describe(`${maps} maps of ${nameOf(n + 1, stage)}, ${size} × ${size} each. Arrow keys choose a number, Page Up and Page Down a map.`);
      atlas.frame(this.#frames(atlas, n + 1));
    });
    this.readout.textContent = this.#words();
  }

  // On the chosen map, it and its number. On the maps before, what the number is computed from.
  #frames(atlas, layer) {
    const { unit: [own, map, ...pixel], read } = this.sight;
    if (layer === own) {
      const [top, left] = atlas.placeOf([map, ...pixel]);
      return [{ ...atlas.boxOf(map), role: "border" }, { top, left, height: 1, width: 1, role: "output" }];
    }
    if (layer !== own - 1) return [];
    const { top, left, height, width } = clipped(read, atlas.size);
    return Array.from({ length: layers[layer - 1].maps }, (_, n) => {
      const box = atlas.boxOf(n);
      return { top: box.top + top, left: box.left + left, height, width, role: "tap" };
    });
  }

  #words() {
    const { answer, stage } = this;
    const { unit: [layer, map, row, column], field, read } = this.sight;
    const { output, size } = layers[layer - 1][stage];
    const value = answer[output][(map * size + row) * size + column];
    const most = short(this.layers[layer - 1].atlas.limits[map], 3);
    const onInput = clipped(field, data.size);
    const rows = `rows ${onInput.top} to ${onInput.top + onInput.height - 1}`;
    const columns = `columns ${onInput.left} to ${onInput.left + onInput.width - 1}`;
    const padded = onInput.height < field.height || onInput.width < field.width ? " (and padding)" : "";
    const through = read ? `, through all ${layers[layer - 2].maps} maps of ${nameOf(layer - 1, stage)}` : "";
    return (
      `Map ${map} of ${nameOf(layer, stage)}, row ${row}, column ${column}: ${short(value, 3)} (of this map, ` +
      `${stage === "convolved" ? "the largest magnitude" : "the maximum"} is ${most}). The number sees ${rows} and ${columns} of the input${padded}${through}.`
    );
  }
}
