"""Checks of the chapter `work/proteins`."""

from functools import cache
from operator import eq

import numpy as np

from attnlab.chapters.proteins.maps import ranked, strongest_tree
from attnlab.chapters.proteins.peptides import distinct
from attnlab.chapters.proteins.trees import grown, matched, passed, unjoined
from attnlab.chapters.proteins.widget import METHODS, SIZES, ProteinsWidget
from attnlab.exercises.answers import array, number
from attnlab.exercises.choice import choice
from attnlab.exercises.comparison import Comparison
from attnlab.exercises.hint import Hint
from attnlab.exercises.marking import exercise
from attnlab.exercises.notation import equations
from attnlab.exercises.written import written


@exercise("proteins/together", "together")
def _together(together) -> str:
    with Comparison() as compare:
        for strengths, i, j in (
            ([0.8, 0.7, 0.5, 0.9], 0, 2),
            ([0.8, 0.7, 0.5, 0.9], 1, 4),  # not from the beginning
            ([0.8, 0.7, 0.5, 0.9], 3, 1),  # backwards
            ([0.6, 0.3], 1, 2),  # in contact
            ([0.6, 0.3, 0.4], 2, 2),  # the same place
        ):
            s = np.array(strengths)
            low, high = min(i, j), max(i, j)
            between = s[low:high]
            right = float(between.prod())
            wrong = [
                (float(s[i:j].prod()), "{case}: A with C is as strong as C with A"),
                (float(s[low : high + 1].prod()), "{case}: that is one contact too many: contact k "
                 "lies between places k and k + 1"),
                (float(s[low + 1 : high].prod()), "{case}: that leaves out a contact: contact k "
                 "lies between places k and k + 1"),
                (float(between.sum()), "{case}: each contact has to hold, so probabilities are "
                 "multiplied and not added"),
                (float(between.min(initial=1)), "{case}: the weakest contact is a bound; the "
                 "others weaken it further"),
                (float(between.mean()) if low < high else 1.0,
                 "{case}: that is the mean of the strengths between them; all have to hold"),
                (float(s.prod()), "{case}: only the contacts between the two places count"),
                (float(1 - between.prod()), "{case}: that is how often one of the contacts fails"),
                (0.0, "{case}: they don't touch, and go together all the same"),
                (float((1 - between).prod()), "{case}: that is how often all of the contacts fail"),
            ]  # fmt: skip
            case = equations(i=i, j=j)
            compare(number(together(s.copy(), i, j)), right, wrong, case=case)
    return "right: indirect pairs fade along the chain, and a strong one beats a weak contact"


def _pair_table(counts: np.ndarray, log=np.log) -> float:
    p = counts / counts.sum()
    apart = p.sum(1, keepdims=True) * p.sum(0)
    seen = p > 0
    return float((p[seen] * log(p[seen] / apart[seen])).sum())


@exercise("proteins/information", "information_of")
def _information(information_of) -> str:
    with Comparison() as compare:
        for counts in (
            [[3, 1], [1, 3]],
            [[5, 0], [0, 5]],  # two pairs never occur
            [[4, 2, 0], [1, 3, 6]],  # not square
            [[2, 4], [3, 7]],  # nearly independent
        ):
            table = np.array(counts, dtype=float)
            p = table / table.sum()
            seen = p > 0
            rows, columns = p.sum(1), p.sum(0)
            apart = rows[:, None] * columns
            joint = float(-(p[seen] * np.log(p[seen])).sum())
            right = _pair_table(table)
            wrong = [
                (_pair_table(table, np.log2), "{case}: these are bits; take the natural logarithm"),
                (-right, "{case}: the sign is turned: of two independent places it is 0, and never "
                 "below"),
                (right * float(table.sum()), "{case}: divide the counts by their sum first"),
                (joint, "{case}: that is the entropy of the pairs; compare them with what "
                 "independent places would give"),
                (float(np.log(p[seen] / apart[seen]).sum()),
                 "{case}: each logarithm counts as often as its pair occurs"),
                (float((apart[seen] * np.log(p[seen] / apart[seen])).sum()),
                 "{case}: weigh each logarithm by how often the pair occurs, not by what "
                 "independent places would give"),
                (float(np.abs(p - apart).sum()), "{case}: that is a sum of differences; take the "
                 "logarithm of ratios"),
                (float((p[seen] * np.log(p[seen] / np.broadcast_to(rows[:, None], p.shape)[seen]))
                       .sum()), "{case}: divide by the share of the column as well"),
                (float((p[seen] * np.log(p[seen] * p.size)).sum()),
                 "{case}: letters need not be even: divide by the shares of row and column, and "
                 "not by those of even letters"),
            ]  # fmt: skip
            case = equations(counts=counts)
            got = number(information_of(table.copy()), finite=bool(table.all()))
            if np.isnan(got):
                raise Hint("a pair that never occurs gives NaN: it adds 0 to the sum")
            compare(got, right, wrong, case=case)
    return "right: and a pair of letters that never occurs adds nothing"


@exercise("proteins/bug", "kept")
def _bug(kept) -> str:
    with Comparison(alike=eq) as compare:
        for name, rows in (
            ("a sequence in both classes", ["KE1", "EK0", "KE0", "EE1"]),
            ("a sequence three times in one class", ["KE1", "EK0", "KE1", "EE1", "KE1"]),
            ("both at once", ["KK0", "KE1", "KE1", "KE0", "EK1", "EK1", "EE0"]),
            ("in both classes, far apart", ["EK1", "KE0", "KK1", "EE0", "KK1", "EK0"]),
        ):
            sequences, labels = [row[:-1] for row in rows], np.array([int(row[-1]) for row in rows])
            right = distinct(sequences, labels).tolist()
            wrong = _wrongly_kept(sequences, labels, right)
            got = array(kept(list(sequences), labels.copy()), of="whole numbers")
            compare(sorted(got.ravel().tolist()), right, wrong, case=name)
    return "right: one of each sequence, and none whose class depends on where you look"


def _wrongly_kept(sequences: list[str], labels: np.ndarray, right: list[int]) -> list[tuple]:
    every = range(len(sequences))
    classes = {s: {int(labels[i]) for i in every if sequences[i] == s} for s in sequences}
    counts = {s: sequences.count(s) for s in sequences}
    first = [i for i in every if sequences.index(sequences[i]) == i]
    pairs = list(zip(sequences, labels, strict=True))
    by_pair = [i for i in every if pairs.index(pairs[i]) == i]
    last = [i for i in every if sequences[i] not in sequences[i + 1 :] and i not in right
            and len(classes[sequences[i]]) == 2]  # fmt: skip
    ends = sorted([i for i in every if sequences[i] not in sequences[i + 1 :]
                   and len(classes[sequences[i]]) == 1])  # fmt: skip
    return [
        (by_pair, "{case}: a sequence that is in both classes stays, once in each"),
        (first, "{case}: of a sequence that is in both classes one stays, and its label is a "
         "matter of luck"),
        ([i for i in every if len(classes[sequences[i]]) == 1],
         "{case}: a sequence stays more than once: its copies can fall on both sides of a split"),
        ([i for i in every if counts[sequences[i]] == 1],
         "{case}: of copies with one label the first should stay"),
        (ends, "{case}: of several copies keep the first"),
        (sorted({*right, *last}), "{case}: of a sequence in both classes none should stay"),
        ([i for i in every if i not in right], "{case}: these are the ones that have to go"),
        ([i + 1 for i in right], "{case}: rows are counted from 0"),
        (list(every), "{case}: nothing was left out"),
    ]  # fmt: skip


@exercise("proteins/tree", "strongest_pairs")
def _tree(strongest_pairs) -> str:
    with Comparison(alike=eq) as compare:
        for length, n_pairs, seed in ((7, 5, 19), (8, 6, 51), (10, 6, 11), (6, 1, 3)):
            rng = np.random.default_rng(seed)
            spots = rng.standard_normal((length, 2))
            scores = np.exp(-((spots[:, None] - spots) ** 2).sum(-1))
            np.fill_diagonal(scores, 0)
            right = strongest_tree(scores, n_pairs)
            weakest = strongest_tree(-scores, n_pairs)
            wrong = [
                (ranked(scores)[:n_pairs], "{case}: some of them close a ring: skip a pair whose "
                 "places hang together already"),
                (weakest, "{case}: these are the weakest pairs"),
                (grown(scores, n_pairs), "{case}: that grows a single tree from one place; the "
                 "strongest pair of all comes next, wherever it is"),
                (matched(scores, n_pairs), "{case}: a place may be in several pairs"),
                (passed(scores, n_pairs), "{case}: when a pair is skipped, the next one takes its "
                 "turn, until there are n_pairs"),
                (unjoined(scores, n_pairs), "{case}: when two groups are joined, all places of "
                 "both belong together from then on"),
            ]  # fmt: skip
            got = _pairs(strongest_pairs(scores.copy(), n_pairs))
            if any(i == j for i, j in got):
                raise Hint("a place is paired with itself: take two different ones")
            if len({frozenset(pair) for pair in got}) < len(got):
                raise Hint("the same pair is there twice: (i, j) and (j, i) are one")
            compare(
                sorted(tuple(sorted(pair)) for pair in got),
                sorted(right),
                [(sorted(tuple(sorted(pair)) for pair in pairs), hint) for pairs, hint in wrong],
                case=equations(L=length, n_pairs=n_pairs),
            )
    return "right: with mutual information for scores, this finds the best tree there is"


def _pairs(got) -> list[tuple[int, int]]:
    """Pairs of whole numbers, in whatever they came."""
    found = array(list(got) if isinstance(got, set) else got, of="whole numbers")
    if found.ndim != 2 or found.shape[1] != 2:
        raise Hint("return pairs (i, j) of places, got the shape {shape}", shape=found.shape)
    return [(int(i), int(j)) for i, j in found]


@cache
def _by_size(method: str, what: str) -> tuple[float, ...]:
    w = ProteinsWidget(method=method)
    found = []
    for size in SIZES:
        w.sequences = size
        found.append(getattr(w, what))
    w.close()
    return tuple(found)


def _first(values: tuple[float, ...], share: float, order=SIZES) -> int | None:
    return next((n for n in order if values[SIZES.index(n)] >= share), None)


@exercise("proteins/widget", "needed", sets=("sequences",))
def _widget(needed) -> str:
    with Comparison() as compare:
        for method, share in (
            ("inverse", 0.9),
            ("attention", 0.7),
            ("information", 0.75),
            ("information", 0.95),  # never
            ("inverse", 0.5),  # the first will do
            ("inverse", _by_size("inverse", "right")[2]),  # exactly that share
            ("attention", 0.99),
        ):
            shares = _by_size(method, "right")
            right = _first(shares, share)
            others = [
                (_first(_by_size(name, "right"), share), "{case}: leave the method as it is")
                for name in METHODS
                if name != method
            ]
            wrong = [
                (_first(shares, share, SIZES[::-1]), "{case}: fewer sequences will do"),
                (None if right is None else SIZES.index(right),
                 "{case}: that counts the steps; how many sequences?"),
                (None if right is None else shares[SIZES.index(right)],
                 "{case}: that is the share; from how many sequences on?"),
                (SIZES[-1] if right is None else right,
                 "{case}: if no number of sequences reaches the share, return None"),
                (0 if right is None else right,
                 "{case}: if no number of sequences reaches the share, return None"),
                (_first(shares, share + 1e-9),
                 "{case}: at least that share: the very same will do"),
                (_first(tuple(-s for s in shares), -share),
                 "{case}: the share should be at least that, not at most"),
                (_first(_by_size(method, "indirect"), share),
                 "{case}: that asks for indirect pairs; ask for what is right"),
                *others,
            ]  # fmt: skip
            w = ProteinsWidget(method=method)
            got = needed(w, share)
            got = None if got is None else number(got)
            compare(got, right, wrong, case=equations(method=method, share=share))
    return "right: two of the three maps profit from more sequences"


choice(
    "proteins/explain",
    "what_it_reads",
    right="b",
    hints={
        "a": "order would be lost with the letters' places; a model that needs it gets worse when "
        "they are shuffled",
        "c": "the tests were never trained on, shuffled or not: nothing of them can have been "
        "learned by heart",
        "d": "the weights can be as uneven as they like and still lead to a mean that any order of "
        "the letters would give",
    },
    praise="right: what a model could have used and what it uses are two things",
)


written(
    "proteins/in-writing",
    "what_to_ask",
    points=[
        "How many heads and layers were looked at, and how the shown one was chosen: chosen with "
        "the contacts in hand, it has been fitted to them.",
        "What the same letters give without attention: mutual information, inverse covariance or "
        "direct-coupling analysis, on the same sequences.",
        "How many of the strongest pairs are contacts, on several proteins that were not used to "
        "choose, and what chance gives.",
        "Whether the proteins, or relatives of them, were among the sequences of the training.",
        "Indirect pairs: whether what is no contact lies in chains of contacts.",
    ],
)
