"""A page shows a film only where it is that of its scene, and whole."""

from types import SimpleNamespace

import pytest
from docutils.parsers.rst import DirectiveError

from animations import catalogue
from animations.publish import publish

SCENE = "tiny.Tiny"
FILES = {
    kind: pattern.format(SCENE)
    for kinds in catalogue.FILES.values()
    for kind, pattern in kinds.items()
}


@pytest.fixture
def tree(tmp_path):
    (tmp_path / "animations").mkdir()
    (tmp_path / "animations/tiny.py").write_text("from manim import Scene\n")
    row = FILES | {"fingerprint": catalogue.scene_fingerprint(SCENE, tmp_path)}
    (tmp_path / "film").write_bytes(b"film")
    publish(SCENE, row, dict.fromkeys(FILES.values(), tmp_path / "film"), tmp_path)
    return tmp_path


@pytest.fixture
def shown(tree, root, monkeypatch):
    """Ask the directive for its row, and for the files that the page hangs on."""
    monkeypatch.syspath_prepend(root / "book" / "_ext")
    from animation import Animation

    def shown(scene=SCENE):
        noted = []
        env = SimpleNamespace(srcdir=str(tree), note_dependency=noted.append)
        state = SimpleNamespace(document=SimpleNamespace(settings=SimpleNamespace(env=env)))
        machine = SimpleNamespace(reporter=None)
        directive = Animation("animation", [scene], {}, [], 1, 0, "", state, machine)
        return directive._rendering(scene), noted

    return shown


def refusal(shown, scene=SCENE):
    with pytest.raises(DirectiveError) as caught:
        shown(scene)
    return caught.value.msg


def test_a_fresh_film_is_shown_and_the_page_hangs_on_all_that_it_is_made_of(shown, tree):
    row, noted = shown()
    assert row["video"] == "tiny.Tiny.mp4"
    folder = tree / catalogue.FOLDER
    made_of = [folder / name for name in ("manifest.json", *FILES.values())]
    made_of += [tree / "animations/tiny.py", tree / "requirements.lock"]
    assert set(noted) == set(map(str, made_of))


@pytest.mark.parametrize("file", FILES.values())
def test_a_film_without_one_of_its_files_is_refused(shown, tree, file):
    (tree / catalogue.FOLDER / file).unlink()
    told = refusal(shown)
    assert f"{file} missing" in told
    assert told.endswith("run `python -m animations tiny.Tiny`")


def test_an_old_film_is_refused(shown, tree):
    (tree / "animations/tiny.py").write_text("from manim import Circle\n")
    assert "its code changed" in refusal(shown)


def test_an_unknown_film_is_refused_with_those_that_are_known(shown):
    assert "no scene tiny.Gone has been rendered (tiny.Tiny are there)" in refusal(
        shown, "tiny.Gone"
    )


def test_a_damaged_manifest_is_named(shown, tree):
    catalogue.manifest_path(tree).write_text('{"tiny')
    assert "manifest.json is not JSON" in refusal(shown)


def test_a_scene_with_a_syntax_error_is_named(shown, tree):
    (tree / "animations/tiny.py").write_text("def f(:\n")
    assert "tiny.py has a syntax error in line 1" in refusal(shown)
