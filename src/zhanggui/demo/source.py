"""Reads the demo's hand-written data files and makes its random streams; the only place that knows their form."""

import random
import re
from datetime import UTC, date, datetime, timedelta, timezone
from functools import cache
from importlib.resources import files
from typing import Any, TypeVar

import yaml
from pydantic import TypeAdapter

from zhanggui.demo.records import Bilingual

SHOP_ZONE = timezone(timedelta(hours=8))
_PARTS = re.compile(r"\s*/\s+")
Made = TypeVar("Made")
# The C loader reads the files ten times faster; a source build of PyYAML may lack it.
_LOADER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


def read(name: str, shape: type[Made]) -> Made:
    """The data file `name` (without ending), checked against a type.

    Raises:
        pydantic.ValidationError: the file does not have that shape.
    """
    text = (files("zhanggui.demo") / "data" / f"{name}.yaml").read_text(encoding="utf-8")
    return TypeAdapter(shape).validate_python(yaml.load(text, Loader=_LOADER))  # noqa: S506 - a safe loader


@cache
def bilingual(text: str) -> Bilingual:
    """Read "zh / en"; a text without a slash is the same in both languages."""
    parts = _PARTS.split(text, maxsplit=1)
    return Bilingual(parts[0].strip(), parts[-1].strip())


@cache
def colours() -> dict[str, tuple[Bilingual, str]]:
    """Colour key -> its names and its #rrggbb."""
    table = read("vocabulary", dict[str, Any])["colours"]
    return {key: (bilingual(text.split("|")[0].strip()), text.split("|")[1].strip()) for key, text in table.items()}


def stream(seed: int, name: str) -> random.Random:
    """An independent random stream; the same on every machine and for every hash seed."""
    return random.Random(f"{seed}:{name}")  # noqa: S311 - makes demo data, guards nothing


def instant(day: date, seconds: float) -> datetime:
    """The UTC instant that many seconds after the shop's local midnight."""
    return datetime(day.year, day.month, day.day, tzinfo=SHOP_ZONE).astimezone(UTC) + timedelta(seconds=int(seconds))


def local_day(at: datetime) -> date:
    """The shop's local day of an instant."""
    return at.astimezone(SHOP_ZONE).date()


def poisson(rng: random.Random, mean: float) -> int:
    """A Poisson draw (Knuth's multiplication for small means, a rounded normal above 30)."""
    if mean > 30:
        return max(0, round(rng.gauss(mean, mean**0.5)))
    limit, count, product = 2.718281828459045**-mean, 0, rng.random()
    while product > limit:
        count += 1
        product *= rng.random()
    return count
