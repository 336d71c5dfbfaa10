"""The root command: options for all, the groups, and the one place where errors become exit codes."""

import logging
import sys
from pathlib import Path
from typing import Annotated

import typer

from zhanggui import __version__
from zhanggui.cli.common import chosen, err
from zhanggui.cli.options import lazy_group, option
from zhanggui.kernel.errors import BadInput, ZhangguiError

_PLACES = {
    "audit": "zhanggui.cli.audit:cli",
    "backup": "zhanggui.cli.backup:backup",
    "batch": "zhanggui.cli.batch:cli",
    "catalog": "zhanggui.cli.catalog:cli",
    "chat": "zhanggui.cli.chat:cli",
    "complaints": "zhanggui.cli.complaints:cli",
    "customers": "zhanggui.cli.customers:cli",
    "demo": "zhanggui.cli.demo:demo",
    "desk": "zhanggui.cli.desk:cli",
    "doctor": "zhanggui.cli.doctor:doctor",
    "jobs": "zhanggui.cli.jobs:cli",
    "marketing": "zhanggui.cli.marketing:cli",
    "knowledge": "zhanggui.cli.knowledge:cli",
    "mcp": "zhanggui.cli.mcp:mcp",
    "models": "zhanggui.cli.models:cli",
    "orders": "zhanggui.cli.orders:cli",
    "planning": "zhanggui.cli.planning:cli",
    "restore": "zhanggui.cli.backup:restore",
    "serve": "zhanggui.cli.serve:serve",
    "settings": "zhanggui.cli.settings:show",
    "staff": "zhanggui.cli.staff:cli",
    "train": "zhanggui.cli.train:train",
    "webhooks": "zhanggui.cli.webhooks:cli",
}

cli = lazy_group("Zhanggui 掌柜: the AI operations desk for online shops.", _PLACES, name="zhanggui")


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
