"""Attention whole and in blocks: beside torch, in both libraries, with and without masks."""

import tracemalloc

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from hypothesis import given, settings
from hypothesis import strategies as st

from attnlab import (
    additive_scores,
    alibi_bias,
    attention,
    blockwise_attention,
    causal_mask,
    dot_scores,
    padding_mask,
    scaled_dot_scores,
)

B, H, N, M, D_K, D_V = 2, 3, 5, 7, 11, 13
LIBRARIES = [np.asarray, torch.from_numpy]


def qkv(*lead: int, n: int = N, m: int = M, seed: int = 0, dtype=torch.float64):
    generator = torch.Generator().manual_seed(seed)
    shapes = (*lead, n, D_K), (*lead, m, D_K), (*lead, m, D_V)
    return [
        torch.randn(shape, generator=generator, dtype=torch.float64).to(dtype) for shape in shapes
    ]


def in_blocks(q, k, v, *, mask=None, block=2):
    return blockwise_attention(q, k, v, mask=mask, block=block)


def whole(q, k, v, *, mask=None):
    return attention(q, k, v, mask=mask)[0]


BOTH = pytest.mark.parametrize("context_of", [whole, in_blocks])
MASKS = {
    "none": lambda n: None,
    "padding": lambda n: padding_mask(torch.tensor([[n], [2]]), n),
    "causal": lambda n: causal_mask(n, like=torch.ones(1)),
    "both": lambda n: MASKS["padding"](n) & MASKS["causal"](n),
}


@BOTH
@pytest.mark.parametrize(("dtype", "limit"), [(torch.float32, 1e-6), (torch.float64, 1e-12)])
@pytest.mark.parametrize("kind", MASKS)
def test_parity_with_torch_in_outputs_and_gradients(context_of, dtype, limit, kind):
    tensors = [x.requires_grad_() for x in qkv(B, H, n=M, dtype=dtype)]
    mask = MASKS[kind](M)
    ours = context_of(*tensors, mask=mask)
    theirs = F.scaled_dot_product_attention(*tensors, attn_mask=mask)
    assert (ours - theirs).abs().max() <= limit
    upstream = torch.linspace(-1, 1, ours.numel(), dtype=dtype).reshape(ours.shape)
    for a, b in zip(
        torch.autograd.grad(ours, tensors, upstream),
        torch.autograd.grad(theirs, tensors, upstream),
        strict=True,
    ):
        assert (a - b).abs().max() <= limit


@BOTH
@given(st.integers(1, 7), st.integers(1, 7), st.integers(0, 99))
@settings(max_examples=30)
def test_numpy_and_torch_agree(context_of, n, m, seed):
    tensors = qkv(B, H, n=n, m=m, seed=seed)
    mask = np.random.default_rng(seed).random((B, 1, n, m)) < 0.6
    here = context_of(*(x.numpy() for x in tensors), mask=mask)
    np.testing.assert_allclose(context_of(*tensors, mask=mask), here, rtol=1e-12, atol=1e-12)


@given(st.integers(1, 11), st.integers(1, 12), st.booleans(), st.integers(0, 99))
@settings(max_examples=50)
def test_in_blocks_as_in_one(n, block, causal, seed):
    q, k, v = (x.numpy() for x in qkv(B, H, n=n, m=n, seed=seed))
    mask = np.random.default_rng(seed).random((H, 1, n)) < 0.7
    expected = whole(q, k, v, mask=mask & causal_mask(n) if causal else mask)
    ours = blockwise_attention(q, k, v, mask=mask, causal=causal, block=block)
    np.testing.assert_allclose(ours, expected, rtol=1e-11, atol=1e-13)


@pytest.mark.parametrize("block", [np.int8(100), np.uint8(200), 10**30])
def test_blocks_of_any_integer_type(block):
    q, k, v = qkv(n=300, m=300)
    torch.testing.assert_close(blockwise_attention(q, k, v, block=block), whole(q, k, v))


@pytest.mark.parametrize(("n", "m"), [(N, M), (2, 2)])
def test_in_blocks_an_axis_of_one_in_the_mask_stands_for_all(n, m):
    q, k, v = qkv(B, H, n=n, m=m)
    generator = torch.Generator().manual_seed(0)
    for shape in [(1, 1), (n, 1), (1, m), (n, m)]:
        mask = torch.rand((B, 1, *shape), generator=generator) < 0.6
        expected = whole(q, k, v, mask=mask)
        torch.testing.assert_close(in_blocks(q, k, v, mask=mask, block=1), expected)


@given(st.integers(0, 99))
@settings(max_examples=5)
def test_large_numpy_slices_are_worked_off_one_by_one_with_the_same_result(seed):
    lead, n = (2, 3), 257  # 257² float64 weights a slice, above the threshold
    q, k, v = (x.numpy() for x in qkv(*lead, n=n, m=n, seed=seed))
    k, v = k[:, :1], v[:1]
    mask = np.random.default_rng(seed).random((3, 1, n)) < 0.7
    mask[0] = False
    context, weights = attention(q, k, v, mask=mask)
    # Any other score function takes the other way, all slices at once.
    same_context, same_weights = attention(q / D_K**0.5, k, v, mask=mask, scores=dot_scores)
    np.testing.assert_allclose(weights, same_weights, rtol=1e-11)
    np.testing.assert_allclose(context, same_context, rtol=1e-10, atol=1e-12)
    assert weights.shape == (2, 3, n, n) and (weights[:, 0] == 0).all()
    unmasked, _ = attention(q, k, v)
    np.testing.assert_allclose(unmasked, blockwise_attention(q, k, v), rtol=1e-10, atol=1e-12)


def test_large_slices_of_which_each_of_q_k_and_v_has_a_leading_axis_of_its_own():
    n = 257
    q, k, v = qkv(2, 1, 1, n=n)[0], qkv(1, 2, 1, m=n)[1], qkv(1, 1, 2, m=n)[2]
    expected = whole(q, k, v)  # tensors: all slices at once
    assert expected.shape == (2, 2, 2, n, D_V)
    torch.testing.assert_close(blockwise_attention(q, k, v), expected)
    np.testing.assert_allclose(whole(*(x.numpy() for x in (q, k, v))), expected, rtol=1e-9)


@pytest.mark.parametrize("causal", [False, True])
def test_large_tensors_are_worked_off_one_by_one_on_their_device_with_the_same_gradients(causal):
    n = 257
    tensors = [x.requires_grad_() for x in qkv(2, n=n, m=n)]
    mask = padding_mask(torch.tensor([n, 100]), n)
    with torch.device("meta"):  # where tensors are made that name no device
        ours = blockwise_attention(*tensors, mask=mask, causal=causal)
    past = causal_mask(n, like=mask)
    theirs = F.scaled_dot_product_attention(*tensors, mask & past if causal else mask)
    torch.testing.assert_close(ours, theirs)
    upstream = torch.linspace(-1, 1, ours.numel(), dtype=ours.dtype).reshape(ours.shape)
    mine, others = (torch.autograd.grad(x, tensors, upstream) for x in (ours, theirs))
    torch.testing.assert_close(mine, others)


@BOTH
def test_keys_in_another_order_change_nothing_and_queries_carry_theirs_along(context_of):
    q, k, v = qkv(B, H)
    order, turn = torch.randperm(M), torch.randperm(N)
    context = context_of(q, k, v)
    assert (context_of(q, k[..., order, :], v[..., order, :]) - context).abs().max() < 1e-12
    assert (context_of(q[..., turn, :], k, v) - context[..., turn, :]).abs().max() < 1e-12


@pytest.mark.parametrize(
    "context_of",
    [
        lambda x: attention(x, x, x, mask=causal_mask(N))[0],
        lambda x: blockwise_attention(x, x, x, causal=True, block=2),
        lambda x: blockwise_attention(x, x, x, mask=causal_mask(N), block=2),
    ],
)
def test_causal_jacobian_is_exactly_zero_above_the_diagonal(context_of):
    x = qkv()[0]
    jacobian = torch.autograd.functional.jacobian(context_of, x)  # (n, d, n, d)
    reach = jacobian.abs().sum((1, 3))
    assert (reach.triu(1) == 0).all()
    assert (reach.tril().diagonal() > 0).all() and reach[-1, 0] > 0


@BOTH
def test_padding_never_changes_what_is_real(context_of):
    q, k, v = qkv(B, H)
    mask = padding_mask(torch.tensor([[4], [M]]), M)
    expected = context_of(q, k, v, mask=mask)
    k[0, :, 4:], v[0, :, 4:] = 1e4, -1e4
    assert torch.equal(context_of(q, k, v, mask=mask), expected)
    assert (context_of(q[:1], k[:1, :, :4], v[:1, :, :4]) - expected[:1]).abs().max() < 1e-12


@BOTH
def test_batch_items_are_independent(context_of):
    q, k, v = qkv(B, H)
    expected = context_of(q, k, v)[0]
    for x in (q, k, v):
        x[1] = torch.nan
    assert torch.equal(context_of(q, k, v)[0], expected)
    assert context_of(q, k, v)[1].isnan().all()


@BOTH
def test_a_query_without_keys_gets_zeros_and_finite_gradients(context_of):
    tensors = [x.requires_grad_() for x in qkv(B, H)]
    mask = torch.ones(N, M, dtype=torch.bool)
    mask[2] = False
    context = context_of(*tensors, mask=mask)
    assert (context[..., 2, :] == 0).all() and (context[..., 1, :] != 0).all()
    for gradient in torch.autograd.grad(context.square().sum(), tensors):
        assert gradient.isfinite().all() and gradient.any()
    of_the_blind = context_of(*tensors, mask=mask)[..., 2, :].sum()
    for gradient in torch.autograd.grad(of_the_blind, tensors):
        assert (gradient == 0).all()


@BOTH
@pytest.mark.parametrize("dtype", [torch.float16, torch.bfloat16, torch.float32, torch.float64])
def test_dtype_stays_and_huge_scores_are_finite(context_of, dtype):
    q, k, v = qkv(B, H, dtype=dtype)
    big = q * 100 / q.norm(dim=-1, keepdim=True), k * 300 / k.norm(dim=-1, keepdim=True)
    for queries, keys in ((q, k), big):
        context = context_of(queries, keys, v)
        assert context.dtype == dtype and context.isfinite().all()
    exact = context_of(q.double(), k.double(), v.double())
    close = 4 * torch.finfo(dtype).eps
    assert (context_of(q, k, v).double() - exact).abs().max() <= close * exact.abs().max()


@BOTH
@pytest.mark.parametrize("dtype", [np.float16, np.float32, np.float64])
@pytest.mark.parametrize("n", [N, 521])
def test_numpy_dtype_stays_and_inputs_are_untouched(context_of, dtype, n):
    arrays = [x.numpy().astype(dtype) for x in qkv(n=n, m=n)]
    mask = causal_mask(n)
    before = [x.copy() for x in (*arrays, mask)]
    assert (
        context_of(*arrays, mask=mask, **({"block": 128} if context_of is in_blocks else {})).dtype
        == dtype
    )
    assert attention(*arrays, mask=mask)[1].dtype == dtype
    for x, old in zip((*arrays, mask), before, strict=True):
        assert (x == old).all()


def test_large_half_precision_arrays_are_worked_in_float32():
    q, k, v = (x.numpy().astype(np.float16) for x in qkv(3, n=300, m=300))
    _, weights = attention(q, k, v)
    exact = attention(*(x.astype(np.float64) for x in (q, k, v)))[1]
    assert (np.abs(weights - exact) <= np.finfo(np.float16).eps * exact).mean() > 0.999


def test_other_scores():
    q, k, v = qkv(B, H)
    bias = alibi_bias(H, M, like=q)[:, :N]
    _, weights = attention(q, k, v, scores=lambda q, k: scaled_dot_scores(q, k) + bias)
    expected = (q @ k.mT / D_K**0.5 + bias).softmax(-1)
    assert (weights - expected).abs().max() < 1e-12
    _, raw = attention(q, k, v, scores=dot_scores)
    assert (raw - (q @ k.mT).softmax(-1)).abs().max() < 1e-12
    w_q, w_k, w_v = (
        torch.randn(D_K, 3).double(),
        torch.randn(D_K, 3).double(),
        torch.ones(3).double(),
    )
    context, weights = attention(q, k, v, scores=lambda q, k: additive_scores(q, k, w_q, w_k, w_v))
    assert context.shape == (B, H, N, D_V) and (weights.sum(-1) - 1).abs().max() < 1e-12


@pytest.mark.parametrize("array", LIBRARIES)
@pytest.mark.parametrize("scores", [300.0, 6e4])
def test_scores_that_leave_half_precision_do_not_leave_the_weights(array, scores):
    q = array(np.full((2, 4), scores, np.float16))
    v = array(np.array([[1.0], [2.0]], np.float16))
    context, weights = attention(q, q, v)
    assert weights.dtype == context.dtype == v.dtype
    assert weights.tolist() == [[0.5, 0.5], [0.5, 0.5]]
    assert context.tolist() == blockwise_attention(q, q, v).tolist() == [[1.5], [1.5]]


@pytest.mark.parametrize("array", LIBRARIES)
def test_values_in_half_precision_are_summed_in_float32(array):
    m = 5000
    q, k = array(np.zeros((1, 1), np.float16)), array(np.zeros((m, 1), np.float16))
    v = array(np.full((m, 2), 6e4, np.float16))
    assert attention(q, k, v)[0].tolist() == blockwise_attention(q, k, v).tolist() == [[6e4, 6e4]]


@pytest.mark.parametrize("array", LIBRARIES)
@pytest.mark.parametrize("n", [3, 257])
def test_values_with_leading_axes_of_their_own_have_weights_and_masks_of_their_own(array, n):
    q, k, v = qkv(n=n, m=n)[0], qkv(n=n, m=n)[1], qkv(2, n=n, m=n)[2]
    q, k, v = (array(x.numpy()) for x in (q, k, v))
    mask = np.stack([np.tri(n, dtype=bool), np.ones((n, n), bool)])
    context, weights = attention(q, k, v, mask=array(mask))
    assert tuple(weights.shape) == (2, n, n)
    for i in range(2):
        own_context, own_weights = attention(q, k, v[i], mask=array(mask[i]))
        np.testing.assert_allclose(np.asarray(context)[i], own_context, rtol=1e-10, atol=1e-12)
        np.testing.assert_allclose(np.asarray(weights)[i], own_weights, rtol=1e-10, atol=1e-12)


@pytest.mark.parametrize("array", LIBRARIES)
def test_leading_axes_broadcast(array):
    q, k, v = (array(x.numpy()) for x in qkv(B, H))
    k, v = k[:, :1], v[0, 0]
    context, weights = attention(q, k, v)
    assert tuple(context.shape) == (B, H, N, D_V) and tuple(weights.shape) == (B, H, N, M)
    np.testing.assert_allclose(blockwise_attention(q, k, v, block=3), context, rtol=1e-12)


@BOTH
@pytest.mark.parametrize("array", LIBRARIES)
def test_no_queries_one_of_each_and_an_empty_batch(context_of, array):
    for lead, n, m in [((), 0, M), ((), 1, 1), ((0, H), N, M), ((0,), 300, 300)]:
        q, k, v = (array(x.numpy()) for x in qkv(*lead, n=n, m=m))
        assert tuple(context_of(q, k, v).shape) == (*lead, n, D_V)
    q, k, v = (array(x.numpy()) for x in qkv(n=1, m=1))
    np.testing.assert_allclose(context_of(q, k, v), v)


def test_memory_of_blocks_grows_with_n():
    def peak(n: int, block: int) -> int:
        q, k, v = (x.numpy() for x in qkv(n=n, m=n))
        tracemalloc.start()
        blockwise_attention(q, k, v, block=block)
        _, most = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        return most

    assert peak(2048, 64) / peak(512, 64) < 4.5  # all the weights would grow sixteenfold


@pytest.mark.parametrize("library", LIBRARIES)
def test_no_sequences_at_all(library):
    """As long as those that are worked one by one."""
    arrays = [library(x.numpy()) for x in qkv(0, H, n=300, m=300, dtype=torch.float32)]
    context = blockwise_attention(*arrays)
    assert type(context) is type(arrays[0])
    assert (tuple(context.shape), context.dtype) == ((0, H, 300, D_V), arrays[0].dtype)
