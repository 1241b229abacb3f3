"""Exercises whose answer is a layer or a network: judged by what it does."""

from cnnlib.exercises.entry import Exercise
from cnnlib.exercises.functions import Built
from cnnlib.exercises.verdict import Slip

NO_MODULE = "Give the layer or network itself, an `nn.Module`."
NO_LAYER = "Give the one layer itself, an `nn.Conv2d`."

LAYER_SHAPE = (
    "For images of (2, 3, 16, 20) the maps should be (2, 8, 8, 10): 8 channels, half the size."
)
LAYER_BIAS = "It has a bias: leave it out (`bias=False`)."
LAYER_BORDER = (
    "Moved by two pixels round the border, the image gives other numbers: the border is not "
    "circular (`padding_mode`)."
)
LAYER_WINDOW = (
    "An output should see every pixel up to 2 away, along rows and along columns, and none further "
    "off: kernels of 5 by 5."
)

LAYERS = (
    "Each pass makes new weights, or keeps some where `parameters()` does not find them: the "
    "optimizer would never see them. Put the layers into `nn.Sequential` or `nn.ModuleList`."
)
LOGITS = "Each row adds up to 1: there is a softmax at the end. The loss wants logits."
SQUASHED = "There is a sigmoid, a tanh or a softmax at the end. The loss wants logits."
TOO_LARGE = "It has more than 20,000 parameters. Where do they sit? Pool before the linear layer."
NO_CONVOLUTION = "There is no convolution in it."
NETWORK_SHAPE = "For images of (5, 1, 28, 28) the logits should have the shape (5, 10)."
NEVER_NEGATIVE = "No logit is ever negative: is there a ReLU or a softplus at the end?"
CONSTANT = "All images get the same answer."
BRIGHTNESS = (
    "All that it sees is the mean brightness: without a nonlinear function, an average over all "
    "places tells no more."
)

STRIDED = (
    "Shifts by four pixels change nothing, but shifts by one do: a stride or a pooling looks at "
    "some pixels only. Keep the stride 1 before the average over all places."
)
BORDER = (
    "A pattern in the middle may move, but not one that crosses the border: the padding shows "
    "where the border is. Use circular padding."
)
PLACES = (
    "The logits depend on where the pattern is, even in the middle: something after the "
    "convolutions tells places apart (a `Flatten` before a `Linear`?). Average over all places."
)


def _random(rng, *shape):
    import torch

    return torch.tensor(rng.normal(size=shape), dtype=torch.float32)


def _same(one, other, tolerance=1e-4):
    return (one - other).abs().max() <= tolerance * (1 + one.abs().max())


def _judge_layer(layer, rng):
    import torch

    if not isinstance(layer, torch.nn.Conv2d):
        return NO_LAYER
    if layer.bias is not None:
        return LAYER_BIAS
    with torch.no_grad():
        x = _random(rng, 2, 3, 16, 20)
        y = layer(x)
        if y.shape != (2, 8, 8, 10):
            return LAYER_SHAPE
        if y.abs().max() == 0:
            return CONSTANT
        if not _same(layer(x.roll((2, 2), (-2, -1))), y.roll((1, 1), (-2, -1))):
            return LAYER_BORDER
        reached = set()
        for row, column in ((8, 8), (8, 9), (9, 8), (9, 9)):
            dot = torch.zeros(1, 3, 16, 20)
            dot[..., row, column] = 1
            seen = (layer(dot) != 0).flatten(0, 1).any(0).nonzero().tolist()
            reached |= {(2 * i - row, 2 * j - column) for i, j in seen}
        # Twice a place is the middle of its window, or beside it, as the padding has it.
        spans = [max(offsets) - min(offsets) for offsets in zip(*reached, strict=True)]
        return None if spans == [4, 4] and len(reached) == 25 else LAYER_WINDOW


def _layer(**options):
    from torch import nn

    options = {"padding": 2, "padding_mode": "circular", "bias": False} | options
    return nn.Conv2d(3, 8, options.pop("kernel_size", 5), 2, **options)


def _operations(output):
    """Return the operations that an output was computed by, the last one first."""
    found, waiting = [], [output.grad_fn]
    while waiting:
        node = waiting.pop()
        if node is not None and node not in found:
            found.append(node)
            waiting.extend(parent for parent, _ in node.next_functions)
    return found


def _judge_network(network, rng):
    import torch

    if not isinstance(network, torch.nn.Module):
        return NO_MODULE
    network.eval()
    x = _random(rng, 5, 1, 28, 28)
    logits = network(x)
    if logits.shape != (5, 10):
        return NETWORK_SHAPE
    operations = _operations(logits)
    leaves = {id(operation.variable) for operation in operations if hasattr(operation, "variable")}
    if leaves - {id(parameter) for parameter in network.parameters()}:
        return LAYERS
    if (logits >= 0).all() and _same(logits.sum(1), torch.ones(5)):
        return LOGITS
    kinds = [type(operation).__name__ for operation in operations]
    if kinds and kinds[0].startswith(("Sigmoid", "Tanh", "Softmax")):
        return SQUASHED
    if kinds and kinds[0].startswith(("Relu", "Softplus")):
        return NEVER_NEGATIVE
    if not any("Convolution" in kind for kind in kinds):
        return NO_CONVOLUTION
    if sum(parameter.numel() for parameter in network.parameters()) > 20_000:
        return TOO_LARGE
    return CONSTANT if _same(logits[:1], logits[1:], 1e-6) else None


def _network(channels=8, *last):
    from torch import nn

    return nn.Sequential(
        *(nn.Conv2d(1, channels, 3, padding=1), nn.ReLU(), nn.MaxPool2d(4)),
        *(nn.Flatten(), nn.Linear(channels * 49, 10), *last),
    )


def _hidden_layers():
    from torch import nn

    class Hidden(nn.Module):
        def __init__(self):
            super().__init__()
            self.layers = [nn.Conv2d(1, 8, 3), nn.AdaptiveAvgPool2d(1), nn.Flatten()]
            self.last = nn.Linear(8, 10)

        def forward(self, x):
            for layer in self.layers:
                x = layer(x)
            return self.last(x)

    return Hidden()


def _ending_in(function, *arguments):
    from torch import nn

    return _network(8, getattr(nn, function)(*arguments))


def _linear():
    from torch import nn

    return nn.Sequential(nn.Flatten(), nn.Linear(784, 10))


def _judge_invariant(network, rng):
    import torch

    if not isinstance(network, torch.nn.Module):
        return NO_MODULE
    network.eval()
    with torch.no_grad():
        # Means over all places are small numbers: measure them against their own scatter.
        x = 3 * _random(rng, 4, 1, 32, 32) + _random(rng, 4, 1, 1, 1)
        logits = network(x)
        if logits.shape != (4, 10):
            return "For images of (4, 1, 32, 32) the logits should have the shape (4, 10)."
        scatter = logits.std(0).max()
        if scatter < 1e-6 * logits.abs().max():
            return CONSTANT
        alike = network(x - x.mean((2, 3), keepdim=True))
        if alike.std(0).max() < 1e-4 * alike.abs().max():
            return BRIGHTNESS

        def moves(images, *shift):
            moved = network(images.roll(shift, (-2, -1)))
            return (moved - network(images)).abs().max() > 1e-3 * scatter

        if not any(moves(x, *shift) for shift in ((0, 1), (1, 0), (3, 5), (4, 8))):
            return None
        if not moves(x, 4, 4) and not moves(x, 8, 0):
            return STRIDED
        middle = torch.zeros_like(x)
        middle[..., 14:18, 14:18] = x[..., 14:18, 14:18]
        return PLACES if moves(middle, 0, 4) else BORDER


def _averaging(mode="circular", stride=1):
    from torch import nn

    return nn.Sequential(
        *(nn.Conv2d(1, 8, 3, stride, padding=1, padding_mode=mode), nn.ReLU()),
        *(nn.Conv2d(8, 8, 3, stride, padding=1, padding_mode=mode), nn.ReLU()),
        *(nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(8, 10)),
    )


def _flattening():
    from torch import nn

    return nn.Sequential(
        *(nn.Conv2d(1, 4, 3, padding=1, padding_mode="circular"), nn.ReLU()),
        *(nn.Flatten(), nn.Linear(4 * 32 * 32, 10)),
    )


def _without_relu():
    from torch import nn

    linear = (layer for layer in _averaging() if not isinstance(layer, nn.ReLU))
    return nn.Sequential(*linear)


def _always_the_same():
    network = _averaging()
    network[-1].weight.data.zero_()
    return network


EXERCISES = (
    Exercise(
        "build-layer",
        1,
        ("pytorch-layers 2", "pytorch-layers 3", "padding modes"),
        Built(
            "layer",
            _layer,
            _judge_layer,
            (
                Slip(lambda: _layer(padding_mode="zeros"), LAYER_BORDER),
                Slip(lambda: _layer(bias=True), LAYER_BIAS),
                Slip(lambda: _layer(padding=0), LAYER_SHAPE),
                Slip(lambda: _layer(kernel_size=3, padding=1), LAYER_WINDOW),
            ),
            "Five by five, stride 2, round the border, without a bias.",
        ),
    ),
    Exercise(
        "small-network",
        2,
        ("pytorch-training 1", "pytorch-training 2"),
        Built(
            "network",
            _network,
            _judge_network,
            (
                Slip(_hidden_layers, LAYERS),
                Slip(lambda: _ending_in("Softmax", 1), LOGITS),
                Slip(lambda: _ending_in("Sigmoid"), SQUASHED),
                Slip(lambda: _ending_in("ReLU"), NEVER_NEGATIVE),
                Slip(lambda: _network(64), TOO_LARGE),
                Slip(_linear, NO_CONVOLUTION),
            ),
            "Logits of the right shape, and the optimizer finds all parameters.",
        ),
    ),
    Exercise(
        "invariant-network",
        3,
        (
            *("fashion-mnist 3", "convolutional-layers 3", "equivariance or invariance"),
            *("pooling and shifts", "padding modes"),
        ),
        Built(
            "network",
            _averaging,
            _judge_invariant,
            (
                Slip(lambda: _averaging(mode="zeros"), BORDER),
                Slip(lambda: _averaging(stride=2), STRIDED),
                Slip(_flattening, PLACES),
                Slip(_always_the_same, CONSTANT),
                Slip(_without_relu, BRIGHTNESS),
            ),
            "Equivariant all the way, then one average over all places.",
        ),
    ),
)
