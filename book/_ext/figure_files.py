"""Make the files of the interactive figures: a script of each, the style sheet, still pictures."""

import hashlib
import importlib
import json
import shutil
import subprocess
import tempfile
from pathlib import Path

from matplotlib import pyplot as plt
from node_tools import node_command
from sphinx.errors import ExtensionError

from cnnlib import palette, plots
from cnnlib.freshness import fingerprint

FOLDER = Path("book/_figures")
ESBUILD = Path("node_modules/esbuild/bin/esbuild")
DPI = 200


def module_of(name):
    """Return the name of a figure's Python module."""
    return f"book._figures.{name.replace('-', '_')}"


def module(name):
    """Return a figure's Python module."""
    return importlib.import_module(module_of(name))


def palette_hues():
    """Return the colours that mean something, a dict by their names."""
    return {key: hue for key, hue in vars(palette).items() if key.isupper()}


def bundle(root, entry, data, target):
    """Put a script and all that it imports into one classic script.

    Parameters
    ----------
    root : pathlib.Path
        The repository, with esbuild in its ``node_modules``.
    entry : pathlib.Path
        The script.
    data : object
        What it imports from "figure-data".
    target : pathlib.Path
        The file to write.

    Raises
    ------
    sphinx.errors.ExtensionError
        If Node or esbuild are not there, or if esbuild refuses or warns.
    """
    node = node_command()
    if node is None or not (root / ESBUILD).is_file():
        raise ExtensionError(
            "interactive figures are bundled with Node and esbuild, which are not there: "
            "run `make env`"
        )
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "data.json")
        path.write_text(json.dumps(data, separators=(",", ":")), "utf-8")
        options = ["--bundle", "--minify", "--format=iife", "--target=es2022", "--charset=utf8"]
        options += [f"--alias:figure-data={path}", f"--outfile={target}", "--log-level=warning"]
        target.parent.mkdir(parents=True, exist_ok=True)
        result = subprocess.run(
            [node, root / ESBUILD, entry, *options],
            capture_output=True,
            text=True,
            check=False,
        )
    if result.returncode or result.stderr:
        raise ExtensionError(f"esbuild cannot bundle {entry}:\n{result.stderr}")


def figure_data(name):
    """Return what a figure's script gets: the palette, what it starts with, and its own data."""
    made = module(name)
    return {"palette": palette_hues(), "initial": made.INITIAL, **made.data()}


def write_script(app, name):
    """Write a figure's script into the site; return its path below ``_static``.

    Beside it comes what the script loads only when a reader asks: the `files()` of the figure's
    module, bytes or the paths of files by their names, if it has such.
    """
    path, root = f"figures/{name}.js", Path(app.srcdir)
    script = Path(app.outdir, "_static", path)
    for file, content in getattr(module(name), "files", dict)().items():
        write_file(script.with_name(file), content)
    bundle(root, root / FOLDER / f"{name}.js", figure_data(name), script)
    return path


def write_file(target, content):
    """Write bytes, or what is in a file."""
    target.parent.mkdir(parents=True, exist_ok=True)
    if isinstance(content, bytes):
        target.write_bytes(content)
    elif content.is_file():
        shutil.copyfile(content, target)
    else:
        raise ExtensionError(f"a figure needs {content}, which is not there: run `make env`")


def write_style(app):
    """Write the figures' style sheet; return its path below ``_static``.

    After the palette come the rules that they share, then those that a figure has of its own.
    """
    path = "figures/figures.css"
    hues = "".join(
        f"  --figure-{key.lower().replace('_', '-')}: {hue};\n"
        for key, hue in palette_hues().items()
    )
    target = Path(app.outdir, "_static", path)
    target.parent.mkdir(parents=True, exist_ok=True)
    folder = Path(app.srcdir, FOLDER)
    common = folder / "figures.css"
    sheets = [common, *sorted(set(folder.glob("*.css")) - {common})]
    rules = "\n".join(sheet.read_text("utf-8") for sheet in sheets)
    target.write_text(f":root {{\n{hues}}}\n\n{rules}", "utf-8")
    return path


def write_still(app, name, state):
    """Write a figure's still picture into the site; return its path below ``_static`` and its size.

    It is drawn where none of the same code and state is kept in the folder of the build.
    """
    made_of = fingerprint(module_of(name), Path(app.srcdir)) + json.dumps(state)
    path = f"figures/{name}-{hashlib.sha256(made_of.encode()).hexdigest()[:12]}.png"
    kept, target = Path(app.doctreedir, path), Path(app.outdir, "_static", path)
    if not kept.exists():
        with plt.rc_context():
            plots.use_style()
            figure = module(name).still(state)
            kept.parent.mkdir(parents=True, exist_ok=True)
            figure.savefig(kept, dpi=DPI, metadata={"Software": None})
            plt.close(figure)
    target.parent.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(kept, target)
    return path, plt.imread(target).shape[1::-1]
