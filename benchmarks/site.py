"""Measure the built site with Lighthouse: `python -m benchmarks.site`.

The site is served as a host of static pages serves it, compressed, and each page is opened several
times on a phone and on a desktop as Lighthouse simulates them. Printed are the medians: the four
scores, the seconds to the largest paint, and the KiB that came before anybody did anything; then
what misses the bars. `--against FOLDER` measures another built site beside it, in turns.
"""

import argparse
import contextlib
import functools
import gzip
import http.server
import json
import os
import statistics
import subprocess
import sys
import tempfile
import threading
from pathlib import Path

from benchmarks.arguments import positive
from book.browser import browser_command

ROOT = Path(__file__).parents[1]
LIGHTHOUSE = ROOT / "node_modules" / "lighthouse" / "cli" / "index.js"
CATEGORIES = ("performance", "accessibility", "best-practices", "seo")
DEVICES = ("mobile", "desktop")
FLAGS = "--headless=new --no-sandbox --disable-gpu --disable-background-networking"

# The bars of performance; the other three scores are to be 100.
FRONT = "book/index.html"
MOBILE, MOBILE_FRONT, DESKTOP = 95, 97, 99
MOST_KIB = 250
COMPRESSED = (".html", ".css", ".js", ".mjs", ".json", ".svg", ".ipynb", ".xml", ".txt", ".wasm")


class Compressing(http.server.SimpleHTTPRequestHandler):
    """Hand out the site, texts compressed, without a word."""

    protocol_version = "HTTP/1.1"

    def log_message(self, *arguments):
        """Say nothing."""

    def do_GET(self):
        """Send a file."""
        path = Path(self.translate_path(self.path))
        if path.is_dir():
            path /= "index.html"
        if not path.is_file():
            self.send_error(404)
            return
        content = path.read_bytes()
        self.send_response(200)
        self.send_header("Content-Type", self.guess_type(str(path)))
        self.send_header("Cache-Control", "max-age=600")
        accepted = self.headers.get("Accept-Encoding", "")
        if path.suffix in COMPRESSED and "gzip" in accepted:
            content = gzip.compress(content, 6)
            self.send_header("Content-Encoding", "gzip")
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        with contextlib.suppress(ConnectionError):  # a browser may leave before the end
            self.wfile.write(content)


def serve(folder):
    """Serve a folder in the background; return the server and its address."""
    handler = functools.partial(Compressing, directory=str(folder))
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    return server, f"http://127.0.0.1:{server.server_port}/"


def measure(address, device):
    """Open a page in Lighthouse; return its figures (dict) and which audits fail (set of str)."""
    with tempfile.TemporaryDirectory() as folder:
        report = Path(folder, "report.json")
        command = ["node", LIGHTHOUSE, address, "--quiet", "--output=json"]
        command += [f"--output-path={report}", f"--chrome-flags={FLAGS}"]
        command += [f"--only-categories={','.join(CATEGORIES)}"]
        command += ["--preset=desktop"] if device == "desktop" else []
        subprocess.run(command, env=os.environ | {"CHROME_PATH": browser_command()}, check=True)
        found = json.loads(report.read_text("utf-8"))
    if "runtimeError" in found:
        sys.exit(f"Lighthouse cannot measure {address}: {found['runtimeError']['message']}")
    audits = found["audits"]
    figures = {name: 100 * (found["categories"][name]["score"] or 0) for name in CATEGORIES}
    figures["lcp"] = audits["largest-contentful-paint"]["numericValue"] / 1000
    figures["kib"] = audits["total-byte-weight"]["numericValue"] / 1024
    failed = {
        name
        for category in CATEGORIES
        for reference in found["categories"][category]["auditRefs"]
        if reference["weight"]
        and (audits[name := reference["id"]]["score"] or 0) < 0.9
        and audits[name]["scoreDisplayMode"] in ("binary", "numeric", "metricSavings")
    }
    return figures, failed


def misses(page, device, figures):
    """Return what a page's medians miss, in words."""
    bar = DESKTOP if device == "desktop" else MOBILE_FRONT if page == FRONT else MOBILE
    bars = dict.fromkeys(CATEGORIES, 100) | {"performance": bar}
    words = [f"{k} {figures[k]:.0f} < {bar}" for k, bar in bars.items() if figures[k] < bar - 0.5]
    if figures["kib"] > MOST_KIB:
        words.append(f"{figures['kib']:.0f} KiB > {MOST_KIB}")
    return words


def pages_of(folder):
    """Return the pages of a site, by their paths."""
    found = (path.relative_to(folder).as_posix() for path in folder.rglob("*.html"))
    # The front door only leads on, and the theme leaves fragments.
    return sorted(name for name in found if name != "index.html" and name[:7] != "_static")


def arguments(argv=None):
    """Return what was asked for on the command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("pages", nargs="*", help="as book/index.html; all if none is named")
    parser.add_argument("--runs", type=positive, default=3, help="how often each is opened (3)")
    parser.add_argument("--device", choices=DEVICES, action="append", help="one of them (both)")
    parser.add_argument("--site", type=Path, default=ROOT / "_build" / "html")
    parser.add_argument("--against", type=Path, metavar="FOLDER", help="another built site")
    asked = parser.parse_args(argv)
    for folder in filter(None, (asked.site, asked.against)):
        if not folder.is_dir():
            parser.error(f"{folder} is no built site: run `make book`")
    known = pages_of(asked.site)
    for page in asked.pages:
        if page not in known:
            parser.error(f"no page {page}: use some of {', '.join(known)}")
    asked.pages = asked.pages or known
    return asked


def main():
    """Print the figures of the pages, then what misses the bars; exit 1 if anything does."""
    asked = arguments()
    if not LIGHTHOUSE.is_file():
        sys.exit("this needs Lighthouse: run `make env`")
    sites = {"": asked.site} | ({" (against)": asked.against} if asked.against else {})
    served = {kind: serve(folder) for kind, folder in sites.items()}
    missed = []
    print(f"{'page':44} {'perf':>5} {'acc':>4} {'best':>4} {'seo':>4} {'LCP s':>6} {'KiB':>6}")
    for page in asked.pages:
        for device in asked.device or DEVICES:
            medians, has = {}, {kind for kind, site in sites.items() if (site / page).is_file()}
            runs_of = {kind: [] for kind in sites if kind in has}
            for _ in range(asked.runs):  # in turns, so that what slows the machine slows both
                for kind, runs in runs_of.items():
                    runs.append(measure(served[kind][1] + page, device))
            for kind, runs in runs_of.items():
                names = runs[0][0]
                median = {n: statistics.median(figures[n] for figures, _ in runs) for n in names}
                medians[kind] = median
                scores = " ".join(f"{median[name]:4.0f}" for name in CATEGORIES)
                label = f"{page} {device}{kind}"
                print(f"{label:44}  {scores} {median['lcp']:6.2f} {median['kib']:6.0f}", flush=True)
                if not kind and (words := misses(page, device, median)):
                    failed = ", ".join(sorted(set().union(*(failed for _, failed in runs))))
                    missed.append(f"{page} {device}: {', '.join(words)} (see {failed})")
            if len(medians) == 2:
                ours, theirs = medians.values()
                ratios = [f"{name} {theirs[name] / ours[name]:.1f}" for name in ("lcp", "kib")]
                print(f"{'':44}  the other against this: {', '.join(ratios)} times")
    for server, _ in served.values():
        server.shutdown()
        server.server_close()
    print("\n".join(["", "misses its bars:", *missed] if missed else ["", "all bars are met"]))
    sys.exit(bool(missed))


if __name__ == "__main__":
    main()
