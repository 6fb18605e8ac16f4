"""Checks of the chapter `mechanism/softmax`."""

import numpy as np

from attnlab.chapters.softmax.widget import SoftmaxWidget
from attnlab.exercises.answers import near, recognize
from attnlab.exercises.choice import choice
from attnlab.exercises.marking import Hint, exercise
from attnlab.exercises.notation import call
from attnlab.exercises.work import Raised
from attnlab.functional.attention import attention
from attnlab.functional.softmax import softmax


@exercise("softmax/temperature", "temperature_for")
def _temperature(temperature_for) -> str:
    for gap, share in ((3.0, 0.6), (0.5, 0.99), (1.0, 0.9)):
        got = float(temperature_for(gap, share))
        odds = share / (1 - share)
        case = call("temperature_for", gap, share)
        if np.isclose(got, gap / np.log(odds)):
            continue
        compared = "ln share compares the weight with 1; the odds compare it with the other's"
        recognize(got, [
            (np.log(odds) / gap,
             "upside down: that is 1/T, the number that the scores are multiplied by"),
            (gap / np.log(share), compared),
            (-gap / np.log(share), compared),
            (gap / odds, "the odds are e^(gap / T): take their logarithm first"),
            (gap * np.log(odds),
             "the scores are divided by T, so the gap becomes gap / T, not gap · T"),
            (gap / np.log10(odds), "the logarithm must be the natural one, to base e"),
        ])  # fmt: skip
        if got <= 0:
            raise Hint("{case} gave {got:.3g}: a temperature is positive", case=case, got=got)
        raise Hint(
            "{case} gave {got:.3g}; at that temperature the share is {reached:.3g}",
            case=case, got=got, reached=1 / (1 + np.exp(-gap / got)),
        )  # fmt: skip
    return "right"


@exercise("softmax/logsumexp", "log_sum_exp")
def _log_sum_exp(log_sum_exp) -> str:
    rng = np.random.default_rng(0)
    small = rng.standard_normal((3, 5))
    got = np.asarray(log_sum_exp(small.copy()))
    right = _log_sum_exp_of(small)
    if got.shape == (3, 1):
        raise Hint("shape (3, 1): one number for each row is wanted, shape (3,)")
    if got.shape in ((), (5,)):
        raise Hint(
            "shape {got} for scores of (3, 5): sum each row, over the last axis", got=got.shape
        )
    if got.shape != (3,):
        raise Hint("expected shape (3,) for scores of shape (3, 5), got {got}", got=got.shape)
    if not np.allclose(got, right):
        recognize(got, [
            (right - small.max(-1),
             "what was subtracted inside the exponentials must be added again outside"),
            (np.exp(right), "that is the sum; its logarithm is wanted"),
        ])  # fmt: skip
        raise Hint("not ln Σ e^s yet, for ordinary scores")
    for scores, hint in (
        (small + 1000, "scores near 1000 overflow: subtract each row's largest score first (you "
         "gave {got})"),
        (small - 1000, "scores near -1000 vanish: subtract each row's largest score, whatever it "
         "is (you gave {got})"),
        (small + np.array([[0.0], [-900.0], [900.0]]), "rows of different size: one maximum for "
         "all makes the small rows vanish; each row needs its own (you gave {got})"),
    ):  # fmt: skip
        got = np.asarray(log_sum_exp(scores.copy()))
        if not np.allclose(got, _log_sum_exp_of(scores)):
            raise Hint(hint, got=got)
    batch = rng.standard_normal((2, 3, 5))
    try:
        fits = near(log_sum_exp(batch), _log_sum_exp_of(batch))
    except Raised:  # shapes that do not fit together
        fits = False
    if not fits:
        raise Hint("right for two axes; for (2, 3, 5) sum over the last axis too, axis=-1")
    return "right"


def _log_sum_exp_of(scores: np.ndarray) -> np.ndarray:
    top = scores.max(-1, keepdims=True)
    return (top + np.log(np.exp(scores - top).sum(-1, keepdims=True)))[..., 0]


@exercise("softmax/bug", "attend")
def _bug(attend) -> str:
    rng = np.random.default_rng(0)
    for m, d_k, d_v in ((5, 3, 2), (11, 7, 4)):
        q, K, V = rng.standard_normal(d_k), rng.standard_normal((m, d_k)), rng.random((m, d_v))
        scores = K @ q / np.sqrt(d_k)
        got = np.asarray(attend(q, K, V))
        if got.shape != (d_v,):
            raise Hint("expected one vector of shape ({d_v},), got {got}", d_v=d_v, got=got.shape)
        if np.allclose(got, attention(q[None], K, V)[0][0]):
            continue
        recognize(got, [
            (V.sum(0), "every weight is still 1: the softmax must see all scores together"),
            (V.mean(0), "that is the plain mean, whatever the query is: the scores must count"),
            (np.exp(scores) @ V, "the weights do not sum to 1: divide by the sum over all keys"),
            (np.exp(scores) @ V / m, "divide by the sum of the exponentials, not by their number"),
            (V[scores.argmax()], "that is the best key's value alone: a hard look-up"),
            (softmax(K @ q) @ V, "the weights lack the division of the scores by √d_k"),
        ])  # fmt: skip
        raise Hint("not attention yet; print your weights: are they positive, is their sum 1?")
    q, K, V = rng.standard_normal(3), rng.standard_normal((5, 3)), rng.random((5, 2))
    with np.errstate(all="ignore"):
        loud = np.asarray(attend(1e4 * q, K, V))
    if not np.allclose(loud, attention(1e4 * q[None], K, V)[0][0]):
        raise Hint("right for small scores, but large ones overflow: subtract the largest")
    return "right"


@exercise("softmax/merge", "merge")
def _merge(merge) -> str:
    rng = np.random.default_rng(0)
    for lift in (0.0, 3.0, -3.0, 2000.0):
        left, right = rng.standard_normal(6), rng.standard_normal(9) + lift
        a, b = _summary(left), _summary(right)
        top, total = _summary(np.concatenate([left, right]))
        got = merge(a, b)
        if not isinstance(got, (tuple, list, np.ndarray)) or len(got) != 2:
            raise Hint("return a pair, the maximum and the sum; got {got!r}", got=got)
        if not np.isclose(got[0], top):
            raise Hint(
                "the maximum of both parts is the larger of {first:.3g} and {second:.3g}",
                first=a[0], second=b[0],
            )  # fmt: skip
        if np.isclose(got[1], a[1] + b[1]):
            raise Hint(
                "each sum was taken below its own maximum: bring both below the common one "
                "before you add them"
            )
        shrunk = (a[1] * np.exp(a[0] - top), b[1] * np.exp(b[0] - top))
        if not np.isfinite(got[1]) or got[1] > 1.5 * total:
            raise Hint(
                "the sum must shrink when the maximum rises: the factor is e^(old - new), at most 1"
            )
        if any(np.isclose(got[1], part) for part in shrunk) and not np.isclose(got[1], total):
            raise Hint("one of the two parts is missing from the sum")
        if not np.isclose(got[1], total):
            raise Hint(
                "for parts {a} and {b} the sum should be {total:.4g}, got {got:.4g}",
                a=a, b=b, total=total, got=got[1],
            )  # fmt: skip
    empty = (-np.inf, 0.0)
    got = merge(empty, a)
    if not np.allclose(got, a):
        raise Hint("merging with no scores at all, (-inf, 0.0), must change nothing")
    return "right: parts can be merged in any order, on any number of machines"


def _summary(scores: np.ndarray) -> tuple[float, float]:
    """The largest score, and the sum of the exponentials below it."""
    return float(scores.max()), float(np.exp(scores - scores.max()).sum())


@exercise("softmax/widget", "bias_for")
def _widget(bias_for) -> str:
    biased, masked = (0.5, -1.0, 0.0, 1.0, 0.0, 0.0), (True, True, False, True, True, True)
    start = {"temperature": 1.0, "biases": (0.0,) * 6, "mask": (True,) * 6}
    w = SoftmaxWidget()  # one for all cases: a page keeps the state of every widget that is made
    for state, key, share in (
        ({}, 3, 0.3),
        ({"biases": biased}, 1, 0.4),
        ({"mask": masked}, 0, 0.3),
        ({"temperature": 0.5, "mask": masked}, 1, 0.6),
        ({"temperature": 2.0, "biases": biased}, 0, 0.1),
    ):
        for name, value in {**start, **state}.items():
            setattr(w, name, value)
        scores, now = np.array(w.logits) + w.biases, w.biases[key]
        T, a = w.temperature, w.weights[key]
        step = np.log(share / (1 - share)) - np.log(a / (1 - a))  # of the odds
        got = float(bias_for(w, key, share))
        if np.isclose(got, now + T * step):
            continue
        raw = np.array(w.logits)
        others = np.delete(np.exp(scores / T), key).sum()
        case = call("SoftmaxWidget", **state)
        recognize(got, [
            (now + T * np.log(share / a), "the ratio share / weight forgets that the other weights "
             "shrink: use the odds, share / (1 - share)"),
            (now - T * step, "the sign: a larger share needs a larger bias"),
            (now + step,
             "{case}: the bias is divided by T as the logit is, so it must be T times it"),
            (T * step, "{case}: that is what to add to the bias that the key has already"),
            (T * np.log(share / (1 - share) * others) - raw[key],
             "{case}: a masked key takes no part in the sum"),
        ], case=case)  # fmt: skip
        raise Hint(
            "{case}: with a bias of {got:.3g} key {key} gets {reached:.3g}, not {share}",
            case=case, got=got, key=key, reached=_weight_with(w, key, got), share=share,
        )  # fmt: skip
    return "right"


def _weight_with(w: SoftmaxWidget, key: int, bias: float) -> float:
    biases = np.array(w.biases)
    biases[key] = bias
    scores = np.array(w.logits) + biases
    return float(softmax(scores, temperature=w.temperature, mask=np.array(w.mask))[key])


choice(
    "softmax/explain",
    "why_nothing_changed",
    right="b",
    hints={
        "a": "small numbers are learned like large ones; and here a bias of any size would do "
        "nothing: try b of length 100",
        "c": "the largest score is subtracted only against overflow; with the plain formula, on "
        "paper, the vector drops out just the same",
        "d": "nothing is saturated: another query, or a vector added to one key only, does change "
        "the weights",
    },
    praise="right: a bias in the keys is one number for each query, and softmax cannot see it",
)
