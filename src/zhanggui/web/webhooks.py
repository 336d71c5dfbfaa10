"""Webhooks out: which programs are told of what happens, what was told, what failed, tell it again."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import cast

from zhanggui.app import App
from zhanggui.kernel.storage import UnitOfWork
from zhanggui.kernel.types import Page
from zhanggui.kernel.webhooks import WEBHOOKS_JOB, Endpoint, NewEndpoint, OutMessage, last_answers, schedule_webhooks
from zhanggui.web import frame as frames
from zhanggui.web import webhooks_views as views
from zhanggui.web.frame import Frame, Region, Values, title
from zhanggui.web.markup import Markup, h
from zhanggui.web.parts import PAGE_SIZE, Pager, field_text

_EVERY = 1.5
_Found = tuple[tuple[Endpoint, ...], dict[str, OutMessage], Page[OutMessage], dict[str, int]]


@dataclass
class Board:
    """What one open page shows."""

    frame: Frame
    told: Region
    endpoints: Region
    new: Region
    messages: Region
    state: str = ""
    where: Pager = field(default_factory=Pager)
    seen: tuple[object, ...] = ()
    drawn: tuple[object, ...] = ()
    made: int = 0


def add_page(app: App) -> None:
    """Serve the page."""
    frames.add_page(app, "/webhooks", "webhooks", _build)


async def _build(frame: Frame) -> None:
    visit = frame.visit
    Region("zg-main-part").show(title(visit.t("webhooks.title"), lead=visit.t("webhooks.lead")))
    told, endpoints, messages, new = (Region("zg-main-part") for _ in range(4))
    board = Board(frame, told, endpoints, new, messages)
    _show_form(board)
    _answer_endpoints(board)
    _answer_messages(board)
    await _load(board)

    frame.every(_EVERY, lambda: _load(board))


def _show_form(board: Board) -> None:
    board.made += 1
    if board.frame.visit.may("admin"):
        board.new.show(views.new_endpoint(board.frame.visit, board.made))


def _answer_endpoints(board: Board) -> None:
    frame, webhooks = board.frame, board.frame.visit.app.webhooks
    t = frame.visit.t

    async def add(values: Values) -> None:
        url, events = field_text(values, "url").strip(), _chosen(values)

        def act(uow: UnitOfWork) -> NewEndpoint:
            made = webhooks.register(uow, url, events)
            schedule_webhooks(frame.visit.app.jobs, uow)
            return made

        board.told.show(views.secret(frame.visit, await frame.write("admin", act)))
        _show_form(board)
        await _load(board)

    async def rotate(values: Values) -> None:
        made = await frame.write("admin", lambda uow: webhooks.rotate(uow, str(values.get("id"))))
        board.told.show(views.secret(frame.visit, made))

    async def switch(values: Values) -> None:
        on = values.get("on") == "1"
        await frame.write("admin", lambda uow: webhooks.enable(uow, str(values.get("id")), on))
        await _load(board)
        frame.say(t("webhooks.switched_on" if on else "webhooks.switched_off"))

    async def remove(values: Values) -> None:
        await frame.write("admin", lambda uow: webhooks.remove(uow, str(values.get("id"))))
        board.told.show()
        await _load(board)
        frame.say(t("webhooks.removed"))

    async def test(values: Values) -> None:
        def act(uow: UnitOfWork) -> None:
            webhooks.test(uow, str(values.get("id")))
            frame.visit.app.jobs.start(uow, WEBHOOKS_JOB, {})

        await frame.write("admin", act)
        await _load(board)
        frame.say(t("webhooks.testing"))

    for name, handler in (("add", add), ("rotate", rotate), ("switch", switch), ("remove", remove), ("test", test)):
        frame.on(name, handler)


def _chosen(values: Values) -> list[str]:
    fields = cast(Mapping[str, object], values.get("fields", {}))
    return [str(one) for one in cast(Sequence[object], fields.get("event", ()))]


def _answer_messages(board: Board) -> None:
    frame, webhooks = board.frame, board.frame.visit.app.webhooks

    async def filtered(values: Values) -> None:
        state = field_text(values, "state")
        board.state = state if state in views.STATES else ""
        board.where.first()
        await _load(board)

    async def turn(values: Values) -> None:
        board.where.turn(str(values.get("to")))
        await _load(board)

    async def replay(values: Values) -> None:
        def act(uow: UnitOfWork) -> None:
            webhooks.replay(uow, str(values.get("id")))
            frame.visit.app.jobs.start(uow, WEBHOOKS_JOB, {})

        await frame.write("admin", act)
        await _load(board)
        frame.say(frame.visit.t("webhooks.replaying", count=1))

    async def replay_all(_: Values) -> None:
        def act(uow: UnitOfWork) -> int:
            count = webhooks.replay_failed(uow)
            frame.visit.app.jobs.start(uow, WEBHOOKS_JOB, {})
            return count

        count = await frame.write("admin", act)
        await _load(board)
        frame.say(frame.visit.t("webhooks.replaying", count=count))

    for name, handler in (("filter", filtered), ("turn", turn), ("replay", replay), ("replay-all", replay_all)):
        frame.on(name, handler)


async def _load(board: Board) -> None:
    visit, webhooks = board.frame.visit, board.frame.visit.app.webhooks

    def read(uow: UnitOfWork) -> _Found:
        page, counts = webhooks.messages(uow, state=board.state, cursor=board.where.cursor, limit=PAGE_SIZE)
        return webhooks.endpoints(uow), last_answers(uow), page, counts

    endpoints, answers, page, counts = await board.frame.read(read)
    board.where.following = page.next_cursor
    # What did not move stays as it is, with its open dialogs.
    if (shown := (endpoints, answers)) != board.seen:
        board.seen = shown
        board.endpoints.show(views.endpoints(visit, endpoints, answers))
    if (drawn := (endpoints, page, counts, board.state)) != board.drawn:
        board.drawn = drawn
        board.messages.show(_messages(board, endpoints, page, counts))


def _messages(
    board: Board, endpoints: tuple[Endpoint, ...], page: Page[OutMessage], counts: dict[str, int]
) -> Markup | None:
    if not endpoints:
        return None
    visit = board.frame.visit
    return h(
        "section",
        views.messages_head(visit, board.state, counts),
        views.messages(visit, {one.id: one for one in endpoints}, page, board.where),
        class_="zg-card",
    )
