"""The layers beside torch.nn's, in outputs, weights and gradients, and against bad input."""

import itertools

import pytest
import torch
from torch import nn

from attnlab.layers import DecoderLayer, EncoderLayer, FeedForward
from attnlab.masks import causal_mask, padding_mask

B, H, N, M, D, D_FF = 3, 2, 5, 7, 22, 13
DTYPES = [(torch.float32, 1e-6), (torch.float64, 1e-12)]
CASES = list(itertools.product(["pre", "post"], [True, False], [False, True], [False, True]))


@pytest.fixture(autouse=True)
def _seed():
    torch.manual_seed(0)


def randomize(module):
    """Give every bias and norm a value that shows when it is forgotten."""
    for parameter in module.parameters():
        if parameter.ndim == 1:
            nn.init.normal_(parameter, mean=1.0, std=0.3)
    return module


def assert_same(ours, theirs, tolerance):
    torch.testing.assert_close(ours, theirs, atol=tolerance, rtol=tolerance)


def assert_same_gradients(ours, theirs, outputs, inputs, tolerance):
    """Of a loss, averaged over the tokens, that weighs every output differently."""
    for output, module in zip(outputs, (ours, theirs), strict=True):
        module.zero_grad()
        factors = torch.linspace(-1, 1, output.numel()).view(output.shape).to(output)
        (output * factors).sum().div(output[..., 0].numel()).backward()
        if module is ours:
            input_gradients = [x.grad for x in inputs]
            for x in inputs:
                x.grad = None
    for x, mine in zip(inputs, input_gradients, strict=True):
        assert_same(mine, x.grad, tolerance)
    # Their gradients by our names: load them as if they were weights.
    with torch.no_grad():
        for parameter in theirs.parameters():
            parameter.copy_(parameter.grad)
    expected = dict(type(ours).from_torch(theirs).named_parameters())
    for name, parameter in ours.named_parameters():
        assert_same(parameter.grad, expected[name], tolerance)


def inverted(mask):
    """torch.nn's convention: True = masked out; (B, m)."""
    return None if mask is None else ~mask[:, 0]


@pytest.mark.parametrize(("dtype", "tolerance"), DTYPES)
@pytest.mark.parametrize(("norm", "bias", "padding", "causal"), CASES)
def test_encoder_layer_equals_torch(dtype, tolerance, norm, bias, padding, causal):
    theirs = randomize(
        nn.TransformerEncoderLayer(
            D, H, D_FF, batch_first=True, norm_first=norm == "pre", bias=bias, dtype=dtype,
            dropout=0.0, layer_norm_eps=1e-4,
        )
    )  # fmt: skip
    ours = EncoderLayer.from_torch(theirs)
    x = torch.randn(B, N, D, dtype=dtype, requires_grad=True)
    mask = padding_mask(torch.tensor([N, 2, N - 1]), N) if padding else None
    expected = theirs(
        x,
        src_key_padding_mask=inverted(mask),
        src_mask=~torch.tensor(causal_mask(N)) if causal else None,
    )
    got = ours(x, mask=mask, causal=causal)
    assert_same(got, expected, tolerance)
    with_weights, weights = ours(x, mask=mask, causal=causal, return_weights=True)
    assert_same(with_weights, expected, tolerance)
    assert weights.self_attention.shape == (B, H, N, N)
    assert weights.cross_attention is None
    assert_same_gradients(ours, theirs, [got, expected], [x], tolerance)


@pytest.mark.parametrize(("dtype", "tolerance"), DTYPES)
@pytest.mark.parametrize(("norm", "bias", "padding", "causal"), CASES)
def test_decoder_layer_equals_torch(dtype, tolerance, norm, bias, padding, causal):
    theirs = randomize(
        nn.TransformerDecoderLayer(
            D, H, D_FF, batch_first=True, norm_first=norm == "pre", bias=bias, dtype=dtype,
            dropout=0.0, layer_norm_eps=1e-4,
        )
    )  # fmt: skip
    ours = DecoderLayer.from_torch(theirs)
    x = torch.randn(B, N, D, dtype=dtype, requires_grad=True)
    memory = torch.randn(B, M, D, dtype=dtype, requires_grad=True)
    mask = padding_mask(torch.tensor([N, 2, N - 1]), N) if padding else None
    memory_mask = padding_mask(torch.tensor([3, M, 1]), M) if padding else None
    expected = theirs(
        x,
        memory,
        tgt_mask=~torch.tensor(causal_mask(N)) if causal else None,
        tgt_key_padding_mask=inverted(mask),
        memory_key_padding_mask=inverted(memory_mask),
    )
    options = {"mask": mask, "memory_mask": memory_mask, "causal": causal}
    got = ours(x, memory, **options)
    assert_same(got, expected, tolerance)
    with_weights, weights = ours(x, memory, return_weights=True, **options)
    assert_same(with_weights, expected, tolerance)
    assert weights.self_attention.shape == (B, H, N, N)
    assert weights.cross_attention.shape == (B, H, N, M)
    assert_same_gradients(ours, theirs, [got, expected], [x, memory], tolerance)
