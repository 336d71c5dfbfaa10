"""The two kinds of files that the wizard takes, products and orders, behind one face. No markup, no browser."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Protocol

from zhanggui.catalog import (
    ImportOutcome,
    Preflight,
    dry_run,
    import_history,
    import_products,
    preflight,
    undo_import,
)
from zhanggui.connectors.generic_table import PRODUCT_FIELDS
from zhanggui.connectors.looking import Look, look_at_orders, look_at_products
from zhanggui.connectors.order_files import (
    ORDER_FIELDS,
    ORDER_FORMATS,
    OpenOrders,
    OrderFileFacts,
    ReadOrder,
    open_orders,
)
from zhanggui.connectors.product_files import FORMATS, open_products
from zhanggui.connectors.saved_columns import FileOf, SavedColumns
from zhanggui.connectors.tabular import FileFacts, Limits, OpenProducts, ProductFrame, ReadProduct
from zhanggui.kernel.errors import BadInput
from zhanggui.kernel.storage import UnitOfWork
from zhanggui.kernel.types import JsonValue
from zhanggui.orders import (
    dry_run_orders,
    import_orders,
    order_import_history,
    preflight_orders,
    undo_order_import,
)

Reached = Callable[[int], None]
# Formats of sets that come as several files or as no file at all: nobody drops those into a browser.
_NOT_OFFERED = ("auto", "olist", "online-retail-uci", "eland", "tau2")


@dataclass(frozen=True, slots=True)
class Upload:
    """A file that came, and how it is to be read: `format` `auto` recognises it, `columns` None guesses them."""

    path: Path
    name: str
    currency: str
    limits: Limits
    format: str = "auto"
    columns: Mapping[str, str] | None = None
    shop: str = "file"


@dataclass(frozen=True, slots=True)
class Checked:
    """What reading the whole file says; `rows` is what the progress of an import counts to."""

    format: str
    encoding: str
    rows: int
    things: int
    unknown: tuple[str, ...]
    blank: tuple[str, ...]
    duplicates: tuple[str, ...]
    warnings: tuple[str, ...]
    columns: Mapping[str, str]
    problems: tuple[BadInput, ...]
    problem_count: int
    more: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Done:
    """What an import did or, without an `id`, would do; `samples` are (what, field, before, after)."""

    id: str | None
    counts: Mapping[str, int]
    problems: tuple[BadInput, ...]
    blanked: Mapping[str, int] = field(default_factory=dict[str, int])
    samples: tuple[tuple[str, str, JsonValue, JsonValue], ...] = ()


@dataclass(frozen=True, slots=True)
class Past:
    """An import of before."""

    id: str
    file: str
    format: str
    by: str
    at: datetime
    undone: bool
    counts: Mapping[str, int]


class FileKind(Protocol):
    """What the wizard asks of products and of orders."""

    @property
    def what(self) -> FileOf:
        """What the files hold."""
        ...

    @property
    def formats(self) -> tuple[str, ...]:
        """Formats that a person may choose."""
        ...

    @property
    def fields(self) -> tuple[str, ...]:
        """What a column may fill."""
        ...

    @property
    def counts(self) -> tuple[str, ...]:
        """What the outcome counts."""
        ...

    def look(self, upload: Upload) -> Look:
        """What the file seems to be; fails only where it cannot be read at all."""
        ...

    def check(self, upload: Upload) -> Checked:
        """Read the whole file and report; touches nothing."""
        ...

    def run(self, uow: UnitOfWork, upload: Upload, *, dry: bool, reached: Reached) -> Done:
        """Import, or say what importing would do; `reached` is told the row that was read."""
        ...

    def undo(self, uow: UnitOfWork, number: str) -> tuple[int, int, int]:
        """Take an import back: how many went, how many are as before, how many were left alone."""
        ...

    def past(self, uow: UnitOfWork) -> tuple[Past, ...]:
        """The newest imports."""
        ...


class ProductKind:
    """Products: Shopify, WooCommerce, any table."""

    what: FileOf = "products"
    formats: tuple[str, ...] = tuple(name for name in FORMATS if name not in _NOT_OFFERED)
    fields: tuple[str, ...] = PRODUCT_FIELDS
    counts: tuple[str, ...] = ("created", "changed", "unchanged", "rejected")

    def look(self, upload: Upload) -> Look:
        """As `FileKind`."""
        return look_at_products(
            upload.path, upload.currency, name=upload.name, limits=upload.limits, kind=upload.format
        )

    def check(self, upload: Upload) -> Checked:
        """As `FileKind`."""
        with self._open(upload) as products:
            found = preflight(products)
        return Checked(
            found.format, found.encoding, found.rows, found.products, found.unknown_columns, found.blank_columns,
            _twice(found), found.warnings, found.columns, found.problems, found.problem_count,
        )  # fmt: skip

    def run(self, uow: UnitOfWork, upload: Upload, *, dry: bool, reached: Reached) -> Done:
        """As `FileKind`."""
        with self._open(upload) as products:
            followed = _Products(products, reached)
            return _done(dry_run(uow, followed) if dry else import_products(uow, followed))

    def undo(self, uow: UnitOfWork, number: str) -> tuple[int, int, int]:
        """As `FileKind`."""
        undone = undo_import(uow, number)
        return undone.removed, undone.restored, len(undone.left)

    def past(self, uow: UnitOfWork) -> tuple[Past, ...]:
        """As `FileKind`."""
        return tuple(
            Past(one.id, one.file_name, one.format, one.actor, one.started_at, one.status == "undone", one.counts)
            for one in import_history(uow, limit=20)
        )

    @staticmethod
    def _open(upload: Upload) -> AbstractContextManager[OpenProducts]:
        mapping = None
        if upload.columns is not None:
            mapping = SavedColumns("", upload.columns, upload.currency).of_products()
        return open_products(
            upload.path, upload.currency, name=upload.name, kind=upload.format, mapping=mapping, limits=upload.limits
        )


class OrderKind:
    """Orders: exports of Shopify and WooCommerce, any table."""

    what: FileOf = "orders"
    formats: tuple[str, ...] = tuple(name for name in ORDER_FORMATS if name not in _NOT_OFFERED)
    fields: tuple[str, ...] = ORDER_FIELDS
    counts: tuple[str, ...] = ("created", "changed", "unchanged", "stale", "held", "rejected")

    def look(self, upload: Upload) -> Look:
        """As `FileKind`."""
        return look_at_orders(upload.path, upload.currency, name=upload.name, limits=upload.limits, kind=upload.format)

    def check(self, upload: Upload) -> Checked:
        """As `FileKind`."""
        with self._open(upload) as orders:
            found = preflight_orders(orders)
        money = ", ".join(f"{currency} × {count:,}" for currency, count in found.currencies.items())
        span = " – ".join(at[:10] for at in (found.first_placed, found.last_placed) if at)
        unused = tuple(column for column, target in found.columns.items() if not target)
        return Checked(
            found.format, found.encoding, found.rows, found.orders, unused, (), found.duplicates, found.warnings,
            found.columns, found.problems, found.problem_count, (("currencies", money), ("span", span)),
        )  # fmt: skip

    def run(self, uow: UnitOfWork, upload: Upload, *, dry: bool, reached: Reached) -> Done:
        """As `FileKind`."""
        with self._open(upload) as orders:
            act = dry_run_orders if dry else import_orders
            done = act(uow, _Orders(orders, reached), shop_id=upload.shop)
        return Done(done.import_id, {name: getattr(done, name) for name in self.counts}, done.problems)

    def undo(self, uow: UnitOfWork, number: str) -> tuple[int, int, int]:
        """As `FileKind`."""
        undone = undo_order_import(uow, number)
        return undone.removed, undone.restored, len(undone.left)

    def past(self, uow: UnitOfWork) -> tuple[Past, ...]:
        """As `FileKind`."""
        return tuple(
            Past(one.id, one.file_name, one.format, one.actor, one.started_at, one.status == "undone", one.counts)
            for one in order_import_history(uow, limit=20)
        )

    @staticmethod
    def _open(upload: Upload) -> AbstractContextManager[OpenOrders]:
        mapping = None
        if upload.columns is not None:
            mapping = SavedColumns("", upload.columns, upload.currency).of_orders()
        return open_orders(
            upload.path, upload.currency, name=upload.name, kind=upload.format, mapping=mapping, limits=upload.limits
        )


KINDS: dict[str, FileKind] = {"products": ProductKind(), "orders": OrderKind()}


class _Products:
    """A file of products that tells how far it was read."""

    def __init__(self, opened: OpenProducts, reached: Reached) -> None:
        self._opened, self._reached = opened, reached
        self.format, self.name = opened.format, opened.name

    def facts(self) -> FileFacts:
        return self._opened.facts()

    def read(self) -> Iterator[ReadProduct | BadInput]:
        for one in self._opened.read():
            self._reached(one.row or 0)
            yield one

    def frames(self) -> Iterator[ProductFrame] | None:
        found = self._opened.frames()
        return None if found is None else self._followed(found)

    def _followed(self, frames: Iterator[ProductFrame]) -> Iterator[ProductFrame]:
        rows = 0
        for one in frames:
            rows += len(one.table) + len(one.problems)
            self._reached(rows)
            yield one


class _Orders:
    """A file of orders that tells how far it was read."""

    def __init__(self, opened: OpenOrders, reached: Reached) -> None:
        self._opened, self._reached = opened, reached
        self.format, self.name = opened.format, opened.name

    def facts(self) -> OrderFileFacts:
        return self._opened.facts()

    def read(self) -> Iterator[ReadOrder | BadInput]:
        for number, one in enumerate(self._opened.read(), 1):
            self._reached(number)
            yield one


def _twice(found: Preflight) -> tuple[str, ...]:
    return tuple(f"{one.value} ({', '.join(map(str, one.rows))})" for one in found.duplicates)


def _done(found: ImportOutcome) -> Done:
    counts = {name: getattr(found, name) for name in ProductKind.counts}
    samples = tuple((one.product_id, one.field, one.before, one.after) for one in found.samples)
    return Done(found.batch_id, counts, found.problems, found.blanked, samples)


def by_field(problems: Sequence[BadInput]) -> list[tuple[str, int]]:
    """How many problems each field has, most first."""
    found: dict[str, int] = {}
    for bad in problems:
        found[bad.field] = found.get(bad.field, 0) + 1
    return sorted(found.items(), key=lambda pair: -pair[1])
