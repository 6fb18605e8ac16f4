"""Decoding: steps by hand, draws beside odds, and bad input."""

import re

import pytest
import torch

from attnlab.decoding import beam_search, greedy, next_probabilities, sample
from tests.decodable import BOS, EOS, B, Chain, M, V, batch, limits, transformer


@pytest.fixture(autouse=True)
def _seed():
    torch.manual_seed(0)


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
    assert torch.equal(p, logits.softmax(-1))
    assert (p > 0).all()


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
        ({"bos": -1}, ValueError, "bos must be at least 0, got -1"),
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
        ({"top_k": 1.5}, TypeError, "top_k must be an integer, got float"),
        ({"top_p": 0.0}, ValueError, "top_p must be positive and finite, got 0.0"),
        ({"top_p": 1.1}, ValueError, "top_p must be at most 1, got 1.1"),
    ],
)
def test_bad_sampling(options, error, message):
    with pytest.raises(error, match=re.escape(message)):
        next_probabilities(torch.zeros(3), **options)


def test_bad_logits():
    with pytest.raises(
        TypeError, match=r"logits must hold floating-point numbers, got torch\.int64"
    ):
        next_probabilities(torch.zeros(3, dtype=torch.int64))


def test_empty_batch_and_single_token():
    model = transformer()
    assert greedy(model, torch.zeros(0, M, dtype=torch.int64), **limits()).shape == (0, 1)
    assert greedy(model, torch.full((2, 1), 3), **limits(1)).shape == (2, 1)
