"""Every chapter has questions, and the tests that go with them."""

from importlib import import_module

import pytest

from attnclass.questions import question, question_of, questions_of
from attnlab.exercises.marking import exercise_of, exercises_of
from tests.classes.asked import asked, kind
from tests.exercises.rooms import CHAPTERS

KINDS = {"a value", "sentences", "a function", "a text"}


@pytest.mark.parametrize("chapter", CHAPTERS)
def test_a_chapter_has_questions_of_every_kind_and_their_tests(chapter):
    questions = questions_of(chapter)
    assert {kind(each) for each in questions} == KINDS
    room = chapter.replace("-", "_")
    assert hasattr(import_module(f"tests.chapters.{room}.test_questions"), "TestAsking")


def test_in_an_examination_on_all_chapters_no_name_is_asked_for_twice():
    targets = [asked(x, 0).marker.target for chapter in CHAPTERS for x in questions_of(chapter)]
    targets += [exercise_of(x).target for chapter in CHAPTERS for x in exercises_of(chapter)]
    twice = {target for target in targets if targets.count(target) > 1}
    assert not twice & {asked(x, 0).marker.target for c in CHAPTERS for x in questions_of(c)}


def test_a_question_that_is_not_there():
    with pytest.raises(ValueError, match="no question 'heads/nothing' in this version"):
        question_of("heads/nothing")
    with pytest.raises(ValueError, match="'haeds'"):
        questions_of("haeds")
    questions_of("heads")
    with pytest.raises(ValueError, match="'heads/join' is there twice"):
        question("heads/join", "Again")(lambda: None)
