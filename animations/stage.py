"""What all scenes of the lecture have in common: paper, format, budget, steps in words.

A scene is played twice, to be drawn for light pages and for dark ones. It knows nothing of that: it
takes its colours from `cnnlib.palette`, in its methods, and finds there those of the mode.
"""

from contextlib import contextmanager

from manim import Scene

from cnnlib import palette, palette_dark

PALETTES = {
    mode: {name: getattr(module, name) for name in vars(palette) if name.isupper()}
    for mode, module in (("light", palette), ("dark", palette_dark))
}


@contextmanager
def drawn_in(mode):
    """Have `cnnlib.palette` hold the colours for "light" or for "dark" pages meanwhile."""
    vars(palette).update(PALETTES[mode])
    try:
        yield
    finally:
        vars(palette).update(PALETTES["light"])


class LectureScene(Scene):
    """A scene on the book's paper that says in words what it shows.

    The renderer finds the classes derived from this one by reading the source, without importing
    it: derive directly, or from another scene of this package.

    Attributes
    ----------
    title : str
        A few words for the gallery and the player.
    point : str
        What the film teaches, in one sentence.
    poster_step : int
        Index of the step whose picture is the poster; that picture tells the point by itself.
    pixel_width, pixel_height : int
        Size of the film. The frame is always 8 scene units high.
    frame_rate : int
        Frames a second.
    budget : int
        Bytes that the film and its poster may take together, in either mode. A scene does not
        raise it: it is that of plain grids, or, with images, that of `WithPictures`.
    steps : list of (int, int, str)
        What `step` has noted: from which frame on the picture comes to what the words say, at
        which it has come there (both counted from zero), and the words.
    """

    title = ""
    point = ""
    poster_step = -1
    pixel_width = 1280
    pixel_height = 720
    frame_rate = 30
    budget = 200_000

    def setup(self):
        """Lay the paper."""
        self.camera.background_color = palette.PAPER
        self.steps = []
        self._left = 0  # the frame from which on the picture leaves the last step

    def wait(self, *args, **kwargs):
        """Stand still. What comes after the rest at a step belongs to the next one."""
        at_step = self.steps and self._now() == self.steps[-1][1]
        super().wait(*args, **kwargs)
        if at_step:
            self._left = self._now()

    def _now(self):
        return round(self.time * self.frame_rate)

    def step(self, words):
        """Mark the present moment as one to which a reader can go, and say what is to be seen.

        Call it when the picture shows what the words say, before the scene rests there. All the
        steps' words, one after the other, are the film's transcript: the first says what is there,
        each further one what has happened and which number came out, the last what follows from
        it.

        Parameters
        ----------
        words : str
            Whole sentences; numbers in them come from the arrays that are drawn, see
            `animations.lettering.format_number`.

        Raises
        ------
        ValueError
            If `words` do not end as a sentence does, or the film has not moved on since the last
            step.
        """
        frame = self._now()
        if not words.endswith((".", "!", "?")):
            raise ValueError(f"`words` ({words!r}) end in no full stop: write whole sentences")
        if self.steps and frame <= self.steps[-1][1]:
            raise ValueError(
                f"`words` ({words!r}) stand at the same frame ({frame}) as those before: let time "
                "pass between two steps, or join their words"
            )
        self.steps.append((self._left, frame, words))
        self._left = frame
