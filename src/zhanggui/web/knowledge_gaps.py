"""What the knowledge lacks and where it quarrels: unanswered questions with a draft, duplicates, contradictions."""

import asyncio
from dataclasses import dataclass

from zhanggui.app import App
from zhanggui.kernel.storage import UnitOfWork
from zhanggui.support import (
    Answer,
    Gap,
    Overlap,
    Saved,
    article_versions,
    dismiss_gap,
    find_overlaps,
    gap_draft,
    open_gaps,
)
from zhanggui.web import frame as frames
from zhanggui.web.frame import Frame, Region, Values, empty, title
from zhanggui.web.knowledge import article_address
from zhanggui.web.markup import Markup, h
from zhanggui.web.parts import chip, field_text, moment, text_area, text_field
from zhanggui.web.session import Visit

_MOST = 100
_SHOWN = 400
_TONES = {"duplicate": "info", "contradiction": "bad"}


@dataclass
class Room:
    """What one open page shows; `drafting` is the gap whose form is open."""

    frame: Frame
    gaps: Region
    overlaps: Region
    drafting: str = ""
    near: Answer | None = None


def add_page(app: App) -> None:
    """Serve the page."""
    frames.add_page(app, "/knowledge/gaps", "knowledge", _build)


async def _build(frame: Frame) -> None:
    visit = frame.visit
    crumb = h("p", h("a", f"‹ {visit.t('nav.knowledge')}", href="/knowledge"), class_="zg-crumb")
    Region("zg-main-part").show(crumb, title(visit.t("knowledge.gaps"), lead=visit.t("knowledge.gaps_lead")))
    room = Room(frame, Region("zg-main-part"), Region("zg-main-part"))
    app, merchant = visit.app, visit.caller.merchant_id

    async def draft(values: Values) -> None:
        room.drafting = str(values.get("id", ""))
        found = await frame.read(lambda uow: [one for one in open_gaps(uow, limit=_MOST) if one.id == room.drafting])
        room.near = None
        if found:
            room.near = await asyncio.to_thread(
                app.knowledge.answer, merchant, found[0].question, locale=found[0].locale, counted=False
            )
        await _load_gaps(room)

    async def propose(values: Values) -> None:
        gap, text, heading = (field_text(values, name) for name in ("gap", "body", "title"))
        made = await frame.write(
            "propose", lambda uow: app.desk.propose(uow, gap_draft(uow, gap, text[:20_000], title=heading[:500]))
        )
        room.drafting, room.near = "", None
        if made is None:
            frame.say(visit.t("knowledge.switched_off"), kind="bad")
        else:
            link = h("a", visit.t("nav.inbox"), href=f"/inbox?id={made.id}")
            frame.say(visit.t("knowledge.proposed"), action=link)
        await _load_gaps(room)

    async def dismiss(values: Values) -> None:
        await frame.write("decide", lambda uow: dismiss_gap(uow, str(values.get("id", ""))))
        await _load_gaps(room)

    for name, handler in (("draft", draft), ("propose", propose), ("dismiss", dismiss)):
        frame.on(name, handler)
    await _load_gaps(room)
    await _load_overlaps(room)


async def _load_gaps(room: Room) -> None:
    visit = room.frame.visit
    found = await room.frame.read(lambda uow: open_gaps(uow, limit=_MOST))
    if not found:
        room.gaps.show(empty(visit, visit.t("knowledge.no_gaps")))
        return
    lines = (_gap(visit, one, room.near if one.id == room.drafting else None) for one in found)
    room.gaps.show(h("section", h("h2", visit.t("knowledge.unanswered")), h("ol", *lines, class_="zg-lines"),
                     class_="zg-card"))  # fmt: skip


def _gap(visit: Visit, one: Gap, near: Answer | None) -> Markup:
    acts = [
        h("button", visit.t("knowledge.draft"), type="button", data_act="draft", data_id=one.id,
          class_="zg-button is-small") if visit.may("propose") and near is None else None,
        h("button", visit.t("knowledge.dismiss"), type="button", data_act="dismiss", data_id=one.id,
          class_="zg-button is-small") if visit.may("decide") else None,
    ]  # fmt: skip
    return h(
        "li",
        h("div", h("b", one.question),
          h("p", chip(visit.t("knowledge.times", count=one.times), "info"),
            visit.name_of("answer_reason", one.reason), " · ", moment(one.last_at), class_="zg-chips")),
        h("div", *acts, class_="zg-actions"),
        _drafting(visit, one, near) if near is not None else None,
        class_="is-tall",
        data_gap=one.id,
    )  # fmt: skip


def _drafting(visit: Visit, one: Gap, near: Answer) -> Markup:
    quotes = [h("li", h("blockquote", cited.quote[:_SHOWN]), h("small", cited.source)) for cited in near.citations[:3]]
    begin = near.citations[0].quote[:_SHOWN] if near.citations else ""
    return h(
        "form",
        h("input", type="hidden", name="gap", value=one.id),
        text_field("title", visit.t("knowledge.heading"), one.question),
        text_area("body", visit.t("knowledge.answer"), begin, lines=5, hint=visit.t("knowledge.draft_hint")),
        h("p", visit.t("knowledge.nearest")) if quotes else None,
        h("ul", *quotes, class_="zg-quotes") if quotes else None,
        h("div", h("button", visit.t("knowledge.propose"), class_="zg-button is-main"), class_="zg-actions"),
        data_act="propose", class_="zg-form zg-whole-line",
    )  # fmt: skip


async def _load_overlaps(room: Room) -> None:
    visit = room.frame.visit

    def load(uow: UnitOfWork) -> list[tuple[Overlap, Saved, Saved]]:
        found = find_overlaps(uow)[:_MOST]
        return [(one, article_versions(uow, one.first)[0], article_versions(uow, one.second)[0]) for one in found]

    found = await room.frame.read(load)
    content = (_overlap(visit, *one) for one in found)
    nothing = h("p", visit.t("knowledge.no_overlaps"), class_="zg-hint")
    room.overlaps.show(h("section", h("h2", visit.t("knowledge.overlaps")),
                         h("p", visit.t("knowledge.overlaps_lead"), class_="zg-hint"),
                         *(content if found else (nothing,)), class_="zg-card", id="overlaps"))  # fmt: skip


def _overlap(visit: Visit, one: Overlap, first: Saved, second: Saved) -> Markup:
    reason = one.reason_zh if visit.locale == "zh-CN" else one.reason_en
    sides = (
        h("div", h("p", h("a", side.article.title[:160], href=article_address(side.article.id))),
          h("blockquote", side.article.body[:_SHOWN]), h("small", side.article.id))
        for side in (first, second)
    )  # fmt: skip
    return h("article", h("p", chip(visit.name_of("overlap", one.kind), _TONES[one.kind]), reason, class_="zg-chips"),
             h("div", *sides, class_="zg-columns"), data_overlap=one.kind, class_="zg-pair")  # fmt: skip
