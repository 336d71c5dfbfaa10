"""Drafts about an exception: to the customer in their language, to the carrier; proved facts only. Pure.

The sentences hold no number, date or name of their own: each comes out of a field, and a field is filled from the
order or from the carrier's report. `unproved` finds whatever in a text (perhaps one that a person changed) has no
such origin.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from zhanggui.kernel.types import Locale
from zhanggui.orders.models import Sentence
from zhanggui.orders.rules.dossier import Dossier
from zhanggui.orders.rules.exceptions import ExceptionKind, Finding, ParcelCase

_MONTHS = (
    "January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November",
    "December",
)  # fmt: skip
_MONTH = "|".join(_MONTHS)
_NUMBER_WORDS = "two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|fourteen|fifteen|twenty|thirty|hundred"
# What states a quantity, a day or an hour: whole dates first, so that a day of another month does not prove one.
_STATED = re.compile(
    r"(?:\d{4}年)?\d{1,2}月\d{1,2}[日号]"
    rf"|\d{{1,2}} (?:{_MONTH})\b|\b(?:{_MONTH})\b(?: \d{{1,2}}\b)?"
    r"|[A-Za-z]{0,6}\d(?:[\d,.:/\-]*\d)?[A-Za-z]?"
    r"|[零〇一二两三四五六七八九十百千万]+(?=[天日小时分钟周个件元号月年折倍])"
    rf"|\b(?:{_NUMBER_WORDS})\b|\b(?:Mon|Tues|Wednes|Thurs|Fri|Satur|Sun)day\b|(?:星期|周|礼拜)[一二三四五六日天]",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Written:
    """A draft with the facts that it rests on: field name -> the words that stand in the text."""

    text: str
    locale: Locale
    facts: Mapping[str, str]


# {name} parts in brackets [[ ]] are left out where a field of theirs is not known.
_CUSTOMER: Mapping[ExceptionKind, Sentence] = {
    ExceptionKind.LATE: Sentence(
        "your order {number} is taking longer than we promised[[ (promised for {promised})]]. [[The last news from "
        "{carrier} is of {seen}.]] We have asked the carrier to hurry and will tell you as soon as there is news.",
        "您的订单 {number} 比承诺的时间更晚[[（承诺 {promised} 送达）]]。[[{carrier}最近更新于 {seen}。]]"
        "我们已催促承运商，有进展会马上告知您。",
    ),
    ExceptionKind.STUCK: Sentence(
        "there has been no news of the parcel for your order {number} since {seen}[[ (tracking number {tracking})]]. "
        "We have asked {carrier} to look for it and will tell you what they find.",
        "您的订单 {number} 的包裹自 {seen} 起没有新的物流信息[[（运单号 {tracking}）]]。我们已请{carrier}查件，"
        "有结果会马上告知您。",
    ),
    ExceptionKind.LOST: Sentence(
        "{carrier} reported on {seen} that the parcel for your order {number} is lost. We are sorry. Please tell us "
        "whether we shall send the goods again or pay you back.",
        "{carrier}于 {seen} 登记您的订单 {number} 的包裹遗失，非常抱歉。请告诉我们您希望补发还是退款。",
    ),
    ExceptionKind.RETURNED: Sentence(
        "{carrier} could not hand over the parcel for your order {number} and has been bringing it back to us since "
        "{seen}. Please tell us whether we shall send it again, and to which address, or pay you back.",
        "您的订单 {number} 未能派送成功，{carrier}自 {seen} 起将包裹退回。"
        "请告诉我们您希望重新寄送（并确认地址）还是退款。",
    ),
    ExceptionKind.REFUSED: Sentence(
        "{carrier} told us on {seen} that the parcel for your order {number} was refused at the door. If that was a "
        "mistake or something was wrong with it, please tell us. When it is back with us we will settle the refund.",
        "{carrier}于 {seen} 反馈您的订单 {number} 的包裹被拒收。"
        "如果是误会或包裹有问题，请告诉我们。包裹退回后我们会为您处理退款。",
    ),
    ExceptionKind.DAMAGED: Sentence(
        "{carrier} reported on {seen} that the parcel for your order {number} was damaged on its way. If anything is "
        "broken, please send us a photograph of the goods and the box, and we will put it right.",
        "{carrier}于 {seen} 反馈您的订单 {number} 的包裹在运输途中破损。"
        "如果商品有损坏，请将商品和外箱的照片发给我们，我们会为您处理。",
    ),
    ExceptionKind.WRONG_ADDRESS: Sentence(
        "{carrier} could not find the address on the parcel for your order {number} (reported on {seen}). Please send "
        "us the complete address and a telephone number.",
        "{carrier}于 {seen} 反馈您的订单 {number} 地址不详，暂时无法派送。请把完整地址和联系电话发给我们。",
    ),
    ExceptionKind.CUSTOMS: Sentence(
        "customs have been inspecting the parcel for your order {number} since {seen}. We are in touch with {carrier} "
        "and will tell you if anything is needed from you.",
        "您的订单 {number} 的包裹自 {seen} 起在海关查验。我们正与{carrier}联系，如需您配合会马上告知您。",
    ),
    ExceptionKind.DENIED: Sentence(
        "{carrier} records the parcel for your order {number} as delivered on {seen}. Did you receive it? If not, "
        "please tell us; we are asking the carrier for the proof of delivery.",
        "{carrier}显示您的订单 {number} 的包裹已于 {seen} 签收。"
        "请问您收到了吗？如未收到请告诉我们，我们正在向承运商索取签收凭证。",
    ),
    ExceptionKind.STOCK_OUT: Sentence(
        "part of your order {number} is not in stock just now. Please tell us whether you would like to wait, to get "
        "the rest first, or to be paid back.",
        "您的订单 {number} 有部分商品暂时缺货。请告诉我们您希望等待、先发有货的部分，还是退款。",
    ),
}
_REMINDER = Sentence(
    "your order {number} of {total} is waiting for its payment. If you no longer want it, you need do nothing.",
    "您的订单 {number}（{total}）还未付款。如果不再需要，无需任何操作。",
)
_CLAIMS: Mapping[ExceptionKind, Sentence] = {
    ExceptionKind.LOST: Sentence("it was recorded as lost on {seen}", "该件于 {seen} 登记遗失"),
    ExceptionKind.DAMAGED: Sentence("it was recorded as damaged on {seen}", "该件于 {seen} 登记破损"),
    ExceptionKind.STUCK: Sentence("there has been no news since {seen}", "该件自 {seen} 起无物流更新"),
    ExceptionKind.DENIED: Sentence(
        "it is recorded as delivered on {seen}, which the recipient has not confirmed; please send the "
        "proof of delivery",
        "该件显示于 {seen} 签收，收件人尚未确认收到，请提供签收凭证",
    ),
}
_CLAIM = Sentence(
    "To {carrier}: parcel {tracking}[[, handed over on {sent}]][[, promised for {promised}]]: {what}. "
    "[[The goods are worth {value}; we claim that amount under the contract of carriage.]] "
    "Please confirm the claim and tell us its number.",
    "致{carrier}：运单号 {tracking}[[，{sent} 交寄]][[，承诺 {promised} 送达]]：{what}。"
    "[[货值 {value}，现依运输合同按此金额索赔。]]请确认受理并告知理赔编号。",
)


def customer_message(finding: Finding, dossier: Dossier, case: ParcelCase | None, zone: ZoneInfo) -> Written | None:
    """A draft to the customer in their language; None where there is nothing to tell them, or not enough is known."""
    template = _CUSTOMER.get(finding.kind)
    if template is None:
        return None
    return _to_customer(template, dossier, _facts(finding, dossier, case, zone))


def reminder(dossier: Dossier) -> Written:
    """A draft that reminds of an unpaid order."""
    facts = {"number": dossier.number, "total": str(dossier.life.total())}
    made = _to_customer(_REMINDER, dossier, facts)
    assert made is not None  # both fields are always known
    return made


def claim_draft(finding: Finding, dossier: Dossier, case: ParcelCase, zone: ZoneInfo, locale: Locale) -> Written | None:
    """A draft claim to the carrier; None where the carrier owes nothing or nothing is proved."""
    what = _CLAIMS.get(finding.kind)
    if what is None or finding.culprit != "carrier":
        return None
    facts = _facts(finding, dossier, case, zone, locale=locale)
    said = _fill(_of(what, locale), facts)
    text = said and _fill(_of(_CLAIM, locale), {**facts, "what": said})
    return Written(text, locale, facts) if text else None


def unproved(text: str, facts: Iterable[str]) -> tuple[str, ...]:
    """The numbers, dates and times in a text that stand in none of the facts, in reading order.

    Number words count as well. A number inside a longer one is not proved by it.
    """
    known: set[str] = set()
    for fact in facts:
        known.update(_tokens(fact))
    return tuple(dict.fromkeys(token for token in _tokens(text) if token not in known))


def _tokens(text: str) -> list[str]:
    return [match.group().lower() for match in _STATED.finditer(text)]


def day(at: datetime, zone: ZoneInfo, locale: Locale) -> str:
    """A day as people write it, in the shop's time zone."""
    local = at.astimezone(zone)
    if locale == "zh-CN":
        return f"{local.month}月{local.day}日"
    return f"{local.day} {_MONTHS[local.month - 1]}"


def proved_facts(dossier: Dossier, cases: Iterable[ParcelCase], zone: ZoneInfo) -> tuple[str, ...]:
    """Everything that may be said of an order: its number, amounts, days, tracking numbers; in both languages."""
    told, life = dossier.told, dossier.life
    words = [dossier.number, told.external_id, *(str(m) for m in (life.total(), life.captured(), life.refunded()))]
    words += [word for line in told.lines for word in (line.sku, line.title, str(line.unit_price), str(line.quantity))]
    words += [str(refund.amount) for refund in life.refunds]
    days = [told.placed_at, told.promised_at, *(step.stamp.at for step in life.history)]
    for case in cases:
        words += [case.tracking_number, case.carrier, *(event.text for event in case.report.events)]
        days += [case.promised_at, case.report.eta, *(event.at for event in case.report.events)]
        words += [str(case.value)] if case.value else []
    locales: tuple[Locale, Locale] = ("zh-CN", "en")
    return (*words, *(day(at, zone, locale) for at in days if at for locale in locales))


def _facts(
    finding: Finding, dossier: Dossier, case: ParcelCase | None, zone: ZoneInfo, *, locale: Locale | None = None
) -> dict[str, str]:
    language = locale or dossier.locale
    facts = {"number": dossier.number}
    if case is None:
        return facts
    facts |= {"carrier": _carrier(case.carrier, language), "tracking": case.tracking_number}
    event = finding.event or (case.report.events[-1] if case.report.events else None)
    days = {"seen": event.at if event else None, "promised": case.promised_at}
    days["sent"] = case.report.events[0].at if case.report.events else None
    facts |= {name: day(at, zone, language) for name, at in days.items() if at is not None}
    if case.value is not None and case.value.minor > 0:
        facts["value"] = str(case.value)
    return {name: word for name, word in facts.items() if word}


def _carrier(name: str, locale: Locale) -> str:
    return name.strip() or ("承运商" if locale == "zh-CN" else "the carrier")


def _to_customer(template: Sentence, dossier: Dossier, facts: Mapping[str, str]) -> Written | None:
    chinese = dossier.locale == "zh-CN"
    body = _fill(_of(template, dossier.locale), facts)
    if body is None:
        return None
    name = dossier.told.customer.name.strip() if dossier.told.customer else ""
    # A name is a stranger's text: what does not look like one is left out rather than repeated.
    shown = name if name and len(name) <= 40 and not re.search(r"[\d<>{}\[\]\\/@:]", name) else ""
    hello = (f"{shown}，您好！" if shown else "您好！") if chinese else (f"Dear {shown}, " if shown else "Hello, ")
    return Written(hello + body, dossier.locale, {**facts, "name": shown} if shown else dict(facts))


def _of(sentence: Sentence, locale: Locale) -> str:
    return sentence.zh if locale == "zh-CN" else sentence.en


_OPTIONAL = re.compile(r"\[\[(.*?)\]\]")
_FIELD = re.compile(r"\{(\w+)\}")


def _fill(template: str, facts: Mapping[str, str]) -> str | None:
    """The template with its fields; optional parts with an unknown field fall away; None if a needed one is unknown."""
    kept = _OPTIONAL.sub(lambda part: part[1] if set(_FIELD.findall(part[1])) <= facts.keys() else "", template)
    if not set(_FIELD.findall(kept)) <= facts.keys():
        return None
    return re.sub(r" {2,}", " ", _FIELD.sub(lambda field: facts[field[1]], kept)).strip()
