"""Personal data in English text: patterns with checks and cues. Pure."""

import re
from collections.abc import Iterator

from zhanggui.kernel.privacy.checksums import card, card_prefix, chinese_id
from zhanggui.kernel.privacy.gazetteer import GIVEN_NAMES
from zhanggui.kernel.privacy.numbers import numbers

Found = tuple[int, int, int, str]

_CARD_CUE = re.compile(r"(?i)(?:card|visa|mastercard|amex|debit|credit)\b[^.\n]{0,14}$")
_NUMBER_CUE = re.compile(r"(?i)(?:order|invoice|tracking|sku|item|model|part|ref|isbn|upc|ean|#)[^.\n]{0,8}$")
_SSN = re.compile(r"(?<![0-9-])[0-9]{3}[- ][0-9]{2}[- ][0-9]{4}(?![0-9-])")
_SSN_CUED = re.compile(
    r"(?i)\b(?:ssn|social security(?: number| no\.?)?)\b[^0-9\n]{0,16}(?P<v>[0-9]{3}[- ]?[0-9]{2}[- "
    r"]?[0-9]{4})(?![0-9])"
)
_LICENCE = re.compile(
    r"(?i)\bdriv(?:er'?s?|ing)'? licen[sc]e(?: number| no\.?)?(?: is)?[^0-9A-Za-z\n]{0,4}(?P<v>[A-Z0"
    r"-9][A-Z0-9-]{5,19})(?![\w-])"
)
_PASSPORT = re.compile(
    r"(?i)\bpassport(?: number| no\.?)?(?: is)?[^0-9A-Za-z\n]{0,4}(?P<v>(?=[A-Z]{0,2}[0-9])[A-Z0-9]{7,9})(?!\w)"
)
_PHONE = re.compile(
    r"(?<![\w.#$€£-])(?P<v>(?:\+[0-9]{1,3}[ .-]?)?(?:\(0?\)[ .-]?[0-9]{1,4}|\([0-9]{1,5}\)"
    r"|[0-9]{2,5})(?:[ ./-][0-9]{2,4}){1,4}(?:[ .]?[0-9]{3,4})?"
    r"(?:\s?(?:x|ext\.?)\s?[0-9]{1,6})?|\+[0-9]{8,15}|0[0-9]{9,10}(?:x[0-9]{1,6})?|[0-9]{10}(?:x[0-9"
    r"]{1,6})?)(?![\w-]|\.[0-9])"
)
_PHONE_CUE = re.compile(
    r"(?i)(?:phone|mobile|cell|tel|call|text|fax|desk|whatsapp|contact|number|reach|dial|answering)[^0-9+(]{0,24}$"
)
_DAY = re.compile(
    r"(?<![\w/-])(?:(?:19|20)[0-9]{2}-[01]?[0-9]-[0-3]?[0-9](?: [0-2][0-9]:[0-5][0-9]"
    r"(?::[0-5][0-9])?)?|[0-3]?[0-9]/[0-3]?[0-9]/(?:19|20)?[0-9]{2})(?![\w/-])"
)
_BIRTH = re.compile(
    r"(?i)\b(?:born(?: on)?|birth ?date|date of birth|dob|birthday)\b[^0-9A-Za-z\n]{0,3}(?:is |it's |on )?"
    r"(?P<v>[0-9]{1,4}[-/. ][0-9]{1,2}[-/. ][0-9]{1,4}|[0-9]{1,2}(?:st|nd|rd"
    r"|th)? [A-Z][a-z]{2,8},? [0-9]{4}|[A-Z][a-z]{2,8} [0-9]{1,2}(?:st|nd|rd|th)?,? [0-9]{4})"
)
_URL = re.compile(r"(?:https?://|(?<![\w@.])www\.)[^\s<>\"'，。]+[^\s<>\"'，。.,;:!?)]")
_ZIP = re.compile(
    r"(?i)\b(?:zip(?: ?code)?|post(?:al)? ?code)\b(?: is"
    r"| was)?[^0-9A-Z\n]{0,3}(?P<v>[0-9]{2,5}(?:[- ][0-9]{2,4})?(?: [A-Z]{2}\b)?|[A-Z]{1,2}[0-9][0-9"
    r"A-Z]? ?[0-9][A-Z]{2})"
)
_UK_POSTCODE = re.compile(r"\b[A-Z]{1,2}[0-9][0-9A-Z]? [0-9][ABD-HJLNP-UW-Z]{2}\b")
_STREET_KIND = (
    "Street|St|Avenue|Ave|Road|Rd|Boulevard|Blvd|Lane|Ln|Drive|Dr|Court|Ct|Place|Pl|Square|Sq"
    "|Terrace|Ter|Way|Parkway|Pkwy"
    "|Highway|Hwy|Circle|Cir|Close|Crescent|Row|Walk|Mews|Trail|Alley|Plaza|Mall|Turnpike|Hill|Park|Grove|Gardens"
)
_STREET = re.compile(
    rf"(?<![\w.,$-])[0-9]{{1,6}}[A-Za-z]?(?:[-/][0-9]{{1,4}})?,? (?:[NSEW]\.? )?(?:(?:[A-Z][\w'.-]*"
    rf"|[0-9]{{1,3}}(?:st|nd|rd|th)|of|the) ){{1,4}}(?:{_STREET_KIND})\b\.?"
    r"(?:,? (?:Apt|Suite|Ste|Unit|Floor|Fl|#)\.? ?[0-9A-Za-z-]{1,6})?"
)
_BOX = re.compile(
    r"(?:P\.? ?O\.? ?Box [0-9]+|(?:PSC|CMR|Unit) [0-9]+,? Box [0-9]+"
    r"(?:\s+[AFD]PO A[AEP] [0-9]{5})?|US[NSC]+ [A-Z]\w+\s+FPO A[AEP] [0-9]{5})"
)
_NAME = (
    r"[A-Z][\w'’-]+"
    r"(?: (?:[A-Z]\.|[A-Z](?= )|(?:van|von|de|der|den|da|di|del|la|le|bin|al|ten)"
    r"(?: (?:der|den|la))?) ?)?(?: ?[A-Z][\w'’-]+){0,2}"
)
_NAME_CUED = re.compile(
    rf"(?:\b(?:[Mm]y name is|[Mm]y name's|[Nn]ame is|[Nn]amed|[Dd]ear|[Ss]igned|[Rr]ecipient:"
    rf"|[Cc]ontact:|[Nn]ame:|[Aa]ttn:?|[Cc]all me|[Ss]incerely,|[Rr]egards,|[Ss]hip to:?|[Bb]uyer:"
    rf"|[Cc]ustomer:)(?:[ \t]+(?:Mr|Mrs|Ms|Miss|Dr|Prof)\b\.?)?"
    rf"|(?:\b(?:Mr|Mrs|Ms|Miss|Dr|Prof|Sir|Madam|Mx)\b\.?))[ \t]+\n?(?P<v>{_NAME})"
)
_WORDS = re.compile(r"[A-Z][\w'’-]+(?: [A-Z]\.?(?= [A-Z]))?(?: [A-Z][\w'’-]+){0,2}")
_NOT_NAMES = frozenset(
    [
        "Sir",
        "Madam",
        "Customer",
        "Team",
        "Support",
        "Friend",
        "Friends",
        "Sirs",
        "All",
        "Shop",
        "Store",
        "Seller",
        "Hiring",
        "Santa",
        "Diary",
        "God",
        "Sirs",
        "Dr",
        "Mr",
        "Mrs",
        "Ms",
        "Miss",
        "The",
        "This",
        "I",
        "We",
        "You",
    ]
)
_CUED = (
    (_SSN_CUED, "US_SSN", 9), (_LICENCE, "US_DRIVER_LICENSE", 8), (_PASSPORT, "PASSPORT", 8),
    (_BIRTH, "DATE_TIME", 8), (_ZIP, "ZIP_CODE", 8),
)  # fmt: skip


def english(text: str) -> Iterator[Found]:
    """Candidates in one folded English text; may overlap."""
    for pattern, kind, rank in _CUED:
        for match in pattern.finditer(text):
            yield rank, match.start("v"), match.end("v"), kind
    for start, end, kind in numbers(text, _classify):
        yield 8, start, end, kind
    for pattern, kind, rank in (
        (_SSN, "US_SSN", 8), (_URL, "DOMAIN_NAME", 6), (_DAY, "DATE_TIME", 7),
        (_UK_POSTCODE, "ZIP_CODE", 5), (_STREET, "STREET_ADDRESS", 6),
        (_BOX, "STREET_ADDRESS", 6),
    ):  # fmt: skip
        for match in pattern.finditer(text):
            yield rank, match.start(), match.end(), kind
    yield from _phones(text)
    yield from _names(text)


def _classify(joined: str, parts: list[str], before: str) -> str:
    if 12 <= len(joined) <= 19 and joined.isdigit() and not _NUMBER_CUE.search(before):
        cued = bool(_CARD_CUE.search(before))
        strong = len(joined) >= 14 and card(joined)
        if strong or (cued and (card(joined) or (len(parts) in (1, 4) and card_prefix(joined)))):
            return "CREDIT_CARD"
    if (
        len(joined) == 11
        and joined[0] == "1"
        and joined[1] > "1"
        and len(parts) <= 5
        and not _NUMBER_CUE.search(before)
    ):
        return "PHONE_NUMBER"  # North America with its country code, or a mobile of mainland China
    return "CN_ID" if len(joined) == 18 and chinese_id(joined) else ""


def _phones(text: str) -> Iterator[Found]:
    for match in _PHONE.finditer(text):
        value = match.group("v")
        digits = sum(letter.isdigit() for letter in re.split(r"x|ext", value)[0])
        before = text[max(0, match.start() - 40) : match.start()]
        if not 6 <= digits <= 15 or _DAY.match(text, match.start()) or _NUMBER_CUE.search(before):
            continue
        shaped = digits >= 9 and (not value.isdigit() or value[0] == "0")
        if value[0] == "+" or _PHONE_CUE.search(before) or shaped:
            yield 5 if value[0] != "+" else 7, match.start(), match.end(), "PHONE_NUMBER"


def _names(text: str) -> Iterator[Found]:
    for match in _NAME_CUED.finditer(text):
        if match.group("v").split()[0] not in _NOT_NAMES:
            yield 5, match.start("v"), match.end("v"), "PERSON"
    for match in _WORDS.finditer(text):
        words = match.group().split()
        if words[0] in GIVEN_NAMES and len(words) >= 2 and words[-1] not in _NOT_NAMES:
            yield 4, match.start(), match.end(), "PERSON"
