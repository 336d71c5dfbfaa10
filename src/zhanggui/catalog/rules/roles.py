"""Which attributes a listing tells, in which order, and their values in a form that can be written."""

import re
from dataclasses import dataclass

from zhanggui.catalog.models import Fact, ProductFacts
from zhanggui.catalog.rules.facts import looks_like_an_order

# What a shopper asks about first. Each role is recognised by words in the attribute's name.
_ROLES: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("kind", ("类型", "type", "product type", "品类", "衣样式")),
    ("material", ("材质", "面料", "成分", "material", "fabric", "composition", "ingredient")),
    ("colour", ("颜色", "色", "color", "colour", "shade", "finish")),
    ("size", ("尺寸", "尺码", "长度", "宽度", "高度", "厚度", "直径", "size", "dimension", "length", "width", "height",
              "depth", "diameter", "thickness", "裙长", "裤长", "衣长")),
    ("capacity", ("容量", "净含量", "规格", "capacity", "volume", "quantity", "net content")),
    ("weight", ("重量", "净重", "weight")),
    ("count", ("数量", "件数", "number of", "pack of", "set of", "pieces", "sales package")),
    ("fit", ("版型", "fit", "腰型", "rise")),
    ("design", ("款式", "样式", "图案", "领型", "下摆", "裤口", "裤型", "裙型", "闭合", "门襟", "袖", "pattern",
                "neck", "collar", "sleeve", "closure", "design", "shape", "heel", "lining")),
    ("style", ("风格", "style", "theme", "occasion", "场景", "season", "季节")),
    ("function", ("功能", "特点", "feature", "function", "power", "battery", "connect", "接口", "续航",
                  "防水", "water")),
    ("audience", ("适用", "人群", "ideal for", "suitable", "for", "gender", "age")),
    ("origin", ("产地", "原产", "origin", "made in", "country")),
    ("care", ("洗涤", "保养", "护理", "care", "wash")),
    ("certification", ("认证", "标准", "certif", "standard")),
    ("promise", ("质保", "保修", "退", "发货", "warranty", "return", "shipping", "保质期", "shelf life")),
    ("brand", ("品牌", "brand")),
    ("model", ("型号", "model")),
)  # fmt: skip
_ORDER = {role: at for at, (role, _) in enumerate(_ROLES)}
_ANY_HAN = re.compile(r"[\u4e00-\u9fff]")
_CODE_NAME = re.compile(
    r"\b(code|id|sku|ean|upc|asin|isbn|url|rating|crawl|barcode|tags?|keywords?)\b|货号|编码|条码|标签", re.I
)
_EMPTY = re.compile(
    r"|n/?a\b.*|no na|none|-+|null|nan|无|no|false|否|不|不支持|不含|not applicable|others?|其他|0+(?:\.0+)?\s*[a-z]*",
    re.I,
)
UNSAFE = re.compile(r"[<>{}\x00-\x08\x0b-\x1f]|https?://|www\.")
_YES_AND = re.compile(r"yes\s*[,:;-]\s*", re.I)
_YES = re.compile(r"yes|true|是|有|支持|含", re.I)
_ASIDE = re.compile(r"\s+[-–]\s+")
_MOST = 120
_LONG = 40


@dataclass(frozen=True, slots=True)
class Said:
    """An attribute in a form that can be written: its role, its shown name and its usable values.

    No values at all: the attribute's name alone says it (`Water Resistant: Yes`).
    """

    role: str
    name: str
    values: tuple[str, ...]


def role_of(attribute: str) -> str:
    """What part an attribute plays in a listing; `other` when nothing tells."""
    name = attribute.strip().lower()
    if name.startswith(("brand ", "品牌")):
        return "brand"
    for role, words in _ROLES:
        if name in words:
            return role
    for role, words in _ROLES:
        if any((word in name) if _ANY_HAN.search(word) else re.search(rf"\b{re.escape(word)}", name) for word in words):
            return role
    return "other"


def is_tags(attribute: str) -> bool:
    """Whether an attribute holds search words, not something to tell."""
    return attribute.strip().lower() in {"tag", "tags", "keyword", "keywords", "标签", "关键词"}


def usable(fact: Fact) -> bool:
    """Whether a fact can stand in copy as it is: not empty or denied, no code, address, markup, essay or order."""
    value = fact.value.strip()
    return (
        not _EMPTY.fullmatch(value)
        and len(value) <= _MOST
        and not UNSAFE.search(value)
        and not _CODE_NAME.search(fact.attribute)
        and not UNSAFE.search(fact.attribute)
        and len(fact.attribute) <= _LONG
        and "\n" not in value
        and not looks_like_an_order(value)
        and not looks_like_an_order(fact.attribute)
    )


def tidy(value: str) -> str:
    """A value without what was left over around it: blanks, stray commas, a leading `Yes,`, an aside after a dash."""
    told = _YES_AND.sub("", " ".join(value.split()), count=1) if _YES_AND.match(value) else " ".join(value.split())
    if len(told) > _LONG:
        first = _ASIDE.split(told, maxsplit=1)[0]
        told = first if len(first) >= 4 else told
    told = told.strip(" ,;，；、")
    return told[:-1] if told.endswith(".") and not told.endswith("..") else told


def tell(facts: ProductFacts) -> tuple[Said, ...]:
    """The usable attributes, what a shopper asks first in front, values of one attribute together."""
    grouped: dict[str, list[str]] = {}
    for fact in facts.facts:
        if not usable(fact):
            continue
        values = grouped.setdefault(" ".join(fact.attribute.split()), [])
        value = tidy(fact.value)
        if value and not _YES.fullmatch(value) and value.lower() not in (known.lower() for known in values):
            values.append(value)
    said = [Said(role_of(name), name, tuple(values)) for name, values in grouped.items()]
    return tuple(sorted(said, key=lambda one: _ORDER.get(one.role, len(_ORDER))))
