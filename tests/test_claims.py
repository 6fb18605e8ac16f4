"""A claim holds inside its tolerance, fails outside of it, and cannot be made without one."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from attnlab import ClaimFailed, claim
from attnlab.claims import format_value

NUMBERS = st.floats(-1e6, 1e6)


def holds(*args, **kwargs) -> bool:
    try:
        claim("x", *args, **kwargs)
    except ClaimFailed:
        return False
    return True


@given(measured=NUMBERS, expected=NUMBERS, tolerance=st.floats(0, 1e6))
def test_abs_is_a_distance(measured, expected, tolerance):
    inside = expected - tolerance <= measured <= expected + tolerance
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


@pytest.mark.parametrize("tolerance", [{"at_least": -math.inf}, {"at_most": math.inf}])
def test_a_measurement_that_is_not_a_number_never_holds(tolerance):
    with pytest.raises(ClaimFailed, match="nan"):
        claim("x", float("nan"), **tolerance)


def test_arrays_of_one_number_are_measurements():
    claim("x", np.float32(1.5), 1.5, abs=0)
    claim("x", np.array(1.5), 1.5, abs=0)


@pytest.mark.parametrize(
    ("arguments", "tolerance", "message"),
    [
        ((1.0,), {}, "a claim needs `expected` with one of"),
        ((1.0, 1.0), {}, "a claim needs `expected` with one of"),
        ((1.0, 1.0), {"rel": 0.1, "abs": 0.1}, "rel=0.1, abs=0.1"),
        ((1.0, 1.0), {"abs": 0.1, "at_least": 0.0}, "at_least=0.0"),
        ((1.0,), {"rel": 0.1}, "expected=None"),
        ((1.0, 1.0), {"abs": -0.1}, "a tolerance must be 0 or more; got -0.1"),
        ((1.0, float("nan")), {"abs": 0.1}, "got NaN"),
        ((1.0, 1.0), {"rel": float("nan")}, "got NaN"),
        ((1.0,), {"at_least": float("nan")}, "got NaN"),
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


@given(st.floats(-1e300, 1e300))
def test_what_is_shown_can_be_read_back(value):
    shown = format_value(value)
    powers = str.maketrans("−⁻⁰¹²³⁴⁵⁶⁷⁸⁹", "--0123456789")
    read = float(shown.replace(",", "").replace("\xa0×\xa010", "e").translate(powers))
    assert read == pytest.approx(value, rel=0.05 if "10" in shown else 0.005, abs=1e-320)
