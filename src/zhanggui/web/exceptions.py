"""Exceptions desk: what went wrong with parcels and orders, who pays, by when, what is proposed; soonest first."""

from dataclasses import dataclass, field
from typing import Any, cast
from urllib.parse import urlencode

from zhanggui.app import App
from zhanggui.kernel.storage import UnitOfWork
from zhanggui.orders import ExceptionKind, StoredException
from zhanggui.web import frame as frames
from zhanggui.web.frame import Frame, Region, Values, empty, title
from zhanggui.web.markup import Child, Markup, h
from zhanggui.web.orders import order_link
from zhanggui.web.parts import PAGE_SIZE, Pager, button, chip, field_text, moment, pager, percent, select
from zhanggui.web.session import Visit

_STATES = ("open", "handled", "over")


@dataclass
class Board:
    """What one open page shows."""

    frame: Frame
    cards: Region
    state: str = "open"
    kind: str = ""
    where: Pager = field(default_factory=Pager)
    items: list[StoredException] = field(default_factory=list[StoredException])
    counts: dict[str, int] = field(default_factory=dict[str, int])


def add_page(app: App) -> None:
    """Serve the page."""
    frames.add_page(app, "/exceptions", "exceptions", _build)


async def _build(frame: Frame) -> None:
    visit, head = frame.visit, Region("zg-main-part")
    board = Board(frame, Region("zg-main-part"))
    beside = [button(visit.t("exceptions.look_now"), "scan")] if visit.may("propose") else []
    head.show(title(visit.t("exceptions.title"), beside, lead=visit.t("exceptions.lead")), _filters(visit, board))

    async def filtered(values: Values) -> None:
        state, board.kind = field_text(values, "state"), field_text(values, "kind")
        board.state = state if state in _STATES else "open"
        board.where.first()
        await _load(board)

    async def turn(values: Values) -> None:
        board.where.turn(str(values.get("to")))
        await _load(board)

    async def handled(values: Values) -> None:
        order, parcel, kind = (str(values.get(name, "")) for name in ("order", "parcel", "kind"))
        await frame.write("decide", lambda uow: visit.app.exceptions.handled(uow, order, parcel, kind))
        await _load(board)
        frame.say(visit.t("exceptions.marked"))

    async def scan(_: Values) -> None:
        seen = await frame.write("propose", visit.app.exceptions.scan)
        await _load(board)
        frame.say(visit.t("exceptions.scanned", orders=seen.orders, found=seen.found, fresh=seen.fresh))

    for name, handler in (("filter", filtered), ("turn", turn), ("handled", handled), ("scan", scan)):
        frame.on(name, handler)
    await _load(board)


async def _load(board: Board) -> None:
    exceptions, offset = board.frame.visit.app.exceptions, int(board.where.cursor or 0)

    def load(uow: UnitOfWork) -> tuple[list[StoredException], dict[str, int]]:
        found = exceptions.page(uow, state=board.state, kind=board.kind, limit=PAGE_SIZE + 1, offset=offset)
        return found, exceptions.counts(uow, state=board.state)

    found, board.counts = await board.frame.read(load)
    board.items = found[:PAGE_SIZE]
    board.where.following = str(offset + PAGE_SIZE) if len(found) > PAGE_SIZE else None
    _draw(board)


def _draw(board: Board) -> None:
    visit = board.frame.visit
    total = board.counts.get(board.kind, 0) if board.kind else sum(board.counts.values())
    summary = [
        chip(f"{visit.name_of('exception', kind)} {count:,}", "info") for kind, count in sorted(board.counts.items())
    ]
    if not board.items:
        board.cards.show(empty(visit, visit.t("exceptions.none")))
        return
    board.cards.show(
        h("p", *summary, class_="zg-chips"),
        *(_card(visit, one) for one in board.items),
        pager(visit, board.where, total),
    )


def _card(visit: Visit, one: StoredException) -> Markup:
    language = "zh" if visit.locale == "zh-CN" else "en"
    told: dict[str, Any] = cast(dict[str, Any], one.told)
    words = [cast(dict[str, Any], told.get(name) or {}) for name in ("cause", "action")]
    cause, action = (str(one.get(language, "")) for one in words)
    late = one.state == "open" and one.deadline < visit.app.database.clock.now()
    return h(
        "section",
        h(
            "div",
            h("h2", visit.name_of("exception", one.kind)),
            h("p", chip(visit.t("exceptions.by", who=visit.name_of("culprit", one.culprit or "unknown"))),
              chip(visit.t("exceptions.pays", who=visit.name_of("culprit", one.pays))) if one.pays else None,
              chip(percent(float(told.get("sure", 1))), "plain", tip=visit.t("exceptions.sure")), class_="zg-chips"),
            class_="zg-card-head",
        ),
        h("p", cause),
        _last_word(visit, told.get("event")),
        h("p", h("b", visit.t("exceptions.to_do"), ": "), action) if action else None,
        h("p", h("a", one.order_id, href=order_link(one.order_id)), " · ", h("span", one.parcel_id),
          " · ", visit.t("exceptions.deadline"), " ", moment(one.deadline),
          " ", chip(visit.t("exceptions.overdue"), "bad") if late else None),
        _buttons(visit, one, told),
        class_="zg-card",
        data_exception=one.kind,
    )  # fmt: skip


def _last_word(visit: Visit, event: object) -> Markup | None:
    if not isinstance(event, dict):
        return None
    words = cast(dict[str, Any], event)
    return h("p", h("small", visit.t("exceptions.carrier_says"), ": “", str(words.get("text", "")), "”"))


def _buttons(visit: Visit, one: StoredException, told: dict[str, Any]) -> Markup | None:
    made = cast(list[object], told.get("proposals") or [])
    shown: list[Child] = [
        h("a", visit.t("exceptions.draft", number=number), href=f"/inbox?{urlencode({'id': str(name)})}",
          class_="zg-button")
        for number, name in enumerate(made, 1)
    ]  # fmt: skip
    if visit.may("decide") and one.state == "open":
        shown.append(
            h("button", visit.t("exceptions.handled"), type="button", data_act="handled", data_order=one.order_id,
              data_parcel=one.parcel_id, data_kind=one.kind, class_="zg-button")
        )  # fmt: skip
    return h("div", *shown, class_="zg-actions") if shown else None


def _filters(visit: Visit, board: Board) -> Markup:
    named = [(str(kind), visit.name_of("exception", str(kind))) for kind in ExceptionKind]
    kinds = [("", visit.t("common.all")), *named]
    states = [(state, visit.name_of("exception_state", state)) for state in _STATES]
    return h(
        "form",
        select("state", visit.t("exceptions.state"), board.state, states, change="filter"),
        select("kind", visit.t("exceptions.kind"), board.kind, kinds, change="filter"),
        data_act="filter",
        class_="zg-filters",
        role="search",
    )
