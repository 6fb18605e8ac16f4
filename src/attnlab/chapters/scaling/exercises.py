"""Checks of the chapter `mechanism/scaling`."""

import math
from functools import partial

import numpy as np

from attnlab.chapters.scaling.widget import MAX_D_K, ScalingWidget, queries_and_keys
from attnlab.exercises.answers import array, near, number, whole
from attnlab.exercises.choice import choice
from attnlab.exercises.comparison import Comparison
from attnlab.exercises.hint import Hint
from attnlab.exercises.marking import exercise
from attnlab.exercises.notation import call, equations
from attnlab.exercises.written import written
from attnlab.functional.scores import dot_scores
from attnlab.functional.softmax import softmax, softmax_jacobian

# What was computed in single precision is compared with what was computed in double.
_SINGLE = partial(near, rtol=1e-5)


@exercise("scaling/padded", "query_factor")
def _padded(query_factor) -> str:
    with Comparison() as compare:
        # 16, 256: roots that are whole; 64, 64: nothing was padded, and nothing is to be done.
        for d_k, d_padded in ((80, 128), (16, 256), (5, 8), (64, 64), (1, 3)):
            case = call("query_factor", d_k, d_padded)
            ratio = d_padded / d_k
            wrong = [
                (1.0, "{case}: the zeros change no dot product, but what it is divided by"),
                (ratio**-0.5, "{case}: the wrong way round: the layer already divides by too much"),
                (ratio, "{case}: the layer divides by a root, and not by the width"),
                (1 / ratio, "{case}: the layer divides by a root, and multiplying has to undo it"),
                (ratio**0.25, "{case}: that would do if the keys were multiplied by it as well"),
                (d_padded**0.5, "{case}: that leaves the scores without any division"),
                (d_k**-0.5, "{case}: then the scores are divided by both roots"),
                (d_k**0.5, "{case}: that undoes a division that is wanted"),
            ]  # fmt: skip
            compare(number(query_factor(d_k, d_padded), name=case), ratio**0.5, wrong, case=case)
    return "right: what counts is the width that the dot product sums over, zeros apart"


@exercise("scaling/start", "starting_std")
def _start(starting_std) -> str:
    with Comparison() as compare:
        # Widths and numbers of keys at which neither a root nor a logarithm is a whole number, and
        # more keys than numbers as well as fewer. The last: half of the keys, at any width.
        for d_k, m, keys in ((64, 64, 40), (16, 1000, 5), (81, 50, 2.5), (7, 9, 8.9), (512, 6, 3)):
            case = call("starting_std", d_k, m, keys)
            variance = 2 * math.log(m / keys)  # that the scores must have
            wrong = [
                ((variance / d_k) ** 0.5,
                 "{case}: query and key both start with it, and the score's variance is off"),
                (variance**0.25, "{case}: that is right for vectors of one number"),
                (variance**0.5, "{case}: that is the standard deviation of the scores"),
                (variance, "{case}: that is the variance of the scores"),
                ((variance / 2 / d_k) ** 0.25,
                 "{case}: the entropy falls by half the variance of the scores"),
                ((2 * variance / d_k) ** 0.25,
                 "{case}: the entropy falls by half the variance of the scores"),
                ((variance / math.log(2) / d_k) ** 0.25,
                 "{case}: the entropy is in nats here, not in bits"),
                ((2 * math.log(keys) / d_k) ** 0.25,
                 "{case}: that takes the entropy that is left for the entropy that is given up"),
                ((2 * math.log(m) / d_k) ** 0.25,
                 "{case}: at that variance the theory leaves a single key"),
                (d_k**-0.25, "{case}: that gives scores of variance 1, whatever is wanted"),
                ((variance / d_k) ** 0.125,
                 "{case}: that has one root too many: a variance is a standard deviation squared"),
                ((variance * d_k) ** 0.25, "{case}: wider vectors must start smaller, not larger"),
            ]  # fmt: skip
            got = number(starting_std(d_k, m, keys), name=case)
            compare(got, (variance / d_k) ** 0.25, wrong, case=case)
    return "right: std⁴ · d_k is the variance, and half of it is the entropy that is given up"


@exercise("scaling/backward", "softmax_backward")
def _backward(softmax_backward) -> str:
    with Comparison(alike=_SINGLE) as compare:
        for n, m, size, dtype in (
            (3, 5, 2, float),
            (5, 3, 2, float),  # more rows than columns
            (4, 4, 2, np.float32),  # square: for sums over the other axis
            (1, 2, 2, float),  # one row, on which a sum over everything is right
            (3, 1, 2, float),  # one key: its weight cannot change
            (2, 6, 1e5, float),  # one weight is 1, and nothing passes
        ):
            rng = np.random.default_rng(n)
            scores = size * rng.standard_normal((n, m))
            a, g = softmax(scores).astype(dtype), rng.standard_normal((n, m)).astype(dtype)
            right = np.einsum("ni,nij->nj", g, softmax_jacobian(a))
            mean = (a * g).sum(axis=-1, keepdims=True)
            wrong = [
                (a * (1 - a) * g,
                 "that is the diagonal of J alone; every weight depends on all the scores"),
                (-right, "the sign: a score's own weight rises with it"),
                (a * (g - (a * g).sum()),
                 "all rows share one mean there; each row has a mean of its own"),
                (a * (g - g.mean(axis=-1, keepdims=True)),
                 "each number of g counts alike in that mean; not all weights are alike"),
                (g - mean, "a factor is missing: a key with no weight gets no gradient"),
                (a * g, "that leaves out what each score does to the weights of the others"),
                (g, "that is the gradient of the weights as it came in"),
                (a * g.sum(axis=-1, keepdims=True) - a * mean,
                 "a weight's own gradient is its own number of g, and not the sum of all"),
            ]  # fmt: skip
            if n == m:
                wrong.append((
                    a * (g - (a * g).sum(axis=0, keepdims=True)),
                    "the mean was taken down the columns; the weights of a query are a row",
                ))  # fmt: skip
                wrong.append((
                    a * (g - (a * g).sum(axis=-1)),
                    "the rows' means were laid along the columns: keep the axis that is summed",
                ))  # fmt: skip
            got = array(softmax_backward(a, g), {"n": n, "m": m})
            compare(got, right, wrong, case=equations(n=n, m=m))
    return "right: each weight compares its gradient with the mean of its row"


@exercise("scaling/widget", "first_saturated", sets=("d_k",))
def _widget(first_saturated) -> str:
    for query, scaled, start in (
        (0, False, 64),  # set above what is right, for whoever starts there
        (2, False, 512),  # late, and at 30 a weight of 0.99 is rounded, not reached
        (9, False, 7),
        (5, True, 1),  # none
    ):
        settings = {"d_k": start, "scaled": scaled, "query": query}
        widths = _saturated_widths(query, scaled)
        right = widths[0] if widths else None
        case = call("ScalingWidget", **settings)
        got = first_saturated(ScalingWidget(**settings))
        if right is None and got is not None:
            raise Hint(
                "{case}: no key ever gets more than 99%, so the answer is None; got {got}",
                case=case, got=whole(got),
            )  # fmt: skip
        if right is None:
            continue
        if got is None:
            raise Hint(
                "{case}: there is such a width, and you returned None",
                more="{case}: there is such a width; set w.d_k to each, and read w.weights anew",
                case=case,
            )
        width = whole(got)
        if width in widths[1:]:
            raise Hint(
                "{case}: {got} is such a width, but not the first",
                more="{case}: {got} is such a width, but not the first; try them all, from 1 on: "
                "the largest weight does not only rise",
                case=case, got=width,
            )  # fmt: skip
        if width != right:
            raise Hint("{case}: at width {got} no key gets more than 99%", case=case, got=width)
    return "right: one more number can undo what the numbers before it decided"


def _saturated_widths(query: int, scaled: bool) -> list[int]:
    """All widths at which some key gets more than 99% of the weight."""
    queries, keys = queries_and_keys()
    scores = np.cumsum(queries[query] * keys, axis=-1)  # (m, widths): with each number one more
    widths = np.arange(1, MAX_D_K + 1)
    largest = softmax(scores / np.sqrt(widths) if scaled else scores, axis=0).max(axis=0)
    return widths[largest > 0.99].tolist()


@exercise("scaling/bug", "head_weights")
def _bug(head_weights) -> str:
    with Comparison(alike=_SINGLE) as compare:
        for n, m, d_k, h, dtype in (
            (3, 5, 4, 2, float),
            (5, 3, 2, 7, float),  # more heads than numbers in each
            (2, 7, 6, 1, float),  # one head, on which the faulty function is right
            (4, 4, 5, 4, np.float32),  # n = m = h: transposed, the shape is right
            (1, 3, 1, 6, float),  # heads of one number
        ):
            rng = np.random.default_rng(n)
            q, k = (rng.standard_normal((size, d_k * h)).astype(dtype) for size in (n, m))
            scores = _head_scores(_heads(q, h), _heads(k, h))
            interleaved = _head_scores(*(
                x.reshape(len(x), d_k, h).transpose(2, 0, 1) for x in (q, k)
            ))  # fmt: skip
            cut_across = _head_scores(*(x.reshape(h, len(x), d_k) for x in (q, k)))
            wrong = [
                (softmax(scores / (d_k * h) ** 0.5), "that divides by √d_model still"),
                (softmax(scores / d_k),
                 "that divides by d_k, or by its root twice: the scores are too calm now"),
                (softmax(scores / h**0.5),
                 "that divides by √h; to one head it does not matter how many there are"),
                (softmax(scores), "that does not divide at all; the scores' variance is then d_k"),
                (softmax(scores * d_k**0.5), "that multiplies where it should divide"),
                (softmax(scores / d_k**0.5, axis=-2),
                 "the weights sum to 1 over the queries; a query shares its weight among keys"),
                (softmax(scores / d_k**0.5, axis=0),
                 "the weights sum to 1 over the heads; each head has weights of its own"),
                (softmax(interleaved / d_k**0.5),
                 "the division is right, but a head takes every h-th number, not numbers in a row"),
                (softmax(cut_across / d_k**0.5),
                 "the division is right, but reshape alone mixes rows and heads up"),
                (scores / d_k**0.5, "these are the scores; the weights are asked for"),
            ]  # fmt: skip
            got = array(head_weights(q, k, h), {"h": h, "n": n, "m": m})
            case = equations(n=n, m=m, d_k=d_k, h=h)
            compare(got, softmax(scores / d_k**0.5), wrong, case=case)
    return "right: the width that counts is the one the dot product sums over"


def _heads(x: np.ndarray, h: int) -> np.ndarray:
    """The heads of rows `(n, d_model)`, each of them numbers that stand together: (h, n, d_k)."""
    return x.reshape(len(x), h, -1).transpose(1, 0, 2)


def _head_scores(q: np.ndarray, k: np.ndarray) -> np.ndarray:
    """Undivided scores of every head, (h, n, m)."""
    return dot_scores(np.ascontiguousarray(q), np.ascontiguousarray(k))


choice(
    "scaling/explain",
    "why_it_fails",
    right="b",
    hints={
        "a": "Adam measures its steps by the gradients themselves, so clipping alone does not make "
        "them short; at width 64 the calm undivided model was clipped, too, and learned",
        "c": "the softmax subtracts the largest score first: no exponent is above 0",
        "d": "the divided model of this width has the same tables, and learned from the same lists",
    },
    praise="right: the mean is large, and most queries have no part in it",
)


written(
    "scaling/in-writing",
    "unit_length",
    points=[
        "The root stands for entries of variance 1; in a vector of length 1 they have variance "
        "1/d_k, and the dot product is a cosine, of variance 1/d_k and never above 1.",
        "Divided by 8 the scores lie between −1/8 and 1/8, so no key gets more than about 1.28 "
        "times the weight of another: nearly the mean of all values, whatever was learned.",
        "Training cannot get out by longer vectors, as it can without the normalization, since "
        "all lengths are fixed.",
        "The fault is not saturation but its opposite: gradients pass, and weights stay even.",
        "A remedy: multiply the cosines, by √d_k or by a factor that is learned, in place of "
        "dividing them.",
    ],
)
