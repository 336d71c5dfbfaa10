"""JSON schemas of answers, read from the same types that the use cases return, so that the two cannot part.

The rules are those of `plain_json`: dataclasses are objects, tuples and sets are lists, instants are RFC 3339 text,
what JSON does not know is text. Numbers that are not finite are null.
"""

import inspect
import types
import typing
from collections.abc import Callable, Mapping, Sequence, Set
from dataclasses import Field, dataclass, field, fields, is_dataclass
from datetime import date, datetime, time
from enum import Enum
from typing import Any, Literal, TypeVar, Union, cast, get_args, get_origin

from zhanggui.kernel.types import JsonObject, JsonValue

REFERENCE = "#/components/schemas/"
_PLAIN: dict[object, JsonObject] = {
    type(None): {"type": "null"},
    bool: {"type": "boolean"},
    int: {"type": "integer"},
    float: {"type": ["number", "null"]},
    str: {"type": "string"},
    datetime: {"type": "string", "format": "date-time"},
    date: {"type": "string", "format": "date"},
    time: {"type": "string"},
    object: {},
    Any: {},
}


@dataclass(frozen=True, slots=True)
class Shape:
    """What a route answers with: a type, or an object of named parts (beside the fields of the type, or over them)."""

    of: Any = None
    parts: Mapping[str, Any] = field(default_factory=dict[str, Any])


def returns(use_case: Callable[..., Any]) -> Any:
    """The type that a use case returns."""
    return inspect.signature(use_case).return_annotation


def one(of: Any, /, **parts: Any) -> Shape:
    """One thing, with more beside its own fields."""
    return Shape(of, parts)


def listing(of: Any, /, **parts: Any) -> Shape:
    """`items`, and more beside them. `of` is the sequence's type."""
    return Shape(None, {"items": of, **parts})


def named(**parts: Any) -> Shape:
    """An object of these parts."""
    return Shape(None, parts)


class Schemas:
    """Makes schemas and keeps those of the named types under `components`."""

    def __init__(self) -> None:
        self.components: dict[str, JsonObject] = {}
        self._names: dict[str, Any] = {}

    def shape(self, wanted: Shape) -> JsonObject:
        """The schema of an answer."""
        if not wanted.parts:
            return self.of(wanted.of)
        made: JsonObject = {} if wanted.of is None else self._body(wanted.of)
        properties = {**cast(JsonObject, made.get("properties", {}))}
        required = [*cast(list[str], made.get("required", []))]
        for name, kind in wanted.parts.items():
            properties[name] = self.of(kind)
            if name not in required:
                required.append(name)
        return {"type": "object", "properties": properties, "required": cast(JsonValue, required)}

    def of(self, kind: Any) -> JsonObject:
        """The schema of a type."""
        if kind in (JsonObject, dict[str, Any]):
            return {"type": "object"}
        if kind == JsonValue or isinstance(kind, str | typing.ForwardRef):
            return {}
        origin = get_origin(kind)
        if is_dataclass(origin or kind):
            return self._reference(kind)
        if origin is None:
            return self._single(kind)
        return self._composed(kind, origin)

    def _single(self, kind: Any) -> JsonObject:
        if kind in _PLAIN:
            return dict(_PLAIN[kind])
        if isinstance(kind, type) and issubclass(kind, Enum):
            values = [member.value for member in kind]
            return (
                {"enum": values} if not all(isinstance(v, str) for v in values) else {"type": "string", "enum": values}
            )
        if isinstance(kind, type) and issubclass(kind, int | str):
            return self.of(int if issubclass(kind, int) else str)
        if kind in (tuple, list, set, frozenset):
            return {"type": "array"}
        if kind is dict:
            return {"type": "object"}
        return {"type": "string"}

    def _composed(self, kind: Any, origin: Any) -> JsonObject:
        arguments = get_args(kind)
        if origin is Literal:
            return {"enum": list(arguments)}
        if origin in (Union, types.UnionType):
            return self._either(arguments)
        if isinstance(origin, type) and issubclass(origin, Mapping):
            inside = self.of(arguments[1])
            return {"type": "object", "additionalProperties": inside} if inside else {"type": "object"}
        if origin is tuple and arguments[-1] is not Ellipsis:
            count = len(arguments)
            return {
                "type": "array",
                "prefixItems": [self.of(a) for a in arguments],
                "minItems": count,
                "maxItems": count,
            }
        if isinstance(origin, type) and issubclass(origin, Sequence | Set):
            return {"type": "array", "items": self.of(arguments[0])}
        if origin is typing.Annotated:
            return self.of(arguments[0])
        return {}

    def _either(self, arguments: tuple[Any, ...]) -> JsonObject:
        made: list[JsonValue] = []
        for schema in map(self.of, arguments):
            if not schema:
                return {}
            if schema not in made:
                made.append(schema)
        return {"anyOf": made} if len(made) > 1 else cast(JsonObject, made[0])

    def _reference(self, kind: Any) -> JsonObject:
        name = _name(kind)
        if self._names.setdefault(name, kind) != kind:  # two capabilities use the same word
            name = f"{kind.__module__.split('.')[1].title()}{name}"
            self._names[name] = kind
        if name not in self.components:
            self.components[name] = {}  # a type that holds itself ends here
            self.components[name] = self._body(kind)
        return {"$ref": f"{REFERENCE}{name}"}

    def _body(self, kind: Any) -> JsonObject:
        known: Any = get_origin(kind) or kind
        filled = dict(zip(getattr(known, "__parameters__", ()), get_args(kind), strict=False))
        own = [one for one in fields(known) if not one.name.startswith("_")]
        made: JsonObject = {
            "type": "object",
            "properties": {one.name: self._field(known, one, filled) for one in own},
            "required": [one.name for one in own],
        }
        first = (inspect.getdoc(known) or "").split("\n\n")[0].replace("\n", " ")
        if first and not first.startswith(f"{known.__name__}("):
            made["description"] = first
        return made

    def _field(self, owner: type, one: "Field[Any]", filled: Mapping[Any, Any]) -> JsonObject:
        kind: Any = one.type
        if isinstance(kind, str):
            kind = typing.get_type_hints(owner).get(one.name, Any)
        schema = self.of(_filled(kind, filled))
        if isinstance(one.default, str | int | float | bool) and "$ref" not in schema:
            return {**schema, "default": one.default.value if isinstance(one.default, Enum) else one.default}
        return schema


def _filled(kind: Any, filled: Mapping[Any, Any]) -> Any:
    """The type with its variables filled in."""
    if isinstance(kind, TypeVar):
        return filled.get(kind, Any)
    parameters = getattr(kind, "__parameters__", ())
    return kind[tuple(filled.get(one, Any) for one in parameters)] if parameters and filled else kind


def _name(kind: Any) -> str:
    origin = get_origin(kind)
    if origin is None:
        return cast(str, kind.__name__).lstrip("_")
    return "Of".join([cast(str, origin.__name__), *(_name(one) for one in get_args(kind))])
