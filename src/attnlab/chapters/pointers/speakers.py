"""Three ways to read a journey back: a vocabulary alone, a pointer, and a look at the weights."""

from collections.abc import Iterable
from dataclasses import replace

import torch
from torch import Tensor

from attnlab.chapters.pointers.journeys import N_NEW, REPLY, Journeys
from attnlab.decoding import greedy
from attnlab.models.pointer import PointerGenerator
from attnlab.models.seq2seq import Seq2Seq
from attnlab.tasks.pairs import Batch, exact_match, translation_loss
from attnlab.tasks.vocabulary import BOS, EOS, UNK
from attnlab.training.fitting import fit
from attnlab.training.progress import Progress
from attnlab.training.schedules import linear_decay

D_MODEL = 32
LONGEST = len(REPLY.split()) + 3  # tokens that are decoded at most
NAMES = [i for i, word in enumerate(REPLY.split()) if word in "AB"]  # the steps that say a name


def pointer(journeys: Journeys) -> PointerGenerator:
    return PointerGenerator(len(journeys.vocabulary), n_new=N_NEW, unk=UNK, d_model=D_MODEL)


def vocabulary_alone(journeys: Journeys) -> Seq2Seq:
    """The same attention without the pointer."""
    size = len(journeys.vocabulary)
    return Seq2Seq(size, size, d_model=D_MODEL, attend="general")


def train(
    model: Seq2Seq, batches: Iterable[Batch], steps: int, progress: Progress | str = "training"
) -> None:
    """Both learn from the replies alone: nobody tells them where to look."""
    schedule = linear_decay(steps, warmup_steps=20)
    fit(model, batches, translation_loss, steps=steps, lr=1e-2, schedule=schedule,
        progress=progress)  # fmt: skip


def as_read(model: Seq2Seq, journeys: Journeys, batch: Batch) -> Batch:
    """The batch as the model takes it: new words are <unk> where it can't point at them."""
    return batch if isinstance(model, PointerGenerator) else journeys.without_new(batch)


def written(model: Seq2Seq, journeys: Journeys, batch: Batch) -> Tensor:
    """The replies, in numbers."""
    given = as_read(model, journeys, batch)
    return greedy(model, given.src, bos=BOS, eos=EOS, max_len=LONGEST, src_mask=given.src_mask)


def share_right(model: Seq2Seq, journeys: Journeys, batch: Batch) -> float:
    """The share of replies without a mistake."""
    return exact_match(written(model, journeys, batch), batch.tgt_out)


@torch.no_grad()
def replaced(model: Seq2Seq, journeys: Journeys, batch: Batch) -> Tensor:
    """The replies of a vocabulary without any name, with each <unk> that is written replaced by the
    word of the request that has the largest weight."""
    given = journeys.without_new(batch)
    tokens = written(model, journeys, batch)
    weights = model.align(given.src, tokens, bos=BOS, src_mask=given.src_mask)  # (B, n, m)
    looked_at = batch.src.gather(1, weights.argmax(-1))  # (B, n)
    return torch.where(tokens == UNK, looked_at, tokens)


def share_replaced(model: Seq2Seq, journeys: Journeys, batch: Batch) -> float:
    """The share of these without a mistake."""
    return exact_match(replaced(model, journeys, batch), batch.tgt_out)


@torch.no_grad()
def names_right(model: Seq2Seq, journeys: Journeys, batch: Batch) -> float:
    """The share of replies with both names right, each given the right words before it."""
    given = as_read(model, journeys, batch)
    said = model(given.src, given.tgt_in, src_mask=given.src_mask).argmax(-1)  # (B, n)
    return (said == batch.tgt_out)[:, NAMES].all(1).double().mean().item()


@torch.no_grad()
def copying(model: PointerGenerator, batch: Batch) -> Tensor:
    """The share that the pointer has at the two names of each reply. (B, 2)"""
    return 1 - model.say(batch.src, batch.tgt_in, src_mask=batch.src_mask).gate[:, NAMES]


def nameless(journeys: Journeys) -> Journeys:
    """The same journeys with a vocabulary that has no name in it: all of them are new."""
    return replace(journeys, known=(), new=journeys.known + journeys.new)
