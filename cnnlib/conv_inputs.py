"""Say what a convolution takes: check arrays, with the remedy in the error, and pad images."""

import numpy as np

from cnnlib.shapes import as_integer, check_option

# `torch.nn.Conv2d`'s names for what lies beyond the border, and `numpy.pad`'s.
PADDING_MODES = {"zeros": "constant", "reflect": "reflect", "replicate": "edge", "circular": "wrap"}


def as_floats(name, array):
    """Return an array of real floats in the machine's byte order, or raise `ValueError`."""
    array = np.asarray(array)
    if np.issubdtype(array.dtype, np.complexfloating):
        raise ValueError(
            f"`{name}` has dtype {array.dtype}, not a real float: take `{name}.real` and "
            f"`{name}.imag` one by one, since convolution is linear"
        )
    if not np.issubdtype(array.dtype, np.floating):
        raise ValueError(
            f"`{name}` has dtype {array.dtype}, not a float: use `{name}.astype(float)`"
        )
    return array.astype(array.dtype.newbyteorder("="), copy=False)


def as_images(x, weight, groups):
    """Return images and kernels that fit together, or raise `ValueError`."""
    x, weight = as_floats("x", x), as_floats("weight", weight)
    groups = as_integer("groups", groups, 1)
    for name, array, axes in [
        ("x", x, "(N, C_in, H, W)"),
        ("weight", weight, "(C_out, C_in / groups, kH, kW)"),
    ]:
        if array.ndim != 4:
            raise ValueError(
                f"`{name}` has shape {array.shape}, but needs the four axes {axes}: put the "
                f"missing ones before it, as `{name}[None, None]` does for one channel"
            )
    if weight.dtype != x.dtype:
        raise ValueError(_other_dtype("weight", weight, x.dtype))
    if 0 in x.shape[2:]:
        raise ValueError(f"`x` has shape {x.shape}, images without a pixel: give them at least one")
    if 0 in weight.shape:
        raise ValueError(f"`weight` has shape {weight.shape}, which is empty: give it a kernel")
    if x.shape[1] != groups * weight.shape[1]:
        raise ValueError(
            f"`x` has {x.shape[1]} channels, but `weight` of shape {weight.shape} with `groups` "
            f"({groups}) needs {groups} × {weight.shape[1]} = {groups * weight.shape[1]}: "
            "make them equal"
        )
    if len(weight) % groups:
        raise ValueError(
            f"`weight` has {len(weight)} kernels, not a multiple of `groups` ({groups}): give "
            "each group as many"
        )
    return x, weight


def as_real_pair(*, ndim, **arrays):
    """Return two arrays in the float dtype that holds both, or raise `ValueError`.

    Integers and bools become float64, so that pixels of 8 bits do not overflow.

    Examples
    --------
    >>> pixels, kernel = as_real_pair(pixels=np.uint8([200]), kernel=np.float32([2]), ndim=1)
    >>> pixels * kernel
    array([400.])
    """
    arrays = {name: np.asarray(array) for name, array in arrays.items()}
    for name, array in arrays.items():
        if array.dtype.kind in "biu":
            arrays[name] = array = array.astype(float)
        arrays[name] = as_floats(name, array)
        if array.ndim != ndim or array.size == 0:
            raise ValueError(
                f"`{name}` has shape {array.shape}: give it {ndim} "
                f"{'axis' if ndim == 1 else 'axes'} and at least one value"
            )
    dtype = np.result_type(*arrays.values())
    return (array.astype(dtype, copy=False) for array in arrays.values())


def check_like(name, array, shape, dtype):
    """Raise `ValueError` unless an array has the shape and dtype that follow from `x`."""
    if array.shape != shape:
        raise ValueError(
            f"`{name}` has shape {array.shape}, but `x`, `weight` and the other arguments "
            f"make it {shape}"
        )
    if array.dtype != dtype:
        raise ValueError(_other_dtype(name, array, dtype))


def pad(x, amounts, padding_mode):
    """Add pixels around images.

    Parameters
    ----------
    x : array, shape (N, C, H, W)
    amounts : ((top, bottom), (left, right))
        Numbers of pixels, as `cnnlib.shapes.padding_amounts` returns.
    padding_mode : {"zeros", "reflect", "replicate", "circular"}
        See `cnnlib.conv.conv2d`.

    Raises
    ------
    ValueError
        If the mode is unknown or the image too small for it.

    Examples
    --------
    >>> row = np.array([[[[1, 2, 3]]]])
    >>> for mode in PADDING_MODES:
    ...     print(mode, pad(row, ((0, 0), (2, 2)), mode).ravel())
    zeros [0 0 1 2 3 0 0]
    reflect [3 2 1 2 3 2 1]
    replicate [1 1 1 2 3 3 3]
    circular [2 3 1 2 3 1 2]
    """
    check_option("padding_mode", padding_mode, PADDING_MODES)
    # A mirror repeats all but the border pixel, "circular" all of the image, and both but once.
    kept_back = {"reflect": 1, "circular": 0}
    for axis, length, pixels in zip(("height", "width"), x.shape[2:], amounts, strict=True):
        if padding_mode in kept_back and max(pixels) > length - kept_back[padding_mode]:
            raise ValueError(
                f"`padding` ({max(pixels)}) exceeds what `padding_mode` ({padding_mode!r}) can "
                f"repeat of the input {axis} ({length}): use at most "
                f"{length - kept_back[padding_mode]}, or 'zeros'"
            )
    if not np.any(amounts):
        return x
    return np.pad(x, ((0, 0), (0, 0), *amounts), mode=PADDING_MODES[padding_mode])


def _other_dtype(name, array, dtype):
    return f"`{name}` has dtype {array.dtype}, but `x` has {dtype}: use `{name}.astype(x.dtype)`"
