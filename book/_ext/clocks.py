"""Find what a page's clocks measure: it differs from build to build, and only that may.

A cell that reads a clock (``time``, ``timeit``) shows other numbers in each build, and so does all
that is computed from them. Which cells these are, and which numbers in sentences, follows from the
code: a name that a clock's reading has gone into is followed through the page, and so is one that
gets its value where a clock has decided. No list is kept that could be forgotten. What the code
does not show, a tag says, ``varies``: that the library reads a clock for a cell, or that a cell
prints a rounding error that other sums have made in another order.
"""

import ast
import importlib
import re

from cnnlib.page_cells import RUN, tree_of

CLOCKS = {"time", "timeit"}
DATES = {"now", "today", "utcnow"}  # methods of `datetime`, and of what is like it
TAG = "varies"
_TIMES = re.compile(re.escape(RUN) + r"\(.%+time")  # %time, %%timeit
_LEAVES = ast.Break | ast.Continue


class Followed:
    """What varies on a page.

    Parameters
    ----------
    cells : iterable of tuple
        Source and tags of each code cell, in order.

    Attributes
    ----------
    cells : list of bool
        Whether each cell's output varies.
    """

    def __init__(self, cells):
        self._modules, self._names, self._keys = set(), set(), []
        self.cells = [self._cell(source, tags) for source, tags in cells]

    def key_varies(self, key):
        """Tell whether a number that cells ``glue`` under this name varies."""
        return any(re.fullmatch(pattern, key) for pattern in self._keys)

    def _cell(self, source, tags):
        tree = tree_of(source)
        self._all = TAG in tags
        return self._block(tree.body) if tree else self._all

    def _block(self, statements):
        """Follow the clocks through statements; tell whether any varies."""
        return _any(self._statement(statement) for statement in statements)

    def _statement(self, node):
        if isinstance(node, ast.Import | ast.ImportFrom):
            self._import(node)
            return False
        if isinstance(node, ast.FunctionDef | ast.ClassDef):
            return self._assign(node, [node.name], self._reads(node, own=_bound(node)))
        if isinstance(node, ast.For | ast.While | ast.With | ast.If | ast.Try):
            return self._compound(node)
        varies = self._reads(node)
        if isinstance(node, ast.AugAssign):  # what was there is still in it
            varies = varies or not self._names.isdisjoint(_stored(node))
        return self._assign(node, _stored(node), varies)

    def _compound(self, node):
        """Follow the clocks through what may be done once, many times, or not at all."""
        inner = [n for n in ast.iter_child_nodes(node) if isinstance(n, ast.stmt)]
        inner += [s for h in getattr(node, "handlers", []) for s in h.body]
        head = [n for n in ast.iter_child_nodes(node) if not isinstance(n, ast.stmt)]
        told, before, outside = [], None, self._all
        while self._names != before:  # a loop's later lines reach its earlier ones
            before = set(self._names)
            told += [self._assign(n, _stored(n), self._reads(n)) for n in head]
            if isinstance(node, ast.For) and self._reads(node.iter):
                told.append(self._assign(node.target, _stored(node.target), True))
            self._all = outside or any(map(self._reads, _conditions(node)))
            told.append(self._block(inner))
            self._all = outside
            after, self._names = self._names, self._names | before
        if isinstance(node, ast.For | ast.With):  # these are taken to be done at least once
            self._names = after
        return _any(told)

    def _import(self, node):
        for alias in node.names:
            if alias.name == "*" and node.module in CLOCKS:
                self._names |= set(vars(importlib.import_module(node.module)))
            name = (alias.asname or alias.name).partition(".")[0]
            if isinstance(node, ast.Import) and alias.name in CLOCKS:
                self._modules.add(name)
            elif isinstance(node, ast.ImportFrom) and node.module in CLOCKS:
                self._names.add(name)

    def _reads(self, node, own=()):
        """Tell whether a clock, or what a clock has told, is read inside a node."""
        if self._all or any(map(_asks, ast.walk(node))):
            return True
        return any(
            name.id in self._modules | self._names and name.id not in own
            for name in ast.walk(node)
            if isinstance(name, ast.Name) and isinstance(name.ctx, ast.Load)
        )

    def _assign(self, node, names, varies):
        """Note the names that varying values have gone into, or have left."""
        self._modules -= set(names)
        if not varies:
            self._names -= set(names)
            return False
        self._names |= {*names, *_changed(node)}
        self._keys += [
            _pattern(call.args[0])
            for call in ast.walk(node)
            if isinstance(call, ast.Call)
            and isinstance(call.func, ast.Name)
            and call.func.id == "glue"
            and call.args
        ]
        return True


def _asks(node):
    """Tell whether a node asks a clock that no import names: ``%timeit``, ``datetime.now()``."""
    if not isinstance(node, ast.Call):
        return False
    return getattr(node.func, "attr", "") in DATES or bool(_TIMES.match(ast.unparse(node)))


def _conditions(node):
    """Return on what it depends how often, and how far, the lines inside a statement are done."""
    if isinstance(node, ast.If):
        return [node.test]
    if not isinstance(node, ast.For | ast.While):
        return []
    ifs = [n for n in ast.walk(node) if isinstance(n, ast.If)]
    leaving = [n for n in ifs if any(isinstance(e, _LEAVES) for e in ast.walk(n))]
    return [node.iter if isinstance(node, ast.For) else node.test, *(n.test for n in leaving)]


def _any(told):
    """Tell whether any is true, when all have been asked: each notes what it finds."""
    return max(list(told), default=False)


def _stored(node):
    """Return the names that a statement gives values to."""
    return [
        name.id
        for name in ast.walk(node)
        if isinstance(name, ast.Name) and isinstance(name.ctx, ast.Store)
    ]


def _bound(function):
    """Return the names that are a function's own."""
    arguments = [a.arg for a in ast.walk(function) if isinstance(a, ast.arg)]
    return {*arguments, *_stored(function)}


def _changed(node):
    """Return the names of objects that a statement changes: by an item, an attribute, a method."""
    targets = [
        place
        for place in ast.walk(node)
        if isinstance(place, ast.Subscript | ast.Attribute) and isinstance(place.ctx, ast.Store)
    ]
    called = node.value.func if _is_call(node) else None
    if isinstance(called, ast.Attribute):
        targets.append(called)
    roots = map(_root, targets)
    return [root.id for root in roots if isinstance(root, ast.Name)]


def _is_call(node):
    return isinstance(node, ast.Expr) and isinstance(node.value, ast.Call)


def _root(place):
    while isinstance(place, ast.Subscript | ast.Attribute):
        place = place.value
    return place


def _pattern(argument):
    """Return the regular expression of the names that a call of ``glue`` may give."""
    if isinstance(argument, ast.Constant):
        return re.escape(str(argument.value))
    if isinstance(argument, ast.JoinedStr):
        return "".join(map(_pattern, argument.values))
    return ".+"
