"""Customers who do not exist: names of plants and weather, example.com addresses, telephone numbers nobody has.

Telephone numbers: Chinese ones begin with 1440, a block set aside for 13-digit machine numbers, so no person has an
11-digit one; British ones are 07700 900000-900999, kept by Ofcom for drama; American ones are 555-0100 to 555-0199,
kept for fiction. Post codes ZZ.. and runs of zeros, and districts called 示例区, do not exist either.
"""

import random
from dataclasses import dataclass
from datetime import date, timedelta

from zhanggui.demo.products import CATEGORIES
from zhanggui.demo.records import CustomerProfile
from zhanggui.demo.source import instant, read, stream
from zhanggui.kernel.commerce import Address, Customer
from zhanggui.kernel.types import Locale

_SHARES = {"outdoor": 0.24, "kitchen": 0.18, "skincare": 0.24, "apparel": 0.2, "electronics": 0.14}
Place = tuple[str, str, str, str, int, bool]


@dataclass(frozen=True, slots=True)
class Names:
    """One language's part of the people file."""

    surnames: list[str]
    given: list[str]
    streets: list[str]
    places: list[Place]
    romanised: list[str] | None = None
    given_romanised: list[str] | None = None


@dataclass(frozen=True, slots=True)
class Person:
    """A customer with the hidden nature that the simulation follows: orders a year, chance to leave after an order."""

    record: Customer
    profile: CustomerProfile
    rate: float
    leaves: float
    remote: bool


def make_people(seed: int, first: date, last: date, count: int) -> tuple[Person, ...]:
    """`count` customers in the order in which they joined; a quarter were there before the first day."""
    names = read("people", dict[str, Names])
    rng = stream(seed, "people")
    span = (last - first).days
    joined = sorted(
        first - timedelta(days=rng.randrange(1, 300))
        if rng.random() < 0.25
        else first + timedelta(days=int(span * rng.random() ** 0.85))
        for _ in range(count)
    )
    return tuple(_person(rng, number, day, names) for number, day in enumerate(joined, 1))


def _person(rng: random.Random, number: int, joined: date, names: dict[str, Names]) -> Person:
    locale: Locale = "zh-CN" if rng.random() < 0.82 else "en"
    words = names["zh" if locale == "zh-CN" else "en"]
    surname, given = rng.randrange(len(words.surnames)), rng.randrange(len(words.given))
    name, mail = _name(words, locale, surname, given, number)
    place = rng.choices(words.places, [row[4] for row in words.places])[0]
    address = Address(
        country="中国" if locale == "zh-CN" else place[0],
        region=place[0] if locale == "zh-CN" else "",
        city=place[1],
        district=place[2],
        street=_street(rng, words, locale),
        postal_code=place[3],
        name=name,
        phone=phone(rng, place[0] if locale == "en" else "中国"),
    )
    record = Customer(
        id=f"C{number:05d}",
        name=name,
        email=mail,
        phone=address.phone,
        addresses=(address,),
        created_at=instant(joined, rng.uniform(8 * 3600, 23 * 3600)),
    )
    profile = CustomerProfile(
        customer_id=record.id,
        locale=locale,
        consent_marketing=rng.random() < 0.72,
        consent_personal=rng.random() < 0.85,
        taste=_taste(rng),
        joined=joined,
    )
    return Person(record, profile, rng.gammavariate(1.3, 1.6) + 0.25, rng.betavariate(1.2, 6), place[5])


def _name(words: Names, locale: Locale, surname: int, given: int, number: int) -> tuple[str, str]:
    if locale == "zh-CN" and words.romanised and words.given_romanised:
        plain = f"{words.romanised[surname]}.{words.given_romanised[given]}"
        return words.surnames[surname] + words.given[given], f"{plain}{number}@example.com"
    name = f"{words.given[given]} {words.surnames[surname]}"
    return name, f"{name.lower().replace(' ', '.')}{number}@example.org"


def _street(rng: random.Random, words: Names, locale: Locale) -> str:
    street, number = rng.choice(words.streets), rng.randrange(1, 300)
    if locale == "en":
        return f"{number} {street}"
    return f"{street}{number}号{rng.randrange(1, 30)}栋{rng.randrange(101, 2500)}室"


def phone(rng: random.Random, country: str) -> str:
    """A telephone number that belongs to nobody (see the module's first lines)."""
    if country == "中国":
        return f"1440{rng.randrange(10**7):07d}"
    if country == "United Kingdom":
        return f"+44 7700 900{rng.randrange(1000):03d}"
    return f"+1 202-555-{rng.randrange(100, 200):04d}"


def _taste(rng: random.Random) -> tuple[tuple[str, float], ...]:
    """One category loved, the others sometimes; sums to 1."""
    loved = rng.choices(CATEGORIES, [_SHARES[name] for name in CATEGORIES])[0]
    raw = {name: _SHARES[name] * rng.uniform(0.1, 0.8) + (0.5 if name == loved else 0.0) for name in CATEGORIES}
    total = sum(raw.values())
    return tuple((name, round(value / total, 4)) for name, value in raw.items())
