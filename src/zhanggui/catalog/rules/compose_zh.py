"""Chinese bullets, titles and descriptions from attributes."""

import re
from collections.abc import Sequence

from zhanggui.catalog.models import ClaimKind
from zhanggui.catalog.rules.compliance import display_units
from zhanggui.catalog.rules.lexicon import find_mentions
from zhanggui.catalog.rules.roles import Said
from zhanggui.catalog.rules.tokens import has_cjk

_GARMENT_PREFIX = re.compile(r"^(?:裙衣|衣|裙|裤)(?=领型|袖型|袖长|门襟|款式|样式|腰型|下摆)")
_CLOTH_END = re.compile(r"(?:布|面料|材质|皮革)$")
_FINISH = frozenset({"水洗", "磨毛", "做旧"})  # what was done to the cloth, not what it is
_PATTERN = re.compile(r"图案|花型")
_DETAIL = re.compile(r"款式")
_SHAPED = re.compile(r"领型|袖|门襟|腰型|下摆|裤口|衣长|裙型|裤型|闭合")
_STYLE_WORDS = {"潮": "潮流", "ol": "OL"}
_TITLE_UNITS = 56
_LATER = ("size", "capacity", "weight", "count", "function", "audience", "origin", "care", "certification", "promise")
_LONG = 40


def label_zh(name: str) -> str:
    """An attribute's name as a shopper reads it: 裙衣门襟 is 门襟, 裤款式 is 款式."""
    return _GARMENT_PREFIX.sub("", name)


def line_zh(one: Said) -> str:
    """One attribute as a line: 材质：羊毛、羊绒."""
    return f"{label_zh(one.name)}：{'、'.join(one.values)}" if one.values else label_zh(one.name)


def facts_zh(said: Sequence[Said]) -> list[str]:
    """Every attribute in words that can stand in a sentence: 羊毛材质, 条纹图案, 版型宽松, 立领."""
    return [_phrase(one) for one in said if one.role not in ("brand", "kind")]


def _phrase(one: Said) -> str:
    values = "、".join(one.values)
    if not values or any(character.isdigit() for character in values) or not has_cjk(values):
        return line_zh(one)
    if one.name == "版型":
        return f"版型{values}"
    if _PATTERN.search(one.name) or one.name == "风格":
        return values + label_zh(one.name)[-2:]
    if one.name in ("材质", "面料"):
        return values if _CLOTH_END.search(values) else f"{values}材质"
    if one.name == "颜色" or _SHAPED.search(one.name) or _DETAIL.search(one.name) or _worn(one):
        return values
    return line_zh(one)


def lines_zh(said: Sequence[Said]) -> tuple[str, ...]:
    """The bullets: one for each attribute, those with one shown name together."""
    merged: dict[str, list[str]] = {}
    for one in said:
        if one.role == "brand" or (one.role == "kind" and one.name != "衣样式" and len(said) > 2):
            continue
        merged.setdefault(label_zh(one.name), []).extend(one.values)
    return tuple(
        f"{name}：{'、'.join(dict.fromkeys(values))}" if values else name for name, values in merged.items()
    )  # fmt: skip


def product_word(said: Sequence[Said], category: Sequence[str]) -> str:
    """What the thing is called: 衣样式 names a garment better than 类型; 裙长 and 裤型 may hold the word itself."""
    kinds = [value for one in said if one.role == "kind" and one.name != "衣样式" for value in one.values]
    styles = [value for one in said if one.name == "衣样式" for value in one.values if len(value) > 1]
    if styles:
        return styles[-1]
    kind = kinds[-1] if kinds else (category[-1] if category else "")
    if kind in ("裙", "裤"):
        forms = [
            v for one in said if one.name in ("裙长", "裤长", "裙型", "裤型") for v in one.values if v.endswith(kind)
        ]
        forms = list(dict.fromkeys(form for form in forms if len(form) > 1))
        if kind == "裤" and "长裤" in forms and len(forms) > 1:
            forms.remove("长裤")
        return "".join(form.removesuffix(kind) for form in forms[:2]) + kind if forms else kind
    return kind


def title_zh(said: Sequence[Said], category: Sequence[str]) -> str:
    """A title from the attributes: style, colour, pattern, material, shape, details, what it is; 28 汉字 at most."""
    word = product_word(said, category)
    wanted = [
        *_first(said, "style", 1),
        *_first(said, "colour", 1),
        *[v for one in said if _PATTERN.search(one.name) for v in one.values][:2],
        *[_short_cloth(v) for one in said if one.role == "material" for v in one.values if _is_material(v)][:2],
        *_first(said, "fit", 2),
        *[v for one in said if _SHAPED.search(one.name) and one.role not in ("fit", "kind") for v in one.values][:3],
        *[v for one in said if _DETAIL.search(one.name) for v in one.values][:3],
        *_first(said, "capacity", 1),
        *[value for value in _first(said, "size", 1) if not value.endswith(("裙", "裤"))],
    ]
    chosen: list[str] = []
    for value in wanted:
        core = value.removesuffix(word[-1:]) if len(value) > 2 else value
        new = 1 < len(value) <= 10 and all(core not in old and old not in value for old in (*chosen, word))
        if new and display_units("".join((*chosen, value, word))) <= _TITLE_UNITS:
            chosen.append(value)
    return "".join((*chosen, word)) or "、".join(value for one in said[:3] for value in one.values[:1]) or "商品"


def _first(said: Sequence[Said], role: str, count: int) -> list[str]:
    return [_STYLE_WORDS.get(value, value) for one in said if one.role == role for value in one.values][:count]


def _short_cloth(value: str) -> str:
    return value.removesuffix("布") if value == "牛仔布" else value


def _is_material(value: str) -> bool:
    return value not in _FINISH and any(
        concept.kind is ClaimKind.MATERIAL for mention in find_mentions(value) for concept in mention.concepts
    )


def describe_zh(title: str, said: Sequence[Said]) -> str:
    """Two to four sentences."""
    opening = _opening(title, said)
    shape = _clauses(said)
    rest = [line_zh(one) for one in said if one.role in _LATER and not _worn(one) and _short(one)]
    styles = [_STYLE_WORDS.get(value, value) for one in said if one.name == "风格" for value in one.values]
    sentences = [opening, "，".join(shape), f"整体为{'、'.join(styles)}风格" if styles else "", "；".join(rest)]
    return "".join(f"{sentence}。" for sentence in sentences if sentence) or f"{title}。"


def _worn(one: Said) -> bool:
    return one.name in ("裙长", "裤长", "衣长", "裙衣长")


def _short(one: Said) -> bool:
    return sum(len(value) for value in one.values) <= _LONG


def _opening(title: str, said: Sequence[Said]) -> str:
    word = product_word(said, ())
    spoken = word + "子" if word in ("裙", "裤") else word
    told = f"这款{spoken}" if word and has_cjk(word) and title.endswith(word) and title != word else title
    if any(told == value for one in said for value in one.values):
        told = "本品"
    materials = [
        value for one in said if one.role == "material" and one.name in ("材质", "面料") for value in one.values
    ]
    cloth = [value for value in materials if _is_material(value)]
    parts: list[str] = []
    if cloth:
        parts.append(f"采用{'、'.join(cloth)}" + ("" if _CLOTH_END.search(cloth[-1]) else "材质"))
    colours = [value for one in said if one.role == "colour" and one.name == "颜色" for value in one.values]
    if colours == ["纯色"]:
        parts.append("为纯色")
    elif colours:
        parts.append(f"颜色为{'、'.join(value for value in colours if value != '纯色')}")
    if not parts:
        return title if title != word else ""
    return told + "，".join(parts)


def _clauses(said: Sequence[Said]) -> list[str]:
    def held(pattern: re.Pattern[str]) -> list[str]:
        return list(dict.fromkeys(value for one in said if pattern.search(one.name) for value in one.values))

    cuts = [value for one in said if one.name == "版型" for value in one.values]
    lengths = [value for one in said if _worn(one) for value in one.values if not value.endswith(("裙", "裤"))]
    patterns = [value for value in held(_PATTERN) if value != "纯色"]
    shaped = list(dict.fromkeys([*lengths, *held(_SHAPED)]))
    details = [value for value in held(_DETAIL) if value not in shaped]
    clauses = [
        f"版型{'、'.join(cuts)}" if cuts else "",
        f"{'、'.join(shaped)}设计" if shaped else "",
        f"带有{'、'.join(patterns)}图案" if patterns else "",
        f"细节上有{'、'.join(details)}" if details else "",
    ]
    return [clause for clause in clauses if clause]
