"""Heads that do not fit together."""

import pytest
import torch

from attnlab.nn.kernels import heads_attention

B, H, N = 3, 2, 5


def test_bad_heads():
    q, k = torch.zeros(B, H, N, 2), torch.zeros(B, H, 3, 2)
    with pytest.raises(ValueError, match="a key for every query, got n = 5 and m = 3"):
        heads_attention(q, k, k, causal=True)
