"""What a call of each layer may be told by keyword, beside `return_weights`; for type checkers."""

from typing import TypedDict

from torch import Tensor

from attnlab.nn.cache import KeyValueCache


class EncoderOptions(TypedDict, total=False):
    mask: Tensor | None
    causal: bool
    head_mask: Tensor | None


class DecoderOptions(EncoderOptions, total=False):
    memory_mask: Tensor | None


class PositionOptions(TypedDict, total=False):
    """Where positions enter inside self-attention."""

    bias: Tensor | None
    at: Tensor | None


class EncoderLayerOptions(EncoderOptions, PositionOptions, total=False):
    pass


class AttentionOptions(EncoderLayerOptions, total=False):
    cache: KeyValueCache | None


class DecoderLayerOptions(AttentionOptions, DecoderOptions, total=False):
    memory_bias: Tensor | None
    memory_vouched: bool
