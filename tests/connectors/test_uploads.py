"""Files as they really come, and files meant to harm: archives, encodings, broken rows."""

import gzip
import io
import zipfile
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from zhanggui.catalog.store.rows import from_row
from zhanggui.connectors.generic_table import ColumnMapping
from zhanggui.connectors.product_files import open_products
from zhanggui.connectors.tabular import CsvTable, Limits, ReadProduct, open_text
from zhanggui.kernel.errors import BadInput


def rows_of(folder: Path, content: bytes, limits: Limits | None = None) -> tuple[list[dict[str, str]], list[BadInput]]:
    path = folder / "upload"
    path.write_bytes(content)
    with open_text(path, limits=limits) as source:
        read = list(CsvTable(source).rows())
    bad = [row for row in read if isinstance(row, BadInput)]
    return [row[1] for row in read if not isinstance(row, BadInput)], bad


def zipped(**files: bytes) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return packed.getvalue()


def test_an_unclosed_quote_costs_one_row(tmp_path: Path) -> None:
    content = b'a,b\n1,x\n2,"open\n3,y\n4,z\n'
    good, bad = rows_of(tmp_path, content)
    assert [row["a"] for row in good] == ["1", "3", "4"]
    assert [(problem.row, problem.expected) for problem in bad] == [(3, "a closing quote")]


def test_an_unclosed_quote_before_multi_line_cells_costs_little(tmp_path: Path) -> None:
    rows = b"".join(b"%d,plain\n" % n for n in range(100))
    content = b'a,b\n0,"open\n' + rows + b'100,"two\nlines"\n101,end\n'
    good, bad = rows_of(tmp_path, content)
    assert len(good) >= 100
    assert good[-1] == {"a": "101", "b": "end"}
    assert bad[0].row == 2


def test_wrong_cell_counts_are_named(tmp_path: Path) -> None:
    good, bad = rows_of(tmp_path, b'a,b,c\n1,2,3\n1,2\n\n1,2,3,4\n"x, y","line one\nline two",z\n')
    assert [row["a"] for row in good] == ["1", "x, y"]
    assert [(problem.row, problem.expected, problem.found) for problem in bad] == [
        (3, "3 cells", "2 cells"),
        (4, "3 cells", "4 cells"),
    ]


def test_nul_and_huge_cells_are_named(tmp_path: Path) -> None:
    content = b"a,b\n1,x\0y\n2," + b"z" * 5_000 + b"\n3,ok\n4," + b"w" * 50_000 + b"\n5,ok\n"
    good, bad = rows_of(tmp_path, content, Limits(cell_characters=1_000))
    assert [row["a"] for row in good] == ["3", "5"]
    assert [problem.row for problem in bad] == [2, 3, 5]
    assert bad[0].field == "b"


def test_a_zip_with_one_file_is_opened(tmp_path: Path) -> None:
    good, bad = rows_of(tmp_path, zipped(**{"products.csv": b"a,b\n1,2\n", "__MACOSX/._products.csv": b"junk"}))
    assert good == [{"a": "1", "b": "2"}]
    assert not bad


@pytest.mark.parametrize("pack", [gzip.compress, lambda raw: zipped(**{"bomb.csv": raw})], ids=["gzip", "zip"])
def test_bombs_are_stopped(tmp_path: Path, pack: object) -> None:
    bomb = pack(b"a,b\n" + b"\0" * (40 << 20))  # type: ignore[operator]
    with pytest.raises(BadInput, match="times its packed size"):
        rows_of(tmp_path, bomb)
    with pytest.raises(BadInput, match="MiB unpacked"):
        rows_of(tmp_path, bomb, Limits(unpacked_bytes=8 << 20))


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "a header row"),
        (b"a,a\n1,2\n", "used once"),
        (gzip.compress(b"a,b\n1,2\n" * 500, mtime=0)[:-30], "a whole, unencrypted archive"),
        (b"PK\x03\x04 not really", "a whole, unencrypted archive"),
        (zipped(**{"one.csv": b"a\n", "two.csv": b"a\n"}), "one file"),
        (zipped(**{"[Content_Types].xml": b"<x/>", "xl/workbook.xml": b"<x/>"}), "save the workbook as CSV"),
        (b"a,b\nx,\xff\xfe\xfd\xfc\n", "UTF-8"),
    ],
)
def test_unreadable_files_are_refused_with_the_reason(tmp_path: Path, content: bytes, reason: str) -> None:
    with pytest.raises(BadInput, match=reason):
        rows_of(tmp_path, content)


def test_json_lines_keep_digits_and_name_bad_lines(tmp_path: Path) -> None:
    lines = [
        '{"id": "a", "title": "A", "price": 19.10, "attributes": {"Material": ["wool", "silk"]}, "tags": ["x"]}',
        '{"id": "b", "title": "B", "price": NaN}',
        "not json",
        "[" * 100_000,
        '{"id": "c", "title": "C", "price": "12,5"}',
        '{"id": 7, "title": "D\\u0000", "price": 1}',
        '{"id": 8, "title": "E", "stock": 4, "nested": {"deep": {"x": true}}}',
    ]
    path = tmp_path / "products.jsonl"
    path.write_text("\n".join(lines))
    with open_products(path, "USD") as file:
        read = list(file.read())
    good = [item.product for item in read if isinstance(item, ReadProduct)]
    assert [product.id for product in good] == ["a", "8"]
    assert good[0].attributes == {"Material": ("wool", "silk")}
    assert (good[0].price.minor if good[0].price else None) == 1910
    assert good[1].extra == {"nested.deep.x": "true"}
    assert [item.row for item in read if isinstance(item, BadInput)] == [2, 3, 4, 5, 6]


CELLS = st.sampled_from(
    """|A-1|A-2| b |9.90|1,299.00|12,5|-3|7|7.0|+2|nan|¥5|上架|gone|usd|JPY|=1+1|'=1|''-x|x;y|q"q|a > b|[1]|\
["p","q;r"]|line\nbreak|0.35|1e5|LONG|\\""".replace("LONG", "x" * 300).split("|")
)
COLUMNS = ("id", "sku", "title", "price", "currency", "stock", "status", "weight", "barcode", "category", "images")
MORE = ("tags", "brand", "Material", "Shelf", "description")


@settings(max_examples=100, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.data())
def test_tables_and_rows_say_the_same(tmp_path_factory: pytest.TempPathFactory, data: st.DataObject) -> None:
    columns = data.draw(st.permutations([*COLUMNS, *MORE]).map(lambda found: found[:9]).map(lambda f: ["id", *f]))
    columns = list(dict.fromkeys(columns))
    rows = data.draw(st.lists(st.lists(CELLS, min_size=len(columns), max_size=len(columns)), min_size=1, max_size=8))
    quoted = (",".join('"' + cell.replace('"', '""') + '"' for cell in row) for row in rows)
    path = tmp_path_factory.mktemp("table") / "t.csv"
    path.write_text(",".join(columns) + "\r\n" + "".join(f"{row}\r\n" for row in quoted), newline="")
    with open_products(path, "CNY", kind="generic-table") as file:
        frames = file.frames()
        assert frames is not None
        found = list(frames)
        read = list(file.read())
    by_row = {item.row: item.product for item in read if isinstance(item, ReadProduct)}
    problems = {(bad.row, bad.field, bad.expected, bad.found) for bad in read if isinstance(bad, BadInput)}
    seen: dict[str, int] = {}
    for row, product in by_row.items():
        first = seen.setdefault(product.id, row)
        if first != row:
            problems.add((row, "id", f"a product once in the file (row {first} has it)", product.id))
    tabled = {row["row"]: from_row(row) for frame in found for row in frame.table.iter_rows(named=True)}
    assert tabled == {row: product for row, product in by_row.items() if seen[product.id] == row}
    assert {(bad.row, bad.field, bad.expected, bad.found) for frame in found for bad in frame.problems} == problems


def test_a_saved_mapping_decides(tmp_path: Path) -> None:
    path = tmp_path / "t.csv"
    path.write_text("Nr;Was;Preis;Stoff;Intern\n1;Tisch;199.00;Eiche;geheim\n")
    mapping = ColumnMapping(
        {"Nr": "id", "Was": "title", "Preis": "price", "Stoff": "attributes.Holz", "Intern": "ignore"}, "EUR"
    )
    assert ColumnMapping.from_json(mapping.as_json()) == mapping
    with open_products(path, "CNY", mapping=mapping) as file:
        (read,) = file.read()
    assert isinstance(read, ReadProduct)
    assert str(read.product.price) == "199.00 EUR"
    assert (read.product.attributes, read.product.extra) == ({"Holz": ("Eiche",)}, {})
