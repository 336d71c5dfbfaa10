"""Recommendations: look at the shop as a customer or with a basket, and see what would be shown and why."""

from dataclasses import dataclass, field

from zhanggui.app import App
from zhanggui.kernel.storage import UnitOfWork
from zhanggui.marketing import SERVE_KINDS, Answer, CustomerRecord, CustomerStore, Question, Served, ServeKind
from zhanggui.web import frame as frames
from zhanggui.web.frame import Frame, Region, Values, empty, title
from zhanggui.web.markup import Markup, h
from zhanggui.web.parts import cell, chip, field_text, moment, picture, price, select, table, text_field
from zhanggui.web.session import Visit

_FOUND = 8
_SHOWN = 12
_MOST_ITEMS = 20
_TONES = {"again": "info", "bought-after": "ok", "related": "ok", "similar": "info", "new": "warn"}


@dataclass
class Trial:
    """What one open page tries."""

    frame: Frame
    who: Region
    list: Region
    text: str = ""
    kind: ServeKind = "for-you"
    customer: CustomerRecord | None = None
    basket: dict[str, str] = field(default_factory=dict[str, str])
    found: tuple[CustomerRecord, ...] = ()
    answer: Answer | None = None


def add_page(app: App) -> None:
    """Serve the page."""
    frames.add_page(app, "/recommendations", "recommendations", _build)


async def _build(frame: Frame) -> None:
    visit, head = frame.visit, Region("zg-main-part")
    trial = Trial(frame, Region("zg-main-part"), Region("zg-main-part"))
    head.show(title(visit.t("recommend.title"), lead=visit.t("recommend.lead")), _filters(trial))
    # Learning a large shop takes longer than a page may: the first answer waits for somebody to ask.
    ready = visit.app.marketing.recommender.ready(visit.caller.merchant_id)
    await _load(trial, answer=ready)

    async def filtered(values: Values) -> None:
        kinds: dict[str, ServeKind] = {str(kind): kind for kind in SERVE_KINDS}
        trial.kind = kinds.get(field_text(values, "kind"), "for-you")
        trial.text = field_text(values, "text")[:200]
        await _load(trial)

    async def choose(values: Values) -> None:
        trial.customer = next((one for one in trial.found if one.id == str(values.get("id"))), None)
        await _load(trial)

    async def add(values: Values) -> None:
        shown = trial.answer.items if trial.answer else ()
        for one in shown:
            if one.item == str(values.get("id")) and len(trial.basket) < _MOST_ITEMS:
                trial.basket[one.item] = one.title
        await _load(trial)

    async def remove(values: Values) -> None:
        trial.basket.pop(str(values.get("id")), None)
        await _load(trial)

    for name, handler in (("filter", filtered), ("choose", choose), ("add", add), ("remove", remove)):
        frame.on(name, handler)


async def _load(trial: Trial, *, answer: bool = True) -> None:
    app = trial.frame.visit.app
    needs = trial.kind in ("together", "similar") and not trial.basket
    question = Question(trial.kind, trial.customer.id if trial.customer else "", tuple(trial.basket), _SHOWN)

    def load(uow: UnitOfWork) -> tuple[tuple[CustomerRecord, ...], Answer | None]:
        found = CustomerStore(uow).page(trial.text, limit=_FOUND)
        return found, app.marketing.recommender.answer(uow, question) if answer and not needs else None

    trial.found, trial.answer = await trial.frame.read(load)
    visit = trial.frame.visit
    trial.who.show(_chosen(trial))
    if trial.answer is None:
        trial.list.show(empty(visit, visit.t("recommend.needs_items" if needs else "recommend.ask")))
        return
    trial.list.show(_told(visit, trial.answer), _items(visit, trial.answer))


def _filters(trial: Trial) -> Markup:
    visit = trial.frame.visit
    kinds = [(kind, visit.name_of("recommend_kind", kind)) for kind in SERVE_KINDS]
    return h(
        "form",
        select("kind", visit.t("recommend.kind"), trial.kind, kinds, change="filter"),
        text_field("text", visit.t("recommend.find_customer"), kind="search"),
        data_act="filter",
        data_live="filter",
        class_="zg-filters",
        role="search",
    )


def _chosen(trial: Trial) -> Markup:
    """Who one is, who else one may be, and the basket."""
    visit, now = trial.frame.visit, trial.customer
    people = [
        _press(one.name or one.id, "choose", one.id, pressed=now is not None and one.id == now.id)
        for one in trial.found
    ]
    stranger = _press(visit.t("recommend.stranger"), "choose", "", pressed=now is None)
    basket = [
        _press(f"{name} ✕", "remove", item, label=visit.t("recommend.remove", name=name))
        for item, name in trial.basket.items()
    ]
    refused = now is not None and not now.personalised
    return h(
        "section",
        h("h2", visit.t("recommend.as"), " ", (now.name or now.id) if now else visit.t("recommend.stranger")),
        h("p", chip(visit.t("recommend.refused"), "warn"), class_="zg-chips") if refused else None,
        h("p", stranger, *people, class_="zg-chips"),
        None if trial.found else h("p", visit.t("recommend.no_customers"), class_="zg-hint"),
        h("h2", visit.t("recommend.basket")),
        h("p", *basket, class_="zg-chips") if basket else h("p", visit.t("recommend.empty_basket"), class_="zg-hint"),
        class_="zg-card",
    )


def _press(text: str, act: str, key: str, *, pressed: bool | None = None, label: str = "") -> Markup:
    told = None if pressed is None else str(pressed).lower()
    return h("button", text, type="button", data_act=act, data_id=key, aria_pressed=told, aria_label=label or None,
             class_=f"zg-button is-small {'is-main' if pressed else ''}")  # fmt: skip


def _told(visit: Visit, answer: Answer) -> Markup:
    """Whether it is fitted to the person, and how fresh it is."""
    personal = chip(visit.name_of("recommend_personal", answer.personal or "yes"), "warn" if answer.personal else "ok")
    learnt = (visit.t("recommend.learnt"), " ", moment(answer.fitted_at)) if answer.fitted_at else ()
    newest = (visit.t("recommend.newest"), " ", moment(answer.until)) if answer.until else ()
    return h("p", personal, h("span", *learnt), h("span", *newest), class_="zg-chips")


def _items(visit: Visit, answer: Answer) -> Markup:
    if not answer.items:
        return empty(visit, visit.t("recommend.nothing"))
    heads = [visit.t(f"recommend.{name}") for name in ("item", "price", "reason", "do")]
    return table(heads, (_row(visit, heads, one) for one in answer.items), label=visit.t("recommend.title"))


def _row(visit: Visit, heads: list[str], one: Served) -> Markup:
    reason = one.reason
    return h(
        "tr",
        cell(heads[0], h("div", picture(one.image, one.title, "is-small"),
                         h("div", h("span", one.title, class_="zg-clip"), h("small", one.item)),
                         class_="zg-with-picture")),
        cell(heads[1], price(one.price), classes="is-number"),
        cell(heads[2], chip(visit.name_of("recommend_reason", reason.kind), _TONES.get(reason.kind, "plain")), " ",
             reason.text(visit.locale)),
        cell(heads[3], _press(visit.t("recommend.add"), "add", one.item,
                              label=visit.t("recommend.add_one", name=one.title))),
    )  # fmt: skip
