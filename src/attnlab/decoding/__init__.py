"""From the probabilities of the next token to a whole sequence: greedy, sampled, or by beam search.

Letters: B batch, K beams, T time, V vocabulary.

A model to decode from has two methods, as `Transformer` has: `start(src, max_len=…, src_mask=…)`
returns a state that has `select(rows)`, and `step(tokens, state)` takes the last tokens `(B,)`,
changes the state, and returns the logits of the next ones, `(B, V)`. A model is decoded as it is:
call `model.eval()` first, or its dropout stays on.

Nothing is decoded from logits that say nothing: each row that is still being written needs a
largest logit, a finite one. So -inf, a token that can't be said, is fine, but NaN, +inf and a row
of nothing but -inf are refused. Rows that have ended don't matter, whatever stands there.
"""

from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor

from attnlab.decoding.beams import Beams as Beams
from attnlab.decoding.beams import beam_search as beam_search
from attnlab.decoding.steps import Model, check_arguments, check_largest, next_logits
from attnlab.functional import arrays as check
from attnlab.functional import settings


def greedy(
    model: Model[Any],
    src: Tensor,
    *,
    bos: int,
    eos: int,
    max_len: int,
    src_mask: Tensor | None = None,
) -> Tensor:
    """The most probable next token, again and again.

    Args:
        model: whatever has `start` and `step`, as `Transformer` has; call `model.eval()` first.
        src: `(B, m)`, what the model reads.
        bos: the token that every sequence starts with; it is not part of the result.
        eos: the token that ends a sequence.
        max_len: how many tokens to decode at most, 1 or more.
        src_mask: which tokens of `src` are real, as from `padding_mask`.

    Returns:
        Tokens `(B, T)`, T ≤ max_len: the steps until every sequence had ended. A sequence that has
        ended is filled up with `eos`; one that has not by `max_len` is cut there.

    Raises:
        TypeError: max_len, bos or eos is not an integer, the model lacks `start` or `step`, or src
            or its logits are no tensor, the logits of floats.
        ValueError: max_len < 1; bos or eos is negative or not in the vocabulary; logits that are
            not `(B, V)`, or without a finite maximum in a sequence that has not ended, such as NaN.

    Source:
        Sutskever, Vinyals & Le (2014), section 3.2, with a beam of 1.

    >>> from attnlab.models.transformer import Transformer
    >>> model = Transformer(11, 13, d_model=6, n_heads=2, n_layers=1, d_ff=24).eval()
    >>> greedy(model, torch.tensor([[3, 4, 5], [6, 7, 8]]), bos=0, eos=1, max_len=4).shape[0]
    2
    """
    return _decode(model, src, _most_probable, bos=bos, eos=eos, max_len=max_len, src_mask=src_mask)


def sample(
    model: Model[Any],
    src: Tensor,
    *,
    bos: int,
    eos: int,
    max_len: int,
    temperature: float = 1.0,
    top_k: int | None = None,
    top_p: float | None = None,
    generator: torch.Generator | None = None,
    src_mask: Tensor | None = None,
) -> Tensor:
    """A next token drawn at random, again and again.

    Args:
        temperature, top_k, top_p: see `next_probabilities`.
        generator: the source of randomness; torch's global one if left out.
        model, src, bos, eos, max_len, src_mask: see `greedy`.

    Returns:
        Tokens `(B, T)`, as from `greedy`.

    Raises:
        TypeError, ValueError: as `greedy` and `next_probabilities` do; and for a generator that is
            none, or is elsewhere than `src`.

    Source:
        Fan, Lewis & Dauphin (2018), section 5.4 (top-k); Holtzman et al. (2020), section 3 (top-p).

    >>> from attnlab.models.transformer import Transformer
    >>> model = Transformer(11, 13, d_model=6, n_heads=2, n_layers=1, d_ff=24).eval()
    >>> seeded = torch.Generator().manual_seed(0)
    >>> sample(model, torch.tensor([[3, 4, 5]]), bos=0, eos=1, max_len=4, generator=seeded).shape[0]
    1
    """
    check.tensors(src=src)
    if generator is not None:
        if not isinstance(generator, torch.Generator):
            raise TypeError(f"generator must be a torch.Generator, got {settings.kind(generator)}")
        if generator.device.type != src.device.type:
            raise ValueError(f"generator must be on {src.device}, got {generator.device}")

    def choose(logits: Tensor, ended: Tensor) -> Tensor:
        p = next_probabilities(
            logits.masked_fill(ended[:, None], 0),  # any row will do that can be drawn from
            temperature=temperature, top_k=top_k, top_p=top_p,
        )  # fmt: skip
        return torch.multinomial(check.wide(p), 1, generator=generator)[:, 0]

    return _decode(model, src, choose, bos=bos, eos=eos, max_len=max_len, src_mask=src_mask)


def next_probabilities(
    logits: Tensor,
    *,
    temperature: float = 1.0,
    top_k: int | None = None,
    top_p: float | None = None,
) -> Tensor:
    """What `sample` draws from: a softmax whose unlikely tokens have been left out.

    Args:
        logits: `(..., V)`, V ≥ 1; a token whose logit is -inf is never drawn.
        temperature: what the logits are divided by first.
        top_k: keep the k most probable tokens, and what ties with the last of them.
        top_p: then keep the fewest most probable tokens whose probabilities sum to p or more, as
            far as can be told: a sum will do that falls short by what rounds off in it, 2 rounding
            units of the logits' dtype and one of float64's for each token.

    Returns:
        Probabilities `(..., V)`: those of what was kept, grown to sum to 1 again. They are worked
        out in float64 and returned in the logits' dtype.

    Raises:
        TypeError: logits that are no tensor of floats, a top_k that is not an integer, a
            temperature or a top_p that is no number.
        ValueError: a temperature not above 0, a top_k below 1, a top_p outside of (0, 1], logits
            without a finite maximum, such as NaN or nothing but -inf.

    Source:
        As for `sample`.

    >>> next_probabilities(torch.tensor([0.5, 0.3, 0.2]).log(), top_p=0.6)
    tensor([0.6250, 0.3750, 0.0000])
    """
    check.tensors(logits=logits)
    check.floats(logits=logits)
    check.filled_axis(-1, logits=logits)
    settings.positive(temperature=temperature)
    wide = logits.double()  # where no temperature is 0, and nothing is lost on the way
    largest = wide.amax(-1, keepdim=True)
    check_largest(largest[..., 0])
    # Differences from the maximum cannot overflow when the temperature is tiny.
    wide = (wide - largest).div_(float(temperature))
    if top_k is not None:
        settings.count(1, top_k=top_k)
        least = wide.topk(min(int(top_k), wide.shape[-1])).values[..., -1:]
        wide = wide.masked_fill(wide < least, -torch.inf)
    p = wide.softmax(-1)
    if top_p is not None:
        settings.positive(top_p=top_p)
        if top_p > 1:
            raise ValueError(f"top_p must be at most 1, got {top_p}")
        if top_p < 1:  # else nothing is cut, even where rounding makes a sum reach 1 early
            lost = 2 * torch.finfo(logits.dtype).eps + p.shape[-1] * torch.finfo(p.dtype).eps
            p = _nucleus(p, float(top_p) * (1 - lost))
    return p.to(logits.dtype)


def _nucleus(p: Tensor, share: float) -> Tensor:
    """The fewest most probable tokens that have the share together, grown to sum to 1."""
    descending, order = p.sort(dim=-1, descending=True, stable=True)
    before = descending.cumsum(-1) - descending  # what more probable tokens have together
    left_out = before >= share
    p = p.masked_fill(left_out.scatter(-1, order, left_out), 0)
    return p / p.sum(-1, keepdim=True)


def _most_probable(logits: Tensor, ended: Tensor) -> Tensor:
    return logits.argmax(-1)


def _decode(
    model: Model[Any],
    src: Tensor,
    choose: Callable[[Tensor, Tensor], Tensor],
    *,
    bos: int,
    eos: int,
    max_len: int,
    src_mask: Tensor | None,
) -> Tensor:
    """What `greedy` and `sample` share: `choose` takes logits `(B, V)` to tokens `(B,)`, and is
    told which rows have ended, where any token will do."""
    check_arguments(model, src, bos=bos, eos=eos, max_len=max_len)
    B, T, eos = len(src), int(max_len), int(eos)
    tokens = torch.full((B, T), eos, device=src.device)
    last = torch.full((B,), int(bos), device=src.device)
    ended = torch.zeros(B, dtype=torch.bool, device=src.device)
    with torch.no_grad():
        state = model.start(src, max_len=T, src_mask=src_mask)
        for t in range(T):
            logits = next_logits(model, last, state, eos=eos, ended=ended, t=t)
            last = choose(logits, ended).masked_fill_(ended, eos)
            tokens[:, t] = last
            ended |= last == eos
            if ended.all():
                return tokens[:, : t + 1]
    return tokens
