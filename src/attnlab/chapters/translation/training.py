"""Transformers that learn numbers and strings, and what they say."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import torch

from attnlab.chapters.translation import numbers, strings
from attnlab.decoding import greedy
from attnlab.models.transformer import Transformer
from attnlab.tasks.pairs import Batch, Pair, alignment_accuracy, collate, translation_loss
from attnlab.tasks.vocabulary import BOS, EOS, Vocabulary
from attnlab.training.fitting import Progress, fit, seed_everything
from attnlab.training.schedules import linear_decay

BATCH = 64
MAX_LEN = 40  # tokens that are written at most


def batches(pairs: Sequence[Pair]) -> Iterator[Batch]:
    """Batches without end: all pairs in a new random order, again and again."""
    while True:
        order = torch.randperm(len(pairs), device="cpu").tolist()
        for start in range(0, len(pairs) - BATCH + 1, BATCH):
            yield collate([pairs[i] for i in order[start : start + BATCH]])


def train(
    model: Transformer, pairs: Sequence[Pair], steps: int, lr: float, progress: Progress | str
) -> None:
    schedule = linear_decay(steps, warmup_steps=100)
    fit(
        model, batches(pairs), translation_loss, steps=steps, lr=lr, schedule=schedule,
        progress=progress,
    )  # fmt: skip


def said(
    model: Transformer, sources: Sequence[list[int]], vocabulary: Vocabulary
) -> list[list[str]]:
    """What the model writes for each source, the most probable token at each step."""
    batch = collate([Pair(source, []) for source in sources])
    written = greedy(
        model.eval(), batch.src, bos=BOS, eos=EOS, max_len=MAX_LEN, src_mask=batch.src_mask
    )
    return [vocabulary.decode(row.tolist()) for row in written]


def number_writer(
    train_on: Sequence[int], steps: int, seed: int, progress: Progress | str = ""
) -> Transformer:
    """A Transformer of one layer that has learned to write these numbers in Chinese."""
    seed_everything(seed)
    model = Transformer(
        len(numbers.SRC), len(numbers.TGT), d_model=64, n_heads=4, n_layers=1, d_ff=128, dropout=0.0
    )
    train(model, [numbers.pair(n) for n in train_on], steps, lr=4e-3, progress=progress)
    return model


def said_numbers(model: Transformer, some: Sequence[int]) -> list[str]:
    """What it writes for numbers."""
    sources = [numbers.pair(n).src for n in some]
    return ["".join(characters) for characters in said(model, sources, numbers.TGT)]


@torch.no_grad()
def aligned(model: Transformer, some: Sequence[int]) -> float:
    """The share of digits whose largest weight, in the mean of heads, is on the right word."""
    batch = collate([numbers.pair(n) for n in some])
    _, weights = model(batch.src, batch.tgt_in, src_mask=batch.src_mask, return_weights=True)
    return alignment_accuracy(weights.decoder[0].cross_attention.mean(1), batch.alignment)


@dataclass(frozen=True)
class Translator:
    """A Transformer for strings, and the tokens that it knows."""

    model: Transformer
    src: Vocabulary
    tgt: Vocabulary


def string_translator(train_on: Sequence[strings.Row], steps: int, seed: int) -> Translator:
    """A Transformer of two layers that has learned from these rows."""
    seed_everything(seed)
    src, tgt = strings.vocabularies(train_on)
    model = Transformer(
        len(src), len(tgt), d_model=64, n_heads=4, n_layers=2, d_ff=256, dropout=0.1
    )
    train(model, strings.pairs(train_on, src, tgt), steps, lr=2e-3, progress="")
    return Translator(model, src, tgt)


def said_strings(translator: Translator, some: Sequence[str]) -> list[str]:
    """What it writes for English texts; an unknown token is left standing as <unk>."""
    sources = [translator.src.encode(strings.tokens(english)) for english in some]
    return ["".join(tokens) for tokens in said(translator.model, sources, translator.tgt)]
