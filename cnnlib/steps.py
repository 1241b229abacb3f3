"""Take the steps of a training; on a GPU, record one and play it back.

A step asks a GPU for some hundred pieces of work, most of which are done sooner than Python asks
for the next. What is recorded (a CUDA graph) is asked for once, whole.
"""

from contextlib import contextmanager
from dataclasses import dataclass

import torch
from torch.nn import functional

# Before a step is recorded, it is taken so often, so that all is compiled, tried out and allotted.
STEPS_BEFORE = 3


def compile_network(model):
    """Return a network's forward pass, compiled for the batches and the device that it meets."""
    return torch.compile(model, dynamic=False, fullgraph=True)


def plain(forward, optimizer, config):
    """Return a function that takes a training step.

    Parameters
    ----------
    forward : callable
        Images (N, C, H, W) to logits (N, classes).
    optimizer : torch.optim.Optimizer
        With a rate for this step in each group.
    config : cnnlib.training_config.TrainingConfig

    Returns
    -------
    callable
        Images and labels (int64, (N,)) to their loss, without its gradient, and to how many were
        named correctly: tensors of no axis, on the device.
    """

    def step(images, labels):
        with torch.autocast(images.device.type, torch.bfloat16, enabled=config.autocast):
            logits = forward(images)
        loss = functional.cross_entropy(
            logits.float(), labels, label_smoothing=config.label_smoothing
        )
        # Stochastic gradient descent has its rates for the sum, AdamW and Muon don't care.
        (loss * len(labels) if config.optimizer == "muon" else loss).backward()
        optimizer.step()
        optimizer.zero_grad(set_to_none=True)
        return loss.detach(), (logits.detach().argmax(1) == labels).sum()

    return step


@dataclass(frozen=True)
class _Recording:
    graph: object
    inputs: tuple
    outputs: tuple


class Recorded:
    """Take a step as `plain` returns it on a GPU, from the fourth one on from a recording.

    What is recorded works on the same places in memory each time: the weights and the optimizer's
    state stay where they are, images and labels are copied to where the first ones were, and the
    rates have to lie on the device (`cnnlib.optimizers.hold_rates`). It is recorded anew for
    batches of another size, and when other parameters learn than before.

    Parameters
    ----------
    step : callable
        All that it does must be done by the GPU. It leaves no gradients behind.
    optimizer : torch.optim.Optimizer
    """

    def __init__(self, step, optimizer):
        self._step, self._optimizer = step, optimizer
        self._device = optimizer.param_groups[0]["params"][0].device
        self._stream = torch.cuda.Stream(self._device)
        self._forget(None)

    def _forget(self, learnt):
        self._learnt, self._taken, self._recordings = learnt, {}, {}

    def __call__(self, images, labels):
        """Take a step; return what `plain` says."""
        groups = self._optimizer.param_groups
        learnt = [p.requires_grad for group in groups for p in group["params"]]
        if learnt != self._learnt:
            self._forget(learnt)
        taken = self._taken[len(images)] = self._taken.get(len(images), 0) + 1
        if taken <= STEPS_BEFORE:
            return self._take_apart(images, labels)
        if taken == STEPS_BEFORE + 1:
            self._recordings[len(images)] = self._record(images, labels)
        recording = self._recordings[len(images)]
        for place, given in zip(recording.inputs, (images, labels), strict=True):
            place.copy_(given)
        recording.graph.replay()
        return tuple(output.clone() for output in recording.outputs)

    def _take_apart(self, images, labels):
        """Take a step beside all other work: autograd insists on the stream that it knows."""
        now = torch.cuda.current_stream(self._device)
        self._stream.wait_stream(now)
        with torch.cuda.stream(self._stream):
            outputs = self._step(images, labels)
        now.wait_stream(self._stream)
        return outputs

    def _record(self, images, labels):
        inputs = images.clone(memory_format=torch.preserve_format), labels.clone()
        graph = torch.cuda.CUDAGraph()
        with _recordable(self._optimizer), torch.cuda.graph(graph, stream=self._stream):
            outputs = self._step(*inputs)  # asked for, and not done yet
        return _Recording(graph, inputs, outputs)


@contextmanager
def _recordable(optimizer):
    """Tell PyTorch's optimizers that they are recorded, which they otherwise refuse."""
    for group in optimizer.param_groups:
        group["capturable"] = True
    try:
        yield
    finally:
        for group in optimizer.param_groups:
            group["capturable"] = False
