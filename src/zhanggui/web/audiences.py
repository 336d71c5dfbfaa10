"""Audiences: said in plain words, shown as conditions that one can change, counted at once, kept under a name."""

import asyncio
from dataclasses import dataclass, field

from zhanggui.app import App
from zhanggui.kernel.storage import UnitOfWork
from zhanggui.marketing import (
    FIELDS,
    AudienceStore,
    Counted,
    Definition,
    Reading,
    SavedAudience,
    count_audience,
    definition_of,
    overlap,
    parse_definition,
    save_audience,
    say_definition,
    vocabulary_of,
)
from zhanggui.web import frame as frames
from zhanggui.web.frame import Frame, Region, Values, empty, title
from zhanggui.web.markup import Markup, h
from zhanggui.web.parts import cell, chip, field_text, moment, options, select, table, text_field

_OPS = ("in", "not-in", ">=", ">", "<=", "<", "=")
_UNITS = ("day", "week", "month", "quarter", "year")
_KINDS = ("", "last", "previous", "this")
# A place that so many times more often stands in an audience than among all customers may stand for a protected group.
_UNEVEN, _FEW = 1.8, 0.05
_SHOWN_SAVED = 100


@dataclass
class Room:
    """What one open page shows."""

    frame: Frame
    asked: Region
    saved: Region
    request: str = ""
    question: str = ""
    read_by: str = ""
    definition: Definition | None = None
    counted: Counted | None = None
    kept: tuple[tuple[SavedAudience, int], ...] = ()
    compared: tuple[int, int, int] | None = None
    words: dict[str, str] = field(default_factory=dict[str, str])


def add_page(app: App) -> None:
    """Serve the page."""
    frames.add_page(app, "/audiences", "audiences", _build)


async def _build(frame: Frame) -> None:
    visit, head = frame.visit, Region("zg-main-part")
    room = Room(frame, Region("zg-main-part"), Region("zg-main-part"))
    head.show(title(visit.t("audiences.title"), lead=visit.t("audiences.lead")), _ask(room))

    async def read(values: Values) -> None:
        room.request = field_text(values, "request").strip()[:1_000]
        await _read(room)

    async def drop(values: Values) -> None:
        place = int(str(values.get("id")))
        groups = room.definition.groups if room.definition else ()
        left = tuple(group for number, group in enumerate(groups) if number != place)
        room.definition = Definition(left) if left else None
        await _count(room)

    async def add(values: Values) -> None:
        more = _condition(room, values)
        groups = room.definition.groups if room.definition else ()
        room.definition = Definition((*groups, *more.groups))
        await _count(room)

    async def save(values: Values) -> None:
        definition, name, asked = room.definition, field_text(values, "name"), room.request
        if definition is not None:
            await frame.write("propose", lambda uow: save_audience(uow, name, definition, request=asked))
            frame.say(visit.t("audiences.saved"))
            await _load(room)

    async def compare(values: Values) -> None:
        first, second = field_text(values, "first"), field_text(values, "second")
        room.compared = await frame.read(lambda uow: overlap(uow, first, second, visit.locale))
        _draw_saved(room)

    for act, handler in (("read", read), ("drop", drop), ("add", add), ("save", save), ("compare", compare)):
        frame.on(act, handler)
    await _load(room)


def _ask(room: Room) -> Markup:
    visit = room.frame.visit
    line = h("textarea", room.request, name="request", rows=2, required=True, maxlength=1_000,
             placeholder=visit.t("audiences.example"))  # fmt: skip
    return h("form", h("label", h("span", visit.t("audiences.request")), line, class_="zg-field"),
             h("div", h("button", visit.t("audiences.read"), class_="zg-button is-main"), class_="zg-actions"),
             data_act="read", class_="zg-card zg-form")  # fmt: skip


async def _read(room: Room) -> None:
    visit = room.frame.visit
    vocabulary = await room.frame.read(vocabulary_of)
    reader, merchant = visit.app.marketing.reader, visit.caller.merchant_id
    reading: Reading = await asyncio.to_thread(reader.read, merchant, room.request, vocabulary)
    room.question = reading.question.text(visit.locale) if reading.definition is None and reading.question else ""
    room.definition, room.read_by = reading.definition, reading.by
    await _count(room)


def _condition(room: Room, values: Values) -> Definition:
    """The condition of the form; `parse_definition` says what is wrong with it."""
    name, op = field_text(values, "field"), field_text(values, "op")
    told = [part.strip() for part in field_text(values, "values").replace("，", ",").split(",") if part.strip()]
    content: dict[str, object] = {"field": name, "op": op}
    if FIELDS.get(name) in ("number", "money"):
        content["values"] = [_number(one) for one in told]
    else:
        content["values"] = [_own_word(room, name, one) for one in told]
    kind = field_text(values, "window")
    if kind:
        count = field_text(values, "count") or "1"
        whole = int(count) if count.isdigit() and kind == "last" else 1
        content["window"] = {"kind": kind, "count": whole, "unit": field_text(values, "unit")}
    return parse_definition({"all": [{"any": [content]}]})


def _number(text: str) -> float | str:
    try:
        return float(text)
    except ValueError:
        return text


def _own_word(room: Room, name: str, text: str) -> str:
    """The shop's own name for what somebody typed."""
    value = room.words.get(text, text)
    return value if FIELDS.get(name) == "happening" else value.removeprefix(f"{name}:")


async def _count(room: Room) -> None:
    definition, locale = room.definition, room.frame.visit.locale

    def count(uow: UnitOfWork) -> Counted | None:
        room.words = dict(vocabulary_of(uow).words)
        return count_audience(uow, definition, locale) if definition is not None else None

    room.counted = await room.frame.read(count)
    _draw(room)


def _draw(room: Room) -> None:
    visit, definition, counted = room.frame.visit, room.definition, room.counted
    if room.question:
        room.asked.show(h("section", h("h2", visit.t("audiences.question")), h("p", room.question, class_="zg-alert"),
                          _add_form(room), class_="zg-card"))  # fmt: skip
        return
    if definition is None or counted is None:
        room.asked.show(h("section", h("h2", visit.t("audiences.by_hand")), _add_form(room), class_="zg-card"))
        return
    sentences = [
        h("li", h("span", text), " ", h("button", "✕", type="button", data_act="drop", data_id=place,
          aria_label=visit.t("audiences.drop_one", what=text), class_="zg-button is-small"))
        for place, text in enumerate(say_definition(definition, visit.locale))
    ]  # fmt: skip
    save = h("form", text_field("name", visit.t("audiences.name"), room.request[:60]),
             h("button", visit.t("common.save"), class_="zg-button is-main"), data_act="save",
             class_="zg-filters")  # fmt: skip
    room.asked.show(
        h("section", h("h2", visit.t("audiences.understood")),
          h("p", chip(visit.name_of("audience_by", room.read_by or "hand"), "info"), class_="zg-chips"),
          h("ul", *sentences), _add_form(room), class_="zg-card"),
        h("section", h("h2", visit.t("audiences.members", count=f"{len(counted.members):,}", of=f"{counted.of:,}")),
          h("p", visit.t("audiences.opted_out", count=counted.opted_out), class_="zg-hint") if counted.opted_out
          else None,
          _fairness(room, counted), save if visit.may("propose") else None, class_="zg-card"),
    )  # fmt: skip


def _fairness(room: Room, counted: Counted) -> Markup | None:
    """A word of warning where some places are meant far more often than others."""
    visit = room.frame.visit
    uneven = [
        visit.t("audiences.uneven_place", place=place, inside=f"{inside:.0%}", usual=f"{usual:.0%}")
        for place, (inside, usual) in counted.places.items()
        if inside >= _FEW and inside > _UNEVEN * max(usual, 0.01)
    ]
    if not uneven or not counted.members:
        return None
    return h("div", h("b", visit.t("audiences.uneven")), h("ul", *(h("li", one) for one in uneven)), class_="zg-alert",
             role="note")  # fmt: skip


def _add_form(room: Room) -> Markup:
    visit = room.frame.visit
    fields = [(name, visit.name_of("audience_field", name)) for name in FIELDS]
    known = h("datalist", options("", ((word, word) for word in sorted(room.words)[:200])), id="audience-words")
    typed = h("label", h("span", visit.t("audiences.values")), h("input", name="values", list="audience-words"),
              class_="zg-field")  # fmt: skip
    return h(
        "form",
        select("field", visit.t("audiences.field"), "bought", fields),
        select("op", visit.t("audiences.op"), "in", [(op, visit.name_of("audience_op", op)) for op in _OPS]),
        typed,
        select("window", visit.t("audiences.window"), "", [(kind, visit.name_of("audience_window", kind or "ever"))
                                                           for kind in _KINDS]),
        text_field("count", visit.t("audiences.count"), "1", kind="number"),
        select("unit", visit.t("audiences.unit"), "month", [(unit, visit.name_of("audience_unit", unit))
                                                            for unit in _UNITS]),
        known,
        h("button", visit.t("audiences.add"), class_="zg-button"),
        data_act="add",
        class_="zg-filters",
        aria_label=visit.t("audiences.add"),
    )  # fmt: skip


async def _load(room: Room) -> None:
    locale = room.frame.visit.locale

    def load(uow: UnitOfWork) -> tuple[tuple[SavedAudience, int], ...]:
        room.words = dict(vocabulary_of(uow).words)
        kept = AudienceStore(uow).all()[:_SHOWN_SAVED]
        return tuple((one, len(count_audience(uow, definition_of(one), locale).members)) for one in kept)

    room.kept = await room.frame.read(load)
    if room.definition is None:
        _draw(room)
    _draw_saved(room)


def _draw_saved(room: Room) -> None:
    visit = room.frame.visit
    if not room.kept:
        room.saved.show(empty(visit, visit.t("audiences.none")))
        return
    heads = [visit.t(f"audiences.{name}") for name in ("name", "says", "size", "saved_at", "do")]
    rows = (
        h("tr", cell(heads[0], one.name, h("small", one.request) if one.request else None),
          cell(heads[1], "；".join(say_definition(definition_of(one), visit.locale))),
          cell(heads[2], f"{size:,}", classes="is-number"), cell(heads[3], moment(one.saved_at)),
          cell(heads[4], h("a", visit.t("audiences.use"), href=f"/campaigns?audience={one.id}",
                           class_="zg-button is-small")))
        for one, size in room.kept
    )  # fmt: skip
    room.saved.show(
        h("h2", visit.t("audiences.kept")),
        table(heads, rows, label=visit.t("audiences.kept")),
        _compare(room) if len(room.kept) > 1 else None,
    )


def _compare(room: Room) -> Markup:
    visit = room.frame.visit
    names = [(one.id, one.name) for one, _ in room.kept]
    told = None
    if room.compared is not None:
        first, second, both = (f"{one:,}" for one in room.compared)
        told = h("p", visit.t("audiences.overlap", first=first, second=second, both=both), role="status")
    return h("section", h("h2", visit.t("audiences.compare")),
             h("form", select("first", visit.t("audiences.first"), names[0][0], names),
               select("second", visit.t("audiences.second"), names[1][0], names),
               h("button", visit.t("audiences.compare_go"), class_="zg-button"), data_act="compare",
               class_="zg-filters"), told, class_="zg-card")  # fmt: skip
