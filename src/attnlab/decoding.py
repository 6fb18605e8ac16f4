"""From the probabilities of the next token to a whole sequence: greedy, sampled, or by beam search.

Letters: B batch, K beams, T time, V vocabulary.

A model to decode from has two methods, as `Transformer` has: `start(src, max_len=…, src_mask=…)`
returns a state that has `select(rows)`, and `step(tokens, state)` takes the last tokens `(B,)`,
changes the state, and returns the logits of the next ones, `(B, V)`. A model is decoded as it is:
call `model.eval()` first, or its dropout stays on.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Protocol, TypeVar

import torch
from torch import Tensor

from attnlab.functional import arrays as check
from attnlab.functional import settings


class State(Protocol):
    """What a model remembers from step to step."""

    def select(self, rows: Tensor) -> None: ...


S = TypeVar("S", bound=State)


class Model(Protocol[S]):
    """What can be decoded from."""

    def start(self, src: Tensor, *, max_len: int, src_mask: Tensor | None = None) -> S: ...

    def step(self, tokens: Tensor, state: S) -> Tensor: ...


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
        TypeError: max_len, bos or eos is not an integer.
        ValueError: max_len < 1, or bos or eos is negative or not in the vocabulary.

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
        TypeError, ValueError: as `greedy` and `next_probabilities` do.

    Source:
        Fan, Lewis & Dauphin (2018), section 5.4 (top-k); Holtzman et al. (2020), section 3 (top-p).

    >>> from attnlab.models.transformer import Transformer
    >>> model = Transformer(11, 13, d_model=6, n_heads=2, n_layers=1, d_ff=24).eval()
    >>> seeded = torch.Generator().manual_seed(0)
    >>> sample(model, torch.tensor([[3, 4, 5]]), bos=0, eos=1, max_len=4, generator=seeded).shape[0]
    1
    """

    def choose(logits: Tensor) -> Tensor:
        p = next_probabilities(logits, temperature=temperature, top_k=top_k, top_p=top_p)
        return torch.multinomial(p, 1, generator=generator)[:, 0]

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
        logits: `(..., V)`.
        temperature: what the logits are divided by first.
        top_k: keep the k most probable tokens, and what ties with the last of them.
        top_p: then keep the fewest most probable tokens whose probabilities sum to p or more.

    Returns:
        Probabilities `(..., V)`: those of what was kept, grown to sum to 1 again.

    Raises:
        TypeError: logits that are not floats, a top_k that is not an integer.
        ValueError: a temperature not above 0, a top_k below 1, a top_p outside of (0, 1].

    Source:
        As for `sample`.

    >>> next_probabilities(torch.tensor([0.5, 0.3, 0.2]).log(), top_p=0.6)
    tensor([0.6250, 0.3750, 0.0000])
    """
    check.floats(logits=logits)
    settings.positive(temperature=temperature)
    # Differences from the maximum cannot overflow when the temperature is tiny.
    logits = (logits - logits.amax(-1, keepdim=True)) / temperature
    if top_k is not None:
        settings.count(1, top_k=top_k)
        least = logits.topk(min(top_k, logits.shape[-1])).values[..., -1:]
        logits = logits.masked_fill(logits < least, -torch.inf)
    p = logits.softmax(-1)
    if top_p is None:
        return p
    settings.positive(top_p=top_p)
    if top_p > 1:
        raise ValueError(f"top_p must be at most 1, got {top_p}")
    if top_p == 1:
        return p  # nothing to cut, even where rounding makes a sum reach 1 early
    descending, order = p.sort(dim=-1, descending=True, stable=True)
    before = descending.cumsum(-1) - descending  # what more probable tokens have together
    p = p.masked_fill((before >= top_p).scatter(-1, order, before >= top_p), 0)
    return p / p.sum(-1, keepdim=True)


@dataclass(frozen=True)
class Beams:
    """What a beam search found for every item of a batch, best first."""

    tokens: Tensor  # (B, K, T), filled up with eos
    scores: Tensor  # (B, K), log-probabilities divided by the length penalty


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
        TypeError, ValueError: as `greedy` does; and for beams below 1 or a negative penalty.

    Source:
        Wu et al. (2016), section 7, equation 14, without its coverage term.

    >>> from attnlab.models.transformer import Transformer
    >>> model = Transformer(11, 13, d_model=6, n_heads=2, n_layers=1, d_ff=24).eval()
    >>> found = beam_search(model, torch.tensor([[3, 4, 5]]), bos=0, eos=1, max_len=4, beams=3)
    >>> found.tokens.shape[:2], found.scores.shape  # (B, K) of each
    (torch.Size([1, 3]), torch.Size([1, 3]))
    """
    settings.count(1, beams=beams)
    if not length_penalty >= 0:
        raise ValueError(f"length_penalty must be 0 or more, got {length_penalty}")
    _check_limits(bos, eos, max_len)
    B, K, device = src.shape[0], beams, src.device
    first_row = torch.arange(B, device=device)[:, None] * K  # of each item, among the B · K rows

    with torch.no_grad():
        state = model.start(src, max_len=max_len, src_mask=src_mask)
        state.select(torch.arange(B, device=device).repeat_interleave(K))  # B · K rows
        tokens = torch.full((B, K, max_len), eos, device=device)
        last = torch.full((B * K,), bos, device=device)
        ended = torch.zeros(B, K, dtype=torch.bool, device=device)
        lengths = torch.zeros(B, K, device=device)
        log_p = torch.full((B, K), -torch.inf, device=device)
        log_p[:, 0] = 0  # at the start all beams are one: only the first may go on
        scores = log_p

        for t in range(max_len):
            next_log_p = model.step(last, state).log_softmax(-1).view(B, K, -1)  # (B, K, V)
            V = next_log_p.shape[-1]
            _check_eos(eos, V)
            # What has ended goes on with eos alone, which changes neither its score nor its length.
            next_log_p[ended] = -torch.inf
            next_log_p[..., eos].masked_fill_(ended, 0)
            lengths = lengths + ~ended
            total = log_p[..., None] + next_log_p
            penalized = total / ((5 + lengths) / 6)[..., None] ** length_penalty
            scores, best = penalized.flatten(1).topk(K)  # (B, K)
            parent, token = best // V, best % V

            log_p = total.flatten(1).gather(1, best)
            lengths = lengths.gather(1, parent)
            ended = ended.gather(1, parent) | (token == eos)
            tokens = tokens.gather(1, parent[..., None].expand_as(tokens))
            tokens[:, :, t] = token
            if (ended | scores.isneginf()).all():
                return Beams(tokens[:, :, : t + 1], scores)
            last = token.flatten()
            state.select((first_row + parent).flatten())
    return Beams(tokens, scores)


def _most_probable(logits: Tensor) -> Tensor:
    return logits.argmax(-1)


def _decode(
    model: Model[Any],
    src: Tensor,
    choose: Callable[[Tensor], Tensor],
    *,
    bos: int,
    eos: int,
    max_len: int,
    src_mask: Tensor | None,
) -> Tensor:
    """What `greedy` and `sample` share: `choose` takes logits `(B, V)` to tokens `(B,)`."""
    _check_limits(bos, eos, max_len)
    tokens = torch.full((src.shape[0], max_len), eos, device=src.device)
    last = torch.full((src.shape[0],), bos, device=src.device)
    ended = torch.zeros(src.shape[0], dtype=torch.bool, device=src.device)
    with torch.no_grad():
        state = model.start(src, max_len=max_len, src_mask=src_mask)
        for t in range(max_len):
            logits = model.step(last, state)
            _check_eos(eos, logits.shape[-1])
            last = choose(logits).masked_fill_(ended, eos)
            tokens[:, t] = last
            ended |= last == eos
            if ended.all():
                return tokens[:, : t + 1]
    return tokens


def _check_limits(bos: int, eos: int, max_len: int) -> None:
    settings.count(0, bos=bos, eos=eos)
    settings.count(1, max_len=max_len)


def _check_eos(eos: int, vocabulary: int) -> None:
    if eos >= vocabulary:
        raise ValueError(f"eos must be below the vocabulary's size, {vocabulary}, got {eos}")
