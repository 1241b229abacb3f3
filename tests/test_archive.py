"""What the package carries of its experiments opens, fits, and agrees with itself."""

import dataclasses

import numpy as np
import pytest

from cnnlib import archive, experiments, recipes, record, statistics
from cnnlib.training import TrainingConfig

TINY = recipes.Experiment(
    "fashion-mnist/tiny",
    "cnn-small",
    TrainingConfig(epochs=1, batch_size=50),
    {"stages": ((2,), (2,))},
    seeds=(0,),
)


RUN_HERE = [e for e in recipes.EXPERIMENTS if not e.for_gpu or (archive.RESULTS / e.name).exists()]


@pytest.mark.parametrize("experiment", RUN_HERE, ids=lambda e: e.name)
def test_each_experiment_has_its_record(experiment):
    found = archive.load_record(experiment.name)
    assert {run.seed for run in found.runs} >= set(experiment.seeds)
    assert {len(run.epochs) for run in found.runs} == {experiment.config.epochs}
    assert found.runs[0].commit
    if experiment.trial:
        assert found.values("test_accuracy") == [], "a trial opened the test set"
        return
    if experiment.kept == "classes":
        assert set(archive.load_classes(experiment.name)) == {run.seed for run in found.runs}
        return
    if experiment.kept == "every":
        for run in found.runs:
            assert not archive.load_network(experiment.name, seed=run.seed).training
    logits = archive.load_logits(experiment.name)
    assert logits.shape == (10_000, 10)
    assert np.isfinite(logits).all()
    if experiment.kept != "outputs":
        assert not archive.load_network(experiment.name).training


def test_the_best_recipe_reaches_what_the_page_says():
    values = archive.load_record("fashion-mnist/best").values("test_accuracy")
    assert len(values) >= 3
    assert statistics.summarize(values).mean >= 0.94


def test_convolutions_win_in_every_run():
    mlp, small, large = (
        archive.load_record(f"fashion-mnist/{kind}").values("test_accuracy")
        for kind in ("fully-connected", "cnn-small", "cnn-large")
    )
    assert len(mlp) == len(small) == len(large) == 5
    assert max(mlp) < min(small)
    assert statistics.summarize(small).mean < statistics.summarize(large).mean


def test_a_name_must_be_whole_and_have_been_run(tmp_path):
    with pytest.raises(ValueError, match=r"`name` \('fashion-mnist/cnn'\) names no single"):
        archive.load_record("fashion-mnist/cnn")
    with pytest.raises(FileNotFoundError):
        archive.load_record("fashion-mnist/best", tmp_path)


@pytest.mark.parametrize(
    ("load", "message"),
    [
        (
            lambda: archive.load_network("fashion-mnist/cnn-small", seed=1),
            r"weights-1\.safetensors: of fashion-mnist/cnn-small, the first seed's weights and",
        ),
        (
            lambda: archive.load_network("fashion-mnist/centred/cnn-small/100"),
            r"/weights\.safetensors: of fashion-mnist/centred/cnn-small/100, the classes that each",
        ),
        (
            lambda: archive.load_test("cifar-10/validation/schedule-2-thousandths"),
            r"/logits\.safetensors: of cifar-10/validation/schedule-2-thousandths, nothing is kept",
        ),
    ],
)
def test_what_is_not_kept_is_said_with_what_is(load, message):
    with pytest.raises(FileNotFoundError, match=message):
        load()


def test_outputs_of_what_has_not_been_run_or_is_no_experiment(tmp_path):
    never = r"record\.json, nothing has been run yet: `python -m cnnlib\.experiments run"
    for load in (archive.load_network, archive.load_logits, archive.load_test):
        with pytest.raises(FileNotFoundError, match=never):
            load("fashion-mnist/best", tmp_path)
        with pytest.raises(ValueError, match=r"`name` \('nonsense'\) is unknown: use one of"):
            load("nonsense")


def test_a_stale_record_is_refused(tmp_path, monkeypatch):
    monkeypatch.setattr(recipes, "EXPERIMENTS", (TINY,))
    experiments.run(TINY, tmp_path / TINY.name, sample=True)
    found = archive.load_record(TINY.name, tmp_path)
    assert found == record.load(tmp_path / TINY.name / "record.json")
    changed = dataclasses.replace(TINY, config=TrainingConfig(epochs=2))
    monkeypatch.setattr(recipes, "EXPERIMENTS", (changed,))
    with pytest.raises(ValueError, match="is of another configuration than fashion-mnist/tiny"):
        archive.load_record(TINY.name, tmp_path)
