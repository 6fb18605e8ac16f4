"""Questions on `transformer/self-attention`."""

from typing import Any

import numpy as np

from attnlab.exercises.answers import array
from attnlab.exercises.comparison import Comparison
from attnlab.exercises.notation import equations
from attnlab.functional.softmax import softmax

from .bank import Asked, question
from .kinds import essay, function, sentences, value


@question(
    "self-attention/one-context", "What a token gets",
    X=[[[1, 0], [2, 1], [-1, 2]], [[2, 1], [1, 0], [-1, 2]], [[1, 2], [-1, 3], [2, 0]]],
    W_Q=[[1, 0], [0.5, 0], [0.5, 0.5]], W_V=[[3, 1], [1, -2], [4, 2]], asks=[0, 1, 2],
)  # fmt: skip
def _context(X: list, W_Q: list, W_V: list, asks: int) -> Asked:
    x, w_k = np.array(X, dtype=float), [0, 1]
    q, k, v = x @ W_Q, x @ w_k, x @ W_V
    scores = np.outer(q, k)
    a = softmax(scores)
    return value(
        f"Three tokens are the rows of `X` = {X}. Self-attention with one head and d_k = 1 has the "
        f"matrices `W_Q` = {_column(W_Q)}, `W_K` = {_column(w_k)} and `W_V` = {_column(W_V)}. "
        "There are no biases, no codes for places and no mask. Tokens are counted from 0. What is "
        f"the context of token {asks}?",
        "context_of_one",
        a[asks] @ v,
        [
            (v[asks], "that is its own value, and it hears from the others as well"),
            (v.mean(), "that is the mean of all values alike: the scores are left out"),
            (v[scores[asks].argmax()], "that is the value of the heaviest key alone"),
            (softmax(scores.T)[asks] @ v, "queries and keys are exchanged"),
            (softmax(scores.T).T[asks] @ v, "the weights of a query sum to 1, not those of a key"),
            (scores[asks] @ v, "the scores have not been through a softmax"),
        ],
        solution=f"X = np.array({X}, dtype=float)\n"
        f"C, _ = attention(X @ {_column(W_Q)}, X @ {_column(w_k)}, X @ {_column(W_V)})\n"
        f"context_of_one = C[{asks}, 0]",
        places=3,
    )  # fmt: skip


def _column(numbers: list) -> list:
    return [[number] for number in numbers]


@question(
    "self-attention/number-of-tokens", "When comparing costs more",
    times=[2, 4, 6, 10], d=[32, 48, 64, 96, 128, 256],
)  # fmt: skip
def _tokens(times: int, d: int) -> Asked:
    return value(
        f"In a self-attention all widths are {d}; it has one head and no matrix behind the "
        "contexts. How many tokens must a sequence have for the scores and the contexts together "
        f"to take {times} times as many multiplications as the three matrices do?",
        "number_of_tokens",
        times * d * 3 // 2,
        [
            (times * d, "that compares with a recurrent layer, of two products a token"),
            (times * d * 3, "there are the scores, and then the contexts as well"),
            (times * d // 2, "there are three matrices"),
            (d * 3 // 2, "there the two cost the same"),
            (d * 3 / 2 / times, "the more tokens there are, the more the comparing costs"),
        ],
        solution=f"d = {d}\nnumber_of_tokens = next(\n"
        f"    n for n in range(1, 100 * d) if 2 * n**2 * d == {times} * 3 * n * d**2\n)",
    )


@question(
    "self-attention/said-twice", "In another order, and twice",
    order=["bcda", "bdac", "cadb", "cdba", "dabc", "dcab", "bcad", "dbac"],  # none undoes itself
    contexts=[[2, 5, 8, 3], [6, 1, 4, 7], [3, 9, 5, 1], [7, 2, 4, 8]],
)  # fmt: skip
def _twice(order: str, contexts: list) -> Asked:
    first = np.array(contexts)
    places = ["abcd".index(letter) for letter in order]
    twice = np.tile(first[places], 2)
    return value(
        "Self-attention without codes for places and without a mask reads the four tokens a, b, c, "
        f"d in this order, and gives them the contexts {contexts}, one number each. The same layer "
        f"then reads {', '.join(order * 2)}: eight tokens, the same four vectors in another order, "
        "said twice. Which eight contexts does it give, from the first token to the last?",
        "eight_contexts",
        twice,
        [
            (np.tile(first, 2), "the contexts go along with their tokens"),
            (twice / 2, "each weight is halved, and there are two of each"),
            (twice * 2, "there are two of each token, and each has half the weight"),
            (np.repeat(first[places], 2), "the whole was said twice, and not each token"),
            (np.tile(first[np.argsort(places)], 2), "that is the inverse order"),
        ],
        solution=f'context = dict(zip("abcd", {contexts}))\n'
        f'eight_contexts = [context[letter] for letter in "{order * 2}"]',
    )


sentences(
    "self-attention/which-holds", "Which sentence holds", "sentence_on_self_attention",
    asks="One of these sentences about self-attention holds. “Without codes” means that no vector "
    "says where its token stands, and that there is no mask. Which?",
    right=[
        "Each row of the weights sums to 1, but a column need not.",
        "Without codes, two equal tokens of a sequence get the same context.",
        "The three matrices are as large for 10 tokens as for 1,000.",
        "Who attends to whom is decided by W_Q and W_K, and not by the tokens alone.",
        "Under a causal mask the order of the tokens matters, even if no vector holds its place.",
    ],
    wrong={
        "Without codes, a token hears more from its neighbors than from tokens far away.":
            "a score knows what two tokens are, and not where they stand",
        "Without codes, all other contexts change when two tokens change places.":
            "they move along with their tokens, and nothing else happens",
        "Without codes, a second layer finds the order that the first one has missed.":
            "each layer moves along with its tokens, so two of them do as well",
        "If it is trained for long enough, it finds the left neighbor without codes.":
            "its output is the same in every order of the others, whatever the matrices are",
        "A sequence said three times has contexts that are three times as large.":
            "weights are shares: three times as many tokens get a third each",
        "With Q = K = V = X the weights show which words are close in meaning.":
            "they show which vectors are long and point the same way",
        "Weights are symmetric, since queries and keys are made from the same tokens.":
            "two different matrices make them, and each row has a softmax of its own",
        "A token can't attend to itself.":
            "it asks all tokens of its sequence, itself among them",
        "Twice as many tokens take twice as many multiplications for the scores.":
            "every token is compared with every other, so it is four times as many",
        "Between two tokens there are as many steps as there are places between them.":
            "any token hears from any other in one step",
    },
)  # fmt: skip


@question(
    "self-attention/hidden", "Not everybody",
    layout=["rows", "columns"], hidden=["itself", "the tokens before it"],
)  # fmt: skip
def _hidden(layout: str, hidden: str) -> Asked:
    in_rows = layout == "rows"

    def attended(X: np.ndarray, Q: np.ndarray, K: np.ndarray, V: np.ndarray, **how) -> np.ndarray:
        turn = np.asarray if in_rows else np.transpose
        q, k, v = (turn(X) @ turn(W) for W in (Q, K, V))
        scores = q @ k.T / (1 if how.get("raw") else np.sqrt(k.shape[1]))
        hides = np.eye(len(q), dtype=bool)
        if how.get("hidden", hidden) != "itself":
            hides = np.tri(len(q), k=-1, dtype=bool)
        hides = hides.T if how.get("after") else hides
        may = ~hides if not how.get("all") else True
        return turn(softmax(np.where(may, scores, -np.inf)) @ v)

    def checker(contexts_of: Any) -> str:
        with Comparison() as compare:
            for n, d, d_k, d_v in ((5, 3, 2, 4), (4, 4, 4, 4), (2, 3, 5, 1)):  # 4: all shapes fit
                rng = np.random.default_rng(n)
                shapes = [(n, d), (d, d_k), (d, d_k), (d, d_v)]
                given = [rng.standard_normal(x if in_rows else x[::-1]) for x in shapes]
                axes = {"n": n, "d_v": d_v} if in_rows else {"d_v": d_v, "n": n}
                got = array(contexts_of(*given), axes)
                other = "the tokens before it" if hidden == "itself" else "itself"
                X, Q, K, V = given
                wrong = [
                    (attended(*given, all=True), "{case}: every token sees all tokens"),
                    (attended(*given, hidden=other), "{case}: other tokens are to be hidden"),
                    (attended(*given, raw=True), "{case}: the scores are not divided"),
                    (attended(X, K, Q, V), "{case}: queries and keys are exchanged"),
                ]
                if hidden != "itself":
                    after = attended(*given, hidden=hidden, after=True)
                    last = "{case}: the tokens after it are hidden, those before are to be"
                    wrong.append((after, last))
                compare(got, attended(*given), wrong, case=equations(n=n, d=d, d_k=d_k, d_v=d_v))
        return "right"

    d_in, d_k, d_v = ("(d, n)", "(d_k, d)", "(d_v, d)")
    if in_rows:
        d_in, d_k, d_v = ("(n, d)", "(d, d_k)", "(d, d_v)")
    out = "(n, d_v)" if in_rows else "(d_v, n)"
    products = "X @ W_Q, X @ W_K, X @ W_V" if in_rows else "(W_Q @ X).T, (W_K @ X).T, (W_V @ X).T"
    may = "~np.eye(len(Q), dtype=bool)"
    if hidden != "itself":
        may = "~np.tri(len(Q), k=-1, dtype=bool)"
    return function(
        f"The tokens are the {layout} of `X`, a NumPy array of shape {d_in}; `W_Q` and `W_K` have "
        f"the shape {d_k}, and `W_V` has {d_v}. Return the contexts of self-attention with one "
        f"head, in the {layout} of an array of shape {out}; scores are divided by the root of d_k. "
        f"No token may attend to {hidden}, and each may attend to all others. There are at least "
        "two tokens.",
        "def contexts_of(X, W_Q, W_K, W_V):",
        checker,
        solution="def contexts_of(X, W_Q, W_K, W_V):\n"
        f"    Q, K, V = {products}\n"
        f"    S = np.where({may}, Q @ K.T / np.sqrt(K.shape[1]), -np.inf)\n"
        f"    return {'softmax(S) @ V' if in_rows else '(softmax(S) @ V).T'}",
    )


@question(
    "self-attention/two-tasks", "One of two tasks",
    tasks=[
        ["a list of sensors, each a vector with its name, its value and the name of its reference",
         "Which value does my reference show?", "Which value does the sensor before me show?"],
        ["a queue of customers, each a vector with a name, an order and the name of a friend",
         "What does my friend order?", "What does the one in front of me order?"],
        ["the flights of a day, each a vector with its number, its gate and the number of the "
         "flight that it waits for",
         "At which gate is the flight that I wait for?",
         "At which gate is the flight that leaves just before me?"],
    ],
)  # fmt: skip
def _tasks(tasks: list) -> Asked:
    text, by_content, by_place = tasks
    return essay(
        f"A colleague has {text}. They come in their order, but no vector says anything of its "
        "place. One layer of self-attention, without codes for places and without a mask, is to "
        f"answer two questions for each of them: “{by_content}” and “{by_place}” Which of the two "
        "can it learn, and why not the other? How could you show that without any training, and "
        "what would you change?",
        "on_two_tasks",
        [
            "The first asks for something by what it is: a query and a key can be compared, at "
            "any distance.",
            "The second asks for a place, and without codes permuted inputs give permuted outputs, "
            "so a token's output is the same in every order of the others.",
            "No training, no width and no further layer of this kind changes that.",
            "Shown without training: put the others into another order; the right answer changes, "
            "and the output doesn't.",
            "A remedy: add a code for the place to each vector, or take a causal mask.",
        ],
        solution="The first can be learned: the query says what is looked for, the key what each "
        "is, and where it stands doesn't matter. The second can't, however long it is trained: "
        "without codes the outputs only move along with their tokens, so whoever stands before me "
        "may be exchanged with anybody and my output stays. That is also the test: exchange two of "
        "the others, and nothing changes for me. A code for the place, added to each vector, "
        "mends it, or a causal mask.",
    )  # fmt: skip
