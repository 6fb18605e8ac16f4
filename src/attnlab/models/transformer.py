"""The Transformer: an encoder, a decoder that attends to it, and the embeddings around them.

Letters: B batch, L layers, h heads, n target positions, m source positions, V vocabulary.
"""

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, Self, TypedDict, Unpack, overload

import torch
from torch import Tensor, nn

from attnlab.functional import arrays as check
from attnlab.functional import contents, settings
from attnlab.nn.decoder import Decoder, DecoderState
from attnlab.nn.from_torch import check_class
from attnlab.nn.kernels import Kernel
from attnlab.nn.layer import LayerWeights, Norm
from attnlab.nn.positions import Scheme
from attnlab.nn.stacks import Encoder
from attnlab.nn.typed import typed_like


@dataclass(frozen=True)
class TransformerWeights:
    """The attention weights of every layer, as far as they were asked for."""

    encoder: list[LayerWeights[None]]
    decoder: list[LayerWeights[Tensor]]


class Options(TypedDict, total=False):
    """What a call of `Transformer` may be told beside its tokens and `return_weights`."""

    src_mask: Tensor | None
    tgt_mask: Tensor | None
    encoder_head_mask: Tensor | None
    decoder_head_mask: Tensor | None


class Transformer(nn.Module):
    """Tokens in one language to scores of the next token in another.

    The paper (section 3.4) shares one matrix between the embeddings and the last linear map. Here
    they are apart; `model.to_logits.weight = model.tgt_embedding.weight` shares it.

    Args:
        src_vocab, tgt_vocab: numbers of tokens.
        d_model, n_heads, n_layers, d_ff, dropout, norm, positions, bias, kernel, max_len: see
            `Encoder`; the decoder has the same.

    Raises:
        TypeError: a size is not an integer, dropout not a number, or bias neither True nor False.
        ValueError: a size below 1 or that does not fit the others, a dropout outside of [0, 1), or
            a norm, kernel or positions of another name.

    Source:
        Vaswani et al. (2017), section 3, figure 1.

    >>> model = Transformer(11, 13, d_model=6, n_heads=2, n_layers=1, d_ff=24)
    >>> model(torch.tensor([[1, 2, 3, 4]]), torch.tensor([[5, 6, 7]])).shape  # (B, n, V)
    torch.Size([1, 3, 13])
    """

    def __init__(
        self,
        src_vocab: int,
        tgt_vocab: int,
        *,
        d_model: int = 512,
        n_heads: int = 8,
        n_layers: int = 6,
        d_ff: int = 2048,
        dropout: float = 0.1,
        norm: Norm = "pre",
        positions: Scheme = "sinusoidal",
        bias: bool = True,
        kernel: Kernel = "auto",
        max_len: int = 512,
    ):
        super().__init__()
        src_vocab, tgt_vocab = settings.count(1, src_vocab=src_vocab, tgt_vocab=tgt_vocab)
        sizes = {
            "d_model": d_model, "n_heads": n_heads, "n_layers": n_layers, "d_ff": d_ff,
            "dropout": dropout, "norm": norm, "positions": positions, "bias": bias,
            "kernel": kernel, "max_len": max_len,
        }  # fmt: skip
        self.encoder, self.decoder = Encoder(**sizes), Decoder(**sizes)
        self.src_embedding = nn.Embedding(src_vocab, d_model)
        self.tgt_embedding = nn.Embedding(tgt_vocab, d_model)
        self.to_logits = nn.Linear(d_model, tgt_vocab, bias=bias)
        for embedding in (self.src_embedding, self.tgt_embedding):
            nn.init.normal_(embedding.weight, std=d_model**-0.5)  # `_embed` multiplies by its root
        nn.init.xavier_uniform_(self.to_logits.weight)
        if bias:
            nn.init.zeros_(self.to_logits.bias)

    @classmethod
    def from_torch(
        cls,
        module: nn.Transformer,
        src_vocab: int,
        tgt_vocab: int,
        *,
        positions: Scheme = "sinusoidal",
        max_len: int = 512,
    ) -> Self:
        """Encoder and decoder with a copy of the weights of `module`, and embeddings of our own.

        `nn.Transformer` has neither embeddings nor positions; those are new. What is carried over
        is said in the stacks' `from_torch`.

        Raises:
            TypeError: not an `nn.Transformer`, or one whose stacks are not those of `torch.nn`; a
                size is not an integer.
            ValueError: what the stacks' `from_torch` refuses, a size below 1, or other positions.
        """
        check_class(module, nn.Transformer)
        options = {"positions": positions, "max_len": max_len}
        encoder = Encoder.from_torch(module.encoder, **options)
        # Of this model only the embeddings are kept: its stacks may be as small as can be.
        ours = cls(
            src_vocab, tgt_vocab, d_model=module.d_model, n_heads=module.nhead, n_layers=1, d_ff=1,
            dropout=encoder.dropout, norm=encoder.layers[0].norm, **options,
        ).to(next(encoder.parameters()))  # fmt: skip
        ours.train(module.training)
        ours.encoder = encoder
        ours.decoder = Decoder.from_torch(module.decoder, **options)
        return ours

    @overload
    def forward(
        self,
        src: Tensor,
        tgt: Tensor,
        *,
        return_weights: Literal[False] = False,
        **options: Unpack[Options],
    ) -> Tensor: ...

    @overload
    def forward(
        self, src: Tensor, tgt: Tensor, *, return_weights: Literal[True], **options: Unpack[Options]
    ) -> tuple[Tensor, TransformerWeights]: ...

    def forward(
        self,
        src: Tensor,
        tgt: Tensor,
        *,
        src_mask: Tensor | None = None,
        tgt_mask: Tensor | None = None,
        encoder_head_mask: Tensor | None = None,
        decoder_head_mask: Tensor | None = None,
        return_weights: bool = False,
    ) -> Tensor | tuple[Tensor, TransformerWeights]:
        """Scores of the token after each token of `tgt`.

        Args:
            src: `(B, m)`, int64.
            tgt: `(B, n)`, int64; position i sees itself and what is before it.
            src_mask: which source tokens are real, as from `padding_mask`, NumPy's or torch's:
                `(B, 1, m)`.
            tgt_mask: the same for the target. Real tokens come out the same without it, as long as
                the padding stands behind them.
            encoder_head_mask: `(L, h)`, see `Encoder`.
            decoder_head_mask: `(L, 2, h)`, see `Decoder`.
            return_weights: also return the `TransformerWeights`.

        Returns:
            Logits `(B, n, V)`, or with weights the pair of both.

        Raises:
            TypeError: tokens that are not an int64 tensor, a mask that is not boolean, a head_mask
                that is no tensor, or return_weights that is neither True nor False.
            ValueError: tokens that are not `(B, n)`, n ≥ 1, or not in the vocabulary, a wrong shape
                or device, or more tokens than "learned" positions know.
        """
        source = self._embed(src, self.src_embedding, "src")
        target = self._embed(tgt, self.tgt_embedding, "tgt")
        check.same_length(0, src=src, tgt=tgt)
        memory = self.encoder(
            source, mask=src_mask, head_mask=encoder_head_mask, return_weights=return_weights,
        )  # fmt: skip
        memory, encoder_weights = memory if isinstance(memory, tuple) else (memory, [])
        x = self.decoder(
            target, memory,
            mask=tgt_mask, memory_mask=src_mask, head_mask=decoder_head_mask,
            return_weights=return_weights,
        )  # fmt: skip
        x, decoder_weights = x if isinstance(x, tuple) else (x, [])  # (B, n, d_model)
        logits = self.to_logits(x)  # (B, n, V)
        if return_weights:
            return logits, TransformerWeights(encoder_weights, decoder_weights)
        return logits

    if TYPE_CHECKING:

        @typed_like(forward)
        def __call__(self): ...

    @torch.no_grad()
    def start(self, src: Tensor, *, max_len: int, src_mask: Tensor | None = None) -> DecoderState:
        """Read the source, and prepare to decode up to `max_len` tokens with `step`.

        Shapes and errors are those of `forward`; nothing here has a gradient.

        Raises:
            TypeError, ValueError: also for a max_len that is not an integer, or below 1.
        """
        memory = self.encoder(self._embed(src, self.src_embedding, "src"), mask=src_mask)
        return self.decoder.start(memory, src_mask, max_len)

    @torch.no_grad()
    def step(self, tokens: Tensor, state: DecoderState) -> Tensor:
        """Logits `(B, V)` of the next token, after `tokens` `(B,)`; the state moves on.

        Raises:
            TypeError: tokens that are not an int64 tensor, or a state that is not from `start`.
            ValueError: tokens that are not `(B,)` or not in the vocabulary, or no room for more.
        """
        settings.instance(DecoderState, state=state)
        check.tensors(tokens=tokens)
        check.has_shape((state.batch,), tokens=tokens)
        x = self._embed(tokens[:, None], self.tgt_embedding, "tokens")
        x = self.decoder.step(x, state)  # (B, 1, d_model)
        return self.to_logits(x[:, 0])

    def _embed(self, tokens: Tensor, embedding: nn.Embedding, name: str) -> Tensor:
        """`(B, n)` tokens to `(B, n, d_model)`."""
        contents.tokens(embedding.num_embeddings, **{name: tokens})
        check.filled_axis(1, **{name: tokens})
        return embedding(tokens) * math.sqrt(embedding.embedding_dim)
