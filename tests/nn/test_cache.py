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
