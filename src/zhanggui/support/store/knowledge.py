"""The merchant's knowledge, version by version, and the questions that it could not answer."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import cast

import sqlalchemy as sa

from zhanggui.kernel.storage import UnitOfWork, UtcDateTime, merchant_table
from zhanggui.kernel.types import Locale
from zhanggui.support.models.knowledge import Article, ArticleKind, Audience

knowledge_articles = merchant_table(
    "knowledge_articles",
    sa.Column("id", sa.String(400), nullable=False),
    sa.Column("version", sa.Integer, nullable=False),
    sa.Column("live", sa.Boolean, nullable=False),
    sa.Column("kind", sa.String(16), nullable=False),
    sa.Column("title", sa.Text, nullable=False),
    sa.Column("body", sa.Text, nullable=False),
    sa.Column("locale", sa.String(8), nullable=False),
    sa.Column("audience", sa.String(16), nullable=False),
    sa.Column("valid_from", UtcDateTime),
    sa.Column("valid_until", UtcDateTime),
    sa.Column("source", sa.Text, nullable=False),
    sa.Column("saved_at", UtcDateTime, nullable=False),
    sa.Column("saved_by", sa.Text, nullable=False),
    sa.Index("ix_knowledge_articles_merchant_id_live", "merchant_id", "live", "id"),
    key=("id", "version"),
)

knowledge_gaps = merchant_table(
    "knowledge_gaps",
    sa.Column("id", sa.String(64), nullable=False),
    sa.Column("question", sa.Text, nullable=False),
    sa.Column("locale", sa.String(8), nullable=False),
    sa.Column("reason", sa.String(16), nullable=False),
    sa.Column("times", sa.Integer, nullable=False),
    sa.Column("first_at", UtcDateTime, nullable=False),
    sa.Column("last_at", UtcDateTime, nullable=False),
    sa.Column("closed", sa.Boolean, nullable=False),
    sa.Index("ix_knowledge_gaps_merchant_id_closed", "merchant_id", "closed", "last_at"),
)


@dataclass(frozen=True, slots=True)
class Saved:
    """One version as it was saved; `live` is the one that is answered from."""

    article: Article
    live: bool
    saved_at: datetime
    saved_by: str


@dataclass(frozen=True, slots=True)
class Gap:
    """A question that nothing answered, and how often it was asked."""

    id: str
    question: str
    locale: Locale
    reason: str
    times: int
    first_at: datetime
    last_at: datetime


class KnowledgeStore:
    """Articles of the merchant."""

    def __init__(self, uow: UnitOfWork) -> None:
        self._uow = uow

    def save(self, article: Article) -> int:
        """Write the next version and make it the live one; its number."""
        t = knowledge_articles
        newest = self._uow.scalar(self._uow.select(t, sa.func.max(t.c.version)).where(t.c.id == article.id)) or 0
        self.withdraw(article.id)
        row = {
            "id": article.id,
            "version": int(newest) + 1,
            "live": True,
            "kind": article.kind,
            "title": article.title,
            "body": article.body,
            "locale": article.locale,
            "audience": article.audience,
            "valid_from": article.valid_from,
            "valid_until": article.valid_until,
            "source": article.source,
            "saved_at": self._uow.clock.now(),
            "saved_by": str(self._uow.actor),
        }
        self._uow.insert(t, row)
        return int(newest) + 1

    def withdraw(self, article_id: str) -> bool:
        """Nothing is answered from it any more; its versions stay. False when it was not live."""
        t = knowledge_articles
        return self._uow.change(self._uow.update(t).where(t.c.id == article_id, t.c.live).values(live=False)) > 0

    def revive(self, article_id: str, version: int) -> bool:
        """Make an older version the live one again. False when there is no such version."""
        t = knowledge_articles
        self.withdraw(article_id)
        at = self._uow.update(t).where(t.c.id == article_id, t.c.version == version)
        return self._uow.change(at.values(live=True)) == 1

    def live(self, article_id: str) -> Article | None:
        """The live version, or None."""
        t = knowledge_articles
        row = self._uow.row(self._uow.select(t).where(t.c.id == article_id, t.c.live))
        return None if row is None else _article(row)

    def all_live(self) -> tuple[Article, ...]:
        """Every live article, by id."""
        t = knowledge_articles
        return tuple(_article(row) for row in self._uow.rows(self._uow.select(t).where(t.c.live).order_by(t.c.id)))

    def find(self, text: str, *, limit: int, offset: int = 0, kind: str = "", locale: str = "") -> tuple[Saved, ...]:
        """Live articles with a text in title, body or id, newest first."""
        t = knowledge_articles
        wanted = self._uow.select(t).where(*_wanted(text, kind, locale))
        wanted = wanted.order_by(t.c.saved_at.desc(), t.c.id).limit(limit).offset(offset)
        return tuple(_saved(row) for row in self._uow.rows(wanted))

    def count(self, text: str, *, kind: str = "", locale: str = "") -> int:
        """How many articles `find` would give without a limit."""
        wanted = self._uow.select(knowledge_articles, sa.func.count()).where(*_wanted(text, kind, locale))
        return int(self._uow.scalar(wanted) or 0)

    def versions(self, article_id: str) -> tuple[Saved, ...]:
        """Every version of an article, newest first."""
        t = knowledge_articles
        found = self._uow.rows(self._uow.select(t).where(t.c.id == article_id).order_by(t.c.version.desc()))
        return tuple(_saved(row) for row in found)

    def stamp(self) -> tuple[int, int]:
        """(live articles, versions ever saved): both stay while nothing that is answered from changes."""
        t = knowledge_articles
        live = sa.func.sum(sa.case((t.c.live, 1), else_=0)).label("live")
        row = self._uow.row(self._uow.select(t, live, sa.func.sum(t.c.version).label("saved")))
        return (int(row["live"] or 0), int(row["saved"] or 0)) if row is not None else (0, 0)


class GapStore:
    """Questions of the merchant's customers that nothing answered."""

    def __init__(self, uow: UnitOfWork) -> None:
        self._uow = uow

    def note(self, gap_id: str, question: str, locale: Locale, reason: str) -> None:
        """Count a question; one that was closed and comes again is open again."""
        now, g = self._uow.clock.now(), knowledge_gaps
        row = {
            "id": gap_id, "question": question, "locale": locale, "reason": reason,
            "times": 1, "first_at": now, "last_at": now, "closed": False,
        }  # fmt: skip
        if not self._uow.insert_new(g, row):
            again = {"times": g.c.times + 1, "last_at": now, "reason": reason, "closed": False}
            self._uow.change(self._uow.update(g).where(g.c.id == gap_id).values(**again))

    def open(self, *, limit: int = 100) -> tuple[Gap, ...]:
        """Open gaps, the most often asked first."""
        g = knowledge_gaps
        wanted = self._uow.select(g).where(~g.c.closed).order_by(g.c.times.desc(), g.c.last_at.desc(), g.c.id)
        return tuple(_gap(row) for row in self._uow.rows(wanted.limit(limit)))

    def get(self, gap_id: str) -> Gap | None:
        """One gap, open or closed."""
        row = self._uow.row(self._uow.select(knowledge_gaps).where(knowledge_gaps.c.id == gap_id))
        return None if row is None else _gap(row)

    def close(self, gap_ids: Sequence[str], *, closed: bool = True) -> int:
        """Close gaps (or open them again); how many there were."""
        g = knowledge_gaps
        return self._uow.change(self._uow.update(g).where(g.c.id.in_(list(gap_ids))).values(closed=closed))


def _wanted(text: str, kind: str, locale: str) -> list[sa.ColumnElement[bool]]:
    t = knowledge_articles.c
    found: list[sa.ColumnElement[bool]] = [t.live]
    if text:
        found.append(sa.or_(*(column.icontains(text, autoescape=True) for column in (t.title, t.body, t.id))))
    return [*found, *([t.kind == kind] if kind else ()), *([t.locale == locale] if locale else ())]


def _article(row: sa.RowMapping) -> Article:
    return Article(
        id=row["id"],
        kind=cast(ArticleKind, row["kind"]),
        title=row["title"],
        body=row["body"],
        locale=cast(Locale, row["locale"]),
        audience=cast(Audience, row["audience"]),
        valid_from=row["valid_from"],
        valid_until=row["valid_until"],
        version=row["version"],
        source=row["source"],
    )


def _saved(row: sa.RowMapping) -> Saved:
    return Saved(_article(row), bool(row["live"]), row["saved_at"], row["saved_by"])


def _gap(row: sa.RowMapping) -> Gap:
    return Gap(
        row["id"], row["question"], cast(Locale, row["locale"]), row["reason"],
        row["times"], row["first_at"], row["last_at"],
    )  # fmt: skip
