"""Train a network on a whole data set in memory, from a seed, and say how well it does.

The images are put on the device once, as float tensors; shuffling and augmentation happen there,
batch by batch. That saves what the usual `DataLoader` spends on handling images one by one.
"""

import dataclasses
import math
import platform
import time
from contextlib import contextmanager, nullcontext

import numpy as np
import torch

from cnnlib import checkpoints, optimizers, provenance, shapes, steps
from cnnlib.augmentation import augment, hand_over
from cnnlib.averaging import WeightAverage
from cnnlib.evaluation import as_device, check_labels, evaluate, evaluate_tensors, to_tensors
from cnnlib.progress import Progress
from cnnlib.record import EpochRow, RunRecord
from cnnlib.training_config import TrainingConfig, learning_rate

__all__ = ["DivergedError", "TrainingConfig", "as_device", "evaluate", "fit", "learning_rate"]

SECONDS_INCLUDE = (
    "the training steps with shuffling and augmentation, and what the network computes from the "
    "training images beforehand; not loading the data, building the network, validation, "
    "checkpoints and test"
)
COMPILED = "; compiled, the first run of a process with the seconds that this takes"


class DivergedError(ArithmeticError):
    """The loss is no longer a finite number."""


def fit(
    model,
    train,
    validation=None,
    config=None,
    *,
    seed=0,
    device="cpu",
    checkpoint=None,
    resume=False,
    compiled=False,
    quiet=False,
):
    """Train a network, and return the record of the run.

    On a CPU, the same network, data, configuration, seed and number of threads give the same
    weights and the same record, but for date, commit and seconds. A training that goes on from a
    checkpoint ends where it would have without the interruption.

    Parameters
    ----------
    model : torch.nn.Module
        Images (N, C, H, W) to logits (N, classes); is trained in place, and left on `device`.
        Its initial weights are not decided by `seed` here, but in `cnnlib.models.build`.
    train, validation : cnnlib.datasets.Dataset
        Without `validation`, the record's rows have none.
    config : TrainingConfig, optional
    seed : int
        Of order, augmentation and dropout. PyTorch's own random state stays as it is.
    device : str or torch.device
    checkpoint : str or pathlib.Path, optional
        A file to write the state to after each epoch, whole or not at all.
    resume : bool
        Go on from `checkpoint` if it is there. Otherwise it is overwritten.
    compiled : bool
        Let PyTorch write the network's steps anew for this device and batch size
        (`torch.compile`, which needs a C++ compiler). That takes up to a minute in the first
        training of a process; networks of the same kind that follow find it done. On a GPU, a
        step is then recorded, too, in each training anew, and played back (`cnnlib.steps`).
    quiet : bool
        Whether to say nothing. Otherwise: a bar on a terminal, and a line for each epoch.

    Returns
    -------
    cnnlib.record.RunRecord
        Without test accuracies.

    Raises
    ------
    ValueError
        If the data are not as `to_tensors` wants them, if a label is of no class that the network
        knows, if the machine has no such device, if `seed` is no integer of at least 0, if there is
        nothing to resume from because `checkpoint` is None, or if the checkpoint is damaged or of
        another training.
    DivergedError
        If the loss is not finite; the message says at which step (from 1, over all epochs), and
        the last good epoch's checkpoint stays.
    """
    config = config or TrainingConfig()
    commit = provenance.commit()  # others may commit while it trains
    device, seed = as_device(device), shapes.as_integer("seed", seed, 0)
    if resume and checkpoint is None:
        raise ValueError("`resume` (True) needs a `checkpoint`: give the path of its file")
    images, labels = to_tensors(train, device)
    held_out = to_tensors(validation, device) if validation is not None else None
    model.to(device, memory_format=torch.channels_last)
    optimizer = optimizers.build(model, config)
    training = {
        "seed": seed,
        "config": dataclasses.asdict(config),
        "train": train.sha256,
        "validation": validation.sha256 if validation is not None else None,
        "network": str(model),  # what its weights alone don't tell
    }
    forward = _checked(steps.compile_network(model) if compiled else model, int(labels.max()))
    step = steps.plain(forward, optimizer, config)
    average = WeightAverage(model, config.averaging) if config.averaging else None
    rows, seconds = [], 0.0
    batches = math.ceil(len(images) / config.batch_size)
    progress = Progress(batches * config.epochs, quiet=quiet)
    gpus = [device] if device.type == "cuda" else []
    with torch.random.fork_rng(devices=gpus), _fastest_convolutions(), _learning_again(model):
        torch.manual_seed(seed)
        # The images that an alternating flip mirrors first.
        sides = torch.rand(len(images), generator=torch.Generator().manual_seed(seed)) < 0.5
        sides = sides.to(device)
        if hasattr(model, "prepare"):
            start = time.perf_counter()
            model.prepare(images)
            seconds = time.perf_counter() - start
        if resume and checkpoints.exists(checkpoint):
            rows, seconds = checkpoints.load(
                checkpoint, training, model, optimizer, average, device
            )
        recorded = compiled and steps.can_record(device)
        optimizers.make_recordable(optimizer, device if recorded else None)
        if recorded:
            step = steps.Recorded(step, optimizer, config.batch_size)
        # A GPU that nobody watches is asked for its losses at the end alone.
        watched = bool(held_out) or checkpoint is not None or not quiet
        owed = []
        for epoch in range(len(rows) + 1, config.epochs + 1):
            start = time.perf_counter()
            owed.append(
                _train_epoch(
                    *(model, step, optimizer, average, images, labels, sides),
                    *(config, epoch, progress),
                )
            )
            if not watched and epoch < config.epochs:
                seconds += time.perf_counter() - start
                continue
            results = [_settle(*results, len(images)) for results in owed]
            owed.clear()
            seconds += time.perf_counter() - start
            with average.applied(model) if average else nullcontext():
                held = evaluate_tensors(model, *held_out, config.autocast) if held_out else None
            seen = (held.loss, held.accuracy) if held else ()
            rows += [EpochRow(*result, *seen) for result in results]
            if checkpoint is not None:
                checkpoints.save(
                    checkpoint, training, model, optimizer, average, device, rows, seconds
                )
            shown = f", validation {held.loss:.3f} {held.accuracy:.2%}" if held else ""
            progress.line(
                f"epoch {epoch} of {config.epochs}: training {rows[-1].train_loss:.3f} "
                f"{rows[-1].train_accuracy:.2%}{shown}, "
                f"{seconds:.1f} s"
            )
    if average:
        model.load_state_dict(average.tensors)
    model.eval()
    return RunRecord(
        seed=seed,
        device=device_name(device),
        versions=versions(device),
        date=provenance.now(),
        commit=commit,
        training_seconds=round(seconds, 3),
        seconds_include=SECONDS_INCLUDE + (COMPILED if compiled else ""),
        epochs=tuple(rows),
    )


def device_name(device):
    """Return the name of the GPU, or of the processor with PyTorch's number of threads (str)."""
    device = torch.device(device)
    if device.type == "cuda":
        return torch.cuda.get_device_name(device)
    return f"{provenance.processor()}, {torch.get_num_threads()} threads"


def versions(device):
    """Return the versions that decide a result (dict of str to str)."""
    found = {
        "python": platform.python_version(),
        "torch": str(torch.__version__),
        "numpy": np.__version__,
    }
    if torch.device(device).type == "cuda":
        found["cuda"] = str(torch.version.cuda)
    return found


def _checked(forward, highest):
    """Return a forward pass that refuses labels beyond its classes."""

    def checked(images):
        logits = forward(images)
        check_labels(highest, logits)
        return logits

    return checked


@contextmanager
def _fastest_convolutions():
    """Let cuDNN try its ways to convolve when it first meets a shape, and take the fastest."""
    before = torch.backends.cudnn.benchmark
    torch.backends.cudnn.benchmark = True
    try:
        yield
    finally:
        torch.backends.cudnn.benchmark = before


@contextmanager
def _learning_again(model):
    """Let all parameters learn afterwards that learn now; some may have stopped on the way."""
    learnt = [parameter for parameter in model.parameters() if parameter.requires_grad]
    try:
        yield
    finally:
        for parameter in learnt:
            parameter.requires_grad_(True)


def _train_epoch(model, step, optimizer, average, images, labels, sides, config, epoch, progress):
    """Take the steps of one epoch; return what `_settle` takes.

    Nothing in a step waits for a GPU, but for one that is recorded, so that it always has the next
    steps' work before it.
    """
    model.train()
    optimizer.zero_grad(set_to_none=True)
    # Drawn on the CPU, the order is the same for any device.
    order = hand_over(torch.randperm(len(images)), images.device)
    batches = order.split(config.batch_size)
    first = (epoch - 1) * len(batches)
    losses, hits = [], []
    rows = images.permute(0, 2, 3, 1)  # an image lies together in memory, and is copied at once
    for index, batch in enumerate(batches):
        optimizers.set_rates(optimizer, first + index, config.epochs * len(batches), config)
        mirrored = sides[batch] ^ (epoch % 2 == 0)
        chosen = augment(rows.index_select(0, batch).permute(0, 3, 1, 2), config, mirrored)
        loss, hit = step(chosen, labels[batch])
        if average:
            average.update(model)
        losses.append(loss)
        hits.append(hit)
        # A GPU would have to be waited for, so there the check comes at the end of the epoch.
        if images.device.type == "cpu":
            _check_finite([loss.item()], first + index, epoch, index)
        progress.step(first + index + 1)
    return epoch, first, torch.stack(losses), torch.stack(hits), [len(batch) for batch in batches]


def _settle(epoch, first, losses, hits, sizes, count):
    """Wait for an epoch's losses and hits; return the epoch, the mean loss and the accuracy."""
    losses = losses.tolist()
    _check_finite(losses, first, epoch, 0)
    total = sum(loss * size for loss, size in zip(losses, sizes, strict=True))
    return epoch, total / count, hits.sum().item() / count


def _check_finite(losses, step, epoch, batch):
    """Raise if one of the losses, the first of which is that of `step`, is not finite."""
    for index, loss in enumerate(losses):
        if not math.isfinite(loss):
            raise DivergedError(
                f"the loss is {loss} at step {step + index + 1} (epoch {epoch}, batch "
                f"{batch + index + 1}): lower `peak_rate`, or look for infinite weights or inputs"
            )
