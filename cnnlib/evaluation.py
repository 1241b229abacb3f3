"""Measure what a network makes of a data set."""

from dataclasses import dataclass

import numpy as np
import torch
from torch.nn import functional

AUGMENTATIONS = (False, True, "shifted")


@dataclass(frozen=True, eq=False)
class Evaluation:
    """Hold what a network makes of a data set.

    Attributes
    ----------
    loss : float
        Mean cross-entropy in nats.
    accuracy : float
        From 0 to 1.
    logits : array of float32, shape (N, classes)
    """

    loss: float
    accuracy: float
    logits: np.ndarray


def as_device(device):
    """Return the `torch.device` that argument `device` names, or raise `ValueError`."""
    try:
        found = torch.device(device)
        torch.zeros(1, device=found).cpu()  # what has a name need not be here
    except (RuntimeError, AssertionError, TypeError) as error:
        reason = str(error).partition("\n")[0]
        raise ValueError(
            f"`device` ({device!r}) is not to be had on this machine ({reason}): use 'cpu', or "
            "'cuda' where PyTorch finds a GPU"
        ) from error
    return found


def to_tensors(dataset, device="cpu"):
    """Put a whole data set on a device.

    Parameters
    ----------
    dataset : cnnlib.datasets.Dataset
        Or what else has `images` (uint8, (N, H, W, C)) and `labels` (int, (N,)).
    device : str or torch.device

    Returns
    -------
    images : tensor of float32, shape (N, C, H, W)
        From 0 (black) to 1.
    labels : tensor of int64, shape (N,)

    Raises
    ------
    ValueError
        If there is no image, or the arrays are of another type or shape, or a label is negative.
    """
    images, labels = np.asarray(dataset.images), np.asarray(dataset.labels)
    if images.dtype != np.uint8 or images.ndim != 4:
        raise ValueError(
            f"`images` ({images.dtype}, shape {images.shape}) are not uint8 of shape (N, H, W, C): "
            "give a data set as `cnnlib.datasets.load` returns it"
        )
    if len(images) == 0 or labels.shape != images.shape[:1]:
        raise ValueError(
            f"`labels` (shape {labels.shape}) and `images` ({len(images)}) don't match, or are "
            "none: give as many labels as images, at least one"
        )
    if labels.dtype.kind not in "iu" or labels.min() < 0:
        wrong = f"from {labels.min()} on" if labels.dtype.kind == "i" else labels.dtype
        raise ValueError(
            f"`labels` ({wrong}) are no indices of classes: give integers of at least 0"
        )
    pixels = torch.from_numpy(np.ascontiguousarray(images)).to(device).permute(0, 3, 1, 2)
    pixels = (pixels.float() / 255).contiguous(memory_format=torch.channels_last)
    return pixels, torch.from_numpy(labels.astype(np.int64)).to(device)


def check_labels(highest, logits):
    """Raise `ValueError` if the highest label is no class that logits (N, classes) are of."""
    if highest >= (classes := logits.shape[1]):
        raise ValueError(
            f"`labels` (up to {highest}) go beyond the {classes} classes of the network: build it "
            "with as many as the data have"
        )


def evaluate(model, dataset, *, device="cpu", autocast=False, augmented=False, batch_size=1000):
    """Return what a network makes of a data set, as an `Evaluation`.

    Parameters
    ----------
    model : torch.nn.Module
        Is left on `device`, in evaluation mode.
    dataset : cnnlib.datasets.Dataset
    device : str or torch.device
    autocast : bool
        See `TrainingConfig`.
    augmented : {False, True, "shifted"}
        Test-time augmentation: average the logits of each image and of its mirror image. "shifted":
        of both, and of both moved by one pixel, up and left or down and right, the mirror
        image of the border coming in; those moved count half as much each.
    batch_size : int

    Raises
    ------
    ValueError
        If the data are not as `to_tensors` wants them, a label is of no class that the network
        knows, `augmented` is another, or the machine has no such device.
    """
    device = as_device(device)
    model.to(device, memory_format=torch.channels_last)
    return evaluate_tensors(model, *to_tensors(dataset, device), autocast, augmented, batch_size)


@torch.no_grad()
def evaluate_tensors(model, images, labels, autocast=False, augmented=False, batch_size=1000):
    """Do the same with images and labels as `to_tensors` returns them."""
    if augmented not in AUGMENTATIONS:
        known = ", ".join(map(repr, AUGMENTATIONS))
        raise ValueError(f"`augmented` ({augmented!r}) is unknown: use one of {known}")
    model.eval()
    found = []
    for batch in images.split(batch_size):
        with torch.autocast(images.device.type, torch.bfloat16, enabled=autocast):
            found.append(
                sum(
                    weight * model(view.contiguous(memory_format=torch.channels_last)).float()
                    for weight, view in _views(batch, augmented)
                )
            )
    logits = torch.cat(found)
    check_labels(int(labels.max()), logits)
    loss = functional.cross_entropy(logits, labels).item()
    accuracy = (logits.argmax(1) == labels).double().mean().item()
    return Evaluation(loss, accuracy, logits.cpu().numpy())


def _views(images, augmented):
    """Yield the views of images, each with its weight; the weights add up to 1."""
    if not augmented:
        yield 1.0, images
        return
    straight = [(1.0, images)]
    if augmented == "shifted":
        height, width = images.shape[2:]
        padded = functional.pad(images, (1, 1, 1, 1), "reflect")
        straight = [(0.5, images), (0.25, padded[:, :, :height, :width])]
        straight.append((0.25, padded[:, :, 2:, 2:]))
    for weight, view in straight:
        yield weight / 2, view
        yield weight / 2, view.flip(3)
