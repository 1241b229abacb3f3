"""The rules of a page: what `book.lint` finds wrong, where, and what to do.

Each rule takes a `Page` and yields (line, what is wrong, remedy). What it cannot know is waived in
the page, at the fault or in a comment right above it, with a reason::

    % lint: typed (they are the paper's own figures)
"""

import ast
import re
from dataclasses import dataclass

from book.page_parts import HIDDEN, Part
from cnnlib.page_cells import tree_of

LONGEST_CELL = 25  # "about twenty": lines that are not blank, of a cell that the reader sees
WIDEST_CODE = 78  # characters, which a column of the site has room for beside its contents
PLACEHOLDER = "write:"  # what `make new-page` leaves to be written

_LETTER = r"(?<![\\A-Za-z])[A-Za-z](?![A-Za-z])"
_GREEK = (
    "alpha beta gamma delta epsilon varepsilon zeta eta theta kappa lambda mu nu xi rho sigma tau "
    "phi varphi chi psi omega Gamma Theta Lambda Xi Phi Psi Omega"
)
_SYMBOL = re.compile(rf"\\(?:{'|'.join(_GREEK.split())})(?![A-Za-z])|{_LETTER}")
_UPRIGHT = re.compile(
    r"\\(?:text|mathrm|operatorname|texttt|label|begin|end|tag)\*?\s*\{[^{}]*\}|\\[A-Za-z]+text"
)
_UNITS = "per cent|percent|points?|seconds?|s|ms|minutes|times|MB|KB"
_MEASURED = re.compile(
    rf"(?<![\w.,])\d+\.\d+(?:\s*%|\s+(?:{_UNITS})\b)"
    r"|(?<![\w.,])\d+\.\d{2,}(?!\w|\.\d)"
)
_RUNNING = re.compile(r"\\(?:sum|prod|max|min)(?:\\limits)?_(\{[^{}]*\}|\\?\w+)")
_ASIDE = re.compile(r"[_^](\{[^{}]*\}|\\?\w)|\([^()]*\)|[=∈<>].*")  # indices, arguments, values
_DRAWING = {f"plt.{name}" for name in ("subplots", "subplot_mosaic", "figure", "plot", "imshow")}
_WORDS = {"figure", "image", "animation", "interactive"}


@dataclass
class Page:
    """A page with what the rules hold it against."""

    name: str
    text: str
    parts: list[Part]
    symbols: set[str]  # those that the notation table explains
    terms: set[str]  # those of the glossary, in lower case
    in_contents: bool
    is_root: bool = False


def of_kind(page, *kinds):
    """Return the parts of some kinds."""
    return [part for part in page.parts if part.kind in kinds]


def directives(page, *names):
    """Return the directives of some names."""
    return [part for part in of_kind(page, "directive") if part.name in names]


def symbols_in(formula):
    """Return the letters of a formula that stand for something, without their indices' names."""
    bare = _UPRIGHT.sub(" ", formula)
    return {match[0] for match in _SYMBOL.finditer(bare)}


def alt(page):
    """Find pictures without words for those who cannot see them."""
    remedy = "say in words what it shows, `:alt: …`"
    for part in directives(page, *_WORDS):
        if not str(part.options.get("alt") or "").strip():
            yield part.line, f"`{part.name}` {part.argument} has no alternative text", remedy
    for part in of_kind(page, "image"):
        if not part.text.strip():
            yield part.line, f"the image {part.argument} has no alternative text", "write ![words]"
    for cell in of_kind(page, "cell"):
        image = (cell.options.get("mystnb") or {}).get("image") or {}
        if draws(cell.text) and not image.get("alt") and not hidden_output(cell):
            remedy = "begin it with `mystnb: {image: {alt: …}}` between two `---` lines"
            yield cell.line, "a cell that draws has no alternative text", remedy


def draws(code):
    """Tell whether a cell makes a figure, outside the functions that it only defines."""
    tree = tree_of(code)
    waiting = tree.body if tree else []  # running the page says what is wrong
    while waiting:
        node = waiting.pop()
        if isinstance(node, ast.FunctionDef | ast.ClassDef | ast.Lambda):
            continue
        if isinstance(node, ast.Call) and ast.unparse(node.func) in _DRAWING:
            return True
        waiting.extend(ast.iter_child_nodes(node))
    return False


def hidden_output(cell):
    """Tell whether a reader sees nothing of what a cell draws."""
    return bool({"remove-cell", "remove-output"} & set(tags(cell)))


def tags(cell):
    """Return the tags of a cell, however its options spell them."""
    given = cell.options.get("tags") or []
    return re.findall(r"[\w-]+", given) if isinstance(given, str) else given


def typed(page):
    """Find numbers that look measured and are typed into a sentence."""
    given = _lines_of_exercises(page)
    for part in of_kind(page, "sentences"):
        if f"{HIDDEN}cite:" in part.text or part.line in given:
            continue  # somebody else's figures, with their source; what an exercise gives
        for match in _MEASURED.finditer(part.text):
            after = part.text[match.end() :].lstrip()
            if not part.text[: match.start()].endswith("Python ") and after[:8] != "quantile":
                remedy = "compute it in a cell, `glue` it, and use {glue:text}"
                yield part.line, f"the number {match[0]!r} is typed", remedy


def _lines_of_exercises(page):
    """Return the lines between the beginning of an exercise and the end of its solution."""
    inside, began = set(), None
    for part in directives(page, "exercise", "solution-start", "solution-end"):
        if part.name == "solution-end" and began is not None:
            inside.update(range(began, part.line))
            began = None
        else:
            began = part.line if began is None else began
            inside.update(range(part.line, part.line + part.text.count("\n") + 3))
    return inside


def cells(page):
    """Find cells that are too long to be read, or too wide."""
    for cell in of_kind(page, "cell"):
        if {"hide-input", "hide-cell", "remove-input", "remove-cell"} & set(tags(cell)):
            continue
        lines = [line for line in cell.text.split("\n") if line.strip()]
        if len(lines) > LONGEST_CELL:
            remedy = "split it, or take part of it to cnnlib"
            yield cell.line, f"a cell has {len(lines)} lines; {LONGEST_CELL} are the most", remedy
        for line in lines:
            if len(line) > WIDEST_CODE:
                wrong = f"{line.strip()!r} has {len(line)} columns; {WIDEST_CODE} are the most"
                yield cell.line, wrong, "break the line"


def headings(page):
    """Find titles that are missing or doubled, and levels that are left out."""
    found, before = of_kind(page, "heading"), 0
    if not found:
        yield 1, "the page has no title", "begin it with `# Title`"
    for part in found:
        level = int(part.name)
        if level > before + 1:
            remedy = f"use {'#' * (before + 1)}"
            yield part.line, f"{part.text!r} jumps from level {before} to {level}", remedy
        elif level == 1 and before:
            yield part.line, f"{part.text!r} is a second title", "use ##"
        before = level


def symbols(page):
    """Find symbols that neither the notation table nor a sentence of the page speaks of."""
    formulas = of_kind(page, "formula")
    # A sentence that speaks of a symbol has it as a formula by itself, or says what it equals.
    alone = {
        symbol
        for part in formulas
        if part.name == "inline"
        for symbol in symbols_in(part.text)
        if len(symbols_in(_ASIDE.sub("", part.text))) <= 1
    }
    said = set()
    for part in formulas:
        bound = {symbol for index in _RUNNING.findall(part.text) for symbol in symbols_in(index)}
        for symbol in sorted(symbols_in(part.text) - page.symbols - alone - bound - said):
            said.add(symbol)
            remedy = "explain it in book/notation.md, or name it in a sentence"
            yield part.line, f"the symbol {symbol} is not explained", remedy


def terms(page):
    """Find terms that are used or defined here and are not in the glossary."""
    remedy = "add it to book/glossary.md"
    for part in of_kind(page, "role"):
        if part.name == "term":
            term = re.sub(r".*<(.*)>", r"\1", part.text).strip()
            if term.lower() not in page.terms:
                yield part.line, f"the term {term!r} is not in the glossary", remedy
    for part in of_kind(page, "strong"):
        if part.name == "defined" and part.text.lower() not in page.terms:
            yield part.line, f"{part.text!r} is defined here and not in the glossary", remedy


def goals(page):
    """Find teaching pages that do not say what they are for."""
    boxes = [d for d in directives(page, "admonition") if "goals" in str(d.options.get("class"))]
    if _teaches(page) and not boxes:
        remedy = "add `:::{admonition} After this page you can` with `:class: goals`"
        yield 1, "the page has no goals", remedy


def summary(page):
    """Find teaching pages that do not say what has come out."""
    titles = {part.text.strip().lower() for part in of_kind(page, "heading")}
    if _teaches(page) and "summary" not in titles:
        yield 1, "the page has no summary", "add `## Summary` before its exercises"


def _teaches(page):
    return bool(of_kind(page, "cell")) and not page.is_root


def contents(page):
    """Find pages that no reader comes to."""
    if not page.in_contents:
        yield 1, "the page is not in _toc.yml", f"add `- file: book/{page.name}` to it"


def header(page):
    """Find pages whose cells would not run."""
    given = next((part.options for part in of_kind(page, "header")), {})
    if of_kind(page, "cell") and not ("kernelspec" in given and "file_format" in given):
        remedy = "begin the page with `file_format: mystnb` and `kernelspec: {name: python3}`"
        yield 1, "the page has cells and no header that makes them run", remedy


def solutions(page):
    """Find exercises that leave their reader alone."""
    solved = {part.argument for part in directives(page, "solution", "solution-start")}
    for part in directives(page, "exercise", "exercise-start"):
        label = part.options.get("label", "")
        if label not in solved:
            remedy = f"add `{{solution-start}} {label}` … `{{solution-end}}` behind it"
            yield part.line, f"the exercise {label} has no solution", remedy


def unfinished(page):
    """Find what a new page still waits for."""
    for part in of_kind(page, "comment"):
        if part.text.startswith(PLACEHOLDER):
            yield part.line, f"not written yet: {part.text[len(PLACEHOLDER) :].strip()}", "write it"


RULES = (alt, typed, cells, headings, symbols, terms, goals, summary, contents, header)
RULES += (solutions, unfinished)
