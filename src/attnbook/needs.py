"""What a chapter needs of others, said once: `needs: [lookup, softmax]` at the head of its text."""

import json
from graphlib import CycleError, TopologicalSorter

from sphinx.errors import ExtensionError

from .links import chapters

Needs = dict[str, list[str]]


def needs(env) -> Needs:
    """By page, in the order of `_toc.yml`: the pages that each chapter needs.

    Raises:
        ExtensionError: a chapter that says it in another form, or needs one that isn't there.
    """
    pages, found = chapters(env), {}
    for page in pages.values():
        names = _declared(env, page)
        for name in names:
            if name not in pages:
                raise ExtensionError(f"{page}.md needs {name!r}, and there is no such chapter")
        found[page] = [pages[name] for name in names]
    return found


def _declared(env, page: str) -> list[str]:
    said = env.metadata[page].get("needs", "[]")
    try:
        names = json.loads(said)  # Sphinx keeps what stands at a page's head as text
    except ValueError:
        names = said
    if not isinstance(names, list) or not all(isinstance(name, str) for name in names):
        raise ExtensionError(
            f"{page}.md: expected `needs:` to be a list of chapters' names, such as "
            f"[lookup, softmax]; got {said}"
        )
    return names


def says_what_it_needs(env, page: str) -> bool:
    """Whether the page's head has the line at all."""
    return "needs" in env.metadata[page]


def refuse(found: Needs) -> None:
    """Refuse needs that no order of the chapters, or not theirs, can meet.

    Raises:
        ExtensionError: chapters that need each other, or one that stands before what it needs.
    """
    try:
        TopologicalSorter(found).prepare()
    except CycleError as error:
        raise ExtensionError(f"chapters need each other: {' → '.join(error.args[1])}") from None
    order = list(found)
    for page, needed in found.items():
        for other in needed:
            if order.index(other) > order.index(page):
                raise ExtensionError(f"{page}.md needs {other}, which _toc.yml lists after it")


def direct(found: Needs) -> Needs:
    """The needs without those that another need brings along.

    Examples:
        >>> direct({"a": [], "b": ["a"], "c": ["a", "b"]})
        {'a': [], 'b': ['a'], 'c': ['b']}
    """
    every: dict[str, set[str]] = {}
    for page in TopologicalSorter(found).static_order():
        every[page] = set(found[page]).union(*(every[other] for other in found[page]))
    return {
        page: [b for b in needed if not any(b in every[other] for other in needed)]
        for page, needed in found.items()
    }


def _check(app, env) -> list[str]:
    refuse(needs(env))
    return []


def setup(app) -> None:
    app.connect("env-updated", _check)
