"""When a parcel will arrive, how sure and why: told from the shop's own journeys that lasted as long. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from zhanggui.orders.models import Sentence

_ENOUGH = 40  # journeys of a finer group that need no help from the coarser one
_FEWEST = 8  # fewer journeys than this say nothing
_LOW, _MIDDLE, _HIGH = 0.1, 0.5, 0.9


@dataclass(frozen=True, slots=True)
class Journey:
    """One parcel that arrived: by whom, to which region, days from hand-over to delivery."""

    carrier: str
    region: str
    days: float


@dataclass(frozen=True, slots=True)
class Arrival:
    """The expected arrival: with a chance of 80 % between `early` and `late`; `by_promise` is the chance of keeping it.

    `based_on` counts the journeys of the finest group that was used.
    """

    early: datetime
    likely: datetime
    late: datetime
    by_promise: float | None
    based_on: int
    why: Sentence


@dataclass(frozen=True, slots=True)
class Trip:
    """The parcel that is asked about."""

    carrier: str
    region: str
    sent_at: datetime
    promised_at: datetime | None = None


def expected_arrival(journeys: Sequence[Journey], trip: Trip, now: datetime) -> Arrival | None:
    """When it will arrive, or None where too little is known.

    Journeys with the same carrier to the same region count most; where they are few, those of the carrier and then all
    fill up, each with as little weight as is needed. Journeys that were shorter than this one has lasted already say
    nothing of it and are left out; where hardly any is longer, nothing is told.
    """
    elapsed = max(0.0, (now - trip.sent_at).total_seconds() / 86_400)
    weighted, based_on, level = _weigh([one for one in journeys if one.days >= elapsed], trip)
    if len(weighted) < _FEWEST:
        return None
    early, likely, late = (trip.sent_at + timedelta(days=_quantile(weighted, q)) for q in (_LOW, _MIDDLE, _HIGH))
    chance = None
    if trip.promised_at is not None:
        span = (trip.promised_at - trip.sent_at).total_seconds() / 86_400
        chance = sum(w for days, w in weighted if days <= span) / sum(w for _, w in weighted)
    return Arrival(early, likely, late, chance, based_on, _why(trip, based_on, level, elapsed))


def _weigh(journeys: Sequence[Journey], trip: Trip) -> tuple[list[tuple[float, float]], int, int]:
    """(days, weight) sorted by days; how many of the finest group there are, and which group that is."""
    finest = [one for one in journeys if (one.carrier, one.region) == (trip.carrier, trip.region)]
    near = [one for one in journeys if (one.carrier == trip.carrier) != (one.region == trip.region)]
    others = [one for one in journeys if one.carrier != trip.carrier and one.region != trip.region]
    found: list[tuple[float, float]] = []
    missing = float(_ENOUGH)
    for group in (finest, near, others):
        if group and missing > 0:
            weight = 1.0 if group is finest else min(1.0, missing / len(group))
            found += [(one.days, weight) for one in group]
            missing -= weight * len(group)
    level = next((n for n, group in enumerate((finest, near, others)) if group), 2)
    return sorted(found), len((finest, near, others)[level]), level


def _quantile(weighted: Sequence[tuple[float, float]], share: float) -> float:
    wanted, seen = share * sum(weight for _, weight in weighted), 0.0
    for days, weight in weighted:
        seen += weight
        if seen >= wanted:
            return days
    return weighted[-1][0]


def _why(trip: Trip, based_on: int, level: int, elapsed: float) -> Sentence:
    carrier, region = trip.carrier or "this carrier", trip.region or "the same region"
    en = (
        f"{based_on} parcels by {carrier} to {region}",
        f"{based_on} parcels by the same carrier or to the same region",
        f"{based_on} parcels of this shop",
    )
    zh = (
        f"{trip.carrier or '同一承运商'}发往{trip.region or '同一地区'}的 {based_on} 个包裹",
        f"同一承运商或同一地区的 {based_on} 个包裹",
        f"本店的 {based_on} 个包裹",
    )
    under_way = Sentence("", "")
    if elapsed >= 1:
        under_way = Sentence(f" that took longer than {elapsed:.0f} days", f"（用时均超过 {elapsed:.0f} 天）")
    return Sentence(f"Told from {en[level]}{under_way.en}.", f"依据{zh[level]}{under_way.zh}。")
