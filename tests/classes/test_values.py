"""What comes in over the border: plain values, or an error of ours, in little time and memory."""

import json
import math
import tracemalloc
from decimal import Decimal
from fractions import Fraction

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from attnclass.border import values
from attnclass.border.values import Broken, Opaque, decode, encode
from tests.classes.forged import FORGED, array, collide

ARRAYS = [
    np.arange(6.0).reshape(2, 3),
    np.arange(6, dtype=">i4")[::-2],
    np.zeros((0, 3)),
    np.array([True, False]),
    np.array(["a", "bcd", ""]),
    np.array([b"a", b"bc"]),
    np.array([1 + 2j], dtype=np.complex64),
    np.float32(2.5),
    np.array(7, dtype=np.uint8),
    np.str_("ab"),
    np.asfortranarray(np.arange(6).reshape(2, 3)),
]
TENSORS = [
    torch.arange(6.0).reshape(2, 3).T,
    torch.tensor(3),
    torch.ones(2, requires_grad=True),
    torch.zeros(0, 2),
    torch.tensor([True]),
    torch.tensor([1j]).conj(),
]
PLAIN = [
    None, ..., True, 0, -(16**values.MOST_DIGITS) + 1, 0.1, -0.0, math.inf, 1 - 2j, "", "é\ud800\0",
    [], [1, (2.0, "x", [None])], {1: "a", "b": {2: 3}, (1, 2): []}, {1, 2}, frozenset({"a"}),
    range(3, 9, -2), range(5), [[[]]],
]  # fmt: skip


def passed(value):
    """A value that went over the border."""
    blobs: list[bytes] = []
    told = json.loads(json.dumps(encode(value, blobs)))
    return decode(told, blobs)


@pytest.mark.parametrize("value", PLAIN, ids=repr)
def test_plain_values_pass(value):
    got = passed(value)
    assert type(got) is type(value) and repr(got) == repr(value)


@pytest.mark.parametrize("value", ARRAYS, ids=repr)
def test_arrays_pass(value):
    got = passed(value)
    assert type(got) is (np.ndarray if value.shape else np.asarray(value).dtype.type)
    assert got.dtype == value.dtype and got.shape == value.shape
    assert np.array_equal(got, value)
    if got.shape:
        got[...] = got  # it can be written to


@pytest.mark.parametrize("value", TENSORS, ids=repr)
def test_tensors_pass(value):
    got = passed(value)
    assert isinstance(got, torch.Tensor) and got.requires_grad == value.requires_grad
    assert got.dtype == value.dtype and got.shape == value.shape and torch.equal(got, value)


@pytest.mark.parametrize(
    ("value", "same"),
    [
        (Fraction(1, 4), 0.25),
        (Decimal("0.5"), 0.5),
        (np.True_, np.True_),
        (type("T", (str,), {})("a"), "a"),
    ],
)
def test_relatives_pass_as_what_they_are_like(value, same):
    assert passed(value) == same and type(passed(value)) is type(same)


def deep(n: int) -> list:
    return [deep(n - 1)] if n else []


def round_and_round() -> list:
    found: list = []
    found.append(found)
    return found


TOO_MUCH = {
    "integer": 16**values.MOST_DIGITS,
    "fraction": Fraction(10**400),
    "list": [0] * (values.MOST + 1),
    "list ": [[0] * 1000] * 1000,
    "str": "x" * 10**7,
    "dict": {i: 0 for i in range(values.MOST_KEYS + 1)},
    "set": set(range(values.MOST_KEYS + 1)),
    "range": range(10**18),
    "range ": range(10**100),
    "ndarray": np.zeros(5 << 20),
    "ndarray ": np.zeros((0, 5 << 20)),
    "object": object(),
    "function": lambda: 0,
    "ndarray  ": np.array([object()]),
    "datetime64": np.datetime64("2027-01-01"),
    "ndarray   ": np.zeros(3, "V2"),
    "Tensor": torch.zeros(3, dtype=torch.bfloat16),
    "Tensor ": torch.zeros(3, 3).to_sparse(),
    "list  ": [np.zeros(1 << 20)] * 5,
}


@pytest.mark.parametrize("name", TOO_MUCH)
def test_what_is_too_much_is_opaque_and_breaks_nothing(name):
    blobs = [b"before"]
    got = decode(encode(TOO_MUCH[name], blobs), blobs)
    assert isinstance(got, Opaque) and blobs == [b"before"]
    names = {"integer": "int", "fraction": "Fraction"}
    assert type(got).__name__ == names.get(name, name.strip())


@pytest.mark.parametrize("value", [deep(100), round_and_round(), {"a": (deep(40),)}])
def test_what_is_too_deep_is_opaque_there(value):
    got, depth = passed(value), 0
    while not isinstance(got, Opaque):
        (got,), depth = got.values() if isinstance(got, dict) else got, depth + 1
    assert depth == values.DEEPEST


@pytest.mark.parametrize("name", FORGED)
def test_what_is_forged_is_refused(name):
    blobs = [b"\xff" * 16, b"x" * (16 << 20)]
    with pytest.raises(Broken):
        decode(FORGED[name], blobs)


def test_the_same_bytes_are_told_once():
    blobs = [b"x" * (8 << 20)]
    many = {"t": "list", "v": [array("|u1", (8 << 20,))] * 10_000}
    tracemalloc.start()
    with pytest.raises(Broken):
        decode(many, blobs)
    assert tracemalloc.get_traced_memory()[1] < 40 << 20
    tracemalloc.stop()
    with pytest.raises(Broken):  # nor in another value of the same message
        decode(array("|u1", (8 << 20,)), blobs)


def test_keys_whose_hashes_collide_end_too():
    sets = [{"t": "set", "v": collide(values.MOST_KEYS)}] * 10
    assert len(decode({"t": "list", "v": sets}, [])) == 10


def test_truth_is_0_or_1():
    got = decode(array("|b1", (3,)), [b"\x00\x02\xff"])
    assert got.tolist() == [False, True, True] and got.view(np.uint8).tolist() == [0, 1, 1]


def test_a_stand_in_is_named_and_nothing_more():
    for name, shows in {
        "Layer": "Layer",
        "a b": "object",
        "x" * 99: "object",
        "": "object",
    }.items():
        got = decode({"t": "opaque", "v": name}, [])
        assert type(got).__name__ == shows and type(got).__mro__[1:] == (Opaque, object)


def is_plain(value) -> bool:
    if isinstance(value, list | tuple | set | frozenset):
        return all(map(is_plain, value))
    if isinstance(value, dict):
        return all(is_plain(key) and is_plain(each) for key, each in value.items())
    if isinstance(value, np.ndarray | np.generic):
        return value.dtype.kind in "biufcSU" and value.nbytes < 1 << 20
    kinds = type(None), type(...), bool, int, float, complex, str, range, torch.Tensor
    return type(value) in kinds or isinstance(value, Opaque)


SMALL = st.integers(-2, 5) | st.sampled_from(["0x1", "1", "x", None, True, 1.5, "", "<f8", "é"])
KINDS = st.sampled_from([
    "none", "stub", "bool", "str", "int", "float", "complex", "range", "list", "tuple", "set",
    "frozenset", "dict", "opaque", "array", "scalar", "tensor", "other",
])  # fmt: skip
TYPES = st.sampled_from(["<f8", "|b1", ">i2", "<U1", "|S4", "<c8", "|O", "|u1", "<f2", "<f16", "x"])
SHAPES = st.lists(st.sampled_from([0, 1, 2, 3, 8, 10**9, -1]), max_size=3)


def of(inner):
    told = st.fixed_dictionaries(
        {"t": KINDS},
        optional={
            "v": inner | st.lists(inner, max_size=4) | st.lists(st.tuples(inner, inner)),
            "d": TYPES, "s": SHAPES | SMALL, "b": st.integers(-1, 3) | SMALL, "g": SMALL,
        },
    )  # fmt: skip
    return told | SMALL


@given(st.recursive(of(SMALL), of, max_leaves=15), st.lists(st.binary(max_size=24), max_size=3))
def test_whatever_is_told_is_a_plain_value_or_refused(told, blobs):
    told = json.loads(json.dumps(told))
    try:
        got = decode(told, list(blobs))
    except Broken as error:
        assert str(error)
    else:
        assert is_plain(got)
        repr(got)


NESTED = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text() | st.complex_numbers(),
    lambda x: st.lists(x) | st.tuples(x, x) | st.dictionaries(st.integers() | st.text(), x),
    max_leaves=20,
)


@given(NESTED)
def test_whatever_is_plain_passes_as_it_is(value):
    assert repr(passed(value)) == repr(value)
