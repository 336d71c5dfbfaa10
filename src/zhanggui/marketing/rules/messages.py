"""The form of marketing texts by channel: SMS pages, lengths, and how to say no."""

import re
from dataclasses import dataclass

from zhanggui.marketing.models.campaigns import Channel, Variant

# GSM 03.38: what fits seven bits; each of the extension costs two.
_GSM = frozenset(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?"
    "¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
_GSM_TWO = frozenset("^{}\\[~]|€\f")
_LIMITS: dict[Channel, tuple[int, int]] = {  # subject or title, body; characters
    "sms": (0, 500),
    "email": (150, 20_000),
    "push": (40, 140),
    "xiaohongshu": (20, 1_000),
}
# 通信短信息服务管理规定 Art. 18-20: a commercial SMS says how to refuse more; CAN-SPAM and GDPR ask the same of e-mail.
_WAY_OUT = re.compile(
    r"(?:回复?\s?(?:TD|[TN])\s?)?(?:退订|拒收)|回复?\s?(?:TD|[TN])\b"
    r"|unsubscribe|(?:reply|text) stop(?: to opt out)?|opt out",
    re.IGNORECASE,
)
_MARKUP = re.compile(r"<\s*/?\s*[a-zA-Z!][^>]*>|javascript:", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Form:
    """One finding on the form of a text, in both languages."""

    name: str
    passed: bool
    reason: str
    reason_zh: str
    blocking: bool = True


def sms_pages(text: str) -> int:
    """How many messages a text costs: 70 characters a page with any outside GSM 03.38 (67 each in a chain), else 160
    (153). Characters outside the basic plane count two."""
    if not text:
        return 0
    if all(letter in _GSM or letter in _GSM_TWO for letter in text):
        size = sum(2 if letter in _GSM_TWO else 1 for letter in text)
        return 1 if size <= 160 else -(-size // 153)
    size = len(text.encode("utf-16-le")) // 2
    return 1 if size <= 70 else -(-size // 67)


def check_form(variant: Variant, channel: Channel, *, most_pages: int = 2) -> tuple[Form, ...]:
    """Length, pages, the way to refuse more, and no markup in plain channels."""
    longest_subject, longest_body = _LIMITS[channel]
    subject, body = len(variant.subject), len(variant.body)
    fits = 0 < body <= longest_body and (channel == "sms" or subject <= longest_subject)
    checks = [
        Form(
            "length",
            fits,
            f"subject {subject} of {longest_subject}, body {body} of {longest_body} characters",
            f"标题 {subject}/{longest_subject}，正文 {body}/{longest_body} 字",
        )
    ]
    if channel == "sms":
        pages = sms_pages(variant.body)
        checks.append(Form("pages", pages <= most_pages, f"{pages} SMS pages", f"共 {pages} 条短信"))
    if channel in ("sms", "email"):
        told = bool(_WAY_OUT.search(variant.body))
        reason = (
            ("says how to refuse more", "写明了退订方式")
            if told
            else ("does not say how to refuse more", "没有写退订方式")
        )
        checks.append(Form("way-out", told, *reason))
    if channel != "email":
        clean = not _MARKUP.search(variant.body + variant.subject)
        reason = ("plain text", "纯文本") if clean else ("holds markup", "含有标记代码")
        checks.append(Form("markup", clean, *reason))
    return tuple(checks)


def without_way_out(text: str) -> str:
    """The text without the words on refusing more, which claim nothing."""
    return _WAY_OUT.sub("", text).strip()
