"""Published listings: every version that was ever live, and which one is now."""

from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from zhanggui.catalog.store.tables import published_listings
from zhanggui.kernel.errors import Conflict, NotFound
from zhanggui.kernel.storage import UnitOfWork
from zhanggui.kernel.types import JsonObject


@dataclass(frozen=True, slots=True)
class PublishedListing:
    """One version of a listing; the newest that is not withdrawn is live."""

    id: str
    product_id: str
    channel: str
    locale: str
    copy: JsonObject
    proof: JsonObject
    ai_written: bool
    actor: str
    published_at: datetime
    withdrawn_at: datetime | None = None


class ListingStore:
    """The merchant's published listings and their history."""

    def __init__(self, uow: UnitOfWork) -> None:
        self._uow = uow

    def publish(self, listing: PublishedListing) -> bool:
        """Make a version live. The id is the caller's exactly-once key: False when it was published before."""
        newest = (
            sa.select(sa.func.coalesce(sa.func.max(published_listings.c.sequence), 0))
            .where(published_listings.c.merchant_id == self._uow.merchant_id)
            .where(published_listings.c.product_id == listing.product_id)
            .where(published_listings.c.channel == listing.channel)
            .where(published_listings.c.locale == listing.locale)
        )
        row = {name: getattr(listing, name) for name in PublishedListing.__dataclass_fields__}
        row["actor"] = listing.actor or str(self._uow.actor)
        if self.find(listing.id) is not None:
            return False
        return self._uow.insert_new(published_listings, {**row, "sequence": self._uow.scalar(newest) + 1})

    def find(self, listing_id: str) -> PublishedListing | None:
        """The version with this id, live or not."""
        row = self._uow.row(self._uow.select(published_listings).where(published_listings.c.id == listing_id))
        return None if row is None else _listing(row)

    def live(self, product_id: str, channel: str, locale: str) -> PublishedListing | None:
        """The version that shoppers see now."""
        versions = self.history(product_id, channel=channel, locale=locale)
        return next((version for version in versions if version.withdrawn_at is None), None)

    def live_of(self, product_ids: list[str], channel: str, locale: str) -> dict[str, PublishedListing]:
        """The live versions of many products by product id."""
        table = published_listings
        found: dict[str, PublishedListing] = {}
        for start in range(0, len(product_ids), 500):
            statement = self._uow.select(table).where(
                table.c.product_id.in_(product_ids[start : start + 500]),
                table.c.channel == channel,
                table.c.locale == locale,
                table.c.withdrawn_at.is_(None),
            )
            for row in self._uow.rows(statement.order_by(table.c.sequence)):
                found[row["product_id"]] = _listing(row)
        return found

    def history(self, product_id: str, *, channel: str = "", locale: str = "") -> tuple[PublishedListing, ...]:
        """Every version for a product, newest first."""
        table = published_listings
        statement = self._uow.select(table).where(table.c.product_id == product_id)
        if channel:
            statement = statement.where(table.c.channel == channel)
        if locale:
            statement = statement.where(table.c.locale == locale)
        statement = statement.order_by(table.c.published_at.desc(), table.c.sequence.desc())
        return tuple(_listing(row) for row in self._uow.rows(statement))

    def withdraw(self, listing_id: str) -> PublishedListing | None:
        """Take the live version back; the one before it, which is live again, or None.

        Raises:
            NotFound: no such version.
            Conflict: it is not the live one.
        """
        version = self.find(listing_id)
        if version is None:
            raise NotFound(f"no published listing {listing_id!r}")
        live = self.live(version.product_id, version.channel, version.locale)
        if live is None or live.id != listing_id:
            raise Conflict(f"listing {listing_id!r} is not the live one")
        table = published_listings
        self._uow.change(
            self._uow.update(table).where(table.c.id == listing_id).values(withdrawn_at=self._uow.clock.now())
        )
        return self.live(version.product_id, version.channel, version.locale)


def _listing(row: sa.RowMapping) -> PublishedListing:
    return PublishedListing(**{name: row[name] for name in PublishedListing.__dataclass_fields__})
