"""Every product has a small, safe drawing in its own colours."""

import re
from xml.etree import ElementTree

from zhanggui.demo.pictures import make_pictures, mix
from zhanggui.demo.products import make_products, sheets
from zhanggui.demo.shop import DEMO_TODAY
from zhanggui.demo.source import colours

ALLOWED = {"svg", "title", "rect", "ellipse", "circle", "path", "g", "text"}


def test_each_image_a_product_names_is_drawn_once() -> None:
    names = [picture.name for picture in make_pictures()]
    products = make_products(DEMO_TODAY, DEMO_TODAY, {})
    assert sorted(names) == sorted(name for product in products for name in product.zh.images)
    assert len(names) == len(set(names))


def test_drawings_parse_hold_no_script_and_stay_small() -> None:
    for picture in make_pictures():
        assert len(picture.svg.encode()) < 6 * 1024
        root = ElementTree.fromstring(picture.svg)
        for element in root.iter():
            assert element.tag.removeprefix("{http://www.w3.org/2000/svg}") in ALLOWED
            assert not any(name.lower().startswith("on") or "href" in name.lower() for name in element.attrib)
        assert "{" not in picture.svg and "url(" not in picture.svg


def test_drawings_show_the_real_colour() -> None:
    plain = {"clear", "kraft"}
    for picture in make_pictures():
        shade = colours()[picture.colour][1]
        near = {shade, mix(shade, "#10131a", 0.24), mix(shade, "#ffffff", 0.42)}
        assert near & set(re.findall(r"#[0-9a-f]{6}", picture.svg)) or picture.colour in plain


def test_kinds_look_different() -> None:
    kinds = {sheet.id: sheet.kind for _, sheet in sheets()}
    shapes: dict[str, set[str]] = {}
    for picture in make_pictures():
        outline = re.sub(r"#[0-9a-f]{6}|<title>.*?</title>", "", picture.svg)
        shapes.setdefault(outline, set()).add(kinds[picture.product_id])
    assert all(len(members) == 1 for members in shapes.values())
    assert len(set(kinds.values())) >= 60
