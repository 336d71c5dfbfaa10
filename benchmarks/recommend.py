"""Serving and learning of recommendations: answers from a real database, and fitting beside implicit's ALS in turns.

Each shop (`amazon_seq_5core` Beauty, `online_retail_uci`) is written into a fresh SQLite database through the same
intake as any order; one question is one `Recommender.answer` in a transaction of its own, on one thread, with stock and
fresh orders read each time. Beauty has no dates: positions become days, spread by shopper. Fitting is `RecommendModel`
against ALS (128 factors, 15 iterations, one thread) on the log of `evals.recommend`, NDCG@10 of both on its purchases
kept aside.

The third shop is made up, of the size that is promised: 100,000 products and 1,000,000 customers, 1.2 million orders,
written straight into the tables; questions are by customers drawn from all of them and by what two of them bought.

    python -m benchmarks.recommend [--part real|large|all] [--shoppers N] [--products N] [--customers N]
        [--questions N] [--rounds N] [--no-record]
"""

import argparse
import os
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from statistics import median

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # implicit asks for it

import numpy as np
import polars as pl
from evals.figures import record
from evals.recommend import BEAUTY, RETAIL, Task, beauty, gains, peer, retail
from evals.recommend_peers import histories
from threadpoolctl import threadpool_limits

from benchmarks.recommend_shop import Size, people, write_shop
from zhanggui.catalog import ProductStore, ShopWindow
from zhanggui.kernel.commerce import Customer, Product, SourceLine, SourceOrder, Variant
from zhanggui.kernel.storage import Actor, Database, MerchantStore, metadata
from zhanggui.kernel.types import Money
from zhanggui.marketing import EventLog, Question, Recommender, RecommendModel
from zhanggui.marketing.service.recommend_events import log_of
from zhanggui.marketing.service.serving import Fitted
from zhanggui.orders import Origin, bought_lines, take

COMMAND = "python -m benchmarks.recommend"
SEED = 0
CHUNK = 500
PRICE = 1_000
ACTOR = Actor("system", "bench")


@dataclass(frozen=True, slots=True)
class Fit:
    """Seconds to fit and mean NDCG@10."""

    seconds: float
    ndcg: float


def sampled(task: Task, shoppers: int) -> Task:
    """The same task with only so many shoppers, drawn by seed; 0 = all."""
    log = task.log
    if not shoppers or shoppers >= len(log.users):
        return task
    chosen = np.random.default_rng(SEED).permutation(len(log.users))[:shoppers]
    keep = log.rows(np.isin(log.user, chosen))
    names, items = np.array(log.users), np.array(log.items)
    table = pl.DataFrame(
        {"user": names[keep.user], "item": items[keep.item], "at": keep.at, "count": keep.quantity},
    )
    few = {log.users[at] for at in chosen.tolist()}
    return replace(task, log=log_of(table), wanted={user: told for user, told in task.wanted.items() if user in few})


def moments(log: EventLog, *, dated: bool, now: datetime) -> list[datetime]:
    """[rows]: when each row was bought, the newest an hour ago; positions count as days."""
    seconds = log.at if dated else log.at * 86_400.0 + (log.user * 7_919 % 86_400)
    newest = float(seconds.max())
    return [now - timedelta(hours=1, seconds=newest - float(at)) for at in seconds]


def orders_of(log: EventLog, *, dated: bool, now: datetime) -> list[SourceOrder]:
    """One order a basket, oldest first."""
    lines: dict[tuple[int, int], list[SourceLine]] = {}
    placed: dict[tuple[int, int], datetime] = {}
    at = moments(log, dated=dated, now=now)
    for row, key in enumerate(zip(log.user.tolist(), log.basket.tolist(), strict=True)):
        item = log.items[int(log.item[row])]
        lines.setdefault(key, []).append(SourceLine(str(row), item, item, 1, Money(PRICE, "CNY")))
        placed[key] = at[row]
    made: list[SourceOrder] = []
    for key in sorted(lines, key=lambda one: (placed[one], one)):
        name, when, told = log.users[key[0]], placed[key], tuple(lines[key])
        total = Money(PRICE * len(told), "CNY")
        who = Customer(name, name, f"{name}@example.com")
        made.append(SourceOrder("bench", f"{key[0]}-{key[1]}", when, when, told, Money(0, "CNY"), total, customer=who))
    return made


def open_shop(folder: Path, log: EventLog, *, dated: bool) -> Database:
    """A database with every item on the shelf and every basket as an order."""
    database = Database(f"sqlite:///{folder / 'shop.db'}")
    metadata.create_all(database.engine)
    MerchantStore(database).create("m1", name="Benchmark")
    goods = [Product(item, item, variants=(Variant(item, stock=5),), price=Money(PRICE, "CNY")) for item in log.items]
    news = orders_of(log, dated=dated, now=datetime.now(UTC))
    for first in range(0, len(goods), CHUNK):
        with database.begin("m1", ACTOR) as uow:
            ProductStore(uow).create(goods[first : first + CHUNK], "bench")
    for first in range(0, len(news), CHUNK):
        with database.begin("m1", ACTOR) as uow:
            take(uow, news[first : first + CHUNK], Origin("s1", "bench"))
    return database


def questions(log: EventLog, count: int) -> dict[str, list[Question]]:
    """For single shoppers, and for baskets of the last rows of a shopper, drawn by seed."""
    random = np.random.default_rng(SEED)
    starts = log.starts
    people, baskets = [], []
    for user in random.integers(len(log.users), size=count).tolist():
        people.append(Question(customer=f"s1:{log.users[user]}"))
        rows = log.item[max(int(starts[user]), int(starts[user + 1]) - 3) : int(starts[user + 1])]
        baskets.append(Question("together", items=tuple(log.items[item] for item in rows.tolist())))
    return {"customer": people, "basket": baskets}


def serve(database: Database, recommender: Recommender, asked: Sequence[Question]) -> tuple[list[float], int]:
    """Seconds of each answer, transaction included, and how many answers showed something."""
    spent, full = [], 0
    for question in asked:
        began = time.perf_counter()
        with database.begin("m1", ACTOR, read_only=True) as uow:
            answer = recommender.answer(uow, question)
        spent.append(time.perf_counter() - began)
        full += bool(answer.items)
    return spent, full


def resident() -> float:
    """MiB this process holds now."""
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 2**20


def fit_ours(task: Task) -> Fit:
    """Our model through its public face."""
    began = time.perf_counter()
    model = RecommendModel.fit(task.log, protocol=task.protocol)
    seconds = time.perf_counter() - began
    told = [
        gains([one.item for one in found], task.wanted[user], task.depth)[1]
        for user, found in model.recommend(list(task.wanted), 20)
    ]
    return Fit(seconds, float(np.mean(told)))


def fit_als(task: Task) -> Fit:
    """The library implicit's alternating least squares."""
    from implicit.als import AlternatingLeastSquares

    matrix = histories(task.log)
    model = AlternatingLeastSquares(factors=128, regularization=0.05, iterations=15, num_threads=1, random_state=SEED)
    began = time.perf_counter()
    model.fit(matrix, show_progress=False)
    seconds = time.perf_counter() - began
    told = peer(task, lambda users: model.user_factors[users] @ model.item_factors.T)
    return Fit(seconds, float(np.mean([ndcg for _, ndcg in told])))


def compare(task: Task, rounds: int) -> dict[str, tuple[float, str]]:
    """Both in turns: median seconds, the ratio of each round's median, NDCG@10."""
    fits: dict[str, list[Fit]] = {"ours": [], "implicit-als": []}
    ways: dict[str, Callable[[Task], Fit]] = {"ours": fit_ours, "implicit-als": fit_als}
    for _ in range(rounds):
        for name, way in ways.items():
            with threadpool_limits(1, "blas"):
                fits[name].append(way(task))
    told: dict[str, tuple[float, str]] = {}
    for name, found in fits.items():
        told[f"fit-seconds-{name}"] = (median(one.seconds for one in found), "s")
        told[f"ndcg10-{name}"] = (found[0].ndcg, "")
    ratios = [als.seconds / ours.seconds for ours, als in zip(fits["ours"], fits["implicit-als"], strict=True)]
    told["als-seconds-over-ours"] = (median(ratios), "x")
    return told


def serving(task: Task, count: int) -> dict[str, tuple[float, str]]:
    """p50, p95 and answers a second of both kinds of question, and the memory that learning took."""
    with tempfile.TemporaryDirectory() as name:
        database = open_shop(Path(name), task.log, dated=task.name.startswith("retail"))
        return measure(database, lambda _: questions(task.log, count))


def large(size: Size, count: int) -> dict[str, tuple[float, str]]:
    """The same in the made-up shop."""

    def asked(fitted: Fitted) -> dict[str, list[Question]]:
        sold, drawn = sorted(fitted.sold), np.random.default_rng(SEED)
        pairs = drawn.integers(len(sold), size=(count, 2)).tolist()
        return {
            "customer": [Question(customer=one) for one in people(size, count)],
            "basket": [Question("together", items=tuple(sold[at] for at in pair)) for pair in pairs],
        }

    with tempfile.TemporaryDirectory() as name:
        return measure(write_shop(Path(name), size), asked)


def measure(database: Database, ask: Callable[[Fitted], dict[str, list[Question]]]) -> dict[str, tuple[float, str]]:
    """Learn, then answer everything that `ask` asks; closes the database."""
    told: dict[str, tuple[float, str]] = {}
    recommender = Recommender(bought_lines, ShopWindow())
    before, began = resident(), time.perf_counter()
    with database.begin("m1", ACTOR, read_only=True) as uow:
        fitted = recommender.fitted(uow)
    told["learning"] = (time.perf_counter() - began, "s")
    told["memory"] = (resident() - before, "MiB")
    for kind, asked in ask(fitted).items():
        serve(database, recommender, asked[: len(asked) // 10])
        spent, full = serve(database, recommender, asked)
        told[f"{kind}-p50"] = (1_000 * float(np.quantile(spent, 0.5)), "ms")
        told[f"{kind}-p95"] = (1_000 * float(np.quantile(spent, 0.95)), "ms")
        told[f"{kind}-per-second"] = (len(spent) / sum(spent), "answers/s")
        told[f"{kind}-answered"] = (full / len(spent), "")
    database.close()
    return told


def run_real(asked: argparse.Namespace) -> None:
    """Beauty and the gift shop: serving, and learning beside ALS."""
    makers: dict[Path, Callable[[], Task]] = {
        BEAUTY: lambda: beauty(refit=True, shoppers=0),
        RETAIL: lambda: retail("next-unseen"),
    }
    for file, make in makers.items():
        if not file.exists():
            print(f"skipped: {file.name} is not here")
            continue
        task = sampled(make(), asked.shoppers)
        note = f"{len(task.log.users)} shoppers, {len(task.log.items)} items; {asked.rounds} rounds in turns"
        told = {**serving(task, asked.questions), **compare(task, asked.rounds)}
        keep(asked, task.name, told, (file.parent.name, [file], note))


def run_large(asked: argparse.Namespace) -> None:
    """The made-up shop."""
    size = Size(asked.products, asked.customers)
    note = f"{size.products:,} products, {size.customers:,} customers, {size.orders:,} orders, made up"
    keep(asked, "large", large(size, asked.questions), ("synthetic", [], note))


def keep(
    asked: argparse.Namespace, name: str, told: dict[str, tuple[float, str]], source: tuple[str, list[Path], str]
) -> None:
    """Print the figures, and record them unless asked not to."""
    dataset, files, note = source
    for figure, (value, unit) in told.items():
        print(f"{name} {figure}: {value:,.4g} {unit}", flush=True)
        if not asked.no_record:
            record(
                f"recommending-{name}-{figure}", value, unit=unit, command=COMMAND, dataset=dataset, files=files,
                seed=SEED, note=note,
            )  # fmt: skip


def main() -> None:
    """Measure what was asked for, print and record."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--part", choices=("real", "large", "all"), default="all")
    parser.add_argument("--shoppers", type=int, default=0, help="only so many shoppers, drawn by seed; 0 = all")
    parser.add_argument("--products", type=int, default=100_000, help="of the made-up shop")
    parser.add_argument("--customers", type=int, default=1_000_000, help="of the made-up shop")
    parser.add_argument("--questions", type=int, default=1_000)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--no-record", action="store_true", help="only print")
    asked = parser.parse_args()
    if asked.part in ("real", "all"):
        run_real(asked)
    if asked.part in ("large", "all"):
        run_large(asked)


if __name__ == "__main__":
    main()
