"""Checks of the chapter `mechanism/scaling`."""

import numpy as np

from attnlab.chapters.scaling.widget import ScalingWidget
from attnlab.exercises.marking import Hint, exercise
from attnlab.functional.scores import dot_scores
from attnlab.functional.softmax import softmax, softmax_jacobian


@exercise("scaling/variance", "variance_of_dot")
def _variance(variance_of_dot) -> None:
    for d_k, var_q, var_k in ((7, 1.0, 1.0), (64, 4.0, 0.25), (10, 3.0, 5.0)):
        got = variance_of_dot(d_k, var_q, var_k)
        right = d_k * var_q * var_k
        if np.isclose(got, right):
            continue
        if np.isclose(got, np.sqrt(right)):
            raise Hint("that is the standard deviation; the variance is its square")
        if np.isclose(got, d_k * (var_q + var_k)):
            raise Hint("variances add up in a sum; q_i times k_i is a product")
        if np.isclose(got, var_q * var_k):
            raise Hint("that is the variance of one product; a dot product sums d_k of them")
        if np.isclose(got, d_k**2 * var_q * var_k):
            raise Hint("d_k independent terms have d_k times the variance of one, not d_k² times")
        if np.isclose(got, d_k):
            raise Hint("d_k is right for variances of 1; here they are var_q and var_k")
        raise Hint(f"for d_k = {d_k}, var_q = {var_q:g}, var_k = {var_k:g} you gave {got}")


@exercise("scaling/start", "starting_std")
def _start(starting_std) -> str:
    for d_k in (16, 64, 81):
        got = starting_std(d_k)
        if np.isclose(got, d_k**-0.5):
            raise Hint(
                "the score is a product of two entries that both shrink: with this one its "
                f"variance is {d_k * got**4:.3g}"
            )
        if np.isclose(got, d_k**0.25):
            raise Hint("that is the loud start: the exponent has the wrong sign")
        if np.isclose(got, d_k**-0.125):
            raise Hint("the standard deviation, not its root: variance is std², not std⁴")
        variance = d_k * got**4
        if not np.isclose(variance, 1):
            raise Hint(
                f"with starting_std({d_k}) = {got:.3g} the scores' variance is {variance:.3g}"
            )
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
                f"a and g are of shape {a.shape}, and so is the result; yours is {got.shape}"
            )
        if np.allclose(got, right):
            continue
        if np.allclose(got, a * (1 - a) * g):
            raise Hint("that is the diagonal of J alone; every weight depends on all the scores")
        if np.allclose(got, -right):
            raise Hint("the sign: a score's own weight rises with it")
        if np.allclose(got, a * (g - (a * g).sum())):
            raise Hint("each row has a mean of its own: sum over the last axis, and keep it")
        if np.allclose(got, a * (g - g.mean(axis=-1, keepdims=True))):
            raise Hint("the mean of g must be weighted, by a")
        if np.allclose(got, g - (a * g).sum(axis=-1, keepdims=True)):
            raise Hint("a factor is missing: a key with no weight gets no gradient")
        raise Hint(f"the largest error is {np.abs(got - right).max():.2g}; write out Σ_i g_i J_ij")
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
        case = f"query {query}, division {'on' if scaled else 'off'}"
        if right is None and got is not None:
            raise Hint(f"{case}: no key ever gets more than 99 %, so None is due; you gave {got}")
        if right is not None and got is None:
            raise Hint(f"{case}: there is such a width; set w.d_k to each, and read w.weights anew")
        if got in widths[1:]:
            raise Hint(
                f"{case}: {got} is such a width, and not the first; try them all, since the "
                "largest weight does not only rise"
            )
        if got != right:
            raise Hint(f"{case}: at width {got} no key gets more than 99 %")
    return "right: one more number can undo what the numbers before it decided"


@exercise("scaling/bug", "head_weights")
def _bug(head_weights) -> str:
    rng = np.random.default_rng(0)
    for n, m, d_k, n_heads in ((3, 5, 4, 2), (5, 3, 2, 7), (2, 7, 6, 1)):
        d_model = d_k * n_heads
        q, k = rng.standard_normal((n, d_model)), rng.standard_normal((m, d_model))
        got = np.asarray(head_weights(q, k, n_heads))
        if got.shape != (n_heads, n, m):
            raise Hint(f"expected weights of shape (h, n, m) = {(n_heads, n, m)}, got {got.shape}")
        scores = _head_scores(q, k, n_heads)
        wrong = {
            "that divides by √d_model still: each dot product sums d_k numbers": d_model**0.5,
            "that divides by d_k; the standard deviation of a sum grows with the root": d_k,
            "that divides by √h; to one head it does not matter how many there are": n_heads**0.5,
            "that does not divide at all; the scores' variance is then d_k": 1.0,
        }
        if np.allclose(got, softmax(scores / d_k**0.5)):
            continue
        for hint, divisor in wrong.items():
            if np.allclose(got, softmax(scores / divisor)):
                raise Hint(hint)
        if np.allclose(got, softmax(scores / d_k**0.5, axis=-2)):
            raise Hint("the weights of a query sum to 1 over the keys, the last axis")
        raise Hint("the division may be right, but the heads are not those of the function above")
    return "right: the width that counts is the one the dot product sums over"


@exercise("scaling/explain", "why_it_fails")
def _explain(why_it_fails) -> str:
    hints = {
        "a": "the calm model without division was clipped in the same way, and it learned",
        "c": "the softmax subtracts the largest score first: no exponent is above 0",
        "d": "the divided model of this width has the same tables, and learned from the same lists",
    }
    answer = str(why_it_fails).strip().lower()
    if answer in hints:
        raise Hint(hints[answer])
    if answer != "b":
        raise Hint(f"assign one of the letters a, b, c, d; got {why_it_fails!r}")
    return "right: the mean is large, and most queries have no part in it"


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
