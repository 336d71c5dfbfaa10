"""Plain sentences in English and Chinese, generated from policy data and from the facts of one request."""

from datetime import date, datetime

from zhanggui.kernel.types import Money
from zhanggui.orders.models import FactValue, Sentence
from zhanggui.orders.rules.conditions import All, AnyOf, Compare, Condition, FactRef, Not, Operand, Within
from zhanggui.orders.rules.policy import Case, OutcomeTable, Rule, Share
from zhanggui.orders.rules.vocabulary import fact_label, word_zh

_OPERATORS = {
    "is": ("is", "是"),
    "is_not": ("is not", "不是"),
    "in": ("is one of", "属于"),
    "not_in": ("is none of", "不属于"),
    "at_least": ("is at least", "不少于"),
    "at_most": ("is at most", "不超过"),
    "more_than": ("is more than", "大于"),
    "less_than": ("is less than", "小于"),
    "has": ("include any of", "含有"),
    "lacks": ("include none of", "不含"),
}
_LIST_EMPTY = "none", "无"


def rule_text(rule: Rule) -> Sentence:
    """The rule as one sentence, with its source in brackets where the policy names one."""
    required = clause(rule.require)
    source_en, source_zh = (f" ({rule.source})", f"（{rule.source}）") if rule.source else ("", "")
    if rule.when is None:
        return Sentence(f"Required: {required.en}{source_en}.", f"要求：{required.zh}{source_zh}。")
    when = clause(rule.when)
    return Sentence(
        f"When {when.en}, required: {required.en}{source_en}.", f"当{when.zh}时，要求：{required.zh}{source_zh}。"
    )


def outcome_text(table: OutcomeTable, case: Case) -> Sentence:
    """One row of an outcome's table as a sentence."""
    name = table.name.replace("_", " ")
    value = _value(case.value)
    source_en, source_zh = (f" ({table.source})", f"（{table.source}）") if table.source else ("", "")
    if case.when is None:
        return Sentence(f"{name}: {value.en}{source_en}.", f"{outcome_zh(table.name)}：{value.zh}{source_zh}。")
    when = clause(case.when)
    return Sentence(
        f"{name}: {value.en}, because {when.en}{source_en}.",
        f"{outcome_zh(table.name)}：{value.zh}，因为{when.zh}{source_zh}。",
    )


def outcome_zh(name: str) -> str:
    """The Chinese name of an outcome."""
    return _OUTCOMES_ZH.get(name, name)


_OUTCOMES_ZH = {
    "return_freight_paid_by": "退货运费承担方",
    "outbound_freight_paid_by": "发货运费承担方",
    "refund_due": "退款期限",
    "refund_amount": "退款金额",
    "compensation": "赔付金额",
    "refund_to": "退款去向",
    "dispatch_due": "发货期限",
    "delivery_due": "送达期限",
    "return_due": "退货寄回期限",
    "refund_speed": "到账时间",
}


def clause(condition: Condition) -> Sentence:
    """The condition as a clause without a full stop."""
    match condition:
        case Compare():
            return _compare(condition)
        case Within():
            return _within(condition)
        case Not(Within() as period):
            return _within(period, late=True)
        case Not():
            inner = clause(condition.part)
            return Sentence(f"it is not so that {inner.en}", f"并非{inner.zh}")
        case All():
            parts = [clause(part) for part in condition.parts]
            return Sentence(" and ".join(p.en for p in parts), "且".join(p.zh for p in parts))
        case AnyOf():
            parts = [clause(part) for part in condition.parts]
            return Sentence(" or ".join(p.en for p in parts), "或".join(p.zh for p in parts))


def observed(name: str, value: FactValue) -> Sentence:
    """What is known of a fact, as a clause."""
    label = fact_label(name)
    if value is None:
        return Sentence(f"{label.en}: not known", f"{label.zh}：未知")
    if isinstance(value, bool):
        return Sentence(label.en, label.zh) if value else Sentence(label.en_not, label.zh_not)
    shown = _shown(value)
    return Sentence(f"{label.en}: {shown.en}", f"{label.zh}：{shown.zh}")


def _compare(condition: Compare) -> Sentence:
    label = fact_label(condition.fact)
    if isinstance(condition.operand, bool):
        positive = condition.operand == (condition.operator == "is")
        return Sentence(label.en, label.zh) if positive else Sentence(label.en_not, label.zh_not)
    english, chinese = _OPERATORS[condition.operator]
    value = _operand(condition.operand)
    if condition.operand == () and condition.operator in ("is", "is_not"):
        return (
            Sentence(f"there are no {label.en}", f"没有{label.zh}")
            if condition.operator == "is"
            else Sentence(f"there are {label.en}", f"有{label.zh}")
        )
    return Sentence(f"{label.en} {english} {value.en}", f"{label.zh}{chinese}{value.zh}")


def _within(condition: Within, *, late: bool = False) -> Sentence:
    span = _span(condition)
    fact, after = fact_label(condition.fact), fact_label(condition.after)
    if condition.hours == 0:
        if late:
            return Sentence(f"{fact.en} comes later than {after.en}", f"{fact.zh}晚于{after.zh}")
        return Sentence(f"{fact.en} comes no later than {after.en}", f"{fact.zh}不晚于{after.zh}")
    if late:
        return Sentence(f"{fact.en} comes later than {span.en} after {after.en}", f"{fact.zh}晚于{after.zh}后{span.zh}")
    return Sentence(f"{fact.en} comes within {span.en} after {after.en}", f"{fact.zh}不晚于{after.zh}后{span.zh}")


def _span(period: Within) -> Sentence:
    if period.hours is not None:
        return Sentence(f"{period.hours} hours", f"{period.hours}小时")
    if period.roll_weekend:
        return Sentence(
            f"{period.days} days (a last day on a weekend moves to Monday)",
            f"{period.days}天（末日逢周末顺延至周一）",
        )
    return Sentence(f"{period.days} days", f"{period.days}天")


def _operand(operand: Operand) -> Sentence:
    if isinstance(operand, FactRef):
        label = fact_label(operand.fact)
        return Sentence(label.en, label.zh)
    return _shown(operand)


def _value(value: str | Within | Share) -> Sentence:
    if isinstance(value, str):
        return Sentence(value, word_zh(value))
    if isinstance(value, Within):
        span, after = _span(value), fact_label(value.after)
        if value.hours == 0:
            return Sentence(f"by {after.en}", f"{after.zh}之前")
        return Sentence(f"within {span.en} after {after.en}", f"{after.zh}后{span.zh}内")
    label = fact_label(value.of)
    percent = f"{value.basis_points / 100:g}%"
    bounds_en = "".join(
        f", at {word} {bound}" for word, bound in (("least", value.at_least), ("most", value.at_most)) if bound
    )
    bounds_zh = "".join(
        f"，{word}{bound}" for word, bound in (("不低于", value.at_least), ("不高于", value.at_most)) if bound
    )
    return Sentence(f"{percent} of {label.en}{bounds_en}", f"{label.zh}的{percent}{bounds_zh}")


def _shown(value: FactValue) -> Sentence:
    if isinstance(value, tuple):
        if not value:
            return Sentence(*_LIST_EMPTY)
        return Sentence(", ".join(f"“{word}”" for word in value), "、".join(f"“{word_zh(word)}”" for word in value))
    if isinstance(value, datetime):
        return Sentence(value.isoformat(timespec="minutes"), value.isoformat(timespec="minutes"))
    if isinstance(value, date):
        return Sentence(value.isoformat(), value.isoformat())
    if isinstance(value, Money | int):
        return Sentence(str(value), str(value))
    return Sentence(f"“{value}”", f"“{word_zh(str(value))}”")
