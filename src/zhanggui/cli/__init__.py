"""The command line: one file per capability; parse, call, print."""

from zhanggui.cli.root import main

__all__ = ["main"]
