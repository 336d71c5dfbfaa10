"""Every action that the code writes into the audit trail has a name for people in both languages."""

import ast
from pathlib import Path

import zhanggui
from zhanggui.kernel.webhooks import EVENTS
from zhanggui.web import i18n

_ROOT = Path(zhanggui.__file__).parent
# Actions put together at run time, by the part that is written: what may stand in the gap.
_FAMILIES = {
    "handover.": ("asked", "take", "return", "close", "queue", "release", "overdue"),
    "complaint.": ("taken", "resolved", "dismissed", "open"),
}


def _written() -> tuple[set[str], set[str]]:
    """Actions written as text, and the beginnings of those that are put together."""
    whole: set[str] = set()
    begun: set[str] = set()
    for path in sorted(_ROOT.rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if not (isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "record"):
                continue
            owner = node.func.value
            if not (isinstance(owner, ast.Call) and ast.unparse(owner.func) == "AuditLog"):
                continue
            for part in ast.walk(node.args[0]):
                if isinstance(part, ast.JoinedStr):
                    begun.add(ast.literal_eval(part.values[0]))
            if isinstance(node.args[0], ast.Constant):
                whole.add(str(node.args[0].value))
            elif isinstance(node.args[0], ast.IfExp):
                whole |= {str(one.value) for one in ast.walk(node.args[0]) if isinstance(one, ast.Constant)}
            elif not isinstance(node.args[0], ast.JoinedStr):
                whole.add(f"<{path.name}:{ast.unparse(node.args[0])}>")
    return whole, begun


def test_every_action_of_the_code_has_a_name() -> None:
    whole, begun = _written()
    assert len(whole) > 25 and begun == set(_FAMILIES)
    whole |= {f"{head}{tail}" for head, tails in _FAMILIES.items() for tail in tails} | set(EVENTS)
    for locale in ("zh-CN", "en"):
        assert {f"action.{one}" for one in whole} - set(i18n.messages(locale)) == set()


def test_no_name_is_kept_for_an_action_that_nobody_writes() -> None:
    whole, _ = _written()
    whole |= {f"{head}{tail}" for head, tails in _FAMILIES.items() for tail in tails} | set(EVENTS)
    named = {key.removeprefix("action.") for key in i18n.messages("en") if key.startswith("action.")}
    assert named - whole == set()
