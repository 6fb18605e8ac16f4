"""What recognizers write, how wrong it is, and where one of them looks."""

import torch

from attnlab.chapters.speech.models import BLANK, STRIDE, Marker, Speller
from attnlab.decoding import greedy
from attnlab.tasks.pairs import Batch, alignment_accuracy
from attnlab.tasks.vocabulary import BOS, EOS, SPECIAL

LONGEST = 8  # how many digits more than were said a speller may write


def digits_of(tokens: list[int]) -> list[int]:
    """The digits up to the end mark; another mark, which no training asks for, is left out.

    >>> digits_of([7, 4, EOS, 9])
    [3, 0]
    """
    ended = tokens.index(EOS) if EOS in tokens else len(tokens)
    return [token - len(SPECIAL) for token in tokens[:ended] if token >= len(SPECIAL)]


def spelled(model: Speller, batch: Batch) -> list[list[int]]:
    """What the speller writes, always its most probable next digit."""
    longest = batch.tgt_out.shape[1] + LONGEST
    tokens = greedy(model, batch.src, bos=BOS, eos=EOS, max_len=longest, src_mask=batch.src_mask)
    return [digits_of(row) for row in tokens.tolist()]


def collapsed(path: list[int]) -> list[int]:
    """The digits of a path of CTC: what repeats counts once, and then blanks go.

    >>> collapsed([0, 4, 4, 0, 4, 2, 0])
    [3, 3, 1]
    """
    changes = [mark for i, mark in enumerate(path) if i == 0 or mark != path[i - 1]]
    return [mark - 1 for mark in changes if mark != BLANK]


@torch.no_grad()
def marked(model: Marker, batch: Batch) -> list[list[int]]:
    """What the marker's best path says."""
    logits, mask = model(batch.src, batch.src_mask)
    return [
        collapsed(path[real].tolist())
        for path, real in zip(logits.argmax(-1), mask[:, 0], strict=True)
    ]


def mistakes(wanted: list[int], written: list[int]) -> int:
    """The fewest digits to change, drop or add, to make one row of the other.

    Source: Levenshtein (1966).

    >>> mistakes([3, 5, 6], [3, 6]), mistakes([1, 2], [2, 1]), mistakes([], [4])
    (1, 2, 1)
    """
    row = list(range(len(written) + 1))
    for i, digit in enumerate(wanted, start=1):
        before, row[0] = row[0], i
        for j, other in enumerate(written, start=1):
            best = min(row[j] + 1, row[j - 1] + 1, before + (digit != other))
            before, row[j] = row[j], best
    return row[-1]


def error(written: list[list[int]], batch: Batch) -> float:
    """Mistakes per digit that is wanted; more than 1 if too many are written."""
    wanted = [digits_of(row) for row in batch.tgt_out.tolist()]
    wrong = sum(mistakes(*pair) for pair in zip(wanted, written, strict=True))
    return wrong / sum(map(len, wanted))


@torch.no_grad()
def looks(model: Speller, batch: Batch) -> dict[str, float]:
    """Where the largest weights lie when the right digits are given: two shares.

    `inside` is how often it is inside the word that is to be written, `onward` how often it is
    farther on than at the step before.
    """
    _, weights = model(batch.src, batch.tgt_in, src_mask=batch.src_mask, return_weights=True)
    tops = weights.argmax(-1)  # (B, n)
    real = batch.alignment.any(-1)  # (B, n), False for the end mark
    onward = (tops[:, 1:] > tops[:, :-1])[real[:, 1:]]
    return {
        "inside": alignment_accuracy(weights, batch.alignment[..., ::STRIDE]),
        "onward": onward.double().mean().item(),
    }
