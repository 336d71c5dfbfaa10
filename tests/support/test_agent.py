"""The agent: what it does step by step, what it never does, and what it says when something is missing."""

import string

import pytest
from tests.support.chat_shop import STAFF, Facts, Shelf, chat_shop, later

from zhanggui.desk import Filter, Inbox, Proposal, State
from zhanggui.kernel.errors import RetryLater
from zhanggui.kernel.storage import Database
from zhanggui.support.models.conversation import HandState
from zhanggui.support.rules.agent_addresses import address_in
from zhanggui.support.rules.agent_intents import hear
from zhanggui.support.rules.agent_needs import Need, fitting, narrowed, need_in
from zhanggui.support.rules.agent_words import sentences


def proposals(database: Database) -> tuple[Proposal, ...]:
    with database.begin("m1", STAFF, read_only=True) as uow:
        return Inbox.page(uow, Filter(), limit=100).items


@pytest.mark.parametrize(
    ("text", "intent", "slots"),
    [
        ("你好", "greeting", {}),
        ("转人工", "person", {}),
        ("I want to talk to a real person", "person", {}),
        ("我的快递到哪了", "parcel", {}),
        ("订单 A1 手机尾号 8000 到哪了", "parcel", {"order": "A1", "proof": "8000"}),
        ("where is my package? order 10023, a@b.com", "parcel", {"order": "10023", "proof": "a@b.com"}),
        ("cancel my order #10023", "cancel-order", {"order": "10023"}),
        ("想退货，尺码小了", "return", {"reason": "no-reason"}),
        ("我要换大一码", "exchange", {}),
        ("买贵了，降价了能退差价吗", "price-protection", {}),
        ("有没有防水、300 元以内的登山鞋", "find-product", None),
        ("支持七天无理由退货吗?", "question", None),
        ("退款什么时候到账", "question", {}),
        ("确认", "yes", {}),
        ("好的，确认提交", "yes", {}),
        ("是不是正品", "question", {}),
        ("不对", "no", {}),
        ("yes but the other one", "question", {}),
    ],
)  # fmt: skip
def test_what_a_message_asks_for(text: str, intent: str, slots: dict[str, str] | None) -> None:
    heard = hear(text)
    assert heard.intent == intent
    if slots is not None:
        assert heard.slots == slots


def test_addresses_are_read_and_never_made_up() -> None:
    found = address_in("收货人 韩梅 13900000000 浙江省杭州市滨江区江南大道100号2幢301")
    assert found == {
        "phone": "13900000000", "name": "韩梅", "region": "浙江", "city": "杭州", "district": "滨江区",
        "street": "江南大道100号2幢301",
    }  # fmt: skip
    assert address_in("地址改成上海市浦东新区世纪大道88号")["city"] == "上海"
    assert address_in("12 Baker Street, London, NW1 6XE, UK")["street"] == "12 Baker Street"
    assert address_in("改一下地址") == {}
    assert address_in("随便吧") == {}


def test_needs_have_bounds_and_words() -> None:
    assert need_in("有没有防水、300 元以内的登山鞋") == Need(("防水", "登山鞋"), most=300.0)
    assert need_in("waterproof hiking shoes under $80") == Need(("waterproof", "hiking", "shoes"), most=80.0)
    assert need_in("想买一个200到400元的双人帐篷") == Need(("双人帐篷",), most=400.0, least=200.0)
    assert narrowed(["男士登山鞋"], ["云山 登山鞋 中帮"]) == ("登山鞋",)


def test_products_fit_only_by_what_their_data_says(database: Database) -> None:
    shop = chat_shop(database)
    found = shop.text("有没有防水、300 元以内的登山鞋")
    assert "云山 登山鞋 中帮" in found and "Gore-Tex 防水膜" in found
    assert "高帮" not in found, "over the budget"
    assert "跑鞋" not in found, "its data says that it is not waterproof"
    assert "没有找到" in shop.text("有没有防水、50 元以内的登山鞋")
    assert fitting(Need(("帐篷",)), Shelf().products) == ()


def test_an_order_is_shown_to_its_proved_owner_only(database: Database) -> None:
    shop = chat_shop(database)
    assert "订单编号" in shop.text("查一下订单")
    assert "后四位" in shop.text("A1")
    wrong = shop.text("9999")
    assert "没有对上" in wrong and "Mug" not in wrong and "108" not in wrong
    assert "Mug × 2" in shop.text("A1 8000")
    # What does not exist looks the same as what is not proved.
    absent, unproved = (shop.text(f"查订单 {number} 尾号 1111", visitor=number) for number in ("NX77777", "C3"))
    assert absent == unproved and "没有对上" in absent


def test_a_proof_belongs_to_one_order_and_one_visitor(database: Database) -> None:
    shop = chat_shop(database)
    assert "Mug" in shop.text("查订单 A1 尾号 8000")
    assert "后四位" in shop.text("查订单 C3"), "another order needs its own proof"
    assert "没有对上" in shop.text("8000")
    assert "后四位" in shop.text("查订单 A1", visitor="V2"), "another visitor proves nothing by it"
    later(database, hours=3)
    assert "后四位" in shop.text("查订单 A1"), "a proof ends"


def test_failures_lock(database: Database) -> None:
    shop = chat_shop(database)
    for number in range(5):
        assert "没有对上" in shop.text(f"查订单 A1 尾号 {number}111")
        later(database, seconds=30)
    assert "次数太多" in shop.text("查订单 A1 尾号 8000"), "the right proof comes too late"
    later(database, hours=1)
    assert "Mug" in shop.text("查订单 A1 尾号 8000")
    for number in range(10):
        shop.text(f"查订单 C3 尾号 {number}222", visitor=f"W{number}")
    assert "次数太多" in shop.text("查订单 C3 尾号 7777", visitor="W99"), "many visitors on one order lock it"


def test_an_action_needs_every_detail_listed_and_an_explicit_yes(database: Database) -> None:
    shop = chat_shop(database)
    listed = shop.text("取消订单 A1，尾号 8000")
    assert "请核对" in listed and "订单：A1" in listed
    assert proposals(database) == ()
    shop.text("嗯让我想想吧")
    assert proposals(database) == (), "words that are no yes"
    shop.text("取消订单 A1")
    assert "已提交" in shop.text("确认")
    (made,) = proposals(database)
    assert (made.kind, made.state) == ("cancel-order", State.WAITING)
    assert "没有等待确认" in shop.text("确认")
    assert len(proposals(database)) == 1


def test_no_drops_it(database: Database) -> None:
    shop = chat_shop(database)
    shop.text("取消订单 A1，尾号 8000")
    assert "没有提交" in shop.text("不对")
    assert "没有等待确认" in shop.text("确认")
    assert proposals(database) == ()


def test_policy_refuses_and_says_why(database: Database) -> None:
    shop = chat_shop(database)
    refused = shop.text("取消订单 B2，尾号 8000")
    assert "不能办理" in refused and "·" in refused, "at once: nobody confirms what cannot be"
    assert "没有等待确认" in shop.text("确认")
    assert proposals(database) == ()


def test_a_return_with_everything(database: Database) -> None:
    shop = chat_shop(database)
    assert "哪一件" in shop.text("我要退货 B2 尾号8000")
    assert "原因" in shop.text("1")
    assert "未使用" in shop.text("不喜欢")
    listed = shop.text("是的，没用过")
    assert "Mug × 2" in listed and "Lamp" not in listed
    assert "已提交" in shop.text("好的")
    (made,) = proposals(database)
    assert made.payload["units"] == {"1": 2} and made.payload["intact"] is True


def test_a_fault_goes_to_a_person_who_looks_at_pictures(database: Database) -> None:
    shop = chat_shop(database)
    shop.text("我要退货 B2 尾号8000")
    shop.text("2")
    shop.text("质量问题")
    assert "同事" in shop.text("确认")
    assert shop.talk().hand_state is HandState.WAITING
    assert proposals(database) == ()


def test_address_invoice_exchange_price_protection(database: Database) -> None:
    shop = chat_shop(database)
    assert "新的完整收货地址" in shop.text("改地址，订单A1 尾号8000")
    assert "中山路18号" in shop.text("浙江省宁波市海曙区中山路18号 3楼")
    assert "已提交" in shop.text("确认")
    shop.text("开发票 A1")
    assert "税号有误" in shop.text("杭州云山科技有限公司 税号 91350100M000100Y44")
    assert "没有等待确认" in shop.text("确认")
    corrected = shop.text("91350100M000100Y43")
    assert "云山科技有限公司" in corrected and "91350100M000100Y43" in corrected
    assert "已提交" in shop.text("确认")
    shop.text("降价了，退差价 A1")
    shop.text("1")
    assert "已提交" in shop.text("确认")
    later(database, minutes=5)
    shop.text("B2 尾号8000 换货")
    shop.text("2")
    shop.text("不合适")
    shop.text("换同款")
    shop.text("确认")
    found = {made.kind: made.payload for made in proposals(database)}
    assert found["change-address"]["address"] == {
        "country": "CN", "region": "浙江", "city": "宁波", "district": "海曙区", "street": "中山路18号 3楼",
        "postal_code": "", "name": "李雷", "phone": "13800138000",
    }  # fmt: skip
    assert found["invoice"]["tax_id"] == "91350100M000100Y43"
    assert found["price-protection"]["now"] == {"minor": 1800, "currency": "CNY"}, "the shop's own price, both units"


@pytest.mark.parametrize("said", ["VAT number: DE 136 695 976", "税号是 de136695976", "tax id DE136695976."])
def test_a_european_tax_number_is_read_as_it_is_written(database: Database, said: str) -> None:
    shop = chat_shop(database)
    shop.text("开发票 A1，尾号 8000")
    listed = shop.text(f"抬头 Nordlicht GmbH\n{said}")
    assert "Nordlicht GmbH" in listed and "确认" in listed
    shop.text("确认")
    (made,) = proposals(database)
    assert made.subject.endswith("A1"), "the number was not taken for another order's"
    assert "136695976" in str(made.payload["tax_id"]).replace(" ", "")


def test_answers_name_their_source_and_what_is_unknown_is_said(database: Database) -> None:
    shop = chat_shop(database)
    assert "faq.md" in shop.text("登山鞋防水吗？")
    unknown = shop.text("老板属什么生肖？")
    assert "没有可靠的资料" in unknown
    assert "转接" in shop.text("是")
    assert shop.talk().hand_state is HandState.WAITING


def test_a_question_beside_a_task_keeps_the_task(database: Database) -> None:
    shop = chat_shop(database)
    shop.text("取消订单 A1，尾号 8000")
    aside = shop.text("登山鞋防水吗？")
    assert "防水膜" in aside and "等您确认" in aside
    assert "已提交" in shop.text("确认")


@pytest.mark.parametrize("problem", [RetryLater("the model is down"), ValueError("something broke")])
def test_the_model_down_is_an_honest_line_and_a_person_is_told(database: Database, problem: Exception) -> None:
    shop = chat_shop(database, answerer=Facts(problem=problem))
    assert "无法回答" in shop.text("这款登山鞋多重？")
    assert shop.talk().hand_state is HandState.WAITING
    with database.begin("m1", STAFF, read_only=True) as uow:
        (asked,) = shop.handovers.inbox(uow)
    assert asked.reason == "model-down"


class _Wild:
    """The worst model there is: it hears a cancellation in everything."""

    def hear(self, merchant_id: str, text: str) -> str:
        return "cancel-order"


def test_a_model_opens_a_dialogue_at_most(database: Database) -> None:
    shop = chat_shop(database, listener=_Wild())
    for text in ("今天天气", "A1", "8000", "天气不错"):
        shop.text(text)
    assert proposals(database) == ()


def test_the_sentences_of_both_languages_agree() -> None:
    zh, en = sentences("zh-CN"), sentences("en")
    assert set(zh) == set(en)
    for key in zh:
        fields = [{name for _, name, _, _ in string.Formatter().parse(text) if name} for text in (zh[key], en[key])]
        assert fields[0] == fields[1], key


@pytest.mark.parametrize(
    "text",
    ["", "   ", "\x00\x01", "a" * 4_001, 7, None, "\ud800"],
)
def test_unreadable_messages_are_not_kept(database: Database, text: object) -> None:
    shop = chat_shop(database)
    assert shop.receive(text).outcome == "unreadable"


@pytest.mark.parametrize(
    "text",
    ["<script>alert(1)</script>", "😀" * 300, "z̸̢̛̗" * 200, "'; DROP TABLE chat_messages; --", "{{7*7}} {number}", "%s%n"],
)
def test_odd_messages_get_an_answer(database: Database, text: str) -> None:
    shop = chat_shop(database)
    assert shop.say(text)[-1].sender == "bot"
