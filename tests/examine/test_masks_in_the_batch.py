"""Masks and lengths in a batch, as others make them: no false verdict, and mistakes found."""

from dataclasses import dataclass

import pytest
import torch
from torch import Tensor, nn

from attnlab.examine import examine
from tests.examine.models import IDS, VOCABULARY, Writer

REAL = torch.arange(12) < torch.tensor([[12], [7], [9]])  # (3, 12)
LENGTHS = torch.tensor([7, 5, 6])  # none as long as the source in IDS[:, :8]


class MustHaveMask(nn.Module):
    """A mask of any form, without which it can't be called."""

    def __init__(self, read=lambda mask: mask, *, ignores: bool = False):
        super().__init__()
        self.writer, self.read, self.ignores = Writer(), read, ignores

    def forward(self, ids, mask):
        real = self.read(mask)
        return self.writer(ids, None if self.ignores else real[:, None])


@pytest.mark.parametrize(
    ("mask", "read"),
    [
        (REAL, lambda mask: mask),
        (REAL.long(), lambda mask: mask.bool()),
        (REAL[:, :, None], lambda mask: mask.expand(-1, -1, 2)[:, :, 0]),
        (REAL[:, None, None], lambda mask: mask[:, 0, 0]),
        (torch.where(REAL, 0.0, -1e9)[:, None], lambda mask: mask[:, 0] == 0),
        (torch.where(REAL, 0.0, -torch.inf), lambda mask: mask == 0),
        (~REAL, lambda mask: ~mask),  # its name says otherwise
    ],
)
def test_masks_that_a_model_must_have(mask, read):
    batch = {"ids": IDS, "mask": mask}
    for options in ({}, {"forward": lambda model, batch: model(batch["ids"], batch["mask"])}):
        assert examine(MustHaveMask(read), batch, **options).ok
        report = examine(MustHaveMask(read, ignores=True), batch, **options)
        assert report.found() == ["padding"]


class Translator(nn.Module):
    """`torch.nn.Transformer`, with the masks that its batch has: square, of both sides, or none."""

    def __init__(self, *, forgets: str = ""):
        super().__init__()
        torch.manual_seed(0)
        self.body = nn.Transformer(16, 2, 1, 1, 32, batch_first=True)
        self.embedding, self.to_logits = nn.Embedding(VOCABULARY, 16), nn.Linear(16, VOCABULARY)
        self.places = nn.Parameter(torch.randn(100, 16))
        self.forgets = forgets

    def forward(self, src, tgt, tgt_mask, src_key_padding_mask=None, tgt_key_padding_mask=None):
        x, y = (self.embedding(t) + self.places[: t.shape[1]] for t in (src, tgt))
        if self.forgets == "tgt_mask":
            tgt_mask = None
        memory = None if self.forgets == "memory" else src_key_padding_mask
        outputs = self.body(
            x,
            y,
            tgt_mask=tgt_mask,
            src_key_padding_mask=src_key_padding_mask,
            memory_key_padding_mask=memory,
            tgt_key_padding_mask=tgt_key_padding_mask,
        )
        return self.to_logits(outputs)


@pytest.mark.parametrize("rows", [3, 12])  # with 12 rows the square mask looks like one of padding
def test_square_masks_in_the_batch(rows):
    ids = IDS.repeat(4, 1)[:rows]
    batch = {
        "src": ids, "tgt": ids, "tgt_mask": torch.ones(12, 12, dtype=torch.bool).triu(1),
        "src_key_padding_mask": ~REAL.repeat(4, 1)[:rows],
    }  # fmt: skip
    report = examine(Translator(), batch)
    assert report.ok and "the future" in {finding.check for finding in report.of("held")}
    assert examine(Translator(forgets="tgt_mask"), batch).found() == ["the future"]
    assert examine(Translator(forgets="memory"), batch).found() == ["padding"]


class Recurrent(nn.Module):
    """A reader that is told lengths, and attention to what it read."""

    def __init__(self, *, masks: bool = True):
        super().__init__()
        torch.manual_seed(0)
        self.embedding, self.to_logits = nn.Embedding(VOCABULARY, 16), nn.Linear(32, VOCABULARY)
        self.reader, self.writer = (nn.GRU(16, 16, batch_first=True) for _ in range(2))
        self.masks = masks

    def forward(self, src: Tensor, tgt: Tensor, src_lengths: Tensor) -> Tensor:
        memory, h = self.reader(self.embedding(src))[0], self.writer(self.embedding(tgt))[0]
        scores = h @ memory.mT
        if self.masks:
            real = torch.arange(src.shape[1]) < src_lengths[:, None]
            scores = scores.masked_fill(~real[:, None], -torch.inf)
        return self.to_logits(torch.cat([h, scores.softmax(-1) @ memory], -1))


def test_lengths_say_what_is_padding():
    batch = {"src": IDS[:, :8], "tgt": IDS, "src_lengths": LENGTHS}
    assert examine(Recurrent(), batch).ok
    assert examine(Recurrent(masks=False), batch).found() == ["padding"]


@dataclass
class Batch:
    ids: Tensor
    real: Tensor


def test_a_batch_that_is_an_object():
    class TakesOne(Writer):
        def forward(self, batch):
            return super().forward(batch.ids, batch.real[:, None])

    batch = Batch(IDS, REAL)
    assert examine(TakesOne(), batch, roles={"real": "real"}).ok
    assert examine(TakesOne(causal=False), batch).found() == ["the future"]
