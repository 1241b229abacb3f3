"""Arrays as grids of numbers, and a kernel's window that slides over one."""

import numpy as np
from manim import DOWN, LEFT, RIGHT, UP, Rectangle, Square, VGroup, there_and_back

from animations.lettering import number
from animations.motion import fly
from animations.roles import KERNEL

CELL_SIZE = 1.2
# A tucked weight, in parts of its cell; its digits in parts of a cell's.
TAG_WIDTH, TAG_HEIGHT, TAG_GAP, TAG_DIGITS = 0.6, 0.4, 0.07, 0.72


class NumberGrid(VGroup):
    """A matrix as a grid of cells with a number in each.

    Parameters
    ----------
    values : array_like
        Matrix, shape (rows, columns).
    role : Role
        What the matrix stands for.
    cell_size : float
        Side of a cell in scene units.
    empty : bool
        Draw blank cells; `reveal` puts the numbers in.

    Attributes
    ----------
    values : numpy.ndarray
        The matrix.
    cells, numbers : VGroup
        Squares and numbers, row by row. Those of an empty grid are not part of it: once revealed,
        they stand in the scene by themselves.
    """

    def __init__(self, values, role, cell_size=CELL_SIZE, empty=False):
        self.values = np.asarray(values)
        self.role = role
        self.cell_size = cell_size
        rows, columns = self.values.shape
        self.cells = VGroup(*(Square(cell_size) for _ in range(rows * columns)))
        self.cells.arrange_in_grid(rows, columns, buff=0)
        self.numbers = VGroup(*(number(v, self.digit_size, role) for v in self.values.flat))
        super().__init__(self.cells)
        _fill(self.cells, role)
        if empty:
            self.cells.set_fill(opacity=0)
        else:
            for digits, cell in zip(self.numbers, self.cells, strict=True):
                digits.shift(cell.get_center())
            self.add(self.numbers)

    @property
    def digit_size(self):
        """Em of the numbers, in scene units."""
        return 0.5 * self.cell_size

    def cell(self, row, column):
        """Return the square of a cell."""
        return self.cells[self._index(row, column)]

    def number(self, row, column):
        """Return the number of a cell."""
        return self.numbers[self._index(row, column)]

    def center_of(self, row, column, shape=(1, 1)):
        """Find the middle of a block of cells.

        Parameters
        ----------
        row, column : float
            The block's first row and column; between two cells if fractional.
        shape : tuple of int
            Rows and columns of the block.

        Returns
        -------
        numpy.ndarray
            The point, shape (3,).
        """
        down, right = row + (shape[0] - 1) / 2, column + (shape[1] - 1) / 2
        first = self.cells[0].get_center()
        return first + self.cell_size * (down * DOWN + right * RIGHT)

    def block(self, row, column, shape):
        """Return the numbers of a block of cells, row by row."""
        rows, columns = np.indices(shape).reshape(2, -1)
        return [self.number(row + r, column + c) for r, c in zip(rows, columns, strict=True)]

    def reveal(self, row, column, source):
        """Animate the number of an empty cell into the grid.

        Parameters
        ----------
        row, column : int
            The cell.
        source : Mobject
            The same number somewhere else: a copy of it comes over.

        Returns
        -------
        tuple
            What `Scene.play` takes, with a star before it.
        """
        digits = self.number(row, column).move_to(self.center_of(row, column))
        filled = self.cell(row, column).animate.set_fill(opacity=1)
        return filled, fly(source, digits)

    def light_up(self, row, column):
        """Animate a cell: for a moment it takes more of its role's colour."""
        deeper = self.cell(row, column).animate(rate_func=there_and_back)
        return deeper.set_fill(self.role.shade)

    def _index(self, row, column):
        return int(np.ravel_multi_index((row, column), self.values.shape))


class KernelWindow(VGroup):
    """A kernel in a frame, to be laid on the grid that it weighs.

    At first it covers what lies below. `tuck` shrinks each weight into the lower right corner of
    its cell, so that the number below can be read beside it.

    Parameters
    ----------
    weights : array_like
        The kernel, shape (rows, columns).
    role : Role
        Its role.
    cell_size : float
        That of the grid on which it lies.

    Attributes
    ----------
    frame : Rectangle
        The window's border.
    boxes, weights : VGroup
        The squares or, when tucked, small boxes of the weights, and their numbers, row by row.
    """

    def __init__(self, weights, role=KERNEL, cell_size=CELL_SIZE):
        grid = NumberGrid(weights, role, cell_size)
        self.cell_size = cell_size
        self.boxes, self.weights = grid.cells, grid.numbers
        self.frame = frame(*grid.values.shape, role, cell_size)
        super().__init__(self.boxes, self.weights, self.frame)

    def tuck(self):
        """Shrink the weights into the corners of their cells."""
        for box, weight in zip(self.boxes, self.weights, strict=True):
            corner = box.get_corner(DOWN + RIGHT)
            box.stretch(TAG_WIDTH, 0).stretch(TAG_HEIGHT, 1)
            box.move_to(corner + TAG_GAP * self.cell_size * (UP + LEFT), aligned_edge=DOWN + RIGHT)
            weight.scale(TAG_DIGITS).move_to(box)
        return self


def _fill(shape, role):
    return shape.set_fill(role.tint, opacity=1).set_stroke(role.line, width=2.2, opacity=1)


def frame(rows, columns, role, cell_size=CELL_SIZE):
    """Draw a thick border round a block of cells."""
    border = Rectangle(width=columns * cell_size, height=rows * cell_size)
    return border.set_stroke(role.line, width=8)
