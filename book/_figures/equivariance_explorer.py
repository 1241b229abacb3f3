"""What the figure ``equivariance-explorer`` starts with, and its picture for print."""

import numpy as np
from matplotlib import pyplot as plt

from book._figures.pictures import PICTURES
from cnnlib import conv, kernels, plots

INITIAL = {
    "picture": "photograph",
    "kernel": "sobel_x",
    "border": "circular",
    "stride": "2",
    "blur": "none",
    "compare": "between",
    "down": "0",
    "right": "5",
}


def data():
    """Return the pictures and the kernels, for JSON."""
    return {
        "pictures": {name: make().tolist() for name, make in PICTURES.items()},
        "kernels": {name: kernels.get(name).tolist() for name in kernels.names()},
    }


def moved(image, shift, border):
    """Move an image down and to the right, also by parts of a pixel.

    Parameters
    ----------
    image : array of float64, shape (H, W)
    shift : pair of float
    border : {"circular", "zeros"}
        What comes in: what has left on the other side, or zeros.

    Returns
    -------
    array of float64, shape (H, W)
        By whole pixels exactly; between them, the sum of waves that goes through the pixels
        (and through as many zeros beside them, where zeros come in).

    Examples
    --------
    >>> moved(np.eye(2), (0, 1), "zeros")
    array([[0., 1.],
           [0., 0.]])
    """
    for axis, by in enumerate(shift):
        length = image.shape[axis]
        if border == "zeros":
            room = [(0, 0), (0, 0)]
            room[axis] = (0, length)
            image = np.pad(image, room)
        if by == int(by):
            image = np.roll(image, int(by), axis)
        else:
            phases = np.exp(-2j * np.pi * by * np.fft.fftfreq(image.shape[axis]))
            waves = np.fft.fft(image, axis=axis)
            image = np.fft.ifft(waves * np.expand_dims(phases, 1 - axis), axis=axis).real
        image = image.take(range(length), axis)
    return image


def maps_of(image, state):
    """Return the maps of a layer of a state, arrays by their names.

    Parameters
    ----------
    image : array of float64, shape (H, W)
    state : dict of str
        As `INITIAL`.

    Returns
    -------
    dict of array of float64
        ``"feature"``, ``"strided"`` and ``"pooled"``.
    """
    stride, border = int(state["stride"]), state["border"]

    def correlate(maps, kernel):
        padding = kernel.shape[0] // 2
        mode = {"padding": padding, "padding_mode": border}
        return conv.conv2d(maps[None, None], kernel[None, None], method="loops", **mode)[0, 0]

    def subsample(maps):
        size = 1 if state["blur"] == "none" else int(state["blur"])
        return correlate(maps, kernels.binomial(size))[::stride, ::stride]

    feature = correlate(image, kernels.get(state["kernel"]))
    window = max(stride, 2)
    room = np.pad(feature, (0, window - 1), mode="wrap" if border == "circular" else "constant")
    largest = np.lib.stride_tricks.sliding_window_view(room, (window, window)).max((2, 3))
    return {"feature": feature, "strided": subsample(feature), "pooled": subsample(largest)}


def two_ways(state):
    """Shift and then apply the layer of a state; then the other way round.

    Parameters
    ----------
    state : dict of str
        As `INITIAL`.

    Returns
    -------
    dict of pair of array of float64
        By the map's name: shifted before the layer, and after it.
    """
    image = PICTURES[state["picture"]]() / 255
    shift = np.array([int(state["down"]), int(state["right"])])
    before = maps_of(moved(image, shift, state["border"]), state)
    plain = maps_of(image, state)
    ways = {}
    for name, found in before.items():
        by = shift / (1 if name == "feature" else int(state["stride"]))
        by = np.floor(by + 0.5) if state["compare"] == "nearest" else by
        ways[name] = (found, moved(plain[name], by, state["border"]))
    return ways


def still(state):
    """Draw the figure as it starts.

    Parameters
    ----------
    state : dict of str
        As `INITIAL`.

    Returns
    -------
    matplotlib.figure.Figure
    """
    signed = kernels.get(state["kernel"]).sum() < 1e-9
    fig, axes = plt.subplots(3, 3, figsize=(6.4, 6.6))
    for column, (name, (found, expected)) in zip(axes.T, two_ways(state).items(), strict=True):
        limit = np.abs(expected).max()
        error = found - expected
        size = np.linalg.norm(error) / np.linalg.norm(expected)
        plots.image(column[0], found, signed=signed, limit=limit, title=f"{name} map")
        plots.image(column[1], expected, signed=signed, limit=limit)
        plots.image(column[2], error, signed=True, limit=limit, title=f"differ by {size:.0%}")
    for ax, words in zip(axes[:, 0], ["shift, then layer", "layer, then shift", ""], strict=True):
        ax.text(-0.05, 0.5, words, rotation=90, ha="right", va="center", transform=ax.transAxes)
    return fig
