"""The index: what is found, whose it is, and that nothing is lost."""

import math
import os
import signal
import subprocess
import sys
import threading
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from zhanggui.kernel.errors import BadInput, Conflict
from zhanggui.kernel.retrieval import Document, HashEmbedder, Index, Indexes, tokens

WORDS_ONLY = {"meaning": 0.0, "letters": 0.0}
SHOP = [
    Document("dress", "纯棉连衣裙，夏季新款，透气舒适", "连衣裙", {"category": "女装", "status": "active"}),
    Document("shoe", "Running shoes with cushioned soles", "Trail shoe", {"category": "鞋", "status": "active"}),
    Document("phones", "蓝牙耳机，主动降噪，续航30小时", "耳机", {"category": "数码", "status": "draft"}),
    Document("tea", "西湖龙井绿茶，2024年春茶，250克罐装", "龙井茶叶", {"category": "食品", "status": "active"}),
]


@pytest.fixture
def index(tmp_path: Path) -> Index:
    made = Index(tmp_path / "shop", HashEmbedder())
    made.add(SHOP)
    return made


@pytest.mark.parametrize(
    ("query", "best"),
    [("夏季", "dress"), ("降噪", "phones"), ("龙井", "tea"), ("shoes", "shoe"), ("run", "shoe"),
     ("SOLE", "shoe"), ("绿茶 250克", "tea"),
     ("衣裙", "dress"),
     ("西湖龙", "tea")],
)  # fmt: skip
def test_words_of_both_languages_are_found(index: Index, query: str, best: str) -> None:
    hit = index.search(query, 1)[0]
    assert hit.id == best
    assert hit.ranks.get("words") == 1 or hit.ranks.get("letters") == 1
    assert hit.fields == {**next(one for one in SHOP if one.id == best).fields}


def test_bm25_agrees_with_its_formula(tmp_path: Path) -> None:
    """Robertson's BM25 with k1 = 1.2, b = 0.75 and idf = ln(1 + (N - n + .5) / (n + .5)), worked slowly."""
    texts = ["apple pear apple", "pear plum", "apple", "plum plum plum pear grape", "grape melon apple fig kiwi"]
    index = Index(tmp_path / "x")
    index.add(Document(str(place), text) for place, text in enumerate(texts))
    bags = [tokens(text) for text in texts]
    mean = sum(map(len, bags)) / len(bags)
    for query in ("apple", "plum pear", "apple grape fig"):
        wanted: dict[str, float] = {}
        for place, bag in enumerate(bags):
            score = 0.0
            for word in tokens(query):
                count, holding = bag.count(word), sum(word in other for other in bags)
                rarity = math.log(1 + (len(bags) - holding + 0.5) / (holding + 0.5))
                score += rarity * count * 2.2 / (count + 1.2 * (0.25 + 0.75 * len(bag) / mean))
            if score:
                wanted[str(place)] = score
        found = {hit.id: hit.scores["words"] for hit in index.search(query, 10, weights=WORDS_ONLY)}
        assert found == pytest.approx(wanted, rel=1e-4)


def test_filters_take_one_value_or_several(index: Index) -> None:
    assert {hit.id for hit in index.search("茶 连衣裙 耳机 shoe", filters={"status": "active"})} == {
        "dress",
        "shoe",
        "tea",
    }
    assert {hit.id for hit in index.search("茶", filters={"category": ["食品", "数码"], "status": "draft"})} == {
        "phones"
    }
    assert index.search("茶", filters={"category": "没有"}) == []
    assert index.search("茶", filters={"nothing": 'a" OR status:"active'}) == []


def test_pages_follow_each_other(index: Index) -> None:
    whole = [hit.id for hit in index.search("茶 连衣裙 耳机 shoe", 4)]
    assert whole == [hit.id for place in range(4) for hit in index.search("茶 连衣裙 耳机 shoe", 1, offset=place)]
    assert index.search("茶", 5, offset=99) == []


def test_adding_again_replaces_and_deleting_removes(index: Index) -> None:
    index.add([Document("tea", "普洱熟茶"), Document("tea", "普洱生茶")])
    assert [hit.snippet for hit in index.search("普洱", weights=WORDS_ONLY)] == ["普洱生茶"]
    assert index.search("龙井", weights=WORDS_ONLY) == []
    index.delete(["tea", "unknown"])
    assert len(index) == 3
    assert "tea" not in {hit.id for hit in index.search("普洱生茶")}


def test_one_merchant_never_sees_another(tmp_path: Path) -> None:
    indexes = Indexes(tmp_path, HashEmbedder())
    indexes.open("m1", "products").add(SHOP)
    indexes.open("m1", "faq").add([Document("q", "怎么退货")])
    for other in ("m2", "m1/products", "../m1", "m1%2Fproducts", ".", "m1 "):
        assert indexes.open(other, "products").search("连衣裙") == []
    assert len(indexes.open("m1", "faq")) == 1
    assert indexes.open("m1", "products") is indexes.open("m1", "products")
    assert all(path.is_relative_to(tmp_path) for path in tmp_path.rglob("CURRENT"))
    with pytest.raises(BadInput):
        indexes.open("", "products")


NASTY = [
    '"', "title:(AND OR NOT", "+-*/\\^~[]{}()<>:!?&|", "a AND (b", "*", "连衣裙*~2^9", "", "   ", "\x00",
    "\ud800", "x" * 100_000, "茶" * 100_000,
    "ź̷̡a̷l̷g̷o̷" * 500,
    "IN [a b]", "field:[1 TO *}", "\u202e\u200b", "🍵" * 1000, "' OR 1=1 --",
]  # fmt: skip


@pytest.mark.parametrize("query", NASTY)
def test_no_query_raises(index: Index, query: str) -> None:
    index.search(query)
    index.search(query, filters={query[:50]: query})
    index.search("茶", filters={"category": [query, "食品"]})


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(query=st.text(max_size=80), limit=st.integers(-1, 5), offset=st.integers(-1, 5))
def test_any_query_gives_at_most_the_limit(index: Index, query: str, limit: int, offset: int) -> None:
    assert len(index.search(query, limit, offset=offset)) <= max(0, limit)


def test_nasty_documents_come_back_as_they_are(tmp_path: Path) -> None:
    index = Index(tmp_path / "x", HashEmbedder())
    index.add(Document(f"n{place}", text, text[:300], {"raw": text}) for place, text in enumerate(NASTY))
    assert len(index) == len(NASTY)
    hits = index.search("' OR 1=1 --", 50)
    assert {hit.id: hit.fields["raw"] for hit in hits}["n17"] == NASTY[17]


def test_it_is_still_there_after_reopening_and_seen_by_others(tmp_path: Path) -> None:
    first, second = Index(tmp_path / "x", HashEmbedder()), Index(tmp_path / "x", HashEmbedder())
    assert first.needs_rebuild
    first.add(SHOP)
    second.search("茶")
    first.add([Document("new", "乌龙茶 铁观音")])
    assert second.search("铁观音", 1)[0].ranks == {"words": 1, "letters": 1, "meaning": 1}
    third = Index(tmp_path / "x", HashEmbedder())
    assert not third.needs_rebuild
    assert [hit.id for hit in third.search("铁观音", 5)] == [hit.id for hit in first.search("铁观音", 5)]


def test_another_embedding_model_asks_for_a_rebuild_and_words_still_work(tmp_path: Path) -> None:
    Index(tmp_path / "x", HashEmbedder(64)).add(SHOP)
    index = Index(tmp_path / "x", HashEmbedder(128))
    assert index.needs_rebuild
    assert index.search("龙井", 1)[0].ranks == {"words": 1, "letters": 1}
    index.rebuild(SHOP)
    assert not index.needs_rebuild
    assert "meaning" in index.search("龙井", 1)[0].ranks


@pytest.mark.parametrize("damage", ["meta.json", "about.json", "CURRENT"])
def test_a_damaged_index_opens_empty_and_asks_for_a_rebuild(tmp_path: Path, damage: str) -> None:
    Index(tmp_path / "x").add(SHOP)
    for path in tmp_path.rglob(damage):
        path.write_bytes(b"\x00broken")
    index = Index(tmp_path / "x")
    assert index.needs_rebuild
    assert index.search("龙井") == []
    index.rebuild(SHOP)
    assert index.search("龙井")[0].id == "tea"


def test_searching_and_writing_go_on_while_it_rebuilds(index: Index, tmp_path: Path) -> None:
    seen: list[int] = []

    def documents() -> list[Document]:
        seen.append(len(index.search("龙井 连衣裙", weights=WORDS_ONLY)))
        index.add([Document("late", "普洱熟茶"), Document("gone", "白茶")])
        index.delete(["gone", "shoe"])
        Index(tmp_path / "shop", HashEmbedder()).add([Document("elsewhere", "茉莉花茶")])
        with pytest.raises(Conflict):
            index.rebuild([])
        return SHOP[:3]

    def slowly():
        yield from documents()

    assert index.rebuild(slowly()) == 3
    assert seen == [2]
    assert {hit.id for hit in index.search("普洱 白茶 茉莉花茶 shoe 连衣裙 降噪 龙井", 20)} == {
        "dress",
        "phones",
        "late",
        "elsewhere",
    }
    assert len(list((tmp_path / "shop").glob("g*"))) == 1


def test_a_rebuild_that_fails_changes_nothing(index: Index) -> None:
    def broken():
        yield SHOP[0]
        raise OSError("the database went away")

    with pytest.raises(OSError, match="went away"):
        index.rebuild(broken())
    assert index.search("龙井")[0].id == "tea"
    assert len(index) == 4


def test_threads_may_search_and_write_at_once(index: Index) -> None:
    errors: list[BaseException] = []

    def work(number: int) -> None:
        try:
            for round_ in range(3):
                index.add([Document(f"t{number}-{round_}", f"龙井 {number} {round_}")])
                index.search("龙井")
        except BaseException as error:
            errors.append(error)

    threads = [threading.Thread(target=work, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert errors == []
    assert len(index) == 16


WRITER = """
import sys
from pathlib import Path
from zhanggui.kernel.retrieval import Document, HashEmbedder, Index
index = Index(Path(sys.argv[1]), HashEmbedder(16))
start = int(sys.argv[2])
for number in range(start, start + 100000):
    index.add([Document(f"{number}-{part}", f"龙井 {number}") for part in range(3)])
    print(number, flush=True)
    if number % 7 == 3:
        index.rebuild(Document(f"{n}-{part}", f"龙井 {n}") for n in range(number + 1) for part in range(3))
"""


@pytest.mark.slow
def test_a_killed_writer_loses_nothing_that_returned_and_leaves_no_half_batch(tmp_path: Path) -> None:
    start = 0
    for wait in (1, 3, 5, 9):
        writer = subprocess.Popen(
            [sys.executable, "-c", WRITER, str(tmp_path / "x"), str(start)], stdout=subprocess.PIPE, text=True
        )
        assert writer.stdout is not None
        done = start - 1
        for _ in range(wait):
            done = int(writer.stdout.readline())
        os.kill(writer.pid, signal.SIGKILL)
        done = max([done, *(int(line) for line in writer.stdout.read().split("\n")[:-1])])
        writer.stdout.close()
        writer.wait()
        index = Index(tmp_path / "x", HashEmbedder(16))
        ids = {hit.id for hit in index.search("龙井", 1000)}
        assert {f"{number}-{part}" for number in range(done + 1) for part in range(3)} <= ids
        assert len(ids) % 3 == 0
        index.add([Document("after", "还能写")])
        index.delete(["after"])
        start = done + 1
