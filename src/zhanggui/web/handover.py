"""Hand-over inbox: who waits for a person, what they want, what was tried; take it, reply, note, give it back."""

from dataclasses import dataclass, field
from typing import cast

from nicegui import ui

from zhanggui.app import App
from zhanggui.kernel.errors import NotFound
from zhanggui.kernel.storage import UnitOfWork
from zhanggui.kernel.types import new_id
from zhanggui.support import ConversationView, Handover, HandState, Macro, tell_platform, with_note
from zhanggui.web import frame as frames
from zhanggui.web.conversations import transcript
from zhanggui.web.frame import Frame, Region, Values, empty, title
from zhanggui.web.markup import Child, Markup, h
from zhanggui.web.parts import chip, facts, field_text, moment, select, text_area, text_field
from zhanggui.web.session import Visit

_EVERY = 3.0
_TONES = {HandState.ASKED: "plain", HandState.WAITING: "warn", HandState.TAKEN: "info"}


@dataclass
class Board:
    """What one open page shows. The key of a reply travels in its form, so that a double click sends one."""

    frame: Frame
    listing: Region
    detail: Region
    form: Region
    opened: str = ""
    drawn: str = ""
    text: str = ""
    key: str = field(default_factory=new_id)


def add_page(app: App) -> None:
    """Serve the page."""
    frames.add_page(app, "/handovers", "handovers", _build)


async def _build(frame: Frame) -> None:
    visit, head = frame.visit, Region("zg-main-part")
    with ui.element("div").classes("zg-inbox"):
        listing = Region("zg-inbox-list")
        with ui.element("div").classes("zg-inbox-detail"):
            board = Board(frame, listing, Region(), Region(), frame.query("id"))
    hours = h("a", visit.t("hours.link"), href="/handovers/hours", class_="zg-button")
    head.show(title(visit.t("chat.handovers"), hours, lead=visit.t("chat.handovers_lead")))
    _answer(board)

    await _load(board)
    frame.every(_EVERY, lambda: _load(board))


def _answer(board: Board) -> None:
    async def opened(values: Values) -> None:
        board.opened = str(values.get("id"))
        await _load(board)

    board.frame.on("open", opened)
    board.frame.on("hand", lambda values: _hand(board, str(values.get("what"))))
    board.frame.on("reply", lambda values: _reply(board, values))
    board.frame.on("note", lambda values: _note(board, values))
    board.frame.on("use-macro", lambda values: _use_macro(board, values))
    board.frame.on("drop-macro", lambda values: _drop_macro(board, values))
    board.frame.on("macro", lambda values: _macro(board, values))


async def _hand(board: Board, what: str) -> None:
    desk, name = board.frame.visit.app.chat.handovers, board.frame.visit.caller.actor.name
    acts = {"take": desk.take, "release": desk.release, "return": desk.give_back, "close": desk.close}
    if what in acts:
        await board.frame.write("decide", lambda uow: acts[what](uow, board.opened, name))
    await _load(board)


async def _reply(board: Board, values: Values) -> None:
    app, name = board.frame.visit.app, board.frame.visit.caller.actor.name
    text, key = field_text(values, "text").strip()[:4_000], field_text(values, "key")[:80]

    def send(uow: UnitOfWork) -> None:
        app.chat.handovers.reply(uow, board.opened, name, text, key)
        tell_platform(app.jobs, uow)

    if text and key:
        await board.frame.write("decide", send)
        board.key, board.drawn = new_id(), ""
    await _load(board)


async def _note(board: Board, values: Values) -> None:
    name = board.frame.visit.caller.actor.name
    text, key = field_text(values, "note").strip()[:4_000], field_text(values, "key")[:80]

    def keep(uow: UnitOfWork) -> None:
        found = _find(board, uow)
        if found is not None:
            with_note(uow, found[1].conversation.id, name, text, key)

    if text and key:
        await board.frame.write("decide", keep)
        board.key, board.drawn = new_id(), ""
    await _load(board)


async def _macro(board: Board, values: Values) -> None:
    chat, locale = board.frame.visit.app.chat, board.frame.visit.locale
    text, heading = field_text(values, "text").strip(), field_text(values, "title").strip()
    if text and heading:
        made = Macro(new_id("mac"), heading[:120], text[:4_000], locale)
        await board.frame.write("decide", lambda uow: chat.put_macro(uow, made))
        board.drawn = ""
    await _load(board)


async def _use_macro(board: Board, values: Values) -> None:
    """Put a ready-made reply behind what is written already."""
    wanted, written = field_text(values, "macro"), field_text(values, "text").rstrip()
    macros = await board.frame.read(board.frame.visit.app.chat.macros)
    found = next((one.text for one in macros if one.id == wanted), "")
    if found:
        board.text, board.drawn = f"{written}\n{found}".strip()[:4_000], ""
        await _load(board)


async def _drop_macro(board: Board, values: Values) -> None:
    chat = board.frame.visit.app.chat
    await board.frame.write("decide", lambda uow: chat.remove_macro(uow, str(values.get("id", ""))))
    board.drawn = ""
    await _load(board)


def _find(board: Board, uow: UnitOfWork) -> tuple[Handover, ConversationView] | None:
    chat = board.frame.visit.app.chat
    if not board.opened:
        return None
    try:
        one = chat.handovers.get(uow, board.opened)
    except NotFound:
        return None
    return one, chat.conversations.view(uow, one.conversation_id)


async def _load(board: Board) -> None:
    visit = board.frame.visit

    def read(uow: UnitOfWork) -> tuple[list[Handover], tuple[Handover, ConversationView] | None, list[Macro]]:
        return visit.app.chat.handovers.inbox(uow), _find(board, uow), visit.app.chat.macros(uow)

    waiting, found, macros = await board.frame.read(read)
    if waiting:
        rows = (_line(visit, one, here=one.id == board.opened) for one in waiting)
        board.listing.show(h("ol", *rows, class_="zg-list", aria_label=visit.t("chat.handovers")))
    else:
        board.listing.show(empty(visit, visit.t("chat.nobody_waits")))
    if found is None:
        board.detail.show(empty(visit, visit.t("chat.choose")))
        board.form.show()
        board.drawn = ""
        return
    one, view = found
    board.detail.show(_summary(visit, one), transcript(visit, view.messages))
    # What somebody is writing is drawn anew only when it must be.
    drawn = f"{one.id}:{one.state}:{one.taken_by}:{len(macros)}"
    if drawn != board.drawn:
        board.drawn = drawn
        board.form.show(_forms(board, one, macros))
        board.text = ""


def _line(visit: Visit, one: Handover, *, here: bool) -> Markup:
    wants = str(one.summary.get("wants") or one.reason)
    return h(
        "li",
        h("button", h("span", wants, class_="zg-clip"), type="button", data_act="open", data_id=one.id,
          class_="zg-line"),
        h("p", chip(visit.t("chat.urgent"), "bad") if one.urgent else None,
          chip(visit.name_of("chat_state", str(one.state)), _TONES.get(one.state, "plain")),
          one.taken_by or None, moment(one.asked_at), class_="zg-chips"),
        class_="is-current" if here else None,
        aria_current="true" if here else None,
    )  # fmt: skip


def _summary(visit: Visit, one: Handover) -> Markup:
    def words(name: str) -> str:
        value = one.summary.get(name)
        return " · ".join(str(part) for part in cast(list[object], value)) if isinstance(value, list) else str(value)

    rows: list[tuple[str, Child]] = [
        (visit.t("chat.wants"), words("wants") or "–"),
        (visit.t("chat.reason"), visit.name_of("chat_reason", one.reason)),
        (visit.t("chat.tried"), words("tried") or "–"),
        (visit.t("chat.mood"), f"{visit.name_of('chat_mood', words('mood'))} {words('mood_words')}".strip()),
        (visit.t("chat.orders"), words("orders") or "–"),
    ]
    return h("section", h("h2", words("wants") or visit.t("chat.handovers")), facts(rows))


def _forms(board: Board, one: Handover, macros: list[Macro]) -> Markup | None:
    visit = board.frame.visit
    if not visit.may("decide"):
        return None
    mine = one.state is HandState.TAKEN and one.taken_by == visit.caller.actor.name
    acts = ("release", "return", "close") if mine else ("take", "close")
    if one.state in (HandState.RETURNED, HandState.CLOSED) or (one.state is HandState.TAKEN and not mine):
        acts = ()
    buttons = [
        h("button", visit.t(f"chat.{name}"), type="button", data_act="hand", data_what=name,
          class_="zg-button is-main" if name == "take" else "zg-button")
        for name in acts
    ]  # fmt: skip
    return h("div", h("div", *buttons, class_="zg-actions"), _writing(board, one, macros) if mine else None)


def _writing(board: Board, one: Handover, macros: list[Macro]) -> Markup:
    visit = board.frame.visit
    once = h("input", type="hidden", name="key", value=board.key)
    ready = [h("details", h("summary", macro.title), h("p", macro.text),
               h("button", visit.t("chat.macro_remove"), type="button", data_act="drop-macro", data_id=macro.id,
                 class_="zg-button is-small")) for macro in macros]  # fmt: skip
    choices = [("", "–"), *((macro.id, macro.title) for macro in macros)]
    insert = select("macro", visit.t("chat.macro_use"), "", choices, change="use-macro") if macros else None
    begin = board.text or str(one.summary.get("suggestion", ""))
    return h(
        "div",
        h("form", insert, text_area("text", visit.t("chat.reply"), begin, lines=4, hint=visit.t("chat.reply_hint")),
          h("button", visit.t("chat.send"), class_="zg-button is-main"), once, data_act="reply", class_="zg-form"),
        h("form", text_area("note", visit.t("chat.note"), lines=2, hint=visit.t("chat.note_hint")),
          h("button", visit.t("chat.keep_note"), class_="zg-button"), once, data_act="note", class_="zg-form"),
        h("details", h("summary", visit.t("chat.macros")), *ready,
          h("form", text_field("title", visit.t("chat.macro_title")), text_area("text", visit.t("chat.macro_text")),
            h("button", visit.t("chat.macro_keep"), class_="zg-button"), data_act="macro", class_="zg-form")),
    )  # fmt: skip
