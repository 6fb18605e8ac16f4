"""A claim holds inside its tolerance, fails outside of it, and cannot be made without one."""

import math
from decimal import Decimal
from fractions import Fraction

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from attnlab import ClaimFailed, claim, quote
from attnlab.claims import format_value

NUMBERS = st.floats(-1e6, 1e6)


def holds(*args, **kwargs) -> bool:
    try:
        claim("x", *args, **kwargs)
    except ClaimFailed:
        return False
    return True


HUNDREDTHS = st.integers(-(10**6), 10**6)


@given(measured=HUNDREDTHS, expected=HUNDREDTHS, tolerance=st.integers(0, 10**6))
def test_abs_is_a_distance_in_decimals_as_they_are_written(measured, expected, tolerance):
    inside = abs(measured - expected) <= tolerance
    assert holds(measured / 100, expected / 100, abs=tolerance / 100) == inside
    assert holds(Fraction(measured, 100), expected / 100, abs=tolerance / 100) == inside
    assert holds(measured, expected, abs=tolerance) == inside


@pytest.mark.parametrize(
    ("measured", "kept"), [(-90, True), (-110, True), (-89.9, False), (-110.1, False)]
)
def test_rel_is_a_fraction_of_what_is_expected_whatever_its_sign(measured, kept):
    assert holds(measured, -100, rel=0.1) == kept


@given(measured=NUMBERS, bound=NUMBERS)
def test_bounds_belong_to_what_is_allowed(measured, bound):
    assert holds(measured, at_least=bound) == (measured >= bound)
    assert holds(measured, at_most=bound) == (measured <= bound)
    assert holds(measured, at_least=bound - 1, at_most=bound + 1) == (
        bound - 1 <= measured <= bound + 1
    )


@pytest.mark.parametrize("tolerance", [{"at_least": -1e9}, {"at_most": 1e9}])
def test_a_measurement_that_is_not_a_number_never_holds(tolerance):
    with pytest.raises(ClaimFailed, match="nan"):
        claim("x", float("nan"), **tolerance)


@pytest.mark.parametrize(
    "measured",
    [
        np.float32(1.5), np.longdouble(1.5), np.array(1.5), np.array([[1.5]]),
        torch.tensor(1.5), torch.tensor([1.5], dtype=torch.bfloat16, requires_grad=True),
        Fraction(3, 2),
    ],
)  # fmt: skip
def test_one_number_of_any_real_type_is_a_measurement_and_a_bound(measured):
    assert holds(measured, 1.5, abs=0)
    assert not holds(measured, 1.25, abs=0.125)
    assert holds(1.5, measured, rel=0)
    assert holds(2, at_least=measured, at_most=2 * measured)


def test_whether_it_is_a_finding_is_true_or_false():
    claim("x", 1, 1, abs=0, finding=True)
    with pytest.raises(TypeError, match="finding must be True or False, got str"):
        claim("x", 1, 1, abs=0, finding="no")


def test_a_truth_is_1_or_0():
    for true in (True, np.True_, torch.tensor(True)):
        assert holds(true, 1, abs=0) and not holds(true, 0, abs=0)


def test_integers_and_fractions_are_compared_exactly():
    assert holds(Fraction(1, 3), Fraction(1, 3), abs=0)
    assert holds(1 / 3, Fraction(1, 3), abs=0)  # no float is nearer
    assert not holds(Fraction(1, 3), Fraction(1, 3) + Fraction(1, 10**30), abs=0)
    for size in (2**53, 10**400):
        assert holds(size, size, abs=0) and holds(size, at_least=size)
        assert not holds(size + 1, size, abs=0)
        assert not holds(size + 1, size, abs=0.5)
        assert not holds(size, at_least=size + 1)
    assert not holds(np.int64(2**62 + 1), 2**62, abs=0)
    assert not holds(float(2**53), 2**53 + 1, abs=0)
    for size in (2**60, 3 * 2**70, 10**23):  # as floats they have fewer digits
        assert holds(float(size), size, abs=0) and holds(float(size), at_least=size, at_most=size)
        assert not holds(float(size) * (1 + 2**-52), size, abs=0)
    assert not holds(np.longdouble(1) + np.finfo(np.longdouble).eps, 1, abs=0)


@pytest.mark.parametrize(
    ("measured", "error", "message"),
    [
        ("0.5", TypeError, "measured must be a number, got str"),
        (b"1", TypeError, "measured must be a number, got bytes"),
        (1 + 0j, TypeError, "measured must be a number, got complex"),
        (np.ma.masked, TypeError, "measured must be a plain NumPy array, got numpy.ma"),
        ([0.5], TypeError, "measured must be a number, got list"),
        (Decimal("0.5"), TypeError, r"measured must be a number, got decimal\.Decimal"),
        (np.complex128(1 + 2j), TypeError, "measured must be a real number, got complex128"),
        (torch.tensor(1j), TypeError, r"measured must be a real number, got torch\.complex64"),
        (np.array("0.5"), TypeError, "measured must be a real number, got <U3"),
        (np.array("0.5", object), TypeError, "measured must be a real number, got object"),
        (np.timedelta64(5, "ns"), TypeError, r"measured must be a real number, got timedelta64"),
        (np.zeros(2), ValueError, r"measured must be one number, got shape \(2,\)"),
        (torch.zeros(0), ValueError, r"measured must be one number, got shape \(0,\)"),
    ],
)
def test_what_is_no_number_is_no_measurement(measured, error, message):
    with pytest.raises(error, match=message):
        claim("x", measured, at_least=0)
    with pytest.raises(error, match=message.replace("measured", "at_most")):
        claim("x", 1, at_most=measured)
    if not isinstance(measured, str):
        with pytest.raises(error, match=message.replace("measured", "value")):
            quote("x", measured)


@pytest.mark.parametrize("key", ["rel", "abs", "at_least", "at_most"])
def test_truth_is_no_bound(key):
    allowed = {"expected": 1.0, key: True} if key in ("rel", "abs") else {key: True}
    with pytest.raises(TypeError, match=f"{key} must be a number, got bool"):
        claim("x", 1.0, **allowed)
    with pytest.raises(TypeError, match="expected must be a number, got str"):
        claim("x", 1.0, "1", abs=0)


def test_statement_and_name_are_text():
    with pytest.raises(TypeError, match="statement must be text, got int"):
        claim(1, 1, 1, abs=0)
    with pytest.raises(TypeError, match="name must be text, got int"):
        claim("x", 1, 1, abs=0, name=3)
    with pytest.raises(TypeError, match="name must be text, got NoneType"):
        quote(None, 3)


@pytest.mark.parametrize(
    ("arguments", "tolerance", "message"),
    [
        ((1.0,), {}, "a claim needs `expected` with one of .* got none"),
        ((1.0, 1.0), {}, "a claim needs `expected` with one of .* got expected=1.0"),
        ((1.0, 1.0), {"rel": 0.1, "abs": 0.1}, "rel=0.1, abs=0.1"),
        ((1.0, 1.0), {"abs": 0.1, "at_least": 0.0}, "at_least=0.0"),
        ((1.0,), {"rel": 0.1}, "got rel=0.1"),
        ((1.0, 1.0), {"abs": -0.1}, "abs must be 0 or more, got -0.1"),
        ((1.0, 1.0), {"rel": -0.1}, "rel must be 0 or more, got -0.1"),
        ((1.0, math.nan), {"abs": 0.1}, "expected must be finite, got nan"),
        ((1.0, math.inf), {"abs": 0.1}, "expected must be finite, got inf"),
        ((1.0, 1.0), {"rel": math.nan}, "rel must be finite, got nan"),
        ((1.0, 1.0), {"rel": math.inf}, "rel must be finite, got inf"),
        ((1.0, 1.0), {"abs": np.float32(math.inf)}, "abs must be finite, got inf"),
        ((1.0,), {"at_least": math.nan}, "at_least must be finite, got nan"),
        ((1.0,), {"at_least": -math.inf}, "at_least must be finite, got -inf"),
        ((1.0,), {"at_most": torch.tensor(math.inf)}, "at_most must be finite, got inf"),
        ((1.0,), {"at_least": 0, "at_most": math.inf}, "at_most must be finite, got inf"),
        ((1.0,), {"at_least": 2.0, "at_most": 1.0}, "got 2.0 and 1.0"),
    ],
)
def test_a_claim_that_nothing_could_decide_is_refused(arguments, tolerance, message):
    with pytest.raises(ValueError, match=message):
        claim("x", *arguments, **tolerance)


def test_the_line_says_what_was_measured_and_what_was_allowed(capsys):
    claim("Rows sum to 1", 0.9999, 1, rel=0.01)
    assert capsys.readouterr().out == "✓ Rows sum to 1: 1 (expected 1, ± 0.01 of it)\n"
    with pytest.raises(ClaimFailed, match=r"✗ Rows sum to 1: 0\.5 \(at least 0\.9\)"):
        claim("Rows sum to 1", 0.5, at_least=0.9)


@pytest.mark.parametrize(
    ("measured", "allowed", "shown"),
    [
        (0.49996, {"at_least": 0.5}, r"0\.49996 \(at least 0\.5\)"),
        (0.6000001, {"expected": 0.5, "abs": 0.1}, r"0\.6000001 \(expected 0\.5, ± 0\.1\)"),
        (0.30000000000000004, {"expected": 0.3, "abs": 0}, "0.30000000000000004 "),
        (Fraction(1, 3), {"at_most": 0.3333333333333333}, r"0\.33333333333333333 \("),
        (1.0000001e300, {"at_most": 1e300}, "1.0000001\xa0×\xa010³⁰⁰"),
        (2**53 + 1, {"expected": 2**53, "abs": 0.5}, "9,007,199,254,740,993 "),
        (-100.0004, {"expected": -100, "rel": 0}, r"−100\.0004 \(expected −100"),
        (0.3, {"expected": 0.5, "abs": 0.1}, r"0\.3 \(expected 0\.5, ± 0\.1\)"),  # three do
        (math.inf, {"at_most": 2}, r"inf \(at most 2\)"),
    ],
)
def test_a_failed_claim_shows_digits_that_differ(measured, allowed, shown):
    with pytest.raises(ClaimFailed, match=shown):
        claim("x", measured, **allowed)


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        (999.7, "1,000"), (999.5, "1,000"), (999.4, "999"), (-999.7, "−1,000"), (9.995, "9.99"),
        (0.9996, "1"), (0.00099999, "0.001"), (1234.5, "1,230"), (39840.4, "39,800"),
        (999_999.6, "1\xa0×\xa010⁶"), (1_234_567.8, "1.23\xa0×\xa010⁶"),
        (1234, "1,234"), (1_234_567, "1,234,567"), (1e6, "1,000,000"), (10**18, f"{10**18:,}"),
        (1e15, "1,000,000,000,000,000"), (2.0**53, "9,007,199,254,740,992"),
        (2.0**54, "1.8\xa0×\xa010¹⁶"), (np.int64(2**54), f"{2**54:,}"), (-0.0, "0"), (True, "1"),
        (1e-12, "1\xa0×\xa010⁻¹²"), (5e-324, "4.94\xa0×\xa010⁻³²⁴"), (3.24e-7, "3.24\xa0×\xa010⁻⁷"),
        (Fraction(-2, 3), "−0.667"), (Fraction(10**400, 3), "3.33\xa0×\xa010³⁹⁹"),
        (math.inf, "inf"), (-math.inf, "−inf"), (np.float16(0.1), "0.1"),
    ],
)  # fmt: skip
def test_three_digits_of_what_is_no_integer_and_integers_in_full(value, shown):
    assert format_value(value) == shown


def test_no_integer_is_too_long():
    """Python itself writes out no more than 4,300 digits."""
    assert format_value(10**5000) == "100" + ",000" * 1666


@given(st.floats(-1e300, 1e300))
def test_what_is_shown_can_be_read_back(value):
    shown = format_value(value)
    powers = str.maketrans("−⁻⁰¹²³⁴⁵⁶⁷⁸⁹", "--0123456789")
    read = float(shown.replace(",", "").replace("\xa0×\xa010", "e").translate(powers))
    assert read == pytest.approx(value, rel=0.005, abs=1e-320)


@pytest.mark.parametrize(
    ("digits", "error", "message"),
    [
        (0, ValueError, "digits must be at least 1, got 0"),
        (-1, ValueError, "digits must be at least 1, got -1"),
        (2.0, TypeError, "digits must be an integer, got float"),
        (True, TypeError, "digits must be an integer, got bool"),
        ("3", TypeError, "digits must be an integer, got str"),
    ],
)
def test_digits_are_a_count(digits, error, message):
    for value in (1 / 3, 12, np.nan):
        with pytest.raises(error, match=message):
            format_value(value, digits=digits)
    assert format_value(2 / 3, digits=np.int8(4)) == "0.6667"
