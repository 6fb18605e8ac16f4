"""Pairs of a source and a target, made into batches and marked.

Letters: B batch, n target positions, m source positions.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import torch
from torch import Tensor, nn

from attnlab.functional import arrays as check
from attnlab.functional import contents, settings
from attnlab.functional.masks import padding_mask
from attnlab.tasks.vocabulary import BOS, EOS, PAD
from attnlab.training.losses import cross_entropy

_TOKENS = torch.iinfo(torch.int64).max  # a vocabulary that is larger than any


@dataclass(frozen=True)
class Pair:
    """One source and its target, in numbers, without <bos> and <eos>.

    `alignment` holds for each target token the source positions that it comes from, if known.
    """

    src: list[int]
    tgt: list[int]
    alignment: list[set[int]] | None = None


@dataclass(frozen=True)
class Batch:
    """Pairs side by side, padded; what a model is given, and what it should say."""

    src: Tensor  # (B, m)
    src_mask: Tensor  # (B, 1, m), True where real
    tgt_in: Tensor  # (B, n), from <bos> on
    tgt_out: Tensor  # (B, n), one step ahead, up to <eos>
    alignment: Tensor  # (B, n, m), True where the target token comes from; False where not known


def collate(pairs: Sequence[Pair]) -> Batch:
    """Pad the pairs to the longest source and the longest target among them.

    Raises:
        TypeError: pairs that are none, tokens that are not integers, or an alignment that holds no
            positions.
        ValueError: no pairs, an empty source, negative tokens, or an alignment that does not fit
            its pair.

    >>> batch = collate([Pair([4, 5], [6]), Pair([7], [8, 9])])
    >>> batch.src.tolist(), batch.tgt_in.tolist(), batch.tgt_out.tolist()
    ([[4, 5], [7, 0]], [[1, 6, 0], [1, 8, 9]], [[6, 2, 0], [8, 9, 2]])
    """
    settings.iterable(pairs=pairs)
    pairs = [*pairs]
    for pair in pairs:
        settings.instance(Pair, pairs=pair)
    sources = [_tokens(src=pair.src) for pair in pairs]
    targets = [_tokens(tgt=pair.tgt) for pair in pairs]
    if not all(sources) or not pairs:
        raise ValueError(f"pairs must be one or more, with no empty source, got {pairs}")
    lengths = torch.tensor([len(source) for source in sources], device="cpu")
    src = _padded(src=sources)
    tgt_out = _padded(tgt=[[*target, EOS] for target in targets])
    alignment = torch.zeros(*tgt_out.shape, src.shape[1], dtype=torch.bool, device="cpu")
    alignment[_places(pairs)] = True
    return Batch(
        src=src,
        src_mask=padding_mask(lengths, src.shape[1]),
        tgt_in=_padded(tgt=[[BOS, *target] for target in targets]),
        tgt_out=tgt_out,
        alignment=alignment,
    )


def translation_loss(model: nn.Module, batch: Batch, *, smoothing: float = 0.0) -> Tensor:
    """The mean cross-entropy of the real target tokens, for `fit`.

    Args:
        model: called as `model(src, tgt_in, src_mask=...)`, gives logits `(B, n, V)`:
            `Seq2Seq`, `Transformer`.
        batch: from `collate`.
        smoothing: see `attnlab.cross_entropy`.

    Raises:
        TypeError, ValueError: as `attnlab.cross_entropy` does.
    """
    logits = model(batch.src, batch.tgt_in, src_mask=batch.src_mask)
    return cross_entropy(logits, batch.tgt_out, pad=PAD, smoothing=smoothing)


def exact_match(tokens: Tensor, tgt_out: Tensor) -> float:
    """The share of sequences that are right to the last token, <eos> included.

    Args:
        tokens: what was decoded, `(B, any length)`; what stands behind the first <eos> is ignored.
        tgt_out: the targets, `(B, n)`, as in a `Batch`.

    Raises:
        TypeError: tokens that are no tensor of int64.
        ValueError: tokens that are not `(B, n)`, not the same number of sequences, or none.

    >>> exact_match(torch.tensor([[5, 2, 2], [5, 5, 2]]), torch.tensor([[5, 2], [5, 2]]))
    0.5
    """
    contents.tokens(_TOKENS, tokens=tokens, tgt_out=tgt_out)
    if len(tokens) != len(tgt_out) or len(tokens) == 0:
        raise ValueError(f"expected B ≥ 1 sequences in both, got {len(tokens)} and {len(tgt_out)}")
    n = tgt_out.shape[1]
    short = n - tokens.shape[1]
    tokens = nn.functional.pad(tokens, (0, max(short, 0)), value=PAD)[:, :n]
    return ((tokens == tgt_out) | (tgt_out == PAD)).all(dim=1).double().mean().item()


def alignment_accuracy(weights: Tensor, alignment: Tensor) -> float:
    """How often the largest weight of a target token is on a source token that it comes from.

    Args:
        weights: `(B, n, m)`, floats.
        alignment: the truth, `(B, n, m)` of booleans; rows without any True are left out, and what
            their weights are does not matter.

    Raises:
        TypeError: weights that are no tensor of floats, or a truth that is none of booleans.
        ValueError: different shapes or devices, nothing known at all, or NaN in a row that counts:
            it points nowhere.

    >>> weights = torch.tensor([[[0.9, 0.1], [0.6, 0.4]]])
    >>> alignment_accuracy(weights, torch.tensor([[[True, False], [False, True]]]))
    0.5
    """
    check.tensors(weights=weights, alignment=alignment)
    check.floats(weights=weights)
    if alignment.dtype != torch.bool:
        raise TypeError(f"alignment must be boolean, got {alignment.dtype}")
    if weights.shape != alignment.shape or weights.ndim != 3:
        raise ValueError(
            f"weights and alignment must have one shape (B, n, m), "
            f"got {tuple(weights.shape)} and {tuple(alignment.shape)}"
        )
    known = alignment.any(dim=2)  # (B, n)
    if not known.any():
        raise ValueError("alignment must hold at least one True, got none")
    weights, alignment = weights[known], alignment[known]  # (rows, m)
    contents.not_nan(weights=weights)
    return alignment.gather(1, weights.argmax(dim=1, keepdim=True)).double().mean().item()


def _tokens(**named: Iterable[int]) -> list[int]:
    """The named row of tokens; a truth value, which torch would take for 1 or 0, is none."""
    ((name, row),) = named.items()
    settings.iterable(**named)
    tokens = [*row]
    if bool in map(type, tokens):
        raise TypeError(f"{name} must hold integers, got bool")
    return tokens


def _padded(**named: list[list[int]]) -> Tensor:
    """The named rows of tokens, as long as the longest."""
    ((name, rows),) = named.items()
    width = max(map(len, rows))
    try:
        tokens = torch.tensor([[*row, *[PAD] * (width - len(row))] for row in rows], device="cpu")
    except (TypeError, ValueError, RuntimeError) as error:
        raise TypeError(f"{name} must hold integers: {error}") from None
    contents.tokens(_TOKENS, **{name: tokens})
    return tokens


def _places(pairs: Sequence[Pair]) -> tuple[Tensor, Tensor, Tensor]:
    """Row, target position and source position of all that is known to belong together."""
    places = []
    for row, pair in enumerate(pairs):
        sources = [set()] * len(pair.tgt) if pair.alignment is None else pair.alignment
        settings.iterable(alignment=sources)
        for positions in sources:
            settings.iterable(alignment=positions)
        if len(sources) != len(pair.tgt) or not set().union(*sources) <= set(range(len(pair.src))):
            raise ValueError(
                f"alignment must have {len(pair.tgt)} entries from 0 to {len(pair.src) - 1}, "
                f"got {pair.alignment}"
            )
        places += [(row, i, j) for i, positions in enumerate(sources) for j in positions]
    places = torch.tensor(places, dtype=torch.int64, device="cpu")
    rows, targets, sources = places.reshape(-1, 3).T
    return rows, targets, sources
