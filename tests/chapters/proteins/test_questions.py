"""Questions on `work/proteins`."""

import numpy as np

from tests.classes.asked import asking_of


def corrected(scores):
    m = (scores * (1 - np.eye(len(scores)))).sum(axis=1) / (len(scores) - 1)
    return scores - np.outer(m, m) / m.mean()


OUT, IN = "left out", "included"
PRODUCT, MEAN = "their product over the mean", "their mean"
WRONG = {
    "proteins/corrected": [
        ({"diagonal": IN, "off": PRODUCT}, corrected, "does the diagonal belong"),
        ({"diagonal": OUT, "off": MEAN}, corrected, "something else should be taken off"),
        ({"diagonal": OUT, "off": PRODUCT}, lambda s: corrected(s) - s, "return what stays"),
        ({"diagonal": OUT, "off": PRODUCT}, lambda s: 2 * s - corrected(s), "not added"),
        ({"diagonal": OUT, "off": PRODUCT}, lambda s: s[0], "should have shape (L, columns)"),
    ]
}

TestAsking = asking_of("proteins", WRONG)
