"""`zhanggui customers`: what the whole desk keeps of one person, given to them or erased."""

from typing import Annotated

import orjson
import typer

from zhanggui.cli.common import opened, out, working
from zhanggui.cli.options import argument, group, option

cli = group("One person across the whole desk: export, erase.")
Who = Annotated[str, argument(help="Id of the customer, shop:customer, or an e-mail address.")]


@cli.command()
def export(who: Who) -> None:
    """Print everything that is kept of a person, as JSON."""
    with opened() as app, working(app) as uow:
        typer.echo(orjson.dumps(app.people.export(uow, who), option=orjson.OPT_INDENT_2).decode())


@cli.command()
def erase(who: Who, yes: Annotated[bool, option("--yes", help="Do it without asking.")] = False) -> None:
    """Erase a person everywhere; amounts of orders stay as nobody's, the audit keeps one hash."""
    if not yes:
        typer.confirm(f"Erase {who} for good?", abort=True, err=True)
    with opened() as app:
        with working(app) as uow:
            done = app.people.erase(uow, who)
        app.people.finish(app.settings.merchant)
    out.print(", ".join(f"{count} {name}" for name, count in done.records.items()))
