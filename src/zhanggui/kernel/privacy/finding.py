"""The one way to find personal data: fold, let the rules of the languages speak, add what is known, settle overlaps."""

import re
from collections.abc import Iterable, Iterator

from zhanggui.kernel.privacy.chinese import chinese
from zhanggui.kernel.privacy.english import english
from zhanggui.kernel.privacy.folding import fold
from zhanggui.kernel.privacy.known import KnownValues
from zhanggui.kernel.privacy.models import INDIRECT, Known, Span, without_overlaps
from zhanggui.kernel.privacy.shared_patterns import shared
from zhanggui.kernel.privacy.tagging import Candidate, Weights, english_weights, tag
from zhanggui.kernel.types import Locale

_HAN = re.compile("[\u4e00-\u9fff]")
_LATIN = re.compile(r"[A-Za-z]{2}[ ,.:'][A-Za-z(]")
_KNOWN_RANK = 20
_SURE = 8
_TAGGED = 5
_NOTHING_KNOWN = KnownValues(())
# Numbers are left to the rules, which know check digits.
_LEARNT = INDIRECT - {"DOMAIN_NAME"} | {"PERSON", "STREET_ADDRESS"}
_LEARNT_NAMES = frozenset({"PERSON"})  # in product texts its addresses are too often sizes and model numbers


def find(
    text: str,
    locale: Locale,
    known: Iterable[Known] | KnownValues = (),
    *,
    wide: bool = False,
    weights: Weights | None = None,
) -> tuple[Span, ...]:
    """Personal data in a text: spans that do not overlap, in order, with offsets in code points of `text`.

    Args:
        locale: the language that the text is expected in; pieces in the other one are still looked at.
        known: values the shop holds about people (names, addresses), found wherever they stand.
        wide: also what identifies only in combination (places, organisations, job titles, ages, dates, postcodes,
            web addresses), as a redaction for publishing needs and product texts do not bear.
        weights: another English tagger than the bundled one (for measurements).
    """
    folded, places = fold(text)
    values = known if isinstance(known, KnownValues) else KnownValues(known) if known else _NOTHING_KNOWN
    found = list(_candidates(folded, locale, values))
    if locale == "en" and not _HAN.search(folded) and (tagger := weights or english_weights()):
        found = _with_tagger(folded, found, tagger, _LEARNT if wide else _LEARNT_NAMES)
    found = [one for one in found if wide or one[3] not in INDIRECT or one[0] >= _SURE]
    if not found:
        return ()
    if not isinstance(places, range):
        found = [(rank, places[start], places[end - 1] + 1, kind) for rank, start, end, kind in found]
    return without_overlaps(found, text)


def _with_tagger(text: str, found: list[Candidate], weights: Weights, wanted: frozenset[str]) -> list[Candidate]:
    """Sure rules first (check digits, cues), then the tagger, then the guesses of the other rules."""
    rules = [one for one in found if one[0] < _KNOWN_RANK]
    settled = [(rank if rank >= 7 else rank - 10, start, end, kind) for rank, start, end, kind in found]
    return [
        *settled,
        *((_TAGGED, start, end, kind) for start, end, kind in tag(text, rules, weights) if kind in wanted),
    ]


def _candidates(text: str, locale: Locale, known: KnownValues) -> Iterator[Candidate]:
    if known:
        for start, end, kind in known.find(text):
            yield _KNOWN_RANK, start, end, kind
    yield from shared(text)
    if locale == "zh-CN" or _HAN.search(text):
        yield from chinese(text)
    if locale == "en" or _LATIN.search(text):
        yield from english(text)


def redact(
    text: str, locale: Locale, known: Iterable[Known] = (), *, wide: bool = True
) -> tuple[str, tuple[Span, ...]]:
    """The text with every span replaced by `[TYPE]`, and the spans. Not reversible; see `Pseudonymiser` for that."""
    spans = find(text, locale, known, wide=wide)
    pieces: list[str] = []
    end = 0
    for span in spans:
        pieces += [text[end : span.start], f"[{span.type}]"]
        end = span.end
    return "".join([*pieces, text[end:]]), spans
