"""`zhanggui complaints`: hear a file of reviews or messages, list, settle, mood, the week's digest."""

from datetime import UTC, date, datetime
from pathlib import Path
from typing import Annotated, Any, cast

import typer
from rich.table import Table

from zhanggui.cli.common import err, opened, out, working
from zhanggui.cli.options import argument, group, option
from zhanggui.connectors.training_rows import Row, read_rows
from zhanggui.kernel.errors import BadInput
from zhanggui.support import SOURCES, ComplaintStore, Feedback, MoodGroup, mood_trends, weekly_digest

cli = group("Complaints and mood: hear texts, list, settle, see how customers feel.")
IdArgument = Annotated[str, argument(help="Id of the complaint.")]
NoteOption = Annotated[str, option(help="What was done, or why it is no complaint.")]


@cli.command()
def hear(
    file: Annotated[Path, argument(help="JSON Lines or CSV: text, and perhaps id, source, at, product_id, rating ...")],
    source: Annotated[str, option(help=f"Where a row names none: one of {', '.join(SOURCES)}.")] = "review",
) -> None:
    """Keep the mood of every text in a file and the complaints that they make; the same rows again change nothing."""
    heard = complaints = failed = 0
    with opened() as app, working(app) as uow:
        for number, row in enumerate(read_rows(file), 1):
            try:
                made = app.complaints.hear(uow, _feedback(row, number, source, uow.clock.now()))
            except BadInput as bad:
                failed += 1
                err.print(f"row {number}: {bad.message}", markup=False, highlight=False, soft_wrap=True)
                continue
            heard += 1
            complaints += made is not None
    out.print(f"{heard} texts heard, {complaints} complaints, {failed} rows failed")
    if failed:
        raise typer.Exit(1)


@cli.command("list")
def list_complaints(
    state: Annotated[str, option(help="open, taken, resolved or dismissed; empty: all.")] = "open",
    kind: Annotated[str, option(help="safety, fraud, logistics, product, service or price.")] = "",
    limit: Annotated[int, option(min=1, max=500, help="How many at most.")] = 50,
) -> None:
    """Complaints, those due first at the head."""
    with opened() as app, working(app, read_only=True) as uow:
        found = ComplaintStore(uow).list(states=(state,) if state else (), kind=kind, limit=limit)
    table = Table("id", "due", "urgency", "kind", "owner", "state", "text")
    for one in found:
        due = one.deadline.isoformat(timespec="minutes")
        table.add_row(one.id, due, one.urgency, one.kind, one.owner, one.state, one.text[:60])
    out.print(table)


@cli.command()
def show(complaint: IdArgument) -> None:
    """One complaint with its evidence, remedies and draft apology."""
    with opened() as app, working(app, read_only=True) as uow:
        one = ComplaintStore(uow).get(complaint)
    lines = (
        f"{one.kind} · {one.urgency} · {one.state} · {one.owner} · {one.deadline.isoformat(timespec='minutes')}",
        one.text,
        f"words: {', '.join(word.text for word in one.words)}",
        *(f"remedy: {remedy.zh if one.locale == 'zh-CN' else remedy.en}" for remedy in one.remedies),
        f"draft: {one.apology}",
    )
    for line in lines:
        out.print(line, markup=False, highlight=False, soft_wrap=True)


@cli.command()
def take(complaint: IdArgument) -> None:
    """Say that you settle it."""
    with opened() as app, working(app) as uow:
        app.complaints.take(uow, complaint)


@cli.command()
def settle(
    complaint: IdArgument,
    note: NoteOption,
    dismiss: Annotated[bool, option("--dismiss", help="It was no complaint.")] = False,
) -> None:
    """Close it with what was done."""
    with opened() as app, working(app) as uow:
        app.complaints.settle(uow, complaint, note, dismissed=dismiss)


@cli.command()
def mood(
    by: Annotated[str, option(help="product, carrier or topic.")] = "product",
    days: Annotated[int, option(min=1, max=90, help="Length of now; before is four times as long.")] = 7,
) -> None:
    """How customers feel now and before, the worst change first."""
    with opened() as app, working(app, read_only=True) as uow:
        found = mood_trends(uow, cast(MoodGroup, by), window=days)
    table = Table("name", "texts", "negative", "before", "change")
    for one in found:
        before = "" if one.before_share is None else f"{one.before_share:.0%}"
        table.add_row(one.name, str(one.texts), f"{one.negative_share:.0%}", before, "worse" if one.worse else "")
    out.print(table)


@cli.command()
def digest(
    end: Annotated[str, option(help="Last day of the week, as 2026-03-08; today without.")] = "",
) -> None:
    """A week in figures and customers' own words, personal data masked."""
    with opened() as app, working(app, read_only=True) as uow:
        told = weekly_digest(uow, end=_day(end))
    out.print(f"{told.start} – {told.end}: {told.texts} texts, {told.negative_share:.0%} negative")
    for kind, count in told.complaints.items():
        out.print(f"  {kind}: {count}")
    out.print(f"  overdue {told.overdue}, settled {told.settled}")
    for one in told.worse:
        out.print(f"  worse: {one.name} ({one.negative_share:.0%})", markup=False)
    for quote in told.quotes:
        out.print(f"“{quote.text}” ({quote.source} {quote.source_id})", markup=False, soft_wrap=True)


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text) if text else None
    except ValueError as wrong:
        raise BadInput(field="--end", expected="a day such as 2026-03-08", found=text) from wrong


def _feedback(row: Row, number: int, source: str, now: datetime) -> Feedback:
    if isinstance(row, list):
        raise BadInput(row=number, field="text", expected="a file with named columns", found=str(row)[:80])
    rating = str(row.get("rating") or "").strip()
    if rating and not rating.isdigit():
        raise BadInput(row=number, field="rating", expected="1 to 5", found=rating[:40])

    def text(name: str) -> str:
        value = row.get(name)
        return "" if value is None else str(value)

    return Feedback(
        cast(Any, text("source") or source), text("id") or str(number), text("text"),
        _moment(text("at"), number) or now,
        text("customer_id"), text("order_id"), text("product_id"), text("carrier"), int(rating) if rating else None,
    )  # fmt: skip


def _moment(text: str, number: int) -> datetime | None:
    try:
        at = datetime.fromisoformat(text) if text else None
    except ValueError as wrong:
        raise BadInput(row=number, field="at", expected="a time such as 2026-03-08T12:00Z", found=text) from wrong
    return at.replace(tzinfo=UTC) if at is not None and at.tzinfo is None else at
