// What `_static/search.js` loads when the search is opened: it answers while a reader types.
import { list } from "./listing.js";
import { build, find } from "./ranking.js";

const index = build(window.lectureIndex);

// Moves the focus among the field and the links below it.
function move(input, results, event) {
  const stops = [input, ...results.querySelectorAll("a")];
  const place = stops.indexOf(document.activeElement);
  if (event.altKey || event.ctrlKey || event.metaKey) return; // a command of the browser
  const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
  if (step && place >= 0) {
    event.preventDefault();
    const next = stops[Math.min(Math.max(place + step, 0), stops.length - 1)];
    next.focus();
    next.scrollIntoView({ block: "nearest" });
  } else if (place > 0 && event.key.length === 1 && event.key !== " ") {
    input.focus(); // go on typing
  }
}

// Brings a form to life; `whole` holds the form, the status and the results.
function attach(whole, root) {
  const input = whole.querySelector("input");
  const results = whole.querySelector(".search-results");
  const status = whole.querySelector(".search-status");
  const answer = () => {
    status.textContent = list(results, find(index, input.value), input.value, root);
  };
  input.addEventListener("input", answer);
  whole.addEventListener("keydown", (event) => move(input, results, event));
  whole.querySelector("form").addEventListener("submit", (event) => {
    event.preventDefault();
    results.querySelector("a")?.click();
  });
  answer();
}

window.lectureSearch = { attach, find: (query) => find(index, query) };
