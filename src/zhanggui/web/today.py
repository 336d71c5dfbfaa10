"""Today: what happened, what waits, what the desk did by itself, what it cost; every number leads to its evidence."""

from dataclasses import dataclass
from datetime import timedelta
from urllib.parse import urlencode

from zhanggui.app import App
from zhanggui.catalog import ProductQuery, search_products
from zhanggui.desk import PROMOTION, Agreement, Filter, Inbox, KindSettings, Proposal, State
from zhanggui.kernel.audit import AuditLog, AuditRow
from zhanggui.kernel.jobs import Job
from zhanggui.kernel.llm import Spending
from zhanggui.kernel.storage import UnitOfWork
from zhanggui.web import frame as frames
from zhanggui.web.frame import Frame, Region, empty, title
from zhanggui.web.markup import Child, Markup, h
from zhanggui.web.parts import bar, dollars, moment, percent, state_chip
from zhanggui.web.session import Visit

_RECENT = 200


@dataclass(frozen=True, slots=True)
class Day:
    """Everything the page tells."""

    counts: dict[tuple[str, State], int]
    recent: tuple[Proposal, ...]
    levels: list[tuple[KindSettings, Agreement]]
    jobs: tuple[Job, ...]
    events: tuple[AuditRow, ...]
    products: int
    spent_today: tuple[Spending, ...]
    spent_month: tuple[Spending, ...]

    def sum_of(self, *states: State) -> int:
        """How many proposals are in these states."""
        return sum(number for (_, state), number in self.counts.items() if state in states)


def add_page(app: App) -> None:
    """Serve the page."""
    frames.add_page(app, "/", "today", _build)


async def _build(frame: Frame) -> None:
    visit = frame.visit

    # Written as well: a kind that no longer deserves its level falls back here.
    levels = await frame.write("read", visit.app.desk.autonomies.all)

    def load(uow: UnitOfWork) -> Day:
        now, applied = uow.clock.now(), Filter(states=(State.APPLIED, State.UNDONE))
        working = [visit.app.jobs.page(uow, state=state, limit=5).items for state in ("running", "queued", "paused")]
        since = now - timedelta(days=1)
        return Day(
            counts=Inbox.counts(uow),
            recent=tuple(
                one for one in Inbox.page(uow, applied, limit=_RECENT).items if (one.applied_at or now) >= since
            ),
            levels=levels,
            jobs=tuple(job for jobs in working for job in jobs)[:5],
            events=AuditLog(uow).read(limit=9).items,
            products=search_products(uow, ProductQuery(limit=1)).total,
            spent_today=visit.app.models.spending(uow.merchant_id, since),
            spent_month=visit.app.models.spending(uow.merchant_id, now - timedelta(days=30)),
        )

    day = await frame.read(load)
    page = Region("zg-main")
    page.show(
        title(visit.t("today.title"), lead=visit.t("today.lead")),
        _next_step(visit, day),
        _numbers(visit, day),
        h("div", h("div", _waiting(visit, day), _trust(visit, day)), h("div", _jobs(visit, day), _events(visit, day)),
          class_="zg-columns"),
    )  # fmt: skip


def _next_step(visit: Visit, day: Day) -> Markup | None:
    if day.products == 0:
        act = visit.may("propose")
        return empty(visit, visit.t("today.no_products"), visit.t("today.import") if act else "", "/import")
    if not day.counts:
        return empty(visit, visit.t("today.no_proposals"), visit.t("today.write"), "/catalogue")
    return None


def _numbers(visit: Visit, day: Day) -> Markup:
    alone = sum(one.autonomy == "auto" and one.decided_by.startswith("desk") for one in day.recent)
    people = sum(not one.decided_by.startswith("desk") for one in day.recent)
    undone = sum(one.state is State.UNDONE for one in day.recent)
    stopped = day.sum_of(State.FAILED)
    more = "+" if len(day.recent) == _RECENT else ""
    micros = sum(one.micros for one in day.spent_today)
    return h(
        "div",
        _number(visit, "waiting", day.sum_of(State.WAITING), "/inbox", strong=True),
        _number(visit, "by_people", f"{people}{more}", "/inbox?state=applied"),
        _number(visit, "by_itself", f"{alone}{more}", "/inbox?state=applied"),
        _number(visit, "undone", undone, "/inbox?state=undone"),
        _number(visit, "failed", stopped, "/inbox?state=failed", bad=stopped > 0),
        _number(visit, "cost", dollars(micros), "/models"),
        _number(visit, "products", f"{day.products:,}", "/catalogue"),
        class_="zg-numbers",
    )


def _number(visit: Visit, name: str, value: Child, address: str, *, strong: bool = False, bad: bool = False) -> Markup:
    tone = " is-strong" if strong else " is-bad" if bad else ""
    return h("a", h("b", value), h("span", visit.t(f"today.{name}")), href=address, class_=f"zg-number{tone}")


def _waiting(visit: Visit, day: Day) -> Markup:
    kinds = {kind: number for (kind, state), number in sorted(day.counts.items()) if state is State.WAITING}
    rows = (
        h(
            "li",
            h("a", visit.name_of("kind", kind), href=f"/inbox?{urlencode({'kind': kind})}"),
            h("b", number),
        )
        for kind, number in kinds.items()
    )
    body = h("ul", *rows, class_="zg-lines") if kinds else h("p", visit.t("today.nothing_waits"), class_="zg-hint")
    return _card(visit.t("today.waits"), body, "/inbox", visit.t("today.open_inbox"))


def _trust(visit: Visit, day: Day) -> Markup:
    rows = (
        h(
            "li",
            h("div", h("a", visit.name_of("kind", setting.kind), href="/settings#autonomy"), " ",
              state_chip(visit, "autonomy", setting.autonomy)),
            h("div", bar(agreement.rate, visit.t("today.agreement")), class_="zg-wide"),
            h("small", agreement_text(visit, agreement)),
            class_="is-tall",
        )
        for setting, agreement in day.levels
    )  # fmt: skip
    return _card(visit.t("today.trust"), h("ul", *rows, class_="zg-lines"), "/settings", visit.t("today.set_levels"))


def agreement_text(visit: Visit, agreement: Agreement) -> str:
    """How often people agreed, and how sure that is."""
    if not agreement.decided:
        return visit.t("today.no_decisions")
    return visit.t(
        "today.agreed",
        agreed=agreement.agreed,
        decided=agreement.decided,
        lower=percent(agreement.lower),
        needed=percent(PROMOTION.min_lower),
    )


def _jobs(visit: Visit, day: Day) -> Markup:
    rows = (
        h(
            "li",
            h("div", h("a", visit.name_of("kind", job.kind), href=f"/jobs?{urlencode({'id': job.id})}"), " ",
              state_chip(visit, "job", job.state)),
            h("div", bar(job.progress.done / max(1, job.progress.total), visit.t("jobs.progress")), class_="zg-wide"),
            h("small", f"{job.progress.done + job.progress.failed} / {job.progress.total}"),
            class_="is-tall",
        )
        for job in day.jobs
    )  # fmt: skip
    body = h("ul", *rows, class_="zg-lines") if day.jobs else h("p", visit.t("today.no_jobs"), class_="zg-hint")
    return _card(visit.t("today.jobs"), body, "/jobs", visit.t("today.all_jobs"))


def _events(visit: Visit, day: Day) -> Markup:
    rows = (
        h(
            "li",
            h("div", h("b", visit.name_of("action", event.action)), " ", subject_link(event.subject),
              h("small", event.actor)),
            moment(event.at),
        )
        for event in day.events
    )  # fmt: skip
    body = h("ul", *rows, class_="zg-lines") if day.events else h("p", visit.t("today.no_events"), class_="zg-hint")
    return _card(visit.t("today.events"), body, "/audit", visit.t("today.whole_trail"))


def subject_link(subject: str) -> Markup:
    """What an action was about, as a link where there is a page for it."""
    if subject.startswith("prp_"):
        return h("a", subject[-8:], href=f"/inbox?{urlencode({'id': subject})}", title=subject)
    if subject.startswith("product:"):
        number = subject.removeprefix("product:")
        return h("a", number, href=f"/product?{urlencode({'id': number})}")
    return h("span", subject)


def _card(heading: str, body: Markup, address: str, link: str) -> Markup:
    head = h("div", h("h2", heading), h("a", link, href=address), class_="zg-card-head")
    return h("section", head, body, class_="zg-card")
