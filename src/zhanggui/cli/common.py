"""What every command shares: the installation, the console to print on, errors as one clear line."""

import getpass
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from rich.console import Console

from zhanggui.settings import Settings, read_settings

# The house is imported where it is used: loading all of it takes seconds, and most commands on files need little of it.
if TYPE_CHECKING:
    from zhanggui.app import App
    from zhanggui.kernel.storage import Actor, UnitOfWork
    from zhanggui.kernel.textmodels import Registry

out = Console()
err = Console(stderr=True)


@dataclass
class Chosen:
    """The options given before the command."""

    config: Path | None = None
    merchant: str | None = None


chosen = Chosen()


def settings(**overrides: object) -> Settings:
    """Settings from the environment and the file, with the options of the command line on top."""
    if chosen.merchant is not None:
        overrides["merchant"] = chosen.merchant
    return read_settings(chosen.config, **overrides)


def text_models() -> "Registry":
    """The chosen merchant's own small models; files, usable without the database."""
    from zhanggui.kernel.textmodels import registry_of

    found = settings()
    return registry_of(found.data_dir, found.merchant)


@contextmanager
def opened(**overrides: object) -> "Generator[App]":
    """The installation, closed at the end."""
    from zhanggui.app import build

    app = build(settings(**overrides))
    try:
        yield app
    finally:
        app.close()


def me() -> "Actor":
    """Who runs the command: the name at the machine."""
    from zhanggui.kernel.storage import Actor

    try:
        return Actor("person", f"cli:{getpass.getuser()}")
    except (KeyError, OSError):  # a container's user may have no name
        return Actor("person", "cli")


@contextmanager
def working(app: "App", *, read_only: bool = False) -> "Generator[UnitOfWork]":
    """A transaction for the chosen merchant."""
    with app.database.begin(app.settings.merchant, me(), read_only=read_only) as uow:
        yield uow
