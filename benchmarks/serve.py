"""Time an author's edits under ``make serve``: `python -m benchmarks.serve`.

A page is open in headless Chromium. A sentence, then a cell, is changed in its file; the time runs
from the save until the change is to be seen in the browser. Each is done several times, and the
files are left as they were.
"""

import argparse
import os
import signal
import socket
import statistics
import subprocess
import sys
import time
from pathlib import Path

from playwright.sync_api import sync_playwright

from benchmarks.arguments import positive
from book.browser import browser_command

ROOT = Path(__file__).parents[1]
TIMEOUT_MS = 600_000

# What is changed, and what it is changed to, with words that no cache has seen.
EDITS = {
    "prose": ("convolution", "\n## Summary\n", "\n{words}\n\n## Summary\n"),
    "code": ("index", "nine_numbers = ", "print('{words}')\nnine_numbers = "),
}


def free_port():
    """Return a port that nobody listens at."""
    with socket.socket() as held:
        held.bind(("127.0.0.1", 0))
        return held.getsockname()[1]


def seconds_until_seen(page, file, old, new, words):
    """Save an edit; return how long it takes until the open page shows some words."""
    text = file.read_text("utf-8")
    if text.count(old) != 1:
        raise SystemExit(f"{file} has {old!r} {text.count(old)} times, not once: mend `EDITS`")
    try:
        file.write_text(text.replace(old, new), "utf-8")
        began = time.monotonic()
        page.wait_for_function(
            "words => document.body && document.body.textContent.includes(words)",
            arg=words,
            timeout=TIMEOUT_MS,
        )
        seconds = time.monotonic() - began
    finally:
        file.write_text(text, "utf-8")
    page.wait_for_function(
        "words => document.body && !document.body.textContent.includes(words)",
        arg=words,
        timeout=TIMEOUT_MS,
    )
    return seconds


def main(arguments=None):
    """Print the median of the seconds for each kind of edit."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--rounds", type=positive, default=5)
    rounds, port = parser.parse_args(arguments).rounds, free_port()
    command = [sys.executable, "-m", "book.serve", "--port", str(port)]
    server = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True)
    try:
        for line in server.stdout:  # until the first build is done
            if line.startswith("http://"):
                break
        else:
            sys.exit(
                "the server ended before its first build was done: run `python -m book.serve` to "
                "see what is wrong"
            )
        with sync_playwright() as playwright:
            browser = playwright.chromium.launch(
                executable_path=browser_command(),
                args=["--no-sandbox", "--disable-gpu", "--disable-background-networking"],
            )
            page = browser.new_page()
            for kind, (name, old, new) in EDITS.items():
                page.goto(f"http://127.0.0.1:{port}/book/{name}.html")
                file, times = ROOT / "book" / f"{name}.md", []
                for n in range(rounds):
                    words = f"Edit {os.getpid()}.{n} of the {kind}."
                    times.append(
                        seconds_until_seen(page, file, old, new.format(words=words), words)
                    )
                print(
                    f"{kind}: {statistics.median(times):.2f} s from save to sight, median of "
                    f"{rounds} ({min(times):.2f} to {max(times):.2f}), on book/{name}.md"
                )
            browser.close()
    finally:
        server.send_signal(signal.SIGINT)
        server.communicate()


if __name__ == "__main__":
    main()
