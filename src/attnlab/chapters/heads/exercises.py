"""Checks of the chapter `transformer/heads`."""

from functools import cache
from itertools import combinations

import numpy as np

from attnlab.chapters.heads.by_hand import Head, layers, own
from attnlab.chapters.heads.widget import HeadsWidget
from attnlab.exercises.answers import array, number, parts, whole
from attnlab.exercises.choice import choice
from attnlab.exercises.comparison import Comparison
from attnlab.exercises.marking import Hint, exercise
from attnlab.exercises.notation import equations
from attnlab.exercises.written import written
from attnlab.functional.softmax import softmax


@exercise("heads/count", "count")
def _count(count) -> str:
    asked = "the number of learned weights", "that of attention weights"
    given = []
    for d, h, n in (
        (12, 3, 5),
        (8, 1, 7),  # one head: whatever is counted by head
        (64, 16, 10),
        (6, 2, 1),  # one position
        (10, 10, 3),  # heads of width 1
    ):
        numbers = parts(count(d, h, n), *asked)
        numbers = [number(x, name=name) for x, name in zip(numbers, asked, strict=True)]
        given.append((d, h, n, *numbers))
    with Comparison() as compare:
        for d, h, n, learned, _ in given:
            wrong = [
                (h * n * n, "the learned weights come first, and then the attention weights"),
                (4 * d * d * h, "a head is d_model / h wide, not d_model: its matrices are narrow"),
                (3 * d * d * h + d * d, "the matrices of a head make d_model / h columns"),
                (3 * d * d, "one matrix is missing, which mixes what the heads return"),
                (4 * d * d / h, "that is what one head has; all h of them are asked for"),
                (3 * d * d / h + d * d, "that has the three matrices of one head; there are h"),
                (3 * d * d + d * d / h, "the last matrix takes what all the heads return"),
                (4 * d * d + 4 * d, "this layer has no biases"),
                (4 * d * d * n, "all positions share the learned weights"),
                (4 * n * n, "learned weights do not depend on n"),
            ]  # fmt: skip
            case = equations(d_model=d, h=h, n=n, weights="learned")
            compare(learned, 4 * d * d, wrong, case=case)
    with Comparison() as compare:
        for d, h, n, _, attending in given:
            wrong = [
                (n * n, "every head has attention weights of its own"),
                (h * n, "that is one for each query; each query has one for every key"),
                (2 * h * n * n, "scores become the weights: count them once"),
                (n * n * d, "these are the multiplications of Q with K; what do they make?"),
                (h * n * (n + 1) / 2, "no mask was spoken of: every query sees all n positions"),
                (h * n * (n - 1), "a position looks at itself, too"),
                (h * n * d / h, "that is how many numbers a matrix of queries has"),
            ]  # fmt: skip
            case = equations(d_model=d, h=h, n=n, weights="attention")
            compare(attending, h * n * n, wrong, case=case)
    return "right: h changes the second number only"


@exercise("heads/writes", "written_by")
def _writes(written_by) -> str:
    with Comparison() as compare:
        for h, n, d_k, dtype in (
            (3, 5, 2, float),
            (4, 4, 4, float),  # any two axes could be exchanged, shapes fit
            (1, 6, 3, float),  # one head writes all there is
            (2, 1, 5, float),  # one position
            (4, 3, 1, float),  # heads of width 1, a row of W_O each
            (2, 7, 8, np.float32),
        ):
            rng = np.random.default_rng(n)
            d_model = h * d_k
            heads = rng.standard_normal((h, n, d_k)).astype(dtype)
            W_o = rng.standard_normal((d_model, d_model)).astype(dtype)
            blocks = W_o.reshape(h, d_k, d_model)
            right = heads @ blocks  # (h, n, d_model)
            output = right.sum(axis=0)
            wrong = [
                (output, "that is what they write together; keep the heads apart"),
                (np.broadcast_to(output, right.shape), "that is what they write together, and each "
                 "of them writes a part of it"),
                (np.broadcast_to(output / h, right.shape), "the heads do not write the same, an "
                 "equal part of the output each"),
                (output - right, "that is what is left of the output when a head is off; what does "
                 "it write itself?"),
                (right.cumsum(axis=0), "that is what a head writes together with those before it"),
                (heads, "these are the heads themselves, in d_k columns; each writes into all "
                 "d_model of them"),
                (heads @ W_o.reshape(d_model, h, d_k).transpose(1, 2, 0),
                 "the rows of W_O belong to the heads; its columns are those of the output"),
                (heads @ W_o.reshape(d_k, h, d_model).swapaxes(0, 1),
                 "head i has the d_k rows from i d_k on, next to each other, not every h-th"),
                (heads @ blocks[0], "every head was multiplied by the rows of the first"),
                (heads @ blocks[::-1], "the rows of head 0 come first"),
                (heads @ np.roll(blocks, -1, axis=0), "heads are counted from 0"),
                (right.swapaxes(0, 1), "heads come first, and then positions"),
                (heads.swapaxes(0, 1).reshape(n, d_model) @ W_o / h,
                 "that is the mean of what they write"),
            ]  # fmt: skip
            got = array(written_by(heads, W_o))
            compare(got, right, wrong, case=equations(h=h, n=n, d_k=d_k, d_model=d_model))
    return "right: summed over the heads that are on, that is the layer's output"


@exercise("heads/gently", "with_means")
def _gently(with_means) -> str:
    with Comparison() as compare:
        for B, h, n, d_k, d_model, off, dtype in (
            (2, 3, 4, 5, 15, (1,), float),
            (3, 2, 5, 2, 7, (0, 1), float),  # all heads; an output of another width
            (1, 4, 3, 2, 8, (2, 0), float),  # one sequence: its mean is that of all
            (4, 3, 1, 4, 12, (2,), np.float32),  # one position: the mean is over sequences
            (2, 2, 6, 3, 6, (), float),  # none
            (3, 4, 4, 4, 16, (3, 1), float),  # h = n = d_k: any two axes could be exchanged
        ):
            rng = np.random.default_rng(B + n)
            # Means that are far from 0, each head's and each number's its own.
            heads = rng.standard_normal((B, h, n, d_k)) + 3 * rng.standard_normal((h, 1, d_k))
            heads = heads.astype(dtype)
            W_o = rng.standard_normal((h * d_k, d_model)).astype(dtype)
            gone = np.isin(np.arange(h), off)[:, None, None]  # (h, 1, 1)
            means = heads.mean(axis=(0, 2), keepdims=True)  # (1, h, 1, d_k)
            shifted = [np.isin(places, off)[:, None, None]
                       for places in (np.arange(h) + 1, (np.arange(h) + 1) % h)]  # fmt: skip

            def put(instead, gone=gone, heads=heads, W_o=W_o):
                kept = np.where(gone, instead, heads)
                return kept.swapaxes(1, 2).reshape(len(kept), kept.shape[2], -1) @ W_o

            right = put(means)
            wrong = [
                (put(0.0), "that puts them to 0: what comes behind has never seen such an input"),
                (put(heads.mean(axis=2, keepdims=True)),
                 "each sequence got a mean of its own, so something of it still comes through"),
                (put(heads.mean(axis=0, keepdims=True)),
                 "each position got a mean of its own, so a head still tells them apart"),
                *((put(one), "each of the d_k numbers of a head has a mean of its own")
                  for one in (means.mean(axis=-1, keepdims=True), heads.mean(-1, keepdims=True))),
                (put(heads.mean(axis=1, keepdims=True)), "that is the mean of the heads"),
                (put(means.mean(axis=1, keepdims=True)),
                 "each head has a mean of its own; that is one for all heads"),
                (put(heads), "no head has been taken out"),
                (put(means, gone=~gone), "those in `off` stay, and the others were taken out"),
                *((put(means, gone=each), "heads are counted from 0") for each in shifted),
                (np.where(gone, means, heads).reshape(B, n, -1) @ W_o,
                 "the shape is right, but heads and positions have been mixed up in joining"),
                (put(means, gone=np.ones_like(gone)), "all heads are gone; `off` names them"),
            ]  # fmt: skip
            if len(off) > 1:
                one = np.isin(np.arange(h), off[:1])[:, None, None]
                wrong.append((put(means, gone=one), "`off` may name several heads"))
            case = equations(B=B, h=h, n=n, d_k=d_k, off=off)
            got = array(with_means(heads, W_o, off), {"B": B, "n": n, "d_model": d_model})
            compare(got.astype(dtype), right, wrong, case=case)  # as exact as what came in
    return "right: a head that says what it says on average, and nothing about this sequence"


@exercise("heads/narrow", "narrow_head")
def _narrow(narrow_head) -> str:
    for m in range(1, 51):
        q, k = parts(narrow_head(m), "the queries", "the keys")
        q = array(q, {"m": m, "d_k": 2}, name="the queries").astype(float)
        k = array(k, {"m": m, "d_k": 2}, name="the keys").astype(float)
        with np.errstate(all="ignore"):
            scores = q @ k.T / np.sqrt(2)
        if not np.isfinite(scores).all():
            raise Hint("m = {m}: the scores overflow; smaller numbers will do", m=m)
        weights = softmax(scores)
        i = int(np.diagonal(weights).argmin())
        if weights[i, i] < 0.99:
            raise _not_picked(m, i, weights, scores, k)
    return "right: with a bend, two numbers tell any number of keys apart"


def _not_picked(m, i, weights, scores, k) -> Hint:
    """What is told when query i does not pick key i."""
    same = (k[:, None] == k).all(axis=-1) & ~np.eye(m, dtype=bool)
    if same.any():
        j, other = np.argwhere(same)[0]
        return Hint("m = {m}: keys {j} and {other} are the same", m=m, j=j, other=other)
    own, others = np.diagonal(scores), np.where(np.eye(m, dtype=bool), -np.inf, scores)
    if (own > others.max(axis=1)).all():
        return Hint(
            "m = {m}: every query prefers its key, and query {i} gives it a weight of {got:.3f} "
            "only",
            more="m = {m}: query {i} gives its key a weight of {got:.3f} only: larger scores make "
            "sharper weights",
            m=m, i=i, got=weights[i, i],
        )  # fmt: skip
    if (own < np.where(np.eye(m, dtype=bool), np.inf, scores).min(axis=1)).all():
        return Hint("m = {m}: each query gives its own key the least weight of all", m=m)
    for j in range(m):
        if not _can_be_picked(k, j):
            return Hint(
                "m = {m}: no query whatever can pick key {j} with a weight above one half",
                more="m = {m}: key {j} lies between others, or among them; whatever the query, "
                "one of those scores at least as high",
                m=m, j=j,
            )  # fmt: skip
    j = int(others[i].argmax())
    return Hint(
        "m = {m}: query {i} gives key {i} the weight {got:.3f}, and key {j} the weight {most:.3f}",
        m=m, i=i, j=j, got=weights[i, i], most=weights[i, j],
    )  # fmt: skip


def _can_be_picked(k: np.ndarray, j: int) -> bool:
    """Is there a direction in which key j is farther out than all others? Then they all lie in
    less than half of the directions that one can look in from key j."""
    ahead = np.delete(k - k[j], j, axis=0)
    angles = np.sort(np.arctan2(ahead[:, 1], ahead[:, 0]))
    gaps = np.diff(angles, append=angles[:1] + 2 * np.pi)
    return len(angles) == 0 or gaps.max() > np.pi + 1e-9


@exercise("heads/bug", "attend_in_heads")
def _bug(attend_in_heads) -> str:
    with Comparison() as compare:
        for B, n, h, d_k, dtype in (
            (2, 5, 3, 4, float),
            (1, 4, 4, 4, float),  # n = h: heads and positions can be exchanged, shapes fit
            (3, 6, 2, 1, float),  # heads of width 1
            (2, 3, 1, 5, float),  # one head: there is nothing to cut
            (2, 1, 2, 3, float),  # one position: every weight is 1
            (1, 7, 2, 8, np.float32),
        ):
            q, k, v = np.random.default_rng(n).standard_normal((3, B, n, h * d_k)).astype(dtype)
            right = _in_heads(q, k, v, h)
            wrong = [
                (_in_heads(q, k, v, h, cut=_by_view, glue=_by_view_back),
                 "the sequence is still cut into pieces, and not the last axis into heads"),
                (_in_heads(q, k, v, h, glue=_by_view_back),
                 "cutting is right; joining still mixes up heads and positions"),
                (_in_heads(q, k, v, h, cut=_by_view),
                 "joining is right; cutting still mixes up heads and positions"),
                (_in_heads(q, k, v, h, cut=_every_hth, glue=_every_hth_back),
                 "head i has the d_k columns from i d_k on, next to each other, not every h-th"),
                (_in_heads(q, k, v, h, d=h * d_k), "d_k is the width of a head, not d_model"),
                (_in_heads(q, k, v, h, d=h), "the scores are divided by the root of d_k, not of h"),
                (_in_heads(q, k, v, h, d=d_k**2), "the root is missing in the division"),
                (_in_heads(q, k, v, h, d=1), "the scores were not divided"),
                *((_in_heads(q, k, v, 1, d=d),
                   "that is one wide head: the weights must differ by head") for d in (None, d_k)),
                (_in_heads(q, k, v, h, cut=_uncut, glue=_uncut_back),
                 "the heads of a position attend to each other, and not the positions"),
                (_in_heads(q, k, v, h, axis=-2), "each query's weights sum to 1 over the keys"),
                (v, "nothing has been looked up: these are the values"),
            ]  # fmt: skip
            got = array(attend_in_heads(q, k, v, h))
            if got.shape == (B, h, n, d_k) and h > 1:
                raise Hint("the heads are still apart, (B, h, n, d_k): join them again")
            got = array(got, {"B": B, "n": n, "d_model": h * d_k})
            got = got.astype(dtype)  # as exact as what came in
            compare(got, right, wrong, case=equations(B=B, n=n, h=h, d_k=d_k))
    return "right: every head sees a sequence of n positions"


def _by_swap(x, h):
    return x.reshape(*x.shape[:2], h, -1).swapaxes(1, 2)  # (B, h, n, d_k)


def _by_view(x, h):
    return x.reshape(x.shape[0], h, x.shape[1], -1)


def _every_hth(x, h):
    return x.reshape(*x.shape[:2], -1, h).transpose(0, 3, 1, 2)


def _uncut(x, h):
    return x.reshape(*x.shape[:2], h, -1)  # (B, n, h, d_k)


def _by_swap_back(heads):
    return heads.swapaxes(1, 2).reshape(heads.shape[0], heads.shape[2], -1)


def _by_view_back(heads):
    return heads.reshape(heads.shape[0], heads.shape[2], -1)


def _every_hth_back(heads):
    return heads.transpose(0, 2, 3, 1).reshape(heads.shape[0], heads.shape[2], -1)


def _uncut_back(heads):
    return heads.reshape(*heads.shape[:2], -1)


def _in_heads(q, k, v, h, *, cut=_by_swap, glue=_by_swap_back, d=None, axis=-1):
    q, k, v = (cut(x, h) for x in (q, k, v))
    scores = q @ k.swapaxes(-1, -2) / np.sqrt(d or q.shape[-1])  # (B, h, n, m)
    return glue(softmax(scores, axis=axis) @ v)


@cache
def _scores(does: tuple[Head, ...], task: str) -> dict[tuple[int, ...], float]:
    """The share of right answers with each set of heads on."""
    w = HeadsWidget(*layers(does), task=task, n_heads=len(does))
    found, heads = {}, set(range(len(does)))
    for size in range(len(does) + 1):
        for on in combinations(sorted(heads), size):
            w.off = tuple(heads - set(on))
            found[on] = w.right
    return found


_EVERY = own(0, 1, 2, 3)
_DOUBLE = own(2, 2, 0, -1)  # two heads can go, but not both that do the same
_LOUD = (*own(0, 1, 2), Head(3, 0, 2.0))  # the last one spoils the answers of the first
_PAIRS = tuple(Head(i // 2, i // 2, 0.3) for i in range(8))  # neither of two is heard alone
_SPARE = (*own(0), *_PAIRS[:2], *own(-1))  # without the first head, two have to do what it did
_RANDOM = own(*[-1] * 8)


@exercise("heads/widget", "fewest_heads", sets=("off",))
def _widget(fewest_heads) -> str:
    with Comparison() as compare:
        for does, task, off, of_best in (
            (_EVERY, "tables", (), 0.95),
            (_DOUBLE, "tables", (), 1.0),  # exactly reached: `>` is not `≥`
            (_LOUD, "tables", (), 1.0),  # reached with some heads off, and not with all on
            (own(0, 1, -1, -1), "tables", (0,), 0.95),  # a head that is off has to be switched on
            (own(0, 1), "tables", (), 1.1),  # no set reaches it
            (own(0, 1), "tables", (1,), 0.0),  # no head is needed
            (own(2), "tables", (), 1.0),  # one head, and it is needed
            (_PAIRS, "tables", (), 0.75),  # 6 of 8: for whoever stops at 4
            (_SPARE, "tables", (), 1.0),  # one is enough, unless it is the first to go
            (_RANDOM, "ends", (1, 4), 1.0),  # another task; what helps is not what one expects
        ):
            n_heads, scores = len(does), _scores(does, task)
            share = (
                max(scores.values()) if of_best == 1 else round(max(scores.values()) * of_best, 2)
            )
            sizes = [len(on) for on, right in scores.items() if right >= share]
            right = min(sizes, default=None)
            above = [len(on) for on, right in scores.items() if right > share]
            everyone = tuple(range(n_heads))
            alone = [scores[tuple(j for j in everyone if j != i)] for i in everyone]
            from_here = [
                len(on) for on, right in scores.items() if right >= share and not set(on) & set(off)
            ]
            by_law = next((h for h in range(5) if h / 4 + (1 - h / 4) / 8 >= share - 1e-9), None)
            best = max(scores, key=lambda on: (scores[on], -len(on)))
            wrong = [
                (None, "{case}: there is no answer where there should be one"),
                *((x, "{case}: at least {share!r} is asked for, and just as much is enough")
                  for x in {min(above, default=None), min(above, default=n_heads)}),
                (sum(x < share for x in alone),
                 "{case}: two heads may do the same: each can go, but not both"),
                (n_heads, "{case}: not all of the heads are needed"),
                *((x, "{case}: that is how many can go; how many must stay?")
                  for x in {None if right is None else n_heads - right, n_heads - (right or 0)}),
                (right if scores[everyone] >= share else None,
                 "{case}: fewer heads may reach a share that all of them together do not"),
                *((x, "{case}: a head that is off when you begin may be switched on again")
                  for x in {min(from_here, default=None), min(from_here, default=n_heads)}),
                (by_law, "{case}: that is what the theory says; the heads of this widget are "
                 "others"),
                (_in_order(scores, share), "{case}: it need not be the first heads that stay"),
                (_one_after_the_other(scores, share),
                 "{case}: the heads that are missed least, one after the other, need not be the "
                 "most that can go"),
                *((x, "{case}: it may be that no head is needed")
                  for x in {right or 1, right if right != 0 else 1}),
                *((x, "{case}: if no set of heads reaches the share, return None")
                  for x in ((-1, 0, n_heads, n_heads + 1) if right is None else (right,))),
                (len(best), "{case}: that set is the best; a smaller one reaches the share"),
            ]  # fmt: skip
            case = equations(n_heads=n_heads, task=task, off=off, share=share)
            w = HeadsWidget(*layers(does), task=task, n_heads=n_heads, off=off)
            got = fewest_heads(w, share)
            got = None if got is None else whole(got)
            compare(got, right, wrong, case=case, share=share)
    return "right: and which they are, one can only try"


def _in_order(scores, share) -> int | None:
    """How many of the first heads reach the share."""
    n_heads = max(map(len, scores))
    return next((h for h in range(n_heads + 1) if scores[tuple(range(h))] >= share), None)


def _one_after_the_other(scores, share) -> int | None:
    """How many heads are left when each time the one goes that is missed least."""
    on = max(scores, key=len)
    if scores[on] < share:
        return None
    while on:
        rest = [tuple(j for j in on if j != i) for i in on]
        best = max(rest, key=lambda on: scores[on])
        if scores[best] < share:
            break
        on = best
    return len(on)


choice(
    "heads/explain",
    "what_to_write",
    right="c",
    hints={
        "a": "a map of one sentence cannot tell a subject from a first word: our head looked at "
        "“football” when that came first",
        "b": "weights of 0.9 say what was read; whether it was used, and for what, they do not say",
        "d": "two models with the same task may divide it differently between their heads, and "
        "still be right; it is this model that is asked about",
    },
    praise="right: an intervention for what it is for, changed inputs for what it follows",
)


written(
    "heads/in-writing",
    "about_heads",
    points=[
        "True: with d_model given, the number of heads changes neither the weights of the layer "
        "nor its multiplications.",
        "Not free: there are h n² attention weights to be computed, and in a plain program to be "
        "kept.",
        "The price is width: a head of width 1 can pick out the largest or the smallest key and "
        "none between; 32 of them did worse in the chapter than 8 of width 4.",
        "Heads help by being different, one for each question that is asked at once: four look-ups "
        "took four heads, and of eight heads four could go.",
        "So the number is a choice to be tried: train with fewer, or switch heads off and see what "
        "is lost.",
    ],
)
