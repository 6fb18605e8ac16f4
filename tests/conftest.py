"""Settings for property tests: no time limit, since no test here is about time, and the same
examples in every run, so that a failure is everyone's."""

import sys

import pytest
from hypothesis import settings

pytest_plugins = ["tests.browser.fixtures"]

settings.register_profile("attnlab", deadline=None, derandomize=True)
# For `make mutants`, which runs them hundreds of times: ten examples of each property.
settings.register_profile("mutants", deadline=None, derandomize=True, max_examples=10)
settings.load_profile("attnlab")


@pytest.fixture(autouse=True)
def _seeded():
    """What a test draws does not hang on which tests ran before it."""
    if "torch" in sys.modules:  # most tests of NumPy alone do without it
        # torch.manual_seed writes the stack down, for devices that may come, in every test.
        sys.modules["torch"].default_generator.manual_seed(0)
