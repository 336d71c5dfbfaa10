"""`zhanggui desk`: the inbox and the levels of autonomy from the command line."""

from typing import Annotated

import orjson
import typer
from rich.table import Column, Table

from zhanggui.cli.common import opened, out, working
from zhanggui.cli.options import argument, group, option
from zhanggui.desk import AUTONOMY_LEVELS, Autonomy, Filter, Inbox, State
from zhanggui.kernel.errors import BadInput

cli = group("Proposals: list, show, approve, reject, undo; autonomy per kind.")
ProposalId = Annotated[str, argument(help="Id of the proposal.")]


@cli.command("list")
def list_proposals(
    state: Annotated[State | None, option(help="Only this state.")] = State.WAITING,
    limit: Annotated[int, option(min=1, max=500, help="How many.")] = 20,
) -> None:
    """What waits for a person, newest first."""
    with opened() as app, working(app, read_only=True) as uow:
        page = Inbox.page(uow, Filter((state,) if state else ()), limit=limit)
    if not page.items:
        out.print("Nothing here.")
        return
    table = Table(Column("Id", no_wrap=True), "Kind", "Title", "Sure", "Blocked by")
    for one in page.items:
        blocked = ", ".join(check.name for check in one.blocked)
        table.add_row(one.id, one.kind, one.title, f"{one.confidence:.0%}", blocked)
    out.print(table)
    out.print(f"{len(page.items)} of {page.total}")


@cli.command()
def show(proposal: ProposalId) -> None:
    """One proposal whole, as JSON."""
    with opened() as app, working(app, read_only=True) as uow:
        out.print_json(data=_shown(Inbox.get(uow, proposal)))


@cli.command()
def approve(proposal: ProposalId) -> None:
    """Approve and apply."""
    with opened() as app, working(app) as uow:
        app.desk.approve(uow, proposal)
        done = app.desk.apply(uow, proposal)
    out.print(f"{done.id} {done.state} {done.error}".rstrip(), markup=False)
    if done.state is State.FAILED:
        raise typer.Exit(1)


@cli.command()
def reject(proposal: ProposalId, reason: Annotated[str, option(help="Why; it is kept.")]) -> None:
    """Say no, with the reason."""
    with opened() as app, working(app) as uow:
        done = app.desk.reject(uow, proposal, reason=reason)
    out.print(f"{done.id} {done.state}", markup=False)


@cli.command()
def undo(proposal: ProposalId, reason: Annotated[str, option(help="Why; it is kept.")] = "") -> None:
    """Take an applied proposal back."""
    with opened() as app, working(app) as uow:
        done = app.desk.undo(uow, proposal, reason=reason)
    out.print(f"{done.id} {done.state}", markup=False)


@cli.command()
def autonomy(
    kind: Annotated[str | None, argument(help="Kind to change.")] = None,
    level: Annotated[str | None, argument(help="off, shadow, propose or auto.")] = None,
) -> None:
    """Show every kind's level and agreement, or choose one kind's level."""
    with opened() as app, working(app) as uow:
        if kind is not None and level is not None:
            app.desk.autonomies.set(uow, kind, autonomy=_level(level))
        table = Table("Kind", "Level", "Decided by people", "Agreed", "At least", "Undone", "May be raised to auto")
        for settings, agreement in app.desk.autonomies.all(uow):
            _, why = app.desk.autonomies.may_promote(uow, settings.kind)
            table.add_row(
                settings.kind, settings.autonomy, str(agreement.decided), f"{agreement.rate:.0%}",
                f"{agreement.lower:.0%}", f"{agreement.undo_rate:.0%}", why,
            )  # fmt: skip
    out.print(table)


def _level(text: str) -> Autonomy:
    for level in AUTONOMY_LEVELS:
        if level == text:
            return level
    raise BadInput(field="level", expected=" | ".join(AUTONOMY_LEVELS), found=text)


def _shown(proposal: object) -> object:
    return orjson.loads(orjson.dumps(proposal, default=str))
