"""Chat as the doors see it: visitors' tokens, and the services that one conversation runs through."""

from dataclasses import dataclass

from zhanggui.kernel.errors import NotSignedIn
from zhanggui.kernel.storage import UnitOfWork
from zhanggui.kernel.types import new_id
from zhanggui.support.models.conversation import Macro, Received
from zhanggui.support.rules.identity import visitor_of, visitor_token
from zhanggui.support.service.agent import Agent
from zhanggui.support.service.channel import ChatChannel
from zhanggui.support.service.conversations import Conversations, Inbound
from zhanggui.support.service.handover import Handovers
from zhanggui.support.store.chat import MacroStore, RateStore

# New visitors of one address: a shop's office may share one, a flood does.
_NEW_PER_MINUTE, _NEW_PER_HOUR = 20, 200


@dataclass(frozen=True, slots=True)
class Chat:
    """Everything of chat, wired."""

    key: bytes
    agent: Agent
    conversations: Conversations
    handovers: Handovers
    channel: ChatChannel

    def new_visitor(self, uow: UnitOfWork, sender: str) -> tuple[str, int]:
        """(token of a visitor who was never here, 0), or ("", seconds to wait) where an address asks for too many."""
        wait = RateStore(uow).retry_after(f"new:{sender[:80]}", per_minute=_NEW_PER_MINUTE, per_hour=_NEW_PER_HOUR)
        return ("", wait) if wait else (visitor_token(self.key, uow.merchant_id, new_id()), 0)

    def visitor(self, merchant_id: str, token: str) -> str:
        """The visitor who carries this token.

        Raises:
            NotSignedIn: it is none of ours for this merchant.
        """
        found = visitor_of(self.key, merchant_id, token)
        if found is None:
            raise NotSignedIn("no such visitor: begin a session")
        return found

    def receive(self, uow: UnitOfWork, inbound: Inbound) -> Received:
        """Keep a customer's message; `agent.reply` answers it."""
        return self.conversations.receive(uow, inbound)

    @staticmethod
    def macros(uow: UnitOfWork) -> list[Macro]:
        """The staff's ready-made replies."""
        return MacroStore(uow).all()

    @staticmethod
    def put_macro(uow: UnitOfWork, macro: Macro) -> None:
        """Add a ready-made reply, or change the one with this id."""
        MacroStore(uow).put(macro)

    @staticmethod
    def remove_macro(uow: UnitOfWork, macro_id: str) -> None:
        """Take a ready-made reply away."""
        MacroStore(uow).remove(macro_id)
