"""Complaints: found, told apart, given urgency, deadline, owner and remedies. Pure.

The patterns stand in `complaint_words.yaml`. How a text feels comes from outside as a number; words of safety and of
law escalate whatever the feeling.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache
from importlib.resources import files
from typing import Any, Final, cast

import yaml

from zhanggui.kernel.textmodels import language
from zhanggui.support.models.complaints import (
    COMPLAINT_KINDS,
    ComplaintKind,
    Feedback,
    Finding,
    Remedy,
    Urgency,
    Words,
)

MOST_CHARACTERS: Final = 20_000
_LEAST: Final = 1.0  # evidence that makes a complaint of a text that feels bad
_SURE: Final = 3.0  # evidence that makes one of any text that does not feel clearly good
_BAD, _GOOD = 0.5, 0.85  # feelings
_LOUD: Final = 0.15  # a feeling so bad that it is a complaint even with little said
_BEFORE: Final = 24  # characters looked at for a denial
_DEMAND: Final = 1.0


@dataclass(frozen=True, slots=True)
class _Pattern:
    kind: ComplaintKind
    weight: float
    shape: re.Pattern[str]


@dataclass(frozen=True, slots=True)
class _Book:
    patterns: tuple[_Pattern, ...]
    legal: re.Pattern[str]
    demands: re.Pattern[str]
    denied: re.Pattern[str]
    owners: Mapping[ComplaintKind, str]
    hours: Mapping[Urgency, int]


@lru_cache(maxsize=1)
def _book() -> _Book:
    text = files("zhanggui.support").joinpath("rules/complaint_words.yaml").read_text(encoding="utf-8")
    held = cast(dict[str, Any], yaml.safe_load(text))
    patterns = tuple(
        _Pattern(kind, float(one["weight"]), _either(one))
        for kind in COMPLAINT_KINDS
        for one in cast(list[dict[str, Any]], held["kinds"][kind])
    )
    legal, demands, denied = (_either(held[name]) for name in ("legal", "demands", "denied"))
    return _Book(patterns, legal, demands, denied, held["owners"], held["hours"])


def _either(both: Mapping[str, Any]) -> re.Pattern[str]:
    return re.compile(f"(?:{both['zh']})|(?:{both['en']})")


def find_complaint(text: str, positive: float) -> Finding | None:
    """What a text complains about; None when it does not complain.

    Args:
        text: as the customer wrote it.
        positive: how good it feels, from 0 to 1.
    """
    low = text[:MOST_CHARACTERS].lower().replace("’", "'")
    book = _book()
    scores: dict[ComplaintKind, float] = {}
    words: list[Words] = []
    for pattern in book.patterns:
        for found in _hits(pattern.shape, low, book.denied):
            scores[pattern.kind] = scores.get(pattern.kind, 0.0) + pattern.weight
            words.append(Words(text[found.start() : found.end()], found.start(), found.end(), pattern.weight))
    legal = _hits(book.legal, low, book.denied)
    demands = _hits(book.demands, low, book.denied)
    words += [Words(text[m.start() : m.end()], m.start(), m.end(), _DEMAND) for m in (*legal, *demands)]
    escalate = _escalations(scores, bool(legal))
    if not _complains(scores, bool(escalate), len(demands), positive):
        return None
    kind = _kind(scores)
    urgency = _urgency(kind, escalate, positive, len(demands))
    return Finding(kind, urgency, escalate, scores, tuple(sorted(set(words), key=lambda one: (-one.weight, one.start))))


def _hits(shape: re.Pattern[str], low: str, denied: re.Pattern[str]) -> list[re.Match[str]]:
    return [
        found
        for found in shape.finditer(low)
        if not denied.search(low[max(0, found.start() - _BEFORE) : found.start()])
    ]


def _escalations(scores: Mapping[ComplaintKind, float], legal: bool) -> tuple[str, ...]:
    reasons = ["safety"] if scores.get("safety", 0.0) >= 2 else []
    return (*reasons, *(["legal"] if legal else []))


def _complains(scores: Mapping[ComplaintKind, float], escalate: bool, demands: int, positive: float) -> bool:
    evidence = sum(scores.values()) + demands * _DEMAND
    if escalate:
        return True
    if positive <= _LOUD:
        return evidence > 0 or positive <= _LOUD / 3
    return (evidence >= _LEAST and positive < _BAD) or (evidence >= _SURE and positive < _GOOD)


def _kind(scores: Mapping[ComplaintKind, float]) -> ComplaintKind:
    """The weightiest; at equal weight the graver one. A text that names nothing is about service: somebody asks why."""
    return max(scores, key=lambda kind: (scores[kind], -COMPLAINT_KINDS.index(kind))) if scores else "service"


def _urgency(kind: ComplaintKind, escalate: tuple[str, ...], positive: float, demands: int) -> Urgency:
    if "safety" in escalate:
        return "critical"
    if escalate or kind == "fraud":
        return "high"
    if positive <= _LOUD and demands:
        return "high"
    return "low" if kind == "price" and positive > _LOUD else "normal"


def owner_of(finding: Finding) -> str:
    """The role that settles it: `legal` where law was named, else by kind."""
    return "legal" if finding.escalate == ("legal",) else _book().owners[finding.kind]


def deadline_of(urgency: Urgency, at: datetime) -> datetime:
    """Until when the customer must have an answer."""
    return at + timedelta(hours=_book().hours[urgency])


_PERSON = Remedy("call-customer", "由专人在期限内电话联系", "a named person calls before the deadline")
_REMEDIES: Mapping[ComplaintKind, tuple[Remedy, ...]] = {
    "safety": (
        Remedy("stop-sale-check", "暂停销售并检查同批次商品", "hold the product from sale and check the batch"),
        Remedy("return-refund", "上门取回并全额退款", "collect the item and refund in full"),
        _PERSON,
    ),
    "fraud": (
        Remedy("verify-goods", "核对进货凭证与订单记录", "check the supply papers and the order's record"),
        Remedy("return-refund", "核实后退货退款", "return and refund once it is verified"),
        _PERSON,
    ),
    "logistics": (
        Remedy("trace-parcel", "向快递公司催查并告知进展", "trace the parcel with the carrier and report back"),
        Remedy("reship-or-refund", "确认丢失或错发后补发或退款", "send again or refund once that is confirmed"),
    ),
    "product": (
        Remedy("exchange", "换货，来回运费由店铺承担", "exchange, postage paid by the shop"),
        Remedy("return-refund", "退货退款", "return and refund"),
    ),
    "service": (
        Remedy("review-conversation", "复核此前的沟通记录", "review what was said and promised before"),
        _PERSON,
    ),
    "price": (
        Remedy("price-check", "核对价格与价保规则，符合则退差价", "check the price rules, refund what is due"),
    ),
}  # fmt: skip


def remedies_of(finding: Finding, feedback: Feedback) -> tuple[Remedy, ...]:
    """What would make it good, first the one to try first; what needs an order is left out where none is known."""
    wanted = _REMEDIES[finding.kind]
    if not feedback.order_id:
        kept = tuple(one for one in wanted if one.action not in _NEED_ORDER)
        ask = Remedy("ask-order", "请顾客提供订单号", "ask for the order number")
        wanted = (*(kept or (_PERSON,)), ask)
    return wanted if _PERSON in wanted or not finding.escalate else (*wanted, _PERSON)


_NEED_ORDER: Final = {"return-refund", "reship-or-refund", "exchange", "trace-parcel"}

_ABOUT_ZH: Mapping[ComplaintKind, str] = {
    "safety": "使用安全", "fraud": "商品真伪与描述", "logistics": "物流配送", "product": "商品质量",
    "service": "我们的服务", "price": "价格",
}  # fmt: skip
_ABOUT_EN: Mapping[ComplaintKind, str] = {
    "safety": "your safety", "fraud": "whether the item is what it was sold as", "logistics": "the delivery",
    "product": "the quality of the item", "service": "the service you had", "price": "the price",
}  # fmt: skip


def apology(finding: Finding, feedback: Feedback, deadline: datetime) -> str:
    """A draft apology in the customer's language: what was understood, what is done next, until when.

    It promises an answer and nothing else: what is paid, exchanged or admitted is for a person to decide.
    """
    hours = max(1, round((deadline - feedback.at).total_seconds() / 3600))
    said = next((one.text for one in finding.words), "")
    if language(feedback.text) == "zh-CN":
        quoted = f"您提到“{said}”，" if said else ""
        safety = "请先停止使用，并保留商品和照片；如有不适请及时就医。" if "safety" in finding.escalate else ""
        about = _ABOUT_ZH[finding.kind]
        asked = "" if feedback.order_id else "方便的话请把订单号发给我们，"
        return (
            f"非常抱歉给您带来了不好的体验。{quoted}我们已经记录下您关于{about}的反馈。{safety}"
            f"{asked}我们会有专人核实，并在{hours}小时内回复您。"
        )
    quoted = f' about "{said}"' if said else ""
    safety = (
        " Please stop using the item and keep it with any photos; if anyone feels unwell, please see a doctor."
        if "safety" in finding.escalate
        else ""
    )
    asked = "" if feedback.order_id else " If you can, please send us your order number."
    return (
        f"We are sorry for what happened. We have noted what you told us{quoted} and are looking into "
        f"{_ABOUT_EN[finding.kind]}.{safety}{asked} A person will check this and reply to you within {hours} hours."
    )
