"""`batch track` over iterables: who is responsible, who pays, by when, one answer a line."""

from typing import Any

import pytest
from tests.connectors.carriers.payloads import AUSTRALIA_POST, CASES, KUAIDI100, TELESHIP

from zhanggui.connectors.carriers import parse_tracking
from zhanggui.kernel.commerce import ParcelStatus
from zhanggui.orders.rules.tracking import NEXT_STEPS
from zhanggui.orders.service.batch_track import track_lines


def track(carrier: str, *lines: Any) -> list[dict[str, Any]]:
    return list(track_lines(lines, carrier, parse_tracking))


@pytest.mark.parametrize("case", CASES, ids=lambda case: case[0])
def test_who_is_responsible_and_who_pays(case: tuple[Any, ...]) -> None:
    carrier, payload, number, status, reason, responsible, pays = case
    (answer,) = track(carrier, payload)
    assert (answer["id"], answer["tracking_number"], answer["status"]) == (number, number, status)
    assert (answer["reason"], answer["responsible"], answer["pays"]) == (reason, responsible, pays)
    assert {"time", "status", "place", "text"} <= set(answer["events"][0])
    assert (answer["deadline"] is None) == (status == "delivered")


def test_the_deadline_counts_from_the_last_event() -> None:
    (answer,) = track("kuaidi100", KUAIDI100)
    assert answer["events"][-1]["time"] == "2026-03-04T10:20:00Z"
    assert answer["deadline"] == "2026-03-07T10:20:00Z"
    assert answer["next_step"]["zh"].endswith("。")


def test_lines_keep_their_order_and_a_bad_one_does_not_stop_the_rest() -> None:
    answers = track("teleship", {"id": "a", "payload": TELESHIP}, "garbage", TELESHIP)
    assert [answer["id"] for answer in answers] == ["a", 2, "T1"]
    assert answers[1]["error"]["field"] == "trackingNumber"


def test_several_parcels_in_one_answer() -> None:
    (answer,) = track("australiapost", AUSTRALIA_POST)
    assert answer["tracking_number"] == "AP2"
    assert [other["tracking_number"] for other in answer["more"]] == ["BAD"]


def test_every_state_but_the_finished_ones_has_a_next_step() -> None:
    assert set(ParcelStatus) - set(NEXT_STEPS) == {ParcelStatus.DELIVERED, ParcelStatus.CANCELLED}
