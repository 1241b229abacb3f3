"""Know CIFAR-10 as its author publishes it: six pickled batches, read by torchvision."""

import hashlib
import tarfile
import tempfile
from pathlib import Path

import numpy as np

from cnnlib import downloads
from cnnlib.data_files import DamagedFileError

FOLDER = "cifar-10-batches-py"
# Whether these are there tells whether the others are; importing torchvision takes seconds.
MARKS = ("batches.meta",)


def read(folder, split):
    """Read a split as published.

    Parameters
    ----------
    folder : pathlib.Path
        `FOLDER`, with the unpacked files.
    split : {"train", "test"}

    Returns
    -------
    images : array of uint8, shape (N, 32, 32, 3)
    labels : array of int64, shape (N,)

    Raises
    ------
    FileNotFoundError
        If a file is missing.
    DamagedFileError
        If a file is there, but with another content.
    """
    # Fashion-MNIST does without torchvision.
    from torchvision.datasets import CIFAR10

    train = split == "train"
    listed = CIFAR10.train_list if train else CIFAR10.test_list
    for name, md5 in (*listed, (CIFAR10.meta["filename"], CIFAR10.meta["md5"])):
        path = folder / name
        # The files are pickles, which may run code: none is opened before it is verified.
        found = hashlib.md5(path.read_bytes(), usedforsecurity=False).hexdigest()
        if found != md5:
            raise DamagedFileError(
                f"{path} is damaged: its MD5 is {found}, where {md5} is expected. It was not "
                f"used: delete {folder}, and run `python -m cnnlib.datasets get cifar-10`"
            )
    published = CIFAR10(folder.parent, train=train)
    return published.data, np.asarray(published.targets, np.int64)


def download(folder):
    """Download the original, and unpack it, so that nobody ever sees half of it.

    Parameters
    ----------
    folder : pathlib.Path
        Gets `FOLDER`. Made where it is missing.

    Raises
    ------
    OSError
        If its author's server does not answer, or sends something else, or if there is a `FOLDER`
        that lacks files.
    """
    from torchvision.datasets import CIFAR10

    listed = (*CIFAR10.train_list, *CIFAR10.test_list)
    names = *(name for name, _ in listed), CIFAR10.meta["filename"]
    downloads.check_whole(folder / FOLDER, names)  # before so many megabytes come in vain
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
        downloads.move_in(Path(scratch, FOLDER), folder / FOLDER, names)
