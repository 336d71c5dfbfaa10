"""One question to one model: cache, privacy gate, budget, call with retries, typed reading, one repair, ledger."""

import hashlib
import math
import re
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Generic

import orjson

from zhanggui.kernel.errors import ProgrammerError, ZhangguiError
from zhanggui.kernel.llm.config import Budget, ProviderSettings
from zhanggui.kernel.llm.ports import (
    Answer,
    ChatProvider,
    ChatRequest,
    Completion,
    Description,
    Message,
    OnText,
    PrivacyGate,
    T,
    UnusableAnswer,
    Usage,
)
from zhanggui.kernel.llm.resilience import Breaker, Pacing, persistently
from zhanggui.kernel.llm.shapes import Misfit, Shape
from zhanggui.kernel.llm.store import Call, Estimate, LlmStore
from zhanggui.kernel.llm.telemetry import model_span, note_completion
from zhanggui.kernel.storage import Actor, Database

_ACTOR = Actor("system", "models")
_BETWEEN = "\n\x1e\n"  # record separator: stands between the messages while they pass the gate as one text
_SENTENCE_END = re.compile(r"[。！？!?\n]|\.\s")


@dataclass(frozen=True, slots=True)
class Question(Generic[T]):
    """What a caller wants to know: who, for which task, the rendered messages, the shape of the answer."""

    merchant_id: str
    task: str
    version: str
    messages: tuple[Message, ...]
    shape: Shape[T]
    max_tokens: int
    seed: int

    def key(self, description: Description, settings: ProviderSettings) -> str:
        """SHA-256 of model, prompt, schema and parameters: the same question to the same model has the same key."""
        content = [
            [description.provider, description.model, description.fingerprint, settings.base_url, settings.options],
            [[message.role, message.text] for message in self.messages],
            self.shape.schema,
            [self.max_tokens, self.seed],
        ]
        return hashlib.sha256(orjson.dumps(content, option=orjson.OPT_SORT_KEYS)).hexdigest()


@dataclass(frozen=True, slots=True)
class Member:
    """One model of a chain with what guards it."""

    settings: ProviderSettings
    provider: ChatProvider
    breaker: Breaker


class Asker:
    """Puts questions to one model after another kept safe by cache, gate, budget, retries and ledger."""

    def __init__(
        self,
        database: Database,
        gate: PrivacyGate | None,
        *,
        budgets: Sequence[Budget],
        attempts: int,
        pacing: Pacing,
    ) -> None:
        self._database, self._gate = database, gate
        self._budgets, self._attempts, self._pacing = budgets, attempts, pacing

    def ask(self, question: Question[T], member: Member, on_text: OnText | None = None) -> Answer[T]:
        """The answer of this model.

        Raises:
            BudgetSpent: a budget that covers the task has not enough left.
            UnusableAnswer: what it wrote did not fit, and neither did the repair.
            RetryLater, OperatorError: from the provider.
        """
        description = member.provider.describe()
        key = question.key(description, member.settings)
        kept = self._kept(question, description, key)
        if kept is not None:
            if on_text is not None:
                on_text(kept.text)
            return kept
        messages, restore = self._gated(question.messages, description)
        request = ChatRequest(
            messages=messages if description.supports_schema else _told(messages, question.shape),
            max_tokens=question.max_tokens,
            seed=question.seed,
            schema=question.shape.schema,
            timeout_seconds=member.settings.timeout_seconds,
        )
        turn = _Turn(self, question, member, description, key)
        if on_text is None:
            completion, usage = turn.call(request, None)
        else:
            sink = _Restoring(on_text, restore, whole=messages == question.messages)
            completion, usage = turn.call(request, sink.take)
            sink.rest()
        return turn.read(request, completion, usage, restore)

    def _kept(self, question: Question[T], description: Description, key: str) -> Answer[T] | None:
        with self._database.begin(question.merchant_id, _ACTOR, read_only=True) as uow:
            text = LlmStore(uow).answer(key)
        if text is None:
            return None
        try:
            value, text = question.shape.read(text, _as_is)
        except Misfit:  # the type has grown stricter since
            return None
        self.record(question.merchant_id, _call(question, description, key, outcome="ok", cached=True))
        return Answer(value, text, Usage(description.provider, description.model, cached=True))

    def _gated(
        self, messages: tuple[Message, ...], description: Description
    ) -> tuple[tuple[Message, ...], Callable[[str], str]]:
        if description.on_machine or self._gate is None:
            return messages, _as_is
        # One text, so that one placeholder means one person in every message.
        text, restore = self._gate(_BETWEEN.join(message.text.replace("\x1e", " ") for message in messages))
        parts = text.split(_BETWEEN)
        if len(parts) != len(messages):
            raise ProgrammerError("the privacy gate lost a message separator")
        return tuple(replace(message, text=part) for message, part in zip(messages, parts, strict=True)), restore

    def record(self, merchant_id: str, call: Call, *, unused: Estimate | None = None, text: str | None = None) -> None:
        """Write a call to the ledger; give back what it did not use; keep its answer when there is one."""
        with self._database.begin(merchant_id, _ACTOR) as uow:
            store = LlmStore(uow)
            store.record(call)
            if unused is not None:
                store.settle(self._budgets, call.task, unused)
            if text is not None:
                store.remember(call, text)

    def remember(self, merchant_id: str, call: Call, text: str) -> None:
        """Keep an answer."""
        with self._database.begin(merchant_id, _ACTOR) as uow:
            LlmStore(uow).remember(call, text)

    def reserve(self, merchant_id: str, task: str, most: Estimate) -> None:
        """Take the most that a call can cost from the budgets, before it is made."""
        with self._database.begin(merchant_id, _ACTOR) as uow:
            LlmStore(uow).reserve(self._budgets, task, most)

    def persistently(self, call: Callable[[], Completion], breaker: Breaker) -> Completion:
        """Make a call with the configured retries."""
        return persistently(call, breaker=breaker, attempts=self._attempts, pacing=self._pacing)


class _Turn(Generic[T]):
    """One question at one model: its calls, their bookkeeping, the reading of what came."""

    def __init__(self, asker: Asker, question: Question[T], member: Member, description: Description, key: str) -> None:
        self._asker, self._question, self._member = asker, question, member
        self._description, self._key = description, key

    def call(self, request: ChatRequest, on_text: OnText | None) -> tuple[Completion, Usage]:
        """One budgeted, traced, recorded call."""
        question, settings = self._question, self._member.settings
        guess = sum(_tokens_at_most(message.text) for message in request.messages)
        most = Estimate(_micros(settings, guess, request.max_tokens), guess + request.max_tokens)
        self._asker.reserve(question.merchant_id, question.task, most)
        started = time.perf_counter()
        try:
            with model_span(self._description, request, task=question.task) as span:
                completion = self._send(request, on_text)
                note_completion(span, completion)
        except BaseException as error:
            code = error.code if isinstance(error, ZhangguiError) else "stopped"
            failed = _call(question, self._description, self._key, outcome=code)
            spent = replace(failed, seconds=time.perf_counter() - started)
            self._asker.record(question.merchant_id, spent, unused=most)
            raise
        done = replace(
            _call(question, self._description, self._key, outcome="ok"),
            input_tokens=completion.input_tokens,
            reused_tokens=completion.reused_tokens,
            output_tokens=completion.output_tokens,
            seconds=time.perf_counter() - started,
            micros=_micros(settings, completion.input_tokens, completion.output_tokens),
        )
        used = Estimate(done.micros, done.input_tokens + done.output_tokens)
        self._asker.record(question.merchant_id, done, unused=most.minus(used))
        return completion, _usage(done)

    def read(
        self, request: ChatRequest, completion: Completion, usage: Usage, restore: Callable[[str], str]
    ) -> Answer[T]:
        """The typed answer; a text that does not fit is sent back once with the reason."""
        try:
            value, text = self._fit(completion, restore)
        except Misfit as wrong:
            complaint = Message("user", f"That answer cannot be used: {wrong}. Write it again, complete and correct.")
            again = (*request.messages, Message("assistant", completion.text[:8000]), complaint)
            completion, more = self.call(replace(request, messages=again), None)
            usage = usage.plus(more)
            try:
                value, text = self._fit(completion, restore)
            except Misfit as still:
                raise UnusableAnswer(
                    f"{self._description.model} gave no usable answer for {self._question.task}: {still}",
                    task=self._question.task,
                    model=self._description.model,
                ) from still
        if completion.finish in ("stop", "length"):
            self._asker.remember(self._question.merchant_id, self._call_of(usage), text)
        return Answer(value, text, usage)

    def _send(self, request: ChatRequest, on_text: OnText | None) -> Completion:
        provider = self._member.provider
        if on_text is None:
            return self._asker.persistently(lambda: provider.complete(request), self._member.breaker)
        # What was already told cannot be told again: a stream is tried once.
        self._member.breaker.enter()
        try:
            completion = provider.stream(request, on_text)
        except ZhangguiError as error:
            if error.status == 503:
                self._member.breaker.failed()
            raise
        self._member.breaker.succeeded()
        return completion

    def _fit(self, completion: Completion, restore: Callable[[str], str]) -> tuple[T, str]:
        if completion.finish == "filtered":
            raise Misfit("the provider's filter held the answer back")
        try:
            return self._question.shape.read(completion.text, restore)
        except Misfit as wrong:
            if completion.finish == "length":
                raise Misfit(f"it is longer than {self._question.max_tokens} tokens and was cut off") from wrong
            raise

    def _call_of(self, usage: Usage) -> Call:
        call = _call(self._question, self._description, self._key, outcome="ok")
        return replace(call, input_tokens=usage.input_tokens, output_tokens=usage.output_tokens)


class _Restoring:
    """Passes pieces on with personal data put back. A placeholder may be cut in two between pieces: then wait for the
    end of a sentence, which no placeholder contains."""

    def __init__(self, on_text: OnText, restore: Callable[[str], str], *, whole: bool) -> None:
        self._on_text, self._restore, self._at_once = on_text, restore, whole
        self._held = ""

    def take(self, piece: str) -> bool | None:
        """One piece from the model."""
        if self._at_once:
            return self._on_text(piece)
        self._held += piece
        ends = [found.end() for found in _SENTENCE_END.finditer(self._held)]
        if not ends:
            return None
        ready, self._held = self._held[: ends[-1]], self._held[ends[-1] :]
        return self._on_text(self._restore(ready))

    def rest(self) -> None:
        """What was still held back."""
        if self._held:
            self._on_text(self._restore(self._held))


def _as_is(text: str) -> str:
    return text


def _told(messages: tuple[Message, ...], shape: Shape[T]) -> tuple[Message, ...]:
    """The messages with the schema in words, for a provider that cannot be held to it."""
    if shape.schema is None:
        return messages
    schema = orjson.dumps(shape.schema).decode()
    order = f"\n\nAnswer with one JSON object and nothing else. It must fit this JSON schema:\n{schema}"
    first = messages[0]
    if first.role == "system":
        return (replace(first, text=first.text + order), *messages[1:])
    return (Message("system", order.strip()), *messages)


def _tokens_at_most(text: str) -> int:
    # A token is at least one character of Chinese, about four letters of English; 16 for the turn's marks.
    letters = sum(character.isascii() for character in text)
    return math.ceil(letters / 2) + (len(text) - letters) * 2 + 16


def _micros(settings: ProviderSettings, input_tokens: int, output_tokens: int) -> int:
    # USD per million tokens is the same number as millionths of a USD per token.
    return math.ceil(input_tokens * settings.price_input + output_tokens * settings.price_output)


def _call(question: Question[T], description: Description, key: str, *, outcome: str, cached: bool = False) -> Call:
    return Call(
        task=question.task,
        prompt_version=question.version,
        provider=description.provider,
        model=description.model,
        key=key,
        outcome=outcome,
        cached=cached,
    )


def _usage(call: Call) -> Usage:
    return Usage(call.provider, call.model, call.input_tokens, call.output_tokens, call.seconds, False, call.micros)
