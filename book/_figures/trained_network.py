"""What the figure ``trained-network`` starts with, what it loads, and its picture for print."""

import functools
import gzip
import hashlib
import json
import math
from pathlib import Path

import numpy as np
import torch
from matplotlib import pyplot as plt
from scipy import ndimage
from torch import nn

from book._figures import pictures
from cnnlib import archive, fashion_mnist, onnx_export, palette, plots, shapes, tracing

NETWORK = "fashion-mnist/cnn-small"
RUNTIME = Path(__file__).parents[2] / "node_modules" / "onnxruntime-web"

# Of the test images that ship with the library.
GARMENTS = {
    "t-shirt": 19,
    "shirt": 4,
    "coat": 6,
    "bag": 18,
    "sandal": 8,
    "sneaker": 43,
    "ankle-boot": 0,
}

INITIAL = {
    "picture": "t-shirt",
    "drawing": "A" * math.ceil(28 * 28 / 6),  # nothing
    "invert": "off",
    "turn": "0",
    "right": "0",
    "down": "0",
    "square": "5",
    "cover": "off",
    "at": "14,14",
    "class": "likeliest",
    "stage": "pooled",
    "unit": "2,13,4,1",
}


@functools.cache
def network_bytes():
    """Return the trained network as an ONNX file."""
    return onnx_export.to_bytes(archive.load_network(NETWORK))


def files():
    """Return what the figure loads when a reader asks, by names beside its script.

    The names tell versions apart, so that browsers may keep what they have.

    Returns
    -------
    dict of str to bytes or pathlib.Path
        The runtime, its WebAssembly, and the network.
    """
    digest = hashlib.sha256(network_bytes()).hexdigest()[:12]
    version = json.loads((RUNTIME / "package.json").read_text("utf-8"))["version"]
    return {
        f"onnxruntime-{version}.mjs": RUNTIME / "dist" / "ort.wasm.bundle.min.mjs",
        f"onnxruntime-{version}.wasm": RUNTIME / "dist" / "ort-wasm-simd-threaded.wasm",
        f"network-{digest}.onnx": network_bytes(),
    }


def layers():
    """Return the maps that the figure shows, in the order of the network.

    Returns
    -------
    list of dict
        For each convolution how many `maps` it gives; and of what comes out of it ("convolved"),
        and of its pooling with ReLU ("pooled"), the ONNX graph's `output`, the `size` of a map,
        and the `windows` from the input to there, as the script's receptiveField takes them.
    """
    network = archive.load_network(NETWORK)
    steps = iter(tracing.trace(network).steps)
    found, windows = [], []
    for index, layer in enumerate(network.layers):
        if isinstance(layer, nn.Conv2d | nn.MaxPool2d):
            kernel, stride, padding = (
                shapes.as_pair(name, getattr(layer, name), 0)[0]
                for name in ("kernel_size", "stride", "padding")
            )
            windows = [*windows, {"kernelSize": kernel, "stride": stride, "padding": padding}]
            shape = next(steps).shape
        elif not isinstance(layer, nn.ReLU):
            break
        if isinstance(layer, nn.Conv2d):
            found.append({"maps": shape[0]})
        stage = "convolved" if isinstance(layer, nn.Conv2d) else "pooled"
        found[-1][stage] = {"output": f"layer_{index}", "size": shape[1], "windows": windows}
    return found


def data():
    """Return the garments, the classes, the layers, and the files with their sizes, for JSON."""
    contents = [made if isinstance(made, bytes) else made.read_bytes() for made in files().values()]
    return {
        "pictures": {name: pictures.garment(index).tolist() for name, index in GARMENTS.items()},
        "size": 28,
        "classes": fashion_mnist.CLASSES,
        "layers": layers(),
        "files": dict(zip(("runtime", "wasm", "network"), files(), strict=True)),
        "bytes": sum(map(len, contents)),
        "compressed": sum(len(gzip.compress(content, 6, mtime=0)) for content in contents),
    }


def input_of(state):
    """Return what the network gets to see.

    Parameters
    ----------
    state : dict of str
        As `INITIAL`, with a garment as picture.

    Returns
    -------
    array of float, shape (28, 28)
        From 0 (black) to 1.
    """
    image = pictures.garment(GARMENTS[state["picture"]]) / 255
    if state["invert"] == "on":
        image = 1 - image
    image = turned_and_shifted(image, *(int(state[key]) for key in ("turn", "down", "right")))
    if state["cover"] == "on":
        (row, column), half = map(int, state["at"].split(",")), int(state["square"]) // 2
        image[max(row - half, 0) : row + half + 1, max(column - half, 0) : column + half + 1] = 0
    return image


def turned_and_shifted(image, degrees, down, right):
    """Turn an image (H, W) clockwise around its middle, then shift it; black comes in."""
    cos, sin = np.cos(np.deg2rad(degrees)), np.sin(np.deg2rad(degrees))
    back = np.array([[cos, -sin], [sin, cos]])
    middle = (np.array(image.shape) - 1) / 2
    start = middle - back @ (middle + np.array([down, right]))
    return ndimage.affine_transform(image, back, start, order=1, mode="grid-constant")


def still(state):
    """Draw the figure as it is once the network is there.

    Parameters
    ----------
    state : dict of str
        As `INITIAL`, with a garment as picture.

    Returns
    -------
    matplotlib.figure.Figure
    """
    image = input_of(state)
    network = archive.load_network(NETWORK)
    outputs, x = {}, network.standardise(torch.tensor(image, dtype=torch.float32)[None, None])
    with torch.no_grad():
        for index, layer in enumerate(network.layers):
            x = layer(x)
            outputs[f"layer_{index}"] = x[0].numpy()
        shares = x.softmax(1)[0].numpy()
    fig = plt.figure(figsize=(6.4, 4.4), layout="constrained")
    axes = fig.subplot_mosaic([["input", "bars", "bars"], [0, 0, 1]])
    plots.image(axes["input"], image)
    axes["input"].set_title("input", fontsize=11)
    axes["bars"].barh(range(len(shares)), shares, color=palette.OUTPUT)
    axes["bars"].set_yticks(range(len(shares)), fashion_mnist.CLASSES, fontsize=9)
    axes["bars"].tick_params("x", labelsize=9)
    axes["bars"].set_title("probability", fontsize=11)
    axes["bars"].set_xlim(0, 1)
    axes["bars"].invert_yaxis()
    for n, layer in enumerate(layers()):
        maps = outputs[layer[state["stage"]]["output"]]
        name = {"convolved": "conv", "pooled": "pool"}[state["stage"]]
        title = f"{name} {n + 1}: {len(maps)} maps"
        plots.image(axes[n], side_by_side(maps), signed=state["stage"] == "convolved")
        axes[n].set_title(title, fontsize=11)
    return fig


def side_by_side(maps, columns=8):
    """Return maps (C, H, W), each scaled to its own maximum, as one image with gaps."""
    count, height, width = maps.shape
    limits = np.abs(maps).max((1, 2), keepdims=True)
    scaled = maps / np.where(limits == 0, 1, limits)
    gapped = np.pad(scaled, ((0, 0), (0, 1), (0, 1)), constant_values=np.nan)
    rows = gapped.reshape(count // columns, columns, height + 1, width + 1)
    return rows.swapaxes(1, 2).reshape(-1, columns * (width + 1))[:-1, :-1]
