"""The scenes show the library's numbers, and the renderings that are committed are theirs."""

import fcntl
import importlib
import json
import os
import shutil
import signal
import struct
import subprocess
import sys
import warnings
from itertools import islice
from pathlib import Path
from types import SimpleNamespace

import av
import numpy as np
import pytest
from PIL import Image

from animations import catalogue, publish
from animations.catalogue import FOLDER, find_scenes, read_manifest, why_stale
from cnnlib import palette, palette_dark
from cnnlib.conv import cross_correlate2d

ROOT = Path(__file__).resolve().parents[1]
SCENES = find_scenes(ROOT)
SLIDING_KERNEL = "sliding_kernel.SlidingKernel"
DARK = "-dark.mp4", "-dark.webp"

TINY_SCENE = '''\
"""A dot that goes to the right."""

from manim import RIGHT, Dot

from animations.stage import LectureScene
from cnnlib import palette


class {name}(LectureScene):
    """It goes."""

    title = "A dot"
    point = "It goes to the right."
    pixel_width, pixel_height, frame_rate = 160, 90, 10

    def construct(self):
        """Move."""
        dot = Dot(color=palette.INK)
        self.add(dot)
        self.step("A dot.")
        self.play(dot.animate.shift(RIGHT), run_time=0.5)  # half a second
        self.step("It has gone to the right.")
        self.wait(0.2)
'''


@pytest.fixture(scope="module")
def manim(tmp_path_factory):
    """Return Manim, without its word on this module's warnings, writing to a temporary folder."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # pydub, which it imports, has invalid escape sequences
        import manim
    media = tmp_path_factory.mktemp("media")
    settings = {"media_dir": str(media), "verbosity": "ERROR", "progress_bar": "none"}
    with manim.tempconfig({**settings, "pixel_width": 1280, "pixel_height": 720}):
        yield manim


@pytest.fixture(scope="module")
def shared(manim):
    names = ("grid", "lettering", "motion", "roles", "stage", "sums")
    return SimpleNamespace(**{n: importlib.import_module(f"animations.{n}") for n in names})


@pytest.fixture(scope="module")
def finished(manim):
    """Return the sliding kernel's scene as it ends."""
    from animations.sliding_kernel import SlidingKernel

    with manim.tempconfig({"format": "png"}):  # the last frame only
        scene = SlidingKernel()
        scene.render()
    return scene


def scene_class(name):
    module, _, attribute = name.partition(".")
    return getattr(importlib.import_module(f"animations.{module}"), attribute)


def luminance(colour):
    channels = np.array([int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)])
    linear = np.where(channels <= 0.04045, channels / 12.92, ((channels + 0.055) / 1.055) ** 2.4)
    return linear @ [0.2126, 0.7152, 0.0722]


def contrast(one, other):
    dark, light = sorted(map(luminance, (one, other)))
    return (light + 0.05) / (dark + 0.05)


def apart(one, other):
    """Whether two mobjects' boxes do not overlap."""
    distance = np.abs(one.get_center() - other.get_center())[:2]
    reach = np.array([one.width + other.width, one.height + other.height]) / 2
    return (distance >= reach).any()


# What the sliding kernel shows


def test_feature_map_is_the_one_computed_by_hand(finished):
    by_hand = [[5, 4], [1, 3], [4, -1]]
    np.testing.assert_array_equal(finished.feature_map, by_hand)
    np.testing.assert_array_equal(cross_correlate2d(finished.image, finished.kernel), by_hand)


def test_sums_are_written_out_in_window_order(finished):
    written = [finished.make_sum(*place).text for place in np.ndindex(3, 2)]
    assert written == [
        "3·1 + 1·0 + 0·(−1) + 0·2 + 2·1 + 1·0 = 5",
        "1·1 + 0·0 + 2·(−1) + 2·2 + 1·1 + 1·0 = 4",
        "0·1 + 2·0 + 1·(−1) + 1·2 + 0·1 + 2·0 = 1",
        "2·1 + 1·0 + 1·(−1) + 0·2 + 2·1 + 3·0 = 3",
        "1·1 + 0·0 + 2·(−1) + 2·2 + 1·1 + 0·0 = 4",
        "0·1 + 2·0 + 3·(−1) + 1·2 + 0·1 + 1·0 = −1",
    ]


def test_film_ends_on_the_complete_map_and_the_sizes(finished, shared):
    grids = [m for m in finished.mobjects if isinstance(m, shared.grid.NumberGrid)]
    image, kernel, result = grids
    np.testing.assert_array_equal(image.values, finished.image)
    np.testing.assert_array_equal(kernel.values, finished.kernel)
    np.testing.assert_array_equal(result.values, finished.feature_map)
    assert all(cell.get_fill_opacity() == 1 for cell in result.cells)
    shown = [m for m in finished.mobjects if isinstance(m, shared.lettering.Lettering)]
    for place in np.ndindex(3, 2):
        at_place = [m for m in shown if np.allclose(m.get_center(), result.center_of(*place))]
        assert [m.text for m in at_place] == [f"{result.values[place]:g}".replace("-", "−")]
    (window,) = (m for m in finished.mobjects if isinstance(m, shared.grid.KernelWindow))
    np.testing.assert_allclose(window.get_center(), image.center_of(2, 1, (2, 3)), atol=1e-9)
    _, sizes = finished.make_names(*grids)
    assert [size.text for size in sizes] == ["4×4 input", "2×3 kernel", "3×2 feature map"]


def test_numbers_stay_clear_of_the_window_weights(finished, shared):
    image = next(m for m in finished.mobjects if isinstance(m, shared.grid.NumberGrid))
    (window,) = (m for m in finished.mobjects if isinstance(m, shared.grid.KernelWindow))
    assert all(apart(digits, box) for digits in image.numbers for box in window.boxes)


# The shared mobjects


def test_words_stand_on_one_line_whatever_their_letters(shared):
    for word in ("input", "kernel", "map"):
        first = shared.lettering.Lettering(f"n{word}")[0]
        assert first.get_bottom()[1] == pytest.approx(0, abs=0.005)


def test_lettering_has_a_glyph_for_each_character(shared):
    line = shared.lettering.Lettering("0·(−1) = fi")
    assert len(line) == len("0·(−1) = fi")
    assert line.get_center()[0] == pytest.approx(0)


def test_missing_font_is_named(shared, monkeypatch):
    shared.lettering._installed_font.cache_clear()
    monkeypatch.setattr(shared.lettering, "FONT", "No Such Sans")
    with pytest.raises(RuntimeError, match=r"No Such Sans is not installed: see apt\.txt"):
        shared.lettering.Lettering("1")


def test_long_line_stays_one_line(shared):
    line = shared.sums.SumOfProducts(range(9), range(9), 204)
    assert line.height < 2 * 0.6


@pytest.mark.parametrize(
    ("value", "text"), [(-1, "−1"), (3.0, "3"), (0.25, "0.25"), (-0.0, "0"), (-1.5, "−1.5")]
)
def test_numbers_are_written_with_a_true_minus(shared, value, text):
    assert shared.lettering.format_number(value) == text


def test_sizes_and_small_counts_are_put_into_words(shared):
    assert shared.lettering.format_size((2, 3)) == "2×3"
    assert [shared.lettering.spell(count) for count in (0, 3, 9, 12)] == [
        *("zero", "three", "nine", "twelve")
    ]


def test_sums_fall_on_each_other_sign_by_sign(shared):
    one = shared.sums.SumOfProducts([3, 1], [1, -1], 2).shift([1, -2, 0])
    other = shared.sums.SumOfProducts([1, 8], [1, -1], -7, like=one)
    for before, after in zip(
        [*one.signs, *one.weights], [*other.signs, *other.weights], strict=True
    ):
        np.testing.assert_allclose(before.get_center(), after.get_center(), atol=1e-6)


def test_grid_finds_its_cells(shared):
    grid = shared.grid.NumberGrid([[1, 2, 3], [4, 5, 6]], shared.roles.INPUT, cell_size=1)
    grid.shift([5, 0, 0])
    np.testing.assert_allclose(grid.center_of(0, 0), [4, 0.5, 0])
    np.testing.assert_allclose(grid.center_of(1, 2), grid.cell(1, 2).get_center())
    np.testing.assert_allclose(grid.center_of(0, 0.5, (2, 2)), [5, 0, 0])
    assert [digits.text for digits in grid.block(0, 1, (2, 2))] == ["2", "3", "5", "6"]


def test_tucked_weights_lie_in_their_cells(shared):
    window = shared.grid.KernelWindow([[1, -1]], cell_size=1).tuck()
    for box, weight, left in zip(window.boxes, window.weights, (-1, 0), strict=True):
        assert left < box.get_left()[0] < weight.get_left()[0]
        assert weight.get_right()[0] < box.get_right()[0] < left + 1
        assert -0.5 < box.get_bottom()[1] < weight.get_bottom()[1]


def test_follower_stops_on_the_stops_and_stays_at_the_ends(manim, shared):
    tracker, dot = manim.ValueTracker(-1), manim.Dot()
    dot.add_updater(shared.motion.follow(tracker, [[0, 0, 0], [1, 0, 0], [1, 1, 0]], start=-1))
    for value, place in [(-2, (0, 0)), (-1, (0, 0)), (-0.5, (0.5, 0)), (0, (1, 0)), (9, (1, 1))]:
        tracker.set_value(value)
        dot.update()
        pixel = 1 / 90
        np.testing.assert_allclose(dot.get_center()[:2], place, atol=pixel)


@pytest.mark.parametrize("mode", ["light", "dark"])
@pytest.mark.parametrize("role", ["INPUT", "KERNEL", "OUTPUT", "PLAIN"])
def test_ink_is_readable_on_all_its_grounds(shared, role, mode):
    role = getattr(shared.roles, role)
    with shared.stage.drawn_in(mode):
        for ground in (palette.PAPER, role.tint.to_hex(), role.shade.to_hex()):
            assert contrast(role.ink, ground) >= 4.5
        assert contrast(role.line, palette.PAPER) >= 3


def test_a_palette_is_put_back_whatever_goes_wrong(shared):
    def fail():
        with shared.stage.drawn_in("dark"):
            raise ValueError(palette.PAPER)

    with pytest.raises(ValueError, match=palette_dark.PAPER):
        fail()
    assert palette.PAPER == "#FFFFFF"


# The committed renderings


def test_there_are_scenes_and_a_row_for_each_of_them():
    assert SLIDING_KERNEL in SCENES
    assert sorted(read_manifest(ROOT)) == SCENES


@pytest.mark.parametrize("scene", SCENES)
def test_committed_rendering_is_fresh(scene):
    assert why_stale(scene, ROOT) is None, f"run `{catalogue.COMMAND}`"


@pytest.mark.parametrize("kind", ["video", "dark_video"])
@pytest.mark.parametrize("scene", SCENES)
def test_film_is_what_every_browser_plays(scene, kind):
    row = read_manifest(ROOT)[scene]
    path = ROOT / FOLDER / row[kind]
    with av.open(path) as film:
        assert [stream.type for stream in film.streams] == ["video"]
        (stream,) = film.streams
        assert (stream.codec_context.name, stream.pix_fmt) == ("h264", "yuv420p")
        assert (stream.width, stream.height) == (row["width"], row["height"]) == (1280, 720)
        key_frames = [frame.key_frame for frame in film.decode(stream)]
        assert key_frames[0]
        seconds = len(key_frames) / stream.average_rate
    assert round(float(seconds), 3) == row["duration"]
    assert 6 <= seconds <= 25
    assert order_of_boxes(path).index(b"moov") < order_of_boxes(path).index(b"mdat")


@pytest.mark.parametrize("mode", ["", "dark_"])
@pytest.mark.parametrize("scene", SCENES)
def test_poster_is_the_picture_of_its_step(manim, scene, mode):
    row = read_manifest(ROOT)[scene]
    _, seconds, _ = row["steps"][scene_class(scene).poster_step]
    with av.open(ROOT / FOLDER / row[f"{mode}video"]) as film:
        place = round(seconds * film.streams.video[0].average_rate)
        frame = next(islice(film.decode(video=0), place, None))
    drawn = np.asarray(frame.to_image().convert("L"), float)
    with Image.open(ROOT / FOLDER / row[f"{mode}poster"]) as poster:
        assert poster.format == "WEBP"
        assert np.abs(drawn - np.asarray(poster.convert("L"))).mean() < 2


@pytest.mark.parametrize("scene", SCENES)
def test_dark_drawing_is_the_light_one_in_the_other_palette(scene):
    row = read_manifest(ROOT)[scene]
    for poster, own, other in (
        ("poster", palette, palette_dark),
        ("dark_poster", palette_dark, palette),
    ):
        with Image.open(ROOT / FOLDER / row[poster]) as image:
            pixels = np.asarray(image.convert("RGB")).reshape(-1, 3)
        hues = {"#{:02X}{:02X}{:02X}".format(*hue) for hue in np.unique(pixels, axis=0)}
        assert "#{:02X}{:02X}{:02X}".format(*pixels[0]) == own.PAPER
        assert not {other.INPUT, other.KERNEL, other.OUTPUT, other.ACCENT} & hues
    frames = []
    for video in (row["video"], row["dark_video"]):
        with av.open(ROOT / FOLDER / video) as film:
            frames.append(sum(packet.size > 0 for packet in film.demux(video=0)))
    assert frames[0] == frames[1]


@pytest.mark.parametrize("scene", SCENES)
def test_film_and_poster_keep_to_the_budget(manim, scene):
    from animations.pixel_camera import WithPictures

    row = read_manifest(ROOT)[scene]
    budget = 500_000 if issubclass(scene_class(scene), WithPictures) else 200_000
    assert scene_class(scene).budget == budget
    for kinds in catalogue.FILES.values():
        size = sum((ROOT / FOLDER / row[kind]).stat().st_size for kind in kinds)
        assert size <= budget


def order_of_boxes(path):
    data, boxes, position = path.read_bytes(), [], 0
    while position < len(data):
        size, kind = struct.unpack(">I4s", data[position : position + 8])
        boxes.append(kind)
        position += size
    return boxes


# Which scenes there are, and which are stale


class Tree:
    """A copy of a scene of the repository, or an empty place for others."""

    def __init__(self, root):
        self.root = root

    def write(self, path, text):
        file = self.root / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, "utf-8")

    def edit(self, path, old, new):
        text = (self.root / path).read_text("utf-8")
        assert text.count(old) == 1, f"{old!r} is {text.count(old)} times in {path}"
        self.write(path, text.replace(old, new))

    def pretend(self, scene, content=b"film"):
        """Publish a scene without rendering it."""
        row = {
            kind: name.format(scene)
            for kinds in catalogue.FILES.values()
            for kind, name in kinds.items()
        }
        files = {name: self.root / f"rendered-{name}" for name in row.values()}
        for path in files.values():
            path.write_bytes(content)
        row["fingerprint"] = catalogue.scene_fingerprint(scene, self.root)
        publish.publish(scene, row, files, self.root)

    def stale(self):
        return [scene for scene in find_scenes(self.root) if why_stale(scene, self.root)]

    def published(self):
        """Return all that is published, by name."""
        return {path.name: path.read_bytes() for path in (self.root / FOLDER).iterdir()}

    def run(self, *arguments):
        return subprocess.run(
            [sys.executable, "-m", "animations", *arguments],
            cwd=self.root,
            env={**os.environ, "PYTHONPATH": str(self.root), "TMPDIR": str(self.root)},
            capture_output=True,
            text=True,
            check=False,
        )


def files_of(*scenes):
    """Return the names of the four files of each scene."""
    return {f"{scene}{end}" for scene in scenes for end in (".mp4", ".webp", *DARK)}


@pytest.fixture
def tree(tmp_path):
    """Copy one of the repository's scenes, add a small one, and let both be fresh."""
    tree = Tree(tmp_path)
    for name in ("animations", "cnnlib"):
        ignore = shutil.ignore_patterns("__pycache__")
        shutil.copytree(ROOT / name, tmp_path / name, ignore=ignore)
    shutil.copyfile(ROOT / "requirements.lock", tmp_path / "requirements.lock")
    for module in {scene.partition(".")[0] for scene in SCENES} - {"sliding_kernel"}:
        (tmp_path / "animations" / f"{module}.py").unlink()
    tree.write("animations/tiny.py", TINY_SCENE.format(name="Tiny"))
    for scene in find_scenes(tmp_path):
        tree.pretend(scene)
    return tree


@pytest.fixture
def tiny_tree(tree):
    """Keep only the small scene."""
    (tree.root / "animations" / "sliding_kernel.py").unlink()
    publish.clear_leftovers(tree.root)
    return tree


def test_scenes_are_the_classes_derived_from_the_base(tmp_path):
    tree = Tree(tmp_path)
    tree.write("animations/stage.py", "class LectureScene(Scene): ...")
    tree.write("animations/a.py", "class Direct(LectureScene): ...\nclass Other(VGroup): ...")
    tree.write(
        "animations/b.py", "class Through(a.Direct, Mixin): ...\nclass _Base(LectureScene): ..."
    )
    tree.write("animations/c.py", "class Furthest(b.Through): ...\nclass OfBase(_Base): ...")
    assert find_scenes(tmp_path) == ["a.Direct", "b.Through", "c.Furthest", "c.OfBase"]


def test_syntax_error_is_named(tmp_path):
    Tree(tmp_path).write("animations/broken.py", "x = 1\nclass Broken(")
    with pytest.raises(ValueError, match=r"broken\.py has a syntax error in line 2"):
        find_scenes(tmp_path)


def test_looking_for_what_is_stale_needs_neither_manim_nor_numpy(tree):
    looks = (
        "import sys; from animations.__main__ import main; main(['--list']); main(['--check']); "
        "main([]); assert not {'manim', 'numpy', 'av', 'PIL'} & set(sys.modules)"
    )
    result = subprocess.run(
        [sys.executable, "-c", looks],
        cwd=tree.root,
        env={**os.environ, "PYTHONPATH": str(tree.root)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert result.returncode == 0, result.stderr
    assert f"{SLIDING_KERNEL}: fresh" in result.stdout
    assert "Every scene is fresh." in result.stdout


def test_editing_a_scene_makes_just_that_one_stale(tree):
    tree.edit("animations/sliding_kernel.py", "[3, 1, 0, 2]", "[3, 1, 0, 4]")
    assert tree.stale() == [SLIDING_KERNEL]
    assert why_stale(SLIDING_KERNEL, tree.root) == "its code changed"


def test_editing_the_library_makes_stale_what_imports_it(tree):
    conv = tree.root / "cnnlib" / "conv.py"
    conv.write_text(conv.read_text("utf-8") + "\nCHANGED = True\n", "utf-8")
    assert tree.stale() == [SLIDING_KERNEL]


def test_editing_the_stage_makes_all_stale(tree):
    tree.edit("animations/stage.py", "frame_rate = 30", "frame_rate = 25")
    assert tree.stale() == find_scenes(tree.root)


def test_editing_a_dark_colour_makes_all_stale(tree):
    tree.edit("cnnlib/palette_dark.py", 'INPUT = "#4AA8E0"', 'INPUT = "#4AA8E1"')
    assert tree.stale() == find_scenes(tree.root)


def test_editing_comments_and_docstrings_makes_nothing_stale(tree):
    tree.edit("animations/tiny.py", "half a second", "not long")
    tree.edit("animations/tiny.py", '"""It goes."""', '"""How it goes."""')
    tree.edit("animations/stage.py", '"""Lay the paper."""', '"""Lay white paper."""')
    assert tree.stale() == []


def test_missing_files_make_stale(tree):
    for name in ("tiny.Tiny.webp", "tiny.Tiny-dark.mp4"):
        (tree.root / FOLDER / name).unlink()
    assert tree.stale() == ["tiny.Tiny"]
    assert why_stale("tiny.Tiny", tree.root) == "tiny.Tiny.webp and tiny.Tiny-dark.mp4 missing"


def test_broken_manifest_is_named(tree):
    catalogue.manifest_path(tree.root).write_text('{"tiny', "utf-8")
    with pytest.raises(ValueError, match=r"manifest\.json is not JSON"):
        tree.stale()


def test_check_names_what_is_stale_and_the_remedy(tree):
    assert tree.run("--check").returncode == 0
    tree.write("animations/tiny.py", TINY_SCENE.format(name="Renamed"))
    result = tree.run("--check")
    assert result.returncode == 1
    assert "tiny.Renamed is stale: never rendered" in result.stderr
    assert "tiny.Tiny is gone" in result.stderr
    assert SLIDING_KERNEL not in result.stderr
    assert "`python -m animations`" in result.stderr
    assert tree.run("--check", SLIDING_KERNEL).returncode == 0


def test_unknown_scene_is_answered_with_the_names(tree):
    result = tree.run("tiny.Huge")
    assert result.returncode == 2
    assert f"no scene is called tiny.Huge; there are {SLIDING_KERNEL}, tiny.Tiny" in result.stderr


# Publishing


def test_interrupted_publishing_leaves_a_readable_whole(tree, monkeypatch):
    before = tree.published()
    tree.edit("animations/tiny.py", "run_time=0.5", "run_time=0.6")

    def interrupt(*_):
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(publish.shutil, "copyfile", interrupt)
        with pytest.raises(KeyboardInterrupt):
            tree.pretend("tiny.Tiny", b"new film")
    assert tree.published() == before

    with monkeypatch.context() as patch:
        patch.setattr(publish, "_write_manifest", interrupt)
        with pytest.raises(KeyboardInterrupt):
            tree.pretend("tiny.Tiny", b"new film")
    assert tree.published()["manifest.json"] == before["manifest.json"]
    assert tree.stale() == ["tiny.Tiny"]


def test_leftovers_are_cleared(tree):
    (tree.root / "animations" / "tiny.py").unlink()
    (tree.root / FOLDER / "half.mp4.part").write_bytes(b"half")
    (tree.root / FOLDER / "notes.txt").write_text("not a film", "utf-8")
    gone = publish.clear_leftovers(tree.root)
    assert gone == ["tiny.Tiny", "half.mp4.part", *sorted(files_of("tiny.Tiny"))]
    assert set(tree.published()) == {"manifest.json", "notes.txt", *files_of(SLIDING_KERNEL)}
    assert list(read_manifest(tree.root)) == [SLIDING_KERNEL]


def test_whoever_changes_what_is_published_is_alone_with_it(tree, monkeypatch):
    read, asked = publish.read_manifest, []

    def read_while_others_wait(root):
        handle = os.open(root / FOLDER, os.O_RDONLY)
        with pytest.raises(BlockingIOError):
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        os.close(handle)
        asked.append(root)
        return read(root)

    monkeypatch.setattr(publish, "read_manifest", read_while_others_wait)
    tree.pretend("tiny.Tiny")
    publish.clear_leftovers(tree.root)
    assert len(asked) == 2


def test_manifest_is_written_for_people_and_diffs(tree):
    text = catalogue.manifest_path(tree.root).read_text("utf-8")
    assert text == json.dumps(json.loads(text), indent=2, sort_keys=True) + "\n"


# Rendering


def find_dot(picture):
    """Return the middle, row and column, of what stands out from the paper."""
    values = np.asarray(picture, float)
    return np.argwhere(np.abs(values - values[0, 0]) > 60).mean(axis=0)


def test_only_what_is_stale_is_rendered(tree):
    tree.edit("animations/tiny.py", "run_time=0.5", "run_time=0.6")
    tree.write("animations/other.py", TINY_SCENE.format(name="Other"))
    before = tree.published()
    result = tree.run()
    assert result.returncode == 0, result.stderr
    after = tree.published()
    changed = {name for name in after if after[name] != before.get(name)}
    assert changed == {"manifest.json", *files_of("tiny.Tiny", "other.Other")}
    assert not (tree.root / "media").exists()
    row = read_manifest(tree.root)["tiny.Tiny"]
    assert row == {
        "fingerprint": catalogue.scene_fingerprint("tiny.Tiny", tree.root),
        "video": "tiny.Tiny.mp4",
        "poster": "tiny.Tiny.webp",
        "dark_video": "tiny.Tiny-dark.mp4",
        "dark_poster": "tiny.Tiny-dark.webp",
        "title": "A dot",
        "point": "It goes to the right.",
        "width": 160,
        "height": 90,
        "duration": 0.8,
        "steps": [[0.0, 0.0, "A dot."], [0.0, 0.6, "It has gone to the right."]],
    }
    for kind in ("video", "dark_video"):
        with av.open(tree.root / FOLDER / row[kind]) as film:
            frames = [frame.to_ndarray(format="gray") for frame in film.decode(video=0)]
        assert len(frames) == 8
        dot = [find_dot(frame) for frame in frames]
        assert dot[-1][1] - dot[0][1] > 5  # of the 11 pixels of a unit
    assert [path.name for path in tree.root.joinpath(FOLDER).glob("*.part")] == []

    assert "Every scene is fresh." in tree.run().stdout
    assert tree.published() == after


def test_rendering_is_reproducible_bit_for_bit(tiny_tree):
    films = []
    for _ in range(2):  # in two processes, with two seeds of Python's hashes
        assert tiny_tree.run("--all").returncode == 0
        films.append(tiny_tree.published())
    assert set(films[0]) == {"manifest.json", *files_of("tiny.Tiny")}
    assert films[0] == films[1]


def test_poster_can_be_another_step(tiny_tree):
    tiny_tree.edit("animations/tiny.py", "pixel_width,", "poster_step = 0\n    pixel_width,")
    assert tiny_tree.run().returncode == 0
    with Image.open(tiny_tree.root / FOLDER / "tiny.Tiny.webp") as poster:
        dot = find_dot(poster.convert("L"))
    np.testing.assert_allclose(dot, [44.5, 79.5], atol=0.6)  # in the middle, where it began


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ('title = "A dot"', 'title = ""', "tiny.Tiny has no `title`"),
        ('point = "It goes to the right."', 'point = ""', "tiny.Tiny has no `point`"),
        ("self.step(", "str(", "tiny.Tiny has no steps: call `self.step`"),
    ],
)
def test_scene_without_words_is_not_rendered(tiny_tree, old, new, message):
    file = tiny_tree.root / "animations" / "tiny.py"
    file.write_text(file.read_text("utf-8").replace(old, new), "utf-8")
    result = tiny_tree.run()
    assert result.returncode == 1
    assert message in result.stderr


def test_killed_rendering_leaves_what_was_there(tiny_tree):
    before = tiny_tree.published()
    killed = "import os, signal\n        os.kill(os.getpid(), signal.SIGKILL)\n"
    tiny_tree.edit("animations/tiny.py", "self.play(", f"{killed}        self.play(")
    assert tiny_tree.run().returncode == -signal.SIGKILL
    assert tiny_tree.published() == before
    assert tiny_tree.stale() == ["tiny.Tiny"]


def test_failing_scene_is_named_and_the_others_rendered(tiny_tree):
    before = tiny_tree.published()
    tiny_tree.edit("animations/tiny.py", "self.play(", "self.no_such_thing\n        self.play(")
    tiny_tree.write("animations/greedy.py", TINY_SCENE.format(name="Greedy") + "\n    budget = 9\n")
    tiny_tree.write("animations/other.py", TINY_SCENE.format(name="Other"))
    result = tiny_tree.run("--jobs", "1")
    assert result.returncode == 1
    assert "no_such_thing" in result.stderr
    assert "greedy.Greedy (light) takes" in result.stderr
    assert "more than its `budget` (9)" in result.stderr
    assert "Not rendered: greedy.Greedy, tiny.Tiny." in result.stderr
    assert set(tiny_tree.published()) == {*before, *files_of("other.Other")}
    assert tiny_tree.stale() == ["greedy.Greedy", "tiny.Tiny"]
