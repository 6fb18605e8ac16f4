"""Graphs of two communities: how they are drawn, and how nodes are marked."""

import pytest
import torch
from torch import Generator, nn

from attnlab.tasks.communities import Communities, Graphs, node_loss, right_nodes, weight_on


def drawn(task, size, seed=0):
    return task.batch(size, generator=Generator().manual_seed(seed))


def test_links_go_both_ways_and_to_nobody_itself():
    edges = drawn(Communities(n_nodes=10, degree=4), 7).edges
    assert edges.dtype == torch.bool and edges.any()
    assert torch.equal(edges, edges.mT)
    assert not edges.diagonal(dim1=1, dim2=2).any()


@pytest.mark.parametrize(("degree", "inside"), [(10, 0.6), (6, 0.9), (12, 0.2), (8, 1.0), (8, 0.0)])
def test_there_are_as_many_neighbors_and_friends_as_asked_for(degree, inside):
    batch = drawn(Communities(n_nodes=100, degree=degree, inside=inside), 50)
    own = (batch.edges & batch.friends).sum() / (50 * 100)
    other = (batch.edges & ~batch.friends).sum() / (50 * 100)
    # A node is no friend of itself: 49 of the 50 of its community can be linked to it.
    assert own == pytest.approx(degree * inside * 49 / 50, abs=0.2)
    assert other == pytest.approx(degree * (1 - inside), abs=0.2)


def test_centers_are_as_far_apart_as_asked_for():
    batch = drawn(Communities(separation=3.0), 200)
    first, second = (batch.x[batch.targets == y] for y in (0, 1))
    apart = second.mean(0) - first.mean(0)
    torch.testing.assert_close(apart, torch.tensor([3.0, 0.0]), atol=0.1, rtol=0)
    torch.testing.assert_close(first.std(0), torch.ones(2), atol=0.05, rtol=0)


def test_a_badge_says_who_belongs_together_and_not_where():
    batch = drawn(Communities(separation=0.0, badge=8.0), 100)
    up = batch.x[..., 1] > 0  # (B, n)
    assert ((up[:, :, None] == up[:, None, :]) == batch.friends).double().mean() > 0.999
    with_it = (up == batch.targets).double().mean(1)  # of each graph: all or none
    assert 0.3 < with_it.mean() < 0.7
    assert (with_it - 0.5).abs().min() > 0.45


def test_a_generator_decides_all_and_batches_go_on():
    task = Communities(n_nodes=8, degree=3)
    first, again, other = drawn(task, 2), drawn(task, 2), drawn(task, 2, seed=1)
    assert torch.equal(first.x, again.x) and torch.equal(first.edges, again.edges)
    assert not torch.equal(first.x, other.x)
    stream = task.batches(2)
    assert not torch.equal(next(stream).x, next(stream).x)


class Sign(nn.Module):
    """Takes the right half of the plane for community 1."""

    def forward(self, x, edges):
        return torch.stack([-x[..., 0], x[..., 0]], dim=-1), None


def test_nodes_are_marked():
    x = torch.tensor([[[-1.0, 0], [2.0, 0], [1.0, 0], [3.0, 0]]])
    batch = Graphs(x, torch.zeros(1, 4, 4).bool(), torch.tensor([[0, 0, 1, 1]]))
    assert right_nodes(Sign(), batch).tolist() == [[True, False, True, True]]
    margins = torch.tensor([2.0, -4.0, 2.0, 6.0])  # right logit less wrong one
    expected = nn.functional.softplus(-margins).mean()
    torch.testing.assert_close(node_loss(Sign(), batch), expected)


def test_weight_on_leaves_out_nodes_without_neighbors():
    edges = torch.tensor([[[0, 1, 0], [1, 0, 0], [0, 0, 0]]]).bool()
    weights = edges.double()
    assert weight_on(torch.ones(1, 3, 3).bool(), weights, edges).tolist() == [1.0, 1.0]


@pytest.mark.parametrize(
    ("settings", "error", "message"),
    [
        ({"n_nodes": 7}, ValueError, "n_nodes must be even, got 7|n_nodes"),
        ({"n_nodes": 0}, ValueError, "n_nodes must be at least 1, got 0"),
        ({"n_nodes": 6.0}, TypeError, "n_nodes must be an integer, got float"),
        ({"inside": 1.2}, ValueError, "inside must be from 0 to 1, got 1.2"),
        ({"separation": -1}, ValueError, "separation must be 0 or more, got -1"),
        ({"badge": float("nan")}, ValueError, "badge must be 0 or more, got nan"),
        ({"degree": "ten"}, TypeError, "degree must be a number, got str"),
        ({"n_nodes": 10, "degree": 10}, ValueError, "degree must leave .*, 5 of each .*got 10"),
    ],
)
def test_bad_settings_are_named(settings, error, message):
    with pytest.raises(error, match=message):
        Communities(**settings)


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (lambda task: task.batch(0), ValueError, "size must be at least 1, got 0"),
        (lambda task: task.batch(2.0), TypeError, "size must be an integer, got float"),
        (lambda task: task.batches(0), ValueError, "size must be at least 1, got 0"),
        (lambda task: task.batch(2, generator=3), TypeError, r"a torch\.Generator, got int"),
    ],
)
def test_bad_batches_are_named(call, error, message):
    with pytest.raises(error, match=message):
        call(Communities())
