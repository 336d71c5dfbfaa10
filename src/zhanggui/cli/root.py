"""The root command: options for all, the groups, and the one place where errors become exit codes."""

import logging
import sys
from pathlib import Path
from typing import Annotated

import typer

from zhanggui import __version__
from zhanggui.cli import audit, batch, catalog, demo, desk, jobs, models, orders, serve, staff, train
from zhanggui.cli import mcp as mcp_command
from zhanggui.cli import settings as settings_command
from zhanggui.cli.common import chosen, err
from zhanggui.cli.options import group, option
from zhanggui.kernel.errors import BadInput, ZhangguiError

cli = group("Zhanggui 掌柜: the AI operations desk for online shops.", name="zhanggui")


def _version(wanted: bool) -> None:
    if wanted:
        typer.echo(__version__)
        raise typer.Exit


@cli.callback()
def options(
    config: Annotated[Path | None, option(help="TOML file with settings; else zhanggui.toml here.")] = None,
    merchant: Annotated[str | None, option(help="Merchant to work for, where there are several.")] = None,
    version: Annotated[
        bool, option("--version", callback=_version, is_eager=True, help="Print the version and stop.")
    ] = False,
) -> None:
    """Zhanggui 掌柜: the AI operations desk for online shops."""
    chosen.config, chosen.merchant = config, merchant


for name, commands in (
    ("audit", audit.cli),
    ("batch", batch.cli),
    ("catalog", catalog.cli),
    ("desk", desk.cli),
    ("jobs", jobs.cli),
    ("models", models.cli),
    ("orders", orders.cli),
    ("staff", staff.cli),
):
    cli.add_typer(commands, name=name)
cli.command("demo")(demo.demo)
cli.command("mcp")(mcp_command.mcp)
cli.command("serve")(serve.serve)
cli.command("settings")(settings_command.show)
cli.command("train")(train.train)


def main() -> None:
    """Run the command line; exits with 0, 1 (something failed), 2 (arguments), 130 (interrupted)."""
    logging.basicConfig(level=logging.WARNING, format="%(levelname)s %(name)s: %(message)s")
    try:
        cli(standalone_mode=True)
    except ZhangguiError as failed:
        err.print(f"zhanggui: {failed.message}", markup=False, highlight=False, soft_wrap=True)
        sys.exit(2 if isinstance(failed, BadInput) and failed.field.startswith("--") else 1)
    except KeyboardInterrupt:
        err.print("zhanggui: interrupted")
        sys.exit(130)
    except BrokenPipeError:
        sys.exit(0)
