"""Models and cost: which chat models there are, whether they are ready, what they were asked and what it cost."""

import asyncio
from datetime import timedelta

from zhanggui.app import App
from zhanggui.kernel.llm import Spending
from zhanggui.kernel.textmodels import Run, RunState, State, Version, registry_of
from zhanggui.web import frame as frames
from zhanggui.web.frame import Frame, Region, Values, empty, title
from zhanggui.web.markup import Markup, h
from zhanggui.web.models_setup import add_setup
from zhanggui.web.parts import cell, chip, dollars, field_text, select, table
from zhanggui.web.session import Visit

_DAYS = ("1", "7", "30", "365")
_CHIPS: dict[State, str] = {"candidate": "info", "shadow": "info", "live": "ok", "retired": "plain"}
_RUNS: dict[RunState, str] = {"running": "info", "finished": "ok", "broken off": "warn"}
_EVERY = 2.0  # seconds between two looks at trainings
_WIDE, _HIGH = 240, 48


def add_page(app: App) -> None:
    """Serve the page."""
    frames.add_page(app, "/models", "models", _build)


async def _build(frame: Frame) -> None:
    visit = frame.visit
    own = await asyncio.to_thread(_own_models, visit)
    Region("zg-main-part").show(title(visit.t("models.title"), lead=visit.t("models.lead")))
    add_setup(frame)
    Region("zg-main-part").show(trained(visit, own))
    training, region = Region("zg-main-part"), Region("zg-main-part")
    seen: tuple[Run, ...] | None = None

    async def look() -> None:
        nonlocal seen
        found = await asyncio.to_thread(_runs, visit)
        if found != seen:
            seen = found
            training.show(trainings(visit, found))

    frame.every(_EVERY, look)

    async def show(values: Values) -> None:
        days = field_text(values, "days") or "30"
        await _show(frame, region, int(days) if days in _DAYS else 30)

    frame.on("days", show)
    await _show(frame, region, 30)


async def _show(frame: Frame, region: Region, days: int) -> None:
    visit = frame.visit
    since = visit.app.database.clock.now() - timedelta(days=days)
    rows = await asyncio.to_thread(visit.app.models.spending, visit.caller.merchant_id, since)
    choice = h("form", select("days", visit.t("models.period"), str(days),
                              [(one, visit.t("models.days", days=one)) for one in _DAYS], change="days"),
               class_="zg-filters")  # fmt: skip
    body = _ledger(visit, rows) if rows else empty(visit, visit.t("models.no_calls"))
    region.show(h("section", h("h2", visit.t("models.ledger")), choice, body, class_="zg-card"))


def providers(visit: Visit) -> Markup:
    """Every configured model, and what is missing where one is not ready."""
    found = visit.app.models.describe()
    if not found:
        return h("section", h("h2", visit.t("models.providers")), h("p", visit.t("models.none"), class_="zg-note"),
                 class_="zg-card")  # fmt: skip
    heads = [visit.t(f"models.{name}") for name in ("provider", "model", "where", "slots", "status")]
    rows = (
        h(
            "tr",
            cell(heads[0], one.provider),
            cell(heads[1], one.model),
            cell(heads[2], visit.t("models.here" if one.on_machine else "models.outside")),
            cell(heads[3], one.slots, classes="is-number"),
            cell(heads[4], chip(visit.t("models.ready"), "ok") if one.ready
                 else h("span", chip(visit.t("models.not_ready"), "warn"), " ", h("small", one.reason))),
        )
        for one in found
    )  # fmt: skip
    label = visit.t("models.providers")
    return h("section", h("h2", label), table(heads, rows, label=label), class_="zg-card")


def trained(visit: Visit, own: list[tuple[str, Version]]) -> Markup:
    """The shop's own small models by task, newest first, and which one answers."""
    label = visit.t("models.own")
    if not own:
        return h("section", h("h2", label), h("p", visit.t("models.own_none"), class_="zg-note"), class_="zg-card")
    heads = [visit.t(f"models.{name}") for name in ("task", "number", "algorithm", "status", "made", "won_by")]
    rows = (
        h(
            "tr",
            cell(heads[0], task),
            cell(heads[1], one.number, classes="is-number"),
            cell(heads[2], one.algorithm),
            cell(heads[3], chip(visit.t(f"models.state_{one.state}"), _CHIPS[one.state])),
            cell(heads[4], one.created[:10]),
            cell(heads[5], _won_by(one), classes="is-number"),
        )
        for task, one in own
    )  # fmt: skip
    return h("section", h("h2", label), table(heads, rows, label=label), class_="zg-card")


def trainings(visit: Visit, runs: tuple[Run, ...]) -> Markup | None:
    """Trainings of the shop's own models: how far each is, and its loss by epoch as a line that grows."""
    if not runs:
        return None
    label = visit.t("models.runs")
    heads = [visit.t(f"models.{name}") for name in ("task", "algorithm", "status", "epoch", "loss", "score", "curve")]
    rows = (
        h(
            "tr",
            cell(heads[0], run.task),
            cell(heads[1], run.algorithm),
            cell(heads[2], chip(visit.t(f"models.run_{run.state.replace(' ', '_')}"), _RUNS[run.state])),
            cell(heads[3], f"{run.curve[-1].number if run.curve else 0} / {run.epochs}", classes="is-number"),
            cell(heads[4], f"{run.curve[-1].loss:.4f}" if run.curve else "", classes="is-number"),
            cell(heads[5], f"{run.curve[-1].score:.4f}" if run.curve else "", classes="is-number"),
            cell(heads[6], curve(visit, run)),
        )
        for run in runs
    )  # fmt: skip
    return h("section", h("h2", label), table(heads, rows, label=label), class_="zg-card")


def curve(visit: Visit, run: Run) -> Markup | str:
    """The loss of each epoch as a line; the words for those who cannot see it are the losses."""
    losses = [epoch.loss for epoch in run.curve]
    if len(losses) < 2:
        return ""
    low, high = min(losses), max(losses)
    right, down = (_WIDE - 8) / (len(losses) - 1), (_HIGH - 8) / ((high - low) or 1)
    points = " ".join(f"{4 + at * right:.1f},{4 + (high - loss) * down:.1f}" for at, loss in enumerate(losses))
    said = f"{visit.t('models.loss')}: {', '.join(f'{loss:.3f}' for loss in losses)}"
    line = h("polyline", points=points, fill="none", stroke="currentColor", stroke_width="2")
    return h("svg", line, viewBox=f"0 0 {_WIDE} {_HIGH}", width=_WIDE, height=_HIGH, role="img", aria_label=said)


def _runs(visit: Visit) -> tuple[Run, ...]:
    return registry_of(visit.app.settings.data_dir, visit.caller.merchant_id).runs()


def _own_models(visit: Visit) -> list[tuple[str, Version]]:
    registry = registry_of(visit.app.settings.data_dir, visit.caller.merchant_id)
    return [(task, one) for task in registry.tasks() for one in reversed(registry.versions(task))]


def _won_by(one: Version) -> str:
    if not one.verdict:
        return ""
    mean, low, high = (float(str(one.verdict[name])) for name in ("mean", "low", "high"))
    return f"{mean:+.3f} [{low:+.3f}, {high:+.3f}]"


def _ledger(visit: Visit, rows: tuple[Spending, ...]) -> Markup:
    names = ("task", "model", "calls", "cached", "failures", "tokens_in", "tokens_out", "seconds", "cost")
    heads = [visit.t(f"models.{name}") for name in names]
    lines = (
        h(
            "tr",
            cell(heads[0], one.task),
            cell(heads[1], f"{one.provider}:{one.model}"),
            *(cell(head, f"{number:,}", classes="is-number") for head, number in zip(
                heads[2:7], (one.calls, one.cached, one.failed, one.input_tokens, one.output_tokens), strict=True)),
            cell(heads[7], f"{one.seconds:,.1f}", classes="is-number"),
            cell(heads[8], dollars(one.micros), classes="is-number"),
        )
        for one in rows
    )  # fmt: skip
    return table(heads, lines, label=visit.t("models.ledger"))
