"""Changed images are what they are said to be, and the measurement is of the weights at hand."""

import dataclasses
import json

import numpy as np
import pytest
import torch

from cnnlib import experiments, recipes, robustness
from cnnlib.training import TrainingConfig
from cnnlib.verification import TOLERANCE

TINY = recipes.Experiment(
    "fashion-mnist/tiny-cnn",
    "cnn-small",
    TrainingConfig(epochs=1, batch_size=50),
    {"stages": ((2,), (2,))},
    seeds=(0,),
)


@pytest.fixture
def images():
    return torch.rand(4, 3, 16, 16, generator=torch.Generator().manual_seed(1))


def test_a_shift_moves_up_and_left_and_mirrors_the_border(images):
    moved = robustness.shift(images, 2)
    assert torch.equal(moved[:, :, :14, :14], images[:, :, 2:, 2:])
    assert torch.equal(moved[:, :, :14, 14], images[:, :, 2:, 14])
    assert torch.equal(moved[:, :, :14, 15], images[:, :, 2:, 13])
    assert torch.equal(robustness.shift(images, 0), images)


def test_a_blur_keeps_the_mean_and_takes_the_detail(images):
    assert torch.equal(robustness.blur(images, 0), images)
    before = images.std((2, 3))
    for narrow, wide in [(0.5, 1.0), (1.0, 2.0)]:
        assert (robustness.blur(images, wide).std((2, 3)) < before / 1.5).all()
        assert (
            robustness.blur(images, wide).std((2, 3)) < robustness.blur(images, narrow).std((2, 3))
        ).all()
    flat = torch.full((1, 1, 16, 16), 0.3)
    assert torch.allclose(robustness.blur(flat, 2.0), flat)


NOISES = robustness.add_noise, robustness.add_coarse_noise, robustness.add_gray_noise


@pytest.mark.parametrize("add", NOISES)
def test_noise_is_of_its_width_and_always_the_same(add):
    gray = torch.full((10, 3, 32, 32), 0.5)
    noisy = add(gray, 0.1)
    assert (noisy - gray).std().item() == pytest.approx(0.1, rel=0.02)
    assert torch.equal(noisy, add(gray, 0.1))
    assert add(gray, 3.0).min() == 0
    assert add(gray, 3.0).max() == 1


def test_noises_differ_in_what_is_alike_in_them():
    gray = torch.full((10, 3, 32, 32), 0.5)

    def alike(noise):
        """Return the correlation with the next pixel, and that of two channels."""
        pairs = (noise[..., 1:], noise[..., :-1]), (noise[:, 0], noise[:, 1])
        return [torch.corrcoef(torch.stack([a.flatten(), b.flatten()]))[0, 1] for a, b in pairs]

    fine, coarse, colourless = (alike(add(gray, 0.1) - gray) for add in NOISES)
    # A Gaussian of width 1, convolved with itself and moved by 1: exp(-1/4).
    assert np.allclose(fine, [0, 0], atol=0.03)
    assert np.allclose(coarse, [np.exp(-1 / 4), 0], atol=0.03)
    assert np.allclose(colourless, [0, 1], atol=0.03)


def test_compression_costs_more_at_lower_quality(images):
    smooth = robustness.blur(images, 1.5)
    errors = [(robustness.compress(smooth, q) - smooth).abs().mean() for q in (95, 50, 10)]
    assert errors[0] < errors[1] < errors[2]
    assert robustness.compress(images, 90).shape == images.shape


def test_gray_images_are_compressed_too(images):
    smooth = robustness.blur(images[:, :1], 1.5)
    errors = [(robustness.compress(smooth, q) - smooth).abs().mean() for q in (95, 50, 10)]
    assert robustness.compress(smooth, 90).shape == smooth.shape
    assert 0 < errors[0] < errors[1] < errors[2]
    thin = torch.full((1, 1, 1, 16), 0.5)
    assert robustness.compress(thin, 90).shape == thin.shape


def test_every_change_and_amount_is_counted():
    class Brightness(torch.nn.Module):
        def forward(self, x):
            return torch.stack([-x.mean((1, 2, 3)), x.mean((1, 2, 3)) - 1], 1)

    level = torch.tensor([0.1, 0.7]).repeat(10)[:, None, None, None]
    bright = torch.rand(20, 3, 32, 32) * 0.2 + level
    labels = torch.tensor([0, 1]).repeat(10)
    labels[0] = 1  # one wrong label
    rows = robustness.measure(Brightness(), bright, labels)
    assert len(rows) == sum(len(amounts) for _, amounts in robustness.CHANGES.values())
    assert {(row["images"], row["right"], row["first_right"]) for row in rows} == {(20, 19, 19)}


def test_answers_are_compared_with_those_about_the_unchanged_image(monkeypatch):
    class Brightness(torch.nn.Module):
        def forward(self, x):
            return torch.stack([-x.mean((1, 2, 3)), x.mean((1, 2, 3)) - 1], 1)

    def invert_some(images, count):
        return torch.cat([1 - images[:count], images[count:]])

    monkeypatch.setattr(robustness, "CHANGES", {"invert": (invert_some, (0, 6))})
    bright = torch.tensor([0.1, 0.9]).repeat(10)[:, None, None, None].expand(-1, 3, 4, 4)
    labels = torch.tensor([0, 1]).repeat(10)
    labels[0] = 1  # wrong at first, right when inverted
    none, some = robustness.measure(Brightness(), bright, labels)
    assert (none["right"], none["right_before"]) == (19, 19)
    assert (some["right"], some["right_before"]) == (15, 14)


def test_the_command_writes_what_load_reads(tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(recipes, "EXPERIMENTS", (TINY,))
    folder = tmp_path / TINY.name
    done = experiments.run(TINY, folder, sample=True)
    assert robustness.main([TINY.name, "--sample", "--results", str(tmp_path)]) == 0
    found = robustness.load(TINY.name, tmp_path)
    accuracy = found["rows"][0]["right"] / found["rows"][0]["images"]
    assert accuracy == pytest.approx(done.runs[0].test_accuracy)
    assert f"shift 0: {accuracy:.2%}" in capsys.readouterr().out
    assert robustness.main([TINY.name, "--sample", "--results", str(tmp_path)]) == 0
    assert capsys.readouterr().out == f"{TINY.name}: has been measured\n"
    with monkeypatch.context() as patch:
        patch.setitem(robustness.CHANGES, "shift", (robustness.shift, (0, 1)))
        with pytest.raises(ValueError, match="is of other changes than are asked about now: run"):
            robustness.load(TINY.name, tmp_path)
        assert robustness.main([TINY.name, "--sample", "--results", str(tmp_path)]) == 0
        assert len(robustness.load(TINY.name, tmp_path)["rows"]) == len(found["rows"]) - 3
    (folder / "weights.safetensors").write_bytes(b"other")
    with pytest.raises(ValueError, match="is of other weights than fashion-mnist/tiny-cnn has now"):
        robustness.load(TINY.name, tmp_path)
    assert robustness.main([TINY.name, "--sample", "--results", str(tmp_path)]) == 1
    assert "is damaged" in capsys.readouterr().err
    with pytest.raises(SystemExit):
        robustness.main([TINY.name, "--sample"])


def test_what_has_not_been_measured_is_told_how(tmp_path, monkeypatch):
    command = rf"nothing has been measured yet: `python -m cnnlib\.robustness {TINY.name}`"
    with pytest.raises(FileNotFoundError, match=rf"robustness\.json, {command}"):
        robustness.load(TINY.name, tmp_path)
    monkeypatch.setattr(recipes, "EXPERIMENTS", (TINY,))
    monkeypatch.setattr(robustness, "CHANGES", {"shift": (robustness.shift, (0,))})
    experiments.run(TINY, tmp_path / TINY.name, sample=True)
    assert robustness.main([TINY.name, "--sample", "--results", str(tmp_path)]) == 0
    (tmp_path / TINY.name / "weights.safetensors").unlink()
    with pytest.raises(FileNotFoundError, match=r"weights\.safetensors: of .* the first seed's"):
        robustness.load(TINY.name, tmp_path)


def test_it_is_measured_on_the_images_that_the_record_is_of(tmp_path, monkeypatch):
    turned = dataclasses.replace(TINY, variations={"test": "turned"})
    monkeypatch.setattr(recipes, "EXPERIMENTS", (turned,))
    monkeypatch.setattr(robustness, "CHANGES", {"shift": (robustness.shift, (0,))})
    done = experiments.run(turned, tmp_path / TINY.name, sample=True)
    assert robustness.main([TINY.name, "--sample", "--results", str(tmp_path)]) == 0
    found = robustness.load(TINY.name, tmp_path)
    assert found["dataset"]["test"] == done.dataset.sha256["test"]
    (row,) = found["rows"]
    assert row["right"] / row["images"] == pytest.approx(done.runs[0].test_accuracy)


@pytest.mark.parametrize("content", ["", "{}", "[]", '{"weights": ', "\udcff"])
def test_a_damaged_measurement_is_named_and_made_again(tmp_path, monkeypatch, capsys, content):
    monkeypatch.setattr(recipes, "EXPERIMENTS", (TINY,))
    monkeypatch.setattr(robustness, "CHANGES", {"shift": (robustness.shift, (0,))})
    folder = tmp_path / TINY.name
    experiments.run(TINY, folder, sample=True)
    path = folder / robustness.FILE
    path.write_bytes(content.encode(errors="surrogateescape"))
    with pytest.raises(ValueError, match=r"robustness.json is damaged .*: run `python -m cnnlib.r"):
        robustness.load(TINY.name, tmp_path)
    assert robustness.main([TINY.name, "--sample", "--results", str(tmp_path)]) == 0
    assert "shift 0" in capsys.readouterr().out
    assert robustness.load(TINY.name, tmp_path)["rows"]


def test_the_committed_measurements_are_of_the_committed_networks():
    of_copy = robustness.load("cifar-10/compact-copy")
    for name in ("cifar-10/compact", "cifar-10/compact-on-cpu"):
        found = robustness.load(name)
        assert of_copy["dataset"]["test"] == found["dataset"]["test"]
        assert {row["images"] for row in found["rows"] + of_copy["rows"]} == {10_000}
        record = json.loads((experiments.RESULTS / name / "record.json").read_text("utf-8"))
        assert found["dataset"]["test"] == record["dataset"]["sha256"]["test"]
        (unchanged,) = (r for r in found["rows"] if (r["change"], r["amount"]) == ("shift", 0))
        assert np.isclose(
            unchanged["right"] / 10_000, record["runs"][0]["test_accuracy"], atol=TOLERANCE
        )
