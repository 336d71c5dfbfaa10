"""Take out what cannot be proved: the clause or sentence of running text, the phrase of a title."""

import re
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import replace

from zhanggui.catalog.models import Claim, CopyField, ListingCopy, ProvedCopy
from zhanggui.catalog.rules.tokens import has_cjk

_SENTENCE = re.compile(r"[^。！？!?；;\n]*?(?:[。！？!?；;\n]|\.(?=\s|$)|$)", re.DOTALL)
_ZH_CLAUSE = re.compile(r"[^，,]*[，,]?")
_TITLE_HEADS = re.compile(r"^\s*(?:(?:with|and|by|of|for|in)\b|[,\-–|/&+:，、）)])\s*", re.IGNORECASE)
_EN_CLAUSE = re.compile(r"[^,]*,?\s*")
_OPENING = re.compile(
    r"\s*(?:with|made|crafted|designed|while|when|if|although|because|since|as|for|from|by|thanks|whether|featuring)\b",
    re.IGNORECASE,
)
_TITLE_LINKS = re.compile(
    r"(?:\s*(?:\b(?:with|and|in|by|for|of|from|the|a|an|made|pack|set|box|imported|size|model|free)|[,\-–|/&+:，、（(]))+\s*$",
    re.IGNORECASE,
)
_LEADING = re.compile(r"^(?:不仅|不但|虽然|因为|由于|如果|无论|当|随着|除了)")


def cut_unsupported(copy: ListingCopy, proved: ProvedCopy) -> ListingCopy:
    """The copy without its unsupported hard claims; the caller proves it again and publishes it only if that holds.

    In running text the whole sentence goes, or only its later clauses where the first holds; a bullet or a keyword
    left empty goes as a whole; in a title the words go together with the link word before them.
    """
    wrong: dict[tuple[CopyField, int], list[Claim]] = defaultdict(list)
    for claim in proved.claims:
        if claim.hard and not claim.supported:
            wrong[claim.field, claim.item].append(claim)
    bullets = [_without(text, wrong["bullets", at]) for at, text in enumerate(copy.bullets)]
    keywords = [text for at, text in enumerate(copy.keywords) if not wrong["keywords", at]]
    return replace(
        copy,
        title=_title_without(copy.title, wrong["title", 0]),
        bullets=tuple(text for text in bullets if text),
        description=_without(copy.description, wrong["description", 0]),
        keywords=tuple(keywords),
        seo_title=_title_without(copy.seo_title, wrong["seo_title", 0]),
        seo_description=_without(copy.seo_description, wrong["seo_description", 0]),
    )


def _spans(pattern: re.Pattern[str], text: str, offset: int = 0) -> list[tuple[int, int]]:
    return [(m.start() + offset, m.end() + offset) for m in pattern.finditer(text) if m.group()]


def _touched(span: tuple[int, int], claims: Sequence[Claim]) -> bool:
    return any(span[0] < claim.end and claim.start < span[1] for claim in claims)


def _without(text: str, claims: Sequence[Claim]) -> str:
    """Running text without the sentences, or the Chinese clauses, that hold one of the claims."""
    if not claims:
        return text
    kept: list[str] = []
    for start, end in _spans(_SENTENCE, text):
        sentence = text[start:end]
        if not _touched((start, end), claims):
            kept.append(sentence)
            continue
        kept.append(_clauses_without(sentence, start, claims))
    return re.sub(r"[ \t]{2,}", " ", "".join(kept)).strip()


def _clauses_without(sentence: str, offset: int, claims: Sequence[Claim]) -> str:
    """What can stand of a sentence: Chinese clauses may go anywhere after the first, English keeps its first one."""
    chinese = has_cjk(sentence)
    clauses = _spans(_ZH_CLAUSE if chinese else _EN_CLAUSE, sentence, offset)
    kept = [(a, b) for a, b in clauses if not _touched((a, b), claims)]
    if len(clauses) < 2 or not kept or kept[0][0] != clauses[0][0]:
        return ""
    first = sentence[kept[0][0] - offset : kept[0][1] - offset]
    if not chinese and (len(first.split()) < 4 or _OPENING.match(first)):
        return ""
    if chinese and (
        len(kept) * 2 < len(clauses) or any(_leads(sentence[a - offset : b - offset]) for a, b in kept[-1:])
    ):
        return ""
    joined = "".join(sentence[a - offset : b - offset] for a, b in (kept if chinese else kept[:1])).strip("，, ")
    stop = sentence.rstrip()[-1]
    end = stop if stop in "。！？!?；;." else "。" if chinese else ""
    tail = re.search(r"\s*$", sentence)
    return joined + ("" if joined.endswith(end) else end) + (tail.group() if tail else "")


def _leads(clause: str) -> bool:
    """Whether a Chinese clause only leads on to a next one, and cannot stand at the end."""
    return _LEADING.match(clause.strip("，, ")) is not None


def _title_without(text: str, claims: Sequence[Claim]) -> str:
    """A title without the words of the claims and without the link word that led to them."""
    for claim in sorted(claims, key=lambda c: -c.start):
        before, after = text[: claim.start], text[claim.end :]
        trimmed = _TITLE_LINKS.sub("", before)
        if trimmed == before.rstrip() or not after.strip():
            before = trimmed
            text = f"{trimmed} {after.lstrip()}" if before.strip() else after
        else:
            text = f"{trimmed}{'' if after[:1] in ',，' else ' '}{_TITLE_HEADS.sub('', after)}"
    text = re.sub(r"[（(]\s*[)）]", "", text)
    text = re.sub(r"(?<=[一-鿿])\s+(?=[一-鿿])", "", text) if claims else text
    text = _TITLE_HEADS.sub("", _TITLE_LINKS.sub("", text)) if claims else text
    return re.sub(r"\s{2,}", " ", text).strip()
