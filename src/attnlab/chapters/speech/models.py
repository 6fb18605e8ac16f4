"""Two recognizers with one kind of ear: one spells with attention, the other marks each state.

Letters: B batch, m frames, t states of the ear, n digits and the end, d width.
"""

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from attnlab.chapters.speech.recording import N_BANDS, WORDS
from attnlab.chapters.speech.utterances import VOCAB
from attnlab.models.seq2seq import Seq2Seq, WriterState
from attnlab.tasks.pairs import Batch
from attnlab.tasks.vocabulary import SPECIAL

STRIDE = 2  # frames from one state of the ear to the next
BLANK = 0  # of CTC's classes; digit i is class i + 1


class Ear(nn.Module):
    """A convolution that halves the frames, and two GRUs that read them in both directions.

    Shapes:
        frames `(B, m, 20)`, mask `(B, 1, m)` → states `(B, t, d)`, mask `(B, 1, t)`, and the last
        state of either direction side by side, `(B, d)`; t = ⌈m / 2⌉.

    >>> states, mask, last = Ear(6)(torch.zeros(2, 7, 20), torch.ones(2, 1, 7, dtype=torch.bool))
    >>> states.shape, mask.shape, last.shape
    (torch.Size([2, 4, 6]), torch.Size([2, 1, 4]), torch.Size([2, 6]))
    """

    def __init__(self, d_model: int):
        super().__init__()
        self.conv = nn.Conv1d(N_BANDS, d_model, kernel_size=5, stride=STRIDE, padding=2)
        self.gru = nn.GRU(d_model, d_model // 2, batch_first=True, bidirectional=True)

    def forward(self, frames: Tensor, mask: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        x = torch.relu(self.conv(frames.mT)).mT  # (B, t, d)
        mask = mask[..., ::STRIDE]  # state i is about frame 2 i
        packed = nn.utils.rnn.pack_padded_sequence(
            x, mask.sum(-1)[:, 0], batch_first=True, enforce_sorted=False
        )  # else the GRU that reads backwards would begin with padding
        states, last = self.gru(packed)
        states, _ = nn.utils.rnn.pad_packed_sequence(
            states, batch_first=True, total_length=x.shape[1]
        )
        return states, mask, last.transpose(0, 1).flatten(1)


class Speller(Seq2Seq):
    """The writer of the bottleneck's chapter, with additive attention to what an ear hears.

    Source:
        Chorowski et al. (2015) and Chan et al. (2016), which are larger.

    >>> model = Speller(6)
    >>> model(torch.zeros(2, 7, 20), torch.ones(2, 3, dtype=torch.int64)).shape  # (B, n, V)
    torch.Size([2, 3, 14])
    """

    def __init__(self, d_model: int = 48):
        super().__init__(1, VOCAB, d_model=d_model, attend="additive")
        del self.src_embedding  # frames are numbers already
        self.reader = Ear(d_model)

    def read(self, src: Tensor, src_mask: Tensor | None = None) -> WriterState:
        if src_mask is None:
            src_mask = torch.ones(len(src), 1, src.shape[1], dtype=torch.bool)
        memory, mask, last = self.reader(src, src_mask)
        return WriterState(last, memory, mask)


class Marker(nn.Module):
    """Logits of a digit, or of none, for each state of an ear: a network for CTC.

    Shapes:
        frames `(B, m, 20)`, mask `(B, 1, m)` → logits `(B, t, 11)`, mask `(B, 1, t)`.

    Source:
        Graves et al. (2006).
    """

    def __init__(self, d_model: int = 48):
        super().__init__()
        self.ear = Ear(d_model)
        self.read_out = nn.Linear(d_model, len(WORDS) + 1)

    def forward(self, frames: Tensor, mask: Tensor) -> tuple[Tensor, Tensor]:
        states, mask, _ = self.ear(frames, mask)
        return self.read_out(states), mask


def ctc_loss(model: Marker, batch: Batch) -> Tensor:
    """CTC's loss by PyTorch, for `fit`: -ln of the probability of all paths, a digit."""
    logits, mask = model(batch.src, batch.src_mask)
    real = batch.tgt_out >= len(SPECIAL)
    return F.ctc_loss(
        logits.log_softmax(-1).transpose(0, 1),  # (t, B, 11)
        batch.tgt_out[real] - len(SPECIAL) + 1,
        mask.sum(-1)[:, 0],
        real.sum(-1),
        blank=BLANK,
    )
