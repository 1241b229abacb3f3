"""Write files whole: nobody ever finds half of one under its name, and a crash loses no old one.

The content goes into a file of another name in the same folder, down to the disk, which is then
renamed: a file system does that at once or not at all. Any number of processes may write at once;
whichever comes last stays.
"""

import os
import tempfile
from pathlib import Path


def write(path, content):
    """Write a file and the folders on its way.

    Parameters
    ----------
    path : str or pathlib.Path
    content : bytes or str
        Text is written as UTF-8, with the line ends that it has.

    Raises
    ------
    OSError
        If the system refuses; what was there before then still is.
    """
    path = Path(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=".writing-")
    temporary = Path(name)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content.encode() if isinstance(content, str) else content)
            file.flush()
            os.fsync(file.fileno())
        # Closed by now, without which Windows renames nothing.
        temporary.chmod(0o644)
        temporary.replace(path)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise
