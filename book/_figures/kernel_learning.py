"""What the figure ``kernel-learning`` starts with, and its picture for print."""

import numpy as np
from matplotlib import pyplot as plt

from book._figures import pictures
from cnnlib import kernels, palette, plots
from cnnlib.conv import conv2d, conv2d_backward

INITIAL = {
    "picture": "shirt",
    "centred": "off",
    "target": "sobel_x",
    "start": "random_0",
    "rate": "0.5",
    "momentum": "0",
    "batch": "all",
    "step": "0",
    "weight": "0,0",
}

PICTURES = {
    "shirt": lambda: pictures.garment(4),  # that of the film
    "photograph": lambda: pictures.photograph(30),
    "digit": pictures.digit,
    "edge": lambda: np.uint8(255 * (np.indices((28, 28))[1] >= 14)),
    "noise": lambda: np.random.default_rng(0).integers(0, 256, size=(28, 28), dtype=np.uint8),
}


def targets():
    """Return the kernels with names that have three rows and columns."""
    named = {name: kernels.get(name) for name in kernels.names()}
    return {name: kernel for name, kernel in named.items() if kernel.shape == (3, 3)}


def starts():
    """Return what the descent may start from: random weights by their seed, or zeros."""
    seeds = {f"random_{n}": np.random.default_rng(n).normal(size=(3, 3)) for n in range(5)}
    return seeds | {"zeros": np.zeros((3, 3))}


def data():
    """Return the pictures, targets and starts, for JSON."""
    return {
        "pictures": {name: make().tolist() for name, make in PICTURES.items()},
        "targets": {name: kernel.tolist() for name, kernel in targets().items()},
        "starts": {name: kernel.tolist() for name, kernel in starts().items()},
    }


def threshold(image):
    r"""Return the rate above which gradient descent diverges, $2 / \lambda_\text{max}$.

    Parameters
    ----------
    image : array of float, shape (H, W)

    Returns
    -------
    float

    Examples
    --------
    >>> threshold(np.ones((5, 5)))  # all nine weights do the same: H has the eigenvalue 18
    0.1111111111111111
    """
    windows = np.lib.stride_tricks.sliding_window_view(image, (3, 3)).reshape(-1, 9)
    hessian = 2 / len(windows) * windows.T @ windows
    return round(float(2 / np.linalg.eigvalsh(hessian)[-1]), 16)


def descend(image, target, start, rate, steps):
    """Let a kernel learn to make what another makes of an image.

    Parameters
    ----------
    image : array of float64, shape (H, W)
    target, start : array of float64, shape (kH, kW)
    rate : float
    steps : int

    Returns
    -------
    kernels : list of array, shape (kH, kW)
        Before the first step and after each.
    losses : list of float
        The mean of the squared differences of the two maps.

    Examples
    --------
    >>> image, target = np.ones((3, 3)), np.ones((3, 3))
    >>> descend(image, target, np.zeros((3, 3)), rate=1 / 18, steps=1)[1]
    [81.0, 0.0]
    """
    x, weight = image[None, None], start[None, None]
    wanted = conv2d(x, target[None, None])
    learned, losses = [], []
    for _ in range(steps + 1):
        difference = conv2d(x, weight) - wanted
        learned.append(weight[0, 0])
        losses.append(float((difference**2).mean()))
        _, gradient, _ = conv2d_backward(2 * difference / difference.size, x, weight)
        weight = weight - rate * gradient
    return learned, losses


def still(state, steps=60):
    """Draw the loss below and above the threshold, and the maps at the end of the first.

    Parameters
    ----------
    state : dict of str
        As `INITIAL`; a target and a start with names.
    steps : int
        How many are drawn.

    Returns
    -------
    matplotlib.figure.Figure
    """
    image = PICTURES[state["picture"]]() / 255
    image = image - image.mean() if state["centred"] == "on" else image
    target, start = targets()[state["target"]], starts()[state["start"]]
    limit = threshold(image)
    rates = {
        f"rate {float(state['rate']):.2g}": float(state["rate"]),
        "a tenth of the threshold": limit / 10,
        "5 % above the threshold": limit * 1.05,
    }
    runs = {label: descend(image, target, start, rate, steps) for label, rate in rates.items()}
    learned = next(iter(runs.values()))[0][-1]
    fig, axes = plt.subplot_mosaic("abc;ddd", figsize=(6.4, 4.6))
    plots.image(axes["a"], image, title="picture")
    wanted, found = (conv2d(image[None, None], k[None, None])[0, 0] for k in (target, learned))
    most = np.abs(wanted).max()
    plots.image(axes["b"], wanted, signed=True, limit=most, title="wanted")
    plots.image(axes["c"], found, signed=True, limit=most, title=f"after {steps} steps")
    hues = palette.OUTPUT_INK, palette.INPUT_INK, palette.KERNEL_INK
    for (label, (_, losses)), hue in zip(runs.items(), hues, strict=True):
        axes["d"].semilogy(losses, color=hue)
        axes["d"].annotate(f" {label}", (steps, losses[-1]), color=hue, va="center")
    axes["d"].set(xlabel="steps", ylabel="loss", xlim=(0, steps))
    axes["d"].margins(x=0)
    return fig
