"""What calls return, for the type checker: `make lint` reads this file, and nothing runs it."""

from typing import assert_type

import numpy as np
from torch import Tensor

import attnlab
from attnlab.models.transformer import TransformerWeights
from attnlab.nn.blocks import LayerWeights


def arrays_come_out_as_they_went_in(a: np.ndarray, t: Tensor) -> None:
    assert_type(attnlab.softmax(a), np.ndarray)
    assert_type(attnlab.softmax(t, mask=np.ones(3, bool)), Tensor)
    assert_type(attnlab.attention(t, t, t, scores=attnlab.dot_scores), tuple[Tensor, Tensor])
    assert_type(attnlab.attention(t, t, t, scores=attnlab.BilinearScore(2, 3))[0], Tensor)
    assert_type(attnlab.causal_mask(3), np.ndarray)
    assert_type(attnlab.causal_mask(3, like=t), Tensor)
    assert_type(attnlab.padding_mask([2, 3], 3), np.ndarray)


def weights_come_only_where_they_are_asked_for(t: Tensor, asked: bool) -> None:
    attend = attnlab.MultiHeadAttention(4, 2)
    assert_type(attend(t), Tensor)
    assert_type(attend(t, causal=True, return_weights=True), tuple[Tensor, Tensor])
    assert_type(attend(t, return_weights=asked), Tensor | tuple[Tensor, Tensor])

    graph = attnlab.GraphAttention(4, 2, score="dot")
    assert_type(graph(t, t), Tensor)
    assert_type(graph(t, t, return_weights=True), tuple[Tensor, Tensor])
    assert_type(graph(t, t, return_weights=asked), Tensor | tuple[Tensor, Tensor])

    layer, decoder_layer = attnlab.EncoderLayer(4, 2, 16), attnlab.DecoderLayer(4, 2, 16)
    assert_type(layer(t), Tensor)
    assert_type(layer(t, return_weights=True), tuple[Tensor, LayerWeights[None]])
    assert_type(decoder_layer(t, t), Tensor)
    assert_type(decoder_layer(t, t, return_weights=True)[1].cross_attention, Tensor)

    encoder = attnlab.Encoder(d_model=4, n_heads=2, n_layers=1, d_ff=16)
    decoder = attnlab.Decoder(d_model=4, n_heads=2, n_layers=1, d_ff=16)
    assert_type(encoder(t), Tensor)
    assert_type(encoder(t, return_weights=True), tuple[Tensor, list[LayerWeights[None]]])
    assert_type(encoder.layers[0], attnlab.EncoderLayer)
    assert_type(decoder(t, t), Tensor)
    assert_type(decoder(t, t, return_weights=True), tuple[Tensor, list[LayerWeights[Tensor]]])

    model = attnlab.Transformer(11, 13)
    assert_type(model(t, t), Tensor)
    assert_type(model(t, t, return_weights=True), tuple[Tensor, TransformerWeights])

    writer = attnlab.Seq2Seq(11, 13, attend="dot")
    assert_type(writer(t, t), Tensor)
    assert_type(writer(t, t, return_weights=True), tuple[Tensor, Tensor])
