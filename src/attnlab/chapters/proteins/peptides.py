"""Peptides that harm microbes and others: the data, four readers, and the fault in the split.

modlamp (BSD 3-Clause) brings the sequences: 2,600 of the Antimicrobial Peptide Database APD3 and as
many of UniProt. What they gave is stored, and they are not.
"""

from collections.abc import Callable, Iterator, Sequence
from importlib import import_module

import numpy as np
import torch
import torch.nn.functional as F
from torch import Generator, Tensor, nn
from torch.nn.utils.rnn import pad_sequence

from attnlab.nn.stacks import Encoder
from attnlab.training.fitting import fit, seed_everything
from attnlab.training.schedules import linear_decay

LETTERS = "ACDEFGHIKLMNPQRSTVWY"
PADDING = len(LETTERS)
STEPS, BATCH, TESTED = 300, 64, 0.2


def load() -> tuple[list[str], np.ndarray]:
    """The 5,200 sequences, and 1 for each that is known to be antimicrobial.

    Raises:
        ModuleNotFoundError: modlamp, which brings them, is not installed.
    """
    try:
        data = import_module("modlamp.datasets").load_AMPvsUniProt()
    except ModuleNotFoundError:
        raise ModuleNotFoundError(
            "the peptides come with modlamp 4.3.3, which is not installed; "
            "`pip install --no-deps modlamp==4.3.3` brings it"
        ) from None
    return [str(one) for one in data.sequences], data.target


def distinct(sequences: Sequence[str], labels: np.ndarray) -> np.ndarray:
    """The numbers of those that stay: one of each sequence, and none that is in both classes."""
    classes: dict[str, set[int]] = {}
    for sequence, label in zip(sequences, labels, strict=True):
        classes.setdefault(sequence, set()).add(int(label))
    first = {sequence: i for i, sequence in reversed(list(enumerate(sequences)))}
    return np.array(sorted(i for one, i in first.items() if len(classes[one]) == 1))


def counted() -> dict[str, int]:
    """How many rows there are, copies of another row's sequence, and sequences in both classes."""
    sequences, labels = load()
    different = len(set(sequences))
    in_both = different - len(distinct(sequences, labels))
    return {"rows": len(sequences), "copies": len(sequences) - different, "in_both": in_both}


def as_numbers(sequences: Sequence[str]) -> Tensor:
    """Letters as numbers, padded behind to the longest. `(B, n)`"""
    rows = [torch.tensor([LETTERS.index(letter) for letter in one]) for one in sequences]
    return pad_sequence(rows, batch_first=True, padding_value=PADDING)


class AttentionReader(nn.Module):
    """Letters with places, one layer of attention, the mean, and a guess. `(B, n)` → `(B,)`"""

    def __init__(self, d_model: int = 48):
        super().__init__()
        self.letter = nn.Embedding(PADDING + 1, d_model)
        self.encoder = Encoder(
            d_model=d_model, n_heads=4, n_layers=1, d_ff=2 * d_model, positions="sinusoidal"
        )
        self.guess = nn.Linear(d_model, 1)

    def forward(self, x: Tensor) -> Tensor:
        real = x != PADDING  # (B, n)
        y = self.encoder(self.letter(x), mask=real[:, None])  # (B, n, d_model)
        return self.guess((y * real[..., None]).sum(1) / real.sum(1, keepdim=True))[:, 0]


class WindowReader(nn.Module):
    """Letters, windows of five letters, and the largest of each feature. `(B, n)` → `(B,)`"""

    def __init__(self, d_model: int = 32, features: int = 96):
        super().__init__()
        self.letter = nn.Embedding(PADDING + 1, d_model, padding_idx=PADDING)
        self.windows = nn.Conv1d(d_model, features, 5, padding=2)
        self.guess = nn.Linear(features, 1)

    def forward(self, x: Tensor) -> Tensor:
        y = self.windows(self.letter(x).mT).relu()  # (B, features, n)
        y = y * (x != PADDING)[:, None]
        return self.guess(y.amax(-1))[:, 0]


class CountReader(nn.Module):
    """The share of each letter, and a guess: logistic regression. `(B, n)` → `(B,)`"""

    def __init__(self):
        super().__init__()
        self.guess = nn.Linear(PADDING, 1)

    def forward(self, x: Tensor) -> Tensor:
        counts = F.one_hot(x, PADDING + 1)[..., :PADDING].float().sum(1)
        return self.guess(counts / counts.sum(1, keepdim=True))[:, 0]


READERS: dict[str, Callable[[], nn.Module]] = {
    "attention": AttentionReader, "windows": WindowReader, "counts": CountReader,
}  # fmt: skip
RATES = {"attention": 2e-3, "windows": 2e-3, "counts": 0.3}


def peptides() -> Iterator[dict]:
    for seed in range(3):
        for kept in ("distinct", "all"):
            for reader in (*READERS, "neighbor"):
                yield {"reader": reader, "kept": kept, "seed": seed}


def read(todo: dict) -> dict:
    """The cell, with what share of the tests is right; also with the letters shuffled, and of those
    whose very sequence was in training."""
    sequences, labels = load()
    if todo["kept"] == "distinct":
        stay = distinct(sequences, labels)
        sequences, labels = [sequences[i] for i in stay], labels[stay]
    order = np.random.default_rng(todo["seed"]).permutation(len(labels))
    cut = round(TESTED * len(order))
    exam, lessons = order[:cut], order[cut:]
    x, y = as_numbers(sequences), torch.tensor(labels)
    known = {sequences[i] for i in lessons}
    seen = np.array([sequences[i] in known for i in exam])
    found: dict = {"lessons": len(lessons), "tests": len(exam), "seen": int(seen.sum())}
    shuffled = as_numbers([_shuffled(sequences[i], int(i)) for i in exam])
    if todo["reader"] == "neighbor":
        guess = [_of_nearest(x[lessons], y[lessons], tests) for tests in (x[exam], shuffled)]
    else:
        seed_everything(todo["seed"])
        model = READERS[todo["reader"]]()
        found["parameters"] = sum(p.numel() for p in model.parameters())
        generator = Generator().manual_seed(todo["seed"])
        fit(
            model, _batches(x[lessons], y[lessons], generator), _loss, steps=STEPS,
            lr=RATES[todo["reader"]], schedule=linear_decay(STEPS, warmup_steps=20),
        )  # fmt: skip
        with torch.no_grad():
            guess = [model(tests) > 0 for tests in (x[exam], shuffled)]
    right = [(each.long() == y[exam]).double().numpy() for each in guess]
    found["right"], found["shuffled"] = (round(float(each.mean()), 4) for each in right)
    if seen.any():
        found["right_seen"] = round(float(right[0][seen].mean()), 4)
        found["right_new"] = round(float(right[0][~seen].mean()), 4)
    return {**todo, **found}


def _batches(x: Tensor, y: Tensor, generator: Generator) -> Iterator[tuple[Tensor, Tensor]]:
    while True:
        drawn = torch.randint(len(x), (BATCH,), generator=generator)
        yield x[drawn], y[drawn]


def _loss(model: nn.Module, batch: tuple[Tensor, Tensor]) -> Tensor:
    return F.binary_cross_entropy_with_logits(model(batch[0]), batch[1].float())


def _shuffled(sequence: str, seed: int) -> str:
    return "".join(np.random.default_rng(seed).permutation(list(sequence)))


def _of_nearest(x: Tensor, y: Tensor, tests: Tensor) -> Tensor:
    """The class of the sequence with the largest share of words of three letters in common."""
    lessons, asked = _words(x), _words(tests)
    common = asked @ lessons.T
    either = asked.sum(1, keepdim=True) + lessons.sum(1) - common
    return y[(common / either.clamp(min=1)).argmax(1)]


def _words(x: Tensor) -> Tensor:
    """Which words of three letters each sequence has. `(B, 8000)`"""
    real = (x[:, 2:] != PADDING).float()
    words = (x[:, :-2] * 20 + x[:, 1:-1]) * 20 + x[:, 2:]
    return torch.zeros(len(x), 8000).scatter_reduce(1, words.clamp(max=7999), real, "amax")
