"""What one output sees grows with each layer, and faster behind a stride."""

from dataclasses import dataclass

import numpy as np
from manim import DOWN, RIGHT, UP, FadeIn, FadeOut, Polygon, Square, VGroup

from animations.lettering import Lettering, number
from animations.roles import INPUT, OUTPUT, PLAIN, Role
from animations.stage import LectureScene
from cnnlib import shapes

SEEN = Role("ACCENT", "ACCENT_INK")  # orange would say that a kernel lies there
CELL = 0.5
STOREY = 1.42


@dataclass(frozen=True)
class Stack:
    """Layers on a line of pixels, drawn from the input upwards.

    Parameters
    ----------
    kinds : tuple of str
        What each layer is: "kernel" or "pooling".
    windows : tuple of cnnlib.shapes.Window
        The layers, from the input on.
    pixels : int
        Of the input.
    middle : float
        Where the input's middle lies, from left to right.
    """

    kinds: tuple
    windows: tuple
    pixels: int
    middle: float

    def name(self, depth):
        """Say what stands beside a layer: what it is, and its size."""
        return f"{self.kinds[depth - 1]} {self.windows[depth - 1].kernel_size}"

    def field(self, depth):
        """Return the receptive field behind so many layers."""
        return shapes.receptive_field(self.windows[:depth])

    def outputs(self, depth):
        """Count the pixels behind so many layers."""
        size = self.pixels
        for window in self.windows[:depth]:
            size = shapes.conv_output_size(size, window.kernel_size, stride=window.stride)
        return size

    def place(self, depth, index):
        """Find the middle of a pixel: above the middle of what it sees of the input."""
        first, last = self.field(depth).span(index)
        across = self.middle + CELL * ((first + last) / 2 - (self.pixels - 1) / 2)
        return np.array([across, BOTTOM + depth * STOREY, 0])

    def seen(self, depth, below):
        """List the pixels that the middle one behind `depth` layers sees in a layer below."""
        first = last = self.outputs(depth) // 2
        for window in reversed(self.windows[below:depth]):
            first, last = first * window.stride, last * window.stride + window.kernel_size - 1
        return range(first, last + 1)


BOTTOM = -1.35
KERNEL_3, POOLING_2 = shapes.Window(3), shapes.Window(2, stride=2)


class ReceptiveField(LectureScene):
    """Three kernels of size 3 see seven pixels; with a pooling between them, two see eight."""

    title = "The receptive field grows"
    point = (
        "Kernels larger than one pixel add to what one output sees; behind a stride of 2, each "
        "step counts double."
    )
    frame_rate = 15  # nothing moves, it only fades

    stacks = (
        Stack(("kernel",) * 3, (KERNEL_3,) * 3, pixels=11, middle=-3.3),
        Stack(
            ("kernel", "pooling", "kernel"),
            (KERNEL_3, POOLING_2, KERNEL_3),
            pixels=12,
            middle=3.65,
        ),
    )

    def construct(self):
        """Tell the story: layer upon layer, first without a stride, then with one."""
        for stack in self.stacks:
            lines = [self.make_line(stack, depth) for depth in range(len(stack.windows) + 1)]
            self.play(FadeIn(lines[0]), run_time=0.5)
            self.step(self.say_input(stack))
            self.wait(0.5)
            lit = count = VGroup()
            for depth, line in enumerate(lines[1:], start=1):
                gone, name = VGroup(lit, count), self.make_name(stack, depth)
                self.play(FadeIn(line, name), FadeOut(gone), run_time=0.6)
                lit, count = self.light(stack, depth), self.make_count(stack, depth)
                for part in reversed(lit[:-1]):
                    self.play(FadeIn(part), run_time=0.4)
                kept = self.make_number(stack, depth)
                self.play(FadeIn(lit[-1], count, kept), run_time=0.4)
                self.step(self.say_layer(stack, depth))
                self.wait(1)
        self.wait(0.2)
        self.step(self.say_result())
        self.wait(2.5)

    def make_line(self, stack, depth):
        """Draw the pixels behind so many layers."""
        role = (INPUT, *(PLAIN,) * (len(stack.windows) - 1), OUTPUT)[depth]
        return VGroup(*(pixel(stack.place(depth, i), role) for i in range(stack.outputs(depth))))

    def light(self, stack, depth):
        """Light up what the middle pixel behind so many layers sees: first below, itself last.

        Returns
        -------
        VGroup
            For each layer from the input on, the pixels that are seen and the beams to them; then
            the output itself; at the end, a bracket below the field on the input.
        """
        parts = []
        for below in range(depth - 1, -1, -1):
            upper, lower = stack.seen(depth, below + 1), stack.seen(depth, below)
            seen = (pixel(stack.place(below, i), SEEN).set_z_index(1) for i in lower)
            parts.append(VGroup(*beams(stack, below, upper), *seen))
        (middle,) = stack.seen(depth, depth)
        top = pixel(stack.place(depth, middle), OUTPUT).set_fill(OUTPUT.line).set_z_index(1)
        return VGroup(*reversed([VGroup(top), *parts]), bracket(stack, stack.seen(depth, 0)))

    def make_name(self, stack, depth):
        """Write a layer's name at the side of the gap that it bridges."""
        edge = stack.place(0, 0) + (depth - 0.5) * STOREY * UP - 0.95 * RIGHT
        name = Lettering(stack.name(depth), 0.44)
        return name.shift(edge + name.width / 2 * RIGHT + 0.14 * DOWN)

    def make_count(self, stack, depth):
        """Write the size of the receptive field below it."""
        seen = stack.seen(depth, 0)
        middle = (stack.place(0, seen[0]) + stack.place(0, seen[-1])) / 2
        text = f"sees {stack.field(depth).size} pixels"
        return Lettering(text, 0.52, SEEN).shift(middle + 1.1 * DOWN)

    def make_number(self, stack, depth):
        """Write the size of the receptive field at the right of its line, to stay there."""
        end = stack.place(depth, stack.outputs(depth) - 1)
        return number(stack.field(depth).size, 0.5, SEEN).shift(end + (CELL / 2 + 0.35) * RIGHT)

    def say_input(self, stack):
        """Put an input into words."""
        return f"An input of {stack.pixels} pixels, seen from the side."

    def say_layer(self, stack, depth):
        """Put the field behind a layer into words."""
        field = stack.field(depth)
        steps = "" if field.jump == 1 else f" Neighbouring outputs are {field.jump} pixels apart."
        return (
            f"Layer {depth}, {stack.name(depth)}: its middle output sees "
            f"{field.size} pixels of the input, and {len(stack.seen(depth, depth - 1))} numbers of "
            f"the line below.{steps}"
        )

    def say_result(self):
        """Put the comparison into words."""
        plain, strided = (
            [stack.field(depth).size for depth in range(1, len(stack.windows) + 1)]
            for stack in self.stacks
        )
        (added,) = set(np.diff([1, *plain]).tolist())  # the same in each layer
        kernel, pooling = self.stacks[1].windows[:2]
        return (
            "The numbers at the right of the lines say how many pixels of the input one output "
            f"sees. Kernels of size {kernel.kernel_size} add {added} each: {join(plain)}. Where "
            f"the middle one is a pooling with stride {pooling.stride}: {join(strided)}, since the "
            "last kernel's steps count double."
        )


def pixel(place, role):
    """Draw a pixel."""
    square = Square(CELL).set_fill(role.shade, opacity=1).set_stroke(role.line, width=2)
    return square.move_to(place)


def join(sizes):
    """List numbers in a sentence."""
    return f"{', '.join(map(str, sizes[:-1]))} and {sizes[-1]}"


def beams(stack, below, upper):
    """Draw beams from some neighbouring pixels to those that they see in the line below.

    Where windows overlap, one beam is drawn for all: many would look like a pattern.
    """
    window = stack.windows[below]
    apart = window.stride >= window.kernel_size
    down, across = CELL / 2 * UP, CELL / 2 * RIGHT
    for group in [[index] for index in upper] if apart else [upper]:
        first, last = group[0] * window.stride, group[-1] * window.stride + window.kernel_size - 1
        corners = [
            stack.place(below + 1, group[0]) - down - across,
            stack.place(below + 1, group[-1]) - down + across,
            stack.place(below, last) + down + across,
            stack.place(below, first) + down - across,
        ]
        yield Polygon(*corners).set_fill(SEEN.line, opacity=0.2).set_stroke(width=0)


def bracket(stack, seen):
    """Draw a bracket below some pixels of the input."""
    left, right = (stack.place(0, seen[end]) + 0.42 * DOWN for end in (0, -1))
    ends = left + CELL / 2 * (0.9 * -RIGHT), right + CELL / 2 * (0.9 * RIGHT)
    line = Polygon(ends[0], ends[1], ends[1] + 0.02 * DOWN, ends[0] + 0.02 * DOWN)
    return line.set_fill(SEEN.line, opacity=1).set_stroke(SEEN.line, width=4)
