"""Run tools from npm: the environment's Node, with what is in ``node_modules``."""

import shutil
import subprocess
import sys
from pathlib import Path

from sphinx.errors import ExtensionError

MODULES = Path(__file__).resolve().parents[2] / "node_modules"
ESBUILD = MODULES / "esbuild" / "bin" / "esbuild"
PURGECSS = MODULES / "purgecss"


def node_command():
    """Return the path of Node: the environment's own, or any; None where there is none."""
    beside_python = Path(sys.executable).parent / "node"
    return str(beside_python) if beside_python.exists() else shutil.which("node")


def run_tool(script, *arguments, text):
    """Give a text to a tool and return what it makes of it.

    Parameters
    ----------
    script : pathlib.Path
        What Node runs.
    *arguments : str or pathlib.Path
        Its arguments.
    text : str
        Its standard input.

    Returns
    -------
    str
        Its standard output.

    Raises
    ------
    sphinx.errors.ExtensionError
        If Node or the tool are not there, or if the tool refuses or warns.
    """
    node = node_command()
    if node is None or not MODULES.is_dir():
        raise ExtensionError(f"{script.name} runs in Node, with npm's modules: run `make env`")
    result = subprocess.run(
        [node, script, *arguments], input=text, capture_output=True, encoding="utf-8", check=False
    )
    if result.returncode or result.stderr:
        raise ExtensionError(f"{script.name} cannot work on what it was given:\n{result.stderr}")
    return result.stdout


def minified(text, loader):
    """Return a script (``"js"``) or a style sheet (``"css"``) without what only people read.

    Names at the top level of a script stay, since other scripts use them.
    """
    options = [f"--loader={loader}", "--minify", "--target=es2022", "--log-level=warning"]
    options.append("--charset=utf8")
    return run_tool(ESBUILD, *options, text=text)
