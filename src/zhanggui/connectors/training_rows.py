"""Rows of a training file, whatever its shape: JSON Lines, a JSON list, tab-separated or CSV, in any usual encoding."""

import csv
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any, cast

import orjson

from zhanggui.connectors.tabular import open_text
from zhanggui.kernel.errors import BadInput

Row = dict[str, Any] | list[str]
_NAMES = frozenset(
    ("id", "a", "b", "label", "same", "context", "reply", "response", "candidates", "sentence1", "sentence2",
     "question1", "question2", "is_duplicate", "text_a", "text_b", "answer")
)  # fmt: skip


def read_rows(path: Path) -> list[Row]:
    """Rows of a training file: objects of JSON or of a table with a head, cells of a table without.

    Raises:
        BadInput: no such file, no text, or a broken line; names the row.
    """
    if not path.is_file():
        raise BadInput(field="--train", expected="a file of rows to learn from", found=str(path))
    with open_text(path) as text, text.path.open(encoding="utf-8", newline="") as file:
        start = file.read(4096).lstrip("\ufeff \t\r\n")
        file.seek(0)
        if start.startswith("{"):
            return _json_lines(file)
        if start.startswith("["):
            return _json_list(file.read())
        cells = list(_cells(file, "\t" if "\t" in start.partition("\n")[0] else ","))
    if not cells:
        raise BadInput(field="--train", expected="a file of rows to learn from", found="an empty file")
    head = [name.strip().lower() for name in cells[0]]
    if len(_NAMES.intersection(head)) < 2:
        return list(cells)
    return [dict(zip(head, row, strict=False)) for row in cells[1:]]


def _cells(file: Iterable[str], delimiter: str) -> Iterator[list[str]]:
    if delimiter == "\t":  # quotes are letters like any other in tab-separated dialogues
        for line in file:
            bare = line.rstrip("\r\n").removeprefix("\ufeff")
            if bare.strip():
                yield bare.split("\t")
        return
    for row in csv.reader(file):
        if any(cell.strip() for cell in row):
            yield [cell.removeprefix("\ufeff") for cell in row]


def _json_lines(lines: Iterable[str]) -> list[Row]:
    rows: list[Row] = []
    for number, line in enumerate(lines, 1):
        bare = line.strip("\ufeff \t\r\n")
        if not bare:
            continue
        try:
            row: object = orjson.loads(bare)
        except orjson.JSONDecodeError:
            row = None
        if not isinstance(row, dict):
            raise BadInput(row=number, field="line", expected="a JSON object", found=repr(bare[:80]))
        rows.append(cast(dict[str, Any], row))
    return rows


def _json_list(text: str) -> list[Row]:
    try:
        rows: object = orjson.loads(text.removeprefix("\ufeff"))
    except orjson.JSONDecodeError as broken:
        raise BadInput(field="--train", expected="a JSON list or JSON Lines", found=str(broken)) from broken
    if not isinstance(rows, list):
        raise BadInput(field="--train", expected="a JSON list", found=type(rows).__name__)
    for number, row in enumerate(cast(list[object], rows), 1):
        if not isinstance(row, dict | list):
            raise BadInput(field="--train", row=number, expected="an object or a list", found=repr(row)[:80])
    return cast(list[Row], rows)
