"""Campaigns as pure functions: who gets what, when it may be sent, and what can be said of the outcome at any look."""

import hashlib
import math
from collections.abc import Sequence
from datetime import datetime, timedelta, tzinfo

from zhanggui.marketing.models.campaigns import HOLDOUT, Arm, Campaign, Lift, Outcome, Verdict

_LEVEL = 0.05
# The mixture's width: effects of a contact are mostly some points of conversion. It changes how soon an effect of
# another size is seen, never whether the interval holds.
_TAU = 0.03
_FEWEST = 100
_SAME = 0.005  # differences smaller than half a point are called none


def arm_of(campaign: Campaign, customer_id: str) -> str:
    """The arm of a customer: the same at every call, random over customers, independent between campaigns."""
    digest = hashlib.sha256(f"{campaign.id}\x1f{customer_id}".encode()).digest()
    draw = int.from_bytes(digest[:8], "big") / 2**64
    if draw < campaign.holdout:
        return HOLDOUT
    share = (draw - campaign.holdout) / max(1e-12, 1 - campaign.holdout)
    return campaign.variants[min(len(campaign.variants) - 1, int(share * len(campaign.variants)))].name


def capped(campaign: Campaign, contacts: Sequence[datetime], now: datetime) -> bool:
    """Whether a customer has had as many messages lately as the cap allows."""
    since = now - timedelta(days=campaign.cap_days)
    return sum(at > since for at in contacts) >= campaign.cap


def next_allowed(campaign: Campaign, now: datetime, zone: tzinfo) -> datetime:
    """The first moment from now on outside the quiet hours; `now` itself when they are not on."""
    local = now.astimezone(zone)
    begin, end = campaign.quiet_from, campaign.quiet_to
    quiet = begin <= local.hour < end if begin <= end else local.hour >= begin or local.hour < end
    if begin == end or not quiet:
        return now
    opens = local.replace(hour=end % 24, minute=0, second=0, microsecond=0)
    if opens <= local:
        opens += timedelta(days=1)
    return opens.astimezone(now.tzinfo)


def compare(arm: Arm, against: Arm, *, comparisons: int = 1) -> Lift:
    """One arm against another with an interval that stays valid however often one looks.

    The mixture sequential probability ratio test with a normal mixture, turned into an interval (Johari, Pekelis and
    Walsh 2017, equation 13); the level is shared between several comparisons.
    """
    difference = _rate(arm) - _rate(against)
    if min(arm.customers, against.customers) == 0:
        return Lift(arm.name, against.name, 0.0, -1.0, 1.0, "not-enough-data")
    variance = _variance(arm) + _variance(against)
    level = _LEVEL / max(1, comparisons)
    wide = variance + _TAU**2
    half = math.sqrt(variance * wide / _TAU**2 * (2 * math.log(1 / level) + math.log(wide / variance)))
    lower, upper = max(-1.0, difference - half), min(1.0, difference + half)
    enough = min(arm.customers, against.customers) >= _FEWEST
    return Lift(
        arm.name, against.name, difference, lower, upper, _verdict(lower, upper) if enough else "not-enough-data"
    )


def outcome(arms: Sequence[Arm], skipped: dict[str, int] | None = None) -> Outcome:
    """How a campaign stands: everybody written to against the holdout, then each variant against the first."""
    by_name = {arm.name: arm for arm in arms}
    sent = [arm for arm in arms if arm.name != HOLDOUT]
    overall = None
    if HOLDOUT in by_name and sent:
        overall = compare(_together(sent), by_name[HOLDOUT])
    variants = tuple(compare(arm, sent[0], comparisons=len(sent) - 1) for arm in sent[1:])
    return Outcome(tuple(arms), overall, variants, skipped or {})


def _together(arms: Sequence[Arm]) -> Arm:
    return Arm(
        "sent",
        sum(arm.customers for arm in arms),
        sum(arm.converted for arm in arms),
        sum(arm.amount for arm in arms),
        sum(arm.squares for arm in arms),
    )


def _rate(arm: Arm) -> float:
    return arm.converted / arm.customers if arm.customers else 0.0


def _variance(arm: Arm) -> float:
    # One success and one failure more than seen: no arm's rate is taken to be sure (Agresti and Caffo 2000).
    rate = (arm.converted + 1) / (arm.customers + 2)
    return rate * (1 - rate) / arm.customers


def _verdict(lower: float, upper: float) -> Verdict:
    if lower > 0:
        return "better"
    if upper < 0:
        return "worse"
    return "no-difference" if lower > -_SAME and upper < _SAME else "not-enough-data"
