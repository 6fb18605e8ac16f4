"""Sentences of random words: whose places are asked for."""

import pytest
import torch

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
    with pytest.raises(ValueError, match="asks must be one of 'neighbors', 'ends'; got 'all'"):
        Places("all")


@pytest.mark.parametrize("asks", [None, 3, ["ends"], "END"])
def test_a_question_of_another_type(asks):
    with pytest.raises(ValueError, match="asks must be one of"):
        Places(asks)


def test_targets_of_no_sentences():
    with pytest.raises(TypeError, match="words must be a torch tensor, got list"):
        Places().targets([[1, 2, 3, 4]])
    with pytest.raises(ValueError, match=r"words must have shape \(B, 4\), got \(1, 5\)"):
        Places().targets(torch.zeros(1, 5).long())
