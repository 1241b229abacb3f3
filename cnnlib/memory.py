"""Keep freed memory, so that a training need not ask the system for it again at each step."""

import ctypes
import sys

# glibc's names of what mallopt sets (malloc.h), and the values.
_OPTIONS = {-3: 2**31 - 1, -1: 2**31 - 1, -2: 2**28}  # mmap threshold, trim threshold, top pad


def keep():
    """Tell the C library to keep freed memory in this process.

    Each step of a training on a CPU takes large blocks for the feature maps and frees them. glibc
    by itself gives such blocks back to the system, which must fill them with zeros, page by page,
    when they are wanted again. Elsewhere than on Linux with glibc, nothing is done.

    Returns
    -------
    bool
        Whether the C library agreed.
    """
    if not sys.platform.startswith("linux"):
        return False
    mallopt = getattr(ctypes.CDLL(None), "mallopt", None)  # musl has none
    return mallopt is not None and all(mallopt(*option) for option in _OPTIONS.items())
