"""NaN, inf, -inf and huge numbers: planted where they are masked they change nothing, and where
they are seen they are never hidden. Over kernels, lengths, blocks, masks, dtypes, libraries."""

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from attnlab import (
    attention,
    blockwise_attention,
    causal_mask,
    dot_scores,
    gaussian_scores,
    log_softmax,
    padding_mask,
    softmax,
)
from attnlab.functional.finite import all_finite, finite_part, marks, passed_on, quiet

D_K, D_V = 4, 3
LIBRARIES = [np.asarray, torch.from_numpy]
PLANTED = {
    "nan": lambda dtype: torch.nan,
    "inf": lambda dtype: torch.inf,
    "-inf": lambda dtype: -torch.inf,
    "huge": lambda dtype: torch.finfo(dtype).max,
    "-huge": lambda dtype: torch.finfo(dtype).min,
}
DTYPES = [torch.float16, torch.bfloat16, torch.float32, torch.float64]

KERNELS = {
    "attention": lambda q, k, v, mask, block: attention(q, k, v, mask=mask)[0],
    "weights": lambda q, k, v, mask, block: attention(q, k, v, mask=mask)[1],
    "other scores": lambda q, k, v, mask, block: attention(
        q, k, v, mask=mask, scores=gaussian_scores
    )[0],
    "biased": lambda q, k, v, mask, block: attention(q, k, v, scores=biased(mask))[0],
    "blocks": lambda q, k, v, mask, block: blockwise_attention(q, k, v, mask=mask, block=block),
}


def biased(mask):
    """Scores to which a bias adds -inf wherever the mask is False."""

    def scores(q, k):
        similar = dot_scores(q, k)
        if isinstance(q, torch.Tensor):
            return similar + torch.zeros(mask.shape, dtype=q.dtype).masked_fill(~mask, -torch.inf)
        return similar + np.where(mask, 0.0, -np.inf).astype(q.dtype)

    return scores


@st.composite
def hidden_keys(draw):
    """q, k, v; a mask; k and v with something planted in the keys that no query may attend to."""
    n, dtype = draw(st.integers(1, 40)), draw(st.sampled_from(DTYPES))
    generator = torch.Generator().manual_seed(draw(st.integers(0, 99)))
    lead = draw(st.sampled_from([(), (2,), (2, 1)]))
    q, k, v = (torch.randn(*lead, n, d, generator=generator).to(dtype) for d in (D_K, D_K, D_V))
    kept = torch.rand(n, generator=generator) < draw(st.sampled_from([0.0, 0.3, 0.7]))
    masks = {
        "padding": torch.ones(1, n, dtype=torch.bool),
        "causal": causal_mask(n, like=q),
        "random": torch.rand(n, n, generator=generator) < 0.6,
    }
    mask = masks[draw(st.sampled_from(sorted(masks)))] & kept
    planted = []
    for x in (k, v):
        value = PLANTED[draw(st.sampled_from(sorted(PLANTED)))](dtype)
        planted.append(x.masked_fill(~kept[:, None], value))
    return q, k, v, mask, planted


@pytest.mark.parametrize("kernel", KERNELS)
@given(hidden_keys(), st.integers(1, 45))
@settings(max_examples=40)
def test_what_is_masked_never_matters_to_tensors_nor_to_their_gradients(kernel, case, block):
    q, k, v, mask, planted = case

    def of(*tensors):
        tensors = [x.clone().requires_grad_() for x in tensors]
        result = KERNELS[kernel](*tensors, mask, block)
        upstream = torch.linspace(-1, 1, result.numel()).reshape(result.shape).to(result.dtype)
        wanted = [*tensors[:2], *([] if kernel == "weights" else tensors[2:])]
        return result.detach(), torch.autograd.grad(result, wanted, upstream)

    (expected, gradients), (result, same_gradients) = of(q, k, v), of(q, *planted)
    assert torch.equal(result, expected)
    assert (result[..., ~mask.any(-1).expand(q.shape[-2]), :] == 0).all()
    for gradient, same in zip(gradients, same_gradients, strict=True):
        close = 8 * torch.finfo(q.dtype).eps
        torch.testing.assert_close(same, gradient, rtol=close, atol=close)
    hidden = ~mask.any(-2).expand(q.shape[-2])
    for gradient in same_gradients[1:]:
        assert (gradient[..., hidden, :] == 0).all()


@pytest.mark.parametrize("kernel", KERNELS)
@given(hidden_keys(), st.integers(1, 45))
@settings(max_examples=40)
def test_what_is_masked_never_matters_to_arrays_and_nothing_is_warned_of(kernel, case, block):
    *tensors, mask, planted = case
    q, k, v, *planted = (
        (x.float() if x.dtype == torch.bfloat16 else x).numpy() for x in (*tensors, *planted)
    )
    mask = mask.numpy()
    expected = KERNELS[kernel](q, k, v, mask, block)
    np.testing.assert_array_equal(KERNELS[kernel](q, *planted, mask, block), expected)


@given(hidden_keys(), st.integers(1, 45))
@settings(max_examples=40)
def test_the_future_never_matters(case, block):
    q, k, v, _, planted = case
    n = q.shape[-2]
    last = torch.arange(n)[:, None] == n - 1
    k_odd, v_odd = (torch.where(last, odd, x) for odd, x in zip(planted, (k, v), strict=True))
    expected = blockwise_attention(q, k, v, causal=True, block=block)[..., :-1, :]
    close = 8 * torch.finfo(q.dtype).eps
    for context in (
        blockwise_attention(q, k_odd, v_odd, causal=True, block=block),
        blockwise_attention(q, k_odd, v_odd, mask=causal_mask(n, like=q), block=block),
        attention(q, k_odd, v_odd, mask=causal_mask(n, like=q))[0],
    ):
        torch.testing.assert_close(context[..., :-1, :], expected, rtol=close, atol=close)


@given(st.integers(1, 40), st.sampled_from(DTYPES), st.sampled_from(sorted(PLANTED)), st.data())
@settings(max_examples=60)
def test_masked_scores_are_never_read(m, dtype, planted, data):
    generator = torch.Generator().manual_seed(data.draw(st.integers(0, 99)))
    scores, mask = torch.randn(3, m, generator=generator).to(dtype), torch.rand(3, m) < 0.5
    odd = scores.masked_fill(~mask, PLANTED[planted](dtype))
    temperature = data.draw(st.sampled_from([1.0, 0.3]))
    for function in (softmax, log_softmax):
        expected = function(scores, temperature=temperature, mask=mask)
        assert torch.equal(function(odd, temperature=temperature, mask=mask), expected)
        wanted = odd.clone().requires_grad_()
        result = function(wanted, temperature=temperature, mask=mask)
        (gradient,) = torch.autograd.grad(result.masked_fill(~mask, 0).float().sum(), wanted)
        assert gradient.isfinite().all() and (gradient[~mask] == 0).all()
        if dtype != torch.bfloat16:
            arrays = [function(x.numpy(), mask=mask.numpy()) for x in (scores, odd)]
            np.testing.assert_array_equal(*arrays)


# What is seen passes on, in each kernel and block size alike.

SEEING = {
    "attention": lambda *qkv, mask: attention(*qkv, mask=mask)[0],
    "attention with other scores": lambda *qkv, mask: attention(*qkv, mask=mask, scores=dot_scores)[
        0
    ],
    **{
        f"blocks of {block}": lambda *qkv, mask, block=block: blockwise_attention(
            *qkv, mask=mask, block=block
        )
        for block in (1, 2, 3, 9)
    },
}
N = 5
SEES = np.tri(N, dtype=bool)
SEES[0] = False  # a query without keys


def qkv():
    rng = np.random.default_rng(0)
    return [rng.standard_normal((2, N, d)) for d in (D_K, D_K, D_V)]


@pytest.mark.parametrize("array", LIBRARIES)
@pytest.mark.parametrize("kernel", SEEING)
@pytest.mark.parametrize("odd", [np.nan, np.inf, -np.inf])
@pytest.mark.parametrize("mask", [SEES, None])
def test_who_sees_what_is_not_finite_is_not_finite_and_nobody_else(array, kernel, odd, mask):
    def run(q, k, v):
        tensors = [array(x) for x in (q, k, v)]
        return np.asarray(SEEING[kernel](*tensors, mask=mask))

    sees = np.ones((N, N), bool) if mask is None else mask
    q, k, v = qkv()
    expected = run(q, k, v)
    others = expected.copy()

    k_odd = k.copy()
    k_odd[1, 2, 3] = odd  # one coordinate of one key, in the second of the batch
    others[1, sees[:, 2]] = np.nan
    np.testing.assert_allclose(run(q, k_odd, v), others, rtol=1e-12)

    others = expected.copy()
    v_odd = v.copy()
    v_odd[1, 2, 0] = odd
    others[1, sees[:, 2], 0] = odd
    np.testing.assert_allclose(run(q, k, v_odd), others, rtol=1e-12)

    v_odd[1, 1, 0] = -odd
    both = sees[:, 1] & sees[:, 2]
    others[1, sees[:, 1], 0] = -odd
    others[1, both, 0] = np.nan
    np.testing.assert_allclose(run(q, k, v_odd), others, rtol=1e-12)

    for i in (0, 3):
        q_odd = q.copy()
        q_odd[1, i, 0] = odd
        others = expected.copy()
        others[1, i] = np.nan if sees[i].any() else 0
        np.testing.assert_allclose(run(q_odd, k, v), others, rtol=1e-12)


@pytest.mark.parametrize("array", LIBRARIES)
@pytest.mark.parametrize("mask", [SEES, None])
def test_weights_of_who_sees_an_odd_key_are_nan_where_something_is_seen(array, mask):
    q, k, v = qkv()
    k[1, 2] = np.inf
    _, weights = (np.asarray(x) for x in attention(*map(array, (q, k, v)), mask=mask))
    sees = np.ones((N, N), bool) if mask is None else mask
    nan = np.zeros((2, N, N), bool)
    nan[1] = sees[:, [2]] & sees
    assert (np.isnan(weights) == nan).all()
    assert (weights[:, ~sees] == 0).all()


@pytest.mark.parametrize("scores", [dot_scores, gaussian_scores])
def test_a_score_of_minus_infinity_hides_the_key_and_all_of_them_leave_nothing(scores):
    q, k, v = qkv()
    expected = attention(q, k, v, mask=SEES, scores=scores)
    for x in (k, v):
        x[:, -1] = np.nan
    k[:, -1] = v[:, -1] = np.nan
    hiding = np.where(SEES, 0.0, -np.inf)
    context, weights = attention(q, k, v, scores=lambda q, k: scores(q, k) + hiding)
    np.testing.assert_array_equal(context[:, :-1], expected[0][:, :-1])
    np.testing.assert_array_equal(weights[:, :-1], expected[1][:, :-1])
    assert (context[:, 0] == 0).all() and (weights[:, 0] == 0).all()
    assert np.isnan(context[:, -1]).all()


@pytest.mark.parametrize("array", LIBRARIES)
def test_scores_that_leave_the_numbers_are_nan_in_each_kernel_and_not_a_row_without_keys(array):
    q, k, v = (array(np.full((3, 2), x)) for x in (1e200, -1e200, 1.0))
    for kernel in SEEING.values():
        if kernel is not SEEING["attention with other scores"]:
            assert np.isnan(np.asarray(kernel(q, k, v, mask=None))).all()
            mask = np.ones((3, 3), bool)
            mask[1] = False
            context = np.asarray(kernel(q, k, v, mask=mask))
            assert np.isnan(context[[0, 2]]).all() and (context[1] == 0).all()


def test_gradients_of_others_are_those_without_the_query_that_is_not_finite():
    q, k, v = (torch.from_numpy(x).requires_grad_() for x in qkv())
    odd = q.detach().clone()
    odd[:, 3] = torch.nan
    for kernel in SEEING.values():
        expected = torch.autograd.grad(kernel(q, k, v, mask=SEES)[:, :3].square().sum(), [k, v])
        result = torch.autograd.grad(kernel(odd, k, v, mask=SEES)[:, :3].square().sum(), [k, v])
        torch.testing.assert_close(result, expected)


def test_huge_masked_values_do_not_reach_a_gradient_by_overflow():
    q, k, v = (torch.from_numpy(x).float().requires_grad_() for x in qkv())
    huge = v.detach().clone()
    huge[:, -1] = torch.finfo(torch.float32).max
    huge.requires_grad_()
    mask = torch.arange(N) < N - 1
    for kernel in SEEING.values():
        loss = 1e3 * kernel(q, k, huge, mask=mask).sum()
        for gradient in torch.autograd.grad(loss, [q, k, huge]):
            assert gradient.isfinite().all()


@pytest.mark.parametrize("array", LIBRARIES)
def test_one_pass_tells_whether_all_is_finite(array):
    x = np.ones((3, 2), np.float16)
    assert all_finite(array(x), array(np.full((9, 9), 6e4, np.float16))) is True
    for odd in (np.nan, np.inf, -np.inf):
        y = x.copy()
        y[1, 1] = odd
        assert all_finite(array(x), array(y)) is False
        assert finite_part(array(y)).tolist() == [[1, 1], [1, 0], [1, 1]]
        np.testing.assert_array_equal(np.asarray(marks(array(y))), [[0], [np.nan], [0]])
    assert all_finite(torch.ones(2, device="meta")) is None


@pytest.mark.parametrize("array", LIBRARIES)
def test_what_is_passed_on(array):
    v = array(np.array([[np.inf, 1.0], [-np.inf, np.nan]], np.float32))
    seen = array(np.array([[True, False], [False, True], [True, True], [False, False]]))
    expected = [[np.inf, 0], [-np.inf, np.nan], [np.nan, np.nan], [0, 0]]
    with quiet(v):
        given_on, to_pairs, to_all = (passed_on(s, v) for s in (seen, seen[2:, :1], None))
    assert given_on.dtype == v.dtype
    np.testing.assert_array_equal(np.asarray(given_on), expected)
    np.testing.assert_array_equal(np.asarray(to_pairs), expected[2:])
    np.testing.assert_array_equal(np.asarray(to_all), [[np.nan, np.nan]])


TRACED = {
    "attention": lambda x, mask: attention(x, x, x, mask=mask)[0],
    "blocks": lambda x, mask: blockwise_attention(x, x, x, mask=mask, causal=True, block=2),
    "softmax": lambda x, mask: softmax(x @ x.mT, temperature=0.3, mask=mask),
    "padding": lambda x, mask: attention(x, x, x, mask=padding_mask(mask.sum((-1, -2)) // N, N))[0],
}


@pytest.mark.parametrize("name", TRACED)
@pytest.mark.parametrize("odd", [0.0, torch.nan])
def test_mapped_and_compiled_programs_do_what_the_loop_does(name, odd):
    function = TRACED[name]
    x, mask = torch.randn(3, N, D_K), torch.rand(3, N, N) < 0.6
    x[1, 2:4] = odd
    mask[1, :, 2:4] = False
    loop = torch.stack([function(*one) for one in zip(x, mask, strict=True)])
    close = {"rtol": 1e-5, "atol": 1e-6, "equal_nan": True}
    torch.testing.assert_close(torch.vmap(function)(x, mask), loop, **close)
    compiled = torch.compile(function, backend="eager", fullgraph=True)
    torch.testing.assert_close(compiled(x, mask), function(x, mask), **close)


def test_large_blocks_can_be_mapped():
    x, mask = torch.randn(2, 257, D_K), torch.rand(2, 257, 257) < 0.6
    loop = torch.stack([TRACED["blocks"](*one) for one in zip(x, mask, strict=True)])

    def blocks(x, mask):
        return blockwise_attention(x, x, x, mask=mask, causal=True)

    torch.testing.assert_close(torch.vmap(blocks)(x, mask), loop)


def test_own_scores_are_asked_again_only_where_one_of_them_is_no_number():
    asked = []

    def scores(q, k):
        asked.append(1)
        return dot_scores(q, k) + bias

    q, k, v = qkv()
    bias = np.where(SEES, 0.0, -np.inf)
    attention(q, k, v, scores=scores)
    assert len(asked) == 1


@pytest.mark.parametrize("name", ["attention", "softmax"])
@pytest.mark.parametrize("strict", [False, True])
def test_programs_of_any_length_can_be_exported(name, strict):
    class Module(torch.nn.Module):
        def forward(self, x):
            return TRACED[name](x, causal_mask(x.shape[-2], like=x))

    sizes = {"x": {0: torch.export.Dim("B", max=9), 1: torch.export.Dim("n", min=2, max=100)}}
    program = torch.export.export(
        Module(), (torch.randn(2, 4, 3),), dynamic_shapes=sizes, strict=strict
    ).module()
    x = torch.randn(5, 77, 3)
    x[:, -1] = torch.nan
    torch.testing.assert_close(program(x), Module()(x), equal_nan=True)


def test_no_branch_waits_for_a_device():
    x, mask = torch.ones(2, N, D_K, device="meta"), torch.ones(N, N, device="meta").bool()
    for function in TRACED.values():
        if function is not TRACED["padding"]:
            assert function(x, mask).device.type == "meta"


@pytest.mark.parametrize("name", TRACED)
def test_tensors_stay_on_their_device_wherever_the_default_is(name):
    x, mask = torch.randn(N, D_K), torch.ones(N, N, dtype=torch.bool)
    mask[0], x[2] = False, torch.nan
    with torch.device("meta"):
        assert TRACED[name](x, mask).device == x.device
