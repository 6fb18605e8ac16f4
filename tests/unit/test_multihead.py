"""MultiHeadAttention beside torch.nn, in outputs, weights and gradients, and against bad input."""

import itertools
import re

import pytest
import torch
import torch.nn.functional as F
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import nn

from attnlab.cache import KeyValueCache
from attnlab.kernels import heads_attention
from attnlab.masks import causal_mask, padding_mask, window_mask
from attnlab.multihead import MultiHeadAttention
from attnlab.positions import alibi_bias, rotary

B, H, N, M, D = 3, 2, 5, 7, 22  # d_k = 11: distinct, so that no swapped axis can pass
DTYPES = [(torch.float32, 1e-6), (torch.float64, 1e-12)]
MASKS = list(itertools.product([False, True], [False, True]))  # padding, causal


@pytest.fixture(autouse=True)
def _seed():
    torch.manual_seed(0)


def randn(*shape, dtype=torch.float32):
    return torch.randn(*shape, dtype=dtype, requires_grad=True)


def pair(dtype=torch.float32, *, bias=True, d=D, h=H):
    """Their layer, with biases that are not 0, and ours with the same weights."""
    theirs = nn.MultiheadAttention(d, h, bias=bias, batch_first=True, dtype=dtype)
    if bias:
        nn.init.normal_(theirs.in_proj_bias)
        nn.init.normal_(theirs.out_proj.bias)
    return theirs, MultiHeadAttention.from_torch(theirs)


def gradients(output, inputs, module):
    """Of a loss, averaged over the tokens, that weighs every output differently."""
    factors = torch.linspace(-1, 1, output.numel()).view(output.shape).to(output)
    loss = (output * factors).sum() / output[..., 0].numel()
    return torch.autograd.grad(loss, [*inputs, *module.parameters()])


def assert_close(ours, theirs, tolerance):
    torch.testing.assert_close(ours, theirs, atol=tolerance, rtol=tolerance)


@pytest.mark.parametrize(("dtype", "tolerance"), DTYPES)
@pytest.mark.parametrize("bias", [True, False])
@pytest.mark.parametrize(("padding", "causal"), MASKS)
@pytest.mark.parametrize("n", [N, 41])  # the plain product, and the fused kernel
def test_self_attention_equals_torch(dtype, tolerance, bias, padding, causal, n):
    theirs, ours = pair(dtype, bias=bias)
    x = randn(B, n, D, dtype=dtype)
    mask = padding_mask(torch.tensor([n, 2, n - 1]), n) if padding else None
    expected, expected_weights = theirs(
        x, x, x,
        key_padding_mask=~mask[:, 0] if padding else None,
        attn_mask=~torch.tensor(causal_mask(n)) if causal else None,
        average_attn_weights=False,
    )  # fmt: skip
    got, weights = ours(x, mask=mask, causal=causal, return_weights=True)
    assert_close(weights, expected_weights, tolerance)
    want = gradients(expected, [x], theirs)
    for output in (got, ours(x, mask=mask, causal=causal)):
        assert_close(output, expected, tolerance)
        for mine, other in zip(gradients(output, [x], ours), want, strict=True):
            assert_close(mine, other, tolerance)


@pytest.mark.parametrize(("dtype", "tolerance"), DTYPES)
@pytest.mark.parametrize("padding", [True, False])
@pytest.mark.parametrize("same_value", [True, False])
@pytest.mark.parametrize("n", [N, 131])
def test_cross_attention_equals_torch(dtype, tolerance, padding, same_value, n):
    theirs, ours = pair(dtype)
    query, key = randn(B, n, D, dtype=dtype), randn(B, M, D, dtype=dtype)
    value = key if same_value else randn(B, M, D, dtype=dtype)
    mask = padding_mask(torch.tensor([M, 2, M - 1]), M) if padding else None
    inputs = [query, key] if same_value else [query, key, value]
    ignore = ~mask[:, 0] if padding else None
    expected, expected_weights = theirs(
        query, key, value, key_padding_mask=ignore, average_attn_weights=False
    )
    arguments = (query, key) if same_value else (query, key, value)
    got, weights = ours(*arguments, mask=mask, return_weights=True)
    assert_close(weights, expected_weights, tolerance)
    want = gradients(expected, inputs, theirs)
    for output in (got, ours(*arguments, mask=mask)):
        assert_close(output, expected, tolerance)
        for mine, other in zip(gradients(output, inputs, ours), want, strict=True):
            assert_close(mine, other, tolerance)
