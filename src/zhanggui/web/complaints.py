"""Complaints: those due first at the head, in the customer's words, with remedies and a draft apology."""

from dataclasses import dataclass, field
from urllib.parse import urlencode

from zhanggui.app import App
from zhanggui.kernel.storage import UnitOfWork
from zhanggui.support import COMPLAINT_KINDS, COMPLAINT_STATES, Complaint, ComplaintStore
from zhanggui.web import frame as frames
from zhanggui.web.frame import Frame, Region, Values, empty, title
from zhanggui.web.markup import Child, Markup, h
from zhanggui.web.parts import PAGE_SIZE, Pager, chip, field_text, moment, pager, select, text_field
from zhanggui.web.session import Visit

_TONES = {"critical": "bad", "high": "warn", "normal": "info", "low": "plain"}
_SHOWN = 600  # characters of a complaint on the list


@dataclass
class Board:
    """What one open page shows."""

    frame: Frame
    cards: Region
    state: str = "open"
    kind: str = ""
    where: Pager = field(default_factory=Pager)
    items: list[Complaint] = field(default_factory=list[Complaint])
    counts: dict[str, int] = field(default_factory=dict[str, int])


def add_page(app: App) -> None:
    """Serve the page."""
    frames.add_page(app, "/complaints", "complaints", _build)


async def _build(frame: Frame) -> None:
    visit, head = frame.visit, Region("zg-main-part")
    board = Board(frame, Region("zg-main-part"))
    head.show(title(visit.t("complaints.title"), lead=visit.t("complaints.lead")), _filters(visit, board))

    async def filtered(values: Values) -> None:
        state, kind = field_text(values, "state"), field_text(values, "kind")
        board.state = state if state in COMPLAINT_STATES else ""
        board.kind = kind if kind in COMPLAINT_KINDS else ""
        board.where.first()
        await _load(board)

    async def turn(values: Values) -> None:
        board.where.turn(str(values.get("to")))
        await _load(board)

    async def take(values: Values) -> None:
        name = str(values.get("id", ""))
        await frame.write("decide", lambda uow: visit.app.complaints.take(uow, name))
        await _load(board)
        frame.say(visit.t("complaints.taken"))

    async def settle(values: Values) -> None:
        name, note = field_text(values, "id"), field_text(values, "note")
        dismissed = field_text(values, "how") == "dismissed"
        await frame.write("decide", lambda uow: visit.app.complaints.settle(uow, name, note, dismissed=dismissed))
        await _load(board)
        frame.say(visit.t("complaints.settled"))

    for name, handler in (("filter", filtered), ("turn", turn), ("take", take), ("settle", settle)):
        frame.on(name, handler)
    await _load(board)


async def _load(board: Board) -> None:
    offset = int(board.where.cursor or 0)
    states = (board.state,) if board.state else ()

    def load(uow: UnitOfWork) -> tuple[list[Complaint], dict[str, int]]:
        store = ComplaintStore(uow)
        return store.list(states=states, kind=board.kind, limit=PAGE_SIZE + 1, offset=offset), store.by_state()

    found, board.counts = await board.frame.read(load)
    board.items = found[:PAGE_SIZE]
    board.where.following = str(offset + PAGE_SIZE) if len(found) > PAGE_SIZE else None
    visit = board.frame.visit
    if not board.items:
        board.cards.show(empty(visit, visit.t("complaints.none")))
        return
    total = board.counts.get(board.state, 0) if board.state else sum(board.counts.values())
    board.cards.show(*(_card(visit, one) for one in board.items), pager(visit, board.where, total))


def _card(visit: Visit, one: Complaint) -> Markup:
    waiting = one.state in ("open", "taken")
    late = waiting and one.deadline < visit.app.database.clock.now()
    chips = [
        chip(visit.name_of("urgency", one.urgency), _TONES[one.urgency]),
        chip(visit.name_of("complaint_state", one.state)),
        *(chip(visit.name_of("escalate", reason), "bad") for reason in one.escalate),
        chip(visit.t("complaints.overdue"), "bad") if late else None,
    ]
    chinese = visit.locale == "zh-CN"
    words = "、".join(word.text for word in one.words[:6])
    return h(
        "section",
        h("div", h("h2", visit.name_of("complaint", one.kind)), h("p", *chips, class_="zg-chips"),
          class_="zg-card-head"),
        h("blockquote", one.text[:_SHOWN]),
        h("p", h("small", visit.t("complaints.words"), ": ", words)) if words else None,
        h("p", visit.t("complaints.due"), " ", moment(one.deadline), " · ", visit.name_of("owner", one.owner),
          " · ", *_about(visit, one)),
        h("p", h("b", visit.t("complaints.remedies"))),
        h("ul", *(h("li", remedy.zh if chinese else remedy.en) for remedy in one.remedies), class_="zg-bullets"),
        h("details", h("summary", visit.t("complaints.apology")), h("p", one.apology, class_="zg-said")),
        h("p", h("b", one.taken_by), " ", one.note) if one.taken_by or one.note else None,
        _acts(visit, one) if waiting and visit.may("decide") else None,
        class_="zg-card",
        data_complaint=one.kind,
    )  # fmt: skip


def _about(visit: Visit, one: Complaint) -> list[Child]:
    """What it is about, each as a link to where it stands."""
    links: list[Child] = []
    if one.source == "message":
        name = urlencode({"id": one.source_id.partition(":")[0]})
        links.append(h("a", visit.t("nav.conversations"), href=f"/conversations?{name}"))
    if one.order_id:
        links.append(h("a", one.order_id, href=f"/order?{urlencode({'id': one.order_id})}"))
    if one.product_id:
        links.append(h("a", one.product_id, href=f"/product?{urlencode({'id': one.product_id})}"))
    spaced = [part for link in links for part in (link, " ")]
    return spaced or [visit.t("complaints.about"), " ", one.source_id]


def _acts(visit: Visit, one: Complaint) -> Markup:
    ends = [(how, visit.name_of("complaint_state", how)) for how in ("resolved", "dismissed")]
    take = h("button", visit.t("complaints.take"), type="button", data_act="take", data_id=one.id, class_="zg-button")
    return h(
        "div",
        take if one.state == "open" else None,
        h(
            "form",
            h("input", type="hidden", name="id", value=one.id),
            h(
                "div",
                text_field("note", visit.t("complaints.note"), hint=visit.t("complaints.note_hint")),
                class_="zg-grow",
            ),
            select("how", visit.t("complaints.how"), "resolved", ends),
            h("button", visit.t("complaints.settle"), type="submit", class_="zg-button is-main"),
            data_act="settle",
            class_="zg-filters zg-settle",
        ),
        class_="zg-actions",
    )


def _filters(visit: Visit, board: Board) -> Markup:
    kinds = [("", visit.t("common.all")), *((kind, visit.name_of("complaint", kind)) for kind in COMPLAINT_KINDS)]
    states = [
        ("", visit.t("common.all")),
        *((state, visit.name_of("complaint_state", state)) for state in COMPLAINT_STATES),
    ]
    return h(
        "form",
        select("state", visit.t("complaints.state"), board.state, states, change="filter"),
        select("kind", visit.t("complaints.kind"), board.kind, kinds, change="filter"),
        data_act="filter",
        class_="zg-filters",
        role="search",
    )
