"""Small pieces that several pages are made of. Pure: data in, markup out."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime

from zhanggui.kernel.types import Money
from zhanggui.web.markup import Child, Markup, h, safe_image
from zhanggui.web.session import Visit

PAGE_SIZE = 30
# Fields that a form cannot do without, wherever they stand.
_REQUIRED = ("name", "login", "reason")


@dataclass
class Pager:
    """Where one is in a listing that the server pages: the cursors that led here."""

    cursors: list[str | None] = field(default_factory=lambda: [None])
    following: str | None = None

    @property
    def cursor(self) -> str | None:
        """Cursor of the page that is shown."""
        return self.cursors[-1]

    def first(self) -> None:
        """Back to the beginning, as after another search."""
        self.cursors, self.following = [None], None

    def turn(self, direction: str) -> None:
        """Go to the next or the previous page, where there is one."""
        if direction == "next" and self.following is not None:
            self.cursors.append(self.following)
        elif direction == "previous" and len(self.cursors) > 1:
            self.cursors.pop()


def pager(visit: Visit, where: Pager, total: int, *, size: int = PAGE_SIZE) -> Markup | None:
    """The buttons that turn pages, and where one is; nothing where everything fits on one."""
    if total <= size and len(where.cursors) == 1:
        return None
    begin = (len(where.cursors) - 1) * size + 1
    end = min(total, begin + size - 1)
    return h(
        "div",
        _turn(visit, "previous", off=len(where.cursors) == 1),
        h("span", visit.t("common.range", begin=begin, end=end, total=f"{total:,}")),
        _turn(visit, "next", off=where.following is None),
        class_="zg-pager",
    )


def _turn(visit: Visit, direction: str, *, off: bool) -> Markup:
    return h("button", visit.t(f"common.{direction}"), type="button", data_act="turn", data_to=direction, disabled=off,
             class_="zg-button")  # fmt: skip


def chip(text: str, tone: str = "plain", *, tip: str = "") -> Markup:
    """A word on a coloured ground; the colour never says more than the word."""
    return h("span", text, class_=f"zg-chip is-{tone}", title=tip or None)


_TONES = {
    "applied": "ok", "done": "ok", "approved": "ok", "active": "ok", "ready": "ok", "waiting": "info",
    "running": "info", "queued": "info", "failed": "bad", "rejected": "bad", "undone": "warn",
    "paused": "warn", "cancelled": "warn", "auto": "ok", "propose": "info", "shadow": "warn",
}  # fmt: skip


def state_chip(visit: Visit, area: str, word: str) -> Markup:
    """A state by its name for people."""
    return chip(visit.name_of(area, word), _TONES.get(word, "plain"))


def moment(at: datetime | None) -> Markup:
    """An instant; the browser writes it in its reader's zone."""
    if at is None:
        return h("span", "–")
    return h("time", f"{at.astimezone(UTC):%Y-%m-%d %H:%M} UTC", datetime=at.astimezone(UTC).isoformat())


def percent(share: float) -> str:
    """A share for people."""
    return f"{share:.0%}" if share in (0.0, 1.0) else f"{share:.1%}"


def price(amount: Money | None) -> str:
    """Money for people, or a dash."""
    signs = {"CNY": "¥", "USD": "$", "EUR": "€", "GBP": "£", "JPY": "¥"}
    if amount is None:
        return "–"
    sign = signs.get(amount.currency)
    number = f"{amount.major:,}"
    return f"{sign}{number}" if sign else f"{number} {amount.currency}"


def dollars(micros: int) -> str:
    """Millionths of a US dollar as dollars."""
    return f"${micros / 1_000_000:,.4f}" if 0 < micros < 10_000 else f"${micros / 1_000_000:,.2f}"


def picture(address: str, name: str, classes: str = "") -> Markup:
    """A product's picture where it is part of the data; its first letter where it would have to be fetched."""
    if safe_image(address):
        return h("img", src=address, alt=name, loading="lazy", class_=f"zg-picture {classes}")
    return h("span", name.strip()[:1] or "?", class_=f"zg-picture is-letter {classes}", aria_hidden="true")


def table(heads: Sequence[Child], rows: Iterable[Markup], *, label: str, classes: str = "") -> Markup:
    """A table that becomes cards on a narrow screen (each cell names its column in `data-head`)."""
    return h(
        "div",
        h(
            "table",
            h("thead", h("tr", *(h("th", head, scope="col") for head in heads))),
            h("tbody", *rows),
            aria_label=label,
            class_=f"zg-table {classes}",
        ),
        class_="zg-scroll",
        tabindex="0",
        role="region",
        aria_label=label,
    )


def cell(head: str, *content: Child, classes: str = "") -> Markup:
    """A cell; on a narrow screen its column's name stands before it."""
    return h("td", *content, data_head=head, class_=classes or None)


def bar(share: float, label: str) -> Markup:
    """How far something is."""
    return h("progress", f"{share:.0%}", value=f"{share:.4f}", max="1", aria_label=label)


def options(chosen: str, choices: Iterable[tuple[str, str]]) -> Markup:
    """The options of a select: (value, name)."""
    return Markup("".join(h("option", name, value=value, selected=value == chosen) for value, name in choices))


def select(name: str, label: str, chosen: str, choices: Iterable[tuple[str, str]], *, change: str = "") -> Markup:
    """A labelled select; `change` names the action it triggers."""
    return h(
        "label", h("span", label), h("select", options(chosen, choices), name=name, data_change=change or None),
        class_="zg-field",
    )  # fmt: skip


def text_field(name: str, label: str, value: str = "", *, kind: str = "text", hint: str = "") -> Markup:
    """A labelled input; a password, and what no form can do without, must be filled in."""
    needed = kind == "password" or name in _REQUIRED
    control = h("input", name=name, type=kind, value=value, required=needed, step="any" if kind == "number" else None)
    return _labelled(label, control, hint)


def text_area(name: str, label: str, value: str = "", *, lines: int = 3, hint: str = "") -> Markup:
    """A labelled text area of some lines."""
    return _labelled(label, h("textarea", value, name=name, rows=lines, required=name in _REQUIRED), hint)


def _labelled(label: str, control: Markup, hint: str) -> Markup:
    return h("label", h("span", label), control, h("small", hint) if hint else None, class_="zg-field")


def dialog(visit: Visit, name: str, heading: str, *content: Child) -> Markup:
    """A modal dialog that `data-open` opens."""
    return h(
        "dialog",
        h("div", h("h2", heading, id=f"{name}-title"),
          h("button", "✕", type="button", data_close=True, class_="zg-quiet", aria_label=visit.t("common.close")),
          class_="zg-dialog-head"),
        *content,
        id=name,
        aria_labelledby=f"{name}-title",
    )  # fmt: skip


def facts(rows: Iterable[tuple[str, Child]]) -> Markup:
    """Names and values under one another."""
    return h("dl", *(h("div", h("dt", name), h("dd", value)) for name, value in rows), class_="zg-facts")


def field_text(values: dict[str, object], name: str) -> str:
    """The first value of a form's field; empty where the browser sent none."""
    fields = values.get("fields")
    # NiceGUI leaves this type open.
    found = fields.get(name) if isinstance(fields, dict) else None  # pyright: ignore[reportUnknownMemberType, reportUnknownVariableType]
    return str(found[0]) if isinstance(found, list) and found else ""  # pyright: ignore[reportUnknownArgumentType]


def button(text: str, act: str = "", *, tone: str = "", opens: str = "", key: str = "", off: bool = False) -> Markup:
    """A button that does `act`, or opens the dialog `opens`; `key` is shown as its shortcut."""
    return h(
        "button", text, h("kbd", key) if key else None, type="button", data_act=act or None, data_open=opens or None,
        class_=f"zg-button {tone}", disabled=off,
    )  # fmt: skip
