"""Attention over a graph: its three scores beside a plain loop, and what the graph hides."""

import math

import numpy as np
import pytest
import torch

from attnlab.nn.graph import GraphAttention

SCORES = ["mean", "static", "dynamic", "dot"]
every_score = pytest.mark.parametrize("score", SCORES)


def bend(x: float) -> float:
    return x if x > 0 else 0.2 * x


def score_of(layer: GraphAttention, q: list, k: list, head: int) -> float:
    """The score of one query and one key in plain numbers, as the papers write it."""
    if layer.score == "mean":
        return 0.0
    if layer.score == "dot":
        return sum(a * b for a, b in zip(q, k, strict=True)) / math.sqrt(len(q))
    pairs = [(a + b, u) for a, b, u in zip(q, k, layer.u.weight[head].tolist(), strict=True)]
    if layer.score == "static":
        return bend(sum(x * u for x, u in pairs))
    return sum(bend(x) * u for x, u in pairs)


def by_loop(layer: GraphAttention, x, memory, edges):
    """Context and weights, one node, one head and one neighbor after the other."""
    n, m, h = len(x), len(memory), layer.n_heads
    context = torch.zeros(n, layer.to_v.out_features, dtype=x.dtype)
    weights = torch.zeros(h, n, m, dtype=x.dtype)
    d_k = context.shape[1] // h
    for head in range(h):
        part = slice(head * d_k, (head + 1) * d_k)
        for i in range(n):
            exponentials = {}
            for j in range(m):
                if edges[i, j]:
                    rows = ([], []) if layer.score == "mean" else (
                        layer.to_q(x[i])[part].tolist(), layer.to_k(memory[j])[part].tolist()
                    )  # fmt: skip
                    exponentials[j] = math.exp(score_of(layer, *rows, head))
            for j, e in exponentials.items():
                weights[head, i, j] = e / sum(exponentials.values())
                context[i, part] += weights[head, i, j] * layer.to_v(memory[j])[part]
    return context, weights


@every_score
@pytest.mark.parametrize("n_heads", [1, 3])
def test_it_is_what_a_plain_loop_gives(score, n_heads):
    torch.manual_seed(0)
    layer = GraphAttention(5, 6, score=score, n_heads=n_heads).double()
    x, memory = torch.randn(7, 5).double(), torch.randn(4, 5).double()
    edges = torch.rand(7, 4) < 0.5
    edges[2] = False  # a node without neighbors
    with torch.no_grad():
        context, weights = layer(x, edges, memory=memory, return_weights=True)
        expected = by_loop(layer, x, memory, edges)
    torch.testing.assert_close((context, weights), expected)
    assert not context[2].any() and not weights[:, 2].any()


@every_score
def test_a_batch_is_its_graphs_one_by_one_and_weights_are_optional(score):
    layer = GraphAttention(2, 4, score=score, n_heads=2)
    x, edges = torch.randn(3, 5, 2), torch.rand(3, 5, 5) < 0.6
    together = layer(x, edges)
    for i in range(3):
        torch.testing.assert_close(together[i], layer(x[i], edges[i]))


@every_score
def test_what_is_no_neighbor_does_not_matter_and_all_parameters_learn(score):
    layer = GraphAttention(2, 4, score=score)
    x, edges = torch.randn(6, 2), torch.rand(6, 6) < 0.5
    edges[:, 3] = False
    edges[0, [1, 2]] = True
    changed = x.clone()
    changed[3] = 100.0
    others = torch.arange(6) != 3
    torch.testing.assert_close(layer(x, edges)[others], layer(changed, edges)[others])
    layer(x, edges).square().sum().backward()
    assert all(p.grad.any() for p in layer.parameters())


def test_static_scores_have_one_order_for_all_and_dynamic_ones_do_not():
    torch.manual_seed(0)
    x, edges = torch.randn(50, 3).double(), torch.ones(50, 50).bool()
    favorites = {}
    for score in SCORES[1:]:
        layer = GraphAttention(3, 8, score=score).double()
        favorites[score] = len(layer(x, edges, return_weights=True)[1][0].argmax(-1).unique())
    assert favorites["static"] == 1
    assert favorites["dynamic"] > 1 and favorites["dot"] > 1


def test_with_tanh_for_a_bend_dynamic_scores_are_additive_ones(monkeypatch):
    from attnlab import additive_scores  # noqa: PLC0415 - torch is not to be imported for it alone

    layer = GraphAttention(3, 5, score="dynamic").double()
    monkeypatch.setattr("attnlab.nn.graph.F.leaky_relu", lambda x, slope: x.tanh())
    x, edges = torch.randn(4, 3).double(), torch.ones(4, 4).bool()
    maps = layer.to_q.weight.T, layer.to_k.weight.T, layer.u.weight[0]
    expected = additive_scores(x, x, *maps).softmax(-1)
    torch.testing.assert_close(layer(x, edges, return_weights=True)[1][0], expected)


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (lambda: GraphAttention(0, 4, score="dot"), ValueError, "d_in must be at least 1, got 0"),
        (lambda: GraphAttention(2, 2.0, score="dot"), TypeError, "d_out must be an integer"),
        (lambda: GraphAttention(2, 4, score="gat"), ValueError, "score must be one of .*got 'gat'"),
        (
            lambda: GraphAttention(2, 4, score="dot", n_heads=3),
            ValueError,
            "d_out must be a multiple of n_heads, got 4 and 3",
        ),
        (
            lambda: GraphAttention(2, 4, score="dot")(torch.ones(5, 3), torch.ones(5, 5).bool()),
            ValueError,
            r"x must have shape \(\.\.\., 2\), got \(5, 3\)",
        ),
        (
            lambda: GraphAttention(2, 4, score="dot")(
                torch.ones(5, 2), torch.ones(5, 4).bool(), memory=torch.ones(4, 3)
            ),
            ValueError,
            r"memory must have shape \(\.\.\., 2\), got \(4, 3\)",
        ),
    ],
)
def test_bad_input_is_named(call, error, message):
    with pytest.raises(error, match=message):
        call()


@pytest.mark.parametrize(
    ("x", "edges", "error", "message"),
    [
        ((5, 2), torch.ones(5, 5), TypeError, "edges must be boolean"),
        ((5, 2), [[True] * 5] * 5, TypeError, "edges must be a NumPy array or a torch tensor"),
        ((5, 2), torch.tensor([[0, 1], [1, 2]]), TypeError, "edges must be boolean"),  # a list
        ((5, 2), torch.ones(4, 5).bool(), ValueError, r"edges of shape \(4, 5\)"),
        ((5, 2), torch.ones(1, 5).bool(), ValueError, r"must have shape \(\.\.\., 5, 5\), got"),
        ((5, 2), torch.ones(5).bool(), ValueError, r"must have shape .*, got \(5,\)"),
        ((5, 2), torch.ones(3, 5, 5).bool(), ValueError, r"edges of shape \(3, 5, 5\)"),
        ((2,), torch.ones(1, 1).bool(), ValueError, "x must have at least 2 axes"),
        ((0, 2), torch.ones(0, 0).bool(), ValueError, "axis -2 of x is empty"),
    ],
)
@every_score
def test_a_graph_that_is_none_is_named(score, x, edges, error, message):
    with pytest.raises(error, match=message):
        GraphAttention(2, 4, score=score)(torch.ones(x), edges)


@every_score
def test_a_graph_without_edges_gives_zeros_and_finite_gradients(score):
    layer = GraphAttention(2, 4, score=score)
    x = torch.randn(5, 2, requires_grad=True)
    context, weights = layer(x, torch.zeros(5, 5).bool(), return_weights=True)
    assert not context.any() and not weights.any()
    context.sum().backward()
    assert all(p.grad is None or not p.grad.any() for p in (x, *layer.parameters()))


@every_score
def test_who_is_linked_to_itself_alone_gets_its_own_value(score):
    layer = GraphAttention(2, 4, score=score, n_heads=2)
    x = torch.randn(5, 2)
    edges = np.eye(5, dtype=bool)  # NumPy's booleans will do
    torch.testing.assert_close(layer(x, edges), layer.to_v(x))
