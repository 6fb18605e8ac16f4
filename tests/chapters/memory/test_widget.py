"""The memory widget: what its page computes is what torch computes, and what it refuses."""

import numpy as np
import pytest
import torch

from attnlab.chapters.memory.models import Policy
from attnlab.chapters.memory.widget import MemoryWidget
from tests.widgets.node import ROOMS, SHARED, Result, agree, in_node
from tests.widgets.refusals import refusing

MODULES = [SHARED / "packing.js", ROOMS / "memory" / "mathematics.js"]


def widget(**options):
    torch.manual_seed(0)
    return MemoryWidget(Policy("attention", d_model=6), Policy("gru", d_model=6), **options)


@pytest.mark.parametrize(
    "state",
    [
        {},
        {"length": 1, "at": 0, "sign": "right"},
        {"length": 7, "at": 4, "maze": 12},
        {"length": 80, "at": 81, "maze": 99, "sign": "right"},
    ],
)
def test_the_browser_computes_what_torch_does(state):
    w = widget(**state)
    fixed = {name: w._constants[name] for name in ("signs", "junction", "n_pictures")}
    (seen,) = in_node(
        ("sightsOf", {"length": w.length, "sign": w.sign, "maze": w.maze}, fixed), modules=MODULES
    )
    assert seen == w.seen
    past = seen[: w.step + 1]
    _, _, attended, carried = in_node(
        ("unpack", w._policies["attention"]),
        ("unpack", w._policies["gru"]),
        ("attend", Result(0), past),
        ("carry", Result(1), past),
        modules=MODULES,
    )
    agree(numbers(attended["weights"]), w.weights)
    agree(numbers(attended["chances"])[w.wanted], w.right_attention)
    agree(numbers(carried)[w.wanted], w.right_gru)


def numbers(found) -> np.ndarray:
    """A typed array is an object with places for names on its way here."""
    return np.array([*(found.values() if isinstance(found, dict) else found)])


def test_beyond_the_junction_one_stands_at_it():
    w = widget(length=3, at=60)
    assert w.step == 4 and w.wanted == 1 and len(w.weights) == 5
    w.at = 3
    assert w.wanted == 0
    assert w.weights.sum() == pytest.approx(1)


def test_a_walk_collects_what_the_maze_gives():
    assert widget(bumps=3).collected == pytest.approx(-0.15)
    assert widget(bumps=1, turned="left").collected == pytest.approx(0.95)
    assert widget(sign="right", turned="left").collected == -1


def test_without_a_corridor_nothing_is_computed():
    w = widget(length=0)
    assert w.seen == [] and w.weights.size == 0
    assert np.isnan([w.on_sign, w.right_attention, w.right_gru]).all()


def test_policies_of_another_kind_are_refused():
    with pytest.raises(ValueError, match='the memory "gru" and at most one head, got "none"'):
        MemoryWidget(Policy("attention"), Policy("none"))
    with pytest.raises(ValueError, match='the memory "attention" and at most one head'):
        MemoryWidget(Policy("attention", n_heads=2), Policy("gru"))


test_bad_input_is_refused_when_made_and_when_set = refusing(
    widget,
    [
        ("length", 81, "length must be a whole number from 0 to 80; got 81"),
        ("length", -1, "length must be a whole number from 0 to 80; got -1"),
        ("at", 2.5, "at must be a whole number from 0 to 81; got 2.5"),
        ("sign", "up", "sign must be one of left, right; got 'up'"),
        ("maze", 100, "maze must be a whole number from 0 to 99; got 100"),
        ("bumps", True, "bumps must be a whole number from 0 to 99; got True"),
        ("turned", "yes", "turned must be one of no, left, right; got 'yes'"),
    ],
)


def test_repr_has_inputs_and_no_address():
    assert repr(widget(length=6, at=3)) == (
        "MemoryWidget(length=6, at=3, sign='left', maze=0, bumps=0, turned='no')"
    )
