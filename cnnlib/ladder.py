"""Climb from a linear classifier to a modern network on CIFAR-10, one idea at a time."""

import dataclasses
from dataclasses import dataclass, field

from cnnlib.training_config import TrainingConfig


@dataclass(frozen=True)
class Rung:
    """Hold the network and the training that an idea leads to, all earlier ideas kept.

    Attributes
    ----------
    name : str
        As part of an experiment's name.
    idea : str
        What is new on this rung, in a few words.
    network : str
        As `cnnlib.models.build` takes it, with `options`.
    options : dict
    config : cnnlib.training_config.TrainingConfig
    """

    name: str
    idea: str
    network: str
    options: dict = field(default_factory=dict)
    config: TrainingConfig = field(default_factory=TrainingConfig)


def climb(widths, plain, scheduled_rate, fast):
    """Return the rungs, from the lowest.

    Parameters
    ----------
    widths : tuple of int
        Output channels of the three stages of convolutions.
    plain : cnnlib.training_config.TrainingConfig
        Of the lowest rungs: a constant learning rate, nothing else.
    scheduled_rate : float
        The highest learning rate, once it follows a schedule.
    fast : cnnlib.training_config.TrainingConfig
        Of the highest rung, the whitened network with orthogonal steps.

    Returns
    -------
    tuple of Rung
    """
    image = {"image_shape": (3, 32, 32)}
    first, second, third = widths
    stages = ((first, first), (second, second), (third, third))
    deep = image | {"stages": stages, "batch_norm": False}
    normalised = deep | {"batch_norm": True}
    residual = normalised | {"residual": True}
    scheduled = dataclasses.replace(plain, schedule="one-cycle", peak_rate=scheduled_rate)
    augmented = dataclasses.replace(scheduled, flip=True, shift=2, border="reflect")
    smoothed = dataclasses.replace(augmented, label_smoothing=0.1)
    averaged = dataclasses.replace(smoothed, averaging=0.99)
    small = image | {"stages": ((first,), (second,))}
    return (
        Rung("linear", "a linear map", "fully-connected", image | {"hidden": ()}, plain),
        Rung("fully-connected", "a hidden layer", "fully-connected", image, plain),
        Rung("convolutions", "convolutions", "cnn-small", small, plain),
        Rung("depth", "depth", "cnn-deep", deep, plain),
        Rung("normalisation", "batch normalisation", "cnn-deep", normalised, plain),
        Rung("residual", "residual connections", "cnn-deep", residual, plain),
        Rung("schedule", "a schedule", "cnn-deep", residual, scheduled),
        Rung("augmentation", "augmentation", "cnn-deep", residual, augmented),
        Rung("smoothing", "label smoothing", "cnn-deep", residual, smoothed),
        Rung("averaging", "weight averaging", "cnn-deep", residual, averaged),
        Rung("fast", "the fast recipe", "cnn-whitened", {"widths": widths}, fast),
    )
