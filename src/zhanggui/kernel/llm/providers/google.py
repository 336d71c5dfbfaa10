"""Google's Gemini models: the Gemini API by key, Vertex AI by Google Cloud project and region."""

import importlib
import threading
from typing import Any, Literal, cast

from zhanggui.kernel.errors import NotConfigured, RetryLater
from zhanggui.kernel.llm.config import ProviderSettings
from zhanggui.kernel.llm.ports import ChatRequest, Completion, Description, OnText
from zhanggui.kernel.llm.providers.http import JsonHttp, count, dig
from zhanggui.kernel.types import JsonObject, JsonValue

_GEMINI = "https://generativelanguage.googleapis.com"
_SCOPE = "https://www.googleapis.com/auth/cloud-platform"
_FILTERED = frozenset({"SAFETY", "RECITATION", "BLOCKLIST", "PROHIBITED_CONTENT", "SPII"})


class GoogleProvider:
    """POST .../models/{model}:generateContent, whole or as server-sent events."""

    def __init__(self, settings: ProviderSettings) -> None:
        self._settings = settings
        self._vertex = bool(settings.project)
        self._http = JsonHttp(settings.name, settings.base_url or self._public())
        self._token = _CloudToken()

    def complete(self, request: ChatRequest) -> Completion:
        """Write the whole answer."""
        answer = self._http.post(
            self._path("generateContent"),
            self._body(request),
            headers=self._headers(),
            timeout=request.timeout_seconds,
        )
        finish = dig(answer, "candidates", 0, "finishReason") or dig(answer, "promptFeedback", "blockReason")
        if finish is None:
            raise RetryLater(f"{self._settings.name}: its answer holds no candidate")
        return _completion(_text(answer), answer, finish)

    def stream(self, request: ChatRequest, on_text: OnText) -> Completion:
        """The same, piece by piece."""
        pieces: list[str] = []
        last: JsonObject = {}
        finish: object = None
        path = self._path("streamGenerateContent") + "?alt=sse"
        for event in self._http.events(
            path, self._body(request), headers=self._headers(), timeout=request.timeout_seconds
        ):
            last = event if "usageMetadata" in event else last
            finish = (
                dig(event, "candidates", 0, "finishReason") or dig(event, "promptFeedback", "blockReason") or finish
            )
            piece = _text(event)
            if piece:
                pieces.append(piece)
                if on_text(piece):
                    return _completion("".join(pieces), last, "stopped")
        if finish is None:
            raise RetryLater(f"{self._settings.name}: the stream broke off")
        return _completion("".join(pieces), last, finish)

    def describe(self) -> Description:
        """Ready when a model is named and a key, or a project with its region, is set."""
        settings = self._settings
        missing = "" if settings.api_key or self._vertex else "no API key and no Google Cloud project is set"
        if self._vertex and not settings.location:
            missing = "a Google Cloud project needs its location"
        return Description(
            provider="vertex" if self._vertex else "google",
            model=settings.model,
            on_machine=settings.on_machine,
            supports_schema=settings.schema_mode == "json_schema",
            slots=settings.slots,
            ready=bool(settings.model) and not missing,
            reason=missing if settings.model else "no model name is set",
        )

    def close(self) -> None:
        """Close the connections."""
        self._http.close()

    def _public(self) -> str:
        if not self._vertex:
            return _GEMINI
        region = self._settings.location
        return f"https://{'' if region == 'global' else region + '-'}aiplatform.googleapis.com"

    def _path(self, method: str) -> str:
        settings = self._settings
        if not self._vertex:
            return f"/v1beta/models/{settings.model}:{method}"
        place = f"/v1/projects/{settings.project}/locations/{settings.location}"
        return f"{place}/publishers/google/models/{settings.model}:{method}"

    def _headers(self) -> dict[str, str]:
        if self._settings.api_key:
            return {"x-goog-api-key": self._settings.api_key}
        return {"authorization": f"Bearer {self._token.fresh()}"}

    def _body(self, request: ChatRequest) -> JsonObject:
        wishes: JsonObject = {"maxOutputTokens": request.max_tokens, "temperature": 0, "seed": request.seed}
        if request.schema is not None and self._settings.schema_mode != "none":
            wishes["responseMimeType"] = "application/json"
            if self._settings.schema_mode == "json_schema":
                wishes["responseJsonSchema"] = request.schema
        turns: list[JsonValue] = [
            {"role": "model" if each.role == "assistant" else "user", "parts": [{"text": each.text}]}
            for each in request.messages
            if each.role != "system"
        ]
        rules: list[JsonValue] = [{"text": each.text} for each in request.messages if each.role == "system"]
        body: JsonObject = {"contents": turns, "generationConfig": wishes}
        if rules:
            body["systemInstruction"] = {"parts": rules}
        body.update(self._settings.options)
        return {name: value for name, value in body.items() if value is not None}


class _CloudToken:
    """An access token from the machine's Google Cloud credentials (application default), renewed when it runs out."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._credentials: Any = None

    def fresh(self) -> str:
        """A token that is valid now.

        Raises:
            NotConfigured: the machine has no Google Cloud credentials, or Google does not renew them.
        """
        # Heavy, and of use to Vertex AI only.
        auth = importlib.import_module("google.auth")
        failures = importlib.import_module("google.auth.exceptions")
        transport = importlib.import_module("google.auth.transport.requests")
        with self._lock:
            try:
                if self._credentials is None:
                    self._credentials, _project = auth.default(scopes=[_SCOPE])
                if not self._credentials.valid:
                    self._credentials.refresh(transport.Request())
            except failures.GoogleAuthError as missing:
                raise NotConfigured(f"no Google Cloud credentials: {missing}") from missing
            return str(self._credentials.token)


def _text(answer: JsonObject) -> str:
    parts = dig(answer, "candidates", 0, "content", "parts")
    if not isinstance(parts, list):
        return ""
    found = [dig(part, "text") for part in cast("list[object]", parts) if not dig(part, "thought")]
    return "".join(piece for piece in found if isinstance(piece, str))


def _completion(text: str, answer: JsonObject, finish: object) -> Completion:
    ending: Literal["stop", "length", "stopped", "filtered"] = "stop"
    if finish == "MAX_TOKENS":
        ending = "length"
    elif finish == "stopped":
        ending = "stopped"
    elif finish in _FILTERED:
        ending = "filtered"
    usage = dig(answer, "usageMetadata")
    return Completion(
        text=text,
        input_tokens=count(usage, "promptTokenCount"),
        output_tokens=count(usage, "candidatesTokenCount") + count(usage, "thoughtsTokenCount"),
        reused_tokens=count(usage, "cachedContentTokenCount"),
        finish=ending,
    )
