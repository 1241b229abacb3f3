"""Variations of a data set are what their names say, and always the same."""

import dataclasses

import numpy as np
import pytest

from cnnlib import datasets, variations


@pytest.fixture(scope="module")
def sample():
    return datasets.load("fashion-mnist", "train", sample=True)


def test_fewer_images_as_many_of_each_class_chosen_by_the_seed(sample):
    few = variations.fewer(sample, 50, seed=3, presentations=1)
    assert np.bincount(few.labels).tolist() == 10 * [5]
    known = {
        image.tobytes(): label for image, label in zip(sample.images, sample.labels, strict=True)
    }
    assert len(known) == len(sample)
    chosen = {image.tobytes() for image in few.images}
    assert len(chosen) == 50, "none is chosen twice"
    assert all(known[i.tobytes()] == k for i, k in zip(few.images, few.labels, strict=True))
    assert few.sha256 == variations.fewer(sample, 50, seed=3, presentations=1).sha256
    assert few.sha256 != variations.fewer(sample, 50, seed=4, presentations=1).sha256
    assert few.sha256 == variations.fewer(sample, np.int64(50), seed=3, presentations=1).sha256


def test_few_images_are_shown_more_often(sample):
    few = variations.fewer(sample, 50, seed=0, presentations=249)
    _, counts = np.unique(few.images, axis=0, return_counts=True)
    assert counts.tolist() == 50 * [4]
    assert variations.fewer(sample, 600, seed=0, presentations=1).sha256 == sample.sha256


@pytest.mark.parametrize("count", [0, -10, 15, 10.0, True, None])
def test_a_count_that_does_not_divide_is_refused(sample, count):
    rule = r"is less than 1|is not an integer|is not a multiple of the 10 classes: use one"
    with pytest.raises(ValueError, match=rf"`count` \(.*\) ({rule})"):
        variations.fewer(sample, count, seed=0)


def test_more_images_than_there_are_is_refused(sample):
    with pytest.raises(ValueError, match=r"`count` \(700\) wants 70 .* has 60: use at most 600"):
        variations.fewer(sample, 700, seed=0)


def test_scattered_images_are_moved_within_bounds_and_as_often_everywhere(sample):
    dot = np.zeros((3000, 28, 28, 1), np.uint8)
    dot[:, 14, 10] = 200
    dots = dataclasses.replace(sample, images=dot, labels=np.zeros(3000, int))
    moved = variations.scattered(dots).images[..., 0]
    assert (moved.sum((1, 2)) == 200).all()
    _, rows, columns = np.nonzero(moved)
    assert set(rows) == set(range(10, 19))
    assert set(columns) == set(range(6, 15))
    counts = np.histogram2d(rows, columns, bins=9)[0]
    assert counts.min() > 15, "3000 images at 81 places: 37 each"


def test_turned_images_are_the_images_turned_as_often_each_way(sample):
    turned = variations.turned(sample)
    assert turned.images.shape == sample.images.shape
    ways = [
        (turned.images == np.rot90(sample.images, k, axes=(1, 2))).all((1, 2, 3)) for k in range(4)
    ]
    assert np.sum(ways, axis=0).min() >= 1
    assert min(way.sum() for way in ways) > 120
    assert turned.sha256 == variations.turned(sample).sha256


def test_names(sample):
    assert variations.vary(sample, None) is sample
    assert variations.vary(sample, "turned").sha256 == variations.turned(sample).sha256
    with pytest.raises(ValueError, match=r"`name` \('mirrored'\) is no variation: use one of"):
        variations.vary(sample, "mirrored")
