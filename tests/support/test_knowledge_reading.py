"""Files of knowledge become passages: every quote is a slice of its file, odd rows are named, nothing is run."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from zhanggui.kernel.errors import BadInput
from zhanggui.support import language_of, read_knowledge

MARKDOWN = """# Shipping

We ship from two places.

## How long does it take?
Two to four days.

Q: Do you ship abroad?
A: Yes, to twelve countries.

```
# no heading
```
"""


def test_markdown_gives_sections_and_pairs() -> None:
    passages = read_knowledge("shipping.md", MARKDOWN).passages
    assert [(one.title, one.text.split("\n")[0], one.question) for one in passages] == [
        ("Shipping", "We ship from two places.", False),
        ("How long does it take?", "Two to four days.", True),
        ("Do you ship abroad?", "Yes, to twelve countries.", True),
    ]
    assert all(one.source == f"shipping.md#{number}" for number, one in enumerate(passages, 1))


@given(st.text(alphabet="ab# \n?。:QA-=", max_size=400))
def test_every_passage_of_a_text_is_a_slice_of_it(text: str) -> None:
    assert all(one.text in text for one in read_knowledge("any.md", text).passages)


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("faq.csv", "question,answer\nMay I pay later?,No.\n"),
        ("faq.csv", "问题;答案;备注\nMay I pay later?;No.;x\n"),
        ("faq.tsv", "q\ta\nMay I pay later?\tNo.\n"),
        ("faq.csv", "May I pay later?,No.\n"),
        ("faq.jsonl", '{"question": "May I pay later?", "answer": "No."}\n'),
        ("faq.json", '{"questions": [{"Question": "May I pay later?", "Answer": "No."}]}'),
        ("faq.json", '{"q": "May I pay later?", "a": "No."}\n{"q": "x", "a": ""}'),
    ],
)
def test_pairs_of_every_format(name: str, text: str) -> None:
    passage = read_knowledge(name, text).passages[0]
    assert (passage.title, passage.text, passage.source, passage.question) == (
        "May I pay later?",
        "No.",
        f"{name}#1",
        True,
    )


def test_bad_rows_are_named_and_the_good_ones_load() -> None:
    read = read_knowledge("faq.jsonl", '{"question": "a", "answer": "b"}\n[1]\nnot json\n{"question": "c"}\n')
    assert [one.text for one in read.passages] == ["b"]
    assert [bad.row for bad in read.problems] == [2, 3, 4]


def test_a_table_without_questions_is_refused() -> None:
    with pytest.raises(BadInput, match="question and answer"):
        read_knowledge("prices.csv", "sku,price,stock\nA,1,2\n")


def test_a_row_is_cited_by_its_own_id() -> None:
    (passage,) = read_knowledge("faq.jsonl", '{"id": "R-7", "question": "a?", "answer": "b"}').passages
    assert passage.source == "faq.jsonl#R-7"


def test_html_shows_what_a_reader_sees() -> None:
    page = "<head><title>t</title></head><h2>Pay?</h2><p>Card &amp; cash<script>steal()</script></p><li>one<li>two"
    (passage,) = read_knowledge("page.html", page).passages
    assert (passage.title, passage.text, passage.question) == ("Pay?", "Card & cash\none\ntwo", True)


def test_long_paragraphs_are_cut_where_sentences_end() -> None:
    text = "这是一句话。" * 600
    passages = read_knowledge("long.txt", text).passages
    assert len(passages) > 2
    assert all(len(one.text) <= 1200 and one.text.endswith("。") for one in passages)


@pytest.mark.parametrize(
    ("text", "locale"), [("退货 policy", "zh-CN"), ("return policy 退", "en"), ("", "en"), ("123", "en")]
)
def test_language_by_letters(text: str, locale: str) -> None:
    assert language_of(text) == locale
