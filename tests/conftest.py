"""Settings for property tests: no time limit, since no test here is about time, and the same
examples in every run, so that a failure is everyone's."""

from hypothesis import settings

pytest_plugins = ["tests.browser.fixtures"]

settings.register_profile("attnlab", deadline=None, derandomize=True)
# For `make mutants`, which runs them hundreds of times: ten examples of each property.
settings.register_profile("mutants", deadline=None, derandomize=True, max_examples=10)
settings.load_profile("attnlab")
