"""The recurrent encoder-decoder: its equations, padding, decoding, and that attention is used."""

import numpy as np
import pytest
import torch

from attnlab.decoding import beam_search, greedy
from attnlab.functional.masks import padding_mask
from attnlab.models.seq2seq import Seq2Seq, WriterState
from attnlab.tasks.pairs import alignment_accuracy, exact_match, translation_loss
from attnlab.tasks.rearrange import Reverse
from attnlab.training.fitting import fit, seed_everything
from attnlab.training.schedules import linear_decay

B, M, N, D, SRC, TGT = 2, 5, 3, 7, 11, 13
ATTEND = [None, "additive", "dot", "general"]
BOS, EOS = 1, 2
ONES = torch.ones(B, M, dtype=torch.int64)


def model_and_tokens(attend):
    torch.manual_seed(0)
    model = Seq2Seq(SRC, TGT, d_model=D, attend=attend).double()
    return model, torch.randint(SRC, (B, M)), torch.randint(TGT, (B, N))


def gru_step(gru, x, h):
    """Cho et al.'s equations, in PyTorch's order of the gates: reset, update, candidate."""
    w_r, w_z, w_n = (x @ gru.weight_ih_l0.T + gru.bias_ih_l0).chunk(3, dim=-1)
    u_r, u_z, u_n = (h @ gru.weight_hh_l0.T + gru.bias_hh_l0).chunk(3, dim=-1)
    z = torch.sigmoid(w_z + u_z)
    return z * h + (1 - z) * torch.tanh(w_n + torch.sigmoid(w_r + u_r) * u_n)


def score(model, h, memory):
    """Scores of one query (B, D) for memory (B, M, D), written out for each kind."""
    if model.attend == "additive":
        hidden = torch.tanh((h @ model.score.w_q)[:, None] + memory @ model.score.w_k)
        return hidden @ model.score.v
    w = torch.eye(D, dtype=h.dtype) if model.attend == "dot" else model.score.w
    return torch.einsum("bi,ij,bmj->bm", h, w, memory)


@pytest.mark.parametrize("attend", ATTEND)
def test_forward_is_its_equations(attend):
    model, src, tgt = model_and_tokens(attend)
    h, memory = torch.zeros(B, D, dtype=torch.float64), []
    for j in range(M):
        h = gru_step(model.reader, model.src_embedding(src[:, j]), h)
        memory.append(h)
    memory = torch.stack(memory, dim=1)
    expected, expected_weights = [], []
    for i in range(N):
        x = model.tgt_embedding(tgt[:, i])
        if attend == "additive":
            weights = score(model, h, memory).softmax(dim=-1)
            context = (weights[..., None] * memory).sum(dim=1)
            h = gru_step(model.writer, torch.cat([x, context], dim=-1), h)
        else:
            h = gru_step(model.writer, x, h)
        read = h
        if attend in ("dot", "general"):
            weights = score(model, h, memory).softmax(dim=-1)
            context = (weights[..., None] * memory).sum(dim=1)
        if attend is not None:
            read = torch.tanh(model.combine(torch.cat([h, context], dim=-1)))
            expected_weights.append(weights)
        expected.append(model.read_out(read))
    expected = torch.stack(expected, dim=1)
    if attend is None:
        logits = model(src, tgt)
    else:
        logits, weights = model(src, tgt, return_weights=True)
        torch.testing.assert_close(weights, torch.stack(expected_weights, dim=1))
    torch.testing.assert_close(logits, expected, rtol=0, atol=1e-12)


@pytest.mark.parametrize("attend", ATTEND)
def test_padding_changes_nothing_real(attend):
    model, src, tgt = model_and_tokens(attend)
    alone = model(src[:1, :3], tgt[:1])
    mask = padding_mask(torch.tensor([3, M]), M)
    padded = model(torch.where(mask[:, 0], src, 0), tgt, src_mask=mask)
    torch.testing.assert_close(padded[:1], alone, rtol=0, atol=1e-12)
    if attend is not None:
        _, weights = model(src, tgt, src_mask=mask, return_weights=True)
        assert weights[0, :, 3:].count_nonzero() == 0


@pytest.mark.parametrize("attend", ATTEND)
def test_masks_may_be_those_of_the_transformer(attend):
    model, src, tgt = model_and_tokens(attend)
    mask = padding_mask(torch.tensor([3, 3]), M)
    expected = model(src, tgt, src_mask=mask)
    first = padding_mask(np.array([3]), M)[0, 0]  # NumPy's
    for one in (
        mask.numpy(),
        mask.numpy()[:, ::-1, :],
        first,
        first[None],
        torch.from_numpy(first),
    ):
        assert torch.equal(model(src, tgt, src_mask=one), expected)
        first_logits = model.step(tgt[:, 0], model.start(src, max_len=N, src_mask=one))
        torch.testing.assert_close(first_logits, expected[:, 0], rtol=0, atol=1e-12)


@pytest.mark.parametrize("attend", ATTEND)
def test_the_reader_passes_over_padding_wherever_it_stands(attend):
    model, src, tgt = model_and_tokens(attend)
    real = torch.tensor([[False, True, False, True, True], [True, False, False, False, True]])
    got = model(src, tgt, src_mask=real[:, None])
    for item in range(B):
        alone = model(src[item, real[item]][None], tgt[[item]])[0]
        torch.testing.assert_close(got[item], alone, rtol=0, atol=1e-12)
    if attend is not None:
        _, weights = model(src, tgt, src_mask=real[:, None], return_weights=True)
        assert ((weights > 0) == real[:, None]).all()


@pytest.mark.parametrize("attend", ATTEND)
def test_a_source_without_tokens_is_read_as_nothing(attend):
    model, src, tgt = model_and_tokens(attend)
    mask = padding_mask(torch.tensor([0, M]), M)
    logits = model(src, tgt, src_mask=mask)
    assert torch.equal(model((src + 1) % SRC, tgt, src_mask=mask)[0], logits[0])
    torch.testing.assert_close(logits[1:], model(src[1:], tgt[1:]), rtol=0, atol=1e-12)
    if attend is None:
        silent = model.writer(model.tgt_embedding(tgt[:1]))[0]  # from the state 0
        torch.testing.assert_close(logits[:1], model.read_out(silent))
    logits.square().sum().backward()
    assert all(parameter.grad.isfinite().all() for parameter in model.parameters())


def test_what_padding_is_embedded_as_changes_nothing():
    model, src, tgt = model_and_tokens("general")
    mask = padding_mask(torch.tensor([3, 2]), M)
    src = torch.where(mask[:, 0], src.clamp(max=SRC - 2), SRC - 1)
    expected = model(src, tgt, src_mask=mask)
    with torch.no_grad():
        model.src_embedding.weight[SRC - 1] = torch.nan
    torch.testing.assert_close(model(src, tgt, src_mask=mask), expected, rtol=0, atol=1e-12)


@pytest.mark.parametrize("attend", ATTEND)
def test_nobody_waits_for_a_value(attend):
    """On the meta device there is none: to look at one is an error."""
    model, src, tgt = (x.to("meta") for x in model_and_tokens(attend))
    mask = torch.ones(B, 1, M, dtype=torch.bool, device="meta")
    assert model(src, tgt, src_mask=mask).device.type == "meta"


@pytest.mark.parametrize("attend", ATTEND)
def test_a_default_device_elsewhere_moves_nothing(attend):
    model, src, tgt = model_and_tokens(attend)
    mask = padding_mask(torch.tensor([3, M]), M)
    expected = model(src, tgt, src_mask=mask)
    torch.set_default_device("meta")
    try:
        assert torch.equal(model(src, tgt, src_mask=mask), expected)
        state = model.start(src, max_len=N, src_mask=mask.numpy())
        state.select(torch.tensor([1, 0], device="cpu"))
        assert model.step(tgt[:, 0], state).device.type == "cpu"
    finally:
        torch.set_default_device(None)


@pytest.mark.parametrize("attend", ATTEND)
def test_under_autocast(attend):
    model, src, tgt = model_and_tokens(attend)
    model = model.float()
    mask = padding_mask(torch.tensor([3, M]), M)
    with torch.autocast("cpu", torch.bfloat16):
        logits = model(src, tgt, src_mask=mask)
    torch.testing.assert_close(logits.float(), model(src, tgt, src_mask=mask), atol=0.1, rtol=0.1)


@pytest.mark.parametrize("attend", ATTEND)
def test_targets_do_not_see_their_future(attend):
    model, src, tgt = model_and_tokens(attend)
    changed = tgt.clone()
    changed[:, 2] = (tgt[:, 2] + 1) % TGT
    assert torch.equal(model(src, changed)[:, :2], model(src, tgt)[:, :2])
    assert not torch.equal(model(src, changed)[:, 2], model(src, tgt)[:, 2])


@pytest.mark.parametrize("attend", ATTEND)
def test_steps_are_teacher_forcing(attend):
    model, src, tgt = model_and_tokens(attend)
    mask = padding_mask(torch.tensor([4, M]), M)
    state = model.start(src, max_len=N, src_mask=mask)
    steps = torch.stack([model.step(tgt[:, i], state) for i in range(N)], dim=1)
    torch.testing.assert_close(steps, model(src, tgt, src_mask=mask), rtol=0, atol=1e-12)


@pytest.mark.parametrize("attend", ATTEND)
def test_decoding_takes_this_model(attend):
    model, src, _ = model_and_tokens(attend)
    mask = padding_mask(torch.tensor([4, M]), M)
    options = {"bos": BOS, "eos": EOS, "max_len": 6, "src_mask": mask}
    tokens = greedy(model, src, **options)
    before = torch.cat([torch.full((B, 1), BOS), tokens[:, :-1]], dim=1)
    best = model(src, before, src_mask=mask).argmax(dim=-1)
    ended = (tokens == EOS).cumsum(dim=1) - (tokens == EOS).long() > 0
    assert torch.equal(tokens, torch.where(ended, EOS, best))
    assert torch.equal(beam_search(model, src, beams=1, **options).tokens[:, 0], tokens)


def test_alignment_is_that_of_the_steps():
    model, src, _ = model_and_tokens("dot")
    tokens = greedy(model, src, bos=BOS, eos=EOS, max_len=4)
    before = torch.cat([torch.full((B, 1), BOS), tokens[:, :-1]], dim=1)
    _, weights = model(src, before, return_weights=True)
    assert torch.equal(model.align(src, tokens, bos=BOS), weights)
    torch.testing.assert_close(weights.sum(dim=-1), torch.ones(B, tokens.shape[1]).double())


def test_attention_is_what_reverses():
    """Eight digits do not fit through a short training of one vector; with attention they do."""
    exact = {}
    for attend in (None, "general"):
        seed_everything(0)
        model = Seq2Seq(14, 14, d_model=48, attend=attend)
        schedule = linear_decay(250, warmup_steps=30)
        batches = Reverse(8, 8).batches(64)
        fit(model, batches, translation_loss, steps=250, lr=8e-3, schedule=schedule)
        batch = Reverse(8, 8).batch(200, split="test")
        tokens = greedy(model, batch.src, bos=BOS, eos=EOS, max_len=10)
        exact[attend] = exact_match(tokens, batch.tgt_out)
    assert exact["general"] > 0.8
    assert exact[None] < 0.3
    # The weights are close to the anti-diagonal, though often one state to its right: that state
    # has read the symbol too.
    weights = model(batch.src, batch.tgt_in, return_weights=True)[1]
    near = batch.alignment | batch.alignment.roll(1, dims=2)
    assert alignment_accuracy(weights, near) > 0.8


def test_saved_and_loaded_is_the_same():
    model, src, tgt = model_and_tokens("additive")
    twin = Seq2Seq(SRC, TGT, d_model=D, attend="additive").double()
    twin.load_state_dict(model.state_dict())
    assert torch.equal(model(src, tgt), twin(src, tgt))


def test_empty_batch():
    model, src, tgt = model_and_tokens("general")
    assert model(src[:0], tgt[:0]).shape == (0, N, TGT)


@pytest.mark.parametrize("attend", ATTEND)
def test_sizes_of_few_bits(attend):
    model = Seq2Seq(np.uint8(SRC), np.int8(TGT), d_model=np.int8(100), attend=attend)
    assert model(ONES, ONES).shape == (B, M, TGT)


def test_wrong_settings():
    with pytest.raises(ValueError, match=r"attend must be one of 'additive', .*; got 'luong'"):
        Seq2Seq(SRC, TGT, attend="luong")
    with pytest.raises(ValueError, match="d_model must be at least 1, got 0"):
        Seq2Seq(SRC, TGT, d_model=0)


@pytest.mark.parametrize(
    ("changed", "error", "message"),
    [
        ({"src": torch.ones(B, M)}, TypeError, "src must hold int64 tokens, got torch.float32"),
        ({"src": ONES[0]}, ValueError, r"src must have shape \(B, n\), got \(5,\)"),
        ({"src": ONES[:, :0]}, ValueError, r"axis 1 of src is empty: its shape is \(2, 0\)"),
        ({"tgt": ONES[:, :0]}, ValueError, r"axis 1 of tgt is empty: its shape is \(2, 0\)"),
        ({"src": ONES * SRC}, ValueError, "src must hold tokens from 0 to 10, got 11"),
        ({"tgt": -ONES}, ValueError, "tgt must hold tokens from 0 to 12, got -1"),
        ({"src": ONES.tolist()}, TypeError, "src must be a torch tensor, got list"),
        ({"src": ONES.numpy()}, TypeError, r"src must be a torch tensor, got numpy\.ndarray"),
        ({"tgt": None}, TypeError, "tgt must be a torch tensor, got NoneType"),
        ({"tgt": ONES[:1]}, ValueError, r"tgt must have shape \(2, 5\), got \(1, 5\)"),
        ({"return_weights": 1}, TypeError, "return_weights must be True or False, got int"),
        (
            {"src_mask": [True]},
            TypeError,
            "src_mask must be a NumPy array or a torch tensor, got li",
        ),
        ({"src_mask": ONES[:, None]}, TypeError, r"src_mask must be boolean .* got torch\.int64"),
        ({"src_mask": ONES > 0}, ValueError, r"src_mask of shape \(2, 5\) does not broadcast"),
    ],
)
def test_wrong_input(changed, error, message):
    model = Seq2Seq(SRC, TGT, d_model=D)
    with pytest.raises(error, match=message):
        model(**{"src": ONES, "tgt": ONES} | changed)


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (lambda m: m.start(ONES, max_len=0), ValueError, "max_len must be at least 1, got 0"),
        (lambda m: m.start(None, max_len=1), TypeError, "src must be a torch tensor"),
        (lambda m: m.step(ONES[:, 0], {}), TypeError, "state must be a WriterState, got dict"),
        (lambda m: m.step([1, 1], m.start(ONES, max_len=1)), TypeError, "tokens must be a torch"),
        (
            lambda m: m.step(ONES[:1, 0], m.start(ONES, max_len=1)),
            ValueError,
            r"tokens must have shape \(2,\), got \(1,\)",
        ),
        (
            lambda m: m.start(ONES, max_len=1).select(ONES[0] * 2),
            ValueError,
            r"rows must be from 0 to 1, got \[2",
        ),
        (
            lambda m: m.start(ONES, max_len=1).select([0]),
            TypeError,
            "rows must be a torch tensor, got list",
        ),
        (lambda m: m.align(ONES, None, bos=1), TypeError, "tokens must be a torch tensor"),
        (lambda m: m.align(ONES, ONES, bos=-1), ValueError, "bos must be at least 0, got -1"),
        (lambda m: m.align(ONES, ONES, bos="1"), TypeError, "bos must be an integer, got str"),
    ],
)
def test_wrong_steps(call, error, message):
    with pytest.raises(error, match=message):
        call(Seq2Seq(SRC, TGT, d_model=D, attend="dot"))


def test_no_weights_without_attention():
    model, src, tgt = model_and_tokens(None)
    with pytest.raises(ValueError, match="return_weights needs a model with attention"):
        model(src, tgt, return_weights=True)


@pytest.mark.parametrize("attend", ATTEND)
def test_a_subclass_may_hand_the_writer_another_memory(attend):
    class OneVector(Seq2Seq):
        def read(self, src, src_mask=None):
            state = super().read(src, src_mask)
            return WriterState(state.hidden, state.hidden[:, None], None)

    model, src, tgt = model_and_tokens(attend)
    one = OneVector(SRC, TGT, d_model=D, attend=attend).double()
    one.load_state_dict(model.state_dict())
    if attend is None:
        assert torch.equal(one(src, tgt), model(src, tgt))
    else:
        weights = one(src, tgt, return_weights=True)[1]
        assert weights.shape == (B, N, 1) and bool((weights == 1).all())


def test_the_states_that_are_read():
    model, src, _ = model_and_tokens("dot")
    state = model.read(src, padding_mask(torch.tensor([5, 3]), M))
    assert state.memory.shape == (B, M, D)
    assert torch.equal(state.hidden, state.memory[[0, 1], [4, 2]])
