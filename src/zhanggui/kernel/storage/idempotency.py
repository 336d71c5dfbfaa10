"""Answers remembered by idempotency key, so that a request sent twice has one effect."""

import hashlib
from typing import Any

import sqlalchemy as sa

from zhanggui.kernel.errors import Conflict
from zhanggui.kernel.storage.columns import UtcDateTime, merchant_table
from zhanggui.kernel.storage.database import UnitOfWork

idempotency_keys = merchant_table(
    "idempotency_keys",
    sa.Column("key", sa.String(255), nullable=False),
    sa.Column("request", sa.String(64), nullable=False),
    sa.Column("answer", sa.JSON, nullable=False),
    sa.Column("at", UtcDateTime, nullable=False),
    key=("key",),
)


def remembered(uow: UnitOfWork, key: str, request: bytes) -> Any | None:
    """The answer given before to this key, or None the first time.

    Raises:
        Conflict: the key came before with another request.
    """
    row = uow.row(uow.select(idempotency_keys).where(idempotency_keys.c.key == key))
    if row is None:
        return None
    if row["request"] != hashlib.sha256(request).hexdigest():
        raise Conflict("this idempotency key was used with another request", key=key)
    return row["answer"]


def remember(uow: UnitOfWork, key: str, request: bytes, answer: Any) -> None:
    """Keep the answer (any JSON) in the transaction of its effect.

    Raises:
        Conflict: another request with this key got there first; its effect stands, ours is rolled back.
    """
    row = {"key": key, "request": hashlib.sha256(request).hexdigest(), "answer": answer, "at": uow.clock.now()}
    if not uow.insert_new(idempotency_keys, row):
        raise Conflict("a request with this idempotency key is being handled", key=key)
