"""Every query of the model layer: the ledger of calls, what was spent of the budgets, and the cache of answers."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any, cast

import sqlalchemy as sa

from zhanggui.kernel.errors import BudgetSpent
from zhanggui.kernel.llm.config import Budget
from zhanggui.kernel.storage import MerchantStore, UnitOfWork, UtcDateTime, merchant_table
from zhanggui.kernel.types import new_id

BUDGET_SETTING = "llm.budgets"

llm_calls = merchant_table(
    "llm_calls",
    sa.Column("id", sa.String(64), nullable=False),
    sa.Column("at", UtcDateTime, nullable=False),
    sa.Column("actor", sa.Text, nullable=False),
    sa.Column("task", sa.String(128), nullable=False),
    sa.Column("prompt_version", sa.String(32), nullable=False),
    sa.Column("provider", sa.String(64), nullable=False),
    sa.Column("model", sa.String(255), nullable=False),
    sa.Column("key", sa.String(64), nullable=False),
    sa.Column("input_tokens", sa.BigInteger, nullable=False),
    sa.Column("reused_tokens", sa.BigInteger, nullable=False),
    sa.Column("output_tokens", sa.BigInteger, nullable=False),
    sa.Column("seconds", sa.Float, nullable=False),
    sa.Column("micros", sa.BigInteger, nullable=False),
    sa.Column("cached", sa.Boolean, nullable=False),
    sa.Column("outcome", sa.String(64), nullable=False),
    sa.Index("ix_llm_calls_task_at", "merchant_id", "task", "at"),
)

llm_answers = merchant_table(
    "llm_answers",
    sa.Column("key", sa.String(64), nullable=False),
    sa.Column("text", sa.Text, nullable=False),
    sa.Column("task", sa.String(128), nullable=False),
    sa.Column("model", sa.String(255), nullable=False),
    sa.Column("input_tokens", sa.BigInteger, nullable=False),
    sa.Column("output_tokens", sa.BigInteger, nullable=False),
    sa.Column("created_at", UtcDateTime, nullable=False),
    key=("key",),
)

llm_spending = merchant_table(
    "llm_spending",
    sa.Column("task", sa.String(128), nullable=False),
    sa.Column("period", sa.String(16), nullable=False),
    sa.Column("micros", sa.BigInteger, nullable=False),
    sa.Column("tokens", sa.BigInteger, nullable=False),
    sa.Column("calls", sa.BigInteger, nullable=False),
    key=("task", "period"),
)


@dataclass(frozen=True, slots=True)
class Call:
    """One row of the ledger. `outcome` is "ok" or the code of the error; a cached answer has spent nothing."""

    task: str
    prompt_version: str
    provider: str
    model: str
    key: str
    outcome: str
    input_tokens: int = 0
    reused_tokens: int = 0
    output_tokens: int = 0
    seconds: float = 0.0
    micros: int = 0
    cached: bool = False


@dataclass(frozen=True, slots=True)
class Spending:
    """The ledger summed over one task and model."""

    task: str
    provider: str
    model: str
    calls: int
    cached: int
    failed: int
    input_tokens: int
    output_tokens: int
    seconds: float
    micros: int


@dataclass(frozen=True, slots=True)
class Estimate:
    """The most that a call can take: reserved before it, settled after it."""

    micros: int
    tokens: int
    calls: int = 1

    def minus(self, other: "Estimate") -> "Estimate":
        """What is left of this after `other`."""
        return Estimate(self.micros - other.micros, self.tokens - other.tokens, self.calls - other.calls)


class LlmStore:
    """The model layer's records within a unit of work."""

    def __init__(self, uow: UnitOfWork) -> None:
        self._uow = uow

    def answer(self, key: str) -> str | None:
        """The text that was answered to exactly this question, or None."""
        row = self._uow.row(self._uow.select(llm_answers, llm_answers.c.text).where(llm_answers.c.key == key))
        return None if row is None else str(row["text"])

    def remember(self, call: Call, text: str) -> None:
        """Keep an answer under its key; the newest wins."""
        row = {
            "key": call.key,
            "text": text,
            "task": call.task,
            "model": call.model,
            "input_tokens": call.input_tokens,
            "output_tokens": call.output_tokens,
            "created_at": self._uow.clock.now(),
        }
        self._uow.upsert(llm_answers, [row], key=["key"])

    def forget(self, *, before: datetime | None = None, containing: str = "") -> int:
        """Drop kept answers: all, those older than an instant, those that hold a text. How many went."""
        statement = self._uow.delete(llm_answers)
        if before is not None:
            statement = statement.where(llm_answers.c.created_at < before)
        if containing:
            statement = statement.where(llm_answers.c.text.contains(containing, autoescape=True))
        return self._uow.change(statement)

    def record(self, call: Call) -> None:
        """Append a call to the ledger."""
        row = {"id": new_id("call"), "at": self._uow.clock.now(), "actor": str(self._uow.actor), **asdict(call)}
        self._uow.insert(llm_calls, row)

    def spending(self, since: datetime) -> tuple[Spending, ...]:
        """The ledger from an instant on, by task and model, dearest first."""
        c = llm_calls.c
        statement = (
            self._uow.select(
                llm_calls,
                c.task,
                c.provider,
                c.model,
                sa.func.count().label("calls"),
                sa.func.sum(sa.case((c.cached, 1), else_=0)).label("cached"),
                sa.func.sum(sa.case((c.outcome != "ok", 1), else_=0)).label("failed"),
                sa.func.sum(c.input_tokens).label("input_tokens"),
                sa.func.sum(c.output_tokens).label("output_tokens"),
                sa.func.sum(c.seconds).label("seconds"),
                sa.func.sum(c.micros).label("micros"),
            )
            .where(c.at >= since)
            .group_by(c.task, c.provider, c.model)
            .order_by(sa.desc("micros"), sa.desc("output_tokens"), c.task)
        )
        return tuple(Spending(**_whole(dict(row))) for row in self._uow.rows(statement))

    def reserve(self, budgets: Sequence[Budget], task: str, most: Estimate) -> None:
        """Take the most that a call can cost out of every budget that covers the task.

        Raises:
            BudgetSpent: one of them has not that much left; nothing is taken then (the transaction rolls back).
        """
        for budget in self._budgets(budgets):
            if budget.task not in ("*", task, task.partition(".")[0]):
                continue
            period = self._period(budget)
            self._uow.insert_new(
                llm_spending, {"task": budget.task, "period": period, "micros": 0, "tokens": 0, "calls": 0}
            )
            statement = self._shift(budget, period, most)
            c = llm_spending.c
            for column, limit, more in (
                (c.micros, budget.micros, most.micros),
                (c.tokens, budget.tokens, most.tokens),
                (c.calls, budget.calls, most.calls),
            ):
                # A call that takes nothing of a spent budget may still go: a free model after a dear one.
                if limit is not None and more > 0:
                    statement = statement.where(column + more <= limit)
            if self._uow.change(statement) == 0:
                raise BudgetSpent(
                    f"the model budget of this {budget.period} for {budget.task} is spent",
                    task=task,
                    budget=asdict(budget),
                )

    def settle(self, budgets: Sequence[Budget], task: str, unused: Estimate) -> None:
        """Give back what was reserved and not used."""
        for budget in self._budgets(budgets):
            if budget.task in ("*", task, task.partition(".")[0]):
                back = Estimate(-unused.micros, -unused.tokens, -unused.calls)
                self._uow.change(self._shift(budget, self._period(budget), back))

    def set_budgets(self, budgets: Sequence[Budget]) -> None:
        """Give the merchant budgets of its own, in place of the installation's."""
        MerchantStore.set_setting(self._uow, BUDGET_SETTING, [asdict(budget) for budget in budgets])

    def _budgets(self, defaults: Sequence[Budget]) -> tuple[Budget, ...]:
        own = cast("list[dict[str, Any]] | None", MerchantStore.setting(self._uow, BUDGET_SETTING))
        chosen = tuple(defaults) if own is None else tuple(Budget(**budget) for budget in own)
        # Rows are locked in one order, so that two calls cannot wait for each other.
        return tuple(sorted(chosen, key=lambda budget: (budget.task, budget.period)))

    def _period(self, budget: Budget) -> str:
        return self._uow.clock.now().strftime("%Y-%m-%d" if budget.period == "day" else "%Y-%m")

    def _shift(self, budget: Budget, period: str, by: Estimate) -> sa.Update:
        c = llm_spending.c
        return (
            self._uow.update(llm_spending)
            .where(c.task == budget.task, c.period == period)
            .values(micros=c.micros + by.micros, tokens=c.tokens + by.tokens, calls=c.calls + by.calls)
        )


def _whole(row: dict[Any, Any]) -> dict[str, Any]:
    # PostgreSQL sums integers to decimals.
    return {str(name): value if isinstance(value, str | float) else int(value) for name, value in row.items()}
