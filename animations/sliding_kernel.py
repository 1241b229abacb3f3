"""A kernel slides over an input and builds a feature map, a weighted sum at a time."""

from itertools import chain

import numpy as np
from manim import RIGHT, UP, Create, FadeIn, FadeOut, ReplacementTransform, ValueTracker

from animations.grid import KernelWindow, NumberGrid, frame
from animations.lettering import Lettering, format_rows, format_size
from animations.motion import fly, follow, make_way
from animations.roles import INPUT, KERNEL, OUTPUT
from animations.stage import LectureScene
from animations.sums import SumOfProducts
from cnnlib.conv import cross_correlate2d


class SlidingKernel(LectureScene):
    """A 2×3 kernel on a 4×4 input: six positions, six sums, a 3×2 feature map."""

    title = "A kernel slides over an input"
    point = (
        "At each place the kernel weighs the numbers below it and adds them up: one number each."
    )

    image = np.array([[3, 1, 0, 2], [0, 2, 1, 1], [1, 0, 2, 3], [2, 1, 0, 1]])
    kernel = np.array([[1, 0, -1], [2, 1, 0]])

    # High up: a player lays its controls over the lowest sixth of the picture.
    middles_of_grids = ((-4.2, 0.78, 0), (0.8, 0.78, 0), (4.7, 0.78, 0))
    start_of_sum = (-6.6, -2.57, 0)

    def construct(self):
        """Tell the story: the first position slowly, then all the others."""
        self.feature_map = cross_correlate2d(self.image, self.kernel)
        image, kernel, result = self.make_grids()
        names, sizes = self.make_names(image, kernel, result)
        window, marker, position = self.make_window(image, kernel, result)
        first, *others = np.ndindex(self.feature_map.shape)
        self.add(image, kernel, result, *names)
        self.step(
            f"The input, row by row: {format_rows(self.image)}. "
            f"The kernel: {format_rows(self.kernel)}. The feature map is empty."
        )
        self.wait(0.5)

        self.play(Create(window.frame), run_time=0.5)
        self.add(window)
        self.play(position.animate.set_value(0), run_time=0.8)
        make_way(image, window)
        self.play(window.animate.tuck(), FadeIn(marker), run_time=0.6)
        self.step("The kernel lies on the upper left corner of the input, a weight on each number.")
        self.wait(0.4)

        line = self.make_sum(*first)
        for k, cell in enumerate(np.ndindex(self.kernel.shape)):
            factors = image.number(*cell), window.weights[k]
            self.play(image.light_up(*cell), *self.multiply(factors, line, k), run_time=0.5)
        self.play(FadeIn(line.signs[-1]), run_time=0.2)
        self.play(FadeIn(line.total), run_time=0.3)
        self.play(*result.reveal(*first, line.total), run_time=0.6)
        self.step(self.say_sum(first, line))
        self.wait(0.4)

        for step, place in enumerate(others, start=1):
            before, line = line, self.make_sum(*place, like=line)
            leaving = FadeOut(before.inputs, before.total, run_time=0.3)
            self.play(position.animate.set_value(step), leaving, run_time=0.4)
            # Six numbers that flew at once could not be followed.
            self.play(FadeIn(line.inputs), run_time=0.3)
            self.play(FadeIn(line.total), run_time=0.2)
            self.play(*result.reveal(*place, line.total), run_time=0.4)
            self.step(self.say_sum(place, line))
            self.wait(1.1)

        self.play(*chain.from_iterable(map(self.name_size, names, sizes)), run_time=0.6)
        self.step(self.say_result(sizes))
        self.wait(2)

    def make_grids(self):
        """Lay out input, kernel and the empty feature map side by side."""
        image = NumberGrid(self.image, INPUT)
        kernel = NumberGrid(self.kernel, KERNEL)
        result = NumberGrid(self.feature_map, OUTPUT, empty=True)
        for grid, middle in zip((image, kernel, result), self.middles_of_grids, strict=True):
            grid.move_to(middle)
        return image, kernel, result

    def make_names(self, *grids):
        """Write a name over each grid, without and with its size."""
        names, sizes = [], []
        for grid, word in zip(grids, ("input", "kernel", "feature map"), strict=True):
            size = format_size(grid.values.shape)
            above = grid.get_top() + 0.25 * UP
            names.append(Lettering(word, 0.46, grid.role).shift(above))
            sizes.append(Lettering(f"{size} {word}", 0.46, grid.role).shift(above))
        return names, sizes

    def make_window(self, image, kernel, result):
        """Hang the window and the marker of its cell in the map on one tracker.

        At −1 the window lies on the kernel, at k on position k of the input.
        """
        window = KernelWindow(self.kernel).set_z_index(1)
        marker = frame(1, 1, OUTPUT).set_z_index(1)
        position = ValueTracker(-1)
        places = list(np.ndindex(self.feature_map.shape))
        blocks = [image.center_of(*place, self.kernel.shape) for place in places]
        cells = [result.center_of(*place) for place in places]
        window.add_updater(follow(position, [kernel.get_center(), *blocks], start=-1))
        marker.add_updater(follow(position, cells), call_updater=True)
        return window.update(), marker, position

    def make_sum(self, row, column, like=None):
        """Write out the sum that gives one number of the map."""
        rows, columns = self.kernel.shape
        patch = self.image[row : row + rows, column : column + columns]
        total = self.feature_map[row, column]
        line = SumOfProducts(patch.flat, self.kernel.flat, total, like=like)
        return line if like else line.shift(self.start_of_sum - line.get_left() * RIGHT)

    def multiply(self, factors, line, k):
        """Bring a number and its weight from the window to product k of the sum."""
        return *map(fly, factors, (line.inputs[k], line.weights[k])), FadeIn(line.signs[k])

    def say_sum(self, place, line):
        """Put one number of the map into words."""
        row, column = np.add(place, 1)
        return f"Multiplied and added up, for row {row}, column {column} of the map: {line.text}."

    def say_result(self, sizes):
        """Put the complete map into words."""
        down, across = self.feature_map.shape
        image, kernel, result = (size.text for size in sizes)
        return (
            f"The {kernel} fits on the {image} in {down} places downwards and {across} across. "
            f"The {result} holds the sums, row by row: {format_rows(self.feature_map)}."
        )

    def name_size(self, name, size):
        """Put the size before a name."""
        return ReplacementTransform(name, size[-len(name) :]), FadeIn(size[: -len(name)])
