"""Time an epoch of `cnnlib.training.fit` against two other loops: `python -m benchmarks.training`.

The one is the loop of every tutorial: torchvision's `FashionMNIST` behind a `DataLoader`, each
image turned into a tensor and normalised by itself. The other is as bare as can be: forward,
backward and step on tensors that are in memory, in a fixed order, with nothing noted. Network,
batch size, optimizer and number of threads are the same. The contenders take turns, and ratios are
of medians over the rounds.
"""

import argparse
import dataclasses
import statistics
import sys
import time

import torch
from PIL import Image
from torch.nn import functional
from torch.utils.data import DataLoader
from torch.utils.data import Dataset as TorchDataset
from torchvision import transforms

from cnnlib import datasets, models, training
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
    """Print images per second and ratios for each network; return 0."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.training", description=__doc__)
    parser.add_argument("--images", type=int, default=20_000, help="of an epoch")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--workers", type=int, nargs="+", default=[0, 2], help="of the DataLoader")
    options = parser.parse_args(arguments)
    whole = datasets.load("fashion-mnist", "fit")
    part = dataclasses.replace(
        whole, images=whole.images[: options.images], labels=whole.labels[: options.images]
    )
    print(f"{len(part):,} images an epoch, {options.rounds} rounds, ", end="")
    print(f"{training.device_name('cpu')}, PyTorch {torch.__version__}")
    for autocast in (False, True):
        for network in NETWORKS:
            report(network, part, autocast, options.rounds, options.workers)
    return 0


def report(network, part, autocast, rounds, workers):
    """Print the figures of one network."""
    config = training.TrainingConfig(epochs=1, autocast=autocast)
    loops = {"fit": lambda: fit_epoch(network, part, config)}
    loops["bare"] = lambda: bare_epoch(network, part, config)
    for count in workers:
        loops[f"loader {count}"] = lambda count=count: loader_epoch(network, part, config, count)
    times = {name: [] for name in loops}
    for _ in range(rounds):
        for name, loop in loops.items():
            times[name].append(loop())
    median = {name: statistics.median(values) for name, values in times.items()}
    loader = min(value for name, value in median.items() if name.startswith("loader"))
    precision = "bfloat16" if autocast else "float32"
    print(
        f"{network}, {precision}: fit {len(part) / median['fit']:,.0f} images/s; "
        f"{loader / median['fit']:.2f} times the DataLoader's (wanted: {AT_LEAST_OVER_LOADER}); "
        f"{median['fit'] / median['bare']:.2f} times the bare loop's time "
        f"(at most {AT_MOST_OVER_BARE})",
        flush=True,
    )


def fit_epoch(network, part, config):
    """Return the seconds of an epoch of `fit`, as it records them."""
    model = models.build(network)
    return training.fit(model, part, config=config, quiet=True).training_seconds


def bare_epoch(network, part, config):
    """Return the seconds of forward, backward and step alone."""
    images, labels = to_tensors(part)
    model, optimizer = _start(network)
    batches = list(
        zip(images.split(config.batch_size), labels.split(config.batch_size), strict=True)
    )
    start = time.perf_counter()
    for batch, target in batches:
        _step(model, optimizer, batch, target, config)
    return time.perf_counter() - start


def loader_epoch(network, part, config, workers):
    """Return the seconds of an epoch of the tutorials' loop."""
    one_by_one = OneByOne(
        part,
        transforms.Compose(
            [
                transforms.ToTensor(),
                transforms.Normalize((models.PIXEL_MEAN,), (models.PIXEL_DEVIATION,)),
            ]
        ),
    )
    loader = DataLoader(one_by_one, batch_size=config.batch_size, shuffle=True, num_workers=workers)
    model, optimizer = _start(network)
    start = time.perf_counter()
    for batch, target in loader:
        _step(model, optimizer, batch, target, config)
    return time.perf_counter() - start


def _start(network):
    model = models.build(network).to(memory_format=torch.channels_last).train()
    return model, torch.optim.AdamW(model.parameters(), lr=1e-3, fused=True)


def _step(model, optimizer, batch, target, config):
    with torch.autocast("cpu", torch.bfloat16, enabled=config.autocast):
        logits = model(batch)
    loss = functional.cross_entropy(logits.float(), target)
    optimizer.zero_grad(set_to_none=True)
    loss.backward()
    optimizer.step()


if __name__ == "__main__":
    sys.exit(main())
