"""Words, stems and letter pairs."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from zhanggui.kernel.retrieval import letters, tokens
from zhanggui.kernel.retrieval.snippets import snippet


@pytest.mark.parametrize(
    ("one", "other"),
    [("shoes", "shoe"), ("Boxes", "box"), ("dresses", "dress"), ("batteries", "battery"), ("running", "run"),
     ("stopped", "stop"),
     ("men's", "men"), ("CAFÉ", "cafe"), ("ＷｉＦｉ６", "wifi6"), ("charging", "charge"), ("washed", "washes")],
)  # fmt: skip
def test_forms_of_a_word_meet(one: str, other: str) -> None:
    assert tokens(one) == tokens(other)


@pytest.mark.parametrize(
    ("one", "other"), [("glass", "glas"), ("ring", "r"), ("bed", "b"), ("string", "str"), ("bus", "bu")]
)
def test_different_words_stay_apart(one: str, other: str) -> None:
    assert tokens(one) != tokens(other)


def test_words_inside_longer_chinese_words_are_found() -> None:
    assert {"连衣裙", "夏季", "新款"} <= set(tokens("夏季新款连衣裙"))
    assert {"显示器", "4k"} <= set(tokens("4K显示器"))
    assert {"wifi6", "wifi", "路由器"} <= set(tokens("WiFi6路由器"))
    assert "1.5kg" in tokens("净重1.5kg。")


@given(st.text(max_size=60))
def test_any_text_gives_words_that_hold_no_blank(text: str) -> None:
    for word in [*tokens(text), *letters(text)]:
        assert word
        assert not word.isspace()
        assert len(word.split()) == 1


def test_letter_pairs_overlap() -> None:
    assert letters("连衣裙 a") == ["连衣", "衣裙", "a"]


def test_a_snippet_shows_where_the_words_are() -> None:
    text = "开头" * 200 + "这里有龙井茶叶和茶杯" + "结尾" * 200
    cut = snippet(text, ["龙井", "茶杯"])
    assert "龙井茶叶和茶杯" in cut
    assert len(cut) <= 160
    assert snippet("short", ["x"]) == "short"
    assert len(snippet(text, ["没有"])) <= 160
