"""A line that counts while something runs, and leaves nothing behind that differs between runs."""

import sys
import time

from attnlab.functional import settings


class Progress:
    """One line that counts steps while they run; what stays of it is `label: so many steps`.

    What stays in a notebook is thus the same after every run: no time, no loss. In a terminal the
    line goes to stderr; where nobody watches (a pipe, a test) nothing is written.

    Args:
        label: what is running.
        total: how many steps there will be.

    Raises:
        TypeError: a label that is no text, or a total that is no integer.
        ValueError: a negative total.

    >>> with Progress("training", total=3) as progress:
    ...     for _ in range(3):
    ...         progress.advance()
    """

    def __init__(self, label: str, total: int):
        settings.count(0, total=total)
        if not isinstance(label, str):
            raise TypeError(f"label must be text, got {settings.kind(label)}")
        self.label, self.total, self.done = label, total, 0
        self._handle = None
        self._last_shown = 0.0

    def __enter__(self) -> "Progress":
        if _in_notebook():
            from IPython.display import display  # noqa: PLC0415 (only a notebook has it)

            self._handle = display(_Line(self.label), display_id=True)
        return self

    def advance(self, note: str = "") -> None:
        """Count one step; `note`, such as the loss, is shown in passing."""
        self.done += 1
        now = time.monotonic()
        if now - self._last_shown > 0.3:  # more often costs time and shows nothing new
            self._last_shown = now
            self._show(f"{self.label}: step {self.done} of {self.total} {note}")

    def __exit__(self, *_: object) -> None:
        self._show(f"{self.label}: {self.done} steps", end="\n")

    def _show(self, line: str, end: str = "") -> None:
        if self._handle is not None:
            self._handle.update(_Line(line))
        elif sys.stderr is not None and sys.stderr.isatty():
            print(f"\r{line:<79}", end=end, file=sys.stderr, flush=True)


class _Line:
    """A line of text without the quotes that a notebook would put around a string."""

    def __init__(self, text: str):
        self.text = text

    def __repr__(self) -> str:
        return self.text


def _in_notebook() -> bool:
    """Whether this is a Jupyter kernel. IPython is not imported where it is not in use."""
    shell = sys.modules["IPython"].get_ipython() if "IPython" in sys.modules else None
    return getattr(shell, "kernel", None) is not None
