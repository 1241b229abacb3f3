"""An image's way through a network: shapes, parameters and products, counted by hand."""

import pytest
import torch
from torch import nn

from cnnlib import models, shapes
from cnnlib.tracing import Step, trace


def test_each_layer_is_noted_with_what_it_does():
    model = nn.Sequential(
        nn.Conv2d(3, 8, 3, bias=False),
        nn.BatchNorm2d(8),
        nn.MaxPool2d(2),
        nn.Conv2d(8, 8, 1, groups=2),
        nn.AdaptiveAvgPool2d(1),
        nn.AdaptiveMaxPool2d(1),  # has nothing to do
        nn.Flatten(),
        nn.Linear(8, 5),
    )
    found = trace(model, (3, 6, 9))
    assert found.image_shape == (3, 6, 9)
    assert found.steps == (
        Step("convolution", (8, 4, 7), 216, 4 * 7 * 216),
        Step("pooling", (8, 2, 3), 0, 0),
        Step("convolution", (8, 2, 3), 40, 2 * 3 * 32),
        Step("pooling", (8, 1, 1), 0, 0),
        Step("linear", (5,), 45, 40),
    )
    assert found.multiply_accumulates == 4 * 7 * 216 + 6 * 32 + 40
    assert found.additions == ()


def test_a_network_stays_as_it_is():
    model = models.build("cnn-deep").train()
    before = {name: tensor.clone() for name, tensor in model.state_dict().items()}
    trace(model)
    assert model.training
    assert not any(m._forward_hooks or m._forward_pre_hooks for m in model.modules())
    assert all(torch.equal(before[name], tensor) for name, tensor in model.state_dict().items())


def test_parts_that_are_in_another_mode_stay_in_it():
    model = models.build("cnn-deep").train()
    frozen = [m for m in model.modules() if isinstance(m, nn.BatchNorm2d)][1].eval()
    trace(model)
    assert [m for m in model.modules() if not m.training] == [frozen]
    trace(model.eval())
    assert not any(m.training for m in model.modules())


def test_sheets_of_rotations_are_counted_as_channels():
    found = trace(models.build("cnn-rotations", widths=(2, 3, 4)))
    assert found.steps == (
        Step("convolution", (8, 28, 28), 2 * 9 + 2, 8 * 9 * 28**2),
        Step("pooling", (8, 14, 14), 0, 0),
        Step("convolution", (12, 14, 14), 3 * 8 * 9 + 3, 12 * 8 * 9 * 14**2),
        Step("pooling", (12, 7, 7), 0, 0),
        Step("convolution", (16, 7, 7), 4 * 12 * 9 + 4, 16 * 12 * 9 * 7**2),
        Step("linear", (10,), 50, 40),
    )


def test_a_group_that_knows_no_turns_has_as_much_to_do_as_convolutions():
    found = trace(models.build("cnn-rotations", widths=(2, 3, 4), rotations=1))
    layers = [nn.Conv2d(1, 2, 3, padding=1), nn.MaxPool2d(2), nn.Conv2d(2, 3, 3, padding=1)]
    layers += [nn.MaxPool2d(2), nn.Conv2d(3, 4, 3, padding=1)]
    assert found.steps[:-1] == trace(nn.Sequential(*layers), (1, 28, 28)).steps


def test_a_blurred_subsampling_is_a_step():
    steps = trace(models.build("cnn-shifts", pooling="blurred-stride")).steps
    assert [(step.kind, step.shape[1:]) for step in steps[:4]] == [
        *(("convolution", (28, 28)), ("pooling", (14, 14))),
        *(("convolution", (14, 14)), ("pooling", (7, 7))),
    ]
    steps = trace(models.build("cnn-shifts", pooling="blurred-max")).steps
    assert [step.shape[1:] for step in steps[:3]] == [(28, 28), (27, 27), (14, 14)]


class Scaled(nn.Module):
    def __init__(self):
        super().__init__()
        self.scale = nn.Parameter(torch.ones(1))

    def forward(self, images):
        return self.scale * images


@pytest.mark.parametrize(
    ("model", "message"),
    [
        (nn.Sequential(nn.ConvTranspose2d(1, 2, 3)), r"`model` has weights in 0 \(ConvTranspose2d"),
        (
            nn.Sequential(nn.ReLU(), Scaled()),
            r"weights in 1 \(Scaled\), which would not be",
        ),
        (Scaled(), r"weights in itself \(Scaled\)"),
    ],
)
def test_what_would_be_left_out_is_named(model, message):
    with pytest.raises(ValueError, match=message):
        trace(model, (1, 8, 8))
    normalised = nn.Sequential(nn.GroupNorm(1, 1), nn.Conv2d(1, 2, 3), nn.InstanceNorm2d(2))
    assert [step.kind for step in trace(normalised, (1, 8, 8)).steps] == ["convolution"]


def test_a_network_stays_as_it_is_even_where_the_image_does_not_fit():
    model = models.build("cnn-deep").train()
    with pytest.raises(ValueError, match="move the channels in front"):
        trace(model, (1, 32, 32))
    assert model.training
    assert not any(m._forward_hooks for m in model.modules())


def test_residual_connections_go_round_their_layers():
    options = {"stages": ((4, 4), (8,)), "image_shape": (3, 8, 8)}
    plain, residual = (
        trace(models.build("cnn-small", residual=r, **options)) for r in (False, True)
    )
    assert plain.additions == ()
    # Round the second convolution; the pooling comes after the addition.
    assert residual.additions == ((1, 2),)
    assert [step.kind for step in residual.steps[:3]] == ["convolution", "convolution", "pooling"]
    assert plain.multiply_accumulates == residual.multiply_accumulates


def test_on_the_device_meta_nothing_is_computed():
    with torch.device("meta"):
        model = nn.Sequential(nn.Conv2d(3, 1000, 3, padding=1), nn.Conv2d(1000, 1000, 3, padding=1))
    found = trace(model, (3, 4000, 4000))
    expected = sum(
        shapes.count_multiply_accumulates(shape, 4000)
        for shape in [(1000, 3, 3, 3), (1000, 1000, 3, 3)]
    )
    assert found.multiply_accumulates == expected
