"""Recommendations on purchases kept aside, with peers fitted on the same log in the same run.

Beauty (`amazon_seq_5core`): each shopper's last item, ranked among all items not bought yet; `strict` learns without
the last two items, `refit` without the last one. The gift shop (`online_retail_uci`): what known customers bought in
the last four weeks, all of it or only what they had never bought. Settings were chosen on earlier ends of the same logs
(Beauty's last but one item, the four weeks before); nothing was chosen on these tests.

    python -m evals.recommend [--part beauty|retail] [--no-dense] [--shoppers N]
"""

import argparse
import os
import sys
import time
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import timedelta

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # implicit asks for it

import numpy as np
import polars as pl

from evals.figures import SHARED_DATA, record
from evals.recommend_peers import Scorer, sequence_peers, shop_peers
from zhanggui.marketing import EventLog, Protocol, RecommendModel, events_of
from zhanggui.marketing.service.recommend_events import in_places_of, log_of

COMMAND = "python -m evals.recommend"
BEAUTY = SHARED_DATA / "amazon_seq_5core" / "Beauty.txt"
RETAIL = SHARED_DATA / "online_retail_uci" / "online_retail.parquet"
PUBLISHED = {"SASRec": (0.0605, 0.0318), "ICLRec": (0.0744, 0.0403), "eSASRec": (0.0928, 0.0523)}
DISCOUNT = 1 / np.log2(np.arange(2, 12))


@dataclass(frozen=True, slots=True)
class Task:
    """What was bought after the log: user -> items; the metric counts the first `depth`."""

    name: str
    log: EventLog
    wanted: Mapping[str, frozenset[str]]
    protocol: Protocol
    depth: int
    metric: str


def beauty(refit: bool, shoppers: int) -> Task:
    """Leave one out."""
    rows = [line.split() for line in BEAUTY.read_text().splitlines()]
    log = events_of(
        (row[0], item, float(at)) for row in rows for at, item in enumerate(row[1:-1] if refit else row[1:-2], 1)
    )
    chosen = np.random.default_rng(0).permutation(len(rows))[: shoppers or len(rows)]
    wanted = {rows[at][0]: frozenset(rows[at][-1:]) for at in sorted(chosen.tolist())}
    return Task("beauty-refit" if refit else "beauty", log, wanted, "next-unseen", 10, "hr10")


def beauty_query(task: Task) -> EventLog:
    """The log that is asked with: in `strict`, models know the last item but one, though they did not learn from it."""
    rows = [line.split() for line in BEAUTY.read_text().splitlines()]
    return events_of((row[0], item, float(at)) for row in rows for at, item in enumerate(row[1:-1], 1))


def retail(protocol: Protocol) -> Task:
    """The last four weeks of customers who bought before."""
    lines = pl.read_parquet(RETAIL).with_columns(
        pl.col("InvoiceDate").str.to_datetime("%m/%d/%y %H:%M"), pl.col("CustomerID").cast(pl.Int64).cast(pl.Utf8)
    )
    lines = lines.filter(
        ~pl.col("InvoiceNo").str.starts_with("C"), pl.col("Quantity") > 0, pl.col("UnitPrice") > 0,
        pl.col("CustomerID").is_not_null(), pl.col("StockCode").str.contains(r"^\d{5}"),
    )  # fmt: skip
    last = lines.select(pl.col("InvoiceDate").max()).item()
    cut = last - timedelta(days=28)
    before = lines.filter(pl.col("InvoiceDate") < cut)
    log = log_of(
        before.select(
            user="CustomerID", item="StockCode", at=pl.col("InvoiceDate").dt.epoch("s").cast(pl.Float64),
            count=pl.col("Quantity").cast(pl.Float64),
        )
    )  # fmt: skip
    bought = {(log.users[u], log.items[i]) for u, i in zip(log.user.tolist(), log.item.tolist(), strict=True)}
    after = lines.filter(pl.col("InvoiceDate") >= cut, pl.col("CustomerID").is_in(list(log.users)))
    wanted: dict[str, set[str]] = {}
    for user, item in after.select("CustomerID", "StockCode").unique().sort("CustomerID", "StockCode").iter_rows():
        if protocol == "any" or (user, item) not in bought:
            wanted.setdefault(user, set()).add(item)
    name = "retail-all" if protocol == "any" else "retail-new"
    return Task(name, log, {user: frozenset(items) for user, items in wanted.items()}, protocol, 20, "recall20")


def gains(found: list[str], wanted: frozenset[str], depth: int) -> tuple[float, float]:
    """Recall among the first `depth` (with one wanted item: hit or miss), and NDCG@10."""
    hits = np.array([item in wanted for item in found[:10]], bool)
    gained = float(DISCOUNT[: len(hits)][hits].sum())
    return len(set(found[:depth]) & wanted) / len(wanted), gained / float(DISCOUNT[: min(10, len(wanted))].sum())


def ours(task: Task, query: EventLog | None = None) -> list[tuple[float, float]]:
    """Through the model's public face."""
    began = time.perf_counter()
    model = RecommendModel.fit(task.log, protocol=task.protocol)
    if query is not None:
        model = model.asked_with(query)
    fitted = time.perf_counter() - began
    told = [
        gains([one.item for one in found], task.wanted[user], task.depth)
        for user, found in model.recommend(list(task.wanted), 20)
    ]
    ranker = model.ranker
    print(f"{task.name}: fitted in {fitted:.0f} s, asked in {time.perf_counter() - began - fitted:.0f} s,",
          f"{ranker.mix} {ranker.ndcg}" if ranker else "blend", flush=True)  # fmt: skip
    return told


def peer(task: Task, score: Scorer) -> list[tuple[float, float]]:
    """Full ranking; what the shopper has is left out where only unseen items count."""
    log = task.log
    place = {user: at for at, user in enumerate(log.users)}
    starts = log.starts
    told: list[tuple[float, float]] = []
    names = list(task.wanted)
    for at in range(0, len(names), 500):
        users = np.array([place[name] for name in names[at : at + 500]])
        scores = np.array(score(users), np.float64)
        for row, user in enumerate(users):
            if task.protocol == "next-unseen":
                scores[row, log.item[starts[user] : starts[user + 1]]] = -np.inf
            order = np.argsort(-scores[row], kind="stable")[:20]
            told.append(gains([log.items[item] for item in order], task.wanted[log.users[user]], task.depth))
    return told


def write(task: Task, name: str, told: list[tuple[float, float]]) -> None:
    """Both means with their 95 % intervals."""
    values = np.array(told)
    source, files = (
        ("amazon_seq_5core Beauty", [BEAUTY]) if task.name.startswith("beauty") else ("online_retail_uci", [RETAIL])
    )
    for column, metric in enumerate((task.metric, "ndcg10")):
        mean, spread = float(values[:, column].mean()), 1.96 * float(values[:, column].std()) / len(values) ** 0.5
        print(f"{task.name} {name} {metric} {mean:.4f} ±{spread:.4f}", flush=True)
        record(
            f"recommend-{task.name}-{metric}-{name}", mean, interval=(mean - spread, mean + spread),
            command=" ".join([COMMAND, *sys.argv[1:]]),
            dataset=source, files=files, note=f"{len(values)} shoppers, full ranking",
        )  # fmt: skip


def run_beauty(dense: bool, shoppers: int) -> None:
    """Strict, then refit."""
    for refit in (True, False):
        task = beauty(refit, shoppers)
        query = None if refit else beauty_query(task)
        write(task, "ours", ours(task, query))
        known = task if query is None else replace(task, log=in_places_of(query, task.log.items))
        for name, score in sequence_peers(task.log, dense=dense, query=query).items():
            write(known, name, peer(known, score))
    for name, (hits, ndcg) in PUBLISHED.items():
        print(f"published, Beauty, other code and hardware: {name} HR@10 {hits} NDCG@10 {ndcg}")


def run_retail() -> None:
    """All, then new."""
    for protocol in ("any", "next-unseen"):
        task = retail(protocol)
        write(task, "ours", ours(task))
        for name, score in shop_peers(task.log).items():
            write(task, name, peer(task, score))


def main() -> None:
    """Run what was asked for."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--part", choices=("beauty", "retail", "all"), default="all")
    parser.add_argument("--no-dense", action="store_true", help="leave out the peers that invert [items, items]")
    parser.add_argument(
        "--shoppers", type=int, default=0, help="only so many shoppers of Beauty, drawn by seed; 0 = all"
    )
    asked = parser.parse_args()
    if asked.part in ("retail", "all") and RETAIL.exists():
        run_retail()
    if asked.part in ("beauty", "all") and BEAUTY.exists():
        run_beauty(not asked.no_dense, asked.shoppers)


if __name__ == "__main__":
    main()
