"""Consistency is measured of the weights at hand, seed by seed."""

import json

import pytest
import torch

from cnnlib import archive, consistency, experiments, models, recipes, weights
from cnnlib.training import TrainingConfig

TINY = recipes.Experiment(
    "fashion-mnist/tiny",
    "cnn-shifts",
    TrainingConfig(epochs=1, batch_size=50),
    {"stages": ((2,), (2,))},
    seeds=(0, 1),
    kept="every",
)


@pytest.fixture
def results(tmp_path, monkeypatch):
    monkeypatch.setattr(recipes, "EXPERIMENTS", (TINY,))
    experiments.run(TINY, tmp_path / TINY.name, sample=True)
    return tmp_path


def test_measured_once_for_each_seed_and_again_for_other_weights(results, capsys, monkeypatch):
    command = [TINY.name, "--sample", "--results", str(results)]
    assert consistency.main(command) == 0
    found = consistency.load(TINY.name, results)
    assert [row["seed"] for row in found["rows"]] == [0, 1]
    record = archive.load_record(TINY.name, results)
    for row, run in zip(found["rows"], record.runs, strict=True):
        assert (row["most"], row["images"], len(row["right"])) == (2, 200, 25)
        unmoved = row["right"][12] / row["images"]
        assert unmoved == pytest.approx(run.test_accuracy, abs=0.011)
        assert 0 < row["consistency"] <= 1
    capsys.readouterr()
    assert consistency.main(command) == 0
    assert "has been measured" in capsys.readouterr().out
    monkeypatch.setattr(consistency, "MOST", 1)
    with pytest.raises(ValueError, match=r"is of other shifts .*, by up to 1: run `python -m cnn"):
        consistency.load(TINY.name, results)
    monkeypatch.setattr(consistency, "MOST", 2)
    other = models.build(TINY.network, seed=7, **TINY.options)
    path = results / TINY.name / archive.weights_of(1)
    path.write_bytes(weights.to_bytes(other, half=True))
    with pytest.raises(ValueError, match=r"is of other weights .*: run `python -m cnnlib.consist"):
        consistency.load(TINY.name, results)
    assert consistency.main(command) == 0
    assert consistency.load(TINY.name, results)["rows"][1] != found["rows"][1]
    assert consistency.load(TINY.name, results)["rows"][0] == found["rows"][0]


def test_an_invariant_network_is_consistent():
    class Invariant(torch.nn.Module):
        def forward(self, images):
            return torch.nn.functional.one_hot(torch.zeros(len(images), dtype=torch.long), 2)

    labels = torch.tensor([0, 0, 1])
    found = consistency.measure(Invariant(), torch.rand(3, 1, 8, 8), labels, most=1)
    assert found == {"most": 1, "images": 3, "right": 9 * [2], "consistency": 1.0}
    assert json.dumps(found)


def test_what_cannot_be_measured_is_said(results, capsys, monkeypatch):
    assert consistency.main(["fashion-mnist/none"]) == 1
    assert "is unknown" in capsys.readouterr().err
    assert consistency.main([TINY.name, "--sample", "--results", str(results / "empty")]) == 1
    assert "record.json" in capsys.readouterr().err
    first_only = (recipes.Experiment("fashion-mnist/first", "cnn-small", TrainingConfig()),)
    monkeypatch.setattr(recipes, "EXPERIMENTS", first_only)
    assert consistency.main(["fashion-mnist"]) == 1
    assert "keeps no weights but of the first seed" in capsys.readouterr().err
    with pytest.raises(SystemExit):
        consistency.main([TINY.name, "--sample"])
