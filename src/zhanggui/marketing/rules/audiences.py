"""Definitions of audiences: read and written as JSON, said in words, held against what is known of a customer."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta, tzinfo
from typing import Any, cast

from zhanggui.kernel.errors import BadInput
from zhanggui.kernel.types import JsonObject, Locale
from zhanggui.marketing.models.audiences import (
    CHANNELS,
    FIELDS,
    RFM_SEGMENTS,
    WITH_WINDOW,
    Condition,
    CustomerFacts,
    Definition,
    Window,
)

_DAYS = {"day": 1, "week": 7, "month": 30, "quarter": 91, "year": 365}
_COMPARE: Mapping[str, Callable[[float, float], bool]] = {
    ">": lambda a, b: a > b,
    ">=": lambda a, b: a >= b,
    "<": lambda a, b: a < b,
    "<=": lambda a, b: a <= b,
    "=": lambda a, b: a == b,
}
_MOST = 50


def definition_json(definition: Definition) -> JsonObject:
    """A definition as it is stored and edited: `{"all": [{"any": [condition, ...]}, ...]}`."""
    return {"all": [{"any": [_condition_json(one) for one in group]} for group in definition.groups]}


def parse_definition(value: object) -> Definition:
    """A definition from JSON, each part checked.

    Raises:
        BadInput: a field, an operator, a value or a window is not what it may be; names it.
    """
    groups = _list(_object(value, "definition").get("all"), "all")
    if not groups:
        raise BadInput(field="all", expected="at least one group of conditions", found="none")
    return Definition(
        tuple(
            tuple(_condition(one) for one in _list(_object(group, "all").get("any"), "any", least=1))
            for group in groups
        )
    )


def _condition_json(condition: Condition) -> JsonObject:
    content: JsonObject = {"field": condition.field, "op": condition.op, "values": [*condition.values]}
    if condition.window is not None:
        window = condition.window
        content["window"] = {"kind": window.kind, "count": window.count, "unit": window.unit}
    if condition.times > 1:
        content["times"] = condition.times
    return content


def _condition(value: object) -> Condition:
    content = _object(value, "condition")
    name, op = str(content.get("field")), str(content.get("op"))
    kind = FIELDS.get(name)
    if kind is None:
        raise BadInput(field="field", expected=f"one of {', '.join(FIELDS)}", found=name)
    values = _values(name, kind, _list(content.get("values", []), "values"))
    compares = kind in ("number", "money")
    if op not in (_COMPARE if compares else ("in", "not-in")):
        raise BadInput(field="op", expected="a comparison" if compares else "in or not-in", found=op)
    times = content.get("times", 1)
    if not isinstance(times, int) or isinstance(times, bool) or not 1 <= times <= 10_000:
        raise BadInput(field="times", expected="a whole number from 1", found=repr(times))
    window = _window(content.get("window"))
    if window is not None and name not in WITH_WINDOW:
        raise BadInput(field="window", expected=f"none for {name}", found=str(content.get("window")))
    return Condition(name, cast(Any, op), values, window, times)


def _values(name: str, kind: str, values: Sequence[object]) -> tuple[str | float, ...]:
    if kind in ("number", "money"):
        numbers = [one for one in values if isinstance(one, int | float) and not isinstance(one, bool)]
        if len(values) != 1 or len(numbers) != 1 or not abs(numbers[0]) < 1e15:
            raise BadInput(field=f"{name}.values", expected="one finite number", found=repr(list(values))[:200])
        return (float(numbers[0]),)
    if not all(isinstance(one, str) and one for one in values) or (kind == "choice" and not values):
        raise BadInput(field=f"{name}.values", expected="texts", found=repr(list(values))[:200])
    allowed = {"segment": RFM_SEGMENTS, "accepts": CHANNELS}.get(name)
    strange = [str(one) for one in values if allowed is not None and one not in allowed]
    if allowed is not None and strange:
        raise BadInput(field=f"{name}.values", expected=f"of {', '.join(allowed)}", found=strange[0])
    return tuple(str(one) for one in values)


def _window(value: object) -> Window | None:
    if value is None:
        return None
    content = _object(value, "window")
    kind, unit, count = content.get("kind"), content.get("unit"), content.get("count", 1)
    whole = isinstance(count, int) and not isinstance(count, bool) and 1 <= count <= 5_000
    if kind not in ("last", "previous", "this") or unit not in _DAYS or not whole:
        expected = "kind last, previous or this; unit day, week, month, quarter or year; count from 1"
        raise BadInput(field="window", expected=expected, found=repr(content)[:200])
    return Window(cast(Any, kind), cast(int, count), cast(Any, unit))


def _object(value: object, name: str) -> dict[str, object]:
    if not isinstance(value, dict):
        raise BadInput(field=name, expected="an object", found=repr(value)[:200])
    return cast(dict[str, object], value)


def _list(value: object, name: str, least: int = 0) -> list[object]:
    items = cast(list[object], value) if isinstance(value, list) else None
    if items is None or not least <= len(items) <= _MOST:
        raise BadInput(field=name, expected=f"a list of {least} to {_MOST}", found=repr(items)[:200])
    return items


def span(window: Window, now: datetime, zone: tzinfo) -> tuple[datetime, datetime]:
    """The instants that a window reaches from and to (not including), by the shop's own calendar."""
    local = now.astimezone(zone)
    if window.kind == "last":
        return now - timedelta(days=window.count * _DAYS[window.unit]), now + timedelta(microseconds=1)
    start = _start(local, window.unit)
    if window.kind == "this":
        return start.astimezone(now.tzinfo), now + timedelta(microseconds=1)
    return _start(start - timedelta(days=1), window.unit).astimezone(now.tzinfo), start.astimezone(now.tzinfo)


def _start(at: datetime, unit: str) -> datetime:
    day = at.replace(hour=0, minute=0, second=0, microsecond=0)
    if unit == "week":
        return day - timedelta(days=day.weekday())
    if unit == "month":
        return day.replace(day=1)
    if unit == "quarter":
        return day.replace(month=(day.month - 1) // 3 * 3 + 1, day=1)
    return day.replace(month=1, day=1) if unit == "year" else day


def belongs(definition: Definition, customer: CustomerFacts, now: datetime, zone: tzinfo) -> bool:
    """Whether a customer is meant: every group holds, of each group any condition. What is not known does not hold."""
    return all(any(holds(one, customer, now, zone) for one in group) for group in definition.groups)


def holds(condition: Condition, customer: CustomerFacts, now: datetime, zone: tzinfo) -> bool:
    """Whether one condition is so."""
    kind = FIELDS[condition.field]
    if kind == "choice":
        known = customer.choices.get(condition.field, frozenset())
        inside = bool(known & {str(value) for value in condition.values})
        return inside if condition.op == "in" else not inside
    reach = None if condition.window is None else span(condition.window, now, zone)
    if kind == "happening":
        return _happened(condition, customer, reach)
    value = _number(condition.field, customer, reach)
    return value is not None and _COMPARE[condition.op](value, float(condition.values[0]))


def _happened(condition: Condition, customer: CustomerFacts, reach: tuple[datetime, datetime] | None) -> bool:
    wanted = {str(value) for value in condition.values}
    occasions = {
        one.order_id or one.at.isoformat()
        for one in customer.happenings
        if one.kind == condition.field
        and (reach is None or reach[0] <= one.at < reach[1])
        and (not wanted or wanted & one.things)
    }
    often = len(occasions) >= condition.times
    return often if condition.op == "in" else not often


def _number(name: str, customer: CustomerFacts, reach: tuple[datetime, datetime] | None) -> float | None:
    if name not in ("orders", "spent", "average_order"):
        return customer.numbers.get(name)
    amounts = [amount for at, amount in customer.orders if reach is None or reach[0] <= at < reach[1]]
    if name == "orders":
        return float(len(amounts))
    if name == "spent":
        return float(sum(amounts))
    return sum(amounts) / len(amounts) if amounts else None


def say_definition(definition: Definition, locale: Locale) -> tuple[str, ...]:
    """One sentence a group, for people to check what was understood."""
    either = " 或 " if locale == "zh-CN" else " or "
    return tuple(either.join(_said(one, locale) for one in group) for group in definition.groups)


_ZH = {
    "bought": "买过", "viewed": "看过", "carted": "加购过", "orders": "下单次数", "spent": "消费金额",
    "average_order": "客单价", "lifetime_value": "预期价值", "value_rank": "价值排名（前百分之）",
    "churn_risk": "流失概率", "days_since_last": "距上次下单天数", "days_since_first": "距首次下单天数",
    "place": "地区", "tag": "标签", "segment": "分层", "accepts": "同意接收",
    "day": "天", "week": "周", "month": "个月", "quarter": "个季度", "year": "年",
    "last": "最近", "previous": "上一", "this": "本",
}  # fmt: skip
_EN = {
    "bought": "bought", "viewed": "viewed", "carted": "added to the cart", "orders": "orders", "spent": "spent",
    "average_order": "average order", "lifetime_value": "expected value", "value_rank": "value rank (top per cent)",
    "churn_risk": "chance to churn", "days_since_last": "days since the last order",
    "days_since_first": "days since the first order",
}  # fmt: skip


def _said(condition: Condition, locale: Locale) -> str:
    words = _ZH if locale == "zh-CN" else _EN
    name = words.get(condition.field, condition.field)
    values = ("、" if locale == "zh-CN" else ", ").join(
        str(value).split(":", 1)[-1] if isinstance(value, str) else f"{value:g}" for value in condition.values
    )
    when = "" if condition.window is None else f" ({_window_words(condition.window, locale)})"
    if condition.op not in ("in", "not-in"):
        return f"{name} {condition.op} {values}{when}"
    anything = "任何商品" if locale == "zh-CN" else "anything"
    thing = values or anything
    if FIELDS[condition.field] == "choice":
        sign = {"in": "是", "not-in": "不是"} if locale == "zh-CN" else {"in": "is", "not-in": "is not"}
        return f"{name} {sign[condition.op]} {thing}"
    no = ("没有" if locale == "zh-CN" else "never ") if condition.op == "not-in" else ""
    often = f" ≥{condition.times}×" if condition.times > 1 else ""
    return f"{no}{name} {thing}{often}{when}"


def _window_words(window: Window, locale: Locale) -> str:
    if locale == "zh-CN":
        count = "" if window.kind != "last" else str(window.count)
        return f"{_ZH[window.kind]}{count}{_ZH[window.unit]}"
    if window.kind == "last":
        return f"last {window.count} {window.unit}s"
    return f"{window.kind} {window.unit}"
