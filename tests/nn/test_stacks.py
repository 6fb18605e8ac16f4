"""Stacks with every scheme of positions: what transforms them, what padding holds, what is kept."""

import copy
import pickle

import numpy as np
import pytest
import torch
from torch import nn

from attnlab.functional.masks import padding_mask
from attnlab.nn.decoder import Decoder
from attnlab.nn.positions import PositionScheme
from attnlab.nn.stacks import Encoder
from tests.memory import peak_memory

B, M, D, H = 3, 7, 8, 2
SIZES = {"d_model": D, "n_heads": H, "n_layers": 2, "d_ff": 13}
every_scheme = pytest.mark.parametrize(
    "positions", ["sinusoidal", "learned", "rotary", "alibi", "none"]
)
every_norm = pytest.mark.parametrize("norm", ["pre", "post"])


def encoder_of(positions, dtype=torch.float64, **options):
    """An encoder that no parameter leaves unused."""
    encoder = Encoder(**SIZES, positions=positions, **options).to(dtype)
    for parameter in encoder.parameters():
        nn.init.normal_(parameter, mean=0.1, std=0.4)
    return encoder


def randn(*shape):
    return torch.randn(shape, dtype=torch.float64)


@every_scheme
def test_compiled_for_any_length(positions):
    torch.compiler.reset()
    encoder = encoder_of(positions)
    compiled = torch.compile(encoder, backend="eager", fullgraph=True, dynamic=True)
    for n in (5, 40):
        x, mask = randn(B, n, D), padding_mask(torch.tensor([n, 2, 3]), n)
        torch.testing.assert_close(compiled(x, mask=mask), encoder(x, mask=mask))


@every_scheme
def test_exported_with_any_length_and_batch(positions):
    encoder = encoder_of(positions).eval()
    batch, length = torch.export.Dim("B", min=1, max=64), torch.export.Dim("n", min=2, max=100)
    sizes = {"x": {0: batch, 1: length}}
    exported = torch.export.export(encoder, (randn(B, M, D),), dynamic_shapes=sizes).module()
    given = {"mask": torch.ones(B, 1, M, dtype=torch.bool)}
    sizes["mask"] = {0: batch, 2: length}
    masked = torch.export.export(encoder, (randn(B, M, D),), given, dynamic_shapes=sizes).module()
    for n in (2, 24, 25, 100):
        x, mask = randn(B + 1, n, D), padding_mask(torch.tensor([1, 2, n, 0]), n)
        torch.testing.assert_close(exported(x), encoder(x))
        torch.testing.assert_close(masked(x, mask=mask), encoder(x, mask=mask))


@every_scheme
@pytest.mark.parametrize("n", [5, 40])
def test_under_autocast(positions, n):
    encoder, x = encoder_of(positions, torch.float32), torch.randn(B, n, D)
    with torch.autocast("cpu", torch.bfloat16):
        output = encoder(x)
        output.float().square().mean().backward()
    torch.testing.assert_close(output.float(), encoder(x), atol=0.2, rtol=0.1)
    assert all(p.grad.isfinite().all() for p in encoder.parameters())


@every_scheme
@every_norm
def test_gradients_are_right(positions, norm):
    encoder = encoder_of(positions, norm=norm)
    x = randn(2, 4, D).requires_grad_()
    mask = padding_mask(torch.tensor([4, 2]), 4)
    assert torch.autograd.gradcheck(lambda x: encoder(x, mask=mask), x)


@every_scheme
def test_mapped_over_inputs_and_masks(positions):
    encoder = encoder_of(positions)
    x, mask = randn(4, B, M, D), torch.rand(4, B, 1, M) < 0.6
    mapped = torch.vmap(lambda x, mask: encoder(x, mask=mask))(x, mask)
    looped = [encoder(x[i], mask=mask[i]) for i in range(4)]
    torch.testing.assert_close(mapped, torch.stack(looped))


# torch says so of itself, when its forward mode is first used.
@pytest.mark.filterwarnings("ignore:`torch.jit.script` is deprecated:DeprecationWarning")
@every_scheme
def test_every_derivative_of_the_plain_kernel(positions):
    encoder = encoder_of(positions, kernel="plain")
    assert {layer.self_attention.kernel for layer in encoder.layers} == {"plain"}
    x, direction = randn(1, 40, D), randn(1, 40, D)
    _, forward = torch.func.jvp(encoder, (x,), (direction,))
    factors = torch.randn_like(forward)
    _, pull = torch.func.vjp(encoder, x)
    torch.testing.assert_close((forward * factors).sum(), (pull(factors)[0] * direction).sum())


@every_scheme
def test_nobody_waits_for_a_value(positions):
    """On the meta device there is none: to look at one is an error."""
    encoder = encoder_of(positions).to("meta")
    decoder = Decoder(**SIZES, positions=positions).to("meta")
    x = torch.randn(B, M, D, device="meta", dtype=torch.float64)
    mask = torch.ones(B, 1, M, device="meta", dtype=torch.bool)
    assert encoder(x, mask=mask).device.type == "meta"
    x = x.float()
    assert decoder(x, x, mask=mask, memory_mask=mask).device.type == "meta"
    state = decoder.start(x, mask, 2)
    assert decoder.step(x[:, :1], state).device.type == "meta"


@every_scheme
def test_a_default_device_elsewhere_moves_nothing(positions):
    encoder, x = encoder_of(positions), randn(B, M, D)
    mask = padding_mask(torch.tensor([M, 2, 3]), M)
    expected = encoder(x, mask=mask)
    torch.set_default_device("meta")
    try:
        assert torch.equal(encoder(x, mask=mask), expected)
        assert torch.equal(encoder(x, mask=mask.numpy()), expected)
    finally:
        torch.set_default_device(None)


@every_scheme
@every_norm
@pytest.mark.parametrize("training", [True, False])
@pytest.mark.parametrize("n", [5, 40])
@pytest.mark.parametrize("junk", [torch.nan, torch.inf, -torch.inf, 1e300])
def test_padding_never_reaches_real_tokens(positions, norm, training, n, junk):
    encoder = encoder_of(positions, norm=norm).train(training)
    x, mask = randn(B, n, D), padding_mask(torch.tensor([n, 2, 3]), n)
    real = mask[:, 0]  # (B, n)
    wild = torch.where(real[..., None], x, junk).requires_grad_()
    for options in (
        {"mask": mask},
        {"mask": mask.numpy()},
        {"mask": mask[:, None]},
        {"mask": mask[:, None].expand(B, H, 1, n).numpy()},
        {"mask": mask, "causal": True},
    ):
        expected = encoder(x, **options)[real]
        output = encoder(wild, **options)[real]
        torch.testing.assert_close(output, expected, rtol=0, atol=1e-12)
        with_weights, weights = encoder(wild, return_weights=True, **options)
        torch.testing.assert_close(with_weights[real], expected, rtol=0, atol=1e-12)
        assert weights[1].self_attention.isfinite().all()
        encoder.zero_grad()
        output.square().sum().backward()
        assert all(parameter.grad.isfinite().all() for parameter in encoder.parameters())
        assert (wild.grad[~real] == 0).all() and wild.grad[real].any()
        wild.grad = None


@every_norm
@pytest.mark.parametrize("n", [5, 40])
def test_padding_of_all_items_alike(norm, n):
    encoder, decoder = encoder_of("none", norm=norm), Decoder(**SIZES, norm=norm).double()
    x, y, real = randn(B, n, D), randn(B, 4, D), torch.arange(n) < 3
    wild = x.masked_fill(~real[:, None], torch.nan)
    for mask in (real, real[None], real[None, None], real[None, None, None], real.numpy()):
        for stack, call in (
            (encoder, lambda x, mask: encoder(x, mask=mask)[:, :3]),
            (decoder, lambda x, mask: decoder(y, x, memory_mask=mask)),
        ):
            stack.zero_grad()
            output = call(wild, mask)
            torch.testing.assert_close(output, call(x, mask), rtol=0, atol=1e-12)
            output.square().sum().backward()
            assert all(parameter.grad.isfinite().all() for parameter in stack.parameters())


def test_what_one_head_may_attend_to_is_no_padding():
    encoder, x = encoder_of("none"), randn(1, M, D)
    mask = torch.ones(1, H, 1, M, dtype=torch.bool)
    mask[0, 0, 0, 2] = False
    x[0, 2] = torch.nan
    assert encoder(x, mask=mask).isnan().all()


def test_what_is_no_padding_is_passed_on():
    encoder, x = encoder_of("none"), randn(B, M, D)
    x[0, 3] = torch.nan
    assert encoder(x)[0].isnan().all() and encoder(x)[1:].isfinite().all()
    mask = torch.rand(M, M) < 0.5  # of pairs: it does not say which tokens are real
    assert encoder(x, mask=mask)[0, 3].isnan().all()


@every_scheme
def test_nothing_is_kept_from_a_long_sentence(positions):
    encoder = encoder_of(positions)
    before, keys = len(pickle.dumps(encoder)), list(encoder.state_dict())
    encoder(randn(1, 200, D)), encoder(randn(1, 200, D), causal=True)
    assert len(pickle.dumps(encoder)) == len(pickle.dumps(copy.deepcopy(encoder))) == before
    assert list(encoder.state_dict()) == keys
    assert keys == list(encoder_of(positions).state_dict())


@every_scheme
def test_a_decoded_token_computes_its_row_alone(positions):
    scheme = PositionScheme(positions, d_model=64, n_heads=8, max_len=4096)
    x = torch.randn(1, 1, 64)
    whole = torch.randn(1, 9, 64)
    for start in range(9):
        one = whole[:, [start]]
        expected = scheme.add(whole)[:, [start]]
        torch.testing.assert_close(scheme.add(one, start), expected, rtol=0, atol=0)
        if positions == "alibi":
            bias = scheme.inside(whole)["bias"][:, [start], : start + 1]
            torch.testing.assert_close(scheme.inside(one, start)["bias"], bias, rtol=0, atol=0)
        rows = scheme.rows(8, x.device)  # the last position is not among them
        kept, inside = scheme.enter(one, start, rows)
        torch.testing.assert_close(kept, expected, rtol=0, atol=0)
        for name, option in scheme.inside(one, start).items():
            torch.testing.assert_close(inside[name], option, rtol=0, atol=0)
    with torch.no_grad():
        _, peak = peak_memory(lambda: (scheme.add(x, 4000), scheme.inside(x, 4000)))
    # A row of the bias has 8 × 4001 numbers; what is learned is a table to begin with.
    assert positions == "learned" or peak < (500_000 if positions == "alibi" else 20_000)


@pytest.mark.parametrize("n", [600, 1000])
def test_alibi_in_modest_memory(n):
    encoder = Encoder(d_model=64, n_heads=8, n_layers=1, d_ff=64, positions="alibi")
    _, peak = peak_memory(lambda: encoder.positions.inside(torch.zeros(1, n, 64)))
    assert peak <= 2 * 4 * 8 * n * n


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (lambda f, x: f(x.tolist()), TypeError, "x must be a torch tensor, got list"),
        (lambda f, x: f(None), TypeError, "x must be a torch tensor, got NoneType"),
        (lambda f, x: f(x.numpy()), TypeError, r"x must be a torch tensor, got numpy\.ndarray"),
        (lambda f, x: f(x.to_sparse()), TypeError, "x must be dense"),
        (lambda f, x: f(x.float()), TypeError, "x must have the dtype of the weights"),
        (lambda f, x: f(x.to("meta")), ValueError, "x must be on the device of the weights"),
        (lambda f, x: f(x[0]), ValueError, r"x must have shape \(B, n, 8\), got \(7, 8\)"),
        (lambda f, x: f(x, mask=[True]), TypeError, "mask must be a NumPy array or a torch"),
        (lambda f, x: f(x, mask=torch.ones(B, 1, M)), TypeError, "mask must be boolean"),
        (lambda f, x: f(x, mask=np.ones((B, 1, 2), bool)), ValueError, r"mask of shape \(3, 1, 2"),
        (lambda f, x: f(x, causal=1), TypeError, "causal must be True or False, got int"),
        (lambda f, x: f(x, return_weights="no"), TypeError, "return_weights must be True or False"),
        (lambda f, x: f(x, head_mask=[[1, 1]] * 2), TypeError, "head_mask must be a torch tensor"),
    ],
)
def test_bad_calls_are_named(call, error, message):
    with pytest.raises(error, match=message):
        call(encoder_of("none"), randn(B, M, D))


@pytest.mark.parametrize(
    ("options", "error", "message"),
    [
        ({"max_len": 0}, ValueError, "max_len must be at least 1, got 0"),
        ({"max_len": "9"}, TypeError, "max_len must be an integer, got str"),
        ({"positions": None}, ValueError, "positions must be one of .*; got None"),
        ({"positions": ["rotary"]}, ValueError, r"positions must be one of .*; got \['rotary'\]"),
        ({"norm": ["pre"]}, ValueError, "norm must be one of 'pre', 'post'; got"),
        ({"bias": None}, TypeError, "bias must be True or False, got NoneType"),
        ({"kernel": "flash"}, ValueError, "kernel must be one of 'auto', 'plain', 'fused'; got"),
        ({"dropout": "x"}, TypeError, "dropout must be a number, got str"),
        ({"n_layers": True}, TypeError, "n_layers must be an integer, got bool"),
    ],
)
@pytest.mark.parametrize("stack", [Encoder, Decoder])
def test_bad_stacks_are_named(stack, options, error, message):
    with pytest.raises(error, match=message):
        stack(**SIZES | options)


@every_scheme
@pytest.mark.parametrize("kind", [np.uint8, np.int8])
def test_sizes_of_few_bits(positions, kind):
    sizes = {name: kind(size) for name, size in SIZES.items()} | {"max_len": kind(100)}
    encoder = Encoder(**sizes, positions=positions)
    same = Encoder(**SIZES, positions=positions, max_len=100)
    same.load_state_dict(encoder.state_dict())
    x = torch.randn(B, M, D)
    assert torch.equal(encoder(x), same(x))
