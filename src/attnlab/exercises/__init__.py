"""Exercises that mark themselves.

A chapter's checks are in its room's `exercises`; :func:`check` is what a learner's cell calls, and
:func:`grade` what an instructor's grader calls with the learner's namespace. :func:`rubric` prints
the points by which a person marks an exercise in writing.
"""

from attnlab.exercises.hint import Hint
from attnlab.exercises.marking import Result, check, exercise, exercises_of, grade
from attnlab.exercises.written import rubric

__all__ = ["Hint", "Result", "check", "exercise", "exercises_of", "grade", "rubric"]
