"""Know Fashion-MNIST: its files with their digests, where they may lie, and its small sample.

Xiao, Rasul and Vollgraf, "Fashion-MNIST: a Novel Image Dataset for Benchmarking Machine Learning
Algorithms" (2017), arXiv:1708.07747. Images and labels are Zalando's, under the MIT licence; that
of the sample stands beside it. `cnnlib.datasets` is the way in.
"""

import io
import tempfile
from functools import partial
from pathlib import Path

import numpy as np

from cnnlib import data_files, downloads, idx

TITLE = "Fashion-MNIST"
CLASSES = (
    *("T-shirt/top", "Trouser", "Pullover", "Dress", "Coat"),
    *("Sandal", "Shirt", "Sneaker", "Bag", "Ankle boot"),
)
# One training image in so many of each class is for validation.
VALIDATION_SHARE = 6
# SHA-256 of the unpacked files. Debian's are packed anew, so the packed ones differ.
DIGESTS = {
    "train-images-idx3-ubyte": "c59f468a2f672dc815687fe0f83887768d799fd8a3f3276145d20f83aa44d888",
    "train-labels-idx1-ubyte": "bad3541b69d912435c50bb6ba87bec294ff4f6a2e1246121d8633921760443d9",
    "t10k-images-idx3-ubyte": "5b4141f0afbad91edebe8549f8fcffe087ea10ca49f1dbef5c9a5cd8815ce37b",
    "t10k-labels-idx1-ubyte": "0402a96d92fd2663957122ceb108a494c5af83dab82d92729df917d7dec38c34",
}
# torchvision's lists for `FashionMNIST`, word for word (a test compares): importing torchvision
# takes seconds, and its own download waits for a silent server forever.
MIRRORS = ("http://fashion-mnist.s3-website.eu-central-1.amazonaws.com/",)
MD5S = {
    "train-images-idx3-ubyte.gz": "8d4fb7e6c68d591d4c3dfef9ec88bf0d",
    "train-labels-idx1-ubyte.gz": "25c81989df183df01b3e8a0aad5dffbe",
    "t10k-images-idx3-ubyte.gz": "bef4ecab320f06d8554ea6380940ec79",
    "t10k-labels-idx1-ubyte.gz": "bb300cfdad3c16e7a12a480ee83cd310",
}
REMEDY = (
    "Run `apt-get install dataset-fashion-mnist`; or, with a network, `make data` or "
    "`python -m cnnlib.datasets get fashion-mnist`; or set CNNLIB_DATA to a folder with the files."
)
# The shipped sample, with its SHA-256. Made by `python -m cnnlib.datasets sample`.
SAMPLE = {
    "samples/fashion_mnist.npz": "0ccefc20787a59cd52807e7f4a7ef56be0e86a3db24c96aa9abaa68ed115ff9b"
}
SAMPLE_FOLDER = Path(__file__).parent
SAMPLE_PER_CLASS = {"train": 60, "test": 20}


def places():
    """Return where Fashion-MNIST is looked for, in order (tuple of `cnnlib.data_files.Place`)."""
    return data_files.places(
        "fashion-mnist", ("fashion-mnist", "FashionMNIST/raw", "."), "dataset-fashion-mnist"
    )


def present(place):
    """Return whether a place seems to have all files; they are not verified (bool)."""
    return place.folder is not None and any(
        all(data_files.find_file(place.folder / layout, name) for name in DIGESTS)
        for layout in place.layouts
    )


def check(place):
    """Verify all files of a place; errors as those of `cnnlib.data_files.read`."""
    data_files.read(place, SAMPLE if place == sample_place() else DIGESTS, len)


def sample_place():
    """Return where the sample is (`cnnlib.data_files.Place`); its file is the key of `SAMPLE`."""
    return data_files.Place("the shipped sample", SAMPLE_FOLDER, repair="install cnnlib again")


def find(file_names=tuple(DIGESTS)):
    """Find files of the data set or download it, and read them.

    Parameters
    ----------
    file_names : sequence of str
        Keys of `DIGESTS`.

    Returns
    -------
    arrays : dict of str to array of uint8
        For each file, what is in it.
    place : cnnlib.data_files.Place

    Raises
    ------
    DatasetNotFoundError, DamagedFileError
        See `cnnlib.data_files.find`.
    """
    digests = {name: DIGESTS[name] for name in file_names}
    read_at = partial(data_files.read, digests=digests, parse=idx.parse)
    return data_files.find(TITLE, places(), read_at, (_download,), REMEDY)


def read(split):
    """Read a split as published.

    Parameters
    ----------
    split : {"train", "test"}

    Returns
    -------
    images : array of uint8, shape (N, 28, 28, 1)
    labels : array of int64, shape (N,)
    source : str
        Where the files came from, in words for a reader.

    Raises
    ------
    DatasetNotFoundError, DamagedFileError
        See `cnnlib.data_files.find`.
    """
    prefix = {"train": "train", "test": "t10k"}[split]
    images, labels = f"{prefix}-images-idx3-ubyte", f"{prefix}-labels-idx1-ubyte"
    arrays, place = find((images, labels))
    return arrays[images][..., None], arrays[labels].astype(np.int64), place.name


def read_sample(split):
    """Read a split of the sample that ships with the package.

    Parameters
    ----------
    split : {"train", "test"}

    Returns
    -------
    images, labels, source
        Like those of `read`.

    Raises
    ------
    FileNotFoundError, DamagedFileError
        If the package is not whole.

    Examples
    --------
    >>> images, labels, source = read_sample("test")
    >>> images.shape, np.bincount(labels)
    ((200, 28, 28, 1), array([20, 20, 20, 20, 20, 20, 20, 20, 20, 20]))
    >>> source
    'the sample that ships with cnnlib, the first 20 test images of each class'
    """
    (content,) = data_files.read(sample_place(), SAMPLE, io.BytesIO).values()
    with np.load(content) as arrays:
        images, labels = arrays[f"{split}_images"], arrays[f"{split}_labels"]
    source = (
        f"the sample that ships with cnnlib, the first {SAMPLE_PER_CLASS[split]} {split} images "
        "of each class"
    )
    return images, labels.astype(np.int64), source


def write_sample(splits, folder):
    """Write the sample's file, under a temporary name first.

    Parameters
    ----------
    splits : dict of str to (images, labels)
        For "train" and "test", arrays like those that `read_sample` returns.
    folder : pathlib.Path
        The file is `samples/fashion_mnist.npz` below it.

    Returns
    -------
    pathlib.Path
        The file.
    """
    path = Path(folder, *SAMPLE)
    path.parent.mkdir(parents=True, exist_ok=True)
    arrays = {}
    for split, (images, labels) in splits.items():
        arrays |= {f"{split}_images": images, f"{split}_labels": labels.astype(np.uint8)}
    with tempfile.TemporaryDirectory(dir=path.parent) as scratch:
        np.savez_compressed(Path(scratch, path.name), **arrays)
        Path(scratch, path.name).replace(path)
    return path


def _download():
    (place,) = (place for place in places() if place.name == data_files.CACHE)
    downloads.download(place.folder, DIGESTS, MIRRORS, MD5S)
    return place
