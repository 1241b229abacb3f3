"""Take the steps of a training; on a GPU, record one and play it back.

A step asks a GPU for some hundred pieces of work, most of which are done sooner than Python asks
for the next. What is recorded (a CUDA graph) is asked for once, whole.
"""

from dataclasses import dataclass

import torch
from torch.nn import functional

# Before a step is recorded, it is taken so often, so that all is compiled, tried out and allotted.
STEPS_BEFORE = 3
# PyTorch keeps what it has compiled with the code of `forward`, which all networks share: one form
# for each network, size of batches and choice of parameters that learn. By itself it keeps eight.
FORMS = 128


def compile_network(model):
    """Return a network's forward pass, compiled for the batches and the device that it meets."""
    torch._dynamo.config.recompile_limit = FORMS
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


def can_record(device):
    """Return whether a device's work can be recorded (bool)."""
    return device.type == "cuda"


@dataclass(frozen=True)
class _Recording:
    graph: object
    inputs: tuple
    outputs: tuple


class Recorded:
    """Take steps on a GPU: after the first three, whole batches by playing back a recording.

    What is recorded works on the same places in memory each time: the weights and the optimizer's
    state stay where they are, images and labels are copied to where the first ones were, and the
    rates have to lie on the device (`cnnlib.optimizers.make_recordable`). A smaller batch is taken
    as it comes. When other parameters learn than before, a step is recorded anew.

    Parameters
    ----------
    step : callable
        As `plain` returns it. All that it does must be done by the GPU. It leaves no gradients.
    optimizer : torch.optim.Optimizer
    batch_size : int
        Of a whole batch.
    """

    def __init__(self, step, optimizer, batch_size):
        self._step, self._optimizer, self._batch_size = step, optimizer, batch_size
        self._device = optimizer.param_groups[0]["params"][0].device
        self._stream = torch.cuda.Stream(self._device)
        self._forget(None)

    def _forget(self, learnt):
        self._learnt, self._taken, self._recording = learnt, 0, None

    def __call__(self, images, labels):
        """Take a step; return what `plain` says."""
        groups = self._optimizer.param_groups
        learnt = [p.requires_grad for group in groups for p in group["params"]]
        if learnt != self._learnt:
            self._forget(learnt)
        is_whole = len(images) == self._batch_size
        if not is_whole or self._taken < STEPS_BEFORE:
            self._taken += is_whole
            return self._take_aside(images, labels)
        if self._recording is None:
            self._recording = self._record(images, labels)
        for place, given in zip(self._recording.inputs, (images, labels), strict=True):
            place.copy_(given)
        self._recording.graph.replay()
        return tuple(output.clone() for output in self._recording.outputs)

    def _take_aside(self, images, labels):
        """Take a step on the stream of the recording, which has what PyTorch keeps for it then."""
        now = torch.cuda.current_stream(self._device)
        self._stream.wait_stream(now)
        with torch.cuda.stream(self._stream):
            outputs = self._step(images, labels)
        now.wait_stream(self._stream)
        return outputs

    def _record(self, images, labels):
        inputs = images.clone(), labels.clone()
        graph = torch.cuda.CUDAGraph()
        with torch.cuda.device(self._device), torch.cuda.graph(graph, stream=self._stream):
            outputs = self._step(*inputs)  # asked for, and not done yet
        return _Recording(graph, inputs, outputs)
