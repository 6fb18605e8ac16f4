"""Stacks and the whole Transformer beside torch.nn's, padding, causality, and bad input."""

import itertools
import re

import pytest
import torch
from torch import nn

from attnlab.functional.masks import causal_mask, padding_mask
from attnlab.models.transformer import Transformer
from attnlab.nn.stacks import Encoder

B, L, H, N, M, D, D_FF, V = 3, 2, 2, 5, 7, 22, 13, 17
SIZES = {"d_model": D, "n_heads": H, "n_layers": L, "d_ff": D_FF}
CASES = list(itertools.product(["pre", "post"], [True, False], [False, True], [False, True]))
SCHEMES = ["sinusoidal", "learned", "rotary", "alibi", "none"]


@pytest.fixture(autouse=True)
def _seed():
    torch.manual_seed(0)


def assert_same(ours, theirs, tolerance):
    torch.testing.assert_close(ours, theirs, atol=tolerance, rtol=tolerance)


def tokens(*shape):
    return torch.randint(V, shape)


def model_of(positions="sinusoidal", **options):
    d_model = 4 * H if positions == "rotary" else D
    sizes = SIZES | {"d_model": d_model, "dropout": 0.0, "positions": positions} | options
    return Transformer(V, V, **sizes)


# Two layers of torch.nn in float32 are themselves 1e-6 away from what they are in float64.
@pytest.mark.parametrize(
    ("dtype", "tolerance", "n_layers"), [(torch.float32, 1e-6, 1), (torch.float64, 1e-12, 2)]
)
@pytest.mark.parametrize("case", CASES)
# torch.nn says so of every "pre" stack.
@pytest.mark.filterwarnings("ignore:enable_nested_tensor")
def test_stacks_equal_torch(dtype, tolerance, n_layers, case):
    norm, bias, padding, causal = case
    theirs = nn.Transformer(
        D, H, n_layers, n_layers, D_FF, dropout=0.0, batch_first=True,
        norm_first=norm == "pre", bias=bias, dtype=dtype, layer_norm_eps=1e-4,
    )  # fmt: skip
    with torch.no_grad():  # so that it shows when a bias or a norm is forgotten
        for parameter in theirs.parameters():
            if parameter.ndim == 1:
                parameter.add_(torch.randn_like(parameter), alpha=0.1)
    ours = Transformer.from_torch(theirs, V, V, positions="none")
    src = torch.randn(B, M, D, dtype=dtype, requires_grad=True)
    tgt = torch.randn(B, N, D, dtype=dtype, requires_grad=True)
    src_mask = padding_mask(torch.tensor([3, M, 1]), M) if padding else None
    tgt_mask = padding_mask(torch.tensor([N, 2, N - 1]), N) if padding else None
    expected = theirs(
        src, tgt,
        tgt_mask=~torch.tensor(causal_mask(N)) if causal else None,
        src_key_padding_mask=~src_mask[:, 0] if padding else None,
        memory_key_padding_mask=~src_mask[:, 0] if padding else None,
        tgt_key_padding_mask=~tgt_mask[:, 0] if padding else None,
    )  # fmt: skip
    got = ours.decoder(
        tgt, ours.encoder(src, mask=src_mask), mask=tgt_mask, memory_mask=src_mask, causal=causal
    )
    assert_same(got, expected, tolerance)
    factors = torch.linspace(-1, 1, got.numel(), dtype=dtype).view(got.shape) / (B * N)
    gradients = torch.autograd.grad((got * factors).sum(), [src, tgt, *of_stacks(ours)])
    want = torch.autograd.grad((expected * factors).sum(), [src, tgt, *theirs.parameters()])
    # Their gradients by our names: load them as if they were weights.
    with torch.no_grad():
        for parameter, gradient in zip(theirs.parameters(), want[2:], strict=True):
            parameter.copy_(gradient)
    renamed = of_stacks(Transformer.from_torch(theirs, V, V, positions="none"))
    for mine, other in zip(gradients, [*want[:2], *renamed], strict=True):
        assert_same(mine, other, tolerance)


def of_stacks(model):
    """The parameters without those of the embeddings, which torch.nn's model has not."""
    return [*model.encoder.parameters(), *model.decoder.parameters()]


@pytest.mark.parametrize("positions", SCHEMES)
@pytest.mark.parametrize("training", [True, False])
def test_no_logit_sees_a_later_token(positions, training):
    model = model_of(positions).train(training)
    src, tgt = tokens(B, M), tokens(B, N)
    for t in range(1, N):
        other = tgt.clone()
        other[:, t:] = (tgt[:, t:] + 1) % V
        change = (model(src, other) - model(src, tgt)).abs().amax(-1)  # (B, n)
        assert (change[:, :t] == 0).all() and (change[:, t] > 0).all()


@pytest.mark.parametrize("positions", SCHEMES)
def test_order_counts_unless_there_are_no_positions(positions):
    encoder = Encoder(**SIZES | {"d_model": 4 * H}, positions=positions)
    if positions == "learned":
        nn.init.normal_(encoder.positions.learned.code)
    x, order = torch.randn(B, M, 4 * H), torch.tensor([1, 0, *range(2, M)])
    same = torch.allclose(encoder(x[:, order]), encoder(x)[:, order], atol=1e-5)
    assert same == (positions == "none")


def test_weights_of_every_layer_and_head_masks():
    model, src, tgt = model_of(), tokens(B, M), tokens(B, N)
    logits, weights = model(src, tgt, return_weights=True)
    assert_same(logits, model(src, tgt), 1e-5)
    assert [w.self_attention.shape for w in weights.encoder] == [(B, H, M, M)] * L
    assert [w.self_attention.shape for w in weights.decoder] == [(B, H, N, N)] * L
    assert [w.cross_attention.shape for w in weights.decoder] == [(B, H, N, M)] * L
    on = {"encoder_head_mask": torch.ones(L, H), "decoder_head_mask": torch.ones(L, 2, H)}
    assert_same(model(src, tgt, **on), logits, 1e-5)
    for name, mask in on.items():
        for index in itertools.product(*map(range, mask.shape)):
            off = mask.clone()
            off[index] = 0
            assert not torch.allclose(model(src, tgt, **on | {name: off}), logits, atol=1e-4)


def test_empty_batch_and_single_tokens():
    assert model_of()(tokens(0, M), tokens(0, N)).shape == (0, N, V)
    assert model_of()(tokens(B, 1), tokens(B, 1)).shape == (B, 1, V)


@pytest.mark.parametrize(
    ("options", "error", "message"),
    [
        ({"n_layers": 0}, ValueError, "n_layers must be at least 1, got 0"),
        (
            {"positions": "absolute"},
            ValueError,
            "positions must be one of 'sinusoidal', 'learned'",
        ),
        (
            {"d_model": 21, "n_heads": 3},
            ValueError,
            "sinusoidal positions need an even d_model, got 21",
        ),
        ({"positions": "rotary"}, ValueError, "rotary positions need an even d_k, got 11"),
        ({"norm": None}, ValueError, "norm must be"),
    ],
)
def test_bad_models(options, error, message):
    with pytest.raises(error, match=re.escape(message)):
        Transformer(V, V, **SIZES | options)


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (
            lambda f, s, t: f(s.float(), t),
            TypeError,
            "src must hold int64 tokens, got torch.float32",
        ),
        (lambda f, s, t: f(s[0], t), ValueError, "src must have shape (B, n), got (7,)"),
        (lambda f, s, t: f(s, t + V), ValueError, "tgt must hold tokens from 0 to 16, got"),
        (lambda f, s, t: f(s - V, t), ValueError, "src must hold tokens from 0 to 16, got -"),
        (lambda f, s, t: f(s, t[:2]), ValueError, "got shapes src (3, 7), tgt (2, 5)"),
        (
            lambda f, s, t: f(s, t, encoder_head_mask=torch.ones(H)),
            ValueError,
            "head_mask must have shape (2, 2), got (2,)",
        ),
        (lambda f, s, t: f.encoder(s), ValueError, "x must have shape (B, n, 22), got (3, 7)"),
        (lambda f, s, t: f(s[:, :0], t), ValueError, "axis 1 of src is empty: its shape is (3, 0)"),
    ],
)
def test_bad_calls(call, error, message):
    with pytest.raises(error, match=re.escape(message)):
        call(model_of(), tokens(B, M), tokens(B, N))


@pytest.mark.parametrize("positions", SCHEMES)
def test_exported_with_any_lengths_and_batch(positions):
    model, mask = model_of(positions).eval(), torch.ones(B, 1, M, dtype=torch.bool)
    batch, m, n = (torch.export.Dim(name, min=2, max=100) for name in "Bmn")
    sizes = {"src": {0: batch, 1: m}, "tgt": {0: batch, 1: n}, "src_mask": {0: batch, 2: m}}
    exported = torch.export.export(
        model, (tokens(B, M), tokens(B, N)), {"src_mask": mask}, dynamic_shapes=sizes
    ).module()
    for m, n in ((2, 40), (40, 2), (30, 31)):
        src, tgt, mask = tokens(4, m), tokens(4, n), padding_mask(torch.tensor([m, 1, 2, 0]), m)
        assert_same(exported(src, tgt, src_mask=mask), model(src, tgt, src_mask=mask), 1e-5)


@pytest.mark.parametrize("positions", SCHEMES)
def test_masks_of_numpy_and_of_fewer_axes(positions):
    model, src, tgt = model_of(positions).eval(), tokens(B, M), tokens(B, N)
    mask, tgt_mask = padding_mask(torch.tensor([3] * B), M), padding_mask(torch.tensor([2] * B), N)
    expected = model(src, tgt, src_mask=mask, tgt_mask=tgt_mask)
    for one in (mask.numpy(), mask[:1].numpy()[:, ::-1], mask[0, 0], mask[0, 0].numpy()):
        got = model(src, tgt, src_mask=one, tgt_mask=tgt_mask.numpy())
        assert_same(got, expected, 1e-6)
        state = model.start(src, max_len=1, src_mask=one)
        assert_same(model.step(tgt[:, 0], state), expected[:, 0], 1e-5)


@pytest.mark.parametrize("positions", SCHEMES)
def test_what_padding_is_embedded_as_changes_nothing(positions):
    model, src, tgt = model_of(positions), tokens(B, M) % (V - 1), tokens(B, N) % (V - 1)
    mask, tgt_mask = (
        padding_mask(torch.tensor([3, 1, M]), M),
        padding_mask(torch.tensor([2, N, 1]), N),
    )
    src, tgt = src.where(mask[:, 0], V - 1), tgt.where(tgt_mask[:, 0], V - 1)
    real = tgt_mask[:, 0]
    expected = model(src, tgt, src_mask=mask, tgt_mask=tgt_mask)[real]
    first = model.step(tgt[:, 0], model.start(src, max_len=1, src_mask=mask))
    for embedding in (model.src_embedding, model.tgt_embedding):
        embedding.weight.data[V - 1] = torch.nan
    logits = model(src, tgt, src_mask=mask, tgt_mask=tgt_mask)[real]
    assert_same(logits, expected, 1e-6)
    assert_same(model.step(tgt[:, 0], model.start(src, max_len=1, src_mask=mask)), first, 1e-6)
    logits.square().sum().backward()
    for name, parameter in model.named_parameters():
        assert parameter.grad.isfinite().all(), name


def test_the_kernel_is_handed_on():
    model = model_of(kernel="plain")
    kernels = [m.kernel for m in model.modules() if hasattr(m, "kernel")]
    assert kernels == ["plain"] * 3 * L


@pytest.mark.parametrize("positions", SCHEMES)
def test_a_default_device_elsewhere_moves_nothing(positions):
    model, src, tgt = model_of(positions).eval(), tokens(B, M), tokens(B, N)
    mask = padding_mask(torch.tensor([3, 1, M]), M)
    expected = model(src, tgt, src_mask=mask)
    torch.set_default_device("meta")
    try:
        assert torch.equal(model(src, tgt, src_mask=mask.numpy()), expected)
        state = model.start(src, max_len=1, src_mask=mask)
        assert model.step(tgt[:, 0], state).device.type == "cpu"
    finally:
        torch.set_default_device(None)


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (lambda f, s, t: f(s.tolist(), t), TypeError, "src must be a torch tensor, got list"),
        (lambda f, s, t: f(s, None), TypeError, "tgt must be a torch tensor, got NoneType"),
        (lambda f, s, t: f(s, t.numpy()), TypeError, "tgt must be a torch tensor, got numpy.ndar"),
        (lambda f, s, t: f(s, t.int()), TypeError, "tgt must hold int64 tokens, got torch.int32"),
        (lambda f, s, t: f(s, t[:, :0]), ValueError, "axis 1 of tgt is empty"),
        (lambda f, s, t: f(s, t, return_weights=0), TypeError, "return_weights must be True or F"),
        (lambda f, s, t: f(s, t, src_mask=s > 0), ValueError, "mask of shape (3, 7) does not"),
        (lambda f, s, t: f(s, t, tgt_mask=[1]), TypeError, "mask must be a NumPy array or a torch"),
        (lambda f, s, t: f.start(s, max_len=1.0), TypeError, "max_len must be an integer, got flo"),
        (
            lambda f, s, t: f.step(t[:, 0], None),
            TypeError,
            "state must be a DecoderState, got None",
        ),
        (
            lambda f, s, t: f.step(t[:2, 0], f.start(s, max_len=1)),
            ValueError,
            "tokens must have shape (3,), got (2,)",
        ),
        (
            lambda f, s, t: f.step(t[:, 0] + V, f.start(s, max_len=1)),
            ValueError,
            "tokens must hold tokens from 0 to 16, got",
        ),
        (
            lambda f, s, t: f.step(t[:, 0].int(), f.start(s, max_len=1)),
            TypeError,
            "tokens must hold int64 tokens, got torch.int32",
        ),
    ],
)
def test_more_bad_calls(call, error, message):
    with pytest.raises(error, match=re.escape(message)):
        call(model_of(), tokens(B, M), tokens(B, N))


def test_a_sequence_longer_than_what_was_learned():
    with pytest.raises(ValueError, match="n must be at most max_len = 4, got 5"):
        model_of("learned", max_len=4)(tokens(B, 4), tokens(B, 5))


def test_from_torch_rejects_what_it_cannot_say():
    with pytest.raises(TypeError, match=r"expected nn\.Transformer, got Linear"):
        Transformer.from_torch(nn.Linear(1, 1), V, V)
