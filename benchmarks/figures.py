"""Time the interactive figures and weigh their scripts: `python -m benchmarks.figures`.

Each figure of the built site is set to two states in turn, in headless Chromium. A change is timed
from `set` until all is drawn and laid out, at the figure's default size. The exit status is 1 if a
figure misses its budget.
"""

import argparse
import functools
import gzip
import http.server
import statistics
import sys
import threading
from pathlib import Path

from playwright.sync_api import sync_playwright

from book.browser import browser_command

SITE = Path(__file__).parents[1] / "_build" / "html"
ROUNDS = 40
BUDGET_MS = 16
BUDGET_BYTES = 30_000

# For each figure its page and two states, as in an address.
CHANGES = {
    "convolution-playground": ("convolution", ["kernel=gaussian", "kernel=sobel_x"]),
    "shape-calculator": ("pytorch-layers", ["pixel=0,0", "layers=conv:8:5:1:2:1;max:2:2:0:1"]),
    "equivariance-explorer": ("convolutional-layers", ["right=1", "right=2"]),
    "fourier-view": ("convolution", ["kernel=gaussian", "kernel=sobel_x"]),
    "kernel-learning": ("pytorch-layers", ["step=10", "step=11"]),
    "trained-network": ("inside-the-network", ["right=1", "right=0"]),
}

TIME = """async ([name, states, rounds]) => {
  const figure = document.querySelector(name);
  figure.scrollIntoView();
  while (!figure.querySelector(".figure-live")) {
    await new Promise(requestAnimationFrame);
  }
  await figure.load?.();
  const { fields } = figure.constructor;
  const changes = states.map((state) => Object.fromEntries(state.split("&").map((part) => {
    const [key, text] = part.split("=");
    return [key, fields[key].read(text)];
  })));
  const times = [];
  for (let n = 0; n < rounds; n++) {
    const began = performance.now();
    figure.set(changes[n % changes.length]);
    figure.update();
    await figure.asking; // what else it waits for
    figure.getBoundingClientRect();
    times.push(performance.now() - began);
    await new Promise(requestAnimationFrame);
  }
  return times;
}"""


class QuietHandler(http.server.SimpleHTTPRequestHandler):
    """Hand out the site without a word."""

    def log_message(self, *arguments):
        """Say nothing."""


def main(arguments=None):
    """Print milliseconds per change and compressed bytes of each figure.

    Returns
    -------
    bool
        Whether one misses its budget.
    """
    parser = argparse.ArgumentParser(prog="python -m benchmarks.figures", description=__doc__)
    parser.parse_args(arguments)
    missed = False
    if not SITE.is_dir():
        sys.exit("this needs the built site: run `make book`")
    print(f"{'figure':24} {'median':>10} {'fastest':>10} {'gzip':>9}   ({ROUNDS} changes)")
    handler = functools.partial(QuietHandler, directory=SITE)
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler)
    with server, sync_playwright() as playwright:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        browser = playwright.chromium.launch(
            executable_path=browser_command(), args=["--no-sandbox", "--disable-gpu"]
        )
        for name, (page_name, states) in CHANGES.items():
            page = browser.new_page()
            page.goto(f"http://127.0.0.1:{server.server_port}/book/{page_name}.html")
            times = page.evaluate(TIME, [name, states, ROUNDS])
            script = (SITE / "_static" / "figures" / f"{name}.js").read_bytes()
            size = len(gzip.compress(script))
            median = statistics.median(times)
            print(f"{name:24} {median:7.2f} ms {min(times):7.2f} ms {size:7,} B")
            for value, budget in ((median, BUDGET_MS), (size, BUDGET_BYTES)):
                if value > budget:
                    missed = True
                    print(f"{'':24} more than its budget of {budget:,}")
            page.close()
        browser.close()
        server.shutdown()
    return missed


if __name__ == "__main__":
    sys.exit(main())
