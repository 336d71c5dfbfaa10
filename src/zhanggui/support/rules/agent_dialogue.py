"""The dialogue as data: what the bot remembers, and what it does next. Pure; nothing here looks anything up.

A task runs as: order number and proof -> the order's owner is verified -> the facts that the task needs, asked for one
by one -> every detail listed -> an explicit yes -> a proposal. Only the words of the customer fill slots.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Literal

from zhanggui.kernel.types import JsonObject, empty_object
from zhanggui.support.rules.agent_addresses import address_in
from zhanggui.support.rules.agent_intents import TASKS, Heard, digits_alone, tax_number_alone
from zhanggui.support.rules.identity import normal_number

READING = ("order-status", "parcel")
Step = Literal[
    "greet", "thank", "person", "withdraw", "ask", "verify", "show", "confirm", "propose", "drop", "nothing",
    "search", "answer",
]  # fmt: skip
# What must be known before a task's details can be listed, in the order in which it is asked for.
_NEEDS: Mapping[str, tuple[str, ...]] = {
    "change-address": ("address",),
    "cancel-order": (),
    "return": ("item", "reason", "intact"),
    "exchange": ("item", "reason", "wish"),
    "invoice": ("title",),
    "price-protection": ("item",),
}
_SLOTS_OF_TASKS = ("address", "item", "reason", "intact", "title", "tax_id", "wish")
_YES_WORDS = re.compile(r"是|对|有|完好|全新|yes|y|yep|complete|unused", re.IGNORECASE)
_NO_WORDS = re.compile(r"否|不|没|no|n|used|opened", re.IGNORECASE)
_ORDER_ALONE = re.compile(r"#?[A-Za-z0-9][\w-]{1,29}", re.ASCII)


@dataclass(frozen=True, slots=True)
class Pending:
    """What waits for the customer's yes: a proposal's kind with its details, or `person` for a hand-over."""

    kind: str
    order_id: str = ""
    number: str = ""
    details: JsonObject = field(default_factory=empty_object)


@dataclass(frozen=True, slots=True)
class Talk:
    """What the bot remembers of a conversation. `order_id` is set only once its owner was verified."""

    task: str = ""
    slots: Mapping[str, str] = field(default_factory=dict[str, str])
    order_id: str = ""
    asked: str = ""
    pending: Pending | None = None
    misses: int = 0
    tried: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Move:
    """What to do next; `slot` says what to ask for."""

    step: Step
    slot: str = ""


def absorb(talk: Talk, heard: Heard) -> Talk:
    """The talk after a message: a new task begins, or the facts in the message fill the slots."""
    if heard.intent in TASKS and heard.intent != talk.task:
        kept = {name: value for name, value in talk.slots.items() if name not in _SLOTS_OF_TASKS}
        talk = replace(talk, task=heard.intent, slots=kept, asked="", pending=None)
    slots = {**talk.slots, **_facts(talk, heard)}
    if normal_number(slots.get("order", "")) != normal_number(talk.slots.get("order", "")):
        # Another order: its owner has to be verified, and what was said about the lines of the other one is void.
        slots = {name: value for name, value in slots.items() if name not in ("item",)}
        if "proof" not in heard.slots:
            slots.pop("proof", None)
        talk = replace(talk, order_id="", pending=None)
    if slots != dict(talk.slots) and talk.pending is not None and talk.pending.kind != "person":
        talk = replace(talk, pending=None)
    return replace(talk, slots=slots)


def next_move(talk: Talk, heard: Heard, *, single_item: bool = False) -> Move:
    """What to do. `single_item`: the verified order has one line, so that nobody needs to say which."""
    word = _plain_word(talk, heard)
    if word is not None:
        return word
    if talk.task == "find-product" and heard.intent == "find-product":
        return Move("search")
    if not _working(talk, heard):
        return Move("answer")
    if not talk.order_id:
        for slot in ("order", "proof"):
            if not talk.slots.get(slot):
                return Move("ask", slot)
        return Move("verify")
    if talk.task in READING:
        return Move("show")
    for slot in _NEEDS.get(talk.task, ()):
        if not talk.slots.get(slot) and not _needless(talk, slot, single_item=single_item):
            return Move("ask", slot)
    return Move("confirm")


def finished(talk: Talk, *, tried: str = "") -> Talk:
    """The talk once a task is done: the order stays verified, the rest is forgotten."""
    kept = {name: talk.slots[name] for name in ("order",) if name in talk.slots}
    return replace(
        talk, task="", slots=kept, asked="", pending=None, misses=0,
        tried=(*talk.tried, tried)[-8:] if tried else talk.tried,
    )  # fmt: skip


def details_of(talk: Talk) -> JsonObject:
    """The details of the task as they are listed and proposed."""
    slots = talk.slots
    match talk.task:
        case "change-address":
            return {"address": {**address_in(slots.get("address", ""))}}
        case "cancel-order":
            return {"reason": slots.get("reason", "customer request")}
        case "return" | "exchange":
            found: JsonObject = {"item": slots.get("item", ""), "reason": slots.get("reason", "no-reason")}
            if slots.get("intact"):
                found["intact"] = slots["intact"] == "yes"
            if slots.get("wish"):
                found["wish"] = slots["wish"]
            return found
        case "invoice":
            return {name: slots[name] for name in ("title", "tax_id") if slots.get(name)}
        case "price-protection":
            return {"item": slots.get("item", "")}
        case _:
            return {}


def talk_json(talk: Talk) -> JsonObject:
    """A talk as it is kept."""
    pending: JsonObject | None = None
    if talk.pending is not None:
        one = talk.pending
        pending = {"kind": one.kind, "order_id": one.order_id, "number": one.number, "details": one.details}
    return {
        "task": talk.task, "slots": dict(talk.slots), "order_id": talk.order_id, "asked": talk.asked,
        "pending": pending, "misses": talk.misses, "tried": [*talk.tried],
    }  # fmt: skip


def talk_from(value: JsonObject) -> Talk:
    """A talk out of what was kept; an empty object is a new one."""
    slots, pending, tried, misses = (value.get(name) for name in ("slots", "pending", "tried", "misses"))
    waiting = None
    if isinstance(pending, dict):
        details = pending.get("details")
        waiting = Pending(
            str(pending.get("kind", "")), str(pending.get("order_id", "")), str(pending.get("number", "")),
            details if isinstance(details, dict) else {},
        )  # fmt: skip
    return Talk(
        task=str(value.get("task", "")),
        slots={name: str(one) for name, one in slots.items()} if isinstance(slots, dict) else {},
        order_id=str(value.get("order_id", "")),
        asked=str(value.get("asked", "")),
        pending=waiting,
        misses=misses if isinstance(misses, int) else 0,
        tried=tuple(str(one) for one in tried) if isinstance(tried, list) else (),
    )


def _plain_word(talk: Talk, heard: Heard) -> Move | None:
    """What a message means that is a word of its own: yes, no, hello, thanks, a wish for a person."""
    intent = heard.intent
    if intent == "person":
        return Move("person")
    if intent == "yes" and talk.pending is not None:
        return Move("person" if talk.pending.kind == "person" else "propose")
    if intent in ("no", "stop") and (talk.pending is not None or talk.task) and talk.asked != "intact":
        return Move("drop")
    if talk.asked == "intact" and intent in ("yes", "no"):
        return None
    plain: Mapping[str, Step] = {
        "stop": "withdraw", "greeting": "greet", "thanks": "thank", "yes": "nothing", "no": "nothing",
    }  # fmt: skip
    return Move(plain[intent]) if intent in plain else None


def _working(talk: Talk, heard: Heard) -> bool:
    """Whether the message belongs to the task at hand, and is not a question beside it."""
    if not talk.task or talk.task == "find-product":
        return False
    if heard.intent == talk.task or talk.asked == "":
        return heard.intent == talk.task
    return bool(_facts(talk, heard)) or not re.search(r"[?？吗呢]\s*$", heard.text)


def _facts(talk: Talk, heard: Heard) -> dict[str, str]:
    """What the message says, read with what was asked for."""
    found = {name: value for name, value in heard.slots.items() if value}
    alone = digits_alone(heard.text)
    if heard.intent == "find-product":
        return {}
    if talk.asked == "proof" and alone:
        found.pop("order", None)
        found["proof"] = alone
    elif talk.asked == "order" and _ORDER_ALONE.fullmatch(heard.text.strip()) and any(map(str.isdigit, heard.text)):
        found["order"] = heard.text.strip()
    elif talk.asked in ("item", "wish", "title", "tax_id", "address", "intact", "reason") and not _another_order(heard):
        # A number that answers another question is not the number of another order.
        found = {name: value for name, value in found.items() if name not in ("order", "proof")}
    if talk.task == "change-address" and address_in(heard.text):
        found = {"address": heard.text}
    if not _another_order(heard):
        found.update(_answer_to(talk.asked, heard))
    return {name: value for name, value in found.items() if name in _wanted(talk.task)}


def _another_order(heard: Heard) -> bool:
    """Whether the message names an order with its proof: then it answers no other question."""
    return "order" in heard.slots and "proof" in heard.slots


def _answer_to(asked: str, heard: Heard) -> dict[str, str]:
    text = heard.text.strip()
    if heard.intent in TASKS or heard.intent == "person":
        return {}
    if asked == "intact":
        if heard.slots.get("intact"):
            return {"intact": heard.slots["intact"]}
        if heard.intent in ("yes", "no") or len(text) <= 12:
            no = _NO_WORDS.match(text) or heard.intent == "no"
            return {"intact": "no"} if no else ({"intact": "yes"} if _YES_WORDS.match(text) else {})
    if asked in ("item", "wish") and len(text) <= 120 and heard.intent == "question":
        return {asked: text}
    if asked == "tax_id" and (number := tax_number_alone(text)):
        return {"tax_id": number}
    if asked == "title" and len(text) <= 160 and heard.intent == "question":
        return {"title": heard.slots.get("title") or text.split("\n")[0][:80]}
    return {}


def _wanted(task: str) -> frozenset[str]:
    """The slots that mean something for a task."""
    extra = {"invoice": ("tax_id",), "return": (), "exchange": ("intact",)}.get(task, ())
    needs = _NEEDS.get(task, ())
    return frozenset(("order", "proof", *needs, *extra, *(("reason",) if task == "cancel-order" else ())))


def _needless(talk: Talk, slot: str, *, single_item: bool) -> bool:
    """Whether a slot need not be asked for: the only item is meant; faults do not ask whether goods are unused."""
    if slot == "item":
        return single_item
    return slot == "intact" and talk.slots.get("reason", "no-reason") != "no-reason"
