"""CIFAR-10 is read from the original or from its copy, and which one is said."""

import hashlib
import io
import os
import pickle
import tarfile
from pathlib import Path

import numpy as np
import pyarrow
import pytest
from PIL import Image
from pyarrow import parquet
from torchvision.datasets import CIFAR10

from cnnlib import cifar10, data_files, datasets, downloads

GIVEN = os.environ.get("CNNLIB_DATA", "")
PER_CLASS = {"train": 20, "test": 10}


@pytest.fixture(autouse=True)
def alone(monkeypatch, tmp_path):
    """Leave a test without data and without a network."""

    def nobody_answers(url, path):
        raise OSError(f"{url}: nobody answers")

    monkeypatch.delenv("CNNLIB_DATA", raising=False)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.setattr(downloads, "fetch", nobody_answers)


@pytest.fixture(scope="module")
def arrays():
    rng = np.random.default_rng(0)
    made = {}
    for split, per_class in PER_CLASS.items():
        labels = rng.permutation(np.repeat(np.arange(10), per_class))
        made[split] = rng.integers(0, 256, (len(labels), 32, 32, 3), np.uint8), labels
    return made


@pytest.fixture
def original(monkeypatch, tmp_path, arrays):
    """Return a folder with small files of the original's layout, which their digests fit."""
    folder = tmp_path / "original" / cifar10.FOLDER
    folder.mkdir(parents=True)
    contents = {"batches.meta": {"label_names": list(cifar10.CLASSES)}}
    for split, (images, labels) in arrays.items():
        names = [f"data_batch_{k}" for k in range(1, 6)] if split == "train" else ["test_batch"]
        parts = zip(np.split(images, len(names)), np.split(labels, len(names)), strict=True)
        for name, (part, named) in zip(names, parts, strict=True):
            planes = part.transpose(0, 3, 1, 2).reshape(len(part), -1)  # red, green, blue
            contents[name] = {"data": planes, "labels": named.tolist()}
    md5s = {}
    for name, content in contents.items():
        packed = pickle.dumps(content)
        (folder / name).write_bytes(packed)
        md5s[name] = hashlib.md5(packed, usedforsecurity=False).hexdigest()
    train, test, meta = (
        [[name, md5] for name, md5 in md5s.items() if name.startswith(start)]
        for start in ("data", "test", "batches")
    )
    monkeypatch.setattr(CIFAR10, "train_list", train)
    monkeypatch.setattr(CIFAR10, "test_list", test)
    monkeypatch.setattr(CIFAR10, "meta", {**CIFAR10.meta, "md5": meta[0][1]})
    return folder.parent


@pytest.fixture
def copy(monkeypatch, tmp_path, arrays):
    """Return a folder with a small copy of JPEG files in Parquet, which its digests fit."""
    folder, digests = tmp_path / "copy", {}
    folder.mkdir()
    for split, (images, labels) in arrays.items():
        encoded = []
        for image in images:
            file = io.BytesIO()
            Image.fromarray(image).save(file, "JPEG", quality=95, subsampling=0)
            encoded.append({"bytes": file.getvalue(), "path": ""})
        path = folder / cifar10.COPY[split][0]
        parquet.write_table(pyarrow.table({"image": encoded, "label": labels}), path)
        digests[split] = path.name, hashlib.sha256(path.read_bytes()).hexdigest()
    monkeypatch.setattr(cifar10, "COPY", digests)
    return folder


@pytest.mark.parametrize("layout", [".", "cifar-10"])
def test_the_original(monkeypatch, tmp_path, original, arrays, layout):
    root = tmp_path / "given"
    (root / layout).mkdir(parents=True)
    (original / cifar10.FOLDER).rename(root / layout / cifar10.FOLDER)
    monkeypatch.setenv("CNNLIB_DATA", str(root))
    for split in ("train", "test"):
        found = datasets.load("cifar-10", split)
        images, labels = arrays[split]
        assert (found.images == images).all()
        assert (found.labels == labels).all()
        assert (found.images.dtype, found.labels.dtype) == (np.uint8, np.int64)
        assert found.source == "the folder that CNNLIB_DATA names"
        assert not found.is_sample


def test_validation_is_the_last_tenth_of_each_class(monkeypatch, original, arrays):
    monkeypatch.setenv("CNNLIB_DATA", str(original))
    fit, validation = (datasets.load("cifar-10", split) for split in ("fit", "validation"))
    assert np.bincount(fit.labels).tolist() == [18] * 10
    assert np.bincount(validation.labels).tolist() == [2] * 10
    images, labels = arrays["train"]
    last = np.flatnonzero(labels == 3)[-2:]
    assert (validation.images[validation.labels == 3] == images[last]).all()


def test_the_copy_says_that_it_is_none_of_the_original(monkeypatch, copy, arrays):
    monkeypatch.setenv("CNNLIB_DATA", str(copy))
    found = datasets.load("cifar-10", "test")
    images, labels = arrays["test"]
    assert (found.labels == labels).all()
    assert found.images.shape == images.shape
    assert np.corrcoef(found.images.ravel(), images.ravel())[0, 1] > 0.9
    assert "JPEG" in found.source
    assert "not the original" in found.source


def test_the_original_comes_first(monkeypatch, original, copy):
    (original / cifar10.FOLDER).rename(copy / cifar10.FOLDER)
    monkeypatch.setenv("CNNLIB_DATA", str(copy))
    assert datasets.load("cifar-10", "test").source == "the folder that CNNLIB_DATA names"


@pytest.mark.parametrize("file", ["data_batch_3", "batches.meta"])
def test_a_damaged_original_is_not_opened(monkeypatch, original, copy, file):
    (original / cifar10.FOLDER / file).write_bytes(pickle.dumps("anything"))
    (original / cifar10.FOLDER).rename(copy / cifar10.FOLDER)
    monkeypatch.setenv("CNNLIB_DATA", str(copy))
    monkeypatch.setattr(pickle, "load", None)
    with pytest.raises(data_files.DamagedFileError, match=f"{file} is damaged: its MD5 is"):
        datasets.load("cifar-10", "train")


def test_a_missing_batch_is_named(monkeypatch, original):
    (original / cifar10.FOLDER / "data_batch_3").unlink()
    monkeypatch.setenv("CNNLIB_DATA", str(original))
    with pytest.raises(data_files.DatasetNotFoundError, match="data_batch_3"):
        datasets.load("cifar-10", "train")


@pytest.mark.parametrize("change", [lambda b: b[:-9], lambda b: b"PAR1" + b[4:-1] + b"?"])
def test_a_damaged_copy_is_not_used(monkeypatch, copy, change):
    path = copy / cifar10.COPY["test"][0]
    path.write_bytes(change(path.read_bytes()))
    monkeypatch.setenv("CNNLIB_DATA", str(copy))
    with pytest.raises(data_files.DamagedFileError, match=path.name):
        datasets.load("cifar-10", "test")


def test_where_nothing_helps_the_error_says_what_was_tried(tmp_path):
    with pytest.raises(data_files.DatasetNotFoundError) as caught:
        datasets.load("cifar-10", "test")
    for line in (
        "- the folder that CNNLIB_DATA names: not set",
        f"- cnnlib's cache folder: there is no {cifar10.FOLDER}/ in {tmp_path}",
        "- a JPEG copy (quality 75), not the original,",
        "nobody answers",
        "make data",
    ):
        assert line in str(caught.value)


def test_there_is_no_sample():
    with pytest.raises(ValueError, match=r"`sample` \(True\) is not to be had of CIFAR-10"):
        datasets.load("cifar-10", "test", sample=True)


@pytest.fixture
def served(monkeypatch, tmp_path, original):
    """Let the download give what a test puts into the file of this path."""
    path = tmp_path / "served.tar.gz"
    with tarfile.open(path, "w:gz") as archive:
        archive.add(original / cifar10.FOLDER, cifar10.FOLDER)
    md5 = hashlib.md5(path.read_bytes(), usedforsecurity=False).hexdigest()
    monkeypatch.setattr(CIFAR10, "tgz_md5", md5)
    monkeypatch.setattr(downloads, "fetch", lambda url, to: to.write_bytes(path.read_bytes()))
    return path


def test_the_download_is_unpacked_and_kept(served, arrays, capsys):
    assert datasets.main(["get", "cifar-10"]) == 0
    cache = data_files.cache_folder() / "cifar-10"
    assert capsys.readouterr().out == (
        f"cifar-10: complete and verified in {cache} (cnnlib's cache folder)\n"
    )
    assert [path.name for path in cache.iterdir()] == [cifar10.FOLDER]
    served.unlink()
    assert (datasets.load("cifar-10", "test").images == arrays["test"][0]).all()


def test_a_bad_download_is_not_kept(served):
    served.write_bytes(served.read_bytes()[:-100])
    with pytest.raises(data_files.DatasetNotFoundError, match="bytes with the MD5"):
        datasets.load("cifar-10", "test")
    assert list((data_files.cache_folder() / "cifar-10").iterdir()) == []


@pytest.mark.skipif(
    not Path(GIVEN, cifar10.COPY["test"][0]).is_file(), reason="CNNLIB_DATA has no copy"
)
def test_the_real_copy(monkeypatch):
    monkeypatch.setenv("CNNLIB_DATA", GIVEN)
    test = datasets.load("cifar-10", "test")
    assert test.images.shape == (10_000, 32, 32, 3)
    assert np.bincount(test.labels).tolist() == [1000] * 10
    names = [test.classes[label] for label in test.labels[:5]]
    assert names == ["cat", "ship", "ship", "airplane", "frog"]


def test_where_it_lies_is_told_without_reading_it(monkeypatch, original, copy):
    assert datasets.at_hand("cifar-10") is None
    monkeypatch.setenv("CNNLIB_DATA", str(copy))
    assert "not the original" in datasets.at_hand("cifar-10")
    (copy / cifar10.COPY["test"][0]).unlink()
    assert datasets.at_hand("cifar-10") is None
    monkeypatch.setenv("CNNLIB_DATA", str(original))
    assert datasets.at_hand("cifar-10") == "the folder that CNNLIB_DATA names"


def test_exact_images_stand_beside_a_copy_alone(monkeypatch, original, copy, arrays):
    monkeypatch.setenv("CNNLIB_DATA", str(copy))
    test = datasets.load("cifar-10", "test")
    assert datasets.load_exact(test) is None
    images, labels = (array[:3] for array in arrays["test"])
    path = copy / cifar10.EXACT[0]
    np.savez(path, test_images=images, test_labels=labels.astype(np.uint8))
    with pytest.raises(data_files.DamagedFileError, match=path.name):
        datasets.load_exact(test)
    digest = hashlib.sha256(path.read_bytes()).hexdigest()
    monkeypatch.setattr(cifar10, "EXACT", (path.name, digest))
    exact = datasets.load_exact(test)
    assert (exact.images == images).all()
    assert (exact.labels == test.labels[:3]).all()
    assert exact.sha256 != test.sha256
    monkeypatch.setenv("CNNLIB_DATA", str(original))
    assert datasets.load_exact(datasets.load("cifar-10", "test")) is None


def test_a_page_knows_where_its_data_lie(monkeypatch, root, original):
    monkeypatch.syspath_prepend(root / "book" / "_ext")
    import execution_cache

    page = '```{code-cell} python3\ntest = datasets.load("cifar-10", "test")\n```\n'
    assert execution_cache.places_of_data('datasets.load("cifar-10", "test") in prose') == {}
    assert execution_cache.places_of_data(page) == {"cifar-10": None}
    without = execution_cache._fingerprint(page, root)
    monkeypatch.setenv("CNNLIB_DATA", str(original))
    place = {"cifar-10": "the folder that CNNLIB_DATA names"}
    assert execution_cache.places_of_data(page) == place
    assert execution_cache._fingerprint(page, root) != without
