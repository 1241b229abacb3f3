"""Images and feature maps in gray that a window reads, and builds, row by row."""

import numpy as np
from manim import DOWN, RESAMPLING_ALGORITHMS, Group, ImageMobject, Rectangle, Square

from animations.roles import KERNEL, OUTPUT


def blend_gray(values):
    """Turn a matrix into grays: black is zero and what is below, white the maximum.

    Returns
    -------
    array of uint8, of the same shape

    Examples
    --------
    >>> blend_gray(np.array([[-1.0, 0.0, 2.0]])).tolist()
    [[0, 0, 255]]
    """
    white = max(values.max(), np.finfo(float).tiny)
    return np.round(255 * np.clip(values, 0, None) / white).astype(np.uint8)


class GrayMap(Group):
    """A matrix as an image in a thin border, see `blend_gray`.

    Below it lies the border's colour, thinned, so that rows that are not yet shown are not black,
    on whatever paper.

    Parameters
    ----------
    values : array_like
        Numbers, shape (rows, columns).
    side : float
        Height in scene units. Pixels are even if it is a whole number of film pixels for each row.
    role : Role
        Whose colour the border has.

    Attributes
    ----------
    values : numpy.ndarray
        The matrix.
    image : ImageMobject
        The picture; rows that are not yet shown are transparent.
    border : Square
        Its border.
    ground : Square
        What lies below the picture.
    rows_shown : int
        How many rows are to be seen.
    """

    def __init__(self, values, side, role=OUTPUT):
        self.values = np.asarray(values, float)
        self.image = ImageMobject(blend_gray(self.values))
        self.image.set_resampling_algorithm(RESAMPLING_ALGORITHMS["nearest"])
        self.image.stretch_to_fit_height(side).stretch_to_fit_width(side)
        self.border = Square(side).set_stroke(role.line, width=2)
        self.ground = Square(side).set_fill(role.shade, opacity=1).set_stroke(width=0)
        super().__init__(self.ground, self.image, self.border)
        self.show_rows(len(self.values))

    @property
    def row_height(self):
        """Height of a row in scene units."""
        return self.border.height / len(self.values)

    def show_rows(self, count):
        """Show the first rows only."""
        self.rows_shown = int(count)
        self.image.pixel_array[:, :, 3] = 255
        self.image.pixel_array[self.rows_shown :, :, 3] = 0
        return self


class RowReader(Group):
    """Frames that read maps downwards, as a kernel's rows or a pooling's window do.

    Parameters
    ----------
    sources : sequence of GrayMap
        A frame as wide as the map lies on each.
    rows : int
        Rows of the frame.
    stride : int
        By how many rows it goes down for one row of the result.
    padding : int
        Rows above the map on which it lies at first.
    role : Role
        Colour of the frames.
    """

    def __init__(self, sources, rows, stride=1, padding=0, role=KERNEL):
        self.sources, self.rows, self.stride, self.padding = sources, rows, stride, padding
        frames = [
            Rectangle(width=source.border.width, height=rows * source.row_height)
            for source in sources
        ]
        super().__init__(*(frame.set_stroke(role.line, width=4) for frame in frames))
        self.read(0)

    def read(self, row):
        """Lie where row `row` of the result comes from."""
        below = row * self.stride - self.padding + self.rows / 2
        for frame, source in zip(self, self.sources, strict=True):
            frame.move_to(source.border.get_top() + below * source.row_height * DOWN)
        return self

    def build(self, tracker, results):
        """Follow a tracker that counts the rows of the results, and show as many of those."""

        def move(reader):
            done = int(tracker.get_value())
            for result in results:
                result.show_rows(done)
            reader.read(min(done, len(results[0].values) - 1))

        self.add_updater(move, call_updater=True)
        return self
