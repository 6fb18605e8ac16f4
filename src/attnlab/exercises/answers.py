"""What checkers ask of an answer again and again, each with the hint that fits the exercise."""

from collections.abc import Callable, Iterable
from copy import deepcopy
from typing import Any

import numpy as np

from attnlab.exercises.marking import Hint

CHANGED_BY_A_TEST = "your test changed x itself: work on a copy"
NOT_A_VERDICT = "return True or False, got {got!r}"


def _alike(got: Any, wrong: Any) -> bool:
    return np.shape(got) == np.shape(wrong) and np.allclose(got, wrong)


def recognize(
    got: Any,
    wrong: Iterable[tuple[Any, str]],
    /,
    *,
    alike: Callable[[Any, Any], Any] = _alike,
    **places: Any,
) -> None:
    """Is a wrong answer one that a known misconception gives? Raise the hint of the first.

    Args:
        got: the learner's answer, which is not the right one.
        wrong: what comes out under a misconception, and the hint for whoever has it.
        alike: are the answer and what comes out one?
        places: what the hints name.
    """
    for value, hint in wrong:
        if alike(got, value):
            raise Hint(hint, **places)


def pair_of(got: Any, hint: str) -> Any:
    """The answer, if it is two things in a tuple or a list; else the hint."""
    if not isinstance(got, (tuple, list)) or len(got) != 2:
        raise Hint(hint)
    return got


def on_copy(work: Callable, x: Any, *others: Any, changed: str) -> Any:
    """What `work(x, *others)` returns for a copy of x; the hint `changed` if it changed that."""
    given = deepcopy(x)
    got = work(given, *others)
    if not np.array_equal(given, x):
        raise Hint(changed)
    return got


def judges(judge: Callable, cases: list[tuple[Callable, bool, str]], x: np.ndarray) -> None:
    """Ask the learner's `judge(f, x)` about each function; a hint where it is not right.

    Args:
        judge: returns True or False, and leaves x as it is.
        cases: a function of x, what is right to say of it, and the hint for whoever does not,
            in which what they say is called `got`.
    """
    for f, right, hint in cases:
        got = on_copy(lambda x, f=f: judge(f, x), x, changed=CHANGED_BY_A_TEST)
        if not isinstance(got, (bool, np.bool_)):
            raise Hint(NOT_A_VERDICT, got=got)
        if got != right:
            raise Hint(hint, got=got)
