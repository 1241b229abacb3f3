"""A file is there whole, or as it was before."""

import contextlib
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from hatchling.builders.wheel import WheelBuilder

from cnnlib import atomic


def test_text_and_bytes_are_written_as_they_are_and_replace_what_was_there(tmp_path):
    path = tmp_path / "new" / "folders" / "file"
    atomic.write(path, "fünf\nsechs\r\n")
    assert path.read_bytes() == b"f\xc3\xbcnf\nsechs\r\n"
    atomic.write(str(path), b"\x00\xff")
    assert path.read_bytes() == b"\x00\xff"
    assert list(path.parent.iterdir()) == [path]


def test_others_may_read_it(tmp_path):
    atomic.write(tmp_path / "file", b"")
    assert (tmp_path / "file").stat().st_mode & 0o777 == 0o644


@pytest.mark.parametrize("broken", ["fsync", "replace"])
def test_what_cannot_be_written_leaves_what_was_there(tmp_path, monkeypatch, broken):
    path = tmp_path / "file"
    atomic.write(path, b"old")

    def fail(*_):
        raise OSError("no space is left")

    monkeypatch.setattr(*((os, broken) if broken == "fsync" else (Path, broken)), fail)
    with pytest.raises(OSError, match="no space is left"):
        atomic.write(path, b"new")
    assert path.read_bytes() == b"old"
    assert list(tmp_path.iterdir()) == [path]


def is_open(path):
    """Return whether this process has a file open."""
    for number in range(256):
        with contextlib.suppress(OSError):
            if os.path.samestat(os.fstat(number), path.stat()):
                return True
    return False


def test_the_file_is_closed_before_it_gets_its_name(tmp_path, monkeypatch):
    replace, found = Path.replace, []  # Windows refuses to rename what is open

    def look(written, path):
        found.append(is_open(written))
        return replace(written, path)

    monkeypatch.setattr(Path, "replace", look)
    with (tmp_path / "other").open("wb"):
        assert is_open(tmp_path / "other"), "as the renamed one would be"
        atomic.write(tmp_path / "file", b"")
    assert found == [False]


def test_what_is_neither_text_nor_bytes_is_refused(tmp_path):
    with pytest.raises(TypeError):
        atomic.write(tmp_path / "file", 5)
    assert list(tmp_path.iterdir()) == []


WRITES = """
import sys
from cnnlib import atomic
for _ in range(40):
    atomic.write(sys.argv[1], sys.argv[2] * 500_000)
"""


def test_a_reader_never_finds_half_of_what_two_processes_write(tmp_path):
    path = tmp_path / "file"
    atomic.write(path, "a" * 500_000)
    writers = [subprocess.Popen([sys.executable, "-c", WRITES, path, who]) for who in "ab"]
    seen = set()
    while any(writer.poll() is None for writer in writers):
        text = path.read_text("utf-8")
        assert len(text) == 500_000
        assert len(set(text)) == 1
        seen |= set(text)
    assert [writer.returncode for writer in writers] == [0, 0]
    assert seen <= {"a", "b"}
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.parametrize("left", [".writing-x7f", ".download-x7f/batch"])
def test_what_a_killed_process_leaves_is_in_no_commit_and_no_wheel(root, tmp_path, left):
    for name in (".gitignore", "pyproject.toml"):
        shutil.copy(root / name, tmp_path)
    for name in ("record.json", left):
        path = tmp_path / "cnnlib" / "results" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("{}")
    wheel = WheelBuilder(str(tmp_path)).recurse_included_files()
    assert [file.relative_path for file in wheel] == ["cnnlib/results/record.json"]
    git = ["git", "-C", str(tmp_path)]
    subprocess.run([*git, "init", "--quiet"], check=True)
    subprocess.run([*git, "add", "cnnlib"], check=True)
    added = subprocess.run([*git, "ls-files"], check=True, capture_output=True, text=True)
    assert added.stdout.split() == ["cnnlib/results/record.json"]
