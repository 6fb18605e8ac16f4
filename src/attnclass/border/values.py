"""Values as they come in over the border: JSON for what they are, bytes for what is in an array.

`encode` runs in the learner's process and is not to be trusted; `decode` runs in the marker's, and
takes nothing for granted: it makes plain values of known types, or raises :class:`Broken`.
"""

import math
import re
import sys
from decimal import Decimal
from fractions import Fraction
from typing import Any

import numpy as np

DEEPEST = 24  # containers within containers
MOST = 200_000  # values in one message, arrays counted as one
LONGEST = 2_000_000  # characters of one text
KINDS = "biufcSU"  # of the arrays that may pass
_CONTAINERS = {"list": list, "tuple": tuple, "set": set, "frozenset": frozenset}
_CLASS_NAME = re.compile(r"[A-Za-z_]\w{0,79}")


class Broken(Exception):
    """What came in is not what may come in."""


class Ended(Broken):
    """The other process is no more."""


class Opaque:
    """What stands for a value of a type that does not pass: its class has the type's name."""


def encode(value: Any, blobs: list[bytes], depth: int = 0) -> dict:
    """The value as JSON can hold it; the bytes of arrays go to `blobs`, which it counts from 0."""
    if depth > DEEPEST:
        return _opaque(value)
    if value is None or value is ...:
        return {"t": "none" if value is None else "stub"}
    if isinstance(value, np.ndarray | np.generic):
        return _encode_array(np.asarray(value), blobs, "array" if value.shape else "scalar", value)
    if isinstance(value, bool):
        return {"t": "bool", "v": value}
    if isinstance(value, str):
        return {"t": "str", "v": str.__str__(value)}
    if isinstance(value, int):
        return {"t": "int", "v": hex(int(value))}
    if isinstance(value, float | Fraction | Decimal):
        return {"t": "float", "v": float(value).hex()}
    if isinstance(value, complex):
        return {"t": "complex", "v": [value.real.hex(), value.imag.hex()]}
    torch = sys.modules.get("torch")
    if torch is not None and isinstance(value, torch.Tensor):
        try:
            plain = value.detach().cpu().resolve_conj().resolve_neg().numpy()
        except (RuntimeError, TypeError):  # sparse, quantized, bfloat16
            return _opaque(value)
        return {**_encode_array(plain, blobs, "tensor", value), "g": bool(value.requires_grad)}
    for name, kind in _CONTAINERS.items():
        if isinstance(value, kind):
            return {"t": name, "v": [encode(each, blobs, depth + 1) for each in value]}
    if isinstance(value, range):
        return {"t": "range", "v": [hex(value.start), hex(value.stop), hex(value.step)]}
    if isinstance(value, dict):
        pairs = [
            [encode(key, blobs, depth + 1), encode(each, blobs, depth + 1)]
            for key, each in value.items()
        ]
        return {"t": "dict", "v": pairs}
    return _opaque(value)


def _encode_array(array: np.ndarray, blobs: list[bytes], name: str, value: Any) -> dict:
    if array.dtype.kind not in KINDS:
        return _opaque(value)
    blobs.append(np.ascontiguousarray(array).tobytes())
    return {"t": name, "d": array.dtype.str, "s": list(array.shape), "b": len(blobs) - 1}


def _opaque(value: Any) -> dict:
    return {"t": "opaque", "v": type(value).__name__}


def decode(told: Any, blobs: list[bytes]) -> Any:
    """The value that was told.

    Raises:
        Broken: it is none that `encode` makes.
    """
    left = [MOST]
    try:
        return _decode(told, blobs, left, 0)
    except Broken:
        raise
    except (
        AttributeError, IndexError, KeyError, MemoryError, OverflowError, RecursionError,
        TypeError, ValueError,
    ) as error:  # fmt: skip
        raise Broken(f"a value that cannot be: {type(error).__name__}") from error


def _decode(told: dict, blobs: list[bytes], left: list[int], depth: int) -> Any:
    left[0] -= 1
    if left[0] < 0 or depth > DEEPEST + 1:
        raise Broken("more values than may come in")
    kind = told["t"]
    if kind in ("none", "stub"):
        return None if kind == "none" else ...
    if kind in ("array", "scalar", "tensor"):
        return _decode_array(told, blobs)
    value = told["v"]
    if kind in _CONTAINERS:
        return _CONTAINERS[kind](_decode(each, blobs, left, depth + 1) for each in value)
    if kind == "dict":
        each = [[_decode(x, blobs, left, depth + 1) for x in pair] for pair in value]
        return {key: x for key, x in each}
    return _decode_single(kind, value)


def _decode_single(kind: str, value: Any) -> Any:
    if kind == "bool" and isinstance(value, bool):
        return value
    if kind == "str" and isinstance(value, str) and len(value) <= LONGEST:
        return value
    if kind == "int" and len(value) < 10_000:
        return int(value, 16)
    if kind == "float":
        return float.fromhex(value)
    if kind == "complex":
        return complex(*map(float.fromhex, value))
    if kind == "range":
        start, stop, step = (int(part, 16) for part in value)
        return range(start, stop, step)
    if kind == "opaque":
        name = value if _CLASS_NAME.fullmatch(value) else "object"
        return type(name, (Opaque,), {})()
    raise Broken(f"a value of a kind that is not known: {str(kind)[:40]!r}")


def _decode_array(told: dict, blobs: list[bytes]) -> Any:
    name, shape, place = told["d"], told["s"], told["b"]
    if not isinstance(name, str) or not re.fullmatch(r"[<>|=]?[a-zA-Z]\d{1,6}", name):
        raise Broken("an array of a type that is not known")
    dtype = np.dtype(name)
    if dtype.kind not in KINDS or dtype.itemsize == 0:
        raise Broken("an array of a type that may not come in")
    if not isinstance(shape, list) or not all(type(n) is int and n >= 0 for n in shape):
        raise Broken("an array without a shape")
    if type(place) is not int or place < 0 or len(shape) > 32:
        raise Broken("an array without a place")
    content = blobs[place]
    if len(content) != math.prod(shape) * dtype.itemsize:
        raise Broken("an array of another size than it says")
    array = np.frombuffer(content, dtype).reshape(shape)
    if told["t"] == "scalar":
        return array[()]
    if told["t"] == "array":
        return array.copy()
    import torch  # noqa: PLC0415 - a submission without tensors is marked without it

    tensor = torch.from_numpy(array.astype(dtype.newbyteorder("=")))
    return tensor.requires_grad_(told["g"] is True and dtype.kind in "fc")
