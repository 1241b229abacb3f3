"""Read the code cells of a page as Python, also where they speak IPython.

IPython knows lines that Python does not: ``%timeit f()``, ``files = !ls``, ``conv.conv2d?``. Where
a statement begins with one, the call stands in for it that would run it, so that whoever reads the
syntax tree of a cell sees the rest of it and can tell which command was there. Only the standard
library is used, as in `cnnlib.freshness`.
"""

import ast
import contextlib
import io
import re
import textwrap
import tokenize

RUN = "get_ipython().run_cell"

_CELL = re.compile(
    r"^(?P<fence>`{3,}|:{3,})\{code-cell\}[^\n]*\n(?P<body>.*?)^(?P=fence)[ \t]*$",
    re.MULTILINE | re.DOTALL,
)
_OPTIONS = re.compile(r"\A(?:---\n.*?^---\n|(?:[ \t]*:[^\n]*\n)+)", re.MULTILINE | re.DOTALL)
# None of these is Python where a statement begins: %time f(), !ls, ?f, f?, a, b[0] = %time f()
_COMMAND = re.compile(r"([ \t]*(?:[\w.,*\[\] \t]+=[ \t]*)?)([%!?].*|[\w.*]+\?\??)[ \t]*")


def page_cells(text):
    """Return the code of each code cell of a MyST page, as Python (list of str)."""
    return [python_of(_OPTIONS.sub("", cell["body"])) for cell in _CELL.finditer(text)]


def page_code(text):
    """Return the Python code of all code cells of a MyST page, one after the other."""
    return "\n".join(page_cells(text))


def python_of(cell):
    r"""Write a cell's lines of IPython as calls.

    Parameters
    ----------
    cell : str
        The code of a cell.

    Returns
    -------
    str
        The same lines; Python's own are as they were.

    Examples
    --------
    >>> print(python_of("import numpy\nt = %timeit -o f()"))
    import numpy
    t = get_ipython().run_cell('%timeit -o f()')
    """
    with contextlib.suppress(SyntaxError):
        ast.parse(cell)
        return cell
    lines, statement = [], ""
    for line in textwrap.dedent(cell).split("\n"):  # IPython runs an indented cell
        command = None if statement else _COMMAND.fullmatch(line)
        lines.append(f"{command[1]}{RUN}({command[2]!r})" if command else line)
        statement += lines[-1] + "\n"
        if _is_whole(statement):
            statement = ""
    return "\n".join(lines)


def tree_of(cell):
    """Return the syntax tree of a cell's code; None where it is no Python either way."""
    try:
        return ast.parse(python_of(cell))
    except SyntaxError:
        return None


def _is_whole(lines):
    """Return whether no bracket, string or line of a statement waits for its other end."""
    try:
        for _ in tokenize.generate_tokens(io.StringIO(lines).readline):
            pass
    except (tokenize.TokenError, SyntaxError):
        return False
    return True
