"""Portable column types and the one way to declare a table of a merchant's records."""

from datetime import UTC, datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.schema import SchemaItem

# Alembic needs a name for every constraint to be able to drop it later.
metadata = sa.MetaData(
    naming_convention={
        "ix": "ix_%(column_0_label)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s",
        "pk": "pk_%(table_name)s",
    }
)

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)


class UtcDateTime(sa.types.TypeDecorator[datetime]):
    """An aware UTC instant, stored as integer microseconds since 1970: exact, sortable, the same on every database."""

    impl = sa.BigInteger
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: sa.Dialect) -> int | None:
        """Aware datetime to microseconds; a naive one is a programmer's error."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise TypeError("naive datetime: give every instant a time zone")
        return (value - _EPOCH) // _MICROSECOND

    def process_result_value(self, value: int | None, dialect: sa.Dialect) -> datetime | None:
        """Microseconds to an aware UTC datetime."""
        return None if value is None else _EPOCH + value * _MICROSECOND


def merchant_table(name: str, *parts: SchemaItem, key: tuple[str, ...] = ("id",)) -> sa.Table:
    """Declare a table whose every row belongs to a merchant; primary key is (merchant_id, *key).

    Args:
        name: table name, plural.
        parts: further columns, constraints and indexes. Begin indexes with merchant_id.
        key: the columns that identify a row within its merchant.
    """
    return sa.Table(
        name,
        metadata,
        sa.Column("merchant_id", sa.String(64), nullable=False),
        *parts,
        sa.PrimaryKeyConstraint("merchant_id", *key),
        info={"merchant": True},
    )
