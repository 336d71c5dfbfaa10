"""A request for an audience in plain Chinese or English to a definition, or to the question that has to be asked back.

Deterministic: every word must mean something known, or the answer is a question. Words come from `audience_words`, the
shop's own names from its vocabulary.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from difflib import get_close_matches

from zhanggui.marketing.models.audiences import (
    Condition,
    Definition,
    Op,
    Question,
    Reading,
    Vocabulary,
    Window,
)
from zhanggui.marketing.rules.audience_words import Token, tokens

_OPS: dict[str, Op] = {">": ">", ">=": ">=", "<": "<", "<=": "<=", "=": "="}
_OPPOSITE: dict[Op, Op] = {">": "<=", ">=": "<", "<": ">=", "<=": ">", "in": "not-in", "not-in": "in", "=": "="}
_DAYS = {"day": 1, "week": 7, "month": 30, "quarter": 91, "year": 365}
_THINGS = ("category:", "product:", "brand:")


class _Ask(Exception):
    def __init__(self, question: Question) -> None:
        super().__init__(question.about)
        self.question = question


@dataclass
class _Clause:
    """What stands between two connectors."""

    parts: list[Token] = field(default_factory=list[Token])
    either: bool = False  # joined to the clause before it by "or"

    def of(self, kind: str) -> list[Token]:
        return [token for token in self.parts if token.kind == kind]

    def text(self) -> str:
        return " ".join(token.text for token in self.parts)


def read_request(request: str, vocabulary: Vocabulary) -> Reading:
    """A definition when every word is understood, else the question to ask back; never a guess."""
    found = tokens(request[:2_000], vocabulary)
    strange = next((token for token in found if token.kind == "unknown"), None)
    if strange is not None:
        return Reading(None, Question("unknown-word", strange.text, _close(strange.text, vocabulary)))
    try:
        groups = _groups(list(_clauses([token for token in found if token.kind != "stop"])))
    except _Ask as asked:
        return Reading(None, asked.question)
    if not groups:
        return Reading(None, Question("nothing-said", request.strip()[:80]))
    return Reading(Definition(tuple(groups)))


def _close(word: str, vocabulary: Vocabulary) -> tuple[str, ...]:
    near = get_close_matches(word, list(vocabulary.words), n=3, cutoff=0.6)
    inside = [name for name in vocabulary.words if name in word or (len(word) > 1 and word in name)]
    return tuple(dict.fromkeys([*inside, *near]))[:3]


def _clauses(found: list[Token]) -> Iterator[_Clause]:
    """Cut at connectors and before a second verb; "or" between two names keeps them together."""
    clause = _Clause()
    for place, token in enumerate(found):
        later = found[place + 1] if place + 1 < len(found) else None
        if token.kind == "and":
            if later is not None and later.kind == "name" and clause.parts and clause.parts[-1].kind == "name":
                clause.parts.append(token)
                continue
            yield clause
            clause = _Clause()
        elif token.kind == "or":
            last = clause.parts[-1].kind if clause.parts else ""
            if later is not None and later.kind == "name" and last == "name":
                clause.parts.append(token)
                continue
            yield clause
            clause = _Clause(either=True)
        elif _starts_anew(clause, token):
            kept = len(clause.parts) - (clause.parts[-1].kind == "window")
            yield _Clause(clause.parts[:kept], clause.either)
            clause = _Clause(parts=[*clause.parts[kept:], token])
        else:
            clause.parts.append(token)
    yield clause


def _starts_anew(clause: _Clause, token: Token) -> bool:
    kinds = [part.kind for part in clause.parts]
    if token.kind in ("not", "never", "verb"):
        if token.kind != "verb" and ("group" in kinds or "name" in kinds):
            return True
        said = "verb" in kinds and ("name" in kinds or "number" in kinds)
        return said or ("measure" in kinds and "number" in kinds)
    return token.kind == "measure" and "measure" in kinds and "number" in kinds


def _groups(clauses: list[_Clause]) -> list[tuple[Condition, ...]]:
    groups: list[tuple[Condition, ...]] = []
    before = _Said()
    for clause in clauses:
        if not clause.parts:
            continue
        conditions, before = _conditions(clause, before)
        if clause.either and groups:
            if len(conditions) != 1:
                raise _Ask(Question("unsupported", clause.text()))
            groups[-1] = (*groups[-1], conditions[0])
        else:
            groups += [(condition,) for condition in conditions]
    return list(dict.fromkeys(groups))


@dataclass(frozen=True)
class _Said:
    """What a clause leaves unsaid comes from the clause before it."""

    verb: str = ""
    window: Window | None = None


def _conditions(clause: _Clause, before: _Said) -> tuple[list[Condition], _Said]:
    windows, verbs = clause.of("window"), clause.of("verb")
    if len(windows) > 1 or len({token.value for token in verbs}) > 1:
        raise _Ask(Question("unsupported", clause.text()))
    window = windows[0].window if windows else None
    never, negated = bool(clause.of("never")), bool(clause.of("not") or clause.of("never"))
    conditions = [_group(token, negated and not verbs) for token in clause.of("group")]
    conditions += _choices(clause, negated and not verbs)
    things = [token for token in clause.of("name") if token.value.startswith(_THINGS)]
    verb = verbs[0].value if verbs else (before.verb if things else "")
    measures = clause.of("measure")
    if things and (measures or not verb):
        raise _Ask(Question("unsupported", clause.text()))
    if window is None and things and not never and (negated or not verbs):
        window = before.window
    said = _Said(verb or before.verb, window or before.window)
    if measures:
        return [*conditions, _measured(clause, measures, window, negated)], said
    if verb:
        return [*conditions, *_happened(clause, verb, things, (window, negated))], said
    if clause.of("number") or clause.of("op"):
        return [*conditions, _counted(clause, window, negated)], said
    if window is not None or not conditions:
        raise _Ask(Question("unsupported" if conditions else "missing-thing", clause.text()))
    return conditions, said


def _group(token: Token, negated: bool) -> Condition:
    for sign in (">=", "<="):
        name, found, number = token.value.partition(sign)
        if found:
            op = _OPS[sign]
            return Condition(name, _OPPOSITE[op] if negated else op, (float(number),))
    name, _, value = token.value.partition(":")
    return Condition(name, "not-in" if negated else "in", (value,))


def _choices(clause: _Clause, negated: bool) -> list[Condition]:
    """Places, tags and other choices named in the clause, one condition a field."""
    named: dict[str, list[str]] = {}
    for token in clause.of("name"):
        if not token.value.startswith(_THINGS):
            name, _, value = token.value.partition(":")
            named.setdefault(name, []).append(value)
    op: Op = "not-in" if negated else "in"
    return [Condition(name, op, tuple(dict.fromkeys(values))) for name, values in named.items()]


def _happened(clause: _Clause, verb: str, things: list[Token], when: tuple[Window | None, bool]) -> list[Condition]:
    window, negated = when
    if things:
        return _named_things(clause, verb, things, when)
    if clause.of("number"):
        if any(token.unit == "money" for token in clause.of("number")):
            return [_compared(clause, Condition("spent", ">=", (), window), negated)]
        return [_compared(clause, Condition("orders", ">=", (), window), negated)]
    if clause.of("op"):
        raise _Ask(Question("missing-number", clause.text()))
    if negated and verb == "bought" and window is not None and window.kind == "last":
        return [Condition("days_since_last", ">=", (float(window.count * _DAYS[window.unit]),))]
    return [Condition(verb, "not-in" if negated else "in", (), window)]


def _named_things(clause: _Clause, verb: str, things: list[Token], when: tuple[Window | None, bool]) -> list[Condition]:
    window, negated = when
    times = 1
    if clause.of("number"):
        number = clause.of("number")[0]
        if number.unit != "times" or negated or verb != "bought" or len(clause.of("number")) > 1:
            raise _Ask(Question("unsupported", clause.text()))
        counted = _compared(clause, Condition("orders", ">=", (), window), False)
        if counted.op not in (">", ">="):
            raise _Ask(Question("unsupported", clause.text()))
        times = int(float(counted.values[0])) + (counted.op == ">")
    values = tuple(dict.fromkeys(token.value for token in things))
    if len(values) > len(clause.of("and")) + len(clause.of("or")) + 1:
        # "花西子口红": both at once, or either? Nobody said.
        raise _Ask(Question("unsupported", clause.text()))
    if clause.of("and") and not negated:  # 护肤和彩妆 both, each its own condition
        return [Condition(verb, "in", (value,), window, times) for value in values]
    whole = Condition(verb, "not-in" if negated else "in", values, window, times)
    if clause.of("only") and not negated:
        raise _Ask(Question("unsupported", clause.text()))
    return [whole]


def _measured(clause: _Clause, measures: list[Token], window: Window | None, negated: bool) -> Condition:
    if len({token.value for token in measures}) > 1:
        raise _Ask(Question("unsupported", clause.text()))
    name = measures[0].value
    if window is not None and name not in ("orders", "spent", "average_order"):
        raise _Ask(Question("unsupported", clause.text()))
    condition = _compared(clause, Condition(name, ">=", (), window), negated)
    unit = clause.of("number")[0].unit
    if (unit == "times" and name not in ("orders",)) or (unit == "money" and name in ("orders", "churn_risk")):
        raise _Ask(Question("unsupported", clause.text()))
    if unit == "share":
        if name != "churn_risk":
            raise _Ask(Question("unsupported", clause.text()))
        return replace(condition, values=(float(condition.values[0]) / 100,))
    return condition


def _counted(clause: _Clause, window: Window | None, negated: bool) -> Condition:
    """A number without a verb or measure: its unit says what is counted."""
    units = {token.unit for token in clause.of("number")}
    if units == {"times"}:
        return _compared(clause, Condition("orders", ">=", (), window), negated)
    if not units:
        raise _Ask(Question("missing-number", clause.text()))
    raise _Ask(Question("missing-thing", clause.text()))


def _compared(clause: _Clause, condition: Condition, negated: bool) -> Condition:
    """The condition with the clause's number and comparison."""
    numbers = clause.of("number")
    if len(numbers) != 1:
        kind = "missing-number" if not numbers else "unsupported"
        raise _Ask(Question(kind, clause.text()))
    signs = {token.value for token in (*clause.of("op"), *clause.of("after-op"))}
    if len(signs) > 1:
        raise _Ask(Question("unsupported", clause.text()))
    only = bool(clause.of("only")) and not signs
    default: Op = "=" if only else ">="
    op = _OPS[signs.pop()] if signs else default
    return replace(condition, op=_OPPOSITE[op] if negated else op, values=(numbers[0].number,))
