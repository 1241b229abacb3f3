"""Drawings of arrays: arrays and an Axes in, the Axes out, in the one style of the book."""

from pathlib import Path

import matplotlib as mpl
import numpy as np
from matplotlib import pyplot as plt
from matplotlib.patches import Rectangle

from cnnlib import palette

STYLE = Path(__file__).with_name("book.mplstyle")


def use_style():
    """Switch Matplotlib to the style of the book, and notebooks to vector graphics."""
    plt.style.use(STYLE)
    if "inline" in mpl.get_backend():
        from matplotlib_inline.backend_inline import set_matplotlib_formats

        set_matplotlib_formats("svg")


def number_grid(ax, values, color=palette.INPUT, *, at=(0, 0), window=None, title=None):
    """Draw a matrix as a grid of its numbers, tinted by their size.

    Several grids on the same Axes have cells of the same size.

    Parameters
    ----------
    ax : matplotlib.axes.Axes
        Where to draw; its axes are turned off and its cells are square.
    values : array_like, shape (H, W)
        The numbers.
    color : color
        Colour of the role that the matrix plays: `palette.INPUT`, `KERNEL` or `OUTPUT`.
    at : tuple of float
        ``(row, column)`` of the grid's top left corner, in cells.
    window : tuple of int, optional
        ``(row, column, height, width)`` of cells to frame in the kernel's colour.
    title : str, optional
        Title above the grid.

    Returns
    -------
    matplotlib.axes.Axes
        `ax`.

    Raises
    ------
    ValueError
        If `values` is not a matrix.
    """
    values = np.asarray(values)
    if values.ndim != 2:
        raise ValueError(f"`values` has shape {values.shape}: give a matrix (H, W)")
    top, left = at
    height, width = values.shape
    magnitudes = np.nan_to_num(np.abs(_as_floats(values)))  # what is no number has none
    largest = magnitudes.max(initial=0) or 1
    for (i, j), value in np.ndenumerate(values):
        tint = 0.06 + 0.34 * magnitudes[i, j] / largest
        cell = (left + j, top + i), 1, 1
        ax.add_patch(Rectangle(*cell, facecolor=color, alpha=tint, linewidth=0))
        ax.add_patch(Rectangle(*cell, fill=False, edgecolor=palette.GRID, linewidth=1))
        ax.text(left + j + 0.5, top + i + 0.5, number(value), ha="center", va="center")
    ax.add_patch(Rectangle((left, top), width, height, fill=False, edgecolor=color, linewidth=2))
    if window is not None:
        row, column, rows, columns = window
        corner = left + column, top + row
        ax.add_patch(
            Rectangle(corner, columns, rows, fill=False, edgecolor=palette.KERNEL, linewidth=4)
        )
    if title is not None:
        ax.text(left + width / 2, top - 0.25, title, ha="center", va="bottom")
    ax.set_aspect("equal")
    ax.margins(0.02)
    ax.autoscale_view()
    if not ax.yaxis_inverted():
        ax.invert_yaxis()
    ax.set_axis_off()
    return ax


def image(ax, pixels, *, signed=False, limit=None, title=None):
    """Draw an image: gray as it is, signed values in two hues with white at zero.

    Parameters
    ----------
    ax : matplotlib.axes.Axes
        Where to draw; its axes are turned off.
    pixels : array_like, shape (H, W) or (H, W, 3)
        Values from 0 to 1 where they are not signed; others are shown as black or white.
    signed : bool
        Whether to use a diverging map centred at zero (negative blue, positive orange).
    limit : float, optional
        Value of the map's end where `signed`; the largest magnitude where not given.
    title : str, optional
        Title above the image.

    Returns
    -------
    matplotlib.axes.Axes
        `ax`.

    Raises
    ------
    ValueError
        If no value of a signed image is finite.
    """
    pixels = np.asarray(pixels)
    if signed:
        pixels = _as_floats(pixels)
        finite = np.isfinite(pixels)
        if not finite.any():
            raise ValueError("`pixels` holds no finite number: look where these come from")
        limit = limit or np.abs(pixels[finite]).max() or 1
        ax.imshow(pixels, cmap=_diverging(), vmin=-limit, vmax=limit)
    else:
        ax.imshow(pixels, cmap="gray", vmin=0, vmax=1)
    ax.set_axis_off()
    if title is not None:
        ax.set_title(title)
    return ax


def missing(fig, what, command):
    """Say, in place of a figure, what is not on this machine and which command gets it.

    Parameters
    ----------
    fig : matplotlib.figure.Figure
        Is emptied first.
    what, command : str

    Returns
    -------
    matplotlib.figure.Figure
        `fig`.
    """
    fig.clear()
    fig.set_size_inches(6.4, 1.2)
    text = f"This figure needs {what}, not on the machine\nthat built the page: {command}"
    ax = fig.add_subplot()  # a notebook does not show a figure without axes
    ax.text(0.5, 0.5, text, ha="center", va="center")
    ax.set_axis_off()
    return fig


def learning_curves(ax, result, color, label):
    """Draw the error of an experiment's runs over the epochs, training dashed, validation solid.

    Parameters
    ----------
    ax : matplotlib.axes.Axes
        Gets, in percent, the mean over the runs, and their whole range as a band.
    result : cnnlib.record.ExperimentRecord
        Whose runs have a validation set.
    color : color
    label : str
        Written at the end of the validation curve.

    Returns
    -------
    matplotlib.axes.Axes
    """
    epochs = [row.epoch for row in result.runs[0].epochs]
    styles = {"train_accuracy": "--", "validation_accuracy": "-"}
    for quantity, style in styles.items():
        accuracies = [[getattr(row, quantity) for row in run.epochs] for run in result.runs]
        errors = 100 * (1 - np.array(accuracies, dtype=float))
        ax.plot(epochs, errors.mean(0), style, color=color)
        ax.fill_between(epochs, errors.min(0), errors.max(0), color=color, alpha=0.2, lw=0)
    ax.annotate(
        label,
        (epochs[-1], errors.mean(0)[-1]),
        (6, 0),
        textcoords="offset points",
        va="center",
        color=color,
    )
    ax.set(xlabel="epoch", ylabel="error, %", xticks=epochs)
    return ax


def confusion_matrix(ax, counts, classes):
    """Draw how often each class is taken for each, in percent of the true class.

    Parameters
    ----------
    ax : matplotlib.axes.Axes
    counts : array_like of int, shape (K, K)
        Images of the row's class that were taken for the column's.
    classes : sequence of str
        The K names.

    Returns
    -------
    matplotlib.axes.Axes

    Raises
    ------
    ValueError
        If the matrix is not square, or has not a name for each class.
    """
    counts = np.asarray(counts)
    if counts.shape != (len(classes), len(classes)):
        raise ValueError(
            f"`counts` has shape {counts.shape}, where {len(classes)} `classes` need a square "
            "matrix of as many rows: count with the same classes"
        )
    shares = 100 * counts / np.maximum(counts.sum(1, keepdims=True), 1)
    mistakes = shares * (1 - np.eye(len(classes)))
    ax.imshow(mistakes, cmap="Oranges", vmin=0, vmax=max(mistakes.max() * 1.6, 1e-9))
    for (row, column), share in np.ndenumerate(shares):
        if share >= 0.05:
            weight = "bold" if row == column else "normal"
            text = f"{share:.0f}" if share >= 0.95 else f"{share:.1f}"
            ax.text(column, row, text, ha="center", va="center", fontsize=9, weight=weight)
    ax.set_xticks(range(len(classes)), classes, rotation=40, ha="right")
    ax.set_yticks(range(len(classes)), classes)
    ax.set(xlabel="the network says", ylabel="the label says")
    ax.tick_params(length=0)
    ax.grid(False)  # its lines would go through the numbers
    ax.spines[:].set_visible(False)
    return ax


def reliability(ax, confidence, correct, color=palette.OUTPUT, bins=10):
    """Draw how often a network is right against how sure it is.

    Parameters
    ----------
    ax : matplotlib.axes.Axes
        Gets one point for each range of confidence that has at least ten images, with the 95 %
        interval of its share (Wilson 1927), and the diagonal.
    confidence : array_like of float, shape (N,)
        Probability of the class that the network names, from 0 to 1.
    correct : array_like of bool, shape (N,)
    color : color
    bins : int
        Ranges of equal width.

    Returns
    -------
    matplotlib.axes.Axes

    References
    ----------
    Wilson, "Probable Inference, the Law of Succession, and Statistical Inference", Journal of the
    American Statistical Association 22 (1927), 209-212, doi:10.1080/01621459.1927.10502953.
    """
    confidence, correct = np.asarray(confidence, dtype=float), np.asarray(correct, dtype=bool)
    place = np.minimum((confidence * bins).astype(int), bins - 1)
    ax.plot([0, 1], [0, 1], color=palette.GRID, lw=1)
    for index in range(bins):
        inside = place == index
        n = inside.sum()
        if n < 10:
            continue
        share, z = correct[inside].mean(), 1.96
        middle = (share + z**2 / (2 * n)) / (1 + z**2 / n)
        half = z / (1 + z**2 / n) * np.sqrt(share * (1 - share) / n + z**2 / (4 * n**2))
        at = confidence[inside].mean()
        ax.plot([at, at], [middle - half, middle + half], color=color, lw=1.2)
        ax.plot(at, share, "o", color=color, ms=4)
    ax.set(xlabel="how sure the network is", ylabel="how often it is right")
    ax.set(xlim=(0, 1), ylim=(0, 1), aspect="equal")
    return ax


def number(value):
    """Write a number as briefly as a cell of a grid wants it, with a true minus sign.

    Examples
    --------
    >>> number(-2.0), number(0.25), number(1 / 3)
    ('−2', '0.25', '0.33')
    """
    text = f"{value:.2f}".rstrip("0").rstrip(".")
    return "0" if text == "-0" else text.replace("-", "−")


def _as_floats(values):
    """Return an array whose magnitudes and negatives fit: those of small integers overflow."""
    return values if values.dtype.kind == "f" else values.astype(float)


def _diverging():
    return mpl.colors.LinearSegmentedColormap.from_list(
        "signed", [palette.INPUT, palette.PAPER, palette.KERNEL]
    )
