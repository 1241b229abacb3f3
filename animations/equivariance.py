"""Shift and convolution change places; with a stride, only for shifts that it divides."""

from itertools import chain

import numpy as np
from manim import DOWN, LEFT, RIGHT, UP, Arrow, FadeIn, FadeOut, Group, VMobject

from animations.images import Picture
from animations.lettering import Lettering, format_number
from animations.pixel_camera import FILM_PIXEL, WithPictures
from animations.roles import INPUT, KERNEL, OUTPUT, PLAIN
from animations.stage import LectureScene
from cnnlib import datasets, kernels
from cnnlib.conv import conv2d


class Equivariance(WithPictures, LectureScene):
    """A garment shifted and convolved, convolved and shifted; the same twice with a stride."""

    title = "Shift, then convolve; convolve, then shift"
    point = "A convolution commutes with every shift; with a stride, only with those it divides."
    frame_rate = 15  # nothing moves, it only fades

    garment = 0  # in the sample of the test set
    kernel = kernels.sobel("x")
    rounds = (1, 5), (2, 5), (2, 6)  # stride, and shift in pixels to the right

    start = np.array([-5.75, 0.6, 0])
    columns, rows = (-1.95, 1.95), (2.15, -0.95)
    right = 5.25
    height = 196 * FILM_PIXEL  # whole pixels of the film for each of the image, and of the maps

    def construct(self):
        """Tell the story: two ways that meet, with a stride two that do not, and two that do."""
        sample = datasets.load("fashion-mnist", "test", sample=True)
        self.image = sample.images[self.garment, ..., 0] / 255
        self.name = sample.classes[sample.labels[self.garment]]
        picture = Picture(self.image, self.height, role=INPUT).move_to(self.start)
        self.add(picture, self.label("input", picture, INPUT))
        self.step(self.say_input())
        self.wait(1.6)

        *slowly, last = self.rounds
        for stride, shift in slowly:
            ways, arrows = self.make_ways(stride, shift), self.make_arrows(stride, shift)
            for index, (pictures, signs) in enumerate(zip(ways, arrows, strict=True)):
                for shown, arrow in zip(pictures, signs, strict=True):
                    self.play(FadeIn(arrow), run_time=0.3)
                    self.play(FadeIn(shown), run_time=0.5)
                self.step(self.say_way(index, stride, shift))
                self.wait(0.7)
            verdict = self.make_verdict(stride, shift)
            self.play(FadeIn(verdict), run_time=0.5)
            self.step(self.say_difference(stride, shift))
            self.wait(1.7)
            # A verdict must not stand beside other maps than those that it compares.
            self.play(FadeOut(*chain(*ways, *arrows), verdict), run_time=0.4)

        both_ways = chain(*self.make_ways(*last), *self.make_arrows(*last))
        self.play(FadeIn(*both_ways), run_time=0.8)
        self.step(self.say_again(*last))
        self.wait(1.2)
        verdict = self.make_verdict(*last)
        self.play(FadeIn(verdict), run_time=0.5)
        self.step(self.say_difference(*last))
        self.wait(1.5)
        self.play(FadeOut(verdict), FadeIn(self.make_table()), run_time=0.6)
        self.step(self.say_result())
        self.wait(3)

    def convolve(self, image, stride):
        """Return the feature map of an image whose borders are joined."""
        x, weight = image[None, None], self.kernel[None, None]
        options = {"padding": 1, "padding_mode": "circular"}
        # Loops add the same products in the same order everywhere: equal to the last bit.
        return conv2d(x, weight, stride=stride, **options, method="loops")[0, 0]

    def two_ways(self, stride, shift):
        """Go both ways from the input.

        The second shifts the map by the whole number of its pixels that comes closest.

        Returns
        -------
        tuple
            Shifted input and its map; map of the input, and that map shifted.
        """
        moved = np.roll(self.image, shift, axis=1)
        above, plain = self.convolve(moved, stride), self.convolve(self.image, stride)
        below = np.roll(plain, self.shift_of_map(stride, shift), axis=1)
        return (moved, above), (plain, below)

    def shift_of_map(self, stride, shift):
        """Find the whole number of the map's pixels that comes closest to a shift of the image."""
        above = self.convolve(np.roll(self.image, shift, axis=1), stride)
        plain = self.convolve(self.image, stride)
        away = [np.abs(above - np.roll(plain, by, axis=1)).max() for by in range(plain.shape[1])]
        return int(np.argmin(away))

    def difference(self, stride, shift):
        """Measure how far apart the ways end, in parts of the map's largest value."""
        (_, above), (_, below) = self.two_ways(stride, shift)
        return np.abs(above - below).max() / np.abs(above).max()

    def make_ways(self, stride, shift):
        """Draw what stands on both ways."""
        (moved, above), (plain, below) = self.two_ways(stride, shift)
        limit = max(np.abs(above).max(), np.abs(plain).max())
        ways = [Picture(moved, self.height, role=INPUT)], []
        ways[0].append(Picture(above, self.height, limit, OUTPUT))
        ways[1].extend(Picture(map_, self.height, limit, OUTPUT) for map_ in (plain, below))
        for way, y in zip(ways, self.rows, strict=True):
            for picture, x in zip(way, self.columns, strict=True):
                picture.move_to([x, y, 0])
        return ways

    def make_arrows(self, stride, shift):
        """Draw the arrows of both ways, and what is done along them."""
        kernel = "kernel" if stride == 1 else f"stride {stride}", KERNEL
        moving = f"shift {shift}", INPUT
        moving_map = f"shift {self.shift_of_map(stride, shift)}", OUTPUT
        return tuple(
            [self.make_arrow(column, y, *word) for column, word in enumerate(words)]
            for y, words in zip(self.rows, ((moving, kernel), (kernel, moving_map)), strict=True)
        )

    def make_arrow(self, column, y, word, role):
        """Draw one arrow: from the input up or down to a row, or along it."""
        half = self.height / 2 + 0.1
        left = (self.start[0], self.columns[0])[column] + half
        right = self.columns[column] - half
        from_y = y if column else self.start[1] + 0.4 * np.sign(y - self.start[1])
        line = Arrow([left, from_y, 0], [right, y, 0], buff=0, stroke_width=5, color=role.line)
        away = 0.28 * UP if column or y > self.start[1] else 0.66 * DOWN + 0.15 * LEFT
        bend = 0.5 * np.sign(y - self.start[1]) * UP * (column == 0)
        return Group(line, Lettering(word, 0.4, role).shift(line.get_center() + away + bend))

    def make_verdict(self, stride, shift):
        """Join the ends of the two ways, and write how far apart they are."""
        edge = (self.columns[1] + self.height / 2 + 0.12) * RIGHT
        corners = [edge + end for end in (self.rows[0] * UP, self.rows[1] * UP)]
        away = 0.25 * RIGHT
        ends = [corners[0], corners[0] + away, corners[1] + away, corners[1]]
        bracket = VMobject().set_points_as_corners(ends).set_stroke(PLAIN.line, width=4)
        lines = f"stride {stride}, shift {shift}:", "difference", self.write(stride, shift)
        texts = [Lettering(line, size) for line, size in zip(lines, (0.4, 0.44, 0.8), strict=True)]
        for text, y in zip(texts, (0.7, 0.15, -0.7), strict=True):
            text.shift([self.right, np.mean(self.rows) + y, 0])
        return Group(bracket, *texts)

    def make_table(self):
        """Write the differences of all rounds below each other."""
        top = np.mean(self.rows) + 1.4
        table = [Lettering("difference", 0.44).shift([self.right, top + 0.7, 0])]
        for number, way in enumerate(self.rounds):
            y = top - 1.35 * number
            words = "stride {}, shift {}:".format(*way)
            table.append(Lettering(words, 0.4).shift([self.right, y, 0]))
            table.append(Lettering(self.write(*way), 0.56).shift([self.right, y - 0.57, 0]))
        return Group(*table)

    def write(self, stride, shift):
        """Write how far apart the two ways end."""
        return format_number(round(self.difference(stride, shift), 2))

    def label(self, word, picture, role):
        """Write a word over a picture."""
        return Lettering(word, 0.44, role).shift(picture.get_top() + 0.22 * UP)

    def say_input(self):
        """Put the input into words."""
        rows, columns = self.image.shape
        return (
            f"The input: a garment ({self.name}) of {rows} by {columns} pixels. The kernel finds "
            "edges; at the borders, the image goes on at its other side. In the maps to come, "
            "orange is positive and blue negative."
        )

    def say_way(self, index, stride, shift):
        """Put one of the ways into words."""
        pace = f" with stride {stride}" if stride > 1 else ""
        if index == 0:
            return f"One way: first shift the image by {shift} pixels, then convolve it{pace}."
        by = f"by {self.shift_of_map(stride, shift)}"
        closest = by if stride == 1 else f"{by} of its own pixels, which comes closest"
        return f"The other way: first convolve{pace}, then shift the map {closest}."

    def say_difference(self, stride, shift):
        """Put the comparison of the ends into words."""
        difference = self.difference(stride, shift)
        if difference == 0:
            return "Both ways end with the same map. The largest difference of two pixels is 0."
        return (
            f"The maps differ: at the worst pixel by {difference:.0%} of the largest value. "
            f"A shift by {shift} is {format_number(shift / stride)} pixels of the map, "
            "and no shift by whole pixels can do that."
        )

    def say_again(self, stride, shift):
        """Put both ways of the last round into words."""
        return (
            f"Again with stride {stride}, but the image is shifted by {shift} pixels, and the map "
            f"by {self.shift_of_map(stride, shift)} of its own."
        )

    def say_result(self):
        """Put the whole into words."""
        rounds = "; ".join(
            f"stride {stride} and shift {shift}: {self.write(stride, shift)}"
            for stride, shift in self.rounds
        )
        return (
            f"The differences, in parts of the largest value. {rounds[0].upper()}{rounds[1:]}. So "
            "a convolution commutes with every shift; with a stride, only with those it divides."
        )
