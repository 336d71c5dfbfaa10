"""Chat messages become moods and complaints, each once; danger in them comes before a person."""

import pytest
from tests.support.chat_shop import STAFF, ChatShop, chat_shop, later

from zhanggui.kernel.storage import Database
from zhanggui.kernel.textmodels import default_sentiment
from zhanggui.support import ChatEars, ChatHearingJob, Complaint, ComplaintDesk, ComplaintStore, MoodStore


@pytest.fixture
def shop(database: Database) -> ChatShop:
    return chat_shop(database)


def _hear(shop: ChatShop) -> tuple[int, list[Complaint]]:
    """Run the job's items as the job runner does; how many there were, and every complaint that stands."""
    job = ChatHearingJob(ChatEars(ComplaintDesk(default_sentiment), shop.handovers, shop.tools))
    with shop.database.begin("m1", STAFF) as uow:
        items = list(job.items(uow, {}))
        for one in items:
            job.save_item(uow, one.payload, job.run_item("m1", one.payload, one.key), one.key)
        return len(items), ComplaintStore(uow).list()


def test_each_message_is_heard_once_and_one_matter_is_one_complaint(shop: ChatShop) -> None:
    shop.say("你好")
    shop.say("快递太慢了，十天还没到，太失望了")
    assert _hear(shop)[0] == 2
    heard, (first,) = _hear(shop)
    assert heard == 0
    assert (first.kind, first.source, first.locale) == ("logistics", "message", "zh-CN")
    assert first.source_id == f"{shop.talk().id}:{shop.messages()[2].number}"
    later(shop.database, minutes=5)
    shop.say("都十天了快递还没到，物流太慢了！")
    heard, standing = _hear(shop)
    assert (heard, len(standing)) == (1, 1)
    with shop.database.begin("m1", STAFF, read_only=True) as uow:
        assert MoodStore(uow).unheard(uow.clock.now().replace(year=2000)) == []


def test_another_visitor_and_another_matter_are_complaints_of_their_own(shop: ChatShop) -> None:
    shop.say("快递太慢了，十天还没到")
    shop.say("用了两天就坏了，开不了机")
    shop.say("快递太慢了，十天还没到", visitor="V2")
    assert sorted(one.kind for one in _hear(shop)[1]) == ["logistics", "logistics", "product"]


def test_a_settled_complaint_and_a_graver_one_begin_anew(shop: ChatShop) -> None:
    desk = ComplaintDesk(default_sentiment)
    shop.say("用了两天就坏了，开不了机")
    _, (first,) = _hear(shop)
    with shop.database.begin("m1", STAFF) as uow:
        desk.settle(uow, first.id, "寄出新的一台")
    shop.say("又坏了，还是开不了机")
    assert sorted(one.state for one in _hear(shop)[1]) == ["open", "resolved"]


@pytest.mark.parametrize("text", ["充电宝充着充着冒烟了", "假货，我要打12315"])
def test_danger_and_law_come_before_a_person_at_once(shop: ChatShop, text: str) -> None:
    shop.say("你好")
    shop.say(text)
    _, (made,) = _hear(shop)
    assert made.escalate
    with shop.database.begin("m1", STAFF, read_only=True) as uow:
        (waiting,) = shop.handovers.inbox(uow)
    assert waiting.urgent and waiting.reason == "safety"
    assert _hear(shop)[0] == 0


def test_the_agent_who_was_faster_makes_no_second_hand_over(shop: ChatShop) -> None:
    shop.say("充电宝起火了，手烫伤了")
    with shop.database.begin("m1", STAFF) as uow:
        (waiting,) = shop.handovers.inbox(uow)
        shop.handovers.take(uow, waiting.id, "wang")
        shop.handovers.close(uow, waiting.id, "wang")
    assert _hear(shop)[1][0].urgency == "critical"
    with shop.database.begin("m1", STAFF, read_only=True) as uow:
        assert shop.handovers.inbox(uow) == []


def test_a_verified_order_lends_its_carrier_and_number(shop: ChatShop) -> None:
    shop.say("查一下订单 B2 的物流")
    shop.say("8000")
    assert list(shop.talk().verified) == ["B2"]
    shop.say("快递太慢了，包装也破了")
    (made,) = _hear(shop)[1]
    assert made.order_id.endswith("B2") and made.carrier
