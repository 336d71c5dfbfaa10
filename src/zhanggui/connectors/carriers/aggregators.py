"""Services that track for many carriers: AfterShip, 快递100, 17TRACK, Karrio. Pure: a decoded answer to reports.

AfterShip's numbered sub-codes are not relied on (public lists of them contradict each other): its nine tags give the
status, its sentences the reason.
"""

from zhanggui.connectors.carriers.reading import (
    CHINA,
    Codes,
    Scan,
    dig,
    items,
    need,
    place,
    refine,
    report,
    understand,
    word,
)
from zhanggui.connectors.carriers.wording import Meaning, read_sentence
from zhanggui.kernel.commerce import ParcelReason as Reason
from zhanggui.kernel.commerce import ParcelStatus as Status
from zhanggui.kernel.commerce import TrackingReport
from zhanggui.kernel.types import JsonObject, JsonValue

AFTERSHIP: Codes = {
    "Pending": Meaning(Status.PENDING),
    "InfoReceived": Meaning(Status.INFO_RECEIVED),
    "InTransit": Meaning(Status.IN_TRANSIT),
    "OutForDelivery": Meaning(Status.OUT_FOR_DELIVERY),
    "AttemptFail": Meaning(Status.ATTEMPT_FAILED),
    "Delivered": Meaning(Status.DELIVERED),
    "AvailableForPickup": Meaning(Status.READY_FOR_PICKUP),
    "Exception": Meaning(Status.EXCEPTION),
    "Expired": Meaning(Status.EXPIRED),
}
KUAIDI100: Codes = {
    "0": Meaning(Status.IN_TRANSIT),
    "1": Meaning(Status.PICKED_UP),
    "2": Meaning(Status.EXCEPTION),
    "3": Meaning(Status.DELIVERED),
    "4": Meaning(Status.RETURNED),
    "5": Meaning(Status.OUT_FOR_DELIVERY),
    "6": Meaning(Status.RETURNING),
    "7": Meaning(Status.IN_TRANSIT),
    "8": Meaning(Status.IN_TRANSIT),
    "10": Meaning(Status.IN_TRANSIT),
    "11": Meaning(Status.IN_TRANSIT),
    "12": Meaning(Status.IN_TRANSIT),
    "13": Meaning(Status.ON_HOLD, Reason.CUSTOMS_DELAY),
    "14": Meaning(Status.REFUSED, Reason.BUYER_REFUSED),
}
# 快递100's answer names the state of each line in words as well.
_KUAIDI100_WORDS: Codes = {
    "在途": KUAIDI100["0"],
    "揽收": KUAIDI100["1"],
    "疑难": KUAIDI100["2"],
    "签收": KUAIDI100["3"],
    "退签": KUAIDI100["4"],
    "派件": KUAIDI100["5"],
    "退回": KUAIDI100["6"],
    "转投": KUAIDI100["7"],
    "待清关": KUAIDI100["10"],
    "清关中": KUAIDI100["11"],
    "已清关": KUAIDI100["12"],
    "清关异常": KUAIDI100["13"],
    "拒签": KUAIDI100["14"],
}
TRACK17: Codes = {
    "NotFound": Meaning(Status.PENDING),
    "InfoReceived": Meaning(Status.INFO_RECEIVED),
    "InTransit": Meaning(Status.IN_TRANSIT),
    "InTransit_PickedUp": Meaning(Status.PICKED_UP),
    "InTransit_CustomsProcessing": Meaning(Status.IN_TRANSIT),
    "InTransit_CustomsReleased": Meaning(Status.IN_TRANSIT),
    "InTransit_CustomsRequiringInformation": Meaning(Status.ON_HOLD, Reason.CUSTOMS_DOCUMENTS),
    "Expired": Meaning(Status.EXPIRED),
    "AvailableForPickup": Meaning(Status.READY_FOR_PICKUP),
    "OutForDelivery": Meaning(Status.OUT_FOR_DELIVERY),
    "DeliveryFailure": Meaning(Status.ATTEMPT_FAILED),
    "DeliveryFailure_NoBody": Meaning(Status.ATTEMPT_FAILED, Reason.BUYER_ABSENT),
    "DeliveryFailure_Security": Meaning(Status.ATTEMPT_FAILED, Reason.OTHER_SECURITY),
    "DeliveryFailure_Rejected": Meaning(Status.REFUSED, Reason.BUYER_REFUSED),
    "DeliveryFailure_InvalidAddress": Meaning(Status.ATTEMPT_FAILED, Reason.BUYER_ADDRESS),
    "Delivered": Meaning(Status.DELIVERED),
    "Exception": Meaning(Status.EXCEPTION),
    "Exception_Returning": Meaning(Status.RETURNING),
    "Exception_Returned": Meaning(Status.RETURNED),
    "Exception_NoBody": Meaning(Status.EXCEPTION, Reason.BUYER_ABSENT),
    "Exception_Security": Meaning(Status.ON_HOLD, Reason.OTHER_SECURITY),
    "Exception_Damage": Meaning(Status.DAMAGED, Reason.CARRIER_DAMAGE),
    "Exception_Rejected": Meaning(Status.REFUSED, Reason.BUYER_REFUSED),
    "Exception_Delayed": Meaning(Status.DELAYED, Reason.CARRIER_DELAY),
    "Exception_Lost": Meaning(Status.LOST, Reason.CARRIER_LOSS),
    "Exception_Destroyed": Meaning(Status.DAMAGED, Reason.CARRIER_DAMAGE),
    "Exception_Cancel": Meaning(Status.CANCELLED, Reason.SELLER_CANCELLED),
}
KARRIO: Codes = {
    "pending": Meaning(Status.INFO_RECEIVED),
    "picked_up": Meaning(Status.PICKED_UP),
    "on_hold": Meaning(Status.ON_HOLD),
    "cancelled": Meaning(Status.CANCELLED),
    "delivered": Meaning(Status.DELIVERED),
    "in_transit": Meaning(Status.IN_TRANSIT),
    "delivery_failed": Meaning(Status.ATTEMPT_FAILED),
    "delivery_delayed": Meaning(Status.DELAYED),
    "out_for_delivery": Meaning(Status.OUT_FOR_DELIVERY),
    "ready_for_pickup": Meaning(Status.READY_FOR_PICKUP),
    "return_to_sender": Meaning(Status.RETURNING),
}
KARRIO_REASONS: dict[str, Reason] = {
    "carrier_damaged_parcel": Reason.CARRIER_DAMAGE,
    "carrier_parcel_lost": Reason.CARRIER_LOSS,
    "carrier_sorting_error": Reason.CARRIER_MISSORT,
    "carrier_vehicle_issue": Reason.CARRIER_VEHICLE,
    "carrier_not_enough_time": Reason.CARRIER_DELAY,
    "carrier_delay": Reason.CARRIER_DELAY,
    "carrier_address_not_found": Reason.BUYER_ADDRESS,
    "consignee_refused": Reason.BUYER_REFUSED,
    "consignee_business_closed": Reason.BUYER_ABSENT,
    "consignee_not_available": Reason.BUYER_ABSENT,
    "consignee_not_home": Reason.BUYER_ABSENT,
    "consignee_incorrect_address": Reason.BUYER_ADDRESS,
    "consignee_access_restricted": Reason.BUYER_ACCESS,
    "customs_delay": Reason.CUSTOMS_DELAY,
    "customs_documentation": Reason.CUSTOMS_DOCUMENTS,
    "customs_duties_unpaid": Reason.CUSTOMS_DUTIES,
    "weather_delay": Reason.WEATHER,
    "natural_disaster": Reason.OTHER_FORCE_MAJEURE,
}


def aftership(payload: JsonValue) -> tuple[TrackingReport, ...]:
    """AfterShip: a webhook (`msg`), one tracking (`data.tracking`) or a page of them (`data.trackings`)."""
    found = items(payload, "data", "trackings") or [
        entry for key in ("msg", "tracking") for entry in [dig(payload, key)] if isinstance(entry, dict)
    ]
    inner = dig(payload, "data", "tracking")
    if not found and isinstance(inner, dict):
        found = [inner]
    return tuple(_aftership_one(entry) for entry in found or [payload if isinstance(payload, dict) else {}])


def _aftership_one(tracking: JsonObject) -> TrackingReport:
    scans: list[Scan] = []
    for entry in items(tracking, "checkpoints"):
        text = word(entry, "message")
        where = word(entry, "location") or place(word(entry, "city"), word(entry, "country_region"))
        tag = word(entry, "tag")
        meaning = refine(tag, f"{text}. {word(entry, 'subtag_message')}", AFTERSHIP)
        scans.append(Scan(word(entry, "checkpoint_time"), text, where, word(entry, "subtag") or tag, meaning))
    tag = word(tracking, "tag")
    overall = refine(tag, word(tracking, "subtag_message"), AFTERSHIP)
    eta = word(tracking, "expected_delivery") or word(
        tracking, "courier_estimated_delivery_date", "estimated_delivery_date"
    )
    number = need(tracking, "tracking_number", "AfterShip's tracking number")
    return report("aftership", number, scans, overall=overall, raw=tag, eta=eta)


def kuaidi100(payload: JsonValue) -> tuple[TrackingReport, ...]:
    """快递100: an answer to a query, or a push (`lastResult`). Times are China's."""
    pushed = dig(payload, "lastResult")
    answer = pushed if isinstance(pushed, dict) else payload
    scans: list[Scan] = []
    for entry in items(answer, "data"):
        text, said = word(entry, "context"), word(entry, "status")
        code = word(entry, "statusCode")
        # Finer codes (three or four digits) begin with the state's own digit or digits.
        coarse = code if code in KUAIDI100 else code[:1] if len(code) == 3 else code[:2] if len(code) == 4 else ""
        words = KUAIDI100.get(coarse) or _KUAIDI100_WORDS.get(said)
        meaning = refine("x", text, {"x": words}) if words is not None else read_sentence(text)
        scans.append(
            Scan(word(entry, "ftime") or word(entry, "time"), text, word(entry, "areaName"), code, meaning, CHINA)
        )
    state = word(answer, "state")
    latest = scans[0].text if scans else ""
    overall = refine(state, latest, KUAIDI100)
    number = need(answer, "nu", "快递100's tracking number")
    return (report("kuaidi100", number, scans, overall=overall, raw=state, eta=word(answer, "arrivalTime")),)


def track17(payload: JsonValue) -> tuple[TrackingReport, ...]:
    """17TRACK v2: an answer (`data.accepted`) or a push (`data`)."""
    found = items(payload, "data", "accepted")
    pushed = dig(payload, "data")
    if not found and isinstance(pushed, dict):
        found = [pushed]
    return tuple(_track17_one(entry) for entry in found or [payload if isinstance(payload, dict) else {}])


def _track17_one(parcel: JsonObject) -> TrackingReport:
    info = dig(parcel, "track_info")
    scans: list[Scan] = []
    for provider in items(info, "tracking", "providers"):
        for entry in items(provider, "events"):
            text = word(entry, "description")
            code = word(entry, "sub_status") or word(entry, "stage")
            meaning = refine(_known17(code), text, TRACK17)
            time = word(entry, "time_utc") or word(entry, "time_iso")
            scans.append(Scan(time, text, word(entry, "location"), code, meaning))
    status, fine = word(info, "latest_status", "status"), word(info, "latest_status", "sub_status")
    known = _known17(fine) or _known17(status)
    overall = refine(known, word(info, "latest_event", "description"), TRACK17)
    eta = word(info, "time_metrics", "estimated_delivery_date", "to")
    number = need(parcel, "number", "17TRACK's tracking number")
    return report("track17", number, scans, overall=overall, raw=fine or status, eta=eta)


def _known17(code: str) -> str:
    """The finest known code: `Exception_Other` is an `Exception`."""
    return code if code in TRACK17 else code.split("_")[0] if code.split("_")[0] in TRACK17 else ""


def karrio(payload: JsonValue) -> tuple[TrackingReport, ...]:
    """Karrio: one tracker, or a page of them (`results`)."""
    found = items(payload, "results") or [payload if isinstance(payload, dict) else {}]
    reports: list[TrackingReport] = []
    for tracker in found:
        scans: list[Scan] = []
        for entry in items(tracker, "events"):
            text, code = word(entry, "description"), word(entry, "code")
            named = KARRIO.get(word(entry, "status"))
            meaning = _karrio_reason(named, word(entry, "reason")) or understand("", text, {})
            time = word(entry, "timestamp") or f"{word(entry, 'date')} {word(entry, 'time')}".strip()
            scans.append(Scan(time, text, word(entry, "location"), code, meaning))
        status = word(tracker, "status")
        number = need(tracker, "tracking_number", "Karrio's tracking number")
        eta = word(tracker, "estimated_delivery")
        reports.append(report("karrio", number, scans, overall=KARRIO.get(status), raw=status, eta=eta))
    return tuple(reports)


def _karrio_reason(named: Meaning | None, reason: str) -> Meaning | None:
    if named is None:
        return None
    given = KARRIO_REASONS.get(reason) or (Reason.OTHER_UNKNOWN if reason else None)
    return Meaning(named.status, given)
