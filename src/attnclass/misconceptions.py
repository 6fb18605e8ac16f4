"""What a checker tells wrong answers, read from its code: the misconceptions that it knows."""

import re
from collections.abc import Callable, Iterator
from types import CodeType, FunctionType, ModuleType
from typing import Any

from attnlab.exercises import answers, comparison, work

_PLACE, _CASE = re.compile(r"\{[^}]*\}"), re.compile("^(?:[mn] = )?…: ")
_LEAST = 3  # words of a sentence
# What any answer of the wrong kind is told tells nothing about what was thought.
_GENERAL = {
    words
    for module in (answers, comparison, work)
    for words in vars(module).values()
    if isinstance(words, str)
}


def misconceptions(checker: Callable) -> list[str]:
    """The sentences that wrong answers to an exercise get, in the order of its checker.

    >>> from attnlab.exercises.marking import exercise_of
    >>> misconceptions(exercise_of("heads/writes").checker)[:2]
    ['that is what they write together; keep the heads apart', ...
    """
    room = checker.__module__.rpartition(".")[0]
    found = dict.fromkeys(_sentences(checker, room, set()))
    return [_CASE.sub("", _PLACE.sub("…", words)) for words in found]


def _sentences(thing: Any, room: str, seen: set) -> Iterator[str]:
    """Of a function, and of the functions and tables of its room that it names."""
    if isinstance(thing, dict):
        yield from (each for each in thing.values() if isinstance(each, str) and _is_hint(each))
    if not isinstance(thing, FunctionType) or thing in seen or not _is_in(room, thing):
        return
    seen.add(thing)
    yield from _constants(thing.__code__)
    names = [*_names(thing.__code__)]
    named = [thing.__globals__.get(name) for name in names]
    for module in [each for each in named if isinstance(each, ModuleType) and _is_in(room, each)]:
        named += [getattr(module, name, None) for name in names]
    for each in named:
        yield from _sentences(each, room, seen)


def _is_in(room: str, thing: FunctionType | ModuleType) -> bool:
    return getattr(thing, "__module__", thing.__name__).startswith(room)


def _names(code: CodeType) -> Iterator[str]:
    yield from code.co_names
    for each in code.co_consts:
        if isinstance(each, CodeType):
            yield from _names(each)


def _constants(code: CodeType) -> Iterator[str]:
    for constant in code.co_consts:
        if isinstance(constant, CodeType):
            yield from _constants(constant)
        words = constant
        if isinstance(constant, tuple) and len(constant) == 2 and not isinstance(constant[0], str):
            words = constant[1]  # a value that is known beforehand makes one constant with its hint
        if isinstance(words, str) and _is_hint(words):
            yield words


def _is_hint(words: str) -> bool:
    """Is it a sentence, and neither praise nor what documents a function?"""
    if words in _GENERAL or words.startswith("right") or "\n" in words:
        return False
    is_documentation = words[:1].isupper() and words.endswith((".", "?"))
    return len(words.split()) >= _LEAST and not is_documentation
