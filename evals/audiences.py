"""Audiences from plain language: written requests, zh and en, by the grammar alone.

`python -m evals.audiences` (= `make eval-audiences`). Right is the exact definition, or the right question back. Wrong
and silent is a definition other than the right one: there must be none.
"""

from pathlib import Path
from typing import Any

import yaml

from evals.figures import record, wilson
from zhanggui.marketing.models.audiences import Condition, Definition, Reading, Vocabulary, Window
from zhanggui.marketing.rules.audience_grammar import read_request

FILE = Path(__file__).with_name("audience_cases.yaml")
COMMAND = "python -m evals.audiences"


def condition(parts: list[Any]) -> Condition:
    """`[field, op, values, window?, times?]` of the file."""
    name, op, values = parts[:3]
    window = None
    if len(parts) > 3 and parts[3]:
        kind, count, unit = parts[3].split("-")
        window = Window(kind, int(count), unit)
    read = tuple(float(value) if isinstance(value, int | float) else value for value in values)
    return Condition(name, op, read, window, parts[4] if len(parts) > 4 else 1)


def groups(expected: list[Any]) -> frozenset[frozenset[Condition]]:
    """A definition without the order in which its parts are written; the order of values does not matter either."""
    listed = [one if isinstance(one[0], list) else [one] for one in expected]
    return frozenset(frozenset(_plain(condition(parts)) for parts in group) for group in listed)


def understood(definition: Definition) -> frozenset[frozenset[Condition]]:
    """The same of what was read."""
    return frozenset(frozenset(_plain(one) for one in group) for group in definition.groups)


def _plain(one: Condition) -> Condition:
    return Condition(one.field, one.op, tuple(sorted(one.values, key=str)), one.window, one.times)


def judge(expected: Any, reading: Reading) -> str:
    """`right`, `asked` (a question where a definition, or another question, was due) or `wrong` (silently)."""
    if expected == "ask" or isinstance(expected, dict):
        if reading.question is None:
            return "wrong"
        about = expected["ask"] if isinstance(expected, dict) else ""
        return "right" if about in reading.question.about else "asked"
    if reading.definition is None:
        return "asked"
    return "right" if understood(reading.definition) == groups(expected) else "wrong"


def main() -> None:
    """Read every request, record the shares."""
    content = yaml.safe_load(FILE.read_text(encoding="utf-8"))
    vocabulary = Vocabulary(content["vocabulary"])
    verdicts: list[str] = []
    for request, expected in content["cases"]:
        reading = read_request(request, vocabulary)
        verdicts.append(judge(expected, reading))
        if verdicts[-1] != "right":
            print(f"{verdicts[-1]}: {request}\n  {reading.definition or reading.question}")
    total, right, wrong = len(verdicts), verdicts.count("right"), verdicts.count("wrong")
    common: dict[str, Any] = {"command": COMMAND, "dataset": FILE.name, "files": [FILE]}
    note = f"{total} written requests, half Chinese; grammar alone, no model; the grammar's author wrote them"
    record("audiences-right", right / total, interval=wilson(right, total), note=note, **common)
    record("audiences-silently-wrong", wrong / total, interval=wilson(wrong, total), note=note, **common)


if __name__ == "__main__":
    main()
