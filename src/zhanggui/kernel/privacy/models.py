"""What personal data look like once found: spans, their types, and known values. Pure."""

from bisect import bisect_left
from collections.abc import Iterable
from dataclasses import dataclass

from zhanggui.kernel.commerce import Customer

# Type of a span -> the short word in its placeholder. Names follow the field's usual entity names.
LABELS: dict[str, str] = {
    "PERSON": "NAME",
    "PHONE_NUMBER": "PHONE",
    "EMAIL_ADDRESS": "EMAIL",
    "STREET_ADDRESS": "ADDRESS",
    "CREDIT_CARD": "CARD",
    "CN_ID": "ID",
    "CN_PLATE": "PLATE",
    "PASSPORT": "PASSPORT",
    "TRAVEL_PERMIT": "PERMIT",
    "QQ": "QQ",
    "WECHAT": "WECHAT",
    "IP_ADDRESS": "IP",
    "IBAN_CODE": "IBAN",
    "US_SSN": "SSN",
    "US_DRIVER_LICENSE": "LICENCE",
    "DOMAIN_NAME": "URL",
    "DATE_TIME": "DATE",
    "ZIP_CODE": "POSTCODE",
    "GPE": "PLACE",
    "ORGANIZATION": "ORG",
    "TITLE": "TITLE",
    "AGE": "AGE",
    "NRP": "GROUP",
    "SECRET": "SECRET",
    "LITERAL": "LITERAL",  # text that already looked like a placeholder
}

# Not identifying alone; found only when asked for ("wide"), because product texts are full of them.
INDIRECT = frozenset({"GPE", "ORGANIZATION", "TITLE", "AGE", "NRP", "DATE_TIME", "ZIP_CODE", "DOMAIN_NAME"})


@dataclass(frozen=True, slots=True, order=True)
class Span:
    """One piece of personal data: `text == whole[start:end]`, offsets in code points."""

    start: int
    end: int
    type: str
    text: str


@dataclass(frozen=True, slots=True)
class Known:
    """A value that the shop already holds about a person, so it is found wherever it stands."""

    value: str
    type: str = "PERSON"


def known_of(customer: Customer) -> tuple[Known, ...]:
    """Every personal value of one customer record, ready for `find` or `gate`."""
    found: list[Known] = [
        Known(customer.name, "PERSON"),
        Known(customer.email, "EMAIL_ADDRESS"),
        Known(customer.phone, "PHONE_NUMBER"),
    ]
    for address in customer.addresses:
        found += [
            Known(address.street, "STREET_ADDRESS"),
            Known(address.name, "PERSON"),
            Known(address.phone, "PHONE_NUMBER"),
        ]
    return tuple(one for one in found if one.value.strip())


def without_overlaps(spans: Iterable[tuple[int, int, int, str]], text: str) -> tuple[Span, ...]:
    """Keep the strongest of overlapping candidates, in order of place.

    Args:
        spans: (rank, start, end, type); a higher rank wins, then the longer span, then the earlier one.
        text: the whole text.
    """
    kept: list[tuple[int, int, str]] = []  # always in order, never overlapping
    for _, start, end, kind in sorted(spans, key=lambda one: (-one[0], one[1] - one[2], one[1])):
        place = bisect_left(kept, (start, end, kind))
        free_before = place == 0 or kept[place - 1][1] <= start
        free_after = place == len(kept) or end <= kept[place][0]
        if start < end and free_before and free_after:
            kept.insert(place, (start, end, kind))
    return tuple(Span(start, end, kind, text[start:end]) for start, end, kind in kept)
