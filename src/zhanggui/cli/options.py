"""Typer's options and arguments with types that a strict checker accepts (Typer's own are partly unknown to it)."""

from collections.abc import Callable, Mapping
from importlib import import_module
from typing import Any, cast

import click
import typer
from typer.core import TyperGroup

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


def lazy_group(help: str, places: Mapping[str, str], **more: Any) -> typer.Typer:
    """A group whose commands are imported only when they are called or listed: a start pays for what it runs.

    Args:
        help: what the group is for.
        places: for each command `module:name` of a function, or of a group made by `group` or `lazy_group`.
        more: further arguments as `typer.Typer` takes them.
    """

    class Lazy(TyperGroup):
        def list_commands(self, ctx: click.Context) -> list[str]:
            return sorted(places)

        def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
            if cmd_name not in places:
                return None
            module, _, name = places[cmd_name].partition(":")
            return _command(cmd_name, getattr(import_module(module), name))

    return group(help, cls=Lazy, **more)


def _command(name: str, what: Any) -> click.Command:
    holder = group("")
    if isinstance(what, typer.Typer):
        holder.add_typer(what, name=name)
    else:
        holder.command(name)(what)
    whole = typer.main.get_group(holder)
    return whole.commands[name]
