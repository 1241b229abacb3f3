"""A garment goes through the trained small network, layer by layer, to its class."""

from itertools import pairwise

import numpy as np
import torch
from manim import LEFT, FadeIn, Group, GrowFromEdge, LaggedStart, ValueTracker, linear
from torch.nn import functional

from animations.class_bars import ClassBars, format_percent
from animations.gray_maps import GrayMap, RowReader
from animations.lettering import Lettering, format_size, spell
from animations.pixel_camera import FILM_PIXEL, WithPictures
from animations.roles import INPUT, KERNEL, OUTPUT, PLAIN
from animations.stage import LectureScene
from cnnlib import archive, datasets, shapes


class ThroughTheNetwork(WithPictures, LectureScene):
    """A shirt: two convolutions with ReLU, two poolings, ten probabilities."""

    title = "One garment's way through the network"
    point = (
        "Layer by layer the picture turns into maps, the maps grow coarse, and a class comes out."
    )

    network = "fashion-mnist/cnn-small"
    garment = "Shirt"
    maps_shown = 3  # of each layer
    deeds = (
        "{count} kernels of {side} rows and columns read the {source} from top to bottom, in a "
        "strip of {side} rows at all places along it at once, and ReLU sets what is negative to "
        "zero.",
        "Of each {side} by {side} numbers of a map only the largest stays.",
    )
    words = "conv 1", "pool 1", "conv 2", "pool 2"

    # Whole film pixels for each pixel of an image: 6 in the input; 4, 8 and 16 in the maps.
    side_of_input, side_of_map = 168 * FILM_PIXEL, 112 * FILM_PIXEL
    top, pitch = 2.7, 124 * FILM_PIXEL
    baselines = 2.95, -1.9, -2.4
    middle_of_input, middles_of_maps = -5.8, (-3.85, -2.15, -0.45, 1.25)
    start_of_bars = (4.55, 2.3, 0)

    def construct(self):
        """Tell the story: each layer reads the one before, downwards."""
        self.compute()
        image = self.make_input()
        names = self.make_names()
        columns = [self.make_column(k) for k in range(len(self.layers))]
        bars = ClassBars(self.classes, self.shares).shift(self.start_of_bars)
        self.add(image, *names[0])
        self.step(
            f"A picture of {self.image.shape[0]} by {self.image.shape[1]} gray pixels from the "
            f"test set. Its label is {self.garment}; the network does not know that."
        )
        self.wait(1)

        for k, (sources, results) in enumerate(pairwise([[image], *columns])):
            self.read(k, sources, results, names[k + 1])
            self.step(self.say_layer(k))
            self.wait(1.4)

        self.play(FadeIn(bars.names), run_time=0.4)
        growing = [GrowFromEdge(bar, LEFT) for bar in bars.bars]
        self.play(LaggedStart(*growing, lag_ratio=0.1), run_time=1.2)
        self.play(FadeIn(bars.percents), run_time=0.4)
        self.step(self.say_result())
        self.wait(2)

    def read(self, k, sources, results, names):
        """Let layer k read the maps before it from top to bottom, and build its own."""
        window = self.windows[k]
        counter = ValueTracker(0)
        role = PLAIN if k % 2 else KERNEL  # a pooling has no weights
        reader = RowReader(sources, window.kernel_size, window.stride, window.padding, role)
        reader.build(counter, results)
        empty = Group(*(part for result in results for part in (result.ground, result.border)))
        self.play(FadeIn(empty, *names), run_time=0.4)
        self.add(reader, *results)  # Manim draws anew only what follows what moves
        height = len(results[0].values)
        seconds = 1 + height / 28
        self.play(counter.animate(rate_func=linear).set_value(height), run_time=seconds)
        self.remove(reader.clear_updaters(), counter)

    def compute(self):
        """Send the garment through the network, and keep what comes out of each layer."""
        test = datasets.load("fashion-mnist", "test", sample=True)
        self.classes = test.classes
        self.image = test.images[test.labels == self.classes.index(self.garment)][0, ..., 0]
        network = archive.load_network(self.network)
        conv_1, pool_1, _, conv_2, pool_2, _, flatten, linear_layer = network.layers
        reading = conv_1, pool_1, conv_2, pool_2
        self.windows = [window_of(layer) for layer in reading]
        self.layers = []
        with torch.no_grad():
            x = network.standardise(torch.tensor(self.image / 255).float()[None, None])
            for layer in reading:
                x = functional.relu(layer(x))  # before the pooling, which changes nothing
                self.layers.append(x[0].numpy())
            self.shares = linear_layer(flatten(x)).softmax(1)[0].numpy()
        # A pooling keeps the channels of its convolution.
        chosen = [self.choose_maps(self.layers[k]) for k in (0, 2)]
        self.channels = [chosen[0], chosen[0], chosen[1], chosen[1]]

    def choose_maps(self, maps):
        """Choose the map of most contrast, then from the better half those that are least like it.

        They are drawn up to their maximum, so contrast is measured in parts of it.
        """
        scaled = maps / np.maximum(maps.max((1, 2), keepdims=True), np.finfo(float).tiny)
        varied = np.argsort(scaled.std((1, 2)))[::-1][: len(maps) // 2]
        alike = np.abs(np.corrcoef(maps[varied].reshape(len(varied), -1)))
        chosen = [0]
        while len(chosen) < self.maps_shown:
            chosen.append(int(alike[:, chosen].max(axis=1).argmin()))  # a chosen one has 1
        return varied[chosen]

    def make_input(self):
        """Lay out the garment, as high as the columns' middle."""
        image = GrayMap(self.image, self.side_of_input, INPUT)
        middle = self.top - (self.maps_shown - 1) / 2 * self.pitch - self.side_of_map / 2
        return image.move_to([self.middle_of_input, middle, 0])

    def make_column(self, k):
        """Lay out some maps of layer k, one below the other."""
        highest = self.top - self.side_of_map / 2
        maps = [GrayMap(self.layers[k][c], self.side_of_map) for c in self.channels[k]]
        for n, shown in enumerate(maps):
            shown.move_to([self.middles_of_maps[k], highest - n * self.pitch, 0])
        return maps

    def make_names(self):
        """Write over and under each column what it is, how many maps, and their size."""
        names = [(("input", ""), self.image.shape, self.middle_of_input, INPUT)]
        for word, maps, x in zip(self.words, self.layers, self.middles_of_maps, strict=True):
            shown = f"{self.maps_shown} of {len(maps)}"
            names.append(((word, shown), maps.shape[1:], x, OUTPUT))
        return [self.write(*name) for name in names]

    def write(self, words, size, x, role):
        """Write a column's name above it; how many maps, and their size, below it."""
        above, shown = words
        lines = zip((above, shown, format_size(size)), self.baselines, strict=True)
        return [Lettering(text, 0.4, role).shift([x, y, 0]) for text, y in lines if text]

    def say_layer(self, k):
        """Put a layer into words: what it did, and what came out."""
        count, rows, columns = self.layers[k].shape
        source, side = ("picture", "pooled maps")[k // 2], spell(self.windows[k].kernel_size)
        does = self.deeds[k % 2].format(source=source, count=count, side=side)
        zero = format_percent((self.layers[k] == 0).mean())
        return (
            f"{self.words[k]}: {does} Out come {count} maps of {rows} by {columns} numbers, "
            f"of which {zero} are zero; {self.maps_shown} of the maps are shown, unlike each "
            "other."
        )

    def say_result(self):
        """Put the ten probabilities into words."""
        likely = np.argsort(self.shares)[::-1]
        first, second = (f"{self.classes[k]} {format_percent(self.shares[k])}" for k in likely[:2])
        rest = format_percent(self.shares[likely[2:]].sum())
        return (
            f"One matrix turns all {self.layers[-1].size} numbers of the last maps into "
            f"{spell(len(self.shares))}, and softmax turns these into probabilities: {first}, "
            f"{second}, and {rest} for the other {len(self.shares) - 2} classes together. The "
            f"network says {self.classes[likely[0]]}, and the label is {self.garment}."
        )


def window_of(layer):
    """Describe what a convolution or a pooling of PyTorch slides over the rows of its maps."""
    amounts = layer.kernel_size, layer.stride, layer.padding  # each an int or a pair
    return shapes.Window(*(int(np.ravel(amount)[0]) for amount in amounts))
