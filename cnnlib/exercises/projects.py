"""Projects: functions that take an afternoon, and what is usually wrong with them."""

import numpy as np

from cnnlib import conv
from cnnlib.exercises.entry import Exercise
from cnnlib.exercises.functions import Function
from cnnlib.exercises.numpy_sums import patches
from cnnlib.exercises.verdict import Slip


def _draw_pairs(rng, size):
    kernel = rng.integers(-3, 4, (3, 3)).astype(float)
    kernel[0, 1], kernel[2, 0] = kernel[0, 1] + 5, kernel[2, 0] - 5  # alike under no turn
    images = rng.normal(size=(4 * size, 1, 12, 12))
    return images[:, 0], conv.conv2d(images, kernel[None, None])[:, 0]


def learn_kernel(images, targets):
    """Return the kernel that takes the images to the targets, by least squares."""
    rows = np.concatenate([patches(image, 3) for image in images])
    return np.linalg.lstsq(rows, targets.ravel())[0].reshape(3, 3)


def _draw_overconfident(rng, size):
    classes, n = 3 + size % 3, 500
    logits = rng.normal(size=(n, classes))
    shares = np.exp(logits) / np.exp(logits).sum(1, keepdims=True)
    labels = (shares.cumsum(1) < rng.uniform(size=(n, 1))).sum(1).clip(0, classes - 1)
    return logits * rng.uniform(1.5, 4), labels


def _best_temperature(logits, labels, loss):
    """Minimise over the temperature by ever finer grids of its logarithm."""
    low, high = np.log(0.05), np.log(20)
    for _ in range(8):
        grid = np.linspace(low, high, 17)
        losses = [loss(logits / np.exp(t), labels) for t in grid]
        best, step = grid[int(np.argmin(losses))], grid[1] - grid[0]
        low, high = best - step, best + step
    return float(np.exp(best))


def _shares(logits):
    powers = np.exp(logits - logits.max(1, keepdims=True))
    return powers / powers.sum(1, keepdims=True)


def _log_loss(logits, labels):
    return -np.log(_shares(logits)[range(len(labels)), labels] + 1e-300).mean()


def _squared_loss(logits, labels):
    return ((_shares(logits) - np.eye(logits.shape[1])[labels]) ** 2).sum(1).mean()


def temperature(logits, labels):
    """Return the temperature with the smallest cross-entropy."""
    return _best_temperature(logits, labels, _log_loss)


def _draw_runs(rng, size):
    first, second = size + 1, size + 3
    return rng.normal(93, 0.5, first).round(2), rng.normal(93.3, 0.2, second).round(2)


def standard_error(a, b, ddof=1):
    """Return the standard error of the difference of two means."""
    return float(np.sqrt(np.var(a, ddof=ddof) / len(a) + np.var(b, ddof=ddof) / len(b)))


def _pooled(a, b):
    free = len(a) + len(b) - 2
    squares = np.var(a) * len(a) + np.var(b) * len(b)
    return float(np.sqrt(squares / free * (1 / len(a) + 1 / len(b))))


def _draw_confusion(rng, size):
    while True:
        labels, predictions = rng.integers(0, size + 2, (2, 40 * size - 20))
        labels[: 10 * size] = predictions[: 10 * size]  # many are right
        counts = _confusion(labels, predictions)
        off = np.sort(counts[~np.eye(len(counts), dtype=bool)])
        if len(counts) == size + 2 and off[-1] > off[-2] and counts.max() > off[-1]:
            return labels, predictions


def _confusion(labels, predictions):
    counts = np.zeros((max(labels.max(), predictions.max()) + 1,) * 2, dtype=int)
    np.add.at(counts, (labels, predictions), 1)
    return counts


def most_confused(labels, predictions, diagonal=False):
    """Return (true, predicted) of the most frequent mistake."""
    counts = _confusion(labels, predictions)
    if not diagonal:
        np.fill_diagonal(counts, 0)
    return tuple(int(i) for i in np.unravel_index(counts.argmax(), counts.shape))


EXERCISES = (
    Exercise(
        "learn-kernel",
        2,
        ("inside-the-network 3", "pytorch-training 4", "flip or no flip"),
        Function(
            "learn_kernel(images, targets)",
            learn_kernel,
            _draw_pairs,
            (
                Slip(
                    lambda images, targets: learn_kernel(images, targets)[::-1, ::-1],
                    "You learned the kernel turned by half a turn: your forward pass convolves, "
                    "and the targets were made by a layer, which does not flip.",
                ),
                Slip(
                    lambda images, targets: learn_kernel(images, targets).T,
                    "That is the transposed kernel: rows and columns got exchanged.",
                ),
                Slip(
                    lambda images, targets: np.zeros((3, 3)),
                    "The kernel is still zero: does the optimizer know it, and do you call "
                    "`backward` and `step`?",
                ),
                Slip(
                    lambda images, targets: learn_kernel(images, targets) / 9,
                    "Your kernel is nine times too small: you took means over the window.",
                ),
            ),
            "The data have told the kernel.",
            tolerance=0.01,
            trials=3,
        ),
    ),
    Exercise(
        "calibrate",
        3,
        ("inside-the-network 2",),
        Function(
            "temperature(logits, labels)",
            temperature,
            _draw_overconfident,
            (
                Slip(
                    lambda logits, labels: 1 / temperature(logits, labels),
                    "That is 1/T: you multiplied the logits. The temperature divides them.",
                ),
                Slip(
                    lambda logits, labels: 1.0,
                    "T = 1 leaves the network as sure as it was.",
                ),
                Slip(
                    lambda logits, labels: _best_temperature(logits, labels, _squared_loss),
                    "You minimised the squared error of the probabilities. Minimise the "
                    "cross-entropy.",
                ),
                Slip(
                    lambda logits, labels: float(np.log(temperature(logits, labels))),
                    "That is the logarithm of T: if you search in ln T, return its exponential.",
                ),
            ),
            "The cross-entropy is as small as a temperature can make it.",
            tolerance=0.005,
            trials=6,
        ),
    ),
    Exercise(
        "standard-error",
        2,
        ("fashion-mnist 2", "cifar-10-results 2"),
        Function(
            "standard_error(a, b)",
            standard_error,
            _draw_runs,
            (
                Slip(
                    lambda a, b: standard_error(a, b, ddof=0),
                    "You divided by n. From so few runs the variance is estimated with n − 1 "
                    "(`ddof=1`).",
                ),
                Slip(
                    _pooled,
                    "You pooled the variances. One recipe may scatter more than the other.",
                ),
                Slip(
                    lambda a, b: float(np.sqrt(np.var(a, ddof=1) + np.var(b, ddof=1))),
                    "That is how much single runs differ. Means of n runs scatter less: divide "
                    "each variance by its n.",
                ),
                Slip(
                    lambda a, b: standard_error(a, b) ** 2,
                    "That is the variance: take the root.",
                ),
                Slip(
                    lambda a, b: float(
                        np.std(a, ddof=1) / np.sqrt(len(a)) + np.std(b, ddof=1) / np.sqrt(len(b))
                    ),
                    "You added standard errors. Those of independent numbers add in squares.",
                ),
            ),
            "With many runs, a difference of less than twice this may well be chance; with few, "
            "Student's t asks for more.",
            tolerance=1e-6,
        ),
    ),
    Exercise(
        "most-confused",
        1,
        ("inside-the-network 1", "cifar-10-results 3"),
        Function(
            "most_confused(labels, predictions)",
            most_confused,
            _draw_confusion,
            (
                Slip(
                    lambda labels, predictions: most_confused(labels, predictions)[::-1],
                    "True and predicted are exchanged.",
                ),
                Slip(
                    lambda labels, predictions: most_confused(labels, predictions, diagonal=True),
                    "That is the most frequent hit: the diagonal holds what is right.",
                ),
                Slip(
                    lambda labels, predictions: max(
                        _confusion(labels, predictions)[most_confused(labels, predictions)], 0
                    ),
                    "That is how often. Give which: (true, predicted).",
                ),
            ),
            "Row first: the true class.",
        ),
    ),
)
