"""Weights come back as they were, and nothing else does."""

import numpy as np
import pytest
import torch

from cnnlib import models, weights


def test_weights_come_back(tmp_path):
    path = tmp_path / "weights.safetensors"
    saved, loaded = (models.build("cnn-deep", seed=seed).eval() for seed in (0, 1))
    path.write_bytes(weights.to_bytes(saved))
    weights.load(loaded, path)
    images = torch.rand(2, 1, 28, 28)
    assert torch.equal(saved(images), loaded(images))
    assert weights.to_bytes(loaded) == path.read_bytes()


def test_weights_of_another_network_are_refused(tmp_path):
    path = tmp_path / "weights.safetensors"
    path.write_bytes(weights.to_bytes(models.build("cnn-small")))
    model = models.build("cnn-large")
    before = model.layers[0].weight.clone()
    with pytest.raises(ValueError, match=r"safetensors does not fit the network: `layers.7.bias`"):
        weights.load(model, path)
    assert torch.equal(model.layers[0].weight, before)


def test_damaged_weights_are_named_and_pickles_refused(tmp_path):
    path = tmp_path / "weights.safetensors"
    model = models.build("cnn-small")
    good = weights.to_bytes(model)
    pickled = tmp_path / "pickled.npz"
    np.savez(pickled, weight=np.array([object()]))
    flipped = bytearray(good)
    flipped[len(good) // 2] ^= 1
    for content in (b"", b"no weights", good[:1000], bytes(flipped), pickled.read_bytes()):
        path.write_bytes(content)
        with pytest.raises(ValueError, match=r"weights.safetensors is damaged"):
            weights.load(model, path)
    with pytest.raises(FileNotFoundError):
        weights.load(model, tmp_path / "none.safetensors")


def test_half_precision_rounds_the_matrices_alone(tmp_path):
    path = tmp_path / "weights.safetensors"
    saved = models.build("cnn-deep")
    path.write_bytes(weights.to_bytes(saved, half=True))
    arrays = weights.read_arrays(path)
    assert arrays["layers.0.weight"].dtype == np.float16
    assert arrays["layers.1.running_var"].dtype == np.float32
    loaded = models.build("cnn-deep", seed=1)
    weights.load(loaded, path)
    assert loaded.layers[0].weight.dtype == torch.float32
    assert torch.equal(loaded.layers[0].weight, saved.layers[0].weight.half().float())
    assert weights.to_bytes(loaded, half=True) == path.read_bytes(), "rounding twice is once"


def test_arrays_come_back(tmp_path):
    path = tmp_path / "deep" / "arrays.safetensors"
    arrays = {"a": np.arange(6, dtype=np.uint8).reshape(2, 3).T, "b": np.array([np.nan])}
    weights.write_arrays(path, arrays)
    found = weights.read_arrays(path)
    np.testing.assert_equal(found, arrays)
    assert found["a"].dtype == np.uint8
