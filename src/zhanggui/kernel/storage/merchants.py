"""Merchants and their shops (sales channels): whose every record is."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError

from zhanggui.kernel.errors import Conflict, NotFound
from zhanggui.kernel.storage.columns import UtcDateTime, merchant_table, metadata
from zhanggui.kernel.storage.database import Database, UnitOfWork

merchants = sa.Table(
    "merchants",
    metadata,
    sa.Column("id", sa.String(64), primary_key=True),
    sa.Column("name", sa.Text, nullable=False),
    sa.Column("locale", sa.String(8), nullable=False),
    sa.Column("currency", sa.String(3), nullable=False),
    sa.Column("created_at", UtcDateTime, nullable=False),
)

shops = merchant_table(
    "shops",
    sa.Column("id", sa.String(64), nullable=False),
    sa.Column("name", sa.Text, nullable=False),
    sa.Column("channel", sa.String(32), nullable=False),
    sa.Column("created_at", UtcDateTime, nullable=False),
)

merchant_settings = merchant_table(
    "merchant_settings",
    sa.Column("name", sa.String(128), nullable=False),
    sa.Column("value", sa.JSON, nullable=False),
    sa.Column("changed_at", UtcDateTime, nullable=False),
    key=("name",),
)


@dataclass(frozen=True, slots=True)
class Merchant:
    """A business that uses this installation."""

    id: str
    name: str
    locale: str
    currency: str
    created_at: datetime


@dataclass(frozen=True, slots=True)
class Shop:
    """One sales channel of a merchant."""

    id: str
    name: str
    channel: str
    created_at: datetime


class MerchantStore:
    """Merchants (installation-wide), their shops and their named settings."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def create(self, merchant_id: str, *, name: str, locale: str = "zh-CN", currency: str = "CNY") -> Merchant:
        """Add a merchant.

        Raises:
            Conflict: the id is taken.
        """
        merchant = Merchant(merchant_id, name, locale, currency, self._database.clock.now())
        try:
            with self._database.installation() as connection:
                connection.execute(
                    sa.insert(merchants).values(
                        id=merchant_id, name=name, locale=locale, currency=currency, created_at=merchant.created_at
                    )
                )
        except IntegrityError as taken:
            raise Conflict(f"merchant {merchant_id!r} already exists") from taken
        return merchant

    def get(self, merchant_id: str) -> Merchant:
        """The merchant with this id.

        Raises:
            NotFound: there is none.
        """
        with self._database.installation(read_only=True) as connection:
            row = connection.execute(sa.select(merchants).where(merchants.c.id == merchant_id)).mappings().first()
        if row is None:
            raise NotFound(f"no merchant {merchant_id!r}")
        return Merchant(**row)

    def all(self) -> tuple[Merchant, ...]:
        """Every merchant, oldest first."""
        with self._database.installation(read_only=True) as connection:
            found = connection.execute(sa.select(merchants).order_by(merchants.c.created_at)).mappings().all()
        return tuple(Merchant(**row) for row in found)

    @staticmethod
    def add_shop(uow: UnitOfWork, shop_id: str, *, name: str, channel: str) -> Shop:
        """Add a sales channel to the unit of work's merchant, or change the one with this id."""
        shop = Shop(shop_id, name, channel, uow.clock.now())
        row = {"id": shop_id, "name": name, "channel": channel, "created_at": shop.created_at}
        uow.upsert(shops, [row], key=["id"])
        return shop

    @staticmethod
    def shops(uow: UnitOfWork) -> tuple[Shop, ...]:
        """The merchant's sales channels."""
        columns = (shops.c.id, shops.c.name, shops.c.channel, shops.c.created_at)
        return tuple(Shop(**row) for row in uow.rows(uow.select(shops, *columns).order_by(shops.c.id)))

    @staticmethod
    def setting(uow: UnitOfWork, name: str, default: Any = None) -> Any:
        """A merchant's own setting by name, or `default`."""
        row = uow.row(uow.select(merchant_settings).where(merchant_settings.c.name == name))
        return default if row is None else row["value"]

    @staticmethod
    def set_setting(uow: UnitOfWork, name: str, value: Any) -> None:
        """Set a merchant's own setting (any JSON value)."""
        uow.upsert(merchant_settings, [{"name": name, "value": value, "changed_at": uow.clock.now()}], key=["name"])
