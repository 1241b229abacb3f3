"""Kernels of three slices on an input of three channels: one map for each kernel."""

from itertools import pairwise

import numpy as np
from manim import UP, Arrow, Create, FadeIn, ValueTracker, VGroup

from animations.grid import NumberGrid, frame
from animations.lettering import CAP_HEIGHT, MINUS, TIMES, Lettering, format_number, format_rows
from animations.motion import follow
from animations.roles import INPUT, KERNEL, OUTPUT, PLAIN
from animations.stage import LectureScene
from cnnlib.conv import conv2d, cross_correlate2d
from cnnlib.shapes import count_parameters


class Channels(LectureScene):
    """Columns are input channels, rows are kernels; at the end of a row stands its map."""

    title = "Many channels in, many maps out"
    point = "A kernel has a slice for each input channel, and adds up what the slices find."

    # (channel, row, column) and (kernel, channel, row, column)
    image = np.array(
        [
            [[1, 0, 2], [1, 3, 1], [2, 1, 0]],
            [[1, 1, 1], [2, 0, 0], [1, 1, 3]],
            [[2, 1, 0], [0, 1, 2], [1, 0, 1]],
        ]
    )
    weight = np.array(
        [
            [[[1, 0], [0, 1]], [[2, 0], [0, -1]], [[0, -1], [1, 0]]],
            [[[0, 1], [1, 0]], [[1, -1], [0, 0]], [[1, 0], [0, 2]]],
        ]
    )

    cell_size = 0.68
    columns = (-3.9, -1.2, 1.5)  # of the channels and of the slices
    column_of_maps, column_of_names, column_of_count = 5.1, -5.85, 4.95
    row_of_input, rows_of_kernels = 2.26, (0.4, -1.44)
    height_of_channel_names, height_of_map_names = 3.4, 1.24
    below = 0.98  # from a kernel's middle to its sums

    def construct(self):
        """Tell the story: a number slowly, its map, then a second kernel and its map."""
        self.maps = conv2d(self.image[None].astype(float), self.weight.astype(float))[0]
        channels = self.make_channels()
        kernels, results = self.make_kernels(), self.make_maps()
        places = list(np.ndindex(self.maps.shape[1:]))
        position = ValueTracker(0)
        windows = self.make_windows(channels, places, position)
        self.add(*channels, *self.make_names(), *kernels[0], self.make_arrow(0), results[0])
        self.step(self.say_layer())
        self.wait(0.5)

        line = self.write_sum(0, places[0])
        self.play(Create(windows), run_time=0.5)
        self.add(windows)
        for part in line:
            self.play(FadeIn(part), run_time=0.4)
        self.add(line)  # as a whole, in place of its parts
        self.play(*results[0].reveal(*places[0], line[-1]), run_time=0.5)
        self.step(self.say_sum(0, places[0]))
        self.wait(1.2)

        line = self.fill(results[0], 0, places, position, line, start=1)
        self.step(self.say_map(0))
        self.wait(1)

        self.remove(line)
        second = VGroup(self.make_row_name(1), *kernels[1], self.make_arrow(1), results[1])
        self.play(FadeIn(second), position.animate.set_value(0), run_time=0.6)
        self.step(self.say_kernel(1))
        self.wait(1)
        line = self.fill(results[1], 1, places, position, VGroup(), start=0)
        self.step(self.say_map(1))
        self.wait(1.5)

        self.remove(line, windows)
        self.play(FadeIn(self.make_count()), run_time=0.5)
        self.step(self.say_count())
        self.wait(2)

    def fill(self, result, kernel, places, position, line, start):
        """Move the windows on from place to place and put the sums into the map."""
        for k, place in enumerate(places[start:], start=start):
            self.remove(line)
            if k:
                self.play(position.animate.set_value(k), run_time=0.3)
            line = self.write_sum(kernel, place)
            self.add(line)
            self.play(*result.reveal(*place, line[-1]), run_time=0.4)
            self.wait(0.5)
        return line

    def make_channels(self):
        """Lay out the input, channel by channel."""
        middles = [(x, self.row_of_input, 0) for x in self.columns]
        return [
            NumberGrid(values, INPUT, self.cell_size).move_to(middle)
            for values, middle in zip(self.image, middles, strict=True)
        ]

    def make_kernels(self):
        """Lay out the kernels, each a row of slices under the channels that they weigh."""
        return [
            [
                NumberGrid(values, KERNEL, self.cell_size).move_to((x, y, 0))
                for values, x in zip(slices, self.columns, strict=True)
            ]
            for slices, y in zip(self.weight, self.rows_of_kernels, strict=True)
        ]

    def make_maps(self):
        """Lay out the empty maps, each at the end of its kernel's row."""
        return [
            NumberGrid(values, OUTPUT, self.cell_size, empty=True).move_to(
                (self.column_of_maps, y, 0)
            )
            for values, y in zip(self.maps, self.rows_of_kernels, strict=True)
        ]

    def make_names(self):
        """Name the channels, the first kernel and the maps."""
        names = [
            Lettering(f"channel {c}", 0.46, INPUT).shift((x, self.height_of_channel_names, 0))
            for c, x in enumerate(self.columns, start=1)
        ]
        maps = Lettering("feature maps", 0.46, OUTPUT)
        maps.shift((self.column_of_maps, self.height_of_map_names, 0))
        return *names, self.make_row_name(0), maps

    def make_row_name(self, kernel):
        """Name a kernel at the head of its row."""
        middle = self.column_of_names, self.rows_of_kernels[kernel] - 0.15, 0
        return Lettering(f"kernel {kernel + 1}", 0.46, KERNEL).shift(middle)

    def make_arrow(self, kernel):
        """Draw an arrow from a kernel's slices to its map: what they find is added up."""
        half, y = self.cell_size + 0.25, self.rows_of_kernels[kernel]
        ends = (self.columns[-1] + half, y, 0), (self.column_of_maps - half, y, 0)
        arrow = Arrow(*ends, buff=0, stroke_width=5, color=PLAIN.line)
        return VGroup(arrow, Lettering("sum", 0.44).shift(arrow.get_center() + 0.22 * UP))

    def make_windows(self, channels, places, position):
        """Frame the same place in all channels, the one that a tracker counts."""
        windows = VGroup()
        size = self.weight.shape[2:]
        for channel in channels:
            window = frame(*size, KERNEL, self.cell_size).set_z_index(1)
            stops = [channel.center_of(*place, size) for place in places]
            windows.add(window.add_updater(follow(position, stops), call_updater=True))
        return windows

    def find_parts(self, kernel, place):
        """Compute what each slice finds at a place."""
        pairs = zip(self.image, self.weight[kernel], strict=True)
        return [cross_correlate2d(channel, part)[place] for channel, part in pairs]

    def word_sum(self, kernel, place):
        """Put what the slices find, and their sum, into a list of words."""
        first, *others = map(format_number, self.find_parts(kernel, place))
        words = [f"({word})" if word.startswith(MINUS) else word for word in others]
        return first, *words, format_number(self.maps[(kernel, *place)])

    def write_sum(self, kernel, place):
        """Write what each slice finds below it, and the sum below the map."""
        *words, total = self.word_sum(kernel, place)
        y = self.rows_of_kernels[kernel] - self.below - CAP_HEIGHT / 2 * 0.5
        line = VGroup()
        for word, x in zip(words, self.columns, strict=True):
            line.add(VGroup(Lettering(word, 0.5).shift((x, y, 0))))
        for (left, right), part in zip(pairwise(self.columns), line[1:], strict=True):
            part.add_to_back(Lettering("+", 0.5).shift(((left + right) / 2, y, 0)))
        total = Lettering(total, 0.5, OUTPUT).shift((self.column_of_maps, y, 0))
        equals = Lettering("=", 0.5).shift((self.column_of_maps - 0.75, y, 0))
        return line.add(equals, total)

    def make_count(self):
        """Count the layer's weights."""
        lines = (f"{count_parameters(self.weight.shape).weights} weights", self.say_shape())
        middles = ((self.column_of_count, self.row_of_input + y, 0) for y in (0.6, -0.1))
        return VGroup(*(Lettering(t, 0.5).shift(m) for t, m in zip(lines, middles, strict=True)))

    def say_shape(self):
        """Write the shape of the weight as a product."""
        return f" {TIMES} ".join(map(str, self.weight.shape))

    def say_layer(self):
        """Put the input and the first kernel into words."""
        channels = ". ".join(
            f"Channel {c}, row by row: {format_rows(values)}"
            for c, values in enumerate(self.image, start=1)
        )
        return f"An input of {len(self.image)} channels. {channels}. {self.say_kernel(0)}"

    def say_kernel(self, kernel):
        """Put a kernel's slices into words."""
        slices = ". ".join(
            f"Slice {c}: {format_rows(values)}"
            for c, values in enumerate(self.weight[kernel], start=1)
        )
        return f"Kernel {kernel + 1} has a slice for each channel. {slices}."

    def say_sum(self, kernel, place):
        """Put one number of a map into words."""
        parts = ", ".join(map(format_number, self.find_parts(kernel, place)))
        total = format_number(self.maps[(kernel, *place)])
        return (
            "Each slice weighs the same place of its own channel, here the upper left corner, and "
            f"finds {parts}. Their sum, {total}, is one number of the map."
        )

    def say_map(self, kernel):
        """Put a complete map into words."""
        values = format_rows(self.maps[kernel])
        if kernel == 0:
            count = len(self.image)
            return f"The {count} slices move on together. They make one map, row by row: {values}."
        return f"From the same channels it makes a map of its own, row by row: {values}."

    def say_count(self):
        """Put the layer's size into words."""
        kernels, channels, rows, columns = self.weight.shape
        return (
            f"{kernels} kernels make {kernels} maps, whatever the number of channels. "
            f"{kernels} kernels of {channels} slices of {rows} by {columns} have "
            f"{count_parameters(self.weight.shape).weights} weights. Each map would get a bias "
            "too, which is zero here."
        )
