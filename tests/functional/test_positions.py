"""Positions: sines, rotations and distances beside their formulas, and what is invariant."""

import cmath
import math
import tracemalloc
import warnings
from fractions import Fraction

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from attnlab import alibi_bias, rotary, rotary_permutation, sinusoidal_encoding
from tests.memory import peak_memory

LIBRARIES = [np.asarray, torch.from_numpy]


@given(st.integers(0, 40), st.integers(1, 9).map(lambda half: 2 * half))
def test_sinusoidal_encoding_is_its_formula(n, d_model):
    code = sinusoidal_encoding(n, d_model)
    assert code.shape == (n, d_model)
    for t in range(n):
        for i in range(d_model // 2):
            angle = t / 10_000 ** (2 * i / d_model)
            assert code[t, 2 * i] == pytest.approx(math.sin(angle), abs=1e-13)
            assert code[t, 2 * i + 1] == pytest.approx(math.cos(angle), abs=1e-13)


def test_dot_products_of_codes_depend_on_the_distance_only():
    code = sinusoidal_encoding(31, 14)
    products = code @ code.T
    for distance in range(31):
        np.testing.assert_allclose(np.diagonal(products, distance), products[0, distance])


@given(st.integers(-50, 50), st.integers(0, 99))
def test_rotated_dot_products_depend_on_the_distance_only(shift, seed):
    rng = np.random.default_rng(seed)
    q, k = rng.standard_normal((2, 3, 5, 14)), rng.standard_normal((2, 3, 5, 14))
    near = rotary(q, np.arange(5)) @ rotary(k, np.arange(5)).swapaxes(-1, -2)
    far = rotary(q, np.arange(5) + shift) @ rotary(k, np.arange(5) + shift).swapaxes(-1, -2)
    np.testing.assert_allclose(far, near, atol=1e-12)
    assert abs(near - q @ k.swapaxes(-1, -2))[..., 0, 1].min() > 1e-6


def test_rotary_is_a_rotation_of_each_pair():
    x, positions = np.random.default_rng(0).standard_normal((3, 5, 6)), [0, 1, 2, 7, 100]
    turned = rotary(x, positions)
    for b, row in np.ndindex(3, 5):
        t = positions[row]
        for i in range(3):
            pair = complex(*x[b, row, 2 * i : 2 * i + 2])
            expected = pair * np.exp(1j * t / 10_000 ** (2 * i / 6))
            got = complex(*turned[b, row, 2 * i : 2 * i + 2])
            assert got == pytest.approx(expected, abs=1e-13)


@pytest.mark.parametrize("array", LIBRARIES)
def test_rotary_takes_positions_of_any_kind(array):
    x = np.random.default_rng(0).standard_normal((2, 3, 5, 4))
    expected = rotary(x, np.arange(5))
    for positions in (range(5), [0, 1, 2, 3, 4], np.arange(5.0), np.arange(5)[None, None]):
        np.testing.assert_allclose(rotary(array(x), positions), expected, atol=1e-14)
    each = np.array([np.arange(5), np.arange(5) + 7])[:, None]
    turned = np.asarray(rotary(array(x), array(each)))
    np.testing.assert_allclose(turned[0], expected[0], atol=1e-14)
    np.testing.assert_allclose(turned[1], rotary(x[1], np.arange(7, 12)), atol=1e-14)
    one_for_all = rotary(array(x), [3])
    np.testing.assert_allclose(one_for_all, rotary(x, [3] * 5), atol=1e-14)


@pytest.mark.parametrize(
    "dtype", ["uint8", "int8", "uint16", "int32", "float16", "float32", "float64", "longdouble"]
)
@pytest.mark.parametrize("array", LIBRARIES)
def test_rotary_takes_positions_of_any_dtype_and_strides(array, dtype):
    x = np.random.default_rng(0).standard_normal((2, 5, 4))
    expected = rotary(x, [9, 7, 5, 3, 1])
    at = np.arange(11).astype(dtype)[9::-2]  # walks backwards
    at.flags.writeable = False
    np.testing.assert_allclose(rotary(array(x), at), expected, atol=1e-14)
    if array is torch.from_numpy and dtype not in ("uint16", "longdouble"):
        np.testing.assert_allclose(rotary(array(x), array(at.copy())), expected, atol=1e-14)


@pytest.mark.parametrize("array", LIBRARIES)
@pytest.mark.parametrize("base", [2, 500_000.0, Fraction(1, 3), 10**20])
def test_the_base_is_that_of_the_formula(array, base):
    x, at = np.random.default_rng(0).standard_normal((5, 6)), [0, 1, -2, 7.5, 100]
    pairs = x.reshape(5, 3, 2) @ [1, 1j]
    speeds = float(base) ** (-2 * np.arange(3) / 6)
    expected = pairs * np.exp(1j * np.outer(at, speeds))
    turned = np.asarray(rotary(array(x), at, base=base)).reshape(5, 3, 2) @ [1, 1j]
    np.testing.assert_allclose(turned, expected, atol=1e-12)


@pytest.mark.parametrize("array", LIBRARIES)
def test_halves_are_turned_as_by_rotate_half(array):
    """As GPT-NeoX and the Llama of Hugging Face write it."""
    x, at = np.random.default_rng(0).standard_normal((2, 5, 8)), np.arange(5)
    angles = np.outer(at, 10_000 ** (-np.arange(0, 8, 2) / 8))
    cos, sin = (np.concatenate([turn(angles)] * 2, axis=-1) for turn in (np.cos, np.sin))
    rotate_half = np.concatenate([-x[..., 4:], x[..., :4]], axis=-1)
    turned = rotary(array(x), at, pairing="halves")
    np.testing.assert_allclose(turned, x * cos + rotate_half * sin, atol=1e-14)


@given(st.integers(1, 4), st.integers(1, 5).map(lambda half: 2 * half), st.integers(0, 99))
def test_permuted_projections_give_the_scores_of_the_other_pairing(n_heads, d, seed):
    rng = np.random.default_rng(seed)
    x, w_q, w_k = rng.standard_normal((3, 7)), *rng.standard_normal((2, n_heads * d, 7))

    def scores(w_q, w_k, pairing):
        heads = (np.reshape(x @ w.T, (3, n_heads, d)).swapaxes(0, 1) for w in (w_q, w_k))
        q, k = (rotary(head, range(3), pairing=pairing) for head in heads)
        return q @ k.swapaxes(1, 2)

    order = rotary_permutation(d, n_heads, to="halves")
    back = rotary_permutation(d, n_heads, to="interleaved")
    assert order[back].tolist() == list(range(n_heads * d))
    expected = scores(w_q, w_k, "interleaved")
    np.testing.assert_allclose(scores(w_q[order], w_k[order], "halves"), expected, atol=1e-12)
    if d > 2:
        assert not np.allclose(scores(w_q, w_k, "halves"), expected)


def test_a_gradient_flows_back_to_positions_and_nothing_is_warned_of():
    x = torch.randn(2, 3, 4, dtype=torch.float64)
    at = torch.tensor([0.5, 3.0, -2.0], dtype=torch.float64, requires_grad=True)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        for pairing in ("interleaved", "halves"):
            assert torch.autograd.gradcheck(lambda at: rotary(x, at, pairing=pairing), at)  # noqa: B023
    single = at.detach().float().requires_grad_()
    rotary(x, single).square().sum().backward()
    assert single.grad.abs().max() < 1e-5  # lengths do not depend on positions
    rotary(x, single).sum().backward()
    assert single.grad.dtype == torch.float32 and single.grad.abs().min() > 1e-3


def test_rotary_gradients_are_right_and_arguments_are_left_as_they_were():
    x = torch.randn(2, 3, 4, dtype=torch.float64, requires_grad=True)
    positions = torch.tensor([5, 0, 2])
    before = x.detach().clone(), positions.clone()
    assert torch.autograd.gradcheck(lambda x: rotary(x, positions), x)
    assert torch.equal(x, before[0]) and torch.equal(positions, before[1])


@pytest.mark.parametrize("dtype", [torch.float16, torch.bfloat16, torch.float32, torch.float64])
def test_dtype_stays_and_far_positions_are_exact(dtype):
    x = torch.randn(5, 8, generator=torch.Generator().manual_seed(0)).to(dtype)
    turned = rotary(x, torch.arange(100_003, 100_008))
    exact = rotary(x.double(), torch.arange(100_003, 100_008))
    assert turned.dtype == dtype
    assert (turned.double() - exact).abs().max() <= 2 * torch.finfo(dtype).eps * x.abs().max()
    assert sinusoidal_encoding(3, 4, like=x).dtype == alibi_bias(2, 3, like=x).dtype == dtype
    if dtype != torch.bfloat16:
        assert rotary(x.numpy(), range(5)).dtype == x.numpy().dtype


@pytest.mark.parametrize("array", LIBRARIES)
def test_a_position_of_a_million_is_precise(array):
    x, t = np.random.default_rng(0).standard_normal((1, 6)), 1_000_003
    turned = rotary(array(x.astype(np.float32)), [t])
    code = sinusoidal_encoding(1, 6, start=t, like=array(np.ones(1, np.float32)))
    for i in range(3):
        angle = math.fmod(t / 10_000 ** (2 * i / 6), 2 * math.pi)
        pair = complex(*x[0, 2 * i : 2 * i + 2]) * cmath.exp(1j * angle)
        assert complex(*turned[0, 2 * i : 2 * i + 2].tolist()) == pytest.approx(pair, abs=1e-6)
        expected = [math.sin(angle), math.cos(angle)]
        assert code[0, 2 * i : 2 * i + 2].tolist() == pytest.approx(expected, abs=1e-7)


@pytest.mark.parametrize("dtype", [np.float16, np.float32, np.float64])
@pytest.mark.parametrize("array", LIBRARIES)
def test_later_rows_are_those_of_the_whole_table(array, dtype):
    like = array(np.ones(1, dtype))
    code, bias = sinusoidal_encoding(9, 6, like=like), alibi_bias(3, 9, like=like)
    for start in range(9):
        for n in range(9 - start):
            stop = start + n
            rows = sinusoidal_encoding(n, 6, start=start, like=like)
            assert rows.dtype == like.dtype and rows.tolist() == code[start:stop].tolist()
            rows = alibi_bias(3, n, start=start, like=like)
            assert rows.dtype == like.dtype and rows.tolist() == bias[:, start:stop, :stop].tolist()


@pytest.mark.parametrize("array", LIBRARIES)
@pytest.mark.parametrize("kind", [np.uint8, np.int8, np.uint32, np.int64])
def test_sizes_of_few_bits(array, kind):
    like = array(np.ones(1))
    code = sinusoidal_encoding(kind(100), kind(8), start=kind(100), like=like)
    assert code.tolist() == sinusoidal_encoding(100, 8, start=100, like=like).tolist()
    bias = alibi_bias(kind(50), kind(2), start=kind(126), like=like)
    assert bias.tolist() == alibi_bias(50, 2, start=126, like=like).tolist()
    order = rotary_permutation(kind(64), kind(8), to="halves")
    assert order.tolist() == rotary_permutation(64, 8, to="halves").tolist()


def test_without_a_number_of_heads_there_is_one():
    assert rotary_permutation(4, to="halves").tolist() == [0, 2, 1, 3]


def test_tables_of_tensors_are_those_of_numpy():
    like = torch.ones(1, dtype=torch.float64)
    for n in (0, 1, 7):
        ours, theirs = sinusoidal_encoding(n, 6, like=like), sinusoidal_encoding(n, 6)
        np.testing.assert_allclose(ours, theirs, atol=1e-14)
        assert torch.equal(alibi_bias(8, n, like=like), torch.from_numpy(alibi_bias(8, n)))


def test_like_carries_library_and_device():
    like = torch.ones(1, device="meta")
    assert sinusoidal_encoding(3, 4, like=like).device == like.device
    assert alibi_bias(2, 3, like=like).device == like.device
    assert alibi_bias(2, 3, like=np.ones(1, np.float32)).dtype == np.float32
    assert sinusoidal_encoding(3, 4).dtype == alibi_bias(2, 3).dtype == np.float64


@given(st.integers(1, 13), st.integers(0, 11))
def test_alibi_bias_is_its_formula(n_heads, n):
    bias = alibi_bias(n_heads, n)
    expected = [
        [[-(2 ** (-8 * head / n_heads)) * abs(i - j) for j in range(n)] for i in range(n)]
        for head in range(1, n_heads + 1)
    ]
    np.testing.assert_allclose(bias, np.reshape(expected, (n_heads, n, n)), rtol=1e-14)


def paper_slopes(n_heads):
    """What the code of Press, Smith and Lewis has for any number of heads."""
    if n_heads & (n_heads - 1) == 0:
        ratio = 2 ** (-(2 ** -(math.log2(n_heads) - 3)))
        return [ratio * ratio**i for i in range(n_heads)]
    lower = 2 ** math.floor(math.log2(n_heads))
    return paper_slopes(lower) + paper_slopes(2 * lower)[0::2][: n_heads - lower]


def test_the_formula_is_the_papers_code_for_powers_of_two():
    for n_heads in (1, 2, 4, 8, 16, 32):
        np.testing.assert_allclose(-alibi_bias(n_heads, 2)[:, 0, 1], paper_slopes(n_heads))


def test_the_slopes_of_bloom_are_as_the_docstring_writes_them():
    slopes = [2 ** (-8 * k / 64) for k in range(1, 65)]
    slopes += [2 ** (-8 * k / 128) for k in range(1, 97, 2)]
    assert "for k in range(1, 65)" in alibi_bias.__doc__
    assert "for k in range(1, 97, 2)" in alibi_bias.__doc__
    np.testing.assert_allclose(slopes, paper_slopes(112))
    np.testing.assert_allclose(-alibi_bias(112, 2, slopes=slopes)[:, 0, 1], slopes)


@pytest.mark.parametrize("array", LIBRARIES)
def test_slopes_of_any_kind(array):
    like = array(np.ones(1))
    expected = alibi_bias(2, 5) * np.array([3, 0.5])[:, None, None] / [[[2**-4]], [[2**-8]]]
    for slopes in ([3, 0.5], np.array([0.5, 3])[::-1], array(np.array([3, 0.5]))):
        bias = alibi_bias(2, 5, slopes=slopes, like=like)
        np.testing.assert_allclose(bias, expected, rtol=1e-14)


def test_slopes_get_a_gradient():
    slopes = torch.tensor([0.3, 2.0], dtype=torch.float64, requires_grad=True)
    assert torch.autograd.gradcheck(lambda s: alibi_bias(2, 3, slopes=s, start=2, like=s), slopes)


@pytest.mark.parametrize("dtype", [torch.float16, torch.bfloat16, torch.float32, torch.float64])
@pytest.mark.parametrize("n", [600, 3000])
def test_alibi_takes_little_more_memory_than_it_returns(dtype, n):
    like = torch.ones(1, dtype=dtype, device="meta")  # counted, not taken
    bias, peak = peak_memory(lambda: alibi_bias(8, n, like=like))
    assert bias.shape == (8, n, n)
    assert peak <= 2 * bias.nbytes
    row, peak = peak_memory(lambda: alibi_bias(8, 1, start=n, like=like))
    assert row.shape == (8, 1, n + 1) and peak <= 40 * 8 * n


def test_tensors_take_nothing_from_numpy():
    like = torch.ones(1)
    tracemalloc.start()
    try:
        alibi_bias(8, 300, like=like), sinusoidal_encoding(300, 64, like=like)
        rotary(torch.ones(300, 64), torch.arange(300))
        assert tracemalloc.get_traced_memory()[1] < 100_000
    finally:
        tracemalloc.stop()


@pytest.mark.parametrize(
    "function",
    [
        lambda x: sinusoidal_encoding(x.shape[-2], x.shape[-1], like=x),
        lambda x: alibi_bias(3, x.shape[-2], like=x),
        lambda x: rotary(x, torch.arange(x.shape[-2])),
        lambda x: rotary(x, torch.arange(x.shape[-2]), pairing="halves", base=7),
    ],
)
def test_they_can_be_compiled_exported_and_mapped(function):
    x = torch.randn(4, 5, 6)
    whole = torch.compile(function, backend="eager", fullgraph=True, dynamic=True)
    for n in (5, 3):
        assert torch.equal(whole(x[:, :n]), function(x[:, :n]))
    length = {0: None, 1: torch.export.Dim("n", min=2, max=100), 2: None}
    module = AsModule(function)
    exported = torch.export.export(module, (x,), dynamic_shapes={"x": length}).module()
    for n in (2, 5, 100):
        y = torch.randn(4, n, 6)
        torch.testing.assert_close(exported(y), function(y))
    torch.testing.assert_close(torch.vmap(function)(x), torch.stack([function(one) for one in x]))


class AsModule(torch.nn.Module):
    def __init__(self, function):
        super().__init__()
        self.function = function

    def forward(self, x):
        return self.function(x)


def test_rotary_is_mapped_over_positions():
    x, at = torch.randn(5, 6), torch.randn(4, 5)
    mapped = torch.vmap(rotary, in_dims=(None, 0))(x, at)
    torch.testing.assert_close(mapped, torch.stack([rotary(x, t) for t in at]))


def test_eight_heads_have_the_slopes_of_the_paper():
    assert (-alibi_bias(8, 2)[:, 0, 1]).tolist() == [2.0**-k for k in range(1, 9)]


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (lambda: sinusoidal_encoding(3, 5), ValueError, "d_model must be even, got 5"),
        (lambda: sinusoidal_encoding(3, 0), ValueError, "d_model must be at least 2, got 0"),
        (lambda: sinusoidal_encoding(-1, 4), ValueError, "n must be at least 0, got -1"),
        (lambda: sinusoidal_encoding(3.0, 4), TypeError, "n must be an integer, got float"),
        (
            lambda: sinusoidal_encoding(3, 4, like=np.ones(1, int)),
            TypeError,
            "like must hold float",
        ),
        (lambda: alibi_bias(0, 3), ValueError, "n_heads must be at least 1, got 0"),
        (lambda: alibi_bias(2, -3), ValueError, "n must be at least 0, got -3"),
        (lambda: alibi_bias(2, 3, like=[1.0]), TypeError, "like must be a NumPy array.*got list"),
        (lambda: rotary(np.ones((3, 5)), range(3)), ValueError, "d must be even, got 5"),
        (lambda: rotary(np.ones((3, 0)), range(3)), ValueError, "d must be at least 2, got 0"),
        (lambda: rotary(np.ones(4), [0]), ValueError, r"x must have at least 2 axes.*\(4,\)"),
        (lambda: rotary(np.ones((3, 4), int), range(3)), TypeError, "x must hold floating"),
        (
            lambda: rotary(np.ones((3, 4)), range(2)),
            ValueError,
            r"at of shape \(2,\) does not broadcast to \(3,\)",
        ),
        (
            lambda: rotary(np.ones((3, 4)), np.zeros((2, 3))),
            ValueError,
            r"at of shape \(2, 3\) does not broadcast to \(3,\)",
        ),
        (lambda: sinusoidal_encoding(3, 4, start=-1), ValueError, "start must be at least 0"),
        (lambda: alibi_bias(2, 3, start=1.0), TypeError, "start must be an integer, got float"),
        (
            lambda: alibi_bias(2, 3, slopes=[1.0]),
            ValueError,
            r"slopes must have shape \(2,\), got \(1,\)",
        ),
        (lambda: alibi_bias(2, 3, slopes=["a", "b"]), TypeError, "slopes must be numbers"),
        (
            lambda: alibi_bias(2, 3, slopes=torch.ones(2)),
            TypeError,
            "slopes is a torch.Tensor, like is a numpy.ndarray",
        ),
        (
            lambda: alibi_bias(2, 3, slopes=torch.ones(2, device="meta"), like=torch.ones(1)),
            ValueError,
            "expected one device, got slopes meta, like cpu",
        ),
        (lambda: rotary(np.ones((1, 4)), [0], base=0), ValueError, "base must be positive"),
        (lambda: rotary(np.ones((1, 4)), [0], base="1"), TypeError, "base must be a number"),
        (
            lambda: rotary(np.ones((1, 4)), [0], pairing="half"),
            ValueError,
            "pairing must be one of 'interleaved', 'halves'; got 'half'",
        ),
        (
            lambda: rotary(torch.ones(1, 4), torch.ones(1, device="meta")),
            ValueError,
            "expected one device, got at meta, x cpu",
        ),
        (lambda: rotary(np.ones((1, 4)), [[0], [1, 2]]), TypeError, "at must be a sequence of num"),
        (lambda: rotary(np.ones((1, 4)), None), TypeError, "at must be"),
        (lambda: rotary_permutation(5, to="halves"), ValueError, "d must be even, got 5"),
        (lambda: rotary_permutation(4, 0, to="halves"), ValueError, "n_heads must be at least 1"),
        (lambda: rotary_permutation(4, to="pairs"), ValueError, "to must be one of 'interleaved',"),
        (lambda: rotary(np.ones((1, 4)), [True]), TypeError, "at must be numbers, got bool"),
        (lambda: rotary(np.ones((1, 4)), ["a"]), TypeError, "at must be numbers, got <U1"),
        (
            lambda: rotary(np.ones((1, 4)), torch.ones(1)),
            TypeError,
            "at is a torch.Tensor, x is a numpy.ndarray",
        ),
    ],
)
def test_bad_input_is_named(call, error, message):
    with pytest.raises(error, match=message):
        call()


def test_nowhere_and_the_first_position():
    x = np.random.default_rng(0).standard_normal((1, 4))
    assert rotary(x, [0]).tolist() == x.tolist()
    assert rotary(np.ones((2, 0, 4)), []).shape == (2, 0, 4)
    assert sinusoidal_encoding(1, 4).tolist() == [[0, 1, 0, 1]]
    assert alibi_bias(3, 1).tolist() == [[[0]]] * 3
