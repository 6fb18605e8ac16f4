"""The bottleneck widget: its models on the page are torch's, and what it refuses."""

import json
import math

import numpy as np
import pytest
import torch

from attnlab.chapters.bottleneck.widget import DIGITS, BottleneckWidget, mistakes, paired
from attnlab.models.seq2seq import Seq2Seq
from attnlab.tasks.vocabulary import BOS, EOS
from attnlab.widgets.packing import pack
from tests.widgets.node import ROOMS, SHARED, Result, in_node
from tests.widgets.refusals import refusing

VOCAB = 14
OUR_MATH = ROOMS / "bottleneck" / "mathematics.js"


def models(d_model=7, seed=0):
    torch.manual_seed(seed)
    without = Seq2Seq(VOCAB, VOCAB, d_model=d_model)
    return without, Seq2Seq(VOCAB, VOCAB, d_model=d_model, attend="additive")


def widget(**options):
    return BottleneckWidget(*models(), **options)


def in_browser(packed, digits, max_len):
    source = [digit + 4 for digit in digits]
    limits = {"bos": BOS, "eos": EOS, "maxLen": max_len}
    _, found = in_node(
        ("unpack", packed),
        ("readAndWrite", Result(0), source, limits),
        modules=[SHARED / "packing.js", OUR_MATH],
    )
    return found


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("length", [1, 5, 16])
def test_the_browser_computes_what_torch_does(seed, length):
    without, attending = models(seed=seed)
    w = BottleneckWidget(without, attending, length=length)
    for name, model in (("without", w._without), ("attending", w._attending)):
        found = in_browser(w._models[name], DIGITS[:length], length + 1)
        before = torch.tensor([[BOS, *found["tokens"][:-1]]])
        with torch.no_grad():
            logits = model(w._source, before)[0]
        np.testing.assert_allclose(found["logits"], logits, rtol=1e-9, atol=1e-9)
        assert found["tokens"] == logits.argmax(dim=-1).tolist()
        assert found["tokens"] == w._decode(model)[0].tolist()
    np.testing.assert_allclose(found["weights"], w.weights, rtol=1e-9, atol=1e-9)


@pytest.mark.parametrize("digits", [DIGITS, (7,) * 16])
def test_rounding_changes_next_to_nothing(digits):
    without, attending = models()
    w = BottleneckWidget(without, attending, digits=digits, length=12)
    tgt = torch.randint(VOCAB, (1, 13))
    for model, rounded in ((without, w._without), (attending, w._attending)):
        with torch.no_grad():
            ours, theirs = rounded(w._source, tgt), model(w._source, tgt)
        torch.testing.assert_close(ours.float(), theirs, rtol=0, atol=1e-3)
        assert model.read_out.weight.dtype == torch.float32  # the given model is left alone


PAIRS = [  # wanted, written, and the mistakes that are counted
    ("3562951413", "3562951413", 0),
    ("3562951413", "356951413", 1),  # one skipped, and all behind it in another place
    ("3562951413", "35622951413", 1),  # one written twice
    ("3562951413", "3562951113", 1),  # one wrong
    ("3562951413", "362951473", 2),
    ("3562951413", "4562951413", 1),
    ("11", "1", 1),
    ("123", "", 3),
    ("1", "22", 2),
    ("12", "21", 2),
    ("1" * 16, "2" * 17, 17),
]


@pytest.mark.parametrize(("wanted", "written", "count"), PAIRS)
def test_what_is_wanted_is_held_against_what_is_written(wanted, written, count):
    pairs = paired(wanted, written)
    assert mistakes(pairs) == count
    assert "".join(left for left, _ in pairs) == wanted
    assert "".join(right for _, right in pairs) == written
    assert ("", "") not in pairs


@pytest.mark.parametrize("seed", range(5))
def test_no_other_way_to_pair_them_has_fewer_mistakes(seed):
    rng = np.random.default_rng(seed)
    for _ in range(20):
        wanted, written = ("".join(rng.choice(list("123"), rng.integers(6))) for _ in "ab")
        assert mistakes(paired(wanted, written)) == fewest(wanted, written)


def fewest(wanted: str, written: str) -> int:
    """The edit distance, by trying everything."""
    if not wanted or not written:
        return len(wanted) + len(written)
    return min(
        (wanted[0] != written[0]) + fewest(wanted[1:], written[1:]),
        1 + fewest(wanted[1:], written),
        1 + fewest(wanted, written[1:]),
    )


def test_the_browser_pairs_them_alike():
    rng = np.random.default_rng(0)
    texts = [
        ["".join(rng.choice(list("0123"), n)) for n in rng.integers(17, size=2)] for _ in "x" * 50
    ]
    cases = [*((wanted, written) for wanted, written, _ in PAIRS), *texts]
    found = in_node(*(("paired", *case) for case in cases), modules=[OUR_MATH])
    assert [list(map(tuple, pairs)) for pairs in found] == [paired(*case) for case in cases]
    counts = in_node(*(("mistakes", pairs) for pairs in found), modules=[OUR_MATH])
    assert counts == [mistakes(paired(*case)) for case in cases]


def test_two_writers_stand_below_one_row_of_what_is_wanted():
    found = in_node(
        ("paired", "123", "13"),  # one is missing
        ("paired", "123", "1423"),  # one is too much
        ("columnsOf", [Result(0), Result(1)]),
        modules=[OUR_MATH],
    )[-1]
    assert found == [["1", "1", "1"], ["", None, "4"], ["2", "", "2"], ["3", "3", "3"]]


def test_columns_are_no_more_than_there_is_room_for():
    rng = np.random.default_rng(1)
    for _ in range(20):
        wanted, *written = ("".join(rng.choice(list("012"), n)) for n in (16, 17, 17))
        calls = [("paired", wanted, each) for each in written]
        columns = in_node(*calls, ("columnsOf", [Result(0), Result(1)]), modules=[OUR_MATH])[-1]
        assert "".join(wanted for wanted, *_ in columns) == wanted
        assert len(columns) < 2 * 16 + 3


def test_a_writer_that_ends_and_one_that_writes_no_digits():
    without, attending = models()
    with torch.no_grad():
        without.read_out.bias[EOS] = 100.0
        attending.read_out.bias[3] = 100.0
    w = BottleneckWidget(without, attending, length=3)
    assert w.written_without == ""
    assert w.written_attending == "????"
    assert w.wanted == "413"
    assert (w.mistakes_without, w.mistakes_attending) == (3, 4)
    assert w.weights.shape == (4, 3)
    np.testing.assert_allclose(w.weights.sum(axis=1), 1)


def test_it_follows_its_traits():
    w = widget(length=2)
    w.digits = np.arange(16) % 10
    w.length = 5
    assert w.wanted == "43210"
    assert w.weights.shape[1] == 5


def test_models_are_packed_small():
    packed = pack(models(d_model=32)[1])
    assert len(json.dumps(packed)) < 60_000
    names = [name for name, *_ in packed["tensors"]]
    assert names == list(models()[1].state_dict())


test_bad_input_is_refused_when_made_and_when_set = refusing(
    widget,
    [
        ("length", 0, "length must be a whole number from 1 to 16; got 0"),
        ("length", 17, "length must be a whole number from 1 to 16; got 17"),
        ("length", math.nan, "length must be a whole number from 1 to 16; got nan"),
        ("digits", "31415", "digits must be 16 values; got '31415'"),
        ("digits", (10,) * 16, "digits[0] must be a whole number from 0 to 9; got 10"),
        ("digits", [1.5] * 16, "digits[0] must be a whole number from 0 to 9; got 1.5"),
    ],
)


def test_other_models_are_refused():
    without, attending = models()
    with pytest.raises(ValueError, match=r"= \(None, 14, 14\), got \('additive', 14, 14\)"):
        BottleneckWidget(attending, without)
    with pytest.raises(ValueError, match=r"\('additive', 14, 14\), got \('dot', 14, 14\)"):
        BottleneckWidget(without, Seq2Seq(VOCAB, VOCAB, attend="dot"))
    with pytest.raises(ValueError, match=r"got \(None, 15, 14\)"):
        BottleneckWidget(Seq2Seq(15, 14), attending)


def test_repr_has_inputs_and_no_address():
    assert repr(widget(digits=(7,) * 16)) == (
        "BottleneckWidget(digits=(7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7), length=10)"
    )


def test_the_front_end_is_one_module():
    source = widget()._esm
    assert source.count("export default") == 1
    assert "import" not in [line.split(" ")[0] for line in source.splitlines()]
    assert "https:" not in source
