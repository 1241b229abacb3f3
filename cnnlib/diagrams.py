"""Draw networks by the sizes of what their layers give."""

import math

from matplotlib.patches import FancyArrowPatch, Rectangle

from cnnlib import palette

_COLOURS = {
    "input": palette.INPUT,
    "convolution": palette.KERNEL,
    "pooling": palette.MUTED,
    "linear": palette.OUTPUT,
}
_GAP = 0.35


def network(ax, trace, *, base=0.0, scale=1.0):
    """Draw a network from left to right, a block for what each layer gives.

    A block is as high as the logarithm of the map's side, and as wide as that of the number of
    maps; a linear layer's is as high as the logarithm of the number of its neurons, and thin.
    Residual connections are arcs.

    Parameters
    ----------
    ax : matplotlib.axes.Axes
    trace : cnnlib.tracing.Trace
    base : float
        Where the blocks stand in the height.
    scale : float
        Height of a block of side 2.

    Returns
    -------
    matplotlib.axes.Axes
        `ax`, its axes off.
    """
    blocks = [("input", trace.image_shape)]
    blocks += [(step.kind, step.shape) for step in trace.steps]
    left, ends, tops = 0.0, [], []
    for kind, shape in blocks:
        width, height = _measures(shape, scale)
        colour = _COLOURS[kind]
        ax.add_patch(
            Rectangle((left, base), width, height, facecolor=colour, edgecolor="white", lw=0.6)
        )
        ends.append(left + width)
        tops.append(base + height)
        left += width + _GAP
    for start, stop in trace.additions:
        height = max(tops[start : stop + 1]) + 0.25 * scale
        ax.add_patch(
            FancyArrowPatch(
                (ends[start], height),
                (ends[stop], height),
                connectionstyle="arc3,rad=-0.45",
                arrowstyle="-|>",
                mutation_scale=7,
                color=palette.ACCENT_INK,
                lw=1.1,
            )
        )
    ax.autoscale_view()
    ax.set_axis_off()
    return ax


def legend(ax):
    """Name the colours of `network` in one line above the drawing."""
    words = {"input": "image", "convolution": "convolution", "pooling": "pooling"}
    words |= {"linear": "fully connected"}
    handles = [Rectangle((0, 0), 1, 1, color=_COLOURS[kind]) for kind in words]
    ax.legend(handles, words.values(), ncols=4, loc="lower center", bbox_to_anchor=(0.5, 1.0))
    return ax


def _measures(shape, scale):
    """Return width and height of a block."""
    if len(shape) == 1:
        return 0.3, scale * math.log2(1 + shape[0]) / 2
    channels, *size = shape
    return 0.25 * math.log2(1 + channels), scale * math.log2(1 + max(size))
