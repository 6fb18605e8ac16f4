"""attnlab: what the chapters of "Attention by Experiment" import.

The functional core works on NumPy arrays and torch tensors alike, and importing it does not import
torch. Names that need torch are looked up when they are first used.
"""

from importlib import import_module

from attnlab.claims import ClaimFailed, claim, quote
from attnlab.functional.attention import attention, blockwise_attention
from attnlab.functional.masks import causal_mask, padding_mask, window_mask
from attnlab.functional.positions import (
    alibi_bias,
    rotary,
    rotary_permutation,
    sinusoidal_encoding,
)
from attnlab.functional.scores import (
    additive_scores,
    bilinear_scores,
    dot_scores,
    gaussian_scores,
    scaled_dot_scores,
)
from attnlab.functional.softmax import (
    entropy,
    log_softmax,
    online_softmax,
    softmax,
    softmax_jacobian,
)

__version__ = "0.2.0"

# Public names that need torch, and the module that each is in.
_LAZY = {
    "BilinearScore": "nn.scores",
    "AdditiveScore": "nn.scores",
    "LearnedEncoding": "nn.positions",
    "RelativeBias": "nn.positions",
    "MultiHeadAttention": "nn.attention",
    "GraphAttention": "nn.graph",
    "FeedForward": "nn.feed_forward",
    "EncoderLayer": "nn.blocks",
    "DecoderLayer": "nn.blocks",
    "Encoder": "nn.stacks",
    "Decoder": "nn.decoder",
    "Transformer": "models.transformer",
    "TanhRNN": "nn.recurrent",
    "LSTM": "nn.recurrent",
    "GRU": "nn.recurrent",
    "gradient_by_lag": "nn.recurrent",
    "ConvStack": "nn.convolution",
    "receptive_field": "nn.convolution",
    "input_influence": "nn.convolution",
    "effective_width": "nn.convolution",
    "PointerGenerator": "models.pointer",
    "Seq2Seq": "models.seq2seq",
    "greedy": "decoding",
    "sample": "decoding",
    "next_probabilities": "decoding",
    "beam_search": "decoding",
    "Progress": "training.progress",
    "seed_everything": "training.fitting",
    "fit": "training.fitting",
    "warmup": "training.schedules",
    "linear_decay": "training.schedules",
    "noam": "training.schedules",
    "cross_entropy": "training.losses",
    "sorted_batches": "training.batches",
}

__all__ = [  # what a star brings: the part that does without torch
    "ClaimFailed",
    "additive_scores",
    "alibi_bias",
    "attention",
    "bilinear_scores",
    "blockwise_attention",
    "causal_mask",
    "claim",
    "dot_scores",
    "entropy",
    "gaussian_scores",
    "log_softmax",
    "online_softmax",
    "padding_mask",
    "quote",
    "rotary",
    "rotary_permutation",
    "scaled_dot_scores",
    "sinusoidal_encoding",
    "softmax",
    "softmax_jacobian",
    "window_mask",
]


def __getattr__(name: str) -> object:
    if name == "examine":  # a module that can be called
        return import_module("attnlab.examine")
    if name not in _LAZY:
        raise AttributeError(f"module 'attnlab' has no attribute {name!r}")
    value = getattr(import_module(f"attnlab.{_LAZY[name]}"), name)
    globals()[name] = value  # found once: the next use is an ordinary look-up
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *_LAZY, "examine"})
