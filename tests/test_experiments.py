"""Experiments leave a record that their own weights confirm, and a wrong one is found out."""

import dataclasses
import json
import subprocess
import sys

import numpy as np
import pytest
import torch

from cnnlib import archive, datasets, experiments, models, recipes, record, training, weights
from cnnlib.training import TrainingConfig

NAME = "fashion-mnist/cnn-small"
TINY = recipes.Experiment(
    "fashion-mnist/tiny",
    "cnn-small",
    TrainingConfig(epochs=1, batch_size=50),
    {"stages": ((4,), (8,))},
    seeds=(0, 1),
)


@pytest.fixture(scope="module", autouse=True)
def one_thread():
    """Networks this small only wait for a second thread, long so on a busy machine."""
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(threads)


@pytest.fixture
def folder(tmp_path):
    return tmp_path / "results"


@pytest.fixture
def result(folder):
    return experiments.run(TINY, folder, sample=True)


def test_the_named_experiments_are_sound():
    names = [e.name for e in recipes.EXPERIMENTS]
    assert len(set(names)) == len(names) >= 3
    for experiment in recipes.EXPERIMENTS:
        models.build(experiment.network, **experiment.options)
        assert len(experiment.seeds) >= (1 if "/validation/" in experiment.name else 3)


def test_a_record_in_the_package_is_of_todays_configuration():
    for path in experiments.RESULTS.rglob("record.json"):
        found = record.load(path)
        (experiment,) = recipes.find(found.experiment)
        assert experiment.fits(found.configuration), f"{path} is stale"


def test_names_and_how_they_begin():
    assert recipes.find("") == recipes.EXPERIMENTS
    assert [e.name for e in recipes.find(NAME)] == [NAME]
    assert len(recipes.find("fashion-mnist/cnn")) == 2
    with pytest.raises(ValueError, match=r"`name` \('mnist'\) is unknown: use one of fashion-"):
        recipes.find("mnist")


def test_a_run_leaves_what_the_design_lists(folder, result):
    assert record.load(folder / "record.json") == result
    assert [run.seed for run in result.runs] == [0, 1]
    assert set(result.dataset.sha256) == {"fit", "validation", "test"}
    files = {path.name for path in folder.iterdir()}
    assert files == {
        "record.json",
        "weights.safetensors",
        "logits.safetensors",
        "predictions.safetensors",
    }
    logits = weights.read_arrays(folder / "logits.safetensors")["logits"]
    assert (logits.shape, logits.dtype) == ((200, 10), np.float16)
    test = datasets.load("fashion-mnist", "test", sample=True)
    assert np.array_equal(weights.read_arrays(folder / "logits.safetensors")["labels"], test.labels)
    (predictions,) = weights.read_arrays(folder / "predictions.safetensors").items()
    assert (predictions[0], predictions[1].dtype) == ("seed-1", np.uint8)
    assert all(run.test_accuracy_augmented is not None for run in result.runs)


def test_only_missing_seeds_are_trained(folder, result, capsys):
    assert experiments.run(TINY, folder, sample=True) == result
    assert "seed 1: has a run" in capsys.readouterr().out
    more = experiments.run(TINY, folder, seeds=[5], sample=True)
    assert more.runs[:2] == result.runs
    assert more.runs[2].seed == 5
    assert experiments.verify(TINY, folder, sample=True)[1].endswith("for 3 seeds")


def test_an_interrupted_run_goes_on(folder, result, tmp_path, monkeypatch):
    tiny = dataclasses.replace(TINY, config=TrainingConfig(epochs=2, batch_size=50), seeds=(0,))
    whole = experiments.run(tiny, tmp_path / "whole", sample=True)
    line, again = training.Progress.line, tmp_path / "again"

    def interrupted(self, text):
        raise KeyboardInterrupt

    monkeypatch.setattr(training.Progress, "line", interrupted)
    with pytest.raises(KeyboardInterrupt):
        experiments.run(tiny, again, sample=True)
    assert [path.name for path in again.iterdir()] == ["seed-0.checkpoint"]
    monkeypatch.setattr(training.Progress, "line", line)
    resumed = experiments.run(tiny, again, sample=True, resume=True)
    assert resumed.runs[0].epochs == whole.runs[0].epochs
    assert resumed.runs[0].test_accuracy == whole.runs[0].test_accuracy
    assert (again / "weights.safetensors").read_bytes() == (
        tmp_path / "whole/weights.safetensors"
    ).read_bytes()


def test_a_seed_that_another_process_has_trained_meanwhile_counts_once(folder, monkeypatch, capsys):
    one, fit, files = dataclasses.replace(TINY, seeds=(0,)), training.fit, {}

    def slower(*arguments, **options):
        done = fit(*arguments, **options)
        monkeypatch.setattr(training, "fit", fit)
        experiments.run(one, folder, sample=True)  # as the other process does
        files.update((path.name, path.read_bytes()) for path in folder.iterdir())
        (folder / "seed-0.checkpoint").write_bytes(b"its own")
        return done

    monkeypatch.setattr(training, "fit", slower)
    result = experiments.run(one, folder, sample=True)
    assert "seed 0: another process has recorded it meanwhile" in capsys.readouterr().out
    assert [run.seed for run in result.runs] == [0]
    assert {path.name: path.read_bytes() for path in folder.iterdir()} == files


def test_where_no_record_can_be_shared_nothing_is_trained(folder, monkeypatch):
    monkeypatch.setitem(sys.modules, "fcntl", None)
    monkeypatch.setattr(training, "fit", lambda *_, **__: pytest.fail("it trained"))
    with pytest.raises(OSError, match="no `fcntl`: use Linux"):
        experiments.run_seed(TINY, folder, 0, sample=True)


def test_a_checkpoint_that_outlived_its_record_is_cleared_away(folder, result):
    (folder / "seed-1.checkpoint").write_bytes(b"left over")
    assert experiments.run(TINY, folder, sample=True) == result
    assert not list(folder.glob("*.checkpoint"))


def test_verify_agrees_with_what_was_just_run(folder, result):
    first, second = experiments.verify(TINY, folder, sample=True)
    accuracy = f"{result.runs[0].test_accuracy:.2%}"
    assert first == f"weights: {accuracy} here, {accuracy} in the record"
    assert second == "stored outputs: agree with the record for 2 seeds"


def test_verify_finds_a_wrong_accuracy(folder, result):
    for index, message in enumerate(
        ["but weights.safetensors gives", "but stored for seed 1 gives"]
    ):
        runs = list(result.runs)
        wrong = (runs[index].test_accuracy + 0.5) % 1
        runs[index] = dataclasses.replace(runs[index], test_accuracy=wrong)
        record.save(dataclasses.replace(result, runs=tuple(runs)), folder / "record.json")
        with pytest.raises(ValueError, match=message):
            experiments.verify(TINY, folder, sample=True)


def test_verify_finds_other_weights_and_damage(folder, result):
    good = (folder / "weights.safetensors").read_bytes()
    blank = models.build("cnn-small", **TINY.options)
    torch.nn.init.zeros_(blank.layers[-1].weight)
    (folder / "weights.safetensors").write_bytes(weights.to_bytes(blank))
    with pytest.raises(ValueError, match=r"but weights.safetensors gives 10.00%"):
        experiments.verify(TINY, folder, sample=True)
    (folder / "weights.safetensors").write_bytes(good)
    (folder / "predictions.safetensors").write_bytes(b"half")
    with pytest.raises(ValueError, match=r"predictions.safetensors is damaged"):
        experiments.verify(TINY, folder, sample=True)
    (folder / "predictions.safetensors").unlink()
    with pytest.raises(ValueError, match=r"predictions.safetensors lacks `seed-1`: restore it"):
        experiments.verify(TINY, folder, sample=True)


def test_other_data_are_shown_not_judged(folder, result):
    digests = dict.fromkeys(result.dataset.sha256, "0" * 64)
    dataset = dataclasses.replace(result.dataset, sha256=digests, source="elsewhere")
    record.save(dataclasses.replace(result, dataset=dataset), folder / "record.json")
    (line,) = experiments.verify(TINY, folder, sample=True)
    assert "(other data: " in line
    assert line.endswith("elsewhere there)")
    # What is complete is left alone, wherever it came from; nothing is added to it.
    assert experiments.run(TINY, folder, sample=True).dataset.source == "elsewhere"
    with pytest.raises(ValueError, match=r"is of other data .elsewhere.: move it away"):
        experiments.run(TINY, folder, seeds=[7], sample=True)


def test_another_configuration_is_refused(folder, result):
    changed = dataclasses.replace(TINY, config=TrainingConfig(epochs=2))
    for do in (experiments.run, experiments.verify):
        with pytest.raises(ValueError, match="is of another configuration than fashion-mnist/tiny"):
            do(changed, folder, sample=True)


def test_statistics_are_those_of_the_runs(folder, result):
    run = result.runs[0]
    runs = [
        dataclasses.replace(run, seed=s, test_accuracy=a, training_seconds=t)
        for s, a, t in [(0, 0.90, 5.0), (1, 0.92, 9.0), (2, 0.94, 1.0)]
    ]
    lines = experiments.describe(dataclasses.replace(result, runs=tuple(runs)))
    wanted = "test accuracy: mean 92.00% of n = 3, 95 % interval 87.03% to 96.97%, s = 2.00%"
    assert f"  {wanted}" in lines
    assert "  training: minimum 1.0 s, median 5.0 s" in lines


def test_the_command_line(folder, capsys, monkeypatch):
    monkeypatch.setattr(recipes, "EXPERIMENTS", (TINY,))
    where = ["--results", str(folder)]
    assert experiments.main(["verify", "fashion", *where]) == 1
    err = capsys.readouterr().err
    assert err.startswith(f"fashion-mnist/tiny: there is no {folder}")
    assert "nothing has been run yet: `python -m cnnlib.experiments run NAME`" in err
    arguments = ["fashion", *where, "--sample", "--epochs", "2"]
    assert experiments.main(["run", *arguments, "--seeds", "3"]) == 0
    assert "epoch 2 of 2" in capsys.readouterr().out
    assert experiments.main(["verify", *arguments]) == 0
    assert "agree with the record for 1 seeds" in capsys.readouterr().out
    stored = folder / TINY.name / "weights.safetensors"
    content = stored.read_bytes()
    stored.unlink()
    assert experiments.main(["verify", *arguments]) == 1
    err = capsys.readouterr().err
    assert err.startswith("fashion-mnist/tiny: ")
    assert str(stored) in err
    assert "nothing" not in err, "there is something"
    stored.write_bytes(content)
    assert experiments.main(["show", *arguments]) == 0
    assert "test accuracy: mean" in capsys.readouterr().out
    assert experiments.main(["list", *where]) == 0
    assert capsys.readouterr().out == "fashion-mnist/tiny: 1 runs, of 2\n"
    assert experiments.main(["run", *where, "--sample"]) == 1, "the record is of two epochs"
    assert "fashion-mnist/tiny: " in (err := capsys.readouterr().err)
    assert "another configuration" in err
    path = folder / TINY.name / "record.json"
    content = json.loads(path.read_text("utf-8"))
    path.write_text(json.dumps(content | {"schema": 0}))
    assert experiments.main(["show", *where]) == 1
    assert "`schema` (0) is an older one" in capsys.readouterr().err
    assert experiments.main(["show", "nothing"]) == 1


def test_the_packages_own_results_are_of_the_whole_data(capsys):
    for option in (["--sample"], ["--epochs", "1"]):
        with pytest.raises(SystemExit):
            experiments.main(["run", NAME, *option])
        assert "need --results" in capsys.readouterr().err


def test_the_module_is_a_program(root):
    found = subprocess.run(
        [sys.executable, "-m", "cnnlib.experiments", "list"],
        cwd=root,
        capture_output=True,
        text=True,
        check=True,
    )
    assert len(found.stdout.splitlines()) == len(recipes.EXPERIMENTS)
    assert found.stderr == ""


def test_what_wants_a_gpu_waits_for_one(tmp_path, capsys, monkeypatch):
    large = dataclasses.replace(TINY, name="fashion-mnist/large", seeds=(0,), for_gpu=True)
    monkeypatch.setattr(recipes, "EXPERIMENTS", (TINY, large))
    where = ["--results", str(tmp_path), "--sample", "--epochs", "1"]
    message = "fashion-mnist/large: left out, it has no record and is meant for a GPU\n"
    assert experiments.main(["run", *where, "--seeds", "0"]) == 0
    assert message in capsys.readouterr().out
    assert not (tmp_path / large.name).exists()
    assert experiments.main(["verify", *where]) == 0
    assert message in capsys.readouterr().out
    assert experiments.main(["list", *where]) == 0
    assert "fashion-mnist/large: 0 runs, of 1" in capsys.readouterr().out
    # Named, it is run; and once it has a record, this is shown with the others.
    assert experiments.main(["run", "fashion-mnist/large", *where]) == 0
    assert experiments.main(["verify", *where]) == 0
    assert "fashion-mnist/large: weights" in capsys.readouterr().out


def test_one_failing_training_leaves_the_others(tmp_path, capsys, monkeypatch):
    hot = dataclasses.replace(TINY.config, peak_rate=1e30)
    doomed = dataclasses.replace(TINY, name="fashion-mnist/doomed", config=hot, seeds=(0,))
    monkeypatch.setattr(recipes, "EXPERIMENTS", (doomed, TINY))
    assert experiments.main(["run", "--results", str(tmp_path), "--sample", "--epochs", "1"]) == 1
    out, err = capsys.readouterr()
    assert "the loss is nan at step" in err
    assert "fashion-mnist/doomed: the loss" in err
    assert "nothing has been run yet" in err
    assert "test accuracy: mean" in out


@pytest.mark.parametrize("command", ["run", "verify"])
def test_a_device_that_is_not_here_is_named_once_and_before_all_else(command, tmp_path, capsys):
    assert experiments.main([command, "--device", "gpu", "--results", str(tmp_path)]) == 1
    (line,) = capsys.readouterr().err.splitlines()
    assert line.startswith("`device` ('gpu') is not to be had on this machine")
    assert not list(tmp_path.iterdir())


def test_trained_on_everything_there_is_nothing_to_follow(folder):
    everything = dataclasses.replace(TINY, train_on="train", seeds=(0,))
    result = experiments.run(everything, folder, sample=True)
    assert set(result.dataset.sha256) == {"train", "test"}
    assert result.runs[0].validation_accuracy is None
    assert "validation" not in "\n".join(experiments.describe(result))
    assert len(experiments.verify(everything, folder, sample=True)) == 2


def test_a_record_older_than_a_choice_has_its_default():
    old = TINY.configuration()
    del old["training"]["flip"]
    assert TINY.fits(old)
    assert not TINY.fits(old | {"training": old["training"] | {"flip": True}})
    assert not TINY.fits(old | {"network": "cnn-large"})


def test_each_seed_learns_from_few_images_of_its_own(folder):
    few = dataclasses.replace(TINY, images=20, train_on="train", kept="classes")
    result = experiments.run(few, folder, sample=True)
    assert {path.name for path in folder.iterdir()} == {"record.json", "predictions.safetensors"}
    assert result.configuration["images"] == 20
    assert experiments.verify(few, folder, sample=True) == [
        "stored outputs: agree with the record for 2 seeds"
    ]
    runs = (dataclasses.replace(result.runs[0], test_accuracy=1.0), result.runs[1])
    record.save(dataclasses.replace(result, runs=runs), folder / "record.json")
    with pytest.raises(ValueError, match=r"says 100.00%, but stored for seed 0 gives"):
        experiments.verify(few, folder, sample=True)


def test_outputs_can_be_kept_without_weights(folder):
    outputs = dataclasses.replace(TINY, kept="outputs")
    result = experiments.run(outputs, folder, sample=True)
    names = {"record.json", "logits.safetensors", "predictions.safetensors"}
    assert {path.name for path in folder.iterdir()} == names
    assert experiments.verify(outputs, folder, sample=True) == [
        "stored outputs: agree with the record for 2 seeds"
    ]
    for place in (0, 1):
        runs = list(result.runs)
        runs[place] = dataclasses.replace(runs[place], test_accuracy=1.0)
        record.save(dataclasses.replace(result, runs=tuple(runs)), folder / "record.json")
        with pytest.raises(ValueError, match=rf"says 100.00%, but stored for seed {place} gives"):
            experiments.verify(outputs, folder, sample=True)


def test_a_variation_is_another_data_set(folder, result, tmp_path):
    moved = dataclasses.replace(TINY, variations={"test": "scattered"}, seeds=(0,))
    found = experiments.run(moved, tmp_path / "moved", sample=True)
    assert found.dataset.sha256["fit"] == result.dataset.sha256["fit"]
    assert found.dataset.sha256["test"] != result.dataset.sha256["test"]
    assert len(experiments.verify(moved, tmp_path / "moved", sample=True)) == 2
    assert not TINY.fits(moved.configuration())


def test_weights_of_every_seed_can_be_kept(tmp_path, monkeypatch):
    every = dataclasses.replace(TINY, kept="every")
    monkeypatch.setattr(recipes, "EXPERIMENTS", (every,))
    experiments.run(every, tmp_path / TINY.name, sample=True)
    networks = {seed: archive.load_network(TINY.name, tmp_path, seed=seed) for seed in (None, 0, 1)}
    first, again, other = (network.layers[0].weight for network in networks.values())
    assert torch.equal(first, again)
    assert not torch.equal(first, other)
    test = datasets.load("fashion-mnist", "test", sample=True)
    classes = archive.load_classes(TINY.name, tmp_path)
    for seed in (0, 1):
        found = training.evaluate(networks[seed], test).logits.argmax(1)
        assert (found == classes[seed]).mean() > 0.99, "they were named in half precision"


def test_verify_looks_at_the_weights_of_every_seed(tmp_path):
    every = dataclasses.replace(TINY, kept="every")
    result = experiments.run(every, tmp_path, seeds=[3, 0], sample=True)
    lines = experiments.verify(every, tmp_path, sample=True)
    shares = [f"{run.test_accuracy:.2%}" for run in result.runs]
    assert lines == [
        f"weights: {shares[0]} here, {shares[0]} in the record",
        f"weights of seed 0: {shares[1]} here, {shares[1]} in the record",
        "stored outputs: agree with the record for 2 seeds",
    ]
    other = tmp_path / archive.weights_of(0)
    other.write_bytes(b"rubbish")
    with pytest.raises(ValueError, match=r"weights-0.safetensors is damaged"):
        experiments.verify(every, tmp_path, sample=True)
    other.write_bytes((tmp_path / archive.WEIGHTS).read_bytes())
    with pytest.raises(ValueError, match=r"weights-0.safetensors gives"):
        experiments.verify(every, tmp_path, sample=True)
    # Also where the wrong weights are as accurate.
    same = dataclasses.replace(result.runs[0], seed=0)
    record.save(dataclasses.replace(result, runs=(result.runs[0], same)), tmp_path / "record.json")
    stored = weights.read_arrays(tmp_path / archive.PREDICTIONS)
    test = datasets.load("fashion-mnist", "test", sample=True)
    logits = weights.read_arrays(tmp_path / archive.LOGITS)["logits"]
    hits = logits.argmax(1) == test.labels
    wrong = (test.labels + 5) % 10
    stored["seed-0"] = np.where(hits[::-1], test.labels, wrong).astype(np.uint8)
    weights.write_arrays(tmp_path / archive.PREDICTIONS, stored)
    with pytest.raises(ValueError, match=r"weights-0.safetensors names .* these are other weights"):
        experiments.verify(every, tmp_path, sample=True)
    other.unlink()
    with pytest.raises(FileNotFoundError, match="weights-0"):
        experiments.verify(every, tmp_path, sample=True)


def test_a_gpu_trains_more_seeds_where_they_are_named(capsys):
    for device, count in {"cpu": 3, "cuda": 10}.items():
        assert experiments.main(["list", "cifar-10/compact", "--device", device]) == 0
        assert capsys.readouterr().out.endswith(f" runs, of {count}\n")
