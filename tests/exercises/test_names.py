"""A name that is none: one sentence, with the name that was meant."""

import pytest

from attnlab.exercises import check, exercises_of, grade
from attnlab.exercises.marking import exercise_of
from tests.exercises.rooms import CHAPTERS

BUGS = [name for chapter in CHAPTERS for name in exercises_of(chapter) if name.endswith("/bug")]


def nearest_values(q, k, v): ...


@pytest.mark.parametrize(
    ("name", "sentence"),
    [
        ("leaky", "there is no exercise 'leaky': did you mean \"recurrence/leaky\"?"),
        ("self_attention/mean", 'did you mean "self-attention/mean"?'),
        ("self-attention/maen", 'did you mean "self-attention/mean"?'),
        ("Self-Attention/Mean ", 'did you mean "self-attention/mean"?'),
        ("lokup/hard", 'did you mean "lookup/hard"?'),
        ("lookup/nearest_values", "those of its chapter are"),
        ("nearest_values", 'did you mean "lookup/hard"?'),
        ("bug", f"did you mean {' or '.join(map('{!r}'.format, BUGS))}?".replace("'", '"')),
        ("lookup", 'those of its chapter are "lookup/hard", "lookup/'),
        ("lookup/seventh", 'those of its chapter are "lookup/hard", "lookup/'),
        ("lookup/hard/er", 'did you mean "lookup/hard"?'),
        ("gardening/roses", "there is no chapter 'gardening'; those with exercises are block, bo"),
        ("", "there is no exercise ''; write its chapter and its name, such as \"heads/count\""),
        ("roses", "there is no exercise 'roses'; write its chapter and its name"),
        ("heads.widget/count", 'did you mean "heads/count"?'),
        ("../heads/count", 'did you mean "heads/count"?'),
        (nearest_values, 'by its name, in quotes, such as "lookup/hard"; got a value of type fun'),
        (len, 'by its name, in quotes, such as "heads/count"; got a value of type builtin'),
        (None, 'by its name, in quotes, such as "heads/count"; got None'),
        (..., 'by its name, in quotes, such as "heads/count"; got a value of type ellipsis'),
        (["lookup/hard"], "by its name, in quotes, such as \"heads/count\"; got ['lookup/hard']"),
    ],
)
def test_what_is_said(name, sentence, capsys):
    with pytest.raises(ValueError) as refused:
        grade(name, {})
    assert sentence in str(refused.value)
    with pytest.raises(ValueError):
        exercise_of(name)
    check(name)
    assert capsys.readouterr().out == f"{refused.value}\n"


@pytest.mark.parametrize("chapter", ["gardening", "self_attention", "heads.widget", "", None, 3])
def test_a_chapter_that_is_none(chapter):
    with pytest.raises(ValueError, match=r"there is no chapter .*; those with exercises are block"):
        exercises_of(chapter)


def test_every_chapter_is_found():
    assert all(exercises_of(chapter) for chapter in CHAPTERS)
