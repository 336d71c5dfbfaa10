"""Jobs: how far each is, live; pause, resume, cancel, retry; items that failed with their reason."""

from dataclasses import dataclass, field
from urllib.parse import urlencode

from zhanggui.app import App
from zhanggui.kernel.errors import BadInput
from zhanggui.kernel.jobs import Command, Job, JobItem
from zhanggui.kernel.storage import UnitOfWork
from zhanggui.kernel.types import Page
from zhanggui.web import frame as frames
from zhanggui.web.frame import Frame, Region, Values, empty, title
from zhanggui.web.markup import Child, Markup, h
from zhanggui.web.parts import PAGE_SIZE, Pager, bar, cell, moment, pager, state_chip, table
from zhanggui.web.session import Visit

_EVERY = 1.5
_COMMANDS: dict[str, tuple[Command, ...]] = {
    "queued": ("pause", "cancel"),
    "running": ("pause", "cancel"),
    "paused": ("resume", "cancel"),
    "cancelled": ("resume",),
    "done": (),
}
_ALL_COMMANDS: tuple[Command, ...] = ("pause", "resume", "cancel", "retry")


@dataclass
class Board:
    """What one open page shows."""

    frame: Frame
    list: Region
    detail: Region
    chosen: str
    where: Pager = field(default_factory=Pager)
    failed_only: bool = False
    shown: tuple[object, ...] = ()


def add_page(app: App) -> None:
    """Serve the page."""
    frames.add_page(app, "/jobs", "jobs", _build)


async def _build(frame: Frame) -> None:
    visit = frame.visit
    Region("zg-main-part").show(title(visit.t("jobs.title"), lead=visit.t("jobs.lead")))
    detail = Region("zg-main-part")
    board = Board(frame, Region("zg-main-part"), detail, frame.query("id"))
    await _load(board)
    _answer(board)

    frame.every(_EVERY, lambda: _load(board))


def _answer(board: Board) -> None:
    async def turn(values: Values) -> None:
        board.where.turn(str(values.get("to")))
        await _load(board)

    async def steer(values: Values) -> None:
        wanted: list[Command] = [one for one in _ALL_COMMANDS if one == values.get("command")]
        if not wanted:
            raise BadInput(field="command", expected=" | ".join(_ALL_COMMANDS), found=str(values.get("command")))
        job, jobs = str(values.get("id")), board.frame.visit.app.jobs
        await board.frame.write("propose", lambda uow: jobs.command(uow, job, wanted[0]))
        await _load(board)

    async def failed(values: Values) -> None:
        board.failed_only = bool(values.get("checked"))
        await _load(board)

    for name, handler in (("turn", turn), ("steer", steer), ("failed-only", failed)):
        board.frame.on(name, handler)


async def _load(board: Board) -> None:
    jobs, visit = board.frame.visit.app.jobs, board.frame.visit

    def read(uow: UnitOfWork) -> tuple[Page[Job], Job | None, Page[JobItem] | None]:
        page = jobs.page(uow, cursor=board.where.cursor, limit=PAGE_SIZE)
        if not board.chosen:
            return page, None, None
        state = "failed" if board.failed_only else None
        return page, jobs.get(uow, board.chosen), jobs.items(uow, board.chosen, state=state, limit=100)

    found = await board.frame.read(read)
    if found == board.shown:
        return  # nothing moved: the page keeps still
    board.shown = found
    page, one, items = found
    board.where.following = page.next_cursor
    if not page.items:
        board.list.show(empty(visit, visit.t("jobs.none"), visit.t("today.write"), "/catalogue"))
        return
    names = ("job", "state", "progress", "items", "by", "created", "finished")
    heads = [visit.t(f"jobs.{name}") for name in names]
    rows = (_row(visit, heads, job) for job in page.items)
    board.list.show(table([*heads, ""], rows, label=visit.t("jobs.title")), pager(visit, board.where, page.total))
    if one is not None and items is not None:
        board.detail.show(_detail(board, one, items))


def _row(visit: Visit, heads: list[str], job: Job) -> Markup:
    progress = job.progress
    return h(
        "tr",
        cell(heads[0], h("a", visit.name_of("kind", job.kind), href=f"/jobs?{urlencode({'id': job.id})}")),
        cell(heads[1], state_chip(visit, "job", job.state)),
        cell(heads[2], bar((progress.done + progress.failed) / max(1, progress.total), visit.t("jobs.progress"))),
        cell(heads[3], _counts(visit, job)),
        cell(heads[4], job.started_by),
        cell(heads[5], moment(job.created_at)),
        cell(heads[6], moment(job.finished_at)),
        h("td", _steering(visit, job)),
    )


def _counts(visit: Visit, job: Job) -> str:
    progress = job.progress
    text = f"{progress.done:,} / {progress.total:,}"
    return f"{text} · {visit.t('jobs.n_failed', count=progress.failed)}" if progress.failed else text


def _steering(visit: Visit, job: Job) -> list[Child]:
    if not visit.may("propose"):
        return []
    commands = _COMMANDS.get(job.state, ())
    if job.progress.failed:
        commands = (*commands, "retry")
    return [
        h("button", visit.t(f"jobs.{command}"), type="button", data_act="steer", data_id=job.id, data_command=command,
          class_="zg-button is-small")
        for command in commands
    ]  # fmt: skip


def _detail(board: Board, job: Job, items: Page[JobItem]) -> Markup:
    visit, progress = board.frame.visit, job.progress
    heads = [visit.t(f"jobs.{name}") for name in ("item", "state", "result", "finished")]
    rows = (
        h(
            "tr",
            cell(heads[0], item.key),
            cell(heads[1], state_chip(visit, "job", item.state)),
            cell(heads[2], _result(visit, item)),
            cell(heads[3], moment(item.finished_at)),
        )
        for item in items.items
    )
    only = h("label", h("input", type="checkbox", checked=board.failed_only, data_change="failed-only"), " ",
             visit.t("jobs.failed_only"))  # fmt: skip
    eta = h("small", visit.t("jobs.until"), " ", moment(progress.eta)) if progress.eta else None
    share = (progress.done + progress.failed) / max(1, progress.total)
    return h(
        "section",
        h("div", h("h2", visit.name_of("kind", job.kind), " ", state_chip(visit, "job", job.state)),
          h("div", *_steering(visit, job), class_="zg-actions"), class_="zg-card-head"),
        h("p", bar(share, visit.t("jobs.progress")), " ", _counts(visit, job), " ", eta),
        only,
        table(heads, rows, label=visit.t("jobs.items")),
        class_="zg-card",
    )  # fmt: skip


def _result(visit: Visit, item: JobItem) -> Child:
    if item.error:
        return h("span", item.error, class_="zg-wrong")
    result = item.result or {}
    proposal = result.get("proposal")
    if isinstance(proposal, str):
        name = str(result.get("title") or proposal)
        return h("a", name, href=f"/inbox?{urlencode({'id': proposal})}")
    state = result.get("state")
    return visit.name_of("autonomy", state) if isinstance(state, str) else "–"
