"""The parts that things play in a scene, each with its colours from `cnnlib.palette`.

They are looked up when they are asked for: each scene is drawn in two palettes (`stage.drawn_in`).
"""

from dataclasses import dataclass

from manim import ManimColor, interpolate_color

from cnnlib import palette


@dataclass(frozen=True)
class Role:
    """What a grid, a number or a label stands for, and how that looks.

    Parameters
    ----------
    name_of_line, name_of_ink : str
        What the palette calls its `line` and its `ink`.
    """

    name_of_line: str
    name_of_ink: str

    @property
    def line(self):
        """Colour of borders and frames."""
        return getattr(palette, self.name_of_line)

    @property
    def ink(self):
        """Colour of digits and words: readable (4.5:1) on the paper and on `tint`."""
        return getattr(palette, self.name_of_ink)

    @property
    def tint(self):
        """Fill of a cell: the line's colour, thinned with paper."""
        return self._thinned(0.13)

    @property
    def shade(self):
        """Fill of a cell in the light of attention: a deeper tint."""
        return self._thinned(0.25)

    def _thinned(self, part):
        return interpolate_color(ManimColor(palette.PAPER), ManimColor(self.line), part)


INPUT = Role("INPUT", "INPUT_INK")
KERNEL = Role("KERNEL", "KERNEL_INK")
OUTPUT = Role("OUTPUT", "OUTPUT_INK")
PLAIN = Role("MUTED", "INK")
