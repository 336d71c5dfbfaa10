"""Knowledge in the database: versions, dates, doubles and contradictions, gaps; each merchant's own."""

from datetime import timedelta
from pathlib import Path

import pytest
from tests.conftest import TESTER

from zhanggui.kernel.clock import FixedClock
from zhanggui.kernel.errors import BadInput, NotFound
from zhanggui.kernel.retrieval import HashEmbedder
from zhanggui.kernel.storage import Database, UnitOfWork
from zhanggui.support import Article, Passage
from zhanggui.support.models.answers import Answer
from zhanggui.support.service.knowledge import (
    KnowledgeDesk,
    article_versions,
    find_articles,
    find_overlaps,
    gap_draft,
    import_knowledge,
    note_gap,
    open_gaps,
    passages_of,
    save_article,
    withdraw_article,
)
from zhanggui.support.store.knowledge import KnowledgeStore

RETURNS = Article("returns", "faq", "What is your return policy?", "Within 14 days.", "en")
UNKNOWN = Answer("handoff", "", (), 0.1, "en", "unknown")


def test_every_change_is_a_version_and_the_same_again_is_none(uow: UnitOfWork) -> None:
    assert save_article(uow, RETURNS).version == 1
    assert save_article(uow, RETURNS).version == 1
    changed = Article("returns", "faq", RETURNS.title, "Within 30 days.", "en")
    assert save_article(uow, changed).version == 2
    assert [(one.article.body, one.live) for one in article_versions(uow, "returns")] == [
        ("Within 30 days.", True),
        ("Within 14 days.", False),
    ]
    withdraw_article(uow, "returns")
    assert find_articles(uow) == ()
    with pytest.raises(NotFound):
        withdraw_article(uow, "returns")
    assert KnowledgeStore(uow).revive("returns", 1)
    assert find_articles(uow, "14 days")[0].article.version == 1


def test_only_what_is_true_now_and_meant_for_customers_is_answered_from(clock: FixedClock) -> None:
    now, day = clock.now(), timedelta(days=1)
    articles = [
        RETURNS,
        Article("old", "faq", "a?", "x", "en", valid_until=now),
        Article("new", "faq", "b?", "y", "en", valid_from=now + day),
        Article("inside", "faq", "c?", "z", "en", audience="staff"),
        Article("long", "article", "Shipping", "# Abroad\nTen days.\n# At home\nTwo days.", "en"),
    ]
    found = [(one.source, one.title) for one in passages_of(articles, now)]
    assert found == [
        ("returns", "What is your return policy?"),
        ("long#1", "Shipping / Abroad"),
        ("long#2", "Shipping / At home"),
    ]
    assert "inside" in [one.source for one in passages_of(articles, now, "staff")]


@pytest.mark.parametrize(
    "bad",
    [
        Article("", "faq", "a", "b", "en"),
        Article("x", "faq", " ", "b", "en"),
        Article("x", "faq", "a", "b" * 200_001, "en"),
    ],
)
def test_an_article_says_something_and_not_too_much(uow: UnitOfWork, bad: Article) -> None:
    with pytest.raises(BadInput):
        save_article(uow, bad)


def test_an_import_names_doubles_and_contradictions(uow: UnitOfWork) -> None:
    pairs = [
        Passage("f#1", "How long may I return goods?", "You may return goods within 14 days.", "en", question=True),
        Passage("f#2", "How long may I return goods?", "You may return goods within 30 days.", "en", question=True),
        Passage("f#3", "Do you wrap gifts?", "Yes, for three dollars each, at the checkout.", "en", question=True),
        Passage("f#4", "Is wrapping of gifts offered?", "Yes, for three dollars each, at the checkout.", "en"),
    ]
    outcome = import_knowledge(uow, pairs)
    assert (outcome.added, outcome.changed, outcome.unchanged) == (4, 0, 0)
    assert [(one.kind, one.first, one.second) for one in outcome.conflicts] == [
        ("contradiction", "f#1", "f#2"),
        ("duplicate", "f#3", "f#4"),
    ]
    assert import_knowledge(uow, pairs).unchanged == 4
    assert len(find_overlaps(uow)) == 2


def test_unanswered_questions_become_drafts(uow: UnitOfWork) -> None:
    assert note_gap(uow, "Do you rent tents?", UNKNOWN)
    assert note_gap(uow, "do you rent  TENTS", UNKNOWN)
    assert not note_gap(uow, "x", Answer("handoff", "", (), 0.0, "en", "injection"))
    (gap,) = open_gaps(uow)
    assert gap.times == 2
    draft = gap_draft(uow, gap.id, "No, we sell them only.")
    assert all(check.passed for check in draft.checks)
    refused = gap_draft(uow, gap.id, "Call [phone number].")
    assert [check.name for check in refused.checks if not check.passed] == ["no-blanks"]


def test_the_desk_notices_changes_and_keeps_merchants_apart(database: Database, tmp_path: Path) -> None:
    desk = KnowledgeDesk(database, HashEmbedder(), tmp_path)
    assert desk.answer("m1", "What is your return policy?").citations == ()
    with database.begin("m1", TESTER) as uow:
        save_article(uow, RETURNS)
    assert desk.answer("m1", "What is your return policy?").citations[0].source == "returns"
    assert desk.answer("m2", "What is your return policy?").citations == ()
