"""Checks of the chapter `mechanism/scaling`."""

import numpy as np

from attnlab.chapters.scaling.widget import ScalingWidget
from attnlab.exercises.answers import recognize
from attnlab.exercises.choice import choice
from attnlab.exercises.marking import Hint, exercise
from attnlab.exercises.notation import call
from attnlab.functional.scores import dot_scores
from attnlab.functional.softmax import softmax, softmax_jacobian


@exercise("scaling/variance", "variance_of_dot")
def _variance(variance_of_dot) -> None:
    for d_k, var_q, var_k in ((7, 1.0, 1.0), (64, 4.0, 0.25), (10, 3.0, 5.0)):
        got = variance_of_dot(d_k, var_q, var_k)
        right = d_k * var_q * var_k
        if np.isclose(got, right):
            continue
        recognize(got, [
            (np.sqrt(right), "that is the standard deviation; the variance is its square"),
            (d_k * (var_q + var_k), "variances add up in a sum; q_i times k_i is a product"),
            (var_q * var_k,
             "that is the variance of one product; a dot product sums d_k of them"),
            (d_k**2 * var_q * var_k,
             "d_k independent terms have d_k times the variance of one, not d_k² times"),
            (d_k, "d_k is right for variances of 1; here they are var_q and var_k"),
        ])  # fmt: skip
        raise Hint(
            "for d_k = {d_k}, var_q = {var_q:g}, var_k = {var_k:g} you gave {got}",
            d_k=d_k, var_q=var_q, var_k=var_k, got=got,
        )  # fmt: skip


@exercise("scaling/start", "starting_std")
def _start(starting_std) -> str:
    for d_k in (16, 64, 81):
        got = starting_std(d_k)
        variance = d_k * got**4
        if np.isclose(variance, 1):
            continue
        recognize(got, [
            (d_k**-0.5, "the score is a product of two entries that both shrink: with this one "
             "its variance is {variance:.3g}"),
            (d_k**0.25, "that is the loud start: the exponent has the wrong sign"),
            (d_k**-0.125, "the standard deviation, not its root: variance is std², not std⁴"),
        ], variance=variance)  # fmt: skip
        raise Hint(
            "with starting_std({d_k}) = {got:.3g} the scores' variance is {variance:.3g}",
            d_k=d_k, got=got, variance=variance,
        )  # fmt: skip
    return "right: σ⁴ = 1 / d_k"


@exercise("scaling/backward", "softmax_backward")
def _backward(softmax_backward) -> str:
    rng = np.random.default_rng(0)
    for n, m in ((1, 2), (3, 5), (5, 3)):
        a = softmax(2 * rng.standard_normal((n, m)))
        g = rng.standard_normal((n, m))
        kept = a.copy(), g.copy()
        got = np.asarray(softmax_backward(a, g))
        if not (np.array_equal(a, kept[0]) and np.array_equal(g, kept[1])):
            raise Hint("your function changes a or g in place; leave its arguments as they are")
        right = np.einsum("ni,nij->nj", g, softmax_jacobian(a))
        if got.shape != right.shape:
            raise Hint(
                "a and g are of shape {right}, and so is the result; yours is {got}",
                right=right.shape, got=got.shape,
            )  # fmt: skip
        if np.allclose(got, right):
            continue
        recognize(got, [
            (a * (1 - a) * g,
             "that is the diagonal of J alone; every weight depends on all the scores"),
            (-right, "the sign: a score's own weight rises with it"),
            (a * (g - (a * g).sum()),
             "each row has a mean of its own: sum over the last axis, and keep it"),
            (a * (g - g.mean(axis=-1, keepdims=True)), "the mean of g must be weighted, by a"),
            (g - (a * g).sum(axis=-1, keepdims=True),
             "a factor is missing: a key with no weight gets no gradient"),
        ])  # fmt: skip
        raise Hint(
            "the largest error is {error:.2g}; write out Σ_i g_i J_ij",
            error=np.abs(got - right).max(),
        )
    return "right, and with m numbers a row in place of m²"


@exercise("scaling/widget", "first_saturated")
def _widget(first_saturated) -> str:
    w = ScalingWidget()
    for query, scaled in ((0, False), (3, False), (0, True)):
        w.query, w.scaled = query, scaled
        widths = _saturated_widths(w)
        right = widths[0] if widths else None
        w.d_k = 7
        got = first_saturated(w)
        case = call("ScalingWidget", query=query, scaled=scaled)
        if right is None and got is not None:
            raise Hint(
                "{case}: no key ever gets more than 99 %, so None is due; you gave {got}",
                case=case,
                got=got,
            )
        if right is not None and got is None:
            raise Hint(
                "{case}: there is such a width; set w.d_k to each, and read w.weights anew",
                case=case,
            )
        if got in widths[1:]:
            raise Hint(
                "{case}: {got} is such a width, and not the first; try them all, since "
                "the largest weight does not only rise",
                case=case,
                got=got,
            )
        if got != right:
            raise Hint("{case}: at width {got} no key gets more than 99 %", case=case, got=got)
    return "right: one more number can undo what the numbers before it decided"


@exercise("scaling/bug", "head_weights")
def _bug(head_weights) -> str:
    rng = np.random.default_rng(0)
    for n, m, d_k, n_heads in ((3, 5, 4, 2), (5, 3, 2, 7), (2, 7, 6, 1)):
        d_model = d_k * n_heads
        q, k = rng.standard_normal((n, d_model)), rng.standard_normal((m, d_model))
        got = np.asarray(head_weights(q, k, n_heads))
        if got.shape != (n_heads, n, m):
            raise Hint(
                "expected weights of shape (h, n, m) = {right}, got {got}",
                right=(n_heads, n, m), got=got.shape,
            )  # fmt: skip
        scores = _head_scores(q, k, n_heads)
        if np.allclose(got, softmax(scores / d_k**0.5)):
            continue
        recognize(got, [
            (softmax(scores / d_model**0.5),
             "that divides by √d_model still: each dot product sums d_k numbers"),
            (softmax(scores / d_k),
             "that divides by d_k; the standard deviation of a sum grows with the root"),
            (softmax(scores / n_heads**0.5),
             "that divides by √h; to one head it does not matter how many there are"),
            (softmax(scores), "that does not divide at all; the scores' variance is then d_k"),
            (softmax(scores / d_k**0.5, axis=-2),
             "the weights of a query sum to 1 over the keys, the last axis"),
        ])  # fmt: skip
        raise Hint("the division may be right, but the heads are not those of the function above")
    return "right: the width that counts is the one the dot product sums over"


choice(
    "scaling/explain",
    "why_it_fails",
    right="b",
    hints={
        "a": "the calm model without division was clipped in the same way, and it learned",
        "c": "the softmax subtracts the largest score first: no exponent is above 0",
        "d": "the divided model of this width has the same tables, and learned from the same lists",
    },
    praise="right: the mean is large, and most queries have no part in it",
)


def _saturated_widths(w: ScalingWidget) -> list[int]:
    """All widths at which some key gets more than 99 % of the weight."""
    found = []
    for w.d_k in range(1, 513):
        if w.weights.max() > 0.99:
            found.append(w.d_k)
    return found


def _head_scores(q: np.ndarray, k: np.ndarray, n_heads: int) -> np.ndarray:
    """Undivided scores of every head, (h, n, m)."""
    q, k = (x.reshape(len(x), n_heads, -1).swapaxes(0, 1) for x in (q, k))
    return dot_scores(np.ascontiguousarray(q), np.ascontiguousarray(k))
