"""Decoding: cached steps beside recomputing, beams beside exhaustive search, draws beside odds."""

import itertools
import math
import re

import pytest
import torch

from attnlab.decoding import beam_search, greedy, next_probabilities, sample
from attnlab.masks import padding_mask
from attnlab.transformer import Transformer

B, M, T, V = 5, 7, 11, 13
BOS, EOS = 0, 1
SCHEMES = ["sinusoidal", "learned", "rotary", "alibi", "none"]


@pytest.fixture(autouse=True)
def _seed():
    torch.manual_seed(0)


class Chain:
    """A model that knows only the last token: row i of `logits` holds what follows token i.

    Every item of the batch has a table of its own, (B, V, V), so that mixed-up rows show.
    """

    def __init__(self, logits):
        self.logits, self.steps = logits, 0

    def start(self, src, *, max_len, src_mask=None):
        return ChainState(self.logits)

    def step(self, tokens, state):
        self.steps += 1
        return state.logits[torch.arange(len(tokens)), tokens]


class ChainState:
    def __init__(self, logits):
        self.logits = logits

    def select(self, rows):
        self.logits = self.logits[rows]


def transformer(positions="sinusoidal"):
    sizes = {"d_model": 16, "n_heads": 2, "n_layers": 2, "d_ff": 24, "norm": "pre"}
    model = Transformer(V, V, **sizes, positions=positions, max_len=T).eval()
    model.to_logits.weight.data *= 3  # logits far enough apart for rounding not to decide
    return model


def batch():
    src = torch.randint(2, V, (B, M))
    return src, padding_mask(torch.tensor([M, 2, 4, 1, 6]), M)


def limits(max_len=T):
    return {"bos": BOS, "eos": EOS, "max_len": max_len}


@torch.no_grad()
def recompute(model, src, src_mask, max_len):
    """Greedy decoding that runs the whole model again for every token."""
    tokens = torch.full((len(src), 1), BOS)
    while tokens.shape[1] <= max_len and not (tokens == EOS).any(1).all():
        last = model(src, tokens, src_mask=src_mask)[:, -1].argmax(-1)
        last[(tokens == EOS).any(1)] = EOS
        tokens = torch.cat([tokens, last[:, None]], 1)
    return tokens[:, 1:]


@pytest.mark.parametrize("positions", SCHEMES)
def test_every_cached_step_equals_recomputing(positions):
    model, (src, mask) = transformer(positions), batch()
    tokens = torch.randint(V, (B, T))
    state = model.start(src, max_len=T, src_mask=mask)
    for t in range(T):
        with torch.no_grad():
            expected = model(src, tokens[:, : t + 1], src_mask=mask)[:, -1]
        torch.testing.assert_close(model.step(tokens[:, t], state), expected, atol=1e-5, rtol=0)


@pytest.mark.parametrize("positions", SCHEMES)
def test_greedy_equals_recomputing(positions):
    model, (src, mask) = transformer(positions), batch()
    got = greedy(model, src, src_mask=mask, **limits())
    assert torch.equal(got, recompute(model, src, mask, T))
    assert len(got.unique()) > 2  # several tokens, not one for ever


@pytest.mark.parametrize("penalty", [0.0, 0.7])
def test_beam_1_is_greedy(penalty):
    model, (src, mask) = transformer(), batch()
    options = {"src_mask": mask, **limits()}
    found = beam_search(model, src, beams=1, length_penalty=penalty, **options)
    assert torch.equal(found.tokens[:, 0], greedy(model, src, **options))


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


def test_sampling_draws_with_the_probabilities():
    n = 20_000
    logits = torch.tensor([0.1, 1.0, -0.5, 2.0]).expand(n, 4, 4)
    drawn = sample(
        Chain(logits), torch.zeros(n, 1), temperature=1.5,
        generator=torch.Generator().manual_seed(0), **limits(1),
    )  # fmt: skip
    observed = drawn[:, 0].bincount(minlength=4) / n
    expected = (logits[0, 0] / 1.5).softmax(0)
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


def test_huge_logits_and_tiny_temperature_stay_finite():
    p = next_probabilities(torch.tensor([1e4, -1e4, 0.0]), temperature=1e-30)
    assert p.tolist() == [1, 0, 0]


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


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"beams": 0}, "beams must be at least 1, got 0"),
        ({"beams": 2, "length_penalty": -1.0}, "length_penalty must be 0 or more, got -1.0"),
    ],
)
def test_bad_beams(options, message):
    model, (src, _) = transformer(), batch()
    with pytest.raises(ValueError, match=re.escape(message)):
        beam_search(model, src, **options, **limits())


def test_empty_batch_and_single_token():
    model = transformer()
    assert greedy(model, torch.zeros(0, M, dtype=torch.int64), **limits()).shape == (0, 1)
    assert greedy(model, torch.full((2, 1), 3), **limits(1)).shape == (2, 1)
