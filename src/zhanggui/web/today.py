"""Today: what happened, what waits, what the desk did by itself, saved and cost; every number leads to its evidence."""

from urllib.parse import urlencode

from zhanggui.app import App
from zhanggui.desk import PROMOTION, Agreement, KindSettings
from zhanggui.kernel.errors import BadInput
from zhanggui.kernel.storage import MerchantStore, UnitOfWork
from zhanggui.web import frame as frames
from zhanggui.web.frame import Frame, Region, Values, title
from zhanggui.web.markup import Child, Markup, h, join
from zhanggui.web.parts import bar, chip, dollars, field_text, moment, percent, price, state_chip, text_field
from zhanggui.web.session import Visit
from zhanggui.web.today_facts import MINUTES, MINUTES_SETTING, Day, Waiting, read_day
from zhanggui.web.tour import Tour, offer, read_tour, skip_on

Levels = list[tuple[KindSettings, Agreement]]
_MOST_MINUTES = 480


def add_page(app: App) -> None:
    """Serve the page."""
    frames.add_page(app, "/", "today", _build)


async def _build(frame: Frame) -> None:
    visit, page = frame.visit, Region("zg-main")

    async def draw() -> None:
        # Written as well: a kind that no longer deserves its level falls back here.
        levels = await frame.write("read", visit.app.desk.autonomies.all)
        day = await frame.read(lambda uow: read_day(visit.app, uow))
        tour = await frame.read(lambda uow: read_tour(uow, visit.session.login))
        _show(visit, page, (day, levels, tour))

    async def count(values: Values) -> None:
        own = {kind: _minutes(kind, field_text(values, kind)) for kind in MINUTES}
        await frame.write("admin", lambda uow: _keep(uow, own))
        await draw()
        frame.say(visit.t("today.minutes_kept"))

    async def again(_: Values) -> None:
        await draw()

    frame.on("minutes", count)
    skip_on(frame, again)
    await draw()


def _keep(uow: UnitOfWork, own: dict[str, int]) -> None:
    MerchantStore.set_setting(uow, MINUTES_SETTING, own)


def _minutes(kind: str, text: str) -> int:
    if not text.isdigit() or int(text) > _MOST_MINUTES:
        raise BadInput(field=kind, expected=f"minutes from 0 to {_MOST_MINUTES}", found=text)
    return int(text)


def _show(visit: Visit, page: Region, known: tuple[Day, Levels, Tour | None]) -> None:
    day, levels, tour = known
    beside = h("a", visit.t("today.tour"), href="/tour", class_="zg-button") if tour else None
    head = join((title(visit.t("today.title"), beside, lead=visit.t("today.lead")), offer(visit, tour)))
    if not day.any_proposal:
        page.show(head, _begin(visit, day))
        return
    page.show(
        head,
        _numbers(visit, day),
        h(
            "div",
            h("div", _waiting(visit, day), _trust(visit, levels)),
            h("div", _happened(visit, day), _alone(visit, day), _saved(visit, day), _jobs(visit, day),
              _events(visit, day)),
            class_="zg-columns",
        ),
    )  # fmt: skip


# -- a fresh shop -----------------------------------------------------------------------------------------------------


def _begin(visit: Visit, day: Day) -> Markup:
    act = visit.may("propose")
    steps = (
        ("import", day.products > 0, "/import", act),
        ("connect", day.connected, "/settings#connections", visit.may("admin")),
        ("model", day.model, "/models", True),
        ("levels", False, "/settings#autonomy", True),
        ("first", False, "/catalogue", act and day.products > 0),
    )
    rows = (
        h(
            "li",
            h("div", h("b", visit.t(f"today.step_{name}")), h("br"), h("small", visit.t(f"today.step_{name}_why"))),
            chip(visit.t("today.done"), "ok") if done else
            h("a", visit.t(f"today.step_{name}_go"), href=address, class_="zg-button") if open_ else None,
        )
        for name, done, address, open_ in steps
    )  # fmt: skip
    hint = visit.t("today.no_products") if day.products == 0 else visit.t("today.no_proposals")
    return h("section", h("h2", visit.t("today.begin")), h("p", hint, class_="zg-hint"),
             h("ol", *rows, class_="zg-lines zg-steps"), class_="zg-card")  # fmt: skip


# -- a day ------------------------------------------------------------------------------------------------------------


def _numbers(visit: Visit, day: Day) -> Markup:
    waiting, minutes = sum(one.count for one in day.waiting), sum(one.minutes for one in day.saved)
    urgent = next((one.address for one in day.waiting), "/inbox")
    return h(
        "div",
        _number(visit, "waiting", waiting, urgent if urgent == "/handovers" else "/inbox", strong=True),
        _number(visit, "orders", f"{day.orders:,}", "/orders"),
        _number(visit, "trouble", day.exceptions, "/exceptions"),
        _number(visit, "saved_time", _time(visit, minutes), "#saved"),
        _number(visit, "cost", dollars(day.spent), "/models"),
        _number(visit, "failed", day.failed, "/inbox?state=failed", bad=True) if day.failed else None,
        class_="zg-numbers",
    )


def _number(visit: Visit, name: str, value: Child, address: str, *, strong: bool = False, bad: bool = False) -> Markup:
    tone = " is-strong" if strong else " is-bad" if bad else ""
    return h("a", h("b", value), h("span", visit.t(f"today.{name}")), href=address, class_=f"zg-number{tone}")


def _time(visit: Visit, minutes: int) -> str:
    if minutes < 60:
        return visit.t("today.minutes", minutes=minutes)
    return visit.t("today.hours", hours=minutes // 60, minutes=f"{minutes % 60:02d}")


def _waiting(visit: Visit, day: Day) -> Markup:
    rows = [_waits(visit, day, one) for one in day.waiting]
    body = h("ul", *rows, class_="zg-lines") if rows else h("p", visit.t("today.nothing_waits"), class_="zg-hint")
    return _card(visit.t("today.waits"), body, "/inbox", visit.t("today.open_inbox"))


def _waits(visit: Visit, day: Day, one: Waiting) -> Markup:
    over = one.deadline is not None and one.deadline < day.now
    when = [visit.t("today.oldest"), " ", moment(one.oldest)] if one.oldest else []
    until = [" · ", visit.t("today.until"), " ", moment(one.deadline)] if one.deadline else []
    return h(
        "li",
        h("div", h("a", _work(visit, one.kind), href=one.address), " ",
          chip(visit.t("today.over"), "bad") if over else None, h("br"), h("small", when, until)),
        h("a", h("b", one.count), href=one.address, aria_label=f"{_work(visit, one.kind)}: {one.count}"),
    )  # fmt: skip


def _work(visit: Visit, kind: str) -> str:
    """A kind of proposal, or of work beside proposals, by its name."""
    return visit.name_of("today", f"work_{kind}") if f"work_{kind}" in _WORK else visit.name_of("kind", kind)


_WORK = frozenset({"work_handover", "work_complaint", "work_heard", "work_chat", "work_exception", "work_other"})


def _happened(visit: Visit, day: Day) -> Markup:
    money = " + ".join(price(one) for one in day.turnover)
    share = percent(day.negative / day.texts) if day.texts else "–"
    rows = (
        _line(visit.t("today.did_orders"), day.orders, "/orders", money),
        _line(visit.t("today.did_applied"), day.decided["applied"], "/inbox?state=applied"),
        _line(visit.t("today.undone"), day.undone, "/inbox?state=undone"),
        _line(visit.t("today.did_chats"), day.chats, "/conversations"),
        _line(visit.t("today.did_texts"), day.texts, "/mood", visit.t("today.negative", share=share)),
    )
    head = h("div", h("h2", visit.t("today.happened")), h("small", visit.t("today.since"), " ", moment(day.since)),
             class_="zg-card-head")  # fmt: skip
    return h("section", head, h("ul", *rows, class_="zg-lines"), class_="zg-card")


def _alone(visit: Visit, day: Day) -> Markup:
    rows = (
        _line(visit.t("today.alone_proposed"), day.proposed, "/inbox?state="),
        _line(visit.t("today.by_itself"), day.alone, "/inbox?state=applied"),
        _line(visit.t("today.alone_chats"), day.chats_alone, "/conversations"),
        _line(visit.t("today.alone_exceptions"), day.exceptions, "/exceptions"),
        _line(visit.t("today.alone_complaints"), day.complaints, "/complaints"),
    )
    return h("section", h("h2", visit.t("today.alone")), h("ul", *rows, class_="zg-lines"), class_="zg-card")


def _line(text: str, value: Child, address: str, beside: str = "") -> Markup:
    return h(
        "li",
        h("div", h("a", text, href=address), h("small", " ", beside) if beside else None),
        h("a", h("b", value), href=address, tabindex="-1", aria_hidden="true"),
    )  # fmt: skip


def _saved(visit: Visit, day: Day) -> Markup:
    rows = [
        _line(_work(visit, one.kind), _time(visit, one.minutes), one.address,
              visit.t("today.counted", count=one.count, each=one.each))
        for one in day.saved
    ]  # fmt: skip
    rows += [
        _line(visit.t("today.gain"), f"+{price(one.amount)}", f"/inbox?{urlencode({'id': one.proposal_id})}",
              visit.t("today.gain_how", title=one.title))
        for one in day.gains
    ]  # fmt: skip
    body = h("ul", *rows, class_="zg-lines") if rows else h("p", visit.t("today.nothing_saved"), class_="zg-hint")
    cost = _line(visit.t("today.cost_month"), dollars(day.spent_month), "/models", visit.t("today.cost_local"))
    return h(
        "section",
        h("div", h("h2", visit.t("today.saved")), class_="zg-card-head"),
        body,
        h("ul", cost, class_="zg-lines"),
        _how(visit, day) if visit.may("admin") else h("p", visit.t("today.how"), class_="zg-hint"),
        class_="zg-card",
        id="saved",
    )


def _how(visit: Visit, day: Day) -> Markup:
    fields = (text_field(kind, _work(visit, kind), str(each), kind="number") for kind, each in day.minutes.items())
    save = h("div", h("button", visit.t("common.save"), class_="zg-button"), class_="zg-actions")
    form = h("form", h("div", *fields, class_="zg-fields"), save, data_act="minutes")
    return h(
        "details", h("summary", visit.t("today.how_counted")), h("p", visit.t("today.how"), class_="zg-hint"), form
    )


def _trust(visit: Visit, levels: Levels) -> Markup:
    decided = [pair for pair in levels if pair[1].decided]
    rows = (
        h(
            "li",
            h("div", h("a", visit.name_of("kind", setting.kind), href="/settings#autonomy"), " ",
              state_chip(visit, "autonomy", setting.autonomy)),
            h("div", bar(agreement.rate, visit.t("today.agreement")), class_="zg-wide"),
            h("small", agreement_text(visit, agreement)),
            class_="is-tall",
        )
        for setting, agreement in decided
    )  # fmt: skip
    body = h("ul", *rows, class_="zg-lines") if decided else h("p", visit.t("today.no_decisions"), class_="zg-hint")
    return _card(visit.t("today.trust"), body, "/settings", visit.t("today.set_levels"))


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


def _jobs(visit: Visit, day: Day) -> Markup | None:
    if not day.jobs:
        return None
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
    return _card(visit.t("today.jobs"), h("ul", *rows, class_="zg-lines"), "/jobs", visit.t("today.all_jobs"))


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
