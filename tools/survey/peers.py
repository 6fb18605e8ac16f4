"""Which mutants the examiner finds, and which the two other libraries that test models.

    python -m tools.survey.peers

Each of them gets all that a mutant brings: model, batch, loss, step, padding. What one of them says
of the healthy model, too, counts for nothing: a mutant is found where it says something more.
Failures and warnings count alike.
"""

import warnings
from collections.abc import Callable, Iterator
from importlib.metadata import version
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn

from attnlab.examine import examine
from tests.examine.mutants import HEALTHY, MUTANTS

PEERS = ("torchtest2", "pytest-torch")
WHAT = {
    "torchtest2": "`check_model` with its loss, its batch and its way to call the model",
    "pytest-torch": "`check_inference_contract` (bfloat16 too), gradients of all parameters and "
    "finite ones, learning one batch by heart, padding in front and behind, other tokens under "
    "the mask, and streaming against the whole, in pieces of 1, 3 and 7",
}


class Called(nn.Module):
    """A mutant as one calls a model: with a batch's entries, and back come outputs."""

    def __init__(self, made: dict):
        super().__init__()
        self.inner, self.call = made["model"], made["forward"]

    def forward(self, **batch: Tensor) -> Tensor:
        return self.call(self.inner, batch)


def of_examine(made: dict) -> set[str]:
    report = examine(**made)
    return {f.check for verdict in ("fault", "remark") for f in report.of(verdict)}


def of_torchtest2(made: dict) -> set[str]:
    import torchtest2  # noqa: PLC0415 - of its environment

    batch = dict(made["batch"])
    labels, loss = batch.pop("labels"), made["loss"]
    report = torchtest2.check_model(Called(made), batch, labels, loss_fn=loss)
    return {r.name for r in report.results if r.status.name in ("FAIL", "WARN")}


def of_pytest_torch(made: dict) -> set[str]:
    return {name for name, ask in _of_pytest_torch(made) if _fails(ask)}


def _of_pytest_torch(made: dict) -> Iterator[tuple[str, Callable[[], Any]]]:
    """The assertions of pytest-torch that a mutant can be asked."""
    import pytest_torch as peer  # noqa: PLC0415

    batch = dict(made["batch"])
    labels, loss = batch.pop("labels"), made["loss"]
    model = Called(made)
    longest = _longest(batch)

    def cost(outputs: Tensor) -> Tensor:
        return loss(outputs, labels)

    evaluated = Called(made).eval()
    contract = peer.check_inference_contract(
        evaluated, batch, dtypes=(torch.bfloat16,), raise_on_failure=False
    )
    for result in contract.failures:
        yield result.name, _failed
    yield "gradients_finite", lambda: peer.assert_gradients_finite(model, batch, cost)
    yield "params_receive_grad", lambda: peer.assert_all_params_receive_grad(model, batch, cost)
    yield "overfits_one_batch", lambda: peer.assert_overfits_one_batch(model, batch, cost)
    for name in ("tgt", "src", "input_ids"):
        for side in ("right", "left"):
            if name in batch:
                yield (
                    f"padding_invariant ({name}, {side})",
                    lambda name=name, side=side: peer.assert_padding_invariant(
                        evaluated, batch, ids_key=name, side=side
                    ),
                )
    if "attention_mask" in batch:
        yield "mask_invariant", lambda: peer.assert_mask_invariant(evaluated, batch)
    step = made.get("step")
    if step is not None:

        def stream(chunk: dict, state: Any) -> Any:
            return step(made["model"].eval(), chunk, state)

        yield (
            "streaming_equivalent",
            lambda: peer.assert_streaming_equivalent(
                evaluated, stream, longest, chunk_sizes=(1, 3, 7), init_state=lambda: None
            ),
        )


def _failed() -> None:
    raise AssertionError


def _fails(ask: Callable[[], Any]) -> bool:
    try:
        ask()
    except Exception:  # whatever it is that the peer, or the mutant, raises
        return True
    return False


def _longest(batch: dict) -> dict:
    """A sequence without padding, alone, and what it reads."""
    ids = "tgt" if "tgt" in batch else "input_ids"
    row = (batch[ids] != 0).sum(1).argmax()
    return {key: batch[key][row : row + 1] for key in ("src", ids) if key in batch}


def survey() -> list[dict[str, Any]]:
    """For each mutant, what each of the three said of it and not of a healthy one."""
    ask = {"examine": of_examine, "torchtest2": of_torchtest2, "pytest-torch": of_pytest_torch}
    healthy: dict[tuple[bool, str], set[str]] = {}
    for build in HEALTHY.values():
        for name, of in ask.items():
            made = build(0)
            said = healthy.setdefault(("src" in made["batch"], name), set())
            said |= of(made)
    rows = []
    for mutant in MUTANTS:
        row: dict[str, Any] = {"mutant": mutant}
        for name, of in ask.items():
            made = mutant.build(0)
            row[name] = sorted(of(made) - healthy["src" in made["batch"], name])
        rows.append(row)
        print(mutant.name, {name: row[name] for name in ask}, flush=True)
    print({key: sorted(said) for key, said in healthy.items()})
    return rows


def page(rows: list[dict[str, Any]]) -> str:
    """The table, as Markdown, and the counts above it."""
    names = ("examine", *PEERS)
    harmful = [row for row in rows if row["mutant"].harmful]
    versions = ", ".join(f"{peer} {version(peer)}" for peer in PEERS)
    lines = [
        f"Made by `python -m tools.survey.peers`, with {versions} and torch "
        f"{torch.__version__.split('+')[0]}.",
        "",
        f"| mistakes | {' | '.join(names)} |",
        "| --- | --: | --: | --: |",
    ]
    for title, of in (
        (f"found, of {len(harmful)} harmful", harmful),
        (f"of all {len(rows)}", rows),
    ):
        found = (str(sum(bool(row[name]) for row in of)) for name in names)
        lines.append(f"| {title} | {' | '.join(found)} |")
    lines += ["", *(f"- {peer} was given: {what}." for peer, what in WHAT.items()), ""]
    lines += [f"| mutant, and where it was made | {' | '.join(names)} |"]
    lines += ["| --- | --- | :-: | :-: |"]
    for row in rows:
        mutant = row["mutant"]
        name = f"**{mutant.name}**" if mutant.harmful else mutant.name
        peers = ("✓" if row[peer] else "–" for peer in PEERS)
        found = ", ".join(row["examine"]) or "–"
        lines.append(f"| {name}: {mutant.source} | {found} | {' | '.join(peers)} |")
    return "\n".join([*lines, ""])


if __name__ == "__main__":
    warnings.filterwarnings("ignore")
    torch.set_num_threads(1)
    (Path(__file__).parent / "mutants.md").write_text(page(survey()), encoding="utf-8")
