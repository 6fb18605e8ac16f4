"""Answers beside what is right, case by case, and what a wrong answer gives away.

A checker runs through its cases, each with what is right and what known misconceptions give:

    with Comparison() as compare:
        for n, m in ((4, 9), (11, 5)):  # n > m: for whoever takes n keys
            A, v = ...
            got = array(contexts(A, v), {"n": n})
            compare(got, A @ v, [
                (v[A.argmax(axis=1)], "that is the value of the heaviest key alone"),
            ], case=equations(n=n, m=m))

At the end of the block, an answer that is right in all cases passes. A misconception is named if
its numbers are the answer's in every case, and no other's are; otherwise the first case in which
the answer is wrong is shown. So a misconception needs a case in which it differs from what is
right, and a case in which it differs from each other one: say beside a case what it is there for.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np

from attnlab.exercises.answers import near, plain, truth
from attnlab.exercises.hint import Hint
from attnlab.exercises.notation import apart

UNLIKE = "{case}: expected {right}, got {got}"
UNLIKE_AT = "{case}: at {place} expected {right}, got {got}"
UNLIKE_IN_SHAPE = "{case}: expected shape {right}, got {got}"


@dataclass(frozen=True)
class _Case:
    got: Any
    right: Any
    wrong: dict[tuple[str, str | None], list]  # the hint, and what the misconception gives
    places: dict[str, Any]


class Comparison:
    """Compares answers with what is right, case by case, and names a misconception on evidence.

    Args:
        alike: are two answers one? `near`, unless rounding is another matter here.

    Raises:
        Hint: at the end of its block, if one of the answers is not right: that of the one
            misconception which explains all of the answers, or else the first wrong case.

    >>> with Comparison() as compare:
    ...     for a, b in ((2, 2), (3, 2)):  # 3, 2: where a sum is no product
    ...         compare(a + b, a * b, [(a + b, "{case}: that is the sum")], case=f"{a}, {b}")
    Traceback (most recent call last):
    attnlab.exercises.hint.Hint: 3, 2: that is the sum
    """

    def __init__(self, alike: Callable[[Any, Any], Any] = near):
        self._alike, self._cases = alike, []

    def __enter__(self) -> "Comparison":
        return self

    def __call__(
        self, got: Any, right: Any, wrong: Iterable[tuple] = (), /, *, case: str, **places: Any
    ) -> None:
        """Take down one case.

        Args:
            got: the answer.
            right: what is right.
            wrong: what comes out under a misconception, the hint for whoever has it, and, if more
                can be told at later tries, a second sentence. One that has no meaning in a case
                may be left out there.
            case: the case, as hints write it; it is the place {case} of all hints.
            places: what else the hints name.
        """
        by_hint: dict[tuple[str, str | None], list] = {}
        for value, hint, *more in wrong:
            key = (hint, more[0] if more else None)
            Hint(hint, more=key[1], case=case, **places)  # a place without a name is found now
            by_hint.setdefault(key, []).append(value)
        self._cases.append(_Case(got, right, by_hint, {"case": case, **places}))

    def __exit__(self, kind, error, trace) -> None:
        failed = [case for case in self._cases if not self._alike(case.got, case.right)]
        if error is not None or not failed:
            return
        told = list(dict.fromkeys(hint for case in failed for hint in case.wrong))
        explained = [hint for hint in told if self._explains(hint)]
        if len(explained) == 1:
            (hint,) = explained
            case = next(case for case in failed if hint in case.wrong)
            raise Hint(hint[0], more=hint[1], **case.places)
        raise unlike(failed[0].got, failed[0].right, failed[0].places["case"])

    def indistinct(self) -> list[tuple[str, str]]:
        """Hints that no case tells from what is "right", or from one another: for tests."""
        found, told = [], list(dict.fromkeys(hint for case in self._cases for hint in case.wrong))
        for i, hint in enumerate(told):
            cases = [case for case in self._cases if hint in case.wrong]
            if all(self._any(case.wrong[hint], [case.right]) for case in cases):
                found.append((hint[0], "right"))
            for other in told[i + 1 :]:
                both = [case for case in cases if other in case.wrong]
                if both and all(self._any(case.wrong[hint], case.wrong[other]) for case in both):
                    found.append((hint[0], other[0]))
        return found

    def _any(self, values: list, others: list) -> bool:
        return any(self._alike(value, other) for value in values for other in others)

    def _explains(self, hint: tuple[str, str | None]) -> bool:
        return all(
            self._any([case.got], case.wrong[hint]) for case in self._cases if hint in case.wrong
        )


def unlike(got: Any, right: Any, case: str) -> Hint:
    """The neutral hint: what was expected in this case, and what came."""
    a, b = plain(got), plain(right)
    if a is None or b is None or a.shape == b.shape == ():
        expected, given = apart(right, got)
        return Hint(UNLIKE, case=case, right=expected, got=given)
    if a.shape != b.shape:
        return Hint(UNLIKE_IN_SHAPE, case=case, right=b.shape, got=a.shape)
    with np.errstate(all="ignore"):
        error = np.nan_to_num(np.abs(a.astype(float) - b.astype(float)), nan=np.inf)
    place = np.unravel_index(error.argmax(), error.shape)
    expected, given = apart(b[place].item(), a[place].item())
    return Hint(UNLIKE_AT, case=case, place=[int(i) for i in place], right=expected, got=given)


def judges(judge: Callable, cases: list[tuple[Callable, bool, str]], x: np.ndarray) -> None:
    """Ask the learner's `judge(f, x)` about each function; a hint where it is not right.

    Args:
        cases: a function of x, what is right to say of it, and the hint for whoever does not,
            in which what they say is called `got`.
    """
    for f, right, hint in cases:
        got = truth(judge(f, x))
        if got != right:
            raise Hint(hint, got=got)


def recognize(
    got: Any,
    wrong: Iterable[tuple[Any, str]],
    /,
    *,
    alike: Callable[[Any, Any], Any] = near,
    **places: Any,
) -> None:
    """Raise the hint of the misconception that gives this wrong answer, if exactly one does.

    For a checker that has one case; `Comparison` looks at several together.

    Args:
        got: the learner's answer, which is not the right one.
        wrong: what comes out under a misconception, and the hint for whoever has it.
        alike: are the answer and what comes out one?
        places: what the hints name.
    """
    hints = list(dict.fromkeys(hint for value, hint in wrong if alike(got, value)))
    if len(hints) == 1:
        raise Hint(hints[0], **places)
