"""That healthy models are healthy, and that each mutant has its mistake, where it says."""

import re
from collections.abc import Iterator
from itertools import pairwise

import pytest
import torch
from torch import Tensor
from torch.nn.attention import SDPBackend, sdpa_kernel
from torch.testing import assert_close

from tests.examine.mutants import HEALTHY, MUTANTS, healthy, language
from tests.examine.mutants.reports import REPORTS

NAMED = {mutant.name: mutant for mutant in MUTANTS}
HARMFUL = [mutant for mutant in MUTANTS if mutant.harmful]
HARMLESS = [mutant for mutant in MUTANTS if not mutant.harmful]


def name_of(mutant) -> str:
    return mutant.name


def made_of(build) -> dict:
    """What a build makes, in evaluation mode."""
    made = build(0)
    made["model"].eval()
    return made


def tokens_of(batch: dict[str, Tensor]) -> str:
    return "tgt" if "tgt" in batch else "input_ids"


def ask(made: dict, batch: dict[str, Tensor]) -> Tensor:
    torch.manual_seed(0)
    with torch.no_grad():
        return made["forward"](made["model"], batch)


def write(made: dict, batch: dict[str, Tensor], sizes: list[int]) -> Tensor:
    """Outputs of pieces of these sizes, one after the other, and of one word each thereafter."""
    name = tokens_of(batch)
    n = batch[name].shape[1]
    ends = [0]
    for size in [*sizes, *[1] * n]:
        ends.append(min(n, ends[-1] + size))
    outputs, state = [], None
    with torch.no_grad():
        for start, end in pairwise(ends):
            if start < end:
                new = {**batch, name: batch[name][:, start:end]}
                output, state = made["step"](made["model"], new, state)
                outputs.append(output)
    return torch.cat(outputs, dim=1)


def long(made: dict, rows: int = 2, n: int = 72) -> dict[str, Tensor]:
    """Sequences without padding, longer than those that were handed in."""
    batch = made["batch"]
    words = torch.arange(rows * n).reshape(rows, n) ** 2 % 9 + 3
    if "src" in batch:
        return {"src": batch["src"][:rows], "tgt": words}
    return {"input_ids": words, "attention_mask": torch.ones_like(words)}


def padded_in_front(made: dict, rows: int = 2) -> dict[str, Tensor]:
    """Sequences of a language model, the last with five places of padding before it."""
    batch = long(made, rows, 12)
    batch["attention_mask"][-1, :5] = 0
    return batch


def moved(made: dict, batch: dict[str, Tensor], start: int, training: bool = False) -> Tensor:
    """How far the first row's outputs move where tokens from a place on are others: (n,)."""
    name = tokens_of(batch)
    others = batch[name].clone()
    others[:, start:] = (others[:, start:] - 2) % 9 + 3
    made["model"].train(training)
    gap = (ask(made, {**batch, name: others}) - ask(made, batch)).abs().amax(-1)
    made["model"].eval()
    return gap[0]


# What is healthy


@pytest.mark.parametrize("name", HEALTHY)
@pytest.mark.parametrize("sizes", [[1], [1, 4, 1, 3], [8]], ids=str)
def test_healthy_steps_are_the_whole(name, sizes):
    made = made_of(HEALTHY[name])
    batches = [made["batch"], long(made)]
    if "src" not in made["batch"]:
        batches.append(padded_in_front(made))
    for batch in batches:
        real = batch.get("attention_mask", batch[tokens_of(batch)]) != 0
        assert_close(write(made, batch, sizes)[real], ask(made, batch)[real], rtol=0, atol=1e-5)


@pytest.mark.parametrize("name", HEALTHY)
@pytest.mark.parametrize("training", [False, True])
def test_healthy_outputs_see_no_future(name, training):
    made = made_of(HEALTHY[name])
    for start in (1, 7, 16, 64):
        gap = moved(made, long(made), start, training)
        assert gap[:start].max() < 1e-6
        assert gap[start:].min() > 1e-4  # else the outputs would not say what they see


@pytest.mark.parametrize("name", HEALTHY)
def test_healthy_outputs_take_no_notice_of_padding(name):
    made = made_of(HEALTHY[name])
    batch = made["batch"]
    if "src" in batch:
        alone = {"src": batch["src"][:1], "tgt": batch["tgt"][:1]}
        wider = {key: torch.nn.functional.pad(x, (0, 3)) for key, x in alone.items()}
        n = int((alone["tgt"] != healthy.PAD).sum())
        assert_close(ask(made, wider)[:, :n], ask(made, alone)[:, :n], rtol=0, atol=1e-5)
    else:
        batch = padded_in_front(made)
        alone = {"input_ids": batch["input_ids"][1:, 5:]}
        assert_close(ask(made, batch)[1:, 5:], ask(made, alone), rtol=0, atol=1e-5)


def test_healthy_weights_are_handed_out():
    made = made_of(healthy.build)
    weights = made["weights"](made["model"], made["batch"])
    assert [tuple(each.shape) for each in weights] == [(8, 2, 8, 8), (8, 2, 9, 9), (8, 2, 9, 8)]
    for each in weights:
        assert_close(each.sum(-1), torch.ones(each.shape[:-1]))


def test_healthy_model_learns():
    made = healthy.build(0)
    optimizer = torch.optim.Adam(made["model"].parameters(), 3e-3)
    for i in range(300):
        batch = healthy.batch(healthy.rows(24, i))
        loss = made["loss"](made["forward"](made["model"], batch), batch["labels"])
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    made["model"].eval()
    batch = healthy.batch(healthy.rows(64, 1000))
    assert made["loss"](ask(made, batch), batch["labels"]) < 0.3  # guesses cost 2.3


# What is broken


def test_how_many_there_are():
    assert len(NAMED) == len(MUTANTS) == 50
    assert len(HARMFUL) == 18 + 20
    assert all(re.fullmatch(r"[\w.-]+/[\w.-]+#\d+", mutant.source) for mutant in REPORTS)


def answers(made: dict) -> Iterator[Tensor]:
    """All that a model, its loss, its pipeline and its steps say, in every way they are asked."""
    yield from made["batch"].values()
    batches = [made["batch"], long(made)]
    if "src" not in made["batch"]:
        batches += [padded_in_front(made), padded_in_front(made, rows=1)]
    for batch in batches:
        yield ask(made, batch)
        with sdpa_kernel([SDPBackend.MATH]):
            in_one_kernel = ask(made, batch)
        yield in_one_kernel
        made["model"].train()
        yield ask(made, batch)
        made["model"].eval()
    if made["step"] is not None:
        yield write(made, long(made), [3, 2])
    labels = made["batch"]["labels"]
    logits = torch.arange(labels.numel() * healthy.V).sin().reshape(*labels.shape, -1)
    yield made["loss"](logits, labels % healthy.V)


def healthy_twin(made: dict) -> dict:
    """The healthy model of the same class, and with the same weights as far as it has them."""
    modules = {module.__name__: module for module in (healthy, language)}
    kind = next(kind for kind in type(made["model"]).mro() if kind.__module__ in modules)
    twin = modules[kind.__module__].build(0, kind)
    twin["model"].load_state_dict(made["model"].state_dict(), strict=False)
    twin["model"].eval()
    return twin


@pytest.mark.parametrize("mutant", HARMFUL, ids=name_of)
def test_harmful_mutant_differs(mutant):
    made = made_of(mutant.build)
    twin = healthy_twin(made)
    pairs = zip(answers(made), answers(twin), strict=False)
    assert any(a.shape != b.shape or (a - b).abs().max() > 1e-3 for a, b in pairs)


SILENT = [mutant for mutant in HARMLESS if mutant.where == "model" and mutant.found != "gradients"]


@pytest.mark.parametrize("mutant", SILENT, ids=name_of)
def test_harmless_mutant_keeps_what_holds_for_any_weights(mutant):
    made = made_of(mutant.build)
    batch = long(made)
    assert moved(made, batch, 5)[:5].max() < 1e-6
    assert_close(write(made, batch, [1, 4]), ask(made, batch), rtol=0, atol=1e-5)


@pytest.mark.parametrize("name", ["values are keys", "no output matrix"])
def test_some_parameters_are_dead(name):
    made = made_of(NAMED[name].build)
    made["forward"](made["model"], made["batch"]).square().sum().backward()
    dead = {part for part, p in made["model"].named_parameters() if p.grad is None}
    kind = "value" if name == "values are keys" else "out"
    layers = ("encoder.attention", "decoder.attention", "decoder.cross")
    assert dead == {f"{layer}.{kind}.{p}" for layer in layers for p in ("weight", "bias")}


def test_fully_masked_row_has_no_gradient():
    made = made_of(NAMED["fully masked row"].build)
    logits = made["forward"](made["model"], made["batch"])
    made["loss"](logits[1:], made["batch"]["labels"][1:]).backward()  # of the other rows alone
    assert made["model"].encoder.attention.value.weight.grad.isnan().all()


@pytest.mark.parametrize("name", ["smoothing on padding", "loss counts padding"])
def test_loss_pulls_where_it_should_not(name):
    def pull(loss) -> Tensor:
        logits = torch.zeros(1, 2, healthy.V, requires_grad=True)
        loss(logits, torch.tensor([[5, healthy.PAD]])).backward()
        return logits.grad[0, :, healthy.PAD]

    assert not pull(healthy.loss)[1]
    differs = (pull(NAMED[name].build(0)["loss"]) - pull(healthy.loss)).abs() > 1e-4
    assert differs.tolist() == [True, name == "loss counts padding"]


# Where those leak that leak in few places


def test_blocks_of_16_hold_what_leaks():
    made = made_of(NAMED["causal by blocks of 16"].build)
    assert (moved(made, long(made), 31)[16:31] > 1e-4).all()
    assert moved(made, long(made), 16)[:16].max() < 1e-6


def test_chunks_leak_past_64_alone():
    made = made_of(NAMED["sums over later chunks of 64"].build)
    assert moved(made, long(made, n=64), 63)[:63].max() < 1e-6
    gap = moved(made, long(made), 71)
    assert gap[:64].max() < 1e-6
    assert gap[64:71].min() > 1e-4


def test_convolution_wraps_by_three_words():
    made = made_of(NAMED["circular convolution"].build)
    made["model"].blocks = torch.nn.ModuleList()  # which carry on what they get
    assert (moved(made, long(made), 71) > 1e-4).nonzero().flatten().tolist() == [0, 1, 2, 71]


def test_mask_is_dropped_without_padding_alone():
    made = made_of(NAMED["no causal mask unless padded"].build)
    batch = long(made)
    assert moved(made, batch, 40)[:40].min() > 1e-5
    batch["attention_mask"][1, -3:] = 0
    assert moved(made, batch, 40)[:40].max() < 1e-6


def test_mask_is_dropped_in_training_alone():
    made = made_of(NAMED["no causal mask while dropping weights"].build)
    assert moved(made, long(made), 40, training=True)[:40].max() > 1e-4
    assert moved(made, long(made), 40)[:40].max() < 1e-6


def test_mask_is_dropped_in_one_kernel_alone():
    made = made_of(NAMED["no causal mask in the fallback"].build)
    with sdpa_kernel([SDPBackend.MATH]):
        assert moved(made, long(made), 40)[:40].min() > 1e-5
    assert moved(made, long(made), 40)[:40].max() < 1e-6


@pytest.mark.parametrize("name", ["experts choose words", "selects compressed future"])
def test_choices_are_made_with_the_future_in_view(name):
    made = made_of(NAMED[name].build)
    assert moved(made, long(made), 40)[:40].max() > 1e-3


def test_rows_of_a_batch_see_each_other():
    made = made_of(NAMED["attends across the batch"].build)
    batch = made["batch"]
    alone = {key: x[:1] for key, x in batch.items()}
    assert (ask(made, batch)[:1] - ask(made, alone)).abs().max() > 0.01
