"""The parts that things play in a scene, each with its colours from `cnnlib.palette`."""

from dataclasses import dataclass

from manim import ManimColor, interpolate_color

from cnnlib import palette


@dataclass(frozen=True)
class Role:
    """What a grid, a number or a label stands for, and how that looks.

    Parameters
    ----------
    line : str
        Colour of borders and frames.
    ink : str
        Colour of digits and words: readable (4.5:1) on the paper and on `tint`.
    """

    line: str
    ink: str

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


INPUT = Role(palette.INPUT, palette.INPUT_INK)
KERNEL = Role(palette.KERNEL, palette.KERNEL_INK)
OUTPUT = Role(palette.OUTPUT, palette.OUTPUT_INK)
PLAIN = Role(palette.MUTED, palette.INK)
