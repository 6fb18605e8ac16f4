"""The tests that the questions of every chapter pass."""

import json
from random import Random
from typing import Any

import numpy as np
import pytest

from attnclass.examination import IMPORTS
from attnclass.questions import Asked, Question, questions_of
from attnlab.exercises import Result
from attnlab.exercises.choice import Choice
from attnlab.exercises.marking import FUNCTION, TEXT, VALUE, exercise_of, exercises_of, grade_by
from attnlab.exercises.written import Written

DRAWS = 40


def asked(question: Question, seed: int) -> Asked:
    """The question as somebody gets it, after a stay in a file."""
    return question.ask(**json.loads(json.dumps(question.draw(Random(seed)))))


def marked(question: Asked, answer: Any) -> Result:
    result = grade_by(question.marker, "of/the-bank", {question.marker.target: answer})
    if result.fault is not None:
        raise AssertionError("the checker itself raised") from result.fault
    return result


def solved(question: Asked) -> Any:
    """What the solution gives, with what an examination's notebook imports."""
    if question.marker.asks == TEXT:
        return question.solution
    namespace: dict[str, Any] = {}
    exec(IMPORTS, namespace)
    exec(question.solution, namespace)
    return namespace[question.marker.target]


def kind(question: Question) -> str:
    marker = asked(question, 0).marker
    return "sentences" if isinstance(marker.checker, Choice) else marker.asks


def asking_of(chapter: str, wrong: dict[str, list[tuple]]) -> type:
    """A test class. `wrong` maps each question for a function to triples: what is drawn, an answer
    that is wrong then, and a part of the hint that it must get."""
    bank = {each.name: each for each in questions_of(chapter)}
    of = {what: [x for x in bank.values() if kind(x) == what] for what in
          (VALUE, "sentences", FUNCTION, TEXT)}  # fmt: skip
    every = pytest.mark.parametrize("question", bank.values(), ids=list(bank))

    def each(what):
        return pytest.mark.parametrize("question", of[what], ids=[x.name for x in of[what]])

    class Asking:
        def test_names_and_targets_are_its_own(self):
            assert bank, "no questions"
            exercises = exercises_of(chapter)
            targets = [exercise_of(name).target for name in exercises]
            targets += [asked(x, 0).marker.target for x in bank.values()]
            assert len(set(targets)) == len(targets)
            assert not {*bank} & {*exercises}
            assert {*wrong} == {x.name for x in of[FUNCTION]}

        @every
        def test_its_solution_is_right_and_its_stub_is_not_attempted(self, question):
            expected = "written" if kind(question) == TEXT else "passed"
            for seed in range(DRAWS):
                drawn = asked(question, seed)
                result = marked(drawn, solved(drawn))
                assert result.status == expected, f"{drawn.task}: {result.message}"
                assert marked(drawn, ...).status == "not attempted"
                namespace = {}
                exec(drawn.stub, namespace)
                stub = namespace[drawn.marker.target]
                assert marked(drawn, stub).status == "not attempted"

        @each(VALUE)
        def test_enough_values_can_be_drawn(self, question):
            assert len({asked(question, seed).task for seed in range(500)}) >= 24

        @each(VALUE)
        def test_wrong_values_get_their_hint(self, question):
            told, hints = set(), set()
            for seed in range(DRAWS):
                drawn = asked(question, seed)
                for answer, hint in drawn.wrong:
                    result = marked(drawn, answer)
                    hints.add(hint)
                    told |= {hint} & {result.message}
                    right = np.array_equal(answer, solved(drawn))
                    assert result.status == ("passed" if right else "failed"), drawn.task
                assert marked(drawn, "some text").status == "failed"
                assert marked(drawn, np.asarray(solved(drawn)) + 7.5).status == "failed"
            assert told == hints, "no draw tells these apart from others"
            assert 3 <= len(hints) <= 8, "expected three at least, and no numbers"

        @each("sentences")
        def test_sentences_tell_nothing_by_their_number_or_length(self, question):
            right, wrong = set(), set()
            for seed in range(500):
                options = question.draw(Random(seed))["options"]
                checker = question.ask(options).marker.checker
                assert isinstance(checker, Choice)
                chosen = options["abcd".index(checker.right)]
                right.add(chosen)
                wrong |= {*options} - {chosen}
            assert len(right) >= 4 and len(wrong) >= 8 and not right & wrong
            mean = [np.mean([len(x) for x in group]) for group in (right, wrong)]
            assert 0.75 <= mean[0] / mean[1] <= 1.25

        @each("sentences")
        def test_each_wrong_sentence_has_a_hint_of_its_own(self, question):
            for seed in range(DRAWS):
                checker = asked(question, seed).marker.checker
                assert isinstance(checker, Choice) and len({*checker.hints.values()}) == 3

        @each(FUNCTION)
        def test_wrong_functions_get_their_hint(self, question):
            assert len(wrong[question.name]) >= 3
            for drawn, answer, hint in wrong[question.name]:
                result = marked(question.ask(**drawn), answer)
                assert result.status == "failed" and hint in result.message, result.message

        @each(FUNCTION)
        def test_a_solution_for_other_draws_is_wrong(self, question):
            ways = {drawn.task: drawn for drawn in (asked(question, seed) for seed in range(DRAWS))}
            assert len(ways) > 1
            for task, drawn in ways.items():
                for other, answer in ways.items():
                    if other != task:
                        result = marked(drawn, solved(answer))
                        assert result.status == "failed", f"{other}\npasses\n{task}"

        @each(TEXT)
        def test_a_text_is_marked_by_the_same_points_whatever_is_drawn(self, question):
            checkers = [asked(question, seed).marker.checker for seed in range(DRAWS)]
            assert len({x.points for x in checkers if isinstance(x, Written)}) == 1

    return Asking
