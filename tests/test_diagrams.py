"""Drawings of networks: read from the artists."""

import itertools
import math

import pytest
from matplotlib import pyplot as plt
from matplotlib.colors import to_hex
from matplotlib.patches import FancyArrowPatch, Rectangle

from cnnlib import diagrams, models, palette
from cnnlib.tracing import trace


@pytest.fixture
def ax():
    fig, ax = plt.subplots()
    yield ax
    plt.close(fig)


def test_a_block_for_each_step_as_high_as_its_map(ax):
    found = trace(models.build("cnn-small"))
    assert diagrams.network(ax, found, base=2.0, scale=0.5) is ax
    blocks = [patch for patch in ax.patches if isinstance(patch, Rectangle)]
    colours = [to_hex(block.get_facecolor()).upper() for block in blocks]
    assert colours == [
        palette.INPUT,
        *[palette.KERNEL, palette.MUTED] * 2,
        palette.OUTPUT,
    ]
    heights = [block.get_height() for block in blocks]
    assert heights[:5] == [0.5 * math.log2(1 + side) for side in (28, 28, 14, 14, 7)]
    assert {block.get_y() for block in blocks} == {2.0}
    for left, right in itertools.pairwise(blocks):
        assert left.get_x() + left.get_width() < right.get_x(), "blocks overlap"
    assert blocks[3].get_width() > blocks[1].get_width(), "64 maps are more than 32"


def test_arcs_stand_above_the_blocks_they_span(ax):
    options = {"stages": ((4, 4, 4),), "image_shape": (3, 8, 8)}
    diagrams.network(ax, trace(models.build("cnn-small", residual=True, **options)))
    arcs = [patch for patch in ax.patches if isinstance(patch, FancyArrowPatch)]
    assert len(arcs) == 2
    highest = max(p.get_y() + p.get_height() for p in ax.patches if isinstance(p, Rectangle))
    for arc in arcs:
        (start, low), (stop, high) = arc._posA_posB
        assert start < stop
        assert low == high > highest - 1e-9


def test_the_legend_names_each_kind(ax):
    diagrams.legend(ax)
    words = [text.get_text() for text in ax.get_legend().get_texts()]
    assert words == ["image", "convolution", "pooling", "fully connected"]
