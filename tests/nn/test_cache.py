"""The cache of keys and values: its rows, and what it refuses."""

import re

import pytest
import torch

from attnlab.nn.cache import KeyValueCache

B, H = 3, 2


@pytest.fixture(autouse=True)
def _seed():
    torch.manual_seed(0)


def test_cache_selects_rows():
    k, v = torch.randn(B, H, 2, 3), torch.randn(B, H, 2, 5)
    cache = KeyValueCache(batch=B, n_heads=H, max_len=3, d_k=3, d_v=5, like=k)
    cache.append(k, v)
    rows = torch.tensor([2, 0, 0, 1])
    cache.select(rows)
    keys, values = cache.append(k[rows, :, :1], v[rows, :, :1])
    assert torch.equal(keys[:, :, :2], k[rows]) and torch.equal(values[:, :, :2], v[rows])


def test_bad_cache():
    sizes = {"batch": 1, "n_heads": 2, "max_len": 3, "d_k": 4, "d_v": 5, "like": torch.ones(1)}
    cache = KeyValueCache(**sizes)
    k, v = torch.zeros(1, 2, 2, 4), torch.zeros(1, 2, 2, 5)
    with pytest.raises(ValueError, match=re.escape("v of shape (1, 2, 2, 5), got (1, 2, 2, 4)")):
        cache.append(k, k)
    cache.append(k, v)
    with pytest.raises(ValueError, match="cache holds 3 positions, got 4"):
        cache.append(k, v)
    with pytest.raises(ValueError, match="max_len must be at least 1, got 0"):
        KeyValueCache(**sizes | {"max_len": 0})


def cache_of(like=None):
    return KeyValueCache(
        batch=B, n_heads=H, max_len=3, d_k=4, d_v=5, like=torch.ones(1) if like is None else like
    )


K, V = torch.zeros(B, H, 1, 4), torch.zeros(B, H, 1, 5)


@pytest.mark.parametrize(
    ("k", "v", "error", "message"),
    [
        (K.double(), V.double(), TypeError, "cache takes k of torch.float32, got torch.float64"),
        (K, V.half(), TypeError, "cache takes v of torch.float32, got torch.float16"),
        (K.long(), V, TypeError, "cache takes k of torch.float32, got torch.int64"),
        (K.to("meta"), V.to("meta"), ValueError, "cache takes k on cpu, got meta"),
        (K, V.to("meta"), ValueError, "expected one device, got k cpu, v meta"),
        ([0.0], V, TypeError, "k must be a torch tensor, got list"),
        (K, None, TypeError, "v must be a torch tensor, got None"),
        (K[:2], V[:2], ValueError, "cache takes k of shape (3, 2, 1, 4), got (2, 2, 1, 4)"),
        (K[:, :1], V, ValueError, "cache takes k of shape (3, 2, 1, 4), got (3, 1, 1, 4)"),
        (K[0], V[0], ValueError, "got (2, 1, 4)"),
        (K, V.expand(-1, -1, 2, -1), ValueError, "cache takes v of shape (3, 2, 1, 5), got (3, 2,"),
    ],
)
def test_what_a_cache_refuses_leaves_it_as_it_was(k, v, error, message):
    cache = cache_of()
    cache.append(K + 1, V + 2)
    with pytest.raises(error, match=re.escape(message)):
        cache.append(k, v)
    keys, values = cache.append(K, V)
    assert cache.length == 2
    assert (keys[:, :, 0] == 1).all() and (values[:, :, 0] == 2).all()


@pytest.mark.parametrize(
    ("like", "message"),
    [
        ([1.0], "like must be a torch tensor, got list"),
        (torch.ones(1, dtype=torch.int64), "like must hold floating-point numbers"),
    ],
)
def test_bad_like(like, message):
    with pytest.raises(TypeError, match=message):
        cache_of(like)


@pytest.mark.parametrize(
    ("rows", "error"),
    [
        ([0, 1], TypeError),
        (torch.tensor([0.0, 1.0]), TypeError),
        (torch.tensor([True, False, True]), TypeError),
        (torch.tensor([0, 3]), ValueError),
        (torch.tensor([-1, 0]), ValueError),
        (torch.tensor([[0, 1]]), ValueError),
        (torch.tensor(0), ValueError),
        (torch.tensor([0], device="meta"), ValueError),
    ],
)
def test_bad_rows(rows, error):
    cache = cache_of()
    cache.append(K, V)
    with pytest.raises(error, match="rows"):
        cache.select(rows)
    assert cache.append(K, V)[0].shape == (B, H, 2, 4)


def test_rows_of_any_integers():
    for dtype in (torch.int64, torch.int32, torch.uint8):
        cache = cache_of()
        cache.append(K + torch.arange(B)[:, None, None, None], V)
        cache.select(torch.tensor([2, 0], dtype=dtype))
        keys, _ = cache.append(K[:2], V[:2])
        assert keys[:, 0, 0, 0].tolist() == [2, 0]


def test_a_cache_knows_whether_all_in_it_is_finite():
    cache = cache_of()
    assert cache.finite
    cache.append(K, V)
    assert cache.finite
    cache.append(K, V + float("nan"))
    assert not cache.finite
    cache.append(K, V)
    assert not cache.finite
