"""Journeys: their words and numbers, and that training never has a new name."""

import random

import pytest
import torch

from attnlab.chapters.pointers.journeys import REPLY, REQUESTS, UNTRAINED, Journeys
from attnlab.chapters.pointers.speakers import NAMES, nameless
from attnlab.stored import load
from attnlab.tasks.vocabulary import UNK

NAMES_OF = load("pointers")["names"]
TRIP = Journeys(tuple(NAMES_OF["known"]), tuple(NAMES_OF["new"]))
SIZE = len(TRIP.vocabulary)


def test_names_are_single_words_and_in_one_list_only():
    known, new = TRIP.known, TRIP.new
    assert not {*known} & {*new}
    assert all(name.isalpha() for name in (*known, *new))
    assert len(known) > 2 * len(new) - 3 > 0 and new == tuple(sorted(known + new)[::3])


@pytest.mark.parametrize("request_", [*REQUESTS, UNTRAINED])
@pytest.mark.parametrize("start, end", [("Oman", "Oz"), ("Oz", "Oman"), ("Oz", "Ur"), ("Oz", "Oz")])
def test_what_is_numbered_can_be_read_again(request_, start, end):
    src, tgt = TRIP.words(request_, start, end)
    pair = TRIP.pair(src, tgt)
    assert TRIP.decode(pair.src, src) == src
    assert TRIP.decode([*pair.tgt, 2, 5], src) == tgt == REPLY.replace("A", start).replace(
        "B", end
    ).split()  # fmt: skip
    numbers = {n - SIZE for n in pair.src if n >= SIZE}
    assert numbers == set(range(len({start, end} - {*TRIP.known})))
    assert [pair.tgt[i] for i in NAMES] == [pair.src[src.index(name)] for name in (start, end)]


def test_a_word_of_a_sentence_is_no_new_name():
    src, _ = TRIP.words(REQUESTS[0], "to", TRIP.known[0])
    assert max(TRIP.pair(src, []).src) < SIZE


def test_training_has_known_names_in_the_forms_of_training_alone():
    batches = TRIP.batches(64, seed=0, names=TRIP.known)
    forms = set()
    for _, batch in zip(range(20), batches, strict=False):
        assert (batch.src < SIZE).all() and (batch.src != UNK).all()
        for row in batch.src.tolist():
            words = TRIP.vocabulary.decode(row)
            forms.add(" ".join(w if w not in TRIP.known else "_" for w in words))
    assert forms == {r.replace("A", "_").replace("B", "_") for r in REQUESTS}


def test_the_same_seed_gives_the_same_batches():
    one, other = (next(TRIP.batches(8, seed=3, names=TRIP.known)) for _ in range(2))
    assert torch.equal(one.src, other.src) and torch.equal(one.tgt_out, other.tgt_out)
    another = next(TRIP.batches(8, seed=4, names=TRIP.known))
    assert one.src.shape != another.src.shape or not torch.equal(one.src, another.src)


def test_without_numbers_for_new_words_they_are_unknown():
    batch = TRIP.batch(8, rng=random.Random(0), names=TRIP.new)
    plain = TRIP.without_new(batch)
    for name in ("src", "tgt_in", "tgt_out"):
        before, after = getattr(batch, name), getattr(plain, name)
        assert ((before >= SIZE) == (after == UNK)).all()
        assert torch.equal(before[before < SIZE], after[before < SIZE])
    assert torch.equal(plain.src_mask, batch.src_mask)


def test_a_vocabulary_without_names_makes_all_of_them_new():
    bare = nameless(TRIP)
    assert len(bare.vocabulary) == SIZE - len(TRIP.known)
    batch = bare.batch(8, rng=random.Random(0), names=TRIP.known)
    assert (batch.tgt_out[:, NAMES] >= len(bare.vocabulary)).all()
