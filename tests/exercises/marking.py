"""The tests that every chapter's exercises pass, made from its right and wrong answers."""

import pytest

from attnlab.exercises import exercises_of, grade


def marking_of(chapter: str, right: dict, wrong: dict) -> type:
    """A test class. `right` maps an exercise to cases `(target, answer)`; `wrong` to cases
    `(target, answer, hint)`, three or more, each with a part of the hint that it must get."""

    def cases(answers):
        return [
            pytest.param(f"{chapter}/{name}", *answer, id=f"{name}-{i}")
            for name, given in answers.items()
            for i, answer in enumerate(given)
        ]

    class Marking:
        def test_every_exercise_is_tested(self):
            names = [f"{chapter}/{name}" for name in wrong]
            assert names == exercises_of(chapter)
            assert list(right) == list(wrong)
            assert all(len(given) >= 3 for given in wrong.values())

        @pytest.mark.parametrize("exercise, target, answer", cases(right))
        def test_right_answers_pass(self, exercise, target, answer):
            result = grade(exercise, {target: answer})
            assert result.status == "passed", result.message

        @pytest.mark.parametrize("exercise, target, answer, hint", cases(wrong))
        def test_wrong_answers_get_their_hint(self, exercise, target, answer, hint):
            result = grade(exercise, {target: answer})
            assert result.status == "failed", result.message
            assert hint in result.message

        @pytest.mark.parametrize("exercise", exercises_of(chapter))
        def test_untouched_stubs_are_not_attempted(self, exercise):
            target = right[exercise.partition("/")[2]][0][0]
            assert grade(exercise, {target: ...}).status == "not attempted"
            assert grade(exercise, {}).status == "not attempted"

    return Marking
