"""Dropout: how often, in what place, and what becomes of the mean and the gradient."""

import pytest
import torch
from torch.func import vmap

from attnlab.nn.dropout import drop

FLOATS = [torch.float16, torch.bfloat16, torch.float32, torch.float64]


def rounded(p: float) -> float:
    """The probability that is drawn for: one of 65536."""
    return round(p * 65536) / 65536


@pytest.fixture(autouse=True)
def _seed():
    torch.manual_seed(0)


@pytest.mark.parametrize("dtype", FLOATS)
@pytest.mark.parametrize("p", [0.1, 0.5, 0.9])
def test_a_share_of_p_is_dropped_and_the_rest_is_divided_by_what_is_kept(p, dtype):
    n = 100_000
    x = torch.rand(n).to(dtype) + 1
    result = drop(x, p)
    dropped = result == 0
    assert result.dtype == dtype
    assert abs(dropped.sum() - n * p) < 4 * (n * p * (1 - p)) ** 0.5  # four standard deviations
    torch.testing.assert_close(result[~dropped], x[~dropped] / (1 - rounded(p)))


def test_neighbors_are_dropped_independently():
    dropped = drop(torch.ones(300, 400), 0.3) == 0
    for pair in (dropped[1:] & dropped[:-1], dropped[:, 1:] & dropped[:, :-1]):
        assert abs(pair.float().mean() - 0.09) < 0.005


def test_the_gradient_passes_where_the_entry_did():
    x = torch.rand(3, 50) + 1
    result = drop(x.requires_grad_(), 0.4)
    result.sum().backward()
    torch.testing.assert_close(x.grad, (result != 0) / (1 - rounded(0.4)))


@pytest.mark.parametrize(("p", "training"), [(0.0, True), (0.5, False)])
def test_nothing_is_dropped_without_p_or_training(p, training):
    x = torch.rand(3, 5)
    assert drop(x, p, training) is x


@pytest.mark.parametrize(("p", "kept"), [(1e-9, 1000), (1 - 1e-9, 0)])
def test_what_rounds_to_none_or_all_stays_finite(p, kept):
    x = torch.ones(1000)
    result = drop(x, p)
    assert result.isfinite().all() and (result != 0).sum() == kept


@pytest.mark.parametrize("shape", [(), (0, 5), (3,), (5, 7)])
def test_any_shape_will_do(shape):
    x = torch.ones(shape)
    assert drop(x, 0.5).shape == shape


def test_vmap_drops_as_torch_does():
    x = torch.ones(4, 200)
    different = vmap(lambda x: drop(x, 0.5), randomness="different")(x)
    assert all(not torch.equal(different[0], other) for other in different[1:])
    same = vmap(lambda x: drop(x, 0.5), randomness="same")(x)
    assert all(torch.equal(same[0], other) for other in same[1:])
    with pytest.raises(RuntimeError, match="randomness error mode"):
        vmap(lambda x: drop(x, 0.5))(x)
    shared = vmap(lambda _: drop(x[0], 0.5), randomness="different")(x)
    assert not torch.equal(shared[0], shared[1])


def test_work_stays_on_the_cpu_when_the_default_device_is_elsewhere():
    x = torch.ones(50)
    with torch.device("meta"):
        assert drop(x, 0.5).device.type == "cpu"


def test_compiled_programs_draw_anew():
    compiled = torch.compile(lambda x: drop(x, 0.5), backend="aot_eager", fullgraph=True)
    x = torch.ones(1000)
    first, second = compiled(x), compiled(x)
    assert not torch.equal(first, second)
    assert 350 < (first == 0).sum() < 650


@pytest.mark.parametrize(
    ("x", "p", "error", "message"),
    [
        ([1.0], 0.5, TypeError, "x must be a torch tensor, got list"),
        (torch.ones(3).long(), 0.5, TypeError, "x must hold floating-point numbers"),
        (torch.ones(3), "x", TypeError, "p must be a number, got str"),
        (torch.ones(3), None, TypeError, "p must be a number, got None"),
        (torch.ones(3), 1.0, ValueError, "p must be at least 0 and below 1, got 1.0"),
        (torch.ones(3), -0.1, ValueError, "p must be at least 0 and below 1, got -0.1"),
    ],
)
def test_bad_arguments(x, p, error, message):
    with pytest.raises(error, match=message):
        drop(x, p)
