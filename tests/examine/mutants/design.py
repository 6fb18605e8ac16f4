"""Thirty mistakes in one encoder–decoder, which were measured, trained, in three runs each.

Each is the smallest change to the healthy model, its loss, its pipeline or its steps that makes the
mistake as people make it.
"""

import math
from functools import partial

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from tests.examine.mutants import attentions, healthy
from tests.examine.mutants.healthy import (
    BOS,
    EOS,
    PAD,
    D,
    Layer,
    Reverser,
    padded,
)
from tests.examine.mutants.mutant import Mutant


def attending(attention: type[nn.Module]) -> type[Reverser]:
    """The healthy model with this attention at all three places."""
    places = ("read_attention", "self_attention", "cross_attention")
    return type(attention.__name__, (Reverser,), dict.fromkeys(places, attention))


# Masks


class NoCausalMask(Reverser):
    def causal(self, n: int, m: int) -> Tensor:
        return torch.ones(n, m, dtype=torch.bool)


class MaskInTrainingOnly(Reverser):
    """Since prediction gives the model one word at a time, which has no future."""

    def causal(self, n: int, m: int) -> Tensor:
        return super().causal(n, m) if self.training else torch.ones(n, m, dtype=torch.bool)


class NoPaddingMask(Reverser):
    def real(self, tokens: Tensor) -> Tensor:
        return torch.ones_like(tokens, dtype=torch.bool)[:, None, None]


# Attention and layers


class AcrossTheBatch(Reverser):
    read_attention = attentions.BatchSecond


class NeverSeesTheEncoder(Reverser):
    """A decoder of layers that are made for encoders."""

    @staticmethod
    def cross_attention() -> None:
        return None


class NoResidual(Layer):
    def add(self, x: Tensor, change: Tensor) -> Tensor:
        return change


class PostNorm(Layer):
    def forward(self, x, mask, past=None, memory=None, memory_mask=None):
        first, *between, last = self.norms
        looked_up, past = self.attention(x, x, mask, past)
        x = first(self.add(x, looked_up))
        if self.cross is not None:
            x = between[0](self.add(x, self.cross(x, memory, memory_mask)[0]))
        return last(self.add(x, self.feed(x))), past


def stacking(layer: type[Layer]) -> type[Reverser]:
    """The healthy model of such layers."""
    return type(layer.__name__, (Reverser,), {"layer": layer})


# Embedding and positions


class NoPositions(Reverser):
    def embed(self, tokens: Tensor, places: Tensor) -> Tensor:
        return self.embedding(tokens) * math.sqrt(D)


class EmbeddingNotScaled(Reverser):
    def embed(self, tokens: Tensor, places: Tensor) -> Tensor:
        return self.embedding(tokens) + self.coded(places)


class PositionsScaledToo(Reverser):
    def embed(self, tokens: Tensor, places: Tensor) -> Tensor:
        return (self.embedding(tokens) + self.coded(places)) * math.sqrt(D)


# Steps


class PositionZeroAtEachStep(Reverser):
    def places(self, n: int, m: int) -> Tensor:
        return torch.arange(n)


class CacheWithoutTheCurrentKey(Reverser):
    self_attention = attentions.PastWithoutPresent


# Loss and pipeline


def not_shifted(numbers: list[list[int]]) -> dict[str, Tensor]:
    """The model is given the word that it is to predict."""
    written = padded([[BOS, *reversed(number), EOS] for number in numbers])
    return {"src": padded(numbers), "tgt": written, "labels": written}


def with_an_empty_number(numbers: list[list[int]]) -> dict[str, Tensor]:
    """Its row of keys is padding from end to end."""
    return healthy.batch([[], *numbers[1:]])


def softmax_twice(logits: Tensor, labels: Tensor) -> Tensor:
    return healthy.loss(logits.softmax(dim=-1), labels)


def smoothing_on_padding(logits: Tensor, labels: Tensor) -> Tensor:
    """A share of each label goes to all words, and the padding is one of them."""
    options = {"ignore_index": PAD, "label_smoothing": 0.1}
    return F.cross_entropy(logits.flatten(0, 1), labels.flatten(), **options)


def counting_padding(logits: Tensor, labels: Tensor) -> Tensor:
    return F.cross_entropy(logits.flatten(0, 1), labels.flatten())


def mutant(
    name: str,
    found: str,
    model: type[Reverser] = Reverser,
    *,
    source: str = "projects",
    harmful: bool = True,
    where: str = "model",
    **changed,
) -> Mutant:
    build = partial(healthy.build, model=model, **changed)
    return Mutant(name, source, harmful, where, found, build)


harmless = partial(mutant, harmful=False)
D2L = "projects that follow Dive into Deep Learning"

DESIGN = (
    mutant("no causal mask", "the future, steps", NoCausalMask),
    mutant("mask in training only", "the future, steps", MaskInTrainingOnly, source=D2L),
    mutant("no padding mask", "padding", NoPaddingMask),
    mutant("fill −1e−9", "the future, padding, steps", attending(attentions.TinyFill)),
    mutant("mask inverted", "the future, padding", attending(attentions.InvertedMask)),
    mutant("mask after softmax", "the future, rows", attending(attentions.MaskAfterSoftmax)),
    mutant("softmax over queries", "the future, rows", attending(attentions.SoftmaxOverQueries)),
    mutant("target not shifted", "the label read off", where="pipeline", pipeline=not_shifted),
    mutant("position 0 at each step", "steps", PositionZeroAtEachStep, source=D2L, where="step"),
    mutant("cache without the current key", "steps", CacheWithoutTheCurrentKey, where="step"),
    mutant("view without transpose", "padding, steps", attending(attentions.ViewWithoutTranspose)),
    mutant("attends across the batch", "alone and in a batch", AcrossTheBatch, source="articles"),
    mutant("never sees the encoder", "source, parameters", NeverSeesTheEncoder),
    mutant(
        "softmax over one number",
        "rows",
        attending(attentions.SoftmaxOverOneNumber),
        source="articles",
    ),
    mutant("no positions", "order", NoPositions),
    mutant(
        "dropout in evaluation", "two equal calls, rows", attending(attentions.DropoutInEvaluation)
    ),
    mutant("no residual", "", stacking(NoResidual)),
    mutant("softmax twice", "perfect logits", where="loss", loss=softmax_twice),
    harmless("smoothing on padding", "loss at padding", where="loss", loss=smoothing_on_padding),
    harmless("loss counts padding", "loss at padding", where="loss", loss=counting_padding),
    harmless(
        "fully masked row",
        "gradients",
        attending(attentions.InfiniteFill),
        source="articles",
        pipeline=with_an_empty_number,
    ),
    harmless("fill −1e4", "", attending(attentions.SmallFill)),
    harmless("shared heads", "", attending(attentions.SharedHeads), source="articles"),
    harmless("scale √d_model", "", attending(attentions.ScaledByTheModel), source="articles"),
    harmless("no scale", "", attending(attentions.NotScaled)),
    harmless("values are keys", "parameters", attending(attentions.ValuesAreKeys)),
    harmless(
        "no output matrix", "parameters", attending(attentions.NoOutputMatrix), source="articles"
    ),
    harmless("post-LN", "", stacking(PostNorm)),
    harmless("embedding not scaled", "", EmbeddingNotScaled),
    harmless("positions scaled too", "", PositionsScaledToo),
)
