"""Decoding with a cache beside running the whole model again for every token."""

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from attnlab.decoding import greedy
from attnlab.functional.masks import padding_mask
from tests.decoding.decodable import BOS, EOS, B, M, T, V, batch, limits, transformer

every_scheme = pytest.mark.parametrize(
    "positions", ["sinusoidal", "learned", "rotary", "alibi", "none"]
)
few = settings(max_examples=4)  # of each scheme


def close(ours, theirs):
    torch.testing.assert_close(ours, theirs, atol=1e-5, rtol=0)


@torch.no_grad()
def recompute(model, src, src_mask, max_len):
    """Greedy decoding that runs the whole model again for every token."""
    tokens = torch.full((len(src), 1), BOS)
    while tokens.shape[1] <= max_len and not (tokens == EOS).any(1).all():
        last = model(src, tokens, src_mask=src_mask)[:, -1].argmax(-1)
        last[(tokens == EOS).any(1)] = EOS
        tokens = torch.cat([tokens, last[:, None]], 1)
    return tokens[:, 1:]


@every_scheme
@few
@given(st.sampled_from(["pre", "post"]), st.integers(0, 99), st.data())
def test_every_cached_step_equals_recomputing(positions, norm, seed, data):
    torch.manual_seed(seed)
    model = transformer(positions, norm)
    src, tokens = torch.randint(V, (B, M)), torch.randint(V, (B, T))
    lengths = data.draw(st.lists(st.integers(0, M), min_size=B, max_size=B))
    mask = padding_mask(torch.tensor(lengths), M) if data.draw(st.booleans()) else None
    state = model.start(src, max_len=T, src_mask=mask)
    with torch.no_grad():
        for t in range(T):
            expected = model(src, tokens[:, : t + 1], src_mask=mask)[:, -1]
            close(model.step(tokens[:, t], state), expected)


@every_scheme
def test_a_step_after_rows_were_selected_equals_recomputing(positions):
    """As beams do: some rows twice, some not at all, in another order."""
    model, (src, mask) = transformer(positions), batch()
    tokens, rows = torch.randint(V, (B, T)), torch.tensor([3, 3, 0, 4, 1, 1])
    state = model.start(src, max_len=T, src_mask=mask)
    for t in range(3):
        model.step(tokens[:, t], state)
    state.select(rows)
    with torch.no_grad():
        expected = model(src[rows], tokens[rows, :4], src_mask=mask[rows])[:, -1]
    close(model.step(tokens[rows, 3], state), expected)


@every_scheme
def test_greedy_equals_recomputing(positions):
    model, (src, mask) = transformer(positions), batch()
    got = greedy(model, src, src_mask=mask, **limits())
    assert torch.equal(got, recompute(model, src, mask, T))
    assert len(got.unique()) > 2  # several tokens, not one for ever
