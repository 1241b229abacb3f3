"""A horizontal axis of time on which curves stand."""

import numpy as np
from manim import DOWN, UP, Line, VGroup

from animations.lettering import Lettering
from cnnlib import palette

TICK = 0.12


class Timeline(VGroup):
    """An axis from one time to another, with or without numbers below it.

    Parameters
    ----------
    first, last : float
        The times at its ends.
    zero : point
        Where the time 0 lies.
    scale : tuple of float
        Scene units for one unit of time, and for a value of 1.
    ticks : dict
        What stands below which time.
    """

    def __init__(self, first, last, zero, scale, ticks=()):
        self.first, self.last = first, last
        self.zero, self.scale_of_axes = np.array(zero), scale
        self.axis = Line(self.point(first), self.point(last)).set_stroke(palette.MUTED, width=3)
        super().__init__(self.axis)
        for time, text in dict(ticks).items():
            here = self.point(time)
            self.add(Line(here, here + TICK * DOWN).set_stroke(palette.MUTED, width=3))
            self.add(Lettering(text, 0.38).shift(here + 0.46 * DOWN))

    def point(self, time, value=0):
        """Find where a value stands at a time."""
        return self.points_of([time], [value])[0]

    def points_of(self, times, values):
        """Find where values stand at their times, as an array of shape (n, 3)."""
        across, up = self.scale_of_axes
        return self.zero + np.column_stack(
            [across * np.asarray(times), up * np.asarray(values), np.zeros(len(times))]
        )

    def above(self, time, value, gap):
        """Find the place a gap above a value."""
        return self.point(time, value) + gap * UP
