"""Which knob was turned, and how far: what is right, and what misconceptions give."""

import numpy as np


def keeps(P: np.ndarray, Q: np.ndarray, share: float) -> bool:
    """Does top-p with this share keep, in each row of P, what is left in Q?"""
    kept = np.where(Q > 0, P, 0)
    enough = kept.sum(axis=-1)
    too_few = enough - np.where(Q > 0, P, np.inf).min(axis=-1)
    return bool(too_few.max() < share <= enough.min() * (1 + 1e-9))


def values(P: np.ndarray, Q: np.ndarray, name: str, value: float) -> tuple[float, list[tuple]]:
    """What is right, and what misconceptions give."""
    kept = np.where(Q > 0, P, 0).sum(axis=-1)  # (n,)
    count = (Q > 0).sum(axis=-1)
    if name == "temperature":
        return value, [
            (1 / value, "{case}: the logits were divided by the temperature"),
            (np.log(P[0, 0]) / np.log(Q[0, 0]),
             "{case}: the logarithm of a probability is a logit less a number that differs from "
             "row to row, and from P to Q"),
            (P[0, 0] / Q[0, 0], "{case}: no probability was divided by the temperature"),
        ]  # fmt: skip
    if name == "top-k":
        return value, [
            (P.shape[1] - value, "{case}: that is how many were cut from each row"),
            (count.sum(), "{case}: that is how many are left in all rows together"),
            (kept.min(), "{case}: top-k keeps a number of tokens, not a share"),
        ]
    last = np.where(Q > 0, P, np.inf).min(axis=-1)
    return kept.min(), [
        (kept.max(), "{case}: with that share other rows would keep more"),
        (kept.mean(), "{case}: with the mean of the shares some rows would keep more"),
        (kept[0], "{case}: that fits the first row; look at the others"),
        ((kept - last).max(), "{case}: one row reaches that without its last token"),
        ((kept - last).min(), "{case}: with that share other rows would keep fewer"),
        (1 - kept.min(), "{case}: that is what was cut, not what was kept"),
        (count.mean(), "{case}: top-p keeps a share of the probability, not a number of tokens"),
    ]
