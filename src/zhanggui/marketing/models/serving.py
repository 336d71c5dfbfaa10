"""A question to the recommender and its answer."""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from zhanggui.kernel.types import Money
from zhanggui.marketing.models.recommendation import RecommendReason

ServeKind = Literal["for-you", "again", "together", "similar"]
SERVE_KINDS: tuple[ServeKind, ...] = ("for-you", "again", "together", "similar")
# Why an answer is not fitted to the person: "" where it is.
NotPersonal = Literal["", "opted-out", "unknown", "nobody", "nothing-learnt"]


@dataclass(frozen=True, slots=True)
class Question:
    """What is asked.

    Attributes:
        customer: marketing's id, or the shop's own as `shop:customer`, or an e-mail address; empty for nobody.
        items: products in the basket or looked at; `together` and `similar` need some.
        limit: how many at most.
    """

    kind: ServeKind = "for-you"
    customer: str = ""
    items: tuple[str, ...] = ()
    limit: int = 10


@dataclass(frozen=True, slots=True)
class Served:
    """One item that is shown, as it stands in the shop now, and why. The reason names products by their titles."""

    item: str
    title: str
    image: str
    price: Money | None
    reason: RecommendReason


@dataclass(frozen=True, slots=True)
class Answer:
    """What is shown, best first.

    Attributes:
        personal: why it is not fitted to a person; empty where it is.
        fitted_at: when purchases were last learnt from; None where there are none.
        until: the newest purchase that was taken into account for this person; None without one.
    """

    kind: ServeKind
    personal: NotPersonal
    fitted_at: datetime | None
    until: datetime | None
    items: tuple[Served, ...]
