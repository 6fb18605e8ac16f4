"""Checks of the chapter `transformer/decoding`."""

from functools import partial
from typing import Any

import numpy as np
import torch

from attnlab.chapters.decoding import paths, speakers
from attnlab.chapters.decoding.knobs import keeps, values
from attnlab.chapters.decoding.paths import END, START
from attnlab.chapters.decoding.penalties import PENALTIES, smallest, talker
from attnlab.chapters.decoding.widget import BeamsWidget
from attnlab.decoding import next_probabilities
from attnlab.exercises.answers import array, near, number, parts, tensor, text
from attnlab.exercises.choice import choice
from attnlab.exercises.comparison import Comparison
from attnlab.exercises.hint import Hint
from attnlab.exercises.marking import exercise
from attnlab.exercises.notation import call, equations, listed
from attnlab.exercises.written import written
from attnlab.functional.softmax import softmax


@exercise("decoding/score", "log_probability")
def _score(log_probability) -> str:
    with Comparison(alike=partial(near, rtol=1e-6)) as compare:
        for V, tokens, dtype in (
            (6, [4, 2, 2, 5], float),
            (5, [3], float),
            (4, [], float),  # the empty sentence ends as well
            (9, [7, 2, 8, 8, 3], np.float32),
            (7, [2, 3, 4, 5, 6] * 400, float),  # whose probability is 0 for a computer
        ):
            log_p = paths.table(V, V).astype(dtype)
            terms = paths.terms(log_p, [START, *tokens, END])
            right, p = terms.sum(dtype=float), np.exp(terms.astype(float)).prod()
            with np.errstate(all="ignore"):
                wrong = [
                    (terms[:-1].sum(), "the sentence also ends, and that has a probability too"),
                    (terms[1:].sum(), "the first word has a probability too"),
                    (terms[1:-1].sum(), "neither the first word nor the end is counted"),
                    (p, "that is the probability itself"),
                    (np.log(p), "the product of so many probabilities is too small for a float"),
                    (terms.mean(), "that is the mean for each token; nothing was divided in the "
                     "equation"),
                    (np.prod(terms.astype(float)), "logarithms of factors are not multiplied"),
                    (-right, "the sign: a probability is at most 1"),
                    (right / np.log(2), "these are bits; the table's logarithms are natural"),
                    (log_p.T[[START, *tokens], [*tokens, END]].sum(),
                     "transposed: row i of the table holds what follows token i"),
                ]  # fmt: skip
            got = number(log_probability(log_p, list(tokens)), finite=False)
            case = {"tokens": tokens} if len(tokens) < 9 else {"len(tokens)": len(tokens)}
            compare(got, right, wrong, case=equations(**case))
    return "right: a sum, as long as the sentence and its end"


@exercise("decoding/nucleus", "nucleus")
def _nucleus(nucleus) -> str:
    with Comparison() as compare:
        # Numbers that binary fractions hold, or sums that are far from the share: rounding, and
        # so the order in which a sum is taken, decides nothing.
        for given, share, dtype in (
            ([0.1, 0.5, 0.3, 0.06, 0.04], 0.7, float),
            ([0.4, 0.3, 0.3], 0.6, float),  # a tie at the line: one of the two is enough
            ([0.25, 0.125, 0.125, 0.5], 0.75, float),  # the share is reached exactly
            ([0.25, 0.5, 0.0, 0.25], 1.0, float),  # all of it, without what has no probability
            ([0.1, 0.7, 0.2], 1.0, float),  # the sum is 0.9999999999999999, and never reaches 1
            ([0.2001, 0.5, 0.2999], 0.8, float),  # 0.7999 is not enough
            ([0.05, 0.9, 0.05], 0.5, float),  # the first one is enough
            ([0.3, 0.1, 0.25, 0.15, 0.2], 0.5, float),  # for a bound on each, such as share / V
            # An order that is not its own inverse.
            ([0.04, 0.2, 0.16, 0.05, 0.3, 0.25], 0.85, np.float32),
            ([1.0], 0.3, float),
        ):
            p = np.array(given, dtype=dtype)
            order = np.argsort(-p, kind="stable")
            back = np.argsort(order)
            total = np.cumsum(p[order])
            before = total - p[order]
            right = (before < share - 1e-6)[back]
            last, V = p[right].min(), len(p)
            rising = np.cumsum(p[order[::-1]])[::-1]  # the sums from the least probable on
            wrong = [
                ((total < share + 1e-6)[back],
                 "what is kept does not reach the share: the token that crosses it belongs to it"),
                ((before < share + 1e-6)[back],
                 "one token too many, where the probabilities reach the share exactly"),
                (p >= last,
                 "of tokens that are equally probable no more are kept than it takes to reach the "
                 "share"),
                (p > share,
                 "each token was compared with the share; it is their sum that has to reach it"),
                (p >= share * p.max(),
                 "each token was compared with the most probable one; it is their sum that has to "
                 "reach the share"),
                (np.cumsum(p) - p < share - 1e-6,
                 "the tokens were taken in the order of their numbers; the most probable come "
                 "first"),
                (before < share - 1e-6,
                 "that says which of the sorted tokens are kept; say it of `p` as it is"),
                ((before < share - 1e-6)[order],
                 "on the way back from the sorted tokens they were put in other places"),
                ((rising - p[order] < share - 1e-6)[back],
                 "the least probable tokens came first"),
                (~right, "these are the tokens that are cut"),
                (np.ones(V, dtype=bool), "nothing is cut"),
                (np.zeros(V, dtype=bool), "nothing is kept, and so nothing could be drawn"),
                (back == 0, "the most probable token alone is not always enough"),
                (right if total[-1] >= share else back == 0,
                 "rounded, the probabilities may sum to a bit less than 1, and no sum reaches a "
                 "share of 1: then all tokens are needed"),
                ((before < 1 - share - 1e-6)[back],
                 "that is the share that may be cut, and not the one to be kept"),
                (back < np.ceil(share * V), "that is a share of the tokens, not of what they are "
                 "worth"),
            ]  # fmt: skip
            got = array(nucleus(p, share), {"V": V}, of="booleans")
            if np.array_equal(np.sort(p[got]), np.sort(p[right])):
                got = right  # which of equally probable tokens are kept does not matter
            compare(got, right, wrong, case=call("nucleus", given, share))
    return "right: as few as will do, and always one"


KNOBS = ("temperature", "top-k", "top-p")


@exercise("decoding/knobs", "which_knob")
def _knobs(which_knob) -> str:
    with Comparison(alike=partial(near, rtol=1e-6)) as compare:
        for n, V, name, value in (
            (3, 6, "temperature", 0.435),  # no round number, and some tokens below 1e-6
            (4, 9, "top-k", 2),
            (4, 9, "top-p", 0.6),
            (2, 5, "temperature", 1.7),  # above 1, where it evens out
            (5, 7, "top-k", 4),
            (6, 12, "top-p", 0.85),  # for whoever looks at the first row, or at the mean
            (5, 7, "top-p", 0.975),  # nothing is cut from the first row, and no hundredth does it
        ):
            P = softmax(1.5 * np.random.default_rng([n, V]).standard_normal((n, V)))
            setting: dict[str, Any] = {name.replace("-", "_"): value}
            Q = next_probabilities(torch.from_numpy(np.log(P)), **setting).numpy()
            given = parts(which_knob(P, Q), "name", "value")
            said = text(given[0], name="name").strip().lower().replace("_", "-")
            if said not in KNOBS:
                raise Hint(
                    'name should be "temperature", "top-k" or "top-p", got {got!r}', got=said
                )
            # Who looks at two knobs alone is right about a temperature.
            top_k, top_p = KNOBS[1:] if (Q == 0).any() else (name, name)
            compare(said, name, [
                (top_k,
                 "top-k is not the only knob that cuts",
                 "top-k is not the only knob that cuts: how many tokens are left in each row?"),
                (top_p,
                 "top-p is not the only knob that cuts",
                 "top-p is not the only knob that cuts: how many tokens are left in each row?"),
            ], case=equations(n=n, V=V))  # fmt: skip
            if said == name:
                right, wrong = values(P, Q, name, value)
                got = number(given[1], name="value")
                if name == "top-p" and keeps(P, Q, got):
                    got = right  # any share that keeps these tokens
                compare(got, right, wrong, case=equations(name=name, n=n, V=V))
    return "right: what was done to the probabilities can be read off them"


@exercise("decoding/viterbi", "best_sentence")
def _viterbi(best_sentence) -> str:
    with Comparison() as compare:
        for log_p, length in (
            (paths.table(0, 6, ends=False), 1),
            (paths.table(1, 6, ends=False), 4),
            (paths.table(2, 9, ends=False), 7),
            (paths.table(25, 12, ends=False), 12),  # a beam of 16 misses these two
            (paths.table(30, 17, ends=False), 12),
            (paths.late(20), 8),  # and one of 100,000 this
            (paths.even(20), 320),  # whose probability is 0 for a computer
        ):
            V, right = len(log_p), paths.best_path(log_p, length)
            case = equations(V=V, length=length)
            given = array(best_sentence(log_p, length), of="whole numbers")
            if given.shape == (length + 1,) and given[0] == START:
                raise Hint("{case}: the start is not a word of the sentence", case=case)
            words = array(given, {"length": length}, of="whole numbers").tolist()
            if not all(0 <= word < V for word in words):
                raise Hint("{case}: words are numbers below V, got {got}", case=case, got=words)
            turned = log_p.T.copy()
            turned[START] = log_p[START]
            free = log_p.copy()
            free[START, log_p[START] > -np.inf] = 0
            wrong = [
                (paths.by_beam(log_p, 1, length),
                 "that is the greedy sentence: a worse first word may lead to a better whole"),
                *[(paths.by_beam(log_p, beams, length), BEAM)
                  for beams in (2, 3, 4, 8, 16) if length < 100],
                (right[::-1], "the right words, and backwards"),
                (paths.without_a_way_back(log_p, length),
                 "the last word of the best beginning of each length: but these beginnings need "
                 "not continue one another"),
                (paths.best_path(free, length),
                 "the first word follows the start, and not all are equally probable there"),
                (paths.best_path(turned, length),
                 "transposed: row i of the table holds what follows token i"),
            ]  # fmt: skip
            # Sentences are compared by what they are worth: equally good ones are equally right.
            worth = partial(paths.worth, log_p)
            told = [(worth(path), hint) for path, hint in wrong if worth(path) > -np.inf]
            compare(worth(words), worth(right), told, case=listed(["log p(y)", case]))
    return "right: one beginning for each last word, and the way back"


BEAM = "a beam drops beginnings that would have become the best"


@exercise("decoding/bug", "logits_by_step")
def _bug(logits_by_step) -> str:
    with Comparison(alike=partial(near, rtol=1e-6)) as compare:
        for B, m, n, V, layers in (
            (3, 4, 6, 9, 1),
            (2, 5, 7, 8, 2),  # where the second layer is forgotten, or has no cache
            (1, 1, 4, 6, 3),
            (4, 3, 1, 7, 1),  # one step, at position 0
        ):
            model = speakers.speaker(V, V, n_layers=layers, seed=V)
            src, tgt_in = torch.randint(V, (B, m)), torch.randint(V, (B, n))
            runs = speakers.runs_of(model)
            got = logits_by_step(model, src, tgt_in)
            for step, places in enumerate(runs, 1):
                if places > step:
                    raise Hint(
                        "n = {n}: in its run number {step} the model was given {places} tokens at "
                        "once; while one writes, the later ones are not there yet",
                        n=n, step=step, places=places,
                    )  # fmt: skip
            right = speakers.steps(model, src, tgt_in)
            wrong = [
                (speakers.steps(model, src, tgt_in, fresh=True, place=lambda t: 0),
                 "these are the logits of the faulty function"),
                (speakers.steps(model, src, tgt_in, place=lambda t: 0),
                 "each token sees those before it now; but at which place does it stand itself?"),
                (speakers.steps(model, src, tgt_in, fresh=True),
                 "each token stands at its place now; but what does it see of those before it?"),
                (speakers.steps(model, src, tgt_in, place=lambda t: t + 1),
                 "positions are counted from 0"),
                (speakers.steps(model, src, tgt_in, scaled=False),
                 "the embeddings are no longer multiplied by the root of d_model"),
                (speakers.steps(model, src, tgt_in, normed=False),
                 "the decoder's last norm is missing"),
                (speakers.steps(model, src, tgt_in, every_layer=False),
                 "a token goes through all the layers, not the first alone"),
                (right.softmax(-1), "these are probabilities; logits are asked for"),
                (right.log_softmax(-1), "these are log-probabilities; logits are asked for"),
                (right.flip(1), "the steps come in the order of the tokens"),
                (right.roll(1, 1), "what follows token t stands at place t"),
            ]  # fmt: skip
            got = tensor(got, {"B": B, "n": n, "V": V})
            compare(got, right, wrong, case=equations(B=B, m=m, n=n, V=V, n_layers=layers))
    return "right: every step gives what one run under the causal mask gives"


@exercise("decoding/beams", "best_beginnings")
def _beams(best_beginnings) -> str:
    with Comparison(alike=partial(near, rtol=1e-6)) as compare:
        for V, K, n, layers in (
            (9, 3, 5, 1),
            (7, 4, 6, 2),
            (8, 1, 4, 1),  # greedy: for whoever breaks what was right
            (6, 5, 2, 1),  # short
            (11, 6, 7, 1),
        ):
            model = speakers.speaker(V, V, n_layers=layers, seed=K)
            src = torch.tensor([[4, 3, 5, 4]])
            given = parts(best_beginnings(model, src, K, n), "tokens", "scores")
            tokens = array(given[0], {"K": K, "n": n}, of="whole numbers", name="`tokens`")
            scores = tensor(given[1], {"K": K}, name="`scores`")
            right = speakers.beams(model, src, K, n)
            wrong = [
                (speakers.beams(model, src, K, n, select=False),
                 "the scores and the tokens are those of the faulty function",
                 "after a step some beams are dropped and others doubled: whose keys and values "
                 "does the state hold then?"),
                (speakers.beams(model, src, K, n, rows_of_tokens=False),
                 "the new tokens are put behind beginnings that they don't belong to"),
                (speakers.beams(model, src, K, n, one_start=False),
                 "the K beginnings are one and the same at the start, and so are the results"),
                (speakers.beams(model, src, K, n, add=False),
                 "the score of a beginning is lost at the next step"),
                (speakers.beams(model, src, K, n, normalize=False),
                 "logits are no log-probabilities before they are normalized"),
                ((right[0], right[1] / n), "these scores are means; sums are asked for"),
                ((right[0].flip(0), right[1].flip(0)), "the best comes first"),
                ((right[0], right[1].exp()), "these are probabilities; their logarithms are "
                 "asked for"),
            ]  # fmt: skip
            case = equations(V=V, K=K, n=n, n_layers=layers)
            compare(tokens, right[0], [(value[0], *hint) for value, *hint in wrong],
                    case=listed(["tokens", case]))  # fmt: skip
            compare(scores, right[1], [(value[1], *hint) for value, *hint in wrong],
                    case=listed(["scores", case]))  # fmt: skip
    return "right: whoever goes on takes the keys and values along"


@exercise("decoding/penalty", "smallest_penalty", sets=("steps", "length_penalty"))
def _penalty(smallest_penalty) -> str:
    state: dict[str, Any]
    with Comparison() as compare:
        for seed, least, state in (
            (1, 8, {"topic": "tea", "beams": 3, "steps": 4}),  # 7 words and an end at first
            # The last α does it; for whoever wants more words, or has 3 beams.
            (1, 12, {"topic": "tea", "beams": 4, "steps": 12}),
            (13, 11, {"topic": "bread", "beams": 4, "steps": 12}),  # the last beam stays short
            (21, 9, {"topic": "books", "beams": 3, "steps": 3}),  # none does
            (1, 12, {"topic": "tea", "beams": 2, "steps": 1}),  # the first does
        ):
            right, wrong = smallest(seed, least, tuple(state.items()))
            w = BeamsWidget(talker(seed), **state, length_penalty=0.6)
            got, case = smallest_penalty(w, least), equations(words=least, **state)
            got = None if got is None else number(got)
            told = [(value, PENALTIES[what]) for what, value in wrong.items()]
            compare(got, right, told, case=case)
    return "right: the penalty pays for length"


choice(
    "decoding/wider",
    "why_worse",
    right="c",
    hints={
        "a": "at the first step it does keep these; but at the second, what do the continuations "
        "of two beginnings have to compete with?",
        "b": "all of these sentences have 12 words, and nothing ends: none is short",
        "d": "a float64 has 16 digits, and these sums differ in the second",
    },
    praise="right: a wider beam is mostly better, and never bound to be",
)


written(
    "decoding/in-writing",
    "two_programs",
    points=[
        "For the leaflet there is one right answer or a few: search, with a narrow beam, and do "
        "not draw.",
        "The most probable sentence is no goal: a wide or exact search finds short or empty ones, "
        "so the length must be corrected for, and tuned.",
        "For the story there are many good answers, and the most probable one is dull or goes "
        "round in circles: draw.",
        "Drawn as they are, probabilities have an unreliable tail: cut it, with top-p or a lower "
        "temperature, which buys correctness with sameness.",
        "Something to count for each that shows that it goes wrong: lengths or what is left out "
        "for the leaflet; repetitions, wrong sentences, or different ones for the story.",
    ],
)
