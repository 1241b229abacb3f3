"""Keep the state of a training between its epochs, so that it can go on after an interruption.

PyTorch's files have no checksum that it looks at, so the SHA-256 of all that follows comes first.
"""

import dataclasses
import hashlib
import io
from pathlib import Path

import torch

from cnnlib import atomic
from cnnlib.record import EpochRow

_DIGEST_BYTES = hashlib.sha256().digest_size


def exists(path):
    """Return whether there is a checkpoint."""
    return Path(path).is_file()


def save(path, training, model, optimizer, average, device, rows, seconds):
    """Write the state of a training, whole or not at all.

    Parameters
    ----------
    path : str or pathlib.Path
    training : dict
        What decides the training, with the network's description as `network`; to go on, `load`
        must be given an equal one.
    model, optimizer
    average : cnnlib.averaging.WeightAverage or None
    device : torch.device
        Whose random state counts, besides the CPU's.
    rows : list of cnnlib.record.EpochRow
    seconds : float
        Spent so far.
    """
    file = io.BytesIO()
    state = {
        "training": training,
        "model": model.state_dict(),
        "optimizer": optimizer.state_dict(),
        "average": average.state() if average else None,
        "random": torch.get_rng_state(),
        "cuda_random": torch.cuda.get_rng_state(device) if device.type == "cuda" else None,
        "rows": [dataclasses.astuple(row) for row in rows],
        "seconds": seconds,
    }
    torch.save(state, file)
    content = file.getvalue()
    atomic.write(path, hashlib.sha256(content).digest() + content)


def load(path, training, model, optimizer, average, device):
    """Put a training back into the state of a checkpoint.

    Only tensors and plain Python values are read (`weights_only`): no code in the file is run.

    Parameters
    ----------
    path, training, model, optimizer, average, device
        As in `save`; model, optimizer and PyTorch's random state are changed in place.

    Returns
    -------
    rows : list of cnnlib.record.EpochRow
    seconds : float

    Raises
    ------
    ValueError
        If the file is damaged or is the checkpoint of another training.
    """
    remedy = "delete it, or start anew without `resume`"
    stored = Path(path).read_bytes()
    content = stored[_DIGEST_BYTES:]
    if hashlib.sha256(content).digest() != stored[:_DIGEST_BYTES]:
        raise ValueError(f"checkpoint {path} is damaged: {remedy}")
    state = torch.load(io.BytesIO(content), map_location="cpu", weights_only=True)
    found = state["training"]
    if found.get("network") != training["network"]:
        raise ValueError(f"checkpoint {path} is of another network: {remedy}")
    for name, wanted in training.items():
        if found.get(name) != wanted:
            raise ValueError(
                f"checkpoint {path} is of another training: its `{name}` is {found.get(name)!r}, "
                f"not {wanted!r}: {remedy}"
            )
    try:
        model.load_state_dict(state["model"])
        optimizer.load_state_dict(state["optimizer"])
        if average:
            average.restore(state["average"])
    except (RuntimeError, ValueError, KeyError) as error:
        raise ValueError(f"checkpoint {path} is of another network: {remedy}") from error
    torch.set_rng_state(state["random"])
    if device.type == "cuda" and state["cuda_random"] is not None:
        torch.cuda.set_rng_state(state["cuda_random"], device)
    return [EpochRow(*row) for row in state["rows"]], state["seconds"]
