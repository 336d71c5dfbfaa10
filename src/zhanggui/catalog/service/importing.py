"""Import products from a file: look first (pre-flight, dry run), then load every good row, and undo if it was wrong."""

from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from itertools import islice

import polars as pl

from zhanggui.catalog.ports import ProductFile, ProductFrame, ReadProduct
from zhanggui.catalog.service.merging import blanked, differences, merge
from zhanggui.catalog.store import ImportBatch, ImportStore, ProductStore
from zhanggui.catalog.store.rows import from_row
from zhanggui.kernel.audit import AuditLog
from zhanggui.kernel.commerce import Product
from zhanggui.kernel.errors import BadInput
from zhanggui.kernel.storage import UnitOfWork
from zhanggui.kernel.types import JsonObject, JsonValue

_CHUNK = 500
_KEPT_PROBLEMS = 1_000
_SAMPLES = 50


@dataclass(frozen=True, slots=True)
class Duplicate:
    """A product id or a SKU that the file uses more than once, with the rows (the first few)."""

    kind: str
    value: str
    rows: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Preflight:
    """What a file is before anything is done with it. `problems` are the first 1,000 of `problem_count`."""

    file_name: str
    format: str
    encoding: str
    packing: str
    delimiter: str
    rows: int
    products: int
    columns: Mapping[str, str]
    unknown_columns: tuple[str, ...]
    blank_columns: tuple[str, ...]
    duplicates: tuple[Duplicate, ...]
    warnings: tuple[str, ...]
    problems: tuple[BadInput, ...]
    problem_count: int


@dataclass(frozen=True, slots=True)
class Difference:
    """One field that an import would change (or changed) in one product."""

    product_id: str
    field: str
    before: JsonValue
    after: JsonValue


@dataclass(frozen=True, slots=True)
class ImportOutcome:
    """What an import did or, for a dry run (`batch_id` None), would do.

    Attributes:
        blanked: by field, in how many products a value would be overwritten with nothing.
        samples: the first changes; `created_samples`: the first new products' ids.
        problems: the first 1,000 of `rejected` rows.
    """

    batch_id: str | None
    created: int
    changed: int
    unchanged: int
    rejected: int
    blanked: Mapping[str, int]
    samples: tuple[Difference, ...]
    created_samples: tuple[str, ...]
    problems: tuple[BadInput, ...]


@dataclass(frozen=True, slots=True)
class UndoneImport:
    """What taking an import back did; `left` were edited, imported again or published since and stay."""

    removed: int
    restored: int
    left: tuple[str, ...]


def preflight(file: ProductFile) -> Preflight:
    """Read the whole file and report; touches nothing.

    Raises:
        BadInput: the file as a whole cannot be read (no header, no id column, ...).
    """
    facts = file.facts()
    problems = _Problems()
    seen: dict[tuple[str, str], list[int]] = {}
    products = 0
    for read in _all_reads(file, problems):
        products += 1
        seen.setdefault(("id", read.product.id), []).append(read.row)
        for sku in {variant.sku for variant in read.product.variants if variant.sku}:
            seen.setdefault(("sku", sku), []).append(read.row)
    twice = [Duplicate(kind, value, tuple(rows[:10])) for (kind, value), rows in seen.items() if len(rows) > 1]
    return Preflight(
        file_name=file.name,
        format=file.format,
        encoding=facts.encoding,
        packing=facts.packing,
        delimiter=facts.delimiter,
        rows=facts.rows,
        products=products,
        columns=facts.columns,
        unknown_columns=facts.unknown,
        blank_columns=facts.blank,
        duplicates=tuple(twice),
        warnings=facts.warnings,
        problems=tuple(problems.kept),
        problem_count=problems.count,
    )


def dry_run(uow: UnitOfWork, file: ProductFile) -> ImportOutcome:
    """What importing would create, change and leave as it is; writes nothing."""
    return _Import(uow, batch_id=None).run(file)


def import_products(uow: UnitOfWork, file: ProductFile) -> ImportOutcome:
    """Load every good row and record the batch. The same file again changes nothing.

    Raises:
        BadInput: the file as a whole cannot be read; a bad row is in `problems` instead.
    """
    imports = ImportStore(uow)
    batch_id = imports.new_batch()
    outcome = _Import(uow, batch_id=batch_id).run(file)
    counts = {name: getattr(outcome, name) for name in ("created", "changed", "unchanged", "rejected")}
    imports.record(
        batch_id, file=(file.format, file.name), counts=counts, problems=[problem_json(bad) for bad in outcome.problems]
    )
    AuditLog(uow).record("products.imported", batch_id, {"file": file.name, "format": file.format, **counts})
    return outcome


def undo_import(uow: UnitOfWork, batch_id: str) -> UndoneImport:
    """Remove what the batch created, restore what it changed; leave what was touched or published since.

    Raises:
        NotFound: there is no such batch.
        Conflict: it is undone already.
    """
    removed, restored, left = ImportStore(uow).undo(batch_id)
    AuditLog(uow).record("import.undone", batch_id, {"removed": removed, "restored": restored, "left": len(left)})
    return UndoneImport(removed, restored, left)


def import_history(uow: UnitOfWork, *, limit: int = 100) -> tuple[ImportBatch, ...]:
    """The newest imports, newest first."""
    return ImportStore(uow).all(limit=limit)


def problem_json(bad: BadInput) -> JsonObject:
    """A problem as it is stored and shown: row, field, expected, found."""
    return {"row": bad.row, "field": bad.field, "expected": bad.expected, "found": bad.found}


@dataclass
class _Problems:
    count: int = 0
    kept: list[BadInput] = field(default_factory=list[BadInput])

    def add(self, bad: BadInput) -> None:
        self.count += 1
        if len(self.kept) < _KEPT_PROBLEMS:
            self.kept.append(bad)


@dataclass(frozen=True, slots=True)
class _FromFrame:
    product: Product
    row: int
    fields: frozenset[str]


def _reads_of(frame: ProductFrame) -> Iterator[_FromFrame]:
    for row in frame.table.iter_rows(named=True):
        yield _FromFrame(from_row(row), row["row"], frame.fields)


def _all_reads(file: ProductFile, problems: _Problems) -> Iterator[ReadProduct]:
    frames = file.frames()
    if frames is not None:
        for frame in frames:
            for bad in frame.problems:
                problems.add(bad)
            yield from _reads_of(frame)
        return
    for read in file.read():
        if isinstance(read, BadInput):
            problems.add(read)
        else:
            yield read


def ahead(frames: Iterator[ProductFrame]) -> Iterator[ProductFrame]:
    """The same frames, the next one being prepared on another core while this one is stored."""
    with ThreadPoolExecutor(max_workers=1) as pool:
        coming = pool.submit(next, frames, None)
        while (frame := coming.result()) is not None:
            coming = pool.submit(next, frames, None)
            yield frame


class _Import:
    """One run over one file; `batch_id` None writes nothing."""

    def __init__(self, uow: UnitOfWork, *, batch_id: str | None) -> None:
        self._store, self._imports = ProductStore(uow), ImportStore(uow)
        self._batch_id = batch_id
        self._problems = _Problems()
        self._created, self._changed, self._unchanged = 0, 0, 0
        self._blanked: dict[str, int] = {}
        self._samples: list[Difference] = []
        self._created_samples: list[str] = []

    def run(self, file: ProductFile) -> ImportOutcome:
        frames = file.frames()
        if frames is None:
            self._run_reads(file)
        else:
            self._run_frames(frames)
        return ImportOutcome(
            batch_id=self._batch_id,
            created=self._created,
            changed=self._changed,
            unchanged=self._unchanged,
            rejected=self._problems.count,
            blanked=self._blanked,
            samples=tuple(self._samples),
            created_samples=tuple(self._created_samples),
            problems=tuple(sorted(self._problems.kept, key=lambda bad: bad.row or 0)),
        )

    def _run_reads(self, file: ProductFile) -> None:
        seen: dict[str, int] = {}
        good = (read for read in self._good_reads(file) if self._first_use(read, seen))
        while chunk := list(islice(good, _CHUNK)):
            self._apply(chunk)

    def _good_reads(self, file: ProductFile) -> Iterator[ReadProduct]:
        for read in file.read():
            if isinstance(read, BadInput):
                self._problems.add(read)
            else:
                yield read

    def _first_use(self, read: ReadProduct, seen: dict[str, int]) -> bool:
        first = seen.setdefault(read.product.id, read.row)
        if first != read.row:
            expected = f"a product once in the file (row {first} has it)"
            self._problems.add(BadInput(row=read.row, field="id", expected=expected, found=read.product.id))
        return first == read.row

    def _run_frames(self, frames: Iterator[ProductFrame]) -> None:
        known = self._store.all_ids()
        for frame in ahead(frames):
            for bad in frame.problems:
                self._problems.add(bad)
            table = frame.table
            if len(known):
                there = table["id"].is_in(known.implode())
                self._apply_existing(frame, table.filter(there))
                table = table.filter(~there)
            self._create_frame(table)

    def _apply_existing(self, frame: ProductFrame, table: pl.DataFrame) -> None:
        for part in table.iter_slices(_CHUNK):
            reads = [_FromFrame(from_row(row), row["row"], frame.fields) for row in part.iter_rows(named=True)]
            self._apply(reads)

    def _create_frame(self, table: pl.DataFrame) -> None:
        untitled = table.filter(pl.col("title") == "")
        for row in untitled.iter_rows(named=True):
            self._problems.add(_untitled(row["row"]))
        made = table.filter(pl.col("title") != "").drop("row") if len(untitled) else table.drop("row")
        self._created += len(made)
        self._sample_created(made["id"].head(_SAMPLES).to_list())
        if self._batch_id is not None:
            self._store.create_frame(made, self._batch_id)

    def _apply(self, reads: Sequence[ReadProduct]) -> None:
        existing = self._store.get_many([read.product.id for read in reads])
        created: list[Product] = []
        changed: list[Product] = []
        for read in reads:
            before = existing.get(read.product.id)
            if before is None:
                if read.product.title:
                    created.append(read.product)
                else:
                    self._problems.add(_untitled(read.row))
                continue
            after = merge(before, read.product, read.fields)
            if after == before:
                self._unchanged += 1
            else:
                changed.append(after)
                self._note_change(before, after)
        self._created += len(created)
        self._changed += len(changed)
        self._sample_created([product.id for product in created])
        self._write(created, changed)

    def _write(self, created: Sequence[Product], changed: Sequence[Product]) -> None:
        if self._batch_id is None:
            return
        if created:
            self._store.create(created, self._batch_id)
        if changed:
            self._imports.keep_before(self._batch_id, [product.id for product in changed])
            self._store.replace(changed, self._batch_id)

    def _note_change(self, before: Product, after: Product) -> None:
        for name in blanked(before, after):
            self._blanked[name] = self._blanked.get(name, 0) + 1
        if len(self._samples) < _SAMPLES:
            self._samples += [
                Difference(before.id, name, old, new) for name, (old, new) in differences(before, after).items()
            ]

    def _sample_created(self, ids: Sequence[str]) -> None:
        self._created_samples += ids[: _SAMPLES - len(self._created_samples)]


def _untitled(row: int) -> BadInput:
    return BadInput(row=row, field="title", expected="a title (the product is new)", found="")
