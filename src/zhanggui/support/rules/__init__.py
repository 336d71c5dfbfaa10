"""Decisions of support, as pure functions."""
