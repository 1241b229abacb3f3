"""Say when, from which commit, and with what a result was made."""

import functools
import os
import platform
import re
import subprocess
from datetime import UTC, datetime
from pathlib import Path


def now():
    """Return the time, in UTC, as "2026-01-31T12:00:00Z"."""
    return datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


# Of the code that this process has loaded, not of what is committed meanwhile: ask for it early.
@functools.cache
def commit():
    """Return the commit that this code is of, or None if that is unknown.

    It is found once in a process, when it is first asked for.
    Where there is no Git repository (a copy on another machine, an installed package), the
    environment variable `CNNLIB_COMMIT` may name it.

    Returns
    -------
    str or None
        40 hexadecimal digits, with "-dirty" after them if committed files have been changed,
        those in cnnlib/results left out: whoever trains anew removes a record first.
    """
    try:
        # The repository must be cnnlib's: an environment may lie inside another project's.
        own = _git("cat-file", "-e", "HEAD:./__init__.py")
        head = _git("rev-parse", "HEAD")
        same = _git("diff", "--quiet", "HEAD", "--", ":/", ":(exclude)results")
        clean = "" if same.returncode == 0 else "-dirty"
        text = head.stdout.strip() + clean if own.returncode == 0 else ""
    except OSError:
        text = ""
    text = text or os.environ.get("CNNLIB_COMMIT", "")
    return text if re.fullmatch(r"[0-9a-f]{40}(-dirty)?", text) else None


def _git(*arguments):
    return subprocess.run(
        ["git", *arguments],
        cwd=Path(__file__).parent,
        capture_output=True,
        text=True,
        check=False,
    )


def processor():
    """Return the name of this machine's processor (str)."""
    try:
        found = re.search(r"model name\s*:\s*(.+)", Path("/proc/cpuinfo").read_text("utf-8"))
    except OSError:
        found = None
    return found[1].strip() if found else platform.processor() or platform.machine() or "unknown"
