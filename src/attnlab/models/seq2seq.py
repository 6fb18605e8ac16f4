r"""Two recurrent networks, one that reads and one that writes, with and without attention.

Letters: B batch, n target positions, m source positions, d_model width, V vocabulary.

Without attention, all that the writer knows of the source is the reader's last state. With it, the
writer also takes a weighted mean of all the reader's states, the memory, at every step.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, get_args, overload

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from attnlab.functional import arrays as check
from attnlab.functional import contents, settings
from attnlab.functional.attention import attention
from attnlab.functional.scores import dot_scores
from attnlab.nn.scores import AdditiveScore, BilinearScore
from attnlab.nn.typed import typed_like

Attend = Literal["additive", "dot", "general"]


@dataclass
class WriterState:
    """What the writer remembers from step to step; `Seq2Seq.step` changes it."""

    hidden: Tensor  # (B, d_model)
    memory: Tensor  # (B, m, d_model)
    mask: Tensor | None  # (B, 1, m)

    def select(self, rows: Tensor) -> None:
        """Keep the given rows of the batch, in the given order; one may come several times.

        Raises:
            TypeError: rows are no tensor of integers.
            ValueError: rows are not `(B,)`, on another device, or not from 0 to B − 1.
        """
        rows = contents.rows(len(self.hidden), self.hidden, rows=rows)
        self.hidden, self.memory = self.hidden[rows], self.memory[rows]
        if self.mask is not None:
            self.mask = self.mask[rows]


class Seq2Seq(nn.Module):
    r"""A GRU that reads and a GRU that writes.

    With `attend="additive"`, the state *before* a step asks, and the answer is read along with the
    next token (Bahdanau). With "dot" and "general", the state *after* it asks (Luong); no answer
    goes back into the recurrence, so all steps of a known target run at once. Either way the next
    token is read off $\tanh(W [h; c])$, state and context; without attention, off the state.

    Args:
        src_vocab, tgt_vocab: numbers of tokens.
        d_model: width of embeddings and states.
        attend: how the writer scores the memory; left out, it never looks at it.

    Raises:
        TypeError: a size is not an integer.
        ValueError: a size below 1, or another way to attend.

    Source:
        Without attention: Sutskever, Vinyals and Le (2014), section 2, and Cho et al. (2014),
        section 2.2. "additive": Bahdanau, Cho and Bengio (2015), section 3.1, with a reader that
        goes forward only. "dot" and "general": Luong, Pham and Manning (2015), section 3.1.

    >>> model = Seq2Seq(11, 13, d_model=6, attend="additive")
    >>> logits, weights = model(torch.tensor([[1, 2, 3, 4]]), torch.tensor([[5, 6, 7]]),
    ...                         return_weights=True)
    >>> logits.shape, weights.shape  # (B, n, V), (B, n, m)
    (torch.Size([1, 3, 13]), torch.Size([1, 3, 4]))
    """

    def __init__(
        self, src_vocab: int, tgt_vocab: int, *, d_model: int = 64, attend: Attend | None = None
    ):
        super().__init__()
        src_vocab, tgt_vocab, d_model = settings.count(
            1, src_vocab=src_vocab, tgt_vocab=tgt_vocab, d_model=d_model
        )
        if attend is not None:
            settings.one_of(get_args(Attend), attend=attend)
        self.attend = attend
        self.src_embedding = nn.Embedding(src_vocab, d_model)
        self.tgt_embedding = nn.Embedding(tgt_vocab, d_model)
        self.reader = nn.GRU(d_model, d_model, batch_first=True)
        d_read = 2 * d_model if attend == "additive" else d_model  # token, or token and context
        self.writer = nn.GRU(d_read, d_model, batch_first=True)
        self.score: Callable[[Tensor, Tensor], Tensor]
        if attend == "additive":
            self.score = AdditiveScore(d_model, d_model, d_model)
        elif attend == "general":
            self.score = BilinearScore(d_model, d_model)
        elif attend == "dot":
            self.score = dot_scores
        if attend is not None:
            self.combine = nn.Linear(2 * d_model, d_model)
        self.read_out = nn.Linear(d_model, tgt_vocab)

    @overload
    def forward(
        self,
        src: Tensor,
        tgt: Tensor,
        *,
        src_mask: Tensor | None = None,
        return_weights: Literal[False] = False,
    ) -> Tensor: ...

    @overload
    def forward(
        self,
        src: Tensor,
        tgt: Tensor,
        *,
        src_mask: Tensor | None = None,
        return_weights: Literal[True],
    ) -> tuple[Tensor, Tensor]: ...

    def forward(
        self,
        src: Tensor,
        tgt: Tensor,
        *,
        src_mask: Tensor | None = None,
        return_weights: bool = False,
    ) -> Tensor | tuple[Tensor, Tensor]:
        """Scores of the token after each token of `tgt`: teacher forcing.

        Args:
            src: `(B, m)`, int64.
            tgt: `(B, n)`, int64.
            src_mask: which source tokens are real, as from `padding_mask`, NumPy's or torch's;
                broadcasts to `(B, 1, m)`. The reader passes over all others, wherever they stand.
                A source without any leaves it in its first state, 0, and has no context to give.
            return_weights: also return the weights, which a model without attention has not.

        Returns:
            Logits `(B, n, V)`, or with weights the pair of them and `(B, n, m)`.

        Raises:
            TypeError: tokens that are not an int64 tensor, a mask that is not boolean, or
                return_weights that is neither True nor False.
            ValueError: tokens that are not `(B, n)`, n ≥ 1, or not in the vocabulary, a mask of
                another shape or device, or weights of a model without attention.
        """
        settings.flag(return_weights=return_weights)
        logits, weights = self._write(tgt, self.read(src, src_mask))
        if not return_weights:
            return logits
        if weights is None:
            raise ValueError("return_weights needs a model with attention, got attend = None")
        return logits, weights

    if TYPE_CHECKING:

        @typed_like(forward)
        def __call__(self): ...

    def read(self, src: Tensor, src_mask: Tensor | None = None) -> WriterState:
        """The reader's states after each token, the memory, and the last of them, to write from.

        A subclass may hand the writer something else.

        Args:
            src: `(B, m)`, int64.
            src_mask: `(B, 1, m)`, as in the call.

        Raises:
            TypeError, ValueError: as the call does.
        """
        contents.tokens(self.src_embedding.num_embeddings, src=src)
        check.filled_axis(1, src=src)
        x = self.src_embedding(src)  # (B, m, d_model)
        if src_mask is None:
            memory, last = self.reader(x)  # (B, m, d_model), (1, B, d_model)
            return WriterState(last[0], memory, None)
        B, m = src.shape
        mask = check.as_mask(src_mask, (B, 1, m), x, "src_mask").expand(B, 1, m)
        real = mask[:, 0]  # (B, m)
        # The real tokens move to the front, so that the state after the last of them is that of
        # reading them alone; then every state goes back to where its token stands.
        order = real.long().argsort(dim=1, descending=True, stable=True)  # (B, m)
        memory, _ = self.reader(_rearranged(x, order))
        before = F.pad(memory, (0, 0, 1, 0))  # (B, 1 + m, d_model), from the first state on
        last = _rearranged(before, real.sum(dim=1, keepdim=True))[:, 0]  # (B, d_model)
        return WriterState(last, _rearranged(memory, order.argsort(dim=1)), mask)

    @torch.no_grad()
    def start(self, src: Tensor, *, max_len: int, src_mask: Tensor | None = None) -> WriterState:
        """Read the source, and prepare to write with `step`.

        `max_len` is what `attnlab.decoding` tells every model. This one has no use for it: its
        state does not grow.

        Raises:
            TypeError, ValueError: as the call does, and for a max_len that is no integer above 0.
        """
        settings.count(1, max_len=max_len)
        return self.read(src, src_mask)

    @torch.no_grad()
    def step(self, tokens: Tensor, state: WriterState) -> Tensor:
        """Logits `(B, V)` of the next token, after `tokens` `(B,)`; the state moves on.

        Raises:
            TypeError: tokens that are not an int64 tensor, or a state that is not from `start`.
            ValueError: tokens that are not `(B,)`, B that of the state, or not in the vocabulary.
        """
        settings.instance(WriterState, state=state)
        check.tensors(tokens=tokens)
        check.has_shape((len(state.hidden),), tokens=tokens)
        return self._write(tokens[:, None], state)[0][:, 0]

    @torch.no_grad()
    def align(
        self, src: Tensor, tokens: Tensor, *, bos: int, src_mask: Tensor | None = None
    ) -> Tensor:
        """Where each token that was decoded came from: the weights of the step that wrote it.

        Args:
            src: `(B, m)`, as it was decoded.
            tokens: `(B, n)`, as from `attnlab.decoding.greedy`.
            bos: the token that decoding started from.
            src_mask: `(B, 1, m)`, as it was decoded.

        Returns:
            `(B, n, m)`.

        Raises:
            TypeError, ValueError: as the call does.
        """
        contents.tokens(self._n_words, tokens=tokens)
        (bos,) = settings.count(0, bos=bos)
        before = torch.cat([torch.full_like(tokens[:, :1], bos), tokens[:, :-1]], dim=1)
        return self(src, before, src_mask=src_mask, return_weights=True)[1]

    @property
    def _n_words(self) -> int:
        """How many numbers a word of the target may have."""
        return self.tgt_embedding.num_embeddings

    def _write(self, tgt: Tensor, state: WriterState) -> tuple[Tensor, Tensor | None]:
        """Logits `(B, n, V)` and weights `(B, n, m)`; the state moves on by n steps."""
        hidden, context, weights = self._move(self._embedded(tgt, state), state)
        if context is None:
            return self.read_out(hidden), None
        return self._from_both(hidden, context), weights

    def _embedded(self, tgt: Tensor, state: WriterState) -> Tensor:
        """The words that the writer reads: (B, n, d_model)."""
        contents.tokens(self._n_words, tgt=tgt)
        check.filled_axis(1, tgt=tgt)
        check.has_shape((state.hidden.shape[0], tgt.shape[1]), tgt=tgt)
        return self.tgt_embedding(tgt)

    def _move(
        self, x: Tensor, state: WriterState
    ) -> tuple[Tensor, Tensor, Tensor] | tuple[Tensor, None, None]:
        """The writer's states, and what each got by asking: contexts and weights."""
        if self.attend == "additive":
            return self._ask_then_move(x, state)
        hidden, last = self.writer(x, state.hidden[None])  # (B, n, d_model)
        state.hidden = last[0]
        if self.attend is None:
            return hidden, None, None
        return hidden, *self._ask(hidden, state)  # (B, n, d_model), (B, n, m)

    def _from_both(self, hidden: Tensor, context: Tensor) -> Tensor:
        """Logits `(B, n, V)`, read off states and contexts."""
        both = torch.cat([hidden, context], dim=-1)  # (B, n, 2 d_model)
        return self.read_out(torch.tanh(self.combine(both)))

    def _ask_then_move(self, x: Tensor, state: WriterState) -> tuple[Tensor, Tensor, Tensor]:
        """States, contexts and weights, one step after the other: each needs the one before."""
        steps = []
        for x_t in x.split(1, dim=1):  # (B, 1, d_model)
            context, weights = self._ask(state.hidden[:, None], state)
            hidden, last = self.writer(torch.cat([x_t, context], dim=-1), state.hidden[None])
            state.hidden = last[0]
            steps.append((hidden, context, weights))
        hidden, context, weights = (torch.cat(parts, dim=1) for parts in zip(*steps, strict=True))
        return hidden, context, weights

    def _ask(self, queries: Tensor, state: WriterState) -> tuple[Tensor, Tensor]:
        return attention(queries, state.memory, state.memory, mask=state.mask, scores=self.score)


def _rearranged(x: Tensor, order: Tensor) -> Tensor:
    """x `(B, m, d)` at the positions `order` `(B, n)`: `(B, n, d)`."""
    return x.gather(1, order[..., None].expand(-1, -1, x.shape[2]))
