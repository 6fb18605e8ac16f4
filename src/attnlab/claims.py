"""Claims: sentences of the book that a measurement decides, every time the book is built.

A chapter states a result by calling :func:`claim`. The call prints one line, and raises
:class:`ClaimFailed` when the measurement leaves its tolerance, so a wrong sentence cannot be
published. The value can be quoted in prose under the claim's `name`; :func:`quote` does the same
for a number that is not a claim of its own.
"""

import math
import sys
from typing import SupportsFloat

CLAIM_MIME = "application/vnd.attnlab.claim+json"
_LINE = "{mark} {statement}: {measured} ({tolerance})"
_WORDS = {  # of each kind of tolerance
    "rel": "expected {expected}, ± {tolerance} of it",
    "abs": "expected {expected}, ± {tolerance}",
    "least": "at least {low}",
    "most": "at most {high}",
    "between": "at least {low}, at most {high}",
}
_GLUE_PREFIX = "application/papermill.record/"  # how MyST-NB marks a value that prose may quote


class ClaimFailed(AssertionError):
    """A measurement left the tolerance of its claim."""


def claim(
    statement: str,
    measured: SupportsFloat,
    expected: float | None = None,
    *,
    rel: float | None = None,
    abs: float | None = None,
    at_least: float | None = None,
    at_most: float | None = None,
    name: str | None = None,
) -> None:
    """State a result and let the measurement decide it.

    Give either `expected` with a tolerance, `rel` (a fraction of `expected`) or `abs`, or a bound,
    `at_least` and/or `at_most`.

    Args:
        statement: the sentence that is claimed.
        measured: one real number (a zero-dimensional array or tensor will do).
        expected: the value to compare with.
        rel: largest distance from `expected`, as a fraction of its size.
        abs: largest distance from `expected`.
        at_least: smallest value allowed.
        at_most: largest value allowed.
        name: under which prose may quote the measured value.

    Raises:
        ClaimFailed: the measurement is outside the tolerance, or is not a number.
        ValueError: there is no tolerance to decide with, or too many.

    Examples:
        >>> claim("Two and two make four", 2 + 2, 4, abs=0)
        ✓ Two and two make four: 4 (expected 4, ± 0)
        >>> claim("A fair coin shows heads about half the time", 0.3, 0.5, abs=0.1)
        Traceback (most recent call last):
        ...
        attnlab.claims.ClaimFailed: ✗ A fair coin shows heads about half the time: \
0.3 (expected 0.5, ± 0.1)
    """
    value = float(measured)
    low, high, tolerance = _interval(expected, rel, abs, at_least, at_most)
    holds = low <= value <= high  # a NaN is inside no interval
    said = {"statement": statement, "measured": format_value(value), "tolerance": tolerance}
    line = _LINE.format(mark="✓" if holds else "✗", **said)
    if not holds:
        raise ClaimFailed(line)
    record = {**said, "name": name}
    _show(line, {CLAIM_MIME: record})
    if name is not None:
        quote(name, value)


def quote(name: str, value: SupportsFloat | str) -> None:
    """Let prose quote `value` under `name`. Prints nothing.

    Args:
        name: unique in the book; begins with the chapter's name.
        value: a number, shown with three significant digits, or a text, shown as it is.

    Raises:
        TypeError: the value is neither.

    Examples:
        >>> quote("example-steps", 1200)
    """
    text = value if isinstance(value, str) else format_value(float(value))
    metadata = {"scrapbook": {"name": name, "mime_prefix": _GLUE_PREFIX}}
    # MyST-NB evaluates what it can: without the quotes, "1,200" would be the pair (1, 200).
    _show("", {_GLUE_PREFIX + "text/plain": repr(text)}, metadata)


def format_value(value: float) -> str:
    """Three significant digits; whole numbers in full; powers of ten written as such.

    Examples:
        >>> [format_value(x) for x in (0.12345, -1200.0, 39840.0, float("nan"))]
        ['0.123', '−1,200', '39,840', 'nan']
    """
    if value < 0:
        return "−" + format_value(-value)
    if not math.isfinite(value):
        return str(value)
    if value == int(value) and value < 1e6:
        return f"{int(value):,}"
    if 1e-3 <= value < 1e6:
        return f"{value:,.0f}" if value >= 1000 else f"{value:.3g}"
    mantissa, exponent = f"{value:.1e}".split("e")
    power = str(int(exponent)).translate(str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹"))
    return f"{mantissa}\N{NO-BREAK SPACE}×\N{NO-BREAK SPACE}10{power}"


def _interval(expected, rel, abs_, at_least, at_most) -> tuple[float, float, str]:
    """The interval in which a measurement must lie, and the words for it."""
    bounds = [b for b in (at_least, at_most) if b is not None]
    tolerances = [t for t in (rel, abs_) if t is not None]
    if any(math.isnan(x) for x in (*bounds, *tolerances, expected or 0.0)):
        raise ValueError("expected, tolerance and bounds must be numbers; got NaN")
    if expected is None and bounds and not tolerances:
        low = -math.inf if at_least is None else at_least
        high = math.inf if at_most is None else at_most
        if low > high:
            raise ValueError(f"at_least must not exceed at_most; got {at_least} and {at_most}")
        kind = "least" if at_most is None else "most" if at_least is None else "between"
        return low, high, _WORDS[kind].format(low=format_value(low), high=format_value(high))
    if expected is not None and len(tolerances) == 1 and not bounds:
        if tolerances[0] < 0:
            raise ValueError(f"a tolerance must be 0 or more; got {tolerances[0]}")
        width = rel * math.fabs(expected) if rel is not None else abs_
        words = _WORDS["rel" if rel is not None else "abs"].format(
            expected=format_value(expected), tolerance=format_value(tolerances[0])
        )
        return expected - width, expected + width, words
    raise ValueError(
        "a claim needs `expected` with one of `rel` and `abs`, or a bound, `at_least` or `at_most`;"
        f" got expected={expected}, rel={rel}, abs={abs_}, at_least={at_least}, at_most={at_most}"
    )


def _show(line: str, extra: dict, metadata: dict | None = None) -> None:
    """Display in a notebook, with what the book reads beside the line; print elsewhere."""
    notebook = sys.modules.get("IPython")  # a notebook's kernel has imported it
    if notebook is None or notebook.get_ipython() is None:
        if line:
            print(line)
        return
    text = {"text/plain": line} if line else {}
    notebook.display.display({**text, **extra}, metadata=metadata, raw=True)
