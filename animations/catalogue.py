"""Which scenes there are, and which of their renderings are fresh. Imports no Manim.

The manifest beside the renderings has a row for each scene: the fingerprint of the code that it was
rendered from, the names of its files, and the film's size in pixels and duration in seconds. The
files are a film and its poster as drawn for light pages, and both as drawn for dark ones.
"""

import ast
import json
from pathlib import Path

from cnnlib.freshness import fingerprint

PACKAGE = "animations"
BASE_CLASS = "LectureScene"
FOLDER = Path("book", "_static", "animations")
COMMAND = "python -m animations"
# What a row of the manifest calls its files, and how these are named after the scene.
FILES = {
    "light": {"video": "{}.mp4", "poster": "{}.webp"},
    "dark": {"dark_video": "{}-dark.mp4", "dark_poster": "{}-dark.webp"},
}


def find_scenes(root):
    """List the scenes of a tree by reading their source.

    A scene is a class that derives, directly or through another scene, from `LectureScene`. One
    whose name begins with an underscore is only a base for others.

    Parameters
    ----------
    root : pathlib.Path
        Root folder of the repository.

    Returns
    -------
    list of str
        Names such as "sliding_kernel.SlidingKernel", sorted.

    Raises
    ------
    ValueError
        If a module has a syntax error.
    """
    bases = {}  # of each class: the names of its bases
    for path in sorted((root / PACKAGE).glob("*.py")):
        try:
            tree = ast.parse(path.read_bytes())
        except SyntaxError as error:
            raise ValueError(f"{path} has a syntax error in line {error.lineno}: mend it") from None
        for node in tree.body:
            if isinstance(node, ast.ClassDef):
                bases[path.stem, node.name] = {_last_name(base) for base in node.bases}

    found, grown = set(), {BASE_CLASS}
    while grown:
        derived = {scene for scene, names in bases.items() if names & grown} - found
        found |= derived
        grown = {name for _, name in derived}
    return sorted(f"{module}.{name}" for module, name in found if not name.startswith("_"))


def _last_name(node):
    return node.attr if isinstance(node, ast.Attribute) else getattr(node, "id", "")


def files_of(row):
    """Return the names of the files that a row of the manifest names."""
    return [row[kind] for kinds in FILES.values() for kind in kinds if kind in row]


def scene_fingerprint(scene, root):
    """Digest all that decides how a scene looks, see `cnnlib.freshness.fingerprint`."""
    return fingerprint(f"{PACKAGE}.{scene.partition('.')[0]}", root)


def why_stale(scene, root):
    """Say why a scene must be rendered.

    Parameters
    ----------
    scene : str
        One of `find_scenes`.
    root : pathlib.Path
        Root folder of the repository.

    Returns
    -------
    str or None
        A few words; None if its rendering is fresh.
    """
    row = read_manifest(root).get(scene)
    if row is None:
        return "never rendered"
    if row["fingerprint"] != scene_fingerprint(scene, root):
        return "its code changed"
    missing = [name for name in files_of(row) if not (root / FOLDER / name).exists()]
    return f"{' and '.join(missing)} missing" if missing else None


def find_leftovers(root):
    """List the manifest's rows whose scenes are gone."""
    return sorted(set(read_manifest(root)) - set(find_scenes(root)))


def manifest_path(root):
    """Tell where the manifest lies."""
    return root / FOLDER / "manifest.json"


def read_manifest(root):
    """Read the manifest: a dict of rows by scene, empty where there is none.

    Raises
    ------
    ValueError
        If the file is not JSON.
    """
    path = manifest_path(root)
    try:
        return json.loads(path.read_text("utf-8"))
    except FileNotFoundError:
        return {}
    except json.JSONDecodeError as error:
        raise ValueError(
            f"{path} is not JSON ({error}): restore it, or delete it and run `{COMMAND}`"
        ) from None
