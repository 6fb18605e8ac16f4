"""MultiHeadAttention beside torch.nn, in outputs, weights and gradients, and what it promises."""

import itertools
from fractions import Fraction

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from torch import nn

from attnlab.functional.masks import causal_mask, padding_mask
from attnlab.functional.positions import alibi_bias, rotary
from attnlab.nn import attention as module
from attnlab.nn.attention import MultiHeadAttention

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
@pytest.mark.parametrize("case", MASKS)
@pytest.mark.parametrize("n", [N, 41])  # the plain product, and the fused kernel
def test_self_attention_equals_torch(dtype, tolerance, bias, case, n):
    padding, causal = case
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


@pytest.mark.parametrize(("dtype", "tolerance"), DTYPES)
@pytest.mark.parametrize(("padding", "causal"), MASKS)
@pytest.mark.parametrize("n", [N, 41])
def test_heads_whose_keys_and_values_differ_in_width(dtype, tolerance, padding, causal, n):
    """d_k = 3, d_v = 7: beside F.scaled_dot_product_attention, head by head."""
    ours = MultiHeadAttention(D, 5, d_k=3, d_v=7).to(dtype)
    nn.init.normal_(ours.project_in.bias)
    nn.init.normal_(ours.project_out.bias)
    x = randn(B, n, D, dtype=dtype)
    mask = padding_mask(torch.tensor([n, 2, n - 1]), n) if padding else torch.ones(1, 1, n).bool()
    allowed = mask & torch.tensor(causal_mask(n)) if causal else mask
    weights, biases = (p.split([15, 15, 35]) for p in ours.project_in.parameters())
    q, k, v = (F.linear(x, w, b) for w, b in zip(weights, biases, strict=True))
    heads = [
        F.scaled_dot_product_attention(
            q[..., 3 * i : 3 * i + 3], k[..., 3 * i : 3 * i + 3], v[..., 7 * i : 7 * i + 7],
            attn_mask=allowed,
        )
        for i in range(5)
    ]  # fmt: skip
    expected = ours.project_out(torch.cat(heads, -1))
    want = gradients(expected, [x], ours)  # of all weights and biases too
    for output in (
        ours(x, mask=mask, causal=causal),
        ours(x, mask=mask, causal=causal, return_weights=True)[0],
    ):
        assert_close(output, expected, tolerance)
        for mine, other in zip(gradients(output, [x], ours), want, strict=True):
            assert_close(mine, other, tolerance)


@pytest.mark.parametrize("n", [N, 41])
def test_every_way_to_say_one_mask_gives_one_result(n):
    ours = MultiHeadAttention(D, H)
    x = torch.randn(B, n, D)
    flag = ours(x, causal=True)
    mask = torch.tensor(causal_mask(n))
    for same in (mask, mask[None], mask[None, None], mask.expand(B, H, n, n), mask.numpy()):
        assert_close(ours(x, mask=same), flag, 1e-6)
    bias = torch.zeros(n, n).masked_fill(~mask, -torch.inf)
    assert_close(ours(x, bias=bias), flag, 1e-6)
    for_each = torch.stack([mask, torch.ones_like(mask), mask])  # (B, n, n): item 1 sees all
    mixed = ours(x, mask=for_each)
    assert_close(mixed[[0, 2]], flag[[0, 2]], 1e-6)
    assert_close(mixed[1], ours(x)[1], 1e-6)


@pytest.mark.parametrize("n", [N, 41])
@pytest.mark.parametrize("return_weights", [True, False])
def test_bias_is_added_to_the_scores(n, return_weights):
    ours = MultiHeadAttention(D, H).double()
    x = torch.randn(B, n, D, dtype=torch.float64)
    bias = alibi_bias(H, n, like=x)
    result = ours(x, bias=bias, causal=True, return_weights=return_weights)
    q, (k, v) = ours.project_query(x), ours.project_memory(x)
    scores = q @ k.mT / (D // H) ** 0.5 + bias
    weights = scores.masked_fill(~torch.tensor(causal_mask(n)), -torch.inf).softmax(-1)
    expected = ours.project_out((weights @ v).transpose(1, 2).flatten(2))
    assert_close(result[0] if return_weights else result, expected, 1e-12)


def test_rotary_positions_turn_queries_and_keys():
    ours = MultiHeadAttention(12, 3).double()
    x, positions = torch.randn(B, N, 12, dtype=torch.float64), torch.arange(3, 3 + N)
    q, (k, v) = ours.project_query(x), ours.project_memory(x)
    expected, weights = ours.attend(rotary(q, positions), rotary(k, positions), v)
    assert weights is None  # nobody asked for them
    assert_close(ours(x, at=positions), expected, 1e-12)
    # Only distances count, and they do count.
    assert_close(ours(x, at=positions + 100), expected, 1e-10)
    assert not torch.allclose(ours(x), expected)


@pytest.mark.parametrize("kernel", ["plain", "fused"])
@pytest.mark.parametrize("p", [Fraction(1, 2), np.float16(0.5)])
def test_dropout_of_any_real_type(kernel, p):
    ours, x = MultiHeadAttention(12, 3, dropout=p, kernel=kernel), torch.randn(B, N, 12)
    same = MultiHeadAttention(12, 3, dropout=0.5, kernel=kernel)
    same.load_state_dict(ours.state_dict())
    results = []
    for layer in (ours, same):
        torch.manual_seed(1)
        results.append(layer(x))
    assert torch.equal(*results)


@pytest.mark.parametrize("kind", [np.uint8, np.int8])
def test_sizes_of_few_bits(kind):
    ours = MultiHeadAttention(kind(120), kind(4), d_k=kind(60), d_v=kind(9))
    assert ours.project_in.weight.shape == (4 * (60 + 60 + 9), 120)
    assert ours(torch.randn(B, N, 120)).shape == (B, N, 120)


@pytest.mark.parametrize("n", [N, 41])
def test_head_mask_switches_heads_off(n):
    ours = MultiHeadAttention(D, H)
    x = torch.randn(B, n, D)
    whole, weights = ours(x, return_weights=True)
    first, first_weights = ours(x, head_mask=torch.tensor([True, False]), return_weights=True)
    second = ours(x, head_mask=torch.tensor([0.0, 1.0], dtype=torch.float64))
    assert_close(first + second, whole, 1e-6)
    assert_close(first_weights, weights, 0)
    assert first.norm() > 0.1 and second.norm() > 0.1
    assert (ours(x, head_mask=torch.zeros(H)) == 0).all()


def test_the_key_is_the_query_and_the_value_the_key_unless_given():
    ours = MultiHeadAttention(D, H)
    x, y = torch.randn(B, N, D), torch.randn(B, N, D)
    assert_close(ours(x), ours(x, x.clone(), x.clone()), 1e-6)
    assert_close(ours(x, y), ours(x, y, y.clone()), 1e-6)
    assert_close(ours(x, value=y), ours(x, x.clone(), y), 1e-6)


def test_from_torch_takes_over_dropout_and_mode():
    ours = MultiHeadAttention.from_torch(nn.MultiheadAttention(D, H, dropout=0.3).eval())
    assert ours.dropout == 0.3 and not ours.training


@pytest.mark.parametrize("frozen", ["in_proj_weight", "in_proj_bias", "out_proj", "all", "none"])
def test_from_torch_keeps_frozen_what_is_frozen(frozen):
    theirs = nn.MultiheadAttention(D, H)
    for name, parameter in theirs.named_parameters():
        parameter.requires_grad_(not (frozen == "all" or name.startswith(frozen)))
    ours = MultiHeadAttention.from_torch(theirs)
    wanted = {name: p.requires_grad for name, p in theirs.named_parameters()}
    assert {
        "in_proj_weight": ours.project_in.weight.requires_grad,
        "in_proj_bias": ours.project_in.bias.requires_grad,
        "out_proj.weight": ours.project_out.weight.requires_grad,
        "out_proj.bias": ours.project_out.bias.requires_grad,
    } == wanted
    assert all(p.is_leaf and p.grad is None for p in ours.parameters())


@pytest.mark.parametrize("device", ["cpu", "meta"])
@pytest.mark.parametrize("dtype", [torch.float16, torch.float64])
def test_from_torch_keeps_dtype_and_device(device, dtype):
    theirs = nn.MultiheadAttention(D, H, bias=False, device=device, dtype=dtype)
    ours = MultiHeadAttention.from_torch(theirs)
    assert {(p.device.type, p.dtype) for p in ours.parameters()} == {(device, dtype)}
    assert ours.project_in.bias is None
    if device == "cpu":
        with torch.no_grad():
            theirs.in_proj_weight.zero_()
        assert ours.project_in.weight.abs().max() > 0  # a copy


def test_dropout_falls_on_weights_in_training_alone():
    ours = MultiHeadAttention(D, H, dropout=0.5)
    x = torch.randn(1, 64, D)
    context, weights = ours(x, return_weights=True)
    torch.testing.assert_close(weights.sum(-1), torch.ones(1, H, 64))  # those before dropout
    assert not torch.allclose(context, ours(x))
    many = torch.stack([ours(x) for _ in range(400)]).mean(0)
    ours.eval()
    assert torch.equal(ours(x), ours(x))
    # The mean of 400 draws: what is left of the noise is a twentieth of it.
    noise = (context - ours(x)).std() / 20
    assert (many - ours(x)).abs().max() < 6 * noise


@pytest.mark.parametrize("dtype", [torch.float16, torch.bfloat16, torch.float32, torch.float64])
@pytest.mark.parametrize("return_weights", [True, False])
def test_dtypes_are_kept_and_huge_scores_stay_finite(dtype, return_weights):
    ours = MultiHeadAttention(4, 1).to(dtype)
    x = torch.full((2, 3, 4), 40.0, dtype=dtype)
    result = ours(x, causal=True, return_weights=return_weights)
    for tensor in result if return_weights else [result]:
        assert tensor.dtype == dtype and tensor.isfinite().all()


def test_no_items_no_queries_and_one_token():
    ours = MultiHeadAttention(D, H)
    assert ours(torch.zeros(0, N, D)).shape == (0, N, D)
    assert ours(torch.zeros(B, 0, D), torch.zeros(B, M, D)).shape == (B, 0, D)
    x = torch.randn(B, 1, D)
    _, v = ours.project_memory(x)
    assert_close(ours(x, causal=True), ours.project_out(v.transpose(1, 2).flatten(2)), 1e-7)


HALVES = {
    "nothing": {},
    "mask": {"mask": torch.arange(N) < torch.tensor([5, 2, 4])[:, None, None]},
    "bias": {"bias": alibi_bias(H, N, like=torch.zeros(1))},
    "causal": {"causal": True},
}


@pytest.mark.parametrize("options", HALVES.values(), ids=HALVES)
def test_attend_is_the_second_half_of_forward(options):
    layer, x = MultiHeadAttention(D, H), randn(B, N, D)
    halves = layer.project_query(x), *layer.project_memory(x)
    context, weights = layer.attend(*halves, return_weights=True, **options)
    expected, their_weights = layer(x, return_weights=True, **options)
    assert_close(context, expected, 1e-6)
    assert_close(weights, their_weights, 1e-6)
    alone, nothing = layer.attend(*halves, **options)
    assert_close(alone, expected, 1e-6)
    assert nothing is None


def test_a_memory_of_keys_and_other_values():
    layer, query, key, value = MultiHeadAttention(D, H), *(randn(B, n, D) for n in (N, M, M))
    context, _ = layer.attend(layer.project_query(query), *layer.project_memory(key, value))
    assert_close(context, layer(query, key, value), 1e-6)
    assert not torch.allclose(context, layer(query, key), atol=1e-2)


@pytest.mark.parametrize("flag", ["causal", "return_weights"])
def test_attend_is_asked_with_true_or_false(flag):
    layer, x = MultiHeadAttention(D, H), randn(B, N, D)
    with pytest.raises(TypeError, match=flag):
        layer.attend(layer.project_query(x), *layer.project_memory(x), **{flag: 1})


def test_what_cannot_be_projected_is_named():
    layer, x = MultiHeadAttention(D, H), randn(B, N, D)
    with pytest.raises(ValueError, match=r"^query must "):
        layer.project_query(randn(B, N, D + 1))
    with pytest.raises(ValueError, match=f"^key must have the B of query, {B}, got 1$"):
        layer(x, randn(1, M, D))


def test_a_causal_mask_needs_a_key_for_every_query():
    layer, few, many = MultiHeadAttention(D, H), randn(B, N, D), randn(B, M, D)
    with pytest.raises(ValueError, match="causal needs as many keys as queries"):
        layer(few, many, causal=True)
    with pytest.raises(ValueError, match="causal needs a key for every query"):
        layer.attend(layer.project_query(many), *layer.project_memory(few), causal=True)


@pytest.mark.parametrize("place", [0, 1], ids=["key", "value"])
def test_what_is_masked_of_keys_or_of_other_values_never_matters(place):
    layer, query = MultiHeadAttention(D, H), torch.randn(B, N, D)
    memory = [torch.randn(B, M, D), torch.randn(B, M, D)]
    mask = torch.arange(M) != 2
    with torch.no_grad():
        expected = layer(query, *memory, mask=mask)
        memory[place][:, 2] = torch.nan
        assert torch.equal(layer(query, *memory, mask=mask).isnan(), expected.isnan())
        assert_close(layer(query, *memory, mask=mask), expected, 1e-6)


def test_nobody_is_careful_where_nothing_can_come_of_it(monkeypatch):
    """Careful products take longer. A query that is no number harms itself alone, without
    gradients at least."""

    def careful(*_):
        raise AssertionError("a careful product")

    monkeypatch.setattr(module, "careful_linear", careful)
    layer, x = MultiHeadAttention(D, H), randn(B, N, D)
    layer(x)
    with torch.no_grad():
        assert layer.project_query(x + torch.nan).isnan().all()
    with pytest.raises(AssertionError, match="a careful product"):
        layer.project_query(x + torch.nan)
