"""What a file reader yields and what it reports about the file; what an exporter takes."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

import polars as pl

from zhanggui.connectors.tabular.upload import TextFile
from zhanggui.kernel.commerce import Product
from zhanggui.kernel.errors import BadInput


@dataclass(frozen=True, slots=True)
class ReadProduct:
    """One product as a file told it.

    Attributes:
        product: blank where the file is blank.
        row: the spreadsheet row (header = 1) where the product begins.
        fields: what the file has columns for; everything else stays as it is on an update. Names: `title`,
            `description`, `category`, `brand`, `price`, `images`, `tags`, `status`, `variants`, `stock`, `barcode`,
            `weight`, `attributes.<name>`, `extra.<name>`, or `attributes` / `extra` for all of them.
    """

    product: Product
    row: int
    fields: frozenset[str]


@dataclass(frozen=True, slots=True)
class FileFacts:
    """What a file is: how it is packed and written, its rows and columns."""

    encoding: str
    packing: str
    delimiter: str
    rows: int
    columns: Mapping[str, str]
    """Every column and the field that it fills; `extra.<name>` for one that is unknown but kept."""
    unknown: tuple[str, ...] = ()
    blank: tuple[str, ...] = ()
    """Columns that are present but empty in every row: an update would blank these fields."""
    warnings: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ProductFrame:
    """Some thousand products as a table: `row` and the columns of a stored product; see the importer's port."""

    table: pl.DataFrame
    problems: tuple[BadInput, ...]
    fields: frozenset[str]


class ProductFormat(Protocol):
    """A file format that holds products."""

    @property
    def name(self) -> str: ...
    def facts(self, source: TextFile) -> FileFacts:
        """What the file is."""
        ...

    def read(self, source: TextFile) -> Iterator[ReadProduct | BadInput]:
        """Every product, and every row that cannot be read."""
        ...

    def frames(self, source: TextFile) -> Iterator[ProductFrame] | None:
        """The same as tables, where format and file allow it."""
        ...


@dataclass(frozen=True, slots=True)
class OpenProducts:
    """A decoded file together with its format: what the importer takes."""

    kind: ProductFormat
    source: TextFile

    @property
    def format(self) -> str:
        """The format's name."""
        return self.kind.name

    @property
    def name(self) -> str:
        """The file's name at the sender's."""
        return self.source.name

    def facts(self) -> FileFacts:
        """What the file is."""
        return self.kind.facts(self.source)

    def read(self) -> Iterator[ReadProduct | BadInput]:
        """Every product, and every row that cannot be read."""
        return self.kind.read(self.source)

    def frames(self) -> Iterator[ProductFrame] | None:
        """The same as tables, where format and file allow it."""
        return self.kind.frames(self.source)


class Listing(Protocol):
    """A product to export, with its text already chosen."""

    @property
    def product(self) -> Product: ...
    @property
    def link(self) -> str: ...
    @property
    def ai_fields(self) -> frozenset[str]: ...


def column_facts(columns: Sequence[str], rows: Iterable[Mapping[str, str]]) -> tuple[int, tuple[str, ...]]:
    """How many rows there are, and which columns are empty in all of them."""
    blank, number = set(columns), 0
    for row in rows:
        number += 1
        blank = {name for name in blank if not row[name].strip()} if blank else blank
    return number, tuple(name for name in columns if name in blank) if number else ()
