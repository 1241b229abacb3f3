"""Render the scenes whose code has changed: ``python -m animations``."""

import argparse
import os
import sys
import tempfile
import traceback
from pathlib import Path

from animations.catalogue import COMMAND, FOLDER, find_leftovers, find_scenes, why_stale
from animations.jobs import render_each
from animations.publish import clear_leftovers, publish

ROOT = Path(__file__).parents[1]


def main(arguments=None):
    """Do what the command line asks, and return the exit status."""
    parser = argparse.ArgumentParser(
        prog=COMMAND, description=f"Render what is stale of the scenes to {FOLDER}."
    )
    parser.add_argument("scenes", nargs="*", metavar="SCENE", help="only these")
    parser.add_argument("--all", action="store_true", help="render also what is fresh")
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 1, help="how many at a time")
    instead = parser.add_mutually_exclusive_group()
    instead.add_argument("--list", action="store_true", help="only say what is fresh and stale")
    instead.add_argument("--check", action="store_true", help="only fail if something is stale")
    options = parser.parse_args(arguments)
    try:
        scenes = find_scenes(ROOT)
        if unknown := sorted(set(options.scenes) - set(scenes)):
            parser.error(f"no scene is called {', '.join(unknown)}; there are {', '.join(scenes)}")
        reasons = {name: why_stale(name, ROOT) for name in options.scenes or scenes}
        leftovers = [] if options.scenes else find_leftovers(ROOT)
    except ValueError as error:
        parser.error(str(error))

    if options.list:
        return _list(reasons, leftovers)
    if options.check:
        return _check(reasons, leftovers)
    return _render([name for name in reasons if options.all or reasons[name]], options.jobs)


def _list(reasons, leftovers):
    for name, reason in reasons.items():
        print(f"{name}: {'stale, ' + reason if reason else 'fresh'}")
    for name in leftovers:
        print(f"{name}: gone, its files are left over")
    return 0


def _check(reasons, leftovers):
    stale = {name: reason for name, reason in reasons.items() if reason}
    for name, reason in stale.items():
        print(f"{name} is stale: {reason}", file=sys.stderr)
    for name in leftovers:
        print(f"{name} is gone, but its files are left over", file=sys.stderr)
    if stale or leftovers:
        print(f"Mend this with `{COMMAND}`.", file=sys.stderr)
        return 1
    return 0


def _render(names, jobs):
    failed = []
    with tempfile.TemporaryDirectory(prefix="animations-") as scratch:
        for name, result in render_each(names, ROOT, Path(scratch), jobs):
            try:
                row, files = result()
                size = sum(path.stat().st_size for path in files.values())
                publish(name, row, files, ROOT)
            except Exception:
                traceback.print_exc()
                failed.append(name)
            else:
                print(f"{name}: rendered, {row['duration']:g} s, {size / 1000:.0f} KB", flush=True)
    for name in clear_leftovers(ROOT):
        print(f"{name}: removed, no scene makes it")
    if failed:
        print(f"Not rendered: {', '.join(failed)}.", file=sys.stderr)
    elif not names:
        print("Every scene is fresh.")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
