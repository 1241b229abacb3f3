"""The same kernel twice over the same input: as it is, and turned by 180 degrees."""

import numpy as np
from manim import PI, RIGHT, UP, Create, FadeIn, FadeOut, ValueTracker

from animations.grid import KernelWindow, NumberGrid
from animations.lettering import Lettering, format_rows
from animations.motion import follow, make_way
from animations.roles import INPUT, KERNEL, OUTPUT, PLAIN
from animations.stage import LectureScene
from animations.sums import SumOfProducts
from cnnlib.conv import convolve2d, cross_correlate2d


class FlippedKernel(LectureScene):
    """Cross-correlation above, convolution below, and what is between them."""

    title = "Convolution against cross-correlation"
    point = (
        "Convolution turns the kernel by 180° before it slides; unless the kernel looks the same "
        "then, the two maps differ."
    )

    image = np.array([[3, 1, 0], [0, 2, 1], [1, 0, 2]])
    kernel = np.array([[1, 2], [0, -1]])

    cell_size = 1.02
    middle_of_image = (-5.2, 0.67, 0)
    middles_of_kernels = ((-1.7, 2.1, 0), (-1.7, -0.8, 0))
    middles_of_maps = ((2.15, 2.1, 0), (2.15, -0.8, 0))
    middle_of_difference = (5.55, 0.65, 0)
    start_of_sum = (-6.7, -2.57, 0)

    def construct(self):
        """Tell the story: slide, turn, slide, compare."""
        image = self.make_grid(self.image, INPUT, "input", self.middle_of_image)
        kernel = self.make_grid(self.kernel, KERNEL, "kernel", self.middles_of_kernels[0])
        self.step(
            f"The input, row by row: {format_rows(self.image)}. "
            f"The kernel, which looks different when turned by 180°: {format_rows(self.kernel)}."
        )
        self.wait(0.5)

        correlated = cross_correlate2d(self.image, self.kernel)
        above = self.slide(image, kernel, correlated, "cross-correlation", self.middles_of_maps[0])
        turned = self.turn(kernel)
        self.step(
            "For the convolution a copy of the kernel is turned by 180°: "
            f"{format_rows(turned.values)}."
        )
        self.wait(0.4)
        convolved = convolve2d(self.image, self.kernel)
        below = self.slide(image, turned, convolved, "convolution", self.middles_of_maps[1])

        difference = correlated - convolved
        apart = NumberGrid(difference, PLAIN, self.cell_size).move_to(self.middle_of_difference)
        differ = [place for place in np.ndindex(difference.shape) if difference[place]]
        cells = [grid.cell(*place) for grid in (above, below) for place in differ]
        lit = [cell.animate.set_fill(OUTPUT.shade) for cell in cells]
        self.play(*lit, FadeIn(apart, self.name(apart, "difference")), run_time=1)
        self.step(
            f"Cross-correlation: {format_rows(correlated)}. Convolution: {format_rows(convolved)}. "
            f"The first less the second: {format_rows(difference)}. "
            f"They differ in {len(differ)} of {difference.size} places, which are marked."
        )
        self.wait(2)

    def make_grid(self, values, role, word, middle):
        """Put a matrix with its name into the scene."""
        grid = NumberGrid(values, role, self.cell_size).move_to(middle)
        self.add(grid, self.name(grid, word))
        return grid

    def name(self, grid, word):
        """Write a name over a grid."""
        return Lettering(word, 0.44, grid.role).shift(grid.get_top() + 0.2 * UP)

    def turn(self, kernel):
        """Copy the kernel downwards and lead its weights round, each to the opposite corner."""
        turned = NumberGrid(kernel.values[::-1, ::-1], KERNEL, self.cell_size)
        turned.move_to(self.middles_of_kernels[1])
        copy = NumberGrid(kernel.values, KERNEL, self.cell_size).move_to(kernel)
        self.play(copy.animate.move_to(turned), run_time=0.7)
        ways = zip(copy.numbers, reversed(turned.numbers), strict=True)
        self.play(
            *(digits.animate(path_arc=PI).move_to(place) for digits, place in ways),
            FadeIn(self.name(turned, "turned by 180°")),
            run_time=1.2,
        )
        self.remove(copy)
        self.add(turned)
        return turned

    def slide(self, image, kernel, values, word, middle):
        """Slide a kernel over the input and fill a map, a step at each place."""
        result = NumberGrid(values, OUTPUT, self.cell_size, empty=True).move_to(middle)
        window, position = self.make_window(image, kernel, result)
        self.play(FadeIn(result, self.name(result, word)), Create(window.frame), run_time=0.6)
        self.add(window)
        self.play(position.animate.set_value(0), run_time=0.6)
        make_way(image, window)
        self.play(window.animate.tuck(), run_time=0.4)
        line = None
        for count, place in enumerate(np.ndindex(result.values.shape)):
            self.play(position.animate.set_value(count), run_time=0.4 if count else 0.1)
            line = self.write_sum(image, kernel, result, place, line)
            self.play(*result.reveal(*place, line.total), run_time=0.4)
            row, column = np.add(place, 1)
            self.step(f"{word.capitalize()}, row {row}, column {column}: {line.text}.")
            self.wait(0.9)
        image.numbers.clear_updaters()
        home = zip(image.numbers, image.cells, strict=True)
        back = [digits.animate.move_to(cell) for digits, cell in home]
        self.play(FadeOut(window, line), *back, run_time=0.3)
        return result

    def make_window(self, image, kernel, result):
        """Hang a window on a tracker: on the kernel at −1, on position k of the input at k."""
        window = KernelWindow(kernel.values, cell_size=self.cell_size).set_z_index(1)
        position = ValueTracker(-1)
        places = np.ndindex(result.values.shape)
        blocks = [image.center_of(*place, kernel.values.shape) for place in places]
        window.add_updater(follow(position, [kernel.get_center(), *blocks], start=-1))
        return window.update(), position

    def write_sum(self, image, kernel, result, place, before):
        """Write out the sum that gives one number, where the one before stood."""
        (row, column), (rows, columns) = place, kernel.values.shape
        patch = image.values[row : row + rows, column : column + columns]
        line = SumOfProducts(patch.flat, kernel.values.flat, result.values[place], 0.54, before)
        if before is None:
            line.shift(self.start_of_sum - line.get_left() * RIGHT)
        else:
            self.remove(before)
        self.play(FadeIn(line), run_time=0.2)
        return line
