"""`zhanggui chat`: who waits for a person, how conversations ended, when people are on duty."""

from datetime import timedelta
from pathlib import Path
from typing import Annotated

import orjson
import typer
from rich.table import Table

from zhanggui.cli.common import opened, out, working
from zhanggui.cli.options import argument, group, option
from zhanggui.kernel.errors import BadInput
from zhanggui.support import hours_json, office_hours

cli = group("Chat: who waits for a person, how conversations ended, office hours.")


@cli.command()
def waiting() -> None:
    """Every open hand-over: urgent ones first, then the oldest promise."""
    with opened() as app, working(app, read_only=True) as uow:
        found = app.chat.handovers.inbox(uow)
    if not found:
        out.print("Nobody waits for a person.")
        return
    table = Table("Id", "State", "Urgent", "Since", "By", "Wants")
    for one in found:
        since, wants = one.asked_at.isoformat(timespec="minutes"), str(one.summary.get("wants") or one.reason)
        table.add_row(one.id, str(one.state), "yes" if one.urgent else "", since, one.taken_by, wants[:60])
    out.print(table)


@cli.command()
def report(days: Annotated[int, option(min=1, max=730, help="How many days back.")] = 30) -> None:
    """How conversations ended, by topic: resolved only where promises were kept and nobody came back in 7 days."""
    with opened() as app, working(app, read_only=True) as uow:
        now = uow.clock.now()
        lines = app.chat.conversations.report(uow, now - timedelta(days=days), now)
    if not lines:
        out.print("No conversations in these days.")
        return
    table = Table("Topic", "Talks", "Resolved", "Came back", "Unanswered", "Broken", "To people", "Open", "First word",
                  "Cost USD")  # fmt: skip
    for one in lines:
        over = one.conversations - one.open
        resolved = f"{one.resolved / over:.0%}" if over else "-"
        word = "-" if one.first_word_median is None else f"{one.first_word_median:.1f} s"
        table.add_row(one.topic, str(one.conversations), resolved, str(one.came_back), str(one.unanswered),
                      str(one.broken), f"{one.handed_over / one.conversations:.0%}", str(one.open), word,
                      f"{one.cost_micros / 1e6:.4f}")  # fmt: skip
    out.print(table)


@cli.command()
def hours(
    file: Annotated[Path | None, argument(help="JSON with zone, days and closed; without: print what is set.")] = None,
) -> None:
    """Office hours: print them, or set them from a file."""
    with opened() as app, working(app, read_only=file is None) as uow:
        if file is not None:
            app.chat.handovers.set_hours(uow, _json(file))
        told = hours_json(office_hours(uow))
        opens = app.chat.handovers.opens(uow)
    typer.echo(orjson.dumps(told, option=orjson.OPT_INDENT_2).decode())
    out.print(f"Somebody is on duty next: {opens or 'nobody knows'}", highlight=False)


def _json(file: Path) -> object:
    try:
        return orjson.loads(file.read_bytes())
    except (OSError, orjson.JSONDecodeError) as wrong:
        raise BadInput(field="file", expected="a file of JSON", found=str(wrong)) from wrong
