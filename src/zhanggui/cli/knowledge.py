"""`zhanggui knowledge`: what answers may be taken from: import, ask, look at gaps and contradictions."""

from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import typer
from rich.table import Table

from zhanggui.app import read_folder
from zhanggui.cli.common import err, opened, out, working
from zhanggui.cli.options import argument, group, option
from zhanggui.support import (
    Overlap,
    find_articles,
    find_overlaps,
    gap_draft,
    import_knowledge,
    open_gaps,
    withdraw_article,
)

cli = group("Knowledge: what answers may be taken from. Import, ask, close gaps.")


@cli.command("import")
def import_files(
    path: Annotated[
        Path, argument(help="Folder or file: Markdown, text, HTML, questions with answers as CSV or JSON.")
    ],
) -> None:
    """Take in articles and FAQ pairs; what did not change gets no new version, contradictions are named."""
    passages, problems = read_folder(path)
    for bad in problems:
        err.print(bad, markup=False, highlight=False, soft_wrap=True)
    with opened() as app, working(app) as uow:
        done = import_knowledge(uow, passages)
    out.print(f"{done.added} new, {done.changed} changed, {done.unchanged} unchanged", highlight=False)
    _show(done.conflicts[:20])
    if problems:
        raise typer.Exit(1)


def _show(overlaps: Sequence[Overlap]) -> None:
    for one in overlaps:
        told = f"{one.kind}: {one.first} / {one.second}: {one.reason_en}"
        out.print(told, markup=False, highlight=False, soft_wrap=True)


@cli.command("list")
def list_articles(
    text: Annotated[str, option(help="Only those with these words.")] = "",
    limit: Annotated[int, option(min=1, max=500, help="How many at most.")] = 50,
) -> None:
    """Live articles, the newest first."""
    with opened() as app, working(app, read_only=True) as uow:
        found = find_articles(uow, text, limit=limit)
    if not found:
        out.print("No articles yet: zhanggui knowledge import FOLDER")
        return
    table = Table("Id", "Kind", "Title", "Language", "Version")
    for one in found:
        article = one.article
        table.add_row(article.id, article.kind, article.title[:80], article.locale, str(article.version))
    out.print(table)


@cli.command()
def ask(question: Annotated[str, argument(help="A customer's question.")]) -> None:
    """Answer from the shop's own knowledge with the source, or say that it would be handed to a person."""
    with opened() as app:
        given = app.knowledge.answer(app.settings.merchant, question)
    out.print(f"{given.decision} ({given.confidence:.0%})", highlight=False)
    out.print(given.text, markup=False, highlight=False, soft_wrap=True)
    for one in given.citations:
        out.print(f"  {one.source}: “{one.quote[:200]}”", markup=False, highlight=False, soft_wrap=True)


@cli.command()
def gaps(limit: Annotated[int, option(min=1, max=500, help="How many at most.")] = 50) -> None:
    """Questions that nothing answered, the most often asked first."""
    with opened() as app, working(app, read_only=True) as uow:
        found = open_gaps(uow, limit=limit)
    if not found:
        out.print("No gaps: every question so far was answered, or none was asked.")
        return
    table = Table("Id", "Asked", "Question")
    for one in found:
        table.add_row(one.id, str(one.times), one.question[:200])
    out.print(table)


@cli.command("close-gap")
def close_gap(
    gap: Annotated[str, argument(help="Id of the gap.")],
    answer: Annotated[str, argument(help="What the shop answers.")],
) -> None:
    """Propose an article that answers a gap; it is checked, and waits in the inbox."""
    with opened() as app, working(app) as uow:
        made = app.desk.propose(uow, gap_draft(uow, gap, answer))
    out.print("switched off" if made is None else f"{made.id} {made.state}: {made.title}", markup=False)


@cli.command()
def overlaps() -> None:
    """Articles that say the same twice, or contradict one another."""
    with opened() as app, working(app, read_only=True) as uow:
        found = find_overlaps(uow)
    _show(found)
    if not found:
        out.print("Nothing is said twice, nothing contradicts.")


@cli.command()
def withdraw(article: Annotated[str, argument(help="Id of the article.")]) -> None:
    """Answer from an article no more; its versions stay."""
    with opened() as app, working(app) as uow:
        withdraw_article(uow, article)
    out.print(f"{article}: withdrawn", markup=False)
