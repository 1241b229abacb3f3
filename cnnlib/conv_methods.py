"""Slide a kernel over images in three ways, and carry gradients back: the algorithms alone.

`cnnlib.conv` checks what its caller gives, pads it and calls these. All arrays are of one float
dtype, with an axis for the G groups of channels that do not see each other (one, as a rule):

- `x` (N, G, C, H, W): N images of G groups of C channels, already padded;
- `weight` (G, O, C, kH, kW): per group, O kernels over its C channels;
- the result (N, G, O, oH, oW): O feature maps per group, one value per position of the kernel.

`stride` and `dilation` are (height, width) pairs: the pixels from a position to the next, and
between two taps of the kernel.
"""

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

from cnnlib.shapes import conv_output_size

# im2col copies each pixel once per tap of the kernel. It does so for this many values at a time:
# what is copied is soon used, and a photograph does not fill the memory.
BLOCK_VALUES = 2**20


def by_loops(x, weight, stride, dilation):
    """Follow the definition: at every position multiply by the kernel and sum up.

    Examples
    --------
    >>> x, weight = np.arange(6.0).reshape(1, 1, 1, 2, 3), np.ones((1, 1, 1, 2, 2))
    >>> by_loops(x, weight, stride=(1, 1), dilation=(1, 1))
    array([[[[[ 8., 12.]]]]])
    """
    (sh, sw), (dh, dw) = stride, dilation
    span_h, span_w = _span(weight, dilation)
    output_size = conv_output_size(x.shape[3:], weight.shape[3:], stride, 0, dilation)
    output = np.empty((*x.shape[:2], weight.shape[1], *output_size), x.dtype)
    for n, g, o, i, j in np.ndindex(output.shape):
        top, left = i * sh, j * sw
        window = x[n, g, :, top : top + span_h : dh, left : left + span_w : dw]
        output[n, g, o, i, j] = np.sum(weight[g, o] * window)
    return output


def by_im2col(x, weight, stride, dilation):
    """Write every window as a column of a matrix: the convolution is then a matrix product.

    References
    ----------
    Chellapilla, Puri and Simard, "High Performance Convolutional Neural Networks for Document
    Processing" (2006), hal:inria-00112631, where it is called unrolled convolution.

    Examples
    --------
    >>> x, weight = np.arange(6.0).reshape(1, 1, 1, 2, 3), np.ones((1, 1, 1, 2, 2))
    >>> by_im2col(x, weight, stride=(1, 1), dilation=(1, 1))
    array([[[[[ 8., 12.]]]]])
    """
    windows = windows_of(x, weight, stride, dilation)
    n, g, c, kh, kw, oh, ow = windows.shape
    rows_of_weight = weight.reshape(g, -1, c * kh * kw)
    output = np.empty((n, g, weight.shape[1], oh * ow), x.dtype)
    block = max(1, BLOCK_VALUES // (g * c * kh * kw * ow))  # rows of the output at a time
    for image, feature_maps in zip(windows, output, strict=True):
        for top in range(0, oh, block):
            columns = image[..., top : top + block, :].reshape(g, c * kh * kw, -1)  # copies
            positions = slice(top * ow, top * ow + columns.shape[2])
            np.matmul(rows_of_weight, columns, out=feature_maps[..., positions])
    return output.reshape(n, g, weight.shape[1], oh, ow)


def by_fft(x, weight, stride, dilation):
    """Multiply spectra: the convolution theorem, with a conjugate since nothing is flipped.

    The spectra are those of periodic images. Kept are the positions at which the kernel does
    not reach around the edge, so that the period need not exceed the padded image.

    Examples
    --------
    >>> x, weight = np.arange(6.0).reshape(1, 1, 1, 2, 3), np.ones((1, 1, 1, 2, 2))
    >>> by_fft(x, weight, stride=(1, 1), dilation=(1, 1)).round(6)
    array([[[[[ 8., 12.]]]]])
    """
    spread = np.zeros((*weight.shape[:3], *_span(weight, dilation)), weight.dtype)
    spread[..., :: dilation[0], :: dilation[1]] = weight
    period = fast_length(x.shape[3]), fast_length(x.shape[4])
    weight_spectrum = np.fft.rfft2(spread, period).conj()
    oh, ow = conv_output_size(x.shape[3:], weight.shape[3:], stride, 0, dilation)
    output = np.empty((*x.shape[:2], weight.shape[1], oh, ow), x.dtype)
    for image, feature_maps in zip(x, output, strict=True):
        # Per group g and frequency (u, v), a matrix from the C input to the O output channels.
        spectrum = np.einsum("gcuv,gocuv->gouv", np.fft.rfft2(image, period), weight_spectrum)
        every_position = np.fft.irfft2(spectrum, period)
        feature_maps[...] = every_position[..., :: stride[0], :: stride[1]][..., :oh, :ow]
    return output


def gradients(grad_output, x, weight, stride, dilation):
    """Return the gradients of a loss with respect to `x`, `weight` and a bias per feature map.

    im2col makes the output Y = W X, so that dL/dW = dL/dY Xᵀ and dL/dX = Wᵀ dL/dY. A pixel is
    copied into several columns of X; its gradient is the sum of theirs.

    References
    ----------
    Dumoulin and Visin, "A guide to convolution arithmetic for deep learning" (2016),
    arXiv:1603.07285, sections 4.1 and 4.2.

    Examples
    --------
    >>> x, weight = np.arange(6.0).reshape(1, 1, 1, 2, 3), np.ones((1, 1, 1, 2, 2))
    >>> grad_x, grad_weight, grad_bias = gradients(
    ...     np.ones((1, 1, 1, 1, 2)), x, weight, stride=(1, 1), dilation=(1, 1)
    ... )
    >>> grad_x[0, 0, 0]
    array([[1., 2., 1.],
           [1., 2., 1.]])
    """
    grad_x = np.zeros_like(x)
    windows = windows_of(x, weight, stride, dilation)
    grad_windows = windows_of(grad_x, weight, stride, dilation)
    n, g, c, kh, kw, oh, ow = windows.shape
    rows_of_weight = weight.reshape(g, -1, c * kh * kw)
    grad_rows = np.zeros_like(rows_of_weight)
    grad_maps = grad_output.reshape(n, g, weight.shape[1], oh * ow)
    for image, grad_image, grad_map in zip(windows, grad_windows, grad_maps, strict=True):
        columns = image.reshape(g, c * kh * kw, oh * ow)  # copies
        grad_rows += grad_map @ columns.swapaxes(1, 2)
        grad_columns = (rows_of_weight.swapaxes(1, 2) @ grad_map).reshape(image.shape)
        for p, q in np.ndindex(kh, kw):  # tap by tap: in one += the overlapping sums get lost
            grad_image[:, :, p, q] += grad_columns[:, :, p, q]
    return grad_x, grad_rows.reshape(weight.shape), grad_maps.sum(axis=(0, 3))


def windows_of(x, weight, stride, dilation):
    """View `x` as the windows that the kernel meets, without copying a pixel.

    Returns
    -------
    array, shape (N, G, C, kH, kW, oH, oW)
        A writeable view: a pixel appears once in each window that holds it.

    Examples
    --------
    >>> x, weight = np.arange(6.0).reshape(1, 1, 1, 2, 3), np.ones((1, 1, 1, 2, 2))
    >>> windows_of(x, weight, stride=(1, 1), dilation=(1, 1))[..., 0, 1].reshape(2, 2)
    array([[1., 2.],
           [4., 5.]])
    """
    windows = sliding_window_view(x, _span(weight, dilation), axis=(3, 4), writeable=True)
    windows = windows[..., :: stride[0], :: stride[1], :: dilation[0], :: dilation[1]]
    return np.moveaxis(windows, (3, 4), (5, 6))


def fast_length(length):
    """Return the next length of which the FFT is quick: one without prime factors above 5.

    Examples
    --------
    >>> [fast_length(length) for length in (64, 67, 121)]
    [64, 72, 125]
    """
    while True:
        rest = length
        for prime in (2, 3, 5):
            while rest % prime == 0:
                rest //= prime
        if rest == 1:
            return length
        length += 1


def _span(weight, dilation):
    """Return the rows and columns from the first tap of the dilated kernel to its last."""
    return tuple(d * (k - 1) + 1 for k, d in zip(weight.shape[3:], dilation, strict=True))
