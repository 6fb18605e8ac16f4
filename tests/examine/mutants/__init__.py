"""Healthy models, and mistakes that people made, for tests of what is to find them."""

from collections.abc import Callable
from functools import partial

from tests.examine.mutants import healthy, language
from tests.examine.mutants.design import DESIGN
from tests.examine.mutants.mutant import Mutant
from tests.examine.mutants.reports import REPORTS

__all__ = ["HEALTHY", "MUTANTS", "Mutant"]

MUTANTS = (*DESIGN, *REPORTS)
HEALTHY: dict[str, Callable[[int], dict]] = {
    "encoder–decoder": healthy.build,
    "language model": language.build,
    "with learned positions": partial(language.build, model=language.LearnedPositions),
    "with a window": partial(language.build, model=language.Windowed),
    "in torch's kernels": partial(language.build, model=language.Fused),
}
