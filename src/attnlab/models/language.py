"""A language model: an encoder over tokens that reads forwards alone, or both ways.

Letters: B batch, n positions, V vocabulary.
"""

import math

from torch import Tensor, nn

from attnlab.functional import arrays as check
from attnlab.functional import contents, settings
from attnlab.nn.stacks import Encoder


class LanguageModel(nn.Module):
    """Tokens to scores of a token at each place: of the next one, or of the one that is hidden.

    Args:
        vocab_size: V, of which one more comes in: `mask`, which stands for a hidden token.
        d_model, n_heads, n_layers, d_ff: see `Encoder`; positions are sinusoidal.
        causal: whether each place sees itself and what is before it, or everything.

    Shapes:
        tokens `(B, n)` → `(B, n, V)`.

    Raises:
        TypeError: a size is not an integer, or causal neither True nor False; at the call, tokens
            that are not an int64 tensor.
        ValueError: a size below 1 or that does not fit the others; at the call, tokens that are
            not `(B, n)`, n ≥ 1, or not in the vocabulary.

    Source:
        Radford et al. (2018) with `causal`, and Devlin et al. (2019) without; both are larger.

    >>> import torch
    >>> model = LanguageModel(26, d_model=8, n_heads=2, n_layers=1, d_ff=16, causal=True)
    >>> model(torch.tensor([[0, 1, model.mask]])).shape
    torch.Size([1, 3, 26])
    """

    def __init__(
        self,
        vocab_size: int,
        *,
        d_model: int,
        n_heads: int,
        n_layers: int,
        d_ff: int,
        causal: bool,
    ):
        super().__init__()
        vocab_size, d_model = settings.count(1, vocab_size=vocab_size, d_model=d_model)
        settings.flag(causal=causal)
        self.causal, self.mask = causal, vocab_size
        self.src_embedding = nn.Embedding(vocab_size + 1, d_model)
        self.encoder = Encoder(
            d_model=d_model, n_heads=n_heads, n_layers=n_layers, d_ff=d_ff, positions="sinusoidal"
        )
        self.to_logits = nn.Linear(d_model, vocab_size)
        nn.init.normal_(self.src_embedding.weight, std=d_model**-0.5)
        nn.init.xavier_uniform_(self.to_logits.weight)
        nn.init.zeros_(self.to_logits.bias)

    def features(self, tokens: Tensor) -> Tensor:
        """What is known of each place, before any scores: `(B, n, d_model)`."""
        contents.tokens(self.mask + 1, tokens=tokens)
        check.filled_axis(1, tokens=tokens)
        x = self.src_embedding(tokens) * math.sqrt(self.src_embedding.embedding_dim)
        return self.encoder(x, causal=self.causal)

    def forward(self, tokens: Tensor) -> Tensor:
        return self.to_logits(self.features(tokens))
