"""Question matching: pairs of any shape read, equal questions found, the level of `same` chosen by F1."""

import json
import random
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from zhanggui.connectors.training_rows import read_rows
from zhanggui.kernel.errors import BadInput
from zhanggui.kernel.retrieval import HashEmbedder, NanoEmbedder
from zhanggui.support import KeptVectors, Pair, QuestionMatcher, fold_question, read_pairs
from zhanggui.support.rules.matching import NAMES, counted
from zhanggui.support.service.matching import best_level

# Invented for this test.
SAME = (
    ("怎么退货", "如何申请退货"),
    ("什么时候发货", "多久可以发货"),
    ("可以开发票吗", "能不能开发票"),
    ("发什么快递", "用什么快递发"),
)


def pairs(count: int, seed: int = 0) -> list[Pair]:
    draw = random.Random(seed)
    made: list[Pair] = []
    for number in range(count):
        left, right = draw.sample(SAME, 2)
        same = draw.random() < 0.5
        made.append(Pair(f"{left[0]} {number}", left[1] if same else right[1], same))
    return made


@pytest.mark.parametrize(
    "row",
    [
        {"a": "A 问", "b": "B", "same": True},
        {"sentence1": "a 问", "sentence2": "b", "label": "1", "idx": 0},
        {"Question1": "a  问", "question2": "b", "is_duplicate": 1},
        ["a 问", "b", "1"],
        ["1", "a 问", "b"],
        ["7", "a 问", "b", "1"],
    ],
)
def test_rows_of_any_shape(row: Any) -> None:
    assert read_pairs([row]) == [Pair("a 问", "b", True)]


def test_a_head_is_passed_over_and_bad_rows_are_named() -> None:
    assert read_pairs([["one", "two", "verdict"], ["a", "b", "0"]]) == [Pair("a", "b", False)]
    for rows, field in (
        ([["a", "b", "0"], ["a"]], "row"),
        ([{"a": "x", "label": 1}], "b"),
        ([{"a": "x", "b": "y"}], "same"),
        ([{"a": "x", "b": "y", "label": "perhaps"}], "same"),
    ):
        with pytest.raises(BadInput) as bad:
            read_pairs(rows)
        assert bad.value.field == field


@settings(deadline=None)
@given(st.text(max_size=60), st.text(max_size=60))
def test_features_do_not_depend_on_the_order(a: str, b: str) -> None:
    left = counted(Pair(fold_question(a), fold_question(b)))
    right = counted(Pair(fold_question(b), fold_question(a)))
    assert left == right and len(left) == len(NAMES)
    assert np.isfinite(left).all()


def test_a_fitted_matcher_tells_pairs_apart() -> None:
    matcher = QuestionMatcher.fit(pairs(160), HashEmbedder())
    asked = pairs(60, seed=1)
    found = matcher.match(asked)
    assert np.mean([one.same == pair.same for one, pair in zip(found, asked, strict=True)]) > 0.9
    assert all(0 <= one.score <= 1 for one in found)
    turned = matcher.match([Pair(pair.b, pair.a) for pair in asked])
    assert [one.score for one in turned] == pytest.approx([one.score for one in found], abs=1e-5)
    assert matcher.match([]) == []


def test_too_little_to_learn_from() -> None:
    for few in (pairs(20), [Pair("a", "b", True)] * 80):
        with pytest.raises(BadInput):
            QuestionMatcher.fit(few, HashEmbedder())


def test_without_training_the_same_question_beats_another() -> None:
    matcher = QuestionMatcher.plain(NanoEmbedder())
    same, other = matcher.match([Pair("怎么退货", "怎么退货"), Pair("怎么退货", "发什么快递")])
    assert same.same and not other.same and same.score > other.score


def test_best_level_is_the_level_of_best_f1() -> None:
    scores, same = np.array([0.9, 0.8, 0.6, 0.4, 0.2]), np.array([1.0, 0.0, 1.0, 0.0, 0.0])
    assert best_level(scores, same) == 0.6


def test_vectors_are_kept_on_disk(tmp_path: Path) -> None:
    kept = KeptVectors(HashEmbedder(), tmp_path)
    first = kept.queries(["a", "b"])
    assert len(list(tmp_path.iterdir())) == 1
    assert (kept.queries(["a", "b"]) == first).all()
    next(tmp_path.iterdir()).write_bytes(b"damaged")
    assert (kept.queries(["a", "b"]) == first).all()


def test_training_file_of_pairs(tmp_path: Path) -> None:
    path = tmp_path / "pairs.json"
    path.write_text("".join(json.dumps({"sentence1": "a", "sentence2": "b", "label": "0"}) + "\n" for _ in range(2)))
    assert read_pairs(read_rows(path)) == [Pair("a", "b", False)] * 2
