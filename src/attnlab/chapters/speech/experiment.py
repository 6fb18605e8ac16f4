"""Train two recognizers on short utterances, in the order of speech and backwards, and test longer.

    python -m attnlab.chapters.speech.experiment     # some ten minutes of one core

The data, the models and the training are those of the chapter `work/speech`. Cells are stored as
they finish, so the script can be stopped and started again.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import cast

import torch
from torch import Tensor, nn

from attnlab.chapters.speech.cutting import by_cutting
from attnlab.chapters.speech.models import Marker, Speller, ctc_loss
from attnlab.chapters.speech.recording import N_BANDS
from attnlab.chapters.speech.scoring import error, looks, marked, spelled
from attnlab.chapters.speech.utterances import Utterances, noisy
from attnlab.functional.attention import attention
from attnlab.models.seq2seq import WriterState
from attnlab.nn.scores import AdditiveScore
from attnlab.stored import complete
from attnlab.tasks.pairs import Batch, translation_loss
from attnlab.tasks.vocabulary import EOS
from attnlab.training.fitting import fit, seed_everything
from attnlab.training.schedules import linear_decay

SEEDS = (0, 1, 2, 3, 4)
STEPS = 500
N_TEST = 100
LENGTHS = (2, 3, 4, 5, 6, 8, 12, 16)  # digits; 2 to 4 in training
PAUSES = (0, 1, 2, 4, 8, 12)  # frames between digits; 0 to 4 in training


@dataclass
class LocatedState(WriterState):
    """What the writer remembers, and where it looked."""

    weights: Tensor  # (B, 1, t), of the step before


class Located(Speller):
    """A speller whose scores see the weights of the step before, around each state.

    Source: Chorowski et al. (2015), section 2.2, with a smaller kernel.
    """

    def __init__(self, d_model: int = 48):
        super().__init__(d_model)
        self.around = nn.Conv1d(1, d_model, kernel_size=15, padding=7, bias=False)

    def read(self, src: Tensor, src_mask: Tensor | None = None) -> WriterState:
        state = super().read(src, src_mask)
        nowhere = torch.zeros_like(state.memory[..., 0])[:, None]
        return LocatedState(state.hidden, state.memory, state.mask, nowhere)

    def _ask(self, queries: Tensor, state: WriterState) -> tuple[Tensor, Tensor]:
        score, located = cast(AdditiveScore, self.score), cast(LocatedState, state)

        def scores(q: Tensor, k: Tensor) -> Tensor:
            parts = q @ score.w_q + k @ score.w_k + self.around(located.weights).mT
            return (torch.tanh(parts) @ score.v)[:, None]  # (B, 1, t)

        context, weights = attention(
            queries, state.memory, state.memory, mask=state.mask, scores=scores
        )
        located.weights = weights
        return context, weights


KINDS = {
    "speller": (Speller, translation_loss, spelled),
    "ctc": (Marker, ctc_loss, marked),
    "located": (Located, translation_loss, spelled),
}


def cells() -> Iterator[dict]:
    for seed in SEEDS:
        for kind in ("speller", "ctc"):
            for backwards in (False, True):
                yield cell(kind, seed, backwards=backwards)
    for seed in SEEDS[:3]:
        yield cell("located", seed)
        yield cell("speller", seed, longest=(4, 8))
        yield cell("speller", seed, longest=(8, 8))


def cell(kind: str, seed: int, *, backwards: bool = False, longest: tuple[int, ...] = (4,)) -> dict:
    """`longest` has the most digits of an utterance, for each time that it is trained."""
    return {"kind": kind, "backwards": backwards, "longest": [*longest], "seed": seed}


def tests(length: int, backwards: bool = False, **options) -> Batch:
    task = Utterances(length, length, backwards=backwards, **options)
    return task.batch(N_TEST, split="test", generator=torch.Generator().manual_seed(length))


def measure(todo: dict) -> dict:
    """The cell, with mistakes per digit by length, and where its largest weights lie."""
    seed_everything(todo["seed"])
    make, loss, write = KINDS[todo["kind"]]
    model = make()
    schedule, losses = linear_decay(STEPS, warmup_steps=20), []
    for longest in todo["longest"]:
        batches = Utterances(2, longest, backwards=todo["backwards"]).batches(32)
        losses += fit(model, batches, loss, steps=STEPS, lr=0.01, schedule=schedule)
    found = {
        **todo,
        "parameters": sum(p.numel() for p in model.parameters()),
        "loss": round(sum(losses[-20:]) / 20, 3),
        **errors(lambda batch: write(model, batch), todo["backwards"]),
        "on_silence": sum(map(len, write(model, silence()))) / N_TEST,
    }
    if isinstance(model, Speller):
        places = [looks(model, tests(length, todo["backwards"])) for length in LENGTHS]
        for name in ("inside", "onward"):
            found[name] = [round(place[name], 3) for place in places]
    return found


def errors(write: Callable[[Batch], list[list[int]]], backwards: bool = False) -> dict:
    """Mistakes per digit by length; for one digit said four times; and by pauses, for four."""

    def wrong(batch: Batch) -> float:
        return round(error(write(batch), batch), 4)

    return {
        "errors": [wrong(tests(length, backwards)) for length in LENGTHS],
        "same": wrong(tests(4, backwards, same=True)),
        "by_pause": [wrong(tests(4, backwards, pauses=(p, p))) for p in PAUSES],
    }


def silence() -> Batch:
    """A second of noise, with no digit to write."""
    generator = torch.Generator().manual_seed(0)
    frames = noisy(torch.zeros(N_TEST, 40, N_BANDS), generator)
    mask = torch.ones(N_TEST, 1, 40, dtype=torch.bool)
    end = torch.full((N_TEST, 1), EOS)
    return Batch(frames, mask, end, end, torch.zeros(N_TEST, 1, 40, dtype=torch.bool))


def without_learning(todo: dict) -> dict:
    """The same for cutting at the pauses."""
    return {**todo, **errors(by_cutting)}


if __name__ == "__main__":
    head = {
        "batch": 32, "steps": STEPS, "n_test": N_TEST, "tested_at": LENGTHS, "pauses": PAUSES,
    }  # fmt: skip
    cutting = ([{"kind": "cutting"}], without_learning)
    complete("speech", head, cells=(cells(), measure), without_learning=cutting)
