"""The widget on costs: what it counts is what layers multiply and keep, here and on the page."""

import pytest
import torch
from torch.utils.flop_counter import FlopCounterMode

from attnlab.chapters.self_attention.costs import CostWidget
from attnlab.nn.attention import MultiHeadAttention
from attnlab.stored import load
from tests.widgets.node import ROOMS, in_node
from tests.widgets.refusals import refusing

COST_MATH = ROOMS / "self_attention" / "layer_costs.js"


def test_costs_on_the_page_are_those_of_the_widget():
    sizes = [(64, 64, 1), (4096, 16, 8), (300, 512, 16)]
    kernel = CostWidget()._constants["kernel"]
    found = in_node(*(("layerCosts", *size, kernel) for size in sizes), modules=[COST_MATH])
    for (n, d, h), costs in zip(sizes, found, strict=True):
        w = CostWidget(n=n, d=d, h=h)
        assert costs.keys() == w.multiplications.keys() == w.numbers.keys()
        for layer, cost in costs.items():
            assert cost["multiplications"] == w.multiplications[layer]
            assert cost["numbers"] == w.numbers[layer]


@pytest.mark.parametrize(("n", "d", "h"), [(64, 16, 1), (128, 48, 4), (192, 64, 16)])
def test_projections_are_what_a_layer_multiplies_and_learns_beside_its_scores_and_contexts(n, d, h):
    w = CostWidget(n=n, d=d, h=h)
    layer = MultiHeadAttention(d, h, bias=False)
    with FlopCounterMode(display=False) as counter:
        layer(torch.randn(1, n, d), return_weights=True)
    assert counter.get_total_flops() // 2 == w.multiplications["together"]
    learned = sum(parameter.numel() for parameter in layer.parameters())
    assert n * learned == w.multiplications["projections"]  # each is used once for each vector


def test_numbers_to_keep_are_what_the_products_give():
    n, d, h = 64, 32, 4
    layer, kept = MultiHeadAttention(d, h, bias=False), []
    layer.project_out.register_forward_hook(lambda _, inputs, out: kept.extend([*inputs, out]))
    _, weights = layer(torch.randn(1, n, d), return_weights=True)
    contexts, output = kept
    w = CostWidget(n=n, d=d, h=h)
    assert w.numbers["attention"] == weights.numel() + contexts.numel()
    assert w.numbers["projections"] == n * sum(layer.widths) + output.numel()
    assert w.numbers["together"] == w.numbers["attention"] + w.numbers["projections"]


def test_what_the_answers_say_of_costs():
    """The folded answers below the widget, in their order."""
    w = CostWidget(n=256, d=256)
    count = w.multiplications
    assert count["attention"] == count["RNN"] and count["projections"] == 2 * count["attention"]
    assert count["together"] == 3 * count["RNN"]
    longer = CostWidget(n=512, d=256).multiplications
    wider = CostWidget(n=256, d=512).multiplications
    for layer, factors in {"attention": (4, 2), "projections": (2, 4), "RNN": (2, 4)}.items():
        assert (longer[layer] / count[layer], wider[layer] / count[layer]) == factors
    assert count["CNN"] / count["RNN"] == longer["CNN"] / longer["RNN"]
    assert count["CNN"] / count["RNN"] == wider["CNN"] / wider["RNN"]
    heads = CostWidget(n=256, d=256, h=16)
    assert heads.multiplications == count and heads.milliseconds == w.milliseconds
    grown = {layer for layer in count if heads.numbers[layer] > w.numbers[layer]}
    assert grown == {"attention", "together"}
    start = CostWidget()
    assert (start.n, start.d) == (512, 64)
    assert start.multiplications["attention"] == 8 * start.multiplications["RNN"]
    assert start.milliseconds["attention"] < start.milliseconds["RNN"] / 2


def test_formulas_are_what_was_counted_and_times_are_the_nearest():
    for cell in load("self_attention")["times"]:
        w = CostWidget(n=cell["n"], d=cell["d"])
        assert w.milliseconds == cell["ms"]
        assert cell["multiplications"].items() <= w.multiplications.items()
    w = CostWidget(n=2000, d=70)
    assert w.milliseconds == CostWidget(n=2048, d=64).milliseconds


test_sizes_are_refused_when_made_and_when_set = refusing(
    CostWidget,
    [
        ("n", 63, "n must be a whole number from 64 to 4096; got 63"),
        ("d", 1024, "d must be a whole number from 16 to 512; got 1024"),
        ("h", 0, "h must be a whole number from 1 to 16; got 0"),
        ("n", "512", "n must be a whole number from 64 to 4096; got '512'"),
    ],
)
