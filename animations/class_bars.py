"""How much a network gives to each class: names, bars, per cent."""

from manim import LEFT, RIGHT, Rectangle, VGroup

from animations.lettering import CAP_HEIGHT, Lettering
from animations.roles import OUTPUT, PLAIN


class ClassBars(VGroup):
    """A bar for each class, its name before it and its share in per cent behind it.

    The bars begin at x = 0 and go down from y = 0.

    Parameters
    ----------
    names : sequence of str
        The classes.
    shares : sequence of float
        From 0 to 1; the largest has the role's colour, the others are gray.
    length : float
        Of a bar for the share 1, in scene units.
    pitch : float
        From one bar to the next.
    size : float
        Height of an em of the words.
    role : Role
        Of the largest.

    Attributes
    ----------
    names, bars, percents : VGroup
        The parts, class by class.
    """

    def __init__(self, names, shares, length=1.5, pitch=0.46, size=0.4, role=OUTPUT):
        largest = max(range(len(shares)), key=lambda k: shares[k])
        self.names, self.bars, self.percents = VGroup(), VGroup(), VGroup()
        for k, (name, share) in enumerate(zip(names, shares, strict=True)):
            of = role if k == largest else PLAIN
            baseline = -k * pitch
            word = Lettering(name, size, of)
            word.shift((-0.12 - word.get_right()[0]) * RIGHT + [0, baseline, 0])
            bar = Rectangle(width=max(length * share, 0.03), height=0.7 * pitch)
            bar.set_fill(of.line, opacity=1).set_stroke(width=0)
            bar.move_to([0, baseline + CAP_HEIGHT / 2 * size, 0], aligned_edge=LEFT)
            percent = Lettering(format_percent(share), size, of)
            percent.shift((bar.get_right()[0] + 0.12 - percent.get_left()[0]) * RIGHT)
            percent.shift([0, baseline, 0])
            self.names.add(word)
            self.bars.add(bar)
            self.percents.add(percent)
        super().__init__(self.names, self.bars, self.percents)


def format_percent(share):
    """Write a share in whole per cent.

    Examples
    --------
    >>> format_percent(0.714)
    '71 %'
    """
    return f"{100 * share:.0f} %"
