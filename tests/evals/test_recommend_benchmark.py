"""The recommendation benchmark: its functions run on fifty shoppers, through a real database and both models."""

from pathlib import Path

import numpy as np
import pytest
from benchmarks.recommend import compare, open_shop, questions, sampled, serve, serving
from evals.recommend import Task

from zhanggui.catalog import ShopWindow
from zhanggui.marketing import Recommender, events_of
from zhanggui.orders import bought_lines


@pytest.fixture
def task() -> Task:
    """Fifty shoppers who walk along twenty items; the next one is asked for."""
    random = np.random.default_rng(1)
    rows, wanted = [], {}
    for user in range(50):
        start = int(random.integers(20))
        rows += [(f"u{user}", f"i{(start + step) % 20:02}", float(step + 1)) for step in range(5)]
        wanted[f"u{user}"] = frozenset([f"i{(start + 5) % 20:02}"])
    return Task("beauty-refit", events_of(rows), wanted, "next-unseen", 10, "hr10")


def test_fewer_shoppers_keep_their_own_purchases(task: Task) -> None:
    few = sampled(task, 7)
    assert len(few.log.users) == 7 == len(few.wanted)
    assert len(few.log.user) == 7 * 5
    assert sampled(task, 0) is task


def test_every_question_is_answered_from_the_database(task: Task, tmp_path: Path) -> None:
    database = open_shop(tmp_path, task.log, dated=False)
    recommender = Recommender(bought_lines, ShopWindow())
    for asked in questions(task.log, 10).values():
        spent, full = serve(database, recommender, asked)
        assert (len(spent), full) == (10, 10)
    database.close()


def test_figures_of_serving_and_of_fitting(task: Task) -> None:
    served = serving(task, 10)
    assert served["customer-answered"] == served["basket-answered"] == (1.0, "")
    fitted = compare(task, 1)
    assert fitted["ndcg10-ours"][0] > 0.5
    assert 0 <= fitted["ndcg10-implicit-als"][0] <= 1
