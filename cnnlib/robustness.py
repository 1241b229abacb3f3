"""Measure how a trained network stands images that are moved, blurred, noisy or compressed.

    python -m cnnlib.robustness cifar-10/compact

writes robustness.json beside the experiment's record, unless it is of these weights and changes
already.

Hendrycks and Dietterich, "Benchmarking Neural Network Robustness to Common Corruptions and
Perturbations" (2019), arXiv:1903.12261.
"""

import argparse
import contextlib
import io
import sys
from pathlib import Path

import numpy as np
import torch
from PIL import Image
from torch.nn import functional

from cnnlib import datasets, measured, memory, provenance, recipes, variations
from cnnlib.archive import RESULTS, load_network
from cnnlib.evaluation import evaluate_tensors, to_tensors

FILE = "robustness.json"
COMMAND = "python -m cnnlib.robustness"
# The first so many images are also counted apart, so that a page can check them within seconds.
FIRST = 1000
_NOISE_SEED = 0


def shift(images, pixels):
    """Move images up and left; what comes in is the mirror image of the border.

    Parameters
    ----------
    images : tensor of float32, shape (N, C, H, W)
    pixels : int
    """
    padded = functional.pad(images, (0, pixels, 0, pixels), "reflect")
    return padded[:, :, pixels:, pixels:]


def blur(images, sigma):
    """Blur images by a Gaussian of so many pixels, cut off at 4 pixels."""
    from torchvision.transforms.functional import gaussian_blur

    return gaussian_blur(images, 9, sigma) if sigma else images


def add_noise(images, sigma):
    """Add Gaussian noise to each pixel and channel, always the same; white is 1."""
    return _add(images, sigma, _noise(images.shape))


def add_coarse_noise(images, sigma):
    """Add noise without fine detail: `add_noise`'s, blurred by a pixel, and as strong as before."""
    noise = blur(_noise(images.shape), 1)
    return _add(images, sigma, noise / noise.std())


def add_gray_noise(images, sigma):
    """Add noise without colour: as strong as `add_noise`'s, and the same in all channels."""
    number, channels, height, width = images.shape
    return _add(images, sigma, _noise((number, 1, height, width)).expand(-1, channels, -1, -1))


def _noise(shape):
    return torch.randn(shape, generator=torch.Generator().manual_seed(_NOISE_SEED))


def _add(images, sigma, noise):
    return (images + sigma * noise.to(images.device)).clamp(0, 1)  # the same on any device


def compress(images, quality):
    """Write images as JPEG (Pillow's quality, chroma at half the resolution) and read them."""
    found = []
    for image in (255 * images).round().byte().permute(0, 2, 3, 1).numpy():
        file = io.BytesIO()
        gray = image.shape[2] == 1  # has no axis for the channel in Pillow
        Image.fromarray(image[..., 0] if gray else image).save(file, "JPEG", quality=quality)
        found.append(np.asarray(Image.open(file)).reshape(image.shape))
    return torch.from_numpy(np.stack(found)).permute(0, 3, 1, 2) / 255


CHANGES = {
    "shift": (shift, (0, 1, 2, 4, 8)),
    "blur": (blur, (0, 0.5, 1, 1.5, 2)),
    "noise": (add_noise, (0, 0.02, 0.05, 0.1, 0.2)),
    "coarse noise": (add_coarse_noise, (0.02, 0.05, 0.1, 0.2)),
    "gray noise": (add_gray_noise, (0.02, 0.05, 0.1, 0.2)),
    "jpeg": (compress, (90, 75, 50, 25, 10)),
}


def measure(network, images, labels, *, autocast=False):
    """Return how often a network is right about changed images.

    Parameters
    ----------
    network : torch.nn.Module
    images : tensor of float32, shape (N, C, H, W)
        From 0 to 1.
    labels : tensor of int64, shape (N,)
    autocast : bool
        See `cnnlib.training_config.TrainingConfig`.

    Returns
    -------
    list of dict
        For each change and amount of `CHANGES`: `change`, `amount`, the number of `images`, how
        many answers are `right`, how many of these also without the change (`right_before`), and
        the first two of the first images alone (`first_images`, `first_right`).
    """
    before = evaluate_tensors(network, images, labels, autocast).logits.argmax(1) == labels.numpy()
    rows = []
    for name, (change, amounts) in CHANGES.items():
        for amount in amounts:
            found = evaluate_tensors(network, change(images, amount), labels, autocast)
            hits = found.logits.argmax(1) == labels.numpy()
            rows.append(
                {
                    "change": name,
                    "amount": amount,
                    "images": len(hits),
                    "right": int(hits.sum()),
                    "right_before": int((hits & before).sum()),
                    "first_images": len(hits[:FIRST]),
                    "first_right": int(hits[:FIRST].sum()),
                }
            )
    return rows


def load(name, results=RESULTS):
    """Return what was measured for an experiment, see `cnnlib.measured.load`.

    Raises
    ------
    ValueError
        Also if other changes than those of `CHANGES` were measured.
    """
    found = measured.load(name, FILE, COMMAND, results)
    asked = [(change, amount) for change, (_, amounts) in CHANGES.items() for amount in amounts]
    if [(row["change"], row["amount"]) for row in found["rows"]] != asked:
        raise ValueError(
            f"{Path(results, name, FILE)} is of other changes than are asked about now: "
            f"run `{COMMAND} {name}`"
        )
    return found


def main(arguments=None):
    """Measure, print and write; return 0, or 1 if something is wrong."""
    parser = argparse.ArgumentParser(prog=COMMAND)
    parser.add_argument("name", metavar="NAME", help="a trained experiment")
    parser.add_argument("--sample", action="store_true", help="shipped data; needs --results")
    parser.add_argument("--results", type=Path, help="a folder in place of the package's")
    options = parser.parse_args(arguments)
    if options.sample and not options.results:
        parser.error("--sample needs --results: the package's are of the whole data")
    results = options.results or RESULTS
    with contextlib.suppress(FileNotFoundError, ValueError):
        load(options.name, results)
        print(f"{options.name}: has been measured")
        return 0
    memory.keep()
    provenance.commit()  # before others commit
    try:
        network = load_network(options.name, results)
        experiment = recipes.find(options.name)[0]
        test = datasets.load(experiment.dataset, "test", sample=options.sample)
        test = variations.vary(test, experiment.variations.get("test"))
    except (ValueError, OSError) as error:
        print(error, file=sys.stderr)
        return 1
    rows = measure(network, *to_tensors(test), autocast=experiment.config.autocast)
    for row in rows:
        print(f"{row['change']} {row['amount']}: {row['right'] / row['images']:.2%}")
    measured.save(options.name, FILE, test, rows, results)
    return 0


if __name__ == "__main__":
    sys.exit(main())
