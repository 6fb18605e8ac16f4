"""What is examined, in the order of weight."""

from collections.abc import Callable, Iterator

from attnlab.examine.checks.batch import batch
from attnlab.examine.checks.future import future
from attnlab.examine.checks.loss import loss, start
from attnlab.examine.checks.order import order
from attnlab.examine.checks.padding import padding
from attnlab.examine.checks.precision import precision
from attnlab.examine.checks.repeat import repeat
from attnlab.examine.checks.rows import rows
from attnlab.examine.checks.source import source
from attnlab.examine.checks.stepwise import stepwise
from attnlab.examine.checks.unused import unused
from attnlab.examine.exam import Exam
from attnlab.examine.report import Finding

CHECKS: dict[str, Callable[[Exam], Iterator[Finding]]] = {
    "two equal calls": repeat,
    "the future": future,
    "padding": padding,
    "alone and in a batch": batch,
    "stepwise": stepwise,
    "the source": source,
    "order": order,
    "the loss": loss,
    "labels at random": start,
    "rows of weights": rows,
    "what does nothing": unused,
    "precision and edges": precision,
}
