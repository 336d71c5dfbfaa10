"""The import wizard: a file of products or orders, what it is, which column fills what, what would change, the import
itself with its progress, and how to take it back."""

import asyncio
import shutil
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, cast

from nicegui import context, ui
from nicegui.events import UploadEventArguments

from zhanggui.app import App
from zhanggui.connectors.looking import Look
from zhanggui.connectors.saved_columns import (
    SavedColumns,
    drop_columns,
    fitting_columns,
    named_columns,
    save_columns,
    saved_columns,
)
from zhanggui.connectors.tabular import Limits, write_row
from zhanggui.kernel.errors import BadInput, ZhangguiError
from zhanggui.kernel.storage import UnitOfWork
from zhanggui.web import frame as frames
from zhanggui.web import importing_views as views
from zhanggui.web.frame import Frame, Region, Values, problem_text, title
from zhanggui.web.importing_kinds import KINDS, Checked, Done, FileKind, Upload
from zhanggui.web.markup import h
from zhanggui.web.parts import field_text

_PROGRESS_SECONDS = 0.4


@dataclass
class Wizard:
    """One file on its way in; its copy lies in `folder` until the page is closed and nothing reads it any more."""

    frame: Frame
    kind: FileKind
    folder: Path
    columns: Region
    report: Region
    outcome: Region
    past: Region
    upload: Upload
    look: Look | None = None
    checked: Checked | None = None
    saved: tuple[SavedColumns, ...] = ()
    used: str = ""
    chosen: dict[str, str] = field(default_factory=dict[str, str])
    problems: tuple[BadInput, ...] = ()
    row: int = 0
    at_work: bool = False
    closed: bool = False

    def tidy(self) -> None:
        """Throw the copy away, once nothing reads it."""
        if self.closed and not self.at_work:
            shutil.rmtree(self.folder, ignore_errors=True)

    def reading(self) -> Upload:
        """The file as it is to be read now.

        Raises:
            BadInput: nothing was dropped yet.
        """
        if self.look is None:
            raise BadInput(field="file", expected="an uploaded file", found="nothing")
        columns = self.chosen if self.look.editable else None
        return replace(self.upload, format=self.look.format, columns=columns)


def add_page(app: App) -> None:
    """Serve the page."""
    frames.add_page(app, "/import", "catalogue", _build)


async def _build(frame: Frame) -> None:
    visit = frame.visit
    visit.caller.require("propose")
    kind = KINDS.get(frame.query("what"), KINDS["products"])
    folder = Path(await asyncio.to_thread(tempfile.mkdtemp, prefix="zhanggui-import-"))
    back = ("catalogue", "/catalogue") if kind.what == "products" else ("orders", "/orders")
    Region("zg-main-part").show(
        h("p", h("a", f"‹ {visit.t(f'nav.{back[0]}')}", href=back[1]), class_="zg-crumb"),
        title(visit.t("import.title"), lead=visit.t(f"import.lead_{kind.what}")),
        views.tabs(visit, kind.what),
    )
    most = visit.app.settings.max_upload_mb
    with ui.element("section").classes("zg-main-part"):
        upload = ui.upload(max_file_size=most << 20, max_files=1, auto_upload=True, label=visit.t("import.drop"))
        upload.props('accept=".csv,.json,.jsonl,.ndjson,.txt,.tsv,.gz,.zip" flat bordered').classes("zg-upload")
        Region().show(h("p", visit.t("import.limits", limit=most), class_="zg-hint"))
    currency = visit.app.merchants.get(visit.caller.merchant_id).currency
    first = Upload(folder / "upload", "", currency, Limits(unpacked_bytes=most << 20))
    columns, report, outcome, past = (Region("zg-main-part") for _ in range(4))
    wizard = Wizard(frame, kind, folder, columns, report, outcome, past, first)

    def closed() -> None:
        wizard.closed = True
        wizard.tidy()

    cast(Any, context.client).on_delete(closed)
    _answer_upload(wizard, upload)
    _answer_columns(wizard)
    _answer_import(wizard)
    await _show_past(wizard)


def _answer_upload(wizard: Wizard, upload: ui.upload) -> None:
    frame, visit = wizard.frame, wizard.frame.visit

    async def arrived(event: UploadEventArguments) -> None:
        if wizard.at_work:
            upload.reset()
            frame.say(visit.t("import.busy"), kind="bad")
            return
        async with frame.turn:
            for region in (wizard.columns, wizard.outcome):
                region.show()
            wizard.report.show(h("p", visit.t("import.reading"), class_="zg-hint", role="status"))
            await event.file.save(wizard.upload.path)
            upload.reset()
            wizard.upload = replace(wizard.upload, name=event.file.name[:200])
            await _look(wizard, "auto")

    async def refused() -> None:
        frame.say(visit.t("import.too_large", limit=visit.app.settings.max_upload_mb), kind="bad")

    async def other_format(values: Values) -> None:
        wizard.outcome.show()
        await _look(wizard, str(values.get("value")))

    upload.on_upload(arrived)
    upload.on_rejected(refused)
    frame.on("format", other_format)


async def _look(wizard: Wizard, kind: str) -> None:
    """Look at the file afresh, propose columns (a saved mapping that fits, else a guess), and check at once."""
    visit, upload = wizard.frame.visit, replace(wizard.upload, format=kind)
    wizard.look, wizard.checked, wizard.used = None, None, ""
    try:
        look = await asyncio.to_thread(wizard.kind.look, upload)
    except ZhangguiError as wrong:
        wizard.columns.show()
        wizard.report.show(views.alert(problem_text(visit, wrong), h("p", visit.t("import.nothing_done"))))
        return
    wizard.look = look
    wizard.upload = replace(wizard.upload, currency=look.currency)
    await _load_saved(wizard)
    fitting = fitting_columns(wizard.saved, look.columns) if look.editable else None
    _use(wizard, fitting)
    await _check(wizard)


async def _load_saved(wizard: Wizard) -> None:
    wizard.saved = await wizard.frame.read(lambda uow: saved_columns(uow, wizard.kind.what))


def _use(wizard: Wizard, saved: SavedColumns | None) -> None:
    look = wizard.look
    assert look is not None
    wizard.used = saved.name if saved else ""
    found: Mapping[str, str] = saved.columns if saved else look.guessed
    wizard.chosen = {column: found[column] for column in look.columns if column in found}
    wizard.upload = replace(wizard.upload, currency=saved.currency if saved else look.currency)


def _draw_columns(wizard: Wizard) -> None:
    assert wizard.look is not None
    head = views.Head(wizard.upload.name, wizard.upload.currency, wizard.upload.shop, wizard.saved, wizard.used)
    wizard.columns.show(views.columns_card(wizard.frame.visit, wizard.kind, wizard.look, wizard.chosen, head))


async def _check(wizard: Wizard) -> None:
    visit = wizard.frame.visit
    reading = wizard.reading()
    _draw_columns(wizard)
    wizard.outcome.show()
    wizard.report.show(h("p", visit.t("import.reading"), class_="zg-hint", role="status"))
    try:
        wizard.checked = await asyncio.to_thread(wizard.kind.check, reading)
    except ZhangguiError as wrong:
        wizard.checked = None
        wizard.report.show(views.alert(problem_text(visit, wrong), h("p", visit.t("import.mend_columns"))))
        return
    wizard.problems = wizard.checked.problems
    wizard.report.show(views.report(visit, wizard.kind, wizard.checked))


def _answer_columns(wizard: Wizard) -> None:
    frame, visit = wizard.frame, wizard.frame.visit

    def changed() -> None:
        wizard.checked = None
        wizard.outcome.show()
        wizard.report.show(views.stale(visit))

    async def remap(values: Values) -> None:
        at = str(values.get("at"))
        if wizard.look is not None and at.isdigit() and int(at) < len(wizard.look.columns):
            _fill(wizard, wizard.look.columns[int(at)], str(values.get("value")))
            changed()

    async def put(values: Values) -> None:
        name, value = str(values.get("name")), str(values.get("value")).strip()[:64]
        if name == "currency":
            wizard.upload = replace(wizard.upload, currency=value.upper())
        elif name == "shop":
            wizard.upload = replace(wizard.upload, shop=value or "file")
        changed()

    async def check(_: Values) -> None:
        await _check(wizard)

    for name, handler in (("remap", remap), ("set", put), ("check", check)):
        frame.on(name, handler)
    _answer_saved(wizard)


def _fill(wizard: Wizard, column: str, target: str) -> None:
    if target == views.ATTRIBUTE:
        before = wizard.chosen.get(column, "")
        target = before if before.startswith("attributes.") else f"attributes.{column}"
    if target:
        wizard.chosen[column] = target
    else:
        wizard.chosen.pop(column, None)


def _answer_saved(wizard: Wizard) -> None:
    frame, what = wizard.frame, wizard.kind.what

    async def use(values: Values) -> None:
        name = str(values.get("value"))
        if wizard.look is not None:
            _use(wizard, await frame.read(lambda uow: named_columns(uow, what, name)) if name else None)
            await _check(wizard)

    async def save(values: Values) -> None:
        saved = SavedColumns(field_text(values, "name").strip(), dict(wizard.chosen), wizard.upload.currency)
        await frame.write("propose", lambda uow: save_columns(uow, what, saved))
        wizard.used = saved.name
        await _load_saved(wizard)
        _draw_columns(wizard)
        frame.say(frame.visit.t("import.mapping_saved", name=saved.name))

    async def forget(_: Values) -> None:
        name = wizard.used
        await frame.write("propose", lambda uow: drop_columns(uow, what, name))
        wizard.used = ""
        await _load_saved(wizard)
        _draw_columns(wizard)

    for name, handler in (("use-columns", use), ("save-columns", save), ("forget-columns", forget)):
        frame.on(name, handler)


def _answer_import(wizard: Wizard) -> None:
    frame, visit = wizard.frame, wizard.frame.visit

    async def dry(_: Values) -> None:
        wizard.outcome.show(views.outcome(visit, wizard.kind, await _run(wizard, dry=True)))

    async def load(_: Values) -> None:
        done = await _run(wizard, dry=False)
        wizard.report.show()
        wizard.columns.show()
        wizard.look = wizard.checked = None
        wizard.problems = done.problems
        wizard.outcome.show(views.outcome(visit, wizard.kind, done))
        frame.say(visit.t("import.done", created=done.counts["created"], changed=done.counts["changed"]))
        await _show_past(wizard)

    async def undo(values: Values) -> None:
        number = str(values.get("id"))
        removed, restored, left = await frame.write("propose", lambda uow: wizard.kind.undo(uow, number))
        wizard.outcome.show()
        frame.say(visit.t("import.undone", removed=removed, restored=restored, left=left))
        await _show_past(wizard)

    async def download(_: Values) -> None:
        rows = [["row", "field", "expected", "found"]]
        rows += [[str(bad.row or ""), bad.field, bad.expected, bad.found] for bad in wizard.problems]
        # With a BOM, because spreadsheets take a CSV without one for something else than UTF-8.
        ui.download.content("\ufeff" + "".join(write_row(row) for row in rows), "problems.csv", "text/csv")

    for name, handler in (("dry", dry), ("import", load), ("undo-import", undo), ("problems", download)):
        frame.on(name, handler)


async def _run(wizard: Wizard, *, dry: bool) -> Done:
    """Import (or try) in a thread, and show how far it is; all of it takes effect, or nothing.

    Raises:
        BadInput: the file was not checked as it is to be read now.
    """
    visit, checked, reading = wizard.frame.visit, wizard.checked, wizard.reading()
    if checked is None:
        raise BadInput(field="file", expected="a file that was checked", found="columns that changed since")
    wizard.row, wizard.at_work = 0, True

    def reached(row: int) -> None:
        wizard.row = row

    def act(uow: UnitOfWork) -> Done:
        return wizard.kind.run(uow, reading, dry=dry, reached=reached)

    frame = wizard.frame
    task = asyncio.create_task(frame.read(act) if dry else frame.write("propose", act))
    try:
        while not task.done():
            wizard.outcome.show(views.working(visit, wizard.row, checked.rows, dry=dry))
            await asyncio.wait({task}, timeout=_PROGRESS_SECONDS)
        return await task
    except ZhangguiError:
        wizard.outcome.show()
        raise
    finally:
        wizard.at_work = False
        wizard.tidy()


async def _show_past(wizard: Wizard) -> None:
    imports = await wizard.frame.read(wizard.kind.past)
    wizard.past.show(views.past(wizard.frame.visit, wizard.kind, imports))
