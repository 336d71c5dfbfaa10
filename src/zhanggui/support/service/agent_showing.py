"""How the agent writes down what it found: orders, parcels, products, the details of a request."""

import re
from collections.abc import Iterator, Mapping, Sequence

from zhanggui.kernel.types import JsonObject, Locale, Money
from zhanggui.support.ports import LineView, OrderView
from zhanggui.support.rules.agent_needs import Fit, Need
from zhanggui.support.rules.agent_words import detail_name, reason_name, say, state_name, task_name

_SIGNS = {"CNY": "¥", "USD": "$", "EUR": "€", "GBP": "£"}
_LINK = re.compile(r"https?://\S+|www\.\S+", re.IGNORECASE)
_TAG = re.compile(r"<[^>]{0,400}>")
_LONGEST_TITLE = 80


def price(amount: Money | None) -> str:
    """Money for people."""
    if amount is None:
        return "–"
    sign = _SIGNS.get(amount.currency)
    return f"{sign}{amount.major:,}" if sign else f"{amount.major:,} {amount.currency}"


def plain(text: str, longest: int = _LONGEST_TITLE) -> str:
    """Text out of the shop's data as one harmless line: no tags, no links, no line breaks, cut where it is long."""
    line = " ".join(_LINK.sub("", _TAG.sub("", text)).split())
    return line if len(line) <= longest else f"{line[: longest - 1]}…"


def order_text(locale: Locale, order: OrderView) -> str:
    """An order as its verified owner may see it."""
    items = "\n".join(f"· {plain(line.title)} × {line.quantity}  {price(line.unit_price)}" for line in order.lines)
    parcels = "".join(f"\n{line}" for line in _parcel_lines(locale, order))
    return say(
        locale, "order", number=order.number, state=state_name(locale, order.state), paid=_paid(locale, order),
        placed=f"{order.placed_at:%Y-%m-%d}", total=price(order.total), items=items, parcels=parcels,
    )  # fmt: skip


def parcel_text(locale: Locale, order: OrderView) -> str:
    """Where an order's parcels are."""
    lines = list(_parcel_lines(locale, order))
    if not lines:
        state = state_name(locale, order.state)
        return say(locale, "no-parcel", number=order.number, state=state, paid=_paid(locale, order))
    return say(locale, "parcel", number=order.number, parcels="\n".join(lines))


def items_text(order: OrderView) -> str:
    """The lines of an order, numbered."""
    return "\n".join(
        f"{place}. {plain(line.title)} × {line.quantity}" for place, line in enumerate(order.lines, start=1)
    )


def chosen_lines(order: OrderView, said: str) -> list[LineView]:
    """The lines that the customer means: by number, by words of the title, or all; empty where it is not clear."""
    lines = list(order.lines)
    if len(lines) == 1:
        return lines
    text = said.strip().casefold()
    if re.fullmatch(r"(?:全部|都|所有|全都)[\u4e00-\u9fff]{0,6}|all(?: of (?:them|it))?|everything|both", text):
        return lines
    numbers = [int(one) for one in re.findall(r"(?<![\w-])(\d{1,2})(?![\w-])", text)]
    if numbers and all(1 <= number <= len(lines) for number in numbers):
        return [lines[number - 1] for number in dict.fromkeys(numbers)]
    if len(text) < 2:
        return []
    named = [line for line in lines if text in line.title.casefold() or text == line.sku.casefold()]
    return named if len(named) == 1 else []


def details_text(locale: Locale, task: str, order: OrderView, details: JsonObject) -> str:
    """Every detail of a request, one a line, for the customer to confirm."""
    lines = [(detail_name(locale, "task"), task_name(locale, task)), (detail_name(locale, "number"), order.number)]
    units = details.get("units")
    if isinstance(units, dict):
        named = {line.id: line for line in order.lines}
        chosen = [f"{plain(named[name].title)} × {count}" for name, count in units.items() if name in named]
        lines.append((detail_name(locale, "items"), "；".join(chosen) if locale == "zh-CN" else "; ".join(chosen)))
    line_id = details.get("line")
    if isinstance(line_id, str):
        title = next((plain(line.title) for line in order.lines if line.id == line_id), line_id)
        lines.append((detail_name(locale, "items"), title))
    lines += _more_details(locale, task, details)
    return "\n".join(f"{name}：{value}" if locale == "zh-CN" else f"{name}: {value}" for name, value in lines)


def _more_details(locale: Locale, task: str, details: JsonObject) -> Iterator[tuple[str, str]]:
    for name in ("reason", "intact", "wish", "title", "tax_id"):
        value = details.get(name)
        if name == "reason" and task in ("return", "exchange"):
            yield detail_name(locale, name), reason_name(locale, str(value))
        elif name == "intact" and isinstance(value, bool):
            yes_no = ("是", "否") if locale == "zh-CN" else ("yes", "no")
            yield detail_name(locale, name), yes_no[0 if value else 1]
        elif name not in ("reason", "intact") and isinstance(value, str) and value:
            yield detail_name(locale, name), plain(value, 120)
    address = details.get("address")
    if isinstance(address, dict):
        yield detail_name(locale, "address"), _address(locale, address)


def _address(locale: Locale, address: Mapping[str, object]) -> str:
    chinese = locale == "zh-CN"
    order = ("country", "region", "city", "district", "street", "postal_code", "name", "phone")
    names = order if chinese else ("name", "phone", "street", "district", "city", "region", "postal_code", "country")
    parts = [plain(str(address[name]), 120) for name in names if address.get(name)]
    if chinese and len(parts) > 1 and address.get("region") == address.get("city"):
        parts.remove(str(address["city"]))
    return (" " if chinese else ", ").join(parts)


def products_text(locale: Locale, need: Need, fits: Sequence[Fit]) -> str:
    """Products with the reasons out of their own data; what the data does not say is said to be missing."""
    lines: list[str] = []
    for place, fit in enumerate(fits, start=1):
        reasons = [_reason(locale, one.word, one.attribute, one.value) for one in fit.reasons]
        if need.most is not None or need.least is not None:
            reasons.append(say(locale, "price-fits"))
        if fit.missing:
            between = "、" if locale == "zh-CN" else ", "
            reasons.append(say(locale, "missing", words=between.join(fit.missing)))
        joined = ("；" if locale == "zh-CN" else "; ").join(reasons)
        title = plain(fit.product.title)
        lines.append(say(locale, "product", place=place, title=title, price=price(fit.product.price), reasons=joined))
    return say(locale, "found", products="\n".join(lines))


def _reason(locale: Locale, word: str, attribute: str, value: str) -> str:
    if attribute in ("title", "category", "tag"):
        return say(locale, "reason-title", word=plain(word, 30))
    return say(locale, "reason", word=plain(word, 30), attribute=plain(attribute, 30), value=plain(value, 60))


def _parcel_lines(locale: Locale, order: OrderView) -> Iterator[str]:
    for parcel in order.parcels:
        event = f"（{plain(parcel.last_event, 120)}）" if parcel.last_event and locale == "zh-CN" else ""
        if parcel.last_event and locale != "zh-CN":
            event = f" ({plain(parcel.last_event, 120)})"
        if parcel.last_at is not None:
            event += f" {parcel.last_at:%m-%d %H:%M}"
        status = state_name(locale, parcel.status)
        yield say(locale, "parcel-line", carrier=parcel.carrier, tracking=parcel.number, status=status, event=event)


def _paid(locale: Locale, order: OrderView) -> str:
    return say(locale, "paid" if order.paid else "unpaid")
