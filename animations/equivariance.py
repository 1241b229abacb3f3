"""Shift and convolution change places; with a stride, only for shifts that it divides."""

import numpy as np
from manim import DOWN, UP, Arrow, FadeIn, FadeOut, Group

from animations.images import Picture, WithPictures
from animations.lettering import Lettering, format_number
from animations.roles import INPUT, KERNEL, OUTPUT
from animations.stage import LectureScene
from cnnlib import datasets, kernels
from cnnlib.conv import conv2d


class Equivariance(WithPictures, LectureScene):
    """A garment shifted and convolved, convolved and shifted; then the same with a stride."""

    title = "Shift, then convolve; convolve, then shift"
    point = "A convolution commutes with every shift; with a stride, only with those it divides."
    frame_rate = 15  # nothing moves, it only fades

    garment = 0  # in the sample of the test set
    kernel = kernels.sobel("x")
    shift = 5  # pixels to the right: odd
    strides = (1, 2)

    start = np.array([-5.7, 0.6, 0])
    columns, rows = (-1.75, 2.2), (2.15, -0.95)
    right = 5.5
    height = 2.3

    def construct(self):
        """Tell the story: two ways that meet, and with a stride two that do not."""
        sample = datasets.load("fashion-mnist", "test", sample=True)
        self.image = sample.images[self.garment, ..., 0] / 255
        self.name = sample.classes[sample.labels[self.garment]]
        picture = Picture(self.image, self.height, role=INPUT).move_to(self.start)
        self.add(picture, self.label("input", picture, INPUT))
        self.step(self.say_input())
        self.wait(1)

        gone = Group()
        for number, stride in enumerate(self.strides):
            ways, arrows = self.make_ways(stride), self.make_arrows(stride)
            for index, (pictures, signs) in enumerate(zip(ways, arrows, strict=True)):
                leaving = [FadeOut(gone)] if gone and not index else []
                for picture, arrow in zip(pictures, signs, strict=True):
                    self.play(FadeIn(arrow), *leaving, run_time=0.4)
                    self.play(FadeIn(picture), run_time=0.6)
                    leaving = []
                self.step(self.say_way(index, stride))
                self.wait(0.6)
            gone = Group(*ways[0], *ways[1], *arrows[0], *arrows[1])
            verdict = self.make_verdict(stride).shift([self.right, self.rows[number] - 0.2, 0])
            self.play(FadeIn(verdict), run_time=0.6)
            self.step(self.say_difference(stride))
            self.wait(1.6)
        self.step(self.say_result())
        self.wait(2)

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
        shifted = [np.roll(plain, by, axis=1) for by in range(plain.shape[1])]
        closest = min(shifted, key=lambda below: np.abs(above - below).max())
        return (moved, above), (plain, closest)

    def difference(self, stride, shift):
        """Measure how far apart the ways end, in parts of the map's largest value."""
        (_, above), (_, below) = self.two_ways(stride, shift)
        return np.abs(above - below).max() / np.abs(above).max()

    def make_ways(self, stride):
        """Draw what stands on both ways."""
        (moved, above), (plain, below) = self.two_ways(stride, self.shift)
        limits = (0, max(np.abs(above).max(), np.abs(plain).max()))
        ways = [Picture(moved, self.height, role=INPUT)], []
        ways[0].append(Picture(above, self.height, True, limits, OUTPUT))
        ways[1].extend(Picture(map_, self.height, True, limits, OUTPUT) for map_ in (plain, below))
        for way, y in zip(ways, self.rows, strict=True):
            for picture, x in zip(way, self.columns, strict=True):
                picture.move_to([x, y, 0])
        return ways

    def make_arrows(self, stride):
        """Draw the arrows of both ways, and what is done along them."""
        kernel = "kernel" if stride == 1 else f"stride {stride}"
        words = ("shift", INPUT), (kernel, KERNEL)
        return [
            [self.make_arrow(0, y, *words[row]), self.make_arrow(1, y, *words[1 - row])]
            for row, y in enumerate(self.rows)
        ]

    def make_arrow(self, column, y, word, role):
        """Draw one arrow: from the input up or down to a row, or along it."""
        half = self.height / 2 + 0.1
        left = (self.start[0], self.columns[0])[column] + half
        right = self.columns[column] - half
        from_y = y if column else self.start[1] + 0.4 * np.sign(y - self.start[1])
        line = Arrow([left, from_y, 0], [right, y, 0], buff=0, stroke_width=5, color=role.line)
        away = 0.28 * UP if column or y > self.start[1] else 0.62 * DOWN
        bend = 0.45 * np.sign(y - self.start[1]) * UP * (column == 0)
        return Group(line, Lettering(word, 0.34, role).shift(line.get_center() + away + bend))

    def make_verdict(self, stride):
        """Write how far apart the two ways end."""
        difference = self.difference(stride, self.shift)
        lines = f"stride {stride}:", "difference", f"{format_number(round(difference, 2))}"
        texts = [Lettering(line, size) for line, size in zip(lines, (0.44, 0.44, 0.8), strict=True)]
        return Group(*(t.shift(y * UP) for t, y in zip(texts, (0.7, 0.15, -0.7), strict=True)))

    def label(self, word, picture, role):
        """Write a word over a picture."""
        return Lettering(word, 0.44, role).shift(picture.get_top() + 0.22 * UP)

    def say_input(self):
        """Put the input into words."""
        rows, columns = self.image.shape
        return (
            f"The input: a garment ({self.name}) of {rows} by {columns} pixels. The kernel finds "
            "edges; at the borders, the image goes on at its other side."
        )

    def say_way(self, index, stride):
        """Put one of the ways into words."""
        pace = f" with stride {stride}" if stride > 1 else ""
        if index == 0:
            return f"One way: first shift the image by {self.shift} pixels, then convolve it{pace}."
        closest = "" if stride == 1 else ", by the number of its own pixels that comes closest"
        return f"The other way: first convolve{pace}, then shift the map{closest}."

    def say_difference(self, stride):
        """Put the comparison of the ends into words."""
        difference = self.difference(stride, self.shift)
        if difference == 0:
            return "Both ways end with the same map. The largest difference of two pixels is 0."
        return (
            f"The maps differ: at the worst pixel by {difference:.0%} of the largest value. "
            f"A shift by {self.shift} is {format_number(self.shift / stride)} pixels of the map, "
            "and no shift by whole pixels can do that."
        )

    def say_result(self):
        """Put the whole into words."""
        stride, even = self.strides[1], self.shift + 1
        return (
            "So a convolution commutes with every shift. With a stride it does so only for shifts "
            f"that the stride divides: stride {stride} and a shift by {even} leave a difference of "
            f"{format_number(self.difference(stride, even))}."
        )
