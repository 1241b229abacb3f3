"""The benchmark of the CIFAR-10 training holds our runs against another's script, fairly."""

import json
import re

import numpy as np
import pytest
import torch

from benchmarks import cifar, reference
from cnnlib import datasets
from cnnlib.datasets import Dataset

# What the benchmark takes hold of in the record holder's script, and learning that is a sum.
SCRIPT = """
import sys
from math import ceil

import torch
from torch import nn

with open(sys.argv[0]) as file:
    code = file.read()


@torch.compile
def doubled(x):
    return 2 * x


class CifarNet(nn.Module):
    def __init__(self):
        super().__init__()
        self.head = nn.Linear(3, 3)
        self.half()

    def forward(self, inputs):
        return self.head(inputs.mean((2, 3)))


def main(run, model):
    data = torch.load("cifar10/train.pt", map_location=torch.device("cuda"))
    steps = ceil(8 * len(data["images"]) / 100)
    starter = torch.cuda.Event(enable_timing=True)
    ender = torch.cuda.Event(enable_timing=True)
    starter.record()
    with torch.no_grad():
        model.head.weight.fill_(doubled(torch.rand(())))
    ender.record()
    torch.cuda.synchronize()
    assert starter.elapsed_time(ender) >= 0
    print("|  run  |  epoch  |  time_seconds  |")
    print(f"|  {run}  |  1  |  {steps}.0  |")
    print(f"|  {run}  |  eval  |  {steps}.5  |")
"""


@pytest.fixture
def script(tmp_path):
    path = tmp_path / "airbench94_muon.py"
    path.write_text(SCRIPT, "utf-8")
    return path


def images(split, count):
    generator = np.random.default_rng(count)
    pixels = generator.integers(0, 256, (count, 32, 32, 3), dtype=np.uint8)
    labels = np.arange(count) % 3
    return Dataset("cifar-10", split, pixels, labels, ("r", "g", "b"), "a test", False)


def ready(script, tmp_path, **options):
    folder = tmp_path / "data"
    folder.mkdir()
    return reference.Reference(
        script, folder, images("train", 200), images("test", 50), "cpu", **options
    )


def test_a_script_trains_from_its_seed_on_our_images(script, tmp_path, capsys):
    other = ready(script, tmp_path)
    assert other.train(3) == 16.5, "the seconds of its last row, over 8 epochs of 2 steps"
    first = other.network.network.head.weight.clone()
    other.train(4)
    assert not torch.equal(first, other.network.network.head.weight)
    other.train(3)
    assert torch.equal(first, other.network.network.head.weight)
    assert capsys.readouterr().out == ""
    stored = torch.load(tmp_path / "data" / "cifar10" / "train.pt")
    assert np.array_equal(stored["images"].numpy(), images("train", 200).images)
    assert stored["classes"] == ["r", "g", "b"]


def test_a_script_gets_normalised_images(script, tmp_path):
    network = ready(script, tmp_path).network
    plain = torch.rand(2, 3, 4, 4)
    mean, deviation = (getattr(network, name) for name in ("mean", "deviation"))
    assert torch.equal(network(plain), network.network.forward((plain - mean) / deviation))
    assert network(plain).dtype == torch.float32


def test_epochs_are_those_asked_for(script, tmp_path):
    assert ready(script, tmp_path, epochs=5).train(0) == 10.5


@pytest.mark.parametrize("text", [*reference.ON_A_CPU, "ceil(8 * len("])
def test_a_script_that_has_changed_is_refused(script, tmp_path, text):
    script.write_text(SCRIPT.replace(text, text.swapcase()), "utf-8")
    with pytest.raises(ValueError, match=re.escape(f"has no {text!r}: give airbench94_muon.py")):
        ready(script, tmp_path, epochs=5)


@pytest.mark.parametrize("name", ["another.py", "airbench96_faster.py"])
def test_only_known_scripts_are_run(tmp_path, name):
    with pytest.raises(ValueError, match=f"`path` .*{name}.* on a cpu: use airbench94_muon"):
        ready(tmp_path / name, tmp_path)


def test_both_are_trained_in_turns_and_written_down(script, tmp_path, monkeypatch, capsys):
    parts = {"train": images("train", 200), "test": images("test", 50)}
    monkeypatch.setattr(datasets, "load", lambda name, split: parts[split])
    output = tmp_path / "result.json"
    asked = ["accuracy", "--runs", "2", "--epochs", "1", "--against", str(script)]
    assert cifar.main([*asked, "--output", str(output)]) == 0
    result = json.loads(output.read_text("utf-8"))
    assert result["epochs"] == 1
    assert result["dataset"]["test"] == parts["test"].sha256
    assert {name: [run["seed"] for run in runs] for name, runs in result["runs"].items()} == {
        "cnnlib": [0, 1],
        "reference": [0, 1],
    }
    assert [run["seconds"] for run in result["runs"]["reference"]] == [2.5, 2.5]
    printed = capsys.readouterr().out.splitlines()
    assert [line.split()[0] for line in printed[:4]] == ["cnnlib", "reference"] * 2
    ours = sorted(run["seconds"] for run in result["runs"]["cnnlib"])
    assert printed[-1] == f"ratio of the medians: {sum(ours) / 2 / 2.5:.3f}"


@pytest.mark.parametrize(
    ("asked", "message"),
    [
        (["one-epoch"], "one-epoch needs --loop"),
        (["accuracy", "--alone"], "--alone needs --against"),
    ],
)
def test_what_would_measure_nothing_is_refused(asked, message, capsys):
    with pytest.raises(SystemExit):
        cifar.main(asked)
    assert message in capsys.readouterr().err
