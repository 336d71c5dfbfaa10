"""A guided tour of the demo's day: seven stations, each on the real page of a real item, two sentences beside."""

from dataclasses import dataclass
from typing import Any, cast

from zhanggui.app import App
from zhanggui.kernel.storage import MerchantStore, UnitOfWork
from zhanggui.web import frame as frames
from zhanggui.web.frame import Frame, Region, Values, empty, title
from zhanggui.web.markup import Markup, h
from zhanggui.web.parts import chip
from zhanggui.web.session import Visit

STATIONS = ("claim", "parcel", "angry", "restock", "campaign", "undo", "mood")
_TOUR, _SEEN = "demo.tour", "demo.tour-seen"
_PARAMETER = "tour"


@dataclass(frozen=True, slots=True)
class Tour:
    """The stations that this demo has, as (name, address), and how far the visitor has come (0: not begun)."""

    stations: tuple[tuple[str, str], ...]
    seen: int

    def address(self, number: int) -> str:
        """The address of a station, counted from 1."""
        there = self.stations[number - 1][1]
        return f"{there}{'&' if '?' in there else '?'}{_PARAMETER}={number}"


def add_page(app: App) -> None:
    """Serve the overview, and the bar that goes along on every page of the tour."""
    frames.add_page(app, "/tour", "today", _build)
    frames.on_every_page("tour", _go_along)


def read_tour(uow: UnitOfWork, login: str) -> Tour | None:
    """The tour for a visitor; None where the shop is not the demo."""
    kept = cast(dict[str, Any] | None, MerchantStore.setting(uow, _TOUR))
    if kept is None:
        return None
    known = cast(dict[str, str], kept.get("stations") or {})
    seen = cast(dict[str, int], MerchantStore.setting(uow, _SEEN, {}))
    return Tour(tuple((name, known[name]) for name in STATIONS if name in known), int(seen.get(login, 0)))


def remember(uow: UnitOfWork, login: str, number: int) -> None:
    """Keep how far a visitor has come; never back."""
    seen = cast(dict[str, int], MerchantStore.setting(uow, _SEEN, {}))
    if int(seen.get(login, 0)) < number:
        MerchantStore.set_setting(uow, _SEEN, seen | {login: number})


def offer(visit: Visit, tour: Tour | None) -> Markup | None:
    """What the first page shows to whoever has not begun or declined the tour."""
    if tour is None or not tour.stations or tour.seen:
        return None
    return h(
        "section",
        h("h2", visit.t("tour.offer")),
        h("p", visit.t("tour.offer_why", count=len(tour.stations))),
        h("div", h("a", visit.t("tour.begin"), href=tour.address(1), class_="zg-button is-main"),
          h("button", visit.t("tour.skip"), type="button", data_act="skip-tour", class_="zg-button"),
          class_="zg-actions"),
        class_="zg-card zg-offer",
        aria_label=visit.t("tour.offer"),
    )  # fmt: skip


def skip_on(frame: Frame, done: frames.Handler) -> None:
    """Answer the button that declines the tour, then do `done`."""

    async def skip(values: Values) -> None:
        login = frame.visit.session.login
        await frame.write("read", lambda uow: remember(uow, login, 1))
        await done(values)

    frame.on("skip-tour", skip)


async def _build(frame: Frame) -> None:
    visit = frame.visit
    tour = await frame.read(lambda uow: read_tour(uow, visit.session.login))
    if tour is None or not tour.stations:
        Region("zg-main").show(title(visit.t("tour.title")), empty(visit, visit.t("tour.none")))
        return
    rows = (_row(visit, tour, number) for number in range(1, len(tour.stations) + 1))
    Region("zg-main").show(
        title(visit.t("tour.title"), lead=visit.t("tour.lead")),
        h("section", h("ol", *rows, class_="zg-lines zg-steps"), class_="zg-card"),
    )


def _row(visit: Visit, tour: Tour, number: int) -> Markup:
    name = tour.stations[number - 1][0]
    done = chip(visit.t("tour.seen"), "ok") if number <= tour.seen else None
    return h(
        "li",
        h("div", h("b", f"{number}. {visit.t(f'tour.{name}')}"), " ", done, h("br"), visit.t(f"tour.{name}_why")),
        h("a", visit.t("tour.open"), href=tour.address(number), class_="zg-button",
          aria_label=f"{visit.t('tour.open')}: {visit.t(f'tour.{name}')}"),
    )  # fmt: skip


async def _go_along(frame: Frame) -> None:
    """The bar of a station, where the page was opened as one."""
    given, visit = frame.query(_PARAMETER), frame.visit
    if not given.isdigit():
        return
    number, login = int(given), visit.session.login
    tour = await frame.read(lambda uow: read_tour(uow, login))
    if tour is None or not 1 <= number <= len(tour.stations):
        return
    if number > tour.seen:
        await frame.write("read", lambda uow: remember(uow, login, number))
    Region("zg-tour").show(_bar(visit, tour, number))


def _bar(visit: Visit, tour: Tour, number: int) -> Markup:
    name, last = tour.stations[number - 1][0], number == len(tour.stations)
    onward = "/" if last else tour.address(number + 1)
    return h(
        "section",
        h("div", h("h2", f"{number}/{len(tour.stations)} · {visit.t(f'tour.{name}')}"),
          h("p", visit.t(f"tour.{name}_why"))),
        h(
            "div",
            h("a", visit.t("tour.back"), href=tour.address(number - 1), class_="zg-button") if number > 1 else None,
            h("a", visit.t("tour.end" if last else "tour.next"), href=onward, class_="zg-button is-main"),
            h("a", visit.t("tour.leave"), href="/tour", class_="zg-button") if not last else None,
            class_="zg-actions",
        ),
        aria_label=visit.t("tour.title"),
        class_="zg-tour-bar",
    )  # fmt: skip
