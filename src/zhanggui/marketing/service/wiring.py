"""What doors need of marketing, plugged together by the composition root."""

from dataclasses import dataclass

from zhanggui.marketing.ports import CopyProof, Goods, OrderBook
from zhanggui.marketing.service.audiences import AudienceReader
from zhanggui.marketing.service.serving import Recommender


@dataclass(frozen=True, slots=True)
class Marketing:
    """The shop's orders, the proof of texts, who reads requests for audiences, who recommends, the shop's goods."""

    book: OrderBook
    proof: CopyProof
    reader: AudienceReader
    recommender: Recommender
    goods: Goods
