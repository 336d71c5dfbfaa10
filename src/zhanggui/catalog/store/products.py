"""Products by id and by SKU: load, save, delete, walk through all of them."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

import polars as pl
import sqlalchemy as sa

from zhanggui.catalog.store import rows
from zhanggui.catalog.store.bulk import insert_frame
from zhanggui.catalog.store.tables import product_variants, products
from zhanggui.kernel.commerce import Product
from zhanggui.kernel.errors import NotFound
from zhanggui.kernel.storage import UnitOfWork
from zhanggui.kernel.types import new_id

_CHUNK = 500
_PRODUCT_SCHEMA: dict[str, pl.DataType] = {
    "id": pl.String(),
    "title": pl.String(),
    "sku": pl.String(),
    "brand": pl.String(),
    "category": pl.String(),
    "price_minor": pl.Int64(),
    "currency": pl.String(),
    "stock": pl.Int64(),
    "status": pl.String(),
    "variant_count": pl.Int64(),
    "details": pl.String(),
    "description": pl.String(),
}
_VARIANT_SCHEMA: dict[str, pl.DataType] = {
    "product_id": pl.String(),
    "position": pl.Int64(),
    "sku": pl.String(),
    "title": pl.String(),
    "options": pl.String(),
    "price_minor": pl.Int64(),
    "currency": pl.String(),
    "stock": pl.Int64(),
    "barcode": pl.String(),
    "weight_grams": pl.Float64(),
}


class ProductStore:
    """The merchant's products."""

    def __init__(self, uow: UnitOfWork) -> None:
        self._uow = uow

    def get(self, product_id: str) -> Product:
        """The product with this id.

        Raises:
            NotFound: there is none.
        """
        found = self.get_many([product_id])
        if not found:
            raise NotFound(f"no product {product_id!r}")
        return found[product_id]

    def get_many(self, product_ids: Sequence[str]) -> dict[str, Product]:
        """The products with these ids, in the order asked for; those that do not exist are left out."""
        found: dict[str, Product] = {}
        for start in range(0, len(product_ids), _CHUNK):
            wanted = list(product_ids[start : start + _CHUNK])
            stored = self._uow.rows(self._uow.select(products).where(products.c.id.in_(wanted)))
            found.update((product.id, product) for product in self._with_variants(stored))
        return {product_id: found[product_id] for product_id in product_ids if product_id in found}

    def find_by_sku(self, sku: str) -> Product | None:
        """The product that sells this SKU (the first by id where several do)."""
        own, table = products.c, product_variants
        # Written so that each part has an index: `ix_products_merchant_id_sku` holds only SKUs that are not the id.
        same = self._uow.select(products, own.id).where(own.id == sku, own.sku == sku)
        inline = self._uow.select(products, own.id).where(own.sku == sku, own.sku != own.id)
        separate = self._uow.select(table, table.c.product_id).where(table.c.sku == sku)
        product_id = self._uow.scalar(sa.union(same, inline, separate).order_by(sa.literal_column("1")).limit(1))
        return None if product_id is None else self.get(product_id)

    def all_ids(self) -> pl.Series:
        """Every product id."""
        return pl.Series(
            "id", self._uow.connection.execute(self._uow.select(products, products.c.id)).scalars().all(), pl.String
        )

    def walk(self, *, chunk: int = _CHUNK) -> Iterator[Product]:
        """Every product by id, in constant memory."""
        after = ""
        while True:
            statement = self._uow.select(products).where(products.c.id > after).order_by(products.c.id).limit(chunk)
            stored = self._uow.rows(statement)
            yield from self._with_variants(stored)
            if len(stored) < chunk:
                return
            after = stored[-1]["id"]

    def save(self, product: Product, *, change: str = "") -> str:
        """Create or overwrite one product as an edit; the edit's id, which `last_change` then names."""
        edit = change or new_id("edit")
        if self._uow.scalar(self._uow.select(products, products.c.id).where(products.c.id == product.id)) is None:
            self.create([product], edit)
        else:
            self.replace([product], edit)
        return edit

    def create(self, made: Sequence[Product], change: str) -> None:
        """Insert new products."""
        self.create_frame(pl.DataFrame([rows.to_row(product) for product in made], schema=_PRODUCT_SCHEMA), change)
        self._insert_variants(made)

    def create_frame(self, frame: pl.DataFrame, change: str) -> None:
        """Insert new products without separate variants; columns as `rows.to_row` makes them."""
        now = self._uow.clock.now()
        constants = {"created_at": now, "updated_at": now, "created_by": change}
        insert_frame(self._uow, products, frame, constants)

    def replace(self, changed: Sequence[Product], change: str) -> None:
        """Overwrite products that exist."""
        stamp = {"updated_at": self._uow.clock.now(), "last_change": change}
        self._update([{**rows.to_row(product), **stamp} for product in changed])
        self._delete_variants([product.id for product in changed])
        self._insert_variants(changed)

    def restore(self, before: Iterable[Mapping[str, Any]]) -> None:
        """Put back rows that `images_of` took."""
        images = list(before)
        now = self._uow.clock.now()
        self._update([{**image["product"], "updated_at": now} for image in images])
        self._delete_variants([image["product"]["id"] for image in images])
        variants = [variant for image in images for variant in image["variants"]]
        insert_frame(self._uow, product_variants, pl.DataFrame(variants, schema=_VARIANT_SCHEMA), {})

    def images_of(self, product_ids: Sequence[str]) -> dict[str, str]:
        """Each product's stored rows as JSON, for `restore`."""
        found: dict[str, str] = {}
        for start in range(0, len(product_ids), _CHUNK):
            wanted = list(product_ids[start : start + _CHUNK])
            stored = self._uow.rows(self._uow.select(products).where(products.c.id.in_(wanted)))
            parts = self._variants_of([row["id"] for row in stored])
            for row in stored:
                # Micros, as the column stores instants, so that a restored row is the same row.
                image = {name: row[name] for name in [*_PRODUCT_SCHEMA, "last_change"]}
                variants = [{name: part[name] for name in _VARIANT_SCHEMA} for part in parts.get(row["id"], [])]
                found[row["id"]] = rows.to_json({"product": image, "variants": variants})
        return found

    def delete(self, product_ids: Sequence[str]) -> None:
        """Remove products and their variants."""
        self._delete_variants(product_ids)
        for start in range(0, len(product_ids), _CHUNK):
            wanted = list(product_ids[start : start + _CHUNK])
            self._uow.change(self._uow.delete(products).where(products.c.id.in_(wanted)))

    def _with_variants(self, stored: Sequence[sa.RowMapping]) -> Iterator[Product]:
        parts = self._variants_of([row["id"] for row in stored if row["variant_count"]])
        for row in stored:
            yield rows.from_row(row, parts.get(row["id"], []))

    def _variants_of(self, product_ids: Sequence[str]) -> dict[str, list[sa.RowMapping]]:
        parts: dict[str, list[sa.RowMapping]] = {}
        if product_ids:
            table = product_variants
            statement = self._uow.select(table).where(table.c.product_id.in_(list(product_ids)))
            for part in self._uow.rows(statement.order_by(table.c.product_id, table.c.position)):
                parts.setdefault(part["product_id"], []).append(part)
        return parts

    def _insert_variants(self, made: Sequence[Product]) -> None:
        parts = [part for product in made for part in rows.to_variant_rows(product)]
        insert_frame(self._uow, product_variants, pl.DataFrame(parts, schema=_VARIANT_SCHEMA), {})

    def _delete_variants(self, product_ids: Sequence[str]) -> None:
        table = product_variants
        for start in range(0, len(product_ids), _CHUNK):
            wanted = list(product_ids[start : start + _CHUNK])
            self._uow.change(self._uow.delete(table).where(table.c.product_id.in_(wanted)))

    def _update(self, changed: Sequence[Mapping[str, Any]]) -> None:
        if not changed:
            return
        names = [name for name in changed[0] if name != "id"]
        statement = (
            self._uow.update(products)
            .where(products.c.id == sa.bindparam("of_id"))
            .values({name: sa.bindparam(f"to_{name}") for name in names})
        )
        values = [{"of_id": row["id"], **{f"to_{name}": row[name] for name in names}} for row in changed]
        self._uow.connection.execute(statement, values)
