"""Vocabularies, batches of pairs, and how answers are marked."""

import math

import numpy as np
import pytest
import torch

from attnlab.tasks.pairs import (
    Pair,
    alignment_accuracy,
    collate,
    exact_match,
    translation_loss,
)
from attnlab.tasks.vocabulary import BOS, EOS, PAD, UNK, Vocabulary

WORDS = Vocabulary(["the", "cat", "the", "dog"])


def test_special_tokens_come_first():
    assert len(WORDS) == 7
    assert WORDS.encode(["the", "cat", "dog"]) == [4, 5, 6]
    assert WORDS.decode([PAD, BOS, EOS, UNK]) == []
    assert WORDS.decode([UNK]) == ["<unk>"]


@pytest.mark.parametrize("word", ["bird", "", "<pad>", "<eos>"])
def test_what_is_not_a_known_word_is_unknown(word):
    assert WORDS.encode([word]) == [UNK]


def test_there_and_back():
    words = ["dog", "the", "cat"]
    assert WORDS.decode([BOS, *WORDS.encode(words), EOS, 5, PAD]) == words


def test_numbers_of_any_library():
    expected = ["the", "cat", "dog"]
    assert WORDS.decode(torch.tensor([4, 5, 6, EOS])) == expected
    assert WORDS.decode(np.array([4, 5, 6], np.uint8)) == expected
    assert WORDS.decode(iter([np.int64(4), torch.tensor(5), 6])) == expected


@pytest.mark.parametrize(
    "numbers",
    [
        [4.7], torch.tensor([4.7]), np.array([4.0]), ["4"], [None], torch.tensor([[4, 5]]),
        torch.tensor([[4]]), [True], torch.tensor([True]), np.array([True]),
    ],
)  # fmt: skip
def test_numbers_that_are_none(numbers):
    with pytest.raises(TypeError, match="numbers must be integers, got"):
        WORDS.decode(numbers)


@pytest.mark.parametrize("word", [3, None, ["the"], b"the"])
def test_words_that_are_none(word):
    with pytest.raises(TypeError, match="tokens must be text, got"):
        WORDS.encode([word])
    with pytest.raises(TypeError, match="tokens must be text, got"):
        Vocabulary(["a", word])


def test_what_holds_no_words_and_no_numbers():
    for nothing in (3, None):
        with pytest.raises(TypeError, match="tokens must be an iterable, got"):
            Vocabulary(nothing)
        with pytest.raises(TypeError, match="tokens must be an iterable, got"):
            WORDS.encode(nothing)
        with pytest.raises(TypeError, match="numbers must be an iterable, got"):
            WORDS.decode(nothing)


@pytest.mark.parametrize("number", [-1, 7])
def test_unknown_numbers(number):
    with pytest.raises(ValueError, match=f"numbers must be from 0 to 6, got {number}"):
        WORDS.decode([number])


def test_special_tokens_are_taken():
    with pytest.raises(ValueError, match="tokens must not be special ones, got '<bos>'"):
        Vocabulary(["a", "<bos>"])


def test_collate_pads_shifts_and_aligns():
    batch = collate([Pair([7, 8, 9], [5], [{0, 2}]), Pair([6], [4, 5])])
    assert batch.src.tolist() == [[7, 8, 9], [6, PAD, PAD]]
    assert batch.src_mask.tolist() == [[[True, True, True]], [[True, False, False]]]
    assert batch.tgt_in.tolist() == [[BOS, 5, PAD], [BOS, 4, 5]]
    assert batch.tgt_out.tolist() == [[5, EOS, PAD], [4, 5, EOS]]
    assert batch.alignment.shape == (2, 3, 3)
    assert batch.alignment.nonzero().tolist() == [[0, 0, 0], [0, 0, 2]]


def test_an_empty_target_is_its_end():
    assert collate([Pair([4], [])]).tgt_out.tolist() == [[EOS]]


@pytest.mark.parametrize(
    ("pairs", "message"),
    [
        ([], r"one or more, with no empty source, got \[\]"),
        ([Pair([], [4])], "with no empty source, got"),
        ([Pair([4], [5], [])], "alignment must have 1 entries from 0 to 0, got"),
        ([Pair([4], [5], [{1}])], "alignment must have 1 entries from 0 to 0, got"),
    ],
)
def test_wrong_pairs(pairs, message):
    with pytest.raises(ValueError, match=message):
        collate(pairs)


@pytest.mark.parametrize(
    ("pairs", "message"),
    [
        (3, "pairs must be an iterable, got int"),
        (Pair([4], [5]), "pairs must be an iterable, got attnlab.tasks.pairs.Pair"),
        ([([4], [5])], "pairs must be a Pair, got tuple"),
        ([Pair(4, [5])], "src must be an iterable, got int"),
        ([Pair([4], None)], "tgt must be an iterable, got NoneType"),
        ([Pair([4, True], [5])], "src must hold integers, got bool"),
        ([Pair([4], [5, False])], "tgt must hold integers, got bool"),
        ([Pair([4], [5.0])], "tgt must hold int64 tokens, got torch.float32"),
        ([Pair([4], [5], 3)], "alignment must be an iterable, got int"),
        ([Pair([4], [5], [0])], "alignment must be an iterable, got int"),
    ],
)
def test_pairs_of_the_wrong_types(pairs, message):
    with pytest.raises(TypeError, match=message):
        collate(pairs)


def test_tokens_of_any_library():
    expected = collate([Pair([4, 5], [6, 7]), Pair([8], [9])])
    for array in (np.array, torch.tensor, tuple):
        batch = collate(Pair(array(x), array(y)) for x, y in (([4, 5], [6, 7]), ([8], [9])))
        assert torch.equal(batch.src, expected.src)
        assert torch.equal(batch.src_mask, expected.src_mask)
        assert torch.equal(batch.tgt_in, expected.tgt_in)
        assert torch.equal(batch.tgt_out, expected.tgt_out)


def test_exact_match_wants_every_token_and_the_end():
    tgt_out = torch.tensor([[4, 5, EOS], [4, EOS, PAD]])
    assert exact_match(torch.tensor([[4, 5, EOS, 6], [4, EOS, 9, 9]]), tgt_out) == 1.0
    assert exact_match(torch.tensor([[4, 5, 6], [4, EOS, EOS]]), tgt_out) == 0.5  # no end
    assert exact_match(torch.tensor([[4], [4]]), tgt_out) == 0.0  # too short
    with pytest.raises(ValueError, match="B ≥ 1 sequences in both, got 1 and 2"):
        exact_match(torch.tensor([[4]]), tgt_out)
    with pytest.raises(ValueError, match="B ≥ 1 sequences in both, got 0 and 0"):
        exact_match(tgt_out[:0], tgt_out[:0])


def test_alignment_accuracy_counts_known_rows_alone():
    weights = torch.tensor([[[0.2, 0.8], [0.9, 0.1], [0.5, 0.5]]])
    truth = torch.tensor([[[False, True], [False, True], [False, False]]])
    assert alignment_accuracy(weights, truth) == 0.5
    with pytest.raises(ValueError, match="must hold at least one True, got none"):
        alignment_accuracy(weights, torch.zeros_like(truth))
    with pytest.raises(ValueError, match=r"one shape \(B, n, m\), got \(1, 3, 2\) and \(1, 2, 2\)"):
        alignment_accuracy(weights, truth[:, :2])


def test_weights_of_nan_point_nowhere():
    weights = torch.tensor([[[0.2, 0.8], [0.9, 0.1]]])
    truth = torch.tensor([[[False, True], [False, False]]])
    weights[0, 1] = math.nan  # of a row that is left out
    assert alignment_accuracy(weights, truth) == 1.0
    for wrong in (math.nan, torch.tensor([math.nan, 0.8])):
        weights[0, 0] = wrong
        with pytest.raises(ValueError, match="weights must not be NaN, got NaN at index"):
            alignment_accuracy(weights, truth)


@pytest.mark.parametrize(
    ("weights", "truth", "message"),
    [
        (
            torch.zeros(1, 1, 2).long(),
            torch.ones(1, 1, 2).bool(),
            "weights must hold floating-point",
        ),
        (
            torch.zeros(1, 1, 2),
            torch.ones(1, 1, 2),
            r"alignment must be boolean, got torch\.float32",
        ),
        ([[[0.5, 0.5]]], torch.ones(1, 1, 2).bool(), "weights must be a torch tensor, got list"),
        (torch.zeros(1, 1, 2), None, "alignment must be a torch tensor, got NoneType"),
    ],
)
def test_alignments_of_the_wrong_types(weights, truth, message):
    with pytest.raises(TypeError, match=message):
        alignment_accuracy(weights, truth)


@pytest.mark.parametrize(
    ("tokens", "error", "message"),
    [
        (
            torch.full((1, 2), math.nan),
            TypeError,
            r"tokens must hold int64 tokens, got torch\.float32",
        ),
        (torch.ones(1, 2).bool(), TypeError, r"tokens must hold int64 tokens, got torch\.bool"),
        ([[4, EOS]], TypeError, "tokens must be a torch tensor, got list"),
        (torch.tensor([4]), ValueError, r"tokens must have shape \(B, n\), got \(1,\)"),
        (torch.ones(1, 2, 7).long(), ValueError, r"must have shape \(B, n\), got \(1, 2, 7\)"),
    ],
)
def test_matches_of_what_is_no_tokens(tokens, error, message):
    tgt_out = torch.tensor([[4, EOS]])
    with pytest.raises(error, match=message):
        exact_match(tokens, tgt_out)
    with pytest.raises(error, match=message.replace("tokens must", "tgt_out must", 1)):
        exact_match(tgt_out, tokens)


@pytest.mark.parametrize(
    ("pair", "error", "message"),
    [
        (Pair([4.5], [5]), TypeError, r"src must hold int64 tokens, got torch\.float32"),
        (Pair([4], [5.5]), TypeError, r"tgt must hold int64 tokens, got torch\.float32"),
        (Pair([True], [5]), TypeError, "src must hold integers, got bool"),
        (Pair(["a"], [5]), TypeError, "src must hold integers: "),
        (Pair([4], [None]), TypeError, "tgt must hold integers: "),
        (Pair([-4], [5]), ValueError, "src must hold tokens from 0 to .*, got -4"),
    ],
)
def test_tokens_of_pairs_are_integers(pair, error, message):
    with pytest.raises(error, match=message):
        collate([pair])


def test_batches_are_on_the_cpu_whatever_the_default_device():
    with torch.device("meta"):
        batch = collate([Pair([7, 8, 9], [5], [{0, 2}]), Pair([6], [4, 5])])
    assert batch.src.tolist() == [[7, 8, 9], [6, PAD, PAD]]
    assert batch.src_mask.device == batch.alignment.device == torch.device("cpu")


def test_translation_loss_ignores_padding():
    def model(src, tgt, *, src_mask):
        assert src_mask.shape == (len(src), 1, src.shape[1])
        right = torch.nn.functional.one_hot(batch.tgt_out, 7).float() * 50
        return torch.where((batch.tgt_out == PAD)[..., None], -right, right)

    batch = collate([Pair([7, 8], [5, 6]), Pair([6], [4])])
    assert translation_loss(model, batch).item() < 1e-6
