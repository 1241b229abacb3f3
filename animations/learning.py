"""A random kernel becomes an edge detector by gradient descent."""

import numpy as np

from animations.gray_maps import GrayMap
from animations.lettering import Lettering
from animations.loss_curve import LossCurve
from animations.pixel_camera import FILM_PIXEL, WithPictures
from animations.roles import INPUT, KERNEL, OUTPUT, PLAIN
from animations.signed_maps import SignedMap, SignedWeights, format_tenths
from animations.stage import LectureScene
from cnnlib import datasets, kernels
from cnnlib.conv import conv2d, conv2d_backward


class Learning(WithPictures, LectureScene):
    """Sobel's map is wanted; a 3×3 kernel learns it from one garment in 200 steps."""

    title = "A random kernel learns to see edges"
    point = "Told only which map is wanted, gradient descent finds the weights that give it."

    garment = "Shirt"
    seed = 0
    rate = 0.5
    steps_of_training = 200
    stops = 0, 1, 3, 10, 30, 100, 200  # with words

    middles, middle = (-5.4, -2, 1.4, 4.8), 1.65
    above = 3.3
    # Below the input the state, below the kernel Sobel's, below the maps the loss.
    place_of_words = (-5.3, -1.05, 0), (-5.3, -1.7, 0)
    middle_of_target, cell_of_target = (-2, -1.47, 0), 0.7
    origin_of_curve, size_of_curve = (0.85, -2.02, 0), (5.0, 2.0)

    def construct(self):
        """Tell the story: a few steps slowly, then ever more at a time."""
        self.train()
        pictures = self.make_pictures()
        curve = LossCurve(self.losses, *self.size_of_curve).shift(self.origin_of_curve)
        self.add(*pictures, *self.make_names(), curve)
        words = []
        for k in self.choose_steps():
            self.remove(*words)
            words = self.write_state(k)
            self.weights.show(self.kernels[k])
            self.answer.show(self.maps[k])
            curve.show(k)
            self.add(*words)
            if k == self.steps_of_training:
                self.add(*self.make_target())
            if k in self.stops:
                self.step(self.say_state(k))
            self.wait(4 if k == 0 else 2 if k in self.stops else 0.2)
        self.wait(2)

    def train(self):
        """Descend, and keep kernel, map and loss of each step."""
        test = datasets.load("fashion-mnist", "test", sample=True)
        garments = test.images[test.labels == test.classes.index(self.garment)]
        self.image = garments[0, ..., 0] / 255
        self.target = kernels.sobel("x")
        x = self.image[None, None]
        self.wanted = conv2d(x, self.target[None, None])[0, 0]
        weight = np.random.default_rng(self.seed).normal(size=(1, 1, 3, 3))
        self.kernels, self.maps, self.losses = [], [], []
        for _ in range(self.steps_of_training + 1):
            answer = conv2d(x, weight)
            error = answer - self.wanted
            self.kernels.append(weight[0, 0])
            self.maps.append(answer[0, 0])
            self.losses.append((error**2).mean())
            _, gradient, _ = conv2d_backward(2 * error / error.size, x, weight)
            weight = weight - self.rate * gradient

    def choose_steps(self):
        """Choose which steps are shown: about twelve for each factor of ten, and the stops."""
        spread = np.geomspace(1, self.steps_of_training, 28).round().astype(int)
        return sorted({*self.stops, *spread.tolist()})

    def make_pictures(self):
        """Lay out input, kernel, its map and the map that is wanted."""
        limit = np.abs(self.wanted).max()
        self.weights = SignedWeights(self.kernels[0], np.abs(self.target).max())
        self.answer = SignedMap(self.maps[0], 208 * FILM_PIXEL, limit, OUTPUT)
        wanted = SignedMap(self.wanted, 208 * FILM_PIXEL, limit, OUTPUT)
        pictures = GrayMap(self.image, 196 * FILM_PIXEL, INPUT), self.weights, self.answer, wanted
        for picture, x in zip(pictures, self.middles, strict=True):
            picture.move_to([x, self.middle, 0])
        return pictures

    def make_names(self):
        """Write over each picture what it is."""
        words = ("input", INPUT), ("kernel", KERNEL), ("its map", OUTPUT), ("wanted", OUTPUT)
        return [
            Lettering(word, 0.44, role).shift([x, self.above, 0])
            for (word, role), x in zip(words, self.middles, strict=True)
        ]

    def make_target(self):
        """Lay out Sobel's kernel below the learned one."""
        target = SignedWeights(self.target, np.abs(self.target).max(), self.cell_of_target)
        name = Lettering("Sobel's", 0.44, KERNEL).shift([0, target.get_top()[1] + 0.12, 0])
        return [part.shift(self.middle_of_target) for part in (target, name)]

    def write_state(self, k):
        """Write the step and the loss beside the curve."""
        lines = (f"step {k}", PLAIN), (f"loss {self.losses[k]:.2g}", OUTPUT)
        return [
            Lettering(text, 0.46, role).shift(place)
            for (text, role), place in zip(lines, self.place_of_words, strict=True)
        ]

    def say_state(self, k):
        """Put the kernel and the loss after k steps into words."""
        rows = "; ".join(", ".join(map(format_tenths, row)) for row in self.kernels[k])
        state = f"The kernel, row by row and rounded: {rows}. The loss is {self.losses[k]:.2g}."
        if k == 0:
            return (
                "A picture of a shirt, a random kernel, the map that it makes of the picture, and "
                f"the map that is wanted, of the vertical edges. {state}"
            )
        steps = f"After {k} {'step' if k == 1 else 'steps'} of gradient descent. {state}"
        if k < self.steps_of_training:
            return steps
        away = np.ceil(100 * np.abs(self.kernels[k] - self.target).max()) / 100
        target = "; ".join(", ".join(map(format_tenths, row)) for row in self.target)
        return (
            f"{steps} Below it now stands Sobel's kernel, {target}, which made the wanted map and "
            f"which the training was never shown. No weight is further than {away:.2f} from it."
        )
