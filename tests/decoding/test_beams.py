"""Beam search beside exhaustive search, and beside greedy decoding."""

import itertools
import math
import re
from fractions import Fraction

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from attnlab.decoding import beam_search, greedy
from tests.decoding.decodable import BOS, EOS, Chain, M, T, batch, limits, transformer


@settings(max_examples=30)
@given(st.integers(0, 999), st.sampled_from([0.0, 0.7, 3.0]), st.integers(1, 6))
def test_beam_1_is_greedy(seed, penalty, max_len):
    logits = torch.randn(4, 5, 5, generator=torch.Generator().manual_seed(seed))
    src, options = torch.zeros(4, 1), limits(max_len)
    found = beam_search(Chain(logits), src, beams=1, length_penalty=penalty, **options)
    assert torch.equal(found.tokens[:, 0], greedy(Chain(logits), src, **options))


def test_beam_1_is_greedy_with_a_transformer():
    model, (src, mask) = transformer(), batch()
    found = beam_search(model, src, beams=1, src_mask=mask, **limits())
    assert torch.equal(found.tokens[:, 0], greedy(model, src, src_mask=mask, **limits()))


def exhaustive(logits, max_len, penalty):
    """Every sequence that ends, or is cut at max_len, and its penalized score."""
    log_p = logits.log_softmax(-1)
    size = len(logits)
    found = {}
    for length in range(1, max_len + 1):
        for sequence in itertools.product(range(size), repeat=length):
            if EOS in sequence[:-1] or (sequence[-1] != EOS and length < max_len):
                continue
            pairs = zip((BOS, *sequence), sequence, strict=False)
            total = sum(log_p[a, b].item() for a, b in pairs)
            padded = sequence + (EOS,) * (max_len - length)
            found[padded] = total / ((5 + length) / 6) ** penalty
    return found


@pytest.mark.parametrize("penalty", [0.0, 1.0])
@pytest.mark.parametrize("max_len", [1, 2, 4])
def test_beam_as_wide_as_the_tree_finds_every_sequence(penalty, max_len):
    logits = 2 * torch.randn(3, 3, 3, dtype=torch.float64)  # 3 items, 3 tokens
    for_each = [exhaustive(table, max_len, penalty) for table in logits]
    K = len(for_each[0])
    found = beam_search(
        Chain(logits), torch.zeros(3, 1), beams=K, length_penalty=penalty, **limits(max_len)
    )
    for item, expected in enumerate(for_each):
        # By sequence: some take the same transitions in another order, and tie.
        rows = [tuple(row) for row in found.tokens[item].tolist()]
        got = dict(zip(rows, found.scores[item].tolist(), strict=True))
        assert got == pytest.approx(expected, abs=1e-6)
        assert found.scores[item].tolist() == sorted(got.values(), reverse=True)


def test_beam_wider_than_the_tree_scores_the_rest_minus_infinity():
    found = beam_search(Chain(torch.zeros(1, 2, 2)), torch.zeros(1, 1), beams=5, **limits(2))
    assert found.scores.isneginf().tolist() == [[False] * 3 + [True] * 2]


def test_two_beams_find_what_greedy_misses():
    """Token 2 looks best at first (.6), but what follows is a toss-up; token 3 leads on to eos."""
    p = torch.full((1, 4, 4), 1e-9)
    p[0, BOS, 2], p[0, BOS, 3] = 0.6, 0.4
    p[0, 2], p[0, 3, EOS] = 0.25, 1.0
    model, src = Chain(p.log()), torch.zeros(1, 1)
    assert greedy(model, src, **limits(2))[0, 0] == 2
    found = beam_search(model, src, beams=2, **limits(2))
    assert found.tokens[0, 0].tolist() == [3, EOS]
    assert math.isclose(found.scores[0, 0], math.log(0.4), abs_tol=1e-5)


def test_length_penalty_lengthens():
    """Ending at once has log-probability log .5; going on for four tokens log .5 + 4 log .8."""
    p = torch.tensor([[[0, 0.5, 0.5], [0, 1, 0], [0, 0.2, 0.8]]]) + 1e-9
    lengths = []
    for penalty in (0.0, 3.0):
        found = beam_search(
            Chain(p.log()), torch.zeros(1, 1), beams=8, length_penalty=penalty, **limits(5)
        )
        lengths.append((found.tokens[0, 0] != EOS).sum().item())
    assert lengths == [0, 5]


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"beams": 0}, "beams must be at least 1, got 0"),
        ({"beams": 2.0}, "beams must be an integer, got float"),
        ({"beams": True}, "beams must be an integer, got bool"),
        ({"length_penalty": -1.0}, "length_penalty must be 0 or more and finite, got -1.0"),
        ({"length_penalty": math.nan}, "length_penalty must be 0 or more and finite, got nan"),
        ({"length_penalty": math.inf}, "length_penalty must be 0 or more and finite, got inf"),
        ({"length_penalty": 10**400}, "length_penalty must be 0 or more and finite, got 1000"),
        ({"length_penalty": "1"}, "length_penalty must be a number, got str"),
        ({"length_penalty": None}, "length_penalty must be a number, got NoneType"),
        ({"length_penalty": True}, "length_penalty must be a number, got bool"),
        (
            {"length_penalty": 1000},
            f"length_penalty must be at most 586.9 for max_len = {T}, got 1000",
        ),
    ],
)
def test_bad_beams(options, message):
    model, (src, _) = transformer(), batch()
    with pytest.raises((TypeError, ValueError), match=re.escape(message)):
        beam_search(model, src, **{"beams": 2} | options, **limits())


class Stateless(Chain):
    def start(self, src, *, max_len, src_mask=None):
        return None


def test_a_state_that_cannot_be_selected_from():
    with pytest.raises(TypeError, match="must return a state with select, got NoneType"):
        beam_search(Stateless(torch.zeros(1, 4, 4)), torch.zeros(1, 1), beams=2, **limits())


def test_a_search_that_ends_early_returns_its_scores():
    logits = torch.full((1, 3, 3), -9.0, dtype=torch.float64)
    logits[:, :, EOS] = 9.0  # whatever came before, the end is next
    found = beam_search(Chain(logits), torch.zeros(1, 1), beams=1, length_penalty=0.0, **limits())
    assert found.tokens.tolist() == [[[EOS]]]
    expected = logits[0, BOS].log_softmax(-1)[EOS]
    torch.testing.assert_close(found.scores, expected.view(1, 1))


@pytest.mark.parametrize("dtype", [torch.float16, torch.float32, torch.float64])
@pytest.mark.parametrize("penalty", [20.0, 200, 1000.0, Fraction(401, 2), np.float32(50)])
def test_large_penalties_are_those_of_exhaustive_search(penalty, dtype):
    """The scores leave float32, some by 200 powers of ten, but not their order."""
    logits = 2 * torch.randn(2, 3, 3, dtype=dtype)
    for_each = [exhaustive(table.double(), 5, float(penalty)) for table in logits]
    found = beam_search(
        Chain(logits),
        torch.zeros(2, 1),
        beams=len(for_each[0]),
        length_penalty=penalty,
        **limits(5),
    )
    assert found.scores.dtype == torch.float64
    for item, expected in enumerate(for_each):
        rows = [tuple(row) for row in found.tokens[item].tolist()]
        got = dict(zip(rows, found.scores[item].tolist(), strict=True))
        assert got == {row: pytest.approx(score, rel=1e-5) for row, score in expected.items()}
        assert found.scores[item].tolist() == sorted(got.values(), reverse=True)


@pytest.mark.parametrize("penalty", [0.0, 50.0])
@pytest.mark.parametrize("dtype", [torch.float16, torch.float32])
def test_nothing_is_said_after_the_end(penalty, dtype):
    logits = torch.randn(3, 6, 6, dtype=dtype)
    found = beam_search(
        Chain(logits), torch.zeros(3, 1), beams=4, length_penalty=penalty, **limits(60)
    )
    after = (found.tokens == EOS).cumsum(-1) > 0
    assert (found.tokens[after] == EOS).all()
    assert found.scores.isfinite().all()
    assert (found.scores.diff(dim=-1) <= 0).all()


def test_the_penalty_of_one_token_may_be_any():
    found = beam_search(
        Chain(torch.zeros(1, 3, 3)), torch.zeros(1, 1), beams=3, length_penalty=1e300, **limits(1)
    )
    torch.testing.assert_close(found.scores, torch.full((1, 3), -math.log(3), dtype=torch.float64))


@pytest.mark.parametrize("model", [transformer(), Chain(torch.zeros(0, 5, 5))])
def test_an_empty_batch(model):
    found = beam_search(model, torch.zeros(0, M, dtype=torch.int64), beams=3, **limits())
    assert found.tokens.shape == (0, 3, 1) and found.tokens.dtype == torch.int64
    assert found.scores.shape == (0, 3)


@pytest.mark.parametrize("beams", [7, 40, np.int64(9)])
def test_more_beams_than_tokens(beams):
    """The first step has as many continuations as tokens; more come with the second."""
    logits = torch.randn(2, 4, 4, dtype=torch.float64)
    found = beam_search(Chain(logits), torch.zeros(2, 1), beams=beams, **limits(3))
    for item in range(2):
        best = sorted(exhaustive(logits[item], 3, 0.0).values(), reverse=True)[: int(beams)]
        scores = found.scores[item]
        assert scores[scores.isfinite()].tolist() == pytest.approx(best, abs=1e-9)


@pytest.mark.parametrize("dtype", [torch.float16, torch.bfloat16, torch.float32])
def test_beam_1_takes_the_first_of_equals_as_greedy_does(dtype):
    logits = torch.randint(3, (50, 5, 5)).to(dtype)
    src = torch.zeros(50, 1)
    found = beam_search(Chain(logits), src, beams=1, **limits())
    assert torch.equal(found.tokens[:, 0], greedy(Chain(logits), src, **limits()))


def test_scores_do_not_depend_on_what_is_added_to_all_logits():
    logits = torch.randn(2, 4, 4)
    plain, shifted = (
        beam_search(Chain(x), torch.zeros(2, 1), beams=4, **limits(3))
        for x in (logits, (logits.double() + 1e4))
    )
    torch.testing.assert_close(plain.scores, shifted.scores, atol=1e-6, rtol=0)


def test_beams_without_a_probability_matter_no_more():
    """Only token 2 can follow; other beams are impossible, and what follows them may be NaN."""
    logits = torch.full((1, 4, 4), -math.inf)
    logits[0, BOS, 2], logits[0, 2, EOS] = 0, 0
    logits[0, 3] = math.nan
    found = beam_search(Chain(logits), torch.zeros(1, 1), beams=3, **limits())
    assert found.tokens[0, 0].tolist() == [2, EOS]
    assert found.scores.tolist() == [[0, -math.inf, -math.inf]]
