"""The independent checker of listing copy: it lets true copy pass and finds each sort of lie, in both languages."""

import ast
from pathlib import Path
from typing import Any

import pytest
from evals.copy_checker import claims
from evals.copy_checker.claims import unsupported
from evals.copy_checker.coverage import asked, told
from evals.copy_checker.judging import Scores, outcome
from evals.copy_checker.numbers import amounts
from evals.copy_checker.products import SETS
from evals.copy_checker.reporting import write_report

WATCH: dict[str, Any] = {
    "title": "Velmo field watch VX-20",
    "brand": "Velmo",
    "category": "watches",
    "attributes": {
        "Strap Color": "Brown",
        "Dial Color": "White",
        "Strap Material": "Genuine leather",
        "Case Width": "40 mm",
        "Water Resistant": "No",
        "Luminous": "Yes",
        "Warranty": "2 year warranty",
        "Ideal For": "Men, Women",
        "Weight (g)": "85",
        "Dial Shape": "Round",
        "Sales Package": "Pack of Two",
    },
}
COAT: dict[str, Any] = {
    "attributes": {
        "类型": "上衣",
        "材质": "羊毛",
        "颜色": "深蓝色",
        "衣样式": "外套",
        "衣领型": "翻领",
        "图案": "格子",
        "口袋数量": "3个",
        "衣长": "中长款",
    }
}


def copy(text: str, **more: Any) -> dict[str, Any]:
    return {"title": "", "bullets": [], "description": text, "keywords": [], **more}


@pytest.mark.parametrize(
    "text",
    [
        "The Velmo field watch has a white dial and a brown strap of genuine leather. It is 4 cm wide and weighs 85 g.",
        "For men and women. It comes with a 2 year warranty and luminous hands.",
        "A round dial. It is not water resistant. Comes as a pack of two.",
        "Model VX-20, perfect for every day.",
    ],
)
def test_true_english_passes(text: str) -> None:
    assert unsupported(copy(text), WATCH) == []


@pytest.mark.parametrize("text", ["深蓝色羊毛外套，翻领设计，带有格子图案。", "中长款外套，有三个口袋，颜色为蓝色。"])
def test_true_chinese_passes(text: str) -> None:
    assert unsupported(copy(text), COAT) == []


@pytest.mark.parametrize(
    ("text", "kind", "words"),
    [
        ("It is 42 mm wide.", "number", "42 mm"),
        ("It weighs 40 mm.", "number", "40 mm"),
        ("Set of five.", "number", "five"),
        ("A green strap.", "colour", "green"),
        ("A white strap.", "part", "white strap"),
        ("Made of steel.", "material", "steel"),
        ("A faux leather strap.", "material", "faux leather"),
        ("Made in Italy.", "origin", "Italy"),
        ("FDA approved.", "certification", "FDA"),
        ("It is water resistant.", "feature", "water resistant"),
        ("Fully waterproof.", "feature", "waterproof"),
        ("The best watch.", "superlative", "best"),
        ("With free delivery.", "promise", "delivery"),
        ("For kids.", "audience", "kids"),
        ("It relieves stress.", "efficacy", "relieves"),
        ("Machine washable.", "care", "Machine wash"),
        ("Model VX-30.", "code", "VX-30"),
        ("A watch in the style of Rolex and others.", "name", "Rolex"),
        ("A watch by Watches.", "brand", "Watches"),
        ("It is not luminous.", "feature", "luminous"),
    ],
)
def test_english_lies_are_found(text: str, kind: str, words: str) -> None:
    hits = unsupported(copy(text), WATCH)
    assert any(hit.kind == kind and words.lower() in hit.text.lower() for hit in hits), hits


@pytest.mark.parametrize(
    ("text", "kind", "words"),
    [
        ("红色外套。", "colour", "红色"),
        ("纯棉外套。", "material", "纯棉"),
        ("意大利进口。", "origin", "意大利"),
        ("通过认证。", "certification", "认证"),
        ("防水面料。", "feature", "防水"),
        ("立领设计。", "shape", "立领"),
        ("宽松版型。", "shape", "宽松"),
        ("条纹图案。", "feature", "条纹"),
        ("有四个口袋。", "number", "四"),
        ("衣长120厘米。", "number", "120厘米"),
        ("最好看的外套。", "superlative", "最"),
        ("终身质保。", "promise", "质保"),
        ("适合孕妇。", "audience", "孕妇"),
        ("可机洗。", "care", "机洗"),
    ],
)
def test_chinese_lies_are_found(text: str, kind: str, words: str) -> None:
    hits = unsupported(copy(text), COAT)
    assert any(hit.kind == kind and words in hit.text for hit in hits), hits


def test_every_field_is_read() -> None:
    lying = {"title": "Steel watch", "bullets": ["A green strap"], "description": "", "keywords": ["waterproof watch"]}
    assert {hit.place for hit in unsupported(lying, WATCH)} == {"title", "bullet 1", "keyword 1"}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("16 cm", ("length", 0.16)),
        ("160mm", ("length", 0.16)),
        ("1.5 kg", ("mass", 1.5)),
        ("500毫升", ("volume", 0.5)),
        ("12-inch", ("length", 0.3048)),
        ("5 in black", ("", 5.0)),
        ("1,200 g", ("mass", 1.2)),
        ("three pockets", ("", 3.0)),
        ("两件", ("", 2.0)),
    ],
)
def test_numbers_in_base_units(text: str, expected: tuple[str, float]) -> None:
    (one,) = amounts(text)
    assert (one.kind, pytest.approx(one.value)) == expected


def test_coverage_counts_values_that_shoppers_ask_about() -> None:
    line = {
        "attributes": {"Color": "Navy, Red", "Style Code": "X1", "Material": "NA", "Width": "20 cm", "Water": "Yes"}
    }
    assert list(asked(line)) == [("Color", "Navy"), ("Color", "Red"), ("Width", "20 cm")]
    assert told(copy("A navy thing, 200 mm wide."), line) == (2, 3, ["Color=Red"])


def test_coverage_in_chinese_knows_suffixes_and_synonyms() -> None:
    assert told(copy("蓝牛仔外套，翻领，羊毛，格纹，有口袋，中长款。"), COAT)[2] == ["颜色=深蓝色"]


@pytest.mark.parametrize(
    ("first", "swapped", "expected"),
    [
        ((8, 6), (6, 8), "win"),
        ((6, 8), (8, 6), "loss"),
        ((9, 5), (9, 5), "tie"),  # whatever stands first is liked
        ((9, 5), (8, 6), "win"),
        (None, (5, 5), "none"),
    ],
)
def test_a_liking_for_a_place_cancels_out(
    first: tuple[int, int] | None, swapped: tuple[int, int] | None, expected: str
) -> None:
    told = [None if pair is None else Scores(a=pair[0], b=pair[1]) for pair in (first, swapped)]
    assert outcome(*told) == expected


def test_the_checker_shares_no_code_with_the_product() -> None:
    for name in ("claims", "numbers", "coverage", "products", "reporting"):
        tree = ast.parse((Path(claims.__file__).parent / f"{name}.py").read_text(encoding="utf-8"))
        imported = {n.module or "" for n in ast.walk(tree) if isinstance(n, ast.ImportFrom)}
        imported |= {alias.name for n in ast.walk(tree) if isinstance(n, ast.Import) for alias in n.names}
        assert not any(module.startswith("zhanggui") for module in imported)


def test_draws_depend_on_the_seed_alone(shared_data: Path) -> None:
    for one in SETS.values():
        if not one.file.is_relative_to(shared_data):
            pytest.skip("the sets lie elsewhere")
        few, many = one.draw(3, 7), one.draw(10, 7)
        assert few == many[:3]
        assert [line["id"] for line in one.draw(10, 8)] != [line["id"] for line in many]
        assert all(line["attributes"] for line in many)


def test_reports_put_what_is_wrong_first(tmp_path: Path) -> None:
    draft = {
        "line": WATCH, "channel": "amazon", "by_model": True, "note": "", "publishable": True, "failed": [], "cut": [],
        "copy": copy("A fine watch."),
    }  # fmt: skip
    wrong = {**draft, "copy": copy("A green watch.")}
    rows = [(draft, [], []), (wrong, unsupported(wrong["copy"], WATCH), ["Color=Red"])]
    write_report(tmp_path / "page.md", "set", rows)
    page = (tmp_path / "page.md").read_text(encoding="utf-8")
    assert page.index("green watch") < page.index("fine watch")
    assert "2 drafts, 1 unsupported" in page
