"""Settings for property tests: no time limit per example, since no test here is about time."""

from hypothesis import settings

settings.register_profile("attnlab", deadline=None)
settings.load_profile("attnlab")
