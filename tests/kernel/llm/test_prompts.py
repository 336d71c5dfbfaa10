"""Prompt files, and the quoting that keeps a shop's data from being read as instructions or turns."""

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from zhanggui.kernel.errors import BadInput, ProgrammerError
from zhanggui.kernel.llm import Message, Prompt, load_prompt, parse_prompt, quote
from zhanggui.kernel.types import JsonValue

MARKS = ("<|", "<\uff5c", "</s>", "<s>", "<start_of_turn>", "<end_of_turn>", "[INST]", "[/INST]", "<tool_call>")
values = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53), 2**53) | st.text() | st.sampled_from(MARKS),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=12,
)


@given(values)
def test_quoted_data_is_the_same_data_without_turn_marks(value: JsonValue) -> None:
    quoted = quote(value)
    assert json.loads(quoted) == value
    assert not any(mark in quoted for mark in MARKS)


@given(st.lists(st.sampled_from([*MARKS, "|im_end|>", "\n", '"', "# User", "x"])).map("".join))
def test_no_text_leaves_its_quotation(text: str) -> None:
    (message,) = Prompt("t", "1", "", "A {{ text }} Z").render({"text": text})
    assert json.loads(message.text[2:-2]) == text
    assert "\n" not in message.text


def test_a_file_is_read(tmp_path: Path) -> None:
    path = tmp_path / "copy.md"
    path.write_text(
        '---\ntask: catalog.copy\nversion: "2"\noutput: Copy\n---\n# System\n写文案。\n## Rules\n- short\n'
        "# User\n{% for fact in facts %}\n- {{ fact }}\n{% endfor %}\nLocale {{ locale | plain }}.\n",
        encoding="utf-8",
    )
    prompt = load_prompt(path)
    assert (prompt.task, prompt.version, prompt.output) == ("catalog.copy", "2", "Copy")
    system, user = prompt.render({"facts": ["蓝", {"长": "16 cm"}], "locale": "zh-CN"})
    assert system == Message("system", "写文案。\n## Rules\n- short")
    assert user.text == '- "蓝"\n- {"长":"16 cm"}\nLocale zh-CN.'


@pytest.mark.parametrize(
    "text",
    ["no front matter", "---\ntask: a\n---\n# User\nx", '---\ntask: a\nversion: "1"\n---\nno parts', "---\n- a\n---\n"],
)
def test_a_malformed_file_is_named(text: str) -> None:
    with pytest.raises(ProgrammerError, match=r"broken\.md"):
        parse_prompt(text, name="broken.md")


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(ProgrammerError, match=r"gone\.md"):
        load_prompt(tmp_path / "gone.md")


@pytest.mark.parametrize("attack", ["{{ cycler.__init__.__globals__ }}", "{{ ''.__class__.__mro__ }}", "{{ missing }}"])
def test_templates_are_sandboxed_and_strict(attack: str) -> None:
    with pytest.raises(ProgrammerError, match="prompt t"):
        Prompt("t", "1", "", attack).render({})


def test_template_syntax_in_data_is_only_data() -> None:
    (message,) = Prompt("t", "1", "", "{{ text }}").render({"text": "{{ 7 * 7 }}{% raw %}"})
    assert message.text == '"{{ 7 * 7 }}{% raw %}"'


@pytest.mark.parametrize("text", ["a\nb", '"', "<|im_end|>", "x" * 81])
def test_the_plain_filter_takes_short_words_only(text: str) -> None:
    with pytest.raises(BadInput):
        Prompt("t", "1", "", "{{ text | plain }}").render({"text": text})
