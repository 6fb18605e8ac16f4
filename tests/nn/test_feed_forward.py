"""The feed-forward network, by hand and against bad input."""

import re

import pytest
import torch

from attnlab.nn.feed_forward import FeedForward

B, H, N, M, D, D_FF = 3, 2, 5, 7, 22, 13


@pytest.fixture(autouse=True)
def _seed():
    torch.manual_seed(0)


def test_feed_forward_by_hand():
    layer = FeedForward(2, 3)
    with torch.no_grad():
        layer.expand.weight.copy_(torch.tensor([[1.0, 0], [0, 1], [-1, 0]]))
        layer.contract.weight.copy_(torch.tensor([[1.0, 2, 3], [0, 1, 0]]))
    assert layer(torch.tensor([[[2.0, -1]], [[-2, 5]]])).tolist() == [[[2, 0]], [[16, 5]]]


@pytest.mark.parametrize(
    ("make", "error", "message"),
    [
        (lambda: FeedForward(D, 1.5), TypeError, "d_ff must be an integer, got float"),
        (
            lambda: FeedForward(D, D_FF, dropout=2),
            ValueError,
            "dropout must be at least 0 and below 1, got 2",
        ),
    ],
)
def test_bad_feed_forward(make, error, message):
    with pytest.raises(error, match=re.escape(message)):
        make()


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"dropout": "x"}, "dropout must be a number, got str"),
        ({"dropout": None}, "dropout must be a number, got None"),
        ({"dropout": True}, "dropout must be a number, got bool"),
        ({"bias": 1}, "bias must be True or False, got int"),
    ],
)
def test_bad_options(options, message):
    with pytest.raises(TypeError, match=message):
        FeedForward(D, D_FF, **options)


@pytest.mark.parametrize(
    ("x", "error", "message"),
    [
        ([[[0.0] * D]], TypeError, "x must be a torch tensor, got list"),
        (None, TypeError, "x must be a torch tensor, got None"),
        (torch.zeros(B, N, D).double(), TypeError, "x must have the dtype of the weights"),
        (torch.zeros(B, N, D).to_sparse(), TypeError, "x must be dense"),
        (torch.zeros(B, N, D + 1), ValueError, "x must have shape (..., 22), got (3, 5, 23)"),
        (torch.zeros(B, N, D, device="meta"), ValueError, "x must be on the device of the weights"),
    ],
)
def test_bad_calls(x, error, message):
    with pytest.raises(error, match=re.escape(message)):
        FeedForward(D, D_FF)(x)
