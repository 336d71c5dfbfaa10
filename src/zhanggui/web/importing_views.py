"""How the import wizard looks. Pure: data in, markup out."""

from collections.abc import Mapping, Sequence
from urllib.parse import urlencode

from zhanggui.connectors.looking import Look
from zhanggui.connectors.saved_columns import SavedColumns
from zhanggui.kernel.errors import BadInput
from zhanggui.kernel.types import JsonValue
from zhanggui.web.importing_kinds import KINDS, Checked, Done, FileKind, Past, by_field
from zhanggui.web.markup import Child, Markup, h
from zhanggui.web.parts import bar, button, cell, chip, facts, moment, options, table, text_field
from zhanggui.web.session import Visit

_SHOWN = 50
_NAMED = 20
KEEP, ATTRIBUTE = "", "@attribute"


def tabs(visit: Visit, now: str) -> Markup:
    """What one imports: products or orders."""
    links = (
        h("a", visit.t(f"import.tab_{what}"), href=f"/import?{urlencode({'what': what})}",
          aria_current="page" if what == now else None)
        for what in KINDS
    )  # fmt: skip
    return h("nav", *links, class_="zg-tabs is-chosen", aria_label=visit.t("import.title"))


def columns_card(visit: Visit, kind: FileKind, look: Look, chosen: Mapping[str, str], head: "Head") -> Markup:
    """What the file is, and which column fills which field."""
    formats = [(name, visit.name_of("file_format", name)) for name in _formats(kind, look)]
    rows: list[tuple[str, Child]] = [
        (visit.t("import.file"), head.file),
        (visit.t("import.format"), h("select", options(look.format, formats), data_change="format",
                                     aria_label=visit.t("import.format"))),
        (visit.t("import.encoding"), " · ".join(part for part in (look.encoding, look.packing) if part)),
    ]  # fmt: skip
    used = h("p", visit.t("import.saved_used", name=head.used), class_="zg-note") if head.used else None
    return h(
        "section",
        h("h2", visit.t("import.what_it_is")),
        facts(rows),
        used,
        _mapping(visit, kind, look, chosen, head) if look.editable else None,
        None if look.editable else h("p", visit.t("import.known_format"), class_="zg-hint"),
        class_="zg-card",
    )


class Head:
    """What stands around the mapping: the file's name, currency, shop, saved mappings, the one in use."""

    def __init__(self, file: str, currency: str, shop: str, saved: Sequence[SavedColumns], used: str) -> None:
        self.file, self.currency, self.shop, self.saved, self.used = file, currency, shop, saved, used


def _formats(kind: FileKind, look: Look) -> tuple[str, ...]:
    return kind.formats if look.format in kind.formats else (look.format, *kind.formats)


def _mapping(visit: Visit, kind: FileKind, look: Look, chosen: Mapping[str, str], head: Head) -> Markup:
    heads = [visit.t(f"import.{name}") for name in ("column", "first_values", "fills")]
    fields = [(name, visit.name_of(f"field_{kind.what}", name)) for name in kind.fields]
    rows = (
        h(
            "tr",
            cell(heads[0], h("b", column)),
            cell(heads[1], h("span", " · ".join(look.samples.get(column, ())) or "–", class_="zg-clip")),
            cell(heads[2], _target(visit, kind, (at, column), chosen.get(column, ""), fields)),
        )
        for at, column in enumerate(look.columns)
    )
    label = visit.t("import.mapping")
    shop = None
    if kind.what == "orders":
        shop = _changing("shop", visit.t("import.shop"), head.shop)
    return h(
        "div",
        h("h3", label),
        h("p", visit.t("import.mapping_lead"), class_="zg-hint"),
        _untitled(visit, kind, chosen),
        table(heads, rows, label=label),
        h("form", _changing("currency", visit.t("import.currency"), head.currency), shop, _saved_select(visit, head),
          data_act="check", class_="zg-filters"),
        h("details", h("summary", visit.t("import.save_mapping")),
          h("form", text_field("name", visit.t("import.mapping_name"), head.used),
            h("button", visit.t("common.save"), class_="zg-button"),
            button(visit.t("import.forget_mapping", name=head.used), "forget-columns") if head.used else None,
            data_act="save-columns", class_="zg-filters")),
        class_="zg-mapping",
    )  # fmt: skip


def _untitled(visit: Visit, kind: FileKind, chosen: Mapping[str, str]) -> Markup | None:
    if kind.what == "orders" or "title" in chosen.values():
        return None
    return h("p", visit.t("import.no_title"), class_="zg-note is-warn")


def _changing(name: str, label: str, value: str) -> Markup:
    control = h("input", name=name, value=value, data_change="set", data_name=name, maxlength="64")
    return h("label", h("span", label), control, class_="zg-field")


def _saved_select(visit: Visit, head: Head) -> Markup | None:
    if not head.saved:
        return None
    choices = [("", visit.t("import.guessed")), *((one.name, one.name) for one in head.saved)]
    control = h("select", options(head.used, choices), data_change="use-columns")
    return h("label", h("span", visit.t("import.saved_mappings")), control, class_="zg-field")


def _target(visit: Visit, kind: FileKind, where: tuple[int, str], chosen: str, fields: list[tuple[str, str]]) -> Markup:
    choices = [(KEEP, visit.t(f"import.keep_{kind.what}")), *fields]
    if kind.what == "products":
        choices.insert(1, (ATTRIBUTE, visit.t("import.attribute")))
    value = ATTRIBUTE if chosen.startswith("attributes.") else KEEP if chosen.startswith("extra.") else chosen
    return h("select", options(value, choices), data_change="remap", data_at=where[0],
             aria_label=visit.t("import.fills_of", column=where[1]))  # fmt: skip


def stale(visit: Visit) -> Markup:
    """The mapping was changed: the report is of before."""
    return h(
        "section",
        h("p", visit.t("import.columns_changed"), class_="zg-hint"),
        h("div", button(visit.t("import.check"), "check", tone="is-main"), class_="zg-actions"),
        class_="zg-card",
    )


def alert(text: str, *more: Child) -> Markup:
    """Something is wrong with the whole file."""
    return h("section", h("p", text, class_="zg-alert", role="alert"), *more, class_="zg-card")


def report(visit: Visit, kind: FileKind, found: Checked) -> Markup:
    """The pre-flight report, and what may be done next."""
    wrong = h("b", f"{found.problem_count:,}", class_="zg-wrong" if found.problem_count else None)
    rows: list[tuple[str, Child]] = [
        (visit.t("import.rows"), f"{found.rows:,}"),
        (visit.t(f"import.{kind.what}"), f"{found.things:,}"),
        (visit.t("import.problems"), wrong),
        (visit.t("import.duplicates"), _some(found.duplicates)),
        (visit.t("import.unknown" if kind.what == "products" else "import.unused"), _some(found.unknown)),
        (visit.t("import.blank"), _some(found.blank)),
    ]
    rows = [row for row in rows if kind.what == "products" or row[0] != visit.t("import.blank")]
    rows += [(visit.t(f"import.{name}"), value) for name, value in found.more if value]
    chosen = found.format in ("generic-table", "order-table")  # these stand above, with their selects
    known = [] if chosen else [h("li", h("b", column), " → ", visit.name_of(f"field_{kind.what}", target))
             for column, target in found.columns.items() if target]  # fmt: skip
    warnings = [h("li", visit.name_of("warning", text)) for text in found.warnings]
    nothing = found.things == 0
    return h(
        "section",
        h("h2", visit.t("import.report")),
        facts(rows),
        h("ul", *warnings, class_="zg-note") if warnings else None,
        h("p", visit.t("import.blank_note"), class_="zg-hint") if found.blank else None,
        h("details", h("summary", visit.t("import.columns", count=len(known))), h("ul", *known)) if known else None,
        problems(visit, found.problems, found.problem_count),
        h("p", visit.t("import.nothing"), class_="zg-alert") if nothing else None,
        h("div", button(visit.t("import.dry"), "dry", off=nothing),
          button(visit.t("import.go"), "import", tone="is-main", off=nothing), class_="zg-actions"),
        class_="zg-card",
    )  # fmt: skip


def _some(names: Sequence[str]) -> str:
    more = f" … (+{len(names) - _NAMED})" if len(names) > _NAMED else ""
    return ", ".join(names[:_NAMED]) + more or "–"


def problems(visit: Visit, bad_rows: Sequence[BadInput], count: int) -> Markup | None:
    """Which rows are wrong, where and how; first how many in each field."""
    if not bad_rows:
        return None
    heads = [visit.t(f"import.{name}") for name in ("row", "field", "expected", "found")]
    rows = (
        h("tr", cell(heads[0], "–" if bad.row is None else bad.row), cell(heads[1], bad.field),
          cell(heads[2], visit.name_of("expected", bad.expected)), cell(heads[3], bad.found or "–"))
        for bad in bad_rows[:_SHOWN]
    )  # fmt: skip
    fields = [chip(f"{name} × {times:,}", "warn") for name, times in by_field(bad_rows)[:_NAMED]]
    label = visit.t("import.bad_rows", shown=min(_SHOWN, len(bad_rows)), count=f"{count:,}")
    return h(
        "details",
        h("summary", label),
        h("p", *fields, class_="zg-chips"),
        table(heads, rows, label=label),
        h("p", button(visit.t("import.download_problems"), "problems", tone="is-small")),
        open=True,
    )


def working(visit: Visit, row: int, rows: int, *, dry: bool) -> Markup:
    """How far it is."""
    share = min(1.0, row / rows) if rows else 0.0
    told = visit.t("import.row_of", row=f"{min(row, rows):,}", rows=f"{rows:,}")
    label = visit.t("import.trying" if dry else "import.importing")
    return h("section", h("p", label), h("p", bar(share, label), " ", told), class_="zg-card")


def outcome(visit: Visit, kind: FileKind, done: Done) -> Markup:
    """What the import did, or would do."""
    dry = done.id is None
    numbers = (
        h("div", h("b", f"{done.counts.get(name, 0):,}"), h("span", visit.t(f"import.{name}")),
          class_=f"zg-number{' is-bad' if name == 'rejected' and done.counts.get(name) else ''}")
        for name in kind.counts
    )  # fmt: skip
    blanked = None
    if done.blanked:
        words = ", ".join(f"{visit.name_of('field_products', name)} × {count}" for name, count in done.blanked.items())
        blanked = h("p", visit.t("import.blanked", fields=words), class_="zg-alert")
    actions: list[Child] = [button(visit.t("import.go"), "import", tone="is-main")]
    if not dry:
        see = f"/catalogue?{urlencode({'batch': done.id or ''})}" if kind.what == "products" else "/orders"
        actions = [
            h("a", visit.t(f"import.see_{kind.what}"), href=see, class_="zg-button is-main"),
            _undo(visit, done.id),
        ]
    return h(
        "section",
        h("h2", visit.t("import.would" if dry else "import.did")),
        h("div", *numbers, class_="zg-numbers"),
        blanked,
        _changes(visit, done.samples),
        None if dry else problems(visit, done.problems, done.counts.get("rejected", 0)),
        h("div", *actions, class_="zg-actions"),
        class_="zg-card",
    )


def _undo(visit: Visit, number: str | None, tone: str = "") -> Markup:
    return h("button", visit.t("import.undo"), type="button", data_act="undo-import", data_id=number,
             class_=f"zg-button {tone}")  # fmt: skip


def _changes(visit: Visit, samples: Sequence[tuple[str, str, JsonValue, JsonValue]]) -> Markup | None:
    if not samples:
        return None
    heads = [visit.t(f"import.{name}") for name in ("product", "field", "before", "after")]
    rows = (
        h("tr", cell(heads[0], product), cell(heads[1], visit.name_of("field_products", name)),
          cell(heads[2], _short(before)), cell(heads[3], _short(after)))
        for product, name, before, after in samples
    )  # fmt: skip
    label = visit.t("import.changes", count=len(samples))
    return h("details", h("summary", label), table(heads, rows, label=label))


def _short(value: JsonValue) -> str:
    text = "–" if value in (None, "", [], {}) else str(value)
    return text if len(text) <= 120 else f"{text[:120]}…"


def past(visit: Visit, kind: FileKind, imports: Sequence[Past]) -> Markup | None:
    """Imports of before, each to be taken back."""
    if not imports:
        return None
    heads = [visit.t(f"import.{name}") for name in ("file", "format", "when", "by", "created", "changed", "rejected")]
    rows = (
        h(
            "tr",
            cell(heads[0], _past_name(kind, one)),
            cell(heads[1], visit.name_of("file_format", one.format)),
            cell(heads[2], moment(one.at)),
            cell(heads[3], one.by),
            *(cell(visit.t(f"import.{name}"), one.counts.get(name, 0), classes="is-number")
              for name in ("created", "changed", "rejected")),
            h("td", chip(visit.t("import.is_undone"), "warn") if one.undone else _undo(visit, one.id, "is-small")),
        )
        for one in imports
    )  # fmt: skip
    label = visit.t("import.past")
    return h("section", h("h2", label), table([*heads, ""], rows, label=label), class_="zg-card")


def _past_name(kind: FileKind, one: Past) -> Child:
    if kind.what == "orders":
        return one.file or one.id
    return h("a", one.file or one.id, href=f"/catalogue?{urlencode({'batch': one.id})}")
