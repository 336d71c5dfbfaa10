"""Append-only, hash-chained record of who did what and why."""

from zhanggui.kernel.audit.chain import AuditLog, AuditProblem, AuditRow

__all__ = ["AuditLog", "AuditProblem", "AuditRow"]
