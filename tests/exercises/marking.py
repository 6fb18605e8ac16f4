"""The tests that every chapter's exercises pass, made from tables of right and wrong answers."""

import random
import re
import warnings

import numpy as np
import pytest
import torch
from ipywidgets.widgets import widget as ipywidgets

from attnlab.exercises import Result, exercises_of, grade
from attnlab.exercises.choice import Choice
from attnlab.exercises.comparison import Comparison
from attnlab.exercises.marking import FUNCTION, exercise_of
from attnlab.exercises.written import Written


def marked(name: str, answer) -> Result:
    """What is said of an answer by a checker that can read it, and that leaves no traces."""
    before = surroundings()
    result = grade(name, {exercise_of(name).target: answer})
    if result.fault is not None:
        raise AssertionError("the checker itself raised") from result.fault
    assert surroundings() == before, "the check has changed what is around it"
    return result


def surroundings() -> tuple:
    """The global generators, what is set globally, and which widgets there are."""
    numpy = np.random.get_state()
    return (
        random.getstate(),
        [part.tobytes() if isinstance(part, np.ndarray) else part for part in numpy],
        torch.get_rng_state().tolist(),
        torch.get_default_dtype(),
        torch.get_default_device(),
        torch.is_grad_enabled(),
        np.geterr(),
        np.get_printoptions(),
        list(warnings.filters),
        set(ipywidgets._instances),
    )


def least(name: str) -> tuple[int, int]:
    """How many right and wrong answers are tested, at least."""
    checker = exercise_of(name).checker
    if isinstance(checker, Choice):
        return 1, len(checker.hints)
    return (1, 2) if isinstance(checker, Written) else (3, 8)


def marking_of(chapter: str, right: dict[str, list], wrong: dict[str, list[tuple]]) -> type:
    """A test class. `right` maps each exercise of the chapter to answers in different styles,
    `wrong` maps it to pairs `(answer, hint)`, each with a part of the hint that it must get."""
    names = exercises_of(chapter)
    functions = [name for name in names if exercise_of(name).asks == FUNCTION]

    def cases(answers, of):
        return [
            pytest.param(f"{chapter}/{what}", *of(each), id=f"{what}-{i}")
            for what, given in answers.items()
            for i, each in enumerate(given)
        ]

    class Marking:
        def test_every_exercise_is_tested(self):
            assert [f"{chapter}/{what}" for what in right] == names
            assert [f"{chapter}/{what}" for what in wrong] == names

        @pytest.mark.parametrize("exercise", names)
        def test_enough_answers_are_tested(self, exercise):
            what = exercise.partition("/")[2]
            count = len(right[what]), len(wrong[what])
            expected = least(exercise)
            assert count >= expected and count[1] >= expected[1], f"{count}, expected {expected}"

        @pytest.mark.parametrize("exercise, answer", cases(right, lambda answer: (answer,)))
        def test_right_answers_pass(self, exercise, answer, monkeypatch):
            compared, decide = [], Comparison.__exit__

            def remember(comparison, *raised):
                compared.append(comparison)
                decide(comparison, *raised)

            monkeypatch.setattr(Comparison, "__exit__", remember)
            result = marked(exercise, answer)
            assert result.status in ("passed", "written"), result.message
            for comparison in compared:
                assert comparison.indistinct() == [], "no case tells these apart"

        @pytest.mark.parametrize("exercise, answer, hint", cases(wrong, tuple))
        def test_wrong_answers_get_their_hint(self, exercise, answer, hint):
            result = marked(exercise, answer)
            assert result.status == "failed", result.message
            assert hint in result.message

        @pytest.mark.parametrize("exercise", functions)
        @pytest.mark.parametrize("got", [None, "text", 0.5])
        def test_no_case_is_taken_for_what_was_returned(self, exercise, got):
            """Neither "n = 2 is no number" nor "HeadsWidget() should be a whole number"."""
            message = marked(exercise, lambda *given: got).message
            named = re.match(r"([^:]*?) (is|should) ", message)  # a colon ends a case
            assert not (named and re.match(r".* = |[A-Z]\w*\(", named[1])), message

        @pytest.mark.parametrize("exercise", names)
        def test_untouched_stubs_are_not_attempted(self, exercise):
            assert marked(exercise, ...).status == "not attempted"
            assert grade(exercise, {}).status == "not attempted"

    Marking.chapter = chapter
    return Marking
