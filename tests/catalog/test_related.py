"""Related products: exact small cases, reasons that are true, cold items, files of events."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from zhanggui.catalog.service.related import Basket, RelatedModel, read_baskets, words_of_product
from zhanggui.kernel.commerce import Product
from zhanggui.kernel.errors import BadInput
from zhanggui.kernel.retrieval.collaborative import ContentVectors, ItemModel, ItemSettings, ease

_BASKETS = (
    [Basket(("tea", "cup"))] * 12 + [Basket(("tea", "pot"))] * 5 + [Basket(("lamp", "bulb"))] * 9 + [Basket(("cup",))]
)


def test_ease_is_the_least_squares_solution_with_a_zero_diagonal() -> None:
    rows = np.random.default_rng(0).integers(0, 2, (60, 7)).astype(float)
    weights = ease(rows.T @ rows, 3.0)
    assert np.diag(weights) == pytest.approx(np.zeros(7))
    for item in range(7):  # each column is the ridge regression of one item on the others
        others = [other for other in range(7) if other != item]
        left = rows[:, others].T @ rows[:, others] + 3.0 * np.eye(6)
        oracle = np.linalg.solve(left, rows[:, others].T @ rows[:, item])
        np.testing.assert_allclose(weights[others, item], oracle, atol=1e-10)


def test_what_is_bought_together_comes_first_and_says_how_often() -> None:
    model = RelatedModel.fit(_BASKETS)
    first, second = model.related(["tea"], 2)
    assert (first.item, second.item) == ("cup", "pot")
    assert first.reason.text() == "bought together in 12 of 17 baskets with tea"
    assert "17 单里有 12 单" in first.reason.text("zh-CN")
    rest = model.related(["tea"], 10)
    assert {one.item for one in rest} == {"cup", "pot", "lamp", "bulb"}
    assert rest[-1].reason.kind == "often-bought"


def test_a_product_without_orders_is_found_by_its_words_and_says_which() -> None:
    products = {
        "a": words_of_product(Product(id="a", title="不锈钢保温杯 500ml", category=("水具",), brand="云岫")),
        "b": words_of_product(Product(id="b", title="儿童保温杯 350ml", category=("水具",), brand="云岫")),
        "c": words_of_product(Product(id="c", title="羊毛围巾", category=("配饰",), brand="山禾")),
    }
    model = RelatedModel.fit([], products=products)
    best = model.related(["a"], 3)
    assert [one.item for one in best] == ["b"]
    assert best[0].reason.kind == "alike"
    assert "保温杯" in best[0].reason.words
    mixed = RelatedModel.fit([*_BASKETS, Basket(("c", "tea"))], products=products)
    assert mixed.related(["a"], 1)[0].item == "b"
    with pytest.raises(BadInput):
        RelatedModel.fit([Basket(())])


def test_one_wholesale_order_does_not_outvote_shoppers() -> None:
    wholesale = Basket((*(f"x{number}" for number in range(400)), "tea", "spoon"))
    model = RelatedModel.fit([*_BASKETS, wholesale, wholesale])
    assert model.related(["tea"], 1)[0].item == "cup"


def test_items_beyond_the_dense_part_still_take_part() -> None:
    model = ItemModel.fit(_BASKETS, settings=ItemSettings(dense_items=2))
    scores = dict(zip(model.items, model.scores(["lamp"]), strict=True))
    assert max(scores, key=lambda item: (item != "lamp", scores[item])) == "bulb"
    assert model.because(["lamp", "tea"], ["bulb", "cup"]) == [("lamp", 9, 9), ("tea", 12, 17)]


@settings(max_examples=40, deadline=None)
@given(
    st.lists(st.lists(st.sampled_from("abcdefg"), max_size=5), min_size=1, max_size=12),
    st.lists(st.sampled_from("abcdefgz"), max_size=4),
    st.integers(0, 9),
)
def test_answers_are_new_distinct_ordered_and_their_counts_true(
    baskets: list[list[str]], asked: list[str], k: int
) -> None:
    if not any(baskets):
        return
    filled = [Basket(tuple(basket)) for basket in baskets]
    answers = RelatedModel.fit(filled).related(asked, k)
    names = [one.item for one in answers]
    assert len(names) == len(set(names)) <= k
    assert not set(names) & set(asked)
    assert all(np.isfinite(one.score) for one in answers)
    for one in answers:
        if one.reason.kind == "bought-together":
            with_it = [basket for basket in baskets if one.reason.because in basket]
            assert one.reason.baskets == len(with_it)
            assert one.reason.together == sum(one.item in basket for basket in with_it)


def test_events_become_baskets_and_bad_rows_are_named(tmp_path) -> None:
    file = tmp_path / "events.csv"
    file.write_text(
        "\ufeffuser,item,timestamp,quantity\n"
        "u1,tea,2024-05-02 10:00:00,1\nu1,cup,2024-05-02T10:00:00Z,2\nu1,tea,2024-05-02 10:00:00,1\n"
        "u2,lamp,1704067200,1\nu2,bulb,soon,1\nu2,,2024-01-01,1\nu2,pot,2024-01-01,NaN\nu2,rug,2024-01-01,-3\n",
        encoding="utf-8",
    )
    baskets, problems = read_baskets(file)
    assert baskets == (Basket(("lamp",), "u2"), Basket(("tea", "cup"), "u1"))
    assert [(problem.row, problem.field) for problem in problems] == [(6, "timestamp"), (7, "item"), (8, "quantity")]
    file.write_text("user,item,timestamp,basket\nu1,a,2024-01-01,7\nu1,b,2024-01-02,7\nu1,c,2024-01-02,8\n")
    assert [basket.items for basket in read_baskets(file)[0]] == [("a", "b"), ("c",)]
    file.write_text("user,thing\n1,2\n")
    with pytest.raises(BadInput):
        read_baskets(file)
    file.write_bytes("user,item,timestamp\n张,杯,2024-01-01\n".encode("gbk"))
    with pytest.raises(BadInput):
        read_baskets(file)


def test_likeness_of_words_is_a_cosine() -> None:
    vectors = ContentVectors.fit({"a": "red tea cup", "b": "red tea cup", "c": "blue lamp", "d": ""})
    assert vectors.like(["a"]) == pytest.approx([1, 1, 0, 0])
    assert set(vectors.shared("a", "b")) == {"red", "tea", "cup"}
