"""Tables in the documents that the code itself knows: `python -m tests.docs.tables` writes them, a test compares.

They stand between marks such as `<!-- table:settings -->` and `<!-- /table -->`.
"""

import re
import sys
from collections.abc import Callable, Iterator
from functools import cache
from typing import Any, cast

import click
import typer

from tests.docs.markdown import PAGES
from zhanggui.cli.root import cli
from zhanggui.settings import describe

_MARK = re.compile(r"(<!-- table:(?P<name>\w+) -->\n).*?(<!-- /table -->)", re.DOTALL)


@cache
def command_tree() -> dict[str, Any]:
    """Every command by its whole name, groups included: `batch`, `batch copy` ..."""
    found: dict[str, Any] = {}

    def walk(group: Any, above: str) -> None:
        context = click.Context(group)
        for name in group.list_commands(context):
            command = found[f"{above}{name}"] = group.get_command(context, name)
            if hasattr(command, "list_commands"):
                walk(command, f"{above}{name} ")

    walk(cast(Any, typer.main.get_command(cli)), "")
    return found


def leaves() -> dict[str, Any]:
    """Every command that does something, by its whole name."""
    return {name: command for name, command in sorted(command_tree().items()) if not hasattr(command, "list_commands")}


def _settings() -> Iterator[str]:
    yield "| variable | default | what it does |\n|---|---|---|\n"
    for variable, default, text in describe():
        yield f"| `{variable}` | {f'`{default}`' if default else ''} | {text} |\n"


def _commands() -> Iterator[str]:
    yield "| command | what it does |\n|---|---|\n"
    for name, command in leaves().items():
        text = " ".join((command.help or "").split("\n\n")[0].split())
        yield f"| `zhanggui {name}` | {text} |\n"


TABLES: dict[str, Callable[[], Iterator[str]]] = {"settings": _settings, "commands": _commands}


def fill(text: str) -> str:
    """The document with every marked table as the code has it now."""
    return _MARK.sub(lambda mark: mark[1] + "".join(TABLES[mark["name"]]()) + mark[3], text)


if __name__ == "__main__":
    for page in PAGES:
        old = page.read_text(encoding="utf-8")
        new = fill(old)
        if new != old:
            page.write_text(new, encoding="utf-8")
            sys.stdout.write(f"filled: {page.name}\n")
