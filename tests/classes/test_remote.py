"""Over the border an answer gets the verdict and the words that it gets in a notebook."""

import numpy as np
import pytest

from attnclass.border.channel import TooLate
from attnclass.border.values import Broken
from attnlab.chapters.bottleneck.exercises import _Shown
from tests.classes.forked import across
from tests.classes.known import differences


def test_known_answers_get_the_same_verdict_on_both_sides():
    known, others = differences("block")  # arrays, modules and a widget
    assert known > 50
    assert others == []


def test_a_function_is_called_there_with_copies_that_come_back_as_it_left_them():
    def doubled(x, names):
        x *= 2
        names.append("more")
        return x.sum()

    with across({"doubled": doubled}) as remote:
        x, names = np.ones(3), ["one"]
        assert remote.work("doubled")(x, names) == 6
        assert x.tolist() == [2, 2, 2]
        assert names == ["one", "more"]


def test_a_function_handed_over_is_called_here():
    called = []

    def ours(x, scale=1):
        called.append(x)
        return x * scale

    with across({"twice": lambda f: f(2, scale=3) + f(5)}) as remote:
        assert remote.work("twice")(ours) == 11
    assert called == [2, 5]


def test_what_stands_for_a_widget_stays_here_as_a_widget_does():
    def looks(w):
        w.length = 5
        return w.weights.shape, attempt(lambda: w.shown), attempt(lambda: w._private)

    def attempt(what):
        try:
            return what()
        except AttributeError as error:
            return str(error)

    stand_in = _Shown(3, np.ones((4, 3)))
    with across({"looks": looks}) as remote:
        shape, shown, private = remote.work("looks")(stand_in)
    assert shape == (4, 3)
    assert "no attribute 'shown'" in shown and "no attribute '_private'" in private
    assert stand_in.length == 5, "it was set here"


def test_what_is_raised_there_is_raised_here_by_name_and_words():
    def divide():
        raise ZeroDivisionError("by nothing")

    with (
        across({"divide": divide}) as remote,
        pytest.raises(Exception, match="by nothing") as raised,
    ):
        remote.work("divide")()
    assert type(raised.value).__name__ == "ZeroDivisionError"


def test_stubs_are_untouched_and_missing_names_are_too():
    def stub(x): ...

    with across({"stub": stub}) as remote:
        assert remote.work("stub") is ...
        assert remote.work("missing") is ...


def test_a_handle_that_was_never_given_gets_nothing():
    def greedy(ours):
        object.__setattr__(ours, "_handle", 7)
        return ours(1)

    with across({"greedy": greedy}) as remote, pytest.raises(Broken, match="never handed over"):
        remote.work("greedy")(lambda x: x)


def test_a_function_of_the_markers_can_be_called_and_not_looked_into():
    greedy = {"greedy": lambda ours: ours.func_globals}
    with across(greedy) as remote, pytest.raises(Exception, match="no attribute 'func_globals'"):
        remote.work("greedy")(lambda x: x)


def test_who_does_not_answer_is_too_late():
    def endless():
        while True:
            pass

    with across({"endless": endless}, seconds=1) as remote:
        with pytest.raises(TooLate, match="1 seconds"):
            remote.work("endless")()
        assert isinstance(remote.failure, TooLate)


def test_who_has_ended_is_broken():
    import os  # noqa: PLC0415

    with across({"end": lambda: os._exit(0)}) as remote, pytest.raises(Broken):
        remote.work("end")()
