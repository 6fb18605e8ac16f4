"""The machinery behind `check`: find the learner's work by name, run its checker, say one line."""

import dis
import sys
from collections.abc import Callable
from dataclasses import dataclass
from importlib import import_module
from typing import Any

import numpy as np


class Hint(Exception):
    """What a checker raises on a wrong answer: a sentence that names the misconception."""


def judges(judge: Callable, cases: list[tuple[Callable, bool, str]], x: np.ndarray) -> None:
    """Ask the learner's `judge(f, x)` about each function; a hint where it is not right.

    Args:
        judge: returns True or False, and leaves x as it is.
        cases: a function of x, what is right to say of it, and the hint for whoever does not.
    """
    for f, right, hint in cases:
        given = x.copy()
        got = judge(f, given)
        if not np.array_equal(given, x):
            raise Hint("your test changed x itself: work on a copy")
        if not isinstance(got, (bool, np.bool_)):
            raise Hint(f"return True or False, got {got!r}")
        if got != right:
            raise Hint(f"{hint} (you returned {got})")


@dataclass(frozen=True)
class Result:
    """The outcome of one exercise: `status` is "passed", "failed" or "not attempted"."""

    exercise: str
    status: str
    message: str

    def __str__(self) -> str:
        mark = {"passed": "✓", "failed": "✗", "not attempted": "○"}[self.status]
        return f"{mark} {self.exercise}: {self.message}"


@dataclass(frozen=True)
class _Exercise:
    checker: Callable[[Any], str | None]
    target: str


_REGISTRY: dict[str, _Exercise] = {}


def exercise(name: str, target: str) -> Callable:
    """Register a checker for the exercise `name` ("chapter/what"), about the learner's `target`.

    The checker gets the object that the learner called `target`. It raises :class:`Hint` when
    the answer is wrong, and may return a sentence for a right one.

    Raises:
        ValueError: the name is taken, or is not "chapter/what".
    """
    if name.count("/") != 1:
        raise ValueError(f'an exercise is named "chapter/what"; got {name!r}')

    def register(checker: Callable[[Any], str | None]) -> Callable[[Any], str | None]:
        if name in _REGISTRY:
            raise ValueError(f"the exercise {name!r} is registered twice")
        _REGISTRY[name] = _Exercise(checker, target)
        return checker

    return register


def exercises_of(chapter: str) -> list[str]:
    """The names of a chapter's exercises, in the order in which they are defined.

    Raises:
        ValueError: there is no such chapter.
    """
    module = f"attnlab.chapters.{chapter.replace('-', '_')}.exercises"
    try:
        import_module(module)
    except ModuleNotFoundError as error:
        if error.name not in (module, module.rpartition(".")[0]):
            raise
        raise ValueError(f"no exercises for a chapter {chapter!r}") from None
    return [name for name in _REGISTRY if name.startswith(chapter + "/")]


def grade(name: str, namespace: dict[str, Any]) -> Result:
    """Check the exercise `name` against the learner's `namespace`; never raises for their work.

    An untouched stub, one whose value or whose result is `...`, is "not attempted".

    Raises:
        ValueError: there is no exercise of that name.
    """
    chapter = name.partition("/")[0]
    if name not in exercises_of(chapter):
        raise ValueError(
            f"no exercise {name!r}; this chapter has {', '.join(exercises_of(chapter))}"
        )
    task = _REGISTRY[name]
    work = namespace.get(task.target, ...)
    if _is_untouched(work):
        return Result(name, "not attempted", f"not attempted yet (define `{task.target}`)")
    try:
        praise = task.checker(work)
    except Hint as hint:
        return Result(name, "failed", str(hint))
    except Exception as error:  # the learner's code may raise anything; the notebook must go on
        return Result(name, "failed", f"`{task.target}` raised {type(error).__name__}: {error}")
    return Result(name, "passed", praise or "right")


def check(name: str) -> None:
    """Check the exercise `name` against the names defined where this is called; print one line.

    Raises:
        ValueError: there is no exercise of that name.
    """
    print(grade(name, sys._getframe(1).f_globals))


def _is_untouched(work: Any) -> bool:
    """Is this the stub: `...`, or a function or a class in which nothing does any work?"""
    if work is ...:
        return True
    if isinstance(work, type):
        methods = [value for value in vars(work).values() if hasattr(value, "__code__")]
        return bool(methods) and all(map(_is_untouched, methods))
    code = getattr(work, "__code__", None)
    return code is not None and all(map(_is_idle, dis.get_instructions(code)))


def _is_idle(step: dis.Instruction) -> bool:
    """Does this step of a function do nothing, or hand on nothing but `...` or None?"""
    if step.opname in ("LOAD_CONST", "RETURN_CONST"):
        return step.argval in (None, ...)
    return step.opname in ("RESUME", "NOP", "RETURN_VALUE")
