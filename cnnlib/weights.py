"""Keep weights and other arrays in files of the safetensors format, which hold no code.

The format has no checksum, so each file carries the SHA-256 of its arrays in its header.

Hugging Face, "Safetensors", https://huggingface.co/docs/safetensors.
"""

import hashlib
import json
from pathlib import Path

import numpy as np
import torch
from safetensors import SafetensorError, numpy

from cnnlib import atomic


def to_bytes(model, *, half=False):
    """Return a network's weights, and its running statistics, as the bytes of a file.

    Parameters
    ----------
    model : torch.nn.Module
    half : bool
        Round what has more than one axis to half precision, which takes half the space.

    Returns
    -------
    bytes
    """
    arrays = {}
    for name, tensor in model.state_dict().items():
        array = (tensor.float() if tensor.is_floating_point() else tensor).cpu().contiguous()
        arrays[name] = (array.half() if half and array.ndim > 1 else array).numpy()
    return _dump(arrays)


def from_bytes(model, content, where="the content"):
    """Put weights that `to_bytes` returned into a network; see `load`."""
    found, wanted = _parse(content, where), model.state_dict()
    for name in sorted(found.keys() | wanted.keys()):
        here, there = (list(d[name].shape) if name in d else None for d in (wanted, found))
        if here != there:
            raise ValueError(
                f"{where} does not fit the network: `{name}` has shape {there} in the file, {here} "
                "in the network (None: it is not there); build the network that was saved"
            )
    model.load_state_dict({name: torch.from_numpy(array) for name, array in found.items()})


def load(model, path):
    """Put the weights of a file into a network; nothing is unpickled.

    Parameters
    ----------
    model : torch.nn.Module
        Gets the weights in place, in its own precision, if all of them fit, and else stays as it
        is.
    path : str or pathlib.Path

    Raises
    ------
    FileNotFoundError
        If there is no such file.
    ValueError
        If the file is damaged, or its arrays are not those of the network.
    """
    from_bytes(model, Path(path).read_bytes(), path)


def write_arrays(path, arrays):
    """Write named arrays (dict of str to array) to a file, whole or not at all."""
    atomic.write(path, _dump({k: np.ascontiguousarray(a) for k, a in arrays.items()}))


def read_arrays(path):
    """Return the named arrays of a file (dict of str to array).

    Raises
    ------
    FileNotFoundError
        If there is no such file.
    ValueError
        If the file is damaged.
    """
    return _parse(Path(path).read_bytes(), path)


def _dump(arrays):
    return numpy.save(arrays, metadata={"sha256": _digest(numpy.save(arrays))})


def _parse(content, where):
    try:
        found = numpy.load(content)
        header = json.loads(content[8 : _start(content)])
        whole = header["__metadata__"]["sha256"] == _digest(content)
    except (SafetensorError, ValueError, KeyError, TypeError) as error:
        raise ValueError(f"{where} is damaged, no safetensors ({error}): restore it") from error
    if not whole:
        raise ValueError(f"{where} is damaged, with another SHA-256 than it says: restore it")
    return found


def _digest(content):
    """Return the SHA-256 of all that comes after the header."""
    return hashlib.sha256(content[_start(content) :]).hexdigest()


def _start(content):
    """Return where the header ends: its length stands in the first eight bytes."""
    return 8 + int.from_bytes(content[:8], "little")
