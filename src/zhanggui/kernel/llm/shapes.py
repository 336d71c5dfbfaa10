"""Typed output: from a pydantic type to the JSON schema that constrains decoding, and from the answer to the value."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Generic, cast

import orjson
from pydantic import TypeAdapter, ValidationError

from zhanggui.kernel.llm.ports import T
from zhanggui.kernel.types import JsonObject, JsonValue

_THOUGHTS = re.compile(r"\A\s*<think>.*?</think>", re.DOTALL)
_FENCE = re.compile(r"```(?:json)?\s*(.*?)```", re.DOTALL)
_NOISE = ("title", "default", "examples")


class Misfit(Exception):
    """The text does not fit the shape. The message says why, in words that the model can act on."""


@dataclass(frozen=True, slots=True)
class Shape(Generic[T]):
    """What an answer must look like. `schema` is None for plain text."""

    output: type[T]
    schema: JsonObject | None

    def read(self, text: str, restore: Callable[[str], str]) -> tuple[T, str]:
        """The value and the text it was read from, after `restore` was applied to every string in it.

        Raises:
            Misfit: not JSON, or not of this shape.
        """
        cleaned = _THOUGHTS.sub("", text).strip()
        if self.schema is None:
            plain = restore(cleaned)
            return cast(T, plain), plain
        data = _restored(_parsed(cleaned), restore)
        try:
            value = TypeAdapter(self.output).validate_json(orjson.dumps(data))
        except ValidationError as wrong:
            raise Misfit(_explained(wrong)) from wrong
        return value, orjson.dumps(data).decode()


def shape_of(output: type[T]) -> Shape[T]:
    """The shape of a type: `str` is plain text, everything else is read by pydantic."""
    if output is str:
        return Shape(output, None)
    return Shape(output, strict_schema(cast(JsonObject, TypeAdapter(output).json_schema())))


TEXT: Shape[str] = Shape(str, None)


def strict_schema(schema: JsonObject) -> JsonObject:
    """The schema in the dialect that every provider takes: all properties required, none additional, no noise."""
    return cast(JsonObject, _strict(schema, inside_properties=False))


def _strict(node: JsonValue, *, inside_properties: bool) -> JsonValue:
    if isinstance(node, list):
        return [_strict(item, inside_properties=False) for item in node]
    if not isinstance(node, dict):
        return node
    kept = {
        key: _strict(value, inside_properties=key in ("properties", "$defs") and not inside_properties)
        if key not in ("const", "enum")
        else value
        for key, value in node.items()
        if inside_properties or key not in _NOISE
    }
    properties = kept.get("properties")
    if not inside_properties and kept.get("type") == "object" and isinstance(properties, dict):
        kept["required"] = list(properties)
        kept["additionalProperties"] = False
    return kept


def _parsed(text: str) -> JsonValue:
    fenced = _FENCE.search(text)
    candidates = [text, fenced.group(1) if fenced else "", text[text.find("{") : text.rfind("}") + 1]]
    for candidate in candidates:
        try:
            return cast(JsonValue, orjson.loads(candidate))
        except orjson.JSONDecodeError:
            continue
    raise Misfit("the answer is not a complete JSON value")


def _restored(data: JsonValue, restore: Callable[[str], str]) -> JsonValue:
    if isinstance(data, str):
        return restore(data)
    if isinstance(data, list):
        return [_restored(item, restore) for item in data]
    if isinstance(data, dict):
        return {key: _restored(value, restore) for key, value in data.items()}
    return data


def _explained(wrong: ValidationError) -> str:
    problems = [
        f"{'.'.join(str(step) for step in error['loc']) or 'answer'}: {error['msg']}"
        for error in wrong.errors(include_url=False, include_input=False, include_context=False)[:5]
    ]
    return "; ".join(problems)
