"""How the parts of the settings look. Pure: data in, markup out."""

from collections.abc import Mapping, Sequence
from typing import cast

from zhanggui.catalog import CHANNELS, Voice, rule_table
from zhanggui.desk import AUTONOMY_LEVELS, PROMOTION, Agreement, KindSettings
from zhanggui.kernel.access import ROLES, SCOPES, Staff, Token
from zhanggui.web.markup import Child, Markup, h
from zhanggui.web.parts import (
    bar,
    button,
    cell,
    chip,
    dialog,
    facts,
    moment,
    percent,
    select,
    state_chip,
    table,
    text_area,
    text_field,
)
from zhanggui.web.session import Visit
from zhanggui.web.today import agreement_text


def _card(visit: Visit, name: str, *body: Child, lead: str = "") -> Markup:
    intro = h("p", lead, class_="zg-hint") if lead else None
    return h("section", h("h2", visit.t(f"settings.{name}")), intro, *body, id=name, class_="zg-card")


def levels(visit: Visit, rows: Sequence[tuple[KindSettings, Agreement]], allowed: Mapping[str, bool]) -> Markup:
    """Each kind with its level, how often people agreed, and why auto may (not) be chosen."""
    parts = (_level(visit, setting, found, allowed[setting.kind]) for setting, found in rows)
    return _card(visit, "autonomy", _levels_explained(visit), *parts,
                 lead=visit.t("settings.autonomy_lead"))  # fmt: skip


def _levels_explained(visit: Visit) -> Markup:
    """What each level means, and the arithmetic that guards the last one."""
    words = [(visit.name_of("autonomy", one), visit.t(f"settings.about_{one}")) for one in AUTONOMY_LEVELS]
    guard = visit.t(
        "settings.guard", decided=PROMOTION.min_decided, lower=percent(PROMOTION.min_lower),
        undone=percent(PROMOTION.demote_undo_rate), window=PROMOTION.window,
    )  # fmt: skip
    return h("details", h("summary", visit.t("settings.what_levels")), facts(words), h("p", guard, class_="zg-hint"))


def _level(visit: Visit, setting: KindSettings, agreement: Agreement, may_auto: bool) -> Markup:
    choices = [(one, visit.name_of("autonomy", one)) for one in AUTONOMY_LEVELS if one != "auto" or may_auto]
    form = None
    if visit.may("admin"):
        form = h(
            "form",
            select("autonomy", visit.t("settings.level"), setting.autonomy, choices),
            text_field("min_confidence", visit.t("settings.sure"), f"{setting.min_confidence * 100:g}", kind="number"),
            text_field("expire_hours", visit.t("settings.waits"), str(setting.expire_hours), kind="number"),
            h("button", visit.t("common.save"), class_="zg-button"),
            data_act="level",
            data_kind=setting.kind,
            class_="zg-filters",
        )
    return h(
        "div",
        h("h3", visit.name_of("kind", setting.kind), " ", state_chip(visit, "autonomy", setting.autonomy)),
        h("p", bar(agreement.rate, visit.t("today.agreement")), " ", agreement_text(visit, agreement)),
        h("p", _why(visit, agreement, may_auto), class_="zg-hint"),
        form,
        class_="zg-part",
    )


def _why(visit: Visit, agreement: Agreement, may_auto: bool) -> str:
    if may_auto:
        return visit.t("settings.auto_earned")
    if agreement.decided < PROMOTION.min_decided:
        return visit.t("settings.auto_few", decided=agreement.decided, needed=PROMOTION.min_decided)
    if agreement.lower < PROMOTION.min_lower:
        return visit.t("settings.auto_low", lower=percent(agreement.lower), needed=percent(PROMOTION.min_lower))
    return visit.t("settings.auto_undone", rate=percent(agreement.undo_rate))


def voices(visit: Visit, saved: Sequence[Voice]) -> Markup:
    """Saved styles, and a form for a new one or over an old one."""
    may = visit.may("propose")
    lines = (
        h("li", h("div", h("b", one.name), h("p", one.style), _words(visit, one.forbidden)),
          button(visit.t("common.delete"), tone="is-small", opens=f"drop-{at}") if may else None,
          _confirm(visit, f"drop-{at}", "voice-delete", one.name) if may else None)
        for at, one in enumerate(saved)
    )  # fmt: skip
    form = None
    if may:
        form = h(
            "form",
            text_field("name", visit.t("settings.voice_name")),
            text_area("style", visit.t("settings.voice_style"), lines=3, hint=visit.t("settings.voice_hint")),
            text_area("examples", visit.t("settings.voice_examples"), lines=3, hint=visit.t("copy.one_a_line")),
            text_area("forbidden", visit.t("settings.voice_forbidden"), lines=2, hint=visit.t("copy.one_a_line")),
            h("div", h("button", visit.t("common.save"), class_="zg-button is-main"), class_="zg-actions"),
            data_act="voice-save",
            class_="zg-form",
        )
    shown = h("ul", *lines, class_="zg-lines") if saved else h("p", visit.t("settings.no_voices"), class_="zg-hint")
    return _card(
        visit, "voices", shown, h("details", h("summary", visit.t("settings.voice_new")), form) if form else None
    )


def _words(visit: Visit, words: Sequence[str]) -> Markup | None:
    if not words:
        return None
    return h("p", visit.t("settings.voice_forbidden"), ": ", *(chip(word, "warn") for word in words), class_="zg-chips")


def _confirm(visit: Visit, name: str, act: str, number: str) -> Markup:
    sure = h("button", visit.t("common.sure"), type="button", data_act=act, data_id=number,
             class_="zg-button is-danger")  # fmt: skip
    return dialog(visit, name, number, h("p", visit.t("common.sure_question")), h("div", sure, class_="zg-actions"))


def channels(visit: Visit) -> Markup:
    """What each channel allows, as the checks apply it."""
    limits = rule_table("channels")["channels"]
    heads = [visit.t(f"settings.{name}") for name in ("channel", "limits", "characters", "repeats")]
    rows = (
        h(
            "tr",
            cell(heads[0], visit.name_of("channel", channel)),
            cell(heads[1], _limits(visit, limits.get(channel, {}))),
            cell(heads[2], h("code", limits.get(channel, {}).get("forbidden_characters") or "–")),
            cell(heads[3], str(limits.get(channel, {}).get("title_word_repeats") or "–")),
        )
        for channel in CHANNELS
    )
    label = visit.t("settings.channels")
    return _card(visit, "channels", table(heads, rows, label=label), lead=visit.t("settings.channels_lead"))


def _limits(visit: Visit, rules: Mapping[str, object]) -> str:
    found: list[str] = []
    for name, rule in rules.items():
        if isinstance(rule, dict):
            values = cast(Mapping[str, object], rule)
            unit = visit.t("settings.units" if values.get("measure") == "units" else "settings.code_points")
            found.append(f"{visit.name_of('copy', name)} ≤ {values.get('limit')} {unit}")
    return " · ".join(found) or visit.t("settings.no_limit")


def people(visit: Visit, staff: Sequence[Staff]) -> Markup:
    """Who may come in, and a form for one more."""
    heads = [visit.t(f"settings.{name}") for name in ("login", "role", "since", "status")]
    rows = (
        h(
            "tr",
            cell(heads[0], one.login),
            cell(heads[1], visit.name_of("role", one.role)),
            cell(heads[2], moment(one.created_at)),
            cell(heads[3], _active(visit, "disabled", gone=one.disabled)),
            h("td", None if one.disabled else _staff_buttons(visit, at, one)),
        )
        for at, one in enumerate(staff)
    )  # fmt: skip
    form = h(
        "form",
        text_field("login", visit.t("settings.login")),
        text_field("password", visit.t("login.password"), kind="password", hint=visit.t("settings.ten")),
        select("role", visit.t("settings.role"), "operator", [(role, visit.name_of("role", role)) for role in ROLES]),
        h("button", visit.t("settings.add"), class_="zg-button is-main"),
        data_act="staff-add",
        class_="zg-filters",
    )
    label = visit.t("settings.staff")
    return _card(visit, "staff", table([*heads, ""], rows, label=label), form, lead=visit.t("settings.staff_lead"))


def _active(visit: Visit, word: str, *, gone: bool) -> Markup:
    return chip(visit.t(f"settings.{word}"), "warn") if gone else chip(visit.t("settings.active"), "ok")


def _staff_buttons(visit: Visit, at: int, one: Staff) -> list[Markup]:
    change = dialog(
        visit, f"password-{at}", visit.t("settings.new_password", name=one.login),
        h("form", text_field("password", visit.t("login.password"), kind="password",
                             hint=visit.t("settings.ten")),
          h("div", h("button", visit.t("common.save"), class_="zg-button is-main"), class_="zg-actions"),
          data_act="staff-password", data_login=one.login, class_="zg-form"),
    )  # fmt: skip
    return [
        button(visit.t("settings.password"), tone="is-small", opens=f"password-{at}"),
        button(visit.t("settings.disable"), tone="is-small", opens=f"disable-{at}"),
        change,
        _confirm(visit, f"disable-{at}", "staff-disable", one.login),
    ]


def tokens(visit: Visit, issued: Sequence[Token], secret: str) -> Markup:
    """Tokens for programs; a fresh secret is shown this once."""
    heads = [visit.t(f"settings.{name}") for name in ("token", "scopes", "since", "status")]
    rows = (
        h(
            "tr",
            cell(heads[0], one.name),
            cell(heads[1], ", ".join(one.scopes)),
            cell(heads[2], moment(one.created_at)),
            cell(heads[3], _active(visit, "revoked", gone=one.revoked_at is not None)),
            h("td", None if one.revoked_at else [
                button(visit.t("settings.revoke"), tone="is-small", opens=f"revoke-{at}"),
                dialog(visit, f"revoke-{at}", one.name, h("p", visit.t("common.sure_question")),
                       h("div", h("button", visit.t("common.sure"), type="button", data_act="token-revoke",
                                  data_id=one.id, class_="zg-button is-danger"), class_="zg-actions")),
            ]),
        )
        for at, one in enumerate(issued)
    )  # fmt: skip
    boxes = (h("label", h("input", type="checkbox", name="scopes", value=scope, checked=scope == "read"), " ",
               visit.name_of("scope", scope)) for scope in SCOPES)  # fmt: skip
    form = h("form", text_field("name", visit.t("settings.token")),
             h("div", *boxes, class_="zg-boxes"), h("button", visit.t("settings.issue"), class_="zg-button is-main"),
             data_act="token-issue", class_="zg-filters")  # fmt: skip
    shown = (
        h("p", visit.t("settings.secret"), h("br"), h("code", secret), class_="zg-note", role="status")
        if secret
        else None
    )
    label = visit.t("settings.tokens")
    return _card(visit, "tokens", shown, table([*heads, ""], rows, label=label) if issued else None, form,
                 lead=visit.t("settings.tokens_lead"))  # fmt: skip
