"""Checks of the chapter `transformer/transformer`."""

from typing import Any

import numpy as np

from attnlab.chapters.transformer.machines import heard, machine_of
from attnlab.chapters.transformer.spared import BEFORE, set_to, spared, untrained
from attnlab.exercises.answers import array, parts, whole
from attnlab.exercises.choice import choice
from attnlab.exercises.comparison import Comparison
from attnlab.exercises.hint import Hint
from attnlab.exercises.marking import exercise
from attnlab.exercises.notation import call, equations, listed
from attnlab.exercises.written import written
from attnlab.functional.softmax import softmax


@exercise("transformer/cross", "cross_attention")
def _cross(cross_attention) -> str:
    with Comparison() as compare:
        for n, m, d, d_k, d_v, ones, dtype, times in (
            (3, 5, 7, 2, 4, [1, 1, 1, 0, 0], float, 1),
            (4, 4, 6, 3, 6, [0, 1, 1, 1], float, 1),  # n = m, d = d_v: every mix-up has its shape
            (2, 6, 5, 5, 3, [1, 0, 1, 1, 0, 1], np.float32, 1),  # padding in the midst
            (5, 3, 8, 4, 1, [1, 1, 1], float, 1),  # none: for whoever masks the last, come what may
            (1, 4, 3, 6, 2, [0, 0, 1, 0], float, 1),  # one is left, and gets all
            # And here, where its scores are far below those of padding, and below -100.
            (6, 3, 5, 4, 2, [0, 1, 0], float, 100),
        ):
            rng = np.random.default_rng(n)
            Y, Z = (times * rng.standard_normal((n, d))).astype(dtype), rng.standard_normal((m, d))
            W_q, W_k, W_v = (rng.standard_normal((d, k)).astype(dtype) for k in (d_k, d_k, d_v))
            Z, real = Z.astype(dtype), np.array(ones, dtype=bool)
            raw = (Y @ W_q) @ (Z @ W_k).T  # (n, m)
            scores = (raw / np.sqrt(d_k)).astype(dtype)  # and so are the weights, as is right
            right = softmax(np.where(real, scores, -np.inf))
            own = ((Y @ W_q) @ (Y @ W_k).T / np.sqrt(d_k)).astype(dtype)
            turned = ((Z @ W_q) @ (Y @ W_k).T / np.sqrt(d_k)).astype(dtype)
            exchanged = ((Y @ W_k) @ (Z @ W_q).T / np.sqrt(d_k)).astype(dtype)
            over_queries = softmax(scores.T).T
            wrong = [
                (softmax(own), OWN_KEYS),
                (softmax(turned), TURNED),
                (softmax(turned.T), TURNED),
                (softmax(scores), "padding gets weight: `real` says where attention may go"),
                (softmax(np.where(real, raw, -np.inf)), "the scores are not scaled"),
                (softmax(np.where(real, raw / d_k, -np.inf)),
                 "the scores are divided by the width of the keys itself, not by its root"),
                (softmax(np.where(real, exchanged, -np.inf)),
                 "W_q makes queries, of the decoder's vectors; W_k makes keys, of the memory's"),
                (softmax(np.where(real, raw / np.sqrt(d), -np.inf)),
                 "the scores are scaled, but by the width of what comes in, not by that of the "
                 "keys"),
                (softmax(scores) * real, "masked after the softmax, rows no longer sum to 1"),
                (softmax(np.where(real, scores, 0)),
                 "a score of 0 is one like others, and no mask"),
                (softmax(np.where(real, scores, -100)),
                 "real scores may be below the number by which padding is hidden"),
                (over_queries, OVER_QUERIES),
                *((np.where(real, over_queries, one), OVER_QUERIES) for one in (0, 1 / n, np.nan)),
            ]  # fmt: skip
            if n == m:
                wrong += [
                    (softmax(np.where(real, own, -np.inf)), OWN_KEYS),
                    (softmax(np.where(real, turned, -np.inf)), TURNED),
                ]
            if not real.all():
                wrong.append((softmax(np.where(real, -np.inf, scores)), TURNED_MASK))
            else:  # nobody is left; what comes of that depends on how they are masked
                wrong += [(np.full((n, m), one), TURNED_MASK) for one in (np.nan, 1 / m, 0)]
            if m > 1:
                but_last = np.where(np.arange(m) < m - 1, scores, -np.inf)
                wrong.append((softmax(but_last), "padding is where `real` says, not always last"))
            context, weights = parts(
                cross_attention(Y, Z, W_q, W_k, W_v, real), "the context", "the weights"
            )
            case = equations(n=n, m=m, d=d, d_k=d_k, d_v=d_v)
            size = None if n == m else {"n": n, "m": m}
            weights = array(weights, name="the weights", finite=False)
            if weights.shape not in ((n, n), (m, n)):  # those have a hint
                weights = array(weights, size, name="the weights", finite=False)
            compare(weights, right, wrong, case=case)
            wrong = [
                (right @ Z, "the values are made from Z by a matrix of their own"),
                (right @ (Z @ W_k), "these are means of the keys; the values are asked for"),
                ((Z @ W_v)[weights.argmax(axis=-1) % m],
                 "that is the value of the heaviest key alone"),
                (np.broadcast_to((Z @ W_v)[real].mean(axis=0), (n, d_v)),
                 "all values count alike here, whatever the weights"),
            ]  # fmt: skip
            context = array(context, name="the context", finite=False)
            compare(context, right @ (Z @ W_v), wrong, case=case)
    return "right: the decoder asks, and the memory answers"


OWN_KEYS = "the keys are Y's own: here the source is never heard"
TURNED = "turned round: the memory asks here, and the decoder is asked"
TURNED_MASK = "padding gets all the weight: `real` is True elsewhere"
OVER_QUERIES = "the weights of one query should sum to 1, not those of one key"


@exercise("transformer/count", "parameters")
def _count(parameters) -> str:
    with Comparison() as compare:
        for d, h, L, d_ff in (
            (30, 3, 3, 40),
            (64, 4, 1, 256),  # one layer: for whoever mistakes what stands once for what is in each
            (12, 6, 4, 7),  # d_ff < d
            (5, 1, 2, 5),  # one head, d_ff = d
        ):
            linear, norm = d * d + d, 2 * d
            attention, feed_forward = 4 * linear, 2 * d * d_ff + d_ff + d
            encoder, decoder = attention + feed_forward, 2 * attention + feed_forward
            layers, last = L * (encoder + decoder + 5 * norm), 2 * norm
            right = layers + last
            weights = L * (12 * d * d + 4 * d * d_ff)
            wrong = [
                (weights, "these are the matrices alone: biases count, and so do norms"),
                (weights + 5 * L * norm + last, "the linear maps have biases, too"),
                (right - 3 * L * 4 * d, "the matrices of an attention have biases, too"),
                (L * (encoder + decoder), "the norms have parameters, too"),
                (layers, "a norm is missing: not all of them stand in a layer"),
                (right - norm, "one of the two stacks lacks its last norm"),
                (layers + L * last, "a stack has its last norm once, not in each layer"),
                (right + 3 * L * 4 * (h - 1) * linear,
                 "that grows with h: do heads have more numbers, or fewer each?"),
                (right - L * attention, "one attention is missing in each layer of the decoder"),
                (right - 2 * L * d,
                 "2 d numbers are missing in each layer, as of a norm, or of the biases of "
                 "d numbers at the end of two feed-forward networks"),
                (right - (5 * L + 2) * d, "a norm has two vectors, not one"),
                (right - 3 * L * linear, "an attention has one more matrix, behind its heads"),
                (right - 2 * L * d_ff, "a feed-forward network has two biases"),
                (right / L, "count all layers, not one"),
                (layers / L + last, "count all layers, not one"),
                (L * (2 * encoder + 4 * norm) + last,
                 "the decoder's layers have more in them than the encoder's"),
            ]  # fmt: skip
            got = whole(parameters(d, h, L, d_ff))
            compare(got, right, wrong, case=equations(d=d, h=h, L=L, d_ff=d_ff))
    return "right: and heads cost nothing"


@exercise("transformer/smoothing", "smoothed_targets")
def _smoothing(smoothed_targets) -> str:
    with Comparison() as compare:
        for y, V, pad, eps in (
            ([2, 0, 3], 4, 0, 0.2),
            ([1, 5, 1, 3, 4], 6, 3, 0.1),  # padding in the midst of the tokens, and of the row
            ([2], 4, 1, 0.5),  # no padding in the row
            ([4, 4, 1], 7, 4, 0.9),  # ε > 1/2: for whoever exchanges ε and 1 - ε
            ([0, 2, 2, 1], 5, 4, 0.0),
            ([1, 1], 3, 1, 0.3),  # nothing but padding
        ):
            tokens = np.array(y)
            hard, real = np.eye(V)[tokens], tokens != pad
            every = np.arange(V) != pad  # the tokens that may be right
            both = every & real[:, None]
            shared = (1 - eps) * hard + eps / (V - 1)
            right = shared * both
            over_all = (1 - eps) * hard + eps / V
            total = (over_all * both).sum(axis=1, keepdims=True)
            others = eps / (V - 2) * (1 - hard)
            wrong = [
                (over_all, "padding gets some, in its column and in its rows"),
                (shared, "padding gets some, in its column and in its rows"),
                (right + eps / (V - 1) * ~every * real[:, None],
                 "padding may never be right, and still gets some of ε"),
                (over_all * real[:, None], "padding may never be right, and still gets some of ε"),
                (shared * every,
                 "a position whose right token is padding does not count, and still has a row"),
                (hard * both, "nothing is smoothed"),
                (over_all * both,
                 "the rows of real tokens don't sum to 1",
                 "the rows of real tokens don't sum to 1: among how many tokens is ε shared out?"),
                (((1 - eps) * hard + eps / (V - 2)) * both,
                 "the rows of real tokens don't sum to 1",
                 "the rows of real tokens don't sum to 1: among how many tokens is ε shared out?"),
                (shared * (np.arange(V) != 0) * (tokens != 0)[:, None],
                 "`pad` may be any of the tokens, not the first alone"),
                (np.divide(over_all * both, total, out=np.zeros_like(right), where=total > 0),
                 "divided by its sum, the right token gets more than the equation gives it"),
                (((1 - eps) * hard + others) * both,
                 "in the equation the right token gets a share of ε as well"),
                (((1 - eps) * hard + eps / (V - 1) * (1 - hard)) * both,
                 "the right token lacks its share of ε, and rows don't sum to 1"),
                ((eps * hard + (1 - eps) / (V - 1)) * both, "ε and 1 - ε are exchanged"),
            ]  # fmt: skip
            got = array(smoothed_targets(tokens, V, pad, eps), {"n": len(y), "V": V})
            compare(got, right, wrong, case=call("smoothed_targets", y, V, pad, eps))
    return "right: nothing teaches that padding may come next"


@exercise("transformer/hears", "who_hears")
def _hears(who_hears) -> str:
    options: dict[str, Any]
    with Comparison() as compare:
        for m, n, d, options in (
            (4, 3, 5, {}),  # a whole machine, to which a vector of zeros is one like others
            (5, 4, 3, {"padding": [1, 4]}),  # two columns that nobody hears
            (3, 5, 4, {"deaf": True}),
            # A later place leaks into an earlier one: by less than a billionth, and through its
            # second number alone, or its last.
            (2, 6, 4, {"leak": (1, 4), "strength": 1e-10}),
            (4, 5, 3, {"leak": (2, 3), "strength": [0, 0, 1]}),
            (3, 4, 5, {"leak": (0, 3), "strength": [0, 1, 0, 0, 0]}),
            # Two layers, each of which sees one place back, so that the stack sees two; and the
            # first place leaks into the last.
            (3, 5, 3, {"window": 2, "layers": 2, "leak": (4, 0)}),
            # It writes while it reads: for whoever changes the source as a whole.
            (6, 4, 3, {"along": True}),
            (1, 1, 3, {}),
        ):
            rng = np.random.default_rng([m, n, d])  # not the numbers that a learner draws
            X, Y = rng.standard_normal((m, d)), rng.standard_normal((n, d))
            if not options:
                X[-1] = Y[0] = 0
            machine, *right = machine_of(m, n, d, **options)
            got = parts(who_hears(machine, X, Y), "of_source", "of_target")
            roughly = heard(machine, X, Y, alike=np.isclose)
            # For whoever changes one number alone, the first or the last.
            one_number = [heard(machine, X, Y, numbers=k) for k in (slice(1), slice(-1, None))]
            kept = heard(machine, X, Y, put_back=False)
            multiplied = heard(machine, X, Y, changed_by=np.multiply)
            _, *tight = machine_of(m, n, d, **{**options, "leak": None})
            whole_machine = np.ones((n, m), dtype=bool), np.tri(n, dtype=bool)
            for i, name in enumerate(("`of_source`", "`of_target`")):
                of = right[i]
                wrong = [
                    (roughly[i], "an output that moves by a billionth depends on what moved it"),
                    *((found[i], STAYED) for found in one_number),
                    (multiplied[i],
                     "a vector may be all zeros: set to 0, or multiplied, it is what it was"),
                    (tight[i], "an output has moved if one of its numbers has"),
                    (kept[i], "vectors that were changed before are still changed"),
                    (~of, "the other way round: True where an output moves"),
                    (np.broadcast_to(of.any(axis=1, keepdims=True), of.shape),
                     "here an output hears every vector or none: were they changed together, or "
                     "by NaN or infinity, which spread?"),
                    (np.broadcast_to(of.any(axis=0), of.shape),
                     "outputs were looked at together: which of them moved?"),
                    (whole_machine[i],
                     "that is what a whole machine hears; is the one that is there whole?"),
                    (of.T, "transposed: a row for each output"),
                ]  # fmt: skip
                if i == 1:
                    wrong.append((np.tril(of), "a machine may look ahead, too"))
                answer = array(got[i], of="booleans", name=name)
                if answer.shape != of.T.shape:  # which has a hint
                    answer = array(answer, of.shape, of="booleans", name=name)
                compare(answer, of, wrong, case=listed([name, equations(m=m, n=n, d=d)]))
    return "right: no weight was looked at, and nothing was trained"


STAYED = (
    "some numbers of the vectors stayed as they were: an output may depend on one of those alone"
)


@exercise("transformer/widget", "spared_heads", sets=("source", "heads_off"))
def _widget(spared_heads) -> str:
    left = []
    with Comparison() as compare:
        for h, task, source, off in (
            (5, "translation", "I love programming", ()),
            (
                3,
                "translation",
                "my mother plays the piano every day",
                ("cross 1",),
            ),  # off as it comes
            (5, "dates", "3/8/2026", ("cross 1", "decoder 4")),
            (3, "translation", "I love Mondays", ("cross 2",)),  # refused
            (5, "dates", "8/5/2027", ()),  # one output is another one in another order
        ):
            w = untrained(h)
            right, wrong = spared(h, task, source, off)
            set_to(w, task, BEFORE[task], off)
            case = call("spared_heads", w, source)
            got = spared_heads(w, source)
            if got is None and w.message:
                raise Hint(
                    "{case} is None: the list of a source that is refused is empty", case=case
                )
            got = sorted(got) if isinstance(got, set) else got
            answer = {*array(got, of="whole numbers", name=case).ravel().tolist()}
            told = [(found, NOT_SPARED[what]) for what, found in wrong.items()]
            compare(answer, right, told, case=case)
            if w.heads_off:
                left.append(Hint(LEFT_OFF, case=case, off=listed(w.heads_off)))
    if left:
        raise left[0]
    return "right: none of these is needed, as long as the others are there"


LEFT_OFF = "{case} leaves heads off: {off}"
NOT_SPARED = {
    "refused": "{case}: nothing is written for a source that is refused, so no head is spared",
    "needed": "{case}: these are the heads that change the output; the others are asked for",
    "from 0": "{case}: heads are numbered from 1",
    "four": "{case}: not all models have four heads",
    "one by one": "{case}: heads that were found before are still off",
    "other task": "{case}: that is so for another task than the one that is set",
    "whole": "{case}: some heads were off before: with them on, the output may be another",
    "together": "{case}: heads that were tried before are still off",
    "left off": "{case}: some heads were off before, and are off still",
    "encoder": "{case}: these are heads of the encoder; those of the cross-attention are asked for",
    "decoder": "{case}: these are heads of the decoder's own attention; those of the "
    "cross-attention are asked for",
    "length": "{case}: an output of the same length need not be the same",
    "first": "{case}: an output that begins in the same way need not be the same",
    "other source": "{case}: that is so for what the widget read before",
}


choice(
    "transformer/too-good",
    "what_is_wrong",
    right="b",
    hints={
        "a": "exact() asks for the most probable token at every step; where all of these are "
        "right, greedy decoding reads the very same tokens in training and by itself",
        "c": "a machine that does not hear the source cannot know which sentence is meant: its "
        "loss would stay far above 0",
        "d": "a machine that knows its training data by heart fails on sentences held out; this "
        "one has 100% of those",
    },
    praise="right: two numbers that must agree don't, so one of them was helped",
)


written(
    "transformer/in-writing",
    "to_a_colleague",
    points=[
        "The loss of a model that never hears the source can be computed beforehand: the entropy "
        "of the targets, or the loss of a language model of the target language; compare with it.",
        "Give other sources with the same targets: if no logit moves, the decoder does not listen. "
        "That needs no training.",
        "If so, look at what the cross-attention is given: keys and values must come from the "
        "memory, and its mask must be right (PyTorch's True means *must not*).",
        "A larger machine lacks the same information, so it won't help; or: it stays at the same "
        "place, only at a higher price.",
    ],
)
