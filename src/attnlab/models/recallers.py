r"""Five tiny models for the recall tasks, alike in all but the layer that carries the past.

Letters: B batch, T time, d_model width.
"""

from typing import Literal, get_args

from torch import Tensor, nn

from attnlab.functional import arrays as check
from attnlab.functional import contents, settings
from attnlab.functional.positions import sinusoidal_encoding
from attnlab.nn.attention import MultiHeadAttention
from attnlab.nn.convolution import ConvStack
from attnlab.nn.features import check_features
from attnlab.nn.recurrent import GRU, LSTM, TanhRNN

Kind = Literal["rnn", "lstm", "gru", "cnn", "attention"]


class CausalAttention(nn.Module):
    """One head of self-attention over sinusoidal positions; each step sees itself and the past.

    Args:
        d_model: width, even.

    Shapes:
        `(B, T, d_model)` → `(B, T, d_model)`.

    Raises:
        TypeError: d_model is not an integer; at the call, x is no tensor or of another dtype than
            the weights.
        ValueError: d_model is not positive and even; at the call, x of another shape or device.

    Source:
        Vaswani et al. (2017), sections 3.2 and 3.5.

    >>> import torch
    >>> CausalAttention(4)(torch.zeros(2, 7, 4)).shape
    torch.Size([2, 7, 4])
    """

    def __init__(self, d_model: int):
        super().__init__()
        (d_model,) = settings.even(d_model=d_model)
        self.attend = MultiHeadAttention(d_model, 1)

    def forward(self, x: Tensor) -> Tensor:
        check_features(x, self.attend.d_model, self.attend.project_in.weight, "x")
        code = sinusoidal_encoding(x.shape[1], x.shape[2], like=x)  # (T, d_model)
        return self.attend(x + code, causal=True)


class Recaller(nn.Module):
    """Embedding → `layer` → scores of the answers, at every step.

    Args:
        vocab_size: number of tokens that can come in.
        n_answers: number of answers to choose from.
        d_model: width of the embedding.
        layer: maps `(B, T, d_model)` to the same shape.

    Shapes:
        tokens `(B, T)`, or `(B, T, k)` where a step carries k tokens, whose embeddings are added
        → `(B, T, n_answers)`.

    Raises:
        TypeError: a size is not an integer, or `layer` no module; at the call, tokens that are not
            an int64 tensor.
        ValueError: a size below 1; at the call, an unknown token, or tokens of another shape.

    >>> import torch
    >>> model = Recaller(13, 8, d_model=4, layer=GRU(4, 4))
    >>> model(torch.zeros(2, 7, dtype=torch.int64)).shape
    torch.Size([2, 7, 8])
    """

    def __init__(self, vocab_size: int, n_answers: int, *, d_model: int, layer: nn.Module):
        super().__init__()
        vocab_size, n_answers, d_model = settings.count(
            1, vocab_size=vocab_size, n_answers=n_answers, d_model=d_model
        )
        settings.instance(nn.Module, layer=layer)
        self.embed = nn.Embedding(vocab_size, d_model)
        self.layer = layer
        self.read_out = nn.Linear(d_model, n_answers)

    def forward(self, tokens: Tensor) -> Tensor:
        check.tensors(tokens=tokens)
        if tokens.ndim not in (2, 3):
            raise ValueError(
                f"tokens must have shape (B, T) or (B, T, k), got {tuple(tokens.shape)}"
            )
        check.filled_axis(1, tokens=tokens)
        contents.tokens(self.embed.num_embeddings, tokens=tokens.flatten(1))
        x = self.embed(tokens)  # (B, T, d_model), or (B, T, k, d_model)
        if x.ndim == 4:
            x = x.sum(dim=2)  # (B, T, d_model)
        return self.read_out(self.layer(x))


def recaller(
    kind: Kind,
    vocab_size: int,
    n_answers: int,
    *,
    d_model: int = 64,
    forget_bias: float | None = None,
) -> Recaller:
    """The model of one kind for a task with so many tokens and answers.

    Args:
        kind: "rnn", "lstm", "gru", "cnn" or "attention". The CNN has eight causal layers with
            kernel 3: on paper, each step sees itself and 16 before it.
        vocab_size: the task's `vocab_size`.
        n_answers: the task's `n_answers`.
        d_model: width of the embedding and of the states.
        forget_bias: of the LSTM, and of nothing else; see `attnlab.nn.recurrent.LSTM`.

    Returns:
        The model, untrained.

    Raises:
        TypeError: a size is not an integer, or the forget bias not a number.
        ValueError: another kind, a size below 1, a d_model that the kind cannot take, or a forget
            bias that is not finite or for anything but an LSTM.

    >>> import torch
    >>> recaller("lstm", 13, 8, forget_bias=3.0)(torch.tensor([[0, 12]])).shape
    torch.Size([1, 2, 8])
    """
    settings.one_of(get_args(Kind), kind=kind)
    if forget_bias is not None and kind != "lstm":
        raise ValueError(f"forget_bias is for 'lstm' alone, got one for {kind!r}")
    if kind == "rnn":
        layer = TanhRNN(d_model, d_model)
    elif kind == "lstm":
        layer = LSTM(d_model, d_model, forget_bias=forget_bias)
    elif kind == "gru":
        layer = GRU(d_model, d_model)
    elif kind == "cnn":
        layer = ConvStack(d_model, d_model, dilations=[1] * 8, causal=True)
    else:
        layer = CausalAttention(d_model)
    return Recaller(vocab_size, n_answers, d_model=d_model, layer=layer)
