"""What a shopper asks about, and how much of it a copy tells; the list of questions and the matching are our own."""

import re
from collections.abc import Iterator
from typing import Any

from evals.copy_checker.claims import Facts, _lexicon, _mentions, places
from evals.copy_checker.numbers import amounts

Line = dict[str, Any]
_ASKED = re.compile(
    r"material|fabric|leather|colou?r|shade|finish\b|size|width|height|depth|length|diameter|thickness|dimension|"
    r"capacity|volume|quantity|weight|pattern|fit\b|rise|style(?! code)|closure|fly|sleeve|neck|collar|occasion|"
    r"ideal for|suitable|gender|age|number of|pack|power|voltage|battery|compatib|care|wash|warranty|return|shipping|"
    r"origin|made in|flavou?r|fragrance|scent|"
    r"材质|面料|颜色|图案|版型|风格|款式|样式|领型|袖|裙长|裤长|衣长|腰型|裤型|裙型|门襟|下摆|裤口|尺|容量|重量|产地|质保|洗",
    re.IGNORECASE,
)
_NOT_ASKED = re.compile(r"code|\bid\b|sku|model|series|display|number of contents|other |included", re.IGNORECASE)
_EMPTY = re.compile(r"\s*(?:no|none|na|n/a|no\s+\w+|not applicable|-+|无|other|others)\s*", re.IGNORECASE)
_LITTLE = frozenset(("a", "an", "the", "and", "or", "of", "with", "in", "on", "for", "to", "by", "from", "at", "is"))
_LONGEST = 40


def asked(line: Line) -> Iterator[tuple[str, str]]:
    """The (attribute, value) pairs that a shopper asks about: short, not empty; comma lists apart."""
    seen: set[tuple[str, str]] = set()
    for name, value in line["attributes"].items():
        if not _ASKED.search(name) or _NOT_ASKED.search(name):
            continue
        for whole in value if isinstance(value, list) else [value]:
            for part in re.split(r"[,，、;]", whole):
                one = (name, part.strip())
                if one[1] and len(one[1]) <= _LONGEST and not _EMPTY.fullmatch(one[1]) and one not in seen:
                    seen.add(one)
                    yield one


def told(copy: dict[str, Any], line: Line) -> tuple[int, int, list[str]]:
    """How many asked values the copy tells, of how many, and those it leaves out (title, bullets and description)."""
    text = "\n".join(text for place, text in places(copy) if not place.startswith("keyword")).lower()
    whole = {"title": text, "attributes": {}}
    copied = Facts(whole)
    stems = {_stem(word) for word in re.findall(r"[a-z0-9]+", text)}
    missing = [f"{name}={value}" for name, value in asked(line) if not _has(name, value, text, stems, copied)]
    total = sum(1 for _ in asked(line))
    return total - len(missing), total, missing


def _has(name: str, value: str, text: str, stems: set[str], copied: Facts) -> bool:
    value = value.lower()
    if value in text:
        return True
    if re.fullmatch(r"yes|true|是|有", value):
        return {_stem(word) for word in re.findall(r"[a-z]+", name.lower())} <= stems or name.lower() in text
    if re.search(r"[\u4e00-\u9fff]", value):
        return _chinese(value, text) or _synonym(value, copied)
    numbers = amounts(value)
    if numbers and not all(copied.supports(one) for one in numbers):
        return False
    words = [_stem(w) for w in re.findall(r"[a-z]+", value) if w not in _LITTLE]
    plain = [w for w in words if not (numbers and len(w) <= 5)]
    return all(word in stems for word in plain) or _synonym(value, copied)


def _chinese(value: str, text: str) -> bool:
    core = re.sub(r"(?:色|布|款|型|裤|裙|面料|质)$", "", value)
    return len(core) >= 1 and core in text


def _synonym(value: str, copied: Facts) -> bool:
    """Every listed word of the value is said in the copy in some form (and there is one)."""
    keys = [word.key for _, word in _mentions(value)]
    rest = _lexicon()[0].sub("", value)
    return bool(keys) and len(rest.strip()) <= 2 and all(key in copied.proved for key in keys)


def _stem(word: str) -> str:
    for ending in ("ing", "ed", "es", "s", "y"):
        if len(word) > len(ending) + 3 and word.endswith(ending):
            return word[: -len(ending)]
    return word
