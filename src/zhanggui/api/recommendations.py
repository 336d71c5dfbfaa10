"""Recommendations: what to show to a customer, beside a product or under a basket."""

from typing import Annotated, Any

from fastapi import APIRouter, Query

from zhanggui.api.common import Caller
from zhanggui.kernel.types import Locale, plain_json
from zhanggui.marketing import Question, ServeKind

router = APIRouter(tags=["marketing"])


@router.get("/recommendations")
def recommend(
    call: Caller,
    customer: Annotated[
        str, Query(max_length=400, description="Id of the customer, or `shop:customer`, or an e-mail address.")
    ] = "",
    items: Annotated[
        list[str] | None, Query(max_length=100, description="Products in the basket or looked at; commas part them.")
    ] = None,
    kind: Annotated[ServeKind, Query(description="`together` and `similar` need items.")] = "for-you",
    limit: Annotated[int, Query(ge=1, le=100, description="How many at most.")] = 10,
    locale: Annotated[Locale, Query(description="Language of the reasons.")] = "zh-CN",
) -> dict[str, Any]:
    """What may be sold now, best first, each with its reason.

    `personal` is empty where the answer is fitted to the customer; else it says why it is not: `opted-out`, `unknown`,
    `nobody` (no customer was named), `nothing-learnt`.
    """
    named = [part.strip() for one in items or () for part in one.split(",")]
    question = Question(kind, customer.strip(), tuple(part for part in named if part), limit)
    with call.read() as uow:
        answer = call.app.marketing.recommender.answer(uow, question)
    shown = [{**plain_json(one), "why": one.reason.text(locale)} for one in answer.items]
    return {**plain_json(answer), "items": shown}
