"""Typer reads a name that click will drop in its next major version: a warning at its import, and not ours to mend."""

import warnings

with warnings.catch_warnings():
    warnings.simplefilter("ignore", DeprecationWarning)
    import typer  # noqa: F401 - for its warning alone
