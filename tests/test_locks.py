"""Of processes that would undo each other's work, one goes on at a time."""

import multiprocessing
import sys

import pytest

from cnnlib import locks


def _hold(folder, inside, leave):
    with locks.alone_in(folder):
        inside.set()
        leave.wait()


def _enter(folder, trying, entered):
    trying.set()
    with locks.alone_in(folder):
        entered.set()


def test_a_folder_is_one_process_at_a_time_and_free_after_a_kill(tmp_path):
    context = multiprocessing.get_context("spawn")
    inside, leave, trying, entered = (context.Event() for _ in range(4))
    holder = context.Process(target=_hold, args=(tmp_path / "new", inside, leave), daemon=True)
    holder.start()
    assert inside.wait(60)
    other = context.Process(target=_enter, args=(tmp_path / "new", trying, entered), daemon=True)
    other.start()
    assert trying.wait(60)
    assert not entered.wait(0.5)
    holder.kill()
    assert entered.wait(60)
    other.join()
    holder.join()
    assert list((tmp_path / "new").iterdir()) == []


def test_where_the_system_has_no_locks_that_is_said_and_nothing_is_done(tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "fcntl", None)
    refused = pytest.raises(OSError, match=r"new cannot be kept .* no `fcntl`: use Linux")
    with refused, locks.alone_in(tmp_path / "new"):
        pytest.fail("it went on")
    assert not list(tmp_path.iterdir())
