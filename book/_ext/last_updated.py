"""Say on each page when it was last changed: the date of the newest commit that touched it.

One question to Git answers for all pages. Where there is no history (a copy without Git, a shallow
clone, whose oldest commit seems to touch everything) no page says a date.
"""

import datetime
from pathlib import Path

from commit import git
from sphinx.util.i18n import format_date

FORMAT = "%B %d, %Y"
_COMMIT = "commit of "  # begins the line with a commit's date


def newest_dates(root, folder="book"):
    """Return when files were last changed.

    Parameters
    ----------
    root : pathlib.Path
        The root of a tree that Git may know.
    folder : str
        Which of its folders to look at.

    Returns
    -------
    dict of datetime.datetime
        The date of the newest commit of each file, by the file's path below `root`; empty where
        there is no full history.
    """
    shallow = git(root, "rev-parse", "--is-shallow-repository")
    if shallow.strip() != "false":
        return {}
    found, date = {}, None
    asked = ["log", f"--format={_COMMIT}%cI", "--name-only", "--relative", "--", folder]
    for line in git(root, "-c", "core.quotePath=off", *asked).splitlines():
        if line.startswith(_COMMIT):
            date = datetime.datetime.fromisoformat(line.removeprefix(_COMMIT))
        elif line:
            found.setdefault(line, date)
    return found


def note_dates(app, env):
    """Ask Git, and have the pages written again whose date is another."""
    dates = newest_dates(Path(app.srcdir))
    known = getattr(env, "page_dates", {})
    env.page_dates = {
        name: dates.get(Path(env.doc2path(name, base=False)).as_posix()) for name in env.found_docs
    }
    return [name for name, date in env.page_dates.items() if name in known and known[name] != date]


def show_date(app, pagename, templatename, context, doctree):
    """Give the theme the date of a page."""
    date = app.env.page_dates.get(pagename)
    context["last_updated"] = date and format_date(FORMAT, date=date, language=app.config.language)


def setup(app):
    """Register with Sphinx."""
    app.connect("env-updated", note_dates)
    app.connect("html-page-context", show_date)
    return {"env_version": 1, "parallel_read_safe": True, "parallel_write_safe": True}
