"""From a scene's class to a small film and its poster, for light pages and for dark ones.

Manim writes the frames without loss to a temporary folder; from there they are encoded once, in
the colours of HDTV (BT.709), as H.264 that every browser plays and may start before it is loaded.
A change here makes no scene stale: have all rendered again with ``--all``.
"""

import importlib
from pathlib import Path

import av
from av.video.frame import PictureType
from av.video.reformatter import ColorRange, Colorspace
from manim import tempconfig
from PIL import Image

from animations.catalogue import FILES, PACKAGE, scene_fingerprint
from animations.stage import drawn_in

FRAME_HEIGHT = 8  # scene units
LOSSLESS = {
    "video_codec": "libx264rgb",
    "pixel_format": "rgb24",
    "video_encoder_options": {"crf": "0", "preset": "ultrafast"},
}
X264 = {
    "preset": "veryslow",
    "tune": "animation",
    "crf": "31",
    "psy": "0",  # invents grain, at a price
    "subq": "11",
    "me_range": "128",  # pixels: a number may fly far from one frame to the next
    "g": "300",  # frames between key frames at most, so that going back takes no time
    "threads": "1",  # the bytes depend on it
}
BT709 = 1  # the number of its primaries and of its transfer in H.264


def render(scene, root, folder):
    """Render a scene into a folder.

    Parameters
    ----------
    scene : str
        Name such as "sliding_kernel.SlidingKernel".
    root : pathlib.Path
        Root folder of the repository, where Python finds the package of the scenes.
    folder : pathlib.Path
        A folder of its own for the results and all that is needed on the way.

    Returns
    -------
    row : dict
        The row of the manifest.
    files : dict
        Paths of films and posters, by the names that they are to have.

    Raises
    ------
    ValueError
        If the scene has no title, no point or no steps, or if a film and its poster exceed its
        budget.
    """
    folder.mkdir(parents=True)
    module, _, name = scene.partition(".")
    before = scene_fingerprint(scene, root)  # an edit meanwhile must leave it stale
    scene_class = getattr(importlib.import_module(f"{PACKAGE}.{module}"), name)
    names, files = {}, {}
    for mode, kinds in FILES.items():
        with drawn_in(mode):
            frames, steps = _play(scene_class, folder / mode)
        _check_words(scene, scene_class, steps)
        _, poster_frame, _ = steps[scene_class.poster_step]
        drawing = {kind: name.format(scene) for kind, name in kinds.items()}
        film, poster = paths = [folder / name for name in drawing.values()]
        frame_count = _encode(frames, film, poster, poster_frame)
        _check_budget(f"{scene} ({mode})", paths, scene_class.budget)
        names |= drawing
        files |= {path.name: path for path in paths}
    row = {
        **names,
        "fingerprint": before,
        "title": scene_class.title,
        "point": scene_class.point,
        "width": scene_class.pixel_width,
        "height": scene_class.pixel_height,
        "duration": _seconds(frame_count, scene_class),
        "steps": [
            [_seconds(since, scene_class), _seconds(frame, scene_class), words]
            for since, frame, words in steps
        ],
    }
    return row, files


def _play(scene_class, folder):
    width, height = scene_class.pixel_width, scene_class.pixel_height
    settings = {
        **LOSSLESS,
        "format": "mp4",
        "media_dir": str(folder),
        "pixel_width": width,
        "pixel_height": height,
        "frame_height": FRAME_HEIGHT,
        "frame_width": FRAME_HEIGHT * width / height,
        "frame_rate": scene_class.frame_rate,
        "disable_caching": True,
        "progress_bar": "none",
        "verbosity": "ERROR",
    }
    with tempconfig(settings):
        scene = scene_class()
        scene.render()
        return Path(scene.renderer.file_writer.movie_file_path), scene.steps


def _seconds(frame, scene_class):
    return round(frame / scene_class.frame_rate, 3)


def _encode(frames, video, poster, poster_frame):
    """Encode all frames as the film and one of them as the poster; count them."""
    with av.open(frames) as source, av.open(video, "w", options={"movflags": "faststart"}) as film:
        track = source.streams.video[0]
        stream = film.add_stream("libx264", rate=track.average_rate, options=X264)
        stream.width, stream.height, stream.pix_fmt = track.width, track.height, "yuv420p"
        context = stream.codec_context
        context.colorspace, context.color_range = Colorspace.ITU709, ColorRange.MPEG
        context.color_primaries = context.color_trc = BT709
        count = 0
        for frame in source.decode(track):
            small = frame.reformat(
                format="yuv420p", dst_colorspace=Colorspace.ITU709, dst_color_range=ColorRange.MPEG
            )
            small.pts, small.time_base = count, 1 / stream.average_rate
            small.pict_type = PictureType.NONE  # or Manim's many key frames would be kept
            film.mux(stream.encode(small))
            if count <= poster_frame:
                still = frame
            count += 1
        film.mux(stream.encode())
    # 256 of its colours, the frequent ones unchanged: a third less to load, and nothing to see.
    few = still.to_image().quantize(256, Image.Quantize.MEDIANCUT, dither=Image.Dither.NONE)
    few.convert("RGB").save(poster, lossless=True, quality=100, method=6)
    return count


def _check_words(scene, scene_class, steps):
    for attribute in ("title", "point"):
        if not getattr(scene_class, attribute):
            raise ValueError(f"{scene} has no `{attribute}`: set the attribute, see LectureScene")
    if not steps:
        raise ValueError(f"{scene} has no steps: call `self.step` where a reader may want to stop")


def _check_budget(drawing, paths, budget):
    size = sum(path.stat().st_size for path in paths)
    if size > budget:
        raise ValueError(
            f"{drawing} takes {size:,} bytes with its poster, more than its `budget` ({budget:,}): "
            "shorten it, or move less at a time"
        )
