"""`zhanggui orders`: import, list, show; connect shops and ask them what changed."""

from contextlib import AbstractContextManager
from pathlib import Path
from typing import Annotated

import typer
from rich.table import Table

from zhanggui.app import App
from zhanggui.cli.columns import ColumnsOption, order_columns
from zhanggui.cli.common import err, opened, out, working
from zhanggui.cli.options import argument, group, option
from zhanggui.cli.orders_desk import add_commands
from zhanggui.connectors.order_files import ORDER_FORMATS, OpenOrders, open_orders
from zhanggui.connectors.tabular import Limits
from zhanggui.kernel.errors import BadInput
from zhanggui.orders import (
    RECONCILE_JOB,
    OrderImportOutcome,
    OrderPreflight,
    OrderQuery,
    dry_run_orders,
    import_orders,
    order_details,
    order_import_history,
    preflight_orders,
    search_orders,
    undo_order_import,
)

cli = group("Orders: import, list, show, reconcile.")
FileArgument = Annotated[
    Path, argument(help="CSV, JSON or JSON Lines (plain, .gz or .zip), Parquet, or Olist's folder.")
]
FormatOption = Annotated[str, option("--format", help=f"One of {', '.join(ORDER_FORMATS)}.")]


@cli.command("check-file")
def check_file(file: FileArgument, kind: FormatOption = "auto", columns: ColumnsOption = "") -> None:
    """Read a file of orders and report on it; touches nothing."""
    with opened() as app, _orders(app, file, kind, columns) as orders:
        _print_preflight(preflight_orders(orders))


@cli.command("import")
def import_file(
    file: FileArgument,
    shop: Annotated[str, option(help="Shop (sales channel) that the orders belong to.")] = "file",
    kind: FormatOption = "auto",
    columns: ColumnsOption = "",
    dry: Annotated[bool, option("--dry-run", help="Say what would change, change nothing.")] = False,
) -> None:
    """Import orders: good ones load, bad rows are named; the whole import can be undone."""
    with (
        opened() as app,
        _orders(app, file, kind, columns) as orders,
        working(app, read_only=dry) as uow,
    ):
        outcome = (dry_run_orders if dry else import_orders)(uow, orders, shop_id=shop)
    _print_outcome(outcome)
    if outcome.rejected:
        raise typer.Exit(1)


@cli.command("undo-import")
def take_back(batch: Annotated[str, argument(help="Id that the import printed.")]) -> None:
    """Remove the orders that an import made and restore those it changed."""
    with opened() as app, working(app) as uow:
        undone = undo_order_import(uow, batch)
    out.print(f"{undone.removed} removed, {undone.restored} restored, {len(undone.left)} left (changed since)")


@cli.command()
def imports() -> None:
    """The newest imports of orders."""
    with opened() as app, working(app, read_only=True) as uow:
        for batch in order_import_history(uow, limit=20):
            out.print(f"{batch.id}  {batch.status}  {batch.format}  {batch.file_name}  {batch.counts}", markup=False)


@cli.command("list")
def list_orders(
    text: Annotated[str, argument(help="Start of a number, an id, a SKU, or part of a customer's name.")] = "",
    state: Annotated[str, option(help="placed, accepted, held, cancelled or closed.")] = "",
    decision: Annotated[str, option(help="accept or hold: the decision on arrival.")] = "",
    limit: Annotated[int, option(min=1, max=500, help="How many.")] = 20,
) -> None:
    """Find orders, newest first."""
    with opened() as app, working(app, read_only=True) as uow:
        page = search_orders(uow, OrderQuery(text=text, state=state, decision=decision, limit=limit))
    if not page.items:
        out.print("Nothing found." if text or state or decision else "No orders yet: `zhanggui orders import FILE`.")
        return
    table = Table("Id", "Placed", "State", "Payment", "Delivery", "Arrival", "Total", "Customer")
    for one in page.items:
        placed = one.placed_at.strftime("%Y-%m-%d %H:%M")
        states = (one.state, one.payment_state, one.delivery_state, one.decision)
        table.add_row(one.id, placed, *states, str(one.total), one.customer_name or one.customer_id)
    out.print(table)
    out.print(f"{len(page.items)} of {page.total}")


@cli.command()
def show(order: Annotated[str, argument(help="Id of the order.")]) -> None:
    """One order: its lines, what does not fit, its timeline."""
    with opened() as app, working(app, read_only=True) as uow:
        found = order_details(uow, order)
    line = found.summary
    states = f"{line.state}, {line.payment_state}, {line.delivery_state}"
    out.print(f"{line.id}  {line.number}  {states}  {line.total}  arrival: {line.decision}", markup=False)
    for item in found.told.lines:
        out.print(f"  {item.quantity} x {item.sku or '-'}  {item.title}  {item.unit_price}", markup=False)
    for rule in found.rules:
        if not rule["passed"]:
            err.print(f"held: {rule['id']}: {rule['en']}", markup=False)
    for step in found.timeline:
        what = f"{step.thing} {step.thing_id}: {step.event} ({step.before or 'new'} -> {step.after})"
        out.print(f"  {step.at:%Y-%m-%d %H:%M}  {what}  {step.who}: {step.why}", markup=False)


@cli.command()
def reconcile() -> None:
    """Ask every connected shop what changed; runs here and now."""
    with opened() as app:
        with working(app) as uow:
            job_id = app.jobs.start(uow, RECONCILE_JOB, {"all": True})
        app.jobs.run(app.settings.merchant, job_id)
        with working(app, read_only=True) as uow:
            items = app.jobs.items(uow, job_id, limit=1_000).items
        for item in items:
            shown = item.result or {}
            told = item.error or f"{shown.get('seen')} seen, {shown.get('missed')} new or newer"
            out.print(f"{item.key}: {told}", markup=False)
        if any(item.error for item in items):
            raise typer.Exit(1)


add_commands(cli)


def _orders(app: App, file: Path, kind: str, columns: str) -> AbstractContextManager[OpenOrders]:
    mapping = order_columns(app, columns)
    return open_orders(file, _currency(app), kind=kind, mapping=mapping, limits=_limits(app))


def _currency(app: App) -> str:
    return app.merchants.get(app.settings.merchant).currency


def _limits(app: App) -> Limits:
    return Limits(unpacked_bytes=app.settings.max_upload_mb << 20)


def _print_preflight(report: OrderPreflight) -> None:
    out.print(f"{report.file_name}: {report.format}, {report.encoding}, {report.orders} orders", markup=False)
    if report.orders:
        amounts = ", ".join(f"{count} in {currency}" for currency, count in report.currencies.items())
        out.print(f"placed {report.first_placed} to {report.last_placed}; {amounts}", markup=False)
    for column, field in report.columns.items():
        out.print(f"  {column} -> {field or '(not used)'}", markup=False)
    for warning in report.warnings:
        err.print(f"warning: {warning}", markup=False)
    if report.duplicates:
        err.print(f"orders more than once: {', '.join(report.duplicates[:20])}", markup=False)
    _print_problems(report.problems, report.problem_count)


def _print_outcome(outcome: OrderImportOutcome) -> None:
    done = "would be " if outcome.import_id is None else ""
    out.print(
        f"{outcome.created} {done}created, {outcome.changed} {done}changed, {outcome.unchanged} unchanged, "
        f"{outcome.stale} older than what is here, {outcome.held} held, {outcome.rejected} rejected"
    )
    if outcome.import_id is not None:
        out.print(f"import {outcome.import_id}; take it back with `zhanggui orders undo-import {outcome.import_id}`")
    _print_problems(outcome.problems, outcome.rejected)


def _print_problems(problems: tuple[BadInput, ...], count: int) -> None:
    for bad in problems[:20]:
        err.print(bad.message, markup=False, highlight=False)
    if count > 20:
        err.print(f"… and {count - 20} more")
