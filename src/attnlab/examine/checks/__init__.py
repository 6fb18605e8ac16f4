"""What is examined, in the order of weight."""

from attnlab.examine.checks.future import future

CHECKS = {"the future": future}
