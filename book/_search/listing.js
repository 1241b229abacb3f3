// Shows what was found: a list of links, grouped by page, with the words marked.
const KINDS = {
  page: "Page", section: "Section", exercise: "Exercise", equation: "Equation", term: "Term",
  figure: "Figure", film: "Film", interactive: "Interactive figure", library: "Library",
};
const MOST = 40;
const MOST_OF_A_PAGE = 6;
const BEFORE = 50; // letters of a snippet before the first word that was found
const LENGTH = 160;

function element(name, className, ...children) {
  const made = document.createElement(name);
  if (className) made.className = className;
  made.append(...children);
  return made;
}

function matcher(terms) {
  const escaped = terms.map((term) => term.replace(/[^\p{L}\p{N}]/gu, "\\$&"));
  return new RegExp(`(?<![\\p{L}\\p{N}])(?:${escaped.join("|")})(?![\\p{L}\\p{N}])`, "giu");
}

function marked(text, pattern) {
  const parts = [];
  let end = 0;
  for (const match of text.matchAll(pattern)) {
    parts.push(text.slice(end, match.index), element("mark", "", match[0]));
    end = match.index + match[0].length;
  }
  return [...parts, text.slice(end)];
}

// Returns the piece of a text around the first word that was found.
export function snippet(text, pattern) {
  const first = text.search(pattern);
  pattern.lastIndex = 0;
  let start = Math.max(first - BEFORE, 0);
  if (start > 0) start = text.indexOf(" ", start) + 1 || start;
  let end = Math.min(start + LENGTH, text.length);
  if (end < text.length) end = Math.max(text.lastIndexOf(" ", end), start + 1);
  return (start > 0 ? "… " : "") + text.slice(start, end) + (end < text.length ? " …" : "");
}

function item(entry, root) {
  const pattern = matcher(entry.terms);
  const link = element("a", "search-hit");
  link.href = root + entry.href;
  link.append(
    element("span", "search-kind", KINDS[entry.kind]),
    " ",
    element("span", "search-title", ...marked(entry.title, pattern))
  );
  if (entry.text) {
    const piece = snippet(entry.text, pattern);
    link.append(" ", element("span", "search-snippet", ...marked(piece, pattern)));
  }
  return element("li", "", link);
}

// Fills `place` with what was found; returns what to say of it.
export function list(place, found, query, root) {
  const shown = found.slice(0, MOST);
  const groups = Map.groupBy ? Map.groupBy(shown, (e) => e.page) : grouped(shown);
  let links = 0;
  place.replaceChildren(
    ...[...groups.values()].map((entries) => {
      const some = entries.slice(0, MOST_OF_A_PAGE);
      links += some.length;
      const items = element("ul", "", ...some.map((entry) => item(entry, root)));
      return element("section", "", element("h2", "search-page", entries[0].pageTitle), items);
    })
  );
  if (!query.trim()) return "";
  if (!found.length) return `Nothing found for “${query.trim()}”. Try fewer or other words.`;
  const pages = `${groups.size} ${groups.size === 1 ? "page" : "pages"}`;
  const count = `${found.length} ${found.length === 1 ? "result" : "results"}`;
  return links < found.length ? `${count}, the best ${links} on ${pages}` : `${count} on ${pages}`;
}

function grouped(entries) {
  const groups = new Map();
  for (const entry of entries) groups.set(entry.page, [...(groups.get(entry.page) ?? []), entry]);
  return groups;
}
