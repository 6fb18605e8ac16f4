"""What the library asks of its arrays, and every error it raises when they are wrong.

The core is written once for NumPy arrays and torch tensors: `floats` and its companions return the
array namespace (`xp`) of what they were given, so that NumPy input never imports torch. All of it
can be traced by torch.compile and torch.export, and mapped by torch.vmap.
"""

import sys
from collections.abc import Iterable, Mapping
from types import ModuleType
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np
from array_api_compat import numpy

from attnlab.functional.settings import as_float, integer, kind

if TYPE_CHECKING:
    from torch import Tensor
    from typing_extensions import TypeIs, TypeVar  # one with a default

    AnyArray: TypeAlias = np.ndarray | Tensor
    # Which of the two goes in comes out; where neither goes in, NumPy's does.
    Array = TypeVar("Array", np.ndarray, Tensor, default=np.ndarray)
else:
    AnyArray = Array = Any


def is_torch(array: object) -> "TypeIs[Tensor]":
    """Whether it is a torch tensor; if torch was never imported, it is not."""
    torch = sys.modules.get("torch")
    return torch is not None and isinstance(array, torch.Tensor)


def xp_of(array: AnyArray) -> ModuleType:
    """The array namespace of one array that was checked before."""
    if not is_torch(array):
        return numpy
    if "array_api_compat.torch" in sys.modules:  # an import takes longer, at every call
        return sys.modules["array_api_compat.torch"]
    from array_api_compat import torch  # noqa: PLC0415 - it imports torch itself

    return torch


def device(array: AnyArray) -> Any:
    """Where the array is, as its library says it."""
    return array.device if is_torch(array) else "cpu"


def namespace(**arrays: AnyArray) -> ModuleType:
    """The array namespace shared by the named arrays: each is exactly what it seems to be, a NumPy
    array or a torch tensor, plain, dense and in this machine's order of bytes."""
    for name, array in arrays.items():
        _plain(name, array)
    if not _same(is_torch(array) for array in arrays.values()):
        kinds = ", ".join(f"{name} is a {kind(array)}" for name, array in arrays.items())
        raise TypeError(f"expected arrays of one library, got a mixture: {kinds}")
    return xp_of(next(iter(arrays.values())))


def tensors(**tensors: "Tensor") -> None:
    """Each of the named arguments of a module is a torch tensor, and they are on one device."""
    for name, tensor in tensors.items():
        if not _is_plain(tensor):
            if not is_torch(tensor):
                raise TypeError(f"{name} must be a torch tensor, got {kind(tensor)}")
            _plain(name, tensor)
    if len(tensors) > 1:
        one_device(**tensors)


def floats(**arrays: AnyArray) -> ModuleType:
    """The namespace of the named arrays, which must be real floats of one dtype on one device."""
    xp = namespace(**arrays)
    for name, array in arrays.items():
        # Of torch's one-byte floats there is no arithmetic.
        dtype: Any = array.dtype
        real = dtype.is_floating_point if is_torch(array) else dtype.kind == "f"
        if not real or dtype.itemsize == 1:
            raise TypeError(f"{name} must hold floating-point numbers, got {array.dtype}")
    if not _same(array.dtype for array in arrays.values()):
        raise TypeError(f"expected one dtype, got {_each(arrays, 'dtype')}")
    one_device(**arrays)
    return xp


def one_device(**arrays: AnyArray) -> None:
    """The named arrays are on one device."""
    if len(arrays) > 1 and not _same(device(array) for array in arrays.values()):
        raise ValueError(f"expected one device, got {_each(arrays, 'device')}")


def at_least(ndim: int, **arrays: AnyArray) -> None:
    """Each named array has `ndim` axes or more."""
    for name, array in arrays.items():
        if array.ndim < ndim:
            raise ValueError(f"{name} must have at least {ndim} axes, got shape {_shape(array)}")


def same_length(axis: int, **arrays: AnyArray) -> None:
    """The named arrays are equally long on `axis`, counted from the end."""
    if not _same(array.shape[axis] for array in arrays.values()):
        names = " and ".join(arrays)
        shapes = ", ".join(f"{name} {_shape(array)}" for name, array in arrays.items())
        raise ValueError(f"{names} must be equally long on axis {axis}, got shapes {shapes}")


def leading(**arrays: AnyArray) -> tuple[int, ...]:
    """The shape to which all axes but the last two of the named arrays broadcast."""
    shape: list[int] = []
    for axis in range(-1, -1 - max(array.ndim - 2 for array in arrays.values()), -1):
        sizes = [array.shape[axis - 2] for array in arrays.values() if array.ndim >= 2 - axis]
        longer = [size for size in sizes if size != 1]
        if not _same(longer):
            shapes = ", ".join(f"{name} {_shape(array)}" for name, array in arrays.items())
            raise ValueError(
                f"the leading axes (all but the last two) must broadcast, got shapes {shapes}"
            )
        shape.insert(0, longer[0] if longer else 1)
    return tuple(shape)


def has_shape(expected: tuple[int, ...], **arrays: AnyArray) -> None:
    """Each named array has exactly the shape `expected`."""
    for name, array in arrays.items():
        if tuple(array.shape) != expected:
            raise ValueError(f"{name} must have shape {expected}, got {_shape(array)}")


def scores_of_pairs(scores: Any, q: AnyArray, k: AnyArray) -> None:
    """A score function returned one score for each pair of queries and keys, as `q` has them."""
    arrays = {"what scores returned": scores, "q": q}
    xp = namespace(**arrays)
    one_device(**arrays)
    # Inside of torch.autocast a product has another dtype than its factors.
    where = q.device.type if is_torch(q) else None
    mixed = where and xp.amp.is_autocast_available(where) and xp.is_autocast_enabled(where)
    if scores.dtype != q.dtype and not mixed:
        raise TypeError(f"scores must return the dtype of q, {q.dtype}, got {scores.dtype}")
    expected = (*leading(q=q, k=k), q.shape[-2], k.shape[-2])
    if tuple(scores.shape) != expected:
        raise ValueError(f"scores must return {expected}, got shape {_shape(scores)}")


def filled_axis(axis: int, **arrays: AnyArray) -> int:
    """The axis, as Python's integer; each named array has it, and something on it."""
    (axis,) = integer(axis=axis)
    for name, array in arrays.items():
        if not -array.ndim <= axis < array.ndim:
            raise ValueError(f"{name} has no axis {axis}: its shape is {_shape(array)}")
        if array.shape[axis] == 0:
            raise ValueError(f"axis {axis} of {name} is empty: its shape is {_shape(array)}")
    return axis


def as_mask(mask: AnyArray, shape: tuple[int, ...], like: Array, name: str = "mask") -> Array:
    """The mask in the library of `like`, with as many axes as `shape`, to which it broadcasts.

    A NumPy mask may go with tensors (it is moved to their device); the reverse is an error.
    """
    if not namespace(**{name: mask}).isdtype(mask.dtype, "bool"):
        raise TypeError(f"{name} must be boolean (True = may attend), got {mask.dtype}")
    if isinstance(mask, np.ndarray) and is_torch(like):
        mask = as_like(mask, like)
    arrays = {name: mask, "scores": like}
    namespace(**arrays)
    one_device(**arrays)
    return _padded(name, mask, shape)


def as_bias(bias: Array, shape: tuple[int, ...], like: Array, name: str = "bias") -> Array:
    """The bias, floats of the dtype of `like`, with as many axes as `shape`, to which it
    broadcasts."""
    floats(**{name: bias, "scores": like})
    return _padded(name, bias, shape)


def _padded(name: str, array: Any, shape: tuple[int, ...]) -> Any:
    if not _fits(array.shape, shape):
        raise ValueError(
            f"{name} of shape {_shape(array)} does not broadcast to scores of shape {tuple(shape)}"
        )
    missing = (1,) * (len(shape) - array.ndim)
    return xp_of(array).reshape(array, missing + tuple(array.shape)) if missing else array


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
    if not array.flags.writeable or min(array.strides, default=0) < 0:
        array = array.copy()  # a tensor shares no memory that is read-only or walked backwards
    return xp.asarray(array, dtype=dtype, device=device(like))


def wide(array: Array) -> Array:
    """The array in float32 if it is of half precision, which is too coarse to add up in."""
    if array.dtype.itemsize != 2:
        return array
    xp = xp_of(array)
    return xp.astype(array, xp.float32)


def narrow(array: Any, like: Array) -> Array:
    """What was computed from the `wide` array of `like`, in the dtype of `like` again."""
    return xp_of(array).astype(array, like.dtype, copy=False)


def divided(array: Array, by: float) -> Array:
    """The array divided by a positive number, also one that its precision rounds to 0 or inf."""
    limits = xp_of(array).finfo(array.dtype)
    least, most = float(limits.tiny), float(limits.max)
    first = min(max(as_float(by), least), most)
    rest = min(max(as_float(by) / first, least), most)
    array = array / first
    return array if rest == 1 else array / rest


def integers(**arrays: AnyArray) -> ModuleType:
    """The namespace of the named arrays, which must hold integers, of any size."""
    xp = namespace(**arrays)
    for name, array in arrays.items():
        if not xp.isdtype(array.dtype, "integral"):
            raise TypeError(f"{name} must be integers, got {array.dtype}")
    return xp


def numbers(shape: tuple[int, ...], **arrays: Any) -> Any:
    """The second named argument, positions or slopes, in the library and on the device of the
    first, and in float64. It holds numbers and broadcasts to `shape`; what is NumPy's, or a
    sequence, may go with tensors."""
    (first, like), (name, value) = arrays.items()
    array = value if isinstance(value, np.ndarray) or is_torch(value) else as_array(**{name: value})
    xp = namespace(**{name: array})
    if not xp.isdtype(array.dtype, ("integral", "real floating")):
        raise TypeError(f"{name} must be numbers, got {array.dtype}")
    if not _fits(array.shape, shape):
        raise ValueError(f"{name} of shape {_shape(array)} does not broadcast to {tuple(shape)}")
    if is_torch(array):
        namespace(**{name: array, first: like})
        one_device(**{name: array, first: like})
        return xp.astype(array, xp.float64)  # with its gradient
    xp = namespace(**{first: like})
    return xp.asarray(array.astype(np.float64), device=device(like))


def as_array(**values: Any) -> np.ndarray:
    """The named number, or sequence of numbers, as a NumPy array; of none it is one of integers."""
    ((name, value),) = values.items()
    try:
        array = np.asarray(value)
    except (ValueError, TypeError, RuntimeError) as error:
        raise TypeError(f"{name} must be a sequence of numbers: {error}") from None
    return array if array.size else array.astype(np.int64)


def _plain(name: str, array: AnyArray) -> None:
    """The array is what its type says, and the libraries compute with it as with any other."""
    if _is_plain(array):
        return
    if isinstance(array, np.ndarray):
        if type(array) is not np.ndarray and type(array) is not np.memmap:
            raise TypeError(
                f"{name} must be a plain NumPy array, got {kind(array)}: operators may mean "
                f"something else there; np.asarray({name}) is plain"
            )
        if not array.dtype.isnative:
            raise TypeError(
                f"{name} must be in this machine's order of bytes, got {array.dtype.str}; "
                f"{name}.astype({name}.dtype.newbyteorder('=')) is"
            )
    elif is_torch(array):
        if array.is_nested:
            raise TypeError(
                f"{name} must be dense, got a nested tensor; {name}.to_padded_tensor(0) is dense"
            )
        cls = type(array)
        # What torch traces programs with is a tensor like any other.
        if (cls.__module__, cls.__name__) not in _TENSORS and not cls.__module__.startswith(
            "torch._subclasses."
        ):
            raise TypeError(
                f"{name} must be a plain torch.Tensor, got {kind(array)}: operators may mean "
                f"something else there; {name}.as_subclass(torch.Tensor) is plain"
            )
        if array.layout is not xp_of(array).strided:
            raise TypeError(f"{name} must be dense, got {array.layout}; {name}.to_dense() is")
        if array.is_quantized:
            raise TypeError(
                f"{name} must hold numbers as they are, got a quantized tensor; "
                f"{name}.dequantize() does"
            )
    else:
        raise TypeError(f"{name} must be a NumPy array or a torch tensor, got {kind(array)}")


def _is_plain(array: Any) -> bool:
    """Whether it is a tensor of the usual kind, asked in as few words as possible: a module asks
    its arguments at every step of decoding."""
    torch = sys.modules.get("torch")
    return (
        torch is not None
        and (type(array) is torch.Tensor or type(array) is torch.nn.Parameter)
        and array.layout is torch.strided
        and not (array.is_nested or array.is_quantized)
    )


_TENSORS = {("torch", "Tensor"), ("torch.nn.parameter", "Parameter")}


def _same(values: Iterable[Any]) -> bool:
    """Whether the values are equal. (The lengths of traced tensors can't be gathered in a set.)"""
    first, *others = [*values] or [None]
    return all(other == first for other in others)


def _fits(shape: tuple[int, ...], into: tuple[int, ...]) -> bool:
    """Whether an array of `shape` broadcasts to exactly `into`."""
    pairs = zip(reversed(shape), reversed(into), strict=False)
    return len(shape) <= len(into) and all(own in (1, other) for own, other in pairs)


def _shape(array: AnyArray) -> tuple[int, ...]:
    return tuple(array.shape)  # torch.Size prints otherwise


def _each(arrays: Mapping[str, AnyArray], attribute: str) -> str:
    read = device if attribute == "device" else lambda array: getattr(array, attribute)
    return ", ".join(f"{name} {read(array)}" for name, array in arrays.items())
