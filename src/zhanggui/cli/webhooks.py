"""`zhanggui webhooks`: who is told of what happens, and what was told."""

from typing import TYPE_CHECKING, Annotated

from zhanggui.cli.common import opened, out, working
from zhanggui.cli.options import argument, group, option
from zhanggui.kernel.webhooks import EVENTS, WEBHOOKS_JOB, schedule_webhooks

if TYPE_CHECKING:
    from zhanggui.app import App

cli = group("Webhooks out: tell other programs what happens (Standard Webhooks).")


@cli.command()
def events() -> None:
    """Every event that can be told."""
    for name in EVENTS:
        out.print(name, markup=False, highlight=False)


@cli.command()
def add(
    url: Annotated[str, argument(help="An https address on the public internet.")],
    event: Annotated[list[str], option(help="What to tell; may be repeated.")],
) -> None:
    """Register an address; prints the secret to verify with, this once."""
    with opened() as app, working(app) as uow:
        made = app.webhooks.register(uow, url, event)
        schedule_webhooks(app.jobs, uow)
    out.print(f"{made.endpoint.id}  {made.endpoint.url}", markup=False, highlight=False, soft_wrap=True)
    out.print(f"secret: {made.secret}", markup=False, highlight=False, soft_wrap=True)


@cli.command("list")
def list_endpoints() -> None:
    """Every registered address."""
    with opened() as app, working(app, read_only=True) as uow:
        found = app.webhooks.endpoints(uow)
    for one in found:
        off = "" if one.enabled else "  (off)"
        out.print(f"{one.id}  {one.url}  {', '.join(one.events)}{off}", markup=False, highlight=False, soft_wrap=True)
    if not found:
        out.print("No webhooks yet.")


@cli.command()
def remove(endpoint: Annotated[str, argument(help="Id of the endpoint.")]) -> None:
    """Forget an address, its secret and what was to be told to it."""
    with opened() as app, working(app) as uow:
        app.webhooks.remove(uow, endpoint)


@cli.command()
def rotate(endpoint: Annotated[str, argument(help="Id of the endpoint.")]) -> None:
    """Give an address a new secret; prints it, this once. The old one signs nothing any more."""
    with opened() as app, working(app) as uow:
        made = app.webhooks.rotate(uow, endpoint)
    out.print(f"secret: {made.secret}", markup=False, highlight=False, soft_wrap=True)


@cli.command()
def messages(
    state: Annotated[str, option(help="Only waiting, retrying (failed before), done or failed (given up) ones.")] = "",
    limit: Annotated[int, option(min=1, max=1_000, help="How many at most.")] = 50,
) -> None:
    """What was told, waits or could not be told, the newest first."""
    with opened() as app, working(app, read_only=True) as uow:
        page, _ = app.webhooks.messages(uow, state=state, limit=limit)
    for one in page.items:
        tail = f"  {one.problem}" if one.problem else ""
        line = f"{one.id}  {one.event}  {one.state}  {one.attempts} tries{tail}"
        out.print(line, markup=False, highlight=False, soft_wrap=True)
    if not page.items:
        out.print("Nothing was told yet.")


@cli.command()
def replay(message: Annotated[str, argument(help="Id of the message.")]) -> None:
    """Tell it again now under the same id."""
    with opened() as app:
        with working(app) as uow:
            app.webhooks.replay(uow, message)
        _send(app)
        with working(app, read_only=True) as uow:
            page, _ = app.webhooks.messages(uow, limit=1_000)
    found = next((one for one in page.items if one.id == message), None)
    if found is not None:
        out.print(f"{found.state}  {found.problem}".rstrip(), markup=False, highlight=False, soft_wrap=True)


@cli.command()
def send() -> None:
    """Tell now what happened since the last time, without a server."""
    with opened() as app:
        done = _send(app)
    out.print(f"{done} told", markup=False)


def _send(app: "App") -> int:
    """Run the job here and now; how many were told."""
    with working(app) as uow:
        job_id = app.jobs.start(uow, WEBHOOKS_JOB, {})
    return app.jobs.run(app.settings.merchant, job_id).progress.done
