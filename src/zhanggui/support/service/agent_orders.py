"""The part of the dialogue that touches orders: verify whose it is, show, list the details, propose after a yes."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from zhanggui.kernel.errors import MerchantError
from zhanggui.kernel.storage import UnitOfWork
from zhanggui.kernel.types import JsonObject, Locale, empty_object
from zhanggui.support.models.conversation import Conversation
from zhanggui.support.ports import OrderTools, OrderView
from zhanggui.support.rules.agent_dialogue import READING, Move, Pending, Talk, details_of, finished, next_move
from zhanggui.support.rules.agent_intents import Heard
from zhanggui.support.rules.agent_words import say, task_name
from zhanggui.support.rules.identity import ORDER_SPAN, PROOF_LASTS, Attempt, locked_until, order_mark, proves
from zhanggui.support.service.agent_showing import (
    chosen_lines,
    details_text,
    items_text,
    order_text,
    parcel_text,
)
from zhanggui.support.store.chat import AttemptStore
from zhanggui.support.store.handovers import PromiseStore

_FAULTS = ("quality", "damaged", "wrong-item", "missing-item", "not-as-described")


@dataclass(frozen=True, slots=True)
class Told:
    """One answer: its text, what the bot remembers after it, and what else follows.

    `hand_over` is the reason for which a person takes over after it; `verified` the proofs, where they changed.
    """

    text: str
    talk: Talk
    topic: str = ""
    hand_over: str = ""
    verified: JsonObject | None = None
    detail: JsonObject = field(default_factory=empty_object)


@dataclass(frozen=True, slots=True)
class _Here:
    """Where the dialogue stands."""

    uow: UnitOfWork
    conversation: Conversation
    talk: Talk

    @property
    def locale(self) -> Locale:
        """The language to answer in."""
        return self.conversation.locale

    def told(self, key: str, talk: Talk | None = None, **values: object) -> Told:
        """A sentence of the task at hand."""
        return Told(say(self.locale, key, **values), self.talk if talk is None else talk, topic=self.talk.task)


class OrderTalk:
    """Steps about orders, over the tools that `app` plugs in."""

    def __init__(self, tools: OrderTools) -> None:
        self._tools = tools

    def single_item(self, uow: UnitOfWork, conversation: Conversation, talk: Talk) -> bool:
        """Whether the verified order has one line only."""
        order = self._mine(_Here(uow, conversation, talk))
        return order is not None and len(order.lines) == 1

    def step(self, uow: UnitOfWork, conversation: Conversation, talk: Talk, move: Move, *, at: int) -> Told:
        """Do what comes next; `at` is the number of the message that is answered."""
        here = _Here(uow, conversation, talk)
        if move.step == "propose":
            return self._propose(here)
        order = self._mine(here)
        if talk.order_id and order is None:
            # The proof is over: ask for it again.
            talk = replace(talk, order_id="", slots={k: v for k, v in talk.slots.items() if k != "proof"})
            here, move = replace(here, talk=talk), next_move(talk, Heard("", talk.task))
        if move.step in ("ask", "verify") and not here.talk.order_id and (known := self._known(here)) is not None:
            return known
        if move.step == "verify":
            return self._verify(here)
        if move.step == "ask":
            return self._ask(here, move.slot, order)
        if order is None:
            return self._ask(here, "order", None)
        return self._with_order(here, order)

    def _verify(self, here: _Here) -> Told:
        uow, talk, now = here.uow, here.talk, here.uow.clock.now()
        number, mark = talk.slots["order"], order_mark(talk.slots["order"])
        visitor, attempts = here.conversation.visitor_id, AttemptStore(uow)
        if locked_until(attempts.near(visitor, mark, now - ORDER_SPAN), visitor, mark, now) is not None:
            return here.told("locked", replace(finished(talk, tried=talk.task), slots={}))
        order = self._tools.find(uow, number)
        right = order is not None and proves(talk.slots["proof"], email=order.email, phone=order.phone)
        attempts.add(Attempt(visitor, mark, now, right))
        if order is None or not right:
            wrong = replace(talk, slots={k: v for k, v in talk.slots.items() if k not in ("order", "proof")})
            return here.told("not-proved", replace(wrong, asked="order", order_id=""))
        slots = {name: value for name, value in talk.slots.items() if name != "proof"}
        verified: JsonObject = {**here.conversation.verified, order.number: (now + PROOF_LASTS).isoformat()}
        talk = replace(talk, order_id=order.id, asked="", slots={**slots, "order": order.number})
        known = replace(here, talk=talk, conversation=replace(here.conversation, verified=verified))
        return replace(self._with_order(known, order), verified=verified)

    def _known(self, here: _Here) -> Told | None:
        """Go on with an order whose owner was verified earlier in this conversation; None where it was not."""
        number = here.talk.slots.get("order", "")
        order = self._tools.find(here.uow, number) if number else None
        if order is None or self._proved(here, order.number) is None:
            return None
        slots = {name: value for name, value in here.talk.slots.items() if name != "proof"}
        talk = replace(here.talk, order_id=order.id, asked="", slots={**slots, "order": order.number})
        return self._with_order(replace(here, talk=talk), order)

    def _with_order(self, here: _Here, order: OrderView) -> Told:
        """The owner is known: show, ask for what is missing, or list the details."""
        move = next_move(here.talk, Heard("", here.talk.task), single_item=len(order.lines) == 1)
        if move.step == "ask":
            return self._ask(here, move.slot, order)
        task = here.talk.task
        if task in READING:
            text = (parcel_text if task == "parcel" else order_text)(here.locale, order)
            return Told(text, finished(here.talk, tried=task), topic=task)
        return self._confirm(here, order)

    def _ask(self, here: _Here, slot: str, order: OrderView | None) -> Told:
        talk = replace(here.talk, asked=slot)
        if slot == "item":
            return here.told("ask-item", talk, items=items_text(order) if order is not None else "")
        return here.told(f"ask-{slot}", talk)

    def _confirm(self, here: _Here, order: OrderView) -> Told:
        talk, details = here.talk, details_of(here.talk)
        if talk.task in ("return", "exchange", "price-protection"):
            chosen = chosen_lines(order, str(details.pop("item", "")))
            if not chosen:
                again = replace(talk, slots={k: v for k, v in talk.slots.items() if k != "item"})
                return self._ask(replace(here, talk=again), "item", order)
            if talk.task == "price-protection":
                details["line"] = chosen[0].id
            else:
                details["units"] = {line.id: line.quantity for line in chosen}
        if talk.task == "change-address" and not details.get("address"):
            again = replace(talk, slots={k: v for k, v in talk.slots.items() if k != "address"})
            return self._ask(replace(here, talk=again), "address", order)
        if (refused := self._refused(here, order, details)) is not None:
            return refused
        pending = Pending(talk.task, order.id, order.number, details)
        shown = details_text(here.locale, talk.task, order, details)
        return here.told("confirm", replace(talk, pending=pending, asked="confirm"), details=shown)

    def _refused(self, here: _Here, order: OrderView, details: JsonObject) -> Told | None:
        """What policy refuses already, said before the customer confirms anything; None where it may be asked.

        A fault of the goods and what the shop cannot read are left to the yes: a person looks at those.
        """
        task = here.talk.task
        if task not in self._tools.writes or details.get("reason") in _FAULTS:
            return None
        try:
            reasons = _listed(self._tools.refusals(here.uow, task, order.id, details), here.locale)
        except MerchantError:
            return None
        if not reasons:
            return None
        if details.get("tax_id"):
            # Most often mistyped: it is asked for again, and the rest of what was said is kept.
            slots = {name: value for name, value in here.talk.slots.items() if name != "tax_id"}
            return here.told("refused-tax-id", replace(here.talk, slots=slots, asked="tax_id"), reasons=reasons)
        done = replace(finished(here.talk, tried=task), order_id=order.id)
        return here.told("refused", done, task=task_name(here.locale, task), reasons=reasons)

    def _propose(self, here: _Here) -> Told:
        """The customer said yes to exactly these details; policy and people decide from here on."""
        pending = here.talk.pending
        assert pending is not None, "a yes without a question is another move"
        named = task_name(here.locale, pending.kind)
        done = replace(finished(here.talk, tried=pending.kind), order_id=pending.order_id)
        if pending.kind not in self._tools.writes or self._proved(here, pending.number) is None:
            asks = replace(here.talk, order_id="", pending=None)
            return self._ask(replace(here, talk=asks), "proof" if pending.number else "order", None)
        try:
            made = self._tools.propose(here.uow, pending.kind, pending.order_id, pending.details)
        except MerchantError:
            by_hand = replace(done, task=pending.kind)
            return Told(say(here.locale, "by-hand", task=named), by_hand, topic=pending.kind, hand_over="by-hand")
        if made.refused and pending.details.get("reason") in _FAULTS:
            # Whose fault it is shows in pictures, and those a person looks at.
            by_hand = replace(done, task=pending.kind)
            return Told(say(here.locale, "by-hand", task=named), by_hand, topic=pending.kind, hand_over="proof-needed")
        if made.refused:
            reasons = _listed(made.refused, here.locale)
            return Told(say(here.locale, "refused", task=named, reasons=reasons), done, topic=pending.kind)
        if not made.proposal_id:
            by_hand = replace(done, task=pending.kind)
            return Told(say(here.locale, "by-hand", task=named), by_hand, topic=pending.kind, hand_over="by-hand")
        PromiseStore(here.uow).add(here.conversation.id, "proposal", made.proposal_id)
        if made.done:
            PromiseStore(here.uow).settle("proposal", made.proposal_id, kept=True)
        key = "applied" if made.done else "proposed"
        text = say(here.locale, key, task=named, proposal=made.proposal_id[-6:])
        return Told(text, done, topic=pending.kind, detail={"proposal": made.proposal_id})

    def _mine(self, here: _Here) -> OrderView | None:
        """The order at hand, where its proof still holds."""
        number = here.talk.slots.get("order", "")
        if not here.talk.order_id or self._proved(here, number) is None:
            return None
        order = self._tools.find(here.uow, number)
        return order if order is not None and order.id == here.talk.order_id else None

    @staticmethod
    def _proved(here: _Here, number: str) -> datetime | None:
        """Until when the customer counts as the owner of this order; None where they do not."""
        until = here.conversation.verified.get(number)
        end = datetime.fromisoformat(until) if isinstance(until, str) else None
        return end if end is not None and end > here.uow.clock.now() else None


def _listed(reasons: Sequence[Mapping[Locale, str]], locale: Locale) -> str:
    return "\n".join(f"· {reason[locale]}" for reason in reasons)


def proved_numbers(conversation: Conversation, now: datetime) -> Sequence[str]:
    """The numbers of the orders whose owner this visitor proved to be, and still is."""
    return [
        number for number, until in conversation.verified.items()
        if isinstance(until, str) and datetime.fromisoformat(until) > now
    ]  # fmt: skip
