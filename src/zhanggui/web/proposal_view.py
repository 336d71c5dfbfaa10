"""One proposal as a person judges it: what would change beside what is, the proof, the checks, evidence and cost. Pure
but for `load_view`, which reads."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, cast
from urllib.parse import urlencode

from zhanggui.catalog import CopyCheck, ListingStore, ProductStore, ProvedCopy, copy_of, prove_payload
from zhanggui.desk import Check, Evidence, Inbox, Proposal, State
from zhanggui.kernel.commerce import Product
from zhanggui.kernel.errors import MerchantError
from zhanggui.kernel.storage import UnitOfWork
from zhanggui.kernel.types import JsonObject, JsonValue
from zhanggui.web import proof, proposal_kinds
from zhanggui.web.markup import Child, Markup, h
from zhanggui.web.parts import button, chip, dollars, facts, moment, percent, picture, state_chip, text_area, text_field
from zhanggui.web.session import Visit

COPY = "listing-copy"
_LISTS = ("bullets", "keywords")
_PLACES = ("channel", "locale")
_LINES = {"bullets": 6, "description": 7, "keywords": 3}
_COPY_FIELDS = ("title", "bullets", "description", "keywords", "seo_title", "seo_description")


@dataclass(frozen=True, slots=True)
class View:
    """A proposal with what it would replace and, for listing copy, its proof as of now."""

    proposal: Proposal
    product: Product | None = None
    live: JsonObject | None = None
    proved: ProvedCopy | None = None


def load_view(uow: UnitOfWork, proposal_id: str) -> View:
    """Everything about one proposal.

    Raises:
        NotFound: there is none of this id for this merchant.
    """
    proposal = Inbox.get(uow, proposal_id)
    if proposal.kind != COPY:
        return View(proposal)
    payload = proposal.payload
    try:
        proved = prove_payload(uow, payload)
        product = ProductStore(uow).get(str(payload.get("product_id")))
    except MerchantError:
        return View(proposal)  # the product is gone, or somebody sent a payload of another shape: shown plainly
    channel, locale = str(payload.get("channel")), str(payload.get("locale"))
    live = ListingStore(uow).live(product.id, channel, locale)
    return View(proposal, product, None if live is None else live.copy, proved)


def proposal_view(visit: Visit, view: View) -> Markup:
    """The whole pane."""
    one = view.proposal
    return h(
        "article",
        _head(visit, view),
        _buttons(visit, one),
        _trouble(visit, one),
        _content(visit, view),
        _section(visit, "checks", proof.checks_list(visit, _checks(view))),
        _section(visit, "evidence", _evidence(visit, one.evidence)),
        _section(visit, "facts", _cost(visit, one)),
        class_="zg-proposal",
        data_seen=one.id,
    )


def _head(visit: Visit, view: View) -> Markup:
    one, product = view.proposal, view.product
    shown = picture(product.images[0] if product.images else "", product.title) if product else None
    subject = None
    if product is not None:
        subject = h("a", product.title, href=f"/product?{urlencode({'id': product.id})}")
    return h(
        "header",
        shown,
        h(
            "div",
            h("h2", visit.title_of(one.kind, one.title), id="proposal-title", tabindex="-1"),
            h(
                "p",
                state_chip(visit, "state", str(one.state)),
                chip(visit.name_of("kind", one.kind)),
                *(chip(visit.name_of(area, str(one.payload[area]))) for area in _PLACES if area in one.payload),
                class_="zg-chips",
            ),
            h("p", visit.t("inbox.about"), " ", subject) if subject else None,
        ),
        class_="zg-proposal-head",
    )  # fmt: skip


def _buttons(visit: Visit, one: Proposal) -> Markup | None:
    back = button(visit.t("inbox.to_list"), "list", tone="zg-phone-only")
    if not visit.may("decide"):
        return h("div", back, h("small", visit.t("common.look_only")), class_="zg-actions")
    shown: list[Child] = [back]
    if one.state in (State.WAITING, State.FAILED):
        blocked = bool(one.blocked)
        shown += [
            button(visit.t("inbox.approve"), "approve", tone="is-main", key="a", off=blocked),
            button(visit.t("inbox.edit"), "edit", key="e"),
            button(visit.t("inbox.reject"), opens="reject", tone="is-danger", key="r"),
        ]
    elif one.state is State.APPLIED and one.undo is not None and one.undo.possible:
        shown.append(button(visit.t("inbox.undo"), "undo", key="u"))
    return h("div", *shown, class_="zg-actions")


def _trouble(visit: Visit, one: Proposal) -> Markup | None:
    if one.blocked:
        return h("p", visit.t("inbox.blocked"), class_="zg-alert", role="alert")
    if one.error:
        return h("p", visit.t("inbox.failed_because", reason=one.error), class_="zg-alert", role="alert")
    if one.state is State.REJECTED and one.reason:
        return h("p", visit.t("inbox.rejected_because", reason=one.reason), class_="zg-note")
    if one.state is State.APPLIED and one.undo is not None and not one.undo.possible:
        return h("p", visit.t("inbox.no_undo", reason=one.undo.reason), class_="zg-note")
    return None


def _content(visit: Visit, view: View) -> Markup:
    if view.proved is None or view.product is None:
        return _told(visit, view.proposal)
    before = view.live
    old = (
        proof.plain_copy(visit, copy_of({"copy": before}))
        if before is not None
        else h("div", h("h3", view.product.title, class_="zg-copy-title"),
               h("p", view.product.description or visit.t("inbox.no_text"), class_="zg-pre"), class_="zg-copy")
    )  # fmt: skip
    heading = visit.t("inbox.live_now" if before is not None else "inbox.original")
    cut = cast(list[str], view.proposal.payload.get("cut") or [])
    return h(
        "div",
        h(
            "div",
            h("section", h("h3", visit.t("inbox.proposed"), class_="zg-over"), proof.legend(visit, view.proved),
              proof.proved_copy(visit, view.proved), _cut(visit, cut), class_="zg-pane"),
            h("section", h("h3", heading, class_="zg-over"), old, class_="zg-pane is-before"),
            class_="zg-beside",
        ),
        proof.claims_table(visit, view.proved),
    )  # fmt: skip


def _told(visit: Visit, one: Proposal) -> Markup:
    """A proposal without proof: in its own form where it has one, with every field below; else field by field."""
    shown, fields = proposal_kinds.told(visit, one), _plain(one.payload)
    if shown is None:
        return _section(visit, "payload", fields)
    return _section(visit, "payload", h("div", shown, h("details", h("summary", visit.t("inbox.all_fields")), fields)))


def _cut(visit: Visit, cut: list[str]) -> Markup | None:
    if not cut:
        return None
    return h(
        "details", h("summary", visit.t("inbox.cut", count=len(cut))), h("ul", *(h("li", h("s", one)) for one in cut))
    )


def _plain(payload: JsonObject) -> Markup:
    return facts((name, _value(value)) for name, value in payload.items())


def _value(value: JsonValue) -> Child:
    if isinstance(value, dict):
        return _plain(value)
    if isinstance(value, list):
        return h("ul", *(h("li", _value(item)) for item in value))
    return "–" if value is None or value == "" else str(value)


def _section(visit: Visit, name: str, body: Markup) -> Markup:
    return h("section", h("h3", visit.t(f"inbox.{name}"), class_="zg-over"), body, class_="zg-part")


def _checks(view: View) -> Iterable[CopyCheck]:
    found: Iterable[Check | CopyCheck] = view.proposal.checks
    if view.proved is not None and view.proposal.state in (State.WAITING, State.FAILED):
        found = view.proved.checks  # as of now: the product may have changed since
    return [CopyCheck(one.name, one.passed, one.reason, one.blocking, one.reason_zh) for one in found]


def _evidence(visit: Visit, evidence: Iterable[Evidence]) -> Markup:
    rows = [
        h("li", chip(visit.name_of("evidence", one.kind)), h("b", one.reference), h("span", one.quote))
        for one in evidence
    ]
    return h("ul", *rows, class_="zg-evidence") if rows else h("p", visit.t("inbox.no_evidence"), class_="zg-hint")


def _cost(visit: Visit, one: Proposal) -> Markup:
    cost = one.cost
    by_model = cost.model.strip(":")
    rows: list[tuple[str, Child]] = [
        (visit.t("inbox.confidence"), percent(one.confidence)),
        (visit.t("inbox.model"), by_model or visit.t("inbox.by_rule")),
        (visit.t("inbox.tokens"), f"{cost.input_tokens:,} → {cost.output_tokens:,}"),
        (visit.t("inbox.took"), visit.t("inbox.seconds", seconds=f"{cost.seconds:.1f}")),
        (visit.t("inbox.cost"), dollars(cost.micros)),
        (visit.t("inbox.created"), moment(one.created_at)),
        (visit.t("inbox.expires"), moment(one.expires_at)),
    ]
    if one.decided_at is not None:
        rows.append((visit.t("inbox.decided"), h("span", moment(one.decided_at), f" · {one.decided_by}")))
    note = one.payload.get("note")
    if isinstance(note, str) and note:
        rows.append((visit.t("inbox.note"), note))
    return facts(rows)


def edit_form(visit: Visit, one: Proposal) -> Markup:
    """The payload's texts as fields; what is checked while one types is shown below."""
    copy = one.payload.get("copy")
    if one.kind == COPY and isinstance(copy, dict):
        shown = [_copy_field(visit, copy, name) for name in _COPY_FIELDS]
    else:
        shown = [text_field(name, name, str(value)) for name, value in one.payload.items() if isinstance(value, str)]
    return h(
        "form",
        h("h2", visit.t("inbox.editing"), id="proposal-title", tabindex="-1"),
        *shown,
        h("div", h("button", visit.t("inbox.approve_edited"), class_="zg-button is-main"),
          button(visit.t("common.cancel"), "cancel-edit"), class_="zg-actions"),
        data_act="approve-edited",
        data_live="recheck",
        class_="zg-form",
    )  # fmt: skip


def _copy_field(visit: Visit, copy: JsonObject, name: str) -> Markup:
    value = copy.get(name) or ""
    text = "\n".join(map(str, value)) if isinstance(value, list) else str(value)
    hint = visit.t("copy.one_a_line") if name in _LISTS else ""
    label = visit.t(f"copy.{name}")
    if name not in _LINES:
        return text_field(name, label, text)
    return text_area(name, label, text, lines=_LINES[name], hint=hint)


def edited_payload(one: Proposal, fields: dict[str, Any]) -> JsonObject:
    """The payload with what a person wrote into the form."""

    def typed(name: str) -> str:
        found = fields.get(name)
        # NiceGUI leaves this type open.
        return str(found[0]) if isinstance(found, list) and found else ""  # pyright: ignore[reportUnknownArgumentType]

    copy = one.payload.get("copy")
    if one.kind == COPY and isinstance(copy, dict):
        changed: JsonObject = {name: typed(name).strip() for name in _COPY_FIELDS if name not in _LISTS}
        for name in _LISTS:
            changed[name] = [line.strip() for line in typed(name).splitlines() if line.strip()]
        return {**one.payload, "copy": {**copy, **changed}}
    return {
        name: typed(name) if isinstance(value, str) and name in fields else value for name, value in one.payload.items()
    }


def recheck(visit: Visit, proved: ProvedCopy) -> Markup:
    """How the edited text would stand."""
    verdict = visit.t("inbox.would_pass" if proved.publishable else "inbox.would_fail")
    tone = "zg-note" if proved.publishable else "zg-alert"
    return h("div", h("p", verdict, class_=tone, role="status"), proof.legend(visit, proved),
             proof.proved_copy(visit, proved), proof.checks_list(visit, proved.checks), class_="zg-part")  # fmt: skip
