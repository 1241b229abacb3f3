"""Which browser prints the book, opens its pages in tests, and is timed by benchmarks."""

import os
import shutil

# The first is Chromium without windows, which has a page open with a quarter of the work. Chrome
# comes before other builds of Chromium, some of which play no H.264.
CHOICES = (
    "chromium-headless-shell",
    "google-chrome",
    "google-chrome-stable",
    "chromium",
    "chromium-browser",
)


def browser_command():
    """Return the browser's path: ``$CHROME``, else the first of `CHOICES` that is there.

    Raises
    ------
    FileNotFoundError
        If there is none.
    """
    for choice in filter(None, (os.environ.get("CHROME"), *CHOICES)):
        if path := shutil.which(choice):
            return path
    raise FileNotFoundError(
        "no browser: set CHROME to one, or run `make env`, which installs Chromium"
    )
