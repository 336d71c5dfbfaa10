"""The import wizard: a file, what it is, what would change, the import itself, and how to take it back."""

import asyncio
import shutil
import tempfile
from collections.abc import Callable, Generator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar, cast
from urllib.parse import urlencode

from nicegui import context, ui
from nicegui.events import UploadEventArguments

from zhanggui.app import App
from zhanggui.catalog import ImportOutcome, Preflight, dry_run, import_history, import_products, preflight, undo_import
from zhanggui.connectors.product_files import open_products
from zhanggui.connectors.tabular import Limits, OpenProducts
from zhanggui.kernel.errors import BadInput, ZhangguiError
from zhanggui.kernel.storage import UnitOfWork
from zhanggui.kernel.types import JsonValue
from zhanggui.web import frame as frames
from zhanggui.web.frame import Frame, Region, Values, problem_text, title
from zhanggui.web.markup import Child, Markup, h
from zhanggui.web.parts import button, cell, chip, facts, moment, table
from zhanggui.web.session import Visit

Answer = TypeVar("Answer")
_SHOWN = 50


@dataclass
class Wizard:
    """One file on its way in; its copy lies in `folder` until the page is closed."""

    frame: Frame
    folder: Path
    report: Region
    outcome: Region
    past: Region
    name: str = ""

    @property
    def file(self) -> Path:
        """Where the upload lies."""
        return self.folder / "upload"

    @contextmanager
    def opened(self) -> Generator[OpenProducts]:
        """The upload as an open product file."""
        app, merchant = self.frame.visit.app, self.frame.visit.caller.merchant_id
        limits = Limits(unpacked_bytes=app.settings.max_upload_mb << 20)
        currency = app.merchants.get(merchant).currency
        with open_products(self.file, currency, name=self.name, limits=limits) as products:
            yield products


def add_page(app: App) -> None:
    """Serve the page."""
    frames.add_page(app, "/import", "catalogue", _build)


async def _build(frame: Frame) -> None:
    visit = frame.visit
    visit.caller.require("propose")
    folder = Path(await asyncio.to_thread(tempfile.mkdtemp, prefix="zhanggui-import-"))
    cast(Any, context.client).on_delete(lambda: shutil.rmtree(folder, ignore_errors=True))
    Region("zg-main-part").show(
        h("p", h("a", f"‹ {visit.t('nav.catalogue')}", href="/catalogue"), class_="zg-crumb"),
        title(visit.t("import.title"), lead=visit.t("import.lead")),
    )
    limit = visit.app.settings.max_upload_mb << 20
    with ui.element("section").classes("zg-main-part"):
        upload = ui.upload(max_file_size=limit, max_files=1, auto_upload=True, label=visit.t("import.drop"))
        upload.props('accept=".csv,.json,.jsonl,.txt,.tsv,.gz,.zip" flat bordered').classes("zg-upload")
    wizard = Wizard(frame, folder, Region("zg-main-part"), Region("zg-main-part"), Region("zg-main-part"))
    _answer(wizard, upload)
    await _show_past(wizard)


def _answer(wizard: Wizard, upload: ui.upload) -> None:
    frame, visit = wizard.frame, wizard.frame.visit

    async def arrived(event: UploadEventArguments) -> None:
        wizard.name = event.file.name[:200]
        wizard.outcome.show()
        wizard.report.show(h("p", visit.t("import.reading"), class_="zg-hint", role="status"))
        await event.file.save(wizard.file)
        upload.reset()
        try:
            wizard.report.show(_report(visit, await asyncio.to_thread(_preflight, wizard)))
        except ZhangguiError as wrong:
            wizard.report.show(h("p", problem_text(visit, wrong), class_="zg-alert", role="alert"))

    async def refused() -> None:
        frame.say(visit.t("import.too_large", limit=visit.app.settings.max_upload_mb), kind="bad")

    async def dry(_: Values) -> None:
        wizard.outcome.show(_outcome(visit, await _with_file(wizard, dry_run)))

    async def load(_: Values) -> None:
        wizard.outcome.show(h("p", visit.t("import.importing"), class_="zg-hint", role="status"))
        outcome = await _with_file(wizard, import_products)
        wizard.report.show()
        wizard.outcome.show(_outcome(visit, outcome))
        frame.say(visit.t("import.done", created=outcome.created, changed=outcome.changed))
        await _show_past(wizard)

    async def undo(values: Values) -> None:
        batch = str(values.get("id"))
        done = await frame.write("propose", lambda uow: undo_import(uow, batch))
        wizard.outcome.show()
        frame.say(visit.t("import.undone", removed=done.removed, restored=done.restored, left=len(done.left)))
        await _show_past(wizard)

    upload.on_upload(arrived)
    upload.on_rejected(refused)
    for name, handler in (("dry", dry), ("import", load), ("undo-import", undo)):
        frame.on(name, handler)


def _preflight(wizard: Wizard) -> Preflight:
    with wizard.frame.visit.read(), wizard.opened() as products:
        return preflight(products)


async def _with_file(wizard: Wizard, work: Callable[[UnitOfWork, OpenProducts], Answer]) -> Answer:
    if not wizard.file.exists():
        raise BadInput(field="file", expected="an uploaded file", found="nothing")

    def act(uow: UnitOfWork) -> Answer:
        with wizard.opened() as products:
            return work(uow, products)

    return await wizard.frame.write("propose", act)


async def _show_past(wizard: Wizard) -> None:
    visit = wizard.frame.visit
    past = await wizard.frame.read(lambda uow: import_history(uow, limit=20))
    if not past:
        wizard.past.show()
        return
    names = ("file", "format", "when", "by", "created", "changed", "rejected")
    heads = [visit.t(f"import.{name}") for name in names]
    rows = (
        h(
            "tr",
            cell(heads[0], h("a", one.file_name or one.id, href=f"/catalogue?{urlencode({'batch': one.id})}")),
            cell(heads[1], one.format),
            cell(heads[2], moment(one.started_at)),
            cell(heads[3], one.actor),
            *(cell(visit.t(f"import.{name}"), one.counts.get(name, 0), classes="is-number")
              for name in ("created", "changed", "rejected")),
            h("td", chip(visit.t("import.is_undone"), "warn") if one.status == "undone"
              else h("button", visit.t("import.undo"), type="button", data_act="undo-import", data_id=one.id,
                     class_="zg-button is-small")),
        )
        for one in past
    )  # fmt: skip
    label = visit.t("import.past")
    wizard.past.show(h("section", h("h2", label), table([*heads, ""], rows, label=label), class_="zg-card"))


def _report(visit: Visit, found: Preflight) -> Markup:
    rows: list[tuple[str, Child]] = [
        (visit.t("import.file"), found.file_name),
        (visit.t("import.format"), found.format),
        (visit.t("import.encoding"), " · ".join(part for part in (found.encoding, found.packing) if part)),
        (visit.t("import.rows"), f"{found.rows:,}"),
        (visit.t("import.products"), f"{found.products:,}"),
        (
            visit.t("import.problems"),
            h("b", f"{found.problem_count:,}", class_="zg-wrong" if found.problem_count else None),
        ),
        (visit.t("import.unknown"), ", ".join(found.unknown_columns) or "–"),
        (visit.t("import.blank"), ", ".join(found.blank_columns) or "–"),
        (visit.t("import.duplicates"), ", ".join(one.value for one in found.duplicates[:10]) or "–"),
    ]
    known = [h("li", h("b", column), " → ", target) for column, target in found.columns.items() if target]
    warnings = [h("li", text) for text in found.warnings]
    return h(
        "section",
        h("h2", visit.t("import.report")),
        facts(rows),
        h("ul", *warnings, class_="zg-note") if warnings else None,
        h("details", h("summary", visit.t("import.columns", count=len(known))), h("ul", *known)) if known else None,
        _problems(visit, found.problems),
        h("div", button(visit.t("import.dry"), "dry"), button(visit.t("import.go"), "import", tone="is-main"),
          class_="zg-actions"),
        class_="zg-card",
    )  # fmt: skip


def _problems(visit: Visit, problems: tuple[BadInput, ...]) -> Markup | None:
    if not problems:
        return None
    heads = [visit.t(f"import.{name}") for name in ("row", "field", "expected", "found")]
    rows = (
        h("tr", *(cell(head, "–" if value is None else value)
                  for head, value in zip(heads, (bad.row, bad.field, bad.expected, bad.found), strict=True)))
        for bad in problems[:_SHOWN]
    )  # fmt: skip
    label = visit.t("import.bad_rows", shown=min(_SHOWN, len(problems)), count=len(problems))
    return h("details", h("summary", label), table(heads, rows, label=label), open=True)


def _outcome(visit: Visit, outcome: ImportOutcome) -> Markup:
    dry = outcome.batch_id is None
    numbers = (
        h("div", h("b", f"{getattr(outcome, name):,}"), h("span", visit.t(f"import.{name}")), class_="zg-number")
        for name in ("created", "changed", "unchanged", "rejected")
    )
    blanked = None
    if outcome.blanked:
        words = ", ".join(f"{name} × {count}" for name, count in outcome.blanked.items())
        blanked = h("p", visit.t("import.blanked", fields=words), class_="zg-alert")
    actions: list[Child] = []
    if not dry:
        see = f"/catalogue?{urlencode({'batch': outcome.batch_id or ''})}"
        actions = [h("a", visit.t("import.see"), href=see, class_="zg-button is-main"),
                   h("button", visit.t("import.undo"), type="button", data_act="undo-import", data_id=outcome.batch_id,
                     class_="zg-button")]  # fmt: skip
    return h(
        "section",
        h("h2", visit.t("import.would" if dry else "import.did")),
        h("div", *numbers, class_="zg-numbers"),
        blanked,
        _changes(visit, outcome),
        _problems(visit, outcome.problems) if not dry else None,
        h("div", *actions, class_="zg-actions"),
        class_="zg-card",
    )


def _changes(visit: Visit, outcome: ImportOutcome) -> Markup | None:
    if not outcome.samples:
        return None
    heads = [visit.t(f"import.{name}") for name in ("product", "field", "before", "after")]
    rows = (
        h("tr", cell(heads[0], one.product_id), cell(heads[1], one.field), cell(heads[2], _short(one.before)),
          cell(heads[3], _short(one.after)))
        for one in outcome.samples
    )  # fmt: skip
    label = visit.t("import.changes", count=len(outcome.samples))
    return h("details", h("summary", label), table(heads, rows, label=label))


def _short(value: JsonValue) -> str:
    text = "–" if value in (None, "", [], {}) else str(value)
    return text if len(text) <= 120 else f"{text[:120]}…"
