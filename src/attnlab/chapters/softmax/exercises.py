"""Checks of the chapter `mechanism/softmax`."""

import numpy as np

from attnlab.chapters.softmax.widget import SoftmaxWidget
from attnlab.exercises.marking import Hint, exercise
from attnlab.functional.attention import attention
from attnlab.functional.softmax import softmax


@exercise("softmax/temperature", "temperature_for")
def _temperature(temperature_for) -> str:
    for gap, share in ((3.0, 0.6), (0.5, 0.99), (1.0, 0.9)):
        got = float(temperature_for(gap, share))
        odds = share / (1 - share)
        case = f"temperature_for({gap:g}, {share:g})"
        if np.isclose(got, np.log(odds) / gap):
            raise Hint("upside down: that is 1/T, the number that the scores are multiplied by")
        if np.isclose(abs(got), gap / abs(np.log(share))):
            raise Hint("ln share compares the weight with 1; the odds compare it with the other's")
        if np.isclose(got, gap / odds):
            raise Hint("the odds are e^(gap / T): take their logarithm first")
        if np.isclose(got, gap * np.log(odds)):
            raise Hint("the scores are divided by T, so the gap becomes gap / T, not gap · T")
        if np.isclose(got, gap / np.log10(odds)):
            raise Hint("the logarithm must be the natural one, to base e")
        if got <= 0:
            raise Hint(f"{case} gave {got:.3g}: a temperature is positive")
        if not np.isclose(got, gap / np.log(odds)):
            reached = 1 / (1 + np.exp(-gap / got))
            raise Hint(f"{case} gave {got:.3g}; at that temperature the share is {reached:.3g}")
    return "right"


@exercise("softmax/logsumexp", "log_sum_exp")
def _log_sum_exp(log_sum_exp) -> str:
    rng = np.random.default_rng(0)
    small = rng.standard_normal((3, 5))
    got = np.asarray(_quietly(log_sum_exp, small.copy()))
    right = _log_sum_exp_of(small)
    if got.shape == (3, 1):
        raise Hint("shape (3, 1): one number for each row is wanted, shape (3,)")
    if got.shape in ((), (5,)):
        raise Hint(f"shape {got.shape} for scores of (3, 5): sum each row, over the last axis")
    if got.shape != (3,):
        raise Hint(f"expected shape (3,) for scores of shape (3, 5), got {got.shape}")
    if np.allclose(got, right - small.max(-1)):
        raise Hint("what was subtracted inside the exponentials must be added again outside")
    if np.allclose(got, np.exp(right)):
        raise Hint("that is the sum; its logarithm is wanted")
    if not np.allclose(got, right):
        raise Hint("not ln Σ e^s yet, for ordinary scores")
    for scores, words in (
        (small + 1000, "scores near 1000 overflow: subtract each row's largest score first"),
        (
            small - 1000,
            "scores near -1000 vanish: subtract each row's largest score, whatever it is",
        ),
        (
            small + np.array([[0.0], [-900.0], [900.0]]),
            "rows of different size: one maximum for all makes the small rows vanish; "
            "each row needs its own",
        ),
    ):
        got = np.asarray(_quietly(log_sum_exp, scores.copy()))
        if not np.allclose(got, _log_sum_exp_of(scores)):
            raise Hint(f"{words} (you gave {got})")
    batch = rng.standard_normal((2, 3, 5))
    try:
        fits = np.allclose(_quietly(log_sum_exp, batch.copy()), _log_sum_exp_of(batch))
    except ValueError:  # shapes that do not fit together
        fits = False
    if not fits:
        raise Hint("right for two axes; for (2, 3, 5) sum over the last axis too, axis=-1")
    return "right"


def _log_sum_exp_of(scores: np.ndarray) -> np.ndarray:
    top = scores.max(-1, keepdims=True)
    return (top + np.log(np.exp(scores - top).sum(-1, keepdims=True)))[..., 0]


def _quietly(function, *inputs):
    """The learner's function without NumPy's warnings: the hint says what overflows."""
    with np.errstate(all="ignore"):
        return function(*inputs)


@exercise("softmax/bug", "attend")
def _bug(attend) -> str:
    rng = np.random.default_rng(0)
    for m, d_k, d_v in ((5, 3, 2), (11, 7, 4)):
        q, K, V = rng.standard_normal(d_k), rng.standard_normal((m, d_k)), rng.random((m, d_v))
        scores = K @ q / np.sqrt(d_k)
        got = np.asarray(_quietly(attend, q, K, V))
        if got.shape != (d_v,):
            raise Hint(f"expected one vector of shape ({d_v},), got {got.shape}")
        misconceptions = [
            (V.sum(0), "every weight is still 1: the softmax must see all scores together"),
            (V.mean(0), "that is the plain mean, whatever the query is: the scores must count"),
            (np.exp(scores) @ V, "the weights do not sum to 1: divide by the sum over all keys"),
            (np.exp(scores) @ V / m, "divide by the sum of the exponentials, not by their number"),
            (V[scores.argmax()], "that is the best key's value alone: a hard look-up"),
            (softmax(K @ q) @ V, "the weights lack the division of the scores by √d_k"),
        ]
        for wrong, hint in misconceptions:
            if np.allclose(got, wrong):
                raise Hint(hint)
        if not np.allclose(got, attention(q[None], K, V)[0][0]):
            raise Hint("not attention yet; print your weights: are they positive, is their sum 1?")
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
        got = _quietly(merge, a, b)
        if not isinstance(got, (tuple, list, np.ndarray)) or len(got) != 2:
            raise Hint(f"return a pair, the maximum and the sum; got {got!r}")
        if not np.isclose(got[0], top):
            raise Hint(f"the maximum of both parts is the larger of {a[0]:.3g} and {b[0]:.3g}")
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
            raise Hint(f"for parts {a} and {b} the sum should be {total:.4g}, got {got[1]:.4g}")
    empty = (-np.inf, 0.0)
    got = _quietly(merge, empty, a)
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
        case = ", ".join(f"{name} set" for name in state) or "the widget as it starts"
        raw = np.array(w.logits)
        others = np.delete(np.exp(scores / T), key).sum()
        if np.isclose(got, now + T * np.log(share / a)):
            raise Hint(
                "the ratio share / weight forgets that the other weights shrink: use the odds, "
                "share / (1 - share)"
            )
        if np.isclose(got, now - T * step) and not np.isclose(step, 0):
            raise Hint("the sign: a larger share needs a larger bias")
        if T != 1 and np.isclose(got, now + step):
            raise Hint(
                f"{case}: the bias is divided by T as the logit is, so it must be T times it"
            )
        if now and np.isclose(got, T * step):
            raise Hint(f"{case}: that is what to add to the bias that the key has already")
        if not all(w.mask) and np.isclose(got, T * np.log(share / (1 - share) * others) - raw[key]):
            raise Hint(f"{case}: a masked key takes no part in the sum")
        if not np.isclose(got, now + T * step):
            reached = _weight_with(w, key, got)
            raise Hint(
                f"{case}: with a bias of {got:.3g} key {key} gets {reached:.3g}, not {share}"
            )
    return "right"


def _weight_with(w: SoftmaxWidget, key: int, bias: float) -> float:
    biases = np.array(w.biases)
    biases[key] = bias
    scores = np.array(w.logits) + biases
    return float(softmax(scores, temperature=w.temperature, mask=np.array(w.mask))[key])


@exercise("softmax/explain", "why_nothing_changed")
def _explain(why_nothing_changed) -> str:
    hints = {
        "a": "small numbers are learned like large ones; and here a bias of any size would do "
        "nothing: try b of length 100",
        "c": "the largest score is subtracted only against overflow; with the plain formula, on "
        "paper, the vector drops out just the same",
        "d": "nothing is saturated: another query, or a vector added to one key only, does change "
        "the weights",
    }
    letter = str(why_nothing_changed).strip().lower()
    if letter in hints:
        raise Hint(hints[letter])
    if letter != "b":
        raise Hint(f'expected one of the letters "a", "b", "c", "d", got {why_nothing_changed!r}')
    return "right: a bias in the keys is one number for each query, and softmax cannot see it"
