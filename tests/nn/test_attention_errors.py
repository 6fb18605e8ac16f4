"""Every bad input of MultiHeadAttention and its parts: the error, and what it says."""

import re

import pytest
import torch
from torch import nn, zeros

from attnlab.nn.attention import MultiHeadAttention

B, H, N, D = 3, 2, 5, 22


@pytest.mark.parametrize(
    ("arguments", "error", "message"),
    [
        ((22, 5), ValueError, "got d_model = 22 and n_heads = 5"),
        ((22, 5, {"d_k": 3}), ValueError, "n_heads must divide d_model unless d_k and d_v are"),
        ((0, 1), ValueError, "d_model must be at least 1, got 0"),
        ((22, 0), ValueError, "n_heads must be at least 1, got 0"),
        ((22, 2.0), TypeError, "n_heads must be an integer, got float"),
        ((22, 2, {"d_k": 0}), ValueError, "d_k must be at least 1, got 0"),
        ((22, 2, {"d_v": -3}), ValueError, "d_v must be at least 1, got -3"),
        ((22, 2, {"dropout": 1.0}), ValueError, "dropout must be at least 0 and below 1, got 1.0"),
        ((22, 2, {"dropout": -0.1}), ValueError, "at least 0 and below 1, got -0.1"),
    ],
)
def test_bad_sizes(arguments, error, message):
    sizes, options = arguments[:2], arguments[2] if len(arguments) > 2 else {}
    with pytest.raises(error, match=re.escape(message)):
        MultiHeadAttention(*sizes, **options)


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (lambda f, x: f(x[0]), ValueError, "query must have shape (B, n, 22), got (5, 22)"),
        (
            lambda f, x: f(x[..., 1:]),
            ValueError,
            "query must have shape (B, n, 22), got (3, 5, 21)",
        ),
        (
            lambda f, x: f(x, zeros(3, 7, 4)),
            ValueError,
            "key must have shape (B, n, 22), got (3, 7, 4)",
        ),
        (
            lambda f, x: f(x, zeros(2, 7, 22)),
            ValueError,
            "key must have the B of query, 3, got 2",
        ),
        (
            lambda f, x: f(x, zeros(3, 7, 22), x),
            ValueError,
            "shape of key, got (3, 5, 22) and (3, 7, 22)",
        ),
        (
            lambda f, x: f(x, zeros(3, 0, 22)),
            ValueError,
            "at least one key, got k of shape (3, 2, 0, 11)",
        ),
        (
            lambda f, x: f(x.double()),
            TypeError,
            "dtype of the weights, torch.float32, got torch.float64",
        ),
        (lambda f, x: f(x.to("meta")), ValueError, "device of the weights, cpu, got meta"),
        (lambda f, x: f(x, mask=zeros(5, 5)), TypeError, "mask must be boolean"),
        (
            lambda f, x: f(x, mask=zeros(5, 7).bool()),
            ValueError,
            "mask of shape (5, 7) does not broadcast to scores of shape (3, 2, 5, 5)",
        ),
        (lambda f, x: f(x, mask=zeros(2, 5, 5).bool()), ValueError, "does not broadcast"),
        (
            lambda f, x: f(x, bias=zeros(3, 5, 5)),
            ValueError,
            "bias of shape (3, 5, 5) does not broadcast to scores of shape (3, 2, 5, 5)",
        ),
        (lambda f, x: f(x, bias=zeros(5, 5).double()), TypeError, "expected one dtype"),
        (lambda f, x: f(x, zeros(3, 7, 22), causal=True), ValueError, "got n = 5 and m = 7"),
        (
            lambda f, x: f(x, head_mask=zeros(3)),
            ValueError,
            "head_mask must have shape (2,), got (3,)",
        ),
    ],
)
def test_bad_calls(call, error, message):
    with pytest.raises(error, match=re.escape(message)):
        call(MultiHeadAttention(D, H), torch.zeros(B, N, D))


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (
            lambda f, x: f(x[..., 1:], x),
            ValueError,
            "query must have shape (B, n, 22), got (3, 5, 21)",
        ),
        (
            lambda f, x: f(x, x[..., 1:], x[..., :-1]),
            ValueError,
            "key must have shape (B, n, 22), got (3, 5, 21)",
        ),
        (
            lambda f, x: f(x, x + 1, x.double()),
            TypeError,
            "value must have the dtype of the weights, torch.float32, got torch.float64",
        ),
        (
            lambda f, x: f(x, x + 1, at=torch.arange(5)),
            ValueError,
            "cache and at are for self-attention: expected no key, got one",
        ),
    ],
)
def test_what_is_wrong_is_called_by_its_name(call, error, message):
    with pytest.raises(error) as raised:
        call(MultiHeadAttention(D, H), torch.zeros(B, N, D))
    assert str(raised.value) == message


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"kdim": 4}, "kdim=4"),
        ({"add_bias_kv": True}, "add_bias_kv=True"),
        ({"add_zero_attn": True}, "add_zero_attn=True"),
    ],
)
def test_from_torch_rejects_what_it_cannot_say(options, message):
    with pytest.raises(ValueError, match=message):
        MultiHeadAttention.from_torch(nn.MultiheadAttention(D, H, **options))
    with pytest.raises(TypeError, match=r"expected nn\.MultiheadAttention, got Linear"):
        MultiHeadAttention.from_torch(nn.Linear(1, 1))
