"""Download files so that nobody ever sees half of one.

Each is verified under a temporary name, in a folder beside its place, and then renamed, which the
file system does at once or not at all. Whoever is interrupted leaves nothing under the file's
name, and any number of processes may download at once: each for itself, and whichever comes last
replaces a verified file by an equal one.
"""

import hashlib
import http.client
import logging
import shutil
import tempfile
import urllib.request
from pathlib import Path

from cnnlib import data_files

# Seconds that a server may stay silent: a network that swallows packets is not waited for.
TIMEOUT = 10.0

_log = logging.getLogger(__name__)


def download(folder, digests, mirrors, md5s):
    """Download the files that a folder lacks, packed by gzip.

    Parameters
    ----------
    folder : pathlib.Path
        Made where it is missing.
    digests : dict of str to str
        For each file's name, without ".gz", the SHA-256 of its unpacked content.
    mirrors : sequence of str
        Addresses (http or https) that a file's name is appended to, each tried in turn.
    md5s : dict of str to str
        For each file's name, with ".gz", the MD5 of the packed file.

    Raises
    ------
    OSError
        If no mirror gives a file, or the folder cannot be written; the message says why.
    """
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=".download-", dir=folder) as scratch:
        for name in digests:
            if not data_files.find_file(folder, name):
                packed = Path(scratch, f"{name}.gz")
                _download_verified(packed, digests[name], mirrors, md5s[packed.name])
                packed.replace(folder / packed.name)


def _download_verified(path, sha256, mirrors, md5):
    reasons = []
    for mirror in mirrors:
        try:
            fetch(mirror + path.name, path)
            found = hashlib.md5(path.read_bytes(), usedforsecurity=False).hexdigest()
            if found != md5:
                size = path.stat().st_size
                raise OSError(f"sent {size:,} bytes with the MD5 {found}, not {md5}")
            data_files.read_file(path, sha256, bytes, "try another mirror")
        except (OSError, data_files.DamagedFileError) as error:
            reasons.append(f"{mirror}{path.name}: {error}")
        else:
            return
    raise OSError("; ".join(reasons))


def fetch(url, path):
    """Write what an address (http or https) sends to a file; `OSError` if it sends nothing."""
    _log.info("Downloading %s", url)
    request = urllib.request.Request(url, headers={"User-Agent": "cnnlib"})  # noqa: S310
    try:
        with (
            urllib.request.urlopen(request, timeout=TIMEOUT) as response,  # noqa: S310
            path.open("wb") as file,
        ):
            shutil.copyfileobj(response, file)
    except http.client.HTTPException as error:
        raise OSError(f"{url} sent no whole answer of HTTP: {error!r}") from error


def check_whole(folder, names):
    """Raise `OSError` if a folder is there, but lacks one of the files of these names."""
    missing = [name for name in names if not (folder / name).is_file()]
    if missing and folder.exists():
        raise OSError(f"{folder} is there, but lacks {', '.join(missing)}: delete it")


def move_in(unpacked, target, names):
    """Put an unpacked folder in its place, unless another process was faster.

    Parameters
    ----------
    unpacked, target : pathlib.Path
    names : sequence of str
        Of the files that must be in it.

    Raises
    ------
    OSError
        If it cannot be put there, or what is there lacks a file.
    """
    try:
        unpacked.replace(target)
    except OSError:
        check_whole(target, names)
        if not target.exists():
            raise
