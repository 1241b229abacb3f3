"""What the figure ``convolution-playground`` starts with, and its picture for print."""

import numpy as np
from matplotlib import pyplot as plt

from book._figures import pictures
from cnnlib import conv, kernels, palette, plots

INITIAL = {
    "picture": "photograph",
    "kernel": "sobel_x",
    "operation": "cross-correlation",
    "stride": "1",
    "padding": "0",
    "mode": "zeros",
    "dilation": "1",
    "pixel": "24,18",
}

PICTURES = {
    "digit": pictures.digit,
    "garment": pictures.garment,
    "photograph": pictures.photograph,
}


def data():
    """Return the pictures and the kernels, for JSON."""
    return {
        "pictures": {name: make().tolist() for name, make in PICTURES.items()},
        "kernels": {name: kernels.get(name).tolist() for name in kernels.names()},
    }


def read_kernel(text):
    """Return a kernel by its name or its rows, as the address has it.

    Examples
    --------
    >>> read_kernel("1,-1;0,0.5")
    array([[ 1. , -1. ],
           [ 0. ,  0.5]])
    """
    if text in kernels.names():
        return kernels.get(text)
    return np.array([[float(weight) for weight in row.split(",")] for row in text.split(";")])


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
    image = PICTURES[state["picture"]]() / 255
    kernel = read_kernel(state["kernel"])
    padding = state["padding"]
    slid = kernel if state["operation"] == "cross-correlation" else kernel[::-1, ::-1]
    feature_map = conv.conv2d(
        image[None, None],
        np.ascontiguousarray(slid)[None, None],
        stride=int(state["stride"]),
        padding=padding if padding == "same" else int(padding),
        padding_mode=state["mode"],
        dilation=int(state["dilation"]),
    )[0, 0]
    fig, (left, middle, right) = plt.subplots(1, 3, figsize=(6.4, 2.4), width_ratios=[2, 1, 2])
    plots.image(left, image, title="input")
    plots.number_grid(middle, kernel, palette.KERNEL, title="kernel")
    plots.image(right, feature_map, signed=kernel.sum() < 1e-9, title="feature map")
    return fig
