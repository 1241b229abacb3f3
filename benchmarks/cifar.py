"""Time the fast CIFAR-10 training: `python -m benchmarks.cifar accuracy` or `... epoch`.

`accuracy` follows the protocol of the literature (Jordan, arXiv:2404.00498): the data are on the
device before the clock starts, a training on random labels warms up a GPU, and on a CPU what is
compiled, and the clock counts the whitening layer, all steps and the final evaluation with
test-time augmentation, and neither building the network nor loading. Ours is read when results
have come, for which Python waits; the script has events on the device. `--against FILE` times a
script of the record holder's beside it, in turns, on the same images: airbench94_muon.py, or with
`--experiment cifar-10/large` and on a GPU airbench96_faster.py, from
https://github.com/KellerJordan/cifar10-airbench. `--epochs` sets the epochs of both. The seconds of
the warm-up, which hold the compilation, are stated.

`epoch` holds an epoch of `cnnlib.training.fit` against plain loops over the same network, on a CPU,
see `benchmarks.epochs`.
"""

import argparse
import dataclasses
import hashlib
import json
import statistics
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
import torch

from benchmarks import epochs, reference
from benchmarks.arguments import cifar_experiment, positive
from cnnlib import atomic, datasets, memory, models, provenance, steps, training
from cnnlib.evaluation import evaluate_tensors, to_tensors


def main(arguments=None):
    """Run a benchmark; return 0."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.cifar", description=__doc__)
    commands = parser.add_subparsers(dest="what", required=True)
    accuracy = commands.add_parser("accuracy", help="time trainings with their final evaluation")
    accuracy.add_argument("--runs", type=positive, default=3)
    accuracy.add_argument("--experiment", type=cifar_experiment, default="cifar-10/compact")
    accuracy.add_argument("--epochs", type=positive, help="of both, in place of their own")
    accuracy.add_argument("--device", default="cpu")
    accuracy.add_argument("--compile", action="store_true", help="as cnnlib.training.fit explains")
    accuracy.add_argument("--against", type=Path, metavar="FILE", help="the record holder's script")
    accuracy.add_argument("--alone", action="store_true", help="run nothing but that script")
    accuracy.add_argument("--output", type=Path, help="a JSON file, written after each run")
    epoch = commands.add_parser("epoch", help="time an epoch against plain loops")
    epoch.add_argument("--runs", type=positive, default=3)
    one = commands.add_parser("one-epoch", help="what `epoch` runs in a process of its own")
    one.add_argument("--loop", choices=epochs.LOOPS, required=True)
    for command in (epoch, one):
        command.add_argument("--images", type=positive, default=20_000, help="of an epoch")
    options = parser.parse_args(arguments)
    if options.what == "accuracy":
        if options.alone and not options.against:
            accuracy.error("--alone needs --against: nothing else would be run")
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
    experiment = options.experiment
    if options.epochs:
        config = dataclasses.replace(experiment.config, epochs=options.epochs)
        experiment = dataclasses.replace(experiment, config=config)
    tensors = to_tensors(test, options.device)
    result = {
        "protocol": "data on the device before; whitening, steps and the final evaluation inside",
        "experiment": experiment.name,
        "device": training.device_name(options.device),
        "versions": training.versions(options.device),
        "date": provenance.now(),
        "commit": provenance.commit(),
        "epochs": experiment.config.epochs,
        "compiled": {},
        "cudnn.benchmark": True,
        "dataset": {"source": train.source, "train": train.sha256, "test": test.sha256},
        "warm-up seconds": {},
        "runs": {},
    }
    # The record holder's scripts let cuDNN try its ways to convolve, for all that the process does:
    # so do we, beside them and alone.
    cudnn = torch.backends.cudnn.flags(enabled=True, benchmark=True)
    with tempfile.TemporaryDirectory() as folder, cudnn:
        contenders = {}
        if not options.alone:
            contenders["cnnlib"] = Own(experiment, train, tensors, options)
        if options.against:
            where = options.against, folder, train, test, options.device, options.epochs
            contenders["reference"] = reference.Reference(*where)
            result["script"] = {
                "name": options.against.name,
                "sha256": hashlib.sha256(options.against.read_bytes()).hexdigest(),
                "changed": reference.ON_A_CPU if options.device == "cpu" else {},
            }
        result["compiled"] = {name: each.compiled for name, each in contenders.items()}
        # What is compiled and tried out is so before the clock starts.
        for name, contender in contenders.items():
            if options.device == "cpu" and not contender.compiled:
                continue
            start = time.perf_counter()
            contender.train(0, "warmup")
            result["warm-up seconds"][name] = round(time.perf_counter() - start, 1)
            print(f"warm-up of {name}: {result['warm-up seconds'][name]} s", flush=True)
        for seed in range(options.runs):
            # In turns, and each first in turn: neither always trains on a machine that the other
            # has warmed.
            turn = list(contenders.items())[:: -1 if seed % 2 else 1]
            for name, contender in turn:
                seconds = contender.train(seed)
                found = _accuracies(contender.network, tensors, contender.autocast)
                runs = result["runs"].setdefault(name, [])
                runs.append({"seed": seed, "seconds": round(seconds, 4), "test": found})
                print(name, runs[-1], flush=True)
                if options.output:
                    text = json.dumps(result, indent=1, ensure_ascii=False) + "\n"
                    atomic.write(options.output, text)
    _report(result["runs"])


def _report(runs_of):
    medians = []
    for name, runs in runs_of.items():
        seconds = [run["seconds"] for run in runs]
        medians.append(statistics.median(seconds))
        mean = statistics.fmean(run["test"]["augmented"] for run in runs)
        print(
            f"{name}: n = {len(runs)}, mean accuracy {mean:.2%}, seconds: median "
            f"{medians[-1]:.3f}, minimum {min(seconds):.3f}"
        )
    if len(medians) == 2:
        print(f"ratio of the medians: {medians[0] / medians[1]:.3f}")


class Own:
    """Our training, in the same way as `reference.Reference`."""

    def __init__(self, experiment, train, test, options):
        self.experiment, self.images, self.test = experiment, train, test
        self.how = {"device": options.device, "compiled": options.compile, "quiet": True}
        self.autocast, self.compiled = experiment.config.autocast, options.compile
        # One network for all runs, which is compiled once.
        self.network = self._build(0)
        self.forward = steps.compile_network(self.network) if options.compile else self.network

    def _build(self, seed):
        return models.build(self.experiment.network, seed=seed, **self.experiment.options)

    def train(self, seed, labelled="run"):
        """Train once, from a seed; return the seconds with those of the final evaluation."""
        images = self.images
        if labelled == "warmup":
            noise = np.random.default_rng(0).integers(0, 10, len(images)).astype(np.int64)
            images = dataclasses.replace(images, labels=noise)
        self.network.load_state_dict(self._build(seed).state_dict())
        done = training.fit(
            self.network, images, None, self.experiment.config, seed=seed, **self.how
        )
        start = time.perf_counter()
        evaluate_tensors(self.forward, *self.test, self.autocast, "shifted", 2000)
        return done.training_seconds + time.perf_counter() - start


def _accuracies(model, tensors, autocast):
    return {
        "plain": evaluate_tensors(model, *tensors, autocast).accuracy,
        "augmented": evaluate_tensors(model, *tensors, autocast, "shifted").accuracy,
    }


if __name__ == "__main__":
    sys.exit(main())
