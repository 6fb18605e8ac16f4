"""Checks of the chapter `before/bottleneck`."""

from dataclasses import dataclass

import numpy as np

from attnlab.chapters.bottleneck.widget import DIGITS, BottleneckWidget
from attnlab.exercises.answers import array, near, number, parts
from attnlab.exercises.choice import choice
from attnlab.exercises.comparison import Comparison
from attnlab.exercises.marking import Hint, exercise
from attnlab.exercises.notation import call, equations
from attnlab.exercises.written import written
from attnlab.functional.softmax import softmax

ROWS = ("what the writer is given", "what it should answer")


@exercise("bottleneck/teacher", "teacher_forcing")
def _teacher(teacher_forcing) -> str:
    with Comparison() as compare:
        for target, bos, eos in (
            ([7, 5, 9], 1, 2),  # for whoever turns it round
            ([6, 6, 8, 4, 5], 2, 1),  # other numbers for the marks
            ([4], 0, 3),  # one token
        ):
            given = parts(teacher_forcing(target, bos, eos), *ROWS)
            read, answer = (
                array(row, of="whole numbers", name=name)
                for row, name in zip(given, ROWS, strict=True)
            )
            if read.shape != answer.shape or read.ndim != 1:
                raise Hint(
                    "one answer for each token given: got shapes {read} and {answer}",
                    read=read.shape, answer=answer.shape,
                )  # fmt: skip
            right = [bos, *target], [*target, eos]
            alike = [bos, *target, eos], [bos, *target], [*target, eos], target
            wrong = [
                *(((row, row), "both rows are the same: the writer is shown each answer beforehand")
                  for row in alike),
                (right[::-1], "the other way round: the start mark comes out, and never goes in"),
                *((([bos, *target, eos], [*target, eos, end]),
                   "nothing comes after the end mark, so the writer is never given it")
                  for end in (eos, bos, 0)),
                (([bos, *target[:-1]], target),
                 "the writer never learns to stop: none of its answers is the end mark"),
                (([eos, *target], [*target, bos]), "the marks have changed places"),
                (([bos, *target[::-1]], [*target[::-1], eos]),
                 "the target is to be written as it stands: leave it in its order"),
                ((target, [*target[1:], eos]),
                 "the first token of the target is never an answer"),
                (([bos, *target], [eos, *target]),
                 "the end mark is the last answer, when all else is written"),
            ]  # fmt: skip
            case = call("teacher_forcing", target, bos, eos)
            compare(np.stack([read, answer]), right, wrong, case=case)
    return "right: what goes in is one step behind what should come out"


@exercise("bottleneck/additive", "additive_weights")
def _additive(additive_weights) -> str:
    with Comparison() as compare:
        for n, m, d_q, d_k, d, size, dtype in (
            (4, 7, 3, 5, 2, 2, float),  # all sizes differ: for whoever transposes
            (5, 5, 4, 4, 4, 2, float),  # n = m: for whoever pairs step i with state i
            (1, 6, 2, 3, 6, 3, float),  # one writer: for the softmax of one number
            (3, 1, 3, 2, 5, 2, float),  # one state, which has to get it all
            (2, 8, 5, 3, 4, 2, np.float32),
            # Scores that overflow, and all scores of one writer far below those of another.
            (5, 4, 2, 5, 3, 1000, float),
        ):
            rng = np.random.default_rng(n)
            s, states = (rng.standard_normal(shape).astype(dtype) for shape in ((n, d_q), (m, d_k)))
            W_q, W_k = (rng.standard_normal((k, d)).astype(dtype) for k in (d_q, d_k))
            v = (size * rng.standard_normal(d)).astype(dtype)
            asked, there = (s @ W_q)[:, None], states @ W_k  # (n, 1, d), (m, d)
            scores = np.tanh(asked + there) @ v  # (n, m)
            with np.errstate(all="ignore"):
                powers, of_all = np.exp(scores), np.exp(scores - scores.max())
                wrong = [
                    (scores, "these are the scores; a softmax makes weights of them"),
                    (softmax(scores, axis=0),
                     "your weights sum to 1 over the writers",
                     "your weights sum to 1 over the writers; for each writer, the states compete"),
                    (of_all / of_all.sum(),
                     "all weights together sum to 1; each writer has weights of its own"),
                    (of_all / of_all.sum(axis=1, keepdims=True),
                     "right, but where one writer's scores are all far below another's, their "
                     "exponentials vanish"),
                    (softmax((asked + there) @ v),
                     "without the tanh the query has no effect: it adds one number to all scores"),
                    (softmax(np.tanh(there + 0 * asked) @ v),
                     "the query has no effect: it is left out, or added after the tanh"),
                    (softmax(there @ (s @ W_q).T, axis=0).T,
                     "that multiplies query and state; this score adds them"),
                    (softmax(scores / np.sqrt(d)), "there is no √d in the additive score"),
                    (np.ones((n, m)), "every weight is 1: the softmax has to run over all states"),
                    (1 / (1 + np.exp(-scores)),
                     "a sigmoid looks at each score alone: they must compete"),
                    (softmax(np.tanh((asked + there) @ v)), "the tanh is inside, before v"),
                    (softmax(np.tanh(scores)), "there is one tanh, before v"),
                    (scores / scores.sum(axis=1, keepdims=True),
                     "shares of the scores can be negative: exponentiate first"),
                    (powers / powers.sum(axis=1, keepdims=True),
                     "right, but where scores are large the exponentials overflow"),
                    (softmax(scores).T,
                     "transposed: a row for each writer, a column for each state"),
                ]  # fmt: skip
            if n == m:
                paired = softmax(np.tanh(s @ W_q + there) @ v)
                wrong.append((paired, "writer i was added to state i alone: add each to each"))
            case = equations(n=n, m=m, d_q=d_q, d_k=d_k, d=d)
            given = additive_weights(s, states, W_q, W_k, v)
            compare(array(given, finite=False), softmax(scores), wrong, case=case)
    return "right"


@exercise("bottleneck/bug", "attend_to")
def _bug(attend_to) -> str:
    weights, contexts = Comparison(), Comparison()
    for d_q, d_k, m, size, dtype in (
        (3, 5, 7, 1, float),  # all sizes differ
        (4, 4, 4, 1, float),  # all sizes alike
        (6, 2, 30, 1, float),  # more states than the buggy function has places
        (2, 3, 1, 1, float),  # one state, which gets it all
        (5, 3, 6, 1, np.float32),
        (3, 4, 8, 1000, float),  # scores that overflow
    ):
        rng = np.random.default_rng(m)
        s, states = (rng.standard_normal(shape).astype(dtype) for shape in (d_q, (m, d_k)))
        W = (size * rng.standard_normal((d_q, d_k))).astype(dtype)
        scores = states @ (s @ W)
        right = softmax(scores)
        a, c = parts(attend_to(s, states, W), "the context", "the weights")[::-1]
        if near(a, right @ states) and near(c, right):
            raise Hint("the other way round: first the context, then the weights")
        case = equations(d_q=d_q, d_k=d_k, m=m)
        with np.errstate(all="ignore"):
            powers = np.exp(scores)
            wrong = [
                *((softmax(states, axis=axis), "the softmax is of the scores, one number a state")
                  for axis in (0, 1)),
                (scores, "these are the scores; a softmax over all states makes weights of them"),
                (softmax(np.resize(s @ W, m)),
                 "the weights still do not go with the states: shuffle those, and see"),
                (softmax(states.sum(axis=1)), "the weights do not depend on the query s"),
                (np.ones(m), "every weight is 1: the softmax has to run over all states"),
                (1 / (1 + np.exp(-scores)),
                 "a sigmoid looks at each score alone: they must compete"),
                (softmax(np.tanh(scores)), "there is no tanh in the general score"),
                *((softmax(scores / np.sqrt(d)), "there is no √d in Luong's score")
                  for d in (d_q, d_k)),
                (1.0 * (np.arange(m) == scores.argmax()),
                 "all weight on the best state: that is a hard look-up"),
                (powers / powers.sum(),
                 "right, but where scores are large the exponentials overflow"),
            ]  # fmt: skip
            if d_q == d_k:
                wrong.append((softmax(states @ (W @ s)), "transposed: the query stands before W"))
                wrong.append((softmax(states @ s), "W is not in the scores"))
        weights(array(a, finite=False, name="the weights"), right, wrong, case=case)
        contexts(array(c, finite=False, name="the context"), right @ states, [
            (right[:, None] * states,
             "the weights are right, and each state has its weight; the context is one vector"),
            (states.mean(axis=0), "the weights are right, and the context does not use them"),
            (states.sum(axis=0), "the weights are right, and the context does not use them"),
            (states[right.argmax()],
             "the weights are right, and the context is the heaviest state alone"),
            (right @ states / m, "the weights sum to 1 already: divide by nothing"),
        ], case=case)  # fmt: skip
    with weights:
        pass
    with contexts:
        pass
    return "right: each score now comes from the query and the state that it is about"


@exercise("bottleneck/by-hand", "looking_backwards")
def _by_hand(looking_backwards) -> str:
    for m in (3, 2, 1, 7, 12):  # 1: nothing to choose; 12: for whoever tuned it to a few places
        W_q, W_k, v = parts(looking_backwards(m), "W_q", "W_k", "v")
        v = array(v, name="v")
        if v.ndim != 1:
            raise Hint("v should be one vector, of shape (d); got shape {got}", got=v.shape)
        W_q = array(W_q, {"m": m, "d": len(v)}, name="W_q")
        W_k = array(W_k, {"m": m, "d": len(v)}, name="W_k")
        A = softmax((np.tanh(W_q[:, None] + W_k).astype(float)) @ v.astype(float))  # (m, m)
        steps = np.arange(m)
        wanted, tops = m - 1 - steps, A.argmax(axis=1)
        shares = A[steps, wanted]
        case = equations(m=m)
        if (shares >= 0.99).all():
            continue
        if np.allclose(A, A[0]):
            raise Hint("{case}: all steps get the same weights: the query has no effect", case=case)
        if (tops == steps).all():
            raise Hint("{case}: step i looks at place i, and would copy", case=case)
        if (A.argmin(axis=1) == wanted).all():
            raise Hint(
                "{case}: the place that is wanted gets the least weight of all",
                more="{case}: the place that is wanted gets the least weight of all; flip the sign "
                "of v, and it gets the most",
                case=case,
            )
        step = int(shares.argmin())
        place, top = int(wanted[step]), int(tops[step])
        if top != place:
            raise Hint(
                "{case}: at step {step} the largest weight is on place {top}, and not on {place}",
                case=case, step=step, top=top, place=place,
            )  # fmt: skip
        raise Hint(
            "{case}: at step {step} place {place} gets {share:.3g} of the weight, and should get "
            "at least 0.99",
            case=case, step=step, place=place, share=float(shares[step]),
        )  # fmt: skip
    return "right: a match is where two pushes meet in one tanh"


@dataclass
class _Shown:
    """A widget whose model looks where the exercise needs it to, and writes a 0 for each 1."""

    stands_for = BottleneckWidget
    length: int
    weights: np.ndarray
    digits: tuple[int, ...] = DIGITS

    wanted = BottleneckWidget.wanted
    mistakes_without = BottleneckWidget.mistakes_without
    mistakes_attending = BottleneckWidget.mistakes_attending

    @property
    def written_attending(self) -> str:
        return self.wanted.replace("1", "0")

    @property
    def written_without(self) -> str:
        return self.wanted[:3] + "7" * (self.length - 3)


@exercise("bottleneck/widget", "share_at")
def _widget(share_at) -> str:
    rng = np.random.default_rng(0)
    with Comparison() as compare:
        for m, shift in (
            (9, 1),
            (12, 0),  # where nobody is left out but the end mark
            (6, -1),  # to the left
            (13, 2),
            (16, -3),
        ):
            w = _shown(m, shift, rng)
            needed = m - 1 - np.arange(m)  # the column of each row
            right = _share(w, needed + shift)
            rows = int(((needed + shift >= 0) & (needed + shift < m)).sum())
            case = equations(length=m, shift=shift)
            got = number(share_at(w, shift), finite=False)
            if (w.length, w.digits) != (m, DIGITS):
                raise Hint("`share_at` changes the widget: take `w` as it comes")
            compare(got, right, [
                (_share(w, needed - shift),
                 "that is to the left: the right of a place has a larger number"),
                *((_share(w, np.arange(m) + s),
                   "row i does not need digit i: reversal writes the last digit first")
                  for s in (shift, -shift)),
                (_share(w, needed),
                 "that is the share on the digit itself, without the `shift` places"),
                (right * rows, "that is how many, not which share"),
                (right * rows / m,
                 "you divide by all digits: one that has no place there should not count"),
                (right * rows / (m + 1),
                 "you divide by all rows: the end mark should not count, and neither should a "
                 "digit that has no place there"),
                (_share(w, np.append(needed, -1) + shift), "the row of the end mark is in it"),
                (_share(w, m - np.arange(m + 1) + shift),
                 "the row of the end mark is in it, so that every other row is one place off"),
                (_share(w, (needed + shift) % m),
                 "places do not wrap around: a digit that has none there is left out"),
                (_share(w, np.clip(needed + shift, 0, m - 1)),
                 "a place beyond an end is no place: a digit that has none there is left out"),
                (_share(w, m - np.arange(m) + shift),
                 "one place too far to the right: columns are counted from 0"),
                (100 * right, "that is in percent; a share lies between 0 and 1"),
            ], case=case)  # fmt: skip
    return "right"


def _share(w: _Shown, places: np.ndarray) -> float:
    """The share of the first rows whose largest weight is at these places, of those there are."""
    there = (places >= 0) & (places < w.length)
    hits = w.weights.argmax(axis=1)[: len(places)] == places
    return float(hits[there].mean())


def _shown(m: int, shift: int, rng: np.random.Generator) -> _Shown:
    """Weights that look where they should in most rows; the end mark's row must not count."""
    hits = rng.random(m) < 0.6
    hits[[0, -1]] = True  # for whoever leaves out rows at the wrong end
    looks = np.where(hits, m - 1 - np.arange(m) + shift, rng.integers(m, size=m))
    looks = np.append(looks, shift - 1)
    weights = softmax(3.0 * (np.arange(m) == looks[:, None]) + rng.random((m + 1, m)))
    return _Shown(m, weights)


choice(
    "bottleneck/sentences",
    "right_sentence",
    right="c",
    hints={
        "a": "our pair that attends to one vector failed at ten digits: attention weighs "
        "all states of the encoder, and so goes around the one vector",
        "b": "Bahdanau, Cho and Bengio had it in 2014; the paper of 2017 took away the recurrence",
        "d": "the softmax of a state is as long as the state; the weights are the softmax of the "
        "scores, one for each state",
    },
    praise="right",
)


written(
    "bottleneck/in-writing",
    "what_it_read",
    points=[
        "A weight says which state was read, not what was in it: a state holds what was read up to "
        "its place, and so the digits before as well.",
        "The state one place to the right holds the digit that is wanted, and the digit that was "
        "written last, by which it can be found; so the map is no error.",
        "The loss asks for right digits alone; which of several states they come from, training "
        "may settle in one way or another.",
        "To know what a state is used for one must intervene: change it, leave all else as it is, "
        "and see which digit goes wrong.",
    ],
)
