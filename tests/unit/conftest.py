"""Settings for property tests: no time limit, since no test here is about time, and the same
examples in every run, so that a failure is everyone's."""

from hypothesis import settings

settings.register_profile("attnlab", deadline=None, derandomize=True)
settings.load_profile("attnlab")
