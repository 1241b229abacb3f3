"""Choose how to train, and when at which learning rate."""

import math
from dataclasses import dataclass

from cnnlib.shapes import as_integer

SCHEDULES = ("one-cycle", "linear", "constant")
OPTIMIZERS = ("adamw", "muon")
BORDERS = ("black", "reflect")
FLIPS = (False, True, "alternating")


@dataclass(frozen=True)
class TrainingConfig:
    """Choose how to train, with cross-entropy as the loss.

    Attributes
    ----------
    epochs, batch_size : int
        The last batch of an epoch is smaller where the images don't divide.
    peak_rate : float
        The highest learning rate, reached after `warmup`, a share of all steps.
    schedule : {"one-cycle", "linear", "constant"}
        Whether the learning rate then falls to zero, along a half cosine or a straight line, or
        stays.
    optimizer : {"adamw", "muon"}
        See `cnnlib.optimizers.build`.
    bias_rate, head_rate : float
        Of "muon" alone, whose `peak_rate` is that of convolutions: the highest learning rates of
        biases and of fully connected layers, for the loss summed over a batch.
    weight_decay : float
        Of weights; biases and normalisation are not decayed. Of "muon": so much of all but
        convolutions is added to the gradient, in parts of the peak rate. That is before the
        momentum m, which multiplies its effect by 1 / (1 - m) in the long run.
    label_smoothing : float
        Share of the target that goes to all classes alike.
    flip : {False, True, "alternating"}
        Mirror every other training image, left to right, at random. "alternating": at random in
        the first epoch, then each image the other way round than in the epoch before, so that
        two epochs show both sides of all images.
    shift : int
        Move each training image by up to so many pixels along both axes, at random.
    border : {"black", "reflect"}
        What comes in when an image is moved: nothing, or its mirror image.
    turn : bool
        Turn each training image by 0 to 3 quarter turns, at random.
    erase : int
        Blacken a square of so many pixels a side in each training image, at random. (Cutout as the
        record holders have it comes after normalisation, and leaves the mean colour there.)
    averaging : float
        Decay of the moving average of the weights (`cnnlib.averaging`) that is evaluated and kept
        in place of the last weights; 0 for none.
    autocast : bool
        Compute in bfloat16 where PyTorch thinks it safe: faster on many machines, less precise.

    References
    ----------
    Loshchilov and Hutter, "Decoupled Weight Decay Regularization" (2019), arXiv:1711.05101;
    Smith and Topin, "Super-Convergence" (2018), arXiv:1708.07120;
    DeVries and Taylor, "Improved Regularization with Cutout" (2017), arXiv:1708.04552;
    Jordan, "94% on CIFAR-10 in 3.29 Seconds on a Single GPU" (2024), arXiv:2404.00498, for
    alternating flips.
    """

    epochs: int = 5
    batch_size: int = 256
    peak_rate: float = 3e-3
    warmup: float = 0.2
    weight_decay: float = 0.01
    label_smoothing: float = 0.0
    flip: bool | str = False
    shift: int = 0
    schedule: str = "one-cycle"
    erase: int = 0
    averaging: float = 0.0
    autocast: bool = False
    border: str = "black"
    optimizer: str = "adamw"
    bias_rate: float = 0.053
    head_rate: float = 0.67
    turn: bool = False

    def __post_init__(self):
        for name, minimum in {"epochs": 1, "batch_size": 1, "shift": 0, "erase": 0}.items():
            object.__setattr__(self, name, as_integer(name, getattr(self, name), minimum))
        for name in ("autocast", "turn"):
            if not isinstance(getattr(self, name), bool):
                _refuse(name, getattr(self, name), "use True or False")
        choices = {"schedule": SCHEDULES, "optimizer": OPTIMIZERS, "border": BORDERS, "flip": FLIPS}
        for name, options in choices.items():
            value = getattr(self, name)
            # 0 and 1 equal False and True, but a record would not say the same.
            if not any(
                value is option or (value == option and type(value) is str) for option in options
            ):
                _refuse(name, value, f"use one of {options}")
        rates = ("peak_rate", "bias_rate", "head_rate")
        shares = dict.fromkeys((*rates, "weight_decay"), math.inf)
        shares |= {"warmup": 1, "label_smoothing": 1, "averaging": 1}
        for name, end in shares.items():
            value = getattr(self, name)
            positive = name in rates
            number = isinstance(value, int | float) and not isinstance(value, bool)
            if not number or not 0 <= value < end or (positive and value == 0):
                start = "above 0" if positive else "from 0"
                _refuse(name, value, f"use a number {start}, below {end}")


def learning_rate(step, steps, config, peak=None):
    """Return the learning rate of a step: up in a straight line, then down by the schedule.

    Parameters
    ----------
    step : int
        From 0.
    steps : int
        Of the whole training.
    config : TrainingConfig
    peak : float, optional
        In place of the configuration's `peak_rate`.

    Examples
    --------
    >>> config = TrainingConfig(peak_rate=1.0, warmup=0.5)
    >>> [round(learning_rate(step, 8, config), 2) for step in range(8)]
    [0.25, 0.5, 0.75, 1.0, 1.0, 0.85, 0.5, 0.15]
    """
    peak = config.peak_rate if peak is None else peak
    rising = round(config.warmup * steps)
    if step < rising:
        return peak * (step + 1) / rising
    if config.schedule == "constant":
        return peak
    if config.schedule == "linear":
        return peak * (steps - step) / (steps - rising)
    return peak * (1 + math.cos(math.pi * (step - rising) / (steps - rising))) / 2


def _refuse(name, value, remedy):
    raise ValueError(f"`{name}` ({value!r}) is out of range: {remedy}")
