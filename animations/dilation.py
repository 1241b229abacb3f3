"""Dilation: the same nine weights, further and further apart."""

import numpy as np
from manim import DOWN, RIGHT, UP, FadeIn, FadeOut, Square, VGroup, linear

from animations.grid import NumberGrid, frame
from animations.lettering import Lettering, format_rows, format_size, spell
from animations.roles import INPUT, KERNEL
from animations.stage import LectureScene
from animations.sweep import Sweep
from animations.window_sums import say_rule, write_rule
from cnnlib.conv import conv2d


class Dilation(LectureScene):
    """A 7×7 input and a kernel of nine ones, with dilation 1, 2 and 3."""

    title = "Dilation"
    point = "Dilation spreads the same weights: they see further, and fit in fewer places."

    image = np.array(
        [
            [1, 0, 2, 1, 0, 3, 1],
            [0, 2, 1, 0, 1, 2, 0],
            [3, 1, 0, 2, 0, 1, 2],
            [1, 0, 1, 3, 2, 0, 1],
            [0, 2, 0, 1, 1, 3, 0],
            [2, 1, 3, 0, 2, 1, 1],
            [1, 0, 1, 2, 0, 1, 3],
        ],
        float,
    )
    kernel = np.ones((3, 3))
    dilations = (1, 2, 3)

    cell_size = 0.74
    middle_of_image = (-4.15, 0.55, 0)
    middles_of_maps = ((0.95, 0.95, 0), (4.35, 0.95, 0), (6.15, 0.95, 0))
    pixel_of_footprint, foot, height_of_spans = 0.19, -2.1, -2.5

    def construct(self):
        """Tell the story: slide, spread, slide again."""
        image = NumberGrid(self.image, INPUT, self.cell_size).move_to(self.middle_of_image)
        taps = self.make_taps(image, 1)
        total = f"the sum of the {spell(self.kernel.size)} in the frames"
        rule = write_rule(total)
        self.add(image, self.name(image, "input"), rule)
        self.step(
            f"An input of {format_size(self.image.shape)}, row by row: {format_rows(self.image)}. "
            f"{say_rule(self.kernel, total)}"
        )
        self.wait(0.6)
        self.play(FadeIn(taps), run_time=0.4)

        spans = []
        for dilation, middle in zip(self.dilations, self.middles_of_maps, strict=True):
            if dilation > 1:
                self.play(*self.spread(image, taps, dilation), run_time=0.8)
            spans.append(dilation * (len(self.kernel) - 1) + 1)
            values = self.convolve(dilation)
            sweep = Sweep(image, values, spans[-1], window=taps, hops=True)
            sweep.result.move_to(middle)
            self.play(FadeIn(sweep.result, *self.label(sweep.result, dilation)), run_time=0.4)
            self.play(sweep.go(), run_time=0.2 + 0.1 * sweep.last, rate_func=linear)
            sweep.stop()
            self.step(
                f"Dilation {dilation}: the weights are {dilation} apart, and the kernel spans "
                f"{spans[-1]} pixels along an axis. It fits in {format_size(values.shape)} places. "
                f"The map: {format_rows(values)}."
            )
            self.wait(1.8)

        self.play(FadeOut(rule), FadeIn(self.draw_footprints(spans)), run_time=0.5)
        self.step(
            f"Always {self.kernel.size} weights, but they span {', '.join(map(str, spans))} of the "
            f"{len(self.image)} pixels along an axis, as the small pictures below the maps show. "
            "The further they see, the smaller the map."
        )
        self.wait(2.5)

    def name(self, grid, word):
        """Write a name over a grid."""
        return Lettering(word, 0.42, grid.role).shift(grid.get_top() + 0.2 * UP)

    def label(self, grid, dilation):
        """Write the dilation over a map and its size below."""
        below = Lettering(format_size(grid.values.shape), 0.42, grid.role)
        return self.name(grid, f"d = {dilation}"), below.shift(grid.get_bottom() + 0.5 * DOWN)

    def make_taps(self, image, dilation):
        """Frame the pixels that the kernel reads at its first place."""
        places = dilation * np.argwhere(self.kernel)
        squares = [frame(1, 1, KERNEL, self.cell_size) for _ in places]
        for square, place in zip(squares, places, strict=True):
            square.move_to(image.center_of(*place))
        return VGroup(*squares).set_z_index(1)

    def draw_footprints(self, spans):
        """Draw below each map, small, which pixels of its window the kernel reads."""
        footprints, side = VGroup(), self.pixel_of_footprint
        for dilation, span, (x, _, _) in zip(
            self.dilations, spans, self.middles_of_maps, strict=True
        ):
            window = Square(span * side).set_fill(INPUT.tint, opacity=1)
            window.set_stroke(INPUT.line, width=1.5).move_to([x, self.foot, 0], aligned_edge=DOWN)
            middle, pixels = window.get_center(), []
            for row, column in dilation * np.argwhere(self.kernel) - (span - 1) / 2:
                pixel = Square(0.8 * side).set_fill(KERNEL.line, opacity=1).set_stroke(width=0)
                pixels.append(pixel.move_to(middle + side * (row * DOWN + column * RIGHT)))
            words = Lettering(f"span {span}", 0.4, KERNEL).shift([x, self.height_of_spans, 0])
            footprints.add(window, *pixels, words)
        return footprints

    def spread(self, image, taps, dilation):
        """Lead the frames to where a dilation has them, at the first place."""
        there = self.make_taps(image, dilation)
        return [tap.animate.move_to(goal) for tap, goal in zip(taps, there, strict=True)]

    def convolve(self, dilation):
        """Compute the map for a dilation."""
        return conv2d(self.image[None, None], self.kernel[None, None], dilation=dilation)[0, 0]
