"""Two trained models write digits backwards, with attention and without."""

import numpy as np
import torch
import traitlets
from torch import Tensor

from attnlab.decoding import greedy
from attnlab.models.seq2seq import Seq2Seq
from attnlab.tasks.rearrange import Reverse
from attnlab.tasks.vocabulary import BOS, EOS, SPECIAL
from attnlab.widgets.base import END, LabWidget
from attnlab.widgets.packing import pack, rounded
from attnlab.widgets.traits import Constants, Row, Whole

MAX_LENGTH = 16
DIGITS = (3, 1, 4, 1, 5, 9, 2, 6, 5, 3, 5, 8, 9, 7, 9, 3)


class BottleneckWidget(LabWidget):
    r"""What two models, without and with attention, write for the first `length` digits.

    Args:
        without: a `Seq2Seq` with `attend=None`, trained on `Reverse`.
        attending: one with `attend="additive"`.
        digits: 16 digits to read from.
        length: how many of them are read, 1 to 16.

    The page holds the models' parameters rounded to 12 bits each, and so does the widget.

    Errors: TraitError for digits or a length out of range, here or when they are set; ValueError
    for models that attend in another way or have another vocabulary.

    >>> vocab = Reverse().vocab_size
    >>> without = Seq2Seq(vocab, vocab, d_model=4)
    >>> attending = Seq2Seq(vocab, vocab, d_model=4, attend="additive")
    >>> w = BottleneckWidget(without, attending, length=3)
    >>> w.weights.shape[1]  # one column for each digit that is read
    3
    """

    _front_end = "widget.js"

    digits = Row(Whole(0, 9, default=0), default=DIGITS).tag(sync=True)
    length = Whole(1, MAX_LENGTH, default=10).tag(sync=True)
    _models = traitlets.Dict().tag(sync=True)
    _constants = Constants(bos=BOS, eos=EOS, n_special=len(SPECIAL), end=END)

    def __init__(
        self,
        without: Seq2Seq,
        attending: Seq2Seq,
        *,
        digits: tuple = DIGITS,
        length: int = 10,
    ):
        vocab = Reverse().vocab_size
        for model, attend in ((without, None), (attending, "additive")):
            given = (model.attend, model.src_embedding.num_embeddings, model.read_out.out_features)
            if given != (attend, vocab, vocab):
                raise ValueError(
                    f"expected a model with attend, src_vocab, tgt_vocab = {(attend, vocab, vocab)}"
                    f", got {given}"
                )
        packed = {"without": pack(without), "attending": pack(attending)}
        self._without, self._attending = rounded(without), rounded(attending)
        super().__init__(digits=digits, length=length, _models=packed)

    @property
    def wanted(self) -> str:
        """The digits that are read, backwards."""
        return "".join(map(str, self.digits[: self.length][::-1]))

    @property
    def written_without(self) -> str:
        """What the model without attention writes."""
        return _text(self._decode(self._without))

    @property
    def written_attending(self) -> str:
        """What the model with attention writes."""
        return _text(self._decode(self._attending))

    @property
    def mistakes_without(self) -> int:
        """How many digits that model gets wrong, skips or writes too many, at the least."""
        return mistakes(paired(self.wanted, self.written_without))

    @property
    def mistakes_attending(self) -> int:
        """The same for the model with attention."""
        return mistakes(paired(self.wanted, self.written_attending))

    @property
    def weights(self) -> np.ndarray:
        """Row i: the weights (n, m) with which digit i was written, the end mark's row the last."""
        tokens = self._decode(self._attending)
        return self._attending.align(self._source, tokens, bos=BOS)[0].double().numpy()

    @property
    def _source(self) -> Tensor:
        return torch.tensor([self.digits[: self.length]]) + len(SPECIAL)  # (1, m)

    def _decode(self, model: Seq2Seq) -> Tensor:
        return greedy(model, self._source, bos=BOS, eos=EOS, max_len=self.length + 1)


def _text(tokens: Tensor) -> str:
    """The digits up to the end mark; what is no digit is a question mark."""
    written = tokens[0].tolist()
    ended = written.index(EOS) if EOS in written else len(written)
    return "".join(str(t - len(SPECIAL)) if t >= len(SPECIAL) else "?" for t in written[:ended])


def paired(wanted: str, written: str) -> list[tuple[str, str]]:
    """What is wanted beside what is written, with as few mistakes as can be.

    A pair has an empty text where a digit is missing (on the right) or too much (on the left).

    Source: Levenshtein (1966), "Binary codes capable of correcting deletions, insertions, and
    reversals".

    >>> paired("3562", "362")
    [('3', '3'), ('5', ''), ('6', '6'), ('2', '2')]
    >>> paired("12", "132")
    [('1', '1'), ('', '3'), ('2', '2')]
    """
    m, n = len(wanted), len(written)
    least = [[max(m - i, n - j) for j in range(n + 1)] for i in range(m + 1)]  # from (i, j) on
    for i in reversed(range(m)):
        for j in reversed(range(n)):
            both = least[i + 1][j + 1] + (wanted[i] != written[j])
            least[i][j] = min(both, least[i + 1][j] + 1, least[i][j + 1] + 1)
    pairs, i, j = [], 0, 0
    while i < m or j < n:
        if i < m and j < n and least[i][j] == least[i + 1][j + 1] + (wanted[i] != written[j]):
            pairs.append((wanted[i], written[j]))
            i, j = i + 1, j + 1
        elif i < m and least[i][j] == least[i + 1][j] + 1:
            pairs.append((wanted[i], ""))
            i += 1
        else:
            pairs.append(("", written[j]))
            j += 1
    return pairs


def mistakes(pairs: list[tuple[str, str]]) -> int:
    """How many pairs are none of equals."""
    return sum(left != right for left, right in pairs)
