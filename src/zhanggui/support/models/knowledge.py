"""Knowledge: what the shop says, cut into passages that can be found, quoted and dated. Pure."""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from zhanggui.kernel.types import Locale

ArticleKind = Literal["faq", "article", "policy", "product"]
Audience = Literal["everybody", "staff"]
ARTICLE_KINDS: tuple[ArticleKind, ...] = ("faq", "article", "policy", "product")


@dataclass(frozen=True, slots=True)
class Passage:
    """The smallest piece that answers: a question with its answer, or a paragraph under its headings.

    Attributes:
        source: where it stands: `file`, `file#row` or `file#heading`; an article's id in the database.
        title: the question it answers, or the headings above it; empty where there are none.
        text: verbatim part of the source: what may be quoted.
        question: whether `title` is a question that a customer would ask.
    """

    source: str
    title: str
    text: str
    locale: Locale
    question: bool = False

    @property
    def whole(self) -> str:
        """Title and text, as one reads them."""
        return f"{self.title}\n{self.text}" if self.title else self.text


@dataclass(frozen=True, slots=True)
class Article:
    """One version of one entry of a merchant's knowledge.

    Attributes:
        title: the question of an FAQ pair, else the heading.
        body: Markdown or plain text; the answer of an FAQ pair.
        valid_from, valid_until: it is only true from, and only before, these times (aware UTC); None is no bound.
        version: 1, 2, ... of the same id; only the newest one is answered from.
        source: the file or the page that it came from.
    """

    id: str
    kind: ArticleKind
    title: str
    body: str
    locale: Locale
    audience: Audience = "everybody"
    valid_from: datetime | None = None
    valid_until: datetime | None = None
    version: int = 1
    source: str = ""

    def valid(self, at: datetime) -> bool:
        """Whether it is true at that time."""
        return (self.valid_from is None or self.valid_from <= at) and (
            self.valid_until is None or at < self.valid_until
        )


@dataclass(frozen=True, slots=True)
class Overlap:
    """Two articles that say the same, or that say it differently.

    Attributes:
        kind: `duplicate` (one can go) or `contradiction` (same matter, other numbers or the opposite).
        reason: what was found, in both languages.
    """

    kind: Literal["duplicate", "contradiction"]
    first: str
    second: str
    likeness: float
    reason_zh: str
    reason_en: str
