"""What layers and stacks carry over from torch.nn, and what they refuse."""

import re

import pytest
import torch
from torch import nn

from attnlab.models.transformer import Transformer
from attnlab.nn.blocks import DecoderLayer, EncoderLayer
from attnlab.nn.decoder import Decoder
from attnlab.nn.stacks import Encoder

B, N, D, H, D_FF = 3, 5, 22, 2, 13

# torch.nn says so of every "pre" stack.
pytestmark = pytest.mark.filterwarnings("ignore:enable_nested_tensor")


def layer_of(decoder=False, **options):
    cls = nn.TransformerDecoderLayer if decoder else nn.TransformerEncoderLayer
    return cls(D, H, D_FF, **{"batch_first": True, "dropout": 0.0} | options)


def stack_of(decoder=False, norm=None, **options):
    cls = nn.TransformerDecoder if decoder else nn.TransformerEncoder
    return cls(layer_of(decoder, **options), 2, norm)


@pytest.mark.parametrize("norm_first", [True, False])
@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
def test_stacks_without_a_last_norm(norm_first, dtype):
    x, memory = torch.randn(B, N, D, dtype=dtype), torch.randn(B, 7, D, dtype=dtype)
    theirs = stack_of(norm_first=norm_first).to(dtype)
    ours = Encoder.from_torch(theirs)
    torch.testing.assert_close(ours(x), theirs(x), atol=1e-5, rtol=0)
    theirs = stack_of(decoder=True, norm_first=norm_first).to(dtype)
    ours = Decoder.from_torch(theirs)
    expected = theirs(x, memory)
    torch.testing.assert_close(ours(x, memory, causal=False), expected, atol=1e-5, rtol=0)
    state = ours.start(memory, None, 1)
    first = ours(x[:, :1], memory)
    torch.testing.assert_close(ours.step(x[:, :1], state), first, atol=1e-5, rtol=0)


def test_a_whole_transformer_without_last_norms():
    encoder, decoder = stack_of(), stack_of(decoder=True)
    theirs = nn.Transformer(D, H, custom_encoder=encoder, custom_decoder=decoder, batch_first=True)
    ours = Transformer.from_torch(theirs, 7, 7, positions="none")
    assert isinstance(ours.encoder.last_norm, nn.Identity)
    x = torch.randn(B, N, D)
    got = ours.decoder(x, ours.encoder(x), causal=False)
    torch.testing.assert_close(got, theirs(x, x), atol=1e-5, rtol=0)


def test_a_last_norm_of_another_kind_is_refused():
    with pytest.raises(ValueError, match="norm is a LayerNorm or None, got RMSNorm"):
        Encoder.from_torch(stack_of(norm=nn.RMSNorm(D)))


@pytest.mark.parametrize("options", [{"elementwise_affine": False}, {"bias": False}])
def test_a_last_norm_with_weights_of_its_own(options):
    theirs, x = stack_of(norm=nn.LayerNorm(D, **options)), torch.randn(B, N, D)
    torch.testing.assert_close(Encoder.from_torch(theirs)(x), theirs(x), atol=1e-5, rtol=0)


def named(module):
    return {name: parameter.requires_grad for name, parameter in module.named_parameters()}


@pytest.mark.parametrize("decoder", [False, True])
def test_what_is_frozen_stays_frozen(decoder):
    cls, theirs = DecoderLayer if decoder else EncoderLayer, layer_of(decoder)
    assert all(named(cls.from_torch(theirs)).values())
    assert not any(named(cls.from_torch(theirs.requires_grad_(False))).values())
    theirs.norm2.bias.requires_grad_(True)
    theirs.self_attn.out_proj.weight.requires_grad_(True)
    norm = "cross_attention_norm" if decoder else "feed_forward_norm"
    thawed = {name for name, grad in named(cls.from_torch(theirs)).items() if grad}
    assert thawed == {f"{norm}.bias", "self_attention.project_out.weight"}


@pytest.mark.parametrize("decoder", [False, True])
def test_a_frozen_layer_of_a_stack_stays_frozen(decoder):
    theirs = stack_of(decoder, norm=nn.LayerNorm(D))
    theirs.layers[1].requires_grad_(False), theirs.norm.requires_grad_(False)
    ours = (Decoder if decoder else Encoder).from_torch(theirs)
    trained = {name.partition(".")[0] for name, grad in named(ours).items() if grad}
    assert trained == {"layers"} and not any(named(ours.layers[1]).values())
    assert all(named(ours.layers[0]).values())


def test_modes_are_those_of_the_parts():
    theirs = stack_of(norm=nn.LayerNorm(D), dropout=0.3)
    theirs.eval().layers[1].train().self_attn.eval()
    ours = Encoder.from_torch(theirs)
    assert (ours.training, ours.layers[0].training, ours.layers[1].training) == (0, 0, 1)
    assert ours.layers[1].feed_forward.training
    assert not ours.layers[1].self_attention.training
    assert ours.layers[1].self_attention.dropout == ours.dropout == 0.3
    assert Encoder.from_torch(theirs.train()).layers[0].self_attention.training


def test_dtype_and_epsilon_are_carried_over():
    theirs = stack_of(norm=nn.LayerNorm(D, eps=1e-2), layer_norm_eps=1e-3).bfloat16()
    ours = Encoder.from_torch(theirs, positions="learned", max_len=9)
    assert {parameter.dtype for parameter in ours.parameters()} == {torch.bfloat16}
    assert ours.last_norm.eps == 1e-2
    assert {layer.feed_forward_norm.eps for layer in ours.layers} == {1e-3}
    assert ours.positions.learned.code.shape == (9, D)
    meta = Encoder.from_torch(stack_of(device="meta"), positions="learned")
    assert {parameter.device.type for parameter in meta.parameters()} == {"meta"}


def test_weights_are_copies():
    theirs = layer_of()
    ours = EncoderLayer.from_torch(theirs)
    with torch.no_grad():
        theirs.linear1.weight.zero_(), theirs.self_attn.in_proj_weight.zero_()
    assert ours.feed_forward.expand.weight.any() and ours.self_attention.project_in.weight.any()


class Other(nn.TransformerEncoderLayer):
    def forward(self, src, *args, **kwargs):
        return src


def mixed(other):
    stack = stack_of()
    stack.layers[1] = other
    return stack


def with_rates(layer):
    layer.dropout1.p = 0.5
    return layer


class Doubling(nn.Linear):
    def forward(self, x):
        return 2 * super().forward(x)


class Named(nn.Linear):
    pass


def with_part(name, part):
    layer = layer_of(name == "multihead_attn")
    layer.set_submodule(name, part)
    return layer


@pytest.mark.parametrize("given", [Named, "weight_norm"])
def test_a_part_that_computes_alike_may_be_of_another_class(given):
    theirs, x = layer_of(), torch.randn(B, N, D)
    if given == "weight_norm":
        nn.utils.parametrizations.weight_norm(theirs.linear1)
    else:
        theirs.linear1 = given(D, D_FF)
    torch.testing.assert_close(EncoderLayer.from_torch(theirs)(x), theirs(x), atol=1e-5, rtol=0)


@pytest.mark.parametrize(
    ("name", "part", "error", "message"),
    [
        ("norm1", nn.RMSNorm(D), TypeError, "expected nn.LayerNorm, got RMSNorm"),
        ("norm2", nn.Identity(), TypeError, "expected nn.LayerNorm, got Identity"),
        ("linear1", Doubling(D, D_FF), TypeError, "expected nn.Linear, got a subclass with a forw"),
        ("linear2", nn.Bilinear(D_FF, D_FF, D), TypeError, "expected nn.Linear, got Bilinear"),
        ("self_attn", nn.Linear(D, D), TypeError, "expected nn.MultiheadAttention, got Linear"),
        ("multihead_attn", nn.Linear(D, D), TypeError, "expected nn.MultiheadAttention, got Linea"),
        ("norm1", nn.LayerNorm(D, bias=False), ValueError, "expected the bias of LayerNorm"),
        ("norm1", nn.LayerNorm(1), ValueError, "expected the weight of LayerNorm"),
        ("linear2", nn.Linear(D_FF, D, bias=False), ValueError, "expected the bias of Linear"),
        ("self_attn.out_proj", nn.Linear(D, D, bias=False), ValueError, "expected the bias of"),
    ],
)
def test_a_part_that_computes_otherwise_is_refused(name, part, error, message):
    cls = DecoderLayer if name == "multihead_attn" else EncoderLayer
    with pytest.raises(error, match=re.escape(message)):
        cls.from_torch(with_part(name, part))


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (lambda: Encoder.from_torch(None), TypeError, "expected nn.TransformerEncoder, got NoneT"),
        (
            lambda: Encoder.from_torch(stack_of(decoder=True)),
            TypeError,
            "expected nn.TransformerEncoder, got TransformerDecoder",
        ),
        (
            lambda: Encoder.from_torch(mixed(nn.Linear(D, D))),
            TypeError,
            "expected nn.TransformerEncoderLayer, got Linear",
        ),
        (
            lambda: EncoderLayer.from_torch(Other(D, H)),
            TypeError,
            "got a subclass with a forward of its own, tests.nn.test_from_torch.Other",
        ),
        (
            lambda: Encoder.from_torch(mixed(layer_of(norm_first=True))),
            ValueError,
            "expected layers of one kind, got",
        ),
        (
            lambda: Encoder.from_torch(mixed(nn.TransformerEncoderLayer(D, 11, D_FF, dropout=0))),
            ValueError,
            "'n_heads': 11",
        ),
        (
            lambda: EncoderLayer.from_torch(with_rates(layer_of(dropout=0.1))),
            ValueError,
            "one rate in all dropouts of a layer, got dropout 0.1, dropout1 0.5, dropout2 0.1",
        ),
        (
            lambda: Encoder.from_torch(stack_of(), positions="absolute"),
            ValueError,
            "positions must be one of",
        ),
        (
            lambda: Encoder.from_torch(nn.TransformerEncoder(layer_of(), 0)),
            ValueError,
            "expected a stack of one layer or more, got none",
        ),
        (lambda: Encoder.from_torch(stack_of(), max_len=0), ValueError, "max_len must be at least"),
        (lambda: Transformer.from_torch(nn.Transformer(D, H), 0, 7), ValueError, "src_vocab must"),
    ],
)
def test_what_cannot_be_said_is_refused(call, error, message):
    with pytest.raises(error, match=re.escape(message)):
        call()


@pytest.mark.parametrize("activation", [torch.relu, nn.ReLU(), torch.nn.functional.relu])
def test_every_rectifier_is_one(activation):
    theirs, x = layer_of(activation=activation).eval(), torch.randn(B, N, D)
    torch.testing.assert_close(EncoderLayer.from_torch(theirs)(x), theirs(x), atol=1e-5, rtol=0)
