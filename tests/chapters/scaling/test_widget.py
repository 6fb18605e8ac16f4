"""The scaling widget: what it computes, refuses and prints, and its numbers in the browser."""

import math

import numpy as np
import pytest

from attnlab.chapters.scaling import widget as scaling
from attnlab.chapters.scaling.widget import ScalingWidget
from attnlab.widgets.normals import normals
from tests.widgets.node import agree, in_node
from tests.widgets.refusals import refusing

D_K = "d_k must be a whole number from 1 to 512; got "


@pytest.mark.parametrize("scaled", [False, True])
def test_weights_are_the_softmax_of_the_products(scaled):
    w = ScalingWidget(d_k=37, scaled=scaled, query=5)
    numbers = normals(128 * 512, seed=0).reshape(128, 512)[:, :37]
    scores = numbers[64:] @ numbers[5] / (math.sqrt(37) if scaled else 1)
    p = np.exp(scores) / np.exp(scores).sum()
    np.testing.assert_allclose(w.weights, p, atol=1e-12)
    assert w.entropy_ratio == pytest.approx(-(p * np.log(p)).sum() / math.log(64))
    assert w.jacobian_norm == pytest.approx(np.linalg.norm(np.diag(p) - np.outer(p, p)))


def test_it_follows_its_traits():
    w = ScalingWidget(d_k=256)
    sharp = w.entropy_ratio
    w.scaled = True
    assert sharp < 0.1
    assert w.entropy_ratio > 0.8


def test_the_browser_draws_the_same_numbers():
    sent = ScalingWidget()._constants
    count = sent["limits"]["query"]["max"] + 1 + sent["n_keys"]
    (rows,) = in_node(("normalRows", count, sent["limits"]["d_k"]["max"], 0))
    agree(rows, np.concatenate(scaling.queries_and_keys()))


test_bad_input_is_refused_when_made_and_when_set = refusing(
    ScalingWidget,
    [
        ("d_k", 0, D_K + "0"),
        ("d_k", -3, D_K + "-3"),
        ("d_k", 10**6, D_K + "1000000"),
        ("d_k", math.nan, D_K + "nan"),
        ("d_k", 64.0, D_K + "64.0"),
        ("d_k", "64", D_K + "'64'"),
        ("d_k", True, D_K + "True"),
        ("d_k", None, D_K + "None"),
        ("query", 64, "query must be a whole number from 0 to 63; got 64"),
        ("scaled", "yes", "scaled must be True or False; got 'yes'"),
        ("scaled", 1, "scaled must be True or False; got 1"),
    ],
)


def test_repr_has_all_inputs():
    assert repr(ScalingWidget(d_k=8)) == "ScalingWidget(d_k=8, scaled=False, query=0)"
