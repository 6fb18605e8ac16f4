"""What MultiHeadAttention promises whatever its sizes, weights and masks are."""

import io

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import nn

from attnlab.nn.attention import MultiHeadAttention
from attnlab.nn.cache import KeyValueCache
from attnlab.nn.kernels import SHORT

B = 3
LONG = 29  # 29 · 29 scores are too many for the plain product: these go through the fused kernel
LENGTHS = st.sampled_from([1, 2, 5, LONG])
few = settings(max_examples=15)


@st.composite
def layers(draw):
    """A layer of any sizes, with weights and biases drawn at random, training or not."""
    d_model, n_heads, d_k, d_v = draw(st.permutations([2, 3, 5, 7]))
    torch.manual_seed(draw(st.integers(0, 99)))
    layer = MultiHeadAttention(d_model, n_heads, d_k=d_k, d_v=d_v, bias=draw(st.booleans()))
    for parameter in layer.parameters():
        nn.init.normal_(parameter, std=0.7)
    return layer.double().train(draw(st.booleans()))


def randn(*shape):
    return torch.randn(shape, dtype=torch.float64)


def close(ours, theirs, tolerance=1e-12):
    torch.testing.assert_close(ours, theirs, atol=tolerance, rtol=tolerance)


def test_the_lengths_take_both_ways():
    assert 5 * LONG <= SHORT < LONG * LONG


@few
@given(layers(), LENGTHS, LENGTHS, st.sampled_from([0.0, 0.2, 0.8, 1.0]))
def test_rows_sum_to_one_or_are_all_zero(layer, n, m, density):
    query, key = randn(B, n, layer.d_model).requires_grad_(), randn(B, m, layer.d_model)
    mask = torch.rand(B, layer.n_heads, n, m) < density
    mask[0, :, 0] = False  # one row at least has no key in any head
    context, weights = layer(query, key, mask=mask, return_weights=True)
    close(weights.sum(-1), mask.any(-1).double())
    assert (weights >= 0).all() and (weights[~mask] == 0).all()
    close(layer(query, key, mask=mask), context)

    bias = 0 if layer.project_out.bias is None else layer.project_out.bias
    for blind in (context[0, 0], layer(query, key, mask=mask)[0, 0]):
        assert (blind == bias).all()
        gradient = torch.autograd.grad(blind.sum(), query, retain_graph=True)[0]
        assert (gradient == 0).all()
    for output in (context, layer(query, key, mask=mask)):
        output.square().sum().backward()
    assert all(x.grad.isfinite().all() for x in (query, *layer.parameters()))


@few
@given(layers(), LENGTHS, st.booleans())
def test_without_positions_permuted_tokens_give_permuted_results(layer, n, masked):
    x, order = randn(B, n, layer.d_model), torch.randperm(n)
    mask = torch.rand(B, n, n) < 0.7 if masked else None
    permuted = mask[:, order][:, :, order] if masked else None
    close(layer(x[:, order], mask=permuted), layer(x, mask=mask)[:, order])


@few
@given(layers(), LENGTHS, st.booleans(), st.booleans())
def test_causal_jacobian_is_exactly_zero_above_the_diagonal(layer, n, padded, return_weights):
    factors = randn(layer.d_model)  # of the features, so that nothing cancels in their sum
    mask = torch.ones(1, 1, n, dtype=torch.bool) if padded else None  # no flag for the kernel then

    def total(x):
        result = layer(x[None], causal=True, mask=mask, return_weights=return_weights)
        return (result[0] if return_weights else result)[0] @ factors  # (n,)

    x = randn(n, layer.d_model)
    reach = torch.autograd.functional.jacobian(total, x).abs().sum(-1)  # (n, n)
    assert (reach.triu(1) == 0).all()
    assert (reach.tril() > 0).sum() == n * (n + 1) // 2


@few
@given(layers(), LENGTHS, st.data())
def test_padding_and_the_other_items_change_nothing(layer, n, data):
    """What stands in padding, or in another item, changes no bit. Only rounding is changed where
    either is missing, or where another item is NaN, which takes a way of its own."""
    lengths = data.draw(st.lists(st.integers(1, n), min_size=B, max_size=B))
    causal = data.draw(st.booleans())
    x = randn(B, n, layer.d_model)
    mask = torch.arange(n) < torch.tensor(lengths)[:, None, None]  # (B, 1, n)
    together = layer(x, mask=mask, causal=causal)
    noisy = torch.where(mask.mT, x, 1e3 * randn(B, n, layer.d_model))
    for item, length in enumerate(lengths):
        real = together[item, :length]

        def with_others(value, item=item, length=length):
            others = noisy.clone()
            others[torch.arange(B) != item] = value
            return layer(others, mask=mask, causal=causal)[item, :length]

        assert torch.equal(with_others(-1e3), real)
        close(with_others(torch.nan), real)
        close(layer(x[[item], :length], causal=causal)[0], real)


@few
@given(layers(), LENGTHS, LENGTHS)
def test_inputs_are_untouched(layer, n, m):
    inputs = {
        "query": randn(B, n, layer.d_model),
        "key": randn(B, m, layer.d_model),
        "value": randn(B, m, layer.d_model),
        "mask": torch.rand(B, n, m) < 0.5,
        "bias": randn(layer.n_heads, n, m),
        "head_mask": torch.rand(layer.n_heads) < 0.5,
    }
    copies = {name: x.clone() for name, x in inputs.items()}
    for return_weights in (True, False):
        layer(**inputs, return_weights=return_weights)
        assert all(torch.equal(x, copies[name]) for name, x in inputs.items())


@few
@given(layers(), st.lists(st.integers(1, 4), min_size=1, max_size=6))
def test_cached_chunks_equal_one_causal_pass(layer, chunks):
    x = randn(B, sum(chunks), layer.d_model)
    cache = KeyValueCache(
        batch=B, n_heads=layer.n_heads, max_len=sum(chunks), d_k=layer.d_k, d_v=layer.d_v, like=x
    )
    parts = [layer(part, causal=True, cache=cache) for part in x.split(chunks, dim=1)]
    close(torch.cat(parts, 1), layer(x, causal=True))
    assert cache.length == sum(chunks)


@pytest.mark.parametrize("dtype", [torch.float16, torch.bfloat16, torch.float32, torch.float64])
@few
@given(layers(), LENGTHS)
def test_dtype_in_is_dtype_out_forward_and_backward(dtype, layer, n):
    layer = layer.to(dtype)
    x = randn(B, n, layer.d_model).to(dtype).requires_grad_()
    mask = torch.arange(n) < torch.tensor([n, 1, 0])[:, None, None]
    context, weights = layer(x, mask=mask, causal=True, return_weights=True)
    fused = layer(x, mask=mask, causal=True)
    gradients = torch.autograd.grad(fused.sum() + context.sum(), [x, *layer.parameters()])
    for tensor in (context, weights, fused, *gradients):
        assert tensor.dtype == dtype and tensor.isfinite().all()
    # As good as the dtype allows: a few roundings of numbers up to the largest on the way.
    exact = layer.double()(x.double(), mask=mask, causal=True)
    slack = 32 * torch.finfo(dtype).eps * (1 + exact.abs().max().item())
    close(context.double(), exact, slack)
    close(fused.double(), exact, slack)


@few
@given(layers(), LENGTHS)
def test_saved_and_loaded_weights_give_the_same(layer, n):
    file = io.BytesIO()
    torch.save(layer.state_dict(), file)
    twin = MultiHeadAttention(
        layer.d_model, layer.n_heads, d_k=layer.d_k, d_v=layer.d_v,
        bias=layer.project_in.bias is not None,
    ).double()  # fmt: skip
    file.seek(0)
    twin.load_state_dict(torch.load(file))
    x = randn(B, n, layer.d_model)
    assert torch.equal(twin(x, causal=True), layer(x, causal=True))
