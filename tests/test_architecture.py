"""The rules of the layout: who may import whom, and what may be in the tree."""

import ast
import re
import shutil
import subprocess
import tomllib
from itertools import chain

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

# The modules that hold exercises, and what each imports besides the kinds of answers.
EXERCISES_IMPORT = {f"exercises.{name}" for name in ("entry", "answers", "functions", "verdict")}
EXERCISES = {
    "by_hand_sums": {"conv", "conv_inputs", "kernels"},
    "by_hand_counts": {"shapes"},
    "by_hand_choices": set(),
    "numpy_sums": {"conv"},
    "numpy_images": {"shapes"},
    "with_pytorch": set(),
    "networks": set(),
    "measuring": set(),
    "projects": {"conv", "exercises.numpy_sums"},
    "of_kernels": {"conv", "kernels", "shapes"},
    "of_layers": {"shapes"},
    "of_fourier": {"kernels", "shapes", "spectra"},
    "of_training": set(),
    "of_records": {"statistics"},
    "of_ladder": {"shapes"},
    "of_symmetry": {"shapes"},
}

# For each module of cnnlib: which others it may import. A new module gets its line here.
MAY_IMPORT = {
    "atomic": set(),
    "palette": set(),
    "palette_dark": set(),
    "shapes": set(),
    "conv": {"shapes", "conv_inputs", "conv_methods"},
    "conv_inputs": {"shapes"},
    "conv_methods": {"shapes"},
    "kernels": {"shapes"},
    "spectra": set(),
    "freshness": {"page_cells"},
    "page_cells": set(),
    "datasets": {"data_files", "fashion_mnist", "cifar10", "shapes"},
    "cifar10": {"cifar10_batches", "cifar10_jpeg", "cifar10_png", "data_files"},
    "cifar10_batches": {"data_files", "downloads"},
    "cifar10_jpeg": {"data_files"},
    "cifar10_png": {"data_files", "downloads"},
    "fashion_mnist": {"data_files", "downloads", "idx"},
    "data_files": set(),
    "downloads": {"data_files"},
    "idx": set(),
    "record": {"atomic", "record_schema"},
    "record_schema": set(),
    "sharing": set(),
    "locks": set(),
    "statistics": {"shapes"},
    "measured": {"archive", "atomic", "provenance", "training"},
    "robustness": {
        *("archive", "datasets", "evaluation", "measured", "memory", "provenance", "recipes"),
        "variations",
    },
    "tracing": {"shapes", "layers", "rotations"},
    "diagrams": {"palette"},
    "provenance": set(),
    "progress": set(),
    "layers": {"shapes"},
    "rotations": {"shapes", "classifier"},
    "moves": {"shapes"},
    "symmetry": {"moves", "shapes"},
    "variations": {"shapes"},
    "consistency": {
        *("archive", "datasets", "evaluation", "measured", "memory", "provenance", "recipes"),
        *("symmetry", "variations"),
    },
    "classifier": {"shapes", "layers"},
    "whitened": {"shapes", "layers", "classifier"},
    "models": {"shapes", "layers", "classifier", "rotations", "whitened"},
    "optimizers": {"training_config"},
    "memory": set(),
    "augmentation": set(),
    "averaging": set(),
    "evaluation": set(),
    "checkpoints": {"atomic", "record"},
    "training_config": {"shapes"},
    "steps": set(),
    "training": {
        *("record", "evaluation", "checkpoints"),
        *("training_config", "progress", "provenance", "augmentation", "averaging"),
        *("optimizers", "shapes", "steps"),
    },
    "weights": {"atomic"},
    "onnx_export": {"shapes"},
    "ladder": {"training_config"},
    "recipes": {"ladder", "training_config", "variations"},
    "experiments": {
        *("datasets", "models", "recipes", "record", "statistics", "training", "weights"),
        *("archive", "atomic", "jpeg_copy", "locks", "memory", "provenance", "sharing"),
        *("variations", "verification"),
    },
    "verification": {"archive", "jpeg_copy", "models", "training", "variations", "weights"},
    "jpeg_copy": {"cifar10", "datasets"},
    "archive": {"models", "recipes", "record", "weights"},
    "plots": {"palette"},
    "exercises.verdict": set(),
    "exercises.answers": {"exercises.verdict"},
    "exercises.functions": {"exercises.verdict"},
    "exercises.entry": {"exercises.answers", "exercises.functions"},
    "exercises.obscured": set(),
    "exercises.bank": {f"exercises.{name}" for name in ("entry", *EXERCISES)},
} | {f"exercises.{name}": EXERCISES_IMPORT | more for name, more in EXERCISES.items()}
MAY_IMPORT_TORCH = {
    *(
        "models",
        "layers",
        "classifier",
        "whitened",
        "rotations",
        "moves",
        "optimizers",
        "augmentation",
        "averaging",
        "weights",
        "evaluation",
        "checkpoints",
        "steps",
        "training",
    ),
    *(
        "experiments",
        "tracing",
        "robustness",
        "consistency",
        "measured",
        "sharing",
        "verification",
        "archive",
        "onnx_export",
        "symmetry",
        "cifar10_batches",
    ),
    *("exercises.with_pytorch", "exercises.networks", "exercises.measuring"),
}
VAGUE = {"utils", "util", "helpers", "helper", "common", "misc"}
MOST_LINES = 300


def imported(path, *, loading=False):
    """Yield the dotted names that a file imports, or only those that it does when it is loaded."""
    waiting = [ast.parse(path.read_text("utf-8"))]
    while waiting:
        node = waiting.pop()
        if not (loading and isinstance(node, (ast.FunctionDef, ast.Lambda))):
            waiting += ast.iter_child_nodes(node)
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: relative imports hide what is imported"
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def modules(root, package):
    return sorted(p for p in (root / package).rglob("*.py") if p.stem != "__init__")


def test_the_library_has_its_rules(root):
    paths = [path.relative_to(root / "cnnlib") for path in modules(root, "cnnlib")]
    assert {".".join(path.with_suffix("").parts) for path in paths} == set(MAY_IMPORT)


def inside_of(names):
    """Return the modules of cnnlib among imported names, without what is taken from them."""
    dotted = {n.removeprefix("cnnlib.") for n in names if n.startswith("cnnlib.")}
    return {".".join(n.split(".")[: 2 if n.startswith("exercises.") else 1]) for n in dotted}


def file_of(root, name):
    return (root / "cnnlib").joinpath(*name.split(".")).with_suffix(".py")


def outside_of(names):
    return {n.split(".")[0] for n in names}


@pytest.mark.parametrize("name", MAY_IMPORT)
def test_modules_import_what_they_may_and_nothing_else(root, name):
    names = list(imported(file_of(root, name)))
    # An exercise may use all kinds of answers, but need not.
    optional = EXERCISES_IMPORT if name.removeprefix("exercises.") in EXERCISES else set()
    assert inside_of(names) | optional == MAY_IMPORT[name]
    assert not outside_of(names) & {"book", "tests", "animations", "benchmarks", "manim"}


def test_torch_is_in_the_modules_of_the_list_and_in_no_other(root):
    torch = {"torch", "torchvision"}
    within = {n for n in MAY_IMPORT if outside_of(imported(file_of(root, n))) & torch}
    loads = {n: set(imported(file_of(root, n), loading=True)) for n in MAY_IMPORT}
    reached, more = set(), {n for n in MAY_IMPORT if outside_of(loads[n]) & torch}
    while more:
        reached |= more
        more = {n for n in MAY_IMPORT if inside_of(loads[n]) & reached} - reached
    assert within | reached == MAY_IMPORT_TORCH


def test_freshness_needs_no_environment(root):
    code = "import sys, cnnlib.freshness; print(*sorted(sys.modules))"
    loaded = subprocess.run(
        ["python", "-c", code], cwd=root, capture_output=True, text=True, check=True
    ).stdout.split()
    assert not {"numpy", "matplotlib", "torch", "sphinx"} & set(loaded)


def test_scenes_import_no_training_and_no_figures(root):
    for path in modules(root, "animations"):
        names = set(imported(path))
        assert not {"cnnlib.experiments", "cnnlib.plots"} & names, path
        assert not {n for n in names if n.split(".")[0] in {"book", "tests"}}, path


def test_names_say_what_is_inside(root):
    for package in (
        "cnnlib",
        "animations",
        "benchmarks",
        "book/_ext",
        "book/_figures",
        "book/_search",
    ):
        for path in [*modules(root, package), *(root / package).rglob("*.js")]:
            assert path.stem not in VAGUE, path
            assert len(path.read_text("utf-8").splitlines()) <= MOST_LINES, f"{path}: split it"


def test_files_come_out_of_git_as_they_went_in_whatever_its_settings(root, tmp_path):
    binary = ("a.safetensors", "a.npz", "a.mp4", "a.webp", "a.png")
    kept = dict.fromkeys(binary, b"short\r\nand without a zero\n") | {"a.py": b"x = 1\ny = 2\n"}
    shutil.copy(root / ".gitattributes", tmp_path)
    for name, content in kept.items():
        (tmp_path / name).write_bytes(content)

    def git(*arguments):
        settings = ("-c", "core.autocrlf=true", "-c", "user.name=a", "-c", "user.email=a@b.c")
        subprocess.run(["git", *settings, *arguments], cwd=tmp_path, check=True)

    git("init", "--quiet")
    git("add", ".")
    git("commit", "--quiet", "--message", "All")
    for name in kept:
        (tmp_path / name).unlink()
    git("checkout", "--quiet", "--", ".")
    assert {name: (tmp_path / name).read_bytes() for name in kept} == kept


@pytest.mark.parametrize("name", ["requirements.lock", "package-lock.json"])
def test_locks_have_hashes_and_no_addresses(root, name):
    text = (root / name).read_text("utf-8")
    assert '"resolved"' not in text
    if name == "requirements.lock":
        assert "://" not in text
        pins = re.findall(r"^[a-z0-9._-]+==\S+.*?(?=^[a-z0-9]|\Z)", text, re.MULTILINE | re.DOTALL)
        assert len(pins) > 100
        assert all("--hash=sha256:" in pin for pin in pins)


def test_the_lock_satisfies_the_project(root):
    lock = (root / "requirements.lock").read_text("utf-8")
    locked = {}
    for name, version in re.findall(r"^([a-z0-9._-]+)==([^\s;]+)", lock, re.MULTILINE):
        locked.setdefault(canonicalize_name(name), []).append(version)
    project = tomllib.loads((root / "pyproject.toml").read_text("utf-8"))
    extras = project["project"]["optional-dependencies"].values()
    groups = [project["project"]["dependencies"], *extras, *project["dependency-groups"].values()]
    for requirement in map(Requirement, chain.from_iterable(groups)):
        versions = locked.get(canonicalize_name(requirement.name), [])
        assert versions, f"{requirement} is not in the lock: run `make lock`"
        assert all(v in requirement.specifier for v in versions), f"{requirement}: {versions}"


def test_notebooks_ask_for_what_pages_run_on_and_for_no_newest_version(root):
    project = tomllib.loads((root / "pyproject.toml").read_text("utf-8"))
    extra = list(map(Requirement, project["project"]["optional-dependencies"]["notebook"]))
    lecture = map(Requirement, project["dependency-groups"]["lecture"])
    assert {r.name for r in extra} == {r.name for r in lecture}
    assert {clause.operator for r in extra for clause in r.specifier} == {">="}


@pytest.fixture
def install(root, tmp_path):
    """Run the installation of system packages among commands that only say what they were asked."""
    for name in ("install-system-packages.sh", "apt.txt"):
        shutil.copy(root / name, tmp_path)

    def run(**commands):
        offered = 'case "$2" in chromium*) echo "Candidate: (none)";; *) echo "Candidate: 1";; esac'
        commands = {
            "dpkg-query": 'case "$*" in *python3-dev*) echo installed;; *) exit 1;; esac',
            "apt-cache": offered,
            "apt-get": 'echo apt-get "$@"',
        } | commands
        for name, text in commands.items():
            (tmp_path / name).write_text(f"#!/bin/sh\n{text}\n")
            (tmp_path / name).chmod(0o755)
        return subprocess.run(
            [tmp_path / "install-system-packages.sh"],
            env={"PATH": f"{tmp_path}:/usr/bin:/bin"},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
        )

    return run


def test_root_installs_what_is_missing_and_offered(install):
    result = install(id="echo 0")
    assert result.returncode == 0, result.stderr
    update, packages = result.stdout.splitlines()
    assert update == "apt-get update --quiet"
    assert "libpango1.0-dev" in packages
    assert "python3-dev" not in packages, "it is there"
    assert "google-chrome-stable" in packages, "chromium is not offered"


def test_sudo_is_used_where_it_may_be(install):
    result = install(id="echo 1000", sudo='echo sudo "$@"')
    assert result.returncode == 0, result.stderr
    assert "sudo apt-get install --yes" in result.stdout


def test_who_may_not_install_is_told_what_to_ask_for(install):
    result = install(id="echo 1000", sudo="exit 1")
    assert result.returncode == 1
    assert result.stdout == "", "nothing was tried"
    line = result.stderr.splitlines()[-1].strip()
    assert line.startswith("apt-get update && apt-get install --yes --no-install-recommends build-")
    assert "libcairo2-dev" in line


def test_nothing_is_done_where_all_is_there(install):
    result = install(**{"id": "echo 1000", "sudo": "exit 1", "dpkg-query": "echo installed"})
    assert (result.returncode, result.stdout) == (0, "")


def test_every_make_target_is_described(root):
    listed = subprocess.run(
        ["make"], cwd=root, capture_output=True, text=True, check=True
    ).stdout.splitlines()
    described = {line.split()[1] for line in listed if line.startswith("make ")}
    phony = re.search(r"^\.PHONY: (.*)$", (root / "Makefile").read_text("utf-8"), re.MULTILINE)
    assert described == set(phony[1].split())
