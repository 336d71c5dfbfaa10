"""`batch orders` over iterables: one answer a line, conversations apart, broken lines answered and survived."""

from typing import Any

import pytest
from tests.orders.shop import small_shop

from zhanggui.kernel.errors import BadInput
from zhanggui.orders.service.batch_orders import ShopRun
from zhanggui.orders.service.policies import load_policy

CANCEL = {"id": 1, "action": "cancel_pending_order", "arguments": {"order_id": "#P", "reason": "no longer needed"}}


def run(*lines: Any) -> tuple[ShopRun, list[dict[str, Any]]]:
    opened = ShopRun.open(small_shop(), load_policy("tau2_retail"))
    return opened, list(opened.decide_lines(lines))


def test_lines_are_answered_in_order_with_every_rule() -> None:
    opened, answers = run(CANCEL, CANCEL | {"id": "again"})
    assert [answer["id"] for answer in answers] == [1, "again"]
    assert [answer["accepted"] for answer in answers] == [True, False]
    assert set(answers[0]) == {"id", "accepted", "rules", "result", "undo"}
    assert {"id", "passed", "reason"} <= set(answers[0]["rules"][0])
    assert answers[0]["undo"]["restore"]["orders"]["#P"]["status"] == "pending"
    assert [r["id"] for r in answers[1]["rules"] if not r["passed"]] == ["order-status-pending"]
    assert (opened.accepted, opened.refused, opened.broken) == (1, 1, 0)
    assert opened.final_state()["orders"]["#P"]["cancel_reason"] == "no longer needed"
    assert "cancel_reason" not in opened.final_state()["orders"]["#B"], "what did not change stays as it was"


@pytest.mark.parametrize(
    ("line", "rule"),
    [
        (CANCEL | {"confirmed": False}, "customer-confirmed"),
        (CANCEL | {"arguments": CANCEL["arguments"] | {"confirmed": False}}, "customer-confirmed"),
        (CANCEL | {"identified": False}, "customer-identified"),
        (CANCEL | {"customer": "bob"}, "one-customer-per-conversation"),
        (CANCEL | {"user_id": "bob"}, "one-customer-per-conversation"),
        (CANCEL | {"arguments": CANCEL["arguments"] | {"user_id": "bob"}}, "one-customer-per-conversation"),
    ],
)
def test_a_line_may_say_what_the_caller_does_not_vouch_for(line: dict[str, Any], rule: str) -> None:
    _, (answer,) = run(line)
    assert [r["id"] for r in answer["rules"] if not r["passed"]] == [rule]


def test_one_conversation_serves_one_customer() -> None:
    hello = {"id": 0, "action": "find_user_id_by_email", "arguments": {"email": "bob@example.com"}}
    _, answers = run(hello, CANCEL, CANCEL | {"conversation": "another"})
    assert [answer["accepted"] for answer in answers] == [True, False, True]


@pytest.mark.parametrize(
    ("line", "field"),
    [
        ("text", "line"),
        ({"id": 7}, "action"),
        ({"id": 7, "action": 3}, "action"),
        ({"id": 7, "action": "calculate", "arguments": "1+1"}, "arguments"),
        ({"id": 7, "action": "calculate", "arguments": {}, "confirmed": "yes"}, "confirmed"),
        ({"id": 7, "action": "calculate", "arguments": {}, "customer": 5}, "customer"),
    ],
)
def test_a_broken_line_is_answered_and_the_others_run(line: Any, field: str) -> None:
    opened, answers = run(line, CANCEL)
    assert answers[0]["error"]["field"] == field
    assert answers[0]["id"] == (7 if isinstance(line, dict) else None)
    assert answers[1]["accepted"] and opened.broken == 1


def test_a_file_that_is_no_shop() -> None:
    with pytest.raises(BadInput):
        ShopRun.open([], load_policy("tau2_retail"))
