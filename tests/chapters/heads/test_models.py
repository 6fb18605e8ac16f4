"""Answerers: what their layers are made of."""

import torch

from attnlab.chapters.heads.models import TableAnswerer
from attnlab.tasks.lookups import Lookups


def test_a_table_answerer_is_attention_between_two_embeddings():
    task = Lookups(n_lookups=2, n_pairs=3, n_keys=5, n_values=7)
    model = TableAnswerer(task, d_model=6, n_heads=3).double()
    batch = task.batch(4)
    logits, weights = model(batch)
    query = model.ask.weight[batch.asked[:, 0]] + model.ask.weight[5 + batch.asked[:, 1]]
    pairs = model.key.weight[batch.keys] + model.value.weight[batch.values]
    context = model.heads(query[:, None], pairs)[:, 0]
    torch.testing.assert_close(logits, model.read_out(context).view(4, 2, 7))
    assert weights.shape == (4, 3, 3)
