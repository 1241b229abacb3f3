"""Know a copy of CIFAR-10 that is not the original: all its images, encoded anew as JPEG.

Quality 75, colours at half the resolution (4:2:0), in torchvision's order, in two Parquet files.
"""

import io

import numpy as np

from cnnlib import data_files

FOLDER = "."
FILES = {
    "train": (
        "cifar10_jpeg75_train.parquet",
        "6b8f91a0ced46dcc063de4f6fbf28aaa673391ac46fe16db41106e7749399358",
    ),
    "test": (
        "cifar10_jpeg75_test.parquet",
        "3e9013042083c075f0376110cd19cb8256c7a0ac57b28581b89776aa2c28a5b8",
    ),
}
MARKS = tuple(name for name, _ in FILES.values())


def read(folder, split):
    """Read a split of the copy.

    Parameters
    ----------
    folder : pathlib.Path
        With the two files.
    split : {"train", "test"}

    Returns
    -------
    images : array of uint8, shape (N, 32, 32, 3)
    labels : array of int64, shape (N,)

    Raises
    ------
    FileNotFoundError
        If the file is missing.
    DamagedFileError
        If it is there, but with another content.
    """
    name, sha256 = FILES[split]
    repair = "delete it, and `python -m cnnlib.datasets get cifar-10` gets CIFAR-10 itself"
    return data_files.read_file(folder / name, sha256, _decode, repair)


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
