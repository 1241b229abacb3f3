"""A loss over the steps of a training, both on logarithmic axes, drawn as far as it has come."""

import numpy as np
from manim import Line, VGroup, VMobject

from animations.lettering import CAP_HEIGHT, Lettering, format_number
from animations.roles import OUTPUT, PLAIN
from cnnlib import palette


class LossCurve(VGroup):
    """Axes with the powers of ten as lines, and the curve.

    The first step has a short piece of the axis for itself: zero has no logarithm.

    Parameters
    ----------
    losses : sequence of float
        The loss before each step, and after the last: all above zero.
    width, height : float
        Of the axes, in scene units; their lower left corner is the origin.
    size : float
        Height of an em of the words.
    decades : int
        How many powers of ten apart the lines are, the lowest at the foot of the axes.
    """

    first_step = 0.14  # in parts of the width

    def __init__(self, losses, width, height, size=0.38, decades=2):
        self.losses = np.asarray(losses, float)
        self.width_of_axes, self.height_of_axes = width, height
        logs = np.log10(self.losses)
        first = decades * int(np.floor(logs.min() / decades))
        last = int(np.ceil(logs.max()))
        self.range = first, last
        self.lines, self.words = VGroup(), VGroup()
        for power in range(first, last + 1, decades):
            y = height * (power - first) / (last - first)
            self.lines.add(Line([0, y, 0], [width, y, 0]).set_stroke(palette.GRID, width=2))
            word = Lettering(format_number(10.0**power), size)
            middle = CAP_HEIGHT / 2 * size
            self.words.add(word.shift([-0.15 - word.get_right()[0], y - middle, 0]))
        for step in (0, *self._powers_of_ten()):
            x = self._across(step)
            self.lines.add(Line([x, 0, 0], [x, -0.1, 0]).set_stroke(palette.MUTED, width=2))
            self.words.add(Lettering(str(step), size).shift([x, -0.16 - size, 0]))
        name = Lettering("step", size)
        self.words.add(name.shift([width + name.width / 2, -0.16 - size, 0]))
        self.curve = VMobject().set_stroke(OUTPUT.line, width=5)
        super().__init__(self.lines, self.words, self.curve)
        self.corner = Line([0, 0, 0], [0, 0.01, 0]).set_stroke(PLAIN.line, width=0)
        self.add(self.corner)

    def point(self, step):
        """Find where the loss after `step` steps lies."""
        first, last = self.range
        x = self._across(step)
        y = self.height_of_axes * (np.log10(self.losses[step]) - first) / (last - first)
        return np.add(self.corner.get_start(), [x, y, 0])

    def _powers_of_ten(self):
        last = len(self.losses) - 1
        return [10**power for power in range(len(str(last)))]

    def _across(self, step):
        last = len(self.losses) - 1
        part = (
            self.first_step + (1 - self.first_step) * np.log10(step) / np.log10(last) if step else 0
        )
        return self.width_of_axes * part

    def show(self, step):
        """Draw the curve as far as `step`."""
        self.shown = step
        points = [self.point(k) for k in range(step + 1)]
        self.curve.set_points_as_corners(points if step else 2 * points)
        return self
