"""The layers beside torch.nn's, in outputs, weights and gradients, and against bad input."""

import itertools
import re

import pytest
import torch
from torch import nn

from attnlab.functional.masks import causal_mask, padding_mask
from attnlab.nn.blocks import DecoderLayer, EncoderLayer

B, H, N, M, D, D_FF = 3, 2, 5, 7, 22, 13
DTYPES = [(torch.float32, 1e-6), (torch.float64, 1e-12)]
CASES = list(itertools.product(["pre", "post"], [True, False], [False, True], [False, True]))


@pytest.fixture(autouse=True)
def _seed():
    torch.manual_seed(0)


def randomize(module):
    """Give every bias and norm a value that shows when it is forgotten."""
    for parameter in module.parameters():
        if parameter.ndim == 1:
            nn.init.normal_(parameter, mean=1.0, std=0.3)
    return module


def assert_same(ours, theirs, tolerance):
    torch.testing.assert_close(ours, theirs, atol=tolerance, rtol=tolerance)


def assert_same_gradients(ours, theirs, outputs, inputs, tolerance):
    """Of a loss, averaged over the tokens, that weighs every output differently."""
    for output, module in zip(outputs, (ours, theirs), strict=True):
        module.zero_grad()
        factors = torch.linspace(-1, 1, output.numel()).view(output.shape).to(output)
        (output * factors).sum().div(output[..., 0].numel()).backward()
        if module is ours:
            input_gradients = [x.grad for x in inputs]
            for x in inputs:
                x.grad = None
    for x, mine in zip(inputs, input_gradients, strict=True):
        assert_same(mine, x.grad, tolerance)
    # Their gradients by our names: load them as if they were weights.
    with torch.no_grad():
        for parameter in theirs.parameters():
            parameter.copy_(parameter.grad)
    expected = dict(type(ours).from_torch(theirs).named_parameters())
    for name, parameter in ours.named_parameters():
        assert_same(parameter.grad, expected[name], tolerance)


def inverted(mask):
    """torch.nn's convention: True = masked out; (B, m)."""
    return None if mask is None else ~mask[:, 0]


@pytest.mark.parametrize(("dtype", "tolerance"), DTYPES)
@pytest.mark.parametrize("case", CASES)
def test_encoder_layer_equals_torch(dtype, tolerance, case):
    norm, bias, padding, causal = case
    theirs = randomize(
        nn.TransformerEncoderLayer(
            D, H, D_FF, batch_first=True, norm_first=norm == "pre", bias=bias, dtype=dtype,
            dropout=0.0, layer_norm_eps=1e-4,
        )
    )  # fmt: skip
    ours = EncoderLayer.from_torch(theirs)
    x = torch.randn(B, N, D, dtype=dtype, requires_grad=True)
    mask = padding_mask(torch.tensor([N, 2, N - 1]), N) if padding else None
    expected = theirs(
        x,
        src_key_padding_mask=inverted(mask),
        src_mask=~torch.tensor(causal_mask(N)) if causal else None,
    )
    got = ours(x, mask=mask, causal=causal)
    assert_same(got, expected, tolerance)
    with_weights, weights = ours(x, mask=mask, causal=causal, return_weights=True)
    assert_same(with_weights, expected, tolerance)
    assert weights.self_attention.shape == (B, H, N, N)
    assert weights.cross_attention is None
    assert_same_gradients(ours, theirs, [got, expected], [x], tolerance)


@pytest.mark.parametrize(("dtype", "tolerance"), DTYPES)
@pytest.mark.parametrize("case", CASES)
def test_decoder_layer_equals_torch(dtype, tolerance, case):
    norm, bias, padding, causal = case
    theirs = randomize(
        nn.TransformerDecoderLayer(
            D, H, D_FF, batch_first=True, norm_first=norm == "pre", bias=bias, dtype=dtype,
            dropout=0.0, layer_norm_eps=1e-4,
        )
    )  # fmt: skip
    ours = DecoderLayer.from_torch(theirs)
    x = torch.randn(B, N, D, dtype=dtype, requires_grad=True)
    memory = torch.randn(B, M, D, dtype=dtype, requires_grad=True)
    mask = padding_mask(torch.tensor([N, 2, N - 1]), N) if padding else None
    memory_mask = padding_mask(torch.tensor([3, M, 1]), M) if padding else None
    expected = theirs(
        x,
        memory,
        tgt_mask=~torch.tensor(causal_mask(N)) if causal else None,
        tgt_key_padding_mask=inverted(mask),
        memory_key_padding_mask=inverted(memory_mask),
    )
    options = {"mask": mask, "memory_mask": memory_mask, "causal": causal}
    got = ours(x, memory, **options)
    assert_same(got, expected, tolerance)
    with_weights, weights = ours(x, memory, return_weights=True, **options)
    assert_same(with_weights, expected, tolerance)
    assert weights.self_attention.shape == (B, H, N, N)
    assert weights.cross_attention.shape == (B, H, N, M)
    assert_same_gradients(ours, theirs, [got, expected], [x, memory], tolerance)


@pytest.mark.parametrize("norm", ["pre", "post"])
def test_dropout_is_random_in_training_alone(norm):
    layer = EncoderLayer(D, H, D_FF, dropout=0.3, norm=norm)
    x = torch.randn(B, N, D)
    assert not torch.equal(layer(x), layer(x))
    layer.eval()
    assert torch.equal(layer(x), layer(x))


@pytest.mark.parametrize("training", [True, False])
def test_padding_never_changes_what_is_real(training):
    encoder, decoder = EncoderLayer(D, H, D_FF), DecoderLayer(D, H, D_FF)
    encoder.train(training), decoder.train(training)
    x, memory = torch.randn(B, N, D), torch.randn(B, M, D)
    mask, memory_mask = (padding_mask(torch.tensor([2] * B), size) for size in (N, M))
    other, other_memory = x.clone(), memory.clone()
    other[:, 2:], other_memory[:, 2:] = 1e3, -1e3
    assert_same(encoder(x, mask=mask)[:, :2], encoder(other, mask=mask)[:, :2], 1e-7)
    ours = [
        decoder(x, m, mask=mask, memory_mask=memory_mask)[:, :2]
        for x, m in ((x, memory), (other, other_memory))
    ]
    assert_same(*ours, 1e-7)


def test_head_masks_reach_their_attention():
    layer = DecoderLayer(D, H, D_FF)
    x, memory = torch.randn(B, N, D), torch.randn(B, M, D)
    whole = layer(x, memory)
    assert_same(layer(x, memory, head_mask=torch.ones(2, H)), whole, 1e-6)
    other = torch.randn(B, M, D)
    blind = torch.tensor([[True] * H, [False] * H])  # no head reads the memory
    assert_same(layer(x, memory, head_mask=blind), layer(x, other, head_mask=blind), 1e-7)
    assert not torch.allclose(layer(x, memory), layer(x, other))


def test_memory_may_come_projected():
    layer = DecoderLayer(D, H, D_FF)
    x, memory = torch.randn(B, N, D), torch.randn(B, M, D)
    projected = layer.cross_attention.project_memory(memory)
    assert_same(layer(x, projected), layer(x, memory), 0)


@pytest.mark.parametrize(
    ("make", "error", "message"),
    [
        (
            lambda: EncoderLayer(D, H, D_FF, norm="mid"),
            ValueError,
            "norm must be one of 'pre', 'post'; got 'mid'",
        ),
        (lambda: EncoderLayer(D, 3, D_FF), ValueError, "got d_model = 22 and n_heads = 3"),
        (lambda: DecoderLayer(D, H, 0), ValueError, "d_ff must be at least 1, got 0"),
        (
            lambda: EncoderLayer.from_torch(nn.Linear(1, 1)),
            TypeError,
            "expected nn.TransformerEncoderLayer, got Linear",
        ),
        (
            lambda: DecoderLayer.from_torch(nn.Linear(1, 1)),
            TypeError,
            "expected nn.TransformerDecoderLayer, got Linear",
        ),
        (
            lambda: EncoderLayer.from_torch(nn.TransformerEncoderLayer(D, H, activation="gelu")),
            ValueError,
            "whose activation is relu, got <built-in function gelu>",
        ),
    ],
)
def test_bad_layers(make, error, message):
    with pytest.raises(error, match=re.escape(message)):
        make()


@pytest.mark.parametrize("cls", [EncoderLayer, DecoderLayer])
def test_the_kernel_is_handed_on(cls):
    layer = cls(D, H, D_FF, kernel="plain")
    assert {m.kernel for m in layer.children() if hasattr(m, "kernel")} == {"plain"}
    assert cls(D, H, D_FF).self_attention.kernel == "auto"


@pytest.mark.parametrize(
    ("options", "error", "message"),
    [
        ({"x": None}, TypeError, "x must be a torch tensor, got NoneType"),
        ({"x": [[0.0]]}, TypeError, "x must be a torch tensor, got list"),
        (
            {"x": torch.zeros(B, N, D + 1)},
            ValueError,
            "x must have shape (B, n, 22), got (3, 5, 23",
        ),
        ({"x": torch.zeros(B, N, D).half()}, TypeError, "x must have the dtype of the weights"),
        ({"return_weights": 1}, TypeError, "return_weights must be True or False, got int"),
        ({"causal": None}, TypeError, "causal must be True or False, got NoneType"),
        ({"mask": [True]}, TypeError, "mask must be a NumPy array or a torch tensor, got list"),
    ],
)
@pytest.mark.parametrize("norm", ["pre", "post"])
def test_bad_calls_are_named(norm, options, error, message):
    given = {"x": torch.zeros(B, N, D)} | options
    with pytest.raises(error, match=re.escape(message)):
        EncoderLayer(D, H, D_FF, norm=norm)(**given)
    with pytest.raises(error, match=re.escape(message)):
        DecoderLayer(D, H, D_FF, norm=norm)(memory=torch.zeros(B, M, D), **given)


@pytest.mark.parametrize(
    ("options", "error", "message"),
    [
        ({"memory": None}, TypeError, "memory must be a torch tensor, got NoneType"),
        ({"memory": torch.zeros(B, M, 1)}, ValueError, "memory must have shape (B, n, 22), got (3"),
        ({"head_mask": [[1] * H] * 2}, TypeError, "head_mask must be a torch tensor, got list"),
        ({"head_mask": torch.ones(H)}, ValueError, "head_mask must have shape (2, 2), got (2,)"),
    ],
)
def test_bad_calls_of_decoder_layers_are_named(options, error, message):
    with pytest.raises(error, match=re.escape(message)):
        DecoderLayer(D, H, D_FF)(torch.zeros(B, N, D), **{"memory": torch.zeros(B, M, D)} | options)


def test_memory_of_another_batch():
    with pytest.raises(
        ValueError, match=re.escape("memory must have shape (3, 7, 22), got (2, 7, 22)")
    ):
        DecoderLayer(D, H, D_FF)(torch.zeros(B, N, D), torch.zeros(2, M, D))
