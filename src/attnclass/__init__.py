"""Classes: what instructors run, from a chapter's notebook to a gradebook."""

__version__ = "0.2.0"
