"""Questions on `before/convolution`."""

import numpy as np

from tests.classes.asked import asking_of

OURS = {"window": "the inputs up to t", "first": "input t itself", "shape": "(w, d_in, d_out)"}
FUTURE = OURS | {"window": "the inputs from t on"}
FARTHEST = OURS | {"first": "the farthest input"}
TORCHS = OURS | {"shape": "(d_out, d_in, w)"}


def one_sided(x, W, dilation, way=-1, late=0):
    """W from the nearest input to the farthest; the way is -1 into the past, 1 into the future."""
    y = np.zeros((len(x), W.shape[2]))
    for t in range(len(x)):
        for j, W_j in enumerate(W):
            at = t + way * (late + j * dilation)
            if 0 <= at < len(x):
                y[t] += x[at] @ W_j
    return y


WRONG = {
    "convolution/one-sided": [
        (OURS, lambda x, W, d: one_sided(x, W, d, way=1), "is on the other side"),
        (FUTURE, one_sided, "is on the other side"),
        (OURS, lambda x, W, d: one_sided(x, W[::-1], d), "the kernel is reversed"),
        (FARTHEST, one_sided, "the kernel is reversed"),
        (FARTHEST, lambda x, W, d: one_sided(x, W, d, way=1), "runs the other way"),
        (OURS, lambda x, W, d: one_sided(x, W, 1), "dilation has no effect"),
        (OURS, lambda x, W, d: one_sided(x, W, d, late=1), "does not see input t"),
        (OURS, lambda x, W, d: one_sided(x, W, d)[:-1], "should have shape (T, d_out) = (9, 2)"),
        (TORCHS, one_sided, "(T, d_out) = (9, 2), got (9, 3)"),
    ]
}

TestAsking = asking_of("convolution", WRONG)
