"""The cells of a page are read as Python, also where they speak IPython."""

import ast

import pytest

from cnnlib.page_cells import page_code, python_of, tree_of

PAGE = "```{code-cell} python3\n---\ntags: [a]\n---\n%matplotlib inline\nx = 1\n```\nProse.\n"


def test_options_are_left_out_and_commands_are_calls():
    inline = "get_ipython().run_cell('%matplotlib inline')"
    assert page_code(PAGE) == f"{inline}\nx = 1\n"
    colons = ":::{code-cell}\n:tags: [a]\nx = 1\n:::\n```python\ny = 2\n```\n"
    assert page_code(colons).strip() == "x = 1"


@pytest.mark.parametrize(
    ("line", "before", "command"),
    [
        ("%timeit -n 3 f()", "", "%timeit -n 3 f()"),
        ("%%time", "", "%%time"),
        ("!ls 'it", "", "!ls 'it"),
        ("t = %timeit -o f()", "t = ", "%timeit -o f()"),
        ("times[n], b = !ls", "times[n], b = ", "!ls"),
        ("conv.conv2d?", "", "conv.conv2d?"),
        ("np.*sum*??", "", "np.*sum*??"),
        ("?conv", "", "?conv"),
    ],
)
def test_a_line_of_ipython_becomes_a_call(line, before, command):
    call = f"{before}get_ipython().run_cell({command!r})"
    assert python_of(line) == call
    assert python_of(f"    {line}") == call
    block = f"if x:\n    {line}\ny = 1"
    assert [type(node) for node in tree_of(block).body] == [ast.If, ast.Assign]


@pytest.mark.parametrize(
    "cell",
    [
        "y = (x\n    % 3)",
        "y = x \\\n  % 3",
        'text = """\n%time\n!\nwhat?\n"""',
        "y = [  # (\n    x\n% 3]\nif y:\n    z = y\n",
        "x %= 3",
        'print("a = %d" % 3)',
        "# why?",
        "x != y",
    ],
)
def test_python_stays_as_it_is(cell):
    assert python_of(cell) == cell
    assert tree_of(cell) is not None


def test_a_command_behind_a_statement_of_several_lines_is_one():
    cell = 'f(\n    """(\n""",\n    [1],\n)\n%time f()'
    assert python_of(cell) == cell.replace("%time f()", "get_ipython().run_cell('%time f()')")


@pytest.mark.parametrize("cell", ["from lib import (", "x = 1 +", 'x = """', "%%bash\nls -l x"])
def test_what_cannot_be_read_has_no_tree(cell):
    assert tree_of(cell) is None
