"""Decoding: steps by hand, draws beside odds, and bad input."""

import math
import re
from fractions import Fraction

import numpy as np
import pytest
import torch

from attnlab.decoding import beam_search, greedy, next_probabilities, sample
from tests.decoding.decodable import (
    BOS,
    EOS,
    B,
    Chain,
    ChainState,
    M,
    V,
    batch,
    limits,
    transformer,
)


def test_search_stops_when_all_have_ended_and_fills_up_with_eos():
    """Item 0 ends after one token, item 1 after three."""
    logits = torch.full((2, 5, 5), -9.0)
    logits[0, BOS, EOS] = 9
    logits[1, [BOS, 2, 3], [2, 3, EOS]] = 9
    logits[:, EOS, 4] = 9  # what a sequence that did not stop would say
    model, src = Chain(logits), torch.zeros(2, 1)
    expected = [[EOS, EOS, EOS], [2, 3, EOS]]
    assert greedy(model, src, **limits(50)).tolist() == expected
    assert model.steps == 3
    assert sample(model, src, top_k=1, **limits(50)).tolist() == expected
    assert beam_search(model, src, beams=1, **limits(50)).tokens[:, 0].tolist() == expected
    assert model.steps == 9


@pytest.mark.parametrize("decode", [greedy, lambda *a, **k: beam_search(*a, beams=3, **k).tokens])
def test_items_of_a_batch_are_independent(decode):
    model, (src, mask) = transformer(), batch()
    together = decode(model, src, src_mask=mask, **limits())
    for item in range(B):
        alone = decode(model, src[[item]], src_mask=mask[[item]], **limits())
        assert torch.equal(together[[item]][..., : alone.shape[-1]], alone)
        assert (together[item][..., alone.shape[-1] :] == EOS).all()


@pytest.mark.parametrize("options", [{}, {"temperature": 1.5}])
def test_sampling_draws_with_the_probabilities(options):
    n = 20_000
    logits = torch.tensor([0.1, 1.0, -0.5, 2.0]).expand(n, 4, 4)
    drawn = sample(
        Chain(logits), torch.zeros(n, 1), generator=torch.Generator().manual_seed(0),
        **options, **limits(1),
    )  # fmt: skip
    observed = drawn[:, 0].bincount(minlength=4) / n
    expected = (logits[0, 0] / options.get("temperature", 1)).softmax(0)
    # Four standard deviations of a share of n draws.
    assert ((observed - expected).abs() < 4 * (expected * (1 - expected) / n).sqrt()).all()


def test_sampling_with_one_generator_can_be_repeated():
    model, (src, mask) = transformer(), batch()
    runs = [
        sample(model, src, src_mask=mask, generator=torch.Generator().manual_seed(3), **limits())
        for _ in range(2)
    ]
    assert torch.equal(*runs)


@pytest.mark.parametrize("options", [{"top_k": 1}, {"top_p": 1e-6}, {"temperature": 1e-6}])
def test_sampling_without_freedom_is_greedy(options):
    model, (src, mask) = transformer(), batch()
    drawn = sample(model, src, src_mask=mask, **options, **limits())
    assert torch.equal(drawn, greedy(model, src, src_mask=mask, **limits()))


def test_next_probabilities_by_hand():
    p = torch.tensor([[0.2, 0.5, 0.3], [0.1, 0.1, 0.8]])

    def close(got, rows):
        torch.testing.assert_close(got, torch.tensor(rows))

    close(next_probabilities(p.log()), p.tolist())
    close(next_probabilities(p.log(), top_k=9), p.tolist())
    close(next_probabilities(p.log(), top_p=1.0), p.tolist())
    close(next_probabilities(p.log(), top_k=2), [[0, 0.625, 0.375], [0.1, 0.1, 0.8]])  # a tie
    close(next_probabilities(p.log(), top_p=0.75), [[0, 0.625, 0.375], [0, 0, 1.0]])
    close(next_probabilities(p.log(), top_p=0.5), [[0, 1.0, 0], [0, 0, 1.0]])  # just reached
    close(next_probabilities(p.log(), top_k=2, top_p=0.6), [[0, 1.0, 0], [0, 0, 1.0]])
    close(next_probabilities(p.log(), temperature=0.5), (p**2 / (p**2).sum(-1, True)).tolist())


def test_a_share_of_1_cuts_nothing():
    """Not even where the more probable tokens sum to 1 by rounding."""
    logits = -torch.arange(40.0)
    p = next_probabilities(logits, top_p=1.0)
    torch.testing.assert_close(p, logits.softmax(-1), atol=0, rtol=1e-6)
    assert (p > 0).all()


DTYPES = [torch.float16, torch.bfloat16, torch.float32, torch.float64]
every_dtype = pytest.mark.parametrize("dtype", DTYPES)


@every_dtype
@pytest.mark.parametrize(
    ("p", "top_p", "kept"),
    [
        ([0.3, 0.1, 0.1, 0.5], 0.8, [0, 3]),
        ([0.3, 0.1, 0.1, 0.5], 0.5, [3]),
        ([0.1, 0.2, 0.3, 0.4], 0.7, [2, 3]),
        ([0.1, 0.2, 0.3, 0.4], 0.9, [1, 2, 3]),
        ([0.15, 0.8, 0.05], 0.95, [0, 1]),
        ([0.15, 0.8, 0.05], 0.79, [1]),
        ([0.15, 0.8, 0.05], 0.85, [0, 1]),
        ([0.2] * 5, 0.6, [0, 1, 2]),
        ([0.1] * 10, 0.3, [0, 1, 2]),
    ],
)
def test_a_share_that_is_just_reached_is_reached(dtype, p, top_p, kept):
    """In whatever dtype, and whatever is added to all logits."""
    p = torch.tensor(p, dtype=torch.float64)
    expected = torch.zeros_like(p)
    expected[kept] = p[kept] / p[kept].sum()
    for shift in (0.0, -2.0):
        got = next_probabilities((p.log() + shift).to(dtype), top_p=top_p)
        assert got.dtype == dtype
        assert got.nonzero()[:, 0].tolist() == kept
        tolerance = 8 * torch.finfo(dtype).eps
        torch.testing.assert_close(got.double(), expected, atol=0, rtol=tolerance)


@every_dtype
@pytest.mark.parametrize("V", [27, 31])
def test_so_it_is_of_any_number_of_equals(dtype, V):
    """A sum of many shares is off by more than one of them: 23 / 27 of 27 equals are 23."""
    logits = torch.full((V,), -1.5, dtype=dtype)
    for k in range(1, V):
        assert next_probabilities(logits, top_p=k / V).count_nonzero() == k
        assert next_probabilities(logits, top_p=(k + 0.5) / V).count_nonzero() == k + 1


@every_dtype
@pytest.mark.parametrize("top_p", [1e-8, 1e-50, 5e-324, Fraction(1, 10**300), np.float32(1e-30)])
def test_a_tiny_share_keeps_the_best_alone(dtype, top_p):
    logits = torch.tensor([[1, 3, 2], [0, 0, 0]], dtype=dtype)
    assert next_probabilities(logits, top_p=top_p).tolist() == [[0, 1, 0], [1, 0, 0]]


def test_a_small_share_of_many_equals_is_counted_in_half_precision():
    p = next_probabilities(torch.zeros(40_000, dtype=torch.float16), top_p=0.001)
    assert 38 <= p.count_nonzero() <= 40


@every_dtype
@pytest.mark.parametrize("temperature", [1e-50, 5e-324, np.float32(1e-30), Fraction(1, 10**50)])
def test_a_tiny_temperature_keeps_the_best_alone(dtype, temperature):
    logits = torch.tensor([[1, 3, 2, -math.inf], [-2, -2, -3, -9]], dtype=dtype)
    p = next_probabilities(logits, temperature=temperature)
    assert p.tolist() == [[0, 1, 0, 0], [0.5, 0.5, 0, 0]]


@every_dtype
@pytest.mark.parametrize("temperature", [1e300, 10**300, Fraction(10**300)])
def test_a_huge_temperature_leaves_all_equal_that_are_possible(dtype, temperature):
    logits = torch.tensor([1, 3, -math.inf, 2, 9], dtype=dtype)
    assert next_probabilities(logits, temperature=temperature).tolist() == [
        0.25,
        0.25,
        0,
        0.25,
        0.25,
    ]


def test_options_of_any_type_of_number():
    logits = torch.randn(5)
    assert torch.equal(
        next_probabilities(
            logits, temperature=Fraction(1, 2), top_k=np.int8(3), top_p=np.float64(0.5)
        ),
        next_probabilities(logits, temperature=0.5, top_k=3, top_p=0.5),
    )
    assert torch.equal(
        next_probabilities(logits, temperature=10**20), next_probabilities(logits, temperature=1e20)
    )


def test_probabilities_can_be_mapped_over_a_batch():
    logits = torch.randn(3, 5)
    mapped = torch.vmap(lambda row: next_probabilities(row, top_k=3, temperature=2))(logits)
    torch.testing.assert_close(mapped, next_probabilities(logits, top_k=3, temperature=2))


@pytest.mark.parametrize("options", [{"top_k": 2}, {"top_p": 0.6}])
def test_next_probabilities_are_along_the_last_axis_whatever_comes_before(options):
    logits = torch.randn(2, 3, 5)
    together = next_probabilities(logits, **options)
    for i, j in ((0, 0), (1, 2)):
        torch.testing.assert_close(next_probabilities(logits[i, j], **options), together[i, j])


def test_huge_logits_and_tiny_temperature_stay_finite():
    logits = torch.tensor([[1e4, 9e3, 8e3], [-1.2e4, -1.1e4, -1e4]])
    assert next_probabilities(logits, temperature=1e-35).tolist() == [[1, 0, 0], [0, 0, 1]]


@pytest.mark.parametrize(
    "decode",
    [
        greedy,
        lambda *a, **k: sample(*a, top_k=1, **k),
        lambda *a, **k: beam_search(*a, beams=3, **k).tokens,
    ],
)
def test_everything_is_made_on_the_device_of_the_source(decode):
    model, (src, mask) = transformer(), batch()
    expected = decode(model, src, src_mask=mask, **limits())
    with torch.device("meta"):  # where tensors are made that name no device
        assert torch.equal(decode(model, src, src_mask=mask, **limits()), expected)


def test_inputs_are_untouched():
    logits = torch.randn(4, 5)
    before = logits.clone()
    next_probabilities(logits, top_k=2, top_p=0.5, temperature=0.3)
    assert torch.equal(logits, before)


def test_the_models_mode_and_gradients_are_left_alone():
    model, (src, mask) = transformer(), batch()
    tokens = greedy(model.train(), src, src_mask=mask, **limits())
    assert model.training and not tokens.requires_grad and torch.is_grad_enabled()


@pytest.mark.parametrize(
    ("options", "error", "message"),
    [
        ({"max_len": 0}, ValueError, "max_len must be at least 1, got 0"),
        ({"max_len": 2.5}, TypeError, "max_len must be an integer, got float"),
        ({"max_len": True}, TypeError, "max_len must be an integer, got bool"),
        ({"eos": None}, TypeError, "eos must be an integer, got NoneType"),
        ({"bos": 0.0}, TypeError, "bos must be an integer, got float"),
        ({"bos": -1}, ValueError, "bos must be at least 0, got -1"),
        ({"bos": 2**70}, ValueError, "bos must be in the vocabulary, got 1180591620717411303424"),
        ({"eos": 2**63}, ValueError, "eos must be in the vocabulary, got 9223372036854775808"),
        ({"eos": "x"}, TypeError, "eos must be an integer, got str"),
        ({"eos": V}, ValueError, f"eos must be below the vocabulary's size, {V}, got {V}"),
        ({"bos": V}, ValueError, f"tokens must hold tokens from 0 to {V - 1}, got {V}"),
    ],
)
@pytest.mark.parametrize("decode", [greedy, sample, lambda *a, **k: beam_search(*a, beams=2, **k)])
def test_bad_limits(decode, options, error, message):
    model, (src, _) = transformer(), batch()
    with pytest.raises(error, match=re.escape(message)):
        decode(model, src, **limits() | options)


@pytest.mark.parametrize(
    ("options", "error", "message"),
    [
        ({"temperature": 0.0}, ValueError, "temperature must be positive and finite, got 0.0"),
        ({"temperature": "1"}, TypeError, "temperature must be a number, got str"),
        ({"top_k": 0}, ValueError, "top_k must be at least 1, got 0"),
        ({"temperature": math.nan}, ValueError, "temperature must be positive and finite, got nan"),
        ({"temperature": math.inf}, ValueError, "temperature must be positive and finite, got inf"),
        ({"temperature": None}, TypeError, "temperature must be a number, got NoneType"),
        ({"temperature": True}, TypeError, "temperature must be a number, got bool"),
        ({"top_k": 1.5}, TypeError, "top_k must be an integer, got float"),
        ({"top_k": True}, TypeError, "top_k must be an integer, got bool"),
        ({"top_p": True}, TypeError, "top_p must be a number, got bool"),
        ({"top_p": "0.5"}, TypeError, "top_p must be a number, got str"),
        ({"top_p": math.nan}, ValueError, "top_p must be positive and finite, got nan"),
        ({"top_p": 0.0}, ValueError, "top_p must be positive and finite, got 0.0"),
        ({"top_p": 1.1}, ValueError, "top_p must be at most 1, got 1.1"),
    ],
)
def test_bad_sampling(options, error, message):
    with pytest.raises(error, match=re.escape(message)):
        next_probabilities(torch.zeros(3), **options)
    with pytest.raises(error, match=re.escape(message)):
        sample(Chain(torch.zeros(1, 3, 3)), torch.zeros(1, 1), **options, **limits())


@pytest.mark.parametrize(
    ("logits", "error", "message"),
    [
        (
            torch.zeros(3).long(),
            TypeError,
            "logits must hold floating-point numbers, got torch.int64",
        ),
        ([0.0, 1.0], TypeError, "logits must be a torch tensor, got list"),
        (np.zeros(3), TypeError, "logits must be a torch tensor, got numpy.ndarray"),
        (torch.zeros(2, 0), ValueError, "axis -1 of logits is empty: its shape is (2, 0)"),
        (torch.tensor(1.0), ValueError, "logits has no axis -1"),
        (torch.tensor([1, math.nan]), ValueError, "a finite maximum, got nan in row ()"),
        (torch.tensor([[1.0], [math.inf]]), ValueError, "a finite maximum, got inf in row (1,)"),
        (torch.full((1, 2, 3), -math.inf), ValueError, "a finite maximum, got -inf in row (0, 0)"),
    ],
)
def test_bad_logits(logits, error, message):
    with pytest.raises(error, match=re.escape(message) + "($|:)"):
        next_probabilities(logits)


every_way = pytest.mark.parametrize(
    "decode",
    [
        greedy,
        sample,
        lambda *a, **k: beam_search(*a, beams=1, **k).tokens[:, 0],
        lambda *a, **k: beam_search(*a, beams=3, **k).tokens[:, 0],
    ],
)


@every_way
@pytest.mark.parametrize("wrong", [math.nan, math.inf, -math.inf])
@pytest.mark.parametrize("dtype", DTYPES)
def test_logits_that_say_nothing_are_not_decoded(decode, wrong, dtype):
    """Token 0 is no answer; the step is named in which nothing was said."""
    logits = torch.full((2, 4, 4), -9.0, dtype=dtype)
    logits[:, BOS, 2] = 9
    logits[1, 2] = wrong  # what follows token 2
    with pytest.raises(
        ValueError, match=f"logits must have a finite maximum, got {wrong} in row .* step 2"
    ):
        decode(Chain(logits), torch.zeros(2, 1), **limits())


@every_way
def test_a_single_nan_is_enough(decode):
    logits = torch.zeros(1, 4, 4)
    logits[0, BOS, 3] = math.nan
    with pytest.raises(ValueError, match=r"logits must have a finite maximum, got nan .* step 1"):
        decode(Chain(logits), torch.zeros(1, 1), **limits())


@every_way
def test_what_follows_the_end_does_not_matter(decode):
    logits = torch.full((2, 4, 4), -9.0)
    logits[0, BOS, EOS], logits[1, [BOS, 2, 3], [2, 3, EOS]] = 99, 99
    logits[:, EOS] = math.nan
    expected = [[EOS, EOS, EOS], [2, 3, EOS]]
    assert decode(Chain(logits), torch.zeros(2, 1), **limits(3)).tolist() == expected


class Answers:
    """A model that gives another answer for so many rows."""

    def __init__(self, answer):
        self.answer = answer

    def start(self, src, *, max_len, src_mask=None):
        return ChainState(torch.zeros(len(src), 1, 1))

    def step(self, tokens, state):
        return self.answer(len(tokens))


@every_way
@pytest.mark.parametrize(
    ("answer", "error", "message"),
    [
        (lambda rows: None, TypeError, "logits must be a torch tensor, got NoneType"),
        (lambda rows: np.zeros((rows, 4)), TypeError, "logits must be a torch tensor, got numpy"),
        (lambda rows: torch.zeros(rows, 4).long(), TypeError, "logits must hold floating-point"),
        (lambda rows: torch.zeros(4), ValueError, "V), one row for each sequence, got (4,)"),
        (lambda rows: torch.zeros(rows + 1, 4), ValueError, "one row for each sequence, got ("),
        (lambda rows: torch.zeros(rows, 1, 4), ValueError, "one row for each sequence, got ("),
        (lambda rows: torch.zeros(rows, 0), ValueError, "the vocabulary's size, 0, got 1"),
        (lambda rows: torch.zeros(rows, 4, device="meta"), ValueError, "expected one device, got"),
    ],
)
def test_answers_that_are_no_logits(decode, answer, error, message):
    with pytest.raises(error, match=re.escape(message)):
        decode(Answers(answer), torch.zeros(1, 1), **limits())


@every_way
@pytest.mark.parametrize(
    ("model", "kind"),
    [(None, "NoneType"), (torch.nn.Linear(2, 3), "Linear"), (lambda src: src, "function")],
)
def test_what_is_no_model(decode, model, kind):
    with pytest.raises(TypeError, match=f"model must have start and step, got .*{kind}$"):
        decode(model, torch.zeros(1, 1), **limits())


@every_way
def test_a_source_of_one_axis_is_one_and_a_single_number_is_none(decode):
    """What is behind the batch is the model's affair."""
    model = Chain(torch.randn(2, 4, 4))
    assert len(decode(model, torch.zeros(2), **limits(3))) == 2
    with pytest.raises(ValueError, match="src must have at least 1"):
        decode(model, torch.zeros(()), **limits(3))


@every_way
def test_a_large_vocabulary_has_large_tokens(decode):
    logits = torch.full((1, 300, 300), -9.0)
    logits[0, 299, 298] = logits[0, 298, 297] = 9
    found = decode(Chain(logits), torch.zeros(1, 1), bos=299, eos=297, max_len=5)
    assert found[0, :2].tolist() == [298, 297]


@every_way
def test_what_the_mask_hides_of_the_source_changes_nothing(decode):
    model, (src, mask) = transformer(), batch()
    found = []
    for hidden in (2, V - 1):
        torch.manual_seed(0)
        found.append(decode(model, src.where(mask[:, 0], hidden), src_mask=mask, **limits()))
    assert torch.equal(*found)
    torch.manual_seed(0)
    assert not torch.equal(found[0], decode(model, src, **limits()))


@every_way
@pytest.mark.parametrize("src", [None, [[1, 2]], np.zeros((1, 2))])
def test_what_is_no_source(decode, src):
    with pytest.raises(TypeError, match="src must be a torch tensor, got"):
        decode(Chain(torch.zeros(1, 4, 4)), src, **limits())


@every_way
@pytest.mark.parametrize("dtype", [np.int64, np.uint8])
def test_limits_of_numpy(decode, dtype):
    """Small integers, too, give tokens of int64."""
    logits = torch.randn(3, 5, 5)
    options = {key: dtype(value) for key, value in limits().items()}
    torch.manual_seed(0)
    got = decode(Chain(logits), torch.zeros(3, 1), **options)
    torch.manual_seed(0)
    expected = decode(Chain(logits), torch.zeros(3, 1), **limits())
    assert got.dtype == torch.int64 and torch.equal(got, expected)


@every_way
@pytest.mark.parametrize("dtype", DTYPES)
def test_logits_of_every_precision_are_decoded(decode, dtype):
    logits = torch.full((2, 5, 5), -60_000.0 if dtype == torch.float16 else -1e38, dtype=dtype)
    logits[:, [BOS, 2, 3], [2, 3, EOS]] = 60_000
    found = decode(Chain(logits), torch.zeros(2, 1), **limits(3))
    assert found.tolist() == [[2, 3, EOS]] * 2


@pytest.mark.parametrize(
    ("generator", "kind"), [(3, "int"), (np.random.default_rng(0), "numpy.*Generator")]
)
def test_what_is_no_generator(generator, kind):
    with pytest.raises(TypeError, match=rf"generator must be a torch\.Generator, got {kind}$"):
        sample(Chain(torch.zeros(1, 4, 4)), torch.zeros(1, 1), generator=generator, **limits())


def test_a_generator_elsewhere():
    model, src = Chain(torch.zeros(1, 4, 4)), torch.zeros(1, 1, device="meta")
    with pytest.raises(ValueError, match="generator must be on meta, got cpu"):
        sample(model, src, generator=torch.Generator(), **limits())


def test_empty_batch_and_single_token():
    model = transformer()
    assert greedy(model, torch.zeros(0, M, dtype=torch.int64), **limits()).shape == (0, 1)
    assert greedy(model, torch.full((2, 1), 3), **limits(1)).shape == (2, 1)
