"""What a proposal would do, said as a person reads it: a message as a message, a purchase order as a table, a campaign
with its texts and what it changed. Pure; kinds that have no words of their own here are shown field by field."""

from collections.abc import Mapping
from typing import Any, cast
from urllib.parse import urlencode

from zhanggui.desk import Proposal
from zhanggui.kernel.types import JsonObject, Money
from zhanggui.web.markup import Markup, h
from zhanggui.web.orders import order_link
from zhanggui.web.parts import cell, percent, price, table
from zhanggui.web.session import Visit


def told(visit: Visit, one: Proposal) -> Markup | None:
    """The content of a proposal in its own form; None where its kind has none."""
    if one.kind == "restock":
        return _purchase(visit, one.payload)
    if one.kind == "campaign":
        return h("div", _outcome(visit, one.outcome or {}), _texts(one.payload))
    if isinstance(one.payload.get("text"), str):
        return _message(visit, one.payload)
    return None


def _message(visit: Visit, payload: JsonObject) -> Markup:
    order = str(payload.get("order_id") or "")
    about = h("p", visit.t("inbox.about_order"), " ", h("a", order, href=order_link(order))) if order else None
    return h("div", h("blockquote", str(payload["text"]), class_="zg-pre zg-letter"), about)


def _purchase(visit: Visit, payload: JsonObject) -> Markup | None:
    lines, currency = payload.get("lines"), str(payload.get("currency") or "")
    if not isinstance(lines, list):
        return None
    heads = [visit.t(f"inbox.line_{name}") for name in ("sku", "quantity", "cost", "sum")]
    rows: list[Markup] = []
    for line in cast(list[Mapping[str, Any]], lines):
        sku, quantity, cost = str(line.get("sku")), int(line.get("quantity") or 0), int(line.get("cost_minor") or 0)
        link = h("a", sku, href=f"/forecast?{urlencode({'sku': sku})}")
        amounts = (quantity, price(Money(cost, currency)), price(Money(cost * quantity, currency)))
        cells = (cell(head, value, classes="is-number") for head, value in zip(heads[1:], amounts, strict=True))
        rows.append(h("tr", cell(heads[0], link), *cells))
    lead = h("p", visit.t("inbox.supplier"), " ", h("b", str(payload.get("supplier") or "–")))
    return h("div", lead, table(heads, rows, label=visit.t("inbox.purchase")),
             h("p", visit.t("inbox.purchase_why"), class_="zg-hint"))  # fmt: skip


def _texts(payload: JsonObject) -> Markup:
    variants = cast(list[Mapping[str, Any]], payload.get("variants") or [])
    return h(
        "div",
        *(
            h("blockquote", h("b", f"{one.get('name')} "), h("b", str(one.get("subject") or "")), h("br"),
              str(one.get("body") or ""), class_="zg-pre zg-letter")
            for one in variants
        ),
    )  # fmt: skip


def _outcome(visit: Visit, outcome: JsonObject) -> Markup | None:
    overall = cast(Mapping[str, Any] | None, outcome.get("overall"))
    arms = cast(list[Mapping[str, Any]], outcome.get("arms") or [])
    if overall is None or not arms:
        return None
    heads = [visit.t(f"inbox.arm_{name}") for name in ("name", "customers", "bought", "share")]
    rows = (
        h(
            "tr",
            cell(heads[0], visit.t("inbox.holdout") if arm["name"] == "holdout" else str(arm["name"])),
            cell(heads[1], int(arm["customers"]), classes="is-number"),
            cell(heads[2], int(arm["converted"]), classes="is-number"),
            cell(heads[3], percent(arm["converted"] / max(1, arm["customers"])), classes="is-number"),
        )
        for arm in arms
    )
    sentence = visit.t(
        "inbox.lift", difference=_points(overall["difference"]), lower=_points(overall["lower"]),
        upper=_points(overall["upper"]),
    )  # fmt: skip
    verdict = visit.name_of("inbox", f"verdict_{overall['verdict']}")
    return h("div", h("p", h("b", sentence), " ", verdict, class_="zg-note"),
             table(heads, rows, label=visit.t("inbox.outcome")))  # fmt: skip


def _points(share: float) -> str:
    return f"{share * 100:+.1f}"
