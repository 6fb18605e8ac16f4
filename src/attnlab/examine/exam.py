"""What all checks work with: questions, answers, and how far they moved.

Letters: R sequences in a call, n places, V numbers in an output.
"""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from typing import Any

import torch
from torch import Tensor, nn

from attnlab.examine.roles import CannotExamine
from attnlab.examine.subject import Kind, Probe, Subject
from attnlab.examine.untouched import random_as_before

LONG = 72  # tokens: past 64, where implementations that work in blocks start another one
N_NUMBERS = 2**24  # of outputs that one call may give


class Exam:
    """One examination: the subject, a clock, and the facts that every check measures against.

    Attributes:
        n: places in a question, `LONG` if the model takes as many, else as in the batch.
        slow: whether a call takes so long that not every token's turn comes.
        spread: standard deviation of the outputs.
        noise: how far two equal calls are apart, as a share of the spread.
        tolerance: what is no more than rounding, as a share of the spread.
    """

    def __init__(
        self,
        subject: Subject,
        *,
        loss: Callable | None,
        step: Callable | None,
        weights: Callable | None,
        seconds: float,
    ):
        self.subject, self.loss, self.step, self.weights = subject, loss, step, weights
        self.kind: Kind = subject.kind
        self._start, self._seconds = time.perf_counter(), seconds
        self.generator = torch.Generator().manual_seed(0)
        self.alphabet = self._alphabet(subject.tokens, subject.names["tokens"])
        source = subject.source
        self._source_alphabet = (
            None if source is None else self._alphabet(source, subject.names["source"])
        )
        self.set_mode(False)
        self.n = self._longest()
        self.base = self.probe(1)
        before = time.perf_counter()
        answer = self.ask(self.base)
        self.slow = time.perf_counter() - before > seconds / 500  # no time for each token alone
        self.vocabulary = answer.shape[-1]
        self.spread = answer.std().item() or 1.0
        self.finite = bool(answer.isfinite().all())
        self.noise = self.moved(answer, self.ask(self.base)).max().item()
        self.tolerance = max(torch.finfo(self.dtype).eps ** 0.5, 20 * self.noise)

    # Questions

    def _alphabet(self, x: Tensor, name: str) -> Tensor | None:
        """The tokens to draw from: those of the batch, or of its range where they are few."""
        if x.is_floating_point():
            return None
        seen = x.unique()
        if self.subject.pad is not None:
            seen = seen[seen != self.subject.pad]
        if len(seen) < 8:
            seen = torch.arange(int(x.max()) + 1, device=x.device)
            seen = seen[seen != (-1 if self.subject.pad is None else self.subject.pad)]
        if len(seen) < 3:
            raise CannotExamine(
                "To see what an output depends on, tokens are replaced by others, and "
                f"{name} holds too few: at least 3 different ones were expected, "
                f"got {x.unique().tolist()}. Hand in a batch with more."
            )
        return seen

    def draw(self, rows: int, n: int, *, source: bool = False) -> Tensor:
        """New sequences: tokens of the batch's, or vectors with the batch's mean and spread."""
        alphabet = self._source_alphabet if source else self.alphabet
        x = self.subject.source if source else self.subject.tokens
        assert x is not None  # noqa: S101
        if alphabet is None:
            noise = torch.randn(rows, n, x.shape[2], generator=self.generator)
            real = x[x.isfinite()].float()
            drawn = noise * (real.std().nan_to_num(1.0) or 1.0).cpu() + real.mean().cpu()
            return drawn.to(x)
        places = torch.randint(len(alphabet), (rows, n), generator=self.generator)
        return alphabet[places.to(alphabet.device)].to(x.dtype)

    def other(self, x: Tensor) -> Tensor:
        """Sequences that differ from these at every place."""
        if self.alphabet is None:
            return self.draw(*x.shape[:2])
        steps = torch.randint(1, len(self.alphabet), x.shape, generator=self.generator)
        places = torch.searchsorted(self.alphabet, x.contiguous())
        chosen = (places + steps.to(x.device)) % len(self.alphabet)
        return self.alphabet[chosen].to(x.dtype)

    def probe(self, rows: int, n: int | None = None) -> Probe:
        """Sequences drawn anew, with a source of the batch's length each."""
        source = self.subject.source
        drawn = None if source is None else self.draw(rows, source.shape[1], source=True)
        return Probe(self.draw(rows, n or self.n), source=drawn)

    def _longest(self) -> int:
        """How many tokens the model takes, of `LONG` and of as many as the batch has."""
        given = self.subject.tokens.shape[1]
        try:
            self.ask(self.probe(1, LONG))
        except Exception:  # whatever a model raises where it is asked too much
            self.ask(self.probe(1, given))
            return given
        return LONG

    # Answers

    def ask(self, probe: Probe) -> Tensor:
        """Outputs, without gradients."""
        with torch.no_grad():
            outputs = self.subject.outputs(probe).detach()
        self.dtype = outputs.dtype
        return outputs.clone().to(torch.promote_types(outputs.dtype, torch.float32))

    def moved(self, a: Tensor, b: Tensor) -> Tensor:
        """How far outputs of equal shape lie apart at each place, in spreads: `(R, n)`.

        Where both are equally infinite they are equal; NaN is infinitely far from anything.
        """
        gap = (a - b).abs().masked_fill(a == b, 0)
        return (gap.nan_to_num(torch.inf).flatten(2).amax(2) if a.ndim > 2 else gap) / self.spread

    def movements(
        self, probe: Probe, changed: Tensor, *, training: bool = False, context: Any = nullcontext
    ) -> Tensor:
        """How far outputs move where tokens are replaced by others: `(R, n)`.

        Each row of `changed`, `(R, n)`, is a sequence of its own, asked beside the unchanged one
        in a call of the same size, with the same random numbers.

        Args:
            probe: of one sequence.
            changed: where tokens are replaced.
            training: in training mode.
            context: makes a context manager in which the model is called.
        """
        others = self.other(probe.tokens.expand(len(changed), *probe.tokens.shape[1:]))
        where = changed[:, :, None] if others.ndim > 2 else changed
        moved = []
        size = self.rows_at_once()
        with self.mode(training), context():
            for start in range(0, len(changed), size):
                rows = slice(start, start + size)
                same = probe.rows(torch.zeros(len(changed[rows]), dtype=torch.int64))
                other = same.with_(tokens=torch.where(where[rows], others[rows], same.tokens))
                answers = []
                for asked in (same, other):
                    with random_as_before():
                        torch.manual_seed(0)
                        answers.append(self.ask(asked))
                moved.append(self.moved(*answers))
        return torch.cat(moved)

    def rows_at_once(self) -> int:
        """Sequences that a call takes without too many outputs."""
        return max(1, N_NUMBERS // (self.n * self.vocabulary))

    def set_mode(self, training: bool) -> None:
        if self.subject.module is not None:
            self.subject.module.train(training)

    @contextmanager
    def mode(self, training: bool) -> Iterator[None]:
        """The model in one mode, and in evaluation mode again afterwards."""
        self.set_mode(training)
        try:
            yield
        finally:
            self.set_mode(False)

    def parameters(self) -> list[tuple[str, nn.Parameter]]:
        module = self.subject.module
        return [] if module is None else list(module.named_parameters())

    # Time

    def left(self) -> float:
        """Seconds that are left."""
        return self._seconds - self.taken()

    def taken(self) -> float:
        return time.perf_counter() - self._start

