"""What the catalogue needs from others; `app` plugs it in. File formats live in the connectors."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Protocol

import polars as pl

from zhanggui.kernel.commerce import Product
from zhanggui.kernel.errors import BadInput


class ReadProduct(Protocol):
    """One product as a file told it: `row` is where it begins (header = 1), `fields` what the file has columns for."""

    @property
    def product(self) -> Product: ...
    @property
    def row(self) -> int: ...
    @property
    def fields(self) -> frozenset[str]: ...


class FileFacts(Protocol):
    """What a file is: how it is written and packed, its rows, its columns with the field that each fills."""

    @property
    def encoding(self) -> str: ...
    @property
    def packing(self) -> str: ...
    @property
    def delimiter(self) -> str: ...
    @property
    def rows(self) -> int: ...
    @property
    def columns(self) -> Mapping[str, str]: ...
    @property
    def unknown(self) -> tuple[str, ...]: ...
    @property
    def blank(self) -> tuple[str, ...]: ...
    @property
    def warnings(self) -> tuple[str, ...]: ...


class ProductFrame(Protocol):
    """Some thousand products of a large plain table, checked and ready to store.

    Attributes:
        table: `row` (UInt32, header = 1) and the columns of a stored product without variants of its own, as
            `catalog.store` defines them.
        problems: the rows that were left out.
        fields: as in `ReadProduct`.
    """

    @property
    def table(self) -> pl.DataFrame: ...
    @property
    def problems(self) -> tuple[BadInput, ...]: ...
    @property
    def fields(self) -> frozenset[str]: ...


class ProductFile(Protocol):
    """A file of products in a known format. Each call reads the file anew."""

    @property
    def format(self) -> str: ...
    @property
    def name(self) -> str: ...

    def facts(self) -> FileFacts:
        """What the file is."""
        ...

    def read(self) -> Iterator[ReadProduct | BadInput]:
        """Every product, and every row that cannot be read."""
        ...

    def frames(self) -> Iterator[ProductFrame] | None:
        """The same as tables, where the format and this file allow it; None otherwise."""
        ...


class Listing(Protocol):
    """A product to export with its text chosen; `ai_fields` names the fields (`title`, `description`) a model wrote."""

    @property
    def product(self) -> Product: ...
    @property
    def link(self) -> str: ...
    @property
    def ai_fields(self) -> frozenset[str]: ...


class ListingWriter(Protocol):
    """Writes an export format as pieces of text."""

    def __call__(self, listings: Iterable[Listing]) -> Iterator[str]: ...


class BulkWriter(Protocol):
    """A small trained writer: a text in, a text out."""

    def predict(self, texts: Sequence[str]) -> list[str]:
        """What it writes for each text."""
        ...
