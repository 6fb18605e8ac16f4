"""What is masked never matters to MultiHeadAttention: outputs, weights, gradients, decoding."""

import math

import pytest
import torch

from attnlab.nn.attention import MultiHeadAttention
from attnlab.nn.cache import KeyValueCache

B, H, D = 3, 2, 8
LENGTHS = [5, 40]  # the plain product, and the fused kernel
KERNELS = ["auto", "plain", "fused"]
WILD = [math.nan, math.inf, -math.inf, 3e38, -1e30]


def layer(kernel="auto", **options):
    made = MultiHeadAttention(D, H, kernel=kernel, **options)
    torch.nn.init.normal_(made.project_in.bias)
    return made


def run(ours, inputs, real, options):
    """Outputs, and the gradients of a loss over the real ones by all inputs and parameters."""
    leaves = [x.clone().requires_grad_() for x in inputs]
    result = ours(*leaves, **options)
    context, weights = result if isinstance(result, tuple) else (result, None)
    loss = (context * torch.linspace(-1, 1, context.numel()).view(context.shape))[real].sum()
    gradients = torch.autograd.grad(loss, [*leaves, *ours.parameters()])
    return context.detach(), weights, gradients


def assert_alike(got, want, real):
    torch.testing.assert_close(got[0][real], want[0][real])
    for mine, other in zip(got[2], want[2], strict=True):
        torch.testing.assert_close(mine, other)
    if want[1] is not None:
        rows = real[:, None].expand(got[1].shape[:3])
        torch.testing.assert_close(got[1][rows], want[1][rows])


@pytest.mark.parametrize("n", LENGTHS)
@pytest.mark.parametrize("kernel", KERNELS)
@pytest.mark.parametrize("wild", WILD)
@pytest.mark.parametrize("return_weights", [False, True])
@pytest.mark.parametrize("by", ["mask", "bias"])
def test_padding_of_self_attention(n, kernel, wild, return_weights, by):
    ours, x = layer(kernel), torch.randn(B, n, D)
    real = torch.arange(n) < torch.tensor([n, n - 2, 1])[:, None]
    options = {"return_weights": return_weights}
    if by == "mask":
        options["mask"] = real[:, None]
    else:
        options["bias"] = torch.zeros(B, 1, 1, n).masked_fill(~real[:, None, None], -torch.inf)
    want = run(ours, [x.masked_fill(~real[..., None], 0)], real, options)
    noisy = x.masked_fill(~real[..., None], 0)
    noisy[..., 3][~real] = wild
    got = run(ours, [noisy], real, options)
    assert_alike(got, want, real)
    assert (got[2][0][~real] == 0).all()
    if not abs(wild) < 1e38:  # these outputs are padding's own
        assert got[0][~real].isnan().all()


@pytest.mark.parametrize("n", LENGTHS)
@pytest.mark.parametrize("kernel", KERNELS)
@pytest.mark.parametrize("wild", WILD)
@pytest.mark.parametrize("return_weights", [False, True])
def test_the_future_of_a_causal_layer(n, kernel, wild, return_weights):
    ours, x = layer(kernel), torch.randn(B, n, D)
    real = torch.ones(B, n, dtype=torch.bool)
    real[1, n - 2 :] = False
    options = {"causal": True, "return_weights": return_weights}
    want = run(ours, [x], real, options)
    x[1, n - 2, 0] = wild
    got = run(ours, [x], real, options)
    assert_alike(got, want, real)
    assert got[0][~real].isnan().all()  # this token is seen by itself and the one behind it


@pytest.mark.parametrize("n", LENGTHS)
@pytest.mark.parametrize("kernel", KERNELS)
@pytest.mark.parametrize("wild", WILD)
@pytest.mark.parametrize("own_value", [False, True])
def test_padding_of_cross_attention(n, kernel, wild, own_value):
    ours, m = layer(kernel), 17
    inputs = [torch.randn(B, n, D), *(torch.randn(B, m, D) for _ in range(1 + own_value))]
    mask = torch.ones(B, n, m, dtype=torch.bool)
    mask[1, :, 7] = mask[2, 0, 7] = False
    real = ~mask[..., 7]
    real[0] = False
    want = run(ours, inputs, real, {"mask": mask})
    for memory in inputs[1:]:
        memory[1:, 7, 1] = wild
    got = run(ours, inputs, real, {"mask": mask})
    assert_alike(got, want, real)
    assert got[0][0].isfinite().all()
    assert got[0][2, 1:].isnan().all()  # those who see it


@pytest.mark.parametrize("kernel", KERNELS)
@pytest.mark.parametrize("wild", WILD)
def test_training_with_dropout(kernel, wild):
    ours, x = layer(kernel, dropout=0.5), torch.randn(B, 40, D)
    mask = torch.arange(40) < torch.tensor([40, 9, 1])[:, None, None]
    x[1, 9:, 2] = wild
    context = ours(x, mask=mask)
    context[mask[:, 0]].square().sum().backward()
    assert context[mask[:, 0]].isfinite().all()
    assert all(p.grad.isfinite().all() for p in ours.parameters())


@pytest.mark.parametrize("kernel", KERNELS)
@pytest.mark.parametrize("wild", WILD)
def test_decoding_with_a_hidden_token(kernel, wild):
    """A token of padding before the real ones, as a batch of prompts has them."""
    ours, x = layer(kernel), torch.randn(B, 6, D)
    mask = torch.ones(B, 1, 6, dtype=torch.bool)
    mask[1, 0, :2] = False
    want = ours(x, causal=True, mask=mask)
    x[1, :2, 5] = wild
    cache = KeyValueCache(batch=B, n_heads=H, max_len=6, d_k=4, d_v=4, like=x)
    steps = [
        ours(x[:, t : t + 1], causal=True, cache=cache, mask=mask[..., : t + 1]) for t in range(6)
    ]
    got = torch.cat(steps, 1)
    torch.testing.assert_close(got[[0, 2]], want[[0, 2]])
    torch.testing.assert_close(got[1, 2:], want[1, 2:])
    unmasked = ours(torch.randn(B, 1, D), cache=KeyValueCache(
        batch=B, n_heads=H, max_len=1, d_k=4, d_v=4, like=x))  # fmt: skip
    assert unmasked.isfinite().all()
    cache = KeyValueCache(batch=B, n_heads=H, max_len=6, d_k=4, d_v=4, like=x)
    ours(x[:, :1], cache=cache)
    assert ours(x[:, 4:5], cache=cache)[1].isnan().all()  # it sees what came before


@pytest.mark.parametrize("n", LENGTHS)
def test_a_head_that_is_switched_off_does_not_matter(n):
    ours, x = layer(), torch.randn(B, n, D)
    q, (k, v) = ours.project_query(x), ours.project_memory(x)  # (B, h, n, 4)
    off = torch.tensor([1.0, 0.0])
    want, _ = ours.attend(q, k, v, head_mask=off)
    broken = torch.zeros_like(k)
    broken[:, 1, 2] = math.nan
    for q_, k_, v_ in ((q + broken, k, v), (q, k + broken, v), (q, k, v + broken)):
        torch.testing.assert_close(ours.attend(q_, k_, v_, head_mask=off)[0], want)
        assert ours.attend(q_, k_, v_)[0][:, 2].isnan().all()
    assert ours.attend(q, k, v + math.nan, head_mask=off)[0].isnan().all()


def test_a_token_that_is_not_finite_is_never_silently_finite():
    ours, x = layer(), torch.randn(B, 5, D)
    for wild in (math.nan, math.inf, -math.inf):
        for at in range(D):
            noisy = x.clone()
            noisy[0, 3, at] = wild
            context, weights = ours(noisy, return_weights=True)
            assert context[0].isnan().all() and weights[0].isnan().all()
            torch.testing.assert_close(context[1:], ours(x)[1:])


def test_nothing_branches_on_what_tensors_hold():
    """On a device without values a branch on them is an error."""
    for n in LENGTHS:
        ours, x = layer().to("meta"), torch.zeros(B, n, D, device="meta")
        mask, bias = torch.ones(B, n, n, device="meta").bool(), torch.zeros(n, n, device="meta")
        for options in ({}, {"mask": mask}, {"bias": bias}, {"mask": mask, "causal": True}):
            for return_weights in (False, True):
                result = ours(x, return_weights=return_weights, **options)
                assert (result[0] if return_weights else result).shape == (B, n, D)
