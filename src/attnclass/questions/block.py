"""Questions on `transformer/block`."""

from itertools import permutations
from typing import Any

import numpy as np

from attnlab.exercises.answers import array
from attnlab.exercises.comparison import Comparison
from attnlab.exercises.notation import equations

from .bank import Asked, question
from .kinds import essay, function, sentences, value


@question(
    "block/back-through-norm", "Back through the norm",
    signs=sorted({each for each in permutations((-1, -1, 1, 1))}),
    mean=[4, -3, 7], sigma=[2, 3, 5], gain=[2, 0.5], bias=[1, -2],
)  # fmt: skip
def _back(signs: list, mean: int, sigma: int, gain: float, bias: int) -> Asked:
    hat = np.array(signs)
    y = (gain * hat + bias).tolist()
    return value(
        f"A token of four numbers has the mean {mean} and the standard deviation {sigma} (its "
        f"squares were divided by 4, and ε is left out here). LayerNorm with the gain {gain} and "
        f"the bias {bias}, the same for all four numbers, makes {y} of it. What was the token?",
        "token_before",
        mean + sigma * hat,
        [
            (mean + sigma * np.array(y), "gain and bias have not been undone"),
            (mean + sigma * (gain * hat), "the gain has not been undone"),
            (mean + sigma * (hat + bias / gain), "the bias has not been undone"),
            (mean + sigma**2 * hat, "it was divided by σ, and not by its square"),
            (mean + hat / sigma, "what was divided is to be multiplied"),
            (sigma * (mean + hat), "the mean was subtracted first, so it is added last"),
            (sigma * hat, "the mean was subtracted, and is not back yet"),
        ],
        solution=f"x_hat = (np.array({y}) - {bias}) / {gain}\n"
        f"token_before = {mean} + {sigma} * x_hat",
    )


@question(
    "block/diversity-of-two", "How different two tokens are",
    a=[[7, 1], [5, 7], [7, 4], [5, 4], [7, 2], [6, 4]],
    b=[[5, -2], [5, -1], [6, -2], [6, -1], [5, 1], [6, -3]],
)  # fmt: skip
def _diversity(a: list, b: list) -> Asked:
    x = np.array([a, b])
    own = x - x.mean(axis=0)
    right = np.linalg.norm(own) / np.linalg.norm(x)
    return value(
        f"Two tokens are the rows of `X` = {[a, b]}. What is their diversity δ(X)?",
        "diversity_of_two",
        right,
        [
            (right**2, "the lengths are divided, and not their squares"),
            (np.linalg.norm(x - x.mean()) / np.linalg.norm(x), "each number has a mean of its own"),
            (np.linalg.norm(x - x.mean(axis=1, keepdims=True)) / np.linalg.norm(x),
             "the mean is over the tokens, and not over the numbers of each"),
            (np.sqrt(1 - right**2), "that is the share that the two have in common"),
            (np.linalg.norm(own), "that is the length of what is their own, not yet its share"),
            (np.linalg.norm(own[0]) / np.linalg.norm(x), "each of the two has a part of its own"),
        ],
        solution=f"X = np.array({[a, b]})\n"
        "own = (X[0] - X[1]) / 2  # of the first; the other's is −own\n"
        "diversity_of_two = np.sqrt(2 * own @ own / (X**2).sum())",
        places=3,
    )  # fmt: skip


@question(
    "block/power-of-ten", "A cubic fall",
    start=[1, 2, 3, 4, 5, 6, 7, 8, 9], layers=[2, 3, 4],
)  # fmt: skip
def _power(start: int, layers: int) -> Asked:
    return value(
        f"What tokens have of their own has the size 10^−{start}. In each layer the output of an "
        "attention takes their place; there are no residual connections. Take the law of the "
        "chapter with a constant of 1, and exact arithmetic. Which power of ten is the size of "
        f"their own part after {layers} layers? Give the exponent, with its sign.",
        "exponent_left",
        -start * 3**layers,
        [
            (-start * 3 * layers, "each layer takes the cube of what the one below has left"),
            (-start - 3 * layers, "a cube multiplies an exponent by three"),
            (-start * 2**layers, "the law is cubic: the rows of weights differ by a square, and "
             "then come the tokens"),
            (-start, "that is what is passed on where the input is added"),
            (start * 3**layers, "the part becomes smaller, so the exponent is below 0"),
        ],
        solution=f"exponent_left = -{start}\nfor _ in range({layers}):\n    exponent_left *= 3",
    )  # fmt: skip


sentences(
    "block/which-holds", "Which sentence holds", "sentence_on_the_block",
    asks="One of these sentences about the block holds. Which?",
    right=[
        "LayerNorm takes mean and variance of one token, whatever the other tokens are.",
        "Add one number to all numbers of a token, and LayerNorm's output stays the same.",
        "With pre-norm the residual stream is a sum that no norm interrupts before the top.",
        "Behind look-ups whose keys hold no values, two linear maps can't compare two bits.",
        "With 24 layers, post-norm learned the task once its sublayers started quietly.",
        "The cubic law is one of attention whose output replaces its input.",
    ],
    wrong={
        "Through LayerNorm the tokens of a sequence hear from each other.":
            "mean and variance are those of one token",
        "The feed-forward network mixes each token with its neighbors.":
            "it works on each position by itself",
        "The feed-forward network has weights of its own for every position.":
            "the same weights are used everywhere",
        "Post-norm with 24 layers failed because its gradients at the top were too large.":
            "with a quiet start they were as large, and it learned",
        "With six layers only the stack with pre-norm learned the task.":
            "with six layers both of them learned it",
        "A warm-up of the learning rate mended the stack of 24 post-norm layers.":
            "it became a little better, and far from good",
        "A token that is ten times as large gets ten times the gradient through LayerNorm.":
            "the gradient is divided by σ, so it gets a tenth",
        "Without residual connections, norms alone keep the tokens apart.":
            "with either of them the tokens were alike after a few layers",
        "With residual connections alone, the diversity stays what it was.":
            "what all tokens share grows and grows, and their own part drowns in it",
        "Behind pre-norm layers no last norm is needed, since each layer has norms.":
            "these stand before the sublayers, and the stream may have any size",
    },
)  # fmt: skip


ROWS, COLUMNS = "the rows", "the columns"
LAYER, ROOT = "LayerNorm", "RMSNorm"


@question("block/norm-of", "A norm as they have it", tokens=[ROWS, COLUMNS], norm=[LAYER, ROOT])
def _norm(tokens: str, norm: str) -> Asked:
    axis = 1 if tokens == ROWS else 0

    def normed(x: np.ndarray, gain: np.ndarray, **how) -> np.ndarray:
        along = how.get("axis", axis)
        if how.get("norm", norm) == LAYER:
            x = x - x.mean(axis=along, keepdims=True)
        return gain * x / np.sqrt((x**2).mean(axis=along, keepdims=True) + 1e-5)

    def checker(norm_of: Any) -> str:
        with Comparison() as compare:
            for n, d, size in ((5, 3, 3.0), (4, 4, 1.0), (1, 6, 50.0), (3, 2, 0.01)):  # n = d: fits
                rng = np.random.default_rng(n)
                x = size * (rng.standard_normal((n, d)) + 1)
                g = rng.uniform(-0.8, 0.8, d)
                x, turned = (x, g) if axis == 1 else (x.T, g[:, None])
                axes = dict(zip("nd" if axis == 1 else "dn", x.shape, strict=True))
                got, gain = array(norm_of(x, g), axes), 1 + turned
                other = ROOT if norm == LAYER else LAYER
                wrong = [
                    (normed(x, gain, norm=other), "{case}: that is another norm"),
                    (normed(x, gain, axis=1 - axis), "{case}: other numbers make up a token"),
                    (normed(x, turned), "{case}: g says by how much the gain is above 1"),
                    (normed(x * gain, np.ones(1)), "{case}: the gain comes after the division"),
                    (normed(x, np.ones(1)), "{case}: the gain is still to come"),
                ]
                compare(got, normed(x, gain), wrong, case=equations(n=n, d=d, size=size))
        return "right"

    shape = "(n, d)" if axis == 1 else "(d, n)"
    column = "" if axis == 1 else "[:, None]"
    subtracted = " - x.mean(axis=axis, keepdims=True)" if norm == LAYER else ""
    return function(
        f"Some libraries store a gain as its distance from 1: the gain of number i is 1 + g_i. "
        f"Write {norm} so, without a bias and with ε = 1e-5 under the root, as in the chapter. The "
        f"tokens are {tokens} of `x`, a NumPy array of shape {shape}, and `g` has the shape (d,). "
        "Return an array of the shape of `x`.",
        "def norm_of(x, g):",
        checker,
        solution=f"def norm_of(x, g):\n    axis = {axis}\n    x = x{subtracted}\n"
        "    by = np.sqrt((x**2).mean(axis=axis, keepdims=True) + 1e-5)\n"
        f"    return (1 + g){column} * x / by",
    )


@question("block/growing-stream", "A stream that grows", layers=[24, 48, 96])
def _growing(layers: int) -> Asked:
    return essay(
        f"A colleague has plotted the length of the tokens in a pre-norm stack of {layers} layers, "
        "and it grows from layer to layer. “That can't be healthy,” he says. “I will put a "
        "LayerNorm on the stream after each sum, as well.” What does the growth come from, does it "
        "do harm where it is, what would his norms do, and what should he look at first?",
        "on_the_growing_stream",
        [
            "The stream is a sum to which every sublayer adds, and pre-norm never divides it: "
            "growth is what it does.",
            "It does no harm in the layers, since each sublayer reads a normed copy, and one last "
            "norm sets the size at the top.",
            "A norm on the stream after each sum is post-norm: it divides what a token has of its "
            "own in every layer.",
            "A deep stack of that kind wants a quiet start, or it may not learn at all.",
            "To look at first: the diversity of the tokens that arrive at the top, and whether it "
            "learns.",
        ],
        solution="Each sublayer adds something and nothing divides the sum, so it grows. The "
        "sublayers don't notice, because each reads a normed copy, and the last norm at the top "
        "sets the size. A norm behind each sum makes a post-norm stack of it: then the stream, and "
        "with it each token's own part, is divided in every layer, and a deep one fails unless its "
        "sublayers start quietly. Before he changes anything, he should see how different the "
        "tokens are that arrive at the top, and whether the stack learns.",
    )
