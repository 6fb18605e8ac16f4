"""Questions on `work/captions`."""

from typing import Any

import numpy as np

from attnlab.exercises.answers import array
from attnlab.exercises.comparison import Comparison
from attnlab.exercises.notation import equations

from .bank import Asked, question
from .kinds import essay, function, sentences, value


@question(
    "captions/share-of-cell", "Read backwards",
    weights=[[0.24, 0.06, 0.02], [0.15, 0.45, 0.03], [0.09, 0.21, 0.05], [0.32, 0.12, 0.04],
             [0.02, 0.14, 0.05], [0.27, 0.03, 0.12]],
    word=["first", "second", "third"], what=["a cat", "a bridge", "a lamp"],
)  # fmt: skip
def _backwards(weights: list, word: str, what: str) -> Asked:
    at = ["first", "second", "third"].index(word)
    total = sum(weights)
    return value(
        f"A caption of three words is written for a picture with {what}. To one cell of the "
        f"picture the words give the weights {weights[0]}, {weights[1]} and {weights[2]}. Read the "
        f"map from image to text: what is the share of the {word} word in this cell?",
        "share",
        weights[at] / total,
        [
            (weights[at], "that is the weight, from text to image"),
            (weights[at] * total, "divide by the sum of the cell's weights"),
            (weights[at] / max(weights), "divide by the sum, and not by the largest weight"),
            (float(np.exp(weights[at]) / np.exp(weights).sum()), "weights, not scores: no softmax"),
            (1 - weights[at] / total, "that is the share of the other two words"),
            (weights[at] / (1 - weights[at]), "divide by the sum of the cell's weights"),
        ],
        solution=f"share = {weights[at]} / ({weights[0]} + {weights[1]} + {weights[2]})",
        places=3,
    )


@question(
    "captions/scores", "How many scores", words=[3, 5, 8, 12], side=[48, 64, 96],
    cell=[8, 16], layers=[1, 2, 3],
)  # fmt: skip
def _scores(words: int, side: int, cell: int, layers: int) -> Asked:
    m = (side // cell) ** 2
    return value(
        f"Eyes turn a square picture of {side} × {side} pixels into cells of {cell} × {cell} "
        f"pixels. In {layers} layer(s), with one head each, every cell attends to all cells. Then "
        f"a writer attends to the cells once for each of {words} words, and once more for the end "
        "mark. How many scores are computed in all?",
        "scores_in_all",
        layers * m * m + (words + 1) * m,
        [
            (layers * m * m + words * m, "the end mark is a step, too"),
            ((words + 1) * m, "the cells' own attention has scores as well"),
            (layers * m * m, "the words ask as well"),
            (layers * m + (words + 1) * m, "every cell asks all cells: m times m scores"),
            (m * m + (words + 1) * m if layers > 1 else -1, "each layer has scores of its own"),
            (layers * (side // cell) ** 2 + (words + 1) * (side // cell),
             "there are as many cells as rows times columns"),
        ],
        solution=f"m = ({side} // {cell}) ** 2\n"
        f"scores_in_all = {layers} * m**2 + ({words} + 1) * m",
    )  # fmt: skip


sentences(
    "captions/holds", "Which sentence holds", "sentence_on_captions",
    asks="One of these sentences about the chapter's speakers holds. Which?",
    right=[
        "The long vector held all numbers of all cells, and had few new pairs right.",
        "Nobody told the eyes or the speakers where in a picture a digit is.",
        "A word mostly changed when the place where it looked was wiped.",
        "The relation was said better from one long vector than by attention alone.",
        "A rule that was never trained, and asked the eyes, had most captions of new pairs right.",
    ],
    wrong={
        "The long vector had few new pairs right because places were lost in it.":
            "all places are in it; its relations were nearly all right",
        "Three times the training made the long vector say new pairs as well as known ones.":
            "it got much better at known pairs, and less so at new ones",
        "Read backwards, a cell at which nobody looks belongs to no word.":
            "it shares out all of itself, however little anybody looks",
        "The map of weights alone shows that a word needs the place where it looks.":
            "that takes an experiment, with another place wiped as a control",
        "Cells that attend to each other first made the words look anywhere.":
            "the words still looked at the digits that they named",
        "Without vectors for places the words looked at their digits as often.":
            "which digit is first can't be known then, and pointing fell",
        "Held-out pairs were new because their digits were never trained.":
            "each digit was trained, in eight other pairs",
        "The rows and the columns of a map of weights both sum to 1.":
            "the softmax makes the rows sum to 1, and nothing the columns",
    },
)  # fmt: skip


@question(
    "captions/boxes", "Where words look",
    asks=["the share of words", "the number of words"], axis=["a row", "a column"],
)  # fmt: skip
def _boxes(asks: str, axis: str) -> Asked:
    by_share, by_row = asks == "the share of words", axis == "a row"

    def checker(in_boxes: Any) -> str:
        with Comparison() as compare:
            for n, m in ((3, 5), (6, 4), (4, 4)):
                rng = np.random.default_rng(n)
                a = rng.dirichlet(np.full(m, 0.4), size=n)
                boxes = rng.random((n, m)) < 0.5
                hits = boxes[np.arange(n), a.argmax(1)]
                mass = (a * boxes).sum(1)
                right = hits.mean() if by_share else hits.sum()
                given = (a, boxes) if by_row else (a.T, boxes.T)
                got = array(in_boxes(*(part.copy() for part in given)))
                compare(got, right, [
                    (hits.sum() if by_share else hits.mean(), "a number is no share"),
                    (mass.mean() if by_share else mass.sum(), "the largest weight counts"),
                    (hits.sum() / m, "divide by the number of words, or not at all"),
                    ((~hits).mean() if by_share else (~hits).sum(), "those are the ones that miss"),
                    (boxes[np.arange(n), a.argmin(1)].mean() * (1 if by_share else n),
                     "the largest weight, not the smallest"),
                ], case=equations(words=n, cells=m))  # fmt: skip
        return "right"

    turn = "" if by_row else "    weights, boxes = weights.T, boxes.T\n"
    return function(
        f"A map of weights has {axis} for each word. `boxes`, of the same shape, is True where a "
        f"cell lies in the box of what the word names; each word names something. Return {asks} "
        "whose largest weight lies in the box.",
        "def in_boxes(weights, boxes):",
        checker,
        solution=f"def in_boxes(weights, boxes):\n{turn}"
        "    hits = boxes[np.arange(len(boxes)), weights.argmax(axis=1)]\n"
        f"    return hits.{'mean' if by_share else 'sum'}()",
    )


@question("captions/alt", "Texts for pictures", shop=["a shop", "a museum", "a newspaper"])
def _alt(shop: str) -> Asked:
    return essay(
        f"For {shop} a model writes short texts for pictures, for people who don't see them. On "
        "new pictures of the same kind it is right nearly always. “And the maps show that it "
        "looks at the right things,” says a colleague. In use it meets things together that were "
        "never together in training. What do you expect, how would you test it, and what do the "
        "maps tell?",
        "on_texts",
        [
            "Things that are known one by one may still be described wrongly together.",
            "Hold combinations out of training, in any order, and measure on those alone.",
            "A map says where the weights lie; whether a word needs the place, wiping tells.",
            "Relations such as above are about two places, and are to be measured apart.",
        ],
        solution="I expect it to do worse on new combinations, how much worse nobody knows before "
        "it is measured. I'd keep some combinations of things out of training, in any order, and "
        "report the share of right texts on those, and on relations apart from things. The maps "
        "say where weights lie. To see whether a word needs its place, I'd wipe that place and, as "
        "a control, another one.",
    )
