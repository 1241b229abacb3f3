"""What all scenes of the lecture have in common: paper, format, budget."""

from manim import Scene

from cnnlib import palette


class LectureScene(Scene):
    """A scene on the book's paper.

    The renderer finds the classes derived from this one by reading the source, without importing
    it: derive directly, or from another scene of this package.

    Attributes
    ----------
    pixel_width, pixel_height : int
        Size of the film. The frame is always 8 scene units high.
    frame_rate : int
        Frames a second.
    budget : int
        Bytes that the film and its poster may take together.
    """

    pixel_width = 1280
    pixel_height = 720
    frame_rate = 30
    budget = 200_000

    def setup(self):
        """Lay the paper."""
        self.camera.background_color = palette.PAPER
