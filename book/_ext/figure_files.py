"""Make the files of the interactive figures: a script of each, the style sheet, still pictures."""

import hashlib
import importlib
import io
import json
import subprocess
import tempfile
from pathlib import Path

import figure_drawing
from matplotlib import pyplot as plt
from node_tools import node_command
from page_images import write_modes
from sphinx.errors import ExtensionError

from cnnlib import atomic, palette, palette_dark, plots
from cnnlib.freshness import fingerprint

FOLDER = Path("book/_figures")
STYLE = "figures/figures.css"  # below `_static`
ESBUILD = Path("node_modules/esbuild/bin/esbuild")


def module_of(name):
    """Return the name of a figure's Python module."""
    return f"book._figures.{name.replace('-', '_')}"


def module(name):
    """Return a figure's Python module."""
    return importlib.import_module(module_of(name))


def palette_hues(module=palette):
    """Return the colours that mean something, a dict by their names."""
    return {key: hue for key, hue in vars(module).items() if key.isupper()}


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
        options += [f"--alias:figure-data={path}", "--log-level=warning"]
        result = subprocess.run(
            [node, root / ESBUILD, entry, *options],
            capture_output=True,
            encoding="utf-8",
            check=False,
        )
    if result.returncode or result.stderr:
        raise ExtensionError(f"esbuild cannot bundle {entry}:\n{result.stderr}")
    atomic.write(target, result.stdout)


def figure_data(name):
    """Return what a figure's script gets: the palettes, what it starts with, and its own data."""
    made = module(name)
    hues = {"light": palette_hues(), "dark": palette_hues(palette_dark)}
    return {"palettes": hues, "initial": made.INITIAL, **made.data()}


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
    if not isinstance(content, bytes):
        if not content.is_file():
            raise ExtensionError(f"a figure needs {content}, which is not there: run `make env`")
        content = content.read_bytes()
    atomic.write(target, content)


def write_style(app):
    """Write the figures' style sheet; return its path below ``_static``.

    After the palettes come the rules that they share, then those that a figure has of its own.
    """
    hues = _properties(":root", palette) + _properties('html[data-theme="dark"]', palette_dark)
    folder = Path(app.srcdir, FOLDER)
    common = folder / "figures.css"
    sheets = [common, *sorted(set(folder.glob("*.css")) - {common})]
    rules = "\n".join(sheet.read_text("utf-8") for sheet in sheets)
    atomic.write(Path(app.outdir, "_static", STYLE), f"{hues}{rules}")
    return STYLE


def _properties(selector, module):
    """Write a palette as custom properties."""
    lines = (
        f"  --figure-{key.lower().replace('_', '-')}: {hue};\n"
        for key, hue in palette_hues(module).items()
    )
    return f"{selector} {{\n{''.join(lines)}}}\n\n"


def write_still(app, name, state):
    """Write a figure's still picture into the site, for light and for dark pages.

    It is drawn where none of the same code and state is kept in the folder of the build.

    Returns
    -------
    paths : tuple of str
        Below ``_static``, light and dark.
    size : tuple of int
        Width and height in the page's pixels.
    """
    made_of = fingerprint(module_of(name), Path(app.srcdir)) + json.dumps(state)
    kept = Path(app.doctreedir, f"figures/{hashlib.sha256(made_of.encode()).hexdigest()}.svg")
    if not kept.exists():
        with plt.rc_context():
            plots.use_style()
            figure = module(name).still(state)
            drawn = io.BytesIO()
            figure.savefig(drawn, format="svg")
            plt.close(figure)
            atomic.write(kept, drawn.getvalue())
    svg = kept.read_text("utf-8")
    names = write_modes(Path(app.outdir, "_static/figures"), svg)
    return tuple(f"figures/{file}" for file in names), figure_drawing.size(svg)
