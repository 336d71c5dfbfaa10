"""`--columns NAME`: read a table with the column mapping that the merchant keeps under this name."""

from typing import Annotated

from zhanggui.app import App
from zhanggui.cli.common import working
from zhanggui.cli.options import option
from zhanggui.connectors.generic_table import ColumnMapping
from zhanggui.connectors.order_files import OrderColumns
from zhanggui.connectors.saved_columns import FileOf, SavedColumns, named_columns

ColumnsOption = Annotated[str, option("--columns", help="Name of a column mapping kept in the console's import.")]


def product_columns(app: App, name: str) -> ColumnMapping | None:
    """The mapping of products of this name; None for no name, which lets the reader guess.

    Raises:
        NotFound: none has this name.
    """
    return _kept(app, "products", name).of_products() if name else None


def order_columns(app: App, name: str) -> OrderColumns | None:
    """The same for orders."""
    return _kept(app, "orders", name).of_orders() if name else None


def _kept(app: App, what: FileOf, name: str) -> SavedColumns:
    with working(app, read_only=True) as uow:
        return named_columns(uow, what, name)
