"""Questions on `mechanism/masks`."""

import math
from typing import Any

import numpy as np

from attnlab.exercises.answers import array
from attnlab.exercises.comparison import Comparison
from attnlab.exercises.notation import equations

from .bank import Asked, question
from .kinds import essay, function, sentences, value


def _open(n: int, window: int, *, future: bool = False) -> np.ndarray:
    """Which key, across, a query, down, may see: those less than `window` places away."""
    back = np.subtract.outer(np.arange(n), np.arange(n))
    return (np.abs(back) < window) & (future | (back >= 0))


@question(
    "masks/open-pairs", "How many pairs are open?",
    n=[7, 8, 9, 10], window=[3, 4, 5], padding=[1, 2, 3],
)  # fmt: skip
def _pairs(n: int, window: int, padding: int) -> Asked:
    real = n - padding

    def count(width: int, keys: int, queries: int, *, future: bool = False) -> int:
        return int(_open(n, width, future=future)[:queries, :keys].sum())

    return value(
        f"A sentence of {real} words is padded to {n} places. The mask for keys and queries is "
        "padding & causal & window: a query may see a key that is a word, that does not come "
        f"later, and that is less than {window} places away; itself is 0 places away. How many of "
        f"the {n * n} pairs of a query and a key are open? Padded places ask too.",
        "pairs_open",
        count(window, real, n),
        [
            (count(window, real, real), "padded places ask too; only their keys are hidden"),
            (count(window, n, n), "padded places are no keys"),
            (count(window + 1, real, n), "a key that is as far away as the window is wide is shut"),
            (count(n, real, n), "the window shuts pairs that are far apart"),
            (count(window, real, n, future=True), "no query may see a later place"),
        ],
        solution=f"i, j = np.arange({n})[:, None], np.arange({n})\n"
        f"pairs_open = int(((j < {real}) & (j <= i) & (i - j < {window})).sum())",
    )  # fmt: skip


@question(
    "masks/what-is-left", "What is left of a row",
    weights=[[0.1, 0.25, 0.05, 0.2, 0.3, 0.1], [0.2, 0.1, 0.15, 0.05, 0.1, 0.4],
             [0.05, 0.3, 0.1, 0.25, 0.2, 0.1], [0.3, 0.05, 0.2, 0.15, 0.1, 0.2]],
    place=[2, 3], step=[1, 2], shut=["later", "earlier"],
)  # fmt: skip
def _left(weights: list[float], place: int, step: int, shut: str) -> Asked:
    a, j = np.array(weights), np.arange(6)
    blank = place - step if shut == "later" else place + step
    before, after = j <= place, j >= place
    seen, other = (before, after) if shut == "later" else (after, before)

    def shares(may: np.ndarray, of: np.ndarray = a) -> list[float]:
        return (of * may / (of * may).sum()).tolist()

    opened = seen & (j != blank)
    return value(
        f"Six places, counted from 0, attend to each other without a mask. Place {place} has the "
        f"weights {weights}. Now no place may see {shut} ones any more, and place {blank} is a "
        f"blank that none may see. The scores stay. What weights does place {place} give?",
        "weights_left",
        shares(opened),
        [
            ((a * opened).tolist(), "the others share what the hidden keys had"),
            (shares(seen), "the blank must not be seen either"),
            (shares(j != blank), "the blank is not all that is hidden"),
            (shares(other), "it is the other side that must not be seen"),
            (shares(opened & (j != place)), "a place may see itself"),
            (shares(opened, np.exp(a)), "these are weights; no second softmax is needed"),
        ],
        solution=f"j = np.arange(6)\nmay = (j {'<=' if shut == 'later' else '>='} {place}) & "
        f"(j != {blank})\nweights_left = softmax(np.log({weights}), mask=may)",
        places=3,
    )  # fmt: skip


@question(
    "masks/finite-fill", "A finite fill",
    fill=[100, 1000], over=[-2, -1, 1, 2], masked=[4, 7, 9], how=["added", "put"],
)  # fmt: skip
def _fill(fill: int, over: int, masked: int, how: str) -> Asked:
    instead = masked - fill if how == "added" else -fill
    score = instead - over  # of the open key

    def leaked(below: float) -> float:
        return 1 / (1 + math.exp(below))

    added = how == "added"
    does = f"adds −{fill} to" if added else f"puts −{fill} in place of"
    return value(
        f"A query has two keys. The open one has the score −{-score}, the masked one {masked}. A "
        f"program {does} the score of the masked one before the softmax, since it takes this for "
        "as good as −∞. What weight does the masked key get?",
        "leaked_weight",
        leaked(-over),
        [
            (0.0, "that is so with −∞; a finite number is a bet on the size of scores"),
            (leaked(over), "that is the weight of the open key"),
            (1.0, "what the open key counts is not nothing"),
            (leaked(score - (-fill if added else masked - fill)),
             "read again whether the number is added or put in place"),
            (math.exp(over), "those are the odds against the open key"),
        ],
        solution=f"s = np.array([{score}, {masked}], float)\n"
        f"s[1] {'-= ' if added else '= -'}{fill}\nleaked_weight = softmax(s)[1]",
        places=3,
    )  # fmt: skip


sentences(
    "masks/which-holds", "Which sentence holds", "sentence_on_masks",
    asks="One of these sentences about masks holds. Which?",
    right=[
        "Under a causal mask the first place gives all its weight to itself.",
        "A leak makes the validation loss as good as the training loss.",
        "Adding −10,000 to all scores of a row changes none of its weights.",
        "Two layers with a causal window of 3 hear from four places back.",
        "One layer without the causal mask lets the future through.",
        "A model that leaks can be found out before it is trained.",
    ],
    wrong={
        "Instead of a mask, weights may be set to 0 after the softmax.":
            "the rows no longer sum to 1, and what is missing depends on hidden scores",
        "A validation loss on text never seen gives a leak away.":
            "copying what stands next works on any text",
        "In PyTorch, True in a boolean mask means “may attend” everywhere.":
            "in nn.MultiheadAttention it means “must not”",
        "With a padding mask, padded places ask for nothing and get no context.":
            "it hides keys; queries at padded places still ask",
        "A fill of −10⁹ is safe in numbers of any precision.":
            "float16 has no such number, and any finite fill is a bet",
        "A query with no open key should get the mean of all values.":
            "nothing was read, so nothing should come out: 0",
        "If the loss leaves padded places out, NaN at these places does no harm.":
            "on the way back 0 times NaN is NaN",
        "Under a causal mask no place may see itself.":
            "a place sees itself and what came before",
        "With a causal mask, n predictions in a piece of text take n runs.":
            "one run makes them all; that is what the mask buys",
        "Centering the inputs over all places is harmless if attention is causal.":
            "the mean carries later places into earlier ones, before any mask",
        "A padding mask of shape (B, m) is right for scores of shape (B, n, m).":
            "it needs an axis for the queries, or it is taken for (n, m)",
    },
)  # fmt: skip

MEANINGS = {
    "boolean, True where a query may attend": (lambda may: may, "may"),
    "boolean, True where a query must not attend": (lambda may: ~may, "~may"),
    "numbers to be added to the scores, 0 or −∞":
        (lambda may: np.where(may, 0.0, -np.inf), "np.where(may, 0.0, -np.inf)"),
}  # fmt: skip


@question(
    "masks/with-a-title", "A title that all may see",
    means=list(MEANINGS), reads=["from left to right", "from right to left"],
)  # fmt: skip
def _title(means: str, reads: str) -> Asked:
    forward = reads == "from left to right"
    written, in_numpy = MEANINGS[means]

    def checker(title_mask: Any) -> str:
        with Comparison() as compare:
            for n, window, title in (
                (7, 3, 2),
                (6, 2, 0),  # no title
                (5, 9, 1),  # a window that reaches everywhere
                (4, 1, 4),  # nothing but a title
                (8, 4, 3),
            ):
                left = np.tri(n, dtype=bool)
                past, ahead = (left, left.T) if forward else (left.T, left)
                ours = np.broadcast_to(np.arange(n) < title, (n, n))
                near, wider, closer = (_open(n, window + x, future=True) for x in (0, 1, -1))
                right = near & past | ours
                wrong = [
                    (near & ahead | ours, "the wrong side of each place is open"),
                    (near | ours, "one side of each place must be shut"),
                    (wider & past | ours, "the window is one place too wide"),
                    (closer & past | ours, "the window is one place too narrow"),
                    (near & past, "the title is open to all places"),
                    ((near | ours) & past, "the title is open on both sides"),
                    (right | ours.T, "the title's places are open as keys, and ask like others"),
                    (near & past & ours, "a pair is open if one of the two rules opens it"),
                    (~right, "what is open and what is shut have changed places"),
                ]  # fmt: skip
                kind = "numbers" if "numbers" in means else "booleans"
                got = array(title_mask(n, window, title), (n, n), of=kind, finite=False)
                compare(
                    got, written(right), [(written(each), hint) for each, hint in wrong],
                    case=equations(n=n, window=window, title=title),
                )  # fmt: skip
        return "right"

    behind = "i - j" if forward else "j - i"
    return function(
        f"A text of n places is read {reads}. Place i, counted from 0 at the left, may see itself "
        f"and places j to its {'left' if forward else 'right'} with |i − j| < window. The first "
        "`title` places from the left are a title: as keys they are open to every place, wherever "
        f"it stands. Return the mask as a NumPy array (n, n), a row for each query: {means}.",
        "def title_mask(n, window, title):",
        checker,
        solution="def title_mask(n, window, title):\n"
        "    i, j = np.arange(n)[:, None], np.arange(n)\n"
        f"    may = (0 <= {behind}) & ({behind} < window) | (j < title)\n    return {in_numpy}",
    )


@question("masks/packed-and-careless", "Packed, and careless", what=["jokes", "recipes", "reports"])
def _packed(what: str) -> Asked:
    return essay(
        f"To waste no place on padding, a team packs several short {what} into each row and trains "
        "a language model of four layers on them, with the causal mask alone. “Nobody sees the "
        "future, so nothing leaks.” What does the model see that it should not, why may the loss "
        "look no worse for it, which mask is right and in which layers, and which test, before "
        "any training, shows that nothing gets across?",
        "on_packed_texts",
        [
            "A place sees the texts packed before its own, with which it has nothing to do, and "
            "which will not be there when the model is used.",
            "The loss is measured on rows that are packed in the same way, so it does not show it.",
            "The right mask opens a pair if both places are in one text and the key is not later: "
            "causal & blocks.",
            "Every layer needs it: after one that forgets, the vectors hold what came from other "
            "texts, and no later mask takes it out.",
            "The test: change the characters of one text and see that no output at the places of "
            "another one moves, from the input of the model to its output.",
        ],
        solution="The second text of a row sees all of the first. That is no future, but it is "
        "not there when somebody uses the model on one text alone, and training and validation "
        "rows are packed alike, so no loss tells. A pair should be open only if both places "
        "belong to one text and the key does not come later, and this in each of the four "
        "layers, since what one layer lets in stays in the vectors. To test it, take an untrained "
        "model, change a character of the first text, and compare all outputs at the second: "
        "they must be exactly equal.",
    )
