"""Markup is escaped by construction, whatever it is given."""

import re
from html.parser import HTMLParser

from hypothesis import given
from hypothesis import strategies as st

from zhanggui.web.markup import h, join, safe_image


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.text = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        self.text += data


_NASTY = (
    "<script>alert(1)</script>",
    '" onmouseover="x',
    "'><img src=x>",
    "</p><p>",
    "&lt;b&gt;",
    "{{7*7}}",
    "javascript:x",
)
_LETTERS = st.characters(exclude_categories=["Cs"], exclude_characters="\r\0")
texts = st.text(alphabet=_LETTERS, max_size=80) | st.sampled_from(_NASTY)


@given(texts, texts)
def test_text_and_attributes_come_out_as_they_went_in(text: str, value: str) -> None:
    reader = _Reader()
    reader.feed(h("p", text, title=value))
    reader.close()
    assert reader.tags == [("p", {"title": value})]
    assert reader.text == text


@given(texts)
def test_an_address_never_runs_a_program_or_leaves_by_another_scheme(address: str) -> None:
    reader = _Reader()
    reader.feed(join([h("a", "x", href=address), h("img", src=address, alt="")]))
    (_, link), (_, image) = reader.tags
    assert re.match(r"/(?![/\\])|#|\?|https?://|mailto:", link.get("href") or "#", re.IGNORECASE)
    assert re.match(r"/(?![/\\])|data:image/", image.get("src") or "/", re.IGNORECASE)


def test_children_are_flattened_and_nothing_is_nothing() -> None:
    assert h("p", None, ["a", h("b", "<"), [1, 2.5]], hidden=False, id=None) == "<p>a<b>&lt;</b>12.5</p>"
    assert h("input", class_="x", data_act="y", disabled=True) == '<input class="x" data-act="y" disabled>'


def test_only_pictures_that_need_no_request_are_shown() -> None:
    assert safe_image("data:image/svg+xml;base64,PHN2Zz4=")
    assert safe_image("data:image/png;base64,AA==")
    for address in ("https://elsewhere.example/a.png", "data:text/html,<script>", "javascript:alert(1)", "//x", ""):
        assert not safe_image(address)
