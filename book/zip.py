"""Pack the built site to be read from a disk, as one file: ``python -m book.zip``.

The same site gives the same file: entries are sorted, and dated by the commit.
"""

import argparse
import sys
import zipfile
from pathlib import Path

from book._ext.commit import commit

ROOT = Path(__file__).resolve().parents[1]
TARGET = Path("_build/cnn-lecture.zip")
FOLDER = "cnn-lecture"

READ_ME = """\
{title}

Open index.html in a browser. The whole lecture is here: it needs no network and no server, and
sends nothing anywhere.

Browsers forbid some things to pages that are opened from a disk. These need a server:

- The trained network of the page "Inside the network" does not run there and stays a picture:
  a page from a disk may not load the network. The figure says so.
- A camera, where a figure offers to take a picture by it, is asked for again each time, and some
  browsers refuse it. Choosing a picture file works.
- What is kept between visits (solved exercises, light or dark mode) may be forgotten, and the
  button that copies a link or code may be refused: some browsers treat each file as a stranger.

To have all of it, serve the folder on your own machine, which still asks no other:

    python3 -m http.server --bind 127.0.0.1 --directory {folder}

and open http://127.0.0.1:8000/. On paper or a reading device, use the PDF of the lecture.

{source}
"""


def read_me(root):
    """Return what is said to somebody who has unpacked the zip."""
    source = commit(root)
    made = "Its source is not known."
    if source.name:
        made = f"Built of commit {source.name} of {source.date:%Y-%m-%d}"
        made += ", with local changes." if source.changed else "."
    return READ_ME.format(
        title="Convolutional Neural Networks: an executable lecture", folder=FOLDER, source=made
    )


def pack(site, target, text, date):
    """Write a zip of a site.

    Parameters
    ----------
    site : pathlib.Path
        The folder of the built site.
    target : pathlib.Path
        The zip.
    text : str
        Of the file ``READ ME.txt`` beside the pages.
    date : datetime.datetime
        Of each entry, not before 1980.
    """
    if not (site / "index.html").is_file():
        raise FileNotFoundError(f"{site} has no index.html: build the site with `make book` first")
    # What begins with a dot is Sphinx's own, or half of a file that somebody was writing.
    files = [path for path in site.rglob("*") if path.is_file() and not path.name.startswith(".")]
    contents = {path.relative_to(site).as_posix(): path for path in files}
    target.parent.mkdir(parents=True, exist_ok=True)
    partial = target.with_suffix(".partial")
    with zipfile.ZipFile(partial, "w") as archive:
        for name in sorted([*contents, "READ ME.txt"]):
            entry = zipfile.ZipInfo(f"{FOLDER}/{name}", date.timetuple()[:6])
            entry.create_system = 3  # as on Unix, wherever it is made
            entry.external_attr = 0o100644 << 16
            entry.compress_type = zipfile.ZIP_DEFLATED
            data = contents[name].read_bytes() if name in contents else text.encode()
            archive.writestr(entry, data, compresslevel=9)
    partial.replace(target)


def main(arguments=None):
    """Pack the site."""
    parser = argparse.ArgumentParser(prog="python -m book.zip", description=__doc__.split("\n")[0])
    parser.add_argument("--site", type=Path, default=ROOT / "_build/html", help="the built site")
    parser.add_argument("--output", type=Path, default=ROOT / TARGET, help=f"({TARGET})")
    given = parser.parse_args(arguments)
    pack(given.site, given.output, read_me(ROOT), commit(ROOT).date)
    print(f"{given.output}: {given.output.stat().st_size / 1e6:.1f} MB")


if __name__ == "__main__":
    sys.exit(main())
