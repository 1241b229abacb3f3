"""What the figure ``fourier-view`` starts with, and its picture for print."""

import numpy as np
from matplotlib import pyplot as plt

from book._figures.pictures import PICTURES
from cnnlib import conv, kernels, palette, plots

SIZE = 9  # rows and columns of the kernel; as many frequencies along each axis

INITIAL = {
    "kernel": "box",
    "picture": "photograph",
    "operation": "convolution",
    "shown": "magnitude",
    "brush": "choose",
    "down": "0",
    "right": "2",
}


def kernel_named(name):
    """Return a kernel with so many zeros around it that it has `SIZE` rows and columns.

    Parameters
    ----------
    name : str
        One of `cnnlib.kernels.names()`.

    Returns
    -------
    array of float64, shape (SIZE, SIZE)

    Examples
    --------
    >>> kernel_named("box")[3, 2:5].round(2)
    array([0.  , 0.11, 0.11])
    """
    kernel = kernels.get(name)
    return np.pad(kernel, (SIZE - len(kernel)) // 2)


def data():
    """Return the pictures and the kernels, for JSON."""
    return {
        "size": SIZE,
        "pictures": {name: make().tolist() for name, make in PICTURES.items()},
        "kernels": {name: kernel_named(name).tolist() for name in kernels.names()},
    }


def response(kernel, frequencies, operation):
    """Return by what a kernel multiplies waves.

    Parameters
    ----------
    kernel : array of float64, shape (kH, kW)
        Of odd size; its weights are counted from the middle.
    frequencies : array of float64, shape (F,)
        In cycles per pixel, down as well as to the right.
    operation : {"convolution", "cross-correlation"}

    Returns
    -------
    array of complex128, shape (F, F)
        The Fourier transform of the kernel; for the cross-correlation its conjugate.

    Examples
    --------
    >>> response(np.array([[0.0, 0.0, 1.0]]), np.array([0.25]), "convolution").round(9) + 0.0
    array([[0.-1.j]])
    """
    offsets = [np.arange(length) - length // 2 for length in kernel.shape]
    down, right = (np.exp(-2j * np.pi * np.outer(frequencies, place)) for place in offsets)
    transform = down @ kernel @ right.T
    return transform if operation == "convolution" else transform.conj()


def filtered(image, kernel, operation):
    """Slide a kernel over an image whose borders are joined; turned, if it is a convolution."""
    slid = kernel[::-1, ::-1] if operation == "convolution" else kernel
    weight = np.ascontiguousarray(slid)[None, None]
    padding = {"padding": SIZE // 2, "padding_mode": "circular"}
    return conv.conv2d(image[None, None], weight, method="loops", **padding)[0, 0]


def still(state):
    """Draw the figure as it starts.

    Parameters
    ----------
    state : dict of str
        As `INITIAL`, with the name of a kernel.

    Returns
    -------
    matplotlib.figure.Figure
    """
    kernel, operation = kernel_named(state["kernel"]), state["operation"]
    answer = response(kernel, np.linspace(-0.5, 0.5, 101), operation)
    parts = {"magnitude": np.abs, "real": np.real, "imaginary": np.imag}
    plane = parts[state["shown"]](answer) / np.abs(answer).max()
    frequency = np.array([int(state["down"]), int(state["right"])]) / SIZE
    rows, columns = np.mgrid[: 3 * SIZE, : 3 * SIZE]
    wave = np.cos(2 * np.pi * (frequency[0] * rows + frequency[1] * columns))
    fig, axes = plt.subplots(2, 2, figsize=(6.4, 6.4))
    (left, right), below = axes
    plots.image(left, kernel, signed=True, title=f"kernel: {state['kernel'].replace('_', ' ')}")
    left.set(frame_on=True, xticks=[], yticks=[])
    signed = state["shown"] != "magnitude"
    plots.image(right, plane, signed=signed, limit=1, title=f"transfer function, {state['shown']}")
    right.images[0].set_extent((-0.5, 0.5, 0.5, -0.5))
    right.plot(*frequency[::-1], "s", color=palette.OUTPUT, fillstyle="none", markersize=12)
    right.set(xticks=[-0.5, 0, 0.5], yticks=[-0.5, 0, 0.5])
    right.set(xlabel="cycles per pixel, to the right", ylabel="cycles per pixel, down")
    for ax in (left, right):
        ax.set_axis_on()
        ax.grid(False)
    after = filtered(wave, kernel, operation)
    limit = max(1, np.abs(after).max())
    for ax, (words, picture) in zip(below, {"before": wave, "after": after}.items(), strict=True):
        plots.image(ax, picture, signed=True, limit=limit, title=f"wave, {words}")
    return fig
