"""Time the fast CIFAR-10 training: `python -m benchmarks.cifar accuracy` or `... epoch`.

`accuracy` follows the protocol of the literature (Jordan, arXiv:2404.00498): the data are on the
device before the clock starts, a training on random labels warms up a GPU, and the clock counts
the whitening layer, all steps and the final evaluation with test-time augmentation, and neither
building the network nor loading. `--against FILE` times the record holder's script beside it, in
turns, on the same images; get airbench94_muon.py from https://github.com/KellerJordan/cifar10-airbench.
`fit` compiles nothing, so there is no time of compilation; the script's own, on a GPU, is its
warm-up.

`epoch` holds an epoch of `cnnlib.training.fit` against plain loops over the same network, on a CPU,
see `benchmarks.epochs`.
"""

import argparse
import contextlib
import dataclasses
import hashlib
import io
import json
import statistics
import sys
import tempfile
import time
import types
from pathlib import Path

import numpy as np
import torch

from benchmarks import epochs
from cnnlib import cifar10, datasets, memory, models, provenance, recipes, training
from cnnlib.classifier import COLOUR_DEVIATION, COLOUR_MEAN
from cnnlib.evaluation import evaluate_tensors, to_tensors
from cnnlib.record import write_atomically

# What keeps the record holder's script from running on a CPU, and what is put in its place: the
# same in float32, with bfloat16 where `cnnlib` has it too. The learning is left as it is.
ON_A_CPU = {
    "@torch.compile\n": "",
    'torch.device("cuda")': 'torch.device("cpu")',
    ".half()": ".float()",
    "torch.cuda.Event(enable_timing=True)": "Clock()",
    "torch.cuda.synchronize()": "None",
}


class Clock:
    """Stand in for `torch.cuda.Event` where there is no GPU to wait for."""

    def record(self):
        """Note the time."""
        self.seconds = time.perf_counter()

    def elapsed_time(self, other):
        """Return the milliseconds from this note to another."""
        return 1e3 * (other.seconds - self.seconds)


def main(arguments=None):
    """Run a benchmark; return 0."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.cifar", description=__doc__)
    parser.add_argument("what", choices=("accuracy", "epoch", "one-epoch"))
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--epochs", type=int, default=8)
    parser.add_argument("--device", default="cpu")
    parser.add_argument("--against", type=Path, metavar="FILE", help="airbench94_muon.py")
    parser.add_argument("--output", type=Path, help="a JSON file, written after each run")
    parser.add_argument("--images", type=int, default=20_000, help="of an `epoch`")
    parser.add_argument("--loop", choices=epochs.LOOPS, help="which `one-epoch` times")
    options = parser.parse_args(arguments)
    if options.what == "accuracy":
        memory.keep()
        time_to_accuracy(options)
    elif options.what == "epoch":
        epochs.compare(options.images, options.runs)
    else:
        print(epochs.LOOPS[options.loop](options.images))
    return 0


def time_to_accuracy(options):
    """Print accuracy and seconds of each run, and the ratio of the medians."""
    train, test = (datasets.load("cifar-10", split) for split in ("train", "test"))
    experiment = recipes.find("cifar-10/compact")[0]
    config = dataclasses.replace(experiment.config, epochs=options.epochs)
    tests = {"test": to_tensors(test, options.device)}
    with contextlib.suppress(FileNotFoundError):
        exact = types.SimpleNamespace(
            **dict(zip(("images", "labels"), cifar10.read_exact(), strict=True))
        )
        tests["exact"] = to_tensors(exact, options.device)
        tests["same, as at hand"] = tuple(t[: len(exact.images)] for t in tests["test"])
    contenders = {"cnnlib": lambda seed: _own_run(train, config, seed, tests, options.device)}
    result = {
        "protocol": "data on the device before; whitening, steps and the final evaluation inside",
        "device": training.device_name(options.device),
        "versions": training.versions(options.device),
        "date": provenance.now(),
        "commit": provenance.commit(),
        "epochs": options.epochs,
        "dataset": {"source": train.source, "train": train.sha256, "test": test.sha256},
        "exact images": len(exact.images) if "exact" in tests else 0,
        "runs": {"cnnlib": []},
    }
    with tempfile.TemporaryDirectory() as folder:
        if options.against:
            script = options.against.read_bytes()
            result["script"] = {
                "name": options.against.name,
                "sha256": hashlib.sha256(script).hexdigest(),
                "changed": ON_A_CPU if options.device == "cpu" else {},
            }
            result["runs"]["reference"] = []
            contenders["reference"] = _reference(
                script.decode(), folder, train, test, options, tests
            )
        if options.device != "cpu":
            noise = np.random.default_rng(0).integers(0, 10, len(train)).astype(np.int64)
            _own_run(dataclasses.replace(train, labels=noise), config, 0, tests, options.device)
        for seed in range(options.runs):
            for name, run in contenders.items():
                result["runs"][name].append({"seed": seed, **run(seed)})
                print(name, result["runs"][name][-1], flush=True)
                if options.output:
                    text = json.dumps(result, indent=1, ensure_ascii=False) + "\n"
                    write_atomically(options.output, text.encode())
    for name, runs in result["runs"].items():
        seconds = [run["seconds"] for run in runs]
        mean = statistics.fmean(run["test"]["augmented"] for run in runs)
        print(
            f"{name}: n = {len(runs)}, mean accuracy {mean:.2%}, seconds: median "
            f"{statistics.median(seconds):.1f}, minimum {min(seconds):.1f}"
        )
    if options.against:
        own, other = (
            statistics.median(run["seconds"] for run in result["runs"][name])
            for name in ("cnnlib", "reference")
        )
        print(f"ratio of the medians: {own / other:.2f}")


def _own_run(train, config, seed, tests, device):
    model = models.build("cnn-whitened", seed=seed)
    done = training.fit(model, train, None, config, seed=seed, device=device, quiet=True)
    clocks = [torch.cuda.Event(enable_timing=True) for _ in "ab"] if device != "cpu" else None
    clocks = clocks or [Clock(), Clock()]
    clocks[0].record()
    evaluate_tensors(model, *tests["test"], config.autocast, "shifted")
    clocks[1].record()
    if device != "cpu":
        torch.cuda.synchronize()
    seconds = done.training_seconds + clocks[0].elapsed_time(clocks[1]) / 1e3
    return {"seconds": round(seconds, 3), **_accuracies(model, tests, config.autocast)}


def _accuracies(model, tests, autocast):
    return {
        name: {
            "plain": evaluate_tensors(model, *tensors, autocast).accuracy,
            "augmented": evaluate_tensors(model, *tensors, autocast, "shifted").accuracy,
        }
        for name, tensors in tests.items()
    }


class _Normalised(torch.nn.Module):
    """Give the script's network, which wants normalised images, images from 0 to 1."""

    def __init__(self, network, device):
        super().__init__()
        self.network = network
        shape = {"device": device, "dtype": torch.float32}
        self.mean = torch.tensor(COLOUR_MEAN, **shape)[:, None, None]
        self.deviation = torch.tensor(COLOUR_DEVIATION, **shape)[:, None, None]

    def forward(self, images):
        images = (images - self.mean) / self.deviation
        return self.network(images.to(self.network.whiten.weight.dtype))


def _reference(source, folder, train, test, options, tests):
    """Return a function that runs the record holder's training once, from a seed."""
    cpu = options.device == "cpu"
    eight = "ceil(8 * len(train_loader))"
    if eight not in source:
        raise ValueError(f"`--against` has no {eight!r}: give airbench94_muon.py as published")
    source = source.replace(eight, eight.replace("8", str(options.epochs)))
    for old, new in ON_A_CPU.items() if cpu else ():
        if old not in source:
            raise ValueError(f"`--against` has no {old!r}: give airbench94_muon.py as published")
        source = source.replace(old, new)
    data = Path(folder, "cifar10")
    data.mkdir()
    for name, part in {"train": train, "test": test}.items():
        stored = {"images": torch.tensor(part.images), "labels": torch.tensor(part.labels)}
        stored["classes"] = list(part.classes)
        torch.save(stored, data / f"{name}.pt")
    module = types.ModuleType("reference")
    module.Clock = Clock
    arguments, sys.argv = sys.argv, [str(options.against)]  # it reads its own text
    exec(compile(source, options.against.name, "exec"), module.__dict__)  # noqa: S102
    sys.argv = arguments
    if cpu:
        forward = module.CifarNet.forward

        def in_bfloat16(self, *inputs, **named):
            with torch.autocast("cpu", torch.bfloat16):
                return forward(self, *inputs, **named).float()

        module.CifarNet.forward = in_bfloat16
    network = module.CifarNet().to(options.device).to(memory_format=torch.channels_last)

    def run(seed, labelled="run"):
        torch.manual_seed(seed)
        with contextlib.chdir(folder), contextlib.redirect_stdout(io.StringIO()) as printed:
            module.main(labelled, network)
        rows = [line for line in printed.getvalue().splitlines() if " eval " in line]
        seconds = float(rows[-1].strip("| ").split("|")[-1])
        return {"seconds": seconds, **_accuracies(_Normalised(network, options.device), tests, cpu)}

    if not cpu:
        network.compile(mode="max-autotune")
        run(0, "warmup")
    return run


if __name__ == "__main__":
    sys.exit(main())
