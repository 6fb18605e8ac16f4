"""Questions on `start/ten-minutes`."""

from typing import Any

import numpy as np

from attnlab.exercises.answers import array
from attnlab.exercises.comparison import Comparison
from attnlab.exercises.notation import equations
from attnlab.functional.softmax import softmax

from .bank import Asked, question
from .kinds import essay, function, sentences, value

WORDS = [["fox", "lane", "icy"], ["goat", "hill", "steep"], ["hen", "yard", "sleepy"]]


@question(
    "ten-minutes/two-numbers", "What the last word reads",
    words=WORDS,
    q=[[2, 0, 1, 1], [0, 2, 2, 0], [1, 1, 0, 2], [3, 0, 0, -1]],
    K=[
        [[1, 1, 0, 0], [0, 1, 1, 1], [2, 0, 0, 0]],
        [[1, 0, 2, 0], [0, 0, 1, 1], [1, 1, 0, 1]],
        [[2, 1, 0, 1], [1, 0, 0, 1], [0, 1, 1, 0]],
    ],
    V=[[[10, 0], [0, 10], [2, 4]], [[8, 2], [0, 6], [4, 4]], [[9, 3], [6, 0], [0, 6]]],
)  # fmt: skip
def _read(words: list, q: list, K: list, V: list) -> Asked:
    products, values = np.array(K, dtype=float) @ q, np.array(V)  # (3,), (3, 2)
    weights = softmax(products / 2)
    table = "\n".join(
        f"- “{word}” has the key {tuple(key)} and the value {tuple(each)}."
        for word, key, each in zip(words, K, V, strict=True)
    )
    return value(
        f"“{words[2]}” asks three words with the query {tuple(q)}; it is one of them.\n\n{table}"
        "\n\nWhat is read, by the chapter's formula?",
        "what_is_read",
        weights @ values,
        [
            (softmax(products) @ values, "before the softmax the products are divided"),
            (softmax(products / 4) @ values, "divide by the root of d, not by d"),
            (values.mean(axis=0), "that is the plain mean: the weights are not all the same"),
            (values[products.argmax()], "that is the value of the best key alone"),
            (softmax(products[:2] / 2) @ values[:2], "the word that asks is one of those it reads"),
        ],
        solution=f"p = np.exp(np.array({K}) @ {q} / 4**0.5)\n"
        f"what_is_read = p @ np.array({V}) / p.sum()",
        places=2,
    )


@question(
    "ten-minutes/product-back", "From the weights back",
    d=[4, 9, 16, 25], times=[2, 3, 5, 10], other=[-2, -1, 1, 2, 4],
)  # fmt: skip
def _product(d: int, times: int, other: int) -> Asked:
    more = np.log(times)
    return value(
        f"Queries and keys have {d} numbers. In a look-up by the chapter's formula the word A gets "
        f"{times} times the weight of the word B, and the dot product of the query with B's key is "
        f"{other}. What is the dot product of the query with A's key, before any division?",
        "product_of_A",
        other + d**0.5 * more,
        [
            (
                other * times,
                "weights are not in the ratio of the products: there is an exponential",
            ),
            (other + more, "what goes into the softmax are the products divided by a root"),
            (other + d * more, "divide by the root of d, not by d"),
            (other + more / d**0.5, "the root divides the products; going back, it multiplies"),
            (other - d**0.5 * more, "the larger product gets the larger weight"),
            (other + d**0.5 * np.log10(times), "the logarithm must be the natural one, to base e"),
        ],
        solution=f"product_of_A = {d}**0.5 * (np.log({times}) + {other} / {d}**0.5)",
        places=2,
    )


sentences(
    "ten-minutes/which-holds", "Which sentence holds", "sentence_on_arcs",
    asks="One of these sentences about attention and the chapter's networks holds. Which?",
    right=[
        "A word's value has no part in how much weight the word gets.",
        "A word whose key has the product 0 with the query still gets some weight.",
        "If all keys are the same, what is read is the plain mean of all the values.",
        "An answer can be right although the noun that it names gets next to no weight.",
        "Where two words have the same key, a query gives them the same weight.",
        "With the same weight for every word, the chapter's network answers as well.",
    ],
    wrong={
        "A thick arc to a word shows that the network's answer comes from that word.":
            "it shows what was read; change the word, and see whether the answer changes",
        "The key that lies nearest to the query always gets the largest weight.":
            "a product asks for direction and length, not for the distance",
        "A word whose value is twice as long gets twice as much weight.":
            "the weights are made of the query and the keys alone",
        "If all values are doubled, the same vector is read, as the weights stay.":
            "the weights stay, and their mean of doubled values is doubled",
        "If “it” asks in one layer, the last word decides which noun it reads more.":
            "neither its query nor a noun's key knows anything of the last word",
        "A network can't say which noun the last word means unless it attends.":
            "with the same weight for every word it was trained to do just as well",
        "The same words in another order get other weights from the same query.":
            "a weight is made of a query and a key, and neither knows where its word stands",
        "It is the division by the root of d that makes the weights sum to 1.":
            "that is the softmax's own division; the root keeps the products moderate",
        "A query of zeros reads nothing: every word gets the weight 0.":
            "all products are 0 then, so the softmax gives every word the same weight",
        "The word that asks gets no weight, because it does not read itself.":
            "it is one of the words, and its key is asked like any other",
    },
)  # fmt: skip


MAY, MUST_NOT = "may be read", "must not be read"


@question(
    "ten-minutes/marked", "Only some of the words",
    true=[MAY, MUST_NOT], keys=["a row for each word", "a column for each word"],
)  # fmt: skip
def _marked(true: str, keys: str) -> Asked:
    is_row, is_hidden = keys.startswith("a row"), true == MUST_NOT
    shape = "(m, d)" if is_row else "(d, m)"

    def checker(read_marked: Any) -> str:
        with Comparison() as compare:
            for m, d, d_v, n in (
                (5, 4, 3, 2),
                (4, 4, 4, 1),  # keys that fit in either way; one word is left to be read, or three
                (6, 9, 2, 5),  # a width whose root is not that of 4
            ):
                rng = np.random.default_rng(m)
                q, K, V = (rng.standard_normal(shape) for shape in ((d,), (m, d), (m, d_v)))
                marks = rng.permutation(m) < n
                products, left = K @ q, ~marks if is_hidden else marks
                s = products / np.sqrt(d)
                wrong = [
                    (softmax(s[~left]) @ V[~left], "those that are read are the other words"),
                    (softmax(s) @ V, "that reads all words"),
                    (np.where(left, softmax(s), 0) @ V,
                     "the weights of the words that are read must sum to 1"),
                    (softmax(np.where(left, s, 0)) @ V, "a product of 0 still gets a weight"),
                    (softmax(products[left]) @ V[left], "divide the products by the root of d"),
                    (V[left].mean(axis=0), "that gives every word the same weight"),
                ]  # fmt: skip
                got = array(read_marked(q, K if is_row else K.T, V, marks), {"d_v": d_v})
                compare(got, softmax(s[left]) @ V[left], wrong, case=equations(m=m, d=d, d_v=d_v))
        return "right"

    left, axes = ("~marks" if is_hidden else "marks"), ("" if is_row else ".T")
    return function(
        "Some words must not be read. Return what a look-up by the chapter's formula reads of the "
        "others, as if these were not there. `marks` (m,) holds booleans: True stands for a word "
        f"that {true}. The query `q` has the shape (d,), the keys `K` have {keys}, {shape}, "
        "and the values `V` have a row for each word, (m, d_v). All are NumPy's, and at least one "
        "word may be read. What is returned has the shape (d_v,).",
        "def read_marked(q, K, V, marks):",
        checker,
        solution=f"def read_marked(q, K, V, marks):\n    K, V = K{axes}[{left}], V[{left}]\n"
        "    p = np.exp(K @ q / np.sqrt(len(q)))\n    return p @ V / p.sum()",
    )


@question("ten-minutes/what-attention-does", "What is it that does it?")
def _does_it() -> Asked:
    return essay(
        "“Our network answers nearly all sentences rightly,” says a colleague of the chapter's "
        "network, “and there is attention in it. So it's attention that lets it find out who was "
        "too tired.” Does that follow? How would you test it, and what would you expect?",
        "on_what_does_it",
        [
            "It does not follow: that a network has a part does not show that the part is needed.",
            "The test is a network without it, with the same weight for every word, trained in the "
            "same way, and asked about sentences with pairs that training did not have.",
            "On this task such a plain mean does as well, since adding up what the words say is "
            "enough.",
            "That says nothing of other tasks: in some, attention makes the difference.",
        ],
        solution="It doesn't follow. I'd take the attention out, give every word the same weight, "
        "train again with a few seeds, and ask both about held-out pairs. Here I'd expect both to "
        "be right, as the plain mean was in the chapter: it adds up what all words say. Attention "
        "isn't needed for these sentences, though it may be for others.",
    )
