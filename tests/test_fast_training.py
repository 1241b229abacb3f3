"""What makes the CIFAR-10 training fast does what it says."""

import contextlib
import dataclasses
import functools
import os
import platform
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import torch

from cnnlib import (
    augmentation,
    classifier,
    memory,
    models,
    optimizers,
    recipes,
    steps,
    training,
    weights,
)
from cnnlib.averaging import WeightAverage
from cnnlib.datasets import Dataset
from cnnlib.evaluation import evaluate_tensors
from cnnlib.progress import Progress
from cnnlib.training_config import TrainingConfig, learning_rate

ROOT = Path(__file__).parents[1]
(COMPACT,) = recipes.find("cifar-10/compact")
FAST = dataclasses.replace(COMPACT.config, epochs=2, batch_size=50, autocast=False)
SMALL = {"widths": (8, 16, 16)}


@pytest.fixture(scope="module")
def data():
    """Return images whose class is the colour that is strongest on the left."""
    generator = np.random.default_rng(0)
    images = generator.integers(0, 120, (400, 32, 32, 3), dtype=np.uint8)
    labels = generator.integers(0, 3, 400)
    for image, label in zip(images, labels, strict=True):
        image[:, :, label] += 60
    return Dataset("cifar-10", "train", images, labels, ("r", "g", "b"), "a test", False)


def test_whitened_patches_are_uncorrelated_and_of_one_variance():
    images = torch.rand(40, 3, 32, 32).cumsum(3) / 32  # neighbours are alike
    model = models.build("cnn-whitened", **SMALL)
    model.prepare(images)
    answers = torch.nn.functional.conv2d(model.standardise(images), model.whiten.weight)
    flat = answers.permute(1, 0, 2, 3).flatten(1).double()
    moments = flat[:12] @ flat[:12].T / flat.shape[1]
    variances = moments.diagonal()
    assert (moments - variances.diag()).abs().max() < 0.01
    assert (variances[variances > 0.5] - 1).abs().max() < 0.5
    assert (variances <= 1.001).all()
    assert torch.equal(flat[:12], -flat[12:])


def test_the_whitened_network_by_hand():
    model = models.build("cnn-whitened")
    weights = 24 * 64 * 9 + 64 * 64 * 9 + 64 * 256 * 9 + 3 * 256 * 256 * 9
    biases = 24 + 2 * (64 + 256 + 256)
    assert models.count_parameters(model) == weights + biases + 256 * 10
    assert model.head.weight.std().item() == pytest.approx(1, abs=1e-5)
    deeper = models.build("cnn-whitened", convolutions=3)
    more = (64**2 + 2 * 256**2) * 9 + 64 + 2 * 256
    assert models.count_parameters(deeper) - models.count_parameters(model) == more
    assert deeper.eval()(torch.rand(2, 3, 32, 32)).shape == (2, 10)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"convolutions": 4}, r"`convolutions` \(4\) of a group: use 2 or 3"),
        ({"widths": 64}, r"`widths` \(64\) is no tuple"),
        ({"image_shape": (3, 5, 5)}, "exceeds"),
    ],
)
def test_bad_networks_are_named(options, message):
    with pytest.raises(ValueError, match=message):
        models.build("cnn-whitened", **options)


@pytest.mark.parametrize("shape", [(20, 90), (90, 20), (30, 30)])
def test_orthogonal_steps_keep_directions_and_level_singular_values(shape):
    torch.manual_seed(0)
    matrix = torch.randn(shape)
    u, s, v = torch.linalg.svd(matrix, full_matrices=False)
    found = optimizers.orthogonalise(matrix, steps=6).float()
    inside = u.T @ found @ v.T
    assert (inside - inside.diagonal().diag()).abs().max() < 0.06  # bfloat16
    large = s > 0.03 * s.norm()
    assert inside.diagonal()[large].min() > 0.6
    assert inside.diagonal().max() < 1.35


def test_a_step_of_muon_by_hand():
    weight = torch.nn.Parameter(torch.eye(4)[:, :, None, None] * 3)
    bias = torch.nn.Parameter(torch.tensor([1.0]))
    groups = [{"params": [weight], "peak": 0.5}, {"params": [bias], "peak": 0.1}]
    optimizer = optimizers.Muon(groups, weight_decay=0.01)
    config = TrainingConfig(schedule="linear", warmup=0.0)
    optimizers.set_rates(optimizer, 5, 10, config)
    assert [g["lr"] for g in optimizer.param_groups] == [0.25, 0.05]
    weight.grad, bias.grad = torch.eye(4)[:, :, None, None] * 7, torch.tensor([2.0])
    optimizer.step()
    # The gradient with momentum, 2 + 0.85 · 2, and the decay 0.01 / 0.1 of the bias likewise.
    assert bias.item() == pytest.approx(1 - 0.05 * 1.85 * (2 + 0.1 * 1.0))
    # Brought to the norm √4, the weight is the identity; the step is along it.
    diagonal = weight.detach()[:, :, 0, 0]
    step = 1 - diagonal.diagonal()
    assert (diagonal - diagonal.diagonal().diag()).abs().max() == 0
    assert (step > 0.25 * 0.6).all()
    assert (step < 0.25 * 1.35).all()


def test_it_learns_and_stops_learning_the_early_part(data):
    model = models.build("cnn-whitened", **SMALL, classes=3)
    start = model.whiten.bias.detach().clone()
    config = dataclasses.replace(FAST, epochs=4)
    record = training.fit(model, data, None, config, quiet=True)
    assert record.epochs[-1].train_accuracy > 0.9
    assert not torch.equal(model.whiten.bias, start)
    assert model.whiten.bias.requires_grad, "left as it was found"
    optimizer = optimizers.build(model, config)
    optimizers.set_rates(optimizer, round(optimizers.EARLY * 32), 32, config)
    assert not model.whiten.bias.requires_grad
    assert model.head.weight.requires_grad


@pytest.mark.parametrize("end", [KeyboardInterrupt, training.DivergedError("the loss is nan")])
def test_after_a_training_that_broke_off_the_same_network_can_be_trained(data, monkeypatch, end):
    def breaks_off(*_):
        raise end

    model = models.build("cnn-whitened", **SMALL, classes=3)
    with monkeypatch.context() as patch:
        patch.setattr(training, "_settle", breaks_off)
        with pytest.raises(type(end) if isinstance(end, Exception) else end):
            training.fit(model, data, None, FAST, quiet=True)
    learning = {name for name, p in model.named_parameters() if p.requires_grad}
    assert learning == {
        name
        for name, p in models.build("cnn-whitened", **SMALL, classes=3).named_parameters()
        if p.requires_grad
    }
    assert "whiten.bias" in learning
    training.fit(model, data, None, dataclasses.replace(FAST, epochs=1), quiet=True)


def test_what_its_owner_keeps_from_learning_stays_as_it_is(data):
    model = models.build("cnn-whitened", **SMALL, classes=3)
    model.whiten.bias.requires_grad_(False)
    before = model.whiten.bias.clone()
    training.fit(model, data, None, dataclasses.replace(FAST, epochs=1), quiet=True)
    assert torch.equal(model.whiten.bias, before)
    assert not model.whiten.bias.requires_grad


def test_a_compiled_training_is_the_same_training(data, monkeypatch):
    # Traced as for any compiler, but executed as it stands: no C++ compiler is asked for.
    traced = functools.partial(torch.compile, backend="eager")
    monkeypatch.setattr(torch, "compile", traced)
    plain, compiled = (models.build("cnn-whitened", **SMALL, classes=3) for _ in "ab")
    first = training.fit(plain, data, None, FAST, quiet=True)
    second = training.fit(compiled, data, None, FAST, compiled=True, quiet=True)
    assert weights.to_bytes(plain) == weights.to_bytes(compiled)
    assert first.epochs == second.epochs
    assert second.seconds_include.startswith(first.seconds_include + "; compiled")


def test_no_step_of_an_epoch_waits_for_a_gpu(monkeypatch):
    # Tensors that hold nothing stand in for those of a GPU: whoever asks what is in them fails.
    monkeypatch.setattr(torch.Tensor, "pin_memory", lambda tensor: tensor)
    monkeypatch.setattr(torch, "autocast", lambda *_, **__: contextlib.nullcontext())
    config = dataclasses.replace(FAST, turn=True, erase=4)
    model = models.build("cnn-whitened", **SMALL, classes=3).to("meta")
    images = torch.empty(120, 3, 32, 32, device="meta")
    labels = torch.empty(120, dtype=torch.int64, device="meta")
    optimizer = optimizers.build(model, config)
    average = WeightAverage(model, 0.9)
    data = images, labels, torch.empty(120, dtype=torch.bool, device="meta")
    progress = Progress(3, quiet=True)
    optimizers.make_recordable(optimizer, torch.device("meta"))
    step = steps.plain(model, optimizer, config)
    results = training._train_epoch(model, step, optimizer, average, *data, config, 1, progress)
    with pytest.raises(NotImplementedError, match="meta"):
        training._settle(*results, 120)
    with pytest.raises(RuntimeError, match="meta"):
        images[0, 0, 0, 0].item()


def test_an_interrupted_fast_training_ends_as_the_whole_one(data, tmp_path, monkeypatch):
    whole = models.build("cnn-whitened", **SMALL, classes=3)
    training.fit(whole, data, None, FAST, quiet=True)
    save = training.checkpoints.save

    def save_once(*arguments):
        save(*arguments)
        raise KeyboardInterrupt

    monkeypatch.setattr(training.checkpoints, "save", save_once)
    path = tmp_path / "checkpoint"
    broken = models.build("cnn-whitened", **SMALL, classes=3)
    with pytest.raises(KeyboardInterrupt):
        training.fit(broken, data, None, FAST, checkpoint=path, quiet=True)
    monkeypatch.undo()
    resumed = models.build("cnn-whitened", **SMALL, classes=3)
    training.fit(resumed, data, None, FAST, checkpoint=path, resume=True, quiet=True)
    for name, tensor in whole.state_dict().items():
        assert torch.equal(tensor, resumed.state_dict()[name]), name


def test_two_epochs_show_both_sides_of_every_image(data, monkeypatch):
    seen = []

    def note(images, config, mirrored):
        seen.append(mirrored)
        return images

    monkeypatch.setattr(training, "augment", note)
    monkeypatch.setattr(torch, "randperm", torch.arange)
    model = models.build("cnn-whitened", **SMALL, classes=3)
    training.fit(model, data, None, FAST, quiet=True)
    first, second = torch.cat(seen[:8]), torch.cat(seen[8:])
    assert torch.equal(first, ~second)
    assert 120 < first.sum() < 280


def test_what_comes_in_is_reflected():
    image = torch.arange(16.0).view(1, 1, 4, 4)
    config = TrainingConfig(shift=2, border="reflect")
    torch.manual_seed(0)
    moved = torch.cat([augmentation.augment(image, config) for _ in range(60)])
    padded = torch.nn.functional.pad(image, (2, 2, 2, 2), "reflect")[0, 0]
    places = {
        (r, c)
        for one in moved[:, 0]
        for r in range(5)
        for c in range(5)
        if torch.equal(one, padded[r : r + 4, c : c + 4])
    }
    assert len(places) > 15
    assert (moved > 0).any((1, 2, 3)).all()


def test_six_views_by_hand():
    class Corner(torch.nn.Module):
        def forward(self, images):
            return images[:, 0, :1, :2].flatten(1)

    image = torch.arange(9.0).view(1, 1, 3, 3)
    found = evaluate_tensors(Corner(), image, torch.tensor([0]), augmented="shifted").logits[0]
    # Rows 0 1 2 / 3 4 5 / 6 7 8; with its reflecting border the first rows are 4 3 4 5 4 and
    # 1 0 1 2 1. Moved down and right, it begins with 4 3 4; up and left, with 4 5 4.
    straight, mirrored = np.array([0, 1]), np.array([2, 1])
    moved = [np.array(pair) for pair in ([4, 3], [4, 3], [4, 5], [4, 5])]
    assert found == pytest.approx((straight + mirrored) / 4 + sum(moved) / 8)


def test_rates_fall_in_a_straight_line():
    config = TrainingConfig(peak_rate=0.8, schedule="linear", warmup=0.0)
    assert [learning_rate(s, 4, config) for s in range(4)] == pytest.approx([0.8, 0.6, 0.4, 0.2])


# Takes, fills and frees 64 MiB twice; prints how many pages the system gives the second time.
TWICE = """
import ctypes
import resource
import sys

from cnnlib import memory

if sys.argv[1] == "kept":
    assert memory.keep() is True
library = ctypes.CDLL(None)
library.malloc.restype = ctypes.c_void_p
library.free.argtypes = [ctypes.c_void_p]
size = 2**26


def faults():
    before = resource.getrusage(resource.RUSAGE_SELF).ru_minflt
    block = library.malloc(ctypes.c_size_t(size))
    ctypes.memset(block, 1, size)
    library.free(block)
    return resource.getrusage(resource.RUSAGE_SELF).ru_minflt - before


faults()
print(faults(), size // resource.getpagesize())
"""


@pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="only glibc can be told to keep it")
def test_memory_that_is_kept_needs_no_new_pages():
    def pages(how):
        command = [sys.executable, "-c", TWICE, how]
        environment = os.environ | {"PYTHONPATH": str(ROOT)}
        done = subprocess.run(command, env=environment, capture_output=True, text=True, check=True)
        return map(int, done.stdout.split())

    again, _ = pages("kept")
    assert again < 100
    again, whole = pages("given back")
    assert again >= whole, "else this would show nothing"


def test_elsewhere_memory_is_not_kept(monkeypatch):
    monkeypatch.setattr(memory.sys, "platform", "darwin")
    assert memory.keep() is False


def test_pixels_have_the_statistics_of_colour():
    model = models.build("cnn-whitened", **SMALL)
    mean = torch.tensor(classifier.COLOUR_MEAN)[None, :, None, None].expand(1, 3, 4, 4)
    assert model.standardise(mean).abs().max() < 1e-6
