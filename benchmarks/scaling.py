"""Time the rungs of the CIFAR-10 ladder, and one network as it grows, beside what predicts it.

`python -m benchmarks.training ladder` and `... scaling` call this.
"""

import dataclasses
import functools
import statistics

from benchmarks.part import first_images
from cnnlib import datasets, models, recipes, training
from cnnlib.tracing import trace

# One network of three stages grows along one axis at a time from the middle of each.
BASE = {"images": 2000, "width": 32, "depth": 2}
GROWTH = {
    "images": (500, 1000, 2000, 4000, 8000),
    "width": (8, 16, 32, 64, 128),
    "depth": (1, 2, 3, 4, 6),
}


def ladder(images, rounds, bare_epoch):
    """Return a row for each rung: what it has, and images per second of `fit` and a bare loop.

    Parameters
    ----------
    images : int
        Of an epoch.
    rounds : int
        That count, after one that does not. The loops of all rungs take turns.
    bare_epoch : callable
        Network, options, data, configuration to the seconds of the bare loop.

    Returns
    -------
    list of dict
    """
    part = _part(images)
    loops = {}
    for rung in recipes.NARROW:
        config = dataclasses.replace(rung.config, epochs=1)
        options = {"network": rung.network, "options": rung.options}
        for name, loop in {"fit": fit_epoch, "bare": bare_epoch}.items():
            loops[rung.name, name] = functools.partial(loop, *options.values(), part, config)
    seconds = in_turns(loops, rounds)
    rows = []
    for rung in recipes.NARROW:
        model = models.build(rung.network, **rung.options)
        fit, bare = (seconds[rung.name, name] for name in ("fit", "bare"))
        rows.append(
            {
                "rung": rung.name,
                "parameters": models.count_parameters(model),
                "multiply_accumulates": trace(model).multiply_accumulates,
                "images_per_second": round(images / fit),
                "bare_images_per_second": round(images / bare),
            }
        )
        print(
            f"{rung.name:16} {rows[-1]['images_per_second']:7,} images/s, {fit / bare:.2f} times "
            "the bare loop's time",
            flush=True,
        )
    return rows


def scaling(rounds):
    """Return rows of seconds per epoch, beside the products that a forward pass sums up."""
    points = [(axis, value) for axis, values in GROWTH.items() for value in values]
    config = training.TrainingConfig(epochs=1, autocast=True)
    loops, rows = {}, []
    for axis, value in points:
        size = BASE | {axis: value}
        width, depth = size["width"], size["depth"]
        options = {
            "stages": tuple((k * width,) * depth for k in (1, 2, 2)),
            "image_shape": (3, 32, 32),
        }
        part = _part(size["images"])
        loops[axis, value] = functools.partial(fit_epoch, "cnn-deep", options, part, config)
        products = trace(models.build("cnn-deep", **options)).multiply_accumulates
        rows.append({"axis": axis, "value": value, "multiply_accumulates": products, **size})
    seconds = in_turns(loops, rounds)
    for row in rows:
        row["seconds"] = round(seconds[row["axis"], row["value"]], 4)
        rate = row["multiply_accumulates"] * row["images"] / row["seconds"]
        print(
            f"{row['axis']:6} {row['value']:5}: {row['seconds']:7.2f} s, "
            f"{rate / 1e9:6.1f} billion forward products a second",
            flush=True,
        )
    return rows


def fit_epoch(network, options, part, config):
    """Return the seconds of an epoch of `fit`, as it records them."""
    model = models.build(network, **options)
    return training.fit(model, part, config=config, quiet=True).training_seconds


def in_turns(loops, rounds):
    """Return each loop's median seconds; the loops take turns, and the first round is not counted.

    Parameters
    ----------
    loops : dict of callable
        Each returns seconds.
    rounds : int
    """
    times = {name: [] for name in loops}
    for turn in range(rounds + 1):
        for name, loop in loops.items():
            seconds = loop()
            if turn:
                times[name].append(seconds)
    return {name: statistics.median(values) for name, values in times.items()}


@functools.cache
def _whole():
    return datasets.load("cifar-10", "fit")


def _part(images):
    return first_images(_whole(), images)
