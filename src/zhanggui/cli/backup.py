"""`zhanggui backup` and `zhanggui restore`: the whole installation in one file."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

from zhanggui import __version__
from zhanggui.cli.common import opened, out, settings
from zhanggui.cli.options import argument
from zhanggui.kernel.audit import AuditLog
from zhanggui.kernel.errors import NotConfigured
from zhanggui.kernel.storage import Actor, back_up
from zhanggui.kernel.storage import restore as bring_back


def backup(
    archive: Annotated[Path | None, argument(help="File to write; a name with the time when not given.")] = None,
) -> None:
    """Back up everything, also while the server runs; weights and search indexes are left out."""
    chosen = settings()
    if chosen.database_url:
        raise NotConfigured("this installation keeps its data in PostgreSQL: use pg_dump, and copy secret.key")
    target = archive or Path(f"zhanggui-{datetime.now(UTC):%Y%m%d-%H%M%S}.tar.gz")
    made = back_up(chosen.data_dir, target, version=__version__)
    size = sum(size for _name, size in made.files)
    out.print(f"{made.archive}: {len(made.files)} files, {size / 1e6:,.1f} MB before packing", markup=False)


def restore(
    archive: Annotated[Path, argument(help="A file that `zhanggui backup` wrote.")],
) -> None:
    """Bring a backup back into an empty data folder, bring its tables up to date, and verify the audit trail."""
    chosen = settings()
    made = bring_back(archive, chosen.data_dir)
    with opened() as app:
        for merchant in app.merchants.all():
            with app.database.begin(merchant.id, Actor("system", "restore"), read_only=True) as uow:
                broken = sum(1 for _problem in AuditLog(uow).verify())
            out.print(
                f"{merchant.id}: audit trail {'whole' if not broken else f'BROKEN in {broken} rows'}", markup=False
            )
    out.print(f"{len(made.files)} files of {made.made_at:%Y-%m-%d %H:%M} UTC, version {made.version}", markup=False)
