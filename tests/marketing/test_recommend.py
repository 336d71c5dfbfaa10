"""Recommendations: reading rough files, tables against counts by hand, the learnt order, reasons, strangers."""

import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from zhanggui.kernel.errors import BadInput
from zhanggui.marketing import RecommendModel, RecommendReason, events_of, read_events, read_users
from zhanggui.marketing.service.recommend_ranker import hide, is_dated
from zhanggui.marketing.service.recommend_tables import ItemTables, basket_sizes, latest

DAY = 86_400.0


def write(folder: Path, text: str, encoding: str = "utf-8") -> Path:
    path = folder / "events.csv"
    path.write_bytes(text.encode(encoding))
    return path


def chain(shoppers: int = 300) -> list[tuple[str, str, float]]:
    """Everybody walks along the alphabet from somewhere; timestamps are positions."""
    random = np.random.default_rng(3)
    rows: list[tuple[str, str, float]] = []
    for user in range(shoppers):
        start = int(random.integers(0, 40))
        rows += [(f"u{user}", f"i{(start + step) % 60:02}", float(step + 1)) for step in range(6)]
    return rows


def test_rough_rows_are_named_and_the_others_count(tmp_path: Path) -> None:
    log, problems = read_events(
        write(
            tmp_path,
            "user,item,timestamp,quantity\n"
            "a,tea,2024-01-05,2\n"
            "a,cup,2024/01/01 08:00,1\n"
            "b,tea,1704067200,\n"
            "b,pot,1704067200000,1\n"
            ",tea,2024-01-01,1\n"
            "c,,2024-01-01,1\n"
            "c,tea,soon,1\n"
            "c,tea,2024-01-01,many\n"
            "c,tea,2024-01-01,NaN\n",
        )
    )
    assert [(bad.row, bad.field) for bad in problems] == [
        (6, "user"), (7, "item"), (8, "timestamp"), (9, "quantity"), (10, "quantity"),
    ]  # fmt: skip
    bought = [(log.users[user], log.items[item], at) for user, item, at in zip(log.user, log.item, log.at, strict=True)]
    assert bought == [
        ("a", "cup", 1704096000.0), ("a", "tea", 1704412800.0), ("b", "tea", 1704067200.0), ("b", "pot", 1704067200.0),
    ]  # fmt: skip
    assert log.basket.tolist() == [0, 1, 0, 0]


def test_an_offset_moves_the_time(tmp_path: Path) -> None:
    log, problems = read_events(
        write(tmp_path, "user,item,timestamp\na,x,2024-01-01T08:00:00+08:00\na,y,2024-01-01 00:00:00Z\n")
    )
    assert not problems
    assert log.at.tolist() == [1704067200.0, 1704067200.0]


def test_what_came_back_is_no_purchase(tmp_path: Path) -> None:
    log, problems = read_events(
        write(
            tmp_path,
            "user,item,timestamp,quantity\na,x,1,2\na,x,2,-2\na,y,1,3\na,y,2,-1\nb,x,1,1\nb,z,3,-5\n",
        )
    )
    assert not problems
    assert sorted((log.users[u], log.items[i]) for u, i in zip(log.user, log.item, strict=True)) == [
        ("a", "y"), ("b", "x"),
    ]  # fmt: skip


def test_doubles_are_one_row_with_both_quantities(tmp_path: Path) -> None:
    log, _ = read_events(write(tmp_path, "item,user,timestamp,quantity\nx,a,5,1\nx,a,5,4\ny,a,1,1\n"))
    assert log.items == ("x", "y")
    assert log.item.tolist() == [1, 0]
    assert log.quantity.tolist() == [1, 5]


def test_a_named_basket_holds_together(tmp_path: Path) -> None:
    log, _ = read_events(write(tmp_path, "user,item,timestamp,basket\na,x,5,k1\na,y,7,k1\na,z,6,k2\n"))
    assert [log.items[item] for item in log.item] == ["x", "y", "z"]
    assert log.basket.tolist() == [0, 0, 1]


@pytest.mark.parametrize("text", ["", "user,item\na,b\n", "user,item,timestamp\n", "user,item,timestamp\na,,1\n"])
def test_a_file_without_purchases_is_refused(tmp_path: Path, text: str) -> None:
    with pytest.raises(BadInput):
        read_events(write(tmp_path, text))


def test_users_come_one_a_line_or_as_a_column(tmp_path: Path) -> None:
    plain, table = tmp_path / "plain.txt", tmp_path / "table.csv"
    plain.write_text("b\n\na\n")
    table.write_text("name,user\nX,b\nY,a\n")
    assert read_users(plain) == ["b", "a"] == read_users(table)


@given(st.lists(st.tuples(st.sampled_from("abc"), st.sampled_from("xyz"), st.integers(1, 5)), min_size=1, max_size=40))
def test_a_log_is_sorted_and_keeps_every_purchase_once(rows: list[tuple[str, str, int]]) -> None:
    log = events_of((user, item, float(at)) for user, item, at in rows)
    told = [(log.users[u], log.items[i], int(at)) for u, i, at in zip(log.user, log.item, log.at, strict=True)]
    assert sorted(told) == sorted(set(rows))
    assert log.quantity.sum() == len(rows)
    assert all(log.at[at] <= log.at[at + 1] for at in np.flatnonzero(np.diff(log.user) == 0))
    assert basket_sizes(log).sum() == sum(
        size**2 for size in np.unique(log.user * 100 + log.basket, return_counts=True)[1]
    )
    assert len(latest(log, 1).user) == len(log.users)


def test_tables_are_what_one_counts_by_hand() -> None:
    log = events_of([("a", "x", 1.0), ("a", "y", 2.0), ("a", "z", 3.0), ("b", "x", 1.0), ("b", "y", 2.0)])
    tables = ItemTables.fit(log, dated=False)
    assert tables.both.toarray().tolist() == [[2, 2, 1], [2, 2, 1], [1, 1, 1]]
    assert tables.shoppers.tolist() == [2, 2, 1]
    assert tables.after.toarray() == pytest.approx(
        np.array([[0, 2 / 2**0.5, 0.5 / 2**0.5], [0, 0, 1 / 2**0.5], [0, 0, 0]]), rel=1e-6
    )
    assert tables.beside.toarray()[0] == pytest.approx([0, 1, 1 / 2**0.5], rel=1e-6)


def test_positions_are_no_dates() -> None:
    assert not is_dated(events_of(chain(10)))
    assert is_dated(events_of([("a", "x", 0.0), ("a", "y", 9 * DAY), ("b", "x", 3 * DAY), ("c", "x", 5 * DAY)]))


def test_the_end_is_hidden_by_window_or_by_basket() -> None:
    log = events_of([("a", "x", 0.0), ("a", "y", 100 * DAY), ("b", "x", 10 * DAY), ("c", "y", 100 * DAY)])
    window = hide(log, split="window", protocol="any")
    assert [log.users[user] for user in window.users] == ["a"]
    assert len(window.history.user) == 2
    last = hide(log, split="last-basket", protocol="any")
    assert [log.users[user] for user in last.users] == ["a"]
    assert len(last.history.user) == 3
    again = events_of([("a", "x", 1.0), ("a", "x", 2.0), ("b", "x", 1.0), ("b", "y", 2.0)])
    assert [log.users[user] for user in hide(again, split="last-basket", protocol="next-unseen").users] == ["b"]


def test_the_next_letter_is_found_and_nothing_twice() -> None:
    log = events_of(chain())
    model = RecommendModel.fit(log, protocol="next-unseen")
    assert model.ranker is not None
    right = 0
    for user, found in model.recommend(list(log.users), 5):
        items = [one.item for one in found]
        bought = {log.items[item] for item in log.item[log.user == model.places[user]]}
        assert len(items) == len(set(items)) == 5
        assert not bought & set(items)
        last = log.items[int(log.item[log.user == model.places[user]][-1])]
        right += f"i{(int(last[1:]) + 1) % 60:02}" in items
    assert right > 0.8 * len(log.users)


def test_the_same_log_gives_the_same_answers() -> None:
    log = events_of(chain(200))
    one, other = (RecommendModel.fit(log, protocol="any") for _ in range(2))
    assert list(one.recommend(["u1", "u7"], 8)) == list(other.recommend(["u1", "u7"], 8))


def test_a_stranger_gets_what_is_popular_and_is_told_so() -> None:
    model = RecommendModel.fit(events_of([("a", "x", 1.0), ("b", "x", 1.0), ("b", "y", 2.0)]))
    ((_, found),) = model.recommend(["nobody"], 5)
    assert [one.item for one in found] == ["x", "y"]
    assert found[0].reason.text("en") == "popular: 2 of 2 shoppers bought it"
    assert found[0].reason.text("zh-CN") == "热卖：2 位顾客里有 2 位买了它"


def test_reasons_are_counts_from_the_log() -> None:
    log = events_of([("a", "x", 1.0), ("b", "x", 1.0), ("b", "y", 2.0), ("c", "x", 1.0), ("c", "y", 2.0)])
    ((_, found),) = RecommendModel.fit(log, protocol="next-unseen").recommend(["a"], 5)
    assert [one.item for one in found] == ["y"]
    assert found[0].reason == RecommendReason("bought-after", "x", 2, 3)
    ((_, again),) = RecommendModel.fit(log, protocol="any").recommend(["a"], 1)
    assert again[0].reason.text() == "you bought it once"


def test_newer_purchases_count_without_learning_anew() -> None:
    log = events_of(chain())
    model = RecommendModel.fit(log, protocol="next-unseen")
    fresh = model.asked_with(events_of([("new", "i05", 1.0), ("new", "i06", 2.0), ("new", "never-sold", 3.0)]))
    ((_, found),) = fresh.recommend(["new"], 3)
    assert "i07" in [one.item for one in found]
    assert not {"i05", "i06"} & {one.item for one in found}


def test_the_command_keeps_the_contract(tmp_path: Path) -> None:
    events = write(tmp_path, "user,item,timestamp\n小明,茶,1\n小明,杯,2\n小红,茶,1\n小红,,2\n", "gbk")
    users, out, summary = tmp_path / "users.txt", tmp_path / "out.jsonl", tmp_path / "summary.json"
    users.write_text("小红\n没来过\n", encoding="utf-8")
    done = subprocess.run(
        [sys.executable, "-m", "zhanggui", "batch", "recommend", "--events", str(events), "--users", str(users),
         "--out", str(out), "--k", "2", "--protocol", "next-unseen", "--locale", "zh-CN",
         "--json-summary", str(summary)],
        capture_output=True, timeout=200, check=False,
    )  # fmt: skip
    assert done.returncode == 1
    lines = [json.loads(line) for line in out.read_text(encoding="utf-8").splitlines()]
    assert [(line["user"], line["items"]) for line in lines[:2]] == [("小红", ["杯"]), ("没来过", ["茶", "杯"])]
    assert lines[0]["reasons"] == ["买过 茶 的 2 位顾客里有 1 位也买了它"]
    assert lines[2] == {"id": None, "error": {"row": 5, "field": "item", "expected": "a name", "found": "nothing"}}
    assert json.loads(summary.read_text())["failed"] == 1
