"""CIFAR-10's JPEG copy is told from the images, and a record meets the form that it is of."""

import dataclasses

import numpy as np
import pytest

from cnnlib import archive, cifar10, datasets, experiments, jpeg_copy, recipes
from cnnlib.data_files import Place
from cnnlib.training import TrainingConfig

TINY = recipes.Experiment(
    "cifar-10/tiny", "cnn-small", TrainingConfig(epochs=1), {}, dataset="cifar-10", seeds=(0,)
)
NAMES = "cifar-10/compact", "cifar-10/compact-copy"


def made(source, seed=0, split="test"):
    rng = np.random.default_rng(seed)
    images = rng.integers(0, 256, (40, 32, 32, 3), np.uint8)
    labels = np.arange(40) % 10
    return datasets.Dataset("cifar-10", split, images, labels, cifar10.CLASSES, source, False)


def test_the_copy_is_known_by_its_source():
    place = Place(f"{cifar10.COPY_NAME} in a folder", None)
    assert jpeg_copy.is_copy(made(place.name))
    assert not jpeg_copy.is_copy(made("the folder that CNNLIB_DATA names"))
    assert [jpeg_copy.is_copy(archive.load_record(name).dataset) for name in NAMES] == [False, True]


def test_a_record_meets_its_own_form_of_the_images(monkeypatch):
    published, copied = made("published"), made("copied", seed=1)
    monkeypatch.setattr(datasets, "load", lambda name, split, sample: published)
    monkeypatch.setattr(jpeg_copy, "load_copy", lambda: copied)
    assert jpeg_copy.load_test("cifar-10", published.sha256) is published
    assert jpeg_copy.load_test("cifar-10", copied.sha256) is copied
    assert jpeg_copy.load_test("cifar-10", "0" * 64) is published
    assert jpeg_copy.load_test("fashion-mnist", copied.sha256) is published
    monkeypatch.setattr(jpeg_copy, "load_copy", lambda: None)
    assert jpeg_copy.load_test("cifar-10", copied.sha256) is published


def test_without_the_copy_there_is_none(monkeypatch, tmp_path):
    monkeypatch.setenv("CNNLIB_DATA", str(tmp_path))
    assert jpeg_copy.load_copy() is None


def test_the_copy_s_experiment_takes_nothing_else(monkeypatch, tmp_path):
    for_copy = dataclasses.replace(TINY, of_copy=True)
    monkeypatch.setattr(experiments, "_load", lambda *asked: made("published", split=asked[1]))
    with pytest.raises(ValueError, match="run it where only the copy is at hand"):
        experiments.run(for_copy, tmp_path)
    assert list(tmp_path.iterdir()) == []
