"""Inbox: what waits for a person, decided with the keyboard if one likes; lists, pages and checks are the server's."""

from dataclasses import dataclass, field
from typing import Any, cast

from nicegui import ui

from zhanggui.app import App
from zhanggui.catalog import ProvedCopy, prove_payload
from zhanggui.desk import Filter, Inbox, Proposal, State
from zhanggui.kernel.errors import BadInput, MerchantError
from zhanggui.kernel.storage import UnitOfWork
from zhanggui.kernel.types import Page
from zhanggui.web import frame as frames
from zhanggui.web.frame import Frame, Handler, Region, Values, empty, title
from zhanggui.web.markup import Markup, h
from zhanggui.web.parts import (
    PAGE_SIZE,
    Pager,
    button,
    chip,
    dialog,
    field_text,
    moment,
    pager,
    percent,
    select,
    state_chip,
    text_area,
    text_field,
)
from zhanggui.web.proposal_view import COPY, View, edit_form, edited_payload, load_view, proposal_view, recheck

_KEYS = ("j", "k", "ArrowDown", "ArrowUp", "a", "e", "r", "u", "x")
_STATES = ("waiting", "applied", "rejected", "undone", "failed", "expired", "shadow")


@dataclass(frozen=True, slots=True)
class Line:
    """One line of the list; the whole proposal is read when it is opened."""

    id: str
    kind: str
    title: str
    state: str
    confidence: float
    blocked: bool
    when: Markup


@dataclass
class Desk:
    """What is on the desk in one open page."""

    frame: Frame
    state: str
    kind: str
    text: str
    listing: Region
    detail: Region
    below: Region
    where: Pager = field(default_factory=Pager)
    lines: list[Line] = field(default_factory=list[Line])
    total: int = 0
    at: int = 0
    marked: set[str] = field(default_factory=set[str])
    opened: Proposal | None = None
    undoable: str = ""

    def filter(self) -> Filter:
        """What the list shows."""
        states = (State(self.state),) if self.state in _STATES else ()
        return Filter(states, (self.kind,) if self.kind else (), "", self.text)


def add_page(app: App) -> None:
    """Serve the page."""
    frames.add_page(app, "/inbox", "inbox", _build)


async def _build(frame: Frame) -> None:
    visit = frame.visit
    wanted = frame.query("id")
    state = frame.query("state", "" if wanted else "waiting")
    page = Region("zg-main-part")
    with ui.element("div").classes("zg-inbox") as split:
        lists = Region("zg-inbox-list")
        with ui.element("div").classes("zg-inbox-detail"):
            desk = Desk(frame, state, frame.query("kind"), frame.query("text"), lists, Region(), Region())
    Region().show(_dialogs(frame))
    page.show(title(visit.t("inbox.title"), button(visit.t("inbox.keys"), opens="keys-help", tone="zg-desk-only"),
                    lead=visit.t("inbox.lead")), _filters(desk))  # fmt: skip
    _answer(desk, split)
    await _load(desk)
    if wanted:
        split.classes(add="is-reading")
    await _open(desk, wanted or _id_at(desk))


def _answer(desk: Desk, split: ui.element) -> None:
    async def filtered(values: Values) -> None:
        desk.state, desk.kind = field_text(values, "state"), field_text(values, "kind")
        desk.text, desk.at = field_text(values, "text")[:200], 0
        desk.where.first()
        desk.marked.clear()
        await _load(desk)
        await _open(desk, _id_at(desk))

    async def turn(values: Values) -> None:
        desk.where.turn(str(values.get("to")))
        desk.at = 0
        await _load(desk)
        await _open(desk, _id_at(desk))

    async def opened(values: Values) -> None:
        chosen = str(values.get("id"))
        desk.at = next((at for at, line in enumerate(desk.lines) if line.id == chosen), desk.at)
        split.classes(add="is-reading")
        await _open(desk, chosen)

    async def back(_: Values) -> None:
        split.classes(remove="is-reading")

    async def mark(values: Values) -> None:
        _mark(desk, str(values.get("id")), on=bool(values.get("checked")))

    async def clear(_: Values) -> None:
        desk.marked.clear()
        _draw(desk)

    acts: dict[str, Handler] = {
        "filter": filtered, "turn": turn, "open": opened, "list": back, "mark": mark, "clear": clear,
        "approve": lambda _: _approve(desk), "edit": lambda _: _edit(desk),
        "cancel-edit": lambda _: _open(desk, _id_of(desk)), "recheck": lambda values: _recheck(desk, values),
        "approve-edited": lambda values: _approve_edited(desk, values),
        "reject": lambda values: _reject(desk, values), "undo": lambda values: _undo(desk, values),
        "bulk-approve": lambda _: _bulk(desk, approve=True), "key": lambda values: _key(desk, values),
        "bulk-reject": lambda values: _bulk(desk, approve=False, reason=field_text(values, "reason")),
    }  # fmt: skip
    for name, handler in acts.items():
        desk.frame.on(name, handler)


# -- looking -----------------------------------------------------------------------------------------------------------


async def _load(desk: Desk) -> None:
    def page(uow: UnitOfWork) -> Page[Proposal]:
        return Inbox.page(uow, desk.filter(), limit=PAGE_SIZE, after=desk.where.cursor)

    found = await desk.frame.read(page)
    desk.total, desk.where.following = found.total, found.next_cursor
    title_of = desk.frame.visit.title_of
    desk.lines = [
        Line(one.id, one.kind, title_of(one.kind, one.title), str(one.state), one.confidence, bool(one.blocked),
             moment(one.created_at))
        for one in found.items
    ]  # fmt: skip
    desk.at = max(0, min(desk.at, len(desk.lines) - 1))
    _draw(desk)


def _draw(desk: Desk) -> None:
    visit = desk.frame.visit
    if not desk.lines:
        filtered = desk.state != "waiting" or desk.kind or desk.text
        text = visit.t("inbox.none_found" if filtered else "inbox.all_done")
        desk.listing.show(empty(visit, text, visit.t("today.write"), "/catalogue"))
        return
    rows = (_line(desk, line) for line in desk.lines)
    desk.listing.show(
        _bulk_bar(desk),
        h("ol", *rows, class_="zg-list", aria_label=visit.t("inbox.title"), data_keys=" ".join(_KEYS)),
        pager(visit, desk.where, desk.total),
    )


def _line(desk: Desk, line: Line) -> Markup:
    visit, here = desk.frame.visit, line.id == _id_at(desk)
    box = None
    if visit.may("decide") and line.state in ("waiting", "failed"):
        box = h("input", type="checkbox", checked=line.id in desk.marked, data_change="mark", data_id=line.id,
                aria_label=visit.t("inbox.mark", title=line.title))  # fmt: skip
    return h(
        "li",
        box,
        h("button", h("span", line.title, class_="zg-clip"), type="button", data_act="open", data_id=line.id,
          class_="zg-line"),
        h("p", chip(visit.name_of("kind", line.kind)), state_chip(visit, "state", line.state),
          chip(visit.t("inbox.blocked_short"), "bad") if line.blocked else h("small", percent(line.confidence)),
          line.when, class_="zg-chips"),
        class_="is-current" if here else None,
        aria_current="true" if here else None,
        data_row=line.id,
        data_act="open",
        data_id=line.id,
    )  # fmt: skip


def _bulk_bar(desk: Desk) -> Markup | None:
    visit, count = desk.frame.visit, len(desk.marked)
    if not count:
        return None
    return h(
        "div",
        h("b", visit.t("inbox.marked", count=count)),
        button(visit.t("inbox.approve_marked"), "bulk-approve", tone="is-main"),
        button(visit.t("inbox.reject_marked"), opens="bulk-reject", tone="is-danger"),
        button(visit.t("inbox.clear"), "clear"),
        class_="zg-bulk",
    )


def _filters(desk: Desk) -> Markup:
    visit = desk.frame.visit
    kinds = [(kind, visit.name_of("kind", kind)) for kind in visit.app.desk.kinds]
    states = [(state, visit.name_of("state", state)) for state in _STATES]
    everything = ("", visit.t("common.all"))
    return h(
        "form",
        select("state", visit.t("inbox.state"), desk.state, [everything, *states], change="filter"),
        select("kind", visit.t("inbox.kind"), desk.kind, [everything, *kinds], change="filter"),
        text_field("text", visit.t("common.search"), desk.text, kind="search"),
        data_act="filter",
        data_live="filter",
        class_="zg-filters",
        role="search",
    )


def _dialogs(frame: Frame) -> Markup:
    visit = frame.visit
    keys = (("j ↓", "next"), ("k ↑", "previous"), ("a", "approve"), ("e", "edit"), ("r", "reject"), ("u", "undo"),
            ("x", "select"), ("?", "help"))  # fmt: skip
    lines = (h("div", h("dt", h("kbd", key)), h("dd", visit.t(f"key.{name}"))) for key, name in keys)
    return h(
        "div",
        dialog(visit, "keys-help", visit.t("inbox.keys"), h("dl", *lines, class_="zg-keys")),
        *(
            dialog(
                visit, name, visit.t(f"inbox.{name.replace('-', '_')}_title"),
                h("form", text_area("reason", visit.t("inbox.reason"), lines=3,
                                     hint=visit.t("inbox.reason_hint")),
                  h("div", h("button", visit.t("inbox.reject"), class_="zg-button is-danger"), class_="zg-actions"),
                  data_act=name, class_="zg-form"),
            )
            for name in ("reject", "bulk-reject")
        ),
    )  # fmt: skip


def _id_at(desk: Desk) -> str:
    return desk.lines[desk.at].id if desk.lines else ""


def _id_of(desk: Desk) -> str:
    return desk.opened.id if desk.opened is not None else ""


async def _open(desk: Desk, proposal_id: str) -> None:
    desk.below.show()
    if not proposal_id:
        desk.opened = None
        desk.detail.show()
        return

    def load(uow: UnitOfWork) -> View:
        return load_view(uow, proposal_id)

    view = await desk.frame.read(load)
    desk.opened = view.proposal
    desk.detail.show(proposal_view(desk.frame.visit, view))
    desk.frame.script("current", proposal_id)


def _mark(desk: Desk, proposal_id: str, *, on: bool) -> None:
    if on and any(line.id == proposal_id for line in desk.lines):
        desk.marked.add(proposal_id)
    else:
        desk.marked.discard(proposal_id)
    _draw(desk)


# -- deciding ----------------------------------------------------------------------------------------------------------


async def _approve(desk: Desk, edited: dict[str, Any] | None = None) -> None:
    chosen, rules = _id_of(desk), desk.frame.visit.app.desk
    if not chosen:
        return

    def decide(uow: UnitOfWork) -> Proposal:
        rules.approve(uow, chosen, edited=edited)
        return rules.apply(uow, chosen)

    done = await desk.frame.write("decide", decide)
    if done.state is State.FAILED:
        await _decided(desk, desk.frame.visit.t("inbox.failed_because", reason=done.error), kind="bad")
        return
    desk.undoable = chosen
    await _decided(desk, desk.frame.visit.t("inbox.applied"), undo=chosen)


async def _decided(desk: Desk, text: str, *, undo: str = "", kind: str = "ok") -> None:
    visit = desk.frame.visit
    action = None
    if undo:
        action = h("button", visit.t("inbox.undo"), type="button", data_act="undo", data_id=undo, class_="zg-button")
    desk.marked.clear()
    await _load(desk)
    await _open(desk, _id_at(desk))
    desk.frame.say(text, action=action, kind=kind)


async def _edit(desk: Desk) -> None:
    desk.frame.visit.caller.require("decide")
    if desk.opened is not None and desk.opened.state in (State.WAITING, State.FAILED):
        desk.detail.show(edit_form(desk.frame.visit, desk.opened))
        desk.frame.script("focus", ".zg-form input, .zg-form textarea")
        await _recheck(desk, {"fields": {}})


async def _recheck(desk: Desk, values: Values) -> None:
    one = desk.opened
    if one is None or one.kind != COPY:
        return
    fields = cast(dict[str, Any], values.get("fields") or {})
    payload = edited_payload(one, fields) if fields else one.payload

    def look(uow: UnitOfWork) -> ProvedCopy:
        return prove_payload(uow, payload)

    try:
        desk.below.show(recheck(desk.frame.visit, await desk.frame.read(look)))
    except MerchantError as wrong:
        desk.below.show(h("p", wrong.message, class_="zg-alert"))


async def _approve_edited(desk: Desk, values: Values) -> None:
    if desk.opened is not None:
        await _approve(desk, edited_payload(desk.opened, cast(dict[str, Any], values.get("fields") or {})))


async def _reject(desk: Desk, values: Values) -> None:
    chosen, reason = _id_of(desk), field_text(values, "reason")[:2000]
    if not chosen:
        return
    await desk.frame.write("decide", lambda uow: desk.frame.visit.app.desk.reject(uow, chosen, reason=reason))
    await _decided(desk, desk.frame.visit.t("inbox.rejected"))


async def _undo(desk: Desk, values: Values) -> None:
    chosen = str(values.get("id") or "")
    if not chosen and desk.opened is not None and desk.opened.state is State.APPLIED:
        chosen = desk.opened.id
    chosen = chosen or desk.undoable
    if not chosen:
        raise BadInput(field="undo", expected="something that was applied", found="nothing")
    await desk.frame.write("decide", lambda uow: desk.frame.visit.app.desk.undo(uow, chosen))
    desk.undoable = ""
    await _decided(desk, desk.frame.visit.t("inbox.undone"))


async def _bulk(desk: Desk, *, approve: bool, reason: str = "") -> None:
    chosen = sorted(desk.marked)

    def decide(uow: UnitOfWork) -> dict[str, str]:
        return desk.frame.visit.app.desk.decide_many(uow, chosen, approve=approve, reason=reason)

    problems = await desk.frame.write("decide", decide)
    done = len(chosen) - len(problems)
    text = desk.frame.visit.t("inbox.bulk_done", done=done, failed=len(problems))
    if problems:
        text = f"{text} · {next(iter(problems.values()))}"
    await _decided(desk, text, kind="bad" if problems else "ok")


async def _key(desk: Desk, values: Values) -> None:
    key = str(values.get("key"))
    if key in ("j", "k", "ArrowDown", "ArrowUp") and desk.lines:
        step = 1 if key in ("j", "ArrowDown") else -1
        desk.at = max(0, min(desk.at + step, len(desk.lines) - 1))
        await _open(desk, _id_at(desk))
    elif key == "u":
        await _undo(desk, {})
    elif desk.opened is None or not desk.frame.visit.may("decide") or values.get("seen") != desk.opened.id:
        return  # never decide on what the person had not on the screen yet
    elif key == "a":
        await _approve(desk)
    elif key == "e":
        await _edit(desk)
    elif key == "r" and desk.opened.state in (State.WAITING, State.FAILED):
        desk.frame.script("open", "reject")
    elif key == "x":
        _mark(desk, desk.opened.id, on=desk.opened.id not in desk.marked)
