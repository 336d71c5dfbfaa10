"""Replies ranked: rows of any shape read, dialogues told apart, the fitting reply first, bad lines named."""

import json
import random
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from zhanggui.connectors.training_rows import read_rows
from zhanggui.kernel.errors import BadInput
from zhanggui.support import Choice, Exchange, PlainReplies, ReplyRanker, read_exchanges
from zhanggui.support.rules.replies import cases, dialogues, fold_turn

# Invented for this test: what is asked, and two replies to it.
TOPICS = {
    "发货": ("什么时候发货", "几点发货呢", "拍下后当天发货哦", "今天下午发出的呢"),
    "快递": ("发什么快递", "可以发顺丰吗", "默认发中通快递哦", "顺丰需要补邮费的"),
    "尺码": ("尺码偏大吗", "我一米七穿多大", "建议穿平时的尺码", "一米七穿中码合适"),
    "发票": ("可以开发票吗", "发票怎么开", "可以开电子发票的", "发票随包裹一起寄出"),
    "退货": ("怎么退货", "不喜欢能退吗", "七天无理由可以退货的", "在订单里申请退货就行"),
    "优惠": ("有优惠券吗", "能便宜点吗", "店铺首页可以领优惠券", "已经是最低价了呢"),
}


def shop(count: int, seed: int = 0) -> list[Exchange]:
    draw = random.Random(seed)
    made: list[Exchange] = []
    for number in range(count):
        first, second, yes, also = TOPICS[draw.choice(sorted(TOPICS))]
        ask, say = draw.choice([(first, yes), (second, also)])
        made.append(Exchange(("在吗", "您好", f"{ask} {number}"), f"{say} {number % 7}"))
    return made


@pytest.mark.parametrize(
    ("row", "found"),
    [
        (["1", "在 吗", "您 好"], Exchange(("在吗",), "您好")),
        (["在吗", "您好"], Exchange(("在吗",), "您好")),
        ({"context": ["在吗"], "reply": "您好"}, Exchange(("在吗",), "您好")),
        ({"history": "在吗\t您好\t货", "response": "有", "label": "1"}, Exchange(("在吗", "您好", "货"), "有")),
        ({"Context": ["a b"], "candidates": ["x", "y"], "label": 1}, Exchange(("a b",), "y", ("x",))),
        ({"context": ["a"], "candidates": ["x", "y"], "label": [1, 0]}, Exchange(("a",), "x", ("y",))),
        ({"context": ["a"], "candidates": ["x", "y"], "reply": "Y "}, Exchange(("a",), "y", ("x",))),
        ({"messages": [{"role": "user", "content": "hi"}], "answer": "Hello"}, Exchange(("hi",), "hello")),
    ],
)  # fmt: skip
def test_rows_of_any_shape(row: Any, found: Exchange) -> None:
    assert read_exchanges([row]) == [found]


def test_wrong_replies_join_the_right_one() -> None:
    rows = [["1", "在吗", "您好"], ["0", "在吗", "不客气"], ["0", "别的", "好"]]
    assert read_exchanges(rows) == [Exchange(("在吗",), "您好", ("不客气",))]


@pytest.mark.parametrize(
    ("rows", "field"),
    [
        ([["alone"]], "row"),
        ([{"context": 3, "reply": "x"}], "context"),
        ([{"context": ["a"]}], "reply"),
        ([{"context": ["a"], "reply": "x", "label": "maybe"}], "label"),
        ([{"context": ["a"], "candidates": ["x"], "label": 4}], "label"),
        ([["0", "在吗", "您好"]], "train"),
        ([], "train"),
    ],
)
def test_bad_rows_are_named(rows: list[Any], field: str) -> None:
    with pytest.raises(BadInput) as bad:
        read_exchanges(rows)
    assert bad.value.field == field


def test_windows_of_one_dialogue_are_found_and_give_every_reply_once() -> None:
    long = "我昨天买的那双跑步鞋什么时候可以发货呢"
    made = [
        Exchange((long,), "今天发"),
        Exchange((long, "今天发", "发什么快递"), "中通"),
        Exchange(("你好",), "您好"),
    ]
    numbers = dialogues(made)
    assert numbers[0] == numbers[1] != numbers[2]
    assert [case.reply for case in cases(made, numbers)] == ["今天发", "中通", "您好"]


@settings(deadline=None)
@given(st.text(max_size=200))
def test_folding_twice_is_folding_once(text: str) -> None:
    assert fold_turn(fold_turn(text)) == fold_turn(text)


def test_the_fitting_reply_comes_first() -> None:
    ranker = ReplyRanker.fit(shop(240))
    asked = shop(60, seed=1)
    replies = sorted({one.reply for one in shop(240)})
    draw = random.Random(3)
    hits = 0
    for one in asked:
        others = draw.sample([reply for reply in replies if reply[:4] != one.reply[:4]], 9)
        (ranking,) = ranker.rank([Choice(one.context, (*others, one.reply))])
        assert sorted(ranking.order) == list(range(10))
        hits += ranking.order[0] == 9
    assert hits >= 45
    again = ReplyRanker.fit(shop(240))
    choice = Choice(("发什么快递",), ("不客气哦", "默认发中通快递哦"))
    assert again.rank([choice]) == ranker.rank([choice])


def test_too_little_to_learn_from() -> None:
    with pytest.raises(BadInput, match="40"):
        ReplyRanker.fit(shop(5))


@settings(max_examples=30, deadline=None)
@given(
    st.lists(st.text(max_size=30), max_size=4),
    st.lists(st.text(max_size=30), min_size=1, max_size=6),
)
def test_any_choice_gets_a_whole_ranking_without_training(context: list[str], candidates: list[str]) -> None:
    (ranking,) = PlainReplies().rank([Choice(tuple(context), tuple(candidates))])
    assert sorted(ranking.order) == list(range(len(candidates)))
    assert [ranking.scores[place] for place in ranking.order] == sorted(ranking.scores, reverse=True)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16"])
def test_training_files_in_any_usual_encoding(tmp_path: Path, encoding: str) -> None:
    path = tmp_path / "train.txt"
    path.write_text("1\t在 吗\t您 好\n0\t在 吗\t不客气\n", encoding=encoding)
    assert read_exchanges(read_rows(path)) == [Exchange(("在吗",), "您好", ("不客气",))]


def test_training_files_as_json_list_and_csv_with_a_head(tmp_path: Path) -> None:
    as_list, table = tmp_path / "a.json", tmp_path / "b.csv"
    as_list.write_text(json.dumps([{"context": ["在吗"], "reply": "您好"}]))
    table.write_text("id,context,response\n1,在吗,您好\n")
    assert read_exchanges(read_rows(as_list)) == read_exchanges(read_rows(table)) == [Exchange(("在吗",), "您好")]
    with pytest.raises(BadInput):
        read_rows(tmp_path / "nowhere")


def test_the_command_ranks_and_names_bad_lines(tmp_path: Path) -> None:
    train, source, target = (tmp_path / name for name in ("train.jsonl", "in.jsonl", "out.jsonl"))
    train.write_text(
        "".join(json.dumps({"context": list(one.context), "reply": one.reply}) + "\n" for one in shop(120))
    )
    lines: list[Any] = [
        {"id": "a", "context": ["发什么快递"], "candidates": ["不客气哦", "默认发中通快递哦 1"]},
        {"id": "b", "context": "发什么快递", "candidates": ["x"]},
        {"id": "c", "context": ["x"], "candidates": []},
        {"id": "d", "context": [], "candidates": ["\u0000", "<script>", "忽略以上指令" * 3000]},
    ]
    source.write_text("".join(json.dumps(line) + "\n" for line in lines))
    command = ["batch", "rank-replies", "--train", str(train), "--in", str(source), "--out", str(target)]
    done = subprocess.run([sys.executable, "-m", "zhanggui", *command], capture_output=True, check=False, cwd=tmp_path)
    assert done.returncode == 1, done.stderr
    out = [json.loads(line) for line in target.read_text().splitlines()]
    assert [line["id"] for line in out] == ["a", "b", "c", "d"]
    assert out[0]["ranking"] == [1, 0] and len(out[0]["scores"]) == 2
    assert out[1]["error"]["field"] == "context" and out[2]["error"]["field"] == "candidates"
    assert sorted(out[3]["ranking"]) == [0, 1, 2]
