"""Which of the shops' customers are the same person: by e-mail address or phone number, never by name."""

import re
from collections import defaultdict
from collections.abc import Sequence

from zhanggui.marketing.models.customers import Identity

# One address or number that so many ids share belongs to a desk or is made up; it says nothing about who somebody is.
_MOST_SHARED = 5
_MADE_UP = re.compile(r"(\d)\1{6,}$|^0?1234567\d*$")


def identity_keys(identity: Identity) -> tuple[str, ...]:
    """What a person can be known again by: `id:`, `email:` and `phone:` keys, written in one way."""
    keys = [f"id:{identity.id}"] if identity.id else []
    email = clean_email(identity.email)
    phone = clean_phone(identity.phone)
    return (*keys, *([f"email:{email}"] if email else []), *([f"phone:{phone}"] if phone else []))


def clean_email(text: str) -> str:
    """An address in lower case without spaces; empty when it is none."""
    email = text.strip().lower()
    return email if re.fullmatch(r"[^@\s]+@[^@\s]+\.[^@\s.]+", email) else ""


def clean_phone(text: str) -> str:
    """A number as digits, a Chinese one without its country code; empty when too short or made up."""
    digits = re.sub(r"\D", "", text)
    digits = digits.removeprefix("00")
    if len(digits) == 13 and digits.startswith("86"):
        digits = digits[2:]
    return "" if len(digits) < 7 or _MADE_UP.search(digits) else digits


def same_people(identities: Sequence[Identity]) -> list[list[int]]:
    """Groups of places in `identities` that are one person, in the order of their first member (union-find)."""
    holders: dict[str, list[int]] = defaultdict(list)
    ids: dict[str, set[str]] = defaultdict(set)
    for place, identity in enumerate(identities):
        for key in identity_keys(identity):
            holders[key].append(place)
            ids[key].add(identity.id)
    root = list(range(len(identities)))

    def find(place: int) -> int:
        while root[place] != place:
            root[place] = root[root[place]]
            place = root[place]
        return place

    for key, places in holders.items():
        if key.startswith("id:") or len(ids[key]) <= _MOST_SHARED:
            for place in places[1:]:
                low, high = sorted((find(places[0]), find(place)))
                root[high] = low
    groups: dict[int, list[int]] = defaultdict(list)
    for place in range(len(identities)):
        groups[find(place)].append(place)
    return list(groups.values())
