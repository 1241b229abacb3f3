"""Write a trained network down as an ONNX graph, which runs where there is no PyTorch.

Bai, Lu, Zhang and others, "ONNX: Open Neural Network Exchange", https://onnx.ai/onnx/.
"""

import onnx
from onnx import TensorProto, helper, numpy_helper
from torch import nn

from cnnlib import shapes

OPSET, IR_VERSION = 17, 8  # old enough for every runtime of the last years


def to_bytes(model):
    """Return a network as the bytes of an ONNX file, with what each of its layers gives.

    The graph takes `images`, float32 of shape (N, C, H, W) from 0 (black) to 1. It gives
    `probabilities`, float32 of shape (N, classes), the softmax of the logits; and for each entry
    `n` of the network's `layers`, what comes out of it as `layer_n`.

    Parameters
    ----------
    model : cnnlib.classifier.Classifier
        Its `layers` are convolutions padded with zeros, maximum poolings, ReLUs, one flattening
        and linear layers, one after the other. Taken as in evaluation.

    Returns
    -------
    bytes
        The same for the same weights.

    Raises
    ------
    ValueError
        If the network shuffles its pixels, or has a layer of another kind.

    Examples
    --------
    >>> from cnnlib import models
    >>> graph = onnx.load_from_string(to_bytes(models.build("cnn-small"))).graph
    >>> [node.op_type for node in graph.node][:6]
    ['Sub', 'Div', 'Conv', 'MaxPool', 'Relu', 'Conv']
    """
    if not isinstance(model.arrange, nn.Identity):
        raise ValueError("`model` shuffles its pixels, which has no node here: build it without")
    nodes = [
        helper.make_node("Sub", ["images", "mean"], ["centred"]),
        helper.make_node("Div", ["centred", "deviation"], ["standardised"]),
    ]
    arrays = {"mean": model.mean[None], "deviation": model.deviation[None]}
    outputs, last = [], "standardised"
    for index, layer in enumerate(model.layers):
        operator, attributes = _operator(index, layer)
        learnt = {f"{index}.{name}": array for name, array in layer.named_parameters()}
        outputs.append(f"layer_{index}")
        nodes.append(helper.make_node(operator, [last, *learnt], outputs[-1:], **attributes))
        arrays |= learnt
        last = outputs[-1]
    nodes.append(helper.make_node("Softmax", [last], ["probabilities"], axis=1))
    graph = helper.make_graph(
        nodes,
        "network",
        [helper.make_tensor_value_info("images", TensorProto.FLOAT, ["N", *model.image_shape])],
        [onnx.ValueInfoProto(name=name) for name in ["probabilities", *outputs]],
        [numpy_helper.from_array(a.detach().cpu().numpy(), name) for name, a in arrays.items()],
    )
    opset = helper.make_opsetid("", OPSET)
    bare = helper.make_model(graph, opset_imports=[opset], ir_version=IR_VERSION)
    whole = onnx.shape_inference.infer_shapes(bare, strict_mode=True)
    onnx.checker.check_model(whole)
    return whole.SerializeToString(deterministic=True)


def _operator(index, layer):
    """Return the name of a layer's operator and its attributes."""
    if isinstance(layer, nn.Conv2d) and layer.padding_mode == "zeros":
        return "Conv", _window(layer) | {"group": layer.groups}
    if isinstance(layer, nn.MaxPool2d) and not layer.ceil_mode:
        return "MaxPool", _window(layer)
    if isinstance(layer, nn.ReLU):
        return "Relu", {}
    if isinstance(layer, nn.Flatten) and (layer.start_dim, layer.end_dim) == (1, -1):
        return "Flatten", {"axis": 1}
    if isinstance(layer, nn.Linear):
        return "Gemm", {"transB": 1}
    raise ValueError(
        f"`model` has a layer {index} ({layer}) that has no node here: use convolutions padded "
        "with zeros, maximum poolings, ReLUs, a flattening and linear layers"
    )


def _window(layer):
    """Return what a layer slides over its input, as ONNX writes it."""
    padding = shapes.as_pair("padding", layer.padding, 0)
    return {
        "kernel_shape": shapes.as_pair("kernel_size", layer.kernel_size, 1),
        "strides": shapes.as_pair("stride", layer.stride, 1),
        "pads": padding + padding,  # before, and after, both axes
        "dilations": shapes.as_pair("dilation", layer.dilation, 1),
    }
