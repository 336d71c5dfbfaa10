"""Which part of a product a colour or material is said of: a silver strap is no silver dial."""

import re
from collections.abc import Sequence

from zhanggui.catalog.models import ClaimKind
from zhanggui.catalog.rules.facts import FactIndex, Known
from zhanggui.catalog.rules.lexicon import lexicon

_NAMES = (
    "sole|outsole|insole|upper|lining|strap|dial|frame|lens|handle|lid|collar|sleeve|cuff|hood|band|buckle|clasp|cover|"
    "blade|base|bezel|case|box|heel|zipper|button|leg|seat|shade|temple|border|pocket|chain|pendant|stone"
)
_ZH = (
    "表带|表盘|表壳|鞋底|鞋面|内里|里料|里衬|领口|领子|袖口|袖子|帽子|拉链|纽扣|边框|镜片|镜框|把手|手柄|底座|内胆|"
    "盖子|灯罩|扶手|桌面|桌腿|椅腿|吊坠|链条"
)
_AFTER = re.compile(
    rf"(?:[\s-]+(?:colou?red|colou?r|toned?))?[\s-]+(?P<en>{_NAMES})s?\b|色?的?(?P<zh>{_ZH})", re.IGNORECASE
)
_BEFORE = re.compile(
    rf"\b(?P<en>{_NAMES})s?\s*(?:is|are|in|of|:|made of|made from)\s*$|(?P<zh>{_ZH})(?:为|是|采用|：)\s*$",
    re.IGNORECASE,
)
_MEASURED = re.compile(
    rf"[ -]*(?:wide|deep|high|tall|long|thick)[ -]+(?:[a-z]+ )?(?P<en>{_NAMES}|display|screen)s?\b", re.IGNORECASE
)
_KINDS = frozenset({ClaimKind.COLOUR, ClaimKind.MATERIAL})


def part_at(text: str, start: int, end: int) -> str:
    """The part that the words `start`..`end` of a text are said of, in lower case; empty when they name none.

    >>> part_at("a silver dial", 2, 8)
    'dial'
    """
    match = _AFTER.match(text, end) or _BEFORE.search(text, max(0, start - 40), start)
    return (match["en"] or match["zh"]).lower() if match else ""


def measured_part(text: str, end: int) -> str:
    """The part that a measure ending at `end` is said of, in lower case; empty when it names none.

    >>> measured_part("a 10 cm deep display", 7)
    'display'
    """
    match = _MEASURED.match(text, end)
    return match["en"].lower() if match else ""


def speaks_of(known: Known, part: str) -> bool:
    """Whether a fact's name or value names a part of the product; a display is a screen."""
    names = ("display", "screen", "屏") if part in {"display", "screen"} else (part,)
    return any(_names_part(known, name) for name in names)


def _names_part(known: Known, part: str) -> bool:
    return re.search(rf"(?<![a-z]){re.escape(part)}", f"{known.fact.attribute} {known.fact.value}".lower()) is not None


def _only_of_a_part(known: Known) -> bool:
    return re.search(rf"\b(?:{_NAMES})\b|{_ZH}", known.fact.attribute.lower()) is not None


def of_the_part(kind: ClaimKind, part: str, support: Sequence[Known], index: FactIndex) -> list[Known]:
    """Of the facts that name a colour or material, those that may speak of a part of the product.

    Facts that name the part itself count; where none does, facts about the whole product count, unless another fact
    says what colour (or material) the part is.

    Args:
        kind: of the claim.
        part: the part, as `part_at` names it; empty means the product as a whole.
        support: facts that hold the claimed word.
        index: every fact.
    """
    if not part or kind not in _KINDS:
        return list(support)
    own = [known for known in support if _names_part(known, part)]
    if own:
        return own
    concepts = lexicon().concepts
    told = any(
        _names_part(known, part) and any(concepts[key].kind is kind for key in known.positive if key in concepts)
        for known in index.known
    )
    return [] if told else [known for known in support if not _only_of_a_part(known)]
