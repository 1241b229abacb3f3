"""A recorded step does what the step itself would do."""

import contextlib

import pytest
import torch
from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils._pytree import tree_leaves

from cnnlib import models, optimizers, steps
from cnnlib.training_config import TrainingConfig

COUNT, CLASSES, STEPS = 8, 3, 16
MUON = TrainingConfig(
    optimizer="muon", peak_rate=0.1, schedule="linear", warmup=0.0, label_smoothing=0.1
)
ADAMW = TrainingConfig(peak_rate=1e-2, weight_decay=0.1, warmup=0.25)


class Graph(TorchDispatchMode):
    """Record what PyTorch's operations do, as a GPU would: bit for bit, numbers and all.

    What is recorded is not done. Here it has to be, to be known; then it is undone.
    """

    def __init__(self, kept):
        super().__init__()
        self.kept, self.calls = kept, []

    def __enter__(self):
        self.before = [tensor.detach().clone() for tensor in self.kept()]
        return super().__enter__()

    def __exit__(self, *error):
        super().__exit__(*error)
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
    def __init__(self, device):
        assert device == torch.device("cpu")

    def wait_stream(self, other):
        pass


@pytest.fixture
def graphs(monkeypatch):
    """Stand in for a GPU's recordings; return a list that gets each."""
    made = Made()
    monkeypatch.setattr(torch.cuda, "Stream", Stream)
    monkeypatch.setattr(torch.cuda, "current_stream", Stream)
    monkeypatch.setattr(torch.cuda, "stream", lambda _: contextlib.nullcontext())
    monkeypatch.setattr(torch.cuda, "CUDAGraph", lambda: made.append(Graph(made.kept)) or made[-1])
    monkeypatch.setattr(torch.cuda, "graph", lambda graph, stream: graph)
    return made


def train(config, *, recorded, sizes=(COUNT,), made=None):
    """Take steps with batches of these sizes in turn; return losses, hits and all weights."""
    network = "cnn-whitened" if config.optimizer == "muon" else "cnn-small"
    options = {"widths": (4, 6)} if network == "cnn-whitened" else {"image_shape": (3, 32, 32)}
    model = models.build(network, classes=CLASSES, **options).train()
    optimizer = optimizers.build(model, config)
    step = steps.plain(model, optimizer, config)
    if recorded:
        optimizers.hold_rates(optimizer, torch.device("cpu"))
        step = steps.Recorded(step, optimizer)

        def kept():
            states = [t for s in optimizer.state.values() for t in s.values()]
            return [*model.state_dict().values(), *states]

        made.kept = kept
    generator = torch.Generator().manual_seed(0)
    found = []
    for index in range(STEPS):
        count = sizes[index % len(sizes)]
        images = torch.rand(count, 3, 32, 32, generator=generator)
        labels = torch.randint(CLASSES, (count,), generator=generator)
        optimizers.set_rates(optimizer, index, STEPS, config)
        found.append(step(images, labels))
    return found, model.state_dict()


class Made(list):
    """Graphs, and what they have to leave as it was."""


def rates(optimizer):
    return [group["lr"] for group in optimizer.param_groups]


@pytest.mark.parametrize("config", [MUON, ADAMW], ids=["muon", "adamw"])
def test_rates_lie_where_they_are_held(config):
    optimizer = optimizers.build(models.build("cnn-small"), config)
    optimizers.set_rates(optimizer, 5, STEPS, config)
    expected = rates(optimizer)
    assert all(type(rate) is float and rate > 0 for rate in expected)
    optimizers.hold_rates(optimizer, torch.device("cpu"))
    places = rates(optimizer)
    optimizers.set_rates(optimizer, 5, STEPS, config)
    assert all(now is then for now, then in zip(rates(optimizer), places, strict=True))
    assert [rate.item() for rate in places] == pytest.approx(expected)
    # A checkpoint of a recorded training goes on without a recording, too.
    other = optimizers.build(models.build("cnn-small"), config)
    other.load_state_dict(optimizer.state_dict())
    optimizers.hold_rates(other)
    optimizers.set_rates(other, 5, STEPS, config)
    assert rates(other) == expected


@pytest.mark.parametrize("config", [MUON, ADAMW], ids=["muon", "adamw"])
@pytest.mark.parametrize("sizes", [(COUNT,), (COUNT, COUNT - 3)], ids=["alike", "two sizes"])
def test_recorded_steps_are_the_same_steps(config, sizes, graphs):
    expected, weights = train(config, recorded=False, sizes=sizes)
    found, recorded = train(config, recorded=True, sizes=sizes, made=graphs)
    torch.testing.assert_close(found, expected)
    torch.testing.assert_close(recorded, weights)
    # Muon's network stops to learn a bias on the way, and what was recorded with it is of no use.
    phases = [6, 10] if config.optimizer == "muon" else [16]
    taken = [steps_of // len(sizes) for steps_of in phases]
    assert len(graphs) == sum(len(sizes) for count in taken if count > steps.STEPS_BEFORE)
