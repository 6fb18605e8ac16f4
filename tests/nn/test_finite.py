"""What counts as finite, who may see what is not, and a linear map that it does not harm."""

import math

import pytest
import torch
import torch.nn.functional as F

from attnlab.nn.finite import (
    careful_linear,
    filled,
    known_finite,
    known_tame,
    may_see,
    squares_fit,
    values_fit,
)

WILD = [math.nan, math.inf, -math.inf]


@pytest.mark.parametrize("dtype", [torch.float16, torch.bfloat16, torch.float32, torch.float64])
def test_squares_of_lengths_and_largest_values(dtype):
    limits = torch.finfo(torch.float32 if dtype.itemsize == 2 else dtype)
    x = torch.ones(6, 3).to(dtype)
    for i, wild in enumerate(WILD):
        x[i, 1] = wild
    assert squares_fit(x, -1)[:, 0].tolist() == [False] * 3 + [True] * 3
    assert values_fit(x)[:, 0].tolist() == [False] * 3 + [True] * 3
    assert not known_finite(x) and known_finite(x[3:]) and not known_finite(x[3:], x[:1])
    if dtype == torch.float16:
        x[3:] = torch.finfo(dtype).max
        assert known_finite(x[3:]) and values_fit(x[3:]).all()
        return
    root = limits.max**0.5
    x[3], x[4], x[5] = 0.55 * root, 0.6 * root, limits.max * 2**-21  # three entries each
    assert squares_fit(x, -1)[3:, 0].tolist() == [True, False, False]
    assert values_fit(x)[3:, 0].tolist() == [True] * 3
    assert not values_fit(x[5] * 4)
    assert not known_finite(x[3:4].expand(2, 3))  # together they are longer


def test_nothing_is_known_where_nothing_can_be_looked_at():
    assert not known_finite(torch.ones(3, device="meta"))
    assert not torch.vmap(lambda x: x * known_finite(x))(torch.ones(2, 3)).any()
    assert known_finite(torch.ones(0, 3)) and known_finite()


def test_who_may_see():
    keys = torch.tensor([False, True, False])[None, None, :, None]  # the second of three
    assert may_see(keys, None, causal=False).flatten().tolist() == [True]
    assert may_see(keys, None, causal=True).flatten().tolist() == [False, True, True]
    mask = torch.tensor([[True, False, True], [False, True, False]])[None, None]
    assert may_see(keys, mask, causal=True).flatten().tolist() == [False, True]
    assert not may_see(torch.zeros_like(keys), None, causal=False).any()


def test_empty_rows_are_filled_after_lost_ones():
    x, first = torch.ones(2, 2), torch.tensor([[True], [False]])
    assert filled(x, None, None) is x
    assert filled(x, first, None).isnan().tolist() == [[True] * 2, [False] * 2]
    assert filled(x, first, first).tolist() == [[0, 0], [1, 1]]


@pytest.mark.parametrize("wild", WILD)
def test_a_token_that_is_not_finite_does_no_harm_to_the_weights(wild):
    x, weight, bias = torch.randn(2, 3, 4), torch.randn(5, 4), torch.randn(5)
    leaves = [leaf.requires_grad_() for leaf in (x, weight, bias)]
    assert torch.equal(careful_linear(*leaves), F.linear(x, weight, bias))

    noisy = x.detach().clone()
    noisy[1, 2, 0] = wild
    leaves = [leaf.requires_grad_() for leaf in (noisy, weight, bias)]
    result = careful_linear(*leaves)
    assert result[1, 2].isnan().all()
    rest = result.isfinite()
    assert rest.sum() == 5 * 5
    torch.testing.assert_close(result[rest], F.linear(x, weight, bias)[rest])
    want = torch.autograd.grad(F.linear(x, weight, bias)[rest].sum(), [x, weight, bias])
    got = torch.autograd.grad(result[rest].sum(), leaves)
    for mine, other in zip(got, want, strict=True):
        torch.testing.assert_close(mine, other)


def test_an_input_is_tame_if_what_is_made_of_it_has_room():
    assert known_tame(torch.ones(2, 3)) and known_tame(torch.full((2, 3), 1e9))
    assert not known_tame(torch.full((2, 3), 1e10))
    assert not known_tame(torch.full((2, 3), 16.0, dtype=torch.float16))
    assert not any(known_tame(torch.tensor([0.0, wild])) for wild in WILD)
    assert not known_tame(torch.ones(3, device="meta"))
