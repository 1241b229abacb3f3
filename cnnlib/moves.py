"""Shift, mirror and turn images and feature maps."""

from dataclasses import dataclass

import torch

from cnnlib.shapes import as_integer, check_option

BORDERS = ("circular", "black")


@dataclass(frozen=True)
class Shift:
    """Move images down and to the right.

    Attributes
    ----------
    rows, columns : int
        Negative: up and to the left.
    border : {"circular", "black"}
        Whether what leaves comes in on the other side, or zeros come in.

    Raises
    ------
    ValueError
        If an attribute is not as above.

    Examples
    --------
    >>> Shift(columns=1)(torch.tensor([[[[1, 2, 3]]]])).tolist()
    [[[[3, 1, 2]]]]
    >>> Shift(columns=1, border="black")(torch.tensor([[[[1, 2, 3]]]])).tolist()
    [[[[0, 1, 2]]]]
    """

    rows: int = 0
    columns: int = 0
    border: str = "circular"

    def __post_init__(self):
        for name in ("rows", "columns"):
            object.__setattr__(self, name, as_integer(name, getattr(self, name)))
        check_option("border", self.border, BORDERS)

    def __call__(self, maps):
        """Return maps (…, H, W), moved."""
        moved = maps.roll((self.rows, self.columns), (-2, -1))
        if self.border == "black":
            moved = moved.clone()
            for axis, by in ((-2, self.rows), (-1, self.columns)):
                length = maps.shape[axis]
                came_in = min(abs(by), length)
                moved.narrow(axis, 0 if by > 0 else length - came_in, came_in).zero_()
        return moved


@dataclass(frozen=True)
class Flip:
    """Mirror images left to right, or top to bottom with `axis="rows"`."""

    axis: str = "columns"

    def __post_init__(self):
        check_option("axis", self.axis, ("rows", "columns"))

    def __call__(self, maps):
        """Return maps (…, H, W), mirrored."""
        return maps.flip(-2 if self.axis == "rows" else -1)


@dataclass(frozen=True)
class Turn:
    """Turn images by so many quarter turns, counterclockwise."""

    quarters: int = 1

    def __post_init__(self):
        object.__setattr__(self, "quarters", as_integer("quarters", self.quarters))

    def __call__(self, maps):
        """Return maps (…, H, W), turned: (…, W, H) for an odd number of quarters."""
        return torch.rot90(maps, self.quarters, (-2, -1))
