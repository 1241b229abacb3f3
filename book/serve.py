"""Serve the site while you edit: build again what a save has changed, and reload the page.

One process serves; another keeps Sphinx in memory and builds (`book.warm_build`), since most of the
time of a build is its start. Where a file is saved that the second process has imported or
configured itself by, it is started again. What goes wrong is said in the terminal and on top of
every page, and the next save may mend it.
"""

import argparse
import asyncio
import json
import os
import re
import sys
import time
from contextlib import suppress
from html import escape
from pathlib import Path

from livereload.handlers import LiveReloadHandler, LiveReloadJSHandler
from livereload.watcher import Watcher
from tornado import web

ROOT = Path(__file__).resolve().parents[1]
SITE = Path("_build/html")

# What pages are made of; `SETTINGS` of it is read only when the application starts.
AT_ROOT = ("_config.yml", "_toc.yml", "requirements.lock", "package-lock.json")
FOLDERS = ("book", "cnnlib")
SETTINGS = (*AT_ROOT, "*.bib", "book/_ext/*", "book/_templates/*", "book/_figures/*")
PASSING = re.compile(r"\..*|.*~|#.*#|4913")  # what editors, and `cnnlib.atomic`, leave for a moment
POLL_SECONDS = 0.2


class Builder:
    """The process that builds, started again when it has to be."""

    def __init__(self, root):
        self.root = root
        self.imported, self._process = set(), None

    async def build(self, changed=()):
        """Build once; return what came of it, and say what is done.

        Parameters
        ----------
        changed : iterable of str
            The files that were saved since the last build, relative to the root.

        Returns
        -------
        dict
            The answer of `book.warm_build`; ``problems`` is empty where all is well.
        """
        stale = sorted(path for path in changed if self.needs_new_process(path))
        if self._process is not None and stale:
            print(f"{', '.join(stale)}: starting Sphinx again, which has read it", flush=True)
            await self.end()
        if self._process is None:
            self._process = await asyncio.create_subprocess_exec(
                *(sys.executable, "-m", "book.warm_build"),
                cwd=str(self.root),
                # What only readers need is not done while somebody edits.
                env=os.environ | {"LECTURE_FINISH": "no"},
                stdin=asyncio.subprocess.PIPE,
                stdout=asyncio.subprocess.PIPE,
                limit=2**24,
            )
        began = time.monotonic()
        try:
            self._process.stdin.write(json.dumps(sorted(changed)).encode() + b"\n")
            await self._process.stdin.drain()
            line = await self._process.stdout.readline()
        except (BrokenPipeError, ConnectionResetError):
            line = b""
        if not line:
            status = await self._process.wait()
            self._process = None
            problem = f"Sphinx has ended with status {status}: the terminal says why"
            return {"problems": [problem], "written": []}
        answer = json.loads(line)
        self.imported = set(answer["imported"])
        seconds, wrong = time.monotonic() - began, len(answer["problems"])
        pages = ", ".join(answer["written"]) or "nothing"
        print(f"built {pages} in {seconds:.1f} s, {wrong} problem(s)", flush=True)
        return answer

    async def end(self):
        """End the process."""
        if self._process is not None:
            self._process.stdin.close()
            await self._process.wait()
            self._process = None

    def needs_new_process(self, path):
        """Tell whether a file was read when the process started, or imported since."""
        return path in self.imported or any(Path(path).match(name) for name in SETTINGS)


class File(web.StaticFileHandler):
    """A file of the site; a page gets the script that reloads it, and what is wrong."""

    problems: tuple = ()

    def compute_etag(self):
        """Name no version: the same page may have other problems."""
        return None

    def should_return_304(self):
        """Send everything anew."""
        return False

    async def get(self, path, include_body=True):
        """Send the file."""
        if not path.endswith(".html"):
            await super().get(path, include_body)
            return
        self.path = self.parse_url_path(path)
        file = self.get_absolute_path(self.root, self.path)
        self.absolute_path = self.validate_absolute_path(self.root, file)  # or it is not found
        self.set_header("Content-Type", "text/html; charset=utf-8")
        page = Path(self.absolute_path).read_text("utf-8")
        self.write(with_problems(page, File.problems))


def with_problems(page, problems):
    """Return a page that reloads when told to, with what is wrong on top."""
    head, body, rest = page.partition("<body")
    tag, end, rest = rest.partition(">")
    head = head.replace("</head>", '<script src="/livereload.js" defer></script></head>')
    shown = "".join(f'<pre style="white-space: pre-wrap">{escape(text)}</pre>' for text in problems)
    if problems:
        shown = (
            '<div role="alert" id="serve-problems" style="position: relative; z-index: 9999; '
            "padding: 0.5rem 1rem; background: #fff3cd; color: #111; "
            'border-bottom: 3px solid #b00">'
            f"<strong>The last build had problems</strong>{shown}</div>"
        )
    return f"{head}{body}{tag}{end}{shown}{rest}"


def modification_times(root):
    """Return when each watched file was saved last, by its path relative to the root."""
    paths = [Path(root, name) for name in AT_ROOT]
    for folder in FOLDERS:
        for place, below, names in os.walk(Path(root, folder)):  # passes over what vanishes
            below[:] = set(below) - {"__pycache__"}
            paths += [Path(place, name) for name in names if not PASSING.fullmatch(name)]
    times = {}
    for path in paths:
        with suppress(FileNotFoundError):
            times[path.relative_to(root).as_posix()] = path.stat().st_mtime_ns
    return times


def changes(before, after):
    """Return the files that were saved, made or removed between two such times."""
    return {path for path in before | after if before.get(path) != after.get(path)}


def application(site):
    """Return what serves a folder, and tells its pages to reload."""
    LiveReloadHandler.watcher = Watcher()  # it asks only what the last change was
    return web.Application(
        [
            (r"/livereload", LiveReloadHandler),
            (r"/livereload.js", LiveReloadJSHandler),
            (r"/(.*)", File, {"path": str(site), "default_filename": "index.html"}),
        ]
    )


async def serve(root, port):
    """Serve and build until cancelled."""
    builder = Builder(root)
    application(root / SITE).listen(port, address="127.0.0.1")
    known, changed = modification_times(root), set()
    try:
        while True:
            File.problems = (await builder.build(changed))["problems"]
            LiveReloadHandler.reload_waiters("*")
            print(f"http://localhost:{port}/book/index.html (Ctrl-C stops)", flush=True)
            while not (changed := changes(known, now := modification_times(root))):
                await asyncio.sleep(POLL_SECONDS)
            known = now
    finally:
        await builder.end()


def main():
    """Serve until interrupted."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--port", type=int, default=8000, help="port on this machine (8000)")
    try:
        asyncio.run(serve(ROOT, parser.parse_args().port))
    except KeyboardInterrupt:
        print()


if __name__ == "__main__":
    main()
