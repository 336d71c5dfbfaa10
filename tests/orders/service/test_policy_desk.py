"""The merchant's policy: what an edit would have decided otherwise is told before it counts."""

import pytest
from tests.orders.desk_shop import delivered_order, house, order, put

from zhanggui.kernel.audit import AuditLog
from zhanggui.kernel.errors import BadInput
from zhanggui.kernel.storage import UnitOfWork
from zhanggui.orders import PolicyDesk

NO_MORE = "days: 7, after: order.delivered_at"


def test_the_shipped_policy_until_the_merchant_writes_one(uow: UnitOfWork) -> None:
    desk = PolicyDesk(house().dossiers)
    before = desk.in_force(uow)
    assert before.number == 0 and before.policy.name == "cn-default" and "七天无理由" in before.text
    saved = desk.save(uow, before.text.replace('version: "1"', 'version: "2"'))
    assert (saved.number, desk.in_force(uow).policy.version) == (1, "2")
    assert [row.action for row in AuditLog(uow).read(limit=1).items] == ["policy.saved"]


def test_a_broken_text_changes_nothing(uow: UnitOfWork) -> None:
    desk = PolicyDesk(house().dossiers)
    with pytest.raises(BadInput) as caught:
        desk.save(uow, "policy: mine\nrules: [nonsense]")
    assert caught.value.field and desk.in_force(uow).number == 0


def test_a_preview_names_the_past_requests_that_would_be_decided_otherwise(uow: UnitOfWork) -> None:
    shop = house()
    desk = PolicyDesk(shop.dossiers)
    late, early = put(uow, delivered_order("LATE", days=5), delivered_order("EARLY", days=1))
    put(uow, order("UNTOUCHED"))
    for name in (late, early):
        asked = {"order_id": name, "reason": "no-reason", "intact": True, "units": {"1": 1}}
        made = shop.propose(uow, "return", asked)
        assert all(check.passed for check in made.checks if check.blocking), made.checks
    text = desk.in_force(uow).text
    assert desk.preview(uow, text).otherwise == ()
    assert desk.preview(uow, text).looked_at == 2
    assert NO_MORE in text
    stricter = desk.preview(uow, text.replace(NO_MORE, "days: 2, after: order.delivered_at"))
    assert [(one.order_id, one.before, one.after) for one in stricter.otherwise] == [(late, True, False)]
    assert "2 days" in stricter.otherwise[0].because[0].en and "2天" in stricter.otherwise[0].because[0].zh
    assert desk.in_force(uow).number == 0, "a preview changes nothing"
