"""Sentences of random words: whose places are asked for, and by which models."""

import pytest
import torch

from attnlab.chapters.heads.models import SentenceAnswerer, TableAnswerer
from attnlab.tasks.answers import answer_loss, right_answers
from attnlab.tasks.lookups import Lookups
from attnlab.tasks.places import SENTENCE, WORDS, Places
from attnlab.tasks.split import is_held_out


def test_targets_are_the_words_in_the_places_asked_for():
    words = torch.tensor([[3, 1, 4, 15], [2, 7, 1, 8]])
    neighbors = Places("neighbors").targets(words)
    assert neighbors[0].tolist() == [[3, 1], [3, 4], [1, 15], [4, 15]]
    assert Places("ends").targets(words)[1].tolist() == [[2, 8]] * 4


def test_words_differ_and_stand_anywhere():
    batch = Places().batch(500)
    assert (batch.words.sort(dim=1).values.diff(dim=1) > 0).all()
    assert all(set(place.tolist()) == set(range(len(WORDS))) for place in batch.words.T)


def test_our_sentence_is_held_out():
    words = torch.tensor([[WORDS.index(word) for word in SENTENCE]])
    assert is_held_out(words).all()
    assert not is_held_out(next(Places("ends").batches(100)).words).any()
    assert is_held_out(Places("ends").batch(50, split="test").words).all()


def test_another_question():
    with pytest.raises(ValueError, match=r"asks must be one of \('neighbors', 'ends'\), got 'all'"):
        Places("all")


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


def test_right_answers_and_the_loss_follow_the_logits():
    task = Places("ends")
    model, batch = SentenceAnswerer(8, 2), task.batch(5)
    logits, _ = model(batch)
    log_p = logits.log_softmax(-1).gather(-1, batch.targets[..., None])
    torch.testing.assert_close(answer_loss(model, batch), -log_p.mean())
    off = torch.zeros(2)
    right = right_answers(model, batch, head_mask=off)
    assert right.shape == (5, 4, 2)
    constant = model.read_out(model.heads.project_out.bias).unflatten(0, (2, -1)).argmax(1)
    assert torch.equal(right, batch.targets == constant)
