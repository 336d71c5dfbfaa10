"""The one door to chat models: `Models`."""

import contextvars
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime

from zhanggui.kernel.errors import BudgetSpent, NotConfigured, NotFound, OperatorError, RetryLater, ZhangguiError
from zhanggui.kernel.llm.asking import Asker, Member, Question
from zhanggui.kernel.llm.config import Budget, ModelSettings
from zhanggui.kernel.llm.ports import Answer, ChatProvider, Description, OnText, PrivacyGate, T
from zhanggui.kernel.llm.prompts import Prompt
from zhanggui.kernel.llm.providers import build_provider
from zhanggui.kernel.llm.resilience import Breaker, Pacing
from zhanggui.kernel.llm.shapes import TEXT, Shape, shape_of
from zhanggui.kernel.llm.store import LlmStore, Spending
from zhanggui.kernel.storage import Actor, Database
from zhanggui.kernel.types import JsonObject


class Models:
    """Asks the models that the settings choose for a task, in order, until one answers.

    Never ask inside an open unit of work that writes: the ledger and the cache have short transactions of their own,
    and on SQLite they would wait for yours. Load, ask, then open the transaction that saves.
    """

    def __init__(
        self,
        database: Database,
        settings: ModelSettings,
        gate: PrivacyGate | None = None,
        *,
        providers: dict[str, ChatProvider] | None = None,
        pacing: Pacing | None = None,
    ) -> None:
        """Nothing is loaded and nobody is called yet. `providers` replaces those that settings would build, by name."""
        pacing = pacing or Pacing()
        self._database, self._settings = database, settings
        given = providers or {}
        self._members = {
            each.name: Member(
                each,
                given.get(each.name) or build_provider(each),
                Breaker(
                    each.name, failures=settings.breaker_failures, seconds=settings.breaker_seconds, now=pacing.now
                ),
            )
            for each in settings.providers
        }
        self._asker = Asker(database, gate, budgets=settings.budgets, attempts=settings.attempts, pacing=pacing)

    def available(self, task: str) -> bool:
        """Whether a model of the task's chain is ready. When not, take the deterministic path and say so."""
        return any(member.provider.describe().ready for member in self._chain(task))

    def describe(self, task: str | None = None) -> tuple[Description, ...]:
        """The models of a task's chain, or all."""
        members = self._members.values() if task is None else self._chain(task)
        return tuple(member.provider.describe() for member in members)

    @property
    def names(self) -> tuple[str, ...]:
        """The models' names in the settings, in the order of `describe()`."""
        return tuple(self._members)

    def ask(
        self,
        merchant_id: str,
        prompt: Prompt,
        variables: JsonObject,
        output: type[T],
        *,
        max_tokens: int,
        seed: int = 0,
    ) -> Answer[T]:
        """A typed answer: `output` is a pydantic model, or `str` for plain text.

        The same question to the same model is answered from the merchant's cache and costs nothing (`usage.cached`).

        Raises:
            NotConfigured: no model for this task is ready.
            BudgetSpent: the budget is spent and no free model is left in the chain.
            RetryLater: every model that was left is slow or down.
            OperatorError, UnusableAnswer: the last model refused, or wrote nothing usable.
        """
        question = self._question(merchant_id, prompt, variables, shape_of(output), (max_tokens, seed))
        return self._through_chain(question, None)

    def stream(
        self,
        merchant_id: str,
        prompt: Prompt,
        variables: JsonObject,
        on_text: OnText,
        *,
        max_tokens: int,
        seed: int = 0,
    ) -> Answer[str]:
        """Plain text, told to `on_text` as it is written; `on_text` returns True to stop. Errors as in `ask`.

        Another model of the chain is tried only while nothing was told yet.
        """
        question = self._question(merchant_id, prompt, variables, TEXT, (max_tokens, seed))
        return self._through_chain(question, on_text)

    def ask_many(
        self,
        merchant_id: str,
        prompt: Prompt,
        many: Sequence[JsonObject],
        output: type[T],
        *,
        max_tokens: int,
        on_result: Callable[[int, Answer[T] | ZhangguiError], None] | None = None,
    ) -> list[Answer[T] | ZhangguiError]:
        """One answer or error for each item, in the same order, through the parallel slots of the task's first ready
        model. `on_result` is told each index and result as it comes, from a worker's thread."""

        def one(index: int) -> Answer[T] | ZhangguiError:
            result: Answer[T] | ZhangguiError
            try:
                result = self.ask(merchant_id, prompt, many[index], output, max_tokens=max_tokens)
            except ZhangguiError as error:
                result = error
            if on_result is not None:
                on_result(index, result)
            return result

        ready = [description.slots for description in self.describe(prompt.task) if description.ready]
        with ThreadPoolExecutor(max_workers=max(1, ready[0] if ready else 1), thread_name_prefix="ask") as pool:
            tasks = [pool.submit(contextvars.copy_context().run, one, index) for index in range(len(many))]
            return [task.result() for task in tasks]

    def ask_only(
        self, name: str, merchant_id: str, prompt: Prompt, variables: JsonObject, output: type[T], *, max_tokens: int
    ) -> Answer[T]:
        """As `ask`, of one model by its name in the settings and no other: to try it. Counts like any other call.

        Raises:
            NotFound: no model has this name.
            NotConfigured, BudgetSpent, RetryLater, OperatorError, UnusableAnswer: as in `ask`.
        """
        if name not in self._members:
            raise NotFound(f"no model is called {name!r}")
        question = self._question(merchant_id, prompt, variables, shape_of(output), (max_tokens, 0))
        return self._through(question, [self._members[name]], None)

    def spending(self, merchant_id: str, since: datetime) -> tuple[Spending, ...]:
        """The merchant's ledger from an instant on, by task and model."""
        with self._database.begin(merchant_id, Actor("system", "models"), read_only=True) as uow:
            return LlmStore(uow).spending(since)

    def set_budgets(self, merchant_id: str, budgets: Sequence[Budget]) -> None:
        """Give a merchant budgets of its own, in place of the installation's."""
        with self._database.begin(merchant_id, Actor("system", "models")) as uow:
            LlmStore(uow).set_budgets(budgets)

    def forget(self, merchant_id: str, *, containing: str = "") -> int:
        """Drop a merchant's kept answers, all or those that hold a text (for erasure). How many went."""
        with self._database.begin(merchant_id, Actor("system", "models")) as uow:
            return LlmStore(uow).forget(containing=containing)

    def close(self) -> None:
        """Close every provider."""
        for member in self._members.values():
            member.provider.close()

    def _chain(self, task: str) -> list[Member]:
        return [self._members[name] for name in self._settings.chain(task)]

    def _question(
        self, merchant_id: str, prompt: Prompt, variables: JsonObject, shape: Shape[T], limits: tuple[int, int]
    ) -> Question[T]:
        messages = prompt.render(variables)
        return Question(merchant_id, prompt.task, prompt.version, messages, shape, limits[0], limits[1])

    def _through_chain(self, question: Question[T], on_text: OnText | None) -> Answer[T]:
        return self._through(question, self._chain(question.task), on_text)

    def _through(self, question: Question[T], chain: Sequence[Member], on_text: OnText | None) -> Answer[T]:
        last: ZhangguiError = NotConfigured(f"no model is configured for {question.task}", task=question.task)
        told = False

        def tell(piece: str) -> bool | None:
            nonlocal told
            told = True
            assert on_text is not None
            return on_text(piece)

        for member in chain:
            description = member.provider.describe()
            if not description.ready:
                last = NotConfigured(f"{member.settings.name}: {description.reason}", task=question.task)
                continue
            try:
                return self._asker.ask(question, member, tell if on_text is not None else None)
            except (RetryLater, OperatorError, BudgetSpent) as error:
                if told:
                    raise
                last = error
        raise last
