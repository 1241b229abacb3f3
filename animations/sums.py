"""A sum of products, written out."""

import numpy as np
from manim import VGroup

from animations.lettering import MINUS, Lettering, format_number
from animations.roles import INPUT, KERNEL, OUTPUT

DOT = "\N{MIDDLE DOT}"


class SumOfProducts(VGroup):
    """A line such as "3·1 + 1·0 + 0·(−1) = 3", each factor in the ink of its role.

    Lines of equally many digits fall on each other sign by sign when the second is made `like` the
    first, so that only what changes seems to move.

    Parameters
    ----------
    inputs, weights : iterable of numbers
        The left and the right factors.
    total : number
        What stands behind the sign of equality.
    size : float
        Height of an em in scene units.
    like : SumOfProducts, optional
        Stand where this one stands.

    Attributes
    ----------
    inputs, weights : VGroup
        The factors, a negative one with its parentheses.
    signs : VGroup
        ``signs[k]`` holds the dot of product k and, but in the first, the plus before it; the last
        is the sign of equality.
    total : VGroup
        The number at the end.
    text : str
        The whole line.
    """

    def __init__(self, inputs, weights, total, size=0.6, like=None):
        factors = [(_factor(i), _factor(w)) for i, w in zip(inputs, weights, strict=True)]
        words = []
        for left, right in factors:
            words += [" + " if words else "", left, DOT, right]
        words += [" = ", format_number(total)]
        self.text = "".join(words)
        glyphs = Lettering(self.text, size)
        ends = np.cumsum([len(word) for word in words])
        parts = [glyphs[end - len(word) : end] for end, word in zip(ends, words, strict=True)]

        *products, equals, self.total = parts
        self.inputs = VGroup(*products[1::4]).set_color(INPUT.ink)
        self.weights = VGroup(*products[3::4]).set_color(KERNEL.ink)
        dots = zip(products[0::4], products[2::4], strict=True)
        self.signs = VGroup(*(VGroup(*plus, *dot) for plus, dot in dots), equals)
        self.total.set_color(OUTPUT.ink)
        super().__init__(self.inputs, self.weights, self.signs, self.total)
        if like is not None:
            self.shift(like.signs.get_center() - self.signs.get_center())


def _factor(value):
    text = format_number(value)
    return f"({text})" if text.startswith(MINUS) else text
