"""The block widget: its stack is attnlab's, in Python and in the browser, and what it refuses."""

import math
from itertools import product

import numpy as np
import pytest
import torch

from attnlab import EncoderLayer
from attnlab.chapters.block.widget import (
    D_FF,
    D_MODEL,
    MAX_DEPTH,
    N_TOKENS,
    BlockWidget,
    diversity,
    layer_weights,
    normed,
    tokens_by_layer,
)  # fmt: skip
from tests.widgets.node import ROOMS, Result, agree, in_node
from tests.widgets.refusals import refusing

OUR_MATH = ROOMS / "block" / "mathematics.js"
SETTINGS = list(product([False, True], ["none", "post", "pre"], [False, True]))


@pytest.mark.parametrize("norm", ["post", "pre"])
def test_with_all_its_parts_it_is_a_stack_of_encoder_layers(norm):
    states = tokens_by_layer(residual=True, norm=norm, feed_forward=True)
    x = torch.tensor(states[:1])
    for number in range(MAX_DEPTH):
        w_q, w_k, w_v, w_o, w_1, w_2 = (torch.tensor(w) for w in layer_weights(number))
        layer = EncoderLayer(D_MODEL, 1, D_FF, norm=norm, bias=False).double()
        with torch.no_grad():
            layer.self_attention.project_in.weight.copy_(torch.cat([w_q, w_k, w_v], 1).mT)
            layer.self_attention.project_out.weight.copy_(w_o.mT)
            layer.feed_forward.expand.weight.copy_(w_1.mT)
            layer.feed_forward.contract.weight.copy_(w_2.mT)
            x = layer(x)
        np.testing.assert_allclose(states[number + 1], x[0], rtol=1e-6, atol=1e-6)


def test_the_browser_gives_the_same_at_every_depth_and_setting():
    tokens = tokens_by_layer(False, "none", False)[0]
    sent = BlockWidget()._constants
    names = ("residual", "norm", "feed_forward")
    settings = [dict(zip(names, setting, strict=True), eps=sent["eps"]) for setting in SETTINGS]
    layers, *found = in_node(
        ("randomLayers", sent["limits"]["depth"]["max"], sent["d_model"], sent["d_ff"]),
        *(("tokensByLayer", tokens, Result(0), setting) for setting in settings),
        modules=[OUR_MATH],
    )
    for number in (0, 11, 23):
        for ours, theirs in zip(layers[number], layer_weights(number), strict=True):
            agree(np.array(ours), theirs)
    for setting, states in zip(SETTINGS, found, strict=True):
        expected = tokens_by_layer(*setting)
        ours = np.array(states)
        np.testing.assert_allclose(ours, expected, rtol=1e-6, atol=1e-6 * np.abs(expected).max())
        agree(diversity(ours), diversity(expected))


def test_the_browser_measures_the_same():
    w = BlockWidget(depth=5, residual=True, norm="post")
    calls = [(name, w.tokens) for name in ("diversity", "cosines", "rootMeanSquare")]
    calls.append(("normed", w.tokens, w._constants["eps"]))
    of_pairs = in_node(*calls, modules=[OUR_MATH])
    agree(of_pairs[0], w.diversity)
    agree(np.array(of_pairs[1]), w.cosines)
    agree(of_pairs[2], w.size)
    agree(np.array(of_pairs[3]), normed(w.tokens))


def test_diversity_is_0_for_equal_tokens_and_1_for_opposite_ones():
    row = np.arange(1.0, 6.0)
    assert diversity(np.stack([row, row, row])) == 0
    assert diversity(np.stack([row, -row])) == 1
    assert diversity(np.stack([row, 0 * row])) == pytest.approx(0.5**0.5)


def test_at_depth_0_no_switch_changes_anything():
    for residual, norm, feed_forward in SETTINGS:
        w = BlockWidget(depth=0, residual=residual, norm=norm, feed_forward=feed_forward)
        np.testing.assert_array_equal(w.tokens, BlockWidget(depth=0).tokens)
        assert w.tokens.shape == (N_TOKENS, D_MODEL)


test_bad_input_is_refused_when_made_and_when_set = refusing(
    BlockWidget,
    [
        ("depth", -1, "depth must be a whole number from 0 to 24; got -1"),
        ("depth", 25, "depth must be a whole number from 0 to 24; got 25"),
        ("depth", math.nan, "depth must be a whole number from 0 to 24; got nan"),
        ("residual", 1, "residual must be True or False; got 1"),
        ("norm", "last", "norm must be one of none, post, pre; got 'last'"),
        ("norm", None, "norm must be one of none, post, pre; got None"),
        ("feed_forward", "no", "feed_forward must be True or False; got 'no'"),
    ],
)


def test_repr_has_all_inputs():
    assert repr(BlockWidget(norm="pre")) == (
        "BlockWidget(depth=1, residual=False, norm='pre', feed_forward=False)"
    )
