"""Run the record holder's scripts within a benchmark, on the images that our own training gets.

The scripts are those of Jordan, https://github.com/KellerJordan/cifar10-airbench:
airbench94_muon.py and airbench96_faster.py, as published. Of the first, a CPU runs a variant.
"""

import contextlib
import io
import random
import sys
import time
import types
from pathlib import Path
from unittest import mock

import torch

from cnnlib.classifier import COLOUR_DEVIATION, COLOUR_MEAN

# What keeps airbench94_muon.py from running on a CPU, and what is put in its place: the same in
# float32, with bfloat16 where `cnnlib` has it too. The learning is left as it is.
ON_A_CPU = {
    "@torch.compile\n": "",
    'torch.device("cuda")': 'torch.device("cpu")',
    ".half()": ".float()",
    "torch.cuda.Event(enable_timing=True)": "Clock()",
    "torch.cuda.synchronize()": "None",
}
_EPOCHS = {"airbench94_muon.py": "ceil(8 * len(", "airbench96_faster.py": "'train_epochs': 45.0"}


class Clock:
    """Stand in for `torch.cuda.Event` where there is no GPU to wait for."""

    def record(self):
        """Note the time."""
        self.seconds = time.perf_counter()

    def elapsed_time(self, other):
        """Return the milliseconds from this note to another."""
        return 1e3 * (other.seconds - self.seconds)


class Reference:
    """A script of the record holder's, ready to train.

    Parameters
    ----------
    path : pathlib.Path
    folder : pathlib.Path
        Gets the images in the script's own format.
    train, test : cnnlib.datasets.Dataset
    device : str
    epochs : int, optional
        In place of the script's own.

    Attributes
    ----------
    network : torch.nn.Module
        Which the last training has trained, not compiled; images from 0 to 1.
    autocast : bool
        Whether it wants to be evaluated so.
    compiled : bool
        Whether its training is compiled: on a GPU always, on a CPU never.

    Raises
    ------
    ValueError
        If the script is not one of the two as published, or the larger is to run on a CPU.
    """

    def __init__(self, path, folder, train, test, device, epochs=None):
        if path.name not in _EPOCHS or (path.name == "airbench96_faster.py" and device == "cpu"):
            raise ValueError(
                f"`path` ({path}) on a {device}: use airbench94_muon.py, or on a GPU "
                "airbench96_faster.py"
            )
        self.folder, self.autocast, self.compiled = folder, device == "cpu", device != "cpu"
        source = path.read_text("utf-8")
        changes = ON_A_CPU if device == "cpu" else {}
        if epochs:
            own = _EPOCHS[path.name]
            count = own.split("(" if "(" in own else ": ")[1].split(" ")[0]
            changes = changes | {own: own.replace(count, str(epochs))}
        for old, new in changes.items():
            if old not in source:
                raise ValueError(f"{path} has no {old!r}: give {path.name} as published")
            source = source.replace(old, new)
        _write(folder, {"train": train, "test": test})
        module = types.ModuleType("reference")
        module.Clock = Clock
        with _arguments(str(path)):  # it reads its own text
            exec(compile(source, path.name, "exec"), module.__dict__)  # noqa: S102
        self._main, network = (_small if path.name == "airbench94_muon.py" else _large)(
            module, device
        )
        self.network = _Normalised(network, device)

    def train(self, seed, labelled="run"):
        """Train once, from a seed; return the seconds that the script says (float)."""
        torch.manual_seed(seed)
        random.seed(seed)
        with contextlib.chdir(self.folder), contextlib.redirect_stdout(io.StringIO()) as printed:
            self._main(labelled)
        rows = [line for line in printed.getvalue().splitlines() if " eval " in line]
        return float(rows[-1].strip("| ").split("|")[-1])


def _small(module, device):
    network = module.CifarNet().to(device).to(memory_format=torch.channels_last)
    if device == "cpu":
        forward = module.CifarNet.forward

        def in_bfloat16(self, *inputs, **named):
            with torch.autocast("cpu", torch.bfloat16):
                return forward(self, *inputs, **named).float()

        module.CifarNet.forward = in_bfloat16
    else:
        network.compile(mode="max-autotune")
    return lambda labelled: module.main(labelled, network), network


def _large(module, device):
    networks = [module.make_net(module.hyp[kind]) for kind in ("proxy", "net", "net")]
    for network in networks[::2]:
        network[0].bias.requires_grad = False
    compiled = [torch.compile(network, mode="max-autotune") for network in networks]

    def train(labelled):
        options = module.hyp["opt"]
        if labelled == "warmup":  # two epochs meet all that has to be compiled
            options = options | {"train_epochs": 2.0}
        with mock.patch.dict(module.hyp, opt=options):  # a part of the script reads it from there
            module.main(labelled, module.hyp, *compiled)

    # The script means to change over to its third network, and never does.
    return train, networks[1]


class _Normalised(torch.nn.Module):
    """Give the script's network, which wants normalised images, images from 0 to 1."""

    def __init__(self, network, device):
        super().__init__()
        self.network = network
        shape = {"device": device, "dtype": torch.float32}
        self.mean = torch.tensor(COLOUR_MEAN, **shape)[:, None, None]
        self.deviation = torch.tensor(COLOUR_DEVIATION, **shape)[:, None, None]

    def forward(self, images):
        images = (images - self.mean) / self.deviation
        # Not by a call, which would compile it again for these batches.
        return self.network.forward(images.to(next(self.network.parameters()).dtype))


def _write(folder, parts):
    place = Path(folder, "cifar10")
    place.mkdir()
    for name, part in parts.items():
        stored = {"images": torch.tensor(part.images), "labels": torch.tensor(part.labels)}
        stored["classes"] = list(part.classes)
        torch.save(stored, place / f"{name}.pt")


@contextlib.contextmanager
def _arguments(*texts):
    before, sys.argv = sys.argv, list(texts)
    try:
        yield
    finally:
        sys.argv = before
