"""Time an epoch of `cnnlib.training.fit` against two other loops: `python -m benchmarks.training`.

`python -m benchmarks.training tutorials` does that for the networks of Fashion-MNIST, `... ladder`
for the rungs of the CIFAR-10 ladder (the bare loop alone), and `... scaling` shows how the time
grows with data, width and depth.

The one is the loop of every tutorial: a `DataLoader` that turns each image into a tensor and
normalises it by itself, AdamW as it comes, everything in float32. The other is as bare as can be:
forward, backward and step on tensors that are in memory, in a fixed order, with nothing noted.
Network, batch size and number of threads are the same for all. The contenders take turns, the
first round does not count (it starts the workers and warms up), and ratios are of medians.
"""

import argparse
import dataclasses
import functools
import json
import sys
import time
from pathlib import Path

import torch
from PIL import Image
from torch.nn import functional
from torch.utils.data import DataLoader
from torch.utils.data import Dataset as TorchDataset
from torchvision import transforms

from benchmarks import scaling
from cnnlib import datasets, memory, models, optimizers, provenance, training
from cnnlib.classifier import PIXEL_DEVIATION, PIXEL_MEAN
from cnnlib.evaluation import to_tensors
from cnnlib.record import write_atomically

NETWORKS = ("fully-connected", "cnn-small", "cnn-large")
AT_LEAST_OVER_LOADER = 3.0
AT_MOST_OVER_BARE = 1.1


class OneByOne(TorchDataset):
    """Give images one by one, as torchvision's `FashionMNIST` does: by way of a PIL image."""

    def __init__(self, dataset, transform):
        self.dataset, self.transform = dataset, transform

    def __len__(self):
        return len(self.dataset)

    def __getitem__(self, index):
        image = Image.fromarray(self.dataset.images[index, ..., 0])
        return self.transform(image), int(self.dataset.labels[index])


def main(arguments=None):
    """Print images per second and ratios; return 0."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.training", description=__doc__)
    parts = ("tutorials", "ladder", "scaling")
    parser.add_argument("what", nargs="*", help=f"some of {', '.join(parts)}; all by default")
    parser.add_argument("--images", type=int, default=10_000, help="of an epoch, not of scaling")
    parser.add_argument("--rounds", type=int, default=5, help="that count")
    parser.add_argument("--workers", type=int, nargs="+", default=[0, 2], help="of the DataLoader")
    parser.add_argument("--output", type=Path, help="a JSON file for ladder and scaling")
    options = parser.parse_args(arguments)
    if unknown := set(options.what) - set(parts):
        parser.error(f"{', '.join(sorted(unknown))}: use some of {', '.join(parts)}")
    wanted = options.what or parts
    print(f"{options.images:,} images an epoch, {options.rounds} rounds, ", end="")
    print(f"{training.device_name('cpu')}, PyTorch {torch.__version__}")
    if "tutorials" in wanted:
        whole = datasets.load("fashion-mnist", "fit")
        part = dataclasses.replace(
            whole, images=whole.images[: options.images], labels=whole.labels[: options.images]
        )
        for network in NETWORKS:
            report(network, part, options.rounds, options.workers)
    memory.keep()
    found = {
        "device": training.device_name("cpu"),
        "versions": training.versions("cpu"),
        "date": provenance.now(),
        "commit": provenance.commit(),
    }
    if "ladder" in wanted:
        found["ladder"] = scaling.ladder(options.images, options.rounds, bare_epoch)
    if "scaling" in wanted:
        found["scaling"] = scaling.scaling(options.rounds)
    if options.output:
        text = json.dumps(found, indent=1, ensure_ascii=False) + "\n"
        write_atomically(options.output, text.encode())
    return 0


def report(network, part, rounds, workers):
    """Print the figures of one network."""
    configs = {
        name: training.TrainingConfig(epochs=1, autocast=autocast)
        for name, autocast in {"float32": False, "bfloat16": True}.items()
    }
    loops = {}
    for precision, config in configs.items():
        loops[f"fit {precision}"] = functools.partial(scaling.fit_epoch, network, {}, part, config)
        loops[f"bare {precision}"] = functools.partial(bare_epoch, network, {}, part, config)
    batch_size = configs["float32"].batch_size
    for count in workers:
        loader = tutorial_loader(part, batch_size, count)
        loops[f"loader {count}"] = functools.partial(loader_epoch, network, loader)
    median = scaling.in_turns(loops, rounds)
    loader = min((name for name in loops if name.startswith("loader")), key=median.get)
    print(f"{network}: {loader} workers {len(part) / median[loader]:,.0f} images/s")
    for precision in configs:
        fit, bare = median[f"fit {precision}"], median[f"bare {precision}"]
        print(
            f"  fit in {precision}: {len(part) / fit:,.0f} images/s, "
            f"{median[loader] / fit:.2f} times the DataLoader's (wanted: {AT_LEAST_OVER_LOADER}); "
            f"{fit / bare:.2f} times the bare loop's time (at most {AT_MOST_OVER_BARE})",
            flush=True,
        )


def bare_epoch(network, options, part, config):
    """Return the seconds of forward, backward and step alone."""
    images, labels = to_tensors(part)
    model = models.build(network, **options).to(memory_format=torch.channels_last).train()
    optimizer = optimizers.build(model, config)
    batches = list(
        zip(images.split(config.batch_size), labels.split(config.batch_size), strict=True)
    )
    start = time.perf_counter()
    for batch, target in batches:
        with torch.autocast("cpu", torch.bfloat16, enabled=config.autocast):
            logits = model(batch)
        loss = functional.cross_entropy(logits.float(), target)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    return time.perf_counter() - start


def tutorial_loader(part, batch_size, workers):
    """Return the tutorials' `DataLoader`, its workers kept from epoch to epoch."""
    steps = [
        transforms.ToTensor(),
        transforms.Normalize((PIXEL_MEAN,), (PIXEL_DEVIATION,)),
    ]
    return DataLoader(
        OneByOne(part, transforms.Compose(steps)),
        batch_size=batch_size,
        shuffle=True,
        num_workers=workers,
        persistent_workers=workers > 0,
    )


def loader_epoch(network, loader):
    """Return the seconds of an epoch of the tutorials' loop."""
    model = models.build(network).layers.train()  # the loader has normalised already
    optimizer = torch.optim.AdamW(model.parameters(), lr=1e-3)
    total = 0.0
    start = time.perf_counter()
    for batch, target in loader:
        optimizer.zero_grad()
        loss = functional.cross_entropy(model(batch), target)
        loss.backward()
        optimizer.step()
        total += loss.item()
    return time.perf_counter() - start


if __name__ == "__main__":
    sys.exit(main())
