"""A training learns, repeats itself, goes on after a kill, and stops where it must."""

import dataclasses
import io
import json
import os
import re
import shutil
import signal
import subprocess
import sys
from types import SimpleNamespace

import numpy as np
import pytest
import torch

from cnnlib import (
    augmentation,
    datasets,
    evaluation,
    models,
    provenance,
    record,
    training,
    training_config,
    weights,
)
from cnnlib.averaging import WeightAverage
from cnnlib.progress import Progress
from cnnlib.training import TrainingConfig

CONFIG = TrainingConfig(
    epochs=3, batch_size=64, flip=True, shift=2, label_smoothing=0.1, averaging=0.9, erase=3
)


@pytest.fixture(scope="module", autouse=True)
def one_thread():
    """Networks this small only wait for a second thread, long so on a busy machine."""
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(threads)


@pytest.fixture(scope="module")
def data():
    splits = ("fit", "validation", "test")
    return {s: datasets.load("fashion-mnist", s, sample=True) for s in splits}


def small(seed=0):
    return models.build("cnn-small", seed=seed, stages=((4,), (8,)), dropout=0.1)


def run(data, model=None, config=CONFIG, **options):
    model = model or small()
    options = {"quiet": True} | options
    return model, training.fit(model, data["fit"], data["validation"], config, **options)


def lasting(run):
    """Return a run's record without what differs from time to time."""
    return dataclasses.replace(run, date="", commit=None, training_seconds=0.0)


def same_weights(a, b):
    return weights.to_bytes(a) == weights.to_bytes(b)


@pytest.fixture(scope="module")
def uninterrupted(data):
    return run(data, seed=3)


def test_it_learns(data):
    model, result = run(data, small(), TrainingConfig(epochs=12, batch_size=50), seed=1)
    losses = [row.train_loss for row in result.epochs]
    assert losses[-1] < losses[0] / 2
    assert training.evaluate(model, data["test"]).accuracy > 0.6
    assert [row.epoch for row in result.epochs] == list(range(1, 13))


def test_the_record_is_whole_and_fits_the_schema(data, uninterrupted):
    model, result = uninterrupted
    held = training.evaluate(model, data["validation"])
    last = result.epochs[-1]
    assert (last.validation_loss, last.validation_accuracy) == (held.loss, held.accuracy)
    assert result.seed == 3
    assert "threads" in result.device
    assert result.versions["torch"] == torch.__version__
    assert result.training_seconds > 0
    found = record.ExperimentRecord("x", {}, record.DatasetRecord("a", "b", {}), (result,))
    assert record.from_json(record.to_json(found)) == found


def test_the_same_seed_gives_the_same_record_and_another_another(data, uninterrupted):
    model, result = uninterrupted
    state = torch.get_rng_state()
    again, repeated = run(data, seed=3)
    assert torch.equal(torch.get_rng_state(), state), "the caller's random state was used"
    assert lasting(repeated) == lasting(result)
    assert same_weights(again, model)
    assert lasting(run(data, seed=4)[1]).epochs != result.epochs


def test_without_validation_the_rows_have_none(data):
    result = training.fit(small(), data["fit"], config=TrainingConfig(epochs=1), quiet=True)
    assert result.epochs[0].validation_accuracy is None
    assert result.validation_accuracy is None


def test_averaging_leaves_the_training_as_it_was(data):
    last, plain = run(data, config=dataclasses.replace(CONFIG, averaging=0.0), seed=3)
    averaged, result = run(data, config=dataclasses.replace(CONFIG, averaging=0.9), seed=3)
    forgetful, same = run(data, config=dataclasses.replace(CONFIG, averaging=1e-12), seed=3)
    losses = [[row.train_loss for row in r.epochs] for r in (plain, result, same)]
    assert losses[0] == losses[1] == losses[2]
    assert not same_weights(averaged, last)
    # An average that forgets everything before the last step is the last weights.
    assert same_weights(forgetful, last)
    assert same.validation_accuracy == plain.validation_accuracy


def test_the_average_by_hand():
    model = torch.nn.BatchNorm1d(1)  # a number to learn, a running statistic, and a whole number
    average = WeightAverage(model, 0.2)
    values = [10.0, 20.0, 30.0]
    expected = torch.tensor([1.0])  # what the weight is at first
    for step, value in enumerate(values, start=1):
        torch.nn.init.constant_(model.weight, value)
        model.running_var.fill_(value)
        model.num_batches_tracked.fill_(step)
        average.update(model)
        decay = min(0.2, (1 + step) / (10 + step))  # 2/11, then 0.2
        expected = decay * expected + (1 - decay) * value
    with average.applied(model):
        assert model.weight.detach() == pytest.approx(expected)
        assert model.running_var == pytest.approx(expected)
        assert model.num_batches_tracked == 3
    assert model.weight.item() == model.running_var.item() == 30


def test_batch_normalisation_is_averaged_and_resumed_too(tmp_path, data):
    def fresh():
        return models.build("cnn-small", stages=((4,), (8,)), batch_norm=True)

    path = tmp_path / "checkpoint"
    model, result = run(data, fresh(), seed=1)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(training, "evaluate_tensors", _interrupt_after(1))
        with pytest.raises(KeyboardInterrupt):
            run(data, fresh(), seed=1, checkpoint=path)
    again, resumed = run(data, fresh(), seed=1, checkpoint=path, resume=True)
    assert lasting(resumed) == lasting(result)
    assert same_weights(again, model)


def _interrupt_after(calls):
    counted = iter(range(calls))

    def evaluate(*arguments):
        if next(counted, None) is None:
            raise KeyboardInterrupt
        return evaluation.evaluate_tensors(*arguments)

    return evaluate


def test_bfloat16_trains_too(data):
    _, result = run(data, config=dataclasses.replace(CONFIG, autocast=True))
    assert all(np.isfinite(row.train_loss) for row in result.epochs)


KILLED = """\
import os, signal, sys
import torch
from cnnlib import checkpoints, datasets, models, training
def die(*_):
    os.kill(os.getpid(), signal.SIGKILL)
torch.set_num_threads(1)
count = 0
def step(self, done):
    global count
    count += 1
    if count == 12:  # in the second epoch, of 8 steps each
        die()
training.Progress.step = step
fit, validation = (datasets.load("fashion-mnist", s, sample=True) for s in ("fit", "validation"))
model = models.build("cnn-small", seed=0, stages=((4,), (8,)), dropout=0.1)
config = training.TrainingConfig(
    epochs=3, batch_size=64, flip=True, shift=2, label_smoothing=0.1, averaging=0.9, erase=3
)
training.fit(model, fit, validation, config, seed=3, checkpoint=sys.argv[1])
"""


def test_a_killed_training_goes_on_to_the_same_end(root, tmp_path, data, uninterrupted):
    path = tmp_path / "checkpoint"
    killed = subprocess.run(
        [sys.executable, "-c", KILLED, path], cwd=root, capture_output=True, text=True, check=False
    )
    assert killed.returncode == -signal.SIGKILL, killed.stderr
    assert "epoch 1 of 3" in killed.stdout
    assert "epoch 2 of 3" not in killed.stdout
    # Neither the new network's weights nor the seed's first numbers may matter.
    model, result = run(data, small(seed=9), seed=3, checkpoint=path, resume=True)
    assert lasting(result) == lasting(uninterrupted[1])
    assert same_weights(model, uninterrupted[0])
    # What is complete is not trained again.
    assert lasting(run(data, seed=3, checkpoint=path, resume=True)[1]) == lasting(result)


def test_a_checkpoint_of_another_training_is_refused(tmp_path, data):
    path = tmp_path / "checkpoint"
    config = TrainingConfig(epochs=1)
    run(data, config=config, checkpoint=path)
    for match, changed in {
        "its `seed` is 0, not 1": {"seed": 1},
        "its `config` is": {"config": TrainingConfig(epochs=2)},
        "of another network": {"model": models.build("fully-connected", hidden=(8,))},
    }.items():
        with pytest.raises(ValueError, match=match):
            run(data, **{"config": config, "checkpoint": path, "resume": True} | changed)
    with pytest.raises(ValueError, match="its `train` is"):
        run(data | {"fit": data["test"]}, config=config, checkpoint=path, resume=True)


@pytest.mark.parametrize("option", [{"pooling": "average"}, {"shuffled": True}, {"dropout": 0.3}])
def test_a_network_with_weights_of_the_same_shapes_is_another_all_the_same(tmp_path, data, option):
    path = tmp_path / "checkpoint"
    options = {"stages": ((4,), (8,)), "dropout": 0.1}
    config = TrainingConfig(epochs=1)
    run(data, models.build("cnn-small", **options), config, checkpoint=path)
    other = models.build("cnn-small", **options | option)
    before = weights.to_bytes(other)
    with pytest.raises(ValueError, match="is of another network: delete it"):
        run(data, other, config, checkpoint=path, resume=True)
    assert weights.to_bytes(other) == before


def test_a_damaged_checkpoint_is_named(tmp_path, data):
    path = tmp_path / "checkpoint"
    run(data, config=TrainingConfig(epochs=1), checkpoint=path)
    good = path.read_bytes()
    middle = len(good) // 2
    flipped = good[:middle] + bytes([good[middle] ^ 1]) + good[middle + 1 :]
    for content in (b"", b"nothing", good[:middle], flipped, good[32:], good + b"\0"):
        path.write_bytes(content)
        with pytest.raises(ValueError, match=r"checkpoint .*checkpoint is damaged: delete it"):
            run(data, config=TrainingConfig(epochs=1), checkpoint=path, resume=True)
    with pytest.raises(ValueError, match=r"`resume` \(True\) needs a `checkpoint`"):
        run(data, resume=True)


class Spoiled(torch.nn.Module):
    """Give NaN from a certain step on."""

    def __init__(self, last_good):
        super().__init__()
        self.inside, self.left = small(), last_good

    def forward(self, images):
        if self.training:
            self.left -= 1
        return self.inside(images) * (float("nan") if self.left < 0 else 1)


def test_a_loss_that_is_no_number_stops_the_training(tmp_path, data):
    path = tmp_path / "checkpoint"
    message = r"the loss is nan at step 11 \(epoch 2, batch 3\): lower `peak_rate`"
    with pytest.raises(training.DivergedError, match=message):
        run(data, Spoiled(10), checkpoint=path)
    state = torch.load(io.BytesIO(path.read_bytes()[32:]), weights_only=True)
    assert len(state["rows"]) == 1
    assert all(torch.isfinite(w).all() for w in state["model"].values())


@pytest.mark.parametrize(
    ("option", "value", "rule"),
    [
        ("epochs", 0, "an integer of at least 1"),
        ("epochs", True, "an integer of at least 1"),
        ("epochs", "3", "an integer of at least 1"),
        ("batch_size", 2.5, "an integer of at least 1"),
        ("shift", -1, "an integer of at least 0"),
        ("erase", 1.0, "an integer of at least 0"),
        ("averaging", 1, "below 1"),
        ("averaging", True, "below 1"),
        ("schedule", "cosine", "one of"),
        ("peak_rate", 0, "a number above 0"),
        ("peak_rate", float("nan"), "a number above 0"),
        ("peak_rate", float("inf"), "a number above 0"),
        ("weight_decay", -0.1, "a number from 0"),
        ("warmup", 1, "below 1"),
        ("label_smoothing", "0.1", "below 1"),
        ("flip", 1, "one of"),
        ("flip", "often", "one of"),
        ("border", "white", "one of"),
        ("optimizer", "adam", "one of"),
        ("head_rate", 0, "a number above 0"),
        ("autocast", None, "True or False"),
        ("turn", 1, "True or False"),
    ],
)
def test_bad_configuration_is_named(option, value, rule):
    with pytest.raises(ValueError, match=rf"`{option}` \(.*\) is [a-z0-9 ]+: use .*{rule}"):
        TrainingConfig(**{option: value})


def test_a_configuration_takes_numpys_integers_and_can_be_written():
    config = TrainingConfig(epochs=np.int64(3), shift=np.uint8(2))
    assert config == TrainingConfig(epochs=3, shift=2)
    assert json.dumps(dataclasses.asdict(config))


def test_the_rate_by_hand():
    config = TrainingConfig(peak_rate=0.4, warmup=0.25)
    rates = [training_config.learning_rate(step, 8, config) for step in range(8)]
    falling = [0.2 * (1 + np.cos(np.pi * k / 6)) for k in range(6)]
    assert rates == pytest.approx([0.2, 0.4, *falling])
    assert training_config.learning_rate(0, 1, config) == 0.4
    constant = dataclasses.replace(config, schedule="constant")
    rates = [training_config.learning_rate(step, 8, constant) for step in range(8)]
    assert rates == pytest.approx([0.2] + 7 * [0.4])


def test_tensors_are_the_images(data):
    images, labels = evaluation.to_tensors(data["test"])
    assert images.shape == (200, 1, 28, 28)
    assert images.dtype == torch.float32
    assert np.array_equal((images * 255).round()[:, 0].byte(), data["test"].images[..., 0])
    assert np.array_equal(labels, data["test"].labels)


@pytest.mark.parametrize(
    ("images", "labels", "message"),
    [
        (np.zeros((2, 28, 28, 1)), np.zeros(2, int), "`images` .float64.* are not uint8"),
        (np.zeros((2, 28, 28), np.uint8), np.zeros(2, int), "not uint8 of shape"),
        (np.zeros((2, 28, 28, 1), np.uint8), np.zeros(3, int), "don't match"),
        (np.zeros((0, 28, 28, 1), np.uint8), np.zeros(0, int), "or are none"),
        (np.zeros((0, 28, 28, 1), np.uint8), [], "or are none"),
        (np.zeros((2, 28, 28, 1), np.uint8), [0.0, 1.9], r"`labels` .float64. are no indices"),
        (np.zeros((2, 28, 28, 1), np.uint8), ["a", "b"], r"`labels` .<U1. are no indices"),
        (np.zeros((2, 28, 28, 1), np.uint8), [True, False], r"`labels` .bool"),
        (np.zeros((2, 28, 28, 1), np.uint8), [3, -1], r"`labels` .from -1 on. are no indices of"),
    ],
)
def test_bad_data_are_named(images, labels, message):
    with pytest.raises(ValueError, match=message):
        training.evaluate(small(), SimpleNamespace(images=images, labels=labels))


def test_a_seed_is_numpys_integer_too_and_can_be_written(data):
    _, numpys = run(data, seed=np.int64(3))
    _, pythons = run(data, seed=3)
    assert lasting(numpys) == lasting(pythons)
    assert json.dumps(numpys.seed) == "3"


@pytest.mark.parametrize("seed", [-1, 1.0, True, "1"])
def test_what_is_no_seed_is_named(data, seed):
    with pytest.raises(ValueError, match=rf"`seed` \({seed!r}\) .*: use an integer of at least 0"):
        run(data, seed=seed)


# No machine has a hundred GPUs.
@pytest.mark.parametrize("device", ["gpu", "cuda:100", "meta", None])
def test_a_device_that_is_not_here_is_named(data, device):
    message = re.escape(f"`device` ({device!r}) is not to be had on this machine (")
    with pytest.raises(ValueError, match=message):
        run(data, device=device)
    with pytest.raises(ValueError, match=message):
        evaluation.evaluate(small(), data["test"], device=device)


def test_a_label_beyond_the_networks_classes_is_named(data):
    images = data["fit"].images[:20]
    beyond = SimpleNamespace(images=images, labels=np.arange(20) % 11, sha256="0" * 64)
    message = r"`labels` \(up to 10\) go beyond the 10 classes of the network"
    with pytest.raises(ValueError, match=message):
        evaluation.evaluate(small(), beyond)
    with pytest.raises(ValueError, match=message):
        training.fit(small(), beyond, config=CONFIG, quiet=True)


def test_evaluation_by_hand():
    class Fixed(torch.nn.Module):
        def forward(self, images):
            bright = images.mean((1, 2, 3))
            return torch.stack([torch.zeros_like(bright), bright], 1)

    images = np.zeros((3, 2, 2, 1), np.uint8)
    images[0] = 255
    found = training.evaluate(Fixed(), SimpleNamespace(images=images, labels=np.array([1, 0, 1])))
    assert found.logits.tolist() == [[0, 1], [0, 0], [0, 0]]
    assert found.accuracy == pytest.approx(2 / 3)  # of a tie, the first class wins
    expected = (np.log(1 + np.exp(-1)) + 2 * np.log(2)) / 3
    assert found.loss == pytest.approx(expected)


def test_evaluation_in_batches_and_of_mirror_images(data):
    model = small()
    test = data["test"]
    whole = training.evaluate(model, test).logits
    assert np.allclose(training.evaluate(model, test, batch_size=7).logits, whole, atol=1e-5)
    mirrored = SimpleNamespace(images=test.images[:, :, ::-1], labels=test.labels)
    both = (whole + training.evaluate(model, mirrored).logits) / 2
    assert np.allclose(training.evaluate(model, test, augmented=True).logits, both, atol=1e-5)


@pytest.mark.parametrize("augmented", ["shiftd", "mirrored", 2, None])
def test_an_unknown_augmentation_is_named(data, augmented):
    with pytest.raises(ValueError, match=r"`augmented` \(.*\) is unknown: use one of False, True,"):
        training.evaluate(small(), data["test"], augmented=augmented)


def test_augmentation_moves_and_mirrors_within_bounds():
    image = torch.zeros(500, 1, 9, 9)
    image[:, 0, 4, 5] = 1
    with torch.random.fork_rng():
        torch.manual_seed(0)
        moved = augmentation.augment(image, TrainingConfig(shift=2, flip=True))
    assert torch.equal(moved.sum((1, 2, 3)), torch.ones(500))
    rows, columns = moved[:, 0].nonzero()[:, 1:].T
    assert set(rows.tolist()) == {2, 3, 4, 5, 6}
    assert set(columns.tolist()) == {1, 2, 3, 4, 5, 6, 7}  # of 3 or 5, by up to 2
    assert torch.equal(augmentation.augment(image, TrainingConfig()), image)


def test_images_are_turned_as_often_each_way():
    image = torch.arange(16.0).view(1, 1, 4, 4).expand(400, -1, -1, -1)
    with torch.random.fork_rng():
        torch.manual_seed(0)
        turned = augmentation.augment(image, TrainingConfig(turn=True))
    counts = [
        (turned == torch.rot90(image, quarter, (2, 3))).all((1, 2, 3)).sum().item()
        for quarter in range(4)
    ]
    assert sum(counts) == 400
    assert min(counts) > 70
    with pytest.raises(ValueError, match=r"`turn` \(True\) needs square images.*4 × 3 pixels"):
        augmentation.augment(image[..., :3], TrainingConfig(turn=True))


def test_a_square_of_each_image_is_erased():
    images = torch.ones(500, 3, 7, 9)
    with torch.random.fork_rng():
        torch.manual_seed(0)
        erased = augmentation.augment(images, TrainingConfig(erase=3))
    black = erased == 0
    assert torch.equal(black[:, 0], black[:, 2])
    assert (black[:, 0].sum((1, 2)) == 9).all()
    rows, columns = black[:, 0].any(2), black[:, 0].any(1)
    assert (rows.sum(1) == 3).all()
    assert (columns.sum(1) == 3).all()
    assert set(rows.int().argmax(1).tolist()) == set(range(5))
    assert set(columns.int().argmax(1).tolist()) == set(range(7))
    assert (images == 1).all(), "the images themselves are left alone"
    with pytest.raises(ValueError, match=r"`erase` \(8\) exceeds the images' height \(7\)"):
        augmentation.augment(images, TrainingConfig(erase=8))


def test_what_a_border_cannot_mirror_is_named():
    image = torch.arange(20.0).view(1, 1, 4, 5)
    config = TrainingConfig(shift=3, border="reflect")
    assert augmentation.augment(image, config).shape == image.shape
    config = dataclasses.replace(config, shift=4)
    with pytest.raises(ValueError, match=r"`shift` \(4\) exceeds .* 4 × 5 pixels: use at most 3"):
        augmentation.augment(image, config)
    black = augmentation.augment(image, dataclasses.replace(config, shift=9, border="black"))
    assert black.shape == image.shape


def test_an_alternating_flip_asks_which_images():
    image = torch.arange(4.0).view(2, 1, 1, 2)
    config = TrainingConfig(flip="alternating")
    mirrored = augmentation.augment(image, config, torch.tensor([True, False]))
    assert mirrored.flatten().tolist() == [1, 0, 2, 3]
    with pytest.raises(ValueError, match=r"`mirrored` \(None\) is what `flip` \('alternating'\) n"):
        augmentation.augment(image, config)


class Terminal(io.StringIO):
    def isatty(self):
        return True


def test_a_page_gets_lines_and_a_terminal_a_bar(data, capsys):
    run(data, quiet=False, config=TrainingConfig(epochs=2))
    first, second = capsys.readouterr().out.splitlines()
    assert first.startswith("epoch 1 of 2: training ")
    assert "validation" in second
    assert "\r" not in first
    run(data, config=TrainingConfig(epochs=1))
    assert capsys.readouterr().out == ""
    terminal = Terminal()
    progress = Progress(4, terminal)
    for done in range(1, 5):
        progress.step(done)
    progress.line("done")
    assert "  50 %" in terminal.getvalue()
    assert terminal.getvalue().endswith("100 %\r\033[Kdone\n")


def test_a_terminal_that_cannot_write_blocks_gets_plain_signs():
    written = io.BytesIO()
    terminal = io.TextIOWrapper(written, encoding="latin-1")
    terminal.isatty = lambda: True
    Progress(2, terminal).step(1)
    assert written.getvalue() == b"\r" + b"#" * 15 + b"." * 15 + b"  50 %"


@pytest.fixture
def asked_anew():
    """Forget the commit before and after."""
    provenance.commit.cache_clear()
    yield provenance.commit.cache_clear
    provenance.commit.cache_clear()


def test_the_commit_is_gits_or_the_environments(monkeypatch, asked_anew):
    found = provenance.commit()
    assert found is None or len(found.removesuffix("-dirty")) == 40
    monkeypatch.setenv("PATH", "")
    monkeypatch.setenv("CNNLIB_COMMIT", "a" * 40)
    assert provenance.commit() == found, "of the code that was loaded"
    asked_anew()
    assert provenance.commit() == "a" * 40
    monkeypatch.setenv("CNNLIB_COMMIT", "main")
    asked_anew()
    assert provenance.commit() is None


def test_a_record_that_makes_room_leaves_the_commit_clean_and_changed_code_does_not(root, tmp_path):
    record_file = tmp_path / "cnnlib" / "results" / "cifar-10" / "compact" / "record.json"
    record_file.parent.mkdir(parents=True)
    record_file.write_text("{}")
    for name in ("__init__.py", "provenance.py"):
        shutil.copy(root / "cnnlib" / name, tmp_path / "cnnlib")
    (tmp_path / "pyproject.toml").write_text("")

    def output(*command):
        environment = {"PATH": os.environ["PATH"], "GIT_CONFIG_GLOBAL": os.devnull}
        return subprocess.run(
            command, cwd=tmp_path, env=environment, capture_output=True, text=True, check=True
        ).stdout.strip()

    def commit():
        return output(
            sys.executable, "-Bc", "from cnnlib import provenance as p; print(p.commit())"
        )

    output("git", "init", "--quiet")
    output("git", "add", ".")
    author = ("-c", "user.name=a", "-c", "user.email=a@b.c")
    output("git", *author, "commit", "--quiet", "--message", "First")
    head = output("git", "rev-parse", "HEAD")
    assert commit() == head
    record_file.unlink()
    assert commit() == head
    (tmp_path / "pyproject.toml").write_text("[project]")
    assert commit() == f"{head}-dirty"


def test_a_commit_during_a_training_is_not_its_own(data, monkeypatch, asked_anew):
    monkeypatch.setenv("PATH", "")
    monkeypatch.setenv("CNNLIB_COMMIT", "a" * 40)

    def commits(*arguments):
        monkeypatch.setenv("CNNLIB_COMMIT", "b" * 40)
        return evaluation.evaluate_tensors(*arguments)

    monkeypatch.setattr(training, "evaluate_tensors", commits)
    assert [run(data, config=TrainingConfig(epochs=1))[1].commit for _ in "ab"] == 2 * ["a" * 40]
