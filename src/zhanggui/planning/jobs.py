"""Planning's durable work: the nightly forecast, and purchase orders proposed from it."""

from collections.abc import Iterable

from zhanggui.desk import Desk
from zhanggui.kernel.jobs import Jobs, Limits, WorkItem
from zhanggui.kernel.storage import Actor, Database, UnitOfWork
from zhanggui.kernel.types import JsonObject
from zhanggui.planning.proposals import propose_restock
from zhanggui.planning.service.planner import Planner

FORECAST_JOB = "demand-forecast"
_ACTOR = Actor("job", FORECAST_JOB)
_SCHEDULE = "planning: forecast and restock"


class ForecastJob:
    """Forecasts the shop's demand and proposes what to buy. Arguments: budget_minor? One item is the whole shop.

    The forecast is computed with no transaction open and written in one of its own: writing it twice changes nothing.
    """

    name = FORECAST_JOB
    limits = Limits(concurrency=1, timeout=3_600.0, attempts=3, chunk=1)

    def __init__(self, database: Database, planner: Planner, desk: Desk) -> None:
        self._database, self._planner, self._desk = database, planner, desk

    def items(self, uow: UnitOfWork, arguments: JsonObject) -> Iterable[WorkItem]:
        """The one item."""
        yield WorkItem("shop", {"budget_minor": arguments.get("budget_minor")})

    def run_item(self, merchant_id: str, item: JsonObject, key: str) -> JsonObject:
        """Read demand, forecast, write the forecast."""
        with self._database.begin(merchant_id, _ACTOR, read_only=True) as uow:
            rows, today = self._planner.demand_until_yesterday(uow), uow.clock.now().date()
        found = self._planner.compute(rows, today)
        with self._database.begin(merchant_id, _ACTOR) as uow:
            done = self._planner.keep(uow, rows, found)
        return {"series": done.series, "enough": done.enough, "horizon": done.horizon}

    def save_item(self, uow: UnitOfWork, item: JsonObject, prepared: JsonObject, key: str) -> JsonObject:
        """Propose purchase orders from what was written."""
        budget = item.get("budget_minor")
        made = propose_restock(uow, self._planner, self._desk, budget_minor=budget if isinstance(budget, int) else None)
        return {**prepared, "proposals": [proposal.id for proposal in made]}


def schedule_planning(jobs: Jobs, uow: UnitOfWork, planner: Planner) -> list[str]:
    """Set the nightly run up for this merchant where there is demand; the names of new schedules."""
    if _SCHEDULE in {one.name for one in jobs.schedules.all(uow)} or not planner.demand_until_yesterday(uow):
        return []
    jobs.schedules.put(uow, _SCHEDULE, kind=FORECAST_JOB, arguments={}, cron="30 3 * * *")
    return [_SCHEDULE]
