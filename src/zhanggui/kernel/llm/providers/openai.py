"""OpenAI's chat API, and every server that speaks it: vLLM, Ollama, DashScope, DeepSeek, llama.cpp ..."""

from typing import Literal

from zhanggui.kernel.errors import RetryLater
from zhanggui.kernel.llm.config import ProviderSettings
from zhanggui.kernel.llm.ports import ChatRequest, Completion, Description, OnText
from zhanggui.kernel.llm.providers.http import JsonHttp, count, dig
from zhanggui.kernel.types import JsonObject, JsonValue

_PUBLIC = "https://api.openai.com/v1"


class OpenAIProvider:
    """POST {base_url}/chat/completions, whole or as server-sent events."""

    def __init__(self, settings: ProviderSettings) -> None:
        self._settings = settings
        self._http = JsonHttp(settings.name, settings.base_url or _PUBLIC)

    def complete(self, request: ChatRequest) -> Completion:
        """Write the whole answer."""
        answer = self._http.post(
            "/chat/completions", self._body(request), headers=self._headers(), timeout=request.timeout_seconds
        )
        text = dig(answer, "choices", 0, "message", "content")
        refusal = dig(answer, "choices", 0, "message", "refusal")
        if not isinstance(text, str) and not isinstance(refusal, str):
            raise RetryLater(f"{self._settings.name}: its answer holds no text")
        finish = (
            "content_filter" if isinstance(refusal, str) and refusal else dig(answer, "choices", 0, "finish_reason")
        )
        return _completion(text if isinstance(text, str) else "", answer, finish)

    def stream(self, request: ChatRequest, on_text: OnText) -> Completion:
        """The same, piece by piece."""
        body: JsonObject = {**self._body(request), "stream": True, "stream_options": {"include_usage": True}}
        pieces: list[str] = []
        finish: object = None
        usage: JsonObject = {}
        for event in self._http.events(
            "/chat/completions", body, headers=self._headers(), timeout=request.timeout_seconds
        ):
            usage = event if dig(event, "usage", "prompt_tokens") is not None else usage
            finish = dig(event, "choices", 0, "finish_reason") or finish
            piece = dig(event, "choices", 0, "delta", "content")
            if isinstance(piece, str) and piece:
                pieces.append(piece)
                if on_text(piece):
                    return _completion("".join(pieces), usage, "stopped")
        if finish is None:
            raise RetryLater(f"{self._settings.name}: the stream broke off")
        return _completion("".join(pieces), usage, finish)

    def describe(self) -> Description:
        """Ready when a model is named, and for the public API a key is there too."""
        settings = self._settings
        missing = "" if settings.model else "no model name is set"
        if not settings.base_url and not settings.api_key:
            missing = "no API key is set"
        return Description(
            provider="openai",
            model=settings.model,
            on_machine=settings.on_machine,
            supports_schema=settings.schema_mode == "json_schema",
            slots=settings.slots,
            ready=not missing,
            reason=missing,
        )

    def close(self) -> None:
        """Close the connections."""
        self._http.close()

    def _headers(self) -> dict[str, str]:
        return {"authorization": f"Bearer {self._settings.api_key}"} if self._settings.api_key else {}

    def _body(self, request: ChatRequest) -> JsonObject:
        messages: list[JsonValue] = [{"role": each.role, "content": each.text} for each in request.messages]
        body: JsonObject = {
            "model": self._settings.model,
            "messages": messages,
            "max_tokens": request.max_tokens,
            "temperature": 0,
            "seed": request.seed,
        }
        if request.schema is not None and self._settings.schema_mode == "json_schema":
            schema: JsonObject = {"name": "answer", "strict": True, "schema": request.schema}
            body["response_format"] = {"type": "json_schema", "json_schema": schema}
        elif request.schema is not None and self._settings.schema_mode == "json_object":
            body["response_format"] = {"type": "json_object"}
        body.update(self._settings.options)
        return {name: value for name, value in body.items() if value is not None}


def _completion(text: str, answer: JsonObject, finish: object) -> Completion:
    endings: dict[object, Literal["length", "stopped", "filtered"]] = {
        "length": "length",
        "stopped": "stopped",
        "content_filter": "filtered",
    }
    return Completion(
        text=text,
        input_tokens=count(answer, "usage", "prompt_tokens"),
        output_tokens=count(answer, "usage", "completion_tokens"),
        reused_tokens=count(answer, "usage", "prompt_tokens_details", "cached_tokens"),
        finish=endings.get(finish, "stop"),
    )
