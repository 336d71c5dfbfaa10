"""Saved audiences; campaigns, who is in them, when they may be and were written to."""

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Literal

import sqlalchemy as sa

from zhanggui.kernel.errors import NotFound
from zhanggui.kernel.storage import UnitOfWork
from zhanggui.kernel.types import JsonObject
from zhanggui.marketing.models.campaigns import HOLDOUT, Arm, Sending
from zhanggui.marketing.store.tables import audiences, campaign_members, campaigns, customer_orders

CampaignState = Literal["running", "stopped"]
_CHUNK = 500


@dataclass(frozen=True, slots=True)
class SavedAudience:
    """An audience under a name, with the request it came from (empty when written by hand)."""

    id: str
    name: str
    request: str
    definition: JsonObject
    saved_by: str
    saved_at: datetime


@dataclass(frozen=True, slots=True)
class StartedCampaign:
    """A campaign that was approved; `content` is the proposal's payload, `skipped` who was left out and why."""

    id: str
    name: str
    state: str
    content: JsonObject
    started_at: datetime
    skipped: Mapping[str, int]


class AudienceStore:
    """The merchant's saved audiences."""

    def __init__(self, uow: UnitOfWork) -> None:
        self._uow = uow

    def save(self, audience_id: str, name: str, request: str, definition: JsonObject) -> None:
        """Keep an audience, over an older one of its id."""
        row = {
            "id": audience_id,
            "name": name,
            "request": request,
            "definition": definition,
            "saved_by": str(self._uow.actor),
            "saved_at": self._uow.clock.now(),
        }
        self._uow.upsert(audiences, [row], key=["id"])

    def get(self, audience_id: str) -> SavedAudience:
        """One audience.

        Raises:
            NotFound: no such audience.
        """
        row = self._uow.row(self._uow.select(audiences).where(audiences.c.id == audience_id))
        if row is None:
            raise NotFound(f"no audience {audience_id!r}")
        return _audience(row)

    def all(self) -> tuple[SavedAudience, ...]:
        """Every audience by name."""
        found = self._uow.rows(self._uow.select(audiences).order_by(audiences.c.name, audiences.c.id))
        return tuple(_audience(row) for row in found)

    def delete(self, audience_id: str) -> bool:
        """Forget an audience; False when there was none."""
        return self._uow.change(self._uow.delete(audiences).where(audiences.c.id == audience_id)) == 1


class CampaignStore:
    """The merchant's campaigns."""

    def __init__(self, uow: UnitOfWork) -> None:
        self._uow = uow

    def start(self, campaign: StartedCampaign, members: Sequence[Sending]) -> None:
        """Keep a campaign with its members; those of the holdout are never due."""
        self._uow.insert(
            campaigns,
            {
                "id": campaign.id,
                "name": campaign.name,
                "state": campaign.state,
                "content": campaign.content,
                "started_at": campaign.started_at,
                "skipped": dict(campaign.skipped),
            },
        )
        rows: list[dict[str, Any]] = [
            {
                "campaign_id": campaign.id,
                "customer_id": member.customer_id,
                "arm": member.arm,
                "not_before": member.not_before,
                "state": "held" if member.arm == HOLDOUT else "due",
                "taken_at": None,
            }
            for member in members
        ]
        for start in range(0, len(rows), _CHUNK):
            self._uow.insert(campaign_members, rows[start : start + _CHUNK])

    def get(self, campaign_id: str) -> StartedCampaign:
        """One campaign.

        Raises:
            NotFound: no such campaign.
        """
        row = self._uow.row(self._uow.select(campaigns).where(campaigns.c.id == campaign_id))
        if row is None:
            raise NotFound(f"no campaign {campaign_id!r}")
        return _campaign(row)

    def all(self) -> tuple[StartedCampaign, ...]:
        """Every campaign, the newest first."""
        query = self._uow.select(campaigns).order_by(campaigns.c.started_at.desc(), campaigns.c.id)
        return tuple(_campaign(row) for row in self._uow.rows(query))

    def stop(self, campaign_id: str) -> int:
        """Nothing more is due; the number of messages that were."""
        self._uow.change(self._uow.update(campaigns).where(campaigns.c.id == campaign_id).values(state="stopped"))
        waiting = self._uow.update(campaign_members).where(
            campaign_members.c.campaign_id == campaign_id, campaign_members.c.state == "due"
        )
        return self._uow.change(waiting.values(state="stopped"))

    def taken(self, campaign_id: str) -> int:
        """How many messages were handed over for sending."""
        query = self._uow.select(campaign_members, sa.func.count()).where(
            campaign_members.c.campaign_id == campaign_id, campaign_members.c.state == "taken"
        )
        return int(self._uow.scalar(query) or 0)

    def due(self, campaign_id: str, now: datetime, limit: int) -> tuple[Sending, ...]:
        """Messages that may be sent now."""
        query = self._uow.select(campaign_members).where(
            campaign_members.c.campaign_id == campaign_id,
            campaign_members.c.state == "due",
            campaign_members.c.not_before <= now,
        )
        rows = self._uow.rows(query.order_by(campaign_members.c.customer_id).limit(limit))
        return tuple(Sending(row["customer_id"], row["arm"], row["not_before"]) for row in rows)

    def mark(self, campaign_id: str, customer_ids: Sequence[str], state: Literal["taken", "refused"]) -> None:
        """Messages were handed over, or the customer no longer allows them."""
        for start in range(0, len(customer_ids), _CHUNK):
            changed = self._uow.update(campaign_members).where(
                campaign_members.c.campaign_id == campaign_id,
                campaign_members.c.customer_id.in_(customer_ids[start : start + _CHUNK]),
            )
            self._uow.change(changed.values(state=state, taken_at=self._uow.clock.now()))

    def contacts(self, since: datetime) -> dict[str, list[datetime]]:
        """When each customer was or is to be written to after `since`, over all campaigns."""
        query = self._uow.select(campaign_members).where(
            campaign_members.c.state.in_(("due", "taken")), campaign_members.c.not_before > since
        )
        found: dict[str, list[datetime]] = defaultdict(list)
        for row in self._uow.rows(query):
            found[row["customer_id"]].append(row["not_before"])
        return dict(found)

    def arms(self, campaign_id: str, days: int) -> tuple[Arm, ...]:
        """Customers, orders and amounts by arm as assigned, whether or not the message was sent (intention to treat).

        An order counts in the `days` after the campaign began.
        """
        started = self.get(campaign_id).started_at
        query = self._uow.select(campaign_members).where(campaign_members.c.campaign_id == campaign_id)
        members = {row["customer_id"]: row["arm"] for row in self._uow.rows(query)}
        end = started + timedelta(days=days)
        spent: dict[str, float] = defaultdict(float)
        placed = self._uow.select(customer_orders).where(customer_orders.c.at >= started, customer_orders.c.at < end)
        for row in self._uow.rows(placed):
            if row["customer_id"] in members:
                spent[row["customer_id"]] += row["total_minor"]
        sizes = Counter(members.values())
        return tuple(
            _arm(name, sizes[name], [v for c, v in spent.items() if members[c] == name]) for name in sorted(sizes)
        )


def _arm(name: str, customers: int, amounts: Sequence[float]) -> Arm:
    return Arm(name, customers, len(amounts), sum(amounts), sum(amount**2 for amount in amounts))


def _audience(row: sa.RowMapping) -> SavedAudience:
    return SavedAudience(row["id"], row["name"], row["request"], row["definition"], row["saved_by"], row["saved_at"])


def _campaign(row: sa.RowMapping) -> StartedCampaign:
    return StartedCampaign(row["id"], row["name"], row["state"], row["content"], row["started_at"], row["skipped"])
