"""A recorded step does what the step itself would do."""

import contextlib
import dataclasses

import numpy as np
import pytest
import torch
from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils._pytree import tree_leaves

from cnnlib import checkpoints, models, optimizers, steps, training
from cnnlib.datasets import Dataset
from cnnlib.training_config import TrainingConfig

COUNT, CLASSES, STEPS = 8, 3, 16
MUON = TrainingConfig(
    batch_size=COUNT, optimizer="muon", peak_rate=0.1, schedule="linear", warmup=0.0
)
ADAMW = TrainingConfig(batch_size=COUNT, peak_rate=1e-2, weight_decay=0.1, warmup=0.25)
NETWORKS = {
    "muon": ("cnn-whitened", {"widths": (4, 6)}),
    "adamw": ("cnn-small", {"image_shape": (3, 32, 32), "hidden": (6,), "dropout": 0.3}),
}
both = pytest.mark.parametrize("config", [MUON, ADAMW], ids=["muon", "adamw"])


class Graph(TorchDispatchMode):
    """Record what PyTorch's operations do, as a GPU would: one by one, numbers and all.

    What is recorded is not done. Here it has to be, to be known; then it is undone.
    """

    def __init__(self, kept):
        super().__init__()
        self.kept, self.calls = kept, []

    def __enter__(self):
        self.before = [tensor.detach().clone() for tensor in self.kept()]
        self.random = torch.get_rng_state()
        return super().__enter__()

    def __exit__(self, *error):
        super().__exit__(*error)
        torch.set_rng_state(self.random)
        with torch.no_grad():
            for tensor, before in zip(self.kept(), self.before, strict=True):
                tensor.copy_(before)

    def __torch_dispatch__(self, operation, _, arguments=(), named=None):
        assert "_local_scalar_dense" not in str(operation), "asked for what is not computed yet"
        found = operation(*arguments, **(named or {}))
        self.calls.append((operation, arguments, named or {}, found))
        return found

    @torch.no_grad()
    def replay(self):
        for operation, arguments, named, then in self.calls:
            now = operation(*arguments, **named)
            for place, new in zip(tree_leaves(then), tree_leaves(now), strict=True):
                if isinstance(place, torch.Tensor):
                    place.copy_(new)


class Stream:
    def __init__(self, log):
        self.log = log

    def wait_stream(self, other):
        self.log.append((self, "waits for", other))


class Device:
    """What stands in for a GPU: its streams, what is asked of them, and what it has recorded."""

    def __init__(self):
        self.log, self.graphs, self.records = [], [], False
        self.default, self.side = Stream(self.log), Stream(self.log)
        self.now = self.default
        self.kept = list  # a function that returns the tensors which a recording leaves alone

    def is_capturing(self):
        return self.records

    @contextlib.contextmanager
    def stream(self, chosen):
        before, self.now = self.now, chosen
        yield
        self.now = before

    def new_graph(self):
        self.graphs.append(Graph(self.kept))
        return self.graphs[-1]

    @contextlib.contextmanager
    def record(self, graph, stream):
        assert stream is self.side, "not the stream that the steps before were taken on"
        self.records = True
        with graph:
            yield
        self.records = False


@pytest.fixture
def gpu(monkeypatch):
    device = Device()
    monkeypatch.setattr(torch.cuda, "Stream", lambda _: device.side)
    monkeypatch.setattr(torch.cuda, "current_stream", lambda _: device.now)
    monkeypatch.setattr(torch.cuda, "stream", device.stream)
    monkeypatch.setattr(torch.cuda, "device", lambda _: contextlib.nullcontext())
    monkeypatch.setattr(torch.cuda, "CUDAGraph", device.new_graph)
    monkeypatch.setattr(torch.cuda, "graph", device.record)
    # PyTorch's optimizers ask these whether they are recorded.
    monkeypatch.setattr(torch.accelerator, "current_accelerator", lambda **_: torch.device("cuda"))
    monkeypatch.setattr(torch.accelerator, "current_stream", lambda: device)
    monkeypatch.setattr(steps, "can_record", lambda _: True)
    monkeypatch.setattr(steps, "compile_network", lambda model: model)

    class Recorded(steps.Recorded):
        def __init__(self, step, optimizer, batch_size):
            super().__init__(step, optimizer, batch_size)
            kept = [p for group in optimizer.param_groups for p in group["params"]]
            device.kept = lambda: [
                *kept,
                *device.buffers,
                *(t for state in optimizer.state.values() for t in state.values()),
            ]

    monkeypatch.setattr(steps, "Recorded", Recorded)
    return device


def build(config):
    network, options = NETWORKS[config.optimizer]
    return models.build(network, classes=CLASSES, **options).train()


def rates(optimizer):
    return [group["lr"] for group in optimizer.param_groups]


@both
def test_rates_lie_where_a_recording_finds_them(config):
    optimizer = optimizers.build(build(config), config)
    optimizers.set_rates(optimizer, 5, STEPS, config)
    expected = rates(optimizer)
    assert all(type(rate) is float and rate > 0 for rate in expected)
    optimizers.make_recordable(optimizer, torch.device("cpu"))
    places = rates(optimizer)
    optimizers.set_rates(optimizer, 5, STEPS, config)
    assert all(now is then for now, then in zip(rates(optimizer), places, strict=True))
    assert [rate.item() for rate in places] == pytest.approx(expected)


def take_steps(config, sizes, gpu=None):
    """Take steps with batches of these sizes in turn; return losses, hits and all weights."""
    torch.manual_seed(0)
    model = build(config)
    optimizer = optimizers.build(model, config)
    step = steps.plain(model, optimizer, config)
    if gpu:
        gpu.buffers = list(model.buffers())
        optimizers.make_recordable(optimizer, torch.device("cpu"))
        step = steps.Recorded(step, optimizer, COUNT)
    generator = torch.Generator().manual_seed(0)
    found = []
    for index in range(STEPS):
        count = sizes[index % len(sizes)]
        images = torch.rand(count, 3, 32, 32, generator=generator)
        labels = torch.randint(CLASSES, (count,), generator=generator)
        given = images.clone(), labels.clone()
        optimizers.set_rates(optimizer, index, STEPS, config)
        found.append(step(images, labels))
        assert torch.equal(images, given[0])
        assert torch.equal(labels, given[1])
    return found, model.state_dict()


@both
@pytest.mark.parametrize("sizes", [(COUNT,), (COUNT, COUNT - 3)], ids=["alike", "two sizes"])
def test_recorded_steps_are_the_same_steps(config, sizes, gpu):
    expected, weights = take_steps(config, sizes)
    found, recorded = take_steps(config, sizes, gpu)
    torch.testing.assert_close(found, expected)
    torch.testing.assert_close(recorded, weights)
    # Muon's network stops to learn a bias on the way, and what was recorded with it is of no use.
    phases = [6, 10] if config.optimizer == "muon" else [16]
    whole = [count // len(sizes) for count in phases]
    assert len(gpu.graphs) == sum(count > steps.STEPS_BEFORE for count in whole)


def test_a_step_before_the_recording_comes_after_what_was_asked_for_and_before_the_rest(gpu):
    gpu.buffers = []
    optimizer = optimizers.build(build(ADAMW), ADAMW)
    log, side, default = gpu.log, gpu.side, gpu.default
    step = steps.Recorded(lambda *_: log.append(("step on", gpu.now)), optimizer, COUNT)
    step(torch.zeros(COUNT), torch.zeros(COUNT))
    assert log == [(side, "waits for", default), ("step on", side), (default, "waits for", side)]


def data():
    generator = np.random.default_rng(0)
    images = generator.integers(0, 256, (3 * COUNT + 3, 32, 32, 3), dtype=np.uint8)
    labels = generator.integers(0, CLASSES, len(images))
    return Dataset("cifar-10", "train", images, labels, tuple("abc"), "a test", False)


def fit(config, gpu, **options):
    model = build(config)
    gpu.buffers = list(model.buffers())
    training.fit(model, data(), None, config, seed=3, quiet=True, **options)
    return model.state_dict()


@both
def test_a_recorded_training_is_the_same_training(config, gpu, tmp_path, monkeypatch):
    more = {"epochs": 6, "averaging": 0.9, "shift": 1, "flip": True, "label_smoothing": 0.1}
    config = dataclasses.replace(config, **more)
    expected = fit(config, gpu)
    assert not gpu.graphs
    torch.testing.assert_close(fit(config, gpu, compiled=True), expected)
    assert gpu.graphs
    # Interrupted, it goes on with a recording and without one.
    save, path = checkpoints.save, tmp_path / "checkpoint"

    def interrupt(*arguments):
        save(*arguments)
        if len(arguments[-2]) == 4:
            raise KeyboardInterrupt

    monkeypatch.setattr(checkpoints, "save", interrupt)
    with pytest.raises(KeyboardInterrupt):
        fit(config, gpu, compiled=True, checkpoint=path)
    monkeypatch.setattr(checkpoints, "save", save)
    written = path.read_bytes()
    for compiled in (True, False):
        path.write_bytes(written)
        resumed = fit(config, gpu, compiled=compiled, checkpoint=path, resume=True)
        torch.testing.assert_close(resumed, expected)


def test_all_networks_of_a_process_are_compiled(monkeypatch):
    # More kinds than PyTorch would keep by itself. Traced, and executed as they stand.
    compile_with = torch.compile
    monkeypatch.setattr(torch, "compile", lambda *a, **k: compile_with(*a, **k, backend="eager"))
    torch.compiler.reset()
    images = torch.rand(2, 3, 32, 32)
    for width in range(1, 11):
        stages = ((width,), *[(2,)] * (width % 3))
        model = models.build("cnn-deep", image_shape=(3, 32, 32), stages=stages)
        compiled = steps.compile_network(model.eval())
        torch.testing.assert_close(compiled(images), model(images))
    torch.compiler.reset()
