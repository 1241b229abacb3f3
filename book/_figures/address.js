// The states of a page's figures in its address: #fig-one?kernel=box&stride=2/fig-two?size=32.
// An address without a question mark is an ordinary anchor and is left alone. The figure that was
// changed last comes first, and is the one that the address leads to.

const escape = (text) => encodeURIComponent(text).replace(/%2C/g, ",").replace(/%3B/g, ";").replace(/%3A/g, ":");

// "a=1&b=2" to { a: "1", b: "2" }; what is not so written is left out.
export function parse(query) {
  const texts = {};
  for (const [, key, value] of query.matchAll(/(?:^|&)([^=&]+)=([^&]*)/g)) {
    try {
      texts[key] = decodeURIComponent(value);
    } catch {
      texts[key] = value;
    }
  }
  return texts;
}

export function format(texts) {
  return Object.entries(texts).map(([key, text]) => `${key}=${escape(text)}`).join("&");
}

// { name: texts }, in the order of the address.
export function states(hash = location.hash) {
  const parts = hash.slice(1).split("/").map((part) => part.split("?"));
  return Object.fromEntries(parts.filter((part) => part.length === 2).map(([name, query]) => [name, parse(query)]));
}

// The address with the state of one more figure; with null, without it.
export function withState(name, texts) {
  const { [name]: _, ...others } = states();
  const all = texts ? { [name]: texts, ...others } : others;
  return "#" + Object.entries(all).map(([key, value]) => `${key}?${format(value)}`).join("/");
}

// Browsers allow few changes of the address a second. The last one counts.
let waiting = null;
const changes = new Map();

export function keep(name, texts) {
  changes.set(name, texts);
  clearTimeout(waiting);
  waiting = setTimeout(writeAll, 200);
}

function writeAll() {
  for (const [name, texts] of changes) {
    const hash = withState(name, texts);
    const ordinary = location.hash && !location.hash.includes("?");
    if (hash === "#" && ordinary) continue; // an anchor stays while nothing is to be said
    history.replaceState(history.state, "", hash === "#" ? location.pathname + location.search : hash);
  }
  changes.clear();
}
