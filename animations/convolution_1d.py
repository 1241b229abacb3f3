"""Convolution in one dimension: turn, slide, multiply, add up; as an integral and as a sum."""

import numpy as np
from manim import PI, RIGHT, UP, Dot, FadeIn, FadeOut, Line, ValueTracker, VGroup, VMobject, linear

from animations.grid import NumberGrid, frame
from animations.lettering import Lettering, format_number, format_rows
from animations.roles import INPUT, KERNEL, OUTPUT, PLAIN
from animations.stage import LectureScene
from animations.sums import SumOfProducts
from animations.timeline import Timeline
from cnnlib import palette
from cnnlib.conv import convolve1d


class Convolution1D(LectureScene):
    """Light that is on for a while meets a decaying response; four numbers meet three weights."""

    title = "Convolution in one dimension"
    point = "Turn the kernel, slide it, multiply, add up: an area for curves, a sum for numbers."

    on, off = 1, 4  # ms, the light
    constant = 1.5  # ms, the detector's
    fineness = 50  # samples a ms
    first, last = -2, 8  # ms, the axes
    stops, rest = (2, 4, 6), 2  # ms, with words; where the picture stays
    signal, weights = np.array([2, 0, 1, 3]), np.array([1, 2, -1])
    rest_of_sum = 3

    scale = 0.66, 1.95  # scene units for a ms and for a value of 1
    zero_above, zero_below = (-5.5, 0.8, 0), (-5.5, -1.98, 0)
    place_of_words = (-5.75, -0.45, 0), (-5.75, -1.05, 0)
    cell_size, first_column = 0.78, (2.57, 2.1, 0)
    place_of_t, place_of_sum = (1.0, -0.28, 0), (4.35, -0.28, 0)
    row_of_result, below_result = -1.15, (-0.74, -1.28)  # times and name, from its middle

    def construct(self):
        """Tell the story: first for curves, then for numbers."""
        self.compute()
        self.draw_graphs()
        self.step(self.say_curves())
        self.wait(1)
        self.play(self.side.animate.set_value(-1), run_time=1.2)
        self.step(self.say_turned())
        self.wait(0.6)
        for stop in self.stops:
            self.slide_to(stop)
            self.step(self.say_area(stop))
            self.wait(0.9)
        self.slide_to(self.last)
        self.slide_to(self.rest, pace=0.15)
        name = Lettering("convolution", 0.42, OUTPUT).shift(self.below.point(6.25, 0.73))
        self.play(FadeIn(name), run_time=0.3)
        self.step(self.say_traced())
        self.wait(0.8)
        for part in self.moving:
            part.clear_updaters()

        self.draw_numbers()
        self.step(
            f"The same for numbers. The input: {format_rows([self.signal])}. "
            f"The kernel: {format_rows([self.weights])}."
        )
        self.wait(0.6)
        self.turn_weights()
        self.slide_weights()
        self.put_window(self.rest_of_sum)
        self.result.cell(0, self.rest_of_sum).set_fill(OUTPUT.shade)
        self.wait(0.2)
        self.step(self.say_result())
        self.wait(2)

    # What is drawn

    def compute(self):
        """Convolve the light with the response, and the numbers with the weights."""
        self.times = np.arange(self.last * self.fineness + 1) / self.fineness
        light = self.light(self.times[:-1]).astype(float)
        middles = self.times[:-1] + 0.5 / self.fineness  # so the error is of second order
        areas = convolve1d(light, self.response(middles))[: light.size] / self.fineness
        self.areas = np.append(0, areas)
        self.sums = convolve1d(self.signal, self.weights)

    def light(self, times):
        """Say at which times the light is on."""
        return (times >= self.on) & (times < self.off)

    def response(self, ages):
        """Return what is left of a flash at some ages, none of them negative."""
        return np.exp(-ages / self.constant) / self.constant

    def area(self, t):
        """Return the convolution at one of `times`."""
        return self.areas[round(t * self.fineness)]

    def pair_up(self, t):
        """Pair each number that the turned kernel meets with its weight."""
        met = [tau for tau in range(len(self.signal)) if 0 <= t - tau < len(self.weights)]
        return self.signal[met], self.weights[[t - tau for tau in met]]

    # The curves

    def draw_graphs(self):
        """Put the curves into the scene and hang what moves on two trackers."""
        self.t, self.side, self.reached = ValueTracker(0), ValueTracker(1), 0
        ticks = {0: "0", 2: "2", 4: "4", 6: "6", 8: "8 ms"}
        self.above = Timeline(self.first, self.last, self.zero_above, self.scale)
        self.below = Timeline(self.first, self.last, self.zero_below, self.scale, ticks)
        box = [self.on, self.on, self.off, self.off], [0, 1, 1, 0]
        self.box = VMobject().set_points_as_corners(self.above.points_of(*box))
        self.box.set_stroke(INPUT.line, width=5).set_fill(INPUT.tint, opacity=1)
        name = Lettering("input", 0.42, INPUT)
        name.shift(self.above.point(self.off, 0.8) + (name.width / 2 + 0.12) * RIGHT)
        self.add(self.box, self.above, self.below, name)

        self.product = VMobject().set_stroke(width=0).set_fill(OUTPUT.line, opacity=0.6)
        self.kernel = VMobject().set_stroke(KERNEL.line, width=5)
        self.plumb = Line().set_stroke(palette.MUTED, width=2)
        self.name = Lettering("kernel", 0.42, KERNEL)
        self.trace = VMobject().set_stroke(OUTPUT.line, width=5)
        self.dot = Dot(radius=0.12, color=OUTPUT.line)
        self.moving = [self.product, self.kernel, self.plumb, self.name, self.trace, self.dot]
        self.height_of_name = self.name.get_center()[1]
        self.words = VGroup()
        self.product.add_updater(self.settle, call_updater=True)
        self.add(*self.moving)

    def settle(self, _):
        """Put all that moves where the trackers say."""
        t, side = self.t.get_value(), self.side.get_value()
        ages = np.linspace(0, 8, 401)
        ages = ages[(t + side * ages >= self.first) & (t + side * ages <= self.last)]
        curve = self.above.points_of(t + side * ages, self.response(ages))
        self.kernel.set_points_as_corners([self.above.point(t), *curve])

        end = np.clip(t, self.on, self.off)
        met = np.linspace(self.on, end, 121)
        heights = self.response(t - met) if t > self.on else 0 * met
        edges = self.above.point(self.on), self.above.point(end)
        product = self.above.points_of(met, heights)
        self.product.set_points_as_corners([edges[0], *product, edges[1], edges[0]])

        self.reached = max(self.reached, t)
        done = self.times <= self.reached + 1e-9
        self.trace.set_points_as_corners(self.below.points_of(self.times[done], self.areas[done]))
        point = self.below.point(t, np.interp(t, self.times, self.areas))
        self.dot.move_to(point)
        # From the kernel's tip, or it would strike through the input's name.
        self.plumb.put_start_and_end_on(self.above.point(t, self.response(0)), point)
        self.name.move_to(self.above.above(t, 1, 0.24 + self.height_of_name))

    def slide_to(self, t, pace=0.4):
        """Slide the kernel until it starts at t, and write the area that it then has."""
        way = abs(t - self.t.get_value())
        self.remove(self.words)
        self.play(self.t.animate.set_value(t), run_time=0.2 + pace * way**0.8, rate_func=linear)
        lines = (f"t = {t} ms", PLAIN), (f"area {self.area(t):.2f}", OUTPUT)
        self.words = VGroup(
            *(
                Lettering(text, 0.42, role).shift(place)
                for (text, role), place in zip(lines, self.place_of_words, strict=True)
            )
        )
        self.add(self.words)

    # The numbers

    def column(self, tau, row=0.0):
        """Find the middle of a cell in a row so far below the input."""
        return np.add(self.first_column, [self.cell_size * tau, -self.cell_size * row, 0])

    def make_grid(self, values, role, name, middle, gap):
        """Make a row of numbers with its name above or below it."""
        grid = NumberGrid([values], role, self.cell_size).move_to(middle)
        return grid, Lettering(name, 0.42, role).shift(middle + gap * UP)

    def draw_numbers(self):
        """Put input and kernel into the scene, each starting at 0."""
        last = len(self.signal) - 1
        self.input = self.make_grid(self.signal, INPUT, "input", self.column(last / 2), 0.6)
        middle = self.column((len(self.weights) - 1) / 2, 1)
        self.window = VGroup(*self.make_grid(self.weights, KERNEL, "kernel", middle, -0.85))
        self.line = VGroup()
        # The time of the curves would contradict that of the numbers.
        self.play(FadeOut(self.words), FadeIn(*self.input, self.window), run_time=0.5)

    def turn_weights(self):
        """Turn the weights in their place, lead the first to t = 0, and draw an empty map below."""
        before, name = self.window
        middle = self.column((len(self.weights) - 1) / 2, 1)
        self.window = VGroup(*self.make_grid(self.weights[::-1], KERNEL, "kernel", middle, -0.85))
        ways = zip(before.numbers, reversed(self.window[0].numbers), strict=True)
        # Flat arcs: the numbers stay clear of each other and of the input.
        turning = (digits.animate(path_arc=PI / 2).move_to(place) for digits, place in ways)
        self.play(*turning, run_time=0.9)
        self.remove(before, name)
        self.play(self.window.animate.shift(self.way_to(0)), run_time=0.5)
        row = NumberGrid([self.sums], OUTPUT, self.cell_size, empty=True)
        middle = self.column((len(self.sums) - 1) / 2)
        self.result = row.move_to([middle[0], self.row_of_result, 0])
        self.marker = frame(1, 1, OUTPUT, self.cell_size).set_z_index(1)
        self.marker.move_to(self.result.cell(0, 0))
        self.play(FadeIn(self.result, *self.name_result(), self.marker), run_time=0.4)
        self.step(f"The kernel turned: {format_rows([self.weights[::-1]])}. Its start is at t = 0.")
        self.wait(0.4)

    def name_result(self):
        """Write below each cell of the map its time, and below all what it is."""
        of_times, of_name = self.below_result
        for t, cell in enumerate(self.result.cells):
            yield Lettering(str(t), 0.36).shift(cell.get_center() + of_times * UP)
        yield Lettering("t =", 0.36).shift(self.result.get_left() - 0.4 * RIGHT + of_times * UP)
        yield Lettering("convolution", 0.42, OUTPUT).shift(self.result.get_center() + of_name * UP)

    def way_to(self, t):
        """Find the way of the turned kernel to where it starts at t."""
        return (self.column(t) - self.window[0].cells[-1].get_center())[0] * RIGHT

    def slide_weights(self):
        """Slide the turned kernel from place to place, and put each sum into the map."""
        for t in range(len(self.sums)):
            self.put_window(t)
            self.play(*self.result.reveal(0, t, self.line[1].total), run_time=0.3)
            self.step(f"At t = {t}: {self.line[1].text}.")
            self.wait(0.25 + 0.2 * len(self.pair_up(t)[0]))

    def put_window(self, t):
        """Move the turned kernel until it starts at t, frame that cell, and write out its sum."""
        self.remove(self.line)
        there = self.marker.animate.move_to(self.result.cell(0, t))
        self.play(self.window.animate.shift(self.way_to(t)), there, run_time=0.3)
        time = Lettering(f"t = {t}:", 0.42).shift(self.place_of_t)
        total = SumOfProducts(*self.pair_up(t), self.sums[t], 0.42).shift(self.place_of_sum)
        self.line = VGroup(time, total)
        self.add(self.line)

    # What is said

    def say_curves(self):
        """Put the two functions into words."""
        return (
            f"The input: light that is on, at height 1, from {self.on} to {self.off} ms. The "
            f"kernel: a response that jumps to {self.response(0):.2f} at once and then decays with "
            f"a time constant of {self.constant} ms."
        )

    def say_turned(self):
        """Put the turn into words."""
        return (
            "The kernel is turned round: its start stays at t = 0 ms, its tail reaches back. "
            f"There it does not meet the input, and the area is {format_number(self.area(0))}."
        )

    def say_area(self, t):
        """Put an area into words."""
        return (
            f"The turned kernel has slid to t = {t} ms. The area under its product with the input "
            f"is {self.area(t):.2f}, and so high is the curve below at {t} ms."
        )

    def say_traced(self):
        """Put the curve into words."""
        top = self.times[self.areas.argmax()]
        return (
            f"The areas for all t are the convolution: it rises to {self.areas.max():.2f} at "
            f"{top:g} ms, when the light goes off, and decays to {self.area(self.last):.2f} at "
            f"{self.last} ms. The kernel is back at t = {self.rest} ms."
        )

    def say_result(self):
        """Put the sums into words, and what both halves have in common."""
        return (
            f"{len(self.signal)} numbers and {len(self.weights)} weights give {len(self.sums)} "
            f"sums: {format_rows([self.sums])}. Turn the kernel, slide it, multiply, add up: for "
            "curves the total is an area, for numbers a sum."
        )
