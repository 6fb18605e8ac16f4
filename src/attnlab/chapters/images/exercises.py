"""Checks of the chapter `work/images`."""

from functools import cache

import numpy as np

from attnlab.chapters.images.widget import ImagesWidget
from attnlab.exercises.answers import array, number
from attnlab.exercises.choice import choice
from attnlab.exercises.comparison import Comparison
from attnlab.exercises.marking import exercise
from attnlab.exercises.notation import call, equations
from attnlab.exercises.written import written
from attnlab.functional.softmax import softmax


@exercise("images/pairs", "pairs")
def _pairs(pairs) -> str:
    with Comparison() as compare:
        for side, p in ((8, 2), (12, 3), (32, 4), (15, 3)):
            n = (side // p) ** 2
            wrong = [
                (n, "that is how many patches there are; each of them asks all of them"),
                (side**4, "those are the pairs of pixels; patches ask"),
                (side**4 // p**2, "a patch has p times p pixels, and so has the one it asks"),
                (n * (n - 1), "a patch also looks at itself"),
                (n * (n + 1) // 2, "who asks whom matters: a pair counts in both directions"),
                (p**4, "those are the pairs of pixels inside one patch"),
            ]
            compare(number(pairs(side, p)), n**2, wrong, case=call("pairs", side, p))
    return "right: the fourth power, so half the patch's side makes sixteen times the pairs"


@exercise("images/bug", "cut")
def _bug(cut) -> str:
    with Comparison() as compare:
        for b, h, w, p in (
            (2, 6, 9, 3),
            (3, 4, 4, 2),  # a square: rows and columns can be exchanged, shapes fit
            (1, 2, 10, 2),  # one row of patches
        ):
            images = np.random.default_rng(h + w).random((b, h, w))
            grid = images.reshape(b, h // p, p, w // p, p)
            n = h * w // p**2
            wrong = [
                (images.reshape(b, n, p * p),
                 "these are strips along the rows: the two axes in the middle must change places "
                 "before the last reshape"),
                (grid.transpose(0, 3, 1, 2, 4).reshape(b, n, p * p),
                 "these are the right patches column by column; go row by row"),
                (grid.transpose(0, 1, 3, 4, 2).reshape(b, n, p * p),
                 "the patches are right, and inside each rows and columns are exchanged"),
                (grid.transpose(0, 3, 1, 4, 2).reshape(b, n, p * p),
                 "that is what the image on its side would give: rows come first, outside and "
                 "inside"),
                (grid.swapaxes(2, 3), "write each patch as one vector: (B, n, p · p)"),
                (grid.transpose(0, 2, 4, 1, 3).reshape(b, n, p * p),
                 "these take every p-th pixel; a patch is made of neighbors"),
            ]  # fmt: skip
            got = array(cut(images, p), None)
            right = grid.swapaxes(2, 3).reshape(b, n, p * p)
            compare(got, right, wrong, case=equations(B=b, H=h, W=w, p=p))
    return "right: squares, row by row"


@exercise("images/block", "block_of")
def _block(block_of) -> str:
    with Comparison() as compare:
        for h, w, d, d_k, d_v in (
            (3, 4, 5, 2, 6),
            (2, 2, 4, 4, 4),  # all widths are equal: shapes tell nothing
            (1, 6, 3, 8, 2),
        ):
            rng = np.random.default_rng(d)
            x = rng.standard_normal((h, w, d))
            w_q, w_k, w_v, w_o = (
                rng.standard_normal(shape) for shape in ((d, d_k), (d, d_k), (d, d_v), (d_v, d))
            )
            c = x.reshape(-1, d)
            s = (c @ w_q) @ (c @ w_k).T
            a, value = softmax(s / np.sqrt(d_k)), c @ w_v
            rows = x @ w_q @ (x @ w_k).swapaxes(1, 2) / np.sqrt(d_k)  # (H, W, W)
            wrong = [
                (a @ value @ w_o, "that is what the block adds: x itself goes on beside it"),
                (c + softmax(s) @ value @ w_o, "scores are divided by the root of d_k"),
                (c + softmax(s / d_k) @ value @ w_o, "divide by the root of d_k, not by d_k"),
                (c + softmax(s / np.sqrt(d)) @ value @ w_o,
                 "divide by the root of d_k, the width of the keys, not by that of d"),
                (c + softmax(s.T / np.sqrt(d_k)).T @ value @ w_o,
                 "each cell that asks has weights that sum to 1: the softmax runs along its row"),
                (c + softmax(s.T / np.sqrt(d_k)) @ value @ w_o,
                 "queries ask and keys are asked: rows belong to x W^Q"),
                ((x + softmax(rows) @ (x @ w_v) @ w_o).reshape(-1, d),
                 "every cell looks at the whole picture, not along its own row alone"),
                (c + value @ w_o, "what do the other cells say? nobody is looked at here"),
            ]  # fmt: skip
            got = array(block_of(x, w_q, w_k, w_v, w_o), {"H": h, "W": w, "d": d})
            wrong = [(each.reshape(h, w, d), hint) for each, hint in wrong]
            case = equations(H=h, W=w, d=d, d_k=d_k, d_v=d_v)
            compare(got, (c + a @ value @ w_o).reshape(h, w, d), wrong, case=case)
    return "right: a sequence while its cells look at each other, and a grid again afterwards"


@exercise("images/widget", "most_needed")
def _widget(most_needed) -> str:
    with Comparison() as compare:
        for digit, shuffled in ((3, False), (7, True), (0, False)):
            w = ImagesWidget(shuffled=shuffled)
            w.pixels = w.example(digit)
            read, pixels = w.digit, np.array(w.pixels)
            left = _left(w.pixels, shuffled)
            place = int(left[:, read].argmin())
            ink = np.flatnonzero(pixels)
            wrong = [
                (int(left[:, read].argmax()), "that is the pixel whose loss helps the digit most"),
                (int(left[ink, read].argmin()),
                 "count all 64 places, not those alone that have ink"),
                (place + 1, "places are counted from 0"),
                (float(left[place, read]), "that is what is left; which pixel was it?"),
                (int(pixels.argmax()), "that is the darkest pixel, not the one needed most"),
                (int(left.max(axis=1).argmin()),
                 "that looks at whichever digit is then read; keep to the one read at first"),
                (place // 8, "that is its row; the place counts all 64, row by row"),
                (place % 8, "that is its column; the place counts all 64, row by row"),
            ]  # fmt: skip
            got = number(most_needed(w))
            compare(got, place, wrong, case=equations(digit=digit, shuffled=shuffled))
    return "right: this pixel carries the most"


@cache
def _left(pixels: tuple[float, ...], shuffled: bool) -> np.ndarray:
    """What is read when each pixel is wiped out: probabilities (64, 10)."""
    w, found = ImagesWidget(shuffled=shuffled), []
    for place in range(64):
        w.pixels = (*pixels[:place], 0, *pixels[place + 1 :])
        found.append(w.probabilities)
    return np.stack(found)


choice(
    "images/explain",
    "what_it_shows",
    right="a",
    hints={
        "b": "it never puts anything back: shuffled images are all that it was trained on",
        "c": "without positions it could not tell one order of the patches from another; they "
        "matter, and are learned",
        "d": "the convolutions were trained on the same digits, and lost",
    },
    praise="right: which pixels are neighbors was not given to it, and not needed",
)


written(
    "images/in-writing",
    "what_to_try",
    points=[
        "300 images are few: begin with a network that was trained on other images, or with one "
        "that knows neighbors.",
        "A simple baseline beside it, such as a threshold and a count of blobs.",
        "A softmax over the image reports shares and not numbers.",
        "Score each place by itself and sum, or detect the cells and count them.",
        "A test of counting, such as pasted copies, and images of other patients or laboratories.",
    ],
)
