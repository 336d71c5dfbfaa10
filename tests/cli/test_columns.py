"""`--columns NAME`: a mapping kept in the console serves the command line too."""

from pathlib import Path

from tests.cli.test_operations import zhanggui
from tests.conftest import TESTER
from zhanggui.app import build
from zhanggui.connectors.saved_columns import SavedColumns, save_columns
from zhanggui.settings import Settings


def test_a_file_is_read_with_a_kept_mapping(tmp_path: Path) -> None:
    data, products, orders = tmp_path / "data", tmp_path / "products.csv", tmp_path / "orders.csv"
    products.write_text("Nr,Was,Kostet\nk1,Enamel kettle,129.00\n", encoding="utf-8")
    orders.write_text("Beleg,Tag,Ware,Menge,Betrag\nA1,2026-11-01,k1,2,129.00\n", encoding="utf-8")
    app = build(Settings(data_dir=data, model="none"))
    shelf = {"Nr": "id", "Was": "title", "Kostet": "price"}
    sheet = {"Beleg": "order_id", "Tag": "placed_at", "Ware": "sku", "Menge": "quantity", "Betrag": "unit_price"}
    with app.database.begin("main", TESTER) as uow:
        save_columns(uow, "products", SavedColumns("supplier", shelf, "EUR"))
        save_columns(uow, "orders", SavedColumns("till", sheet, "EUR"))
    app.close()
    made = zhanggui(data, "catalog", "import", str(products), "--columns", "supplier")
    assert "1 created" in made.stdout, made.stderr
    assert "Enamel kettle" in zhanggui(data, "catalog", "list").stdout
    sold = zhanggui(data, "orders", "import", str(orders), "--columns", "till")
    assert sold.returncode == 0 and "1 created" in sold.stdout, (sold.stdout, sold.stderr)
    unknown = zhanggui(data, "catalog", "import", str(products), "--columns", "nobody's")
    assert unknown.returncode == 1 and "nobody's" in unknown.stderr
