"""`zhanggui models`: which chat models there are, pull the weights of the local one, what was spent."""

from datetime import timedelta
from pathlib import Path
from typing import Annotated

from rich.progress import BarColumn, DownloadColumn, Progress, TimeRemainingColumn, TransferSpeedColumn
from rich.table import Table

from zhanggui.app import weights_path
from zhanggui.cli import models_compare
from zhanggui.cli.common import err, opened, out, settings
from zhanggui.cli.options import group, option
from zhanggui.kernel.llm import DEFAULT_WEIGHTS, pull

cli = group("Chat models: list, pull weights, cost; and small models of your own: compare, trained, promote, rollback.")
models_compare.add_to(cli)


@cli.command("list")
def list_models() -> None:
    """Every configured model, and whether it is ready."""
    with opened() as app:
        table = Table("Provider", "Model", "On this machine", "Slots", "Ready")
        for one in app.models.describe():
            ready = "yes" if one.ready else f"no: {one.reason}"
            table.add_row(one.provider, one.model, "yes" if one.on_machine else "no", str(one.slots), ready)
        out.print(table)


@cli.command("pull")
def pull_weights(
    file: Annotated[Path | None, option(help="A GGUF file that you have already; checked, then copied.")] = None,
) -> None:
    """Fetch the weights of the model on this machine; goes on where it stopped, refuses any other bytes."""
    target = weights_path(settings()).parent
    columns = (BarColumn(), DownloadColumn(), TransferSpeedColumn(), TimeRemainingColumn())
    with Progress(*columns, console=err) as bar:
        task = bar.add_task("weights", total=DEFAULT_WEIGHTS.size)

        def show(done: int, total: int) -> None:
            bar.update(task, completed=done, total=total)

        found = pull(DEFAULT_WEIGHTS, target, mine=file, on_progress=show)
    out.print(f"{found}: {DEFAULT_WEIGHTS.size / 1e9:.2f} GB, hash checked", markup=False)


@cli.command()
def cost(days: Annotated[int, option(min=1, max=3660, help="How far back.")] = 30) -> None:
    """What model calls cost, by task and model."""
    with opened() as app:
        since = app.database.clock.now() - timedelta(days=days)
        table = Table("Task", "Model", "Calls", "From cache", "Tokens in", "Tokens out", "Seconds", "USD")
        for row in app.models.spending(app.settings.merchant, since):
            table.add_row(
                row.task, row.model, str(row.calls), str(row.cached), str(row.input_tokens),
                str(row.output_tokens), f"{row.seconds:.1f}", f"{row.micros / 1e6:.4f}",
            )  # fmt: skip
        out.print(table)
