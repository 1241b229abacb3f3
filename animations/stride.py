"""Stride: every second place only, and the pixels that no window reads."""

import numpy as np
from manim import UP, Create, FadeIn, FadeOut, linear

from animations.grid import NumberGrid
from animations.lettering import Lettering, format_number, format_rows, format_size
from animations.roles import INPUT, OUTPUT, PLAIN
from animations.stage import LectureScene
from animations.sweep import Sweep
from animations.window_sums import over_window, say_rule, write_rule
from cnnlib.conv import conv2d, conv2d_backward


class Stride(LectureScene):
    """A 6×6 input and a kernel of nine ones, with stride 1 and with stride 2."""

    title = "Stride, and the pixels that it drops"
    point = (
        "A stride of 2 keeps every second number of the map, and may never read the last pixels."
    )

    image = np.array(
        [
            [1, 0, 2, 1, 0, 3],
            [0, 2, 1, 0, 1, 2],
            [3, 1, 0, 2, 0, 1],
            [1, 0, 1, 3, 2, 0],
            [0, 2, 0, 1, 1, 3],
            [2, 1, 3, 0, 2, 1],
        ],
        float,
    )
    kernel = np.ones((3, 3))
    stride = 2

    cell_size = 0.86
    middles = ((-4.2, 0.6, 0), (1.1, 0.6, 0), (5.2, 0.6, 0))

    def construct(self):
        """Tell the story: all places, then every second, then what was left out."""
        image = NumberGrid(self.image, INPUT, self.cell_size).move_to(self.middles[0])
        total = over_window(self.kernel)
        self.add(image, self.name(image, "input"), write_rule(total))
        self.step(
            f"An input of {self.size(image)}, row by row: {format_rows(self.image)}. "
            f"{say_rule(self.kernel, total)}"
        )
        self.wait(0.6)

        every = self.slide(image, 1, self.middles[1])
        self.play(every.go(), run_time=0.11 * every.last, rate_func=linear)
        every.stop()
        self.step(
            f"With stride 1 the kernel stops at each of {self.size(every.result)} places. "
            f"The map: {format_rows(every.result.values)}."
        )
        self.wait(0.6)
        self.play(FadeOut(every.window), run_time=0.3)

        second = self.slide(image, self.stride, self.middles[2])
        for count, place in enumerate(np.ndindex(second.result.values.shape)):
            there = self.stride * np.array(place)
            # The cells stay lit, so that in the end they are all to be seen at once.
            kept = every.result.cell(*there).animate.set_fill(OUTPUT.shade)
            self.play(second.position.animate.set_value(count), kept, run_time=0.7)
            row, column = there + 1
            number = format_number(second.result.values[place])
            self.step(
                f"Stride {self.stride}, upper left corner of the window at row {row}, column "
                f"{column}: {number}, as the first map has it at row {row}, column {column}."
            )
            self.wait(1.2)
        second.stop()

        dropped = self.find_dropped()
        fading = [self.fade(image, *place) for place in dropped]
        self.play(FadeOut(second.window), *fading, run_time=0.8)
        self.step(
            f"A map of {self.size(second.result)} is left: {format_rows(second.result.values)}. "
            f"{len(dropped)} of the {self.image.size} pixels, the last row and the last column, "
            f"have been read by no window of stride {self.stride}. In the first map the numbers "
            "that the second has kept are marked: every second of every second row."
        )
        self.wait(3)

    def name(self, grid, word):
        """Write a name over a grid."""
        return Lettering(word, 0.42, grid.role).shift(grid.get_top() + 0.2 * UP)

    def size(self, grid):
        """Write a grid's size."""
        return format_size(grid.values.shape)

    def slide(self, image, stride, middle):
        """Show the frame on its first place, and an empty map."""
        x, weight = self.image[None, None], self.kernel[None, None]
        values = conv2d(x, weight, stride=stride)[0, 0]
        sweep = Sweep(image, values, len(self.kernel), stride)
        sweep.result.move_to(middle)
        name = self.name(sweep.result, f"stride {stride}: {self.size(sweep.result)}")
        self.play(Create(sweep.window), FadeIn(sweep.result, name), run_time=0.5)
        return sweep

    def find_dropped(self):
        """Find the pixels on which no number of the map depends: their gradient is zero."""
        x, weight = self.image[None, None], self.kernel[None, None]
        ones = np.ones_like(conv2d(x, weight, stride=self.stride))
        reads, _, _ = conv2d_backward(ones, x, weight, stride=self.stride)
        return [tuple(place) for place in np.argwhere(reads[0, 0] == 0)]

    def fade(self, image, row, column):
        """Take the colour from a pixel."""
        image.number(row, column).set_color(PLAIN.line)
        return image.cell(row, column).animate.set_fill(opacity=0).set_stroke(PLAIN.tint)
