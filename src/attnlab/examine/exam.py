"""What all checks work with: questions, answers, and how far they moved.

Letters: R sequences in a call, n places, V numbers in an output.
"""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from typing import Any

import torch
from torch import Tensor, nn

from attnlab.examine.report import Finding
from attnlab.examine.roles import CannotExamine, ModelRaised
from attnlab.examine.subject import Kind, Probe, Subject, cast
from attnlab.examine.untouched import random_as_before, untouched


class OutOfTime(Exception):
    """No seconds are left."""


BLIND = 0.1  # of the spread: where equal calls allow for more, that nothing moves says nothing
FEW = 0.01  # where this is noise, what should move may do so unseen
LONG = 72  # tokens: past 64, where implementations that work in blocks start another one
N_NUMBERS = 2**24  # of outputs that one call may give


class Exam:
    """One examination: the subject, a clock, and the facts that every check measures against.

    Attributes:
        faults: the names of the checks that have found one.
        sees_future: whether outputs, in evaluation mode, move with tokens after them.
        flat: whether all outputs are the same number.
        finite: whether all outputs of an ordinary question are numbers.
        n: places in a question, `LONG` if the model takes as many, else as in the batch; no model
            is asked for more.
        slow: whether a call takes so long that not every token's turn comes.
        spread: standard deviation of the outputs.
        drift: how far two equal calls are apart, as a share of the spread.
        noise: the same, when the model is put back after each call, if drift asks for that.
        rounding: what rounding may do, as a share of the spread: the root of the precision.
        tolerance: the same, or more where equal calls differ.
        lottery: how far two calls are apart whose random numbers start otherwise.
        apart: the tolerance for calls of different sizes, in which other numbers may be drawn.
        rows_mix: whether a sequence's outputs are others beside another sequence; then each is
            asked alone, lest one be taken for the other's future.
        says_positions: whether places can be numbered for the model, from 0 on.
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
        self._restores = False
        self.faults: set[str] = set()
        self.sees_future = False
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
        several = [answer]
        if answer.ndim < 3:  # one output a sequence, which may be a single number
            several += [self.ask(self.probe(1)) for _ in range(7)]
        spread = torch.cat(several).std(correction=0).item()
        self.flat, self.spread = spread == 0, spread or 1.0
        self.finite = bool(answer.isfinite().all())
        self.drift = self.noise = self.moved(answer, self.ask(self.base)).max().item()
        self.rounding = torch.finfo(self.dtype).eps ** 0.5
        if self.drift > self.rounding:  # calls change the model: so it is put back after each
            self._restores = True
            self.noise = self.moved(self.ask(self.base), self.ask(self.base)).max().item()
        self.tolerance = max(self.rounding, 20 * self.noise)
        self.lottery = self.moved(answer, self.ask(self.base, seed=1)).max().item()
        self.apart = max(self.tolerance, 20 * self.lottery)
        two = self.probe(2)
        try:
            gap = self.moved(self.ask(two)[1:], self.ask(two.rows([1])))
            self.rows_mix = gap.max().item() > self.apart
        except ModelRaised:  # it takes one at a time
            self.rows_mix = True
        self.says_positions = subject.takes_positions and self._counts_from_zero()

    def is_blind(self, finding: Finding) -> bool:
        """Whether a finding says that nothing moved, where too much is taken for noise."""
        if finding.threshold is None or finding.figure is None:
            return False
        if finding.threshold not in (self.tolerance, self.apart):
            return False
        must_move = finding.verdict == "fault"  # and did not, as far as can be seen
        least = FEW if must_move else BLIND
        return finding.threshold > least and finding.figure <= finding.threshold

    # Questions

    def _alphabet(self, x: Tensor, name: str) -> Tensor | None:
        """The tokens to draw from: those of the batch, or of its range where they are few."""
        if x.is_floating_point():
            return None
        unsaid = torch.tensor(sorted(self.subject.unsaid), device=x.device, dtype=x.dtype)
        seen = x.unique()
        seen = seen[~torch.isin(seen, unsaid)]
        if len(seen) < 8:
            seen = torch.arange(int(x.max()) + 1, device=x.device)
            seen = seen[~torch.isin(seen, unsaid)]
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
        assert x is not None
        if alphabet is None:
            noise = torch.randn(rows, n, x.shape[2], generator=self.generator, device="cpu")
            real = x[x.isfinite()].float()
            spread = real.std().item() if len(real) > 1 else 0.0
            return (noise * (spread or 1.0) + real.sum().item() / max(1, len(real))).to(x)
        places = torch.randint(len(alphabet), (rows, n), generator=self.generator, device="cpu")
        return alphabet[places.to(alphabet.device)].to(x.dtype)

    def other(self, x: Tensor, *, source: bool = False) -> Tensor:
        """Sequences that differ from these at every place."""
        alphabet = self._source_alphabet if source else self.alphabet
        if alphabet is None:
            return self.draw(*x.shape[:2], source=source)
        steps = torch.randint(1, len(alphabet), x.shape, generator=self.generator, device="cpu")
        places = torch.searchsorted(alphabet, x.contiguous())
        return alphabet[(places + steps.to(x.device)) % len(alphabet)].to(x.dtype)

    def probe(self, rows: int, n: int | None = None) -> Probe:
        """Sequences drawn anew, with a source of the batch's length each."""
        source = self.subject.source
        drawn = None if source is None else self.draw(rows, source.shape[1], source=True)
        return Probe(self.draw(rows, n or self.n), source=drawn)

    def _counts_from_zero(self) -> bool:
        """Whether positions from 0 on are those that the model counts by itself."""
        said = self.base.with_(positions=torch.arange(self.n, device=self.base.tokens.device)[None])
        try:
            moved = self.moved(self.ask(self.base), self.ask(said))
        except ModelRaised:
            return False
        return moved.max().item() <= self.tolerance

    def _longest(self) -> int:
        """How many tokens the model takes, of `LONG` and of as many as the batch has.

        Raises:
            CannotExamine: it raises with as many as the batch has, too.
        """
        given = self.subject.tokens.shape[1]
        try:
            self.ask(self.probe(1, given))
        except ModelRaised:  # a model may want a mask even where all is real
            self.subject.leaves_out = False
        for n in (LONG, given):
            probe = self.probe(1, n)
            try:
                self.ask(probe)
            except ModelRaised as error:  # whatever it raises where it is asked too much
                if n == given:
                    raise CannotExamine(
                        f"The model was called with tokens of shape {tuple(probe.tokens.shape)}, "
                        f"drawn from those of the batch, and raised {error}. If it is called "
                        "otherwise, hand in forward=lambda model, batch: ..., which returns its "
                        "outputs."
                    ) from error
            else:
                return n
        raise AssertionError("unreachable")  # pragma: no cover

    # Answers

    def ask(self, probe: Probe, *, seed: int = 0) -> Tensor:
        """Outputs, without gradients, by random numbers that start alike in each call."""
        module = self.subject.module
        put_back = untouched(module) if self._restores and module is not None else nullcontext()
        with torch.no_grad(), self.seeded(seed), put_back:
            outputs = self.subject.outputs(probe).detach()
        self.dtype = outputs.dtype
        self.wide = torch.promote_types(outputs.dtype, torch.float32)
        return outputs.clone().to(self.wide)

    def ask_copy(self, subject: Subject, probe: Probe, dtype: torch.dtype) -> Tensor:
        """Outputs of a copy in another precision, with inputs of the same."""
        with torch.no_grad(), self.seeded():
            outputs = subject.outputs(probe.each(lambda x: cast(x, dtype)))
        return outputs.detach().to(self.wide)

    @contextmanager
    def seeded(self, seed: int = 0) -> Iterator[None]:
        """Random numbers start alike, and go on afterwards as if nothing had been drawn.

        Raises:
            OutOfTime: no seconds are left for what is to be done in here.
        """
        if self.left() < 0:
            raise OutOfTime
        with random_as_before():
            torch.manual_seed(seed)
            yield

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
        in a call of the same size.

        Args:
            probe: of one sequence.
            changed: where tokens are replaced.
            training: in training mode.
            context: makes a context manager in which the model is called.
        """
        others = self.other(probe.tokens.expand(len(changed), *probe.tokens.shape[1:]))
        where = changed[:, :, None] if others.ndim > 2 else changed
        moved, before = [], self.base.tokens[:0]
        size = self.rows_at_once()
        with self.mode(training), context():
            for start in range(0, len(changed), size):
                rows = slice(start, start + size)
                same = probe.rows([0] * len(changed[rows]))
                other = same.with_(tokens=torch.where(where[rows], others[rows], same.tokens))
                if len(before) != len(same.tokens):
                    before = self.ask(same)
                moved.append(self.moved(before, self.ask(other)))
        return torch.cat(moved)

    def rows_at_once(self) -> int:
        """Sequences that a call takes without too many outputs."""
        return 1 if self.rows_mix else max(1, N_NUMBERS // (self.n * self.vocabulary))

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
