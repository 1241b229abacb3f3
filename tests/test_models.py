"""Networks have the parameters that `cnnlib.shapes` counts."""

import pytest
import torch

from cnnlib import classifier, datasets, models, shapes
from cnnlib.layers import BlurPool, Residual, ShufflePixels

CONVOLUTIONS = [(32, 1, 3, 3), (64, 32, 3, 3)]


@pytest.mark.parametrize(
    ("name", "weight_shapes"),
    [
        ("fully-connected", [(512, 784), (10, 512)]),
        ("cnn-small", [*CONVOLUTIONS, (10, 64 * 7 * 7)]),
        ("cnn-large", [*CONVOLUTIONS, (128, 64 * 7 * 7), (10, 128)]),
    ],
)
def test_parameters_are_those_that_shapes_count(name, weight_shapes):
    model = models.build(name)
    found = [tuple(p.shape) for n, p in model.named_parameters() if n.endswith("weight")]
    assert found == weight_shapes
    assert models.count_parameters(model) == shapes.count_parameters(*weight_shapes).total


def test_the_deep_network_by_hand():
    convolutions = [(32, 1), (32, 32), (64, 32), (64, 64), (128, 64)]
    weights = shapes.count_parameters(*[(*c, 3, 3) for c in convolutions], bias=False).total
    normalisation = 2 * (32 + 32 + 64 + 64 + 128)
    last = shapes.count_parameters((10, 128 * 3 * 3)).total  # 28 → 14 → 7 → 3
    assert models.count_parameters(models.build("cnn-deep")) == weights + normalisation + last


@pytest.mark.parametrize("name", models.names())
def test_logits_come_out(name):
    model = models.build(name).eval()
    logits = model(torch.rand(3, *model.image_shape))
    assert logits.shape == (3, 10)
    assert logits.dtype == torch.float32
    assert not torch.allclose(logits.sum(1), torch.ones(3)), "a softmax would sum to 1"


@pytest.mark.parametrize(
    ("pooling", "features"),
    [
        *(("max", 49), ("average", 49), ("stride", 49)),
        *(("blurred-max", 49), ("blurred-stride", 49), ("none", 784)),
    ],
)
def test_poolings(pooling, features):
    model = models.build("cnn-small", pooling=pooling)
    assert model.layers[-1].in_features == 64 * features
    assert model(torch.zeros(1, 1, 28, 28)).shape == (1, 10)


def test_without_nonlinearity_the_network_is_affine():
    x, y = torch.rand(2, 5, 1, 28, 28).double()
    for nonlinear in (True, False):
        model = models.build("cnn-small", pooling="stride", nonlinear=nonlinear).double()
        middle = (model(x) + model(y)) / 2
        assert torch.allclose(model((x + y) / 2), middle, atol=1e-12) is not nonlinear


def test_pixels_are_standardised_first():
    model = models.build("fully-connected", hidden=())
    assert torch.equal(
        model(torch.full((1, 1, 28, 28), classifier.PIXEL_MEAN))[0], model.layers[1].bias
    )
    images = datasets.load("fashion-mnist", "train", sample=True).images / 255
    assert images.mean() == pytest.approx(classifier.PIXEL_MEAN, abs=0.02)  # a sample's
    assert images.std() == pytest.approx(classifier.PIXEL_DEVIATION, abs=0.02)


def test_colour_has_the_statistics_of_each_channel():
    model = models.build("fully-connected", hidden=(), image_shape=(3, 8, 8))
    mean = torch.tensor(classifier.COLOUR_MEAN)[:, None, None]
    assert torch.equal(model(mean.expand(1, 3, 8, 8))[0], model.layers[1].bias)
    assert set(model.state_dict()) == {"layers.1.weight", "layers.1.bias"}
    deviation = torch.tensor(classifier.COLOUR_DEVIATION)[:, None, None]
    above = model.standardise((mean + 2 * deviation).expand(1, 3, 8, 8))
    assert torch.allclose(above, torch.full((1, 3, 8, 8), 2.0))


def test_residual_connections_where_the_number_of_channels_stays():
    options = {"stages": ((4, 4, 4), (8, 8)), "batch_norm": True, "global_pool": True}
    plain, residual, strided = (
        models.build("cnn-small", **options, **more)
        for more in ({}, {"residual": True}, {"residual": True, "pooling": "stride"})
    )
    count = models.count_parameters(plain)
    assert models.count_parameters(residual) == count
    found = [[type(m) for m in model.modules()].count(Residual) for model in (residual, strided)]
    assert found == [3, 1]  # a stride of 2 changes the size
    features = torch.rand(2, 4, 5, 5)
    convolution = torch.nn.Conv2d(4, 4, 3, padding=1)
    added = Residual(convolution, torch.nn.ReLU())(features) - features
    assert torch.allclose(added, convolution(features).relu(), atol=1e-6)


def test_global_pooling_leaves_one_number_a_channel():
    for shape in ((1, 28, 28), (3, 32, 32)):
        model = models.build("cnn-residual", image_shape=shape)
        assert model.layers[-1].in_features == 128
    features = torch.rand(2, 128, 3, 3)
    pooled = model.layers[-3](features)
    assert torch.allclose(pooled[:, :, 0, 0], features.mean((2, 3)))


def test_the_residual_network_by_hand():
    convolutions = [(32, 1), (32, 32), (64, 32), (64, 64), (128, 64), (128, 128)]
    weights = shapes.count_parameters(*[(*c, 3, 3) for c in convolutions], bias=False).total
    normalisation = 2 * sum(out for out, _ in convolutions)
    last = shapes.count_parameters((10, 128)).total
    model = models.build("cnn-residual")
    assert models.count_parameters(model) == weights + normalisation + last
    assert [type(layer) for layer in model.layers].count(Residual) == 3, "one in each stage"


def test_pixels_are_shuffled_in_one_way_for_all():
    plain, shuffled, other = (
        models.build("fully-connected", image_shape=(2, 5, 6), seed=seed, shuffled=yes)
        for seed, yes in ((0, False), (0, True), (1, True))
    )
    order = shuffled.arrange.order
    assert torch.equal(order, other.arrange.order), "the seed decides weights only"
    assert sorted(order.tolist()) == list(range(30))
    assert order.tolist() != sorted(order.tolist())
    assert set(shuffled.state_dict()) == set(plain.state_dict())
    # A fully connected network whose weights are in the same disorder sees no difference.
    images, first = torch.rand(3, 2, 5, 6), plain.layers[1].weight
    with torch.no_grad():
        shuffled.layers[1].weight.copy_(first.view(-1, 2, 30)[:, :, order].flatten(1))
    assert torch.allclose(shuffled(images), plain(images), atol=1e-5)


def test_a_convolutional_network_sees_the_shuffled_pixels():
    plain, shuffled = (models.build("cnn-small", shuffled=yes) for yes in (False, True))
    images = torch.rand(2, 1, 28, 28)
    assert torch.allclose(shuffled(images), plain(ShufflePixels(28, 28)(images)), atol=1e-5)


@pytest.mark.parametrize("options", [{}, {"stages": ((4, 8), (8,)), "batch_norm": True}])
def test_the_maximum_may_be_taken_before_the_nonlinearity(options):
    model = models.build("cnn-small", **options)
    later = list(model.layers)
    for index, layer in enumerate(model.layers):
        if isinstance(layer, torch.nn.MaxPool2d):
            assert isinstance(later[index + 1], torch.nn.ReLU)
            later[index : index + 2] = [torch.nn.ReLU(), layer]
    usual = torch.nn.Sequential(*later)
    images = torch.rand(5, 1, 28, 28)
    model.layers(images).square().sum().backward()
    gradients = [parameter.grad.clone() for parameter in model.parameters()]
    model.zero_grad()
    usual(images).square().sum().backward()
    assert torch.equal(model.eval().layers(images), usual.eval()(images))
    for parameter, gradient in zip(model.parameters(), gradients, strict=True):
        assert torch.equal(parameter.grad, gradient)


def test_dropout_only_in_training():
    model = models.build("cnn-large", dropout=0.5)
    assert [type(layer).__name__ for layer in model.layers[-4:]] == [
        *("Linear", "ReLU", "Dropout", "Linear")
    ]
    images = torch.rand(2, 1, 28, 28)
    assert not torch.equal(model(images), model(images))
    model.eval()
    assert torch.equal(model(images), model(images))


def test_the_seed_alone_decides_the_initial_weights():
    state = torch.get_rng_state()
    first, again, other = (models.build("cnn-small", seed=seed).state_dict() for seed in (1, 1, 2))
    assert torch.equal(torch.get_rng_state(), state)
    assert all(torch.equal(first[key], again[key]) for key in first)
    assert not any(torch.equal(first[key], other[key]) for key in first)


@pytest.mark.parametrize(
    ("name", "options", "message"),
    [
        ("resnet", {}, r"`name` \('resnet'\) is unknown: use one of \('fully-connected'"),
        ("cnn-small", {"width": 3}, "`width` is no option of 'cnn-small': use some of"),
        ("fully-connected", {"pooling": "max"}, "`pooling` is no option of 'fully-connected'"),
        ("cnn-small", {"pooling": "min"}, r"`pooling` \('min'\) is unknown"),
        ("cnn-small", {"stages": ()}, r"`stages` \(\(\)\) is none"),
        ("cnn-small", {"stages": ((0,),)}, r"`stages` \(0\) is less than 1"),
        ("cnn-small", {"stages": 5 * ((4,),)}, "exceeds the padded input height"),
        ("cnn-small", {"stages": ((),)}, r"`stages` \(\(\(\),\)\) has one without a convolution"),
        ("cnn-small", {"stages": ((8,), ())}, "has one without a convolution: give each at least"),
        (
            *("cnn-small", {"stages": 6 * ((4,),), "pooling": "blurred-stride"}),
            r"`stages` \(.*\) leave 1 × 1 pixels to blur: use fewer, or larger images than `image_",
        ),
        (
            *("cnn-small", {"image_shape": (1, 2, 9), "pooling": "blurred-max"}),
            "leave 1 × 8 pixels to blur",
        ),
        ("cnn-small", {"dropout": 1}, r"`dropout` \(1\) is out of range"),
        ("cnn-small", {"seed": -1}, r"`seed` \(-1\) is less than 0"),
        ("cnn-small", {"classes": 1}, r"`classes` \(1\) is less than 2"),
        ("cnn-small", {"image_shape": (28, 28)}, r"`image_shape` \(\(28, 28\)\) is not"),
        ("fully-connected", {"hidden": 512}, r"`hidden` \(512\) is no tuple"),
    ],
)
def test_bad_options_are_named(name, options, message):
    with pytest.raises(ValueError, match=message):
        models.build(name, **options)


@pytest.mark.parametrize("pooling", models.POOLINGS)
@pytest.mark.parametrize("side", range(1, 9))
def test_what_can_be_built_can_run(pooling, side):
    options = {"stages": ((2,), (3,)), "image_shape": (1, side, side + 1), "pooling": pooling}
    try:
        model = models.build("cnn-small", **options)
    except ValueError as error:
        assert side < 6, error  # noqa: PT017
    else:
        assert model(torch.rand(2, 1, side, side + 1)).shape == (2, 10)


@pytest.mark.parametrize("dtype", [torch.uint8, torch.int64, torch.bool])
def test_pixels_from_0_to_255_are_refused(dtype):
    images = torch.ones(1, 1, 28, 28).to(dtype)
    with pytest.raises(ValueError, match=rf"`images` has dtype {dtype}, where .*: divide by 255"):
        models.build("fully-connected")(images)
    assert models.build("fully-connected").double()(torch.ones(1, 1, 28, 28).double()).shape


@pytest.mark.parametrize("shape", [(1, 28, 28), (5, 28, 28, 1), (5, 3, 28, 28)])
def test_images_of_another_shape_are_refused(shape):
    with pytest.raises(ValueError, match=r"takes \(N, 1, 28, 28\): move the channels"):
        models.build("fully-connected")(torch.zeros(shape))


def test_a_blurred_pooling_is_the_pooling_seen_everywhere_then_blurred():
    images = torch.rand(2, 1, 28, 28)
    blurred, plain = (
        models.build("cnn-shifts", pooling=pooling).eval().layers
        for pooling in ("blurred-max", "max")
    )
    everywhere = blurred[:4](images)  # convolution, normalisation, maximum, ReLU
    assert everywhere.shape == (2, 16, 27, 27)
    assert torch.equal(everywhere[:, :, ::2, ::2], plain[:4](images))
    assert isinstance(blurred[4], BlurPool)
    assert torch.equal(blurred[:5](images), BlurPool()(everywhere))
    assert models.count_parameters(blurred) == models.count_parameters(plain)
