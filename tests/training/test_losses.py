"""The cross-entropy: torch's own, but for padding."""

import math
from fractions import Fraction

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from hypothesis import given
from hypothesis import strategies as st

from attnlab.training.losses import cross_entropy

B, N, V, PAD = 2, 5, 7, 0


@given(smoothing=st.floats(0, 0.9), seed=st.integers(0, 100))
def test_cross_entropy_is_that_of_torch(smoothing, seed):
    torch.manual_seed(seed)
    logits = torch.randn(B, N, V, dtype=torch.float64)
    targets = torch.randint(V, (B, N))
    ours = cross_entropy(logits, targets, smoothing=smoothing)
    theirs = F.cross_entropy(logits.flatten(0, 1), targets.flatten(), label_smoothing=smoothing)
    torch.testing.assert_close(ours, theirs, rtol=0, atol=1e-12)


def test_smoothing_gives_padding_nothing():
    """Neither padded targets nor the padding token in the others' labels count."""
    logits = torch.randn(1, 2, V, dtype=torch.float64, requires_grad=True)
    loss = cross_entropy(logits, torch.tensor([[3, PAD]]), pad=PAD, smoothing=0.6)
    label = torch.full((V,), 0.6 / (V - 1), dtype=torch.float64)
    label[3] += 0.4
    label[PAD] = 0.0
    expected = -(label * logits[0, 0].log_softmax(-1)).sum()
    torch.testing.assert_close(loss, expected, rtol=0, atol=1e-12)
    (gradient,) = torch.autograd.grad(loss, logits)
    assert gradient[0, 1].count_nonzero() == 0  # the padded position teaches nothing


def test_more_padding_changes_nothing():
    logits, targets = torch.randn(B, N, V), torch.randint(1, V, (B, N))
    padded = F.pad(targets, (0, 3), value=PAD)
    longer = torch.cat([logits, torch.randn(B, 3, V)], dim=1)
    torch.testing.assert_close(
        cross_entropy(longer, padded, pad=PAD, smoothing=0.1),
        cross_entropy(logits, targets, pad=PAD, smoothing=0.1),
    )


def test_nothing_but_padding_is_zero_with_a_finite_gradient():
    logits = torch.randn(B, N, V, requires_grad=True)
    loss = cross_entropy(logits, torch.zeros(B, N, dtype=torch.int64), pad=PAD)
    loss.backward()
    assert loss.item() == 0.0
    assert logits.grad.count_nonzero() == 0


@pytest.mark.parametrize("smoothing", [0.0, 0.3])
@given(st.sampled_from([math.nan, math.inf, -math.inf, 1e38]), st.integers(1, V), st.data())
def test_logits_of_padded_targets_do_not_matter(smoothing, planted, width, data):
    """Whatever stands there, in a whole row or a part of it; and its gradient is 0."""
    targets = torch.tensor(data.draw(st.lists(st.integers(0, V - 1), min_size=N, max_size=N)))[None]
    clean = torch.randn(1, N, V, dtype=torch.float64)
    padded = targets == PAD
    dirty = clean.masked_fill(padded[..., None] & (torch.arange(V) < width), planted)
    losses, gradients = [], []
    for logits in (clean, dirty):
        logits.requires_grad_()
        losses.append(cross_entropy(logits, targets, pad=PAD, smoothing=smoothing))
        gradients += torch.autograd.grad(losses[-1], logits)
    assert losses[0].isfinite()
    assert torch.equal(*losses)
    assert torch.equal(*gradients)
    assert (gradients[0][padded] == 0).all()


@pytest.mark.parametrize("pad", [0, 3, V - 1])
def test_padding_may_be_forbidden(pad):
    """A logit of -inf: the loss is that of the other tokens alone, and so is the gradient."""
    logits = torch.randn(B, N, V, dtype=torch.float64)
    others = [token for token in range(V) if token != pad]
    targets = torch.tensor(others)[torch.randint(V - 1, (B, N))]
    targets[0, 1] = pad
    logits[..., pad] = -math.inf
    logits.requires_grad_()
    loss = cross_entropy(logits, targets, pad=pad, smoothing=0.2)
    real = targets != pad
    expected = F.cross_entropy(
        logits[real][:, others], targets[real] - (targets[real] > pad).long(), label_smoothing=0.2
    )
    torch.testing.assert_close(loss, expected)
    (gradient,) = torch.autograd.grad(loss, logits)
    assert gradient.isfinite().all() and (gradient[..., pad] == 0).all()


def test_the_loss_can_be_mapped_over_batches():
    """Where nobody can look whether padding holds NaN."""
    logits, targets = torch.randn(3, B, N, V), torch.randint(V, (3, B, N))
    targets[..., 0], targets[..., 1] = PAD, 1
    logits[:, :, 0] = math.nan

    def loss(logits, targets):
        return cross_entropy(logits, targets, pad=PAD, smoothing=0.1)

    gradients, losses = torch.vmap(torch.func.grad_and_value(loss))(logits, targets)
    torch.testing.assert_close(losses, torch.stack(list(map(loss, logits, targets))))
    assert (gradients[:, :, 0] == 0).all() and gradients.isfinite().all()


def test_a_very_unlikely_padding_token_costs_no_digits():
    logits = torch.randn(1, N, V)
    logits[..., PAD] = -math.inf
    forbidden = cross_entropy(logits, torch.ones(1, N).long(), pad=PAD, smoothing=0.3)
    logits[..., PAD] = -1e9
    unlikely = cross_entropy(logits, torch.ones(1, N).long(), pad=PAD, smoothing=0.3)
    assert torch.equal(forbidden, unlikely)


def test_elsewhere_nan_goes_on():
    logits = torch.zeros(1, 2, V)
    logits[0, 1, 4] = math.nan
    assert cross_entropy(logits, torch.tensor([[1, 2]])).isnan()


@pytest.mark.parametrize("dtype", [torch.float16, torch.bfloat16])
@pytest.mark.parametrize("smoothing", [0.0, 0.1])
def test_half_precision_is_added_up_in_single(dtype, smoothing):
    loss = cross_entropy(
        torch.zeros(1, 2, 40_000, dtype=dtype), torch.ones(1, 2).long(), pad=0, smoothing=smoothing
    )
    assert loss.dtype == torch.float32
    assert loss.item() == pytest.approx(math.log(40_000), rel=1e-6)
    many = cross_entropy(torch.zeros(7, 10_000, 2, dtype=dtype), torch.ones(7, 10_000).long())
    assert many.item() == pytest.approx(math.log(2), rel=1e-5)  # their sum leaves float16


@pytest.mark.parametrize("shape", [(0, N, V), (B, 0, V)])
@pytest.mark.parametrize("pad", [None, PAD])
def test_no_targets_at_all_are_zero(shape, pad):
    logits = torch.zeros(shape, requires_grad=True)
    loss = cross_entropy(logits, torch.zeros(shape[:2]).long(), pad=pad, smoothing=0.1)
    loss.backward()
    assert loss.item() == 0 and logits.grad.shape == shape


def test_nothing_but_the_padding_token():
    loss = cross_entropy(torch.zeros(1, 2, 1), torch.zeros(1, 2).long(), pad=0, smoothing=0.5)
    assert loss.item() == 0


def test_numbers_of_other_types():
    logits, targets = torch.randn(B, N, 128), torch.randint(128, (B, N))
    assert torch.equal(
        cross_entropy(logits, targets, pad=np.int8(127), smoothing=Fraction(1, 4)),
        cross_entropy(logits, targets, pad=127, smoothing=0.25),
    )


def test_the_default_device_does_not_matter():
    logits, targets = torch.randn(B, N, V), torch.randint(V, (B, N))
    expected = cross_entropy(logits, targets, pad=2, smoothing=0.1)
    with torch.device("meta"):
        assert torch.equal(cross_entropy(logits, targets, pad=2, smoothing=0.1), expected)


@pytest.mark.parametrize(
    ("targets", "options", "message"),
    [
        ([[1, 2]], {}, r"must have shapes \(B, n, V\) and \(B, n\), got \(2, 5, 7\) and \(1, 2\)"),
        ([[V] * N] * B, {}, "targets must hold tokens from 0 to 6, got 7"),
        ([[-100] * N] * B, {}, "targets must hold tokens from 0 to 6, got -100"),
        ([[1] * N] * B, {"pad": 9}, "pad must be below the vocabulary's size, 7, got 9"),
        ([[1] * N] * B, {"pad": V}, "pad must be below the vocabulary's size, 7, got 7"),
        ([[1] * N] * B, {"pad": -1}, "pad must be at least 0, got -1"),
        ([[1] * N] * B, {"smoothing": 1.0}, "smoothing must be at least 0 and below 1, got 1.0"),
        ([[1] * N] * B, {"smoothing": -0.1}, "smoothing must be at least 0 and below 1, got -0.1"),
        ([[1] * N] * B, {"smoothing": math.nan}, "smoothing must be at least 0 and below 1"),
    ],
)
def test_wrong_losses(targets, options, message):
    with pytest.raises(ValueError, match=message):
        cross_entropy(torch.zeros(B, N, V), torch.tensor(targets), **options)


LOGITS, TARGETS = torch.zeros(B, N, V), torch.ones(B, N).long()


@pytest.mark.parametrize(
    ("logits", "targets", "options", "message"),
    [
        (LOGITS, TARGETS.float(), {}, r"targets must hold int64 tokens, got torch\.float32"),
        (LOGITS, TARGETS.bool(), {}, r"targets must hold int64 tokens, got torch\.bool"),
        (LOGITS, TARGETS.int(), {}, r"targets must hold int64 tokens, got torch\.int32"),
        (LOGITS, TARGETS.tolist(), {}, "targets must be a torch tensor, got list"),
        (LOGITS, TARGETS.numpy(), {}, r"targets must be a torch tensor, got numpy\.ndarray"),
        (LOGITS, None, {}, "targets must be a torch tensor, got NoneType"),
        (LOGITS.tolist(), TARGETS, {}, "logits must be a torch tensor, got list"),
        (LOGITS.numpy(), TARGETS, {}, r"logits must be a torch tensor, got numpy\.ndarray"),
        (LOGITS.long(), TARGETS, {}, r"logits must hold floating-point numbers, got torch\.int64"),
        (LOGITS.cfloat(), TARGETS, {}, "logits must hold floating-point numbers, got"),
        (LOGITS.to_sparse(), TARGETS, {}, "logits must be dense"),
        (LOGITS, TARGETS, {"pad": True}, "pad must be an integer, got bool"),
        (LOGITS, TARGETS, {"pad": "0"}, "pad must be an integer, got str"),
        (LOGITS, TARGETS, {"pad": 0.0}, "pad must be an integer, got float"),
        (LOGITS, TARGETS, {"smoothing": None}, "smoothing must be a number, got NoneType"),
        (LOGITS, TARGETS, {"smoothing": "0"}, "smoothing must be a number, got str"),
        (LOGITS, TARGETS, {"smoothing": False}, "smoothing must be a number, got bool"),
    ],
)
def test_wrong_types(logits, targets, options, message):
    with pytest.raises(TypeError, match=message):
        cross_entropy(logits, targets, **options)
