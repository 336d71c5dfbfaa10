"""A model without a model: the same request always gets the same answer. For tests, demos and dry runs."""

import hashlib
import threading
from collections.abc import Callable
from typing import cast

import orjson

from zhanggui.kernel.llm.config import ProviderSettings
from zhanggui.kernel.llm.ports import ChatRequest, Completion, Description, OnText
from zhanggui.kernel.types import JsonObject, JsonValue

Script = Callable[[ChatRequest], str]


class FakeProvider:
    """Answers by a script, or, without one, with an instance of the schema or an echo of the last message.

    `requests` keeps every request that reached it, in order.
    """

    def __init__(
        self,
        script: Script | None = None,
        *,
        name: str = "fake",
        on_machine: bool = True,
        supports_schema: bool = True,
        slots: int = 4,
    ) -> None:
        self._script = script
        self._description = Description("fake", name, on_machine, supports_schema, slots, ready=True)
        self._lock = threading.Lock()
        self.requests: list[ChatRequest] = []

    @classmethod
    def from_settings(cls, settings: ProviderSettings) -> "FakeProvider":
        """A scriptless fake under the model's configured name."""
        return cls(name=settings.model or "fake", slots=settings.slots)

    def complete(self, request: ChatRequest) -> Completion:
        """Write the whole answer."""
        with self._lock:
            self.requests.append(request)
        text = self._script(request) if self._script else _made_up(request)
        words = text if len(text) <= request.max_tokens * 4 else text[: request.max_tokens * 4]
        asked = sum(len(message.text) for message in request.messages)
        finish = "stop" if words == text else "length"
        return Completion(words, asked // 4 + 1, len(words) // 4 + 1, finish=finish)

    def stream(self, request: ChatRequest, on_text: OnText) -> Completion:
        """The same in pieces of eight characters."""
        whole = self.complete(request)
        for start in range(0, len(whole.text), 8):
            if on_text(whole.text[start : start + 8]):
                told = whole.text[: start + 8]
                return Completion(told, whole.input_tokens, len(told) // 4 + 1, finish="stopped")
        return whole

    def describe(self) -> Description:
        """Always ready."""
        return self._description

    def close(self) -> None:
        """Nothing to let go of."""


def _made_up(request: ChatRequest) -> str:
    last = request.messages[-1].text if request.messages else ""
    if request.schema is None:
        return f"[fake] {last}"
    digest = hashlib.sha256(f"{request.seed}\n{last}".encode()).hexdigest()[:8]
    definitions = cast(JsonObject, request.schema.get("$defs", {}))
    return orjson.dumps(instance_of(request.schema, definitions, f"fake {digest}")).decode()


def instance_of(schema: JsonObject, definitions: JsonObject, word: str) -> JsonValue:
    """The smallest value that fits a strict schema, with `word` where a free text is asked for."""
    reference = schema.get("$ref")
    if isinstance(reference, str):
        return instance_of(cast(JsonObject, definitions[reference.rpartition("/")[2]]), definitions, word)
    if "const" in schema:
        return schema["const"]
    for key in ("enum", "anyOf", "oneOf", "allOf"):
        choices = schema.get(key)
        if isinstance(choices, list) and choices:
            first = choices[0]
            return first if key == "enum" else instance_of(cast(JsonObject, first), definitions, word)
    return _instance_of_type(schema, definitions, word)


def _instance_of_type(schema: JsonObject, definitions: JsonObject, word: str) -> JsonValue:
    match schema.get("type"):
        case "object":
            properties = cast("dict[str, JsonObject]", schema.get("properties", {}))
            return {name: instance_of(part, definitions, word) for name, part in properties.items()}
        case "array":
            count = cast(int, schema.get("minItems", 0))
            return [instance_of(cast(JsonObject, schema["items"]), definitions, f"{word} {n}") for n in range(count)]
        case "string":
            least, most = cast(int, schema.get("minLength", 0)), cast(int, schema.get("maxLength", 10_000))
            return word.ljust(least, "x")[:most]
        case "integer" | "number":
            return cast(int, schema.get("minimum", schema.get("maximum", 0)))
        case "boolean":
            return False
        case _:
            return None
