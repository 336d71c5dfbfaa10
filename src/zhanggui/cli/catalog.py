"""`zhanggui catalog`: import, look, write copy, publish."""

from contextlib import AbstractContextManager
from pathlib import Path
from typing import Annotated

import typer
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TimeRemainingColumn
from rich.table import Table

from zhanggui.app import App
from zhanggui.catalog import (
    Channel,
    ImportOutcome,
    Preflight,
    ProductQuery,
    dry_run,
    export_listings,
    import_history,
    import_products,
    preflight,
    prove_again,
    rewritten,
    search_products,
    undo_import,
)
from zhanggui.cli.columns import ColumnsOption, product_columns
from zhanggui.cli.common import err, opened, out, working
from zhanggui.cli.options import argument, group, option
from zhanggui.connectors.listing_files import EXPORT_FORMATS, write_listings
from zhanggui.connectors.product_files import FORMATS, open_products
from zhanggui.connectors.tabular import Limits, OpenProducts
from zhanggui.desk import Filter
from zhanggui.kernel.errors import BadInput
from zhanggui.kernel.jobs import Job
from zhanggui.kernel.types import JsonObject, Locale

cli = group("Products: import, list, write listing copy.")
FileArgument = Annotated[Path, argument(help="CSV, JSON or JSON Lines, plain, .gz or .zip.")]
FormatOption = Annotated[str, option("--format", help=f"One of {', '.join(FORMATS)}.")]


@cli.command("check-file")
def check_file(file: FileArgument, kind: FormatOption = "auto", columns: ColumnsOption = "") -> None:
    """Read a file and report on it; touches nothing."""
    with opened() as app, _products(app, file, kind, columns) as products:
        _print_preflight(preflight(products))


@cli.command("import")
def import_file(
    file: FileArgument,
    kind: FormatOption = "auto",
    columns: ColumnsOption = "",
    dry: Annotated[bool, option("--dry-run", help="Say what would change, change nothing.")] = False,
) -> None:
    """Import products: good rows load, bad rows are named; the whole batch can be undone."""
    with (
        opened() as app,
        _products(app, file, kind, columns) as products,
        working(app, read_only=dry) as uow,
    ):
        outcome = dry_run(uow, products) if dry else import_products(uow, products)
    _print_outcome(outcome)
    if outcome.rejected:
        raise typer.Exit(1)


@cli.command()
def export(
    target: Annotated[Path, argument(help="File to write.")],
    kind: Annotated[str, option("--format", help=f"One of {', '.join(EXPORT_FORMATS)}.")] = "shopify-csv",
    channel: Annotated[Channel, option(help="Whose published listings to take.")] = "shopify",
    locale: Annotated[Locale, option(help="In which language.")] = "zh-CN",
    link: Annotated[str, option(help="Address of a product's page, with {id} in it.")] = "",
) -> None:
    """Write every product with its published copy; text by a model is labelled where the format can say so."""
    with opened() as app, working(app, read_only=True) as uow:
        listings = export_listings(uow, channel=channel, locale=locale, link_template=link)
        pieces, _ = write_listings(kind, listings)
        with target.open("w", encoding="utf-8", newline="") as file:
            for piece in pieces:
                file.write(piece)
    out.print(f"{target}: {target.stat().st_size:,} bytes", markup=False)


@cli.command("undo-import")
def take_back(batch: Annotated[str, argument(help="Id that the import printed.")]) -> None:
    """Remove what an import created and restore what it changed."""
    with opened() as app, working(app) as uow:
        undone = undo_import(uow, batch)
    out.print(f"{undone.removed} removed, {undone.restored} restored, {len(undone.left)} left (touched since)")


@cli.command()
def imports() -> None:
    """The newest imports."""
    with opened() as app, working(app, read_only=True) as uow:
        for batch in import_history(uow, limit=20):
            out.print(f"{batch.id}  {batch.status}  {batch.format}  {batch.file_name}  {batch.counts}", markup=False)


@cli.command("list")
def list_products(
    text: Annotated[str, argument(help="Words in title or brand, or the beginning of an id or a SKU.")] = "",
    limit: Annotated[int, option(min=1, max=1000, help="How many.")] = 20,
) -> None:
    """Find products."""
    with opened() as app, working(app, read_only=True) as uow:
        page = search_products(uow, ProductQuery(text=text, limit=limit))
    if not page.items:
        out.print("Nothing found." if text else "No products yet: `zhanggui catalog import FILE`.")
        return
    table = Table("Id", "Title", "Brand", "Price", "Stock")
    for one in page.items:
        stock = "" if one.stock is None else str(one.stock)
        table.add_row(one.id, one.title, one.brand, str(one.price or ""), stock)
    out.print(table)
    out.print(f"{len(page.items)} of {page.total}")


@cli.command()
def copy(
    products: Annotated[list[str] | None, argument(help="Ids of products; none with --all.")] = None,
    channel: Annotated[Channel, option(help="Sales channel whose rules and limits count.")] = "plain",
    locale: Annotated[Locale, option(help="Language to write in.")] = "zh-CN",
    every: Annotated[bool, option("--all", help="Every product.")] = False,
    voice: Annotated[str, option(help="Saved brand voice.")] = "default",
) -> None:
    """Write listing copy as a job; each becomes a proposal in the inbox. Interrupt and run again: it goes on."""
    arguments: JsonObject = {
        "products": [*(products or [])], "all": every, "channel": channel, "locale": locale, "voice": voice,
    }  # fmt: skip
    with opened() as app:
        with working(app) as uow:
            job_id = app.jobs.start(uow, "listing-copy", arguments)
        columns = (BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
        with Progress(*columns, console=err) as bar:
            task = bar.add_task("copy")

            def watch(job: Job) -> None:
                bar.update(task, total=job.progress.total, completed=job.progress.done + job.progress.failed)

            job = app.jobs.run(app.settings.merchant, job_id, watch=watch)
        out.print(f"{job.progress.done} written, {job.progress.failed} failed; see `zhanggui desk list`")
        if job.progress.failed:
            raise typer.Exit(1)


@cli.command()
def title(
    product: Annotated[str, argument(help="Id of the product.")],
    channel: Annotated[Channel, option(help="Sales channel whose order and limits count.")] = "taobao",
    locale: Annotated[Locale, option(help="Language of the title.")] = "zh-CN",
) -> None:
    """Propose a title and keywords, and say how much more often shoppers would find the product."""
    with opened() as app, working(app, read_only=True) as uow:
        advice = app.shop_search.advise(uow, product, channel=channel, locale=locale)
    found = advice.findability
    out.print(advice.title, markup=False, highlight=False)
    out.print(", ".join(idea.text for idea in advice.keywords), markup=False, highlight=False)
    out.print(f"found for {found.before:.0%} of {found.queries} searches now, {found.after:.0%} with this title")


@cli.command()
def replay(
    rewrite: Annotated[bool, option("--rewrite", help="Write anew with today's prompt and model, too.")] = False,
    limit: Annotated[int, option(min=1, max=10_000, help="How many past proposals, newest first.")] = 200,
) -> None:
    """Run today's rules (or prompt and model) over past listing copy and show what would differ; changes nothing."""
    with opened() as app, working(app, read_only=True) as uow:
        remake = rewritten(app.copywriter) if rewrite else prove_again
        found = app.desk.replay(uow, Filter(kinds=("listing-copy",)), remake, limit=limit)
    differing = [one for one in found if one.verdict_changed or one.changed_fields]
    for one in differing:
        verdict = " · verdict changes" if one.verdict_changed else ""
        failed = [f"{check.name}: {check.reason}" for check in one.checks_after if not check.passed and check.blocking]
        out.print(f"{one.proposal_id}  {one.subject}{verdict}  {'; '.join(failed)}", markup=False, highlight=False)
    out.print(f"{len(differing)} of {len(found)} would differ")


def _products(app: App, file: Path, kind: str, columns: str) -> AbstractContextManager[OpenProducts]:
    mapping = product_columns(app, columns)
    return open_products(file, _currency(app), kind=kind, mapping=mapping, limits=_limits(app))


def _currency(app: App) -> str:
    return app.merchants.get(app.settings.merchant).currency


def _limits(app: App) -> Limits:
    return Limits(unpacked_bytes=app.settings.max_upload_mb << 20)


def _print_preflight(report: Preflight) -> None:
    out.print(f"{report.file_name}: {report.format}, {report.encoding}, {report.rows} rows, {report.products} products")
    if report.unknown_columns:
        out.print(f"columns kept as they are: {', '.join(report.unknown_columns)}", markup=False)
    if report.blank_columns:
        err.print(f"present but empty, would blank the field: {', '.join(report.blank_columns)}", markup=False)
    for warning in report.warnings:
        err.print(f"warning: {warning}", markup=False)
    for twice in report.duplicates[:20]:
        err.print(f"{twice.kind} {twice.value!r} in rows {', '.join(map(str, twice.rows))}", markup=False)
    _print_problems(report.problems, report.problem_count)


def _print_outcome(outcome: ImportOutcome) -> None:
    done = "would be " if outcome.batch_id is None else ""
    out.print(
        f"{outcome.created} {done}created, {outcome.changed} {done}changed, {outcome.unchanged} unchanged, "
        f"{outcome.rejected} rejected"
    )
    for field, count in outcome.blanked.items():
        err.print(f"warning: {field} {done}blanked in {count} products", markup=False)
    for change in outcome.samples[:10]:
        out.print(f"  {change.product_id} {change.field}: {change.before!r} -> {change.after!r}", markup=False)
    if outcome.batch_id is not None:
        out.print(f"batch {outcome.batch_id}; take it back with `zhanggui catalog undo-import {outcome.batch_id}`")
    _print_problems(outcome.problems, outcome.rejected)


def _print_problems(problems: tuple[BadInput, ...], count: int) -> None:
    for bad in problems[:20]:
        err.print(bad.message, markup=False, highlight=False)
    if count > 20:
        err.print(f"… and {count - 20} more")
