"""What doors need of marketing, plugged together by the composition root."""

from dataclasses import dataclass

from zhanggui.marketing.ports import CopyProof, OrderBook
from zhanggui.marketing.service.audiences import AudienceReader


@dataclass(frozen=True, slots=True)
class Marketing:
    """The shop's orders, the proof of texts, and who reads requests for audiences."""

    book: OrderBook
    proof: CopyProof
    reader: AudienceReader
