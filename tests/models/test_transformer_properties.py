"""What stacks and the whole Transformer promise whatever their positions, norms and lengths are."""

import io

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import nn

from attnlab.functional.masks import padding_mask
from attnlab.models.transformer import Transformer
from attnlab.nn.decoder import Decoder
from attnlab.nn.stacks import Encoder

B, M, N, V = 3, 7, 5, 17
D, H, L = 8, 2, 2
SIZES = {"d_model": D, "n_heads": H, "n_layers": L, "d_ff": 13}
SCHEMES = ["sinusoidal", "learned", "rotary", "alibi", "none"]
every_scheme = pytest.mark.parametrize("positions", SCHEMES)
few = settings(max_examples=4)  # of each scheme


@st.composite
def settings_of(draw):
    """Pre or post norm, training or not, and a seed."""
    return draw(st.sampled_from(["pre", "post"])), draw(st.booleans()), draw(st.integers(0, 99))


def prepare(module, training, seed):
    """Weights drawn at random, biases, norms and learned positions among them."""
    torch.manual_seed(seed)
    for parameter in module.parameters():
        nn.init.normal_(parameter, mean=0.1, std=0.4)
    return module.double().train(training)


def transformer(positions, drawn):
    norm, training, seed = drawn
    model = Transformer(V, V, **SIZES, dropout=0.0, norm=norm, positions=positions, max_len=M)
    return prepare(model, training, seed)


def randn(*shape):
    return torch.randn(shape, dtype=torch.float64)


def tokens(*shape):
    return torch.randint(V, shape)


def close(ours, theirs, tolerance=1e-10):
    torch.testing.assert_close(ours, theirs, atol=tolerance, rtol=tolerance)


def reach(function, x):
    """How strongly each position of what comes out depends on each of what goes in, (n, n)."""
    factors = randn(function(x).shape[-1])  # of the features, so that nothing cancels in their sum
    jacobian = torch.autograd.functional.jacobian(lambda x: function(x)[0] @ factors, x)
    return jacobian[:, 0].abs().sum(-1)


def assert_causal(reach):
    assert (reach.triu(1) == 0).all()
    assert (reach.tril() > 0).sum() == N * (N + 1) // 2


@every_scheme
@few
@given(settings_of(), st.booleans())
def test_causal_jacobians_are_exactly_zero_above_the_diagonal(positions, drawn, padded):
    norm, training, seed = drawn
    x, memory = randn(1, N, D), randn(1, M, D)
    mask = padding_mask(torch.tensor([N]), N) if padded else None
    decoder = Decoder(**SIZES, norm=norm, positions=positions, max_len=M)
    decoder = prepare(decoder, training, seed)
    assert_causal(reach(lambda x: decoder(x, memory, mask=mask), x))

    model, src, tgt = transformer(positions, drawn), tokens(1, M), tokens(1, N)

    def logits(codes):  # tokens have no derivative: it is taken by what stands for them
        with_codes = model.tgt_embedding.register_forward_hook(lambda *_: codes)
        try:
            return model(src, tgt, tgt_mask=mask)
        finally:
            with_codes.remove()

    assert_causal(reach(logits, x))


@every_scheme
@few
@given(settings_of(), st.data())
def test_padding_and_the_other_items_change_nothing(positions, drawn, data):
    """What padding holds changes no bit of what is real; its absence nothing but rounding."""
    model = transformer(positions, drawn)
    src_lengths = data.draw(st.lists(st.integers(1, M), min_size=B, max_size=B))
    tgt_lengths = data.draw(st.lists(st.integers(1, N), min_size=B, max_size=B))
    src_mask = padding_mask(torch.tensor(src_lengths), M)
    tgt_mask = padding_mask(torch.tensor(tgt_lengths), N)
    src, tgt = tokens(B, M), tokens(B, N)
    copies = src.clone(), tgt.clone(), src_mask.clone(), tgt_mask.clone()
    together = model(src, tgt, src_mask=src_mask, tgt_mask=tgt_mask)
    without = model(src, tgt, src_mask=src_mask)  # causality hides the target's padding as well
    other_src = src.where(src_mask[:, 0], tokens(B, M))
    other_tgt = tgt.where(tgt_mask[:, 0], tokens(B, N))
    other = model(other_src, other_tgt, src_mask=src_mask, tgt_mask=tgt_mask)
    for item, (m, n) in enumerate(zip(src_lengths, tgt_lengths, strict=True)):
        real = together[item, :n]
        assert torch.equal(other[item, :n], real)
        close(without[item, :n], real)
        close(model(src[[item], :m], tgt[[item], :n])[0], real)
    now = src, tgt, src_mask, tgt_mask
    assert all(torch.equal(a, b) for a, b in zip(now, copies, strict=True))


@few
@given(settings_of())
def test_without_positions_permuted_tokens_give_permuted_results(drawn):
    norm, training, seed = drawn
    encoder = prepare(Encoder(**SIZES, norm=norm, positions="none"), training, seed)
    x, order = randn(B, M, D), torch.randperm(M)
    close(encoder(x[:, order]), encoder(x)[:, order])


@every_scheme
@few
@given(settings_of())
def test_a_source_without_tokens_gives_finite_logits_and_gradients(positions, drawn):
    model = transformer(positions, drawn)
    src, tgt = tokens(B, M), tokens(B, N)
    mask = padding_mask(torch.tensor([M, 0, 2]), M)
    logits = model(src, tgt, src_mask=mask)
    other = torch.where(mask[:, 0], src, tokens(B, M))
    assert torch.equal(model(other, tgt, src_mask=mask), logits)
    logits.square().mean().backward()
    assert all(p.grad.isfinite().all() for p in model.parameters())
    state = model.eval().start(src, src_mask=mask, max_len=1)
    close(model.step(tgt[:, 0], state), logits[:, 0])


@pytest.mark.parametrize("dtype", [torch.float16, torch.bfloat16, torch.float32, torch.float64])
@every_scheme
def test_dtype_in_is_dtype_out(positions, dtype):
    model = transformer(positions, ("pre", False, 0))
    src, tgt = tokens(B, M), tokens(B, N)
    exact = model(src, tgt)
    logits, weights = model.to(dtype)(src, tgt, return_weights=True)
    first = model.step(tgt[:, 0], model.start(src, max_len=N))
    for tensor in (logits, model(src, tgt), first, weights.decoder[0].cross_attention):
        assert tensor.dtype == dtype and tensor.isfinite().all()
    # Roundings of some twenty sums, of numbers as large as the logits.
    slack = 64 * torch.finfo(dtype).eps * exact.abs().max().item()
    close(logits.double(), exact, slack)
    close(first.double(), exact[:, 0], slack)


@every_scheme
def test_saved_and_loaded_weights_give_the_same(positions):
    model, file = transformer(positions, ("pre", False, 0)), io.BytesIO()
    torch.save(model.state_dict(), file)
    twin = transformer(positions, ("pre", False, 1))
    file.seek(0)
    twin.load_state_dict(torch.load(file))
    src, tgt = tokens(B, M), tokens(B, N)
    assert torch.equal(twin(src, tgt), model(src, tgt))
