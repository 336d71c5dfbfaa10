"""What recommendations are made of: a log of purchases as columns, the answer, and why."""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Literal

import numpy as np
import numpy.typing as npt

from zhanggui.kernel.types import Locale

Floats = npt.NDArray[np.float32]
Doubles = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Protocol = Literal["any", "next-unseen"]
DAY = 86_400.0


@dataclass(frozen=True, slots=True)
class EventLog:
    """Who bought what when, one row a shopper, item and basket, sorted by shopper and time.

    Attributes:
        users: names; `user` holds places in it.
        items: names; `item` holds places in it.
        user: [rows].
        item: [rows].
        at: [rows] seconds since 1970, or whatever the timestamps count.
        basket: [rows] the number of the shopper's basket, from 0 in the order of time.
        quantity: [rows] > 0.
    """

    users: tuple[str, ...]
    items: tuple[str, ...]
    user: Ints
    item: Ints
    at: Doubles
    basket: Ints
    quantity: Doubles

    def rows(self, keep: npt.NDArray[np.bool_]) -> "EventLog":
        """The same shoppers and items with fewer rows."""
        return EventLog(
            self.users, self.items, self.user[keep], self.item[keep], self.at[keep], self.basket[keep],
            self.quantity[keep],
        )  # fmt: skip

    @property
    def starts(self) -> Ints:
        """[users + 1]: where each shopper's rows begin."""
        return np.searchsorted(self.user, np.arange(len(self.users) + 1))


@dataclass(frozen=True, slots=True)
class RecommendReason:
    """Why an item is shown.

    Attributes:
        kind: `again` (this shopper bought it before), `bought-after` (shoppers with `because` went on to it),
            `related` (through other items in between), `popular`, `similar` (shares `words` with `because`) or `new`.
        because: the shopper's item that speaks for it; empty for `again`, `popular` and `new`.
        shoppers: how many did so: with both, or who bought the item, or this shopper's own times for `again`.
        among: shoppers of `because`, or all.
        last: when this shopper last bought it, seconds since 1970, for `again` with real dates.
        lately: counted in the recent days of the log only.
        words: what the two have in common, for `similar`.
    """

    kind: Literal["again", "bought-after", "related", "popular", "similar", "new"]
    because: str = ""
    shoppers: int = 0
    among: int = 0
    last: float | None = None
    lately: bool = False
    words: tuple[str, ...] = ()

    def text(self, locale: Locale = "en") -> str:
        """The reason as a sentence."""
        return _zh(self) if locale == "zh-CN" else _en(self)


@dataclass(frozen=True, slots=True)
class Recommendation:
    """One answer: the item, a score that compares within one answer only, and the reason."""

    item: str
    score: float
    reason: RecommendReason


def _day(last: float | None) -> str:
    return datetime.fromtimestamp(last, UTC).date().isoformat() if last is not None else ""


def _en(reason: RecommendReason) -> str:
    if reason.kind == "again":
        times = "once" if reason.shoppers == 1 else f"{reason.shoppers} times"
        return f"you bought it {times}" + (f", last on {_day(reason.last)}" if reason.last is not None else "")
    if reason.kind == "bought-after":
        return f"{reason.shoppers} of {reason.among} shoppers who bought {reason.because} bought it too"
    if reason.kind == "related":
        return f"goes with what shoppers of {reason.because} bought"
    if reason.kind == "similar":
        return f"like {reason.because}: {', '.join(reason.words)}"
    if reason.kind == "new":
        return "new in the shop"
    return f"popular{' lately' if reason.lately else ''}: {reason.shoppers} of {reason.among} shoppers bought it"


def _zh(reason: RecommendReason) -> str:
    if reason.kind == "again":
        return f"您买过 {reason.shoppers} 次" + (f"，最近一次在 {_day(reason.last)}" if reason.last is not None else "")
    if reason.kind == "bought-after":
        return f"买过 {reason.because} 的 {reason.among} 位顾客里有 {reason.shoppers} 位也买了它"
    if reason.kind == "related":
        return f"与买过 {reason.because} 的顾客所买的其他商品相配"
    if reason.kind == "similar":
        return f"与 {reason.because} 相似：{'、'.join(reason.words)}"
    if reason.kind == "new":
        return "店里新品"
    return f"{'近期' if reason.lately else ''}热卖：{reason.among} 位顾客里有 {reason.shoppers} 位买了它"
