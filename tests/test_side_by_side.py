"""Pages are executed together, unless they are to be alone (on notebooks of one cell)."""

import json
import multiprocessing
import os
import sys
from pathlib import Path

import nbformat
import pytest
from jupyter_cache import get_cache
from nbclient.exceptions import CellExecutionError

sys.path.append(str(Path(__file__).parents[1] / "book" / "_ext"))
import side_by_side
from clocks import Followed
from side_by_side import Executions

from cnnlib.page_cells import page_cells

OPTIONS = {"allow_errors": False, "timeout": 60}
MEET = """
import os
from pathlib import Path
with open({fifo!r}, {mode!r}) as other:  # waits until the other end is open
    {do}
Path({done!r}).touch()
print(os.environ.get("OMP_NUM_THREADS"))
"""


def notebook(code, **metadata):
    kernel = {"name": "python3", "display_name": "Python 3", "language": "python"}
    cell = nbformat.v4.new_code_cell(code)
    return nbformat.v4.new_notebook(cells=[cell], metadata={"kernelspec": kernel, **metadata})


def printed(notebook):
    return "".join(output.get("text", "") for output in notebook.cells[0].outputs).split()


@pytest.fixture
def executions(monkeypatch):
    monkeypatch.delenv("OMP_NUM_THREADS", raising=False)
    executions = Executions(processes=2)
    yield executions
    executions.end()
    assert multiprocessing.active_children() == []


@pytest.fixture
def pair(tmp_path):
    """Two notebooks neither of which can end without the other."""
    fifo = str(tmp_path / "fifo")
    os.mkfifo(fifo)
    halves = {"r": "print(other.read())", "w": "other.write('met')"}
    return {
        tmp_path / f"{mode}.md": notebook(
            MEET.format(fifo=fifo, mode=mode, do=do, done=str(tmp_path / f"{mode}.done"))
        )
        for mode, do in halves.items()
    }


def test_two_run_at_once_and_one_that_is_to_be_alone_after_them(executions, pair, tmp_path):
    executions.begin(pair, get_cache(str(tmp_path / "cache")), **OPTIONS)
    look = 'import os\nprint(*sorted(f for f in os.listdir() if f.endswith(".done")))\n'
    look += 'print(os.environ.get("OMP_NUM_THREADS"))'
    alone = notebook(look, execute_alone=True)
    result = executions.result(alone, cwd=str(tmp_path), **OPTIONS)
    assert result.err is None
    assert printed(alone) == ["r.done", "w.done", "None"]
    for path, page in pair.items():
        result = executions.result(page, cwd=str(tmp_path), **OPTIONS)
        assert result.err is None
        assert result.nb is page
        assert printed(page) == ["met", "1"][path.stem == "w" :]
    assert "OMP_NUM_THREADS" not in os.environ


def test_no_two_kernels_can_take_the_same_port(executions, tmp_path):
    look = "from ipykernel.connect import get_connection_info\nprint(get_connection_info())"
    pages = {tmp_path / f"{n}.md": notebook(f"{look}\n{n}") for n in range(2)}
    alone = notebook(look, execute_alone=True)
    executions.begin(pages, get_cache(str(tmp_path / "cache")), **OPTIONS)
    places = set()
    for page in (*pages.values(), alone):
        assert executions.result(page, cwd=str(tmp_path), **OPTIONS).err is None
        found = json.loads(page.cells[0].outputs[0]["text"])
        assert found["transport"] == "ipc"
        places.add(found["ip"])
        assert not Path(found["ip"]).parent.exists()
    assert len(places) == 3


def test_an_error_is_the_one_of_the_page_and_ends_the_others(executions, pair, tmp_path):
    failing = notebook("raise RuntimeError('planted')")
    waiting = dict(list(pair.items())[:1])  # waits for the other half for ever
    pages = {tmp_path / "failing.md": failing, **waiting}
    executions.begin(pages, get_cache(str(tmp_path / "cache")), **OPTIONS)
    result = executions.result(failing, cwd=str(tmp_path), **OPTIONS)
    assert isinstance(result.err, CellExecutionError)
    assert "planted" in result.exc_string
    executions.end()
    assert multiprocessing.active_children() == []


def test_a_page_without_a_neighbour_starts_no_process(executions, tmp_path):
    page = notebook("import os\nprint(os.environ['OMP_NUM_THREADS'])")
    cache = get_cache(str(tmp_path / "cache"))
    executions.begin({tmp_path / "page.md": page}, cache, **OPTIONS)
    assert multiprocessing.active_children() == []
    assert executions.result(page, cwd=str(tmp_path), **OPTIONS).err is None
    assert printed(page) == ["1"]


def test_a_line_that_comes_in_pieces_is_one_line(executions, tmp_path):
    page = notebook(
        "print('one ', end='', flush=True)\nprint('line', flush=True)\n"
        "display('between')\nprint('after')"
    )
    result = executions.result(page, cwd=str(tmp_path), **OPTIONS)
    texts = [output.get("text") for output in result.nb.cells[0].outputs]
    assert texts == ["one line\n", None, "after\n"]


def times(text):
    """Tell whether a page's code reads a clock, whatever its tags say."""
    return any(Followed((cell, []) for cell in page_cells(text)).cells)


@pytest.mark.parametrize("cell", ["from timeit import repeat\nrepeat(f)", "%timeit f()"])
def test_a_page_that_times_things_is_known(cell):
    assert times(f"```{{code-cell}}\n{cell}\n```\n")
    assert not times(f"A sentence on `{cell}`.")


def test_pages_that_time_things_are_alone(root):
    told = set()
    for path in (root / "book").glob("*.md"):
        text = path.read_text("utf-8")
        assert times(text) == (f"\n{side_by_side.ALONE}: true" in text), path
        told.add(times(text))
    assert told == {True, False}
