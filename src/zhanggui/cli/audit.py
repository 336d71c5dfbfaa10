"""`zhanggui audit`: read the trail, verify the chain."""

from typing import Annotated

import typer

from zhanggui.cli.common import err, me, opened, out, working
from zhanggui.cli.options import group, option
from zhanggui.kernel.audit import AuditLog

cli = group("Who did what and why: read it, verify it.")


@cli.command()
def verify() -> None:
    """Walk every merchant's chain; exits with 1 and names every edited or missing row."""
    broken = 0
    with opened() as app:
        for merchant in app.merchants.all():
            with app.database.begin(merchant.id, me(), read_only=True) as uow:
                rows = AuditLog(uow).read(limit=1).total
                problems = list(AuditLog(uow).verify())
            for problem in problems:
                err.print(f"{merchant.id}: row {problem.seq}: {problem.reason}", markup=False)
            broken += len(problems)
            out.print(f"{merchant.id}: {rows} rows, {'whole' if not problems else 'BROKEN'}", markup=False)
    if broken:
        raise typer.Exit(1)


@cli.command("list")
def list_rows(
    limit: Annotated[int, option(min=1, max=1000, help="How many rows, newest first.")] = 20,
    subject: Annotated[str | None, option(help="Only rows about this.")] = None,
) -> None:
    """Print the newest rows."""
    with opened() as app, working(app, read_only=True) as uow:
        for row in AuditLog(uow).read(subject=subject, limit=limit).items:
            out.print(
                f"{row.seq:>6}  {row.at:%Y-%m-%d %H:%M:%S}  {row.actor}  {row.action}  {row.subject}",
                markup=False,
                highlight=False,
            )
