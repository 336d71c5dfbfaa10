"""How webhooks out look. Pure: data in, markup out."""

from collections.abc import Mapping, Sequence

from zhanggui.kernel.types import Page
from zhanggui.kernel.webhooks import EVENTS, Endpoint, NewEndpoint, OutMessage
from zhanggui.web.frame import empty
from zhanggui.web.markup import Child, Markup, h
from zhanggui.web.parts import Pager, button, cell, chip, dialog, facts, moment, pager, select, table, text_field
from zhanggui.web.session import Visit

STATES = ("waiting", "retrying", "done", "failed")
_TONES = {"waiting": "info", "retrying": "warn", "done": "ok", "failed": "bad"}


def state_of(message: OutMessage) -> str:
    """The state for people: a message that waits because it failed is told apart from one that was not sent yet."""
    return "retrying" if message.state == "waiting" and message.problem else message.state


def address(visit: Visit, one: Endpoint) -> str:
    """Where it goes; what may be a key in the query is for owners."""
    return one.url if visit.may("admin") else one.url.partition("?")[0]


def secret(visit: Visit, made: NewEndpoint) -> Markup:
    """A new secret, to be copied now."""
    told = visit.t("webhooks.secret_once", url=made.endpoint.url)
    return h("div", h("p", told), h("p", h("code", made.secret)), class_="zg-note", role="status")


def endpoints(visit: Visit, found: Sequence[Endpoint], answers: Mapping[str, OutMessage]) -> Markup:
    """Every address: what it is told, how it last answered, what may be done with it."""
    if not found:
        return empty(visit, visit.t("webhooks.none"))
    return h("div", *(_endpoint(visit, at, one, answers.get(one.id)) for at, one in enumerate(found)))


def _endpoint(visit: Visit, at: int, one: Endpoint, last: OutMessage | None) -> Markup:
    state = chip(visit.t("webhooks.on"), "ok") if one.enabled else chip(visit.t("webhooks.off"), "warn")
    rows: list[tuple[str, Child]] = [
        (visit.t("webhooks.events"), h("span", *(chip(visit.name_of("action", name), tip=name) for name in one.events),
                                       class_="zg-chips")),
        (visit.t("webhooks.last_answer"), _answer(visit, last) if last else visit.t("webhooks.never")),
        (visit.t("webhooks.since"), moment(one.created_at)),
    ]  # fmt: skip
    return h(
        "section",
        h("div", h("h2", address(visit, one), class_="zg-break"), state, class_="zg-card-head"),
        facts(rows),
        h("div", *_buttons(visit, at, one), class_="zg-actions") if visit.may("admin") else None,
        class_="zg-card",
        data_endpoint=one.id,
    )


def _answer(visit: Visit, message: OutMessage) -> list[Child]:
    status = [" ", visit.t("webhooks.status", status=message.status)] if message.status else []
    unheard = message.problem if message.problem and not message.status else ""
    return [
        chip(visit.name_of("webhook_state", state_of(message)), _TONES[state_of(message)]), *status,
        h("small", " ", unheard) if unheard else None,
    ]  # fmt: skip


def _buttons(visit: Visit, at: int, one: Endpoint) -> list[Child]:
    def press(name: str, act: str, tone: str = "", *, on: str | None = None) -> Markup:
        return h("button", visit.t(f"webhooks.{name}"), type="button", data_act=act, data_id=one.id, data_on=on,
                 class_=f"zg-button {tone}")  # fmt: skip

    def sure(name: str, tone: str = "") -> Markup:
        return dialog(visit, f"{name}-{at}", address(visit, one), h("p", visit.t(f"webhooks.{name}_sure")),
                      h("div", press(name, name, tone), class_="zg-actions"))  # fmt: skip

    return [
        press("test", "test") if one.enabled else None,
        press("disable", "switch", on="0") if one.enabled else press("enable", "switch", on="1"),
        button(visit.t("webhooks.rotate"), opens=f"rotate-{at}"),
        button(visit.t("webhooks.remove"), opens=f"remove-{at}"),
        sure("rotate", "is-main"),
        sure("remove", "is-danger"),
    ]


def new_endpoint(visit: Visit, drawn: int) -> Markup:
    """The form for one more address; `drawn` counts, so that the browser draws it anew, empty, after each use."""
    boxes = (
        h("label", h("input", type="checkbox", name="event", value=name), " ", visit.name_of("action", name), " ",
          h("code", name))
        for name in EVENTS
        if name != "webhook.test"
    )  # fmt: skip
    return h(
        "section",
        h("h2", visit.t("webhooks.new")),
        h(
            "form",
            text_field("url", visit.t("webhooks.url"), kind="url", hint=visit.t("webhooks.url_hint")),
            h("fieldset", h("legend", visit.t("webhooks.tell")), *boxes, class_="zg-choices"),
            h("div", h("button", visit.t("webhooks.add"), class_="zg-button is-main"), class_="zg-actions"),
            data_act="add",
            class_="zg-form",
        ),
        class_="zg-card",
        data_drawn=drawn,
    )


def messages_head(visit: Visit, state: str, counts: Mapping[str, int]) -> Markup:
    """Deliveries: how many in which state, the filter, and sending all failed ones again."""
    names = ((one, f"{visit.name_of('webhook_state', one)} ({_count(counts, one):,})") for one in STATES)
    choices = [("", visit.t("webhooks.all")), *names]
    failed = counts.get("failed", 0) + counts.get("retrying", 0)
    again = None
    if visit.may("admin") and failed:
        again = button(visit.t("webhooks.replay_all", count=failed), "replay-all")
    return h(
        "div",
        h("h2", visit.t("webhooks.messages")),
        h("form", select("state", visit.t("webhooks.state"), state, choices, change="filter"), again,
          class_="zg-filters"),
    )  # fmt: skip


def _count(counts: Mapping[str, int], state: str) -> int:
    return counts.get(state, 0)


def messages(visit: Visit, known: Mapping[str, Endpoint], page: Page[OutMessage], where: Pager) -> Markup:
    """A page of deliveries, the newest first."""
    if not page.items:
        return h("p", visit.t("webhooks.no_messages"), class_="zg-hint")
    heads = [visit.t(f"webhooks.{name}") for name in ("event", "to", "state", "answer", "tries", "when", "next")]
    rows = (_message(visit, heads, known, one) for one in page.items)
    shown = table([*heads, ""], rows, label=visit.t("webhooks.messages"))
    return h("div", shown, pager(visit, where, page.total))


def _message(visit: Visit, heads: Sequence[str], known: Mapping[str, Endpoint], one: OutMessage) -> Markup:
    state, to = state_of(one), known.get(one.endpoint_id)
    answer: Child = visit.t("webhooks.status", status=one.status) if one.status else one.problem or "–"
    again = h("button", visit.t("webhooks.replay"), type="button", data_act="replay", data_id=one.id,
              class_="zg-button is-small")  # fmt: skip
    return h(
        "tr",
        cell(heads[0], h("b", visit.name_of("action", one.event)), " ", h("small", h("code", one.id))),
        cell(heads[1], address(visit, to) if to else "–", classes="zg-break"),
        cell(heads[2], chip(visit.name_of("webhook_state", state), _TONES[state])),
        cell(heads[3], answer),
        cell(heads[4], one.attempts, classes="is-number"),
        cell(heads[5], moment(one.at)),
        cell(heads[6], moment(one.next_at) if one.state == "waiting" else "–"),
        h("td", again if visit.may("admin") and one.attempts else None),
        data_message=one.id,
        data_state=state,
    )
