"""Passages of an HTML page: what a reader sees, under the headings it stands below. Pure."""

import html.parser
import re
from collections.abc import Iterator

_HIDDEN = frozenset(
    {"script", "style", "template", "noscript", "svg", "head", "nav", "iframe", "object", "form", "button"}
)
_HEADINGS = {"h1": 1, "h2": 2, "h3": 3, "h4": 4, "h5": 5, "h6": 6, "dt": 7, "summary": 7}
_BLOCKS = frozenset(
    {"p", "li", "dd", "td", "th", "div", "section", "article", "blockquote", "pre", "tr", "br", "details"}
)
_VOID = frozenset(
    {"br", "hr", "img", "input", "meta", "link", "area", "base", "col", "embed", "source", "track", "wbr"}
)
_LONGEST = 1200


class _Reader(html.parser.HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.blocks: list[tuple[int, str]] = []  # (level of a heading or 0, text)
        self._hidden: list[str] = []
        self._level = 0
        self._words: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        del attrs
        if self._hidden:
            if tag == self._hidden[-1] and tag not in _VOID:
                self._hidden.append(tag)
            return
        if tag in _HIDDEN:
            self.cut()
            self._hidden.append(tag)
        elif tag in _HEADINGS or tag in _BLOCKS:
            self.cut()
            self._level = _HEADINGS.get(tag, self._level if tag == "br" else 0)

    def handle_endtag(self, tag: str) -> None:
        if self._hidden:
            if tag == self._hidden[-1]:
                self._hidden.pop()
            return
        if tag in _HEADINGS or tag in _BLOCKS:
            self.cut()
            self._level = 0

    def handle_data(self, data: str) -> None:
        if not self._hidden:
            self._words.append(data)

    def cut(self) -> None:
        words = re.sub(r"\s+", " ", "".join(self._words)).strip()
        self._words = []
        if words:
            self.blocks.append((self._level, words))


def html_passages(text: str) -> Iterator[tuple[str, str]]:
    """(title, visible text) of each passage; scripts, styles, forms and navigation are left out."""
    reader = _Reader()
    reader.feed(text)
    reader.close()
    reader.cut()
    headings: list[tuple[int, str]] = []
    body: list[str] = []
    for level, words in reader.blocks:
        if level:
            yield from _grouped(headings, body)
            headings, body = [one for one in headings if one[0] < level] + [(level, words)], []
        else:
            body.append(words)
    yield from _grouped(headings, body)


def _grouped(headings: list[tuple[int, str]], body: list[str]) -> Iterator[tuple[str, str]]:
    title = " / ".join(words for _, words in headings[-2:])
    held: list[str] = []
    for words in body:
        if held and (not title or sum(map(len, held)) + len(words) > _LONGEST):
            yield title, "\n".join(held)
            held = []
        held.append(words)
    if held:
        yield title, "\n".join(held)
