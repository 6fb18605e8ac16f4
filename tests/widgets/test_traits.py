"""Rows have an order and numbers are numbers, whichever trait takes them."""

from collections import OrderedDict
from enum import IntEnum
from fractions import Fraction

import numpy as np
import pytest
import torch
from traitlets import HasTraits, TraitError

from attnlab.chapters.heads.widget import HeadNumbers
from attnlab.chapters.lookup.widget import LookupWidget
from attnlab.chapters.masks.widget import MasksWidget
from attnlab.chapters.scaling.widget import ScalingWidget
from attnlab.chapters.scores.widget import ScoresWidget
from attnlab.chapters.self_attention.widget import SelfAttentionWidget
from attnlab.chapters.softmax.widget import SoftmaxWidget
from attnlab.functional.settings import kind

LOGITS = (1.0, 2.0, 3.0, 0.0, -1.0, -2.0)
REVERSED = (5, 4, 3, 2, 1, 0)


@pytest.mark.parametrize(
    "value",
    [
        LOGITS,
        list(LOGITS),
        np.array(LOGITS),
        np.array(LOGITS, dtype=np.float32)[::-1][::-1],
        torch.tensor(LOGITS),
        torch.tensor(LOGITS, requires_grad=True),
        list(map(np.float64, LOGITS)),
        list(map(Fraction, LOGITS)),
        list(torch.tensor(LOGITS)),
    ],
)
def test_what_has_an_order_is_a_row(value):
    assert SoftmaxWidget(logits=value).logits == LOGITS


NO_ROWS = [
    np.array(2.0),
    torch.tensor(2.0),
    np.float64(2.0),
    2,
    None,
    set(LOGITS),
    frozenset(LOGITS),
    dict.fromkeys(LOGITS),
    OrderedDict.fromkeys(LOGITS),
    dict.fromkeys(LOGITS).keys(),
    iter(LOGITS),
    map(float, LOGITS),
    "123456",
    b"123456",
    (),
    LOGITS[:5],
    [*LOGITS, 0.0],
]


@pytest.mark.parametrize("value", NO_ROWS, ids=kind)
def test_what_has_none_is_refused_by_its_name(value):
    w = SoftmaxWidget()
    before = w.logits
    with pytest.raises(TraitError, match=r"^logits must be 6 values; got "):
        w.logits = value
    assert w.logits == before


@pytest.mark.parametrize("value", NO_ROWS[:-3], ids=kind)
@pytest.mark.parametrize(
    ("make", "name"),
    [
        (SoftmaxWidget, "biases"),
        (SoftmaxWidget, "mask"),
        (ScoresWidget, "query"),
        (ScoresWidget, "places"),
        (LookupWidget, "x"),
        (LookupWidget, "y"),
        (SelfAttentionWidget, "order"),
    ],
)
def test_so_it_is_by_every_row(make, name, value):
    with pytest.raises(TraitError, match=f"^{name} must "):
        make(**{name: value})


def test_values_of_rows_are_what_their_items_take():
    assert SelfAttentionWidget(order=np.array(REVERSED)).order == REVERSED
    assert SelfAttentionWidget(order=range(5, -1, -1)).order == REVERSED
    for order in [set(REVERSED), dict.fromkeys(REVERSED), (5, 4, 3, 2, True, False), REVERSED[1:]]:
        with pytest.raises(TraitError, match="order must have each whole number from 0 to 5 once"):
            SelfAttentionWidget(order=order)
    with pytest.raises(TraitError, match=r"logits\[0\] must be a number"):
        SoftmaxWidget(logits=np.eye(6))
    for wrong in (True, np.True_, torch.tensor(True), "1", b"1", [1.0], np.array([1.0]), 1j, None):
        with pytest.raises(TraitError, match=r"^logits\[5\] must be a number"):
            SoftmaxWidget(logits=[*LOGITS[:5], wrong])


def test_where_the_order_has_no_meaning_a_set_will_do():
    heads = HeadNumbers()
    for value in ({3, 0}, frozenset({0, 3}), (3, 0, 3), np.array([3, 0])):
        assert heads.validate(None, value) == (0, 3)
    assert MasksWidget(flips={(3, 1), (0, 7)}).flips == ((0, 7), (3, 1))
    assert MasksWidget(flips=np.array([[3, 1], [0, 7]])).flips == ((0, 7), (3, 1))
    assert MasksWidget(flips=np.zeros((0, 2))).flips == ()


@pytest.mark.parametrize(
    "value",
    [{3: 0}, "01", b"\x01", np.array(2), iter([1]), (True,), (np.True_,), (1.0,), ((1,),), (None,)],
)
def test_heads_are_whole_numbers(value):
    heads = HeadNumbers()
    heads.class_init(HasTraits, "off")
    with pytest.raises(TraitError, match="off must be whole numbers from 0 to 7; got"):
        heads.validate(None, value)


@pytest.mark.parametrize(
    "value",
    [{(0, 1): 2}, [{3, 1}], [{3: 0, 1: 0}], ["31"], [b"\x03\x01"], [(3, True)], [(3,)], 5, "ab"],
)
def test_cells_are_pairs_in_an_order(value):
    with pytest.raises(TraitError, match=r"flips must be pairs \(i, j\) of whole numbers"):
        MasksWidget(flips=value)


@pytest.mark.parametrize("value", [8, np.int64(8), np.array(8), np.uint8(8), torch.tensor(8)])
def test_what_is_a_whole_number(value):
    assert type(ScalingWidget(d_k=value).d_k) is int


@pytest.mark.parametrize(
    "value", [8.0, np.float64(8), np.array([8]), torch.tensor([8]), True, np.True_, "8", b"8", None]
)
def test_what_is_none(value):
    with pytest.raises(TraitError, match=r"^d_k must be a whole number from 1 to 512; got"):
        ScalingWidget(d_k=value)


NO_VALUES = [torch.tensor(2.0, device="meta"), torch.tensor([2, 3]).to_sparse()]


@pytest.mark.parametrize("value", NO_VALUES, ids=kind)
@pytest.mark.parametrize(
    ("make", "name"),
    [
        (ScalingWidget, "d_k"),
        (ScalingWidget, "scaled"),
        (SoftmaxWidget, "temperature"),
        (SoftmaxWidget, "logits"),
        (SelfAttentionWidget, "order"),
        (MasksWidget, "flips"),
        (ScoresWidget, "function"),
    ],
)
def test_tensors_whose_values_cannot_be_had_are_refused_by_name(make, name, value):
    with pytest.raises(TraitError, match=f"^{name} must "):
        make(**{name: value})


class Word(str):
    """Whatever it is compared with is the same."""

    __eq__ = lambda self, other: True  # noqa: E731
    __hash__ = str.__hash__


class Width(IntEnum):
    NARROW = 8


def test_of_a_subclass_only_the_word_or_the_number_is_kept():
    w = ScoresWidget(function=np.str_("scaled"))
    assert type(w.function) is str
    assert repr(w).startswith("ScoresWidget(function='scaled', query=(0.9, 0.3), ")
    assert type(ScalingWidget(d_k=Width.NARROW).d_k) is int
    with pytest.raises(TraitError, match=r"^function must be one of dot, "):
        ScoresWidget(function=Word("cosine"))
