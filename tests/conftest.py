"""What the tests share: the repository's root and copies of the book to break."""

import fcntl
import os
import shutil
import subprocess
import sys
from pathlib import Path
from urllib.parse import urlparse

import pytest
import ready_builds
from browser import address, chromium, visit  # noqa: F401 (fixtures for all tests)

ROOT = Path(__file__).resolve().parents[1]

# The commands of the environment, also for those who call its pytest without activating it.
os.environ["PATH"] = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"

# Tests that run side by side leave each other a core: threads that wait for a busy one take longer
# than one alone. What a test starts follows.
if "PYTEST_XDIST_WORKER" in os.environ:
    os.environ.setdefault("OMP_NUM_THREADS", "1")

TOC = """\
format: jb-book
root: book/index
chapters:
  - file: book/page
"""

INDEX = """\
---
file_format: mystnb
kernelspec:
  name: python3
---

# A book of two pages

It goes on in {doc}`page`, with {ref}`here <a-place>` in it.

```{code-cell} python3
from pathlib import Path

from cnnlib import conv  # and through it, shapes

with Path("../executions.txt").open("a") as log:
    log.write("index\\n")
```
"""

PAGE = """\
---
file_format: mystnb
kernelspec:
  name: python3
---

# The other page

(a-place)=
## A place

A formula, $a^2$, and a cell:

```{code-cell} python3
from pathlib import Path

from cnnlib import shapes

with Path("../executions.txt").open("a") as log:
    log.write("page\\n")
print("size", shapes.conv_output_size(4, 2))
```
"""


# The files that take minutes, the longest first.
LONG = (
    "notebooks_elsewhere",
    "dark_pages",
    "light_pages",
    "book",
    "site",
    "figures",
    "figure_trained_network",
    "interactive",
)


def pytest_collection_modifyitems(items):
    """Begin with the files that take longest, so that no process is left alone with one."""
    places = {f"test_{name}.py": place for place, name in enumerate(LONG)}
    items.sort(key=lambda item: places.get(item.path.name, len(LONG)))


@pytest.fixture(scope="session")
def root():
    return ROOT


FILES = (
    "_config.yml",
    "book/references.bib",
    "Makefile",
    "apt.txt",
    "install-system-packages.sh",
    "package-lock.json",
    "pyproject.toml",
    "requirements.lock",
)


# The environment in which the tests began; some tests change it.
OUTSIDE = dict(os.environ)
# Where a site is published: the variables are set where this book is, but not for the small one.
ADDRESSES = ("LECTURE_SITE", "LECTURE_REPOSITORY", "LECTURE_COMMIT")


class Book:
    """A copy of the tree whose book has two pages."""

    def __init__(self, folder):
        self.root = folder

    def build(self, *command, **environment):
        """Build the book by ``jupyter-book build .``, soon begun, or by another command."""
        at_home = {name: value for name, value in os.environ.items() if name not in ADDRESSES}
        environment = at_home | {"PYTHONPATH": str(self.root)} | environment
        if not command:
            return ready_builds.build(self.root, environment)
        return subprocess.run(
            command,
            cwd=self.root,
            env=environment,
            capture_output=True,
            text=True,
            check=False,
        )

    def edit(self, path, old, new):
        """Replace a text that must be there once."""
        file = self.root / path
        text = file.read_text("utf-8")
        assert text.count(old) == 1, f"{old!r} is {text.count(old)} times in {path}"
        file.write_text(text.replace(old, new), "utf-8")

    def executions(self):
        """Return which pages were executed since the book was copied, sorted: some run together."""
        log = self.root / "executions.txt"
        return sorted(log.read_text().split()) if log.exists() else []


def copy_tree(target):
    """Copy what a build needs, but for the pages and the environment."""
    folders = ("_ext", "_figures", "_search", "_static", "_templates")
    for name in ("cnnlib", "animations", *(f"book/{folder}" for folder in folders)):
        ignore = shutil.ignore_patterns("__pycache__")
        if (ROOT / name).exists():
            shutil.copytree(ROOT / name, target / name, ignore=ignore)
    for name in FILES:
        shutil.copy2(ROOT / name, target / name)
    for name in ("node_modules", ".venv"):
        (target / name).symlink_to(ROOT / name)


@pytest.fixture(scope="session")
def built_book(tmp_path_factory):
    """Build a two-page book once, and keep a copy of it as it stands then."""
    book = Book(tmp_path_factory.mktemp("book") / "source")
    book.root.mkdir()
    copy_tree(book.root)
    (book.root / "_toc.yml").write_text(TOC, "utf-8")
    (book.root / "book" / "index.md").write_text(INDEX, "utf-8")
    (book.root / "book" / "page.md").write_text(PAGE, "utf-8")
    result = book.build(*ready_builds.COMMAND)  # as its readers do
    assert result.returncode == 0, result.stdout + result.stderr
    shutil.copytree(book.root, book.root.with_name("as-built"), symlinks=True)
    return book


@pytest.fixture
def book(built_book):
    """Return the two-page book as it was built, for a test to change.

    It is always in the same place: Sphinx would read every page again in another.
    """
    shutil.rmtree(built_book.root)
    shutil.copytree(built_book.root.with_name("as-built"), built_book.root, symlinks=True)
    return built_book


@pytest.fixture(scope="session")
def site(root):
    """Bring the site up to date, once for all processes of a test run, and return its folder."""
    run = os.environ.get("PYTEST_XDIST_TESTRUNUID", "")
    (root / "_build").mkdir(exist_ok=True)
    with (root / "_build" / "tests.lock").open("a+") as lock:  # it names the last run that built
        fcntl.flock(lock, fcntl.LOCK_EX)
        lock.seek(0)
        if not run or lock.read() != run:
            result = subprocess.run(
                ["jupyter-book", "build", "."],
                cwd=root,
                env=OUTSIDE,
                capture_output=True,
                text=True,
                check=False,
            )
            assert result.returncode == 0, result.stdout + result.stderr
            lock.truncate(0)
            lock.write(run)
    return root / "_build" / "html"


@pytest.fixture(scope="session")
def path_on_server():
    """Return where on its server the site is published, as "/lecture/", or "/" at home."""
    return urlparse(OUTSIDE.get("LECTURE_SITE", "/")).path
