"""Readers of graphs: what they are made of."""

import torch

from attnlab.chapters.graphs.models import LookUpReader, Reader
from attnlab.tasks.lookups import Lookups


def test_a_reader_adds_what_it_knows_and_what_it_hears():
    reader = Reader(2, 3, "dynamic").double()
    x, edges = torch.randn(4, 5, 2).double(), torch.rand(4, 5, 5) < 0.5
    logits, weights = reader(x, edges)
    context, expected = reader.ask(x, edges, return_weights=True)
    torch.testing.assert_close(logits, reader.own(x) + reader.near(context))
    torch.testing.assert_close(weights, expected)


def test_who_asks_nobody_has_a_linear_map_alone():
    reader = Reader(2, 3, None)
    x = torch.randn(4, 5, 2)
    logits, weights = reader(x, torch.ones(4, 5, 5).bool())
    torch.testing.assert_close(logits, reader.own(x))
    assert weights is None and sum(p.numel() for p in reader.parameters()) == 9


def test_questions_are_nodes_whose_neighbors_are_all_pairs():
    task = Lookups(n_lookups=2, n_pairs=3, n_keys=5, n_values=7)
    model = LookUpReader(task, "dot", d_model=6).double()
    batch = task.batch(4)
    logits, weights = model(batch)
    pairs = model.key(batch.keys) + model.value(batch.values)
    edges = torch.ones(4, 2, 3).bool()
    torch.testing.assert_close(logits, model.read(model.asked(batch.asked), edges, pairs)[0])
    assert weights.shape == (4, 1, 2, 3)
