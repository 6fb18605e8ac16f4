"""Values as no honest process tells them, as JSON would hold them."""


def array(kind="<f8", shape=(2,), place=0, **more) -> dict:
    return {"t": "array", "d": kind, "s": list(shape), "b": place, "g": False} | more


def collide(n: int) -> list:
    """Integers that all have the same hash."""
    return [{"t": "int", "v": hex(i * (2**61 - 1))} for i in range(n)]


FORGED = {
    "nothing": None,
    "a number": 3,
    "a text": "none",
    "a list": ["t"],
    "empty": {},
    "no kind": {"v": 1},
    "a kind of lists": {"t": []},
    "another kind": {"t": "module", "v": "os"},
    "no value": {"t": "int"},
    "a bool of 1": {"t": "bool", "v": 1},
    "a text of bytes": {"t": "str", "v": ["a"]},
    "an integer of words": {"t": "int", "v": "one"},
    "an integer of lines": {"t": "int", "v": "0x1\n"},
    "an integer with _": {"t": "int", "v": "0x1_0"},
    "an integer": {"t": "int", "v": 5},
    "a large integer": {"t": "int", "v": "0x" + "f" * 5000},
    "a float": {"t": "float", "v": 1.5},
    "a float without end": {"t": "float", "v": "0x1p999999999"},
    "a half": {"t": "complex", "v": ["1"] * 3},
    "a range without steps": {"t": "range", "v": ["0x0", "0x5", "0x0"]},
    "a range without end": {"t": "range", "v": ["0x0", "0x" + "f" * 16, "0x1"]},
    "a list of text": {"t": "list", "v": "abc"},
    "a list of pairs": {"t": "list", "v": {"t": 1}},
    "a set of lists": {"t": "set", "v": [{"t": "list", "v": []}]},
    "a key that is a list": {"t": "dict", "v": [[{"t": "list", "v": []}, {"t": "none"}]]},
    "a pair of three": {"t": "dict", "v": [[{"t": "none"}] * 3]},
    "an opaque number": {"t": "opaque", "v": 5},
    "many": {"t": "list", "v": [{"t": "none"}] * 10**6},
    "long texts": {"t": "list", "v": [{"t": "str", "v": "x" * 10**6}] * 9},
    "hashes": {"t": "set", "v": collide(1_001)},
    "hashes of keys": {"t": "dict", "v": [[x, x] for x in collide(1_001)]},
    "objects": array("|O"),
    "nothing in it": array("|V0"),
    "letters of nothing": array("<U0"),
    "dates": array("<M8"),
    "fields": array("f8,f8"),
    "an old name": array("|a8"),
    "no type": array(None),
    "no shape": array(shape=()) | {"s": 5},
    "a shape below 0": array(shape=(-1, -2)),
    "a shape of truth": array(shape=(True, 2)),
    "a shape of parts": array(shape=(2.0,)),
    "too many axes": array(shape=(1,) * 40),
    "another size": array(shape=(3,)),
    "a vast empty one": array(shape=(0, 10**12)),
    "a vaster one": array(shape=(0, *[10**4000] * 30)),
    "a scalar with a shape": array(t="scalar"),
    "no bytes": array(place=9),
    "bytes below 0": array(place=-1),
    "bytes of truth": array(place=False),
    "no letter": array("<U1", (4,)),
    "one letter": array(">U1", (4,)),
    "a tensor of letters": array("<U4", (1,), t="tensor"),
    "half a tensor": {"t": "tensor", "d": "<f8"},
    "twice": {"t": "list", "v": [array(), array()]},
}
