"""JSON Lines and JSON arrays as rows of text cells, numbers kept digit for digit."""

import json
from collections.abc import Iterator
from typing import Any, cast

from zhanggui.connectors.tabular import TextFile
from zhanggui.kernel.errors import BadInput

Row = tuple[int, dict[str, str]]
_ARRAY_BYTES = 256 << 20


def looks_like_json(source: TextFile) -> bool:
    """Whether the first character begins an object or an array."""
    with source.path.open(encoding="utf-8") as stream:
        return stream.read(4096).lstrip()[:1] in ("{", "[")


def json_rows(source: TextFile) -> Iterator[Row | BadInput]:
    """Every object as (number from 1, cells), or what is wrong with it.

    Raises:
        BadInput: a JSON array that is malformed or too large to read whole.
    """
    with source.path.open(encoding="utf-8") as stream:
        first = stream.read(4096).lstrip()[:1]
    if first == "[":
        items: Iterator[Any] = iter(_array(source))
        yield from (_cells(number, item, str(item), source) for number, item in enumerate(items, 1))
        return
    with source.path.open(encoding="utf-8") as stream:
        number = 0
        longest = source.limits.cell_characters * 4
        while line := stream.readline(longest):
            if not line.strip():
                continue
            number += 1
            if len(line) >= longest and not line.endswith("\n"):
                while (rest := stream.readline(longest)) and not rest.endswith("\n"):
                    pass
                yield BadInput(row=number, field="line", expected=f"at most {longest} characters", found=line)
                continue
            try:
                item = _parse(line)
            except (ValueError, RecursionError) as broken:
                yield BadInput(row=number, field="line", expected="a JSON object", found=f"{line[:100]} ({broken})")
                continue
            yield _cells(number, item, line, source)


def _array(source: TextFile) -> list[Any]:
    if source.size > _ARRAY_BYTES:
        limit = f"at most {_ARRAY_BYTES >> 20} MiB as one array (use JSON Lines)"
        raise BadInput(field="file", expected=limit, found=f"{source.size >> 20} MiB")
    try:
        parsed = _parse(source.path.read_text(encoding="utf-8"))
    except (ValueError, RecursionError) as broken:
        raise BadInput(field="file", expected="a JSON array of objects", found=str(broken)) from broken
    # isinstance cannot tell what a list or a dict holds.
    return parsed if isinstance(parsed, list) else [parsed]  # pyright: ignore[reportUnknownVariableType]


def _parse(text: str) -> Any:
    return json.loads(text, parse_float=str, parse_int=str, parse_constant=_no_constant)


def _no_constant(name: str) -> str:
    raise ValueError(f"{name} is not a number")


def _cells(number: int, item: Any, shown: str, source: TextFile) -> Row | BadInput:
    if not isinstance(item, dict):
        return BadInput(row=number, field="line", expected="a JSON object", found=shown)
    cells: dict[str, str] = {}
    # isinstance cannot tell what a list or a dict holds.
    _flatten("", item, cells)  # pyright: ignore[reportUnknownArgumentType]
    for name, cell in cells.items():
        if "\0" in cell or any("\ud800" <= mark <= "\udfff" for mark in cell):
            return BadInput(row=number, field=name, expected="text without NUL or half characters", found=ascii(cell))
        if len(cell) > source.limits.cell_characters:
            limit = f"at most {source.limits.cell_characters} characters"
            return BadInput(row=number, field=name, expected=limit, found=cell)
    return number, cells


def _flatten(prefix: str, item: dict[str, Any], cells: dict[str, str]) -> None:
    for name, value in item.items():
        column = f"{prefix}{name}"
        if isinstance(value, dict):
            # isinstance cannot tell what a list or a dict holds.
            _flatten(f"{column}.", value, cells)  # pyright: ignore[reportUnknownArgumentType]
        else:
            cells[column] = _text(value)


def _text(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, list):
        items = cast(list[Any], value)
        return json.dumps(
            [item if isinstance(item, str) else _text_of_item(item) for item in items], ensure_ascii=False
        )
    return str(value)


def _text_of_item(item: Any) -> str:
    return json.dumps(item, ensure_ascii=False) if isinstance(item, dict | list) else _text(item)
