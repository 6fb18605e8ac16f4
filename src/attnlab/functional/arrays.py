"""What the functional core asks of its arrays, and every error it raises when they are wrong.

The core is written once for NumPy arrays and torch tensors: `floats` and its companions return the
array namespace (`xp`) of what they were given, so that NumPy input never imports torch.
"""

from collections.abc import Mapping
from numbers import Integral
from types import ModuleType
from typing import TYPE_CHECKING, Any, TypeAlias

import array_api_compat as compat
import numpy as np

from attnlab.functional.settings import kind

if TYPE_CHECKING:
    from torch import Tensor
    from typing_extensions import TypeVar  # one with a default

    AnyArray: TypeAlias = np.ndarray | Tensor
    # Which of the two goes in comes out; where neither goes in, NumPy's does.
    Array = TypeVar("Array", np.ndarray, Tensor, default=np.ndarray)
else:
    AnyArray = Array = Any


def namespace(**arrays: AnyArray) -> ModuleType:
    """The array namespace shared by the named arrays, or a TypeError that says who differs."""
    for name, array in arrays.items():
        if not (compat.is_numpy_array(array) or compat.is_torch_array(array)):
            raise TypeError(f"{name} must be a NumPy array or a torch tensor, got {kind(array)}")
    if len({compat.is_torch_array(array) for array in arrays.values()}) > 1:
        kinds = ", ".join(f"{name} is a {kind(array)}" for name, array in arrays.items())
        raise TypeError(f"expected arrays of one library, got a mixture: {kinds}")
    return compat.array_namespace(next(iter(arrays.values())))


def floats(**arrays: AnyArray) -> ModuleType:
    """The namespace of the named arrays, which must be real floats of one dtype on one device."""
    xp = namespace(**arrays)
    for name, array in arrays.items():
        if not xp.isdtype(array.dtype, "real floating"):
            raise TypeError(f"{name} must hold floating-point numbers, got {array.dtype}")
    if len({array.dtype for array in arrays.values()}) > 1:
        raise TypeError(f"expected one dtype, got {_each(arrays, 'dtype')}")
    if len({compat.device(array) for array in arrays.values()}) > 1:
        raise ValueError(f"expected one device, got {_each(arrays, 'device')}")
    return xp


def at_least(ndim: int, **arrays: AnyArray) -> None:
    """Each named array has `ndim` axes or more."""
    for name, array in arrays.items():
        if array.ndim < ndim:
            raise ValueError(f"{name} must have at least {ndim} axes, got shape {_shape(array)}")


def same_length(axis: int, **arrays: AnyArray) -> None:
    """The named arrays are equally long on `axis`, counted from the end."""
    if len({array.shape[axis] for array in arrays.values()}) > 1:
        names = " and ".join(arrays)
        shapes = ", ".join(f"{name} {_shape(array)}" for name, array in arrays.items())
        raise ValueError(f"{names} must be equally long on axis {axis}, got shapes {shapes}")


def leading(**arrays: AnyArray) -> tuple[int, ...]:
    """The shape to which all axes but the last two of the named arrays broadcast."""
    try:
        return np.broadcast_shapes(*(tuple(array.shape[:-2]) for array in arrays.values()))
    except ValueError:
        shapes = ", ".join(f"{name} {_shape(array)}" for name, array in arrays.items())
        raise ValueError(
            f"the leading axes (all but the last two) must broadcast, got shapes {shapes}"
        ) from None


def has_shape(expected: tuple[int, ...], **arrays: AnyArray) -> None:
    """Each named array has exactly the shape `expected`."""
    for name, array in arrays.items():
        if tuple(array.shape) != expected:
            raise ValueError(f"{name} must have shape {expected}, got {_shape(array)}")


def scores_of_pairs(n: int, m: int, scores: AnyArray) -> None:
    """A score function returned one score for each of n queries and m keys."""
    if tuple(scores.shape[-2:]) != (n, m):
        raise ValueError(f"scores must return (..., {n}, {m}), got shape {_shape(scores)}")


def filled_axis(axis: int, **arrays: AnyArray) -> None:
    """Each named array has an axis `axis`, and something on it."""
    for name, array in arrays.items():
        if not isinstance(axis, Integral):
            raise TypeError(f"axis must be an integer, got {kind(axis)}")
        if not -array.ndim <= axis < array.ndim:
            raise ValueError(f"{name} has no axis {axis}: its shape is {_shape(array)}")
        if array.shape[axis] == 0:
            raise ValueError(f"axis {axis} of {name} is empty: its shape is {_shape(array)}")


def as_mask(mask: AnyArray, shape: tuple[int, ...], like: Array) -> Array:
    """The mask in the library of `like`, with as many axes as `shape`, to which it broadcasts.

    A NumPy mask may go with tensors (it is moved to their device); the reverse is an error.
    """
    if compat.is_numpy_array(mask) and mask.dtype == bool and compat.is_torch_array(like):
        mask = as_like(mask, like)
    xp = namespace(mask=mask, scores=like)
    if not xp.isdtype(mask.dtype, "bool"):
        raise TypeError(f"mask must be boolean (True = may attend), got {mask.dtype}")
    if compat.device(mask) != compat.device(like):
        raise ValueError(
            f"expected one device, got {_each({'mask': mask, 'scores': like}, 'device')}"
        )
    if not _fits(mask.shape, shape):
        raise ValueError(
            f"mask of shape {_shape(mask)} does not broadcast to scores of shape {tuple(shape)}"
        )
    return xp.reshape(mask, (1,) * (len(shape) - mask.ndim) + tuple(mask.shape))


def as_like(array: np.ndarray, like: Array | None) -> Array:
    """A NumPy array moved to the library and device of `like`; booleans stay booleans, and numbers
    take the dtype of `like`, which must then be a float. Without `like` it is left as it is."""
    if like is None:
        return array  # pyright: ignore[reportReturnType] - an Array is NumPy's if there is no like
    if array.dtype == bool:
        xp = namespace(like=like)
        dtype = xp.bool
    else:
        xp, dtype = floats(like=like), like.dtype
    if not array.flags.writeable:
        array = array.copy()  # a tensor may not share memory that is read-only
    return xp.asarray(array, dtype=dtype, device=compat.device(like))


def wide(array: Array) -> Array:
    """The array in float32 if it is of half precision, which is too coarse to add up in."""
    if array.dtype.itemsize != 2:
        return array
    xp = compat.array_namespace(array)
    return xp.astype(array, xp.float32)


def lengths(lengths: AnyArray, max_len: int) -> None:
    """Lengths are integers between 0 and max_len."""
    xp = namespace(lengths=lengths)
    if not xp.isdtype(lengths.dtype, "integral"):
        raise TypeError(f"lengths must be integers, got {lengths.dtype}")
    outside: Any = (lengths < 0) | (lengths > max_len)
    for wrong in lengths[outside].tolist():
        raise ValueError(f"lengths must be between 0 and max_len = {max_len}, got {wrong}")


def tokens(vocabulary: int, **tokens: AnyArray) -> None:
    """Each named tensor is `(B, n)` and holds int64 tokens from 0 to vocabulary − 1."""
    for name, array in tokens.items():
        xp = namespace(**{name: array})
        if array.dtype != xp.int64:
            raise TypeError(f"{name} must hold int64 tokens, got {array.dtype}")
        if array.ndim != 2:
            raise ValueError(f"{name} must have shape (B, n), got {_shape(array)}")
        outside: Any = (array < 0) | (array >= vocabulary)
        for wrong in array[outside].tolist():
            raise ValueError(f"{name} must hold tokens from 0 to {vocabulary - 1}, got {wrong}")


def positions(positions: Any, like: Array) -> Array:
    """Positions in the library and on the device of `like`, `(..., n, d)`, in float64."""
    if not (compat.is_numpy_array(positions) or compat.is_torch_array(positions)):
        positions = np.asarray(positions)
    xp = namespace(positions=positions)
    if not xp.isdtype(positions.dtype, ("integral", "real floating")):
        raise TypeError(f"positions must be numbers, got {positions.dtype}")
    if compat.is_torch_array(positions):
        namespace(positions=positions, x=like)
    if not _fits(positions.shape, like.shape[:-1]):
        raise ValueError(
            f"positions of shape {_shape(positions)} do not broadcast to {tuple(like.shape[:-1])}"
        )
    xp = namespace(like=like)
    return xp.asarray(positions, dtype=xp.float64, device=compat.device(like))


def _fits(shape: tuple[int, ...], into: tuple[int, ...]) -> bool:
    """Whether an array of `shape` broadcasts to exactly `into`."""
    pairs = zip(reversed(shape), reversed(into), strict=False)
    return len(shape) <= len(into) and all(own in (1, other) for own, other in pairs)


def _shape(array: AnyArray) -> tuple[int, ...]:
    return tuple(array.shape)  # torch.Size prints otherwise


def _each(arrays: Mapping[str, AnyArray], attribute: str) -> str:
    read = compat.device if attribute == "device" else lambda array: getattr(array, attribute)
    return ", ".join(f"{name} {read(array)}" for name, array in arrays.items())
