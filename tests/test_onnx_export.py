"""Networks as ONNX graphs: the same numbers as PyTorch, and plain words for what has no node."""

import numpy as np
import onnx
import pytest
import torch
from onnx.reference import ReferenceEvaluator
from torch import nn

from cnnlib import archive, datasets, models, onnx_export

SMALL = "fashion-mnist/cnn-small"


def run(model, images):
    """Return what ONNX's own evaluator makes of images, by the names of the outputs."""
    evaluator = ReferenceEvaluator(onnx.load_from_string(onnx_export.to_bytes(model)))
    return dict(zip(evaluator.output_names, evaluator.run(None, {"images": images}), strict=True))


def test_the_trained_network_gives_what_pytorch_gives():
    network = archive.load_network(SMALL)
    test = datasets.load("fashion-mnist", "test", sample=True)
    images = (test.images[:20, ..., 0] / 255).astype(np.float32)[:, None]
    found = run(network, images)
    with torch.no_grad():
        x = network.standardise(torch.tensor(images))
        for index, layer in enumerate(network.layers):
            x = layer(x)
            np.testing.assert_allclose(found[f"layer_{index}"], x, atol=2e-5)
        np.testing.assert_allclose(found["probabilities"], x.softmax(1), atol=1e-5)
    assert found["probabilities"].argmax(1).tolist() == x.argmax(1).tolist()


@pytest.mark.parametrize("name", ["fully-connected", "cnn-large"])
@pytest.mark.parametrize("shape", [(1, 28, 28), (3, 12, 20)])
def test_other_networks_too(name, shape):
    model = models.build(name, image_shape=shape)
    images = np.random.default_rng(0).random((3, *shape), dtype=np.float32)
    with torch.no_grad():
        expected = model(torch.tensor(images)).softmax(1)
    np.testing.assert_allclose(run(model, images)["probabilities"], expected, atol=1e-5)


def test_windows_are_written_down():
    model = models.build("cnn-small")
    model.layers[3] = nn.Conv2d(32, 64, (3, 1), (2, 1), padding=(2, 1), dilation=2, groups=4)
    model.layers[4] = nn.MaxPool2d((2, 3), stride=1, padding=1)
    images = torch.rand(2, 1, 28, 28)
    with torch.no_grad():
        expected = model.layers[:5](model.standardise(images))
    model.layers = model.layers[:5]
    model.layers.append(nn.Flatten())
    np.testing.assert_allclose(run(model, images.numpy())["layer_4"], expected, atol=1e-5)


def test_the_same_weights_make_the_same_bytes():
    network = archive.load_network(SMALL)
    assert onnx_export.to_bytes(network) == onnx_export.to_bytes(archive.load_network(SMALL))


@pytest.mark.parametrize(
    "layer", [nn.AvgPool2d(2), nn.Conv2d(1, 1, 3, padding=1, padding_mode="reflect"), nn.Flatten(0)]
)
def test_a_layer_without_a_node_is_named(layer):
    model = models.build("cnn-small")
    model.layers.insert(2, layer)
    with pytest.raises(ValueError, match=r"`model` has a layer 2 \(.*\) that has no node here: "):
        onnx_export.to_bytes(model)


def test_shuffled_pixels_are_refused():
    with pytest.raises(ValueError, match="`model` shuffles its pixels"):
        onnx_export.to_bytes(models.build("cnn-small", shuffled=True))
