"""Typer reads a name that click has marked for its next major version; that is said once, at its import, and is not ours."""

import warnings

with warnings.catch_warnings():
    warnings.simplefilter("ignore", DeprecationWarning)
    import typer  # noqa: F401 - for its warning alone
