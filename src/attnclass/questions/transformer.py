"""Questions on `transformer/transformer`."""

from typing import Any

import numpy as np

from attnlab.exercises.answers import array, parts
from attnlab.exercises.comparison import Comparison
from attnlab.exercises.notation import equations

from .bank import Asked, question
from .kinds import essay, function, sentences, value


@question(
    "transformer/all-weights", "The weights of three attentions",
    m=[9, 12, 15], n=[5, 7, 10], h=[4, 8], L=[2, 6],
)  # fmt: skip
def _weights(m: int, n: int, h: int, L: int) -> Asked:
    three = m * m + n * n + n * m
    return value(
        f"A Transformer has {L} layers in its encoder and {L} in its decoder, and {h} heads in "
        f"each attention. It is given one source of {m} tokens and {n} tokens of a target, all at "
        "once. How many attention weights does it compute in all, those counted too that a mask "
        "makes 0?",
        "all_weights",
        L * h * three,
        [
            (L * h * (m * m + n * n), "one of the three attentions is missing"),
            (L * h * (m * m + n * n + m * m), "in the cross-attention the target asks"),
            (L * h * (m * m + n * n + 2 * n * m), "the source doesn't ask the target"),
            (L * three, "every head has weights of its own"),
            (h * three, "every layer has weights of its own"),
            (L * h * (m * m + n * (n + 1) // 2 + n * m), "those that are masked count as well"),
        ],
        solution=f"all_weights = sum({h} * asks * asked\n"
        f"    for asks, asked in [({m}, {m}), ({n}, {n}), ({n}, {m})] for layer in range({L}))",
    )  # fmt: skip


@question(
    "transformer/deaf-loss", "The loss of a decoder that doesn't listen",
    shares=[[0.5, 0.25, 0.25], [0.5, 0.3, 0.2], [0.6, 0.3, 0.1], [0.7, 0.2, 0.1]],
    words=[[1, 2, 4], [2, 3, 3], [2, 6, 4], [3, 1, 4], [4, 2, 2], [1, 3, 5]],
)  # fmt: skip
def _deaf(shares: list, words: list) -> Asked:
    p, n = np.array(shares), np.array(words) + 1
    H = -(p * np.log(p)).sum()
    return value(
        f"A language has three sentences. Their shares among all that is said are {shares}, and "
        f"they have {words} words; each is followed by an end mark. No two begin with the same "
        "word. What is the least loss, in nats a token, that a decoder can reach that never hears "
        "its source? There is no label smoothing.",
        "deaf_loss",
        H / (p @ n),
        [
            (H, "that is the loss of a whole sentence, not of a token"),
            (H / (p @ n) / np.log(2), "these are bits, not nats"),
            (H / n.mean(), "the sentences are not equally frequent, so neither are their lengths"),
            (H / (p @ (n - 1)), "the end mark is a token as well"),
            (-(p * np.log(p) / n).sum(), "the loss is shared out among all tokens together"),
            (np.log(3) / (p @ n), "the sentences are not equally frequent"),
        ],
        solution=f"p, words = np.array({shares}), np.array({words})\n"
        "first_words = -(p @ np.log(p))  # all other tokens are certain\n"
        "deaf_loss = first_words / ((words + 1) @ p)",
        places=3,
    )  # fmt: skip


@question(
    "transformer/smoothed-loss", "A loss with smoothing",
    V=[5, 11, 21, 41], eps=[0.1, 0.2], p=[0.5, 0.7, 0.98],
)  # fmt: skip
def _smoothed(V: int, eps: float, p: float) -> Asked:
    rest = (1 - p) / (V - 1)
    target, share = 1 - eps + eps / V, eps / V
    right = -target * np.log(p) - (V - 1) * share * np.log(rest)
    return value(
        f"{V} tokens may be right, padding not among them. A model gives the right one the "
        f"probability {p}, and shares the rest evenly among the {V - 1} others. What is its loss "
        f"at this position, in nats, with label smoothing of {eps} as in the chapter?",
        "smoothed_loss",
        right,
        [
            (-np.log(p), "that is the loss without smoothing"),
            (-(1 - eps) * np.log(p), "the other tokens have a share in the target as well"),
            (-(1 - eps) * np.log(p) - eps * np.log(rest),
             "the right token has its part of what is shared out, too"),
            (-target * np.log(target) - (V - 1) * share * np.log(share),
             "that is the least loss there is; the model has probabilities of its own"),
            (-p * np.log(target) - (1 - p) * np.log(share),
             "target and prediction are exchanged"),
            (right / np.log(2), "these are bits, not nats"),
        ],
        solution=f"logits = torch.full((1, {V}), np.log({1 - p:.2f} / {V - 1}))\n"
        f"logits[0, 0] = np.log({p})\n"
        "smoothed_loss = torch.nn.functional.cross_entropy(\n"
        f"    logits, torch.tensor([0]), label_smoothing={eps}\n).item()",
        places=3,
    )  # fmt: skip


sentences(
    "transformer/which-holds", "Which sentence holds", "sentence_on_the_transformer",
    asks="One of these sentences about the Transformer holds. Which?",
    right=[
        "In cross-attention the decoder asks, and the encoder's memory is asked.",
        "If nothing moves when the source is changed, the decoder doesn't listen.",
        "A decoder layer has one attention and one norm more than an encoder layer.",
        "In the encoder every token may see those behind it.",
        "Label smoothing keeps a model from giving the right token a probability close to 1.",
        "A large weight says which vector was read, and not what the encoder has put in it.",
    ],
    wrong={
        "While a translation is written, the encoder runs once for each token.":
            "the source stays as it is, and so does the memory",
        "The weights of cross-attention are a square.":
            "there is a row for each target token, and a column for each source token",
        "A loss that falls for a while shows that the decoder listens to the source.":
            "it falls as well if only the language of the targets is learned",
        "Cross-attention needs a causal mask, as the decoder's own attention does.":
            "the source is all there, and all of it may be read",
        "By teacher forcing a decoder learns from the tokens that it wrote itself.":
            "it is given the right ones",
        "A softmax over the decoder's state does no harm, since no number is lost.":
            "it squeezes the state into shares of one whole, and logits can hardly differ",
        "Tied weights mean that encoder and decoder share their layers.":
            "what is shared is the matrix of word vectors, at the input and for the logits",
        "Each layer of the decoder asks the layer of the encoder at its own height.":
            "all of them ask the same memory, that of the last layer",
        "A date that doesn't exist gets no answer from the model.":
            "the model always answers; what refuses is a rule beside it",
        "Padding of the target counts in the loss, since it has to be learned as well.":
            "padding is never a target",
    },
)  # fmt: skip


BEHIND, IN_FRONT = "behind", "in front of"
TWO, ONE = "two marks", "one mark"


@question(
    "transformer/one-step-behind", "One step behind", padding=[BEHIND, IN_FRONT], marks=[TWO, ONE]
)  # fmt: skip
def _behind(padding: str, marks: str) -> Asked:
    def rows(targets: list, pad: int, left: list, right: list, where: str = padding) -> np.ndarray:
        longest = max(len(target) for target in targets) + len(left) + len(right)
        padded = []
        for target in targets:
            row = [*left, *target, *right]
            fill = [pad] * (longest - len(row))
            padded.append([*row, *fill] if where == BEHIND else [*fill, *row])
        return np.array(padded)

    def checker(shifted: Any) -> str:
        other = IN_FRONT if padding == BEHIND else BEHIND
        goes_in, comes_out = Comparison(), Comparison()
        with comes_out, goes_in:  # who has both wrong is told of what goes in
            for targets, pad, start, end in (
                ([[7, 5, 9], [4], [8, 8]], 0, 1, 2),
                ([[3, 6], [5, 3]], 9, 8, 7),  # nothing to pad
                ([[], [11, 12, 13, 14]], 2, 0, 1),
                ([[5]], 0, 1, 2),
            ):
                known = (start, end) if marks == TWO else (end,)
                got = parts(shifted([list(each) for each in targets], pad, *known), "in", "out")
                case, begin = equations(targets=targets, pad=pad), known[0]
                first, last = (array(each, of="whole numbers") for each in got)
                whole = rows(targets, pad, [begin], [end])
                goes_in(first, rows(targets, pad, [begin], []), [
                    (rows(targets, pad, [], [end]), "{case}: what goes in begins with the mark"),
                    (rows(targets, pad, [], []), "{case}: what goes in begins with the mark"),
                    (whole, "{case}: the end is never read, so it doesn't go in"),
                    (rows(targets, pad, [begin], [], other), "{case}: padding on the other side"),
                    (whole[:, :-1], "{case}: of the longest target alone the last column goes"),
                ], case=case)  # fmt: skip
                comes_out(last, rows(targets, pad, [], [end]), [
                    (rows(targets, pad, [begin], []), "{case}: what is to come out is one step on"),
                    (rows(targets, pad, [], []), "{case}: that it ends is to be learned as well"),
                    (whole, "{case}: nobody has to say how it begins"),
                    (rows(targets, pad, [], [end], other), "{case}: padding on the other side"),
                ], case=case)  # fmt: skip
        return "right"

    side = "row + fill" if padding == BEHIND else "fill + row"
    names, first = ("start, end", "start") if marks == TWO else ("mark", "mark")
    last = "end" if marks == TWO else "mark"
    said = (
        "`start` is the mark before the first token, and `end` that behind the last"
        if marks == TWO
        else "`mark` stands before the first token, and the same mark behind the last"
    )
    return function(
        "A decoder is trained by teacher forcing. `targets` is a list of lists of token numbers, "
        f"without marks; some may be empty. {said}. Return two NumPy arrays, in this order: what "
        "goes into the decoder, and what is to come out of it. Each has a row for every target and "
        f"one column more than the longest target has tokens; rows are filled with `pad` "
        f"{padding} what they hold.",
        f"def shifted(targets, pad, {names}):",
        checker,
        solution=f"def shifted(targets, pad, {names}):\n"
        "    n = 1 + max(len(target) for target in targets)\n"
        "    goes_in, comes_out = [], []\n"
        "    for target in targets:\n"
        "        fill = [pad] * (n - 1 - len(target))\n"
        f"        goes_in.append({side.replace('row', f'[{first}] + target')})\n"
        f"        comes_out.append({side.replace('row', f'target + [{last}]')})\n"
        "    return np.array(goes_in), np.array(comes_out)",
    )


@question("transformer/astray", "A weight on another word", percent=[55, 60, 65, 70])
def _astray(percent: int) -> Asked:
    return essay(
        "A colleague looks at the cross-attention of a trained translator, the mean of its heads. "
        f"When it writes the verb, {percent}% of the weight is on the object of the source, and "
        "little on the verb. The translation is right. “So it has confused the two,” she says. "
        "What may be the reason instead, what does such a map show and what not, and how would "
        "you test it?",
        "on_a_weight_astray",
        [
            "A column is a vector of the memory, and the encoder has mixed the words already, so "
            "that of the object may say something of the verb.",
            "Which verb is right may depend on the object, so the object may be needed for it.",
            "A map shows where a vector was read, not what is in it or what became of it; and a "
            "mean hides what the single heads read.",
            "A test: change or exchange the object in the source, and see whether the written verb "
            "changes.",
            "A test: switch off the heads in question, and see what is lost.",
        ],
        solution="The translation is right, so confused is hardly the word. The columns of the map "
        "are vectors of the memory; the encoder has mixed the words already, and the object's "
        "vector may know the verb. Or the verb depends on the object, as where other games have "
        "other verbs. The map shows which vectors were read, and not what they hold, and the mean "
        "may hide a head that reads the verb. I would give the source another object and see "
        "whether the verb changes, and switch the heads off one by one.",
    )
