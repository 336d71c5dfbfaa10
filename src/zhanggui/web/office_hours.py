"""Office hours: when people are on duty, in the shop's own zone, so that the bot promises no more than that."""

from typing import cast

from zhanggui.app import App
from zhanggui.kernel.storage import UnitOfWork
from zhanggui.kernel.types import JsonObject
from zhanggui.support import hours_json, office_hours
from zhanggui.web import frame as frames
from zhanggui.web.frame import Frame, Region, Values, title
from zhanggui.web.markup import Markup, h
from zhanggui.web.parts import field_text, text_area, text_field
from zhanggui.web.session import Visit

_DAYS = tuple("0123456")


def add_page(app: App) -> None:
    """Serve the page."""
    frames.add_page(app, "/handovers/hours", "handovers", _build)


async def _build(frame: Frame) -> None:
    visit = frame.visit
    crumb = h("p", h("a", f"‹ {visit.t('nav.handovers')}", href="/handovers"), class_="zg-crumb")
    Region("zg-main-part").show(crumb, title(visit.t("hours.title"), lead=visit.t("hours.lead")))
    form = Region("zg-main-part")

    async def load() -> None:
        def read(uow: UnitOfWork) -> tuple[JsonObject, str]:
            return hours_json(office_hours(uow)), visit.app.chat.handovers.opens(uow)

        hours, opens = await frame.read(read)
        form.show(_form(visit, hours, opens))

    async def save(values: Values) -> None:
        given = _read(values)
        await frame.write("admin", lambda uow: visit.app.chat.handovers.set_hours(uow, given))
        frame.say(visit.t("hours.saved"))
        await load()

    frame.on("save", save)
    await load()


def _form(visit: Visit, hours: JsonObject, opens: str) -> Markup:
    days, closed = hours["days"], hours["closed"]
    assert isinstance(days, dict) and isinstance(closed, list), "made by `hours_json`"
    fields = (text_field(f"day{day}", visit.t(f"hours.day{day}"), _spans(days.get(day))) for day in _DAYS)
    said = visit.t("hours.opens", opens=opens) if opens else visit.t("hours.never")
    return h(
        "section",
        h("p", said, class_="zg-hint"),
        h("form",
          text_field("zone", visit.t("hours.zone"), str(hours["zone"]), hint=visit.t("hours.zone_hint")),
          h("div", *fields, class_="zg-columns"),
          h("p", visit.t("hours.day_hint"), class_="zg-hint"),
          text_area("closed", visit.t("hours.closed"), "\n".join(map(str, closed)), hint=visit.t("hours.closed_hint")),
          h("div", h("button", visit.t("common.save"), class_="zg-button is-main"), class_="zg-actions")
          if visit.may("admin") else None,
          data_act="save", class_="zg-form"),
        class_="zg-card",
    )  # fmt: skip


def _spans(value: object) -> str:
    # Made by `hours_json`: a list of pairs, or nothing.
    pairs = cast(list[list[str]], value or [])
    return ", ".join(f"{start}-{end}" for start, end in pairs)


def _read(values: Values) -> JsonObject:
    """The form as `read_hours` takes it; what is wrong in it, that tells."""
    days: JsonObject = {}
    for day in _DAYS:
        text = field_text(values, f"day{day}").replace("，", ",").replace("–", "-").replace("：", ":")
        spans = [part.strip() for part in text.split(",") if part.strip()]
        if spans:
            days[day] = [[edge.strip() for edge in span.split("-")] for span in spans]
    closed = field_text(values, "closed").replace("，", " ").replace(",", " ").split()
    return {"zone": field_text(values, "zone").strip(), "days": days, "closed": [*sorted(set(closed))]}
