"""Answers that set what they are given, and put it back."""

from collections.abc import Callable


def restoring(*names: str) -> Callable:
    """Wrap an answer, whose first argument has afterwards these attributes as it had them before.

    >>> from types import SimpleNamespace
    >>> w = SimpleNamespace(window=3)
    >>> restoring("window")(lambda w: setattr(w, "window", 7))(w)
    >>> w.window
    3
    """

    def of(answer: Callable) -> Callable:
        def restored(given, *more):
            before = {name: getattr(given, name) for name in names}
            try:
                return answer(given, *more)
            finally:
                for name, value in before.items():
                    setattr(given, name, value)

        return restored

    return of
