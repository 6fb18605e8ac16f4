"""Whole networks that two chapters or more train."""
