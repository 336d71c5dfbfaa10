"""Durable jobs: many items, each in effect exactly once, whatever dies when. Capabilities see only what is listed here.

A capability registers a `JobKind`; doors start, steer and watch jobs through `Jobs`. DBOS stays behind `durable.py`.
"""

from zhanggui.kernel.jobs.models import (
    ItemState,
    Job,
    JobItem,
    JobKind,
    JobState,
    Limits,
    Progress,
    Schedule,
    WorkItem,
)
from zhanggui.kernel.jobs.rules import Command
from zhanggui.kernel.jobs.service import Jobs

__all__ = [
    "Command",
    "ItemState",
    "Job",
    "JobItem",
    "JobKind",
    "JobState",
    "Jobs",
    "Limits",
    "Progress",
    "Schedule",
    "WorkItem",
]
