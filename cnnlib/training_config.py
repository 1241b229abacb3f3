"""Choose how to train, and when at which learning rate."""

import math
from dataclasses import dataclass

SCHEDULES = ("one-cycle", "constant")


@dataclass(frozen=True)
class TrainingConfig:
    """Choose how to train: AdamW on a one-cycle schedule, cross-entropy.

    Attributes
    ----------
    epochs, batch_size : int
        The last batch of an epoch is smaller where the images don't divide.
    peak_rate : float
        The highest learning rate, reached after `warmup`, a share of all steps.
    schedule : {"one-cycle", "constant"}
        Whether the learning rate then falls to zero, or stays.
    weight_decay : float
        Of weights; biases and normalisation are not decayed.
    label_smoothing : float
        Share of the target that goes to all classes alike.
    flip : bool
        Mirror every other training image, left to right, at random.
    shift : int
        Move each training image by up to so many pixels along both axes, at random; what comes in
        is black.
    erase : int
        Blacken a square of so many pixels a side in each training image, at random.
    averaging : float
        Decay of the moving average of the weights (`cnnlib.averaging`) that is evaluated and kept
        in place of the last weights; 0 for none.
    autocast : bool
        Compute in bfloat16 where PyTorch thinks it safe: faster on many machines, less precise.

    References
    ----------
    Loshchilov and Hutter, "Decoupled Weight Decay Regularization" (2019), arXiv:1711.05101;
    Smith and Topin, "Super-Convergence" (2018), arXiv:1708.07120;
    DeVries and Taylor, "Improved Regularization with Cutout" (2017), arXiv:1708.04552.
    """

    epochs: int = 5
    batch_size: int = 256
    peak_rate: float = 3e-3
    warmup: float = 0.2
    weight_decay: float = 0.01
    label_smoothing: float = 0.0
    flip: bool = False
    shift: int = 0
    schedule: str = "one-cycle"
    erase: int = 0
    averaging: float = 0.0
    autocast: bool = False

    def __post_init__(self):
        for name, minimum in {"epochs": 1, "batch_size": 1, "shift": 0, "erase": 0}.items():
            value = getattr(self, name)
            if isinstance(value, bool) or not isinstance(value, int) or value < minimum:
                _refuse(name, value, f"use an integer of at least {minimum}")
        for name in ("flip", "autocast"):
            if not isinstance(getattr(self, name), bool):
                _refuse(name, getattr(self, name), "use True or False")
        if self.schedule not in SCHEDULES:
            _refuse("schedule", self.schedule, f"use one of {SCHEDULES}")
        shares = {"peak_rate": math.inf, "weight_decay": math.inf}
        shares |= {"warmup": 1, "label_smoothing": 1, "averaging": 1}
        for name, end in shares.items():
            value = getattr(self, name)
            positive = name == "peak_rate"
            number = isinstance(value, int | float) and not isinstance(value, bool)
            if not number or not 0 <= value < end or (positive and value == 0):
                start = "above 0" if positive else "from 0"
                _refuse(name, value, f"use a number {start}, below {end}")


def learning_rate(step, steps, config):
    """Return the learning rate of a step: up in a straight line, then down a half cosine.

    A constant schedule stays up there.

    Parameters
    ----------
    step : int
        From 0.
    steps : int
        Of the whole training.
    config : TrainingConfig

    Examples
    --------
    >>> config = TrainingConfig(peak_rate=1.0, warmup=0.5)
    >>> [round(learning_rate(step, 8, config), 2) for step in range(8)]
    [0.25, 0.5, 0.75, 1.0, 1.0, 0.85, 0.5, 0.15]
    """
    rising = round(config.warmup * steps)
    if step < rising:
        return config.peak_rate * (step + 1) / rising
    if config.schedule == "constant":
        return config.peak_rate
    return config.peak_rate * (1 + math.cos(math.pi * (step - rising) / (steps - rising))) / 2


def _refuse(name, value, remedy):
    raise ValueError(f"`{name}` ({value!r}) is out of range: {remedy}")
