r"""A reader and a writer that can also say a word by pointing at it.

Letters: B batch, n target positions, m source positions, d_model width, V words of the vocabulary,
N numbers for words that are not in it.
"""

from dataclasses import dataclass
from typing import cast, get_args

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from attnlab.functional import arrays as check
from attnlab.functional import contents, settings
from attnlab.models.seq2seq import Attend, Seq2Seq, WriterState


def copied(weights: Tensor, src: Tensor, *, n_words: int) -> Tensor:
    r"""The share of each word in the weights: those of all places where it stands, added up.

    Args:
        weights: `(B, n, m)`, floats, a row for each step of writing.
        src: `(B, m)`, int64, the number of the word at each place.
        n_words: how many numbers there are.

    Returns:
        `(B, n, n_words)`; a row sums to what the row of weights sums to.

    Raises:
        TypeError: weights that are no tensor of floats, words that are none of int64, or n_words
            that is no integer.
        ValueError: weights that are not `(B, n, m)`, words that are not `(B, m)` or not below
            n_words, or n_words below 1.

    Source:
        The second term of equation 9 of See, Liu and Manning (2017).

    >>> weights = torch.tensor([[[0.5, 0.25, 0.25]]])
    >>> copied(weights, torch.tensor([[2, 0, 2]]), n_words=4)
    tensor([[[0.2500, 0.0000, 0.7500, 0.0000]]])
    """
    check.tensors(weights=weights, src=src)
    check.floats(weights=weights)
    (n_words,) = settings.count(1, n_words=n_words)
    if weights.ndim != 3:
        raise ValueError(f"weights must have shape (B, n, m), got {tuple(weights.shape)}")
    contents.tokens(n_words, src=src)
    check.has_shape((weights.shape[0], weights.shape[2]), src=src)
    shares = weights.new_zeros(*weights.shape[:2], n_words)
    return shares.scatter_add(2, src[:, None].expand_as(weights), weights)


@dataclass(frozen=True)
class Said:
    """What a `PointerGenerator` makes of each step: all that its probabilities are mixed from."""

    probabilities: Tensor  # (B, n, V + N)
    gate: Tensor  # (B, n), the share of its own vocabulary
    weights: Tensor  # (B, n, m), where it points


@dataclass
class PointingState(WriterState):
    """What the writer remembers from step to step, and the words it can point at."""

    src: Tensor  # (B, m)

    def select(self, rows: Tensor) -> None:
        super().select(rows)
        self.src = self.src[rows]


class PointerGenerator(Seq2Seq):
    r"""Says a word of its vocabulary, or one that it points at in the source.

    At each step a gate $g$ between 0 and 1 is read off the state and the context. A share $g$ of
    the probability goes to the words of the vocabulary, by a softmax, and $1 - g$ to the words of
    the source, by their attention weights.

    A word that is not in the vocabulary has a number from V to V + N − 1, which holds within one
    source. All of them are read as `unk`, so that they look alike and can be said by pointing only.

    The logits are logarithms of these probabilities, and decode and train like any others.

    Args:
        vocab: V, the words that are read and written.
        n_new: N, the numbers for others.
        unk: the word that is read in their place.
        d_model: width of embeddings and states.
        attend: how the writer scores the memory, as in `Seq2Seq`.

    Raises:
        TypeError: a size is not an integer.
        ValueError: a size below 1, an unk that is not below V, or another way to attend.

    Source:
        See, Liu and Manning (2017), section 2.2, with a recurrence that goes forward only and
        without coverage.

    >>> model = PointerGenerator(9, n_new=2, unk=3, d_model=6)
    >>> said = model.say(torch.tensor([[4, 9, 5, 10]]), torch.tensor([[1, 9, 4]]))
    >>> said.probabilities.shape, said.gate.shape, said.weights.shape
    (torch.Size([1, 3, 11]), torch.Size([1, 3]), torch.Size([1, 3, 4]))
    """

    def __init__(
        self, vocab: int, *, n_new: int, unk: int, d_model: int = 64, attend: Attend = "general"
    ):
        settings.one_of(get_args(Attend), attend=attend)
        super().__init__(vocab, vocab, d_model=d_model, attend=attend)
        (n_new,) = settings.count(1, n_new=n_new)
        (unk,) = settings.count(0, unk=unk)
        if unk >= vocab:
            raise ValueError(f"unk must be below {vocab}, the size of the vocabulary, got {unk}")
        self.vocab, self.n_new, self.unk = int(vocab), n_new, unk
        self.gate = nn.Linear(2 * d_model, 1)

    def read(self, src: Tensor, src_mask: Tensor | None = None) -> PointingState:
        """The reader's states, and the words themselves, to point at.

        Raises:
            TypeError, ValueError: as the call does.
        """
        contents.tokens(self._n_words, src=src)
        state = super().read(self._known(src), src_mask)
        return PointingState(state.hidden, state.memory, state.mask, src)

    def say(self, src: Tensor, tgt: Tensor, *, src_mask: Tensor | None = None) -> Said:
        """What the probabilities after each token of `tgt` are mixed from: teacher forcing.

        Raises:
            TypeError, ValueError: as the call does.
        """
        return self._say(tgt, self.read(src, src_mask))

    @property
    def _n_words(self) -> int:
        return self.vocab + self.n_new

    def _known(self, words: Tensor) -> Tensor:
        return words.masked_fill(words >= self.vocab, self.unk)

    def _embedded(self, tgt: Tensor, state: WriterState) -> Tensor:
        contents.tokens(self._n_words, tgt=tgt)
        return super()._embedded(self._known(tgt), state)

    def _write(self, tgt: Tensor, state: WriterState) -> tuple[Tensor, Tensor]:
        settings.instance(PointingState, state=state)
        said = self._say(tgt, cast(PointingState, state))
        # A new word that the source lacks has 0, and a logarithm must have a gradient.
        tiny = torch.finfo(said.probabilities.dtype).tiny
        return said.probabilities.clamp_min(tiny).log(), said.weights

    def _say(self, tgt: Tensor, state: PointingState) -> Said:
        moved = self._move(self._embedded(tgt, state), state)
        hidden, context, weights = cast(tuple[Tensor, Tensor, Tensor], moved)  # it attends
        both = torch.cat([hidden, context], dim=-1)  # (B, n, 2 d_model)
        g = torch.sigmoid(self.gate(both))  # (B, n, 1)
        own = F.pad(self._from_both(hidden, context).softmax(-1), (0, self.n_new))
        pointed = copied(weights, state.src, n_words=self._n_words)
        return Said(g * own + (1 - g) * pointed, g[..., 0], weights)
