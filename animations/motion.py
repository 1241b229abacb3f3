"""How things move: over all else, along a track that a tracker drives, out of each other's way."""

import numpy as np
from manim import LEFT, UP, ReplacementTransform, config

ABOVE_ALL = 9


def fly(source, target):
    """Animate a copy of `source` that moves, above all else, to `target` and becomes it."""
    return ReplacementTransform(source.copy().set_z_index(ABOVE_ALL), target)


def whole_pixels(way):
    """Round a way to pixels, by twos, since the film has one colour for each 2×2.

    What moves by whole pixels stays as sharp as what rests, and takes a film fewer bytes.
    """
    step = 2 * config.frame_height / config.pixel_height
    return np.round(way / step) * step


def follow(tracker, stops, start=0):
    """Let a mobject go from stop to stop as a tracker counts.

    Parameters
    ----------
    tracker : ValueTracker
        At `start` the mobject's middle is at the first stop, one later at the second.
    stops : sequence of points
        Where it goes, in straight lines; it stays at the ends.
    start : float
        See `tracker`.

    Returns
    -------
    callable
        To be added to the mobject's updaters.
    """
    stops = np.array(stops)

    def move(mobject):
        passed, on_the_way = divmod(np.clip(tracker.get_value() - start, 0, len(stops) - 1), 1)
        here, there = stops[int(passed)], stops[min(int(passed) + 1, len(stops) - 1)]
        mobject.move_to(here + whole_pixels(on_the_way * (there - here)))

    return move


def make_way(grid, window):
    """Keep the numbers of a grid clear of a window's weights.

    A number moves to the upper left of its cell as far as the window covers the cell.
    """
    aside = grid.cell_size * (0.23 * UP + 0.2 * LEFT)

    def settle(numbers):
        reach = (np.array([window.frame.width, window.frame.height]) + grid.cell_size) / 2
        for digits, cell in zip(numbers, grid.cells, strict=True):
            away = np.abs(window.frame.get_center() - cell.get_center())[:2]
            covered = np.clip((reach - away) / grid.cell_size, 0, 1).prod()
            digits.move_to(cell.get_center() + whole_pixels(covered * aside))

    grid.numbers.add_updater(settle, call_updater=True)
