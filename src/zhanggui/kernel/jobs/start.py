"""Starting a job: its rows in the caller's transaction, and nothing else; whoever runs jobs finds them there."""

from zhanggui.kernel.errors import ProgrammerError
from zhanggui.kernel.jobs import store
from zhanggui.kernel.jobs.models import JobKind
from zhanggui.kernel.jobs.rules import chunk_size, distinct_items
from zhanggui.kernel.storage import UnitOfWork
from zhanggui.kernel.types import JsonObject, new_id


def start_job(uow: UnitOfWork, kind: JobKind, arguments: JsonObject, *, key: str | None = None) -> str:
    """Write a job and its items; the job's id. The same key twice is the same job, with the items of the first time.

    Raises:
        BadInput: an item's key is unusable.
    """
    if key is not None and (known := store.find_key(uow, kind.name, key)) is not None:
        return known
    items = distinct_items(kind.items(uow, arguments))
    now = uow.clock.now()
    row = {
        "id": new_id("job"),
        "kind": kind.name,
        "key": key,
        "arguments": arguments,
        "state": "queued" if items else "done",
        "total": len(items),
        "chunk": chunk_size(len(items), kind.limits),
        "started_by": str(uow.actor),
        "created_at": now,
        "finished_at": None if items else now,
    }
    if store.insert_job(uow, row, items):
        return str(row["id"])
    # Somebody else started the same key meanwhile; the insert waited for that transaction.
    known = None if key is None else store.find_key(uow, kind.name, key)
    if known is None:
        raise ProgrammerError("a job could not be written, and no other has its key")
    return known
