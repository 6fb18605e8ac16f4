"""The machinery behind `check`: find the learner's work by name, run its checker, say one line.

A chapter's checker is a function of the learner's work, registered by :func:`exercise`. What it
gets is a `Work`, called like the learner's function; what it does with the results is in `answers`.
Multiple choice and exercises in writing have checkers of their own, in `choice` and `written`.
"""

import dis
import sys
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from importlib import import_module
from typing import Any

from attnlab.exercises import names
from attnlab.exercises.hint import Hint
from attnlab.exercises.surroundings import undisturbed
from attnlab.exercises.work import Work

# What a reader is told from here, each a whole sentence with named places.
RIGHT = "right"
NOT_ATTEMPTED = "not attempted yet (define `{target}`)"
UNREADABLE = "what you give in `{target}` cannot be read: {kind}"
TRY_AGAIN = "{message} (The next try tells more.)"
NO_OPTIONS = "the order {order!r} is for the options of a multiple choice; `{target}` has none"

FUNCTION, IN_PLACE, VALUE, TEXT = "a function", "a change", "a value", "a text"
_MARKS = {"passed": "✓", "failed": "✗", "not attempted": "○", "written": "✎"}


@dataclass(frozen=True)
class Result:
    """The outcome of one exercise.

    Attributes:
        exercise: its name.
        status: "passed", "failed", "not attempted", or "written", which a person is to mark.
        message: one sentence for the learner; at a failure that of the first try.
        more: what is told in its place from the second failure on, if more can be told.
        fault: what the checker itself raised, which no checker should, whatever it is given.
    """

    exercise: str
    status: str
    message: str
    more: str | None = None
    fault: BaseException | None = field(default=None, compare=False, repr=False)

    def told(self, *, first: bool) -> str:
        """What the learner is told: at the first failure, or at a later one."""
        if self.more is None:
            return self.message
        return TRY_AGAIN.format(message=self.message) if first else self.more

    def __str__(self) -> str:
        return f"{_MARKS[self.status]} {self.exercise}: {self.message}"


@dataclass(frozen=True)
class Exercise:
    """A checker, the name of the object that it is about, and what that object is asked to be.

    The checker of a multiple choice is a `Choice`, which has its letters and hints as data; that of
    an exercise in writing is a `Written`, which has its points.
    """

    checker: Callable[[Any], str | None]
    target: str
    asks: str = FUNCTION
    sets: tuple[str, ...] = ()

    def in_order(self, order: str) -> "Exercise":
        """The same multiple choice with its options in another order, as `Choice.in_order` has it.

        Raises:
            ValueError: this is no multiple choice, or the order is none.
        """
        reorder = getattr(self.checker, "in_order", None)
        if reorder is None:
            raise ValueError(NO_OPTIONS.format(target=self.target, order=order))
        return replace(self, checker=reorder(order))


_REGISTRY: dict[str, Exercise] = {}
_FAILURES: Counter[str] = Counter()  # of each exercise, in this session


def exercise(
    name: str, target: str, *, asks: str = FUNCTION, sets: tuple[str, ...] = ()
) -> Callable:
    """Register a checker for the exercise `name` ("chapter/what"), about the learner's `target`.

    The checker gets what the learner called `target`: "a function" as a `Work`, and so one that is
    to make "a change" to what it is given; "a value" as it is, and so "a text". It raises
    :class:`Hint` when the answer is wrong, and may return a sentence for a right one.

    A function has to put back what it sets of a widget, but for the traits in `sets`, which the
    statement asks to set.

    Raises:
        ValueError: the name is taken, or is not "chapter/what"; or `asks` is none of the four.
    """
    if name.count("/") != 1:
        raise ValueError(f'an exercise is named "chapter/what"; got {name!r}')
    if asks not in (known := (FUNCTION, IN_PLACE, VALUE, TEXT)):
        raise ValueError(f"asks should be one of {known}; got {asks!r}")

    def register(checker: Callable[[Any], str | None]) -> Callable[[Any], str | None]:
        if name in _REGISTRY:
            raise ValueError(f"the exercise {name!r} is registered twice")
        _REGISTRY[name] = Exercise(checker, target, asks, sets)
        return checker

    return register


def exercises_of(chapter: str) -> list[str]:
    """The names of a chapter's exercises, in the order in which they are defined.

    Raises:
        ValueError: there is no such chapter.
    """
    if chapter not in names.chapters():
        raise ValueError(names.no_chapter(chapter))
    room = f"attnlab.chapters.{chapter.replace('-', '_')}.exercises"
    import_module(room)
    return [name for name in _REGISTRY if name.startswith(chapter + "/")]


def exercise_of(name: str) -> Exercise:
    """The exercise `name`, as it is registered.

    Raises:
        ValueError: there is no exercise of that name; says which one may have been meant.
    """
    chapter = name.partition("/")[0] if isinstance(name, str) else None
    if chapter not in names.chapters() or name not in exercises_of(chapter):
        every = [each for chapter in names.chapters() for each in exercises_of(chapter)]
        raise ValueError(names.no_exercise(name, {each: _REGISTRY[each].target for each in every}))
    return _REGISTRY[name]


def grade(name: str, namespace: dict[str, Any]) -> Result:
    """Check the exercise `name` against the learner's `namespace`; never raises for their work.

    An untouched stub, one whose value or whose result is `...`, is "not attempted".

    Raises:
        ValueError: there is no exercise of that name.
    """
    return grade_by(exercise_of(name), name, namespace)


def grade_by(task: Exercise, name: str, namespace: dict[str, Any]) -> Result:
    """As :func:`grade`, by an exercise that need not be registered."""
    with undisturbed():
        try:
            work = namespace.get(task.target, ...)
            if is_untouched(work):
                said = NOT_ATTEMPTED.format(target=task.target)
                return Result(name, "not attempted", said)
            if task.asks in (FUNCTION, IN_PLACE):
                in_place = task.asks == IN_PLACE
                work = Work(task.target, work, in_place=in_place, sets=task.sets)
            praise = task.checker(work)
        except Hint as hint:
            return Result(name, "failed", str(hint), hint.more)
        except KeyboardInterrupt:
            raise
        except BaseException as fault:  # an object of theirs that can't be looked at, sys.exit(), …
            said = UNREADABLE.format(target=task.target, kind=type(fault).__name__)
            return Result(name, "failed", said, fault=fault)
    return Result(name, "written" if task.asks == TEXT else "passed", praise or RIGHT)


def check(name: str, *, order: str | None = None) -> None:
    """Check the exercise `name` against the names defined where this is called; print one line.

    The first wrong try is told what is wrong; later ones are told more, if there is more to tell.

    Args:
        order: of a multiple choice whose options are shown in another order than in the book, as in
            a notebook of a student's own: the book's letters in that order, such as "dbca".
    """
    try:
        task = exercise_of(name)
        task = task if order is None else task.in_order(order)
    except ValueError as error:  # a misspelt name is no reason for a traceback
        print(error)
        return
    result = grade_by(task, name, sys._getframe(1).f_globals)
    _FAILURES[name] += result.status == "failed"
    print(replace(result, message=result.told(first=_FAILURES[name] == 1)))


def is_untouched(work: Any) -> bool:
    """Is this the stub: `...`, or a function or a class in which nothing does any work?"""
    if work is ...:
        return True
    if isinstance(work, type):
        methods = [value for value in vars(work).values() if hasattr(value, "__code__")]
        return bool(methods) and all(map(is_untouched, methods))
    code = getattr(work, "__code__", None)
    return code is not None and all(map(_is_idle, dis.get_instructions(code)))


def _is_idle(step: dis.Instruction) -> bool:
    """Does this step of a function do nothing, or hand on nothing but `...` or None?"""
    if step.opname in ("LOAD_CONST", "RETURN_CONST"):
        return step.argval in (None, ...)
    return step.opname in ("RESUME", "NOP", "RETURN_VALUE")
