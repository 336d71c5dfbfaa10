"""Parts of a product's forecast page: how the model did, events, people's numbers, the days as a table."""

from zhanggui.planning import Outlook, Override, OverrideScore, SeriesInfo, StoredForecast
from zhanggui.web.markup import Child, Markup, h
from zhanggui.web.parts import cell, chip, facts, moment, percent, table, text_field
from zhanggui.web.planning_parts import units, why_short
from zhanggui.web.session import Visit


def short_card(visit: Visit, status: str) -> Markup:
    """Too little is known for a forecast, and what helps."""
    return h(
        "div",
        h("b", visit.t("forecast.short")),
        h("p", why_short(visit, status)),
        h("p", visit.t("forecast.short_next")),
        class_="zg-alert",
        role="status",
    )


def facts_card(visit: Visit, info: SeriesInfo) -> Markup:
    """How the forecast was made, and how it did on the past against doing nothing clever."""
    rows: list[tuple[str, Child]] = [
        (visit.t("forecast.model"), h("span", *(chip(word) for word in _methods(visit, info)), class_="zg-chips")),
        (visit.t("forecast.history"), visit.t("forecast.n_days", days=info.history_days)),
        (visit.t("forecast.error"), "–" if info.mase is None else f"{info.mase:.2f}"),
        (visit.t("forecast.naive"), "–" if info.naive_mase is None else f"{info.naive_mase:.2f}"),
        (visit.t("forecast.held"), "–" if info.coverage80 is None else percent(info.coverage80)),
        (visit.t("forecast.made"), moment(info.made_at)),
    ]
    return h("section", h("h2", visit.t("forecast.how_good")), facts(rows), _verdict(visit, info), class_="zg-card")


def _methods(visit: Visit, info: SeriesInfo) -> list[str]:
    words = (word.partition("window-") for word in info.model.split("+"))
    return [
        visit.t("forecast.window", width=width) if width else visit.name_of("method", word) for word, _, width in words
    ]


def _verdict(visit: Visit, info: SeriesInfo) -> Markup:
    if info.mase is None or info.naive_mase is None or info.naive_mase <= 0:
        return h("p", visit.t("forecast.untested"), class_="zg-hint")
    gain = 1 - info.mase / info.naive_mase
    if gain > 0:
        return h("p", visit.t("forecast.better", share=percent(gain)), class_="zg-note")
    return h("p", visit.t("forecast.worse"), class_="zg-alert")


def events_card(visit: Visit, seen: Outlook) -> Markup | None:
    """Sales events from today on."""
    if not seen.days:
        return None
    coming = [event for event in seen.events if event.last >= seen.days[0].day]
    if not coming:
        return None
    chinese = visit.locale == "zh-CN"
    rows = (
        h("li", h("span", event.name_zh if chinese else event.name), h("small", _span(event.first, event.last)))
        for event in coming
    )
    return h("section", h("h2", visit.t("forecast.events")), h("ul", *rows, class_="zg-lines"), class_="zg-card")


def _span(first: object, last: object) -> str:
    return str(first) if first == last else f"{first} – {last}"


def own_card(visit: Visit, seen: Outlook, score: OverrideScore | None, *, may: bool) -> Markup:
    """People's numbers: how they did, those that were given, the form for another."""
    told = None
    if score is not None:
        text = visit.t("forecast.score", people=units(score.people), model=units(score.model), days=score.days)
        told = h("p", text, class_="zg-note" if score.people <= score.model else "zg-alert")
    given = h("ul", *(_own(visit, one, may=may) for one in seen.overrides[:20]), class_="zg-lines")
    return h(
        "section",
        h("h2", visit.t("forecast.own_title")),
        h("p", visit.t("forecast.own_lead"), class_="zg-hint"),
        told,
        _form(visit, seen) if may and seen.days else None,
        given if seen.overrides else h("p", visit.t("forecast.own_none"), class_="zg-hint"),
        class_="zg-card",
    )


def _form(visit: Visit, seen: Outlook) -> Markup:
    first = str(seen.days[0].day) if seen.days else ""
    last = str(seen.days[min(6, len(seen.days) - 1)].day) if seen.days else ""
    return h(
        "form",
        h("div", text_field("first", visit.t("forecast.first"), first, kind="date"),
          text_field("last", visit.t("forecast.last"), last, kind="date"),
          text_field("units", visit.t("forecast.units_a_day"), kind="number"), class_="zg-boxes"),
        text_field("reason", visit.t("forecast.reason")),
        h("div", h("button", visit.t("forecast.own_keep"), class_="zg-button is-main")),
        data_act="override",
        class_="zg-form",
    )  # fmt: skip


def _own(visit: Visit, one: Override, *, may: bool) -> Markup:
    back: Markup | None = None
    if one.withdrawn_at is not None:
        back = chip(visit.t("forecast.taken_back"), "warn")
    elif may:
        back = h("button", visit.t("forecast.withdraw"), type="button", data_act="withdraw", data_id=one.id,
                 class_="zg-button is-small")  # fmt: skip
    text = visit.t("forecast.own_line", units=units(one.units), span=_span(one.first_day, one.last_day))
    return h("li", h("div", h("b", text), h("p", one.reason), h("small", one.who, " · ", moment(one.at))), back)


def days_table(visit: Visit, seen: Outlook) -> Markup | None:
    """The forecast as numbers, folded away under the chart."""
    if not seen.days:
        return None
    heads = [visit.t(f"forecast.{name}") for name in ("day", "expected", "low", "high", "own")]
    label = visit.t("forecast.as_table")
    rows = (_day(heads, day) for day in seen.days)
    return h("details", h("summary", label), table(heads, rows, label=label))


def _day(heads: list[str], day: StoredForecast) -> Markup:
    return h(
        "tr",
        cell(heads[0], str(day.day)),
        cell(heads[1], units(day.mean), classes="is-number"),
        cell(heads[2], units(day.low80), classes="is-number"),
        cell(heads[3], units(day.high80), classes="is-number"),
        cell(heads[4], "–" if day.planned is None else f"{units(day.planned)} · {day.reason}"),
    )
