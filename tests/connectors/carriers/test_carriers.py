"""Carriers' answers in one vocabulary: statuses, reasons, times, and what nobody knows kept raw and flagged."""

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.connectors.carriers import payloads

from zhanggui.connectors.carriers import CARRIERS, parse_tracking
from zhanggui.connectors.carriers.reading import read_time
from zhanggui.connectors.carriers.wording import read_sentence
from zhanggui.kernel.commerce import ParcelReason, ParcelStatus
from zhanggui.kernel.errors import BadInput


@pytest.mark.parametrize(
    ("carrier", "payload", "number", "status", "reason", "_responsible", "_pays"),
    payloads.CASES,
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_each_carrier(
    carrier: str, payload: Any, number: str, status: str, reason: str | None, _responsible: Any, _pays: Any
) -> None:
    report = next(r for r in parse_tracking(carrier, payload) if r.events)
    assert (report.tracking_number, report.status.value) == (number, status)
    assert (None if report.reason is None else report.reason.value) == reason
    assert [event.at for event in report.events] == sorted(event.at for event in report.events)
    assert all(event.at.tzinfo is UTC for event in report.events)


def test_every_carrier_has_a_case() -> None:
    assert {CARRIERS[case[0]] for case in payloads.CASES} == set(CARRIERS.values())


@pytest.mark.parametrize(
    ("file", "expected"),
    [
        ("asendia__tracking_response.json", [("ASENDIA123456789", "delivered", 3)]),
        (
            "australiapost__tracking_response.json",
            [("7XX1000", "unknown", 0), ("7XX1000634011427", "delivered", 7), ("ET123456789AU", "in_transit", 8)],
        ),
        ("fedex__tracking_response.json", [("128667043726", "picked_up", 1), ("39936862321", "unknown", 0)]),
        ("hermes__tracking_response.json", [("H9746130018743501086", "delivered", 4)]),
        ("laposte__tracking_response.json", [("EW112720413FR", "delivered", 9)]),
        ("parcelone__tracking_response.json", [("123456789012", "delivered", 3)]),
        ("seko__tracking_response.json", [("WFY9001843", "in_transit", 3)]),
        ("smartkargo__tracking_response.json", [("AXB00006510", "delivered", 2)]),
        ("smartkargo__partner_tracking_response.json", [("ABC12345678", "in_transit", 1)]),
        ("teleship__tracking_response.json", [("TELE987654321GB", "in_transit", 4)]),
        ("ups__tracking_response.json", [("1Z1442YY7229014688", "delivered", 2)]),
        (
            "usps_international__tracking_responses.json",
            [("9400109104250532908587", "delivered", 12), ("string", "unknown", 1)],
        ),
    ],
)
def test_the_public_samples(shared_data: Path, file: str, expected: list[tuple[str, str, int]]) -> None:
    path = shared_data / "karrio_tracking_samples" / file
    reports = parse_tracking(file.split("__")[0], json.loads(path.read_text(encoding="utf-8")))
    assert [(r.tracking_number, r.status.value, len(r.events)) for r in reports] == expected


def test_a_document_is_no_tracking_answer(shared_data: Path) -> None:
    path = shared_data / "karrio_tracking_samples" / "fedex__tracking_document_response.json"
    with pytest.raises(BadInput):
        parse_tracking("fedex", json.loads(path.read_text(encoding="utf-8")))


@pytest.mark.parametrize(
    ("text", "status", "reason"),
    [
        ("Returned to sender", "returned", None),
        ("Being returned to the sender", "returning", None),
        ("Delivery refused by customer", "refused", "buyer_refused"),
        ("您的快件已签收，签收人：本人", "delivered", None),
        ("快件派送失败，收件人电话不通", "attempt_failed", "buyer_absent"),
        ("地址不详，无法派送", "attempt_failed", "buyer_address"),
        ("因暴雨天气，快件延误", "delayed", "weather"),
        ("快件已到达【菜鸟驿站】，请凭取件码取件", "ready_for_pickup", None),
        ("包裹在运输途中破损", "damaged", "carrier_damage"),
        ("快件尚未签收，正在运输", "in_transit", None),
        ("The parcel could not be delivered: undeliverable", "attempt_failed", None),
        ("Customs clearance completed", "in_transit", None),
        ("Held at customs, duties unpaid", "on_hold", "customs_duties"),
        ("Die Sendung wurde zugestellt", "delivered", None),
        ("Le colis est en cours de livraison", "out_for_delivery", None),
        ("Mis-sorted at depot", "delayed", "carrier_missort"),
        ("Empfänger nicht angetroffen", "attempt_failed", "buyer_absent"),
    ],
)
def test_sentences(text: str, status: str, reason: str | None) -> None:
    meaning = read_sentence(text)
    assert meaning is not None and meaning.status == status and (meaning.reason or None) == reason


def test_what_nobody_knows_is_kept_raw_and_flagged() -> None:
    (report,) = parse_tracking("pigeon post", {"tracking_number": "P1", "status": "cooing", "events": [1]})
    assert report.status is ParcelStatus.UNKNOWN and report.raw_status == "cooing"
    assert report.tracking_number == "P1" and "unknown carrier: pigeon post" in report.flags
    odd = payloads.TELESHIP | {
        "status": "levitating",
        "events": [{"timestamp": "soon", "code": "x", "description": "?"}],
    }
    (report,) = parse_tracking("teleship", odd)
    assert report.status is ParcelStatus.UNKNOWN and report.raw_status == "levitating"
    assert any("event without a time" in flag for flag in report.flags)


@pytest.mark.parametrize("carrier", sorted(CARRIERS))
@pytest.mark.parametrize("payload", [None, [], {}, "text", 7, {"data": []}, {"results": {}}, [None, 3]])
def test_an_answer_of_another_shape_is_bad_input(carrier: str, payload: Any) -> None:
    with pytest.raises(BadInput):
        parse_tracking(carrier, payload)


def test_a_payload_nested_too_deeply() -> None:
    deep: Any = {}
    for _ in range(300):
        deep = {"a": deep}
    with pytest.raises(BadInput, match="levels"):
        parse_tracking("ups", deep)


_json = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=True) | st.text(max_size=20),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(
                ["data", "events", "status", "number", "nu", "trackingNumber", "results", "time", "context"]
            ),
            inner,
            max_size=4,
        )
    ),
    max_leaves=12,
)


@given(payload=_json, carrier=st.sampled_from(sorted(CARRIERS)))
def test_any_payload_gives_a_report_or_bad_input(payload: Any, carrier: str) -> None:
    try:
        reports = parse_tracking(carrier, payload)
    except BadInput:
        return
    assert all(isinstance(report.status, ParcelStatus) for report in reports)


@pytest.mark.parametrize(
    ("text", "expected", "known"),
    [
        ("2026-01-02T03:04:05+02:00", datetime(2026, 1, 2, 1, 4, 5, tzinfo=UTC), True),
        ("20260102030405", datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC), False),
        ("2026-01-02", datetime(2026, 1, 2, tzinfo=UTC), False),
    ],
)
def test_times(text: str, expected: datetime, known: bool) -> None:
    assert read_time(text) == (expected, known)


@pytest.mark.parametrize("text", ["", "tomorrow", "0001-01-01", "9999-12-31T23:59:59-14:00", "2026-13-01"])
def test_what_is_no_time(text: str) -> None:
    assert read_time(text) is None


def test_chinese_times_are_chinas() -> None:
    (report,) = parse_tracking("kuaidi100", payloads.KUAIDI100)
    assert report.events[0].at == datetime(2026, 3, 2, 12, 0, tzinfo=UTC) and report.events[0].zone_known
    assert report.events[0].status == "picked_up"


def test_every_reason_names_its_culprit() -> None:
    assert {reason.culprit for reason in ParcelReason} == {"carrier", "seller", "buyer", "customs", "weather", "other"}
