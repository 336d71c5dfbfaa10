"""Replies to reviews: a draft from what the review says, and what no reply may say. Pure."""

import re
from dataclasses import dataclass
from typing import Final

from zhanggui.kernel.textmodels import language
from zhanggui.kernel.types import Locale
from zhanggui.support.models.complaints import ComplaintKind, Finding

MOST_CHARACTERS: Final = 500
_LINK: Final = re.compile(r"https?://|www\.|(?:微信|vx|qq|加群|whatsapp|telegram)\s*[:：]?\s*\w*", re.IGNORECASE)
_PROMISE: Final = re.compile(
    r"全额退款|退您|赔偿|赔您|补偿|返现|送您|免费(?:送|补|换)|保证|一定(?:不会|能)|"
    r"\b(?:we(?:'ll| will)|i(?:'ll| will)) (?:refund|pay|compensate|replace|send you)|"
    r"\bguarantee|\bfree (?:gift|replacement)|\bfull refund|\bcash ?back",
    re.IGNORECASE,
)
_BRIBE: Final = re.compile(
    r"好评返|(?:改|删|修改|删除).{0,4}(?:评|差评)|追评.{0,4}(?:返|送)|"
    r"\b(?:change|remove|delete|update|edit) (?:your|the|this) (?:review|rating)|\b(?:5|five)[- ]star",
    re.IGNORECASE,
)
_BLAME: Final = re.compile(
    r"是您自己|您没(?:看|仔细)|恶意|无理取闹|同行|\byour (?:own )?fault\b|\byou (?:should have|failed to|didn't read)",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class ReplyProblem:
    """A rule that a reply breaks, in both languages."""

    name: str
    en: str
    zh: str


def reply_problems(review: str, reply: str) -> tuple[ReplyProblem, ...]:
    """Every rule that a reply breaks; none for one that may be published."""
    found: list[ReplyProblem] = []
    length = len(reply.strip())
    if not 0 < length <= MOST_CHARACTERS:
        found.append(_problem("length", f"a reply has 1 to {MOST_CHARACTERS} characters", "回复须为1到500字"))
    if length and review.strip() and language(review) != language(reply):
        found.append(_problem("language", "the reply is not in the review's language", "回复与评价语言不一致"))
    for name, shape, en, zh in (
        ("contact", _LINK, "no links and no other channels in public replies", "公开回复不得包含链接或站外联系方式"),
        ("promise", _PROMISE, "no money, gifts or guarantees in public", "公开回复不得承诺退款、赠品或保证"),
        ("bribe", _BRIBE, "nobody is asked to change a review", "不得要求或诱导修改评价"),
        ("blame", _BLAME, "the customer is not blamed", "不得指责顾客"),
    ):  # fmt: skip
        hit = shape.search(reply)
        if hit is not None:
            found.append(_problem(name, f"{en}: “{hit.group()}”", f"{zh}：“{hit.group()}”"))
    return tuple(found)


def _problem(name: str, en: str, zh: str) -> ReplyProblem:
    return ReplyProblem(name, en, zh)


_ZH: Final[dict[ComplaintKind, str]] = {
    "safety": "安全无小事，请先停止使用并联系店内客服，我们会安排专人核实。",
    "fraud": "我们非常重视您对商品描述的疑问，请联系店内客服，我们会核对凭证给您答复。",
    "logistics": "配送没有让您满意，我们会向快递公司核实；请联系店内客服告知订单号。",
    "product": "商品没有达到您的期望，请联系店内客服，我们会按售后规则为您处理。",
    "service": "服务没有做好，我们会复核此前的沟通并改进；请联系店内客服。",
    "price": "价格方面的疑问，请联系店内客服，我们会按价格规则为您核对。",
}
_EN: Final[dict[ComplaintKind, str]] = {
    "safety": "Please stop using the item and contact our support here, so that a person can look into it at once.",
    "fraud": "We take doubts about an item seriously; please contact our support here and we will check the papers.",
    "logistics": "The delivery was not as it should be; please send our support your order number so we can trace it.",
    "product": "The item was not as it should be; please contact our support here and we will follow our return terms.",
    "service": "Our service was not good enough; please contact our support here and we will go over what was said.",
    "price": "For the question about the price please contact our support here and we will check it for you.",
}  # fmt: skip


def draft_reply(review: str, positive: float, found: Finding | None) -> tuple[str, Locale]:
    """A plain reply in the review's language, with nothing in it that the review or the house did not say."""
    locale = language(review)
    if locale == "zh-CN":
        if found is not None:
            return f"非常抱歉给您带来了不好的体验，感谢您如实告诉我们。{_ZH[found.kind]}", locale
        thanks = "感谢您的认可与支持" if positive > 0.5 else "感谢您的反馈，我们会认真改进"
        return f"{thanks}，期待再次为您服务。", locale
    if found is not None:
        return f"We are sorry about this, and thank you for telling us plainly. {_EN[found.kind]}", locale
    if positive > 0.5:
        return "Thank you for your kind words. We look forward to serving you again.", locale
    return "Thank you for your feedback. We will work on it.", locale
