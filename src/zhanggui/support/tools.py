"""What a chat agent may call, each marked read or write. A write makes a proposal and nothing else."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from zhanggui.support.ports import OrderTools, ShelfTools
from zhanggui.support.rules.agent_words import task_name

Mode = Literal["read", "write"]


@dataclass(frozen=True, slots=True)
class ToolFact:
    """One tool as it is shown to people and to other programs."""

    name: str
    mode: Mode
    needs_owner: bool
    en: str
    zh: str


def tool_list(orders: OrderTools | None, shelf: ShelfTools | None) -> Sequence[ToolFact]:
    """The tools of the agent as it is plugged in; nothing that is not in this list can be called by a conversation."""
    found: list[ToolFact] = []
    if orders is not None:
        for name in ("order-status", "parcel"):
            found.append(ToolFact(name, "read", True, task_name("en", name), task_name("zh-CN", name)))
        for name in orders.writes:
            found.append(ToolFact(name, "write", True, task_name("en", name), task_name("zh-CN", name)))
    if shelf is not None:
        found.append(ToolFact("find-product", "read", False, task_name("en", "find-product"), "按需求找商品"))
    found.append(ToolFact("person", "write", False, task_name("en", "person"), task_name("zh-CN", "person")))
    return tuple(found)
