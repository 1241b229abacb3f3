"""CIFAR-10's JPEG copy is told from the images, and what it costs is counted image by image."""

import dataclasses
import json

import numpy as np
import pytest
import torch

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
    garments = dataclasses.replace(made(place.name), name="fashion-mnist")
    assert not jpeg_copy.is_copy(garments)


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


def test_answers_are_counted_and_compared_image_by_image():
    class Brightest(torch.nn.Module):
        def forward(self, x):
            return torch.nn.functional.one_hot((10 * x[:, 0, 0, 0]).long(), 10).float()

    shade = (np.arange(40) % 10 * 25.5 + 5).astype(np.uint8)
    images = np.broadcast_to(shade[:, None, None, None], (40, 32, 32, 3)).copy()
    published = dataclasses.replace(made("published"), images=images)
    spoilt = images.copy()
    spoilt[:7] += 26  # one class further: wrong about them
    copied = dataclasses.replace(made("copied"), images=spoilt)
    wrong = images.copy()
    wrong[35:] -= 26
    published = dataclasses.replace(published, images=wrong)
    experiment = dataclasses.replace(TINY, config=TrainingConfig(epochs=1, autocast=False))
    rows = jpeg_copy.measure(Brightest(), experiment, published, copied)
    assert [row["images"] for row in rows] == ["published", "copied"]
    assert [row["right"] for row in rows] == [35, 33]
    assert [row["only_here"] for row in rows] == [7, 5]
    # Images of one shade are their own mirror images.
    assert [row["right_augmented"] for row in rows] == [35, 33]
    assert [row["sha256"] for row in rows] == [published.sha256, copied.sha256]


def test_the_copy_s_experiment_takes_nothing_else(monkeypatch, tmp_path):
    for_copy = dataclasses.replace(TINY, of_copy=True)
    monkeypatch.setattr(experiments, "_load", lambda *asked: made("published", split=asked[1]))
    with pytest.raises(ValueError, match="run it where only the copy is at hand"):
        experiments.run(for_copy, tmp_path)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("missing", ["copy", "published"])
def test_both_forms_must_be_at_hand_to_measure(monkeypatch, capsys, missing):
    copy = made(f"{cifar10.COPY_NAME} in a folder")
    found = copy if missing == "published" else made("published")
    monkeypatch.setattr(jpeg_copy, "load", lambda name: json.loads("?"))
    monkeypatch.setattr(datasets, "load", lambda name, split: found)
    monkeypatch.setattr(jpeg_copy, "load_copy", lambda: None if missing == "copy" else copy)
    assert jpeg_copy.main([NAMES[0]]) == 1
    assert "of CIFAR-10 and its JPEG copy, one is not at hand" in capsys.readouterr().err


@pytest.mark.parametrize("name", NAMES)
def test_the_committed_counts_agree_with_the_record(name, capsys):
    found, record = jpeg_copy.load(name), archive.load_record(name)
    own = {row["sha256"]: row for row in found["rows"]}[record.dataset.sha256["test"]]
    first = record.runs[0]
    assert own["count"] == 10_000
    assert own["right"] == pytest.approx(10_000 * first.test_accuracy, abs=10)
    assert own["right_augmented"] == pytest.approx(10_000 * first.test_accuracy_augmented, abs=10)
    assert jpeg_copy.main([name]) == 0
    assert capsys.readouterr().out == f"{name}: has been measured\n"
