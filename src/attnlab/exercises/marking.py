"""The machinery behind `check`: find the learner's work by name, run its checker, say one line."""

import dis
import sys
from collections.abc import Callable
from dataclasses import dataclass
from importlib import import_module
from typing import Any

# What a reader is told from here, each a whole sentence with named places.
RIGHT = "right"
NOT_ATTEMPTED = "not attempted yet (define `{target}`)"
RAISED = "`{target}` raised {kind}: {error}"
NO_SUCH_EXERCISE = "no exercise {name!r}; this chapter has {names}"
NO_SUCH_CHAPTER = "no exercises for a chapter {chapter!r}"


class Hint(Exception):
    """What a checker raises on a wrong answer: a sentence that names the misconception.

    The sentence stands whole in the source, and its places have names, so that a second language
    can replace it. Here alone the places are filled.

    >>> raise Hint("expected {right} rows, got {got}", right=3, got=2)
    Traceback (most recent call last):
    attnlab.exercises.marking.Hint: expected 3 rows, got 2
    """

    def __init__(self, template: str, /, **places: Any):
        super().__init__(template.format(**places))
        self.template, self.places = template, places


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
class Exercise:
    """A checker, and the name of the object that it is about.

    The checker of a multiple choice is a `Choice`, which has its letters and hints as data.
    """

    checker: Callable[[Any], str | None]
    target: str


_REGISTRY: dict[str, Exercise] = {}


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
        _REGISTRY[name] = Exercise(checker, target)
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
        raise ValueError(NO_SUCH_CHAPTER.format(chapter=chapter)) from None
    return [name for name in _REGISTRY if name.startswith(chapter + "/")]


def exercise_of(name: str) -> Exercise:
    """The exercise `name`, as it is registered.

    Raises:
        ValueError: there is no exercise of that name.
    """
    names = exercises_of(name.partition("/")[0])
    if name not in names:
        raise ValueError(NO_SUCH_EXERCISE.format(name=name, names=", ".join(names)))
    return _REGISTRY[name]


def grade(name: str, namespace: dict[str, Any]) -> Result:
    """Check the exercise `name` against the learner's `namespace`; never raises for their work.

    An untouched stub, one whose value or whose result is `...`, is "not attempted".

    Raises:
        ValueError: there is no exercise of that name.
    """
    task = exercise_of(name)
    work = namespace.get(task.target, ...)
    if _is_untouched(work):
        return Result(name, "not attempted", NOT_ATTEMPTED.format(target=task.target))
    try:
        praise = task.checker(work)
    except Hint as hint:
        return Result(name, "failed", str(hint))
    except Exception as error:  # the learner's code may raise anything; the notebook must go on
        raised = RAISED.format(target=task.target, kind=type(error).__name__, error=error)
        return Result(name, "failed", raised)
    return Result(name, "passed", praise or RIGHT)


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
