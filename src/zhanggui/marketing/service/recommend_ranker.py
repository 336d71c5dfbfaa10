"""The order of candidates, learnt from the log itself: what shoppers bought next, hidden and asked for again.

LambdaMART (Burges 2010, "From RankNet to LambdaRank to LambdaMART") over `recommend_features`. A quarter of the hidden
purchases takes no part in learning; there the learnt order, the fixed blend and their mean are compared, and the best
is used. Too few hidden purchases: the blend.
"""

from dataclasses import dataclass
from importlib import import_module
from typing import Any, Literal

import numpy as np

from zhanggui.marketing.models.recommendation import DAY, Doubles, EventLog, Floats, Ints, Protocol
from zhanggui.marketing.service.recommend_features import (
    Own,
    Shoppers,
    best,
    blend,
    chunks,
    features,
    forbid,
    source_scores,
)
from zhanggui.marketing.service.recommend_tables import ItemTables, TableSettings

Split = Literal["last-basket", "window"]
Mix = Literal["learnt", "mean", "blend"]
CANDIDATES = 120
_CASES = 6000
_FEWEST = 150
_WINDOW = 28.0
_SETTINGS = {
    "objective": "lambdarank", "metric": "ndcg", "eval_at": [10], "lambdarank_truncation_level": 20,
    "learning_rate": 0.05, "num_leaves": 31, "min_data_in_leaf": 40, "feature_fraction": 0.6, "bagging_fraction": 0.8,
    "bagging_freq": 1, "lambda_l2": 5.0, "verbosity": -1, "seed": 0, "deterministic": True, "force_row_wise": True,
    "num_threads": 2,
}  # fmt: skip
_TREES, _PATIENCE = 400, 40


@dataclass(frozen=True, slots=True)
class Hidden:
    """A log without its end, and what each shopper bought in that end: `users` with `targets` [pairs as keys]."""

    history: EventLog
    users: Ints
    targets: Ints


@dataclass(frozen=True, slots=True)
class Ranker:
    """A learnt order; `mix` says what is used, `ndcg` what each way reached on hidden purchases."""

    trees: Any
    mix: Mix
    ndcg: dict[str, float]
    cases: int

    def order(self, table: Floats, width: int) -> Floats:
        """[shoppers, candidates]: scores, higher first."""
        base = table[:, BLEND_AT].reshape(-1, width)
        if self.mix == "blend":
            return base
        learnt = np.asarray(self.trees.predict(table), np.float32).reshape(-1, width)
        return learnt if self.mix == "learnt" else _mean(learnt, base)


BLEND_AT = 9  # the column of `features` with the blend


def is_dated(log: EventLog) -> bool:
    """Whether timestamps are dates on one calendar, not a count that starts anew for each shopper.

    A count starts at the same number for most shoppers, or spans less than two days.
    """
    first = log.at[log.starts[:-1][np.diff(log.starts) > 0]]
    if len(first) < 2 or float(log.at.max() - log.at.min()) < 2 * DAY:
        return False
    _, counts = np.unique(first, return_counts=True)
    return bool(counts.max() < max(2, 0.5 * len(first)))


def hide(log: EventLog, *, split: Split, protocol: Protocol, back: float = 0.0) -> Hidden:
    """Take the end away: the last four weeks (`window`, a quarter of a shorter log), or each shopper's last basket.

    Args:
        back: days before the log's end at which the window ends.
    """
    if split == "window":
        now = float(log.at.max()) - back * DAY
        cut = now - min(_WINDOW * DAY, (now - float(log.at.min())) / 4)
        late, future = log.at > cut, log.at > now
    else:
        final = log.basket[log.starts[1:] - 1]
        late = (log.basket == final[log.user]) & (log.basket > 0)
        future = np.zeros(len(log.user), bool)
    history = log.rows(~late & ~future)
    items = len(log.items)
    keys = np.unique((log.user * items + log.item)[late & ~future])
    if protocol == "next-unseen":
        keys = keys[~np.isin(keys, history.user * items + history.item)]
    users = np.intersect1d(keys // items, history.user)
    return Hidden(history, users.astype(np.int64), keys[np.isin(keys // items, users)])


def learn(log: EventLog, *, dated: bool, protocol: Protocol, settings: TableSettings | None = None) -> Ranker | None:
    """Hide, build tables from the rest, learn to order; nothing where too little can be hidden."""
    split: Split = "window" if dated and (protocol == "any" or _basket_size(log) > 1.5) else "last-basket"
    hidden = hide(log, split=split, protocol=protocol)
    if len(hidden.users) < _FEWEST:
        return None
    random = np.random.default_rng(0)
    users = random.permutation(hidden.users)[:_CASES]
    held = max(len(users) // 4, 50)
    examples = _examples(hidden, users, dated=dated, protocol=protocol, settings=settings)
    return _train(examples, held)


@dataclass(frozen=True, slots=True)
class _Examples:
    table: Floats
    labels: Floats
    found: Ints
    wanted: Ints


def _examples(
    hidden: Hidden, users: Ints, *, dated: bool, protocol: Protocol, settings: TableSettings | None
) -> _Examples:
    log = hidden.history
    tables = ItemTables.fit(log, dated=dated, settings=settings)
    shoppers, own = Shoppers.of(log), Own.of(log)
    parts: list[Floats] = []
    labels: list[Floats] = []
    for some in chunks(users, len(log.items)):
        scores = source_scores(shoppers, tables, some)
        total = blend(scores)
        forbid(total, shoppers, some, protocol)
        picked = best(total, CANDIDATES)
        parts.append(features(shoppers, tables, own, some, scores, picked))
        labels.append(np.isin(some[:, None] * len(log.items) + picked, hidden.targets).astype(np.float32))
    told = np.concatenate(labels)
    wanted = np.searchsorted(hidden.targets // len(log.items), users, "right") - np.searchsorted(
        hidden.targets // len(log.items), users
    )
    return _Examples(np.concatenate(parts), told, told.sum(axis=1).astype(np.int64), wanted.astype(np.int64))


def _train(examples: _Examples, held: int) -> Ranker:
    boosting: Any = import_module("lightgbm")
    width = examples.labels.shape[1]
    use = examples.found > 0
    test = np.zeros(len(use), bool)
    test[:held] = True

    def data(keep: Any, reference: Any = None) -> Any:
        rows = np.repeat(keep, width)
        return boosting.Dataset(
            examples.table[rows], examples.labels[keep].ravel(), group=np.full(int(keep.sum()), width),
            reference=reference, free_raw_data=True,
        )  # fmt: skip

    train = data(use & ~test)
    trees = boosting.train(
        _SETTINGS, train, _TREES, valid_sets=[data(use & test, train)],
        callbacks=[boosting.early_stopping(_PATIENCE, verbose=False)],
    )  # fmt: skip
    table = examples.table[: held * width]
    base = table[:, BLEND_AT].reshape(-1, width)
    learnt = np.asarray(trees.predict(table), np.float32).reshape(-1, width)
    ways: dict[Mix, Floats] = {"learnt": learnt, "mean": _mean(learnt, base), "blend": base}
    ndcg = {name: _ndcg(scores, examples.labels[:held], examples.wanted[:held]) for name, scores in ways.items()}
    mix = max(ways, key=lambda name: ndcg[name])
    return Ranker(trees, mix, {str(name): value for name, value in ndcg.items()}, len(use))


def _mean(learnt: Floats, base: Floats) -> Floats:
    def level(scores: Floats) -> Floats:
        spread = np.maximum(scores.std(axis=1, keepdims=True), 1e-9)
        return (scores - scores.mean(axis=1, keepdims=True)) / spread

    return level(learnt) + level(base)


def _ndcg(scores: Floats, labels: Floats, wanted: Ints) -> float:
    """NDCG@10; the ideal counts what no candidate covers too."""
    order = np.argsort(-scores, axis=1, kind="stable")[:, :10]
    discount: Doubles = 1 / np.log2(np.arange(2, 12))
    gained = (np.take_along_axis(labels, order, axis=1) * discount[: order.shape[1]]).sum(axis=1)
    ideal = np.cumsum(discount)[np.minimum(np.maximum(wanted, 1), 10) - 1]
    return float((gained / ideal).mean())


def _basket_size(log: EventLog) -> float:
    baskets = len(np.unique(log.user * (int(log.basket.max()) + 1) + log.basket))
    return len(log.user) / max(baskets, 1)
