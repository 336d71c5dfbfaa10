"""JSON of any shape in a body, within what can be kept and read again."""

from typing import Annotated, Any, cast

from pydantic import AfterValidator

_DEEPEST = 64
_LARGEST = 2**63


def _check(value: Any, depth: int = 0) -> None:
    """Refuse what cannot be kept: whole numbers over 64 bits, nesting without end."""
    if depth > _DEEPEST:
        raise ValueError(f"at most {_DEEPEST} levels of nesting")
    if isinstance(value, int) and not -_LARGEST <= value < _LARGEST:
        raise ValueError("whole numbers within 64 bits")
    if isinstance(value, dict):
        for inside in cast(dict[str, Any], value).values():
            _check(inside, depth + 1)
    elif isinstance(value, list):
        for inside in cast(list[Any], value):
            _check(inside, depth + 1)


def _kept(value: dict[str, Any]) -> dict[str, Any]:
    _check(value)
    return value


FreeObject = Annotated[dict[str, Any], AfterValidator(_kept)]
