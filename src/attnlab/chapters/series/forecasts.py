"""Forecasts that need no training, or one system of equations.

Letters: N windows, w past values, f future values, p the order of an autoregression.
"""

import numpy as np


def repeat_season(x: np.ndarray, season: int, future: int) -> np.ndarray:
    """The last season again and again: `(N, w)` to `(N, f)`.

    >>> repeat_season(np.array([[9, 1, 2, 3]]), season=3, future=5).tolist()
    [[1, 2, 3, 1, 2]]
    """
    return x[:, -season + np.arange(future) % season]


def autoregression(z: np.ndarray, order: int) -> np.ndarray:
    """The p numbers and the constant that best give each value of z from the p before it.

    Source: Yule (1927), who fitted order 2 to the sunspots.

    >>> (autoregression(np.array([0, 1, 1, 0, -1, -1, 0, 1, 1.0]), 2).round(6) + 0).tolist()
    [-1.0, 1.0, 0.0]
    """
    rows = np.lib.stride_tricks.sliding_window_view(z, order + 1)
    before = np.c_[rows[:, :-1], np.ones(len(rows))]
    return np.linalg.lstsq(before, rows[:, -1], rcond=None)[0]


def continue_series(x: np.ndarray, phi: np.ndarray, future: int) -> np.ndarray:
    """Forecast one step, take it for the truth, and go on: `(N, w)` to `(N, f)`.

    >>> continue_series(np.array([[0.0, 1.0]]), np.array([-1.0, 1.0, 0.0]), future=4).tolist()
    [[1.0, 0.0, -1.0, -1.0]]
    """
    order = len(phi) - 1
    for _ in range(future):
        x = np.c_[x, x[:, -order:] @ phi[:-1] + phi[-1]]
    return x[:, -future:]


def ridge(x: np.ndarray, y: np.ndarray, penalty: float) -> np.ndarray:
    """The matrix `(w + 1, f)`, its last row a constant, that best gives the changes to come.

    Past and future are taken less the last past value; `penalty` times the squares of all weights
    is added to the squared errors.

    Source: Hoerl and Kennard (1970); the subtraction is that of NLinear, Zeng et al. (2023).
    """
    last = x[:, -1:]
    before = np.c_[x - last, np.ones(len(x))]
    shrink = penalty * np.diag([1.0] * x.shape[1] + [0.0])  # the constant is free
    return np.linalg.solve(before.T @ before + shrink, before.T @ (y - last))


def apply_linear(x: np.ndarray, weights: np.ndarray) -> np.ndarray:
    """What such a matrix forecasts: `(N, w)` to `(N, f)`."""
    last = x[:, -1:]
    return np.c_[x - last, np.ones(len(x))] @ weights + last


def mean_square(forecast: np.ndarray, truth: np.ndarray) -> float:
    """The mean squared error."""
    return float(((forecast - truth) ** 2).mean())
