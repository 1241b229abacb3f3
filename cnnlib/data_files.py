"""Find the files of a data set and verify what is in them.

A file counts only if its content, unpacked, has the SHA-256 that is expected. One that has another
is an error that names it: it is neither used nor passed over nor replaced, because whoever put it
there should know.
"""

import gzip
import hashlib
import os
import zlib
from dataclasses import dataclass
from pathlib import Path

# Where Debian's packages `dataset-*` put their files.
DEBIAN = Path("/usr/share/datasets")
CACHE = "cnnlib's cache folder"


class DatasetNotFoundError(FileNotFoundError):
    """A data set is in none of the places where it may be, and could not be downloaded."""


class DamagedFileError(ValueError):
    """A file is there, but its content is not what it should be."""


@dataclass(frozen=True)
class Place:
    """Somewhere that the files of a data set may lie.

    Attributes
    ----------
    name : str
        What to call it before a reader; no path, so that a record names nobody's home folder.
    folder : pathlib.Path or None
        None where there is no such place at present.
    layouts : tuple of str
        Folders below `folder` to look in, first come, first served.
    repair : str
        What to do about a damaged file there, as an imperative.
    """

    name: str
    folder: Path | None
    layouts: tuple[str, ...] = (".",)
    repair: str = "delete it, and a good one is taken from elsewhere"


def places(name, layouts, package):
    """Return where to look for a data set, in order of precedence.

    Parameters
    ----------
    name : str
        The data set's name, such as "fashion-mnist", which also is that of its folder.
    layouts : tuple of str
        Folders to look in below the one that the environment variable `CNNLIB_DATA` names.
    package : str
        The Debian package that has the data set.

    Returns
    -------
    tuple of Place
        The folder that `CNNLIB_DATA` names, the cache folder, the Debian package.

    Examples
    --------
    >>> for place in places("fashion-mnist", (".",), "dataset-fashion-mnist"):
    ...     print(place.name)
    the folder that CNNLIB_DATA names
    cnnlib's cache folder
    the Debian package dataset-fashion-mnist
    """
    return (
        *user_places(name, layouts),
        Place(
            f"the Debian package {package}",
            DEBIAN / name,
            repair=f"run `apt-get install --reinstall {package}`",
        ),
    )


def user_places(name, layouts):
    """Return the first two of these places, the user's own: named, and cached."""
    given = os.environ.get("CNNLIB_DATA")
    folder = Path(given).expanduser().absolute() if given else None
    return (
        Place("the folder that CNNLIB_DATA names", folder, layouts),
        Place(CACHE, cache_folder() / name),
    )


def cache_folder():
    """Return the folder for downloads: `$XDG_CACHE_HOME/cnnlib`, else `~/.cache/cnnlib`."""
    base = Path(os.environ.get("XDG_CACHE_HOME", ""))
    # The XDG specification has a relative path ignored.
    return (base if base.is_absolute() else Path.home() / ".cache") / "cnnlib"


def find(title, places, read_at, downloads, remedy, instead=()):
    """Read files at the first place that has them, or where they are downloaded to.

    Parameters
    ----------
    title : str
        The data set's name in the error.
    places : sequence of Place
    read_at : callable
        Reads and verifies the files of a place. It raises `FileNotFoundError` or
        `PermissionError` where they cannot be had, `ModuleNotFoundError` where the package is not
        installed that reads them, and `DamagedFileError` where they are wrong.
    downloads : sequence of callable
        Called without arguments, in turn, if no place has the files. Each downloads them and
        returns the place where they are then, or raises `OSError` or `ModuleNotFoundError`.
    remedy : str
        What the reader can do if that fails as well, for the error.
    instead : sequence of Place
        That must do where no download succeeds.

    Returns
    -------
    content
        What `read_at` made of the files.
    place : Place

    Raises
    ------
    DatasetNotFoundError
        If the files are nowhere and cannot be downloaded; it says for each place what was wrong.
    DamagedFileError
        If one of the files is there, but with another content.
    """
    tried = []

    def first_of(places):
        for place in places:
            try:
                return read_at(place), place
            except (FileNotFoundError, PermissionError, ModuleNotFoundError) as error:
                tried.append(f"{place.name}: {_words(error)}")
        return None

    if found := first_of(places):
        return found
    for download in downloads:
        try:
            place = download()
        except (OSError, ModuleNotFoundError) as error:
            tried.append(f"download: {_words(error)}")
        else:
            return read_at(place), place
    if found := first_of(instead):
        return found
    raise DatasetNotFoundError(
        f"{title} is not on this machine, and could not be downloaded. Tried:\n"
        + "".join(f"- {line}\n" for line in tried)
        + remedy
    )


def read(place, digests, parse):
    """Return the verified content of files that lie together in one place.

    Parameters
    ----------
    place : Place
    digests : dict of str to str
        For each file's name, without ".gz", the SHA-256 of its unpacked content.
    parse : callable
        Makes something of a file's content (bytes), or raises `ValueError`.

    Returns
    -------
    dict of str to object
        What `parse` made of each file.

    Raises
    ------
    FileNotFoundError
        If no folder of the place has all the files; the message says what is missing.
    DamagedFileError
        If one of the files is there, but with another content.
    """
    if place.folder is None:
        raise FileNotFoundError("not set")
    if not place.folder.is_dir():
        raise FileNotFoundError(f"there is no folder {place.folder}")
    incomplete = ""
    for layout in place.layouts:
        folder = place.folder / layout
        # Also where one is missing, the others must not be damaged.
        contents = {
            name: read_file(path, digests[name], parse, place.repair)
            for name in digests
            if (path := find_file(folder, name))
        }
        if len(contents) == len(digests):
            return contents
        if contents:
            incomplete += f"; {folder} has no {_enumerate(digests.keys() - contents.keys())}"
    below = [f"{layout}/" for layout in place.layouts if layout != "."]
    within = f" (nor {' or '.join(below)} in it)" if below else ""
    raise FileNotFoundError(
        incomplete.removeprefix("; ")
        or f"{place.folder}{within} has no {_enumerate(digests)}, packed (.gz) or not"
    )


def find_file(folder, name):
    """Return the path of a file, unpacked or else packed (".gz" after its name), or None."""
    candidates = (folder / name, folder / f"{name}.gz")
    return next((path for path in candidates if path.is_file()), None)


def read_file(path, sha256, parse, repair):
    """Read one file, unpack it if its name ends in ".gz", and verify it; see `read`."""

    def damaged(what):
        return DamagedFileError(
            f"{path} is damaged, or is another data set's file of the same name: {what}, where "
            f"{sha256} is expected. It was not used: {repair}"
        )

    content = path.read_bytes()
    if path.suffix == ".gz":
        try:
            content = gzip.decompress(content)
        except (EOFError, zlib.error, gzip.BadGzipFile) as error:
            raise damaged(f"no SHA-256 is found, because it does not unpack ({error})") from error
    found = hashlib.sha256(content).hexdigest()
    if found != sha256:
        what = f"its content has the SHA-256 {found}"
        try:
            parse(content)
        except ValueError as error:
            raise damaged(f"{what} ({error})") from error
        raise damaged(what)
    return parse(content)


def _words(error):
    """Return why files cannot be had; of a missing package, what installs it."""
    if isinstance(error, ModuleNotFoundError):
        package = error.name.partition(".")[0]
        return f"{package} is not installed: `pip install {package}`"
    return error


def _enumerate(names):
    return ", ".join(sorted(names))
