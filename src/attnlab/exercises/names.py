"""The names of chapters and exercises, and which one may be meant by another name."""

from difflib import get_close_matches
from functools import cache
from pathlib import Path
from typing import Any

from attnlab.exercises.notation import listed, shown

ROOMS = Path(__file__).parents[1] / "chapters"
NO_CHAPTER = "there is no chapter {name}; those with exercises are {chapters}"
NO_EXERCISE = "there is no exercise {name}; those of its chapter are {others}"
MEANT = "there is no exercise {name}: did you mean {others}?"
UNKNOWN = 'there is no exercise {name}; write its chapter and its name, such as "heads/count"'
NO_NAME = 'an exercise is given by its name, in quotes, such as "{example}"; got {got}'


@cache
def chapters() -> tuple[str, ...]:
    """The chapters that have exercises."""
    rooms = sorted(path.parent.name for path in ROOMS.glob("*/exercises.py"))
    return tuple(room.replace("_", "-") for room in rooms)


def no_chapter(name: Any) -> str:
    """The sentence for a chapter that is none."""
    return NO_CHAPTER.format(name=shown(name), chapters=listed(chapters()))


def no_exercise(name: Any, targets: dict[str, str]) -> str:
    """The sentence for an exercise that is none, with what may be meant.

    Args:
        name: whatever was given for a name: misspelt, half a name, or the learner's function.
        targets: the name of each exercise, and that of the object which it is about.
    """
    given = _plain(name if isinstance(name, str) else _name_of(name))
    chapter, slash, _ = given.partition("/")
    meant = [
        each
        for each, target in targets.items()
        if given in (each, each.partition("/")[2], _plain(target))
    ]
    if not isinstance(name, str):
        return NO_NAME.format(example=[*meant, "heads/count"][0], got=shown(name))
    if given not in chapters():
        meant = meant or get_close_matches(given, targets, n=1, cutoff=0.75)
    if meant:
        return MEANT.format(name=repr(name), others=" or ".join(f'"{each}"' for each in meant))
    if close := get_close_matches(chapter, chapters(), n=1, cutoff=0.7):
        others = [each for each in targets if each.startswith(close[0] + "/")]
        return NO_EXERCISE.format(name=repr(name), others=listed(f'"{each}"' for each in others))
    if slash:
        return NO_CHAPTER.format(name=repr(chapter), chapters=listed(chapters()))
    return UNKNOWN.format(name=repr(name))


def _plain(name: str) -> str:
    return name.strip().lower().replace("_", "-").replace(" ", "-").strip("/")


def _name_of(value: Any) -> str:
    """What a function is called; nothing for anything else."""
    name = getattr(value, "__name__", "")
    return name if isinstance(name, str) else ""
