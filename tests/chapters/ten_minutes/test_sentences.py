"""The sentences of the ten minutes: what they are, and what is held out of them."""

import pytest
import torch

from attnlab.chapters.ten_minutes.sentences import (
    ADJECTIVES,
    ANIMALS,
    NOUNS,
    OF_ANIMALS,
    PLACES,
    WORDS,
    batches,
    sentences,
)


def pairs_of(batch) -> set[tuple[int, int]]:
    return set(zip(batch.meant.tolist(), batch.words[:, -1].tolist(), strict=True))


def test_every_word_is_there_once():
    assert len(set(WORDS)) == len(WORDS)
    assert WORDS[: len(NOUNS)] == NOUNS == ANIMALS + PLACES
    assert (len(ANIMALS), len(PLACES), len(ADJECTIVES)) == (12, 12, 16)


def test_the_two_splits_are_all_sentences_and_share_no_pair():
    train, test = sentences("train"), sentences("test")
    every = {tuple(row) for batch in (train, test) for row in batch.words.tolist()}
    assert len(every) == len(train.words) + len(test.words) == 2 * 12 * 12 * 16
    assert not pairs_of(train) & pairs_of(test)
    assert len(pairs_of(train) | pairs_of(test)) == 2 * 12 * 8
    # Each noun and each adjective is met in training, so that nothing but the pair is new.
    for column in zip(*pairs_of(test), strict=True):
        assert set(column) <= {word for pair in pairs_of(train) for word in pair}


@pytest.mark.parametrize("split", ["train", "test"])
def test_the_last_word_says_which_noun_is_meant(split):
    batch = sentences(split)
    for words, meant, other in zip(*(x.tolist() for x in vars(batch).values()), strict=True):
        said_of_animals = WORDS[words[-1]] in OF_ANIMALS
        assert (WORDS[meant] in ANIMALS) == said_of_animals
        assert (WORDS[other] in ANIMALS) != said_of_animals
        assert {meant, other} <= set(words)


def test_a_noun_stands_at_one_place():
    batch = sentences("test")
    for nouns in (batch.meant, batch.other):
        assert (batch.at(nouns).sum(1) == 1).all()
    assert not (batch.at(batch.meant) & batch.at(batch.other)).any()


def test_batches_are_random_sentences_of_the_training():
    torch.manual_seed(0)
    drawn = next(batches(200))
    assert drawn.words.shape == (200, 11)
    every = {tuple(row) for row in sentences("train").words.tolist()}
    assert {tuple(row) for row in drawn.words.tolist()} <= every
    assert pairs_of(drawn) <= pairs_of(sentences("train"))


def test_another_split_is_refused():
    with pytest.raises(ValueError, match="split"):
        sentences("held out")
