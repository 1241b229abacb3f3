"""Fingerprints that say whether something made from code is still what the code would make.

A page is executed again, and an animation rendered again, when the fingerprint of the code behind
it has changed, and only then. A fingerprint covers what decides the result and nothing else:

- the syntax tree of a module, without comments and docstrings, so that explaining code better
  runs nothing again;
- the same of every module of this repository that it imports, directly or through others;
- the bytes of the data files, and of the recorded experiments, that these modules name in a
  string (a file beside the module or at the root; an experiment below ``cnnlib/results``; with a
  slash at its end, as ``"fashion-mnist/downsampling/"``, all experiments whose names begin so);
- the versions in the lock file.

What it cannot see: a module imported by a computed name and a file whose name is computed. Write
such names out. Only the standard library is used, so that asking costs milliseconds and needs no
environment.
"""

import ast
import contextlib
import functools
import hashlib
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from cnnlib.page_cells import page_cells, tree_of

LOCK = "requirements.lock"
LIBRARY = "cnnlib"
RESULTS = f"{LIBRARY}/results"

_LOCK_COMMENT = re.compile(rb"^[ \t]*#.*$\n?", re.MULTILINE)


def fingerprint(module, root):
    """Digest a module of the repository with everything that it needs.

    Parameters
    ----------
    module : str
        Dotted name of a module or package below `root`, such as ``"cnnlib.conv"``.
    root : pathlib.Path
        Root folder of the repository.

    Returns
    -------
    str
        64 hexadecimal digits (SHA-256).

    Raises
    ------
    ValueError
        If `root` holds no module of that name, or one of the files has a syntax error.

    Examples
    --------
    >>> here = Path(__file__).parents[1]
    >>> fingerprint("cnnlib.freshness", here) == fingerprint("cnnlib.freshness", here)
    True
    """
    root = Path(root)
    files = list(_module_files(module, root))
    if not files:
        raise ValueError(
            f"`module` ({module}) is not a module below {root}: give its dotted name, "
            "such as 'cnnlib.conv'"
        )
    return _digest(files, root)


def page_fingerprint(text, root):
    """Digest what the code cells of a page import and name.

    The cells themselves are left out: whoever stores a page's outputs compares them anyway. Where
    one of them cannot be read as Python, all of ``cnnlib`` counts.

    Parameters
    ----------
    text : str
        The page, in MyST Markdown.
    root : pathlib.Path
        Root folder of the repository.

    Returns
    -------
    str
        64 hexadecimal digits (SHA-256).
    """
    root = Path(root)
    needs: list[Path] = []
    for tree in map(tree_of, page_cells(text)):
        # A cell that cannot be read may run all the same (%%bash), and need anything.
        page = root / "page.py"
        needs += _library(root) if tree is None else _found(_names(tree, page, root), page, root)
    return _digest(needs, root)


def needed_files(module, root):
    """Return the files that decide the fingerprint of a module, sorted, the lock file left out."""
    return sorted(_closure(_module_files(module, Path(root)), Path(root)))


@dataclass(frozen=True)
class _Facts:
    """What one file adds to a fingerprint, and what it names: modules, and strings.

    Which of them there are is not kept: a record may come that a module has named all along.
    """

    digest: str
    names: tuple[tuple[bool, str], ...] = ()


def _digest(files: Iterable[Path], root: Path) -> str:
    total = hashlib.sha256()
    lock = root / LOCK
    if lock.is_file():
        total.update(hashlib.sha256(_LOCK_COMMENT.sub(b"", lock.read_bytes())).digest())
    for path, facts in sorted(_closure(files, root).items()):
        total.update(f"{path.relative_to(root).as_posix()} {facts.digest}\n".encode())
    return total.hexdigest()


def _closure(files: Iterable[Path], root: Path) -> dict[Path, _Facts]:
    found: dict[Path, _Facts] = {}
    waiting = list(files)
    while waiting:
        path = waiting.pop()
        if path not in found:
            with contextlib.suppress(FileNotFoundError):  # another process may have taken it away
                found[path] = _facts(path, root)
                waiting.extend(_found(found[path].names, path, root))
    return found


def _facts(path: Path, root: Path) -> _Facts:
    stat = path.stat()
    return _read_facts(path, root, stat.st_mtime_ns, stat.st_size)


@functools.lru_cache(maxsize=4096)
def _read_facts(path: Path, root: Path, mtime_ns: int, size: int) -> _Facts:
    content = path.read_bytes()
    if path.suffix != ".py":
        return _Facts(hashlib.sha256(content).hexdigest())
    try:
        tree = ast.parse(content)
    except SyntaxError as error:
        raise ValueError(f"{path} has a syntax error in line {error.lineno}: mend it") from error
    tree = _without_docstrings(tree)
    code = _words_of(tree).encode()
    return _Facts(hashlib.sha256(code).hexdigest(), tuple(set(_names(tree, path, root))))


def _words_of(node) -> str:
    """Write a syntax tree down as every version of Python does, which `ast.dump` does not.

    Versions differ in the fields that are empty: 3.12 knows some that 3.11 does not.
    """
    if isinstance(node, ast.AST):
        kept = (f"{k}={_words_of(v)}" for k, v in ast.iter_fields(node) if v not in (None, []))
        return f"{type(node).__name__}({', '.join(kept)})"
    if isinstance(node, list):
        return f"[{', '.join(map(_words_of, node))}]"
    return repr(node)


def _without_docstrings(tree: ast.Module) -> ast.Module:
    documented = (ast.Module, ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)
    for node in ast.walk(tree):
        if isinstance(node, documented) and ast.get_docstring(node, clean=False) is not None:
            node.body = node.body[1:]
    return tree


def _names(tree: ast.Module, path: Path, root: Path) -> Iterator[tuple[bool, str]]:
    """Yield what may be a module's name (True) and what may be a file's (False)."""
    package = path.relative_to(root).parent.parts
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from ((True, alias.name) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            base = package[: len(package) - node.level + 1] if node.level else ()
            source = ".".join([*base, *filter(None, [node.module])])
            yield True, source
            yield from ((True, f"{source}.{alias.name}") for alias in node.names)
        elif isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield False, node.value


def _found(names: Iterable[tuple[bool, str]], path: Path, root: Path) -> Iterator[Path]:
    """Yield the files that are there of what a file names."""
    for is_module, name in names:
        yield from _module_files(name, root) if is_module else _named_files(name, path, root)


def _library(root: Path) -> Iterator[Path]:
    files = (p for p in (root / LIBRARY).rglob("*") if p.is_file())
    yield from (p for p in files if p.suffix != ".pyc" and not _passing(p))


def _module_files(module: str, root: Path) -> Iterator[Path]:
    """Yield the file of a module and the ``__init__.py`` of each package that holds it.

    Nothing is yielded where the repository has no such module.
    """
    place = root.joinpath(*module.split("."))
    for candidate in (place.with_suffix(".py"), place / "__init__.py"):
        if candidate.is_file():
            yield candidate
            for parent in candidate.parents:
                if parent == root:
                    return
                if (parent / "__init__.py").is_file():
                    yield parent / "__init__.py"


def _named_files(text: str, path: Path, root: Path) -> Iterator[Path]:
    # A file system counts bytes, and refuses to be asked for names that are too long.
    too_long = len(text.encode(errors="replace")) > 200
    if not text or too_long or "\n" in text or text.startswith(("/", ".", "~")):
        return
    if Path(text).suffix:
        yield from (p for p in (path.parent / text, root / text) if p.is_file())
    experiment = root / RESULTS / text
    found: Iterable[Path] = ()
    if text.endswith("/"):
        found = experiment.rglob("*")
    elif (experiment / "record.json").is_file():
        found = experiment.iterdir()
    yield from (p for p in found if p.is_file() and not _passing(p))


def _passing(path: Path) -> bool:
    """Return whether a file is of a training that is not done, or is being written."""
    return path.suffix == ".checkpoint" or path.name.startswith(".")
