"""Whole sentences in which nodes take the named places, so that another language can order them."""

from collections.abc import Iterator, Sequence
from string import Formatter

from docutils import nodes


def composed(sentence: str, **places: Sequence[nodes.Node]) -> Iterator[nodes.Node]:
    """The sentence in parts.

    Examples:
        >>> parts = composed("{skip} it.", skip=[nodes.strong("", "Skip")])
        >>> [part.astext() for part in parts]
        ['Skip', ' it.']
    """
    for words, place, *_ in Formatter().parse(sentence):
        if words:
            yield nodes.Text(words)
        if place:
            yield from places[place]
