"""Beam search: the best few beginnings are carried on together.

Letters: B batch, K beams, C continuations of a beam, T time, V vocabulary.
"""

import math
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor

from attnlab.decoding.steps import Model, check_arguments, next_logits
from attnlab.functional import arrays as check
from attnlab.functional import settings


@dataclass(frozen=True)
class Beams:
    """What a beam search found for every item of a batch, best first."""

    tokens: Tensor  # (B, K, T), filled up with eos
    scores: Tensor  # (B, K), log-probabilities divided by the length penalty, in float64


def beam_search(
    model: Model[Any],
    src: Tensor,
    *,
    bos: int,
    eos: int,
    max_len: int,
    beams: int,
    length_penalty: float = 0.0,
    src_mask: Tensor | None = None,
) -> Beams:
    r"""Keep the K best beginnings at every step, ended ones among them.

    A sequence y is as good as $\log p(y) / \mathrm{lp}(y)$, with
    $\mathrm{lp}(y) = ((5 + |y|) / 6)^\alpha$, where $|y|$ counts `eos`.

    Args:
        beams: K, 1 or more; 1 is `greedy`.
        length_penalty: α, 0 or more; 0 compares plain log-probabilities, which favors short ones.
        model, src, bos, eos, max_len, src_mask: see `greedy`.

    Returns:
        The `Beams`: tokens `(B, K, T)` and scores `(B, K)`, best first. Where there are fewer than
        K sequences at all, the rest scores -inf.

    Raises:
        TypeError: as `greedy` does; and for beams that are no integer or an α that is no number.
        ValueError: as `greedy` does; and for beams below 1, an α that is negative or not finite,
            or one so large that $\mathrm{lp}$ would pass $10^{250}$ within `max_len` tokens.

    Source:
        Wu et al. (2016), section 7, equation 14, without its coverage term.

    >>> from attnlab.models.transformer import Transformer
    >>> model = Transformer(11, 13, d_model=6, n_heads=2, n_layers=1, d_ff=24).eval()
    >>> found = beam_search(model, torch.tensor([[3, 4, 5]]), bos=0, eos=1, max_len=4, beams=3)
    >>> found.tokens.shape[:2], found.scores.shape  # (B, K) of each
    (torch.Size([1, 3]), torch.Size([1, 3]))
    """
    check_arguments(model, src, bos=bos, eos=eos, max_len=max_len)
    settings.count(1, beams=beams)
    B, K, T, eos = len(src), int(beams), int(max_len), int(eos)
    alpha = _power(length_penalty, T)
    device, log = src.device, {"dtype": torch.float64, "device": src.device}
    first_row = torch.arange(B, device=device)[:, None] * K  # of each item, among the B · K rows

    with torch.no_grad():
        state = model.start(src, max_len=T, src_mask=src_mask)
        if not callable(getattr(state, "select", None)):
            raise TypeError(
                f"model.start must return a state with select, got {settings.kind(state)}"
            )
        state.select(torch.arange(B, device=device).repeat_interleave(K))  # B · K rows
        tokens = torch.full((B, K, T), eos, device=device)
        last = torch.full((B * K,), int(bos), device=device)
        lengths = torch.zeros(B, K, **log)
        log_p = torch.full((B, K), -torch.inf, **log)
        log_p[:, 0] = 0  # at the start all beams are one: only the first may go on
        scores = log_p
        ended = torch.zeros(B, K, dtype=torch.bool, device=device)

        for t in range(T):
            logits = next_logits(model, last, state, eos=eos, ended=ended.flatten(), t=t)
            more, token = _best_continuations(logits.unflatten(0, (B, K)), K)  # (B, K, C)
            # What has ended goes on with eos alone, which changes neither its score nor its length.
            more.masked_fill_(ended[..., None], -torch.inf)[..., 0].masked_fill_(ended, 0)
            token.masked_fill_(ended[..., None], eos)
            lengths = lengths + ~ended
            total = log_p[..., None] + more
            penalized = total / ((5 + lengths) / 6)[..., None] ** alpha if alpha else total
            scores, best = penalized.flatten(1).topk(K)  # (B, K)
            parent = best // more.shape[-1]

            log_p = total.flatten(1).gather(1, best) if alpha else scores
            lengths = lengths.gather(1, parent)
            token = token.flatten(1).gather(1, best)
            # A probability of 0 stays 0: such a beam has ended too.
            ended = ended.gather(1, parent) | (token == eos) | log_p.isneginf()
            tokens = tokens.gather(1, parent[..., None].expand_as(tokens))
            tokens[:, :, t] = token
            if ended.all():
                return Beams(tokens[:, :, : t + 1], scores)
            last = token.flatten()
            state.select((first_row + parent).flatten())
    return Beams(tokens, scores)


def _best_continuations(logits: Tensor, most: int) -> tuple[Tensor, Tensor]:
    """The best tokens after each row of logits `(B, K, V)`: log-probabilities and tokens.

    All of a row share a length, so the best of them are best whatever the penalty.
    """
    if most == 1:  # of equals the first, as `greedy` takes it
        token = logits.argmax(-1, keepdim=True)
    else:
        token = logits.topk(min(most, logits.shape[-1])).indices
    log_p = check.wide(logits).log_softmax(-1)
    return log_p.gather(-1, token).double(), token


def _power(length_penalty: float, max_len: int) -> float:
    """α, so small that neither a penalty nor a score leaves what float64 can tell apart."""
    settings.number(length_penalty=length_penalty)
    alpha = settings.as_float(length_penalty)
    if not 0 <= alpha < math.inf:
        raise ValueError(f"length_penalty must be 0 or more and finite, got {length_penalty}")
    if alpha * math.log10((5 + max_len) / 6) > 250:
        largest = 250 / math.log10((5 + max_len) / 6)
        raise ValueError(
            f"length_penalty must be at most {largest:.4g} for max_len = {max_len}, "
            f"got {length_penalty}"
        )
    return alpha
