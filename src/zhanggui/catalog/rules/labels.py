"""Copy that restates an attribute by its name (`Strap Color: Black`, 材质为棉): the value must then be its own."""

import re
from collections.abc import Iterator
from dataclasses import replace
from functools import lru_cache

from zhanggui.catalog.models import ClaimKind
from zhanggui.catalog.rules.facts import FactIndex, Known, squeeze
from zhanggui.catalog.rules.findings import Finding, cover_of
from zhanggui.catalog.rules.soft import soft_chinese, soft_english
from zhanggui.catalog.rules.tokens import has_cjk, stems_of, words_of

_FIRM = re.compile(r"\s*[:：=]\s*|\s+[-–—]\s+")
_LOOSE = re.compile(
    r"(?:\s+(?:of|for)\s+(?:this|the|our|these)\s+[\w' -]{1,40}?)?\s+(?:is|are)\s+(?:(?:a|an|the)\s+)?|(?:是|为)\s*",
    re.IGNORECASE,
)
_VALUE_END = re.compile(
    r"[;\n。；！!?？]|\.(?=\s|$)|,|，|、|\s\|\s|\s(?:and|with|while|which|that|so|but|making|for)\s", re.IGNORECASE
)
_NAMED = re.compile(r"brand|manufacturer|model|品牌|型号|厂家", re.IGNORECASE)
_LISTED = re.compile(r"occasion|type|shape|.* shape|season|场合|季节|形状|类型", re.IGNORECASE)
_YES_NO = re.compile(r"yes|no|是|否|有|无", re.IGNORECASE)


@lru_cache(maxsize=8192)
def _label_pattern(name: str) -> re.Pattern[str] | None:
    words = [re.escape(word) for word in re.split(r"[\s_/()\-]+", name.strip()) if word]
    if not words or len(name) > 60:
        return None
    body = r"[\s_/()\-]*".join(words)
    return re.compile(body if has_cjk(name) else rf"(?<![A-Za-z]){body}(?![A-Za-z])", re.IGNORECASE)


def _values(text: str, index: FactIndex) -> Iterator[tuple[str, tuple[int, int], int, int, bool]]:
    """(attribute, span of the label, start, end, firm) of each restated value: longer attribute names first."""
    taken: list[tuple[int, int]] = []
    lowered = text.lower()
    for name, head in index.labels:
        pattern = _label_pattern(name) if head and head in lowered else None
        for match in pattern.finditer(text) if pattern else ():
            if any(match.start() < end and start < match.end() for start, end in taken):
                continue
            taken.append((match.start(), match.end()))
            link = _FIRM.match(text, match.end())
            firm = link is not None
            link = link or _LOOSE.match(text, match.end())
            if link and link.end() < len(text):
                stop = _VALUE_END.search(text, link.end())
                yield name, match.span(), link.end(), stop.start() if stop else len(text), firm


def bind_labels(text: str, findings: tuple[Finding, ...], index: FactIndex) -> tuple[Finding, ...]:
    """Tie findings to the attribute that the copy names before them; add one for a restated value nobody else read."""
    bound = list(findings)
    for name, label, start, end, firm in _values(text, index):
        bound = [f for f in bound if not (label[0] <= f.start and f.end <= label[1])]
        hard = [(at, f) for at, f in enumerate(bound) if f.kind is not ClaimKind.SOFT]
        inside = [at for at, f in hard if start <= f.start and f.end <= end]
        for at in inside:
            bound[at] = replace(bound[at], label=name)
        if not inside:
            bound += _unread(text, name, (start, end), firm, index, bound)
    return tuple(sorted(bound, key=lambda f: f.start))


def _agrees(value: str, name: str, known: Known) -> bool:
    """Whether a restated value shares words with the known one: all of them for a name, one of them otherwise."""
    if _NAMED.search(name):
        return squeeze(value) in known.squeezed or (stems_of(value) <= known.value_words and not has_cjk(value))
    if _YES_NO.fullmatch(value.strip()):
        return squeeze(value)[:1] == known.squeezed[:1]
    stems = stems_of(value)
    return bool(stems & known.value_words) if stems else any(character in known.squeezed for character in value)


def _unread(
    text: str, name: str, span: tuple[int, int], firm: bool, index: FactIndex, bound: list[Finding]
) -> Iterator[Finding]:
    start, end = span
    value = text[start:end].strip()
    start = text.find(value, start) if value else start
    words = words_of(value)
    soft = soft_chinese(value) if has_cjk(value) else soft_english([w.text.lower() for w in words])
    soft = soft and _LISTED.fullmatch(name.strip()) is None
    short = len(words) <= 3 and len(value) <= 24
    if not value or (not firm and (soft or not short)) or (has_cjk(value) and len(value) > 10):
        return
    agrees = any(_agrees(value, name, k) for k in index.known if k.fact.attribute in {name, "title"})
    finding = Finding(start, start + len(value), ClaimKind.FEATURE, phrase=value, label=name)
    if cover_of(len(text), bound).free(finding, over_soft=True):
        other = Finding(
            start, start + len(value), ClaimKind.FEATURE,
            banned=f"{name} says something else", banned_zh=f"“{name}”的值与此不同",
        )  # fmt: skip
        yield finding if agrees else other
