"""`zhanggui jobs`: bulk work and how far it is."""

from typing import Annotated

from rich.table import Column, Table

from zhanggui.cli.common import opened, out, working
from zhanggui.cli.options import argument, group, option
from zhanggui.kernel.errors import BadInput

cli = group("Bulk jobs: list, show, pause, resume, cancel, retry.")
_COMMANDS = ("pause", "resume", "cancel", "retry")


@cli.command("list")
def list_jobs(limit: Annotated[int, option(min=1, max=500, help="How many, newest first.")] = 20) -> None:
    """The newest jobs."""
    with opened() as app, working(app, read_only=True) as uow:
        page = app.jobs.page(uow, limit=limit)
    if not page.items:
        out.print("No jobs yet.")
        return
    table = Table(Column("Id", no_wrap=True), "Kind", "State", "Done", "Failed", "Of")
    for job in page.items:
        done = job.progress
        table.add_row(job.id, job.kind, job.state, str(done.done), str(done.failed), str(done.total))
    out.print(table)


@cli.command()
def show(job: Annotated[str, argument(help="Id of the job.")]) -> None:
    """One job and its failed items, each with the reason."""
    with opened() as app, working(app, read_only=True) as uow:
        found = app.jobs.get(uow, job)
        failed = app.jobs.items(uow, job, state="failed", limit=50)
    out.print(f"{found.kind} {found.state}: {found.progress.done} done, {found.progress.failed} failed", markup=False)
    for item in failed.items:
        out.print(f"  {item.key}: {item.error}", markup=False)


@cli.command()
def steer(
    job: Annotated[str, argument(help="Id of the job.")],
    command: Annotated[str, argument(help="pause, resume, cancel or retry.")],
) -> None:
    """Pause, resume, cancel a job, or retry its failed items."""
    if command not in _COMMANDS:
        raise BadInput(field="command", expected=" | ".join(_COMMANDS), found=command)
    with opened() as app, working(app) as uow:
        found = app.jobs.command(uow, job, command)
    out.print(f"{found.id} {found.state}", markup=False)


@cli.command()
def work(job: Annotated[str, argument(help="Id of the job.")]) -> None:
    """Bring a job to its end here and now."""
    with opened() as app:
        done = app.jobs.run(app.settings.merchant, job)
    out.print(f"{done.state}: {done.progress.done} done, {done.progress.failed} failed", markup=False)
