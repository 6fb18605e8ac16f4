"""The package's door: what an import brings, and what it leaves for later."""

import subprocess
import sys

import pytest
import torch

import attnlab
from attnlab.functional import arrays as check

NUMPY_ONLY = """
import sys
import numpy as np
import attnlab
x = np.random.default_rng(0).standard_normal((5, 4))
attnlab.attention(attnlab.rotary(x, range(5)), x, x, mask=attnlab.causal_mask(5))
attnlab.blockwise_attention(x, x, x, mask=attnlab.padding_mask([3], 5)[0])
attnlab.entropy(attnlab.online_softmax(x)), attnlab.sinusoidal_encoding(5, 4)
assert "torch" not in sys.modules
assert callable(attnlab.MultiHeadAttention)
assert "torch" in sys.modules
assert callable(attnlab.softmax) and callable(attnlab.attention)
"""


def test_numpy_use_does_not_import_torch():
    subprocess.run([sys.executable, "-c", NUMPY_ONLY], check=True)


@pytest.mark.parametrize("name", sorted(attnlab._LAZY))
def test_every_lazy_name_is_there(name):
    assert callable(getattr(attnlab, name))
    assert name in dir(attnlab)


def test_an_unknown_name_is_an_attribute_error():
    with pytest.raises(AttributeError, match="module 'attnlab' has no attribute 'atention'"):
        attnlab.atention  # noqa: B018 - the look-up is the test


def test_a_star_brings_the_part_without_torch():
    assert all(hasattr(attnlab, name) for name in attnlab.__all__)
    assert not set(attnlab.__all__) & set(attnlab._LAZY)


def test_one_array_of_each_library_has_its_namespace():
    assert check.namespace(x=torch.ones(1)).__name__.endswith("torch")
    with pytest.raises(TypeError, match="x must be a NumPy array or a torch tensor, got NoneType"):
        check.namespace(x=None)
