"""Padding: how large the map becomes, and what stands beyond the border."""

import numpy as np
from manim import UP, Create, FadeIn, FadeOut, linear

from animations.grid import NumberGrid
from animations.lettering import Lettering, format_number, format_rows, format_size
from animations.motion import fly
from animations.roles import INPUT, OUTPUT, PLAIN
from animations.stage import LectureScene
from animations.sweep import Sweep
from animations.window_sums import over_window, say_rule, write_rule
from cnnlib.conv import conv2d
from cnnlib.conv_inputs import pad


class Padding(LectureScene):
    """A 3×4 input and a kernel of nine ones: three sizes, then three ways to make up pixels."""

    title = "Padding: how much, and of what"
    point = "How many pixels are added decides the map's size; what they hold decides its border."

    image = np.arange(1.0, 13).reshape(3, 4)
    kernel = np.ones((3, 3))
    amounts = (("valid", 0), ("same", 1), ("full", 2))  # pixels added on each side
    modes = (
        ("zeros", "nothing but zeros"),
        ("reflect", "the image mirrored in its border pixels"),
        ("circular", "the pixels of the opposite side"),
    )

    cell_size = 0.74
    middle_of_image = (-3.85, 0.5, 0)
    middle_of_map = (3.6, 0.5, 0)
    middles_of_modes = ((1.75, 2.05, 0), (5.15, 2.05, 0), (1.75, -1.05, 0))

    def construct(self):
        """Tell the story: more and more zeros, then other pixels than zeros."""
        self.grid = NumberGrid(self.image, INPUT, self.cell_size).move_to(self.middle_of_image)
        self.label, total = self.name(self.grid, "input"), over_window(self.kernel)
        self.add(self.grid, self.label, write_rule(total))
        self.step(
            f"An input of {format_size(self.image.shape)}, row by row: {format_rows(self.image)}. "
            f"{say_rule(self.kernel, total)}"
        )
        self.wait(0.6)

        padded = None
        for word, amount in self.amounts:
            padded = self.surround(padded, amount, "zeros")
            sweep = Sweep(padded, self.convolve(amount, "zeros"), len(self.kernel), hops=True)
            self.slide(sweep, word, amount)

        maps = []
        for (mode, meaning), middle in zip(self.modes, self.middles_of_modes, strict=True):
            padded = self.surround(padded, 1, mode)
            result = NumberGrid(self.convolve(1, mode), OUTPUT, self.cell_size).move_to(middle)
            self.play(FadeIn(result, self.name(result, mode)), run_time=0.3)
            maps.append(result)
            self.step(
                f"Padding 1 again, {mode}. Beyond the border: {meaning}. The input becomes "
                f"{format_rows(padded.values)}. The map: {format_rows(result.values)}."
            )
            self.wait(1.5)
        agree = self.find_agreement(maps)
        lit = [one.cell(*place).animate.set_fill(OUTPUT.shade) for one in maps for place in agree]
        self.play(*lit, run_time=0.4)
        self.step(self.say_agreement(maps[0].values, agree))
        self.wait(1.8)  # to 20 s: the next frame would be a key frame, of 23 KB

    def name(self, grid, word):
        """Write a name over a grid."""
        return Lettering(word, 0.42, grid.role).shift(grid.get_top() + 0.18 * UP)

    def surround(self, before, amount, mode):
        """Lay a grid with pixels beyond the border under the input; copies of pixels fly there."""
        padded = NumberGrid(self.pad(self.image, amount, mode), PLAIN, self.cell_size)
        padded.move_to(self.grid).set_z_index(-1)
        label = self.name(padded, f"padding {amount}: {mode}" if amount else "no padding")
        change = [FadeOut(self.label), FadeIn(label)]
        self.label = label
        if mode == "zeros":
            change += [FadeIn(padded), *([FadeOut(before)] if before else [])]
            self.play(*change, run_time=0.3)
            return padded
        source = self.pad(np.arange(self.image.size).reshape(self.image.shape), amount, mode)
        inside = self.pad(np.ones(self.image.shape), amount, "zeros")
        made_up = [tuple(place) for place in np.argwhere(inside == 0)]
        self.remove(before)
        self.add(padded.cells)
        self.play(*change, run_time=0.3)
        for side in self.sort_by_side(made_up, inside):
            ways = [(self.grid.numbers[source[place]], padded.number(*place)) for place in side]
            self.play(*(fly(*way) for way in ways), run_time=0.4)
        self.remove(*padded.numbers)
        self.add(padded)
        return padded

    @staticmethod
    def sort_by_side(made_up, inside):
        """Part the pixels beyond the border: above and below, left and right, at the corners.

        So many numbers that fly at once could not be followed.
        """
        rows, columns = inside.any(axis=1), inside.any(axis=0)
        beside = [(bool(rows[row]), bool(columns[column])) for row, column in made_up]
        for side in ((False, True), (True, False), (False, False)):
            yield [place for place, found in zip(made_up, beside, strict=True) if found == side]

    def slide(self, sweep, word, amount):
        """Sweep the kernel over the padded input, and take it and its map away again."""
        size = format_size(sweep.result.values.shape)
        sweep.result.move_to(self.middle_of_map)
        name = self.name(sweep.result, f"{word}: {size}")
        self.play(Create(sweep.window), FadeIn(name), run_time=0.3)
        self.add(sweep.result)
        self.play(sweep.go(), run_time=0.3 + 0.06 * sweep.last, rate_func=linear)
        sweep.stop()
        added = f"{amount} on each side, zeros" if amount else "none"
        self.step(
            f"{word.capitalize()}, padding: {added}. The kernel fits in {size} places. "
            f"The map: {format_rows(sweep.result.values)}."
        )
        self.wait(0.8)
        self.play(FadeOut(sweep.window, sweep.result, name), run_time=0.3)

    def convolve(self, amount, mode):
        """Compute the map for a padding."""
        x, weight = self.image[None, None], self.kernel[None, None]
        return conv2d(x, weight, padding=amount, padding_mode=mode)[0, 0]

    def find_agreement(self, maps):
        """Find where the maps agree, whatever stands beyond the border."""
        values = np.array([one.values for one in maps])
        return [tuple(place) for place in np.argwhere((values == values[0]).all(0))]

    def say_agreement(self, values, agree):
        """Put into words where the maps agree, and why."""
        numbers = " and ".join(format_number(values[place]) for place in agree)
        return (
            f"The three maps agree in {len(agree)} of {values.size} places ({numbers}), which are "
            "marked: there the kernel covers the input alone. All others depend on what was made "
            "up."
        )

    @staticmethod
    def pad(values, amount, mode):
        """Add as many pixels on each side of a matrix."""
        return pad(values[None, None], ((amount, amount), (amount, amount)), mode)[0, 0]
