"""Exercises to be written in PyTorch: images, losses, steps and measurements."""

import numpy as np

from cnnlib.exercises.entry import Exercise
from cnnlib.exercises.functions import Function
from cnnlib.exercises.verdict import Slip

# PyTorch takes seconds to import, and the website's forms need none of it: so it is imported in
# the functions.


def _tensor(array):
    import torch

    return torch.tensor(array)


def to_tensor(images):
    """Return uint8 images (N, H, W, C) as float32 (N, C, H, W) from 0 to 1."""
    return _tensor(images).permute(0, 3, 1, 2).float() / 255


def _reshaped(images):
    n, h, w, c = images.shape
    return _tensor(images).reshape(n, c, h, w).float() / 255


def _draw_images(rng, size):
    shape = 1 + size // 2, size + 1, size + 2, 3
    return (rng.integers(0, 256, shape).astype(np.uint8),)


def _draw_logits(rng, size):
    logits = rng.normal(size=(size + 1, size + 2)) * rng.choice([1, 1000])
    return _tensor(logits.astype(np.float32)), _tensor(rng.integers(0, size + 2, size + 1))


def cross_entropy(logits, labels):
    """Return the mean of −log p of the right classes."""
    return -logits.log_softmax(1)[range(len(labels)), labels].mean()


def _no_logarithm(logits, labels):
    return -logits.softmax(1)[range(len(labels)), labels].mean()


def _small_network(rng, features, classes):
    """Build a network whose training and evaluation differ, without chance."""
    import torch
    from torch import nn

    network = nn.Sequential(nn.BatchNorm1d(features), nn.Linear(features, classes))
    with torch.no_grad():
        for parameter in network.parameters():
            parameter.copy_(_tensor(rng.normal(size=parameter.shape)))
        network[0].running_mean += _tensor(rng.normal(size=features))
        network[0].running_var.copy_(_tensor(rng.uniform(0.5, 3, features)))
    return network


def _draw_batch(rng, size):
    features, classes, n = size + 1, size + 2, 4 * size + 4
    x = rng.normal(size=(n, features)).astype(np.float32)
    network = _small_network(rng, features, classes)
    return network, _tensor(x), _tensor(rng.integers(0, classes, n))


def _two_steps(step):
    """Return a function that lets `step` train a network twice: its parameters, and the losses.

    Gradients are there before the first step, as if left from an earlier one.
    """

    def after(network, images, labels):
        import torch

        optimizer = torch.optim.SGD(network.parameters(), lr=0.1)
        for parameter in network.parameters():
            parameter.grad = torch.ones_like(parameter)
        network.eval()
        losses = [step(network, optimizer, images, labels) for _ in range(2)]
        if None in losses:
            return None
        if any(hasattr(loss, "detach") for loss in losses):
            raise TypeError("the loss is a tensor, which keeps its graph: return a float")
        parameters = [parameter.detach().flatten() for parameter in network.parameters()]
        return torch.cat([*parameters, torch.tensor(losses)])

    return after


def _clearing_late(network, optimizer, images, labels):
    loss = _step(forget={"zero_grad"})(network, optimizer, images, labels)
    optimizer.zero_grad()
    return loss


def _step(forget=(), of_probabilities=False, sign=1):
    def training_step(network, optimizer, images, labels):
        from torch.nn import functional

        if "train" not in forget:
            network.train()
        if "zero_grad" not in forget:
            optimizer.zero_grad()
        outputs = network(images)
        outputs = outputs.softmax(1) if of_probabilities else outputs
        loss = functional.cross_entropy(outputs, labels)
        (sign * loss).backward()
        if "step" not in forget:
            optimizer.step()
        return loss.item()

    return training_step


def _from_training_mode(measure):
    def measured(network, images, labels):
        return measure(network.train(), images, labels)

    return measured


def _accuracy(network, images, labels, evaluate=True):
    import torch

    network.train(not evaluate)
    with torch.no_grad():
        return (network(images).argmax(1) == labels).double().mean().item()


EXERCISES = (
    Exercise(
        "to-tensor",
        1,
        ("pytorch-layers 1",),
        Function(
            "to_tensor(images)",
            to_tensor,
            _draw_images,
            (
                Slip(
                    _reshaped,
                    "You reshaped. That keeps the order of the numbers and gives their places "
                    "other meanings; `permute` moves the axis of the channels.",
                ),
                Slip(
                    lambda images: _tensor(images).permute(0, 3, 1, 2).float(),
                    "Your pixels go up to 255: divide by it.",
                ),
                Slip(
                    lambda images: _tensor(images).permute(0, 3, 2, 1).float() / 255,
                    "Height and width are exchanged.",
                ),
                Slip(
                    lambda images: _tensor(images).float() / 255,
                    "The channels are still the last axis. PyTorch wants them second.",
                ),
            ),
            "(N, C, H, W), float32, from 0 to 1.",
        ),
    ),
    Exercise(
        "cross-entropy",
        2,
        ("pytorch-training 2",),
        Function(
            "cross_entropy(logits, labels)",
            cross_entropy,
            _draw_logits,
            (
                Slip(
                    lambda logits, labels: cross_entropy(logits, labels) * len(labels),
                    "You added up over the batch. Take the mean, so that the rate does not depend "
                    "on the size of the batch.",
                ),
                Slip(_no_logarithm, "You forgot the logarithm of the probability."),
                Slip(
                    lambda logits, labels: cross_entropy(logits.softmax(1), labels),
                    "You applied the softmax twice. The loss is of logits.",
                ),
                Slip(
                    lambda logits, labels: -cross_entropy(logits, labels),
                    "The sign: a loss is positive, and small where the network is right.",
                ),
                Slip(
                    lambda logits, labels: -logits[range(len(labels)), labels].mean(),
                    "Logits are no log-probabilities yet: subtract the logarithm of the sum of "
                    "their exponentials.",
                ),
            ),
            "What `F.cross_entropy` computes.",
        ),
    ),
    Exercise(
        "training-step",
        2,
        ("pytorch-training 4", "pytorch-training 5"),
        Function(
            "training_step(network, optimizer, images, labels)",
            _step(),
            _draw_batch,
            (
                Slip(
                    _step(forget={"zero_grad"}),
                    "Gradients of an earlier step are still there: `backward` adds. "
                    "Call `optimizer.zero_grad()`.",
                ),
                Slip(
                    _clearing_late,
                    "You cleared the gradients after the step, so that those left from before "
                    "went into the first one. Clear them before `backward`.",
                ),
                Slip(
                    _step(forget={"step"}),
                    "No parameter has moved: `optimizer.step()` is missing.",
                ),
                Slip(
                    _step(of_probabilities=True),
                    "There is a softmax before `F.cross_entropy`, which does it itself.",
                ),
                Slip(
                    _step(sign=-1),
                    "You climbed. The optimizer already subtracts the gradient of the loss.",
                ),
                Slip(
                    _step(forget={"train"}),
                    "The network came in evaluation mode, and you trained it so: call "
                    "`network.train()` first.",
                ),
            ),
            "Two steps move the parameters as they should, and the losses are right.",
            tolerance=1e-3,
            adapt=_two_steps,
        ),
    ),
    Exercise(
        "accuracy",
        1,
        ("pytorch-training 4", "pytorch-training 5"),
        Function(
            "accuracy(network, images, labels)",
            _accuracy,
            _draw_batch,
            (
                Slip(
                    lambda *arguments: _accuracy(*arguments, evaluate=False),
                    "The network came in training mode, and you measured it so. Call "
                    "`network.eval()` first.",
                ),
                Slip(
                    lambda *arguments: 100 * _accuracy(*arguments),
                    "That is in per cent. Give the share, from 0 to 1.",
                ),
                Slip(
                    lambda *arguments: 1 - _accuracy(*arguments),
                    "That is the share of mistakes.",
                ),
                Slip(
                    lambda *arguments: _accuracy(*arguments) * len(arguments[-1]),
                    "That is the number of hits. Divide by the number of images.",
                ),
            ),
            "In evaluation mode, as a share.",
            adapt=_from_training_mode,
        ),
    ),
)
