"""Read IDX, the file format of MNIST and of the data sets modelled on it.

Four bytes say what follows: two zeros, the type of the elements, the number of axes. Then comes
the length of each axis (32 bits, the most significant byte first), then the elements, the last
axis varying fastest. LeCun, Cortes and Burges, "The MNIST database of handwritten digits",
http://yann.lecun.com/exdb/mnist/, section on file formats.
"""

import math
import struct

import numpy as np

UNSIGNED_BYTE = 0x08


def parse(content):
    """Turn the bytes of an IDX file of unsigned bytes into an array.

    Parameters
    ----------
    content : bytes
        The whole file, unpacked.

    Returns
    -------
    array of uint8
        With the axes that the file declares, such as (N, rows, columns); new and writable.

    Raises
    ------
    ValueError
        If `content` does not begin as an IDX file of unsigned bytes, or is not as long as its
        header says.

    Examples
    --------
    >>> parse(bytes([0, 0, 8, 2, 0, 0, 0, 2, 0, 0, 0, 3, 10, 20, 30, 40, 50, 60]))
    array([[10, 20, 30],
           [40, 50, 60]], dtype=uint8)
    """
    if len(content) < 4 or content[:2] != b"\0\0" or content[3] == 0:
        raise ValueError(
            f"`content` begins with the bytes {content[:4].hex(' ') or '(none)'}, which is not "
            "how an IDX file begins (00 00, type, number of axes): give the unpacked file"
        )
    kind, axes = content[2], content[3]
    if kind != UNSIGNED_BYTE:
        raise ValueError(
            f"`content` has elements of type 0x{kind:02x}, not unsigned bytes "
            f"(0x{UNSIGNED_BYTE:02x}): give a file of 8-bit pixels or labels"
        )
    start = 4 + 4 * axes
    if len(content) < start:
        raise ValueError(
            f"`content` has {len(content)} bytes, fewer than the {start} of a header with {axes} "
            "axes: the file is cut off"
        )
    shape = struct.unpack_from(f">{axes}I", content, 4)
    expected = start + math.prod(shape)
    if len(content) != expected:
        fault = "cut off" if len(content) < expected else "too long"
        raise ValueError(
            f"`content` has {len(content):,} bytes, but its header declares the shape {shape}, "
            f"which takes {expected:,}: the file is {fault}"
        )
    return np.frombuffer(content, np.uint8, offset=start).reshape(shape).copy()
