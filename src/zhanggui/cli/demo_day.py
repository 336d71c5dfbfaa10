"""The demo's day, played through the same services that work for a real shop: nothing in it is written by hand."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from zhanggui.catalog import (
    Channel,
    CopyRequest,
    Copywriter,
    ListingCopy,
    Voice,
    WrittenListing,
    draft_of,
    facts_of_product,
    prove,
)
from zhanggui.cli.demo_load import (
    HISTORY,
    MERCHANT,
    PERSON,
    SHOP,
    Stage,
    english,
    hear_reviews,
    load_orders,
    load_stock,
    load_tracking,
    take_orders,
)
from zhanggui.demo import DemoProduct, answers_to_mail
from zhanggui.desk import Filter, Inbox, Proposal, State
from zhanggui.kernel.audit import AuditLog
from zhanggui.kernel.commerce import Order
from zhanggui.kernel.errors import ProgrammerError
from zhanggui.kernel.llm import Usage
from zhanggui.kernel.storage import Actor, MerchantStore
from zhanggui.kernel.types import JsonObject, Locale
from zhanggui.marketing import (
    AudienceStore,
    CustomerStore,
    allow_channel,
    draft_campaign,
    parse_campaign,
    refresh_customers,
    save_audience,
    take_messages,
    vocabulary_of,
)
from zhanggui.planning import propose_restock
from zhanggui.support import ComplaintStore, Inbound

TOUR = "demo.tour"
_CHANNELS: dict[Locale, Channel] = {"zh-CN": "taobao", "en": "shopify"}
_COPYWRITER, _SENDER, _VISITOR = Actor("desk", "copy"), Actor("system", "mail"), Actor("system", "chat")
# The campaign went out so long ago, at ten in the morning in the shop.
_MAIL_BEFORE, _SETTLED = timedelta(days=15) - timedelta(hours=1), timedelta(days=30)
_WISH = "近15天没有购买的顾客"
_OFFER = "云上好物：本周护肤品类包邮。回T退订"


@dataclass
class Day:
    """What was done, to print, and where the tour finds it: station -> address in the console."""

    lines: list[str] = field(default_factory=list[str])
    tour: dict[str, str] = field(default_factory=dict[str, str])

    def say(self, line: str) -> None:
        """Tell one thing that happened."""
        self.lines.append(line)


def play(stage: Stage, model_drafts: int) -> Day:
    """Everything, in the order in which it happens: the campaign two weeks ago, then today."""
    day, shop, clock = Day(), stage.shop, stage.clock
    sent_at = shop.now - _MAIL_BEFORE
    clock.go_to(sent_at)
    orders = load_orders(stage, shop.now - HISTORY, sent_at - _SETTLED + timedelta(days=15))
    campaign, reached = _begin_campaign(stage)
    clock.come_back()
    orders += load_orders(stage, sent_at - _SETTLED + timedelta(days=15), shop.now)
    orders += take_orders(stage, answers_to_mail(shop, reached, sent_at))
    day.say(f"{orders:,} orders taken in, {load_tracking(stage)} carriers' answers read")
    _listings(stage, day, model_drafts)
    _parcels(stage, day)
    _forecast(stage, day)
    _voices(stage, day)
    _measure_campaign(stage, day, campaign)
    _finish(stage, day)
    return day


def _decide(stage: Stage, proposal_id: str) -> None:
    with stage.begin(PERSON) as uow:
        stage.app.desk.approve(uow, proposal_id)
        stage.app.desk.apply(uow, proposal_id)


# -- listings -------------------------------------------------------------------------------------------------------


def _listings(stage: Stage, day: Day, model_drafts: int) -> None:
    shop = stage.shop
    chosen = [*shop.products[:8], *(one for one in shop.products if one.trap)]
    made = [proposal for one in chosen for proposal in _write(stage, one)]
    by_model = _write_with_model(stage, [one.id for one in shop.products[8 : 8 + model_drafts]])
    published, rejected = _work_through(stage, made[:-6])
    day.say(f"{len(made) + by_model} listings proposed ({by_model} by the model), {len(published)} approved and "
            f"published, {rejected} rejected with a reason, 1 taken back")  # fmt: skip
    day.tour["undo"] = f"/inbox?id={published[-1]}"
    blocked, lie = _propose_false_claim(stage, next(one for one in shop.products if one.trap == "false-claim"))
    day.tour["claim"] = f"/inbox?id={blocked.id}"
    day.say(f"a supplier's text is blocked: {lie}")


def _write(stage: Stage, one: DemoProduct) -> list[Proposal]:
    """The deterministic writer's copy for the Chinese and the English shop."""
    writer, made = Copywriter(None), list[Proposal]()
    for product, locale in ((one.zh, "zh-CN"), (english(one), "en")):
        language: Locale = "zh-CN" if locale == "zh-CN" else "en"
        request = CopyRequest(facts_of_product(product), language, _CHANNELS[language])
        written = writer.write(MERCHANT, request)
        with stage.begin(_COPYWRITER) as uow:
            proposal = stage.app.desk.propose(uow, draft_of(product.id, request, written))
        made += [proposal] if proposal is not None else []
    return made


def _write_with_model(stage: Stage, products: Sequence[str]) -> int:
    if not products or not stage.app.models.available("catalog.copy"):
        return 0
    with stage.begin(_COPYWRITER) as uow:
        arguments: JsonObject = {"products": [*products], "channel": "taobao", "locale": "zh-CN"}
        job = stage.app.jobs.start(uow, "listing-copy", arguments)
    return stage.app.jobs.run(MERCHANT, job).progress.done


def _work_through(stage: Stage, made: Sequence[Proposal]) -> tuple[list[str], int]:
    """A person approves what is sound, rejects one, takes one back; what was published, how many were rejected."""
    published: list[str] = []
    rejected = 0
    for number, proposal in enumerate(made):
        if proposal.blocked or number == 3:
            with stage.begin(PERSON) as uow:
                stage.app.desk.reject(uow, proposal.id, reason="标题还要更好看")
            rejected += 1
            continue
        _decide(stage, proposal.id)
        published.append(proposal.id)
    with stage.begin(PERSON) as uow:
        stage.app.desk.undo(uow, published[-1], reason="图片还没有准备好")
    return published, rejected


def _propose_false_claim(stage: Stage, one: DemoProduct) -> tuple[Proposal, str]:
    """Propose the description that the supplier wrote: its own attributes deny what it claims."""
    request = CopyRequest(facts_of_product(one.zh), "zh-CN", "taobao")
    text = ListingCopy(title=one.zh.title, description=one.zh.description)
    proved = prove(text, request.facts, locale="zh-CN", channel="taobao", voice=Voice())
    written = WrittenListing(proved, Usage("supplier", "text"), by_model=False, note="supplier's own text")
    with stage.begin(Actor("system", "supplier")) as uow:
        proposal = stage.app.desk.propose(uow, draft_of(one.zh.id, request, written))
    wrong = [claim for claim in proved.claims if claim.hard and not claim.supported]
    if proposal is None or not proposal.blocked:
        raise ProgrammerError("the demo's false claim was not blocked")
    return proposal, f"{one.name.zh}: “{wrong[0].text}” - {wrong[0].reason}" if wrong else one.name.zh


# -- parcels --------------------------------------------------------------------------------------------------------


def _parcels(stage: Stage, day: Day) -> None:
    with stage.begin(Actor("job", "order-exceptions")) as uow:
        seen = stage.app.exceptions.scan(uow)
        stuck = stage.app.exceptions.page(uow, kind="stuck", limit=50)
        messages = Inbox.page(uow, Filter(states=(State.WAITING,), kinds=("message-customer",)), limit=100).items
    about = {str(one.payload.get("order_id")): one.id for one in messages if not one.blocked}
    kept = next((about[one.order_id] for one in stuck if one.order_id in about), "")
    day.tour["parcel"] = f"/inbox?id={kept}" if kept else "/exceptions"
    sound = [number for number in about.values() if number != kept]
    told = sound[: len(sound) // 3]
    for number in told:
        _decide(stage, number)
    day.say(f"{seen.found} parcels and orders in trouble, {len(messages)} messages to customers drafted, "
            f"{len(told)} approved")  # fmt: skip


# -- stock ----------------------------------------------------------------------------------------------------------


def _forecast(stage: Stage, day: Day) -> None:
    load_stock(stage)
    with stage.begin(Actor("job", "forecast")) as uow:
        run = stage.app.planner.run(uow)
        made = propose_restock(uow, stage.app.planner, stage.app.desk)
    day.say(f"{run.series} SKUs forecast for {run.horizon} days, each with a back-test; "
            f"{len(made)} purchase orders proposed")  # fmt: skip
    if made:
        day.tour["restock"] = f"/inbox?id={made[0].id}"
    for proposal in made[1:3]:
        if not proposal.blocked:
            _decide(stage, proposal.id)


# -- customers' voices ----------------------------------------------------------------------------------------------


def _voices(stage: Stage, day: Day) -> None:
    heard, complaints = hear_reviews(stage)
    handed = _chats(stage, day)
    day.tour["mood"] = "/mood"
    day.say(f"{heard} reviews heard, {complaints + handed} complaints found, one chat handed over to a person")


def _chats(stage: Stage, day: Day) -> int:
    """An angry customer whose parcel lies still, and two who ask where theirs is; how many complaints that makes."""
    always: JsonObject = {str(number): [["00:00", "24:00"]] for number in range(7)}
    with stage.begin(PERSON) as uow:
        # People are on duty all day here, so that the hand-over waits for one whenever the demo is opened.
        stage.app.chat.handovers.set_hours(uow, {"zone": "Asia/Shanghai", "days": always})
    shop = stage.shop
    orders = {one.id: one for one in shop.orders}
    sent = {one.id: orders[one.order_id] for one in shop.shipments}
    open_ones = [one for one in shop.parcels if one.delivered_at is None]
    stuck = [sent[one.shipment_id] for one in open_ones if one.scenario == "stuck"]
    moving = [sent[one.shipment_id] for one in open_ones if one.scenario == "normal"]
    phones = {one.id: one.phone[-4:] for one in shop.customers}
    for number, order in enumerate(moving[-2:]):
        words = "订单 {} 的快递到哪了？手机尾号 {}" if number == 0 else "Where is my order {}? Phone ends in {}"
        locale: Locale = "zh-CN" if number == 0 else "en"
        _say(stage, f"demo-ask-{order.customer_id}", locale, words.format(order.id, phones[order.customer_id]))
    return _angry(stage, day, stuck[-1]) if stuck else 0


def _angry(stage: Stage, day: Day, order: Order) -> int:
    """Somebody whose parcel lies still asks for a person; the complaint that the desk hears in it."""
    text = f"订单 {order.id} 的快递好几天一动不动，太气人了，客服也没人管！再不解决我就投诉，我要找人工！"
    conversation = _say(stage, f"demo-angry-{order.customer_id}", "zh-CN", text)
    with stage.begin(_VISITOR) as uow:
        waiting = stage.app.chat.handovers.inbox(uow)
        job = stage.app.jobs.start(uow, "chat-hearing", {})
    stage.app.jobs.run(MERCHANT, job)
    day.tour["angry"] = f"/handovers?id={waiting[0].id}" if waiting else f"/conversations?id={conversation}"
    with stage.begin(_VISITOR) as uow:
        return int(ComplaintStore(uow).of_source("message", f"{conversation}:1") is not None)


def _say(stage: Stage, visitor: str, locale: Locale, text: str) -> str:
    """A customer writes, the agent answers; the conversation."""
    with stage.begin(_VISITOR) as uow:
        received = stage.app.chat.receive(uow, Inbound(visitor, text, "demo-1", locale=locale))
    stage.app.chat.agent.reply(MERCHANT, received.conversation_id)
    return received.conversation_id


# -- the campaign -----------------------------------------------------------------------------------------------------


def _begin_campaign(stage: Stage) -> tuple[str, list[str]]:
    """Two weeks ago: who agreed is known, an audience is asked for in words, a campaign approved, its mail sent.

    The proposal, and the shop's own ids of the customers that were written to.
    """
    app = stage.app
    agreed = {one.customer_id for one in stage.shop.profiles if one.consent_marketing}
    with stage.begin(Actor("job", "customers")) as uow:
        refresh_customers(uow, app.marketing.book)
        store = CustomerStore(uow)
        owners = store.owners([f"id:{SHOP}:{number}" for number in agreed])
        for customer in dict.fromkeys(owners.values()):
            allow_channel(uow, customer, "email", True)
        shop_ids = {owner: key.rsplit(":", 1)[1] for key, owner in owners.items()}
        vocabulary = vocabulary_of(uow)
    definition = app.marketing.reader.read(MERCHANT, _WISH, vocabulary).definition
    with stage.begin(PERSON) as uow:
        audience = save_audience(uow, _WISH, definition, request=_WISH)
        name = AudienceStore(uow).get(audience).name
        content: JsonObject = {
            "id": f"cam_demo_{stage.shop.seed}", "name": name, "audience_id": audience, "channel": "email",
            "variants": [{"name": "A", "subject": "本周护肤品类包邮", "body": _OFFER}], "holdout": 0.35, "days": 14,
            "facts": [["优惠", "本周护肤品类包邮"], ["店铺", "云上好物"], ["品类", "护肤"]],
        }  # fmt: skip
        proposal = app.desk.propose(uow, draft_campaign(uow, parse_campaign(content), app.marketing.proof))
    if proposal is None or proposal.blocked:
        raise ProgrammerError(f"the demo's campaign was blocked: {proposal and proposal.blocked}")
    _decide(stage, proposal.id)
    reached: list[str] = []
    with stage.begin(_SENDER) as uow:
        while some := take_messages(uow, str(content["id"])):
            reached += [shop_ids[one.customer_id] for one in some if one.customer_id in shop_ids]
    return proposal.id, reached


def _measure_campaign(stage: Stage, day: Day, proposal_id: str) -> None:
    with stage.begin(Actor("job", "customers")) as uow:
        refresh_customers(uow, stage.app.marketing.book)
        outcome = stage.app.desk.measure(uow, proposal_id).outcome or {}
    day.tour["campaign"] = f"/inbox?id={proposal_id}"
    overall = outcome.get("overall")
    if isinstance(overall, dict):
        shown = [float(str(overall[name])) for name in ("difference", "lower", "upper")]
        day.say("a campaign measured against customers left alone: {:+.1%} orders [{:+.1%}, {:+.1%}], ".format(*shown)
                + str(overall["verdict"]))  # fmt: skip


def _finish(stage: Stage, day: Day) -> None:
    with stage.begin(PERSON) as uow:
        MerchantStore.set_setting(uow, TOUR, {"stations": day.tour, "played_at": _text(uow.clock.now())})
        waiting = sum(count for (_, state), count in Inbox.counts(uow).items() if state is State.WAITING)
        rows = AuditLog(uow).read(limit=1).total
    day.say(f"{waiting} proposals wait for you; {rows} rows of audit, hash-chained")


def _text(at: datetime) -> str:
    return at.isoformat()
