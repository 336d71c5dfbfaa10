"""Decisions about jobs, as pure functions: what may follow what, how long it will take, when it is due."""

from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Literal
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from croniter import CroniterError, croniter

from zhanggui.kernel.errors import BadInput, Conflict
from zhanggui.kernel.jobs.models import JobState, Limits, WorkItem

Command = Literal["pause", "resume", "cancel", "retry"]
_FROM: dict[Command, tuple[JobState, ...]] = {
    "pause": ("queued", "running"),
    "resume": ("paused", "cancelled"),
    "cancel": ("queued", "running", "paused"),
    "retry": ("queued", "running", "paused", "cancelled", "done"),
}
_LONGEST_KEY = 200
_LONGEST_ERROR = 2_000
_LONGEST_CRON = 128


def check_command(command: Command, state: JobState) -> None:
    """Whether a command may be given to a job in this state.

    Raises:
        Conflict: it may not.
    """
    if state not in _FROM[command]:
        raise Conflict(f"cannot {command} a job that is {state}", state=state, command=command)


def eta(now: datetime, counting_from: datetime | None, finished_since: int, left: int) -> datetime | None:
    """When the rest will be finished at the pace since `counting_from`; None while there is no pace to go by."""
    if counting_from is None or finished_since <= 0 or left <= 0 or now <= counting_from:
        return None
    return now + (now - counting_from) / finished_since * left


def chunk_size(total: int, limits: Limits) -> int:
    """Items in one chunk: few enough that a small job still fills every slot, at least one."""
    share = -(-total // max(1, limits.concurrency))
    return max(1, min(limits.chunk, share))


def distinct_items(items: Iterable[WorkItem]) -> list[WorkItem]:
    """The items with each key once, the first kept.

    Raises:
        BadInput: a key is empty, longer than 200 characters, or holds a NUL.
    """
    kept: dict[str, WorkItem] = {}
    for row, item in enumerate(items, 1):
        if not 0 < len(item.key) <= _LONGEST_KEY or "\0" in item.key:
            raise BadInput(row=row, field="key", expected="1 to 200 characters, no NUL", found=item.key)
        kept.setdefault(item.key, item)
    return list(kept.values())


def error_text(broken: BaseException) -> str:
    """What went wrong, for a person: at most 2,000 characters, no NUL."""
    text = f"{type(broken).__name__}: {broken}" if str(broken) else type(broken).__name__
    return text.replace("\0", "")[:_LONGEST_ERROR].encode(errors="replace").decode()


def next_due(cron: str, timezone: str, after: datetime) -> datetime:
    """The first instant after `after` that the five-field cron expression names in the time zone, as UTC.

    Raises:
        BadInput: the expression or the time zone is not one.
    """
    try:
        zone = ZoneInfo(timezone)
    except (ZoneInfoNotFoundError, ValueError, OSError) as unknown:
        raise BadInput(
            field="timezone", expected="an IANA time zone such as Asia/Shanghai", found=timezone
        ) from unknown
    bad = BadInput(
        field="cron", expected="five cron fields such as '0 6 * * 1-5' that name a day that comes", found=cron
    )
    if len(cron) > _LONGEST_CRON or len(cron.split()) != 5 or not croniter.is_valid(cron):
        raise bad
    try:
        found: datetime = croniter(cron, after.astimezone(zone)).get_next(datetime)
    except CroniterError as never:
        raise bad from never
    return found.astimezone(UTC)
