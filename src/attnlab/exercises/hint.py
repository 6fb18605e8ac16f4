"""What a learner is told of a wrong answer."""

from typing import Any


class Hint(Exception):
    """What a checker raises on a wrong answer: a sentence that says what is wrong.

    The sentence stands whole in the source, and its places have names, so that a second language
    can replace it. Here alone the places are filled.

    Args:
        template: what is told at the first try: what is wrong, and not yet how to do it.
        more: what is told from the second try on, if more can be told: a whole sentence as well,
            in place of the first.
        places: what the places of both sentences hold.

    >>> raise Hint("expected {right} rows, got {got}", right=3, got=2)
    Traceback (most recent call last):
    attnlab.exercises.hint.Hint: expected 3 rows, got 2
    """

    def __init__(self, template: str, /, *, more: str | None = None, **places: Any):
        super().__init__(template.format(**places))
        self.template, self.places = template, places
        self.more = None if more is None else more.format(**places)
