"""Kept forecasts, people's own numbers, stock and how it is bought, purchase orders."""

from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, fields
from datetime import date, datetime
from typing import Any

import sqlalchemy as sa

from zhanggui.kernel.errors import Conflict, NotFound
from zhanggui.kernel.storage import UnitOfWork, UtcDateTime, merchant_table
from zhanggui.kernel.types import JsonObject
from zhanggui.planning.models import StockItem, StoredForecast

_SKU = sa.String(200)
_CHUNK = 2_000
JsonRow = dict[str, Any]

planning_series = merchant_table(
    "planning_series",
    sa.Column("sku", _SKU, nullable=False),
    sa.Column("model", sa.String(120), nullable=False),
    sa.Column("status", sa.String(200), nullable=False),
    sa.Column("history_days", sa.Integer, nullable=False),
    sa.Column("mase", sa.Float),
    sa.Column("naive_mase", sa.Float),
    sa.Column("coverage80", sa.Float),
    sa.Column("made_at", UtcDateTime, nullable=False),
    key=("sku",),
)

planning_forecasts = merchant_table(
    "planning_forecasts",
    sa.Column("sku", _SKU, nullable=False),
    sa.Column("day", sa.Date, nullable=False),
    sa.Column("mean", sa.Float, nullable=False),
    sa.Column("median", sa.Float, nullable=False),
    sa.Column("low80", sa.Float, nullable=False),
    sa.Column("high80", sa.Float, nullable=False),
    sa.Column("made_at", UtcDateTime, nullable=False),
    key=("sku", "day"),
)

planning_overrides = merchant_table(
    "planning_overrides",
    sa.Column("id", sa.String(40), nullable=False),
    sa.Column("sku", _SKU, nullable=False),
    sa.Column("first_day", sa.Date, nullable=False),
    sa.Column("last_day", sa.Date, nullable=False),
    sa.Column("units", sa.Float, nullable=False),
    sa.Column("reason", sa.Text, nullable=False),
    sa.Column("who", sa.String(120), nullable=False),
    sa.Column("at", UtcDateTime, nullable=False),
    sa.Column("withdrawn_at", UtcDateTime),
    sa.Index("ix_planning_overrides_merchant_id_sku", "merchant_id", "sku", "at"),
)

planning_stock = merchant_table(
    "planning_stock",
    sa.Column("sku", _SKU, nullable=False),
    sa.Column("on_hand", sa.BigInteger, nullable=False),
    sa.Column("reserved", sa.BigInteger, nullable=False),
    sa.Column("incoming", sa.BigInteger, nullable=False),
    sa.Column("lead_days", sa.Float, nullable=False),
    sa.Column("lead_spread", sa.Float, nullable=False),
    sa.Column("review_days", sa.Integer, nullable=False),
    sa.Column("least", sa.BigInteger, nullable=False),
    sa.Column("pack", sa.BigInteger, nullable=False),
    sa.Column("shelf_days", sa.Integer, nullable=False),
    sa.Column("cost_minor", sa.BigInteger, nullable=False),
    sa.Column("missed_minor", sa.BigInteger, nullable=False),
    sa.Column("holding_percent", sa.Float, nullable=False),
    sa.Column("service", sa.Float, nullable=False),
    sa.Column("currency", sa.String(3), nullable=False),
    sa.Column("supplier", sa.String(200), nullable=False),
    sa.Column("updated_at", UtcDateTime, nullable=False),
    key=("sku",),
)

planning_purchases = merchant_table(
    "planning_purchases",
    sa.Column("id", sa.String(120), nullable=False),
    sa.Column("supplier", sa.String(200), nullable=False),
    sa.Column("state", sa.String(12), nullable=False),
    sa.Column("lines", sa.JSON, nullable=False),
    sa.Column("currency", sa.String(3), nullable=False),
    sa.Column("total_minor", sa.BigInteger, nullable=False),
    sa.Column("who", sa.String(120), nullable=False),
    sa.Column("at", UtcDateTime, nullable=False),
    sa.Index("ix_planning_purchases_merchant_id_at", "merchant_id", "at"),
)


@dataclass(frozen=True, slots=True)
class SeriesInfo:
    """How a SKU's forecast was made and how it did on the past (back-test)."""

    sku: str
    model: str
    status: str
    history_days: int
    mase: float | None
    naive_mase: float | None
    coverage80: float | None
    made_at: datetime


@dataclass(frozen=True, slots=True)
class Override:
    """A person's own units a day for a stretch of days; the newest that was not withdrawn counts."""

    id: str
    sku: str
    first_day: date
    last_day: date
    units: float
    reason: str
    who: str
    at: datetime
    withdrawn_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Purchase:
    """A purchase order: `draft` or `cancelled`. A line is `{sku, quantity, cost_minor}`."""

    id: str
    supplier: str
    state: str
    lines: list[JsonObject]
    currency: str
    total_minor: int
    who: str
    at: datetime


class ForecastStore:
    """The merchant's forecasts. Past days keep the last forecast that was made before them."""

    def __init__(self, uow: UnitOfWork) -> None:
        self._uow = uow

    def keep(self, infos: Sequence[SeriesInfo], days: Iterable[JsonRow]) -> None:
        """Write how series were forecast, and their days; a day that is there is overwritten."""
        self._uow.upsert(planning_series, [asdict(info) for info in infos], key=("sku",))
        batch: list[JsonRow] = []
        for day in days:
            batch.append(day)
            if len(batch) == _CHUNK:
                self._uow.upsert(planning_forecasts, batch, key=("sku", "day"))
                batch = []
        self._uow.upsert(planning_forecasts, batch, key=("sku", "day"))

    def forget_from(self, day: date) -> None:
        """Take out forecasts of this and later days: a new run writes them anew."""
        self._uow.change(self._uow.delete(planning_forecasts).where(planning_forecasts.c.day >= day))

    def series(
        self, *, text: str = "", limit: int = 100, after: str = "", also: Sequence[str] = ()
    ) -> tuple[SeriesInfo, ...]:
        """Series by SKU after the SKU `after`: those whose SKU begins with `text`, and those named in `also`."""
        table = planning_series.c
        statement = self._uow.select(planning_series, *(table[f.name] for f in fields(SeriesInfo)))
        statement = statement.where(table.sku > after, _named(table.sku, text, also))
        found = self._uow.rows(statement.order_by(table.sku).limit(limit))
        return tuple(SeriesInfo(**row) for row in found)

    def count(self, *, text: str = "", also: Sequence[str] = ()) -> int:
        """How many series `series` would give in all."""
        which = _named(planning_series.c.sku, text, also)
        return int(self._uow.scalar(self._uow.select(planning_series, sa.func.count()).where(which)) or 0)

    def info(self, sku: str) -> SeriesInfo:
        """How one SKU was forecast.

        Raises:
            NotFound: it never was.
        """
        table = planning_series.c
        statement = self._uow.select(planning_series, *(table[f.name] for f in fields(SeriesInfo)))
        row = self._uow.row(statement.where(table.sku == sku))
        if row is None:
            raise NotFound(f"no forecast of {sku}; run `zhanggui planning forecast` first")
        return SeriesInfo(**row)

    def days(self, skus: Sequence[str], first: date, last: date) -> dict[str, list[StoredForecast]]:
        """Forecast days of some SKUs, in order, with people's numbers in place where there are any."""
        forecasts, series = planning_forecasts.c, planning_series.c
        names = ("sku", "day", "mean", "median", "low80", "high80")
        joined = (series.sku == forecasts.sku) & (series.merchant_id == forecasts.merchant_id)
        found: dict[str, list[StoredForecast]] = {sku: [] for sku in skus}
        overrides = self._overrides_of(skus)
        for start in range(0, len(skus), 500):
            statement = self._uow.select(
                planning_forecasts, *(forecasts[n] for n in names), series.model, series.status
            )
            statement = statement.join(planning_series, joined).where(forecasts.sku.in_(skus[start : start + 500]))
            statement = statement.where(forecasts.day.between(first, last)).order_by(forecasts.sku, forecasts.day)
            for row in self._uow.rows(statement):
                own = next((o for o in overrides.get(row["sku"], ()) if o.first_day <= row["day"] <= o.last_day), None)
                more: dict[str, Any] = {} if own is None else {"planned": own.units, "reason": own.reason}
                found[row["sku"]].append(StoredForecast(**row, **more))
        return found

    def override(self, override: Override) -> None:
        """Keep a person's number."""
        self._uow.insert(planning_overrides, asdict(override))

    def withdraw(self, override_id: str) -> None:
        """Take a person's number back; it stays in the history.

        Raises:
            NotFound: there is none, or it was taken back before.
        """
        table = planning_overrides.c
        statement = self._uow.update(planning_overrides).where(table.id == override_id, table.withdrawn_at.is_(None))
        if not self._uow.change(statement.values(withdrawn_at=self._uow.clock.now())):
            raise NotFound(f"no override {override_id} that counts")

    def overrides(self, sku: str) -> tuple[Override, ...]:
        """Every number people gave for a SKU, newest first, withdrawn ones too."""
        table = planning_overrides.c
        statement = self._uow.select(planning_overrides, *(table[f.name] for f in fields(Override)))
        found = self._uow.rows(statement.where(table.sku == sku).order_by(table.at.desc(), table.id.desc()))
        return tuple(Override(**row) for row in found)

    def _overrides_of(self, skus: Sequence[str]) -> dict[str, list[Override]]:
        table = planning_overrides.c
        statement = self._uow.select(planning_overrides, *(table[f.name] for f in fields(Override)))
        statement = statement.where(table.withdrawn_at.is_(None)).order_by(table.at.desc(), table.id.desc())
        wanted, found = set(skus), dict[str, list[Override]]()
        for row in self._uow.rows(statement):
            if row["sku"] in wanted:
                found.setdefault(row["sku"], []).append(Override(**row))
        return found


class StockStore:
    """The merchant's stock records and purchase orders."""

    def __init__(self, uow: UnitOfWork) -> None:
        self._uow = uow

    def put(self, items: Sequence[StockItem]) -> None:
        """Write stock records, whole; one that is there is overwritten."""
        now = self._uow.clock.now()
        for start in range(0, len(items), _CHUNK):
            rows = [{**asdict(item), "updated_at": now} for item in items[start : start + _CHUNK]]
            self._uow.upsert(planning_stock, rows, key=("sku",))

    def all(self, skus: Sequence[str] | None = None) -> tuple[StockItem, ...]:
        """Stock records by SKU: all, or those named."""
        table = planning_stock.c
        statement = self._uow.select(planning_stock, *(table[f.name] for f in fields(StockItem)))
        if skus is not None:
            statement = statement.where(table.sku.in_(list(skus)))
        return tuple(StockItem(**row) for row in self._uow.rows(statement.order_by(table.sku)))

    def page(self, *, text: str = "", limit: int = 100, after: str = "", also: Sequence[str] = ()) -> tuple[str, ...]:
        """SKUs with a stock record after the SKU `after`: those that begin with `text`, and those named in `also`."""
        table = planning_stock.c
        statement = self._uow.select(planning_stock, table.sku).where(table.sku > after, _named(table.sku, text, also))
        return tuple(row["sku"] for row in self._uow.rows(statement.order_by(table.sku).limit(limit)))

    def count(self, *, text: str = "", also: Sequence[str] = ()) -> int:
        """How many SKUs `page` would give in all."""
        which = _named(planning_stock.c.sku, text, also)
        return int(self._uow.scalar(self._uow.select(planning_stock, sa.func.count()).where(which)) or 0)

    def order(self, purchase: Purchase) -> None:
        """Write a purchase order and count its lines as incoming.

        Raises:
            Conflict: one with this id is there.
        """
        if not self._uow.insert_new(planning_purchases, asdict(purchase)):
            raise Conflict(f"purchase order {purchase.id} is there already")
        self._shift(purchase.lines, 1)

    def cancel(self, purchase_id: str) -> None:
        """Cancel a draft and take its lines off what is incoming.

        Raises:
            Conflict: it is no draft any more.
        """
        table = planning_purchases.c
        statement = self._uow.update(planning_purchases).where(table.id == purchase_id, table.state == "draft")
        if not self._uow.change(statement.values(state="cancelled")):
            raise Conflict(f"purchase order {purchase_id} is no draft any more")
        self._shift(self.purchase(purchase_id).lines, -1)

    def purchase(self, purchase_id: str) -> Purchase:
        """One purchase order.

        Raises:
            NotFound: there is none.
        """
        found = self._purchases(planning_purchases.c.id == purchase_id)
        if not found:
            raise NotFound(f"no purchase order {purchase_id}")
        return found[0]

    def purchases(self) -> tuple[Purchase, ...]:
        """The newest 200 purchase orders."""
        return self._purchases(sa.true())

    def _purchases(self, which: sa.ColumnElement[bool]) -> tuple[Purchase, ...]:
        table = planning_purchases.c
        statement = self._uow.select(planning_purchases, *(table[f.name] for f in fields(Purchase)))
        found = self._uow.rows(statement.where(which).order_by(table.at.desc(), table.id).limit(200))
        return tuple(Purchase(**row) for row in found)

    def _shift(self, lines: Sequence[JsonObject], sign: int) -> None:
        table = planning_stock.c
        for line in lines:
            units = sign * int(str(line["quantity"]))
            statement = self._uow.update(planning_stock).where(table.sku == str(line["sku"]))
            self._uow.change(statement.values(incoming=table.incoming + units))


def _named(sku: sa.ColumnElement[str], text: str, also: Sequence[str]) -> sa.ColumnElement[bool]:
    begins = sku.startswith(text, autoescape=True)
    return sa.or_(begins, sku.in_(list(also))) if also else begins
