"""Exercises that mark themselves.

A chapter's checks are in the module of its name; :func:`check` is what a learner's cell calls, and
what an instructor's grader calls with the learner's namespace.
"""

from ._check import Hint, Result, check, exercise, exercises_of, grade

__all__ = ["Hint", "Result", "check", "exercise", "exercises_of", "grade"]
