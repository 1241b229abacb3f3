// The colours that mean something, in the page's mode, and word of a change.

import data from "figure-data";

const root = document.documentElement;
const current = () => data.palettes[root.dataset.theme === "dark" ? "dark" : "light"];

// What is to be done when the mode has changed; `hues` is the palette by then.
const listeners = [];
export let hues = current();

export function onChange(listener) {
  listeners.push(listener);
}

new MutationObserver(() => {
  if (hues === current()) return;
  hues = current();
  listeners.forEach((listener) => listener());
}).observe(root, { attributeFilter: ["data-theme"] });
