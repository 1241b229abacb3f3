"""A window that sweeps over an input while the map fills behind it."""

import numpy as np
from manim import ValueTracker

from animations.grid import NumberGrid, frame
from animations.motion import follow
from animations.roles import KERNEL, OUTPUT


class Sweep:
    """Hang a kernel's window and the numbers of its map on one tracker.

    At k the window lies on its k-th place, and the map shows the numbers of all places up to it.

    Parameters
    ----------
    grid : NumberGrid
        What the window sweeps over.
    values : array
        The map, shape (rows, columns).
    size : int
        Side of the window in cells.
    stride : int
        Cells from one window to the next.
    window : Mobject, optional
        What sweeps, as large as the window; by default a kernel's frame.
    hops : bool
        Hop from place to place, which takes a film fewer bytes than to glide.

    Attributes
    ----------
    window : Mobject
        What sweeps, on the first place.
    result : NumberGrid
        The map, to be put in its place before it is shown.
    position : ValueTracker
        Which place it is, from 0 to `last`; just below 0 the map is empty.
    last : int
        The number of the last place.
    """

    def __init__(self, grid, values, size, stride=1, window=None, hops=False):
        places = stride * np.argwhere(np.ones(values.shape))
        self.last = len(places) - 1
        self.position = ValueTracker(-0.01)
        self.result = NumberGrid(values, OUTPUT, grid.cell_size)
        self.window = window or frame(size, size, KERNEL, grid.cell_size).set_z_index(1)
        stops = [grid.center_of(*place, (size, size)) for place in places]
        move = self._hop(stops) if hops else follow(self.position, stops)
        self.window.add_updater(move, call_updater=True)
        self.result.add_updater(self._uncover, call_updater=True)

    def go(self):
        """Animate the window to its last place."""
        return self.position.animate.set_value(self.last)

    def stop(self):
        """Let go of the window and the map, whose numbers are all there."""
        self.window.clear_updaters()
        self.result.clear_updaters()

    def _hop(self, stops):
        def move(window):
            window.move_to(stops[max(self._reached(), 0)])

        return move

    def _reached(self):
        return int(np.floor(self.position.get_value() + 1e-6))

    def _uncover(self, result):
        for k, (cell, digits) in enumerate(zip(result.cells, result.numbers, strict=True)):
            there = float(k <= self._reached())
            cell.set_fill(opacity=there)
            digits.set_fill(opacity=there)
