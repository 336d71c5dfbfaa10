"""Baskets with one item hidden: our related products against plain EASE, implicit's TF-IDF and popularity, in one run.

`online_retail_uci`, split by time: the last four weeks are the test, the four weeks before them the window that
settings were tuned on (`--window validation`, not recorded), everything before is what the models learn from. One item
of each test basket, drawn by seed, is hidden; an item never sold before counts as a miss for every model.

    python -m benchmarks.related
"""

import argparse
import os
import time
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import Any

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # implicit asks for it

import numpy as np
import polars as pl
from evals.figures import SHARED_DATA, record, wilson
from scipy.sparse import csr_matrix, diags

from zhanggui.catalog.service.related import Basket, RelatedModel
from zhanggui.kernel.retrieval.collaborative import ItemModel, ease

FILE = SHARED_DATA / "online_retail_uci" / "online_retail.parquet"
COMMAND = "python -m benchmarks.related"
SEED = 0
DAYS = 28
Case = tuple[list[str], str]
Scorer = Callable[[list[str]], np.ndarray]


def load() -> tuple[list[tuple[datetime, Basket]], dict[str, str]]:
    """Baskets of at least two products in the order of time, and each product's words."""
    lines = pl.read_parquet(FILE).with_columns(pl.col("InvoiceDate").str.to_datetime("%m/%d/%y %H:%M"))
    lines = lines.filter(
        ~pl.col("InvoiceNo").str.starts_with("C"),
        pl.col("Quantity") > 0,
        pl.col("UnitPrice") > 0,
        pl.col("StockCode").str.contains(r"^\d{5}"),
    )
    words = lines.group_by("StockCode").agg(pl.col("Description").drop_nulls().mode().sort().first())
    baskets = (
        lines.group_by("InvoiceNo")
        .agg(pl.col("InvoiceDate").min(), pl.col("StockCode").unique().sort(), pl.col("CustomerID").first())
        .filter(pl.col("StockCode").list.len() >= 2)
        .sort("InvoiceDate", "InvoiceNo")
    )
    told = [
        (row["InvoiceDate"], Basket(tuple(row["StockCode"]), str(row["CustomerID"] or "")))
        for row in baskets.iter_rows(named=True)
    ]
    return told, {code: text or "" for code, text in words.iter_rows()}


def hide(baskets: Sequence[Basket], seed: int = SEED) -> list[Case]:
    """Each basket without one item, and that item."""
    random = np.random.default_rng(seed)
    cases: list[Case] = []
    for basket in baskets:
        at = int(random.integers(len(basket.items)))
        cases.append(([item for item in basket.items if item != basket.items[at]], basket.items[at]))
    return cases


def ranks(items: Sequence[str], score: Scorer, cases: Sequence[Case]) -> np.ndarray:
    """The hidden item's place among the items not in the basket; ties count against; 0 = never sold before."""
    index = {item: at for at, item in enumerate(items)}
    places: list[int] = []
    for basket, hidden in cases:
        if hidden not in index:
            places.append(0)
            continue
        scores = np.array(score(basket), np.float64)
        scores[[index[item] for item in basket if item in index]] = -np.inf
        places.append(int((scores >= scores[index[hidden]]).sum()))
    return np.array(places)


def peers(train: Sequence[Basket]) -> dict[str, tuple[tuple[str, ...], Scorer]]:
    """Plain EASE, size-weighted EASE, implicit's TF-IDF neighbours and popularity on the same baskets."""
    from implicit.nearest_neighbours import TFIDFRecommender

    items = tuple(sorted({item for basket in train for item in basket.items}))
    index = {item: at for at, item in enumerate(items)}
    rows = [[index[item] for item in basket.items] for basket in train]
    ends = np.cumsum([0, *map(len, rows)])
    matrix: Any = csr_matrix((np.ones(ends[-1]), np.concatenate(rows), ends), shape=(len(rows), len(items)))
    size = np.diff(ends)
    plain = ease(np.asarray((matrix.T @ matrix).todense()), 200.0)
    weighted = ease(np.asarray((matrix.T @ diags(size**-0.5) @ matrix).todense()), 5.0)
    tfidf = TFIDFRecommender(K=20, num_threads=1)
    tfidf.fit(matrix, show_progress=False)
    sold = np.asarray(matrix.sum(axis=0)).ravel()

    def known(basket: list[str]) -> list[int]:
        return [index[item] for item in basket if item in index]

    def neighbours(basket: list[str]) -> np.ndarray:
        row = np.zeros((1, len(items)), np.float32)
        row[0, known(basket)] = 1
        ids, scores = tfidf.recommend(0, csr_matrix(row), N=len(items), filter_already_liked_items=True)
        told = np.zeros(len(items))
        told[ids[ids >= 0]] = np.maximum(scores[ids >= 0], 0)
        return told

    return {
        "ease": (items, lambda basket: plain[known(basket)].sum(axis=0)),
        "ease-size-weighted": (items, lambda basket: weighted[known(basket)].sum(axis=0)),
        "implicit-tfidf": (items, neighbours),
        "popularity": (items, lambda _: sold),
    }


def compare(window: str) -> None:
    """Fit all, rank all, print and record."""
    told, words = load()
    end = told[-1][0]
    last = end - timedelta(days=DAYS)
    begin, stop = (last, end) if window == "test" else (last - timedelta(days=DAYS), last)
    train = [basket for at, basket in told if at < begin]
    cases = hide([basket for at, basket in told if begin <= at and (at < stop or window == "test")])
    began = time.perf_counter()
    ours = ItemModel.fit(train)
    with_words = ItemModel.fit(train, texts=words)
    print(
        f"{len(train)} baskets to learn from, {len(cases)} to test; ours fitted in {time.perf_counter() - began:.1f} s"
    )
    models = {
        "ours": (ours.items, ours.scores),
        "ours-with-words": (with_words.items, with_words.scores),
        **peers(train),
    }
    for name, (items, score) in models.items():
        write(name, ranks(items, score, cases), window)
    speed(train, cases, window)


def write(name: str, places: np.ndarray, window: str) -> None:
    """Hit rate among the first ten and mean reciprocal rank."""
    hits = int(((places > 0) & (places <= 10)).sum())
    reciprocal = np.where(places > 0, 1 / np.maximum(places, 1), 0.0)
    spread = 1.96 * float(reciprocal.std()) / len(places) ** 0.5
    mean = float(reciprocal.mean())
    if window != "test":
        print(f"{name}: hit@10 {hits / len(places):.4f} MRR {mean:.4f}")
        return
    for figure, value, interval in (
        (f"related-hit10-{name}", hits / len(places), wilson(hits, len(places))),
        (f"related-mrr-{name}", mean, (mean - spread, mean + spread)),
    ):
        record(
            figure,
            value,
            interval=interval,
            command=COMMAND,
            dataset="online_retail_uci",
            files=[FILE],
            seed=SEED,
            note=f"{len(places)} baskets of the last four weeks, one item hidden; tuned on the four weeks before",
        )


def speed(train: Sequence[Basket], cases: Sequence[Case], window: str) -> None:
    """Answers a second through the public face, reasons included."""
    model = RelatedModel.fit(train)
    began = time.perf_counter()
    for basket, _ in cases[:300]:
        model.related(basket, 10)
    rate = min(300, len(cases)) / (time.perf_counter() - began)
    if window == "test":
        record("related-answers-per-second", rate, unit="baskets/s", command=COMMAND, dataset="online_retail_uci")


def main() -> None:
    """Run the comparison."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--window", choices=("test", "validation"), default="test")
    asked = parser.parse_args()
    if not FILE.exists():
        print(f"skipped: {FILE} is not here")
        return
    compare(asked.window)


if __name__ == "__main__":
    main()
