"""What the tests of decoding decode from, and what they all ask for."""

import torch

from attnlab.functional.masks import padding_mask
from attnlab.models.transformer import Transformer

B, M, T, V = 5, 7, 11, 13
BOS, EOS = 0, 1


class Chain:
    """A model that knows only the last token: row i of `logits` holds what follows token i.

    Every item of the batch has a table of its own, (B, V, V), so that mixed-up rows show.
    """

    def __init__(self, logits):
        self.logits, self.steps = logits, 0

    def start(self, src, *, max_len, src_mask=None):
        return ChainState(self.logits)

    def step(self, tokens, state):
        self.steps += 1
        return state.logits[torch.arange(len(tokens)), tokens]


class ChainState:
    def __init__(self, logits):
        self.logits = logits

    def select(self, rows):
        self.logits = self.logits[rows]


def transformer(positions="sinusoidal", norm="pre"):
    sizes = {"d_model": 16, "n_heads": 2, "n_layers": 2, "d_ff": 24, "norm": norm}
    model = Transformer(V, V, **sizes, positions=positions, max_len=T).eval()
    model.to_logits.weight.data *= 3  # logits far enough apart for rounding not to decide
    return model


def batch():
    src = torch.randint(2, V, (B, M))
    return src, padding_mask(torch.tensor([M, 2, 4, 1, 6]), M)


def limits(max_len=T):
    return {"bos": BOS, "eos": EOS, "max_len": max_len}
