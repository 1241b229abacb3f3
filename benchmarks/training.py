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
import functools
import sys
import time
from pathlib import Path

import torch
from PIL import Image
from torch.nn import functional
from torch.utils.data import DataLoader
from torch.utils.data import Dataset as TorchDataset
from torchvision import transforms

from benchmarks import scaling, speed_record
from benchmarks.arguments import positive
from benchmarks.part import first_images
from cnnlib import datasets, memory, models, optimizers, training
from cnnlib.classifier import PIXEL_DEVIATION, PIXEL_MEAN
from cnnlib.evaluation import to_tensors

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
    parts = ("tutorials", *speed_record.PARTS)
    parser.add_argument("what", nargs="*", help=f"some of {', '.join(parts)}; all by default")
    parser.add_argument("--images", type=positive, help="of an epoch, not of scaling; else 10000")
    parser.add_argument("--rounds", type=positive, default=5, help="that count")
    parser.add_argument("--workers", type=int, nargs="+", help="of the DataLoader; else 0 2")
    parser.add_argument("--output", type=Path, help="a JSON file for ladder and scaling")
    options = parser.parse_args(arguments)
    if unknown := set(options.what) - set(parts):
        parser.error(f"{', '.join(sorted(unknown))}: use some of {', '.join(parts)}")
    wanted = options.what or parts
    for name, given, of in (
        ("--images", options.images, {"tutorials", "ladder"}),
        ("--workers", options.workers, {"tutorials"}),
        ("--output", options.output, {"ladder", "scaling"}),
    ):
        if given and not of & set(wanted):
            parser.error(f"{name} is of {' and '.join(sorted(of))}: ask for that, or leave it out")
    if options.output:
        try:
            speed_record.check(options.output, wanted)
        except ValueError as error:
            parser.error(str(error))
    images = options.images or 10_000
    print(f"{images:,} images an epoch (scaling has its own), {options.rounds} rounds, ", end="")
    print(f"{training.device_name('cpu')}, PyTorch {torch.__version__}")
    if "tutorials" in wanted:
        part = first_images(datasets.load("fashion-mnist", "fit"), images)
        for network in NETWORKS:
            report(network, part, options.rounds, options.workers or [0, 2])
    memory.keep()
    measures = {
        "ladder": lambda: scaling.ladder(images, options.rounds, bare_epoch),
        "scaling": lambda: scaling.scaling(options.rounds),
    }
    for name, measure in measures.items():
        if name in wanted:
            rows = measure()
            if options.output:
                speed_record.write(options.output, name, rows)
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
