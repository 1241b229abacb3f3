"""Trainings are shared out among processes; a lost one costs no more than what it had not done."""

import os
import re
import subprocess
from pathlib import Path

import pytest

from cnnlib import record, sharing

ROOT = Path(__file__).parents[1]
NAME = "fashion-mnist/ablation"
EXPERIMENTS = ("average-pooling", "global-pooling", "no-nonlinearity", "no-pooling")
RUNS = {(name, seed) for name in EXPERIMENTS for seed in (0, 1, 2)}
# Two processes print into one pipe, and an end of a line may come later than its words.
BEGINS = re.compile(rf"{NAME}/([\w-]+), seed (\d)(?!: has a run)")


# Trains likewise, but a process is killed in the middle of its third run. Of twelve runs, one of
# two processes has a third, however they share them out.
KILLED = """
import os
import signal
import sys

from cnnlib import experiments
from cnnlib.progress import Progress

line, halves = Progress.line, []


def line_and_end(progress, text):
    line(progress, text)
    halves.extend(["half a run"] * ("epoch 1 of 2" in text))
    if len(halves) == 3:
        os.kill(os.getpid(), signal.SIGKILL)


Progress.line = line_and_end
sys.exit(experiments.main())
"""


def start(folder, *command):
    """Begin to train four experiments of three seeds each on the sample, by some command."""
    arguments = ["run", NAME, "--sample", "--epochs", "2", "--resume", "--results", str(folder)]
    return subprocess.Popen(
        [*command, *arguments],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=os.environ | {"OMP_NUM_THREADS": "1", "PYTHONUNBUFFERED": "1", "PYTHONPATH": str(ROOT)},
        cwd=ROOT,
    )


MODULE = ("-m", "cnnlib.experiments")
TWO = ("torchrun", "--standalone", "--nproc-per-node", "2")


def rows(folder):
    """Return what each finished run came to, by experiment and seed."""
    found = {}
    for path in folder.rglob("record.json"):
        for run in record.load(path).runs:
            key = path.parent.name, run.seed
            assert key not in found
            found[key] = run.epochs, run.test_accuracy
    return found


def begun(output):
    return [(name, int(seed)) for name, seed in BEGINS.findall(output)]


@pytest.fixture(scope="module")
def alone(tmp_path_factory):
    """What one process makes of all the runs."""
    folder = tmp_path_factory.mktemp("alone")
    process = start(folder, "python", *MODULE)
    err = process.communicate()[1]
    assert process.returncode == 0, err

    return rows(folder)


def test_a_killed_process_loses_only_what_it_had_not_finished(alone, tmp_path):
    assert alone.keys() == RUNS
    results, script = tmp_path / "results", tmp_path / "killed.py"
    script.write_text(KILLED, "utf-8")
    process = start(results, *TWO, str(script))
    out, err = process.communicate()
    assert process.returncode != 0
    assert "SIGKILL" in err

    first = begun(out)
    assert len(set(first)) == len(first), "two processes took the same run"
    done = rows(results)
    assert 0 < len(done) < len(RUNS)
    assert done == {run: alone[run] for run in done}, "what is recorded is whole and right"

    again = start(results, *TWO, *MODULE)
    out, err = again.communicate()
    assert again.returncode == 0, err
    assert set(begun(out)) == RUNS - done.keys(), "only what was missing is trained"
    assert rows(results) == alone
    assert out.count("test accuracy: mean") == len(EXPERIMENTS), "one process speaks for all"
    assert not list(results.rglob("*.checkpoint"))


def test_alone_everything_falls_to_this_process():
    assert list(sharing.share_out([3, 1, 2])) == [3, 1, 2]
    assert sharing.first_process()
    assert sharing.local_device("cuda") == "cuda"


def test_each_process_has_a_gpu_of_its_own(monkeypatch):
    monkeypatch.setenv("TORCHELASTIC_RUN_ID", "none")
    monkeypatch.setenv("LOCAL_RANK", "3")
    assert sharing.local_device("cuda") == "cuda:3"
    assert sharing.local_device("cuda:1") == "cuda:1"
    assert sharing.local_device("cpu") == "cpu"
