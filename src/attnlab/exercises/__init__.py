"""Exercises that mark themselves.

A chapter's checks are in its room's `exercises`; :func:`check` is what a learner's cell calls, and
what an instructor's grader calls with the learner's namespace.
"""

from attnlab.exercises.marking import Hint, Result, check, exercise, exercises_of, grade

__all__ = ["Hint", "Result", "check", "exercise", "exercises_of", "grade"]
