"""Names for what can be linked to: from what a thing is called, never from where it stands.

One more claim, heading or cell then leaves the names of all others as they are.
"""

from collections.abc import Iterable, Iterator

from docutils.nodes import make_id

LONGEST = 60  # letters; a notebook allows 64 for a cell, and a repeated name gets a number


def slug(words: str) -> str:
    """Words as an anchor.

    Examples:
        >>> slug("What does a head cost?")
        'what-does-a-head-cost'
    """
    return make_id(words)[:LONGEST].rstrip("-")


def distinct(names: Iterable[str]) -> Iterator[str]:
    """The names, those that came before with a number behind.

    Examples:
        >>> list(distinct(["a", "b", "a"]))
        ['a', 'b', 'a-2']
    """
    taken = set()
    for name in names:
        free, count = name, 1
        while free in taken:
            count += 1
            free = f"{name}-{count}"
        taken.add(free)
        yield free
