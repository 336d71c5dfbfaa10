"""The deterministic writer: copy from attributes by grammar and templates, in Chinese and English.

It is the state without a model and the floor that a model must beat: it says only what a fact says, in its words.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from zhanggui.catalog.models import CopyRequest, Fact, ListingCopy, ProductFacts
from zhanggui.kernel.types import Locale

# What a shopper asks about first. Each role is recognised by words in the attribute's name.
_ROLES: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("kind", ("类型", "type", "product type", "品类")),
    ("material", ("材质", "面料", "成分", "material", "fabric", "composition", "ingredient")),
    ("colour", ("颜色", "色", "color", "colour", "shade", "finish")),
    ("size", ("尺寸", "尺码", "长度", "宽度", "高度", "厚度", "直径", "size", "dimension", "length", "width", "height",
              "depth", "diameter", "thickness", "裙长", "裤长", "衣长", "袖长")),
    ("capacity", ("容量", "净含量", "规格", "capacity", "volume", "quantity", "net content")),
    ("weight", ("重量", "净重", "weight")),
    ("count", ("数量", "件数", "number of", "pack of", "set of", "pieces", "sales package")),
    ("fit", ("版型", "fit", "腰型", "rise")),
    ("design", ("款式", "样式", "图案", "领型", "下摆", "裤口", "闭合", "袖", "pattern", "neck", "collar", "sleeve",
                "closure", "design", "shape", "heel", "lining")),
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
_PLURAL_OR_CODE = re.compile(r"\b(code|id|sku|ean|upc|asin|isbn|url|rating|crawl|barcode|货号|编码|条码)\b", re.I)
_EMPTY = {
    "",
    "na",
    "n/a",
    "no na",
    "none",
    "-",
    "--",
    "null",
    "nan",
    "无",
    "no",
    "not applicable",
    "other",
    "others",
    "其他",
}
_UNSAFE = re.compile(r"[<>{}\x00-\x08\x0b-\x1f]|https?://")
_HAN = re.compile(r"[\u4e00-\u9fff]")
MAX_VALUE = 120


@dataclass(frozen=True, slots=True)
class Said:
    """An attribute in a form that can be written: its role, its shown name and its usable values."""

    role: str
    name: str
    values: tuple[str, ...]


def role_of(attribute: str) -> str:
    """What part an attribute plays in a listing; `other` when nothing tells."""
    name = attribute.strip().lower()
    for role, words in _ROLES:
        if name in words:
            return role
    for role, words in _ROLES:
        if any((word in name) if _HAN.search(word) else re.search(rf"\b{re.escape(word)}", name) for word in words):
            return role
    return "other"


def usable(fact: Fact) -> bool:
    """Whether a fact can stand in copy as it is: not empty, no code or address, no markup, not an essay."""
    value = fact.value.strip()
    return (
        value.lower() not in _EMPTY
        and len(value) <= MAX_VALUE
        and not _UNSAFE.search(value)
        and not _PLURAL_OR_CODE.search(fact.attribute)
        and "\n" not in value
    )


def tell(facts: ProductFacts) -> tuple[Said, ...]:
    """The usable attributes, what a shopper asks first in front, values of one attribute together."""
    grouped: dict[str, list[str]] = {}
    for fact in facts.facts:
        if usable(fact):
            values = grouped.setdefault(fact.attribute.strip(), [])
            if fact.value.strip() not in values:
                values.append(fact.value.strip())
    order = {role: at for at, (role, _) in enumerate(_ROLES)}
    said = [Said(role_of(name), name, tuple(values)) for name, values in grouped.items()]
    return tuple(sorted(said, key=lambda one: order.get(one.role, len(order))))


def compose(request: CopyRequest) -> ListingCopy:
    """A whole copy from the facts alone."""
    said = tell(request.facts)
    title = compose_title(request.facts, said, request.locale)
    bullets = tuple(_line(one, request.locale) for one in said if one.role not in ("brand", "kind"))[:8]
    describe = _describe_zh if request.locale == "zh-CN" else _describe_en
    description = describe(title, said)
    return ListingCopy(
        title=title,
        bullets=bullets,
        description=description,
        keywords=compose_keywords(request.facts, said),
        seo_title=title,
        seo_description=description,
    )


def compose_title(facts: ProductFacts, said: Sequence[Said], locale: Locale) -> str:
    """The product's own title with its brand in front; without a title, built from the attributes."""
    title = " ".join(_UNSAFE.sub(" ", facts.title).split())
    if not title:
        title = _title_from(said, facts, locale)
    brand = facts.brand.strip()
    if brand and brand.lower() not in title.lower():
        title = f"{brand} {title}"
    return title if _HAN.search(title) else title[:1].upper() + title[1:]


def _title_from(said: Sequence[Said], facts: ProductFacts, locale: Locale) -> str:
    wanted = ("style", "colour", "material", "design", "fit", "size", "kind")
    words: list[str] = []
    for role in wanted:
        for one in said:
            if one.role == role:
                words.extend(value for value in one.values[:2] if len(value) <= 20)
    if facts.category:
        words.append(facts.category[-1])
    joined = "" if locale == "zh-CN" else " "
    unique = list(dict.fromkeys(words))
    return joined.join(unique[-8:]) or (facts.brand or "-")


def compose_keywords(facts: ProductFacts, said: Sequence[Said]) -> tuple[str, ...]:
    """Search words from brand, category and the short attribute values; at most 12."""
    words: list[str] = [facts.brand, *reversed(facts.category)]
    for one in said:
        if one.role in ("kind", "material", "colour", "style", "design", "fit", "audience", "function", "count"):
            words.extend(value for value in one.values if len(value) <= 24)
    cleaned = (" ".join(word.split()) for word in words)
    return tuple(dict.fromkeys(word for word in cleaned if word and not _UNSAFE.search(word)))[:12]


def fact_line(fact_name: str, values: Iterable[str], locale: Locale) -> str:
    """One attribute as a bullet line, in the attribute's own words."""
    return _line(Said(role_of(fact_name), fact_name, tuple(values)), locale)


def _line(one: Said, locale: Locale) -> str:
    if locale == "zh-CN":
        return f"{one.name}：{'、'.join(one.values)}"
    name = one.name[:1].upper() + one.name[1:]
    return f"{name}: {', '.join(one.values)}"


def _pick(said: Sequence[Said], *roles: str) -> list[str]:
    return [value for one in said if one.role in roles for value in one.values]


def _describe_zh(title: str, said: Sequence[Said]) -> str:
    parts = [f"{title}"]
    if material := _pick(said, "material"):
        parts.append(f"采用{'、'.join(material)}")
    if colour := _pick(said, "colour"):
        parts.append(f"颜色为{'、'.join(colour)}")
    if design := _pick(said, "design", "fit"):
        parts.append(f"{'、'.join(design[:4])}设计")
    first = "，".join(parts) + "。"
    rest = [f"{one.name}：{'、'.join(one.values)}" for one in said if one.role in _LATER_ROLES]
    return first + (("；".join(rest)) + "。" if rest else "")


def _describe_en(title: str, said: Sequence[Said]) -> str:
    sentences = [f"{title}."]
    if material := _pick(said, "material"):
        sentences.append(f"Made of {_and(material)}.")
    if colour := _pick(said, "colour"):
        sentences.append(f"Comes in {_and(colour)}.")
    if design := [one for one in said if one.role in ("design", "fit", "style", "function")]:
        sentences.append("; ".join(f"{one.name}: {_and(one.values)}" for one in design[:4]) + ".")
    sentences += [f"{one.name}: {_and(one.values)}." for one in said if one.role in _LATER_ROLES]
    return " ".join(sentences)


_LATER_ROLES = ("size", "capacity", "weight", "count", "audience", "origin", "care", "certification", "promise")


def _and(values: Sequence[str]) -> str:
    if len(values) == 1:
        return values[0]
    return f"{', '.join(values[:-1])} and {values[-1]}"
