"""Every notebook of the site runs as it is, outside the repository, in a clean environment."""

import re
import subprocess
import sys
from pathlib import Path

import pytest
from rooms import Room, asked_for, said

ROOT = Path(__file__).resolve().parents[1]
PAGES = sorted(
    path.stem for path in (ROOT / "book").glob("*.md") if "{code-cell}" in path.read_text("utf-8")
)


@pytest.fixture(scope="session")
def room(root, tmp_path_factory):
    """Return a room in which `cnnlib` is installed from a wheel of this tree."""
    folder = tmp_path_factory.mktemp("room")
    room = Room(folder, asked_for(root))
    build = ["hatchling", "build", "--target", "wheel", "--directory", folder]
    subprocess.run([sys.executable, "-m", *build], cwd=root, check=True, capture_output=True)
    (wheel,) = folder.glob("*.whl")
    install = ["uv", "pip", "install", "--offline", "--no-deps", "--python", room.python, wheel]
    subprocess.run(install, check=True, capture_output=True)
    # Matplotlib looks for fonts at its first import, and says so.
    code = "import matplotlib.pyplot, cnnlib, sys; print(cnnlib.__file__, *sys.path, sep='\\n')"
    own, *others = room.run("-c", code).stdout.splitlines()
    assert own == str(room.packages / "cnnlib" / "__init__.py")
    assert not [path for path in others if path and Path(path).is_relative_to(root)]
    return room


@pytest.mark.parametrize("page", PAGES)
def test_a_notebook_of_the_site_runs_elsewhere(room, site, page):
    done = room.execute(site / "book" / f"{page}.ipynb")
    assert said(done, "stderr") == ""
    code = "\n".join(cell.source for cell in done.cells[1:] if cell.cell_type == "code")
    glued = set(re.findall(r"\bglue\(\s*\"([\w-]+)\"", code))
    printed = set(re.findall(r"^([\w-]+): ", said(done, "stdout"), re.MULTILINE))
    assert glued <= printed, "what a sentence says, its cell prints"
