"""How connected shops look. Pure: data in, markup out."""

from collections.abc import Mapping, Sequence
from urllib.parse import quote

from zhanggui.orders import ShopState
from zhanggui.web.frame import empty
from zhanggui.web.markup import Child, Markup, h
from zhanggui.web.parts import button, chip, dialog, facts, moment, text_field
from zhanggui.web.session import Visit

SOURCES = ("shopify", "woocommerce", "standard")
FIELDS: Mapping[str, tuple[str, ...]] = {
    "shopify": ("host", "currency"),
    "woocommerce": ("host", "currency"),
    "standard": (),
}
_TOPICS: Mapping[str, str] = {
    "shopify": "orders/create, orders/updated, orders/cancelled, refunds/create, fulfillments/create, "
    "fulfillments/update",
    "woocommerce": "order.created, order.updated, order.deleted",
    "standard": "order.created, order.updated",
}


def webhook_address(base: str, merchant: str, shop: ShopState) -> str:
    """Where the shop is to send its webhooks."""
    return f"{base.rstrip('/')}/api/v1/webhooks/{shop.source}/{quote(merchant)}/{quote(shop.shop_id)}"


def shops(visit: Visit, found: Sequence[ShopState], base: str) -> Markup:
    """Every connected shop: what is set, whether news come, what to paste over there."""
    if not found:
        return empty(visit, visit.t("connect.none"))
    return h("div", *(_shop(visit, at, one, base) for at, one in enumerate(found)))


def _shop(visit: Visit, at: int, shop: ShopState, base: str) -> Markup:
    address = webhook_address(base, visit.caller.merchant_id, shop)
    asked = shop.asked.finished_at if shop.asked else None
    rows: list[tuple[str, Child]] = [
        (visit.t(f"connect.{name}"), str(shop.settings[name]))
        for name in FIELDS[shop.source]
        if shop.settings.get(name)
    ]
    if shop.source != "standard":
        rows.append((visit.t(f"connect.api_{shop.source}"), _secret(visit, there=shop.has_api_secret)))
        told = moment(asked) if asked else visit.t("connect.never")
        taken = f" · {visit.t('connect.taken', count=shop.asked.taken)}" if shop.asked and asked else ""
        rows.append((visit.t("connect.asked"), [told, taken]))
    delivered = moment(shop.delivered_at) if shop.delivered_at else visit.t("connect.never")
    rows += [(visit.t("connect.webhook_secret"), _secret(visit, there=shop.has_webhook_secret)),
             (visit.t("connect.delivered"), delivered),
             (visit.t("connect.address"), h("code", address)),
             (visit.t("connect.topics"), _TOPICS[shop.source])]  # fmt: skip
    return h(
        "section",
        h("div", h("h2", shop.shop_id, " ", chip(visit.name_of("shop_source", shop.source), "info")),
          class_="zg-card-head"),
        facts(rows),
        h("div", *_buttons(visit, at, shop), class_="zg-actions") if visit.may("admin") else None,
        class_="zg-card",
    )  # fmt: skip


def _secret(visit: Visit, *, there: bool) -> Markup:
    if not there:
        return chip(visit.t("connect.missing"), "warn")
    return h("span", "•••••••• ", chip(visit.t("connect.kept"), "ok"))


def _buttons(visit: Visit, at: int, shop: ShopState) -> list[Child]:
    def press(text: str, act: str, tone: str = "") -> Markup:
        return h("button", text, type="button", data_act=act, data_shop=shop.shop_id, data_source=shop.source,
                 class_=f"zg-button {tone}")  # fmt: skip

    asks = [press(visit.t("connect.test"), "test"), press(visit.t("connect.ask_now"), "ask-now")]
    sure = dialog(
        visit, f"disconnect-{at}", shop.shop_id, h("p", visit.t("connect.disconnect_sure")),
        h("div", press(visit.t("connect.disconnect"), "disconnect", "is-danger"), class_="zg-actions"),
    )  # fmt: skip
    return [
        *(asks if shop.source != "standard" else ()),
        button(visit.t("connect.change"), opens=f"change-{at}"),
        button(visit.t("connect.disconnect"), opens=f"disconnect-{at}"),
        dialog(visit, f"change-{at}", shop.shop_id, form(visit, shop.source, shop)),
        sure,
    ]


def form(visit: Visit, source: str, shop: ShopState | None = None) -> Markup:
    """What to fill in to connect a shop of this kind, or to change how; secrets are never filled in."""
    keeps = visit.t("connect.keeps") if shop else ""
    fields: list[Child] = []
    if shop is None:
        fields.append(text_field("name", visit.t("connect.shop_id"), hint=visit.t("connect.shop_id_hint")))
    for name in FIELDS[source]:
        value = str(shop.settings.get(name) or "") if shop else ""
        fields.append(text_field(name, visit.t(f"connect.{name}"), value, hint=visit.t(f"connect.{name}_{source}")))
    if source != "standard":
        hint = visit.t(f"connect.api_{source}_hint")
        fields.append(_hidden("api_secret", visit.t(f"connect.api_{source}"), " ".join(filter(None, (hint, keeps)))))
    hint = visit.t(f"connect.webhook_{source}_hint")
    fields.append(_hidden("webhook_secret", visit.t("connect.webhook_secret"), " ".join(filter(None, (hint, keeps)))))
    if source != "standard":
        box = h("input", type="checkbox", name="anyway", value="1")
        fields.append(h("label", box, " ", visit.t("connect.anyway")))
    label = visit.t("connect.save" if source == "standard" else "connect.test_and_save")
    return h(
        "form",
        *fields,
        h("div", h("button", label, class_="zg-button is-main"), class_="zg-actions"),
        data_act="connect",
        data_source=source,
        data_shop=shop.shop_id if shop else "",
        class_="zg-form",
    )


def _hidden(name: str, label: str, hint: str) -> Markup:
    control = h("input", name=name, type="password", autocomplete="off", maxlength="1000")
    return h("label", h("span", label), control, h("small", hint), class_="zg-field")


def new_shop(visit: Visit, drawn: int) -> Markup:
    """The forms for one more shop; `drawn` counts, so that the browser draws them anew, empty, after each use."""
    parts = (
        h("details", h("summary", visit.name_of("shop_source", source)),
          h("p", visit.t(f"connect.lead_{source}"), class_="zg-hint"), form(visit, source))
        for source in SOURCES
    )  # fmt: skip
    return h("section", h("h2", visit.t("connect.new")), *parts, class_="zg-card", data_drawn=drawn)
