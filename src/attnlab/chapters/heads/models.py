r"""Two tiny models with one multi-head attention between questions and answers, and nothing else.

Letters: B batch, h heads, n queries, m keys, L questions of a query, V answers to choose from.
"""

import torch
from torch import Tensor, nn

from attnlab.nn.attention import MultiHeadAttention
from attnlab.tasks.lookups import LookupBatch, Lookups
from attnlab.tasks.places import LENGTH, WORDS, PlacesBatch


class Answerer(nn.Module):
    """What both have: the heads, and a linear map that reads all answers off their output."""

    def __init__(self, d_model: int, n_heads: int, n_questions: int, n_answers: int):
        super().__init__()
        self.heads = MultiHeadAttention(d_model, n_heads)
        self.read_out = nn.Linear(d_model, n_questions * n_answers)
        self.n_questions = n_questions

    def answer(
        self, queries: Tensor, memory: Tensor, head_mask: Tensor | None
    ) -> tuple[Tensor, Tensor]:
        """Logits `(B, n, L, V)` and weights `(B, h, n, m)`; `head_mask` as in the attention."""
        context, weights = self.heads(queries, memory, return_weights=True, head_mask=head_mask)
        return self.read_out(context).unflatten(-1, (self.n_questions, -1)), weights


class TableAnswerer(Answerer):
    """Answers the questions of `Lookups`: all keys asked go into one query.

    A pair's vector is the sum of what its key and its value are embedded as; the query is the sum
    of the embeddings of the keys asked, one embedding for each place in the question.

    Args:
        task: what is asked.
        d_model: width. n_heads: heads of the attention.

    Shapes:
        a batch of B tables → logits `(B, L, V)` and weights `(B, h, m)`.

    >>> task = Lookups(n_lookups=2, n_pairs=5)
    >>> logits, weights = TableAnswerer(task, d_model=8, n_heads=4)(task.batch(3))
    >>> logits.shape, weights.shape
    (torch.Size([3, 2, 8]), torch.Size([3, 4, 5]))
    """

    def __init__(self, task: Lookups, d_model: int, n_heads: int):
        super().__init__(d_model, n_heads, task.n_lookups, task.n_values)
        self.ask = nn.Embedding(task.n_lookups * task.n_keys, d_model)
        self.key = nn.Embedding(task.n_keys, d_model)
        self.value = nn.Embedding(task.n_values, d_model)

    def forward(
        self, batch: LookupBatch, *, head_mask: Tensor | None = None
    ) -> tuple[Tensor, Tensor]:
        first = torch.arange(self.n_questions) * self.key.num_embeddings  # of each place's keys
        query = self.ask(batch.asked + first).sum(1, keepdim=True)  # (B, 1, d_model)
        pairs = self.key(batch.keys) + self.value(batch.values)  # (B, m, d_model)
        logits, weights = self.answer(query, pairs, head_mask)
        return logits[:, 0], weights[:, :, 0]


class SentenceAnswerer(Answerer):
    """Answers the questions of `Places`: every word asks, and all words are looked at.

    Args:
        d_model: width. n_heads: heads of the attention.

    Shapes:
        a batch of B sentences → logits `(B, n, 2, V)` and weights `(B, h, n, n)`.

    >>> words = torch.tensor([[0, 4, 8, 12]])
    >>> logits, weights = SentenceAnswerer(d_model=8, n_heads=2)(PlacesBatch(words, words))
    >>> logits.shape, weights.shape
    (torch.Size([1, 4, 2, 16]), torch.Size([1, 2, 4, 4]))
    """

    def __init__(self, d_model: int, n_heads: int):
        super().__init__(d_model, n_heads, 2, len(WORDS))
        self.word = nn.Embedding(len(WORDS), d_model)
        self.place = nn.Embedding(LENGTH, d_model)

    def forward(
        self, batch: PlacesBatch, *, head_mask: Tensor | None = None
    ) -> tuple[Tensor, Tensor]:
        x = self.word(batch.words) + self.place.weight  # (B, n, d_model)
        return self.answer(x, x, head_mask)
