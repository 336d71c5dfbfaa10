"""Policy: the shop's rules in plain sentences, and an editor that first says what would have been decided otherwise."""

from dataclasses import dataclass

from zhanggui.app import App
from zhanggui.kernel.errors import MerchantError
from zhanggui.kernel.storage import UnitOfWork
from zhanggui.orders import DecidedOtherwise, PolicyInForce, PolicyPreview, describe
from zhanggui.web import frame as frames
from zhanggui.web.frame import Frame, Region, Values, problem_text, title
from zhanggui.web.markup import Child, Markup, h
from zhanggui.web.orders import order_link
from zhanggui.web.parts import button, cell, chip, field_text, moment, table
from zhanggui.web.session import Visit

_MOST = 200_000
_SHOWN = 100


@dataclass
class Page:
    """What one open page shows."""

    frame: Frame
    rules: Region
    editor: Region
    below: Region
    shown: PolicyInForce
    previewed: str = ""


def add_page(app: App) -> None:
    """Serve the page."""
    frames.add_page(app, "/policy", "policy", _build)


async def _build(frame: Frame) -> None:
    visit, head = frame.visit, Region("zg-main-part")
    shown = await frame.read(visit.app.policies.in_force)
    page = Page(frame, Region("zg-main-part"), Region("zg-main-part"), Region("zg-main-part"), shown)
    head.show(title(visit.t("policy.title"), lead=visit.t("policy.lead")))

    async def preview(values: Values) -> None:
        text = _text(values)

        def look(uow: UnitOfWork) -> PolicyPreview:
            return visit.app.policies.preview(uow, text)

        page.previewed = ""
        try:
            page.below.show(_preview(visit, await frame.read(look)))
            page.previewed = text
        except MerchantError as wrong:
            page.below.show(h("p", problem_text(visit, wrong), class_="zg-alert", role="alert"))
        frame.script("focus", "#policy-preview")

    async def save(_: Values) -> None:
        text = page.previewed  # what counts is what the person was told of
        page.shown = await frame.write("admin", lambda uow: visit.app.policies.save(uow, text))
        page.below.show()
        _draw(page)
        frame.say(visit.t("policy.saved", number=page.shown.number))

    frame.on("preview", preview)
    frame.on("save", save)
    _draw(page)


def _text(values: Values) -> str:
    return field_text(values, "text")[:_MOST].replace("\r\n", "\n")


def _draw(page: Page) -> None:
    visit, shown = page.frame.visit, page.shown
    policy = shown.policy
    name = policy.title.zh if visit.locale == "zh-CN" else policy.title.en
    own = visit.t("policy.own", number=shown.number) if shown.number else visit.t("policy.shipped")
    page.rules.show(
        h("section",
          h("div", h("h2", name), h("p", chip(f"{policy.name} {policy.version}"), chip(own, "info"), class_="zg-chips"),
            class_="zg-card-head"),
          _sentences(visit, shown), class_="zg-card")
    )  # fmt: skip
    page.editor.show(_editor(visit, shown) if visit.may("admin") else None)


def _sentences(visit: Visit, shown: PolicyInForce) -> Markup:
    rows: list[Child] = [
        h("li", h("div", h("span", one.text.zh if visit.locale == "zh-CN" else one.text.en)),
          h("span", *(chip(visit.name_of("policy_action", name)) for name in one.actions), class_="zg-chips"),
          h("small", one.id), class_="is-tall")
        for one in describe(shown.policy)
    ]  # fmt: skip
    return h("ol", *rows, class_="zg-lines", aria_label=visit.t("policy.rules"))


def _editor(visit: Visit, shown: PolicyInForce) -> Markup:
    lines = min(40, shown.text.count("\n") + 2)
    area = h("textarea", f"\n{shown.text}", name="text", rows=lines, spellcheck="false", class_="zg-code")
    return h(
        "section",
        h("h2", visit.t("policy.edit")),
        h("p", visit.t("policy.edit_hint"), class_="zg-hint"),
        h("form",
          h("label", h("span", visit.t("policy.text")), area, class_="zg-field"),
          h("div", h("button", visit.t("policy.preview"), class_="zg-button is-main"), class_="zg-actions"),
          data_act="preview", class_="zg-form"),
        class_="zg-card",
    )  # fmt: skip


def _preview(visit: Visit, told: PolicyPreview) -> Markup:
    words = visit.t("policy.otherwise", changed=len(told.otherwise), looked=told.looked_at)
    heads = [visit.t(f"policy.{name}") for name in ("order", "asked", "when", "now", "then", "because")]
    rows = (_changed(visit, heads, one) for one in told.otherwise[:_SHOWN])
    listing = table(heads, rows, label=words) if told.otherwise else None
    save = h("div", button(visit.t("policy.save"), "save", tone="is-main"), class_="zg-actions")
    return h("section", h("h2", words, id="policy-preview", tabindex="-1"), listing, save, class_="zg-card")


def _changed(visit: Visit, heads: list[str], one: DecidedOtherwise) -> Markup:
    why = " ".join(words.zh if visit.locale == "zh-CN" else words.en for words in one.because)

    def verdict(allowed: bool) -> Markup:
        return chip(visit.t("policy.allowed" if allowed else "policy.refused"), "ok" if allowed else "bad")

    return h(
        "tr",
        cell(heads[0], h("a", one.number, href=order_link(one.order_id))),
        cell(heads[1], visit.name_of("policy_action", one.action)),
        cell(heads[2], moment(one.at)),
        cell(heads[3], verdict(one.before)),
        cell(heads[4], verdict(one.after)),
        cell(heads[5], why),
    )
