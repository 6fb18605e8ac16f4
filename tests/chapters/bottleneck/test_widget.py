"""The bottleneck widget: its models on the page are torch's, and what it refuses."""

import json
import math

import numpy as np
import pytest
import torch

from attnlab.chapters.bottleneck.widget import DIGITS, BottleneckWidget
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


def test_a_writer_that_ends_and_one_that_writes_no_digits():
    without, attending = models()
    with torch.no_grad():
        without.read_out.bias[EOS] = 100.0
        attending.read_out.bias[3] = 100.0
    w = BottleneckWidget(without, attending, length=3)
    assert w.written_without == ""
    assert w.written_attending == "????"
    assert w.wanted == "413"
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
