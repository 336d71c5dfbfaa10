"""Automations: each rule in a plain sentence, its mode, what it did, agreement, money, and a replay over the past."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from zhanggui.app import App
from zhanggui.kernel.storage import UnitOfWork
from zhanggui.kernel.types import Money
from zhanggui.orders import MODES, Replayed, RuleView, Run, runs_of_rule
from zhanggui.web import frame as frames
from zhanggui.web.frame import Frame, Region, Values, title
from zhanggui.web.markup import Child, Markup, h
from zhanggui.web.orders import order_link
from zhanggui.web.parts import chip, facts, field_text, moment, options, percent, price, select, state_chip
from zhanggui.web.session import Visit

_PERIODS = ("30", "90", "365", "1095")
_SHOWN = 8


@dataclass
class Board:
    """What one open page shows: the rules, and for each what a replay told and what it did lately."""

    frame: Frame
    cards: Region
    rules: tuple[RuleView, ...] = ()
    replayed: dict[str, Replayed] = field(default_factory=dict[str, Replayed])
    runs: dict[str, list[Run]] = field(default_factory=dict[str, list[Run]])
    drawn: int = 0


def add_page(app: App) -> None:
    """Serve the page."""
    frames.add_page(app, "/automations", "automations", _build)


async def _build(frame: Frame) -> None:
    visit, head = frame.visit, Region("zg-main-part")
    board = Board(frame, Region("zg-main-part"))
    head.show(title(visit.t("automations.title"), lead=visit.t("automations.lead")), _replay_form(visit))

    async def switch(values: Values) -> None:
        rule, mode = str(values.get("rule", "")), str(values.get("value", ""))
        try:
            await frame.write("admin", lambda uow: visit.app.automations.set_mode(uow, rule, mode))
            frame.say(visit.t("automations.switched", mode=visit.name_of("mode", mode)))
        finally:
            await _load(board)  # what is refused shows as it was

    async def replay(values: Values) -> None:
        days = field_text(values, "days")

        def run(uow: UnitOfWork) -> tuple[tuple[Replayed, ...], datetime]:
            now, back = uow.clock.now(), timedelta(days=int(days if days in _PERIODS else _PERIODS[1]))
            return visit.app.automations.replay(uow, now - back, now), now

        results, _ = await frame.write("admin", run)
        board.replayed = {one.rule_id: one for one in results}
        await _load(board)
        frame.say(visit.t("automations.replayed"))

    async def judge(values: Values) -> None:
        run, agreed = str(values.get("run", "")), values.get("agreed") == "yes"
        await frame.write("decide", lambda uow: visit.app.automations.judge(uow, run, agreed=agreed))
        await _load(board)

    async def show(values: Values) -> None:
        rule = str(values.get("rule", ""))
        if board.runs.pop(rule, None) is None:
            board.runs[rule] = []
        await _load(board)

    for name, handler in (("switch", switch), ("replay", replay), ("judge", judge), ("runs", show)):
        frame.on(name, handler)
    await _load(board)


async def _load(board: Board) -> None:
    automations = board.frame.visit.app.automations

    def load(uow: UnitOfWork) -> tuple[tuple[RuleView, ...], dict[str, list[Run]]]:
        return automations.rules(uow), {rule: runs_of_rule(uow, rule, limit=_SHOWN) for rule in board.runs}

    board.rules, board.runs = await board.frame.read(load)
    board.drawn += 1  # a select that a person turned is drawn anew even where nothing else changed
    board.cards.show(h("div", *(_card(board, view) for view in board.rules), data_n=board.drawn))


def _card(board: Board, view: RuleView) -> Markup:
    visit, rule = board.frame.visit, view.rule
    runs = board.runs.get(rule.id)
    return h(
        "section",
        h("div", h("h2", rule.id), h("p", chip(visit.name_of("kind", rule.kind)), _mode(visit, view),
                                     class_="zg-chips"), class_="zg-card-head"),
        h("p", view.text.zh if visit.locale == "zh-CN" else view.text.en),
        facts(_numbers(visit, view)),
        _past(visit, board.replayed.get(rule.id)),
        h("div", h("button", visit.t("automations.lately" if runs is None else "common.close"), type="button",
                   data_act="runs", data_rule=rule.id, class_="zg-button"), class_="zg-actions"),
        None if runs is None else _runs(visit, runs),
        class_="zg-card",
        data_rule=rule.id,
    )  # fmt: skip


def _mode(visit: Visit, view: RuleView) -> Markup:
    if not visit.may("admin"):
        return state_chip(visit, "mode", view.mode)
    choices = [(mode, visit.name_of("mode", mode)) for mode in MODES]
    return h("select", options(view.mode, choices), data_change="switch", data_rule=view.rule.id,
             aria_label=visit.t("automations.mode_of", rule=view.rule.id))  # fmt: skip


def _numbers(visit: Visit, view: RuleView) -> list[tuple[str, Child]]:
    agreed = visit.t("automations.nobody")
    if view.decided:
        agreed = visit.t("automations.agreed", agreed=view.agreed, decided=view.decided, lower=percent(view.lower))
    return [
        (visit.t("automations.fired"), f"{view.fired:,}"),
        (visit.t("automations.agreement"), agreed),
        (visit.t("automations.undone"), f"{view.undone:,}"),
        (visit.t("automations.money"), _money(view.money)),
        (visit.t("automations.was_replayed"), visit.t("common.yes" if view.replayed else "common.no")),
    ]


def _money(sums: Mapping[str, int]) -> str:
    return " · ".join(price(Money(minor, code)) for code, minor in sums.items()) or "–"


def _past(visit: Visit, told: Replayed | None) -> Markup | None:
    if told is None:
        return None
    words = visit.t("automations.past", times=f"{len(told.triggered):,}", looked=f"{told.looked_at:,}")
    compared = None
    if told.comparable:
        compared = visit.t("automations.compared", agreed=told.agreed, of=told.comparable)
    links = (h("li", h("a", order_id, href=order_link(order_id)), moment(at))
             for order_id, at in told.triggered[:_SHOWN])  # fmt: skip
    return h("div", h("p", h("b", words), " ", compared, " ", _money(told.money)), h("ul", *links, class_="zg-lines"),
             class_="zg-pane is-before", data_replayed=told.rule_id)  # fmt: skip


def _runs(visit: Visit, runs: list[Run]) -> Markup:
    if not runs:
        return h("p", visit.t("automations.no_runs"), class_="zg-hint")
    return h("ul", *(_run(visit, run) for run in runs), class_="zg-lines")


def _run(visit: Visit, run: Run) -> Markup:
    said: Child = None
    if run.agreed is not None:
        said = chip(visit.t("automations.yes" if run.agreed else "automations.no"), "ok" if run.agreed else "bad")
    elif run.proposal_id is None and visit.may("decide"):
        said = h("span", *(
            h("button", visit.t(f"automations.{word}"), type="button", data_act="judge", data_run=run.id,
              data_agreed=word, class_="zg-button")
            for word in ("yes", "no")
        ), class_="zg-actions")  # fmt: skip
    order = h("a", run.order_id, href=order_link(run.order_id))
    return h("li", h("div", order, " ", state_chip(visit, "mode", run.mode), " ", moment(run.at)), said)


def _replay_form(visit: Visit) -> Markup | None:
    if not visit.may("admin"):
        return None
    periods = [(days, visit.t("automations.days", days=days)) for days in _PERIODS]
    return h(
        "form",
        select("days", visit.t("automations.period"), _PERIODS[1], periods),
        h("button", visit.t("automations.replay"), class_="zg-button is-main"),
        data_act="replay",
        class_="zg-filters",
    )
