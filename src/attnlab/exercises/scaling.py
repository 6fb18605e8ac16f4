"""Checks of the chapter `mechanism/scaling`."""

import numpy as np

from ._check import Hint, exercise


@exercise("scaling/variance", "variance_of_dot")
def _variance(variance_of_dot) -> None:
    for d_k in (1, 7, 64):
        got = variance_of_dot(d_k)
        if np.isclose(got, np.sqrt(d_k)) and d_k > 1:
            raise Hint("that is the standard deviation; the variance is its square")
        if not np.isclose(got, d_k):
            raise Hint(f"a sum of d_k independent products; for d_k = {d_k} you gave {got}")
