"""The film of a learning kernel shows a real descent."""

import warnings
from itertools import pairwise

import numpy as np
import pytest
import torch
from torch.nn import functional

from cnnlib import kernels


@pytest.fixture(scope="module")
def finished(tmp_path_factory):
    """Return the scene as it ends."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # pydub, which Manim imports, has invalid escapes
        import manim
    from animations.learning import Learning

    settings = {"media_dir": str(tmp_path_factory.mktemp("media")), "verbosity": "ERROR"}
    size = {"pixel_width": 1280, "pixel_height": 720, "format": "png", "progress_bar": "none"}
    with manim.tempconfig({**settings, **size}):
        scene = Learning()
        scene.render()
    return scene


def test_descent_is_that_of_pytorch(finished):
    weight = torch.tensor(finished.kernels[0])[None, None].requires_grad_()
    x = torch.tensor(finished.image)[None, None]
    wanted = functional.conv2d(x, torch.tensor(kernels.sobel("x"))[None, None])
    for kernel, loss in zip(finished.kernels, finished.losses, strict=True):
        np.testing.assert_allclose(weight[0, 0].detach(), kernel, atol=1e-9)
        found = functional.mse_loss(functional.conv2d(x, weight), wanted)
        assert found.item() == pytest.approx(loss)
        (gradient,) = torch.autograd.grad(found, weight)
        weight = (weight - finished.rate * gradient).detach().requires_grad_()


def test_film_ends_near_sobel(finished):
    np.testing.assert_array_equal(finished.weights.values, finished.kernels[-1])
    np.testing.assert_array_equal(finished.answer.values, finished.maps[-1])
    assert np.abs(finished.kernels[-1] - kernels.sobel("x")).max() < 0.25
    assert finished.losses[-1] < finished.losses[0] / 1000


def test_kernel_numbers_are_written_rounded_in_their_cells(finished):
    drawn = finished.weights
    for value, digits, cell in zip(drawn.values.flat, drawn.numbers, drawn.cells, strict=True):
        assert float(digits.text.replace("−", "-")) == pytest.approx(value, abs=0.0501)
        assert digits.width < cell.width


def test_steps_are_in_order(finished):
    assert len(finished.steps) == len(finished.stops)
    assert all(a < b for (_, a, _), (_, b, _) in pairwise(finished.steps))
