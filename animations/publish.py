"""Putting renderings in place, so that an interruption leaves what was there before.

One process at a time: two would write each other's rows away.
"""

import json
import shutil

from animations.catalogue import FOLDER, files_of, find_leftovers, manifest_path, read_manifest
from cnnlib import atomic, locks

PART = ".part"  # what a file is called until it is whole
SUFFIXES = {".mp4", ".webp", PART}


def publish(scene, row, files, root):
    """Put a scene's files in place and its row into the manifest.

    The row comes last. Whatever stops this before leaves a row that is not fresh or files that
    were not touched.

    Parameters
    ----------
    scene : str
        Name such as "sliding_kernel.SlidingKernel".
    row : dict
        Its row of the manifest.
    files : dict
        Paths of the rendered files, by the names that they get.
    root : pathlib.Path
        Root folder of the repository.
    """
    folder = root / FOLDER
    with locks.alone_in(folder):
        for name, source in files.items():
            shutil.copyfile(source, folder / (name + PART))
        for name in files:
            (folder / (name + PART)).replace(folder / name)
        _write_manifest({**read_manifest(root), scene: row}, root)


def clear_leftovers(root):
    """Remove the rows of scenes that are gone, and all films and posters without a row.

    Returns
    -------
    list of str
        What was removed.
    """
    with locks.alone_in(root / FOLDER):
        rows, gone = read_manifest(root), find_leftovers(root)
        if gone:
            rows = {scene: row for scene, row in rows.items() if scene not in gone}
            _write_manifest(rows, root)
        kept = {name for row in rows.values() for name in files_of(row)}
        media = (path for path in (root / FOLDER).glob("*") if path.suffix in SUFFIXES)
        strays = sorted(path for path in media if path.name not in kept)
        for path in strays:
            path.unlink()
    return [*gone, *(path.name for path in strays)]


def _write_manifest(rows, root):
    atomic.write(manifest_path(root), json.dumps(rows, indent=2, sort_keys=True) + "\n")
