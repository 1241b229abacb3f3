"""The commit that a build is of, and its date: from the environment when published, else git.

``LECTURE_COMMIT`` names the commit of a published site (`addresses` links with it). Everywhere else
git does, and says whether files have been changed since. ``SOURCE_DATE_EPOCH``, seconds since 1970,
dates what is made from the source (https://reproducible-builds.org/specs/source-date-epoch); by
default that is the commit's date, so that two builds of one commit are alike.
"""

import os
import subprocess
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

# What reads no date from a build: files may not be dated before 1980 in a zip.
NO_DATE = datetime(1980, 1, 1, tzinfo=UTC)


@dataclass(frozen=True)
class Commit:
    """What is known of the source of a build.

    Parameters
    ----------
    name : str
        The full name, "" where there is neither git nor ``LECTURE_COMMIT``.
    date : datetime.datetime
        In UTC; `NO_DATE` where it is not known.
    changed : bool
        Whether tracked files are other than in the commit.
    """

    name: str
    date: datetime
    changed: bool


def commit(root):
    """Return the commit of the tree at a folder (`Commit`)."""
    root = Path(root)
    name = os.environ.get("LECTURE_COMMIT") or git(root, "rev-parse", "HEAD")
    seconds = os.environ.get("SOURCE_DATE_EPOCH") or (
        git(root, "show", "--no-patch", "--format=%ct", name) if name else ""
    )
    if seconds and not seconds.isdigit():
        raise ValueError(
            f"SOURCE_DATE_EPOCH ({seconds}) is not a whole number of seconds since 1970: "
            "give what `git show --no-patch --format=%ct` prints, or leave it unset"
        )
    date = datetime.fromtimestamp(int(seconds), UTC) if seconds else NO_DATE
    return Commit(name, date, bool(git(root, "status", "--porcelain", "--untracked-files=no")))


def git(root, *words):
    """Return what git says of the tree whose root is this folder, "" where it says nothing."""
    if not (root / ".git").exists():  # a copy without history may lie inside another tree
        return ""
    try:
        result = subprocess.run(
            ["git", *words], cwd=root, capture_output=True, text=True, check=False
        )
    except FileNotFoundError:
        return ""
    return result.stdout.strip() if result.returncode == 0 else ""
