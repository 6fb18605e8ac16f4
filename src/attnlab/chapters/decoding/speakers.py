"""Models that have learned nothing, and what comes of decoding them, rightly or with a mistake."""

import math
from collections.abc import Callable

import torch
from torch import Tensor

from attnlab.models.transformer import Transformer
from attnlab.tasks.vocabulary import BOS


def speaker(src_vocab: int, tgt_vocab: int, *, n_layers: int = 1, seed: int = 0) -> Transformer:
    """A model that has learned nothing, and is nevertheless sure of what comes next."""
    torch.manual_seed(seed)
    model = Transformer(
        src_vocab, tgt_vocab, d_model=8, n_heads=2, n_layers=n_layers, d_ff=8, dropout=0.0
    )
    with torch.no_grad():
        model.to_logits.weight *= 3
    return model.double().eval()


def runs_of(model: Transformer) -> list[int]:
    """A list that grows: how many places each run of the decoder's first layer has."""
    runs: list[int] = []
    network = model.decoder.layers[0].feed_forward
    network.register_forward_hook(lambda _, x, y: runs.append(y.shape[1]))
    return runs


@torch.no_grad()
def steps(
    model: Transformer,
    src: Tensor,
    tgt_in: Tensor,
    *,
    place: Callable[[int], int] = lambda t: t,
    fresh: bool = False,
    scaled: bool = True,
    normed: bool = True,
    every_layer: bool = True,
) -> Tensor:
    """The logits (B, n, V) after each token of tgt_in (B, n), with a cache; or a mistake in it."""
    decoder = model.decoder
    state = model.start(src, max_len=tgt_in.shape[1])
    logits = []
    for t, tokens in enumerate(tgt_in.T):
        if fresh:
            state = model.start(src, max_len=1)
        x = model.tgt_embedding(tokens[:, None])  # (B, 1, d_model)
        x = decoder.positions.add(x * math.sqrt(decoder.d_model) if scaled else x, place(t))
        layers = list(zip(decoder.layers, state.layers, strict=True))
        for layer, (cache, keys, values) in layers if every_layer else layers[:1]:
            x = layer(x, (keys, values), memory_bias=state.memory_bias, cache=cache)
        logits.append(model.to_logits(decoder.last_norm(x) if normed else x))
    return torch.cat(logits, dim=1)


@torch.no_grad()
def beams(
    model: Transformer,
    src: Tensor,
    K: int,
    n: int,
    *,
    select: bool = True,
    rows_of_tokens: bool = True,
    one_start: bool = True,
    add: bool = True,
    normalize: bool = True,
) -> tuple[Tensor, Tensor]:
    """The K best beginnings of n tokens, (K, n), and their scores, (K,); or a mistake in it."""
    state = model.start(src.expand(K, -1), max_len=n)
    tokens = torch.full((K, 1), BOS)
    scores = torch.zeros(K, dtype=torch.float64)
    if one_start:
        scores[1:] = -torch.inf
    for t in range(n):
        log_p = model.step(tokens[:, -1], state)  # (K, V)
        log_p = log_p.log_softmax(-1) if normalize else log_p
        total = scores[:, None] + log_p if add or t == 0 else log_p
        scores, best = total.flatten().topk(K)
        rows, last = best // log_p.shape[1], best % log_p.shape[1]
        if select:
            state.select(rows)
        tokens = torch.cat([tokens[rows] if rows_of_tokens else tokens, last[:, None]], dim=1)
    return tokens[:, 1:], scores
