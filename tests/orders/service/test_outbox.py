"""The outbox on both databases: delivered once under its key, refused money comes free, done by hand is recorded."""

from dataclasses import dataclass, field, replace
from pathlib import Path

import pytest
from tests.orders.desk_shop import NOW, cny, delivered_order, house, order, put

from zhanggui.kernel.commerce import SourceRefund
from zhanggui.kernel.errors import Conflict, Forbidden, RetryLater
from zhanggui.kernel.jobs import Jobs
from zhanggui.kernel.storage import Actor, Database, UnitOfWork
from zhanggui.kernel.types import JsonObject
from zhanggui.orders.desk_jobs import OUTBOX_JOB, OutboxJob
from zhanggui.orders.models import RefundState
from zhanggui.orders.service.acting import adopt_refunds
from zhanggui.orders.service.delivering import EFFECTS, Outbox
from zhanggui.orders.service.recording import load_life
from zhanggui.orders.store.outbox import Effect, OutboxStore

TESTER = Actor("person", "tester")


@dataclass
class Shop:
    """The other side: does each key once, and answers as it is told to."""

    effects: tuple[str, ...] = ("payment.refund", "shop.cancel-order")
    answers: dict[str, JsonObject] = field(default_factory=dict[str, JsonObject])
    done: dict[str, int] = field(default_factory=dict[str, int])
    down: int = 0
    refuse: str = ""

    def takes(self, uow: UnitOfWork, effect: Effect) -> bool:
        return True

    def deliver(self, merchant_id: str, effect: str, payload: JsonObject, key: str) -> JsonObject:
        if self.down:
            self.down -= 1
            raise RetryLater("the shop is down")
        if self.refuse == effect:
            raise Forbidden("no such payment")
        self.done[key] = self.done.get(key, 0) + 1
        return self.answers.get(effect, {})


def _cancelled(database: Database) -> str:
    home = house()
    with database.begin("m1", TESTER) as uow:
        (name,) = put(uow, order())
        home.do(uow, "cancel-order", {"order_id": name, "reason": "no longer wanted"})
    return name


def test_the_job_delivers_each_effect_once(database: Database, tmp_path: Path) -> None:
    name, shop = _cancelled(database), Shop(down=1)
    jobs = Jobs(database, tmp_path / "jobs")
    jobs.register(OutboxJob(Outbox(database, (shop,))))
    for _ in range(2):
        with database.begin("m1", TESTER) as uow:
            job = jobs.start(uow, OUTBOX_JOB, {})
        assert jobs.run("m1", job).progress.failed == 0
    assert sorted(key.split(":", 1)[1] for key in shop.done) == ["payment.refund.1", "shop.cancel-order"]
    assert set(shop.done.values()) == {1}
    with database.begin("m1", TESTER) as uow:
        assert [refund.state for refund in load_life(uow, name).refunds] == [RefundState.SETTLED]
        assert {effect.state for effect in OutboxStore(uow).of_order(name)} == {"done"}


def test_a_refused_refund_frees_its_money(database: Database) -> None:
    name, shop = _cancelled(database), Shop(refuse="payment.refund")
    outbox = Outbox(database, (shop,))
    with database.begin("m1", TESTER, read_only=True) as uow:
        waiting = [effect.id for effect in outbox.waiting(uow)]
    for effect in waiting:
        answer = outbox.send("m1", effect)
        with database.begin("m1", TESTER) as uow:
            outbox.settle(uow, effect, answer)
    with database.begin("m1", TESTER) as uow:
        assert load_life(uow, name).refunded() == cny(0)
        assert {e.effect: e.state for e in OutboxStore(uow).of_order(name)}["payment.refund"] == "failed"


def test_the_shops_own_record_takes_the_place_of_ours(uow: UnitOfWork, database: Database) -> None:
    home = house()
    told = delivered_order()
    (name,) = put(uow, told)
    amount: JsonObject = {"minor": 500, "currency": "CNY"}
    home.do(uow, "refund", {"order_id": name, "basis": "goodwill", "reason": "sorry", "amount": amount})
    (effect,) = OutboxStore(uow).of_order(name)
    Outbox(database).done_by_hand(uow, effect.id, {"refund_id": "R77"})
    assert load_life(uow, name).refunded() == cny(500)
    theirs = SourceRefund("R77", cny(500), NOW, "p1", "sorry")
    put(uow, replace(told, version=NOW, refunds=(theirs,)))
    assert adopt_refunds(uow, name) == 1 and adopt_refunds(uow, name) == 0
    assert load_life(uow, name).refunded() == cny(500), "the money counts once"


def test_by_hand_is_by_hand(uow: UnitOfWork, database: Database) -> None:
    home = house()
    (name,) = put(uow, order())
    home.do(uow, "hold", {"order_id": name, "reason": "x"})
    outbox = Outbox(database)
    (effect,) = outbox.by_hand(uow)
    assert effect.effect in EFFECTS and outbox.waiting(uow) == []
    outbox.done_by_hand(uow, effect.id, {})
    with pytest.raises(Conflict):
        outbox.done_by_hand(uow, effect.id, {})
    assert outbox.by_hand(uow) == []


def test_a_withdrawn_effect_is_not_sent(database: Database) -> None:
    home, shop = house(), Shop(effects=("warehouse.fulfil",))
    with database.begin("m1", TESTER) as uow:
        (name,) = put(uow, order())
        made = home.do(uow, "fulfil", {"order_id": name, "warehouse": "main"})
        (effect,) = OutboxStore(uow).of_order(name)
        home.desk.undo(uow, made.id)
    assert Outbox(database, (shop,)).send("m1", effect.id) == {"skipped": True} and shop.done == {}
