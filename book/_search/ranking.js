// What is found for a query, best first. The index is that of book/_ext/search_index.py.
import MiniSearch from "minisearch";

const GREEK = {
  α: "alpha", β: "beta", γ: "gamma", δ: "delta", ε: "epsilon", ϵ: "epsilon", η: "eta",
  θ: "theta", κ: "kappa", λ: "lambda", μ: "mu", ν: "nu", π: "pi", ρ: "rho", σ: "sigma",
  τ: "tau", φ: "phi", ϕ: "phi", χ: "chi", ψ: "psi", ω: "omega", Σ: "sigma", Ω: "omega",
};

// An equation or a term is what somebody means who types its name; a figure shows it.
const WEIGHTS = {
  page: 1.6, term: 2, equation: 1.4, section: 1.2, exercise: 1.3,
  library: 0.8, film: 0.9, interactive: 0.9, figure: 0.6,
};

// Words that say which kind of thing is meant, and are rarely in its text.
const KIND_WORDS = {
  equation: "equation formula", term: "glossary definition", exercise: "exercise",
  film: "film animation video", interactive: "interactive figure", figure: "figure",
  library: "function library",
};

const words = (text) => text.match(/[\p{L}\p{N}]+/gu) ?? [];
const plain = (text) => words(text.toLowerCase()).join(" ");

function processTerm(term) {
  const spoken = GREEK[term];
  return spoken ? [term, spoken] : term.toLowerCase();
}

// Builds the engine; `data` is {pages: [[address, title]], entries: [[page, kind, …]]}.
export function build(data) {
  const engine = new MiniSearch({
    fields: ["title", "names", "text", "sort"],
    storeFields: [],
    tokenize: words,
    processTerm,
  });
  const entries = data.entries.map(([page, kind, anchor, title, names, text], id) => {
    const [address, pageTitle] = data.pages[page];
    const href = anchor ? `${address}#${anchor}` : address;
    return { id, page, pageTitle, kind, href, title, names, text, sort: KIND_WORDS[kind] ?? "" };
  });
  engine.addAll(entries);
  return { engine, entries };
}

const OPTIONS = {
  boost: { title: 5, names: 2.5, text: 1, sort: 0.2 },
  prefix: (term) => term.length > 1,
  fuzzy: (term) => (term.length > 4 ? 0.2 : false),
  weights: { fuzzy: 0.3, prefix: 0.5 },
};

// What bears exactly the name that was typed, be it with a slip, comes before what only speaks of
// it. A title's words are its own; `terms` are those of the entry by which it was found.
function factor({ kind, title }, query, terms) {
  const asked = query.replace(/ (formula|equation)$/, "");
  const own = words(title.toLowerCase());
  if (own.length === words(asked).length && own.every((word) => terms.includes(word))) return 3;
  if (kind === "library") return 1;
  if (`${plain(title)} `.startsWith(`${asked} `)) return 1.6;
  return ` ${plain(title)} `.includes(` ${asked} `) ? 1.4 : 1;
}

// Returns entries, each with the words by which it was found. All words of the query must be
// there; if nothing has them all, what has some of them comes.
export function find({ engine, entries }, typed) {
  const query = plain(typed);
  let found = engine.search(query, { ...OPTIONS, combineWith: "AND" });
  if (!found.length) found = engine.search(query, { ...OPTIONS, combineWith: "OR" });
  return found
    .map(({ id, terms, score }) => {
      const entry = entries[id];
      return { ...entry, terms, score: score * WEIGHTS[entry.kind] * factor(entry, query, terms) };
    })
    .sort((a, b) => b.score - a.score);
}
