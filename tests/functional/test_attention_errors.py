"""What attention refuses, and in which words: shapes, masks, dtypes, devices, blocks."""

import numpy as np
import pytest
import torch

from attnlab import attention, blockwise_attention, dot_scores, scaled_dot_scores

BOTH = pytest.mark.parametrize("context_of", [attention, blockwise_attention])
ONE = np.ones


@BOTH
@pytest.mark.parametrize(
    ("arrays", "mask", "error", "message"),
    [
        (((5, 3), (7, 3), (6, 2)), None, ValueError, r"k and v.*axis -2.*k \(7, 3\), v \(6, 2\)"),
        (((5, 3), (7, 4), (7, 2)), None, ValueError, r"q and k.*axis -1.*q \(5, 3\), k \(7, 4\)"),
        (((5, 3), (0, 3), (0, 2)), None, ValueError, r"axis -2 of k is empty.*\(0, 3\)"),
        (((5, 0), (7, 0), (7, 2)), None, ValueError, r"axis -1 of q is empty"),
        (
            ((3,), (7, 3), (7, 2)),
            None,
            ValueError,
            r"q must have at least 2 axes, got shape \(3,\)",
        ),
        (
            ((5, 3), (7, 3), (7,)),
            None,
            ValueError,
            r"v must have at least 2 axes, got shape \(7,\)",
        ),
        (
            ((5, 3), (3,), (7, 2)),
            None,
            ValueError,
            r"k must have at least 2 axes, got shape \(3,\)",
        ),
        (
            ((2, 5, 3), (2, 7, 3), (3, 7, 2)),
            None,
            ValueError,
            r"leading axes.*got shapes q \(2, 5, 3\), k \(2, 7, 3\), v \(3, 7, 2\)",
        ),
        (
            ((2, 5, 3), (3, 7, 3), (7, 2)),
            None,
            ValueError,
            r"leading axes.*got shapes q \(2, 5, 3\), k \(3, 7, 3\), v \(7, 2\)",
        ),
        (
            ((5, 3), (7, 3), (7, 2)),
            ONE((7, 5), bool),
            ValueError,
            r"mask of shape \(7, 5\).*\(5, 7\)",
        ),
        (((5, 3), (7, 3), (7, 2)), ONE((2, 5, 7), bool), ValueError, r"mask of shape \(2, 5, 7\)"),
        (((5, 3), (7, 3), (7, 2)), ONE((5, 7)), TypeError, "mask must be boolean.*got float64"),
        (((5, 3), (7, 3), (7, 2)), torch.ones(5, 7).bool(), TypeError, "mask is a torch.Tensor"),
        (((5, 3), (7, 3), (7, 2)), [True], TypeError, "mask must be a NumPy array.*got list"),
    ],
)
def test_bad_shapes_and_masks_are_named(context_of, arrays, mask, error, message):
    with pytest.raises(error, match=message):
        context_of(*map(ONE, arrays), mask=mask)


@BOTH
def test_bad_dtypes_and_devices_are_named(context_of):
    q, k, v = ONE((5, 3)), ONE((7, 3)), ONE((7, 2))
    with pytest.raises(TypeError, match="v must hold floating-point numbers, got int64"):
        context_of(q, k, v.astype(int))
    with pytest.raises(TypeError, match="one dtype, got q float64, k float64, v float32"):
        context_of(q, k, v.astype(np.float32))
    with pytest.raises(TypeError, match=r"q is a torch\.Tensor, k is a numpy\.ndarray"):
        context_of(torch.from_numpy(q), k, v)
    tensors = [torch.from_numpy(x) for x in (q, k, v)]
    with pytest.raises(ValueError, match="expected one device, got q cpu, k cpu, v meta"):
        context_of(*tensors[:2], tensors[2].to("meta"))
    with pytest.raises(ValueError, match="expected one device, got mask meta, scores cpu"):
        context_of(*tensors, mask=torch.ones(5, 7, dtype=torch.bool, device="meta"))


def test_bad_blocks_and_causality_are_named():
    q, k, v = ONE((5, 3)), ONE((7, 3)), ONE((7, 2))
    with pytest.raises(ValueError, match="block must be at least 1, got 0"):
        blockwise_attention(q, k, v, block=0)
    with pytest.raises(TypeError, match="block must be an integer, got float"):
        blockwise_attention(q, k, v, block=2.0)
    with pytest.raises(ValueError, match="as many queries as keys, got n = 5 and m = 7"):
        blockwise_attention(q, k, v, causal=True)
    with pytest.raises(ValueError, match=r"scores must return \(5, 7\), got shape \(7, 5\)"):
        attention(q, k, v, scores=lambda q, k: scaled_dot_scores(k, q))


@pytest.mark.parametrize("array", [np.asarray, torch.from_numpy])
@pytest.mark.parametrize(
    ("returned", "error", "message"),
    [
        ([[1.0]], TypeError, "what scores returned must be a NumPy array.*got list"),
        (None, TypeError, "what scores returned must be a NumPy array.*got NoneType"),
        (2.0, TypeError, "what scores returned must be a NumPy array.*got float"),
        (ONE((2, 5, 7), np.float32), TypeError, r"scores must return the dtype of q.*got.*float32"),
        (ONE((2, 5, 7), int), TypeError, r"scores must return the dtype of q.*got.*int64"),
        (ONE((2, 5, 7), bool), TypeError, r"scores must return the dtype of q.*got.*bool"),
        (ONE((5, 7)), ValueError, r"scores must return \(2, 5, 7\), got shape \(5, 7\)"),
        (ONE((1, 5, 7)), ValueError, r"scores must return \(2, 5, 7\), got shape \(1, 5, 7\)"),
        (ONE((2, 5, 1)), ValueError, r"scores must return \(2, 5, 7\), got shape \(2, 5, 1\)"),
        (ONE((3, 2, 5, 7)), ValueError, r"got shape \(3, 2, 5, 7\)"),
        (np.array(1.0), ValueError, r"scores must return \(2, 5, 7\), got shape \(\)"),
    ],
)
def test_own_scores_are_checked(array, returned, error, message):
    q, k, v = (array(ONE(shape)) for shape in ((2, 5, 3), (7, 3), (7, 2)))
    if isinstance(returned, np.ndarray):
        returned = array(returned)
    with pytest.raises(error, match=message):
        attention(q, k, v, scores=lambda q, k: returned)


def test_own_scores_are_of_the_library_and_on_the_device_of_q():
    q, k, v = (torch.ones(5, 3, dtype=torch.float64) for _ in range(3))
    with pytest.raises(TypeError, match=r"what scores returned is a numpy\.ndarray, q is a"):
        attention(q, k, v, scores=lambda q, k: ONE((5, 5)))
    with pytest.raises(ValueError, match="one device, got what scores returned meta, q cpu"):
        attention(q, k, v, scores=lambda q, k: torch.ones(5, 5, device="meta").double())
    with pytest.raises(TypeError, match="scores must be a function, got str"):
        attention(q, k, v, scores="dot")


def test_own_scores_may_be_of_autocasts_dtype():
    q, k, v = (torch.randn(5, 3) for _ in range(3))
    with torch.autocast("cpu", torch.bfloat16):
        for scores in (dot_scores, scaled_dot_scores):
            context, weights = attention(q, k, v, scores=scores)
            assert context.dtype == weights.dtype == q.dtype
    meta = q.to("meta")
    assert attention(meta, meta, meta, scores=dot_scores)[0].device.type == "meta"
