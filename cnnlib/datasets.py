"""Load the data sets of the lecture, verified, with a word on where they came from.

A data set is looked for in the folder that the environment variable `CNNLIB_DATA` names, in the
user's cache folder, and among Debian's packages; then it is downloaded to the cache folder. A
small sample ships with the package. On the command line:

    python -m cnnlib.datasets list               where each data set is found
    python -m cnnlib.datasets get [NAME ...]     find or download, and verify
    python -m cnnlib.datasets sample             make the shipped sample again
"""

import argparse
import hashlib
import logging
import sys
from dataclasses import dataclass, field
from functools import partial

import numpy as np

from cnnlib import cifar10, fashion_mnist
from cnnlib.data_files import DamagedFileError, DatasetNotFoundError
from cnnlib.shapes import check_option

__all__ = [
    "SPLITS",
    "DamagedFileError",
    "Dataset",
    "DatasetNotFoundError",
    "at_hand",
    "load",
    "names",
]

SPLITS = ("train", "fit", "validation", "test")

_KNOWN = {"fashion-mnist": fashion_mnist, "cifar-10": cifar10}


@dataclass(frozen=True, eq=False)
class Dataset:
    """Images with their labels, and where they came from.

    Attributes
    ----------
    name, split : str
        What was asked of `load`.
    images : array of uint8, shape (N, H, W, C)
    labels : array of int64, shape (N,)
        Indices into `classes`.
    classes : tuple of str
    source : str
        Where the files came from, in words for a reader.
    is_sample : bool
        Whether this is the shipped sample, of which a page tells its reader.
    sha256 : str
        64 hexadecimal digits: the SHA-256 of the bytes of `images`, then of `labels` as
        little-endian integers of 64 bits, as both were when loaded.
    """

    name: str
    split: str
    images: np.ndarray
    labels: np.ndarray
    classes: tuple[str, ...]
    source: str
    is_sample: bool
    sha256: str = field(init=False)

    def __post_init__(self):
        digest = hashlib.sha256(np.ascontiguousarray(self.images))
        digest.update(np.ascontiguousarray(self.labels, "<i8"))
        object.__setattr__(self, "sha256", digest.hexdigest())

    def __len__(self):
        return len(self.labels)

    def __repr__(self):
        size = " × ".join(map(str, self.images.shape[1:]))
        return f"<{self.name}, {self.split}: {len(self):,} images of {size}, from {self.source}>"


def names():
    """Return the names of the data sets that `load` knows.

    Examples
    --------
    >>> names()
    ('fashion-mnist', 'cifar-10')
    """
    return tuple(_KNOWN)


def load(name, split, *, sample=False):
    """Return the images and labels of a data set.

    "train" and "test" are the sets as published: 60,000 and 10,000 images of Fashion-MNIST,
    50,000 and 10,000 of CIFAR-10. For choosing between networks, recipes and epochs, "train" has
    two fixed parts: of each class, its last sixth (of CIFAR-10: its last tenth) is "validation",
    the others are "fit": 50,000 and 10,000 images of Fashion-MNIST, 45,000 and 5,000 of CIFAR-10.
    All keep the published order, which is a shuffled one: the two parts differ by no more than
    chance, and no image is in both. Tune on "fit" and "validation", then train on "train", and
    open "test" once.

    Each call reads and verifies the files (a second or two), so the arrays are yours to change.

    Parameters
    ----------
    name : str
        One of `names()`.
    split : {"train", "fit", "validation", "test"}
    sample : bool
        Take the small sample that ships with the package, which has the first images of each
        class: 600 for "train" (500 for "fit", 100 for "validation") and 200 for "test". Of
        CIFAR-10, none ships.

    Returns
    -------
    Dataset
        With `images` (uint8, (N, 28, 28, 1), or (N, 32, 32, 3) for CIFAR-10), `labels` (int64,
        (N,)), and `source`, which says so where a JPEG copy stands in for CIFAR-10's original.

    Raises
    ------
    ValueError
        If the name or the split is unknown, or if the data set has no sample.
    DatasetNotFoundError
        If the files are nowhere and cannot be downloaded; it names each place tried.
    DamagedFileError
        If a file is there, but not with the SHA-256 that it should have.

    References
    ----------
    Xiao, Rasul and Vollgraf, "Fashion-MNIST: a Novel Image Dataset for Benchmarking Machine
    Learning Algorithms" (2017), arXiv:1708.07747.
    Krizhevsky, "Learning Multiple Layers of Features from Tiny Images" (2009).

    Examples
    --------
    >>> test = load("fashion-mnist", "test", sample=True)
    >>> test.images.shape, test.images.dtype
    ((200, 28, 28, 1), dtype('uint8'))
    >>> test.classes[test.labels[0]]
    'Ankle boot'
    """
    check_option("name", name, names())
    check_option("split", split, SPLITS)
    known = _KNOWN[name]
    if sample and known is not fashion_mnist:
        raise ValueError(
            f"`sample` (True) is not to be had of {known.TITLE}, whose images have no licence: "
            "use sample=False"
        )
    published = "test" if split == "test" else "train"
    images, labels, source = (known.read_sample if sample else known.read)(published)
    if split != published:
        counts = np.bincount(labels)
        last = rank_in_class(labels) >= (counts - counts // known.VALIDATION_SHARE)[labels]
        chosen = last if split == "validation" else ~last
        images, labels = images[chosen], labels[chosen]
    return Dataset(name, split, images, labels, known.CLASSES, source, is_sample=bool(sample))


def at_hand(name):
    """Say where on this machine a data set lies, as far as its files' names tell.

    Returns
    -------
    str or None
        In words for a reader; None if `load` would have to download it.
    """
    check_option("name", name, names())
    known = _KNOWN[name]
    return next((place.name for place in known.places() if known.present(place)), None)


def rank_in_class(labels):
    """Count for each image how many of its class come before it.

    Parameters
    ----------
    labels : array of int, shape (N,)

    Returns
    -------
    array of int, shape (N,)

    Examples
    --------
    >>> rank_in_class(np.array([7, 7, 3, 7, 3]))
    array([0, 1, 0, 2, 1])
    """
    ranks = np.empty(len(labels), int)
    for label in np.unique(labels):
        members = np.flatnonzero(labels == label)
        ranks[members] = np.arange(len(members))
    return ranks


def main(arguments=None):
    """Run the command line.

    Parameters
    ----------
    arguments : sequence of str, optional
        In place of those of the command line.

    Returns
    -------
    int
        0, or 1 if a data set is not to be had or damaged.
    """
    parser = argparse.ArgumentParser(prog="python -m cnnlib.datasets", description="Data sets.")
    commands = parser.add_subparsers(dest="command", required=True)
    commands.add_parser("list", help="say where each data set is found, and in which state")
    get = commands.add_parser("get", help="find data sets or download them, and verify them")
    get.add_argument("names", nargs="*", metavar="NAME", help=f"of {', '.join(names())}; else all")
    commands.add_parser("sample", help="make the shipped sample of Fashion-MNIST again")
    options = parser.parse_args(arguments)
    logging.basicConfig(format="%(message)s", level=logging.INFO)
    if options.command == "list":
        _list()
        return 0
    actions = [_make_sample]
    if options.command == "get":
        actions = [partial(_get, name) for name in options.names or names()]
    failed = False
    for action in actions:
        try:
            action()
        except (ValueError, OSError) as error:
            print(error, file=sys.stderr)
            failed = True
    return int(failed)


def _get(name):
    check_option("name", name, names())
    _, place = _KNOWN[name].find()
    print(f"{name}: complete and verified in {place.folder} ({place.name})")


def _list():
    for name, known in _KNOWN.items():
        print(f"{name} ({known.TITLE})")
        samples = (known.sample_place(),) if known is fashion_mnist else ()
        for place in (*known.places(), *samples):
            try:
                known.check(place)
                state = f"complete and verified in {place.folder}"
            except (FileNotFoundError, PermissionError, DamagedFileError) as error:
                state = error
            print(f"  {place.name}: {state}")


def _make_sample():
    splits = {}
    for split, per_class in fashion_mnist.SAMPLE_PER_CLASS.items():
        images, labels, _ = fashion_mnist.read(split)
        chosen = rank_in_class(labels) < per_class
        splits[split] = images[chosen], labels[chosen]
    path = fashion_mnist.write_sample(splits, fashion_mnist.SAMPLE_FOLDER)
    print(f"{path}: {path.stat().st_size:,} bytes")
    print(f"SHA-256 {hashlib.sha256(path.read_bytes()).hexdigest()}, for fashion_mnist.SAMPLE")


if __name__ == "__main__":
    sys.exit(main())
