"""Parcels and what happens to them: normal, late, stuck, lost, refused, returned ... each with its raw payload."""

import json
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from zhanggui.demo.orders import Draft
from zhanggui.demo.records import ParcelStory, Scenario
from zhanggui.demo.seasons import Year
from zhanggui.demo.source import SHOP_ZONE, bilingual, local_day, read, stream
from zhanggui.kernel.commerce import Shipment, TrackingEvent

Step = tuple[str, float, str]
_KUAIDI_STATE = {
    "info_received": "1",
    "in_transit": "0",
    "out_for_delivery": "5",
    "delivered": "3",
    "attempt_fail": "2",
    "exception": "2",
    "returned": "6",
}
_AFTERSHIP_TAG = {
    "info_received": ("InfoReceived", "InfoReceived_001"),
    "in_transit": ("InTransit", "InTransit_001"),
    "out_for_delivery": ("OutForDelivery", "OutForDelivery_001"),
    "delivered": ("Delivered", "Delivered_001"),
    "attempt_fail": ("AttemptFail", "AttemptFail_001"),
    "exception": ("Exception", "Exception_001"),
    "returned": ("Exception", "Exception_011"),
}
_STATE_WORDS = {"1": "揽收", "0": "在途", "5": "派件", "3": "签收", "2": "疑难", "6": "退回"}
# Planted in the last days before the end of the story, so that every kind of problem is open on the demo day.
_PLANTED: tuple[Scenario, ...] = (
    "stuck", "late", "lost", "refused", "damaged", "wrong-address", "returned", "denied", "stuck", "late",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class ParcelFile:
    """The parcels data file."""

    carriers: dict[str, dict[str, Any]]
    scenarios: dict[Scenario, float]
    culprits: dict[str, str]
    steps: dict[str, list[Step]]
    signs: list[str]
    signs_en: list[str]
    whys: list[str]
    whys_en: list[str]
    drops: list[str]
    drops_en: list[str]


@dataclass(frozen=True, slots=True)
class Parcel:
    """A shipment with its story."""

    shipment: Shipment
    story: ParcelStory


class Dispatcher:
    """Ships paid orders; `ship` gives the parcel, or None while the order still waits in the warehouse."""

    def __init__(self, seed: int, year: Year, now: datetime, payload_days: int) -> None:
        """`now` is the end of the story: nothing is recorded after it."""
        self._file = read("parcels", ParcelFile)
        self._rng = stream(seed, "parcels")
        self._year, self._now = year, now
        self._payload_since = now - timedelta(days=payload_days)
        self._planted = list(reversed(_PLANTED))

    def ship(self, draft: Draft) -> Parcel | None:
        """The parcel of an order (None: cancelled, or not yet shipped)."""
        shipped = self._shipping_time(draft.placed_at)
        if draft.cancelled or shipped > self._now:
            return None
        zh = draft.person.profile.locale == "zh-CN"
        carrier = self._rng.choices(("yunque", "yibei"), (0.55, 0.45))[0] if zh else "haiyan"
        remote = draft.person.remote
        scenario = self._scenario(shipped, carrier, remote, zh)
        hours = 1.7 if remote else 1.0
        pace = hours * self._file.carriers[carrier]["speed"] * (1 if zh else 3)
        events = self._events(draft, shipped, scenario, pace)
        number = f"{self._file.carriers[carrier]['prefix']}{self._rng.randrange(10**12):012d}"
        delivered = next((event.at for event in events if event.status == "delivered"), None)
        promised = shipped + timedelta(hours=(66 if zh else 190) * (1.5 if remote else 1))
        shipment = Shipment(f"S{draft.id[2:]}", draft.id, carrier, number, tuple(events), promised)
        keep = shipped >= self._payload_since or scenario not in ("normal", "late")
        provider = "kuaidi100" if zh else "aftership"
        return Parcel(
            shipment,
            ParcelStory(
                shipment_id=shipment.id,
                scenario=scenario,
                culprit=self._file.culprits[scenario],
                shipped_at=shipped,
                delivered_at=delivered,
                remote=remote,
                provider=provider,
                payload=payload(shipment, provider) if keep else "",
            ),
        )

    def _shipping_time(self, placed: datetime) -> datetime:
        """Six to forty hours later; nothing leaves while the warehouse rests at the new year."""
        shipped = placed + timedelta(seconds=int(self._rng.uniform(6, 40) * 3600))
        while local_day(shipped) in self._year.rest:
            shipped += timedelta(days=1)
        return shipped

    def _scenario(self, shipped: datetime, carrier: str, remote: bool, zh: bool) -> Scenario:
        age = (self._now - shipped).days
        if zh and 6 <= age <= 11 and self._planted and self._rng.random() < 0.35:
            return self._planted.pop()
        draw = self._rng.random()
        for name, share in self._file.scenarios.items():
            draw -= share
            if draw < 0:
                return name
        if not zh and self._rng.random() < 0.05:
            return "customs"
        risk = 0.035 + self._file.carriers[carrier]["slip"] + (0.12 if remote else 0) + self._rush(local_day(shipped))
        return "late" if self._rng.random() < risk else "normal"

    def _rush(self, day: date) -> float:
        """Added chance of being late after the great sales and around the new year."""
        if day.month == 11 and 10 <= day.day <= 18:
            return 0.22
        if day.month == 6 and 18 <= day.day <= 24:
            return 0.12
        return 0.2 if day + timedelta(days=4) in self._year.rest else 0.0

    def _events(self, draft: Draft, shipped: datetime, scenario: Scenario, pace: float) -> list[TrackingEvent]:
        steps = list(self._file.steps["start"])
        if scenario != "normal":
            steps += self._file.steps[scenario]
        ends = scenario in ("normal", "late", "damaged", "customs")
        # An old stuck or badly addressed parcel was found in the end; a recent one still lies there.
        patched = scenario in ("stuck", "wrong-address") and (self._now - shipped).days > 14
        if ends or patched:
            (status, hours, words), *rest = self._file.steps["end"]
            steps += [(status, hours + (150 if patched else 0), words), *rest]
        locale = draft.person.profile.locale
        names = self._names(draft)
        raw = _KUAIDI_STATE if locale == "zh-CN" else {key: tag for key, (tag, _) in _AFTERSHIP_TAG.items()}
        at, made = shipped, list[TrackingEvent]()
        for status, hours, words in steps:
            at += timedelta(seconds=int(hours * 3600 * pace * self._rng.uniform(0.6, 1.4)))
            if at > self._now:
                break
            text = bilingual(words).of(locale).format_map(names)
            made.append(TrackingEvent(at, status, names["to" if len(made) > 2 else "from"], text, raw[status]))
        return made

    def _names(self, draft: Draft) -> dict[str, str]:
        zh = draft.person.profile.locale == "zh-CN"
        address = draft.person.record.addresses[0]
        city, rng, source = address.city, self._rng, self._file
        return {
            "from": "杭州" if zh else "Hangzhou",
            "to": city,
            "place": address.district,
            "sign": rng.choice(source.signs if zh else source.signs_en),
            "why": rng.choice(source.whys if zh else source.whys_en),
            "drop": rng.choice(source.drops if zh else source.drops_en),
        }


def payload(shipment: Shipment, provider: str) -> str:
    """The shipment as the tracking service would send it: JSON text in the manner of 快递100 or AfterShip."""
    return json.dumps(_kuaidi100(shipment) if provider == "kuaidi100" else _aftership(shipment), ensure_ascii=False)


def _kuaidi100(shipment: Shipment) -> dict[str, Any]:
    data: list[dict[str, str]] = []
    for event in reversed(shipment.events):
        local = f"{event.at.astimezone(SHOP_ZONE):%Y-%m-%d %H:%M:%S}"
        data.append(
            {
                "time": local,
                "ftime": local,
                "context": event.text,
                "location": event.place,
                "status": _STATE_WORDS[event.raw],
                "statusCode": event.raw,
            }
        )
    state = shipment.events[-1].raw if shipment.events else "1"
    return {
        "message": "ok",
        "nu": shipment.tracking_number,
        "com": shipment.carrier,
        "ischeck": "1" if state == "3" else "0",
        "status": "200",
        "state": state,
        "data": data,
    }


def _aftership(shipment: Shipment) -> dict[str, Any]:
    points = [
        {
            "slug": shipment.carrier,
            "checkpoint_time": event.at.isoformat().replace("+00:00", "Z"),
            "location": event.place,
            "message": event.text,
            "tag": _AFTERSHIP_TAG[event.status][0],
            "subtag": _AFTERSHIP_TAG[event.status][1],
        }
        for event in shipment.events
    ]
    last = points[-1] if points else {"tag": "Pending", "subtag": "Pending_001"}
    tracking = {
        "tracking_number": shipment.tracking_number,
        "slug": shipment.carrier,
        "tag": last["tag"],
        "subtag": last["subtag"],
        "checkpoints": points,
    }
    return {"meta": {"code": 200}, "data": {"tracking": tracking}}
