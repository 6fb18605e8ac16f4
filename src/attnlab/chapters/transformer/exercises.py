"""Checks of the chapter `transformer/transformer`."""

from dataclasses import dataclass, field
from operator import eq

import numpy as np

from attnlab.exercises.answers import parts, recognize
from attnlab.exercises.choice import choice
from attnlab.exercises.marking import Hint, exercise
from attnlab.functional.softmax import softmax


@exercise("transformer/count", "parameters")
def _count(parameters) -> str:
    for d, h, n_layers, d_ff in ((30, 3, 3, 40), (64, 4, 1, 256), (12, 6, 4, 7)):
        attention, norm = 4 * (d * d + d), 2 * d
        feed_forward = 2 * d * d_ff + d_ff + d
        encoder, decoder = attention + feed_forward, 2 * attention + feed_forward
        both, last = n_layers * (encoder + decoder), 2 * norm
        right = both + 5 * n_layers * norm + last
        wider = 3 * n_layers * 4 * (h - 1) * (d * d + d)
        weights = n_layers * (12 * d * d + 4 * d * d_ff)
        got = parameters(d, h, n_layers, d_ff)
        if got == right:
            continue
        recognize(got, [
            (weights, "these are the matrices alone: count biases and norms as well"),
            (weights + 5 * n_layers * norm + last, "the linear maps have biases, too"),
            (both, "each norm has a gain and a shift for each of the d numbers"),
            (right - last, "each stack has one more norm at its end"),
            (right - norm, "each of the two stacks has a norm at its end"),
            (right + wider, "h heads share the d numbers: their number changes nothing"),
            (right - n_layers * attention, "a decoder layer has two attentions"),
            (right - n_layers * norm, "a decoder layer has three norms, one for each sublayer"),
            (right - 5 * n_layers * norm / 2 - last / 2, "a norm has a gain and a shift"),
            (right - 3 * n_layers * (d * d + d), "an attention also has W_O: four matrices"),
            (right / n_layers, "count all layers, not one"),
        ], alike=eq)  # fmt: skip
        raise Hint(
            "for d = {d}, h = {h}, L = {n_layers}, d_ff = {d_ff} expected {right}, got {got}",
            d=d, h=h, n_layers=n_layers, d_ff=d_ff, right=right, got=got,
        )  # fmt: skip
    return "right: and heads cost nothing"


@exercise("transformer/cross", "cross_attention")
def _cross(cross_attention) -> str:
    rng = np.random.default_rng(0)
    for n, m, d, d_k, d_v in ((3, 5, 7, 2, 4), (4, 4, 6, 4, 4), (1, 6, 8, 3, 2)):
        Y, M = rng.normal(size=(n, d)), rng.normal(size=(m, d))
        W_q, W_k, W_v = (rng.normal(size=(d, width)) for width in (d_k, d_k, d_v))
        real = np.arange(m) < m - 1
        given = parts(cross_attention(Y, M, W_q, W_k, W_v, real), "the context", "the weights")
        context, weights = map(np.asarray, given)
        raw = (Y @ W_q) @ (M @ W_k).T  # (n, m)
        scores = raw / np.sqrt(d_k)
        right = softmax(np.where(real, scores, -np.inf))
        own = (Y @ W_q) @ (Y @ W_k).T / np.sqrt(d_k)
        recognize(weights, [
            (softmax(own), "keys come from the memory M: here the source is never heard"),
            (((M @ W_q) @ (Y @ W_k).T), "the other way about: Y asks, M is asked"),
            (softmax((M @ W_q) @ (Y @ W_k).T / np.sqrt(d_k)), "the other way about: Y asks"),
            (softmax(scores), "padding must get no weight: mask it before the softmax"),
            (right_of(raw, real), "the scores are divided by √d_k"),
            (right_of(raw / np.sqrt(d), real), "divide by √d_k, the width of the keys, not by √d"),
            (softmax(np.where(real, -np.inf, scores)), "`real` is True where attention may go"),
            (softmax(scores) * real, "masked after the softmax, the rest no longer sums to 1"),
            (softmax(np.where(real, scores, 0)), "a score of 0 is not a mask: use -inf"),
        ])  # fmt: skip
        if weights.shape != (n, m):
            raise Hint(
                "weights should be (n, m) = {right}, got {got}", right=(n, m), got=weights.shape
            )
        if not np.allclose(weights, right, atol=1e-6):
            raise Hint(
                "not the weights yet; their rows sum to {sums}", sums=weights.sum(axis=1).round(3)
            )
        if context.shape == (n, d) and np.allclose(context, right @ M):
            raise Hint("the values are M W_v, not M itself")
        if context.shape != (n, d_v) or not np.allclose(context, right @ (M @ W_v), atol=1e-6):
            raise Hint("the weights are right; the context is their product with M W_v, (n, d_v)")
    return "right"


def right_of(scores: np.ndarray, real: np.ndarray) -> np.ndarray:
    return softmax(np.where(real, scores, -np.inf))


@exercise("transformer/bug", "decoder_layer")
def _bug(decoder_layer) -> str:
    rng = np.random.default_rng(0)
    Y, M = rng.normal(size=(3, 4)), rng.normal(size=(5, 4))
    W, U = rng.normal(size=(2, 4, 4))
    heard = []

    def attend(name, matrix):
        def answer(asker, asked):
            heard.append((name, len(asker), len(asked)))
            return np.tanh(asker @ matrix) * np.tanh(asked).mean(axis=0)

        return answer

    self_attend, cross_attend = attend("self", W), attend("cross", U)
    got = np.asarray(decoder_layer(Y.copy(), M.copy(), self_attend, cross_attend))
    calls, heard = heard.copy(), []
    first = Y + self_attend(Y, Y)
    right = first + cross_attend(first, M)
    crossed = [call for call in calls if call[0] == "cross"]
    if not crossed:
        raise Hint("cross_attend is never asked")
    if any(asked == len(Y) for _, _, asked in crossed):
        raise Hint("cross_attend still never sees M: exchange the source, and nothing moves")
    if any(asker == len(M) for _, asker, _ in crossed):
        raise Hint("the decoder asks: Y is first, M second")
    if ("self", 5, 5) in calls or ("self", 3, 5) in calls:
        raise Hint("self_attend is the target's: it asks Y, and M has had its own in the encoder")
    if ("self", 3, 3) not in calls:
        raise Hint("the target's self-attention comes first: self_attend is never asked")
    recognize(got, [
        (cross_attend(first, M), "each sublayer is added to what was there: a residual is missing"),
        (self_attend(Y, Y) + cross_attend(self_attend(Y, Y), M), "a residual is missing"),
        (Y + self_attend(Y, Y) + cross_attend(Y, M), "let cross_attend ask with the new Y"),
    ])  # fmt: skip
    if got.shape != right.shape or not np.allclose(got, right):
        raise Hint("the right calls, but not their sum: Y + self_attend, then + cross_attend")
    return "right: now the decoder listens"


@exercise("transformer/smoothing", "smoothed_targets")
def _smoothing(smoothed_targets) -> str:
    for y, n_tokens, pad, eps in (
        (np.array([2, 0, 3]), 4, 0, 0.2),
        (np.array([1, 5, 1, 3, 4]), 6, 3, 0.1),
    ):
        got = np.asarray(smoothed_targets(y.copy(), n_tokens, pad, eps))
        real = y != pad
        if got.shape != (len(y), n_tokens):
            raise Hint(
                "expected shape (n, V) = {right}, got {got}",
                right=(len(y), n_tokens), got=got.shape,
            )  # fmt: skip
        hard = np.eye(n_tokens)[y]
        right = ((1 - eps) * hard + eps / (n_tokens - 1)) * real[:, None]
        right[:, pad] = 0
        if np.abs(got[real][:, pad]).max() > 1e-12:
            raise Hint("padding may never be right, and still gets some of ε")
        if np.abs(got[~real]).max() > 1e-12:
            raise Hint("a position whose right token is padding does not count: its row is 0")
        if np.allclose(got[real], hard[real]):
            raise Hint("nothing is smoothed: the right token should get 1 − ε and a share of ε")
        sums = got[real].sum(axis=1)
        if not np.allclose(sums, 1):
            raise Hint(
                "the rows should sum to 1, got {total:.4g}: ε has V − 1 tokens to go to, not V",
                total=sums[0],
            )
        if np.allclose(got[real, y[real]], 1 - eps):
            raise Hint("in the equation the right token gets its share of ε as well")
        if not np.allclose(got, right):
            raise Hint("ε is shared out evenly among all tokens that may be right")
    return "right"


@dataclass
class _Machine:
    """What the exercise uses of a widget: an output that depends on the source and two heads."""

    n_heads: int
    needed: dict[str, set[int]]
    source: str = "b"
    heads_off: tuple[str, ...] = ()
    asked: list[str] = field(default_factory=list)

    @property
    def message(self) -> str:
        if self.source in self.needed:
            return ""
        return "The model has never read that."

    @property
    def output(self) -> str:
        if self.message:
            return ""
        kinds = (name.split() for name in self.heads_off)
        off = {int(head) for kind, head in kinds if kind == "cross"}
        lost = len(off & self.needed[self.source])
        # Two heads that can each be spared cannot be spared together.
        return self.source.upper() + "?" * (lost + max(0, len(off) - 1))

    @property
    def weights(self) -> dict[str, np.ndarray]:
        m = 0 if self.message else 3
        shape = {"encoder": (m, m), "decoder": (2, 2), "cross": (2, m)}
        return {kind: np.zeros((self.n_heads, *size)) for kind, size in shape.items()}


@exercise("transformer/widget", "spared_heads")
def _widget(spared_heads) -> str:
    needed = {"a": {2}, "b": {1, 3}, "c": {4}}
    for n_heads, source in ((4, "a"), (5, "b"), (4, "z"), (5, "c")):
        w = _Machine(n_heads, needed, heads_off=("cross 1",) if source == "c" else ())
        got = spared_heads(w, source)
        if source not in needed:
            if list(got):
                raise Hint("a refused source has no output that could stay the same: return []")
            continue
        got = [int(h) for h in got]
        every = range(1, n_heads + 1)
        right = [h for h in every if h not in needed[source]]
        if w.source != source:
            raise Hint("set w.source to the given source first")
        if got != right:
            recognize(got, [
                (sorted(needed[source]),
                 "these are the heads that are needed: return the others"),
                ([h - 1 for h in right], "heads are numbered from 1"),
                ([h for h in right if h < 5],
                 "not all models have four heads: w.weights tells how many"),
            ], alike=eq)  # fmt: skip
            if source == "c":
                raise Hint(
                    "heads that were off before must be on, or the comparison is not with all"
                )
            raise Hint(
                "expected {right} for a model of {n_heads} heads that needs {needed}, got {got}: "
                "switch them off one by one",
                right=right, n_heads=n_heads, needed=sorted(needed[source]), got=got,
            )  # fmt: skip
        if tuple(w.heads_off):
            raise Hint("switch all heads on again at the end")
    return "right"


choice(
    "transformer/softmax",
    "right_sentence",
    right="c",
    hints={
        "a": "a feature may be negative, and one that is strong need not make another weak; "
        "run with its state softmaxed, the machine was far behind",
        "b": "it runs over the keys, for each query by itself; a source token may be used by many "
        "queries or by none",
        "d": "the norms keep the vectors in bounds, and they do not make shares of them",
    },
    praise="right",
)
