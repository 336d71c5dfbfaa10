"""Both languages say the same things; every message that a page asks for is there."""

import re
from pathlib import Path
from string import Formatter

import pytest

from zhanggui.desk import AUTONOMY_LEVELS, State
from zhanggui.kernel.access import ROLES, SCOPES
from zhanggui.kernel.errors import ProgrammerError, ZhangguiError
from zhanggui.web import i18n

_WEB = Path(i18n.__file__).parent


def _fields(text: str) -> set[str]:
    return {name for _, name, _, _ in Formatter().parse(text) if name}


def test_the_languages_have_the_same_keys_and_values() -> None:
    zh, en = i18n.messages("zh-CN"), i18n.messages("en")
    assert set(zh) == set(en)
    assert {key for key in zh if _fields(zh[key]) != _fields(en[key])} == set()
    assert all(text.strip() for text in (*zh.values(), *en.values()))


def test_every_message_that_a_page_asks_for_is_there() -> None:
    code = "\n".join(path.read_text(encoding="utf-8") for path in sorted(_WEB.glob("*.py")))
    asked = set(re.findall(r"\bt\(\s*\"([a-z_.-]+)\"", code))
    asked |= set(re.findall(r"\"([a-z]+\.[a-z_]+)\" if ", code)) | set(re.findall(r" else \"([a-z]+\.[a-z_]+)\"", code))
    assert len(asked) > 100
    assert asked - set(i18n.messages("en")) == set()


def _errors(root: type[ZhangguiError]) -> set[str]:
    return {code for kind in root.__subclasses__() for code in ({kind.code} | _errors(kind))}


def test_words_of_the_house_have_names() -> None:
    known = set(i18n.messages("en"))
    words = {f"state.{state}" for state in State if state is not State.APPROVED}
    words |= {f"autonomy.{level}" for level in AUTONOMY_LEVELS} | {f"role.{role}" for role in ROLES}
    words |= {f"scope.{scope}" for scope in SCOPES}
    kernel = {"bad-input", "not-found", "conflict", "forbidden", "not-signed-in", "budget-spent", "not-configured"}
    words |= {f"error.{code}" for code in kernel & _errors(ZhangguiError)}
    assert words - known == set()


def test_a_missing_message_is_a_fault_of_the_program() -> None:
    with pytest.raises(ProgrammerError):
        i18n.text("en", "no.such.message")
    with pytest.raises(ProgrammerError):
        i18n.text("en", "inbox.mark")
    assert i18n.text_or_key("en", "state.unheard-of", "unheard-of") == "unheard-of"


def test_a_title_speaks_the_readers_language() -> None:
    assert i18n.proposal_title("zh-CN", "cancel-order", "#1001: cancel-order") == "#1001：取消订单"
    assert i18n.proposal_title("en", "cancel-order", "#1001: cancel-order") == "#1001: Cancel order"
    assert i18n.proposal_title("zh-CN", "cancel-order", "#1001: stuck - cancel-order") == "#1001：停滞 – 取消订单"
    assert i18n.proposal_title("zh-CN", "listing-copy", "Kettle: the blue one") == "Kettle: the blue one"
    assert i18n.proposal_title("zh-CN", "refund", "refund") == "refund"
