"""Tell CIFAR-10 from its JPEG copy, and measure what the copy costs.

    python -m cnnlib.jpeg_copy cifar-10/compact

asks a trained network about the published test images and about their copies, and writes
jpeg-copy.json beside the experiment's record, unless it is of these weights already.
"""

import argparse
import contextlib
import sys

from cnnlib import archive, cifar10, datasets, measured, memory, recipes
from cnnlib.evaluation import evaluate

FILE = "jpeg-copy.json"
COMMAND = "python -m cnnlib.jpeg_copy"


def is_copy(dataset):
    """Return whether a `cnnlib.datasets.Dataset` is of the JPEG copy of CIFAR-10 (bool)."""
    return dataset.name == "cifar-10" and dataset.source.startswith(cifar10.COPY_NAME)


def load_copy():
    """Return the copies of CIFAR-10's test images, wherever these are.

    Returns
    -------
    cnnlib.datasets.Dataset or None
        None if the copy is not at hand.
    """
    *_, copy = cifar10.places()
    if not cifar10.present(copy):
        return None
    images, labels = cifar10.read_from(copy, "test")
    return datasets.Dataset("cifar-10", "test", images, labels, cifar10.CLASSES, copy.name, False)


def load_test(name, sha256, *, sample=False):
    """Return a test set: where two forms of it are at hand, the one that a record is of.

    Parameters
    ----------
    name : str
        As `cnnlib.datasets.load` takes it.
    sha256 : str or None
        The record's `cnnlib.datasets.Dataset.sha256`.
    sample : bool
        See `cnnlib.datasets.load`.

    Returns
    -------
    cnnlib.datasets.Dataset
        What `cnnlib.datasets.load` gives, unless the copy alone has this SHA-256.
    """
    found = datasets.load(name, "test", sample=sample)
    if name == "cifar-10" and found.sha256 != sha256:
        copy = load_copy()
        if copy and copy.sha256 == sha256:
            return copy
    return found


def measure(network, experiment, published, copied):
    """Return how often a network is right about published images, and about their copies.

    Parameters
    ----------
    network : torch.nn.Module
    experiment : cnnlib.recipes.Experiment
        Says how it is evaluated.
    published, copied : cnnlib.datasets.Dataset
        The same images in the same order.

    Returns
    -------
    list of dict
        For "published" and "copied" `images`: their `sha256`, the `count`, how many answers are
        `right`, of these `only_here` those that are wrong about the other form of the image, and
        how many are `right_augmented`, with the experiment's test-time augmentation.
    """
    rows, hits = [], {}
    for images, test in (("published", published), ("copied", copied)):
        autocast = experiment.config.autocast
        plain = evaluate(network, test, autocast=autocast)
        hits[images] = plain.logits.argmax(1) == test.labels
        views = evaluate(network, test, augmented=experiment.augmented_test, autocast=autocast)
        rows.append(
            {
                "images": images,
                "sha256": test.sha256,
                "count": len(test),
                "right": int(hits[images].sum()),
                "right_augmented": round(views.accuracy * len(test)),
            }
        )
    both = int((hits["published"] & hits["copied"]).sum())
    return [row | {"only_here": row["right"] - both} for row in rows]


def load(name, results=archive.RESULTS):
    """Return what was measured for an experiment, see `cnnlib.measured.load`."""
    return measured.load(name, FILE, COMMAND, results)


def main(arguments=None):
    """Measure, print and write; return 0, or 1 if something is wrong."""
    parser = argparse.ArgumentParser(prog=COMMAND)
    parser.add_argument("name", metavar="NAME", help="a trained experiment on CIFAR-10")
    options = parser.parse_args(arguments)
    with contextlib.suppress(FileNotFoundError, ValueError):
        load(options.name)
        print(f"{options.name}: has been measured")
        return 0
    memory.keep()
    try:
        network = archive.load_network(options.name)
        (experiment,) = recipes.find(options.name)
        published, copied = datasets.load(experiment.dataset, "test"), load_copy()
        if copied is None or is_copy(published):
            raise ValueError(f"{options.name}: of CIFAR-10 and its JPEG copy, one is not at hand")
    except (ValueError, OSError) as error:
        print(error, file=sys.stderr)
        return 1
    rows = measure(network, experiment, published, copied)
    for row in rows:
        print(f"{row['images']}: {row['right'] / row['count']:.2%}")
    measured.save(options.name, FILE, published, rows)
    return 0


if __name__ == "__main__":
    sys.exit(main())
