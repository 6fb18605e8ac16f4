"""Twenty mistakes that were reported in public trackers, each in a small language model.

A source is a repository's issue or pull request, which says in its own words what was wrong; the
model here has the same mistake in the fewest lines. All do harm.
"""

from functools import partial

import torch
from torch import Tensor

from tests.examine.mutants import language, leaks
from tests.examine.mutants.language import (
    GroupedAttention,
    LanguageModel,
    LearnedPositions,
    Windowed,
)
from tests.examine.mutants.mutant import Mutant

# What takes padding for words


class MasksQueries(LanguageModel):
    """The padding's mask is spread along the wrong axis."""

    def visible(self, real: Tensor, n: int) -> Tensor:
        return (self.near(n, real.shape[1]).to(real.device) & real[:, -n:, None])[:, None]


class CountsPadding(LearnedPositions):
    """Positions are counted from the first place, be it padding."""

    def places(self, real: Tensor, n: int) -> Tensor:
        return torch.arange(real.shape[1], device=real.device)[-n:].expand(len(real), n)


def padded_in_front(phrases: list[list[int]]) -> dict[str, Tensor]:
    """As for writing on: all phrases end at the same place."""
    backwards = language.batch([phrase[::-1] for phrase in phrases])
    return {name: x.flip(1) for name, x in backwards.items()}


class OneIsNeverPadded(LanguageModel):
    """A batch of one is taken for one without padding."""

    def visible(self, real: Tensor, n: int) -> Tensor:
        return super().visible(torch.ones_like(real) if len(real) == 1 else real, n)


# What writes otherwise than it reads


class ForgetsItsOffset(LanguageModel):
    def places(self, real: Tensor, n: int) -> Tensor:
        return super().places(real[:, -n:], n)


class OneAhead(GroupedAttention):
    """The layer before has counted the new words already."""

    def turn_both(self, q: Tensor, k: Tensor, places: Tensor, past: tuple | None):
        return super().turn_both(q, k, places + (0 if past is None else 1), past)


class UpperLayersOneAhead(LanguageModel):
    def __init__(self):
        super().__init__()
        for block in self.blocks[1:]:
            block.attention = OneAhead()


class TurnsByLength(GroupedAttention):
    """Turns are kept by the number of words that they are for, wherever those begin."""

    def __init__(self):
        super().__init__()
        self.kept: dict[int, Tensor] = {}

    def turn_both(self, q: Tensor, k: Tensor, places: Tensor, past: tuple | None):
        places = self.kept.setdefault(q.shape[2], places.amax(dim=0, keepdim=True))
        return super().turn_both(q, k, places, past)


class KeepsTurnsByLength(LanguageModel):
    attention = TurnsByLength


class AlignedAtTheTop(LanguageModel):
    """The first new word sees the first key alone, as with is_causal in a kernel."""

    def near(self, n: int, m: int) -> Tensor:
        return torch.ones(n, m, dtype=torch.bool).tril()


class WindowOneWider(Windowed):
    """In steps the window counts the words before, and not the word itself."""

    def near(self, n: int, m: int) -> Tensor:
        if n == m:
            return super().near(n, m)
        back = torch.arange(m - n, m)[:, None] - torch.arange(m)
        return (back >= 0) & (back <= self.window)


class TiledInSteps(GroupedAttention):
    """One new word has a faster way of its own, with heads 0, 1, 0, 1 in place of 0, 0, 1, 1."""

    def attend(self, q: Tensor, k: Tensor, v: Tensor, mask: Tensor) -> Tensor:
        if q.shape[2] == 1:
            k, v = (x.repeat(1, self.heads // x.shape[1], 1, 1) for x in (k, v))
        return super().attend(q, k, v, mask)


class TilesHeadsInSteps(LanguageModel):
    attention = TiledInSteps


# What is trained for something else


def shifted_twice(logits: Tensor, labels: Tensor) -> Tensor:
    """Moved here, and once more in the loss that is called."""
    return language.loss(logits[:, :-1], labels[:, 1:])


def mutant(
    name: str,
    source: str,
    found: str,
    model: type[LanguageModel] = LanguageModel,
    *,
    where: str = "model",
    **changed,
) -> Mutant:
    return Mutant(name, source, True, where, found, partial(language.build, model=model, **changed))


FUTURE, STEPS = "the future", "steps"
REPORTS = (
    # In the decoders of four encoders, RoFormer, BigBird, RemBert and MegatronBert
    mutant("encoder as decoder", "huggingface/transformers#48745", FUTURE, leaks.EncoderAsDecoder),
    # In Doge, by default
    mutant(
        "no causal mask unless padded",
        "huggingface/transformers#48770",
        "the future, without padding alone",
        leaks.SkippedWhenUnpadded,
    ),
    mutant(
        "no causal mask while dropping weights",
        "keras-team/keras#23038",
        "the future, in training alone",
        leaks.DropsTheMaskInTraining,
    ),
    # In Llama, where weights were asked for
    mutant(
        "no causal mask in the fallback",
        "huggingface/transformers#30652",
        "the future, in one kernel alone",
        leaks.DropsTheMaskInOneKernel,
    ),
    mutant("causal by blocks of 16", "tenstorrent/tt-metal#48700", FUTURE, leaks.CausalByBlocks),
    # In Zamba2
    mutant(
        "sums over later chunks of 64",
        "huggingface/transformers#47475",
        "the future, past 64 words",
        leaks.SumsOverLaterChunks,
    ),
    # The convolution wraps, and its steps would need a state of their own
    mutant(
        "circular convolution",
        "karpathy/nanochat#845",
        "the future, from the end to the start",
        leaks.CircularConvolution,
        step=None,
    ),
    # In DeepSeek-V4
    mutant(
        "selects compressed future",
        "huggingface/transformers#45820",
        FUTURE,
        leaks.SelectsTheFuture,
    ),
    mutant("experts choose words", "piotrpiekos/MoSA#3", FUTURE, leaks.ExpertsChoose),
    mutant("norm over time", "Wan-Video/Wan2.1#294", FUTURE, leaks.NormalizesOverTime),
    mutant(
        "mask of keys on queries",
        "bentrevett/pytorch-seq2seq#96",
        "padding in front",
        MasksQueries,
    ),
    # In GPT-2, traced in a batch that is padded in front
    mutant(
        "padding is counted",
        "ndif-team/nnsight#672",
        "padding in front",
        CountsPadding,
        pipeline=padded_in_front,
    ),
    # In models with a linear attention
    mutant(
        "a batch of one is never padded",
        "huggingface/transformers#46773",
        "padding in front, alone",
        OneIsNeverPadded,
    ),
    mutant(
        "a cache that forgets its offset",
        "pytorch/executorch#2010",
        STEPS,
        ForgetsItsOffset,
        where="step",
    ),
    mutant(
        "upper layers one ahead",
        "fla-org/flash-linear-attention#766",
        STEPS,
        UpperLayersOneAhead,
        where="step",
    ),
    mutant(
        "turns kept by length",
        "lucidrains/rotary-embedding-torch#11",
        STEPS,
        KeepsTurnsByLength,
        where="step",
    ),
    mutant(
        "causal from the top left", "pytorch/pytorch#144858", STEPS, AlignedAtTheTop, where="step"
    ),
    mutant(
        "window one wider in one path",
        "huggingface/transformers#39408",
        "steps past the window",
        WindowOneWider,
        where="step",
    ),
    mutant("heads tiled in one path", "onnx/onnx#7274", STEPS, TilesHeadsInSteps, where="step"),
    # In Git
    mutant(
        "labels shifted twice",
        "huggingface/transformers#47394",
        "perfect logits",
        where="loss",
        loss=shifted_twice,
    ),
)
