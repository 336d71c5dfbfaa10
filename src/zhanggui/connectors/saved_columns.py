"""Column mappings that a merchant keeps under a name, to be used again when a file with these columns comes."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Literal, cast

from zhanggui.connectors.generic_table import ColumnMapping
from zhanggui.connectors.order_files import OrderColumns
from zhanggui.kernel.audit import AuditLog
from zhanggui.kernel.errors import BadInput, NotFound
from zhanggui.kernel.storage import MerchantStore, UnitOfWork

FileOf = Literal["products", "orders"]
_MOST = 100
_MOST_COLUMNS = 1_000
_SHORTEST_OVERLAP = 2


@dataclass(frozen=True, slots=True)
class SavedColumns:
    """Which column fills which field, under a name; `currency` of amounts that name none."""

    name: str
    columns: Mapping[str, str]
    currency: str

    def of_products(self) -> ColumnMapping:
        """As a reader of products takes it."""
        return ColumnMapping(self.columns, self.currency)

    def of_orders(self) -> OrderColumns:
        """As a reader of orders takes it."""
        return OrderColumns(self.columns, self.currency)


def saved_columns(uow: UnitOfWork, what: FileOf) -> tuple[SavedColumns, ...]:
    """Every mapping that the merchant keeps, by name."""
    kept = _kept(uow, what)
    return tuple(SavedColumns(name, one["columns"], one["currency"]) for name, one in sorted(kept.items()))


def named_columns(uow: UnitOfWork, what: FileOf, name: str) -> SavedColumns:
    """One mapping.

    Raises:
        NotFound: none has this name.
    """
    for one in saved_columns(uow, what):
        if one.name == name:
            return one
    raise NotFound(f"no column mapping is called {name!r}")


def save_columns(uow: UnitOfWork, what: FileOf, saved: SavedColumns) -> None:
    """Keep a mapping, over an older one of the same name.

    Raises:
        BadInput: no name or too long a one, no or too many columns, too many mappings, a currency that is none, or a
            field that there is not.
    """
    kept, name = _kept(uow, what), saved.name.strip()
    if not name or len(name) > 100:
        raise BadInput(field="name", expected="1 to 100 characters", found=saved.name[:120])
    if not 0 < len(saved.columns) <= _MOST_COLUMNS:
        raise BadInput(field="columns", expected=f"1 to {_MOST_COLUMNS} columns", found=str(len(saved.columns)))
    if len(kept | {name: None}) > _MOST:
        raise BadInput(field="name", expected=f"at most {_MOST} mappings", found=name)
    if len(saved.currency) != 3 or not saved.currency.isascii() or not saved.currency.isupper():
        raise BadInput(field="currency", expected="a currency code such as CNY", found=saved.currency)
    (saved.of_products() if what == "products" else saved.of_orders()).check(saved.columns)
    kept[name] = {"columns": dict(saved.columns), "currency": saved.currency}
    MerchantStore.set_setting(uow, _setting(what), kept)
    AuditLog(uow).record("columns.saved", f"{what}:{name}", {"columns": len(saved.columns)})


def drop_columns(uow: UnitOfWork, what: FileOf, name: str) -> None:
    """Forget a mapping.

    Raises:
        NotFound: none has this name.
    """
    kept = _kept(uow, what)
    if name not in kept:
        raise NotFound(f"no column mapping is called {name!r}")
    MerchantStore.set_setting(uow, _setting(what), {key: one for key, one in kept.items() if key != name})
    AuditLog(uow).record("columns.dropped", f"{what}:{name}", {})


def fitting_columns(saved: Iterable[SavedColumns], present: Iterable[str]) -> SavedColumns | None:
    """The mapping that was made for such a file: all its columns are there; the one that names most of them."""
    names = set(present)
    fitting = [one for one in saved if len(one.columns) >= min(_SHORTEST_OVERLAP, len(names))]
    fitting = [one for one in fitting if names and set(one.columns) <= names]
    return max(fitting, key=lambda one: len(one.columns), default=None)


def _setting(what: FileOf) -> str:
    return f"import.columns.{what}"


def _kept(uow: UnitOfWork, what: FileOf) -> dict[str, Any]:
    return cast(dict[str, Any], MerchantStore.setting(uow, _setting(what), {}))
