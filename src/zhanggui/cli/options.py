"""Typer's options and arguments with types that a strict checker accepts (Typer's own are partly unknown to it)."""

from collections.abc import Callable
from typing import Any, cast

import typer

_typer = cast(Any, typer)


def option(*names: str, help: str, **more: Any) -> Any:
    """An option; further arguments as `typer.Option` takes them."""
    return _typer.Option(*names, help=help, **more)


def argument(*, help: str, **more: Any) -> Any:
    """A positional argument; further arguments as `typer.Argument` takes them."""
    return _typer.Argument(help=help, **more)


def group(help: str, **more: Any) -> typer.Typer:
    """A group of commands that shows its help when called without one."""
    make = cast(Callable[..., typer.Typer], typer.Typer)
    return make(help=help, no_args_is_help=True, pretty_exceptions_enable=False, rich_markup_mode=None, **more)
