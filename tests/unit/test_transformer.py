"""Stacks and the whole Transformer beside torch.nn's, padding, causality, and bad input."""

import itertools

import pytest
import torch
from torch import nn

from attnlab.masks import causal_mask, padding_mask
from attnlab.stacks import Decoder, Encoder
from attnlab.transformer import Transformer

B, L, H, N, M, D, D_FF, V = 3, 2, 2, 5, 7, 22, 13, 17
SIZES = {"d_model": D, "n_heads": H, "n_layers": L, "d_ff": D_FF}
CASES = list(itertools.product(["pre", "post"], [True, False], [False, True], [False, True]))
SCHEMES = ["sinusoidal", "learned", "alibi", "none"]  # and "rotary", which needs an even d_k


@pytest.fixture(autouse=True)
def _seed():
    torch.manual_seed(0)


def assert_same(ours, theirs, tolerance):
    torch.testing.assert_close(ours, theirs, atol=tolerance, rtol=tolerance)


def tokens(*shape):
    return torch.randint(V, shape)


def model_of(positions="sinusoidal", **options):
    d_model = 4 * H if positions == "rotary" else D
    sizes = SIZES | {"d_model": d_model, "dropout": 0.0, "positions": positions} | options
    return Transformer(V, V, **sizes)


# Two layers of torch.nn in float32 are themselves 1e-6 away from what they are in float64.
@pytest.mark.parametrize(
    ("dtype", "tolerance", "n_layers"), [(torch.float32, 1e-6, 1), (torch.float64, 1e-12, 2)]
)
@pytest.mark.parametrize(("norm", "bias", "padding", "causal"), CASES)
@pytest.mark.filterwarnings("ignore:enable_nested_tensor")  # torch.nn says so of every "pre" stack
def test_stacks_equal_torch(dtype, tolerance, n_layers, norm, bias, padding, causal):
    theirs = nn.Transformer(
        D, H, n_layers, n_layers, D_FF, dropout=0.0, batch_first=True, norm_first=norm == "pre", bias=bias,
        dtype=dtype, layer_norm_eps=1e-4,
    )  # fmt: skip
    with torch.no_grad():  # so that it shows when a bias or a norm is forgotten
        for parameter in theirs.parameters():
            if parameter.ndim == 1:
                parameter += 0.1 * torch.randn_like(parameter)
    ours = Transformer.from_torch(theirs, V, V, positions="none")
    src = torch.randn(B, M, D, dtype=dtype, requires_grad=True)
    tgt = torch.randn(B, N, D, dtype=dtype, requires_grad=True)
    src_mask = padding_mask(torch.tensor([3, M, 1]), M) if padding else None
    tgt_mask = padding_mask(torch.tensor([N, 2, N - 1]), N) if padding else None
    expected = theirs(
        src, tgt,
        tgt_mask=~torch.tensor(causal_mask(N)) if causal else None,
        src_key_padding_mask=~src_mask[:, 0] if padding else None,
        memory_key_padding_mask=~src_mask[:, 0] if padding else None,
        tgt_key_padding_mask=~tgt_mask[:, 0] if padding else None,
    )  # fmt: skip
    got = ours.decoder(
        tgt, ours.encoder(src, mask=src_mask), mask=tgt_mask, memory_mask=src_mask, causal=causal
    )
    assert_same(got, expected, tolerance)
    factors = torch.linspace(-1, 1, got.numel(), dtype=dtype).view(got.shape) / (B * N)
    got_gradients = torch.autograd.grad((got * factors).sum(), [src, tgt])
    for mine, other in zip(
        got_gradients, torch.autograd.grad((expected * factors).sum(), [src, tgt]), strict=True
    ):
        assert_same(mine, other, tolerance)
