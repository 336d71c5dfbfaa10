"""What customers write in chat is heard like any review: its mood kept, complaints made, danger put before a person."""

from zhanggui.kernel.storage import UnitOfWork
from zhanggui.support.models.complaints import Complaint, Feedback
from zhanggui.support.models.conversation import Conversation
from zhanggui.support.ports import OrderTools, OrderView
from zhanggui.support.rules.conversation import mood_of
from zhanggui.support.rules.handover import summarise
from zhanggui.support.service.complaints import ComplaintDesk
from zhanggui.support.service.handover import Handovers
from zhanggui.support.store.complaints import MoodStore
from zhanggui.support.store.conversations import ConversationStore, MessageStore, message_texts
from zhanggui.support.store.handovers import HandoverStore


class ChatEars:
    """Feeds the complaint desk from conversations, each message once."""

    def __init__(self, complaints: ComplaintDesk, handovers: Handovers, tools: OrderTools) -> None:
        self._complaints, self._handovers, self._tools = complaints, handovers, tools

    def hear(self, uow: UnitOfWork, conversation_id: str, number: int) -> Complaint | None:
        """Hear one message of a customer; the complaint that it adds. Heard before, it changes nothing.

        A conversation that goes on about the same matter adds no second complaint while the first is open, unless it
        has become graver. Words of danger or of the law put the conversation before a person, marked urgent.

        Raises:
            NotFound: there is no such message.
        """
        source_id = f"{conversation_id}:{number}"
        if MoodStore(uow).known("message", source_id):
            return None
        message = MessageStore(uow).get(conversation_id, number)
        conversation = ConversationStore(uow).get(conversation_id)
        order = self._order(uow, conversation)
        feedback = Feedback(
            "message", source_id, message.text, message.at, customer_id=conversation.visitor_id,
            order_id=order.id if order is not None else "", product_id=_only_sku(order), carrier=_last_carrier(order),
        )  # fmt: skip
        complaint = self._complaints.hear_mood(uow, feedback, thread=f"{conversation_id}:")[1]
        if complaint is None or complaint.source_id != source_id:
            return None
        if complaint.escalate:
            self._escalate(uow, conversation, complaint)
        return complaint

    def _escalate(self, uow: UnitOfWork, conversation: Conversation, complaint: Complaint) -> None:
        asked = HandoverStore(uow).of_conversation(conversation.id)
        if any(one.urgent and one.asked_at >= complaint.at for one in asked):
            return  # the agent was faster
        messages = MessageStore(uow).last(conversation.id)
        summary = summarise(
            messages, wants="", tried=(), mood=mood_of(message_texts(messages, "customer")[-4:]),
            orders=tuple(conversation.verified), suggestion=complaint.apology,
        )  # fmt: skip
        self._handovers.ask(uow, conversation.id, "safety", summary, urgent=True)

    def _order(self, uow: UnitOfWork, conversation: Conversation) -> OrderView | None:
        """The order whose owner was verified, where it is one only."""
        numbers = list(conversation.verified)
        return self._tools.find(uow, numbers[0]) if len(numbers) == 1 else None


def _only_sku(order: OrderView | None) -> str:
    skus = {line.sku for line in order.lines} if order is not None else set[str]()
    return skus.pop()[:200] if len(skus) == 1 else ""


def _last_carrier(order: OrderView | None) -> str:
    return order.parcels[-1].carrier[:80] if order is not None and order.parcels else ""
