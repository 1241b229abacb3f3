"""Let processes take turns where they would undo each other's work."""

import os
from contextlib import contextmanager


@contextmanager
def alone_in(folder):
    """Keep other processes that ask for the same folder waiting, for the while of a `with` block.

    The system lets go of the folder when the process ends, however it ends.

    Parameters
    ----------
    folder : pathlib.Path
        Is made if it is not there.

    Raises
    ------
    OSError
        If the system has no such locks (Windows).
    """
    try:
        import fcntl  # here, since a module that may lock is also imported where nothing can
    except ImportError as error:
        raise OSError(
            f"{folder} cannot be kept from other processes, since this system has no `fcntl`: use "
            "Linux or macOS, or on Windows its Subsystem for Linux"
        ) from error
    folder.mkdir(parents=True, exist_ok=True)
    handle = os.open(folder, os.O_RDONLY)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield
    finally:
        os.close(handle)
