"""The embedded model: llama.cpp in this process (xllamacpp), loaded once, when it is first asked."""

import importlib.util
import json
import math
import os
import secrets
import threading
import time
from pathlib import Path
from typing import Any, cast

from zhanggui.kernel.errors import NotConfigured, OperatorError, RetryLater
from zhanggui.kernel.llm.config import ProviderSettings
from zhanggui.kernel.llm.ports import ChatRequest, Completion, Description, OnText
from zhanggui.kernel.types import JsonObject

_PROMPT_CACHE_MIB = 512
_LIKELY = 20  # beginnings of an answer that are looked at
# One copy of the weights a process, whoever asks: (file, slots, context, threads, speculation) -> server.
_Key = tuple[str, int, int, int, str]
_loaded: dict[_Key, Any] = {}
_loading = threading.Lock()


class LocalProvider:
    """A GGUF file run on this machine with parallel slots; answers are held to the JSON schema by a grammar."""

    def __init__(self, settings: ProviderSettings) -> None:
        self._settings = settings
        self._weights = settings.weights
        self._slots = threading.BoundedSemaphore(settings.slots)

    def complete(self, request: ChatRequest) -> Completion:
        """Write the whole answer."""
        return self.stream(request, lambda _piece: None)

    def stream(self, request: ChatRequest, on_text: OnText) -> Completion:
        """Write the answer piece by piece, in the caller's thread."""
        server = self._server()
        if not self._slots.acquire(timeout=request.timeout_seconds):
            raise RetryLater("every slot of the local model is busy", model=self.describe().model)
        try:
            writing = _Writing(on_text, time.monotonic() + request.timeout_seconds)
            try:
                answer: object = server.handle_chat_completions(_body(request), writing.take)
            except ValueError as refused:
                raise OperatorError(f"the local model refuses the request: {refused}") from refused
            return writing.finished(answer)
        finally:
            self._slots.release()

    def preference(self, request: ChatRequest, words: tuple[str, str]) -> float:
        """How much likelier the answer begins with the second word than with the first, in log odds; NaN when neither
        is among the likely beginnings. One reading of the prompt, nothing is written: a cheap yes or no.

        Raises:
            RetryLater: every slot is busy.
            OperatorError: the prompt does not fit.
        """
        server = self._server()
        if not self._slots.acquire(timeout=request.timeout_seconds):
            raise RetryLater("every slot of the local model is busy", model=self.describe().model)
        try:
            body = {**_body(request), "max_tokens": 1, "logprobs": True, "top_logprobs": _LIKELY}
            seen: list[dict[str, Any]] = []
            answer: object = server.handle_chat_completions(body, seen.append)
        except ValueError as refused:
            raise OperatorError(f"the local model refuses the request: {refused}") from refused
        finally:
            self._slots.release()
        return _odds([*seen, cast("dict[str, Any]", answer)] if isinstance(answer, dict) else seen, words)

    def describe(self) -> Description:
        """Ready when the weights file and the runtime are there; nothing is loaded for it."""
        weights, reason = self._weights, ""
        if importlib.util.find_spec("xllamacpp") is None:
            reason = "the package xllamacpp is not installed"
        elif weights is None or not weights.is_file():
            reason = f"no weights at {weights}: run `zhanggui models pull`"
        size = weights.stat().st_size if weights is not None and not reason else 0
        return Description(
            provider="local",
            model=self._settings.model or (weights.stem if weights is not None else "local"),
            on_machine=True,
            supports_schema=True,
            slots=self._settings.slots,
            ready=not reason,
            reason=reason,
            fingerprint=f"{weights.name}:{size}" if weights is not None else "",
        )

    def close(self) -> None:
        """Let this process drop the weights; a later call loads them again."""
        with _loading:
            _loaded.pop(self._key(), None)

    def _key(self) -> _Key:
        threads = self._settings.threads or len(os.sched_getaffinity(0))
        speculation = str(self._settings.options.get("speculation", ""))
        return (str(self._weights), self._settings.slots, self._settings.context_tokens, threads, speculation)

    def _server(self) -> Any:
        key = self._key()
        with _loading:
            if key not in _loaded:
                ready = self.describe()
                if not ready.ready:
                    raise NotConfigured(ready.reason)
                _loaded[key] = _load(key)
            return _loaded[key]


class _Writing:
    """Collects what llama.cpp tells, and says when to stop: nobody listens, or time is up."""

    def __init__(self, on_text: OnText, deadline: float) -> None:
        self._on_text, self._deadline = on_text, deadline
        self._pieces: list[str] = []
        self._usage: dict[str, Any] = {}
        self._finish = ""
        self._late = self._unheard = False
        self._error: JsonObject | None = None
        self._broken: BaseException | None = None

    def take(self, chunk: dict[str, Any]) -> bool:
        """One event; True stops the writing. llama.cpp swallows exceptions, so they are kept and raised afterwards."""
        try:
            return self._take(chunk)
        except BaseException as broken:
            self._broken = broken
            return True

    def _take(self, chunk: dict[str, Any]) -> bool:
        if "error" in chunk:
            self._error = chunk["error"]
            return True
        if time.monotonic() > self._deadline:
            self._late = True
            return True
        self._usage = chunk.get("usage") or self._usage
        for choice in chunk.get("choices", ()):
            self._finish = choice.get("finish_reason") or self._finish
            piece = choice.get("delta", {}).get("content")
            if piece:
                self._pieces.append(piece)
                self._unheard = bool(self._on_text(piece))
        return self._unheard

    def finished(self, answer: object) -> Completion:
        """The completion, or the error that ended the writing."""
        if self._broken is not None:
            raise self._broken
        error = self._error
        if isinstance(answer, dict) and "error" in answer:
            error = cast("dict[str, JsonObject]", answer)["error"]
        if error is not None:
            raise OperatorError(f"the local model refuses the request: {error.get('message', error)}")
        if self._late:
            raise RetryLater("the local model did not finish in time", pieces=len(self._pieces))
        details = cast("dict[str, Any]", self._usage.get("prompt_tokens_details") or {})
        return Completion(
            text="".join(self._pieces),
            input_tokens=int(self._usage.get("prompt_tokens", 0)),
            output_tokens=int(self._usage.get("completion_tokens", len(self._pieces))),
            reused_tokens=int(details.get("cached_tokens", 0)),
            finish="stopped" if self._unheard else "length" if self._finish == "length" else "stop",
        )


def _odds(events: list[dict[str, Any]], words: tuple[str, str]) -> float:
    """Log odds of the second word's first letter from the first token's likely alternatives."""
    for event in events:
        if "error" in event:
            told: Any = event["error"]
            raise OperatorError(f"the local model refuses the request: {told.get('message', told)}")
    likely: list[Any] = []
    for choice in (choice for event in events for choice in event.get("choices", ())):
        spoken = cast("dict[str, list[dict[str, Any]]]", choice.get("logprobs") or {})
        tokens = spoken.get("content") or []
        if tokens and not likely:
            likely = cast("list[Any]", tokens[0]["top_logprobs"])
    found = [
        [float(one["logprob"]) for one in likely if str(one["token"]).lstrip().startswith(word[0])] for word in words
    ]
    if not likely or not any(found):
        return math.nan
    floor = min(float(one["logprob"]) for one in likely)  # a word that is not among them is rarer still
    first, second = (math.log(sum(math.exp(value) for value in own)) if own else floor for own in found)
    return second - first


def _body(request: ChatRequest) -> dict[str, Any]:
    body: dict[str, Any] = {
        "messages": [{"role": message.role, "content": message.text} for message in request.messages],
        "max_tokens": request.max_tokens,
        "temperature": 0,
        "seed": request.seed,
        "stream": True,
        "stream_options": {"include_usage": True},
        "cache_prompt": True,
    }
    if request.schema is not None:
        body["grammar"] = _grammar(request.schema)
    return body


def _grammar(schema: JsonObject) -> str:
    # The schema in llguidance's own dialect: no blanks between tokens, a quarter fewer tokens to write than with them.
    compact = {**schema, "x-guidance": {"whitespace_flexible": False}}
    return "%llguidance {}\nstart: %json " + json.dumps(compact, ensure_ascii=False)


def _load(key: _Key) -> Any:
    file, slots, context, threads, speculation = key
    weights = Path(file)
    # As above: native code, loaded with the model.
    import xllamacpp  # pyright: ignore[reportMissingTypeStubs]  # no stubs exist

    native = cast("Any", xllamacpp)
    params = native.CommonParams()
    params.model.path = str(weights)
    params.n_parallel = slots
    params.n_ctx = slots * context
    params.cpuparams.n_threads = threads
    params.cpuparams_batch.n_threads = threads
    params.cache_ram_mib = _PROMPT_CACHE_MIB
    params.verbosity = -1
    # The runtime also listens on a loopback port; nobody but this process shall use it.
    params.api_keys = [secrets.token_urlsafe(32)]
    params.ui = False
    params.endpoint_slots = False
    if speculation:
        kind = getattr(native.common_speculative_type, f"COMMON_SPECULATIVE_TYPE_{speculation.upper()}", None)
        if kind is None or not speculation.startswith("ngram_"):
            raise NotConfigured(f"unknown speculation {speculation!r}: expected ngram_simple, ngram_mod, ngram_cache")
        params.speculative.types = [kind]
    try:
        return native.Server(params)
    except (RuntimeError, ValueError) as broken:
        raise OperatorError(f"cannot load {weights.name}: {broken}") from broken
