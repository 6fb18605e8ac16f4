"""Claims: sentences of the book that a measurement decides, every time the book is built.

A chapter states a result by calling :func:`claim`. The call prints one line, and raises
:class:`ClaimFailed` when the measurement leaves its tolerance, so a wrong sentence cannot be
published. The value can be quoted in prose under the claim's `name`; :func:`quote` does the same
for a number that is not a claim of its own.
"""

import math
import sys
from decimal import Context, Decimal
from fractions import Fraction
from itertools import count
from numbers import Rational
from typing import Any, SupportsFloat

import numpy as np

from attnlab.functional import arrays as check
from attnlab.functional import settings

CLAIM_MIME = "application/vnd.attnlab.claim+json"
_LINE = "{mark} {statement}: {measured} ({tolerance})"
_WORDS = {  # of each kind of tolerance, by the names that are given
    ("expected", "rel"): "expected {expected}, ± {rel} of it",
    ("expected", "abs"): "expected {expected}, ± {abs}",
    ("at_least",): "at least {at_least}",
    ("at_most",): "at most {at_most}",
    ("at_least", "at_most"): "at least {at_least}, at most {at_most}",
}
_GLUE_PREFIX = "application/papermill.record/"  # how MyST-NB marks a value that prose may quote

Number = float | Fraction


class ClaimFailed(AssertionError):
    """A measurement left the tolerance of its claim."""


def claim(
    statement: str,
    measured: SupportsFloat,
    expected: SupportsFloat | None = None,
    *,
    rel: SupportsFloat | None = None,
    abs: SupportsFloat | None = None,
    at_least: SupportsFloat | None = None,
    at_most: SupportsFloat | None = None,
    name: str | None = None,
    finding: bool = False,
) -> None:
    """State a result and let the measurement decide it.

    Give either `expected` with a tolerance, `rel` (a fraction of `expected`) or `abs`, or a bound,
    `at_least` and/or `at_most`. Each is one real number: an int, a float, a Fraction, NumPy's, or
    an array or tensor that holds nothing else. What is measured may be a truth value, 1 or 0.

    Integers and fractions are compared exactly. A float stands for the decimal that it is written
    as, so 1.1 is in 1 ± 0.1; beside a measured float, what has no end as a decimal is rounded to
    the nearest float, so the float 1 / 3 is `Fraction(1, 3)`; and beside one beyond 2⁵³, where
    floats lie more than 1 apart, integers are as well.

    Args:
        statement: the sentence that is claimed.
        measured: the number to decide about.
        expected: the value to compare with.
        rel: largest distance from `expected`, as a fraction of its size.
        abs: largest distance from `expected`.
        at_least: smallest value allowed.
        at_most: largest value allowed.
        name: under which prose may quote the measured value.
        finding: whether it is one of the few that a chapter is about. Its page shows those as
            boxes, and folds the others.

    Raises:
        ClaimFailed: the measurement is outside the tolerance, or is NaN. The message has as many
            digits as it takes to see why.
        TypeError: an argument is no real number, as text and complex numbers are not; or the
            statement or the name is no text.
        ValueError: an array of no or several numbers; no tolerance to decide with, or too many;
            one that cannot decide, as it is infinite, NaN or negative.

    Examples:
        >>> claim("Two and two make four", 2 + 2, 4, abs=0)
        ✓ Two and two make four: 4 (expected 4, ± 0)
        >>> claim("A fair coin shows heads about half the time", 0.3, 0.5, abs=0.1)
        Traceback (most recent call last):
        ...
        attnlab.claims.ClaimFailed: ✗ A fair coin shows heads about half the time: \
0.3 (expected 0.5, ± 0.1)
    """
    _check_text(statement=statement, name="" if name is None else name)
    settings.flag(finding=finding)
    value = _number("bool", measured=measured)
    given = {
        "expected": expected,
        "rel": rel,
        "abs": abs,
        "at_least": at_least,
        "at_most": at_most,
    }
    allowed = {key: _number(**{key: x}) for key, x in given.items() if x is not None}
    _check_allowed(allowed)
    holds, digits = _holds(value, allowed), 3
    if not holds and _is_finite(value):  # as many as show that it does not
        digits = next(n for n in count(3) if not _holds(*_rounded(n, value, allowed)))
    said = {
        "statement": statement,
        "measured": format_value(value, digits=digits),
        "tolerance": _WORDS[tuple(allowed)].format(
            **{key: format_value(x, digits=digits) for key, x in allowed.items()}
        ),
    }
    line = _LINE.format(mark="✓" if holds else "✗", **said)
    if not holds:
        raise ClaimFailed(line)
    record = {**said, "name": name, "finding": finding}
    _show(line, {CLAIM_MIME: record})
    if name is not None:
        quote(name, value)


def quote(name: str, value: SupportsFloat | str) -> None:
    """Let prose quote `value` under `name`. Prints nothing.

    Args:
        name: unique in the book; begins with the chapter's name.
        value: one real number, as for `claim`, shown as `format_value` does, or a text, shown as
            it is.

    Raises:
        TypeError: the value is neither, or the name is no text.
        ValueError: an array of no or several numbers.

    Examples:
        >>> quote("example-steps", 1200)
    """
    _check_text(name=name)
    text = value if isinstance(value, str) else format_value(value)
    metadata = {"scrapbook": {"name": name, "mime_prefix": _GLUE_PREFIX}}
    # MyST-NB evaluates what it can: without the quotes, "1,200" would be the pair (1, 200).
    _show("", {_GLUE_PREFIX + "text/plain": repr(text)}, metadata)


def format_value(value: SupportsFloat, *, digits: int = 3) -> str:
    """Three significant digits; whole numbers in full; powers of ten for what is very large or
    small.

    A float counts as whole up to 2⁵³; beyond, floats lie more than 1 apart.

    Args:
        value: one real number, as for `claim`.
        digits: how many significant digits, 1 or more.

    Raises:
        TypeError: the value is no real number, or digits no integer.
        ValueError: an array of no or several numbers, or digits below 1.

    Examples:
        >>> [format_value(x) for x in (0.12345, -1200.0, 39840, 999.7, 3.2e-7, float("nan"))]
        ['0.123', '−1,200', '39,840', '1,000', '3.2\xa0×\xa010⁻⁷', 'nan']
    """
    settings.count(1, digits=digits)
    value = _number("bool", value=value)
    if value < 0:
        return "−" + format_value(-value, digits=digits)
    if not _is_finite(value):
        return str(value)
    if _is_whole(value):
        return f"{Decimal(int(value)):,f}"
    rounded = _significant(int(digits), value)
    if Decimal("1e-3") <= rounded < Decimal("1e6"):
        return f"{rounded:,f}"
    mantissa, exponent = f"{rounded:e}".split("e")
    power = str(int(exponent)).translate(str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹"))
    return f"{mantissa}\N{NO-BREAK SPACE}×\N{NO-BREAK SPACE}10{power}"


def _number(*kinds: str, **named: Any) -> Number:
    """The one named argument, with all of its digits: a float as it is, all else as a Fraction.
    Truth values are numbers where "bool" is among the kinds."""
    ((name, value),) = named.items()
    if hasattr(value, "dtype"):
        array = np.asarray(value) if isinstance(value, np.generic) else value
        xp = check.namespace(**{name: array})
        if not xp.isdtype(array.dtype, ("integral", "real floating", *kinds)):
            raise TypeError(f"{name} must be a real number, got {array.dtype}")
        if math.prod(array.shape) != 1:
            raise ValueError(f"{name} must be one number, got shape {tuple(array.shape)}")
        value = array.item()
    if isinstance(value, bool) and "bool" in kinds:
        value = int(value)
    settings.number(**{name: value})
    if isinstance(value, Rational):
        return Fraction(value)
    wider = not isinstance(value, float) and math.isfinite(value)  # np.longdouble
    return Fraction(str(value)) if wider else float(value)


def _is_finite(value: Number) -> bool:
    return isinstance(value, Fraction) or math.isfinite(value)


def _is_whole(value: Number) -> bool:
    if isinstance(value, Fraction):
        return value.denominator == 1
    return float(value).is_integer() and abs(value) <= 2**53


def _decimal(value: Number) -> Number:
    """What a float stands for, the shortest decimal that names it; NaN and infinity stay."""
    return value if isinstance(value, Fraction) or not _is_finite(value) else Fraction(repr(value))


def _significant(digits: int, value: Number) -> Decimal:
    exact = Fraction(value) if digits < 17 else Fraction(_decimal(value))  # 17 name every float
    context = Context(prec=digits)
    quotient = context.divide(Decimal(exact.numerator), Decimal(exact.denominator))
    return quotient.normalize(context)


def _rounded(digits: int, value: Number, allowed: dict) -> tuple[Number, dict[str, Number]]:
    """A claim's numbers as they are shown."""

    def shown(x: Number) -> Number:
        return _decimal(x) if _is_whole(x) else Fraction(_significant(digits, x))

    return shown(value), {key: shown(x) for key, x in allowed.items()}


def _check_allowed(allowed: dict[str, Number]) -> None:
    """What is given can decide: it could turn out either way."""
    if tuple(allowed) not in _WORDS:
        raise ValueError(
            "a claim needs `expected` with one of `rel` and `abs`, or a bound, `at_least` or "
            f"`at_most`; got {', '.join(f'{key}={x}' for key, x in allowed.items()) or 'none'}"
        )
    for key, x in allowed.items():
        if not _is_finite(x):
            raise ValueError(f"{key} must be finite, got {x}")
        if key in ("rel", "abs") and x < 0:
            raise ValueError(f"{key} must be 0 or more, got {x}")
    low, high = _interval(allowed)
    if low > high:
        raise ValueError(
            f"at_least must not exceed at_most, got {allowed['at_least']} and {allowed['at_most']}"
        )


def _holds(value: Number, allowed: dict[str, Number]) -> bool:
    low, high = _interval(allowed)
    if isinstance(value, float):  # it can be no nearer to a third than the nearest float
        exact = _is_whole(value)  # and beyond 2⁵³ no nearer to an integer than the nearest float
        low, high = (
            x if exact and _is_whole(x) else _decimal(settings.as_float(x)) for x in (low, high)
        )
    return low <= _decimal(value) <= high  # a NaN is inside no interval


def _interval(allowed: dict[str, Number]) -> tuple[Number, Number]:
    """Where a measurement must lie."""
    exact = {key: _decimal(x) for key, x in allowed.items()}
    if "expected" not in exact:
        return exact.get("at_least", -math.inf), exact.get("at_most", math.inf)
    middle = exact["expected"]
    width = exact["abs"] if "abs" in exact else exact["rel"] * abs(middle)
    return middle - width, middle + width


def _check_text(**texts: object) -> None:
    for key, text in texts.items():
        if not isinstance(text, str):
            raise TypeError(f"{key} must be text, got {settings.kind(text)}")


def _show(line: str, extra: dict, metadata: dict | None = None) -> None:
    """Display in a notebook, with what the book reads beside the line; print elsewhere."""
    notebook = sys.modules.get("IPython")  # a notebook's kernel has imported it
    if notebook is None or notebook.get_ipython() is None:
        if line:
            print(line)
        return
    text = {"text/plain": line} if line else {}
    notebook.display.display({**text, **extra}, metadata=metadata, raw=True)
