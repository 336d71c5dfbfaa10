"""One database for the installation: engine, unit of work, portable column types, migrations.

SQLite (WAL) and PostgreSQL run the same code. Every table that holds a merchant's records is made by `merchant_table`
and is reached only through the `UnitOfWork`, which adds the merchant to every statement.
"""

from zhanggui.kernel.storage.backup import BackedUp, back_up, restore
from zhanggui.kernel.storage.columns import UtcDateTime, merchant_table, metadata
from zhanggui.kernel.storage.database import Actor, Database, UnitOfWork
from zhanggui.kernel.storage.idempotency import remember, remembered
from zhanggui.kernel.storage.merchants import Merchant, MerchantStore, Shop
from zhanggui.kernel.storage.migrate import current_revision, head_revision, migrate
from zhanggui.kernel.storage.sweeping import ERASED, Words, shred, sweep

__all__ = [
    "ERASED",
    "Actor",
    "BackedUp",
    "Database",
    "Merchant",
    "MerchantStore",
    "Shop",
    "UnitOfWork",
    "UtcDateTime",
    "Words",
    "back_up",
    "current_revision",
    "head_revision",
    "merchant_table",
    "metadata",
    "migrate",
    "remember",
    "remembered",
    "restore",
    "shred",
    "sweep",
]
