"""Campaigns: made for an audience with some left alone, texts proved, approved in the inbox, measured by their lift."""

from dataclasses import dataclass
from typing import Any, Literal

from zhanggui.app import App
from zhanggui.catalog import ProductQuery, search_products
from zhanggui.desk import Check, Proposal
from zhanggui.kernel.errors import Conflict
from zhanggui.kernel.storage import UnitOfWork
from zhanggui.kernel.types import new_id
from zhanggui.marketing import (
    CHANNELS,
    AudienceStore,
    CampaignStore,
    Outcome,
    StartedCampaign,
    draft_campaign,
    measure_campaign,
    parse_campaign,
    stop_campaign,
    write_texts,
)
from zhanggui.web import frame as frames
from zhanggui.web.frame import Frame, Region, Values, empty, title
from zhanggui.web.markup import Markup, h
from zhanggui.web.parts import cell, chip, field_text, moment, select, state_chip, table, text_area, text_field
from zhanggui.web.session import Visit

_MOST_PRODUCTS = 100
_VERDICT_TONES = {"better": "ok", "worse": "bad", "no-difference": "warn", "not-enough-data": "plain"}


@dataclass
class Room:
    """What one open page shows; `told` is what stands in the form."""

    frame: Frame
    form: Region
    list: Region
    told: dict[str, str]
    audiences: tuple[tuple[str, str], ...] = ()
    products: tuple[tuple[str, str], ...] = ()
    failed: tuple[Check, ...] = ()
    run: tuple[tuple[StartedCampaign, Outcome], ...] = ()


def add_page(app: App) -> None:
    """Serve the page."""
    frames.add_page(app, "/campaigns", "campaigns", _build)


async def _build(frame: Frame) -> None:
    visit, head = frame.visit, Region("zg-main-part")
    head.show(title(visit.t("campaigns.title"), lead=visit.t("campaigns.lead")))
    told = {"audience_id": frame.query("audience"), "channel": "sms", "holdout": "10"}
    room = Room(frame, Region("zg-main-part"), Region("zg-main-part"), told)

    async def fill(values: Values) -> None:
        """Another product was chosen: begin with plain true texts of it."""
        _keep(room, values)
        product, channel = room.told["product_id"], room.told["channel"]
        if product:
            proof = visit.app.marketing.proof
            found = await frame.read(lambda uow: write_texts(uow, proof, product, channel, visit.locale))
            for place, one in zip(("a", "b"), found, strict=False):
                room.told |= {f"body_{place}": one.body, "subject": one.subject}
        _draw_form(room)

    async def propose(values: Values) -> None:
        _keep(room, values)
        proposal = await frame.write("propose", lambda uow: _propose(room, uow))
        room.failed = tuple(one for one in proposal.checks if not one.passed)
        inbox = h("a", visit.t("campaigns.to_inbox"), href=f"/inbox?id={proposal.id}", class_="zg-button")
        blocked = any(one.blocking for one in room.failed)
        frame.say(visit.t("campaigns.blocked" if blocked else "campaigns.proposed"), action=inbox,
                  kind="bad" if blocked else "ok")  # fmt: skip
        _draw_form(room)

    async def stop(values: Values) -> None:
        name = str(values.get("id"))
        due = await frame.write("decide", lambda uow: stop_campaign(uow, name))
        frame.say(visit.t("campaigns.stopped", count=due))
        await _load(room)

    for act, handler in (("propose", propose), ("fill", fill), ("stop", stop)):
        frame.on(act, handler)
    await _load(room)


def _keep(room: Room, values: Values) -> None:
    names = ("name", "audience_id", "channel", "product_id", "subject", "body_a", "body_b", "holdout", "days")
    room.told |= {name: field_text(values, name) for name in names}


def _propose(room: Room, uow: UnitOfWork) -> Proposal:
    told, visit = room.told, room.frame.visit
    bodies = [(name.upper(), told.get(f"body_{name}", "").strip()) for name in ("a", "b")]
    subject = told.get("subject", "")
    content: dict[str, Any] = {
        "id": new_id("cam"), "name": told.get("name", ""), "audience_id": told.get("audience_id", ""),
        "channel": told["channel"], "locale": visit.locale, "product_id": told.get("product_id", ""),
        "holdout": _percent(told.get("holdout", "")),
        "variants": [{"name": name, "body": body, "subject": subject} for name, body in bodies if body],
    }  # fmt: skip
    if told.get("days", "").isdigit():
        content["days"] = int(told["days"])
    proposal = visit.app.desk.propose(uow, draft_campaign(uow, parse_campaign(content), visit.app.marketing.proof))
    if proposal is None:
        raise Conflict("this campaign is proposed already")
    return proposal


def _percent(text: str) -> float | str:
    """A share from per cent; what is no number is left for the check to name."""
    try:
        return float(text) / 100
    except ValueError:
        return text


async def _load(room: Room) -> None:
    def load(uow: UnitOfWork) -> None:
        room.audiences = tuple((one.id, one.name) for one in AudienceStore(uow).all())
        found = search_products(uow, ProductQuery(limit=_MOST_PRODUCTS)).items
        room.products = tuple((one.id, one.title) for one in found)
        room.run = tuple((one, measure_campaign(uow, one.id)) for one in CampaignStore(uow).all())

    await room.frame.read(load)
    _draw_form(room)
    _draw_list(room)


def _draw_form(room: Room) -> None:
    visit, told = room.frame.visit, room.told
    if not visit.may("propose"):
        room.form.show()
        return
    if not room.audiences:
        room.form.show(empty(visit, visit.t("campaigns.no_audience"), visit.t("nav.audiences"), "/audiences"))
        return
    channels = [(name, visit.t(f"channel.{name}")) for name in CHANNELS]
    products = [("", visit.t("campaigns.no_product")), *room.products]
    room.form.show(
        h("form", h("h2", visit.t("campaigns.make")),
          h("div", text_field("name", visit.t("campaigns.name"), told.get("name", "")),
            select("audience_id", visit.t("campaigns.audience"), told.get("audience_id", ""), room.audiences),
            select("channel", visit.t("campaigns.channel"), told["channel"], channels),
            select("product_id", visit.t("campaigns.product"), told.get("product_id", ""), products, change="fill"),
            text_field("holdout", visit.t("campaigns.holdout"), told["holdout"], kind="number"),
            text_field("days", visit.t("campaigns.days"), told.get("days", "14"), kind="number"),
            class_="zg-fields"),
          h("p", visit.t("campaigns.holdout_why"), class_="zg-hint"),
          text_field("subject", visit.t("campaigns.subject"), told.get("subject", "")),
          text_area("body_a", visit.t("campaigns.text_a"), told.get("body_a", "")),
          text_area("body_b", visit.t("campaigns.text_b"), told.get("body_b", "")),
          _failed(visit, room.failed),
          h("div", h("button", visit.t("campaigns.propose"), class_="zg-button is-main"), class_="zg-actions"),
          data_act="propose", class_="zg-card zg-form"),
    )  # fmt: skip


def _failed(visit: Visit, failed: tuple[Check, ...]) -> Markup | None:
    if not failed:
        return None
    lines = [
        h("li", chip(visit.t("campaigns.must" if one.blocking else "campaigns.hint"),
                     "bad" if one.blocking else "warn"), " ", one.name, ": ", one.told(visit.locale))
        for one in failed
    ]  # fmt: skip
    return h("ul", *lines, role="alert", class_="zg-alert")


def _draw_list(room: Room) -> None:
    visit = room.frame.visit
    if not room.run:
        room.list.show(empty(visit, visit.t("campaigns.none")))
        return
    heads = [visit.t(f"campaigns.{name}") for name in ("name", "state", "began", "arms", "lift", "do")]
    rows = (_row(visit, heads, one, outcome) for one, outcome in room.run)
    room.list.show(h("h2", visit.t("campaigns.run")), table(heads, rows, label=visit.t("campaigns.run")))


def _row(visit: Visit, heads: list[str], one: StartedCampaign, outcome: Outcome) -> Markup:
    arms = [
        h("div", visit.name_of("campaign_arm", arm.name), " ",
          visit.t("campaigns.arm", customers=f"{arm.customers:,}", converted=f"{arm.converted:,}"))
        for arm in outcome.arms
    ]  # fmt: skip
    skipped = [f"{visit.name_of('campaign_skip', why)} {count:,}" for why, count in outcome.skipped.items()]
    may_stop = one.state == "running" and visit.may("decide")
    stop = h("button", visit.t("campaigns.stop"), type="button", data_act="stop", data_id=one.id,
             class_="zg-button is-small", aria_label=visit.t("campaigns.stop_one", name=one.name))  # fmt: skip
    return h(
        "tr",
        cell(heads[0], one.name, h("small", " · ".join(skipped)) if skipped else None),
        cell(heads[1], state_chip(visit, "campaign_state", one.state)),
        cell(heads[2], moment(one.started_at)),
        cell(heads[3], *arms),
        cell(heads[4], lift_words(visit, outcome)),
        cell(heads[5], stop if may_stop else "–"),
    )


def lift_words(visit: Visit, outcome: Outcome) -> Markup:
    """What the campaign changed, with its interval; plain words where nothing can be said."""
    found = outcome.overall
    if found is None:
        return chip(visit.t("campaigns.no_holdout"), "warn")
    verdict: Literal["not-enough-data", "better", "worse", "no-difference"] = found.verdict
    told = chip(visit.name_of("campaign_verdict", verdict), _VERDICT_TONES[verdict])
    if found.lower <= -1 and found.upper >= 1:
        return told
    points = [f"{100 * one:+.1f}" for one in (found.difference, found.lower, found.upper)]
    return h("span", told, " ", visit.t("campaigns.points", change=points[0], low=points[1], high=points[2]))
