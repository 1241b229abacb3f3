"""Pooling: one number for each block, its largest or its mean."""

import numpy as np
from manim import RIGHT, UP, Create, FadeIn, FadeOut, ValueTracker

from animations.grid import NumberGrid, frame
from animations.lettering import Lettering, format_number, format_rows, format_size
from animations.motion import follow
from animations.roles import INPUT, OUTPUT, PLAIN
from animations.stage import LectureScene
from cnnlib.conv import conv2d


class Pooling(LectureScene):
    """A 4×4 map and its four blocks: of each the largest number, and the mean."""

    title = "Max pooling and average pooling"
    point = "Pooling keeps one number of each block, the largest or the mean, and has no weights."

    image = np.array([[1, 3, 0, 0], [2, 2, 0, 8], [4, 0, 1, 1], [0, 0, 1, 5]])
    block = 2

    cell_size = 1.15
    middles_of_grids = ((-4.3, 0.75, 0), (1.1, 0.75, 0), (5.1, 0.75, 0))
    start_of_line = (-6.6, -2.55, 0)

    def construct(self):
        """Tell the story: block by block, the largest to one map and the mean to the other."""
        image, largest, means = self.make_grids()
        window, position = self.make_window(image, largest)
        size, block = format_size(self.image.shape), format_size((self.block, self.block))
        self.step(
            f"A feature map of {size}, row by row: {format_rows(self.image)}. Two empty maps, with "
            f"one cell for each block of {block}."
        )
        self.wait(0.6)

        self.play(Create(window), run_time=0.5)
        line = None
        for count, place in enumerate(np.ndindex(largest.values.shape)):
            leaving = [FadeOut(line)] if line else []
            self.play(position.animate.set_value(count), *leaving, run_time=0.5)
            corner = self.block * np.array(place)
            numbers = image.block(*corner, (self.block, self.block))
            cells = [corner + cell for cell in np.ndindex(self.block, self.block)]
            winner = max(cells, key=lambda cell: self.image[tuple(cell)])
            best = image.number(*winner)
            # The cell stays lit: the words speak of it when all has come to rest.
            marked = image.cell(*winner).animate.set_fill(INPUT.shade)
            self.play(marked, *largest.reveal(*place, best), run_time=0.8)

            terms = " + ".join(digits.text for digits in numbers)
            mean = format_number(means.values[place])
            line = self.write_line(f"({terms}) / {len(numbers)} = ", mean)
            self.play(FadeIn(line), run_time=0.3)
            self.play(*means.reveal(*place, line[-len(mean) :]), run_time=0.6)
            self.step(
                f"Of {', '.join(digits.text for digits in numbers)} the largest is {best.text}, "
                f"and the mean {line.text}."
            )
            self.wait(1.5)

        self.play(FadeOut(line, window), run_time=0.4)
        self.step(
            f"The largest of each block, marked in the map: {format_rows(largest.values)}. "
            f"The means: {format_rows(means.values)}. Of {self.image.size} numbers "
            f"{largest.values.size} are left in each map, and no weight was needed."
        )
        self.wait(2)

    def make_grids(self):
        """Lay out the map and the two that pooling makes of it, and name them."""
        shape = len(self.image) // self.block, self.block, -1, self.block
        largest = self.image.reshape(shape).max((1, 3))  # (row, within, column, within)
        equal = np.full((1, 1, self.block, self.block), self.block**-2.0)
        means = conv2d(self.image[None, None].astype(float), equal, stride=self.block)[0, 0]
        grids = (
            NumberGrid(self.image, INPUT, self.cell_size),
            NumberGrid(largest, OUTPUT, self.cell_size, empty=True),
            NumberGrid(means, OUTPUT, self.cell_size, empty=True),
        )
        words = ("feature map", "max pooling", "average pooling")
        for grid, middle, word in zip(grids, self.middles_of_grids, words, strict=True):
            grid.move_to(middle)
            self.add(grid, Lettering(word, 0.44, grid.role).shift(grid.get_top() + 0.25 * UP))
        return grids

    def make_window(self, image, result):
        """Hang a frame on a tracker: on block k at k."""
        window = frame(self.block, self.block, PLAIN, self.cell_size).set_z_index(1)
        position = ValueTracker(0)
        corners = [self.block * np.array(place) for place in np.ndindex(result.values.shape)]
        blocks = [image.center_of(*corner, (self.block, self.block)) for corner in corners]
        window.add_updater(follow(position, blocks), call_updater=True)
        return window, position

    def write_line(self, terms, total):
        """Write how a mean comes about, its result in the ink of the map."""
        line = Lettering(terms + total, 0.6)
        line[-len(total) :].set_color(OUTPUT.ink)
        return line.shift(self.start_of_line - line.get_left() * RIGHT)
