"""Carriers' own answers: Asendia, Australia Post, FedEx, Hermes, La Poste, ParcelOne, SEKO, SmartKargo, Teleship, UPS,
USPS.

Each parser is pure: a decoded answer to one report a parcel. Codes that a table does not hold are read from their
sentence; what neither tells is kept raw and flagged.
"""

from dataclasses import replace

from zhanggui.connectors.carriers.reading import Codes, Scan, dig, items, need, place, refine, report, understand, word
from zhanggui.connectors.carriers.wording import Meaning
from zhanggui.kernel.commerce import ParcelReason as Reason
from zhanggui.kernel.commerce import ParcelStatus as Status
from zhanggui.kernel.commerce import TrackingReport
from zhanggui.kernel.errors import BadInput
from zhanggui.kernel.types import JsonObject, JsonValue

INFO, MOVING, OUT, DONE = (
    Meaning(Status.INFO_RECEIVED),
    Meaning(Status.IN_TRANSIT),
    Meaning(Status.OUT_FOR_DELIVERY),
    Meaning(Status.DELIVERED),
)
PICKED = Meaning(Status.PICKED_UP)
ASENDIA: Codes = {"PU": PICKED, "IT": MOVING, "OD": OUT, "DL": DONE}
FEDEX: Codes = {
    "OC": INFO,
    "EP": INFO,
    "MD": INFO,
    "PU": PICKED,
    "PX": PICKED,
    "OF": PICKED,
    "AP": PICKED,
    "IT": MOVING,
    "IX": MOVING,
    "AR": MOVING,
    "AF": MOVING,
    "DP": MOVING,
    "CC": MOVING,
    "CD": Meaning(Status.ON_HOLD, Reason.CUSTOMS_DELAY),
    "OD": OUT,
    "DL": DONE,
    "DY": Meaning(Status.DELAYED),
    "DE": Meaning(Status.ATTEMPT_FAILED),
    "SE": Meaning(Status.EXCEPTION),
    "HL": Meaning(Status.READY_FOR_PICKUP),
    "RS": Meaning(Status.RETURNING),
    "CA": Meaning(Status.CANCELLED, Reason.SELLER_CANCELLED),
}
FEDEX_DELAYS: dict[str, Reason] = {"WEATHER": Reason.WEATHER, "CUSTOMS": Reason.CUSTOMS_DELAY}
HERMES: Codes = {"0000": INFO, "2000": MOVING, "3000": OUT, "3500": DONE}
LA_POSTE: Codes = {
    "DR1": INFO,
    "PC1": PICKED,
    "ET1": MOVING,
    "ET2": MOVING,
    "ET3": MOVING,
    "ET4": MOVING,
    "EP1": MOVING,
    "DO1": MOVING,
    "DO2": MOVING,
    "DO3": Meaning(Status.ON_HOLD, Reason.CUSTOMS_DELAY),
    "MD2": OUT,
    "AG1": Meaning(Status.READY_FOR_PICKUP),
    "ND1": Meaning(Status.ATTEMPT_FAILED, Reason.BUYER_ABSENT),
    "AN1": Meaning(Status.ATTEMPT_FAILED, Reason.BUYER_ADDRESS),
    "RE1": Meaning(Status.RETURNING, Reason.BUYER_REFUSED),
    "DI1": DONE,
    "DI2": Meaning(Status.RETURNED),
}
PARCEL_ONE: Codes = {
    "CREATED": INFO,
    "PICKED_UP": PICKED,
    "IN_TRANSIT": MOVING,
    "OUT_FOR_DELIVERY": OUT,
    "DELIVERED": DONE,
    "RETURNED": Meaning(Status.RETURNED),
}
SEKO: Codes = {"OP-1": INFO, "OP-3": MOVING, "OP-4": MOVING}
SMART_KARGO: Codes = {
    "BKD": INFO,
    "RCS": PICKED,
    "DEP": MOVING,
    "RCF": MOVING,
    "GDL": OUT,
    "DDL": DONE,
    "DLD": DONE,
    "ADL": Meaning(Status.ATTEMPT_FAILED, Reason.BUYER_ABSENT),
    "RCU": Meaning(Status.ON_HOLD),
}
TELESHIP: Codes = {
    "created": INFO,
    "picked_up": PICKED,
    "in_transit": MOVING,
    "out_for_delivery": OUT,
    "delivered": DONE,
    "returned": Meaning(Status.RETURNED),
    "cancelled": Meaning(Status.CANCELLED),
}
UPS: Codes = {
    "M": INFO,
    "MV": Meaning(Status.CANCELLED, Reason.SELLER_CANCELLED),
    "P": PICKED,
    "I": MOVING,
    "O": OUT,
    "D": DONE,
    "X": Meaning(Status.EXCEPTION),
    "RS": Meaning(Status.RETURNED),
}
USPS: Codes = {
    "GX": INFO,
    "MA": INFO,
    "03": PICKED,
    "SF": MOVING,
    "10": MOVING,
    "T1": MOVING,
    "TL": MOVING,
    "A1": MOVING,
    "07": MOVING,
    "OF": OUT,
    "01": DONE,
    "02": Meaning(Status.ATTEMPT_FAILED),
    "09": Meaning(Status.RETURNED),
}


def asendia(payload: JsonValue) -> tuple[TrackingReport, ...]:
    """Asendia's `trackingEvents`."""
    scans = [
        _scan(
            entry,
            time="time",
            text="carrierEventDescription",
            code="code",
            codes=ASENDIA,
            where=place(word(entry, "locationName"), word(entry, "locationCountry")),
        )
        for entry in items(payload, "trackingEvents")
    ]
    return (report("asendia", need(payload, "trackingNumber", "a tracking number"), scans),)


def australia_post(payload: JsonValue) -> tuple[TrackingReport, ...]:
    """Australia Post's `tracking_results`: one report a result, a refused number among them."""
    reports: list[TrackingReport] = []
    for result in items(payload, "tracking_results"):
        number = need(result, "tracking_id", "a tracking id")
        articles = items(result, "trackable_items")
        article: JsonValue = articles[0] if articles else None
        events = items(article, "events") or items(article, "items", 0, "events")
        scans = [
            _scan(entry, time="date", text="description", code="", codes={}, where=word(entry, "location"))
            for entry in events
        ]
        status = word(result, "status") or word(article, "status")
        error = word(result, "errors", 0, "name")
        raw = status or error
        overall = understand("", status, {}) if status else None
        reports.append(report("australiapost", number, scans, overall=overall, raw=raw))
    return _some(reports, "tracking_results")


def fedex(payload: JsonValue) -> tuple[TrackingReport, ...]:
    """FedEx's Track API: one report a track result."""
    reports: list[TrackingReport] = []
    for complete in items(payload, "output", "completeTrackResults"):
        for result in items(complete, "trackResults"):
            scans = [_fedex_scan(entry) for entry in items(result, "scanEvents")]
            latest = dig(result, "latestStatusDetail")
            code = word(latest, "derivedCode") or word(latest, "code")
            said = f"{word(latest, 'description')}. {word(latest, 'ancillaryDetails', 0, 'reasonDescription')}"
            overall = _fedex_reason(refine(code, said, FEDEX) if code else None, latest)
            number = word(result, "trackingNumberInfo", "trackingNumber") or word(complete, "trackingNumber")
            eta = word(result, "estimatedDeliveryTimeWindow", "window", "ends")
            reports.append(report("fedex", number, scans, overall=overall, raw=code, eta=eta))
    return _some(reports, "output.completeTrackResults")


def _fedex_scan(entry: JsonObject) -> Scan:
    where = dig(entry, "scanLocation")
    scan = _scan(
        entry,
        time="date",
        text="eventDescription",
        code="eventType",
        codes=FEDEX,
        where=place(word(where, "city"), word(where, "stateOrProvinceCode"), word(where, "countryCode")),
    )
    return replace(scan, meaning=_fedex_reason(scan.meaning, entry))


def _fedex_reason(meaning: Meaning | None, entry: JsonValue) -> Meaning | None:
    """The delay's own kind says more than that there is a delay."""
    if meaning is None or meaning.reason not in (None, Reason.CARRIER_DELAY):
        return meaning
    return Meaning(meaning.status, FEDEX_DELAYS.get(word(entry, "delayDetail", "type"), meaning.reason))


def hermes(payload: JsonValue) -> tuple[TrackingReport, ...]:
    """Hermes Germany's `shipmentinfo`."""
    reports: list[TrackingReport] = []
    for info in items(payload, "shipmentinfo"):
        scans = [
            _scan(
                entry,
                time="timestamp",
                text="description",
                code="code",
                codes=HERMES,
                where=place(word(entry, "scanningUnit", "city"), word(entry, "scanningUnit", "countryCode")),
            )
            for entry in items(info, "status")
        ]
        number = need(info, "shipmentID", "a shipment id")
        reports.append(report("hermes", number, scans, eta=word(info, "deliveryForecast", "date")))
    return _some(reports, "shipmentinfo")


def la_poste(payload: JsonValue) -> tuple[TrackingReport, ...]:
    """La Poste's follow-up: `responses`, or one of them alone."""
    found = items(payload, "responses") or [payload if isinstance(payload, dict) else {}]
    reports: list[TrackingReport] = []
    for answer in found:
        parcel = dig(answer, "shipment")
        scans = [
            _scan(entry, time="date", text="label", code="code", codes=LA_POSTE, where=word(entry, "country"))
            for entry in items(parcel, "event")
        ]
        number = word(parcel, "idShip") or word(answer, "idShip")
        eta = "" if word(parcel, "deliveryDate") and dig(parcel, "isFinal") is True else word(parcel, "estimDate")
        reports.append(report("laposte", number, scans, raw=word(answer, "returnMessage"), eta=eta))
    return _some([entry for entry in reports if entry.tracking_number], "responses")


def parcel_one(payload: JsonValue) -> tuple[TrackingReport, ...]:
    """ParcelOne's `results`."""
    result = dig(payload, "results")
    scans = [
        _scan(
            entry,
            time="DateTime",
            text="Description",
            code="StatusCode",
            codes=PARCEL_ONE,
            where=word(entry, "Location"),
        )
        for entry in items(result, "Events")
    ]
    code = word(result, "StatusCode")
    overall = understand(code, word(result, "Status"), PARCEL_ONE)
    number = need(result, "TrackingID", "a tracking id")
    return (report("parcelone", number, scans, overall=overall, raw=code, eta=word(result, "EstimatedDelivery")),)


def seko(payload: JsonValue) -> tuple[TrackingReport, ...]:
    """SEKO Omni: a list of consignments."""
    found = [payload] if isinstance(payload, dict) else items(payload)
    reports: list[TrackingReport] = []
    for consignment in found:
        scans = [
            _scan(entry, time="EventDT", text="Description", code="OmniCode", codes=SEKO, where=word(entry, "Location"))
            for entry in items(consignment, "Events")
        ]
        number = need(consignment, "ConsignmentNo", "a consignment number")
        raw = word(consignment, "Status")
        reports.append(report("seko", number, scans, overall=understand("", raw, {}), raw=raw))
    return _some(reports, "list")


def smart_kargo(payload: JsonValue) -> tuple[TrackingReport, ...]:
    """SmartKargo: a list of events; one report an air waybill, with the events of all its pieces."""
    bills: dict[str, list[JsonObject]] = {}
    for entry in [payload] if isinstance(payload, dict) else items(payload):
        bill = f"{word(entry, 'prefix')}{word(entry, 'airWaybill')}"
        bills.setdefault(bill or need(entry, "airWaybill", "an air waybill"), []).append(entry)
    return _some([_smart_kargo_one(bill, events) for bill, events in bills.items()], "list")


def _smart_kargo_one(bill: str, events: list[JsonObject]) -> TrackingReport:
    scans: list[Scan] = []
    for entry in events:
        code, text = word(entry, "eventType"), word(entry, "description")
        meaning = understand(code, text, SMART_KARGO)
        scans.append(Scan(word(entry, "eventDate"), text, word(entry, "eventLocation"), code, meaning))
    made = report("smartkargo", bill, scans, eta=word(events[-1], "estimatedDeliveryDate"))
    pieces = {word(entry, "pieceReference") for entry in events}
    if len(pieces) == 1:
        return made
    return replace(made, flags=(*made.flags, f"{len(pieces)} pieces: the latest event of any"))


def teleship(payload: JsonValue) -> tuple[TrackingReport, ...]:
    """Teleship's tracking answer."""
    scans = [
        _scan(entry, time="timestamp", text="description", code="code", codes=TELESHIP, where=word(entry, "location"))
        for entry in items(payload, "events")
    ]
    status, number = word(payload, "status"), need(payload, "trackingNumber", "a tracking number")
    overall = understand(status, "", TELESHIP)
    return (report("teleship", number, scans, overall=overall, raw=status, eta=word(payload, "estimatedDelivery")),)


def ups(payload: JsonValue) -> tuple[TrackingReport, ...]:
    """UPS's Track API: one report a package. Local times carry no zone unless `gmtDate`, `gmtTime` are given."""
    reports: list[TrackingReport] = []
    for parcel in items(payload, "trackResponse", "shipment"):
        for package in items(parcel, "package"):
            scans = [_ups_scan(entry) for entry in items(package, "activity")]
            eta = next((word(d, "date") for d in items(package, "deliveryDate") if word(d, "type") != "DEL"), "")
            number = word(package, "trackingNumber") or word(parcel, "inquiryNumber")
            status = word(package, "currentStatus", "type")
            overall = refine(status, word(package, "currentStatus", "description"), UPS) if status else None
            reports.append(report("ups", number, scans, overall=overall, raw=status, eta=eta))
    return _some(reports, "trackResponse.shipment")


def _ups_scan(entry: JsonObject) -> Scan:
    address, text = dig(entry, "location", "address"), word(entry, "status", "description")
    gmt = f"{word(entry, 'gmtDate')}{word(entry, 'gmtTime').replace(':', '')}"
    local = f"{word(entry, 'date')}{word(entry, 'time')}"
    when = f"{gmt[:4]}-{gmt[4:6]}-{gmt[6:8]}T{gmt[8:10]}:{gmt[10:12]}:{gmt[12:14]}Z" if len(gmt) == 14 else local
    kind, code = word(entry, "status", "type"), word(entry, "status", "code")
    meaning = refine(kind, text, UPS)
    where = place(word(address, "city"), word(address, "stateProvince"), word(address, "countryCode"))
    return Scan(when, text, where, f"{kind} {code}".strip(), meaning)


def usps(payload: JsonValue) -> tuple[TrackingReport, ...]:
    """USPS Tracking v3: one answer or a list of them."""
    found = [payload] if isinstance(payload, dict) else items(payload)
    reports: list[TrackingReport] = []
    for parcel in found:
        scans: list[Scan] = []
        for entry in items(parcel, "trackingEvents"):
            code, text = word(entry, "eventCode"), word(entry, "eventType")
            where = place(word(entry, "eventCity"), word(entry, "eventState"), word(entry, "eventCountry"))
            when = word(entry, "GMTTimestamp") or word(entry, "eventTimestamp")
            scans.append(Scan(when, text, where, code, understand(code, text, USPS)))
        raw = word(parcel, "statusCategory") or word(parcel, "status")
        overall = understand("", f"{raw}. {word(parcel, 'status')}", {})
        number = need(parcel, "trackingNumber", "a tracking number")
        eta = word(parcel, "expectedDeliveryTimeStamp") or word(parcel, "predictedDeliveryTimeStamp")
        reports.append(report("usps", number, scans, overall=overall, raw=raw, eta="" if eta == "string" else eta))
    return _some(reports, "list")


def _scan(entry: JsonObject, *, time: str, text: str, code: str, codes: Codes, where: str) -> Scan:
    sentence, word_of = word(entry, text), word(entry, code) if code else ""
    return Scan(word(entry, time), sentence, where, word_of, understand(word_of, sentence, codes))


def _some(reports: list[TrackingReport], field: str) -> tuple[TrackingReport, ...]:
    if not reports:
        raise BadInput(field=field, expected="at least one parcel", found="none")
    return tuple(reports)
