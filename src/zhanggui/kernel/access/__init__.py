"""Who may come in: staff with roles, API tokens with scopes."""

from zhanggui.kernel.access.people import (
    ROLES,
    SCOPES,
    Access,
    Principal,
    Role,
    Scope,
    Staff,
    Token,
)

__all__ = ["ROLES", "SCOPES", "Access", "Principal", "Role", "Scope", "Staff", "Token"]
