"""The two kernels side by side, the derivatives they have, and what the heads refuse."""

import re

import numpy as np
import pytest
import torch
from torch.func import hessian, jacfwd, jacrev, jvp

from attnlab.functional.attention import attention
from attnlab.nn.attention import MultiHeadAttention
from attnlab.nn.kernels import NO_DERIVATIVE, SHORT, heads_attention

B, H, N, D = 3, 2, 5, 4
LENGTHS = [5, 24, 25, 40]
KERNELS = ["auto", "plain", "fused"]


def heads(n, m=None, dtype=torch.float64):
    return [torch.randn(B, H, length, D, dtype=dtype) for length in (n, m or n, m or n)]


def options_of(name, n, m):
    mask = torch.rand(B, 1, n, m) < 0.7
    mask[0, 0, 1] = False
    return {
        "nothing": {},
        "causal": {"causal": True},
        "mask": {"mask": mask},
        "bias": {"bias": torch.randn(H, n, m, dtype=torch.float64).requires_grad_()},
        "all": {
            "mask": mask[:, 0],
            "bias": torch.randn(m, dtype=torch.float64).requires_grad_(),
            "causal": True,
        },
    }[name]


@pytest.mark.parametrize("n", LENGTHS)
@pytest.mark.parametrize("name", ["nothing", "causal", "mask", "bias", "all"])
@pytest.mark.parametrize("more", [0, 3])
def test_values_and_first_derivatives_agree(n, name, more):
    q, k, v = (x.requires_grad_() for x in heads(n, n + more))
    options = options_of(name, n, n + more)
    leaves = [q, k, v, *([options["bias"]] if "bias" in options else [])]
    found = []
    for kernel in KERNELS:
        for return_weights in (False, True):
            context, weights = heads_attention(
                q, k, v, **options, kernel=kernel, return_weights=return_weights
            )
            assert (weights is not None) == return_weights
            loss = (context * torch.linspace(-1, 1, context.numel()).view(context.shape)).sum()
            found.append([context, *torch.autograd.grad(loss, leaves)])
    for other in found[1:]:
        for mine, theirs in zip(found[0], other, strict=True):
            torch.testing.assert_close(mine, theirs, atol=1e-12, rtol=1e-12)


def test_the_lengths_take_both_kernels():
    assert 24 * 24 <= SHORT < 25 * 25


@pytest.mark.parametrize("kernel", KERNELS)
@pytest.mark.parametrize("return_weights", [True, False])
@pytest.mark.parametrize("dtype", [torch.float16, torch.bfloat16])
def test_scores_may_leave_half_precision(kernel, return_weights, dtype):
    q = k = torch.full((1, 1, 2, 4), 300.0, dtype=dtype)  # scores of 180,000
    v = torch.tensor([[1.0, 3.0], [3.0, 5.0]], dtype=dtype)[None, None].repeat(1, 1, 1, 2)
    context, weights = heads_attention(q, k, v, kernel=kernel, return_weights=return_weights)
    assert context[0, 0].tolist() == [[2, 4, 2, 4]] * 2
    assert weights is None or (weights == 0.5).all()
    assert context.dtype == dtype and (weights is None or weights.dtype == dtype)


@pytest.mark.parametrize("kernel", KERNELS)
def test_heads_are_the_attention_of_the_core(kernel):
    q, k, v = heads(7, 9)
    mask = torch.rand(B, H, 7, 9) < 0.5
    expected, weights = attention(q, k, v, mask=mask)
    got, got_weights = heads_attention(q, k, v, mask=mask, kernel=kernel, return_weights=True)
    torch.testing.assert_close(got, expected)
    torch.testing.assert_close(got_weights, weights)
    torch.testing.assert_close(heads_attention(q, k, v, mask=mask, kernel=kernel)[0], expected)


@pytest.mark.parametrize("n", [24, 25])
@pytest.mark.parametrize("options", [{}, {"causal": True}])
def test_second_derivatives(n, options):
    x = torch.randn(1, n, 4, dtype=torch.float64, requires_grad=True)

    def check(kernel):
        layer = MultiHeadAttention(4, 2, kernel=kernel).double()
        return torch.autograd.gradgradcheck(
            lambda x: layer(x, **options), x, fast_mode=True, check_batched_grad=False
        )

    assert check("plain")
    if n == 24:
        assert check("auto")
    for kernel in ["fused"] if n == 24 else ["fused", "auto"]:
        with pytest.raises(NotImplementedError, match="choose kernel='plain'"):
            check(kernel)


def test_a_gradient_that_keeps_its_graph_is_no_second_derivative():
    x = torch.randn(1, 30, 4, requires_grad=True)
    layer = MultiHeadAttention(4, 2)
    (kept,) = torch.autograd.grad(layer(x).sum(), x, create_graph=True)
    (once,) = torch.autograd.grad(layer(x).sum(), x)
    torch.testing.assert_close(kept, once)


def test_a_bias_that_learns_has_all_derivatives_and_a_constant_one_costs_none():
    q, k, v = (x.requires_grad_() for x in heads(26))
    bias = torch.randn(26, 26, dtype=torch.float64)
    with pytest.raises(NotImplementedError, match=re.escape(NO_DERIVATIVE)):
        _gradient_of_gradient(q, k, v, bias)
    assert _gradient_of_gradient(q, k, v, bias.requires_grad_()).isfinite().all()


def _gradient_of_gradient(q, k, v, bias):
    context, _ = heads_attention(q, k, v, bias=bias, kernel="fused")
    (first,) = torch.autograd.grad(context.square().sum(), q, create_graph=True)
    return torch.autograd.grad(first.square().sum(), q)[0]


@pytest.mark.parametrize("n", [5, 30])
@pytest.mark.parametrize("options", [{}, {"causal": True}, {"mask": True, "bias": True}])
@pytest.mark.filterwarnings("ignore:.torch.jit.script. is deprecated")  # by torch.func.jvp itself
def test_forward_mode(n, options):
    x = torch.randn(1, n, 4, dtype=torch.float64)
    options = dict(options)
    if "mask" in options:
        mask = torch.rand(n, n) < 0.5
        options = {"mask": mask, "bias": torch.randn(n, n, dtype=torch.float64)}
    auto, plain, fused = (MultiHeadAttention(4, 2, kernel=name).double() for name in KERNELS)
    for other in (auto, fused):
        other.load_state_dict(plain.state_dict())
    _, backward = torch.autograd.functional.jvp(lambda x: plain(x, **options), x, x)
    for layer in (plain, auto):
        _, forward = jvp(lambda x, f=layer: f(x, **options), (x,), (x,))
        torch.testing.assert_close(forward, backward)
        with torch.autograd.forward_ad.dual_level():
            dual = layer(torch.autograd.forward_ad.make_dual(x, x), **options)
            torch.testing.assert_close(torch.autograd.forward_ad.unpack_dual(dual)[1], backward)
    for refused in (
        lambda: jvp(lambda x: fused(x, **options), (x,), (x,)),
        lambda: jacfwd(lambda x: fused(x, **options).sum())(x),
    ):
        with pytest.raises(NotImplementedError, match="choose kernel='plain'"):
            refused()


@pytest.mark.filterwarnings("ignore:.torch.jit.script. is deprecated")  # by torch.func.jvp itself
def test_transforms_of_functions_have_all_derivatives():
    layer, x = MultiHeadAttention(4, 2).double(), torch.randn(1, 26, 4, dtype=torch.float64)

    def total(x):
        return layer(x).square().sum()

    torch.testing.assert_close(hessian(total)(x), jacrev(jacrev(total))(x))


HEAD = torch.zeros(B, H, N, D)


@pytest.mark.parametrize(
    ("arguments", "options", "error", "message"),
    [
        ((HEAD, HEAD[:, :, :3], HEAD[:, :, :3]), {"causal": True}, ValueError,
         "a key for every query, got n = 5 and m = 3"),
        ((HEAD, HEAD[:, :, :0], HEAD[:, :, :0]), {}, ValueError,
         "at least one key, got k of shape (3, 2, 0, 4)"),
        ((HEAD, HEAD, HEAD[:, :, :3]), {}, ValueError, "v (3, 2, 3, 4)"),
        ((HEAD, HEAD[..., :3], HEAD), {}, ValueError, "one d_k, got shapes q (3, 2, 5, 4), k (3,"),
        ((HEAD[0], HEAD[0], HEAD[0]), {}, ValueError, "q, k and v must have four axes"),
        ((HEAD, HEAD[:1], HEAD[:1]), {}, ValueError, "k (1, 2, 5, 4)"),
        (([1.0], HEAD, HEAD), {}, TypeError, "q must be a torch tensor, got list"),
        ((HEAD, None, HEAD), {}, TypeError, "k must be a torch tensor, got None"),
        ((HEAD, HEAD, HEAD.numpy()), {}, TypeError, "v must be a torch tensor, got numpy.ndarray"),
        ((HEAD.numpy(), HEAD, HEAD), {}, TypeError, "q must be a torch tensor, got numpy.ndarray"),
        ((HEAD, HEAD.double(), HEAD), {}, TypeError, "k torch.float64"),
        ((HEAD.long(), HEAD.long(), HEAD.long()), {}, TypeError, "q must hold floating-point"),
        ((HEAD, HEAD.to("meta"), HEAD), {}, ValueError, "k meta"),
        ((HEAD, HEAD.to_sparse(), HEAD), {}, TypeError, "k must be dense"),
        ((HEAD, HEAD, HEAD), {"mask": [[True]]}, TypeError, "mask must be a NumPy array or"),
        ((HEAD, HEAD, HEAD), {"mask": torch.ones(5, 5)}, TypeError, "mask must be boolean"),
        ((HEAD, HEAD, HEAD), {"mask": torch.ones(2, 5, 5).bool()}, ValueError,
         "mask of shape (2, 5, 5) does not broadcast to scores of shape (3, 5, 5)"),
        ((HEAD, HEAD, HEAD), {"mask": torch.ones(1, 3, 2, 5, 5).bool()}, ValueError,
         "does not broadcast to scores of shape (3, 2, 5, 5)"),
        ((HEAD, HEAD, HEAD), {"mask": torch.ones(5, 5, device="meta").bool()}, ValueError,
         "mask meta"),
        ((HEAD, HEAD, HEAD), {"bias": 0.0}, TypeError, "bias must be a torch tensor, got float"),
        ((HEAD, HEAD, HEAD), {"bias": np.zeros((5, 5), np.float32)}, TypeError,
         "bias must be a torch tensor, got numpy"),
        ((HEAD, HEAD, HEAD), {"bias": torch.zeros(5, 5).long()}, TypeError, "bias must hold float"),
        ((HEAD, HEAD, HEAD), {"bias": torch.zeros(3, 5, 5)}, ValueError,
         "bias of shape (3, 5, 5) does not broadcast"),
        ((HEAD, HEAD, HEAD), {"causal": 1}, TypeError, "causal must be True or False, got int"),
        ((HEAD, HEAD, HEAD), {"return_weights": None}, TypeError, "return_weights must be True or"),
        ((HEAD, HEAD, HEAD), {"kernel": "flash"}, ValueError,
         "kernel must be one of 'auto', 'plain', 'fused'; got 'flash'"),
        ((HEAD, HEAD, HEAD), {"dropout": 1}, ValueError, "dropout must be at least 0 and below 1"),
        ((HEAD, HEAD, HEAD), {"dropout": "x"}, TypeError, "dropout must be a number, got str"),
    ],
)  # fmt: skip
def test_bad_heads(arguments, options, error, message):
    with pytest.raises(error, match=re.escape(message)):
        heads_attention(*arguments, **options)
