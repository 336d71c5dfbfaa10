"""The rule tables that ship with the package: units, words, channels. Read once, shared, never changed."""

from functools import cache
from importlib.resources import files
from typing import Any

import yaml

_DATA = files("zhanggui.catalog.rules") / "data"


@cache
def table(name: str) -> dict[str, Any]:
    """One YAML table as plain Python values. The caller narrows what it takes out; the file is part of the package."""
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    return yaml.load((_DATA / f"{name}.yaml").read_text(encoding="utf-8"), Loader=loader)  # noqa: S506 - a safe loader


@cache
def words(name: str) -> frozenset[str]:
    """A word list: one word a line, lines that begin with # are notes."""
    lines = (_DATA / f"{name}.txt").read_text(encoding="utf-8").splitlines()
    return frozenset(line.strip() for line in lines if line and not line.startswith("#"))
