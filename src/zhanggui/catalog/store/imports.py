"""Import batches, what they changed, and saved column mappings."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

import orjson
import sqlalchemy as sa

from zhanggui.catalog.store.products import ProductStore
from zhanggui.catalog.store.tables import column_mappings, import_batches, import_changes, products, published_listings
from zhanggui.kernel.errors import Conflict, NotFound
from zhanggui.kernel.storage import UnitOfWork
from zhanggui.kernel.types import JsonObject, new_id

_CHUNK = 500


@dataclass(frozen=True, slots=True)
class ImportBatch:
    """One import of one file. `problems` holds the first of the rejected rows as (row, field, expected, found)."""

    id: str
    format: str
    file_name: str
    actor: str
    status: Literal["done", "undone"]
    started_at: datetime
    counts: Mapping[str, int]
    problems: Sequence[JsonObject]


class ImportStore:
    """The merchant's imports."""

    def __init__(self, uow: UnitOfWork) -> None:
        self._uow = uow

    @staticmethod
    def new_batch() -> str:
        """An id for a batch about to be imported."""
        return new_id("imp")

    def record(
        self, batch_id: str, *, file: tuple[str, str], counts: Mapping[str, int], problems: Sequence[JsonObject]
    ) -> ImportBatch:
        """Keep a finished batch; `file` is (format, file name)."""
        batch = ImportBatch(
            id=batch_id,
            format=file[0],
            file_name=file[1],
            actor=str(self._uow.actor),
            status="done",
            started_at=self._uow.clock.now(),
            counts=counts,
            problems=problems,
        )
        columns = {
            name: getattr(batch, name) for name in ("id", "format", "file_name", "actor", "status", "started_at")
        }
        self._uow.insert(import_batches, {**columns, "counts": dict(counts), "problems": list(problems)})
        return batch

    def get(self, batch_id: str) -> ImportBatch:
        """The batch with this id.

        Raises:
            NotFound: there is none.
        """
        row = self._uow.row(self._uow.select(import_batches).where(import_batches.c.id == batch_id))
        if row is None:
            raise NotFound(f"no import {batch_id!r}")
        return _batch(row)

    def all(self, *, limit: int = 100) -> tuple[ImportBatch, ...]:
        """The newest batches, newest first."""
        statement = self._uow.select(import_batches).order_by(import_batches.c.id.desc()).limit(limit)
        return tuple(_batch(row) for row in self._uow.rows(statement))

    def keep_before(self, batch_id: str, product_ids: Sequence[str]) -> None:
        """Remember products as they are, before the batch changes them."""
        images = ProductStore(self._uow).images_of(product_ids)
        changes = [{"batch_id": batch_id, "product_id": key, "before": image} for key, image in images.items()]
        self._uow.insert(import_changes, changes)

    def undo(self, batch_id: str) -> tuple[int, int, tuple[str, ...]]:
        """Remove what the batch created and restore what it changed, unless touched or published since.

        Returns:
            How many were removed, how many restored, and the ids left alone.

        Raises:
            NotFound: there is no such batch.
            Conflict: it is undone already.
        """
        if self.get(batch_id).status == "undone":
            raise Conflict(f"import {batch_id!r} is undone already")
        store = ProductStore(self._uow)
        created = set(self._created(batch_id))
        untouched = set(self._last_touched(batch_id))
        published = set(self._published(created & untouched))
        restored = self._restore(store, batch_id, untouched)
        removed = sorted((created & untouched) - published)
        store.delete(removed)
        changed = set(self._changed(batch_id))
        left = sorted((created - set(removed)) | (changed - restored))
        done = sa.update(import_batches).where(import_batches.c.merchant_id == self._uow.merchant_id)
        self._uow.change(done.where(import_batches.c.id == batch_id).values(status="undone"))
        return len(removed), len(restored), tuple(left)

    def save_mapping(self, name: str, mapping: JsonObject) -> None:
        """Keep a column mapping under a name, over an older one."""
        row = {"name": name, "mapping": mapping, "saved_at": self._uow.clock.now()}
        self._uow.upsert(column_mappings, [row], key=["name"])

    def mappings(self) -> dict[str, JsonObject]:
        """Every saved column mapping by name."""
        statement = self._uow.select(column_mappings).order_by(column_mappings.c.name)
        return {row["name"]: row["mapping"] for row in self._uow.rows(statement)}

    def _created(self, batch_id: str) -> Sequence[str]:
        statement = self._uow.select(products, products.c.id).where(products.c.created_by == batch_id)
        return self._uow.connection.execute(statement).scalars().all()

    def _last_touched(self, batch_id: str) -> Sequence[str]:
        statement = self._uow.select(products, products.c.id).where(
            sa.func.coalesce(products.c.last_change, products.c.created_by) == batch_id
        )
        return self._uow.connection.execute(statement).scalars().all()

    def _changed(self, batch_id: str) -> Sequence[str]:
        table = import_changes
        statement = self._uow.select(table, table.c.product_id).where(table.c.batch_id == batch_id)
        return self._uow.connection.execute(statement).scalars().all()

    def _published(self, candidates: set[str]) -> Sequence[str]:
        if not candidates:
            return ()
        table = published_listings
        statement = self._uow.select(table, table.c.product_id).where(table.c.withdrawn_at.is_(None)).distinct()
        return [key for key in self._uow.connection.execute(statement).scalars() if key in candidates]

    def _restore(self, store: ProductStore, batch_id: str, untouched: set[str]) -> set[str]:
        table = import_changes
        statement = self._uow.select(table).where(table.c.batch_id == batch_id).order_by(table.c.product_id)
        restored: set[str] = set()
        images: list[JsonObject] = []
        for row in self._uow.rows(statement):
            if row["product_id"] in untouched:
                images.append(orjson.loads(row["before"]))
                restored.add(row["product_id"])
        for start in range(0, len(images), _CHUNK):
            # isinstance cannot tell what a list or a dict holds.
            store.restore(images[start : start + _CHUNK])  # pyright: ignore[reportArgumentType]
        return restored


def _batch(row: sa.RowMapping) -> ImportBatch:
    return ImportBatch(**{name: value for name, value in row.items() if name != "merchant_id"})
