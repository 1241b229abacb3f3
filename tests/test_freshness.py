"""Fingerprints move with what decides a result, and with nothing else."""

import ast

import pytest

from cnnlib import freshness
from cnnlib.freshness import fingerprint, needed_files, page_fingerprint

MODULES = {
    "lib/__init__.py": "",
    "lib/bottom.py": "def f():\n    return 1\n",
    "lib/middle.py": "from lib import bottom\n",
    "lib/top.py": "from . import middle\n\nSTYLE = 'look.style'\n",
    "lib/alone.py": "import math\n",
    "lib/look.style": "color: red\n",
    "cnnlib/results/digits/record.json": "{}\n",
    "scenes/slide.py": "import lib.top\n",
    "requirements.lock": "numpy==2.0 \\\n    --hash=sha256:00\n    # via lib\n",
}

PAGE = """\
# A page

```{code-cell} python3
---
tags: [hide-input]
---
%matplotlib inline
from lib import top
```

Prose.
"""


@pytest.fixture
def tree(tmp_path):
    for name, text in MODULES.items():
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return tmp_path


def moved(tree, name, text, module):
    """Say whether the fingerprint of `module` moves when the file `name` becomes `text`."""
    before = fingerprint(module, tree)
    (tree / name).write_text(text)
    return fingerprint(module, tree) != before


@pytest.mark.parametrize(
    ("name", "text", "module", "expected"),
    [
        ("lib/bottom.py", "def f():\n    return 2\n", "lib.bottom", True),
        ("lib/bottom.py", "def f():\n    return 2\n", "lib.middle", True),
        ("lib/bottom.py", "def f():\n    return 2\n", "scenes.slide", True),
        ("lib/bottom.py", "def f():\n    return 2\n", "lib.alone", False),
        ("lib/bottom.py", "# why\ndef f():\n    return 1  # one\n", "lib.top", False),
        ("lib/bottom.py", 'def f():\n    """One."""\n    return 1\n', "lib.top", False),
        ("lib/bottom.py", '"""Bottom."""\n\n\ndef f():\n    return 1\n', "lib.top", False),
        ("lib/bottom.py", "def f():\n\n    return (1)\n", "lib.top", False),
        ("lib/__init__.py", "VERSION = 2\n", "lib.alone", True),
        ("lib/look.style", "color: blue\n", "lib.top", True),
        ("lib/look.style", "color: blue\n", "lib.middle", False),
        ("requirements.lock", "numpy==2.1 \\\n    --hash=sha256:11\n", "lib.alone", True),
        ("requirements.lock", "# new\n" + MODULES["requirements.lock"], "lib.alone", False),
    ],
)
def test_what_moves_a_fingerprint(tree, name, text, module, expected):
    assert moved(tree, name, text, module) is expected


def test_a_string_that_is_no_docstring_counts(tree):
    assert moved(tree, "lib/alone.py", "import math\nNAME = 'a'\n", "lib.alone")
    assert moved(tree, "lib/alone.py", "import math\nNAME = 'b'\n", "lib.alone")


def test_records_that_a_module_names_count(tree):
    (tree / "lib/alone.py").write_text("EXPERIMENT = 'digits'\n")
    assert moved(tree, "cnnlib/results/digits/record.json", '{"seed": 1}', "lib.alone")


def test_a_family_of_records_is_not_a_record(tree):
    (tree / "lib/alone.py").write_text("FAMILY = 'digits'\n")
    record = tree / "cnnlib/results/digits/record.json"
    (tree / "cnnlib/results/digits/mlp").mkdir()
    record.rename(tree / "cnnlib/results/digits/mlp/record.json")
    assert not moved(tree, "cnnlib/results/digits/mlp/record.json", "[]", "lib.alone")


def test_a_family_counts_where_a_slash_asks_for_it(tree):
    (tree / "lib/alone.py").write_text("FAMILY = 'digits/'\n")
    (tree / "cnnlib/results/digits/mlp").mkdir()
    (tree / "cnnlib/results/digits/mlp/record.json").write_text("{ }")
    assert moved(tree, "cnnlib/results/digits/mlp/record.json", "[]", "lib.alone")


@pytest.mark.parametrize("name", ["seed-3.checkpoint", ".writing-x7f", "mlp/seed-0.checkpoint"])
def test_what_a_training_has_not_finished_does_not_count(tree, name):
    for experiment in ("digits", "digits/mlp"):
        (tree / "cnnlib/results" / experiment).mkdir(exist_ok=True)
        (tree / "cnnlib/results" / experiment / "record.json").write_text("{ }")
    (tree / "lib/alone.py").write_text("RECORDS = 'digits', 'digits/mlp', 'digits/'\n")
    seen = []
    for new in (None, name, "mlp/weights.safetensors"):
        if new:
            (tree / "cnnlib/results/digits" / new).write_text("half")
        seen.append(fingerprint("lib.alone", tree))
    assert seen[0] == seen[1] != seen[2]


@pytest.mark.parametrize("name", ["cnnlib/results/new/record.json", "lib/new.py", "lib/new.csv"])
def test_what_a_module_has_named_counts_as_soon_as_it_is_there(tree, name):
    (tree / "lib/alone.py").write_text("import lib.new\nNAMES = 'new', 'new.csv'\n")
    before = fingerprint("lib.alone", tree)
    (tree / name).parent.mkdir(exist_ok=True)
    (tree / name).write_text("7")
    assert fingerprint("lib.alone", tree) != before
    (tree / name).unlink()
    assert fingerprint("lib.alone", tree) == before


def test_a_file_that_vanishes_meanwhile_is_left_out(tree, monkeypatch):
    (tree / "lib/alone.py").write_text("EXPERIMENT = 'digits'\n")
    without = fingerprint("lib.alone", tree)
    (tree / "cnnlib/results/digits/new.json").write_text("{}")
    facts = freshness._facts

    def after_a_renaming(path, root):
        if path.name == "new.json":
            path.unlink(missing_ok=True)
        return facts(path, root)

    monkeypatch.setattr(freshness, "_facts", after_a_renaming)
    assert fingerprint("lib.alone", tree) == without


@pytest.mark.parametrize("text", [90 * "─", 200 * "─", 300 * "a", 100 * "\ud800", "a\0b"])
def test_strings_that_can_be_no_names_are_none(tree, text):
    (tree / "lib/alone.py").write_text(f"TEXT = {text!a}\nSLASH = {text + '/'!a}\n")
    assert len(fingerprint("lib.alone", tree)) == 64


def test_needed_files_follow_imports(tree):
    names = [path.relative_to(tree).as_posix() for path in needed_files("scenes.slide", tree)]
    assert names == [
        "lib/__init__.py",
        "lib/bottom.py",
        "lib/look.style",
        "lib/middle.py",
        "lib/top.py",
        "scenes/slide.py",
    ]


def test_circular_imports_end(tree):
    (tree / "lib/bottom.py").write_text("from lib import top\n")
    assert fingerprint("lib.bottom", tree) != fingerprint("lib.alone", tree)


def test_code_is_written_down_without_what_versions_of_python_differ_in():
    code = "class A:\n    def f(self, x=None):\n        return f'{x:>{1}}', [None]\n"
    tree = ast.parse(code)
    written = """
        Module(body=[ClassDef(name='A', body=[FunctionDef(name='f',
        args=arguments(args=[arg(arg='self'), arg(arg='x')], defaults=[Constant()]),
        body=[Return(value=Tuple(elts=[JoinedStr(values=[FormattedValue(
        value=Name(id='x', ctx=Load()), conversion=-1, format_spec=JoinedStr(
        values=[Constant(value='>'), FormattedValue(value=Constant(value=1), conversion=-1)]))]),
        List(elts=[Constant()], ctx=Load())], ctx=Load()))])])])
    """
    written = " ".join(written.split()).replace("( ", "(")
    assert freshness._words_of(tree) == written
    for node in ast.walk(tree):
        node.type_params = []  # as 3.12 has it
        node._fields = (*node._fields, "type_params")
    assert freshness._words_of(tree) == written


def test_the_same_files_elsewhere_have_the_same_fingerprint(tree, tmp_path_factory):
    other = tmp_path_factory.mktemp("elsewhere")
    for name, text in MODULES.items():
        path = other / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    assert fingerprint("scenes.slide", tree) == fingerprint("scenes.slide", other)


def test_pages_move_with_what_their_cells_import(tree):
    before = page_fingerprint(PAGE, tree)
    assert page_fingerprint(PAGE.replace("Prose", "Other prose"), tree) == before
    (tree / "lib/bottom.py").write_text("def f():\n    return 2\n")
    assert page_fingerprint(PAGE, tree) != before


def test_a_page_that_imports_nothing_does_not_move(tree):
    before = page_fingerprint("# Prose only: `from lib import top`\n", tree)
    (tree / "lib/bottom.py").write_text("def f():\n    return 2\n")
    assert page_fingerprint("# Prose only: `from lib import top`\n", tree) == before


@pytest.mark.parametrize(
    "line", ["t = %timeit -o top.f()", "top.f?", "x = (3\n    % 2)", "%time f"]
)
def test_a_line_of_ipython_takes_no_import_away(tree, line):
    page = PAGE.replace(
        "from lib import top", f"{line}\n```\n\n```{{code-cell}}\nfrom lib import top"
    )
    before = page_fingerprint(page, tree)
    (tree / "lib/bottom.py").write_text("def f():\n    return 2\n")
    assert page_fingerprint(page, tree) != before


@pytest.mark.parametrize("name", ["new.py", "results/digits/record.json"])
def test_a_cell_that_cannot_be_read_needs_all_of_the_library(tree, name):
    page = PAGE + "```{code-cell}\n%%bash\nls -l .\n```\n"
    before = page_fingerprint(page, tree)
    (tree / "cnnlib" / name).write_text("[]")
    assert page_fingerprint(page, tree) != before
    compiled = tree / "cnnlib/__pycache__/new.pyc"
    compiled.parent.mkdir()
    after = page_fingerprint(page, tree)
    compiled.write_bytes(b"compiled")
    assert page_fingerprint(page, tree) == after != before


def test_unknown_modules_are_named(tree):
    with pytest.raises(ValueError, match=r"`module` \(lib.gone\) is not a module below"):
        fingerprint("lib.gone", tree)


def test_a_module_with_a_syntax_error_is_named(tree):
    (tree / "lib/bottom.py").write_text("def f(:\n")
    with pytest.raises(ValueError, match=r"bottom.py has a syntax error in line 1"):
        fingerprint("lib.top", tree)
