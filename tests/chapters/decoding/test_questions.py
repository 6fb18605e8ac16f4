"""Questions on `transformer/decoding`."""

import numpy as np

from attnclass.questions.decoding import CUT, HEAT, LOGARITHMS, PLAIN
from attnlab import softmax
from tests.classes.asked import asking_of


def heat(logits, T, share):
    return softmax(logits / T)


def model(logits, T, share):
    return softmax(logits)


def beside_best(p, share):
    return p >= share * p.max(axis=-1, keepdims=True)


def cut(judged=heat, hot=heat, keeps=beside_best, normed=True, logs=False):
    def answer(*given):
        p = np.where(keeps(judged(*given), given[-1]), hot(*given), 0)
        p = p / p.sum(axis=-1, keepdims=True) if normed else p
        with np.errstate(divide="ignore"):
            return np.log(p) if logs else p

    return answer


def top_p(logits, T, share):
    """The fewest that sum to the share, in place of those beside the best."""
    p = heat(logits, T, share)
    order = np.argsort(-p)
    sorted_p = np.take_along_axis(p, order, -1)
    kept = np.zeros_like(p, dtype=bool)
    np.put_along_axis(kept, order, sorted_p.cumsum(-1) - sorted_p < share, -1)
    return kept * p / (kept * p).sum(-1, keepdims=True)


def ways(first, gives):
    return {"first": first, "gives": gives}


WRONG = {
    "decoding/relative-cut": [
        (ways(HEAT, PLAIN), cut(judged=model), "the temperature comes first"),
        (ways(CUT, PLAIN), cut(), "the cut comes first"),
        (ways(HEAT, PLAIN), cut(keeps=lambda p, share: p >= share), "with the share alone"),
        (ways(HEAT, PLAIN), cut(normed=False), "doesn't sum to 1 yet"),
        (ways(CUT, LOGARITHMS), cut(model, normed=False, logs=True), "doesn't sum to 1 yet"),
        (ways(HEAT, PLAIN), lambda x, T, s: cut()(x, 1 / T, s), "are divided by T"),
        (ways(CUT, PLAIN), cut(model, model), "the temperature does nothing"),
        (ways(HEAT, PLAIN), heat, "nothing has been cut"),
        (ways(HEAT, PLAIN), cut(logs=True), "should be finite"),
        (ways(CUT, LOGARITHMS), cut(model), "log-probabilities are asked for"),
        (ways(HEAT, PLAIN), top_p, "n = 3, V = 7, T = 2.0, share = 0.2: at "),
        (ways(HEAT, PLAIN), cut(keeps=lambda p, share: p >= share * p.max()), "share = 0.2: at "),
    ]
}

TestAsking = asking_of("decoding", WRONG)
