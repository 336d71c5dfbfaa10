"""The last pass of an erasure: words of a person replaced in every record of the merchant, then the files shredded."""

import re
import sqlite3
from collections.abc import Collection, Iterable, Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

import orjson
import sqlalchemy as sa

from zhanggui.kernel.storage.columns import metadata
from zhanggui.kernel.storage.database import Database, UnitOfWork

ERASED = "[erased]"
# Nothing in the audit chain may change, so nothing personal is ever written to it.
_CHAIN = frozenset({"audit_rows", "audit_heads"})
_CHUNK = 40
_LONGEST = 2_000


@dataclass(frozen=True, slots=True)
class Words:
    """What is looked for.

    Attributes:
        marks: replaced wherever they stand.
        names: replaced only in rows that also hold a mark or one of `links`.
        links: what shows that a row is about the person; stays.
        texts: replaced in the tables named by `copies`, where other records are copied to.
        copies: names of tables.
        caches: names of tables whose rows can be made again: one that holds any of the words is deleted.
    """

    marks: frozenset[str]
    names: frozenset[str] = frozenset()
    links: frozenset[str] = frozenset()
    texts: frozenset[str] = frozenset()
    copies: frozenset[str] = frozenset()
    caches: frozenset[str] = frozenset()


def sweep(uow: UnitOfWork, words: Words) -> dict[str, int]:
    """Replace the words in every text of every table of the merchant but the audit chain; rows changed by table.

    A row whose key holds such a word is deleted: keys are not rewritten.
    """
    changed: dict[str, int] = {}
    here = frozenset(sa.inspect(uow.connection).get_table_names())
    for table in metadata.sorted_tables:
        if not table.info.get("merchant") or table.name in _CHAIN or table.name not in here:
            continue
        count = _sweep_table(uow, table, words)
        if count:
            changed[table.name] = count
    return changed


def _sweep_table(uow: UnitOfWork, table: sa.Table, words: Words) -> int:
    columns = [one for one in table.columns if isinstance(one.type, sa.String | sa.JSON) and one.name != "merchant_id"]
    if not columns:
        return 0
    copies = table.name in words.copies
    cache = table.name in words.caches
    gone = {*words.marks, *(words.texts if copies or cache else ()), *(words.names if cache else ())}
    linked = words.links if words.names else frozenset[str]()
    alone, beside = _pattern(gone), None if cache else _pattern(gone | words.names)
    keys = [one.name for one in table.primary_key.columns]
    changed: set[tuple[object, ...]] = set()
    for chunk in _chunks(_written(gone | linked)):
        holds = [sa.cast(one, sa.Text).contains(word, autoescape=True) for one in columns for word in chunk]
        for row in uow.rows(uow.select(table).where(sa.or_(*holds))):
            key = tuple(row[name] for name in keys)
            if key not in changed and _clean(uow, table, row, columns, (alone, beside, words)):
                changed.add(key)
    return len(changed)


def _clean(
    uow: UnitOfWork,
    table: sa.Table,
    row: sa.RowMapping,
    columns: list[sa.Column[Any]],
    how: tuple[re.Pattern[str], re.Pattern[str] | None, Words],
) -> bool:
    alone, beside, words = how
    texts = [_plain(row[one.name]) for one in columns]
    held = any(alone.search(text) for text in texts)
    same = sa.and_(*(table.c[one.name] == row[one.name] for one in table.primary_key.columns))
    if beside is None:
        return held and uow.change(sa.delete(table).where(same)) > 0
    pattern = beside if held or any(link in text for text in texts for link in words.links) else alone
    fresh = {one.name: _replaced(row[one.name], pattern) for one in columns}
    fresh = {name: value for name, value in fresh.items() if value != row[name]}
    if any(table.c[name].primary_key for name in fresh):
        return uow.change(sa.delete(table).where(same)) > 0
    return bool(fresh) and uow.change(sa.update(table).where(same).values(fresh)) > 0


def _replaced(value: object, pattern: "re.Pattern[str]") -> Any:
    if isinstance(value, str):
        return _in_text(value, pattern)
    if isinstance(value, dict):
        content = cast(dict[str, object], value)
        return {pattern.sub(ERASED, name): _replaced(one, pattern) for name, one in content.items()}
    if isinstance(value, list):
        return [_replaced(one, pattern) for one in cast(list[object], value)]
    return value


def _in_text(text: str, pattern: "re.Pattern[str]") -> str:
    # Some columns hold JSON as text: its strings are replaced one by one, so that it stays JSON.
    if text[:1] in ("{", "["):
        try:
            content: object = orjson.loads(text)
        except orjson.JSONDecodeError:
            return pattern.sub(ERASED, text)
        cleaned = _replaced(content, pattern)
        return text if cleaned == content else orjson.dumps(cleaned).decode()
    return pattern.sub(ERASED, text)


def _pattern(words: Collection[str]) -> "re.Pattern[str]":
    longest = sorted((word[:_LONGEST] for word in words), key=len, reverse=True)
    return re.compile("|".join(re.escape(word) for word in longest) or r"(?!)", re.IGNORECASE)


def _plain(value: object) -> str:
    return value if isinstance(value, str) else "" if value is None else orjson.dumps(value).decode()


def _written(words: Iterable[str]) -> list[str]:
    """Each word as it may stand in a column: as it is, in lower case, as a part of JSON."""
    every: set[str] = set()
    for word in words:
        for one in (word[:_LONGEST], word[:_LONGEST].lower()):
            every |= {one, orjson.dumps(one).decode()[1:-1]}
    return sorted(every)


def _chunks(words: list[str]) -> Iterator[list[str]]:
    return (words[start : start + _CHUNK] for start in range(0, len(words), _CHUNK))


def shred(database: Database, beside: Iterable[Path] = ()) -> None:
    """Write SQLite's files anew and empty their logs, so that deleted records are in no free page; run it outside any
    transaction. PostgreSQL's own vacuum frees such pages by and by; there this does nothing to the main database."""
    if database.dialect == "sqlite":
        raw = database.engine.raw_connection()
        try:
            _vacuum(cast(sqlite3.Connection, raw.driver_connection))
        finally:
            raw.close()
    for file in beside:
        if file.is_file():
            with closing(sqlite3.connect(file, isolation_level=None, timeout=30)) as connection:
                _vacuum(connection)


def _vacuum(connection: sqlite3.Connection) -> None:
    connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    connection.execute("VACUUM")
    connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
