"""The figures' arithmetic against cnnlib's: the same numbers to the last bit, the same words."""

import itertools
import json

import numpy as np
import pytest
import torch

from cnnlib import conv, shapes

MODES = ("zeros", "reflect", "replicate", "circular")

# Runs each case as JSON has it; what is a RangeError becomes its words.
RUN = """
import * as arithmetic from %s;
const read = ({ rows }) => arithmetic.fromRows(rows);
const rows = ({ width, height, data }) =>
  Array.from({ length: height }, (_, i) => Array.from(data.slice(i * width, (i + 1) * width)));
globalThis.run = (cases) => cases.map(([name, ...given]) => {
  try {
    const result = arithmetic[name](...given.map((g) => (g && g.rows ? read(g) : g)));
    return result && result.data ? rows(result) : result;
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    return error.message;
  }
});
"""


@pytest.fixture(scope="module")
def run(chromium, root, tmp_path_factory):
    """Run functions of arithmetic.js in the browser: a list of [name, arguments...]."""
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(root / "book" / "_ext")
        from figure_files import bundle
    folder = tmp_path_factory.mktemp("arithmetic")
    entry = folder / "entry.js"
    entry.write_text(RUN % json.dumps(str(root / "book/_figures/arithmetic.js")), "utf-8")
    bundle(root, entry, {}, folder / "bundle.js")
    page = chromium.new_page()
    page.add_script_tag(path=folder / "bundle.js")
    yield lambda cases: page.evaluate("cases => run(cases)", cases)
    page.close()


def as_grid(array):
    return {"rows": array.tolist()}


def convolutions():
    """Yield image, kernel and options of some hundred convolutions; not all are possible."""
    rng = np.random.default_rng(2026)
    sizes = [(1, 1), (3, 3), (2, 5), (5, 5), (7, 7), (11, 13)]
    for size, stride, padding, dilation, mode in itertools.product(
        sizes, (1, 2, 3), (0, 1, 3, (2, 0), "same", "valid"), (1, 2, (1, 3)), MODES
    ):
        image = rng.normal(size=rng.integers(4, 17, size=2)) * 10.0 ** rng.integers(-3, 4)
        options = {"stride": stride, "padding": padding, "dilation": dilation}
        yield image, rng.normal(size=size), options | {"padding_mode": mode}


def in_script(options):
    """Return options as the script has them."""
    pairs = {key: list(o) if isinstance(o, tuple) else o for key, o in options.items()}
    return {"paddingMode": pairs.pop("padding_mode"), **pairs}


def said_or_computed(function, *arguments, **options):
    """Return a result as lists, or the words of its error."""
    try:
        return np.asarray(function(*arguments, **options)).tolist()
    except ValueError as error:
        return str(error)


def loops(image, kernel, **options):
    image, kernel = image[None, None], np.ascontiguousarray(kernel)[None, None]
    return conv.conv2d(image, kernel, method="loops", **options)[0, 0]


@pytest.mark.parametrize("name", ["crossCorrelate", "convolve"])
def test_convolutions_are_those_of_the_library_to_the_last_bit(run, name):
    cases, expected = [], []
    for image, kernel, options in convolutions():
        slid = kernel if name == "crossCorrelate" else kernel[::-1, ::-1]
        expected.append(said_or_computed(loops, image, slid, **options))
        cases.append([name, as_grid(image), as_grid(kernel), in_script(options)])
    results = run(cases)
    for case, result, wanted in zip(cases, results, expected, strict=True):
        assert result == wanted, case
    computed = sum(isinstance(wanted, list) for wanted in expected)
    assert computed > 500
    assert len(expected) - computed > 200, "and the errors have the same words"


def test_sums_go_in_numpys_order(run):
    rng = np.random.default_rng(7)
    lists = [rng.normal(size=n) * 10.0 ** rng.integers(-8, 9, size=n) for n in range(1, 300)]
    assert run([["sum", values.tolist()] for values in lists]) == [values.sum() for values in lists]


def test_sizes_are_those_of_the_library(run):
    names = (1, 2, 5, 28), (0, 1, 3, 6), (0, 1, 2), (0, 1, "same", "valid"), (1, 2)
    arguments = list(itertools.product(*names))
    expected = [said_or_computed(shapes.conv_output_size, *a) for a in arguments]
    assert run([["outputSize", *a] for a in arguments]) == expected
    assert sum(isinstance(wanted, str) for wanted in expected) > 100


@pytest.mark.parametrize("kind", ["max", "average"])
def test_poolings_are_those_of_pytorch(run, kind):
    rng = np.random.default_rng(3)
    pooling = {"max": torch.nn.functional.max_pool2d, "average": torch.nn.functional.avg_pool2d}
    for size, stride in itertools.product((1, 2, 3), (1, 2, 3)):
        image = rng.normal(size=(9, 12))
        wanted = pooling[kind](torch.from_numpy(image)[None], size, stride)[0].numpy()
        (result,) = run([["pool", as_grid(image), kind, size, stride]])
        np.testing.assert_allclose(result, wanted, rtol=1e-12, atol=1e-12)


def test_counts_and_receptive_fields_are_those_of_the_library(run):
    rng = np.random.default_rng(5)
    for layers in range(6):
        rows = rng.integers([1, 1, 0, 1], [8, 4, 4, 4], size=(layers, 4)).tolist()
        field = shapes.receptive_field(shapes.Window(*row) for row in rows)
        keys = "kernelSize", "stride", "padding", "dilation"
        (found,) = run([["receptiveField", [dict(zip(keys, row, strict=True)) for row in rows]]])
        assert found == {"size": field.size, "jump": field.jump, "start": field.start}
    for shape in [(32, 1, 3, 3), (10, 784), (64, 32, 5, 1)]:
        counts = run([["countParameters", shape], ["countParameters", shape, False]])
        found = shapes.count_parameters(shape)
        assert counts == [found.total, found.weights]
        wanted = shapes.count_multiply_accumulates(shape, output_size=(7, 9))
        assert run([["countMultiplyAccumulates", shape, [7, 9]]]) == [wanted]
