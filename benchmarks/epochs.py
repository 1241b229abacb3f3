"""Time an epoch on CIFAR-10: `python -m benchmarks.cifar epoch` calls this.

An epoch of `cnnlib.training.fit` is held against a plain loop over the same network, on a CPU:
channels last, bfloat16, stochastic gradient descent, images in a fixed order; and against that
loop with the network compiled. Each loop runs in processes of its own, in turns, and each has an
epoch beforehand that is not counted. The seconds of `fit` hold what the plain loops leave out: the
whitening (once, an eighth of it in each epoch), shuffling, augmentation and its own optimiser.
"""

import dataclasses
import functools
import statistics
import subprocess
import sys
import time

import torch
from torch.nn import functional

from benchmarks.part import first_images
from cnnlib import datasets, memory, models, recipes, training
from cnnlib.evaluation import to_tensors

COUNTED = 8


def _part(images):
    return first_images(datasets.load("cifar-10", "train"), images)


def _fit_epoch(images):
    """Return the mean seconds of an epoch of `fit`, of a command that keeps memory."""
    memory.keep()
    (experiment,) = recipes.find("cifar-10/compact")
    model, part = models.build("cnn-whitened"), _part(images)
    for epochs in (1, COUNTED):
        config = dataclasses.replace(experiment.config, epochs=epochs)
        done = training.fit(model, part, None, config, quiet=True)
    return done.training_seconds / COUNTED


def _plain_epoch(images, keep=False, compiled=False):
    """Return the mean seconds of an epoch of forward, backward and step alone.

    The seconds of the epoch beforehand, which holds the compilation, are printed to the standard
    error.
    """
    if keep:
        memory.keep()
    (experiment,) = recipes.find("cifar-10/compact")
    config = experiment.config
    pixels, labels = to_tensors(_part(images))
    model = models.build("cnn-whitened").to(memory_format=torch.channels_last).train()
    model.prepare(pixels)
    learnt = [p for p in model.parameters() if p.requires_grad]
    optimizer = torch.optim.SGD(learnt, lr=0.01, momentum=0.9, nesterov=True, fused=True)
    batches = list(
        zip(pixels.split(config.batch_size), labels.split(config.batch_size), strict=True)
    )

    def epochs(count):
        start = time.perf_counter()
        for _ in range(count):
            for batch, target in batches:
                with torch.autocast("cpu", torch.bfloat16):
                    logits = model(batch)
                loss = functional.cross_entropy(logits.float(), target, label_smoothing=0.2)
                optimizer.zero_grad()
                loss.backward()
                optimizer.step()
        return time.perf_counter() - start

    if compiled:
        model.compile()
    print(f"{'compilation and ' if compiled else ''}one epoch: {epochs(1):.1f} s", file=sys.stderr)
    return epochs(COUNTED) / COUNTED


LOOPS = {
    "fit": _fit_epoch,
    "plain": _plain_epoch,
    "plain, memory kept": functools.partial(_plain_epoch, keep=True),
    "compiled, memory kept": functools.partial(_plain_epoch, keep=True, compiled=True),
}


def compare(images, rounds):
    """Print seconds per epoch of each loop, each in processes of its own, in turns."""
    times = {name: [] for name in LOOPS}
    command = [sys.executable, "-m", "benchmarks.cifar", "one-epoch", f"--images={images}"]
    for _ in range(rounds):
        for name in LOOPS:
            done = subprocess.run(
                [*command, f"--loop={name}"], check=True, stdout=subprocess.PIPE, text=True
            )
            times[name].append(float(done.stdout))
    print(f"{images:,} images, {rounds} rounds, {training.device_name('cpu')}")
    fit = statistics.median(times["fit"])
    for name, values in times.items():
        median = statistics.median(values)
        print(f"{name}: {median:.1f} s per epoch; fit takes {fit / median:.2f} of it")
