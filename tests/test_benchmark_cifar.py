"""The benchmark of the CIFAR-10 training holds our runs against another's script, fairly."""

import dataclasses
import json
import re
from types import SimpleNamespace

import numpy as np
import pytest
import torch

from benchmarks import cifar, reference
from cnnlib import datasets, recipes
from cnnlib.datasets import Dataset
from cnnlib.evaluation import to_tensors

(COMPACT,) = recipes.find("cifar-10/compact")

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


@pytest.fixture
def small(monkeypatch):
    """Let the data be few images, the compact network a narrow one, and memory as it was."""
    parts = {"train": images("train", 60), "test": images("test", 30)}
    narrow = dataclasses.replace(COMPACT, options={"widths": (8, 16, 16)})
    monkeypatch.setattr(datasets, "load", lambda name, split: parts[split])
    monkeypatch.setattr(recipes, "EXPERIMENTS", (narrow,))
    monkeypatch.setattr(cifar.memory, "keep", lambda: False)
    return parts


def test_both_are_trained_in_turns_and_written_down(script, tmp_path, small, capsys):
    output = tmp_path / "result.json"
    asked = ["accuracy", "--runs", "2", "--epochs", "1", "--against", str(script)]
    tries = torch.backends.cudnn.benchmark
    assert cifar.main([*asked, "--output", str(output)]) == 0
    assert torch.backends.cudnn.benchmark == tries
    result = json.loads(output.read_text("utf-8"))
    assert result["epochs"] == 1
    assert result["compiled"] == {"cnnlib": False, "reference": False}
    assert result["warm-up seconds"] == {}
    assert result["dataset"]["test"] == small["test"].sha256
    assert {name: [run["seed"] for run in runs] for name, runs in result["runs"].items()} == {
        "cnnlib": [0, 1],
        "reference": [0, 1],
    }
    assert [run["seconds"] for run in result["runs"]["reference"]] == [1.5, 1.5]
    printed = capsys.readouterr().out.splitlines()
    # Each is first in turn.
    turns = ["cnnlib", "reference", "reference", "cnnlib"]
    assert [line.split()[0] for line in printed[:4]] == turns
    ours = sorted(run["seconds"] for run in result["runs"]["cnnlib"])
    assert printed[-1] == f"ratio of the medians: {sum(ours) / 2 / 1.5:.3f}"


def ours(small, monkeypatch, fit):
    """Return our contender with a clock that only its parts set on, and that clock."""
    clock = SimpleNamespace(now=0.0)

    def lasting(seconds, do):
        def call(*arguments, **named):
            clock.now += seconds
            return do(*arguments, **named)

        return call

    options = SimpleNamespace(device="cpu", compile=False)
    own = cifar.Own(recipes.EXPERIMENTS[0], small["train"], to_tensors(small["test"]), options)
    monkeypatch.setattr(cifar, "time", SimpleNamespace(perf_counter=lambda: clock.now))
    # It loads for a while before its own clock starts.
    monkeypatch.setattr(cifar.training, "fit", lasting(100, fit))
    monkeypatch.setattr(own, "_build", lasting(7, own._build))
    evaluate = lasting(3, cifar.evaluate_tensors)
    monkeypatch.setattr(cifar, "evaluate_tensors", evaluate)
    return own


def test_the_clock_counts_the_final_evaluation_and_neither_building_nor_loading(small, monkeypatch):
    done = SimpleNamespace(training_seconds=2)
    own = ours(small, monkeypatch, lambda *_, **__: done)
    assert own.train(0) == 5


def test_a_warm_up_learns_other_labels_of_the_same_images(small, monkeypatch):
    given = []

    def fit(model, train, *_, **__):
        given.append(train)
        return SimpleNamespace(training_seconds=2)

    own = ours(small, monkeypatch, fit)
    own.train(0, "warmup")
    own.train(0)
    random, true = given
    assert random.labels.shape == true.labels.shape
    assert random.labels.dtype == true.labels.dtype
    assert (random.labels != true.labels).mean() > 0.5
    assert np.array_equal(random.images, true.images)
    assert np.array_equal(true.labels, small["train"].labels)


@pytest.mark.parametrize("compiled", [("cnnlib", "reference"), ("cnnlib",)])
def test_what_is_compiled_is_warmed_up_before_all_runs(script, small, monkeypatch, compiled):
    calls = []

    def contender(name):
        def train(seed, labelled="run"):
            calls.append((name, labelled, seed, torch.backends.cudnn.benchmark))
            return 1.0

        linear = torch.nn.Sequential(torch.nn.Flatten(), torch.nn.Linear(3 * 32 * 32, 3))
        return SimpleNamespace(
            train=train, network=linear, autocast=False, compiled=name in compiled
        )

    monkeypatch.setattr(cifar, "Own", lambda *_: contender("cnnlib"))
    monkeypatch.setattr(reference, "Reference", lambda *_: contender("reference"))
    assert cifar.main(["accuracy", "--runs", "2", "--against", str(script)]) == 0
    assert calls == [
        *((name, "warmup", 0, True) for name in compiled),
        *((name, "run", 0, True) for name in ("cnnlib", "reference")),
        *((name, "run", 1, True) for name in ("reference", "cnnlib")),
    ]


@pytest.mark.parametrize(
    ("asked", "message"),
    [
        (["one-epoch"], "required: --loop"),
        (["accuracy", "--alone"], "--alone needs --against"),
        (["accuracy", "--runs", "0"], "'0' is no whole number from 1"),
        (["epoch", "--images", "-5"], "'-5' is no whole number from 1"),
        (["epoch", "--device", "cuda"], "unrecognized arguments: --device cuda"),
        (
            ["accuracy", "--experiment", "cifar-10/l"],
            "use one of cifar-10/large, cifar-10/ladder/linear, ",
        ),
        (["accuracy", "--experiment", "fashion-mnist/cnn-small"], "use one of cifar-10/compact, "),
    ],
)
def test_what_would_measure_nothing_is_refused(asked, message, capsys):
    with pytest.raises(SystemExit):
        cifar.main(asked)
    assert message in capsys.readouterr().err


def test_an_epoch_is_of_no_more_images_than_there_are(small):
    with pytest.raises(ValueError, match=r"`count` \(61\) is more than the 60 images of cifar-10"):
        cifar.main(["one-epoch", "--loop", "fit", "--images", "61"])


@pytest.mark.parametrize("loop", ["fit", "plain"])
def test_an_epoch_beforehand_is_not_counted(small, monkeypatch, capsys, loop):
    clock = SimpleNamespace(now=0.0)
    monkeypatch.setattr(cifar.epochs, "time", SimpleNamespace(perf_counter=lambda: clock.now))

    def fit(model, train, validation, config, **_):
        trained.append(config.epochs)
        return SimpleNamespace(training_seconds=config.epochs * 3.0)

    def step(optimizer, **_):
        clock.now += 60 if not clock.now else 5

    trained = []
    monkeypatch.setattr(cifar.epochs.training, "fit", fit)
    monkeypatch.setattr(torch.optim.SGD, "step", step)
    assert cifar.main(["one-epoch", "--loop", loop, "--images", "10"]) == 0
    assert capsys.readouterr().out == {"fit": "3.0\n", "plain": "5.0\n"}[loop]
    assert trained == ([1, 8] if loop == "fit" else [])
