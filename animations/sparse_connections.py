"""A dense layer's wires thin out to a convolution's, and its matrix to a band."""

import numpy as np
from manim import Circle, FadeIn, FadeOut, Line, ManimColor, VGroup, interpolate_color

from animations.grid import NumberGrid
from animations.lettering import Lettering, format_number, format_rows
from animations.roles import INPUT, OUTPUT, PLAIN
from animations.stage import LectureScene
from cnnlib import palette, shapes
from cnnlib.conv import cross_correlate2d

SIDES = {"input": "left", "output": "right"}


class SparseConnections(LectureScene):
    """Eight inputs, six outputs: 48 weights, then 18 wires, then three weights."""

    title = "From a dense layer to a convolution"
    point = "A convolution is a dense layer with few wires, whose weights repeat along a band."
    frame_rate = 15  # nothing moves, it only fades

    inputs = 8
    kernel = np.array([[1, 2, -1]])
    colours = ("KERNEL", "ACCENT", "MUTED")  # of the palette, one for each weight of the kernel
    shown_row = 2

    left, right, top, spacing = -6.0, -2.2, 2.7, 0.64
    middle_of_matrix = (3.3, 0.46, 0)
    middle_of_count = (0, -2.5, 0)

    def construct(self):
        """Tell the story: all wires, then near ones only, then three weights for all."""
        self.band = cross_correlate2d(np.eye(self.inputs), self.kernel).T
        self.dense = np.random.default_rng(7).uniform(size=self.band.shape)
        near, far = self.sort_places()
        matrix, wires = self.make_matrix(), self.make_wires()
        self.add(*self.make_nodes(), *self.make_names(), VGroup(*wires.values()), matrix)
        self.count = self.make_count(self.dense.size, self.weights(self.dense.shape))
        self.add(self.count)
        self.step(self.say_dense())
        self.wait(2)

        self.play(*self.leave(far, wires, matrix), *self.recount(len(near), len(near)), run_time=1)
        self.step(self.say_local(near))
        self.wait(2)

        weights = self.weights(self.kernel.shape)
        coloured = [self.recolour(wires[place], matrix, place) for place in near]
        self.play(*sum(coloured, ()), *self.recount(len(near), weights), run_time=1)
        numbers = VGroup(*(matrix.number(*p).move_to(matrix.center_of(*p)) for p in near))
        self.play(FadeIn(numbers), run_time=0.6)
        self.step(self.say_shared())
        self.wait(2)

        others = [place for place in near if place[0] != self.shown_row]
        away = VGroup(*(wires[place] for place in others))
        pale = VGroup(*(matrix.number(*place) for place in others))
        self.play(away.animate.set_stroke(opacity=0.12), pale.animate.set_opacity(0.2))
        self.step(self.say_row())
        self.wait(2)

        self.play(away.animate.set_stroke(opacity=1), pale.animate.set_opacity(1))
        self.step(self.say_result(near))
        self.wait(2)

    def sort_places(self):
        """Tell the matrix's places on the band from those that a convolution leaves empty."""
        places = list(np.ndindex(self.band.shape))
        near = [(row, column) for row, column in places if self.tap(row, column) is not None]
        return near, [place for place in places if place not in near]

    def tap(self, row, column):
        """Return which weight of the kernel leads from an input to an output, if any does."""
        tap = column - row
        return tap if 0 <= tap < self.kernel.size else None

    def colour_of(self, place, shared):
        """Return the colour of a weight: one of the kernel's, or one that it has for itself."""
        if shared:
            return ManimColor(getattr(palette, self.colours[self.tap(*place)]))
        ends = ManimColor(palette.INPUT), ManimColor(palette.KERNEL)
        return interpolate_color(*ends, self.dense[place])

    def node(self, side, index):
        """Find the middle of a neuron: inputs left, outputs right, each above its middle input."""
        row = index + (self.kernel.size - 1) / 2 * (side == "output")
        return np.array([getattr(self, SIDES[side]), self.top - row * self.spacing, 0])

    def make_nodes(self):
        """Draw the neurons."""
        outputs, inputs = self.band.shape
        for side, count, role in (("input", inputs, INPUT), ("output", outputs, OUTPUT)):
            for index in range(count):
                dot = Circle(0.21).set_fill(role.tint, opacity=1).set_stroke(role.line, width=2.2)
                yield dot.move_to(self.node(side, index)).set_z_index(1)

    def make_names(self):
        """Write what the columns of neurons and the grid are."""
        matrix_left = self.middle_of_matrix[0]
        for word, x, role in (
            ("inputs", self.left, INPUT),
            ("outputs", self.right, OUTPUT),
            ("weight matrix", matrix_left, PLAIN),
        ):
            yield Lettering(word, 0.46, role).shift([x, self.top + 0.55, 0])

    def make_wires(self):
        """Draw a wire from each input to each output, by its place in the matrix."""
        wires = {}
        for row, column in np.ndindex(self.band.shape):
            wire = Line(self.node("input", column), self.node("output", row))
            wires[row, column] = wire.set_stroke(self.colour_of((row, column), False), width=2.5)
        return wires

    def make_matrix(self):
        """Draw the matrix of the dense layer: a colour for each weight."""
        matrix = NumberGrid(self.band, PLAIN, cell_size=0.74, empty=True)
        matrix.move_to(self.middle_of_matrix)
        for place in np.ndindex(self.band.shape):
            cell = matrix.cell(*place).set_stroke(PLAIN.line, width=1.5)
            cell.set_fill(self.colour_of(place, shared=False), opacity=0.55)
        return matrix

    def weights(self, shape):
        """Count the weights of a layer from the shape of its matrix or kernel."""
        return shapes.count_parameters(shape, bias=False).weights

    def make_count(self, wires, weights):
        """Write how many wires and weights there are."""
        return Lettering(f"{wires} wires, {weights} weights", 0.56).shift(self.middle_of_count)

    def recount(self, wires, weights):
        """Animate the count to another."""
        before, self.count = self.count, self.make_count(wires, weights)
        return FadeOut(before), FadeIn(self.count)

    def leave(self, far, wires, matrix):
        """Animate the wires that a convolution has not out of the picture, and their weights."""
        emptied = (matrix.cell(*place).animate.set_fill(opacity=0) for place in far)
        return FadeOut(VGroup(*(wires[place] for place in far))), *emptied

    def recolour(self, wire, matrix, place):
        """Animate a weight to the colour that it shares with others."""
        colour = self.colour_of(place, shared=True)
        cell = matrix.cell(*place).animate.set_fill(colour, opacity=0.35)
        return wire.animate.set_stroke(colour, width=4), cell

    def say_dense(self):
        """Put the dense layer into words."""
        outputs, inputs = self.dense.shape
        return (
            f"A dense layer. Each of {outputs} outputs has a wire to each of {inputs} inputs: "
            f"{self.dense.size} wires, and in its matrix of {outputs} rows and {inputs} columns "
            f"{self.weights(self.dense.shape)} different weights."
        )

    def say_local(self, near):
        """Put the sparse layer into words."""
        size = self.kernel.size
        return (
            f"Only the wires to {size} neighbouring inputs remain for each output: {len(near)} of "
            f"{self.dense.size}. In the matrix a diagonal band is left, {size} cells wide; all "
            "else is zero."
        )

    def say_shared(self):
        """Put the shared weights into words."""
        return (
            f"Now all outputs share their weights: the kernel {format_rows(self.kernel)}. Parallel "
            "wires have one colour, and along each diagonal of the matrix stands one number."
        )

    def say_row(self):
        """Put one row of the matrix into words."""
        row = self.band[self.shown_row]
        first = self.shown_row + 1
        return (
            f"Output {first} alone: wires to the inputs {first} to {first + self.kernel.size - 1}. "
            f"They are row {first} of the matrix: {', '.join(map(format_number, row))}."
        )

    def say_result(self, near):
        """Put the whole into words."""
        return (
            "Each row is the one above it, moved by one. So a convolution is a dense layer with "
            f"{len(near)} wires in place of {self.dense.size} and "
            f"{self.weights(self.kernel.shape)} weights in place of "
            f"{self.weights(self.dense.shape)}."
        )
