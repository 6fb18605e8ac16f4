"""Predictions in Python: what can be asked and guessed, and that a guess is locked."""

import math

import numpy as np
import pytest
from traitlets import TraitError

from attnlab.widgets.predictions import Curve, Number, Option, Prediction, version

KEYS = Number("keys", "Keys in effect", 1, 64, log=True)
WHICH = Option("which", "Which comes first?", ("hen", "egg"))
FALL = Curve("fall", "The loss by step", 0, 3, x=(0, 10, 20))
GOOD = {
    "keys": {"value": 20, "low": 10, "high": 40},
    "which": {"option": "egg", "sure": 70},
    "fall": [3, 1, 0.5],
}


def prediction() -> Prediction:
    return Prediction("example-all", "What will it be?", [KEYS, WHICH, FALL])


def test_a_guess_is_kept_and_locked_once_it_is_committed():
    made = prediction()
    made.guess = GOOD
    made.guess = {**GOOD, "fall": np.array([1.0, 1, 1])}
    assert made.guess["fall"] == [1, 1, 1] and not made.committed
    made.state = "committed"
    assert made.committed
    with pytest.raises(TraitError, match="'example-all' is committed: its guess is locked"):
        made.guess = GOOD
    assert made.guess["fall"] == [1, 1, 1]
    made.guess = made.guess  # the same is no change


def test_what_is_not_guessed_cannot_be_committed():
    made = prediction()
    made.guess = {"which": GOOD["which"]}
    with pytest.raises(TraitError, match="no guess yet for keys, fall"):
        made.state = "committed"
    assert not made.committed
    made.state = "shown"
    with pytest.raises(TraitError, match="is shown: its guess is locked"):
        made.guess = GOOD


@pytest.mark.parametrize(
    ("name", "guess", "message"),
    [
        ("keys", 20, "'keys' must have a value, a low and a high; got 20"),
        ("keys", {"value": 20}, "'keys' must have a value, a low and a high; got {'value': 20}"),
        (
            "keys",
            {"value": 65, "low": 1, "high": 65},
            "'keys' must be a number from 1 to 64; got 65",
        ),
        (
            "keys",
            {"value": math.nan, "low": 1, "high": 64},
            "'keys' must be a number from 1 to 64; got nan",
        ),
        (
            "keys",
            {"value": "9", "low": 1, "high": 64},
            "'keys' must be a number from 1 to 64; got '9'",
        ),
        ("keys", {"value": True, "low": 1, "high": 64}, "must be a number from 1 to 64; got True"),
        ("keys", {"value": 5, "low": 6, "high": 7}, "'keys' must lie within its own interval"),
        ("which", "egg", "'which' must have an option and a sure; got 'egg'"),
        (
            "which",
            {"option": "cat", "sure": 70},
            "'which' must be one of ('hen', 'egg'); got 'cat'",
        ),
        ("which", {"option": "egg", "sure": 49}, "'which' must be sure from 50 to 100%; got 49"),
        ("which", {"option": "egg", "sure": math.nan}, "must be sure from 50 to 100%; got nan"),
        ("which", {"option": "egg", "sure": True}, "must be sure from 50 to 100%; got True"),
        ("fall", [1, 2], "'fall' must be 3 values; got [1, 2]"),
        ("fall", [1, 2, 3.5], "'fall' must be a number from 0 to 3; got 3.5"),
        ("fall", "123", "'fall' must be 3 values; got '123'"),
        ("other", 1, "'example-all' asks for keys, which, fall; got other"),
    ],
)
def test_a_guess_that_does_not_fit_is_refused(name, guess, message):
    made = prediction()
    with pytest.raises(TraitError) as refused:
        made.guess = {name: guess}
    assert message in str(refused.value)
    assert made.guess == {}


def test_a_guess_that_is_no_dict_is_refused():
    with pytest.raises(TraitError, match=r"a guess must be a dict .*; got \[1\]"):
        prediction().guess = [1]


@pytest.mark.parametrize(
    ("make", "error", "message"),
    [
        (lambda: Number("", "Keys", 1, 2), ValueError, "needs a name and a label"),
        (lambda: Number("keys", 3, 1, 2), ValueError, "needs a name and a label"),
        (lambda: Number("keys", "Keys", 2, 2), ValueError, "low must be below high, got 2 and 2"),
        (lambda: Number("keys", "Keys", 1, math.inf), ValueError, "low must be below high"),
        (lambda: Number("keys", "Keys", math.nan, 1), ValueError, "low must be below high"),
        (lambda: Number("keys", "Keys", "1", 2), TypeError, "low must be a number, got str"),
        (lambda: Number("keys", "Keys", 0, 2, log=True), ValueError, "low above 0, got 0"),
        (lambda: Number("keys", "Keys", 1, 2, log=1), TypeError, "log must be True or False"),
        (lambda: Option("which", "Which?", ("hen",)), ValueError, "two or more that differ"),
        (lambda: Option("which", "Which?", ("hen", "hen")), ValueError, "two or more that differ"),
        (lambda: Curve("fall", "Fall", 0, 1, x=(1,)), ValueError, "two or more places that rise"),
        (lambda: Curve("fall", "Fall", 0, 1, x=(1, 0)), ValueError, "two or more places that rise"),
        (lambda: Curve("fall", "Fall", 0, 1, x=("a", 0)), TypeError, "x must be a number, got str"),
        (lambda: Prediction("a b", "What?", [KEYS]), ValueError, "letters, digits and hyphens"),
        (lambda: Prediction("", "What?", [KEYS]), ValueError, "letters, digits and hyphens"),
        (lambda: Prediction("a", "", [KEYS]), ValueError, "question must be a sentence"),
        (lambda: Prediction("a", "What?", []), ValueError, "one or more; got []"),
        (lambda: Prediction("a", "What?", [KEYS, KEYS]), ValueError, "names that differ"),
        (lambda: Prediction("a", "What?", ["keys"]), TypeError, "Number, Option or Curve, got str"),
    ],
)
def test_what_cannot_be_asked_is_refused(make, error, message):
    with pytest.raises(error) as refused:
        make()
    assert message in str(refused.value)


def test_another_label_is_the_same_question_and_another_limit_is_not():
    reworded = Number("keys", "Keys that are read", 1, 64, log=True)
    wider = Number("keys", "Keys in effect", 1, 65, log=True)
    assert version([KEYS]) == version([reworded]) != version([wider])


def test_a_front_end_is_told_what_is_asked():
    sent = prediction().get_state()["_prediction"]
    assert sent["name"] == "example-all" and sent["question"] == "What will it be?"
    kinds = {quantity["name"]: quantity["kind"] for quantity in sent["quantities"]}
    assert kinds == {"keys": "number", "which": "option", "fall": "curve"}
    assert sent["quantities"][0] == {
        "kind": "number", "name": "keys", "label": "Keys in effect", "low": 1, "high": 64,
        "log": True, "whole": False,
    }  # fmt: skip
