"""Knowledge: save, import, date, find doubles; answer from what is true now; gaps become articles."""

import hashlib
import re
import threading
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import cast

from zhanggui.desk import Check, Draft, Evidence
from zhanggui.kernel.audit import AuditLog
from zhanggui.kernel.errors import BadInput, Conflict, NotFound
from zhanggui.kernel.llm import Models
from zhanggui.kernel.retrieval import Embedder
from zhanggui.kernel.retrieval.tokens import fold
from zhanggui.kernel.storage import Actor, Database, UnitOfWork
from zhanggui.kernel.types import JsonObject, Locale
from zhanggui.support.models.answers import Answer
from zhanggui.support.models.knowledge import ARTICLE_KINDS, Article, ArticleKind, Audience, Overlap, Passage
from zhanggui.support.rules.answer_deciding import has_placeholder, is_injection
from zhanggui.support.rules.knowledge_overlap import overlaps
from zhanggui.support.rules.knowledge_reading import language_of, text_passages
from zhanggui.support.service.answer_index import AnswerIndex
from zhanggui.support.service.answer_vectors import AnswerVectors
from zhanggui.support.service.answering import Answerer
from zhanggui.support.store.knowledge import Gap, GapStore, KnowledgeStore, Saved

KIND = "knowledge-article"
LONGEST_TITLE, LONGEST_BODY = 1_000, 200_000
_GAP_REASONS = frozenset({"unknown", "unsure", "placeholder"})
_READER = Actor("system", "answers")


@dataclass(frozen=True, slots=True)
class KnowledgeOutcome:
    """What an import changed; `conflicts` are pairs that need a person's eye."""

    added: int
    changed: int
    unchanged: int
    conflicts: tuple[Overlap, ...]


def save_article(uow: UnitOfWork, article: Article) -> Article:
    """Save a version, unless the live one says the same already; the version that is live now.

    Raises:
        BadInput: no text, text too long, an unknown kind, or it ends before it begins.
    """
    checked = _checked(article)
    store = KnowledgeStore(uow)
    live = store.live(checked.id)
    if live is not None and replace(live, version=checked.version) == checked:
        return live
    version = store.save(checked)
    AuditLog(uow).record(
        "knowledge.saved", f"knowledge:{checked.id}", {"version": version, "title": checked.title[:200]}
    )
    return replace(checked, version=version)


def withdraw_article(uow: UnitOfWork, article_id: str) -> None:
    """Answer from it no more; its versions stay.

    Raises:
        NotFound: there is no live article of this id.
    """
    if not KnowledgeStore(uow).withdraw(article_id):
        raise NotFound(f"no live article {article_id}")
    AuditLog(uow).record("knowledge.withdrawn", f"knowledge:{article_id}", {})


def import_knowledge(
    uow: UnitOfWork, passages: Iterable[Passage], *, audience: Audience = "everybody"
) -> KnowledgeOutcome:
    """Save passages of files as articles, each under its source; what did not change gets no new version."""
    store = KnowledgeStore(uow)
    before = {one.id: one for one in store.all_live()}
    added = changed = unchanged = 0
    for one in passages:
        kind: ArticleKind = "faq" if one.question else "article"
        title = one.title or one.text[:80]
        article = Article(one.source[:400], kind, title, one.text, one.locale, audience, source=one.source)
        old = before.get(article.id)
        saved = save_article(uow, article)
        if old is None:
            added += 1
        elif saved.version == old.version:
            unchanged += 1
        else:
            changed += 1
    outcome = KnowledgeOutcome(added, changed, unchanged, tuple(find_overlaps(uow)) if added or changed else ())
    counts: JsonObject = {"added": added, "changed": changed, "unchanged": unchanged}
    AuditLog(uow).record("knowledge.imported", "knowledge", counts)
    return outcome


def edit_article(uow: UnitOfWork, article: Article, *, seen: int) -> Article:
    """Save what somebody wrote who saw version `seen` (0: there was none); the version that is live now.

    Raises:
        Conflict: somebody else saved another version meanwhile, or the id is taken.
        BadInput: as for `save_article`.
    """
    live = KnowledgeStore(uow).live(article.id)
    if (0 if live is None else live.version) != seen:
        raise Conflict("somebody saved another version meanwhile" if seen else f"there is an article {article.id}")
    return save_article(uow, article)


def restore_version(uow: UnitOfWork, article_id: str, version: int) -> Article:
    """Say again what an older version said, as a new version.

    Raises:
        NotFound: there is no such version.
    """
    found = next((one for one in article_versions(uow, article_id) if one.article.version == version), None)
    if found is None:
        raise NotFound(f"no version {version} of {article_id}")
    return save_article(uow, found.article)


def find_articles(
    uow: UnitOfWork, text: str = "", *, limit: int = 50, offset: int = 0, kind: str = "", locale: str = ""
) -> tuple[Saved, ...]:
    """Live articles with a text in them, newest first."""
    return KnowledgeStore(uow).find(text.strip()[:200], limit=limit, offset=offset, kind=kind, locale=locale)


def count_articles(uow: UnitOfWork, text: str = "", *, kind: str = "", locale: str = "") -> int:
    """How many live articles there are of those that `find_articles` gives page by page."""
    return KnowledgeStore(uow).count(text.strip()[:200], kind=kind, locale=locale)


def article_versions(uow: UnitOfWork, article_id: str) -> tuple[Saved, ...]:
    """Every version of an article, newest first.

    Raises:
        NotFound: there never was one.
    """
    found = KnowledgeStore(uow).versions(article_id)
    if not found:
        raise NotFound(f"no article {article_id}")
    return found


def find_overlaps(uow: UnitOfWork) -> list[Overlap]:
    """Live articles, true now, that say the same twice or contradict one another."""
    now = uow.clock.now()
    return overlaps([one for one in KnowledgeStore(uow).all_live() if one.valid(now)])


def passages_of(articles: Sequence[Article], at: datetime, audience: Audience = "everybody") -> list[Passage]:
    """What may be answered from at a time: an FAQ pair is one passage, a longer article one for each section."""
    found: list[Passage] = []
    for one in articles:
        if not one.valid(at) or (one.audience == "staff" and audience != "staff"):
            continue
        if one.kind == "faq":
            found.append(Passage(one.id, one.title, one.body, one.locale, question=True))
            continue
        for number, (heading, text) in enumerate(text_passages(one.body), 1):
            title = f"{one.title} / {heading}" if heading else one.title
            found.append(Passage(f"{one.id}#{number}", title, text, one.locale))
    return found


def note_gap(uow: UnitOfWork, question: str, answer: Answer) -> bool:
    """Count a question that was not answered, so that somebody writes the article; True when it was counted.

    Attacks and empty messages are no gaps.
    """
    text = question.strip()[:500]
    if answer.decision == "answer" or answer.reason not in _GAP_REASONS or not text:
        return False
    GapStore(uow).note(gap_id(text), text, answer.locale, answer.reason)
    return True


def gap_id(question: str) -> str:
    """The same for questions that differ in case, width, blanks and marks only."""
    return hashlib.blake2b(re.sub(r"[\W_]+", " ", fold(question)).strip().encode(), digest_size=16).hexdigest()


def open_gaps(uow: UnitOfWork, *, limit: int = 100) -> tuple[Gap, ...]:
    """Questions that nothing answered, the most often asked first."""
    return GapStore(uow).open(limit=limit)


def dismiss_gap(uow: UnitOfWork, gap: str) -> None:
    """Say that a question needs no article; asked again, it is open again.

    Raises:
        NotFound: no such gap.
    """
    if not GapStore(uow).close([gap]):
        raise NotFound(f"no gap {gap}")
    AuditLog(uow).record("knowledge.gap-dismissed", f"gap:{gap}", {})


def gap_draft(uow: UnitOfWork, gap: str, body: str, *, title: str = "") -> Draft:
    """The proposal to add an article that closes a gap: the customer's question, a person's (or a model's) answer.

    Raises:
        NotFound: no such gap.
    """
    found = GapStore(uow).get(gap)
    if found is None:
        raise NotFound(f"no gap {gap}")
    payload: JsonObject = {
        "id": f"gap-{gap[:16]}", "kind": "faq", "title": (title or found.question)[:LONGEST_TITLE], "body": body,
        "locale": found.locale, "gaps": [gap],
    }  # fmt: skip
    evidence = Evidence("history", f"gap:{gap}", found.question, {"times": found.times})
    return Draft(
        kind=KIND,
        subject=f"knowledge:{payload['id']}",
        title=f"{payload['title']}",
        payload=payload,
        evidence=(evidence,),
        checks=article_checks(uow, payload),
        confidence=0.5,
        fingerprint=f"{KIND}:{gap}",
    )


def article_checks(uow: UnitOfWork, payload: JsonObject) -> tuple[Check, ...]:
    """Whether an article may go live: it says something, holds no blanks and no orders, contradicts nothing."""
    article = article_of(payload)
    others = [one for one in KnowledgeStore(uow).all_live() if one.id != article.id and one.valid(uow.clock.now())]
    clashes = [one for one in overlaps([article, *others]) if article.id in (one.first, one.second)]
    against = [one for one in clashes if one.kind == "contradiction"]
    return (
        Check("has-text", bool(article.title.strip() and article.body.strip()), "it has a question and an answer"),
        Check("no-blanks", not has_placeholder(article.body), "no blank is left to fill in"),
        Check("no-orders-to-machines", not is_injection(article.body), "it holds no instruction to a machine"),
        Check(
            "no-contradiction",
            not against,
            f"{against[0].reason_en}: {against[0].second}" if against else "no article says otherwise",
        ),
        Check("new", len(clashes) == len(against), "no article says the same already", blocking=False),
    )


def article_of(payload: JsonObject) -> Article:
    """The article that a proposal's payload describes."""
    body, title = str(payload.get("body", "")), str(payload.get("title", ""))
    kind = cast(ArticleKind, payload["kind"] if payload.get("kind") in ARTICLE_KINDS else "faq")
    locale: Locale = "zh-CN" if payload.get("locale") == "zh-CN" else "en"
    return Article(str(payload.get("id", ""))[:400], kind, title, body, locale, source="proposal")


def _checked(article: Article) -> Article:
    if article.kind not in ARTICLE_KINDS:
        raise BadInput(field="kind", expected=f"one of {', '.join(ARTICLE_KINDS)}", found=article.kind)
    for field, text, most in (
        ("id", article.id, 400),
        ("title", article.title, LONGEST_TITLE),
        ("body", article.body, LONGEST_BODY),
    ):
        if not text.strip() or len(text) > most:
            raise BadInput(field=field, expected=f"1 to {most} characters", found=text[:80])
    if article.valid_from and article.valid_until and article.valid_until <= article.valid_from:
        raise BadInput(field="valid_until", expected="later than valid_from", found=article.valid_until.isoformat())
    clean = {name: value.replace("\x00", "") for name, value in (("title", article.title), ("body", article.body))}
    return replace(article, title=clean["title"].strip(), body=clean["body"].strip())


class KnowledgeDesk:
    """Every merchant's answerer: built when first asked, built anew when an article changes or a date passes.

    Asked outside of any transaction: it opens its own short ones, and may ask a model.
    """

    def __init__(
        self, database: Database, embedder: Embedder, folder: Path | None, models: Models | None = None
    ) -> None:
        self._database, self._models = database, models
        self._embedder, self._folder = embedder, folder
        self._vectors: AnswerVectors | None = None
        self._held: dict[str, tuple[tuple[object, ...], Answerer]] = {}
        self._lock = threading.Lock()

    def answer(self, merchant_id: str, question: str, *, locale: Locale | None = None, counted: bool = True) -> Answer:
        """The answer from the merchant's own knowledge; a gap is `counted` where a customer asks."""
        given = self._answerer(merchant_id).answer(question, locale or language_of(question))
        if counted and given.reason in _GAP_REASONS:
            with self._database.begin(merchant_id, _READER) as uow:
                note_gap(uow, question, given)
        return given

    def _answerer(self, merchant_id: str) -> Answerer:
        with self._database.begin(merchant_id, _READER, read_only=True) as uow:
            now, store = uow.clock.now(), KnowledgeStore(uow)
            stamp = store.stamp()
            with self._lock:
                held = self._held.get(merchant_id)
            if held is not None and held[0][0] == stamp and not _passed(held[0][1:], now):
                return held[1]
            articles = store.all_live()
        bounds = sorted(
            at for one in articles for at in (one.valid_from, one.valid_until) if at is not None and at > now
        )
        with self._lock:
            self._vectors = self._vectors or AnswerVectors(self._embedder, self._folder)
            index = AnswerIndex(passages_of(articles, now), self._vectors)
            made = Answerer(index, models=self._models, merchant_id=merchant_id)
            self._held[merchant_id] = ((stamp, *bounds[:1]), made)
        return made


def _passed(bounds: Sequence[object], now: datetime) -> bool:
    """Whether a date has passed on which an article begins or ends."""
    return any(isinstance(at, datetime) and at <= now for at in bounds)
