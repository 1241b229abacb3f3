"""Convolve in NumPy, from scratch: as deep learning does, and as mathematics defines it.

What deep learning calls convolution slides the kernel as it is, which is a cross-correlation:
`conv2d` does so. `convolve1d` and `convolve2d` flip the kernel first. The algorithms are in
`cnnlib.conv_methods`; here is what they are asked and on which terms.
"""

import numpy as np

from cnnlib import conv_methods
from cnnlib.conv_inputs import (
    as_floats,
    as_images,
    as_real_pair,
    check_like,
    pad,
)
from cnnlib.shapes import as_pair, check_option, conv_output_size, padding_amounts

METHODS = {
    "loops": conv_methods.by_loops,
    "im2col": conv_methods.by_im2col,
    "fft": conv_methods.by_fft,
}

MODES = ("full", "same", "valid")


def conv2d(
    x,
    weight,
    bias=None,
    *,
    stride=1,
    padding=0,
    padding_mode="zeros",
    dilation=1,
    groups=1,
    method="im2col",
):
    r"""Slide kernels over images and sum up what they cover, as PyTorch's `conv2d`.

    With stride $s$, dilation $d$ and $x$ padded (with groups, $c$ runs over one group's channels),

    $$ y_{n,o,i,j} = b_o + \sum_{c,p,q} w_{o,c,p,q}\; x_{n,\,c,\,s i + d p,\,s j + d q}. $$

    Parameters
    ----------
    x : array of float, shape (N, C_in, H, W)
        A batch of N images, which may be none.
    weight : array, shape (C_out, C_in / groups, kH, kW)
        One kernel per output channel, in the dtype of `x`.
    bias : array, shape (C_out,), optional
        Added to the output channels, in the dtype of `x`.
    stride, dilation : int or (height, width) pair of int
        Pixels from one position of the kernel to the next, and between two of its taps.
    padding : int, pair of int, "same" or "valid"
        Pixels added on either side, see `cnnlib.shapes.padding_amounts`.
    padding_mode : {"zeros", "reflect", "replicate", "circular"}
        What these are: zeros, the image mirrored in its border pixels, the border pixels, the
        opposite side.
    groups : int
        Into how many parts the channels fall; an output channel sees its part of the input.
    method : {"loops", "im2col", "fft"}
        The definition, one matrix product, or one product per frequency: the same values but
        for rounding. Rounding errors of "fft" go with the largest value of an image.

    Returns
    -------
    array, shape (N, C_out, oH, oW)
        Feature maps in the dtype of `x` (float16 is summed up in float32). A NaN or an infinity
        spoils the outputs whose window holds it; with "fft", all that its group makes of the
        image.

    Raises
    ------
    ValueError
        If a dtype is not a real float or not that of `x`, if the shapes do not fit together, if
        the kernel exceeds the padded input, if there is less image than "reflect" or "circular"
        repeats, or if an argument is out of its range.

    References
    ----------
    Dumoulin and Visin, "A guide to convolution arithmetic for deep learning" (2016),
    arXiv:1603.07285.

    Examples
    --------
    >>> x = np.arange(12.0).reshape(1, 1, 3, 4)
    >>> right_minus_left = np.array([[[[-1.0, 0.0, 1.0]]]])
    >>> conv2d(x, right_minus_left)[0, 0]
    array([[2., 2.],
           [2., 2.],
           [2., 2.]])
    """
    check_option("method", method, METHODS)
    x, weight = as_images(x, weight, groups)
    size = conv_output_size(x.shape[2:], weight.shape[2:], stride, padding, dilation)
    if bias is not None:
        bias = as_floats("bias", bias)
        check_like("bias", bias, (len(weight),), x.dtype)

    amounts = padding_amounts(padding, weight.shape[2:], stride, dilation)
    stride, dilation = as_pair("stride", stride, 1), as_pair("dilation", dilation, 1)
    x_groups, weight_groups = _in_groups(pad(x, amounts, padding_mode), weight, groups)
    with np.errstate(invalid="ignore"):  # 0 × ∞ is NaN, and that is the answer
        output = METHODS[method](x_groups, weight_groups, stride, dilation)
        output = output.reshape(len(x), len(weight), *size)
        if bias is not None:
            output += bias[:, None, None]
    return output.astype(x.dtype, copy=False)


def conv2d_backward(grad_output, x, weight, *, stride=1, padding=0, dilation=1, groups=1):
    """Carry the gradient of a loss back through `conv2d` (with zeros as padding).

    Parameters
    ----------
    grad_output : array, shape (N, C_out, oH, oW)
        The gradient with respect to what `conv2d` returned, in the dtype of `x`.
    x, weight, stride, padding, dilation, groups
        As `conv2d` got them.

    Returns
    -------
    grad_x : array, shape (N, C_in, H, W)
    grad_weight : array, shape (C_out, C_in / groups, kH, kW)
    grad_bias : array, shape (C_out,)
        The latter two summed over the batch; all in the dtype of `x`.

    Raises
    ------
    ValueError
        If `grad_output` has not the output's shape and dtype, and as `conv2d`.

    References
    ----------
    See `cnnlib.conv_methods.gradients`.

    Examples
    --------
    Four windows of size 2×2 fit into a 3×3 image, and they all hold its centre:

    >>> x, weight = np.ones((1, 1, 3, 3)), np.ones((1, 1, 2, 2))
    >>> grad_x, grad_weight, grad_bias = conv2d_backward(np.ones((1, 1, 2, 2)), x, weight)
    >>> grad_x[0, 0]
    array([[1., 2., 1.],
           [2., 4., 2.],
           [1., 2., 1.]])
    >>> grad_bias
    array([4.])
    """
    x, weight = as_images(x, weight, groups)
    size = conv_output_size(x.shape[2:], weight.shape[2:], stride, padding, dilation)
    grad_output = as_floats("grad_output", grad_output)
    check_like("grad_output", grad_output, (len(x), len(weight), *size), x.dtype)

    (top, bottom), (left, right) = padding_amounts(padding, weight.shape[2:], stride, dilation)
    stride, dilation = as_pair("stride", stride, 1), as_pair("dilation", dilation, 1)
    padded = pad(x, ((top, bottom), (left, right)), "zeros")
    x_groups, weight_groups = _in_groups(padded, weight, groups)
    grad_output = grad_output.astype(x_groups.dtype, copy=False)
    with np.errstate(invalid="ignore"):
        grad_x, grad_weight, grad_bias = conv_methods.gradients(
            grad_output, x_groups, weight_groups, stride, dilation
        )
    grad_x = grad_x.reshape(padded.shape)[:, :, top : top + x.shape[2], left : left + x.shape[3]]
    gradients = grad_x, grad_weight.reshape(weight.shape), grad_bias.reshape(-1)
    return tuple(gradient.astype(x.dtype, copy=False) for gradient in gradients)


def cross_correlate2d(image, kernel, mode="valid"):
    r"""Slide a kernel over an image: $\sum_{m,n} I(i + m, j + n)\,K(m, n)$, nothing flipped.

    Parameters
    ----------
    image, kernel : array, shape (H, W) and (kH, kW)
        Of real numbers; integers and bools are computed as float64.
    mode : {"full", "same", "valid"}
        Keep every position at which the two overlap; the middle of these, as many as the image
        has pixels; or those at which the kernel lies inside the image. Beyond the border there
        are zeros. Of the two middles that an even kernel has, "same" takes the second.

    Returns
    -------
    array, shape (H + kH - 1, W + kW - 1), (H, W) or (H - kH + 1, W - kW + 1)
        What `scipy.signal.correlate2d` returns, in the float dtype that holds both arguments.

    Raises
    ------
    ValueError
        If an argument has not two axes, is empty or not of real numbers, if `mode` is unknown,
        or if the kernel exceeds the image in "valid" (where SciPy swaps them).

    Examples
    --------
    >>> cross_correlate2d([[1, 2, 3], [4, 5, 6]], [[0, 1, -1]], mode="same")
    array([[-1., -1.,  3.],
           [-1., -1.,  6.]])
    """
    image, kernel = as_real_pair(image=image, kernel=kernel, ndim=2)
    return _slide(image, kernel, _zeros_around(image, kernel, mode))


def convolve2d(image, kernel, mode="valid"):
    r"""Convolve an image with a kernel: $\sum_{m,n} I(m, n)\,K(i - m, j - n)$.

    The minus signs turn the kernel by 180°; the rest is `cross_correlate2d`.

    Parameters
    ----------
    image, kernel, mode
        As in `cross_correlate2d`, but of an even kernel's two middles "same" takes the first.

    Returns
    -------
    array
        What `scipy.signal.convolve2d` returns; the shapes are those of `cross_correlate2d`.

    Raises
    ------
    ValueError
        As `cross_correlate2d`.

    Examples
    --------
    >>> convolve2d([[1, 2, 3], [4, 5, 6]], [[0, 1, -1]], mode="same")
    array([[1., 1., 1.],
           [4., 1., 1.]])
    """
    image, kernel = as_real_pair(image=image, kernel=kernel, ndim=2)
    (top, bottom), (left, right) = _zeros_around(image, kernel, mode)
    return _slide(image, kernel[::-1, ::-1], ((bottom, top), (right, left)))


def convolve1d(signal, kernel, mode="full"):
    r"""Convolve a signal with a kernel: $\sum_\tau f(\tau)\,g(t - \tau)$.

    Parameters
    ----------
    signal, kernel : array, shape (T,) and (k,)
        Of real numbers; integers and bools are computed as float64.
    mode : {"full", "same", "valid"}
        As in `convolve2d`.

    Returns
    -------
    array, shape (T + k - 1,), (T,) or (T - k + 1,)
        What `scipy.signal.convolve` returns.

    Raises
    ------
    ValueError
        As `cross_correlate2d`, with one axis for two.

    Examples
    --------
    >>> convolve1d([1, 2, 3], [1, 10])
    array([ 1., 12., 23., 30.])
    """
    signal, kernel = as_real_pair(signal=signal, kernel=kernel, ndim=1)
    ((before, after),) = _zeros_around(signal, kernel, mode)
    # An image one pixel wide.
    return _slide(signal[:, None], kernel[::-1, None], ((after, before), (0, 0)))[:, 0]


def _in_groups(x, weight, groups):
    """Give each group of channels an axis, (N, G, C, H, W); sum float16 up in float32."""
    dtype = np.promote_types(x.dtype, np.float32)
    x, weight = x.astype(dtype, copy=False), weight.astype(dtype, copy=False)
    n, channels, *size = x.shape
    x = x.reshape(n, groups, channels // groups, *size)
    return x, weight.reshape(groups, len(weight) // groups, *weight.shape[1:])


def _zeros_around(image, kernel, mode):
    """Return the zeros to put (before, after) each axis, for correlation, to get `mode`."""
    check_option("mode", mode, MODES)
    if mode == "full":
        return [(k - 1, k - 1) for k in kernel.shape]
    if mode == "same":
        return [((k - 1) // 2, k // 2) for k in kernel.shape]
    if any(k > length for k, length in zip(kernel.shape, image.shape, strict=True)):
        raise ValueError(
            f"`kernel` {kernel.shape} exceeds what it slides over {image.shape} in `mode` "
            "('valid'): use 'same' or 'full', or a smaller kernel"
        )
    return [(0, 0) for _ in kernel.shape]


def _slide(image, kernel, zeros):
    return conv2d(np.pad(image, zeros)[None, None], kernel[None, None])[0, 0]
