"""Clean environments outside the repository, in which notebooks are run as by a stranger.

Such an environment holds what the extra `notebook` of `cnnlib` asks for, what that asks for in
turn, and a kernel: links to what is installed here, and nothing else. So the extra is tested too.
"""

import os
import shutil
import subprocess
import sys
import tomllib
import venv
from importlib import metadata
from pathlib import Path

import nbformat
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

EXTRA = "notebook"
RUN = "from nbclient.cli import main; main()"


def asked_for(root):
    """Return what the package asks for where it is to run notebooks, and a kernel."""
    project = tomllib.loads((root / "pyproject.toml").read_text("utf-8"))["project"]
    extra = project["optional-dependencies"][EXTRA]
    return [*project["dependencies"], *extra, "ipykernel", "nbclient"]


def distributions(requirements):
    """Return the installed distributions that requirements need, directly or through others."""
    found, waiting = {}, [(Requirement(text), "") for text in requirements]
    while waiting:
        wanted, extra = waiting.pop()
        if wanted.marker and not wanted.marker.evaluate({"extra": extra}):
            continue
        name = canonicalize_name(wanted.name)
        known = found.setdefault(name, (metadata.distribution(name), set()))
        assert known[0].version in wanted.specifier, f"{wanted} is here as {known[0].version}"
        for new in {"", *wanted.extras} - known[1]:
            known[1].add(new)
            waiting += [(Requirement(text), new) for text in known[0].requires or ()]
    return [distribution for distribution, _ in found.values()]


class Room:
    """An environment of its own and a folder to work in, far from the repository.

    Parameters
    ----------
    folder : pathlib.Path
    requirements : iterable of str
        What to have in it.
    with_pip : bool
        Whether to install pip.
    """

    def __init__(self, folder, requirements, *, with_pip=False):
        self.folder = folder
        venv.create(folder / "venv", symlinks=True, with_pip=with_pip)
        self.python = folder / "venv" / "bin" / "python"
        (self.packages,) = (folder / "venv" / "lib").glob("python*/site-packages")
        for distribution in distributions(requirements):
            for name in {file.parts[0] for file in distribution.files} - {"..", "__pycache__"}:
                link = self.packages / name
                if not link.exists():
                    link.symlink_to(distribution.locate_file(name))
        shutil.copytree(Path(sys.prefix, "etc/ipython"), folder / "venv/etc/ipython")
        (folder / "work").mkdir()

    def run(self, *arguments):
        """Run the environment's Python, and return its completed process."""
        own = ("IPYTHONDIR", "JUPYTER_CONFIG_DIR", "JUPYTER_DATA_DIR", "MPLCONFIGDIR")
        environment = os.environ | {name: str(self.folder / name.lower()) for name in own}
        environment |= {
            "PATH": f"{self.python.parent}{os.pathsep}{os.environ['PATH']}",
            "OPENBLAS_NUM_THREADS": "1",  # as in a build: pages time NumPy
            "PIP_NO_INDEX": "1",
            "PIP_NO_BUILD_ISOLATION": "0",  # pip takes this to mean that it does not isolate
            "PIP_ROOT_USER_ACTION": "ignore",
        }
        environment.pop("PYTHONPATH", None)
        return subprocess.run(
            [self.python, *map(str, arguments)],
            cwd=self.folder / "work",
            env=environment,
            capture_output=True,
            text=True,
            check=False,
        )

    def execute(self, notebook):
        """Run a notebook as it is, and return it with its outputs."""
        target = self.folder / "work" / notebook.name
        shutil.copy(notebook, target)
        result = self.run("-c", RUN, "--inplace", "--timeout=600", target)
        assert result.returncode == 0, result.stdout + result.stderr
        done = nbformat.read(target, as_version=4)
        assert all(cell.execution_count for cell in done.cells if cell.cell_type == "code")
        return done


def said(notebook, stream):
    """Return all that the cells of a notebook wrote to "stdout" or "stderr"."""
    cells = (cell for cell in notebook.cells if cell.cell_type == "code")
    return "".join(o.text for cell in cells for o in cell.outputs if o.get("name") == stream)
