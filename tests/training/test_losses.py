"""The cross-entropy: torch's own, but for padding."""

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


@pytest.mark.parametrize(
    ("targets", "options", "message"),
    [
        ([[1, 2]], {}, r"must have shapes \(B, n, V\) and \(B, n\), got \(2, 5, 7\) and \(1, 2\)"),
        ([[V] * N] * B, {}, "targets must be from 0 to 6, got 7"),
        ([[-100] * N] * B, {}, "targets must be from 0 to 6, got -100"),
        ([[1] * N] * B, {"pad": 9}, "pad must be from 0 to 6, got 9"),
        ([[1] * N] * B, {"smoothing": 1.0}, r"smoothing must be in \[0, 1\), got 1.0"),
    ],
)
def test_wrong_losses(targets, options, message):
    with pytest.raises(ValueError, match=message):
        cross_entropy(torch.zeros(B, N, V), torch.tensor(targets), **options)
