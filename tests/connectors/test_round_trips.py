"""What is exported can be imported again exactly, whatever the text is; and no exported cell can run."""

import csv
import io
import tempfile
from collections.abc import Iterable
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.connectors.strategies import products

from zhanggui.connectors.product_files import open_products
from zhanggui.connectors.shopify_csv import write_shopify
from zhanggui.connectors.tabular import join_list, neutralise, restore, split_list
from zhanggui.connectors.woocommerce_csv import write_woocommerce
from zhanggui.kernel.commerce import Product
from zhanggui.kernel.errors import BadInput

SETTINGS = settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))


def read_back(lines: Iterable[str], kind: str) -> list[Product]:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "export.csv"
        path.write_text("".join(lines), encoding="utf-8", newline="")
        with open_products(path, "CNY", kind=kind) as file:
            read = list(file.read())
    bad = [item for item in read if isinstance(item, BadInput)]
    assert not bad
    return [item.product for item in read if not isinstance(item, BadInput)]


@SETTINGS
@given(st.lists(products(), max_size=4, unique_by=lambda product: product.id), st.booleans())
def test_shopify_round_trip(made: list[Product], legacy: bool) -> None:
    assert read_back(write_shopify(made, legacy=legacy), "shopify-csv") == made


@SETTINGS
@given(st.lists(products(safe_values=True), max_size=4, unique_by=lambda product: product.id))
def test_woocommerce_round_trip(made: list[Product]) -> None:
    assert read_back(write_woocommerce(made), "woocommerce-csv") == made


@SETTINGS
@given(st.lists(products(), min_size=1, max_size=3, unique_by=lambda product: product.id))
def test_no_exported_cell_is_a_formula(made: list[Product]) -> None:
    for lines in (write_shopify(made), write_woocommerce(made)):
        for row in csv.reader(io.StringIO("".join(lines), newline="")):
            for cell in row:
                number = cell.lstrip("+-").replace(".", "", 1).isdigit()
                assert number or not cell.startswith(("=", "+", "-", "@", "\t", "\r"))


@SETTINGS
@given(st.text())
def test_neutralising_is_undone_exactly(cell: str) -> None:
    assert restore(neutralise(cell)) == cell or not neutralise(cell).startswith("'")


@SETTINGS
@given(st.lists(st.text(max_size=10), max_size=4).map(tuple))
def test_lists_in_cells_are_read_back_exactly(values: tuple[str, ...]) -> None:
    assert split_list(join_list(values)) == values


@pytest.mark.parametrize("cell", ["=1+1", "+1-2", "-x", "@a", "\tx", "\rx", "'=1", "＝1"])
def test_formulas_are_neutralised(cell: str) -> None:
    assert neutralise(cell) == f"'{cell}"


@pytest.mark.parametrize("cell", ["-5", "+3.5", "-0.01", "plain", "it's", "'quoted'", ""])
def test_numbers_and_words_are_left_alone(cell: str) -> None:
    assert neutralise(cell) == cell
