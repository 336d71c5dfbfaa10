"""`zhanggui doctor`: look at everything that the installation needs, and say how to mend what is not well."""

import shutil
import sqlite3
import stat
import sys
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass
from typing import Annotated, Literal

import typer
from sqlalchemy.exc import SQLAlchemyError

from zhanggui.app import App, weights_path
from zhanggui.cli.common import me, opened, out
from zhanggui.cli.options import option
from zhanggui.kernel.audit import AuditLog
from zhanggui.kernel.errors import ZhangguiError
from zhanggui.kernel.llm import DEFAULT_WEIGHTS
from zhanggui.kernel.storage import current_revision, head_revision

Verdict = Literal["well", "note", "ill"]
_ROOM = 2 << 30


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was looked at; `mend` says what to do when it is not well."""

    what: str
    verdict: Verdict
    told: str
    mend: str = ""


def doctor(
    deep: Annotated[bool, option(help="Also read the whole database and verify every audit row.")] = False,
) -> None:
    """Check the installation and say how to mend it; exits with 1 when something is ill."""
    findings: list[Finding] = []
    try:
        with opened() as app:
            for look in (_python, _folder, _database, _audit, _models, _jobs, _people):
                findings += look(app, deep)
    except (ZhangguiError, OSError, sqlite3.Error, SQLAlchemyError) as failed:
        findings.append(
            Finding("installation", "ill", str(failed).splitlines()[0], "read the message; see the guide on operations")
        )
    marks = {"well": "[green]ok  [/]", "note": "[yellow]note[/]", "ill": "[red]ILL [/]"}
    for one in findings:
        out.print(marks[one.verdict], end=" ")
        out.print(f"{one.what}: {one.told}", markup=False, highlight=False, soft_wrap=True)
        if one.mend and one.verdict != "well":
            out.print(f"     {one.mend}", markup=False, highlight=False, soft_wrap=True)
    if any(one.verdict == "ill" for one in findings):
        raise typer.Exit(1)


Look = Callable[[App, bool], Iterator[Finding]]


def _python(_app: App, _deep: bool) -> Iterator[Finding]:
    version = ".".join(map(str, sys.version_info[:3]))
    good = sys.version_info >= (3, 11)
    yield Finding("Python", "well" if good else "ill", version, "Python 3.11 or newer is needed")


def _folder(app: App, _deep: bool) -> Iterator[Finding]:
    folder = app.settings.data_dir
    free = shutil.disk_usage(folder).free
    told = f"{folder}, {free / 1e9:,.1f} GB free"
    yield Finding("data folder", "well" if free > _ROOM else "note", told, "free some room, or set ZHANGGUI_DATA_DIR")
    key = folder / "secret.key"
    if key.exists():
        open_to_others = key.stat().st_mode & (stat.S_IRWXG | stat.S_IRWXO)
        told = "readable by others" if open_to_others else "readable by its owner only"
        yield Finding("secret key", "ill" if open_to_others else "well", told, f"chmod 600 {key}")


def _database(app: App, deep: bool) -> Iterator[Finding]:
    found, head = current_revision(app.database), head_revision()
    told = f"{app.database.engine.dialect.name}, tables at {found}"
    yield Finding(
        "database", "well" if found == head else "ill", told, f"the newest is {head}: start the newest version"
    )
    if app.database.engine.dialect.name != "sqlite":
        return
    with closing(sqlite3.connect(app.settings.data_dir / "zhanggui.db")) as database:
        answer = database.execute(f"PRAGMA {'integrity_check' if deep else 'quick_check'}").fetchone()[0]
    mend = "stop the server and bring the newest backup back: zhanggui restore"
    yield Finding("database pages", "well" if answer == "ok" else "ill", str(answer)[:200], mend)


def _audit(app: App, deep: bool) -> Iterator[Finding]:
    for merchant in app.merchants.all():
        with app.database.begin(merchant.id, me(), read_only=True) as uow:
            log = AuditLog(uow)
            rows = log.read(limit=1).total
            broken = list(log.verify()) if deep or rows <= 100_000 else None
        if broken is None:
            yield Finding(
                f"audit of {merchant.id}", "note", f"{rows} rows, not read", "zhanggui doctor --deep reads them"
            )
            continue
        told = f"{rows} rows, whole" if not broken else f"row {broken[0].seq}: {broken[0].reason}"
        yield Finding(
            f"audit of {merchant.id}",
            "ill" if broken else "well",
            told,
            "somebody changed the database: compare with a backup",
        )


def _models(app: App, _deep: bool) -> Iterator[Finding]:
    described = list(app.models.describe())
    if not described:
        yield Finding(
            "chat model",
            "note",
            "none: every capability works without one",
            "zhanggui models pull, or set ZHANGGUI_MODEL",
        )
    for one in described:
        mend = "zhanggui models pull" if one.provider == "local" else "look at the provider's settings"
        told = "ready" if one.ready else one.reason
        yield Finding(f"chat model {one.provider}:{one.model}", "well" if one.ready else "note", told, mend)
    weights = weights_path(app.settings)
    if app.settings.model_file is None and weights.is_file() and weights.stat().st_size != DEFAULT_WEIGHTS.size:
        told = f"{weights.stat().st_size} of {DEFAULT_WEIGHTS.size} bytes"
        yield Finding("weights", "ill", told, "zhanggui models pull goes on where it stopped")


def _jobs(app: App, _deep: bool) -> Iterator[Finding]:
    for merchant in app.merchants.all():
        with app.database.begin(merchant.id, me(), read_only=True) as uow:
            failed = [job for job in app.jobs.page(uow, limit=100).items if job.progress.failed]
        if failed:
            yield Finding(
                f"jobs of {merchant.id}",
                "note",
                f"{len(failed)} of the last 100 have items that failed",
                "zhanggui jobs list, then zhanggui jobs steer JOB retry",
            )


def _people(app: App, _deep: bool) -> Iterator[Finding]:
    for merchant in app.merchants.all():
        with app.database.begin(merchant.id, me(), read_only=True) as uow:
            owners = [one for one in app.access.staff(uow) if one.role == "owner" and not one.disabled]
        mend = "zhanggui staff add NAME --role owner"
        yield Finding(f"owners of {merchant.id}", "well" if owners else "note", f"{len(owners)} can sign in", mend)
