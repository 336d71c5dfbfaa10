"""Import orders from a file: look first (pre-flight, dry run), then load every good one, and undo if it was wrong."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import islice

from zhanggui.kernel.commerce import SourceOrder
from zhanggui.kernel.errors import BadInput
from zhanggui.kernel.storage import UnitOfWork
from zhanggui.kernel.types import JsonObject, new_id
from zhanggui.orders.ports import OrderFile, ReadOrder
from zhanggui.orders.service.intake import Origin, Taken, preview, rebuild, take
from zhanggui.orders.store import Head, OrderImport, OrderImportStore, OrderStore, make_head, read_told

_CHUNK = 500
_KEPT_PROBLEMS = 1_000
_SAMPLES = 50


@dataclass(frozen=True, slots=True)
class OrderPreflight:
    """What a file of orders is before anything is done with it."""

    file_name: str
    format: str
    encoding: str
    packing: str
    rows: int
    orders: int
    columns: Mapping[str, str]
    currencies: Mapping[str, int]
    first_placed: str
    last_placed: str
    duplicates: tuple[str, ...]
    warnings: tuple[str, ...]
    problems: tuple[BadInput, ...]
    problem_count: int


@dataclass(frozen=True, slots=True)
class OrderImportOutcome:
    """What an import did or, for a dry run (`import_id` None), would do.

    `held` counts orders whose arrival decision is to hold; `problems` are the first 1,000 of `rejected`.
    """

    import_id: str | None
    created: int
    changed: int
    unchanged: int
    stale: int
    rejected: int
    held: int
    samples: tuple[str, ...]
    problems: tuple[BadInput, ...]


@dataclass(frozen=True, slots=True)
class UndoneOrderImport:
    """What taking an import back did; `left` were changed since and stay."""

    removed: int
    restored: int
    left: tuple[str, ...]


def preflight_orders(file: OrderFile) -> OrderPreflight:
    """Read the whole file and report; touches nothing.

    Raises:
        BadInput: the file as a whole cannot be read.
    """
    facts = file.facts()
    problems: list[BadInput] = []
    count = orders = 0
    currencies: dict[str, int] = {}
    seen: dict[str, int] = {}
    placed: list[str] = []
    for read in file.read():
        if isinstance(read, BadInput):
            count += 1
            problems += [read] if count <= _KEPT_PROBLEMS else []
            continue
        orders += 1
        currency = read.order.total.currency
        currencies[currency] = currencies.get(currency, 0) + 1
        seen[read.order.external_id] = seen.get(read.order.external_id, 0) + 1
        at = read.order.placed_at.isoformat()
        placed = [min(placed[0], at), max(placed[1], at)] if placed else [at, at]
    return OrderPreflight(
        file_name=file.name,
        format=file.format,
        encoding=facts.encoding,
        packing=facts.packing,
        rows=facts.rows,
        orders=orders,
        columns=facts.columns,
        currencies=currencies,
        first_placed=placed[0] if placed else "",
        last_placed=placed[1] if placed else "",
        duplicates=tuple(key for key, times in seen.items() if times > 1)[:_KEPT_PROBLEMS],
        warnings=facts.warnings,
        problems=tuple(problems),
        problem_count=count,
    )


def dry_run_orders(uow: UnitOfWork, file: OrderFile, *, shop_id: str, currency: str = "") -> OrderImportOutcome:
    """What importing would create, change and leave; writes nothing."""
    return _Run(uow, shop_id, currency, None).run(file)


def import_orders(uow: UnitOfWork, file: OrderFile, *, shop_id: str, currency: str = "") -> OrderImportOutcome:
    """Take in every good order of a file and record the import. The same file again changes nothing.

    Args:
        uow: the open transaction.
        file: an opened file.
        shop_id: the sales channel that the orders belong to.
        currency: the shop's own; orders in another are held. Empty: any.

    Raises:
        BadInput: the file as a whole cannot be read; a bad row is in `problems` instead.
    """
    import_id = new_id("oim")
    started = uow.clock.now()
    outcome = _Run(uow, shop_id, currency, import_id).run(file)
    names = ("created", "changed", "unchanged", "stale", "rejected", "held")
    counts = {name: getattr(outcome, name) for name in names}
    shown = [order_problem_json(bad) for bad in outcome.problems]
    actor = str(uow.actor)
    done = OrderImport(import_id, file.format, file.name, actor, "done", started, counts, shown)
    OrderImportStore(uow).record(done)
    return outcome


def undo_order_import(uow: UnitOfWork, import_id: str) -> UndoneOrderImport:
    """Remove the orders that an import made, restore those it changed; leave what was changed since.

    Raises:
        NotFound: there is no such import.
        Conflict: it is undone already.
    """
    imports, orders = OrderImportStore(uow), OrderStore(uow)
    imports.get(import_id)
    imports.close(import_id)
    made, last = imports.last_touched(import_id)
    before = {one.order_id: one for one in imports.before(import_id)}
    own = orders.touched(sorted(made))
    removed = sorted((made & last) - own)
    orders.remove(removed)
    restored = [one for key, one in before.items() if key in last and key not in made]
    by_shop: dict[str, dict[str, tuple[Head, SourceOrder, str]]] = {}
    for one in restored:
        told = read_told(one.told)
        head = Head(one.version, one.fetched, make_head(told).digest, one.told)
        by_shop.setdefault(one.order_id.split(":", 1)[0], {})[one.order_id] = (head, told, one.last_change)
    for shop, heads in by_shop.items():
        rebuild(uow, heads, Origin(shop, str(uow.actor)[:40]))
    gone = set(removed) | {one.order_id for one in restored}
    return UndoneOrderImport(len(removed), len(restored), tuple(sorted((made | set(before)) - gone)))


def order_import_history(uow: UnitOfWork, *, limit: int = 100) -> tuple[OrderImport, ...]:
    """The newest imports of orders, newest first."""
    return OrderImportStore(uow).all(limit=limit)


def order_problem_json(bad: BadInput) -> JsonObject:
    """A problem as it is stored and shown."""
    return {"row": bad.row, "field": bad.field, "expected": bad.expected, "found": bad.found.replace("\0", "")}


@dataclass
class _Run:
    """One run over one file; without an import id it writes nothing."""

    uow: UnitOfWork
    shop_id: str
    currency: str
    import_id: str | None
    rejected: int = 0
    problems: list[BadInput] = field(default_factory=list[BadInput])
    counts: dict[str, int] = field(default_factory=dict[str, int])
    samples: list[str] = field(default_factory=list[str])
    held: int = 0

    def run(self, file: OrderFile) -> OrderImportOutcome:
        reads = self._good(file, {})
        while chunk := list(islice(reads, _CHUNK)):
            self._chunk(chunk)
        return OrderImportOutcome(
            import_id=self.import_id,
            created=self.counts.get("created", 0),
            changed=self.counts.get("changed", 0),
            unchanged=self.counts.get("unchanged", 0),
            stale=self.counts.get("stale", 0),
            rejected=self.rejected,
            held=self.held,
            samples=tuple(self.samples),
            problems=tuple(sorted(self.problems, key=lambda bad: bad.row or 0)),
        )

    def _good(self, file: OrderFile, seen: dict[str, int]) -> Iterator[ReadOrder]:
        for read in file.read():
            if isinstance(read, BadInput):
                self._reject(read)
                continue
            first = seen.setdefault(read.order.external_id, read.row)
            if first != read.row:
                expected = f"an order once in the file (row {first} has it)"
                self._reject(BadInput(row=read.row, field="id", expected=expected, found=read.order.external_id))
                continue
            yield read

    def _reject(self, bad: BadInput) -> None:
        self.rejected += 1
        if len(self.problems) < _KEPT_PROBLEMS:
            self.problems.append(bad)

    def _chunk(self, chunk: Sequence[ReadOrder]) -> None:
        origin = Origin(self.shop_id, self.import_id or "dry-run", currency=self.currency)
        news = [read.order for read in chunk]
        import_id = self.import_id
        if import_id is None:
            done = preview(self.uow, news, origin)
        else:
            imports = OrderImportStore(self.uow)
            done = take(self.uow, news, origin, before_change=lambda ids: imports.keep_before(import_id, ids))
        for read, taken in zip(chunk, done, strict=True):
            self._count(read, taken)

    def _count(self, read: ReadOrder, taken: Taken) -> None:
        if taken.problem is not None:
            bad = taken.problem
            self._reject(BadInput(row=read.row, field=bad.field, expected=bad.expected, found=bad.found))
            return
        self.counts[taken.outcome] = self.counts.get(taken.outcome, 0) + 1
        self.held += bool(taken.held)
        if taken.outcome in ("created", "changed") and len(self.samples) < _SAMPLES:
            self.samples.append(taken.order_id)
