"""Two images multiplied in Fourier space: transformed back, their product is the convolution."""

import numpy as np
from manim import DOWN, RIGHT, UP, Arrow, FadeIn, VGroup
from skimage import color, data, transform

from animations.images import Picture
from animations.lettering import TIMES, Lettering
from animations.pixel_camera import FILM_PIXEL, WithPictures
from animations.roles import INPUT, KERNEL, OUTPUT, PLAIN
from animations.stage import LectureScene
from cnnlib import kernels
from cnnlib.conv import conv2d

SUPERSCRIPT = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")


class ConvolutionTheorem(WithPictures, LectureScene):
    """A cat and a Gaussian, their spectra, the product of these, and the blurred cat."""

    title = "The convolution theorem"
    point = (
        "The Fourier transform of a convolution is the product of the transforms, if the borders "
        "are joined."
    )
    frame_rate = 15  # nothing moves, it only fades

    side = 108  # pixels
    kernel = kernels.gaussian(25, sigma=3.0)

    columns = (-5.3, -1.6, 2.1)
    rows = (2.0, -1.35)
    right = 5.35
    height = 2 * side * FILM_PIXEL

    def construct(self):
        """Tell the story: down to the frequencies, across by a product, and up again."""
        self.compute()
        images = self.image, self.field, self.back
        cat, kernel, blurred = self.make_row(0, images, self.names())
        spectra = [*self.make_row(1, [np.log1p(np.abs(s)) for s in self.spectra])]
        self.add(cat)
        self.play(FadeIn(kernel), run_time=0.6)
        self.step(self.say_images())
        self.wait(1.2)

        for column, spectrum in enumerate(spectra[:2]):
            self.play(FadeIn(self.make_arrow(column, "Fourier", DOWN)), run_time=0.4)
            self.play(FadeIn(spectrum), run_time=0.6)
        self.step(self.say_spectra())
        self.wait(3)

        self.play(FadeIn(self.make_sign(0, 1, TIMES), self.make_sign(1, 1, "=")), run_time=0.4)
        self.play(FadeIn(spectra[2]), run_time=0.8)
        self.step(self.say_product())
        self.wait(1.6)

        self.play(FadeIn(self.make_arrow(2, "back", UP)), run_time=0.4)
        self.play(FadeIn(blurred), run_time=0.8)
        self.step(self.say_back())
        self.wait(1.6)

        self.play(FadeIn(self.make_sign(0, 0, "∗"), self.make_sign(1, 0, "=")), run_time=0.4)
        self.play(FadeIn(self.make_verdict()), run_time=0.6)
        self.step(self.say_result())
        self.wait(2)

    def compute(self):
        """Go both ways: through the frequencies, and by sliding the kernel."""
        gray = transform.downscale_local_mean(color.rgb2gray(data.chelsea()), (2, 2))
        self.image = gray[20 : 20 + self.side, 60 : 60 + self.side]
        middle, half = self.side // 2, self.kernel.shape[0] // 2
        block = slice(middle - half, middle + half + 1)
        self.field = np.zeros_like(self.image)
        self.field[block, block] = self.kernel
        # In the middle of the field the kernel would also shift the image: its own is pixel (0, 0).
        spectra = [np.fft.fft2(self.image), np.fft.fft2(np.fft.ifftshift(self.field))]
        product = spectra[0] * spectra[1]
        self.back = np.fft.ifft2(product).real
        self.spectra = [np.fft.fftshift(spectrum) for spectrum in (*spectra, product)]
        x, weight = self.image[None, None], self.kernel[None, None, ::-1, ::-1]
        self.slid = conv2d(x, weight, padding="same", padding_mode="circular")[0, 0]

    def difference(self):
        """Measure how far apart the two ways end at the worst pixel."""
        return np.abs(self.back - self.slid).max()

    def names(self):
        """Name the pictures of the upper row."""
        return ("image", INPUT), ("kernel", KERNEL), ("convolution", OUTPUT)

    def make_row(self, row, matrices, names=((None, PLAIN),) * 3):
        """Draw three matrices side by side, with their names."""
        for matrix, x, (name, role) in zip(matrices, self.columns, names, strict=True):
            picture = Picture(matrix, self.height, role=role)
            picture.move_to([x, self.rows[row], 0])
            if name:
                picture.add(Lettering(name, 0.44, role).shift(picture.get_top() + 0.2 * UP))
            yield picture

    def make_arrow(self, column, word, way):
        """Draw an arrow between the rows."""
        middle = np.array([self.columns[column], np.mean(self.rows), 0])
        line = Arrow(middle - 0.42 * way, middle + 0.42 * way, buff=0, stroke_width=5)
        line.set_color(PLAIN.line)
        name = Lettering(word, 0.38)
        return VGroup(line, name.shift(middle + (0.25 + name.width / 2) * RIGHT + 0.12 * DOWN))

    def make_sign(self, column, row, sign):
        """Write a sign between two pictures."""
        middle = np.mean(self.columns[column : column + 2])
        return Lettering(sign, 0.9).move_to([middle, self.rows[row], 0])

    def make_verdict(self):
        """Write how far apart the two ways end."""
        words = Lettering("difference", 0.42).shift(0.75 * UP)
        sliding = Lettering("from sliding:", 0.42).shift(0.2 * UP)
        number = Lettering(self.write_difference(), 0.56, OUTPUT).shift(0.6 * DOWN)
        return VGroup(words, sliding, number).shift([self.right, self.rows[0], 0])

    def write_difference(self):
        """Write the difference of the two ways as a power of ten."""
        factor, power = f"{self.difference():.0e}".split("e")
        return f"{factor}·10{str(int(power)).translate(SUPERSCRIPT)}"

    def say_images(self):
        """Put the two images into words."""
        return (
            f"Two images of {self.side} by {self.side} pixels: a cat, and a kernel, which is a "
            "small bright spot that fades outwards, a Gaussian."
        )

    def say_spectra(self):
        """Put the Fourier transforms into words."""
        middle, off = self.side // 2, self.side // 10
        sizes = np.abs(self.spectra[1])[[middle, middle - off], middle]
        return (
            "Their Fourier transforms have one number for each frequency; the pictures show "
            "log(1 + its size), from black at 0 to white at their own maximum, with slow "
            "frequencies in the middle. The cat's has all of them. The kernel's size is "
            f"{sizes[0]:.2f} in the middle, and {sizes[1]:.2f} for {off / self.side:.2f} waves a "
            "pixel."
        )

    def say_product(self):
        """Put the product into words."""
        return (
            f"The two are multiplied, each of the {self.back.size:,} frequencies by itself. What "
            "is fast in the cat is gone."
        )

    def say_back(self):
        """Put the result into words."""
        return "Transformed back, the product is an image again: the cat, blurred."

    def say_result(self):
        """Put the comparison into words."""
        return (
            "It is the convolution of the two images. The kernel slid over the image, whose "
            "borders are joined, gives the same, but for rounding: at most "
            f"{self.write_difference()} at any pixel. So the transform of a convolution is a "
            "product, number by number."
        )
