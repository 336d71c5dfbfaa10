"""A shop with orders, products and the whole of chat on a real database, for tests, evaluations and the soak."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from itertools import count
from typing import Literal

from tests.orders.desk_shop import delivered_order, order, put

from zhanggui.desk import Desk, Kinds
from zhanggui.kernel.clock import FixedClock
from zhanggui.kernel.commerce import Customer, Product, Variant
from zhanggui.kernel.storage import Actor, Database, UnitOfWork
from zhanggui.kernel.types import Locale, Money
from zhanggui.orders.proposals import order_kinds
from zhanggui.orders.service.dossiers import Dossiers
from zhanggui.orders.tools import OrderTools
from zhanggui.support.models.conversation import Conversation, Message, Received
from zhanggui.support.ports import Answerer, Listener
from zhanggui.support.service.agent import Agent, Helpers
from zhanggui.support.service.conversations import Conversations, Inbound
from zhanggui.support.service.handover import Handovers
from zhanggui.support.store.conversations import ConversationStore, MessageStore

STAFF = Actor("person", "wang")
_NUMBERS = count(1)


@dataclass(frozen=True)
class Source:
    """A passage cited."""

    source: str
    quote: str


@dataclass(frozen=True)
class Known:
    """An answer as knowledge gives it."""

    decision: Literal["answer", "clarify", "handoff"]
    answer: str = ""
    citations: Sequence[Source] = ()
    confidence: float = 0.9


@dataclass
class Facts:
    """Knowledge of a few sentences: answers what contains a key, and nothing else."""

    answers: dict[str, str] = field(default_factory=dict[str, str])
    asked: list[str] = field(default_factory=list[str])
    problem: Exception | None = None

    def answer(self, merchant_id: str, question: str, *, locale: Locale) -> Known:
        self.asked.append(question)
        if self.problem is not None:
            raise self.problem
        for key, text in self.answers.items():
            if key in question:
                return Known("answer", text, (Source("faq.md", text),))
        return Known("handoff")


class Shelf:
    """Products that the shop sells."""

    def __init__(self, *products: Product) -> None:
        self.products = list(products) or [
            Product(
                "boot", "云山 登山鞋 中帮", category=("户外", "鞋"), price=Money(29900, "CNY"),
                attributes={"防水": ("Gore-Tex 防水膜",), "重量": ("480 g",)},
                variants=(Variant("BOOT-41", options={"尺码": "41"}), Variant("BOOT-42", options={"尺码": "42"})),
            ),
            Product("boot2", "云山 登山鞋 高帮 加厚", category=("户外", "鞋"), price=Money(45900, "CNY"),
                    attributes={"防水": ("防水",)}),
            Product("shoe", "轻便跑鞋", category=("户外", "鞋"), price=Money(19900, "CNY"),
                    attributes={"防水": ("不防水",)}),
        ]  # fmt: skip

    def on_sale(self, uow: UnitOfWork) -> Sequence[Product]:
        return self.products

    def siblings(self, uow: UnitOfWork, sku: str) -> Sequence[Variant]:
        prices = {"MUG": 900, "LAMP": 8000}
        return (Variant(sku, price=Money(prices.get(sku, 1000), "CNY")),)


@dataclass
class ChatShop:
    """Everything of chat, over one database."""

    database: Database
    agent: Agent
    conversations: Conversations
    handovers: Handovers
    desk: Desk
    tools: OrderTools
    facts: Facts

    def say(self, text: str, *, visitor: str = "V1", key: str = "", locale: Locale = "zh-CN") -> list[Message]:
        """A customer's message, answered; what came after it."""
        received = self.receive(text, visitor=visitor, key=key, locale=locale)
        assert received.outcome in ("new", "known"), received
        self.agent.reply("m1", received.conversation_id)
        with self.database.begin("m1", STAFF, read_only=True) as uow:
            return MessageStore(uow).after(received.conversation_id, received.number)

    def receive(self, text: object, *, visitor: str = "V1", key: str = "", locale: Locale = "zh-CN") -> Received:
        inbound = Inbound(visitor, text, key or f"k{next(_NUMBERS)}", locale=locale)
        with self.database.begin("m1", STAFF) as uow:
            return self.conversations.receive(uow, inbound)

    def text(self, text: str, *, visitor: str = "V1", locale: Locale = "zh-CN") -> str:
        """The bot's answer to a message."""
        return "\n".join(message.text for message in self.say(text, visitor=visitor, locale=locale))

    def talk(self, visitor: str = "V1") -> Conversation:
        with self.database.begin("m1", STAFF, read_only=True) as uow:
            found = ConversationStore(uow).newest_of(visitor)
        assert found is not None
        return found

    def messages(self, visitor: str = "V1") -> list[Message]:
        with self.database.begin("m1", STAFF, read_only=True) as uow:
            return MessageStore(uow).after(self.talk(visitor).id, 0)


def chat_shop(database: Database, *, answerer: Answerer | None = None, listener: Listener | None = None) -> ChatShop:
    """Chat over a database with three orders: A1 (not sent, two lines), B2 (delivered), C3 (another person's)."""
    clock = database.clock
    assert isinstance(clock, FixedClock)
    dossiers, kinds = Dossiers(), Kinds()
    for kind in order_kinds(dossiers):
        kinds.register(kind)
    desk, shelf, facts = Desk(kinds), Shelf(), Facts({"防水": "登山鞋采用防水膜。"})
    tools = OrderTools(dossiers, desk, shelf)
    handovers = Handovers()
    agent = Agent(database, handovers, Helpers(tools, shelf, answerer or facts, listener))
    other = Customer("c9", "韩梅梅", "hanmeimei@example.com", "13700137777")
    with database.begin("m1", STAFF) as uow:
        put(uow, order("A1"), delivered_order("B2"), order("C3", customer=other))
    return ChatShop(database, agent, Conversations(), handovers, desk, tools, facts)


def later(database: Database, **span: float) -> None:
    """Let time pass."""
    assert isinstance(database.clock, FixedClock)
    database.clock.advance(timedelta(**span))
