"""Conversations, live: who talks with the shop, what was said, and who has it; the page looks again by itself."""

from dataclasses import dataclass, field
from urllib.parse import urlencode

from nicegui import ui

from zhanggui.app import App
from zhanggui.kernel.storage import UnitOfWork
from zhanggui.kernel.types import Page
from zhanggui.support import Conversation, ConversationView, Message
from zhanggui.web import frame as frames
from zhanggui.web.frame import Frame, Region, Values, empty, title
from zhanggui.web.markup import Markup, h
from zhanggui.web.parts import PAGE_SIZE, Pager, chip, field_text, moment, pager, select, text_field
from zhanggui.web.session import Visit

_EVERY = 3.0
_STATES = ("bot", "asked", "waiting", "taken", "returned", "closed")
_MOODS = {"calm": "plain", "upset": "warn", "angry": "bad"}


@dataclass
class Room:
    """What one open page shows."""

    frame: Frame
    listing: Region
    detail: Region
    state: str = ""
    text: str = ""
    opened: str = ""
    where: Pager = field(default_factory=Pager)


def add_page(app: App) -> None:
    """Serve the page."""
    frames.add_page(app, "/conversations", "conversations", _build)


async def _build(frame: Frame) -> None:
    visit, head = frame.visit, Region("zg-main-part")
    with ui.element("div").classes("zg-inbox"):
        room = Room(frame, Region("zg-inbox-list"), Region("zg-inbox-detail"), opened=frame.query("id"))
    head.show(
        title(visit.t("chat.conversations"), _report(visit), lead=visit.t("chat.conversations_lead")), _filters(visit)
    )

    async def filtered(values: Values) -> None:
        state = field_text(values, "state")
        room.state, room.text = state if state in _STATES else "", field_text(values, "text")[:200]
        room.where.first()
        await _load(room)

    async def turn(values: Values) -> None:
        room.where.turn(str(values.get("to")))
        await _load(room)

    async def opened(values: Values) -> None:
        room.opened = str(values.get("id"))
        await _load(room)

    for name, handler in (("filter", filtered), ("turn", turn), ("open", opened)):
        frame.on(name, handler)

    await _load(room)
    frame.every(_EVERY, lambda: _load(room))


async def _load(room: Room) -> None:
    chat = room.frame.visit.app.chat

    def read(uow: UnitOfWork) -> tuple[Page[Conversation], ConversationView | None]:
        page = chat.conversations.page(
            uow, state=room.state, text=room.text, limit=PAGE_SIZE, cursor=room.where.cursor
        )  # fmt: skip
        return page, chat.conversations.view(uow, room.opened) if room.opened else None

    page, view = await room.frame.read(read)
    visit = room.frame.visit
    room.where.following = page.next_cursor
    if page.items:
        rows = (_line(visit, one, here=one.id == room.opened) for one in page.items)
        room.listing.show(
            h("ol", *rows, class_="zg-list", aria_label=visit.t("chat.conversations")),
            pager(visit, room.where, page.total),
        )
    else:
        room.listing.show(empty(visit, visit.t("chat.none")))
    room.detail.show(_whole(visit, view) if view is not None else empty(visit, visit.t("chat.choose")))


def _line(visit: Visit, one: Conversation, *, here: bool) -> Markup:
    topic = visit.name_of("chat_topic", one.topic or "other")
    return h(
        "li",
        h("button", h("span", f"{one.visitor_id[-6:]} · {topic}", class_="zg-clip"), type="button", data_act="open",
          data_id=one.id, class_="zg-line"),
        h("p", chip(visit.name_of("chat_state", str(one.hand_state or "bot"))),
          chip(visit.name_of("chat_mood", one.mood), _MOODS[one.mood]), moment(one.last_at), class_="zg-chips"),
        class_="is-current" if here else None,
        aria_current="true" if here else None,
    )  # fmt: skip


def _whole(visit: Visit, view: ConversationView) -> Markup:
    one = view.conversation
    link = h("a", visit.t("chat.to_handover"), href=f"/handovers?{urlencode({'id': view.handovers[-1].id})}") \
        if view.handovers else None  # fmt: skip
    return h(
        "section",
        h("h2", f"{one.visitor_id[-6:]} · {visit.name_of('chat_topic', one.topic or 'other')}"),
        h("p", chip(visit.name_of("chat_state", str(one.hand_state or "bot"))), moment(one.opened_at), link,
          class_="zg-chips"),
        transcript(visit, view.messages),
    )  # fmt: skip


def transcript(visit: Visit, messages: tuple[Message, ...]) -> Markup:
    """What was said, as a list; every word of it is escaped text."""
    return h(
        "ol",
        *(
            h("li", h("div", h("b", visit.name_of("chat_sender", one.sender), f" · {one.author}" if one.sender in
                               ("staff", "note") else ""), h("p", one.text, style="white-space:pre-wrap;margin:0")),
              moment(one.at), data_sender=one.sender)
            for one in messages
        ),
        class_="zg-lines",
        aria_label=visit.t("chat.transcript"),
        aria_live="polite",
    )  # fmt: skip


def _report(visit: Visit) -> Markup:
    return h("a", visit.t("report.link"), href="/conversations/report", class_="zg-button")


def _filters(visit: Visit) -> Markup:
    states = [("", visit.t("common.all")), *((one, visit.name_of("chat_state", one)) for one in _STATES)]
    return h(
        "form",
        select("state", visit.t("chat.state"), "", states, change="filter"),
        text_field("text", visit.t("common.search"), "", kind="search"),
        data_act="filter", data_live="filter", class_="zg-filters", role="search",
    )  # fmt: skip
