"""What the figure ``shape-calculator`` starts with, and its picture for print."""

from matplotlib import pyplot as plt
from matplotlib.patches import Rectangle

from book._figures import pictures
from cnnlib import palette, plots, shapes

INITIAL = {
    "size": "28",
    "channels": "1",
    "layers": "conv:16:3:1:1:1;max:2:2:0:1;conv:32:3:1:1:1;max:2:2:0:1",
    "traced": "0",
    "pixel": "3,3",
}


def data():
    """Return the picture that receptive fields are drawn on, for JSON."""
    return {"picture": pictures.garment().tolist()}


def windows(layers):
    """Read a stack as it is written in the address.

    Parameters
    ----------
    layers : str
        Layers with semicolons between them, each the kind and its numbers with colons between
        them: out_channels (of a convolution), kernel_size, stride, padding and dilation (not of
        an average).

    Returns
    -------
    list of (int or None, cnnlib.shapes.Window)
        The output channels, None where a layer keeps them, and what the layer slides.

    Examples
    --------
    >>> windows("conv:16:3:1:1:1;average:2:2:0")[1]
    (None, Window(kernel_size=2, stride=2, padding=0, dilation=1))
    """
    stack = []
    for layer in layers.split(";"):
        kind, *texts = layer.split(":")
        numbers = list(map(int, texts))
        stack.append((numbers.pop(0) if kind == "conv" else None, shapes.Window(*numbers)))
    return stack


def still(state):
    """Draw the figure as it starts: the sizes of the stack, and what one pixel sees.

    Parameters
    ----------
    state : dict of str
        As `INITIAL`.

    Returns
    -------
    matplotlib.figure.Figure
    """
    size, channels = int(state["size"]), int(state["channels"])
    sizes, stack = [f"{channels} × {size} × {size}"], windows(state["layers"])
    length = size
    for made, window in stack:
        length = shapes.conv_output_size(
            length, window.kernel_size, window.stride, window.padding, window.dilation
        )
        channels = made or channels
        kind = "convolution" if made else "pooling"
        sizes.append(f"{kind}, {window.kernel_size} × {window.kernel_size}")
        sizes.append(f"{channels} × {length} × {length}")
    field = shapes.receptive_field(window for _, window in stack)
    row, column = map(int, state["pixel"].split(","))
    top, left = field.span(row)[0], field.span(column)[0]
    fig, (words, image) = plt.subplots(1, 2, figsize=(6.4, 3.2))
    words.text(0.5, 0.5, "\n".join(sizes), ha="center", va="center", linespacing=1.6)
    words.set_axis_off()
    title = f"what pixel [{row}, {column}] sees"
    plots.image(image, pictures.garment() / 255, title=title)
    scale = 28 / size
    corner = left * scale - 0.5, top * scale - 0.5
    width = field.size * scale
    image.add_patch(
        Rectangle(corner, width, width, fill=False, edgecolor=palette.KERNEL, linewidth=2)
    )
    return fig
