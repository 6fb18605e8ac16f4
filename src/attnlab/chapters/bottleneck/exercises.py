"""Checks of the chapter `before/bottleneck`."""

from dataclasses import dataclass

import numpy as np

from attnlab.exercises.answers import parts, recognize
from attnlab.exercises.choice import choice
from attnlab.exercises.marking import Hint, exercise
from attnlab.exercises.notation import listed
from attnlab.functional.softmax import softmax


@exercise("bottleneck/teacher", "teacher_forcing")
def _teacher(teacher_forcing) -> str:
    for target, bos, eos in (([7, 5, 9], 1, 2), ([4], 0, 3), ([6, 6, 8, 4, 5], 2, 1)):
        given = parts(
            teacher_forcing(list(target), bos, eos),
            "what the writer is given", "what it should answer",
        )  # fmt: skip
        read, answer = (np.asarray(row).ravel().tolist() for row in given)
        right = [bos, *target], [*target, eos]
        if read == answer:
            raise Hint("both rows are the same: the writer would be shown each answer beforehand")
        if (answer, read) == right:
            raise Hint("the other way about: the start mark is given, the end mark is answered")
        if len(read) != len(answer):
            raise Hint(
                "one answer for each token given: got {read} and {answers}",
                read=len(read),
                answers=len(answer),
            )
        if eos in read:
            raise Hint("nothing comes after the end mark, so the writer is never given it")
        if bos in answer:
            raise Hint("the start mark is there to be read, not to be written")
        if eos not in answer:
            raise Hint("without an end mark among the answers the writer never learns to stop")
        if (read, answer) != right:
            raise Hint(
                "for target {target} the rows should be {to_read} and {to_answer}, "
                "got {read} and {answer}",
                target=target, to_read=right[0], to_answer=right[1], read=read, answer=answer,
            )  # fmt: skip
    return "right: what goes in is one step behind what should come out"


@exercise("bottleneck/additive", "additive_weights")
def _additive(additive_weights) -> str:
    rng = np.random.default_rng(0)
    for d_q, d_k, d, m in ((3, 5, 2, 7), (4, 4, 4, 4), (2, 3, 6, 1)):
        s, states = rng.standard_normal(d_q), rng.standard_normal((m, d_k))
        W_q, W_k = rng.standard_normal((d_q, d)), rng.standard_normal((d_k, d))
        v = 2 * rng.standard_normal(d)
        hidden = s @ W_q + states @ W_k  # (m, d)
        scores = np.tanh(hidden) @ v
        got = np.asarray(additive_weights(s, states, W_q, W_k, v))
        right = softmax(scores)
        misconceptions = [
            (softmax(states), "the softmax is of the scores: a state is a vector, not a number"),
            (scores, "these are the scores; a softmax over all states makes weights of them"),
            (softmax(hidden @ v), "without the tanh the query is lost: it adds one number to all"),
            (softmax(np.tanh(states @ W_k) @ v), "the query must be added before the tanh"),
            (softmax((states @ W_k) @ (s @ W_q)), "that is a product, the bilinear score: add"),
            (np.ones(m), "softmax over one number is always 1: it has to run over all states"),
            (1 / (1 + np.exp(-scores)), "a sigmoid looks at each score alone: they must compete"),
            (np.tanh(scores), "the tanh is inside, before v; outside there is a softmax"),
            (softmax(np.tanh(scores)), "the tanh is inside, before v"),
            (scores / scores.sum(), "shares of the scores can be negative: exponentiate first"),
        ]
        recognize(got, misconceptions if m > 1 else [])
        if got.shape != (m,):
            raise Hint(
                "expected one weight for each of the {m} states, ({m},); got {got}",
                m=m,
                got=got.shape,
            )
        if not np.allclose(got, right, rtol=1e-5):
            raise Hint("not the weights yet; their sum is {total:.3g}", total=got.sum())
    return "right"


@exercise("bottleneck/bug", "attend_to")
def _bug(attend_to) -> str:
    rng = np.random.default_rng(0)
    for d_q, d_k, m in ((3, 5, 7), (4, 4, 4), (6, 2, 30)):
        s, states = rng.standard_normal(d_q), rng.standard_normal((m, d_k))
        W = rng.standard_normal((d_q, d_k))
        right = softmax(states @ (s @ W))
        given = parts(attend_to(s, states, W), "the context", "the weights")
        context, weights = map(np.asarray, given)
        if m != d_k and context.shape == (m,) and weights.shape == (d_k,):
            raise Hint("the other way about: first the context, then the weights")
        if weights.shape == (m, d_k) and np.allclose(weights, softmax(states)):
            raise Hint("the softmax is of the scores, one number a state, not of the states")
        if weights.shape != (m,):
            raise Hint(
                "expected {m} weights, one for each state; got shape {got}", m=m, got=weights.shape
            )
        if np.allclose(weights, states @ (s @ W)):
            raise Hint("these are the scores; a softmax over all states makes weights of them")
        order = rng.permutation(m)
        shuffled = np.asarray(attend_to(s, states[order], W)[1])
        if not np.allclose(weights[order], shuffled):
            raise Hint("the weights still do not go with the states: shuffle those, and see")
        other = np.asarray(attend_to(-s, states, W)[1])
        if m > 1 and np.allclose(weights, other):
            raise Hint("the weights do not depend on the query s")
        if not np.allclose(weights, right, rtol=1e-5):
            raise Hint("not the weights of the score s W h yet, with a softmax over the states")
        if context.shape == (m, d_k):
            raise Hint("element by element there is no sum: the context is the weighted sum, (d_k)")
        if context.shape != (d_k,) or not np.allclose(context, right @ states, rtol=1e-5):
            raise Hint("the weights are right; the context is the sum of the states with them")
    return "right: each score now comes from the query and the state that it is about"


@dataclass
class _Shown:
    """What the exercise reads of a widget, without models behind it."""

    length: int
    weights: np.ndarray


@exercise("bottleneck/widget", "share_at")
def _widget(share_at) -> str:
    rng = np.random.default_rng(0)
    cases = [(shift, _shown(m, shift, rng)) for m, shift in ((9, 1), (12, 0), (6, -1), (13, 2))]
    got = [float(share_at(w, shift)) for shift, w in cases]

    def would_be(column, *, rows=0, counted=np.mean) -> list[float]:
        """What a share comes to, with the column that row i is thought to need."""
        shares = []
        for shift, w in cases:
            i = np.arange(w.length + rows)
            places = column(i, w.length, shift)
            there = (places >= 0) & (places < w.length)
            shares.append(counted((w.weights.argmax(axis=1)[i] == places)[there]))
        return shares

    def needed(i, m, shift):
        return m - 1 - i + shift

    below = [w.length for _, w in cases]
    right = would_be(needed)
    if np.allclose(got, right):
        return "right"
    recognize(
        got,
        [
            (
                would_be(lambda i, m, shift: m - 1 - i - shift),
                "that is to the left: the right of a place has a larger number",
            ),
            (
                would_be(lambda i, m, shift: i + shift),
                "reversal needs the last digit first: row 0 needs column m - 1",
            ),
            (would_be(needed, counted=np.sum), "that is how many, not which share"),
            (
                np.divide(would_be(needed, counted=np.sum), below),
                "digits that have no place there are left out, of the number of digits as well",
            ),
            (would_be(needed, rows=1), "leave out the row of the end mark"),
            (
                would_be(lambda i, m, shift: m - 1 - i),
                "look `shift` places to the right of the digit that is needed",
            ),
        ],
    )
    raise Hint(
        "for shifts 1, 0, -1, 2 of four widgets expected {expected}; got {given}",
        expected=listed(format(x, ".3g") for x in right),
        given=listed(format(x, ".3g") for x in got),
    )


def _shown(m: int, shift: int, rng: np.random.Generator) -> _Shown:
    """Weights that look where they should in most rows; the end mark's row must not count."""
    looks = np.where(rng.random(m) < 0.6, m - 1 - np.arange(m) + shift, rng.integers(m, size=m))
    looks = np.append(looks, shift - 1)
    weights = softmax(3.0 * (np.arange(m) == looks[:, None]) + rng.random((m + 1, m)))
    return _Shown(m, weights)


choice(
    "bottleneck/sentences",
    "right_sentence",
    right="c",
    hints={
        "a": "that is the check with one vector, as lost at ten digits as the model without "
        "attention: what attention weighs are all states of the encoder, around the one vector",
        "b": "Bahdanau, Cho and Bengio had it in 2014; the paper of 2017 took away the recurrence",
        "d": "the softmax of the states has as many numbers as the states have; the weights are "
        "the softmax of the scores, one for each state",
    },
    praise="right",
)
