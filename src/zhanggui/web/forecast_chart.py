"""The chart of a product's demand: history, forecast with its 80 % interval, people's numbers, sales events."""

from collections import defaultdict
from datetime import date, timedelta
from typing import Any

from zhanggui.planning import Outlook
from zhanggui.web.session import Visit

Options = dict[str, Any]
# (text, lines, grid, forecast, band, own number, event) in light and in dark colours.
_LIGHT = ("#54605b", "#4a5550", "#d5dcd8", "#0b6152", "rgba(11,97,82,0.16)", "#b45309", "rgba(245,190,90,0.18)")
_DARK = ("#a7b5af", "#b9c4bf", "#33403b", "#6fd0b8", "rgba(111,208,184,0.18)", "#f5cf87", "rgba(245,207,135,0.12)")
# Runs in the browser; only names of ours and numbers get in.
_TIP = (
    "rows => [rows[0].axisValue, ...rows"
    ".filter(r => r.seriesId.startsWith('show') && r.value != null && r.value !== '-')"
    ".map(r => r.marker + r.seriesName + ' ' + Number(r.value).toFixed(1))].join('<br>')"
)


def chart_of(visit: Visit, seen: Outlook) -> Options:
    """Options of the chart (ECharts)."""
    text, ink, grid, accent, band, own, event = _DARK if visit.dark else _LIGHT
    past, sold = _history(seen)
    ahead = [day.day.isoformat() for day in seen.days]
    gap: list[float | None] = [None] * len(past)
    low, high = [day.low80 for day in seen.days], [day.high80 for day in seen.days]
    names = {name: visit.t(f"forecast.{name}") for name in ("sold", "expected", "low", "high", "own")}
    series: list[Options] = [
        _line("show-sold", names["sold"], _rounded(sold), ink)
        | {"markArea": _events(visit, seen, past + ahead, event)},
        _line("band-low", "", gap + _rounded(low), "transparent") | {"stack": "band", "silent": True},
        _line("band-wide", "", gap + _rounded([b - a for a, b in zip(low, high, strict=True)]), "transparent")
        | {"stack": "band", "silent": True, "areaStyle": {"color": band}},
        _line("show-low", names["low"], gap + _rounded(low), accent, width=0.5),
        _line("show-high", names["high"], gap + _rounded(high), accent, width=0.5),
        _line("show-expected", names["expected"], gap + _rounded([day.mean for day in seen.days]), accent, width=2),
    ]
    shown = [names["sold"], names["expected"]]
    if any(day.planned is not None for day in seen.days):
        series.append(_line("show-own", names["own"], gap + [day.planned for day in seen.days], own, width=3))
        shown.append(names["own"])
    axis: Options = {"axisLabel": {"color": text}, "axisLine": {"lineStyle": {"color": grid}}}
    return {
        "animation": False,
        "aria": {"enabled": True, "label": {"description": visit.t("forecast.chart")}},
        "grid": {"left": 8, "right": 12, "top": 40, "bottom": 8, "containLabel": True},
        "legend": {"data": shown, "textStyle": {"color": text}, "top": 0},
        "tooltip": {"trigger": "axis", ":formatter": _TIP, "confine": True},
        "xAxis": {"type": "category", "data": past + ahead, **axis},
        "yAxis": {"type": "value", "min": 0, "splitLine": {"lineStyle": {"color": grid}}, **axis},
        "series": series,
    }


def _line(number: str, name: str, data: list[float | None], color: str, *, width: float = 1.5) -> Options:
    return {
        "id": number, "name": name, "type": "line", "data": data, "symbol": "none", "color": color,
        "lineStyle": {"color": color, "width": width}, "emphasis": {"disabled": True},
    }  # fmt: skip


def _rounded(values: list[float]) -> list[float | None]:
    return [round(value, 2) for value in values]


def _history(seen: Outlook) -> tuple[list[str], list[float]]:
    """Days from the first that is known to yesterday, those without a sale too."""
    sold: defaultdict[date, float] = defaultdict(float)
    for row in seen.history:
        sold[row.day] += row.units
    if not sold:
        return [], []
    first = min(sold)
    until = seen.days[0].day if seen.days else max(sold) + timedelta(days=1)
    days = [first + timedelta(days=count) for count in range(max((until - first).days, 0))]
    return [day.isoformat() for day in days], [sold.get(day, 0.0) for day in days]


def _events(visit: Visit, seen: Outlook, days: list[str], color: str) -> Options:
    areas: list[list[Options]] = []
    for event in seen.events:
        inside = [day for day in days if event.first.isoformat() <= day <= event.last.isoformat()]
        if inside:
            name = event.name_zh if visit.locale == "zh-CN" else event.name
            areas.append([{"name": name, "xAxis": inside[0]}, {"xAxis": inside[-1]}])
    return {"silent": True, "itemStyle": {"color": color}, "label": {"show": False}, "data": areas}
