"""`zhanggui planning`: forecast demand, look at it, correct it, keep stock records, propose what to buy."""

import csv
from datetime import date
from pathlib import Path
from typing import Annotated

import typer
from rich.table import Column, Table

from zhanggui.cli.common import err, opened, out, working
from zhanggui.cli.options import argument, group, option
from zhanggui.connectors.tabular import open_text
from zhanggui.kernel.errors import BadInput
from zhanggui.planning import HORIZON, ForecastStore, StockItem, StockStore, propose_restock, read_stock_row, staff_of

cli = group("Planning: demand, stock, what to buy.")
Sku = Annotated[str, argument(help="The SKU.")]


@cli.command("forecast")
def make_forecast(
    horizon: Annotated[int, option(min=1, max=365, help="Days ahead.")] = HORIZON,
) -> None:
    """Forecast every SKU from the shop's own orders and keep the forecasts."""
    with opened() as app, working(app) as uow:
        done = app.planner.run(uow, horizon)
    if done.first is None:
        out.print("No orders yet: nothing to forecast.")
        return
    short = done.series - done.enough
    out.print(f"{done.enough} SKUs forecast for {done.horizon} days from {done.first}; {short} have too little history")


@cli.command()
def show(sku: Sku, days: Annotated[int, option(min=1, max=365, help="Days ahead.")] = 14) -> None:
    """One SKU's forecast, its back-test, people's numbers and sales events."""
    with opened() as app, working(app, read_only=True) as uow:
        seen = app.planner.outlook(uow, sku, ahead_days=days)
        score = app.planner.override_score(uow, sku)
    info = seen.info
    out.print(f"{sku}: {info.status}; {info.model}; {info.history_days} days of history", markup=False)
    if info.mase is not None and info.naive_mase is not None and info.coverage80 is not None:
        held = f"the 80 % interval held {info.coverage80:.0%}"
        out.print(f"back-test: MASE {info.mase:.2f} (naive {info.naive_mase:.2f}); {held}", markup=False)
    if score is not None:
        text = f"people's numbers were off by {score.people:.1f} a day, the model's by {score.model:.1f}"
        out.print(f"{text}, over {score.days} days", markup=False)
    table = Table("Day", *(Column(name, justify="right") for name in ("Expected", "Low 80", "High 80")), "By", "Event")
    for day in seen.days:
        by = "model" if day.planned is None else f"person: {day.reason}"
        events = ", ".join(event.name for event in seen.events if event.first <= day.day <= event.last)
        table.add_row(str(day.day), f"{day.expected:.1f}", f"{day.low80:.1f}", f"{day.high80:.1f}", by, events)
    out.print(table)


@cli.command()
def workload(
    days: Annotated[int, option(min=1, max=365, help="Days ahead.")] = 28,
    per_person: Annotated[float, option(min=0, help="Parcels that one person packs a day; 0 leaves people out.")] = 0,
) -> None:
    """Orders of the next days, parcels of each warehouse, and how many people pack them."""
    with opened() as app, working(app, read_only=True) as uow:
        told = app.staffing.tell(app.staffing.read(uow), days)
    if not told.days:
        out.print(f"No forecast: {told.status}", markup=False)
        return
    if told.back_test is not None:
        test = told.back_test
        held = f"the 80 % interval held {test.coverage80:.0%}"
        out.print(f"back-test: MASE {test.mase:.2f} (naive {test.naive_mase:.2f}); {held}", markup=False)
    heads = ["Orders", "Low 80", "High 80", *(f"Parcels {name}".strip() for name in told.parcels_per_order)]
    if per_person:
        heads += [f"People {name}".strip() for name in staff_of(told.days[0], told, per_person)]
    table = Table("Day", *(Column(name, justify="right") for name in heads))
    for day in told.days:
        row = [f"{day.orders:.1f}", f"{day.low80:.1f}", f"{day.high80:.1f}"]
        row += [f"{count:.1f}" for count in day.parcels.values()]
        row += [str(count) for count in staff_of(day, told, per_person).values()] if per_person else []
        table.add_row(f"{day.day} {day.day:%a}", *row)
    out.print(table)


@cli.command()
def override(
    sku: Sku,
    first: Annotated[str, argument(help="First day, such as 2026-11-11.")],
    last: Annotated[str, argument(help="Last day.")],
    units: Annotated[float, argument(help="Units a day.")],
    reason: Annotated[str, option(help="Why the model is wrong here.")],
) -> None:
    """Put your own units a day in place of the model's for some days."""
    with opened() as app, working(app) as uow:
        own = app.planner.override(uow, sku, (_day(first, "first"), _day(last, "last")), units, reason)
    out.print(f"{own.id}: {sku} {own.first_day} to {own.last_day}, {own.units:g} a day", markup=False)


@cli.command()
def withdraw(override_id: Annotated[str, argument(help="Id of the override.")]) -> None:
    """Take your own number back; it stays in the history."""
    with opened() as app, working(app) as uow:
        ForecastStore(uow).withdraw(override_id)
    out.print("withdrawn")


@cli.command()
def stock(
    load: Annotated[Path | None, option(help="CSV of stock records to load first: sku,on_hand,lead_days,...")] = None,
) -> None:
    """Every SKU with a stock record: what is there, how long it lasts, what to order."""
    bad = 0
    with opened() as app, working(app) as uow:
        if load is not None:
            items, problems = _read_stock(load)
            for problem in problems:
                err.print(f"{load.name}: {problem.message}", markup=False)
            bad = len(problems)
            StockStore(uow).put(items)
        found = app.planner.advice(uow)
    names = ("Position", "Lasts days", "Reorder at", "Up to", "Order")
    table = Table("SKU", *(Column(name, justify="right") for name in names), "Forecast")
    for item, advice, status in found:
        lasts = "-" if advice.cover_days is None else f"{advice.cover_days:.1f}"
        numbers = (str(item.position), lasts, f"{advice.reorder_point:.0f}", f"{advice.target:.0f}")
        table.add_row(item.sku, *numbers, str(advice.quantity or "-"), status)
    out.print(table)
    if bad:
        raise typer.Exit(1)


@cli.command()
def restock(
    budget: Annotated[int | None, option(min=0, help="At most this much, in minor units of the currency.")] = None,
) -> None:
    """Propose a purchase order for each supplier; they wait on the desk."""
    with opened() as app, working(app) as uow:
        made = propose_restock(uow, app.planner, app.desk, budget_minor=budget)
    for proposal in made:
        out.print(f"{proposal.id} {proposal.state}: {proposal.title}", markup=False)
    if not made:
        out.print("Nothing to buy.")


def _day(text: str, field: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError as broken:
        raise BadInput(field=field, expected="a day such as 2026-11-11", found=text) from broken


def _read_stock(path: Path) -> tuple[list[StockItem], list[BadInput]]:
    if not path.is_file():
        raise BadInput(field="--load", expected="a CSV file", found=str(path))
    items: dict[str, StockItem] = {}
    problems: list[BadInput] = []
    with open_text(path) as text, text.path.open(encoding="utf-8", newline="") as file:
        for number, row in enumerate(csv.DictReader(file, restval="", restkey=""), start=2):
            try:
                item = read_stock_row({name: str(value) for name, value in row.items()}, number)
                items[item.sku] = item
            except BadInput as bad:
                problems.append(bad)
    return list(items.values()), problems
