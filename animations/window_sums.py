"""What a kernel of ones does, written below a film's grids and said in its first step."""

from manim import RIGHT

from animations.lettering import Lettering, format_size, spell

LEFT_END = (-6.8, -2.64, 0)  # above a player's controls, which cover what is below −2.67


def over_window(kernel):
    """Put into words what each number of the map is: the sum over a window."""
    return f"the sum over a {format_size(kernel.shape)} window"


def write_rule(total):
    """Write what each number of the map is."""
    rule = Lettering(f"each number: {total}", 0.42)
    return rule.shift(LEFT_END - rule.get_left() * RIGHT)


def say_rule(kernel, total):
    """Put the kernel, whose weights are all one, and what it does into a sentence."""
    return f"A kernel of {spell(kernel.size)} ones: each number of the map is {total}."
