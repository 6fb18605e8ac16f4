"""Values as they come in over the border: JSON for what they are, bytes for what is in an array.

`encode` runs in the learner's process and is not to be trusted; `decode` runs in the marker's, and
takes nothing for granted: it makes plain values of known types, or raises :class:`Broken`. What is
too large to pass is handed over as opaque by an honest `encode`, and is wrong, but breaks nothing.
"""

import math
import re
import sys
from collections.abc import Callable
from decimal import Decimal
from fractions import Fraction
from functools import lru_cache
from typing import Any

import numpy as np

DEEPEST = 24  # containers within containers
MOST = 50_000  # values, arrays counted as one, and what long ones cost
MOST_BYTES = 32 << 20  # in arrays, or in what could be made of them along an empty axis
MOST_KEYS = 1_000  # of a dict or a set: their hashes may be chosen so that each looks at all others
MOST_DIGITS = 1_024  # of an integer, to the base of 16; fewer than Python refuses to print
MOST_AXES = 32
_CONTAINERS = {"list": list, "tuple": tuple, "set": set, "frozenset": frozenset}
_KEYED = ("set", "frozenset", "dict")
_CLASS_NAME = re.compile(r"[A-Za-z_]\w{0,79}")
_INTEGER = re.compile(rf"-?0x[0-9a-f]{{1,{MOST_DIGITS}}}")
_TYPE = re.compile(r"[<>|][biufcSU]\d{1,6}")  # of the arrays that may pass

# Why something may not come in, as a person reads it.
TOO_MUCH = "more values than may come in"
CANNOT_BE = "a value that cannot be: {kind}"
UNKNOWN = "a value of a kind that is not known: {kind!r}"
NO_TYPE = "an array of a type that may not come in"
NO_SHAPE = "an array without a shape that can be"
NO_PLACE = "an array without its bytes"
NO_LETTER = "an array with signs that are no letters"


class Broken(Exception):
    """What came in is not what may come in."""


class Ended(Broken):
    """The other process is no more."""


class Opaque:
    """What stands for a value of a type that does not pass: its class has the type's name."""


class _Left:
    """How much more may pass; both sides count alike."""

    def __init__(self):
        self._values, self._bytes = MOST, MOST_BYTES

    def spend(self, values: int = 1, size: int = 0) -> None:
        """Raises :class:`Broken` when there is no room for that."""
        self._values -= values
        self._bytes -= size
        if self._values < 0 or self._bytes < 0:
            raise Broken(TOO_MUCH)


def _cost(kind: str, said: Any) -> int:
    """What a single value costs, so that a message stays small enough to be read."""
    if kind in ("str", "int") and isinstance(said, str):
        return 1 + len(said) // 6
    return 3 if kind in ("complex", "range") else 1


# On the learner's side.


def encode(value: Any, blobs: list[bytes]) -> dict:
    """The value as JSON can hold it; the bytes of arrays go to `blobs`, which it counts from 0."""
    before = len(blobs)
    try:
        return _encode(value, blobs, _Left(), 0)
    except Broken:  # too large
        del blobs[before:]
        return _opaque(value)


def _encode(value: Any, blobs: list[bytes], left: _Left, depth: int) -> dict:
    if value is None or value is ...:
        told = {"t": "none" if value is None else "stub"}
    elif isinstance(value, np.ndarray | np.generic):
        told = _encode_array(np.asarray(value), blobs, left, "array" if value.shape else "scalar")
    elif (torch := sys.modules.get("torch")) is not None and isinstance(value, torch.Tensor):
        told = _encode_tensor(value, blobs, left)
    else:
        told = _encode_single(value, left) or _encode_container(value, blobs, left, depth)
    left.spend()
    return told or _opaque(value)


def _encode_single(value: Any, left: _Left) -> dict | None:
    for kinds, name, said in _SINGLES:
        if isinstance(value, kinds):
            try:
                told = said(value)
            except (ArithmeticError, ValueError):  # too large to be said
                return None
            left.spend(_cost(name, told) - 1)
            return {"t": name, "v": told}
    return None


def _encode_container(value: Any, blobs: list[bytes], left: _Left, depth: int) -> dict | None:
    name = next((name for name, kind in _CONTAINERS.items() if isinstance(value, kind)), "dict")
    if depth >= DEEPEST or not isinstance(value, _CONTAINERS.get(name, dict)):
        return None
    if name in _KEYED and len(value) > MOST_KEYS:
        raise Broken(TOO_MUCH)
    if name == "dict":
        pairs = value.items()
        return {"t": name, "v": [[_encode(x, blobs, left, depth + 1) for x in p] for p in pairs]}
    return {"t": name, "v": [_encode(each, blobs, left, depth + 1) for each in value]}


def _encode_array(array: np.ndarray, blobs: list[bytes], left: _Left, name: str) -> dict | None:
    if not (_TYPE.fullmatch(array.dtype.str) and array.itemsize) or array.ndim > MOST_AXES:
        return None
    left.spend(0, _size(array.shape, array.dtype))
    blobs.append(np.ascontiguousarray(array).tobytes())
    return {"t": name, "d": array.dtype.str, "s": list(array.shape), "b": len(blobs) - 1}


def _encode_tensor(value: Any, blobs: list[bytes], left: _Left) -> dict | None:
    try:
        array = value.detach().cpu().resolve_conj().resolve_neg().numpy()
    except (RuntimeError, TypeError):  # sparse, quantized, bfloat16
        return None
    told = _encode_array(array, blobs, left, "tensor")
    return told and {**told, "g": bool(value.requires_grad)}


def _opaque(value: Any) -> dict:
    return {"t": "opaque", "v": type(value).__name__[:80]}


def _hex(value: int) -> str:
    if (said := hex(int(value))) and _INTEGER.fullmatch(said):
        return said
    raise OverflowError


def _hexes(value: range) -> list[str]:
    if len(value) > MOST:
        raise OverflowError
    return [_hex(value.start), _hex(value.stop), _hex(value.step)]


# On the marker's side.


def decode(told: Any, blobs: list[bytes]) -> Any:
    """The value that was told; the bytes of its arrays are used up, so that none is told twice.

    Raises:
        Broken: it is none that `encode` makes.
    """
    try:
        return _decode(told, blobs, _Left(), 0)
    except Broken:
        raise
    except Exception as error:  # whatever can be made to be raised by what is told
        raise Broken(CANNOT_BE.format(kind=type(error).__name__)) from error


def _decode(told: Any, blobs: list[bytes], left: _Left, depth: int) -> Any:
    kind = told["t"]
    if depth > DEEPEST:
        raise Broken(TOO_MUCH)
    if kind in ("array", "scalar", "tensor"):
        left.spend()
        return _decode_array(told, blobs, left)
    said = told.get("v")
    left.spend(_cost(kind, said))
    if kind in ("none", "stub"):
        return None if kind == "none" else ...
    if kind not in _CONTAINERS and kind != "dict":
        return _decode_single(kind, said)
    if not isinstance(said, list) or (kind in _KEYED and len(said) > MOST_KEYS):
        raise Broken(TOO_MUCH)
    if kind == "dict":
        pairs = [[_decode(x, blobs, left, depth + 1) for x in pair] for pair in said]
        return {key: value for key, value in pairs}
    return _CONTAINERS[kind](_decode(each, blobs, left, depth + 1) for each in said)


def _decode_single(kind: Any, said: Any) -> Any:
    if kind in _READ:
        return _READ[kind](said)
    raise Broken(UNKNOWN.format(kind=str(kind)[:40]))


def _integer(said: str) -> int:
    if not _INTEGER.fullmatch(said):
        raise ValueError
    return int(said, 16)


def _range(said: list[str]) -> range:
    found = range(*map(_integer, said))
    if len(found) > MOST:
        raise Broken(TOO_MUCH)
    return found


def _of(kind: type) -> Callable[[Any], Any]:
    """What takes values of that type alone."""

    def taken(said: Any) -> Any:
        if type(said) is not kind:
            raise TypeError
        return said

    return taken


def _stand_in(said: str) -> Opaque:
    return _class_named(said if _CLASS_NAME.fullmatch(said) else "object")()


@lru_cache(1000)
def _class_named(name: str) -> type:
    return type(name, (Opaque,), {})


def _decode_array(told: dict, blobs: list[bytes], left: _Left) -> Any:
    name, shape, place = told["d"], told["s"], told["b"]
    if not isinstance(name, str) or not _TYPE.fullmatch(name) or not np.dtype(name).itemsize:
        raise Broken(NO_TYPE)
    dtype = np.dtype(name)
    if not isinstance(shape, list) or len(shape) > MOST_AXES:
        raise Broken(NO_SHAPE)
    if not all(type(n) is int and n >= 0 for n in shape) or (told["t"] == "scalar" and shape):
        raise Broken(NO_SHAPE)
    left.spend(0, _size(shape, dtype))
    if type(place) is not int or not 0 <= place < len(blobs):
        raise Broken(NO_PLACE)
    content, blobs[place] = blobs[place], b""
    if len(content) != math.prod(shape) * dtype.itemsize:
        raise Broken(NO_PLACE)
    array = _array(content, dtype).reshape(shape)
    if told["t"] == "scalar":
        return array[()]
    if told["t"] == "array":
        return array
    import torch  # noqa: PLC0415 - a submission without tensors is marked without it

    tensor = torch.from_numpy(array.astype(dtype.newbyteorder("=")))
    return tensor.requires_grad_(told["g"] is True and dtype.kind in "fc")


def _array(content: bytes, dtype: np.dtype) -> np.ndarray:
    """A copy of the bytes as that type, in which each is one that the type has."""
    if not content:
        return np.empty(0, dtype)
    if dtype.kind == "b":
        return np.frombuffer(content, np.uint8) != 0
    if dtype.kind == "U":
        signs = np.frombuffer(content, np.dtype(np.uint32).newbyteorder(dtype.byteorder))
        if signs.max() > sys.maxunicode:
            raise Broken(NO_LETTER)
    return np.frombuffer(content, dtype).copy()


def _size(shape: Any, dtype: np.dtype) -> int:
    """Bytes of an array, or of what a sum along its empty axes would be."""
    return math.prod(max(n, 1) for n in shape) * dtype.itemsize


_SINGLES: tuple[tuple[Any, str, Callable[[Any], Any]], ...] = (
    (bool, "bool", bool),
    (str, "str", str.__str__),
    (int, "int", _hex),
    ((float, Fraction, Decimal), "float", lambda value: float(value).hex()),
    (complex, "complex", lambda value: [value.real.hex(), value.imag.hex()]),
    (range, "range", _hexes),
)
_READ: dict[str, Callable[[Any], Any]] = {
    "bool": _of(bool),
    "str": _of(str),
    "int": _integer,
    "float": float.fromhex,
    "complex": lambda said: complex(*map(float.fromhex, said)),
    "range": _range,
    "opaque": _stand_in,
}
