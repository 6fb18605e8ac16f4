"""What is masked never matters to the heads, whatever it holds, and whichever kernel computes."""

import math

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from attnlab.nn.kernels import heads_attention

B, H, D_K, D_V = 3, 2, 4, 4  # of one width, or torch's fused kernel does not take them
DTYPES = [torch.float16, torch.bfloat16, torch.float32, torch.float64]
KERNELS = ["plain", "fused", "auto"]
WILD = [math.nan, math.inf, -math.inf, "largest", "lowest"]


def number(wild, dtype):
    limits = torch.finfo(dtype)
    return {"largest": limits.max, "lowest": limits.min}.get(wild, wild)


def heads(n, m, dtype):
    sizes = (n, D_K), (m, D_K), (m, D_V)
    return [torch.randn(B, H, *size).to(dtype) for size in sizes]


def hidden(how, n, m):
    """The same prohibitions as options of the call, and as a mask `(B, h, n, m)`."""
    past = torch.ones(n, m).tril(m - n).bool()
    seen = {
        "causal": past,
        "padding": torch.arange(m) < torch.tensor([m, (m + 1) // 2, 1])[:, None, None, None],
        "mask": torch.rand(B, H, n, m) < 0.7,
        "nothing": torch.rand(B, H, n, 1) < 0.5,
        "bias": torch.rand(H, n, m) < 0.7,
        "mask and bias": torch.rand(B, 1, n, m) < 0.7,
        "mask and causal": torch.rand(B, H, n, m) < 0.7,
    }[how]
    if how == "causal":
        options = {"causal": True}
    elif how == "bias":
        options = {"bias": torch.randn(H, n, m).masked_fill(~seen, -torch.inf)}
    elif how == "mask and bias":
        closed = torch.rand(H, 1, m) < 0.3
        options = {"mask": seen, "bias": torch.zeros(H, 1, m).masked_fill(closed, -torch.inf)}
        seen = seen & ~closed
    elif how == "mask and causal":
        options, seen = {"mask": seen, "causal": True}, seen & past
    else:
        options = {"mask": seen}
    return options, seen.expand(B, H, n, m)


def run(q, k, v, rows, options):
    """Context, weights, and the gradients of a loss that looks at the given rows `(B, h, n)`."""
    leaves = [x.clone().requires_grad_() for x in (q, k, v)]
    context, weights = heads_attention(*leaves, **options)
    factors = torch.linspace(-1, 1, context.numel()).view(context.shape).to(context)
    loss = (context * factors)[rows].sum()
    gradients = torch.autograd.grad(loss, leaves)
    return context.detach(), None if weights is None else weights.detach(), gradients


HOW = ["causal", "padding", "mask", "nothing", "bias", "mask and bias", "mask and causal"]


@given(
    how=st.sampled_from(HOW),
    kernel=st.sampled_from(KERNELS),
    wild=st.sampled_from(WILD),
    where=st.sampled_from(["k", "v", "both"]),
    dtype=st.sampled_from(DTYPES),
    n=st.integers(1, 40),
    more=st.integers(0, 5),
    return_weights=st.booleans(),
    seed=st.integers(0, 99),
)
def test_hidden_keys_and_values_change_nothing(
    *, how, kernel, wild, where, dtype, n, more, return_weights, seed
):
    torch.manual_seed(seed)
    m = n + more if "causal" in how else max(1, n - more)
    q, k, v = heads(n, m, dtype)
    options, seen = hidden(how, n, m)
    options = {name: x.to(dtype) if name == "bias" else x for name, x in options.items()} | {
        "kernel": kernel,
        "return_weights": return_weights,
    }
    j = m - 1
    blind = ~seen[..., j]  # (B, h, n)
    want = run(q, k, v, blind, options)
    wild_k, wild_v = k.clone(), v.clone()
    if where != "v":
        wild_k[:, :, j, 1] = number(wild, dtype)
    if where != "k":
        wild_v[:, :, j, 1] = number(wild, dtype)
    got = run(q, wild_k, wild_v, blind, options)

    torch.testing.assert_close(got[0][blind], want[0][blind], rtol=1e-3, atol=1e-5)
    for mine, other in zip(got[2], want[2], strict=True):
        torch.testing.assert_close(mine, other, rtol=1e-3, atol=1e-5)
    assert (got[2][1][:, :, j] == 0).all() and (got[2][2][:, :, j] == 0).all()
    if return_weights:
        torch.testing.assert_close(got[1][blind], want[1][blind], rtol=1e-3, atol=1e-5)
    if dtype != torch.float16 or wild not in ("largest", "lowest"):  # 65504 is nothing to float32
        assert got[0][~blind].isnan().all()  # never silently finite
        if return_weights and where != "v":
            assert got[1][~blind].isnan().all()
        elif return_weights:
            torch.testing.assert_close(got[1], want[1], rtol=1e-3, atol=1e-5)


@given(
    kernel=st.sampled_from(KERNELS),
    wild=st.sampled_from(WILD),
    dtype=st.sampled_from(DTYPES[1:]),
    n=st.integers(2, 40),
    causal=st.booleans(),
)
def test_a_query_that_is_not_finite_harms_itself_alone(kernel, wild, dtype, n, causal):
    q, k, v = heads(n, n, dtype)
    options = {"causal": causal, "kernel": kernel}
    others = torch.ones(B, H, n, dtype=torch.bool)
    others[1, 0, 1] = False
    want = run(q, k, v, others, options)
    q[1, 0, 1, 2] = number(wild, dtype)
    got = run(q, k, v, others, options)
    assert got[0][~others].isnan().all()
    torch.testing.assert_close(got[0][others], want[0][others], rtol=1e-3, atol=1e-5)
    for mine, other in zip(got[2], want[2], strict=True):
        torch.testing.assert_close(mine, other, rtol=1e-3, atol=1e-5)
    assert (got[2][0][1, 0, 1] == 0).all()


@pytest.mark.parametrize("kernel", KERNELS)
@pytest.mark.parametrize("n", [3, 5, 30, 40])
@pytest.mark.parametrize("return_weights", [True, False])
@pytest.mark.parametrize("wild", [0.0, math.nan, math.inf])
@pytest.mark.parametrize("how", ["mask", "bias", "both"])
def test_a_query_without_keys_gets_0_whatever_there_is(kernel, n, return_weights, wild, how):
    q, k, v = heads(n, n, torch.float32)
    q[0, 0, 1] = v[0, 0, 2, 0] = k[1, 0, 0, 0] = wild
    closed = torch.zeros(n, n)
    closed[1] = -torch.inf
    half = closed.clone()
    half[1, : n // 2] = 0.5
    options = {
        "mask": {"mask": closed == 0},
        "bias": {"bias": closed},
        "both": {"bias": half, "mask": half.flip(1) != 0.5 if n % 2 == 0 else closed == 0},
    }[how]
    if how == "both" and n % 2 == 0:  # what the bias leaves open, the mask closes
        options["mask"] = torch.ones(n, n).bool()
        options["mask"][1, : n // 2] = False
    leaves = [x.requires_grad_() for x in (q, k, v)]
    context, weights = heads_attention(
        *leaves, **options, kernel=kernel, return_weights=return_weights
    )
    assert (context[:, :, 1] == 0).all()
    assert weights is None or (weights[:, :, 1] == 0).all()
    for gradient in torch.autograd.grad(context[:, :, 1].sum(), leaves):
        assert (gradient == 0).all()


@pytest.mark.parametrize("kernel", KERNELS)
@pytest.mark.parametrize("n", [5, 40])
@pytest.mark.parametrize("wild", [math.nan, math.inf])
def test_a_bias_that_is_not_finite_matters_where_it_is_seen(kernel, n, wild):
    q, k, v = heads(n, n, torch.float32)
    mask = torch.ones(n, n).tril().bool()
    bias = torch.zeros(n, n).masked_fill(~mask, wild)
    want, _ = heads_attention(q, k, v, causal=True, kernel=kernel)
    for options in ({"mask": mask}, {"causal": True}):
        got, _ = heads_attention(q, k, v, bias=bias, **options, kernel=kernel)
        torch.testing.assert_close(got, want)
    bias[2, 1] = wild
    got, _ = heads_attention(q, k, v, bias=bias, causal=True, kernel=kernel)
    assert got[:, :, 2].isnan().all()
    rest = torch.arange(n) != 2
    torch.testing.assert_close(got[:, :, rest], want[:, :, rest])


@pytest.mark.parametrize("kernel", KERNELS)
@pytest.mark.parametrize("n", [5, 40])
def test_large_numbers_within_the_range_are_computed_with(kernel, n):
    q, k, v = heads(n, n, torch.float64)
    k[:, :, 1] *= 1e150
    v[:, :, 2] *= 1e300
    context, _ = heads_attention(q, k, v, kernel=kernel)
    scores = (q @ k.mT / D_K**0.5).clamp(-1e200, 1e200)
    torch.testing.assert_close(context, scores.softmax(-1) @ v)


def test_zeros_of_dropped_weights_do_not_hide_nan():
    q, k, v = heads(30, 30, torch.float32)
    v[0, 0, 3] = math.nan
    context, _ = heads_attention(q, k, v, dropout=0.9)
    assert context[0, 0].isnan().all() and context[1:].isfinite().all()
