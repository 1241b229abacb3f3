"""Make other data sets of one: with fewer images, with moved ones, with turned ones."""

import dataclasses

import numpy as np

from cnnlib.shapes import as_integer

SCATTER_PIXELS = 4
# Images that an epoch shows, where there are fewer.
PRESENTATIONS = 10_000
_SEED = 0


def fewer(dataset, count, seed, presentations=PRESENTATIONS):
    """Choose images at random, as many of each class, and repeat them.

    An epoch of a training then shows about as many images whatever their number is, so that few
    images are not trained on for less time.

    Parameters
    ----------
    dataset : cnnlib.datasets.Dataset
    count : int
        How many different images: a multiple of the number of classes.
    seed : int
        Of the choice.
    presentations : int
        Where `count` is less, all are repeated as often as fits into so many.

    Returns
    -------
    cnnlib.datasets.Dataset

    Raises
    ------
    ValueError
        If `count` is not a positive multiple of the number of classes, or a class has too few.

    Examples
    --------
    >>> from cnnlib import datasets
    >>> sample = datasets.load("fashion-mnist", "train", sample=True)
    >>> few = fewer(sample, 20, seed=0, presentations=70)
    >>> len(few), len(np.unique(few.images, axis=0)), np.bincount(few.labels).tolist()
    (60, 20, [6, 6, 6, 6, 6, 6, 6, 6, 6, 6])
    """
    classes = len(dataset.classes)
    count = as_integer("count", count, 1)
    if count % classes:
        raise ValueError(
            f"`count` ({count}) is not a multiple of the {classes} classes: use one, so that each "
            "class has as many images"
        )
    each = count // classes
    rng = np.random.default_rng((_SEED, seed))
    chosen = []
    for label in range(classes):
        members = np.flatnonzero(dataset.labels == label)
        if len(members) < each:
            raise ValueError(
                f"`count` ({count}) wants {each} images of each class, where class {label} has "
                f"{len(members)}: use at most {len(members) * classes}"
            )
        chosen.append(rng.choice(members, each, replace=False))
    chosen = np.tile(np.sort(np.concatenate(chosen)), max(1, presentations // count))
    return dataclasses.replace(
        dataset, images=dataset.images[chosen], labels=dataset.labels[chosen]
    )


def scattered(dataset):
    """Move each image by up to `SCATTER_PIXELS` along both axes, at random; black comes in.

    Always in the same way: where a garment lies then says nothing about what it is.

    Parameters, returns: a `cnnlib.datasets.Dataset`.
    """
    most = SCATTER_PIXELS
    count, height, width, _ = dataset.images.shape
    corners = np.random.default_rng(_SEED).integers(2 * most + 1, size=(2, count, 1))
    padded = np.pad(dataset.images, ((0, 0), (most, most), (most, most), (0, 0)))
    rows = (corners[0] + np.arange(height))[:, :, None]
    columns = (corners[1] + np.arange(width))[:, None, :]
    moved = padded[np.arange(count)[:, None, None], rows, columns]
    return dataclasses.replace(dataset, images=moved)


def turned(dataset):
    """Turn each image by 0 to 3 quarter turns, at random; always in the same way.

    Parameters, returns: a `cnnlib.datasets.Dataset` of square images.
    """
    turns = np.random.default_rng(_SEED).integers(4, size=len(dataset.images))
    images = dataset.images.copy()
    for quarter in range(1, 4):
        images[turns == quarter] = np.rot90(images[turns == quarter], quarter, axes=(1, 2))
    return dataclasses.replace(dataset, images=images)


VARIATIONS = {"scattered": scattered, "turned": turned}


def vary(dataset, name):
    """Return a variation of a data set by name, or the data set itself for None.

    Raises
    ------
    ValueError
        If the name is unknown.
    """
    if name is None:
        return dataset
    if name not in VARIATIONS:
        raise ValueError(f"`name` ({name!r}) is no variation: use one of {tuple(VARIATIONS)}")
    return VARIATIONS[name](dataset)
