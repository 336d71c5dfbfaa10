"""The order of candidates, learnt from the log itself: what shoppers bought next, hidden and asked for again.

LambdaMART (Burges 2010, "From RankNet to LambdaRank to LambdaMART") over `recommend_features`. A quarter of the
shoppers takes no part in learning; with them the learnt order, the fixed blend and their mean are compared, and the
best is used, learnt anew from all. Too few hidden purchases: the blend.
"""

from dataclasses import dataclass
from importlib import import_module
from typing import Any, Literal

import numpy as np
import numpy.typing as npt

from zhanggui.marketing.models.recommendation import DAY, Doubles, EventLog, Floats, Ints, Protocol
from zhanggui.marketing.service.recommend_features import features
from zhanggui.marketing.service.recommend_histories import Own, Shoppers
from zhanggui.marketing.service.recommend_picking import SOURCES, chunks, pick
from zhanggui.marketing.service.recommend_tables import ItemTables, TableSettings

Split = Literal["last-basket", "window"]
Mix = Literal["learnt", "mean", "blend"]
CANDIDATES = 120
_CASES = 10_000
_BACK = (14.0, 28.0)
_FEWEST = 150
_WINDOW = 28.0
_SETTINGS = {
    "objective": "lambdarank", "lambdarank_truncation_level": 20,
    "learning_rate": 0.03, "num_leaves": 7, "min_data_in_leaf": 100, "feature_fraction": 0.6, "bagging_fraction": 0.8,
    "bagging_freq": 1, "lambda_l2": 5.0, "verbosity": -1, "seed": 0, "deterministic": True, "force_row_wise": True,
    "num_threads": 1,
}  # fmt: skip
_TREES = 160


@dataclass(frozen=True, slots=True)
class Hidden:
    """A log without its end, and what each shopper bought in that end: `users` with `targets` [pairs as keys]."""

    history: EventLog
    users: Ints
    targets: Ints
    protocol: Protocol


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
        learnt = np.asarray(self.trees.predict(table, num_threads=1), np.float32).reshape(-1, width)
        return learnt if self.mix == "learnt" else _mean(learnt, base)


BLEND_AT = len(SOURCES)  # the column of `features` with the blend


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
    return Hidden(history, users.astype(np.int64), keys[np.isin(keys // items, users)], protocol)


def learn(log: EventLog, *, dated: bool, protocol: Protocol, settings: TableSettings | None = None) -> Ranker | None:
    """Hide, build tables from the rest, learn to order; nothing where too little can be hidden.

    With dates the end of the log is hidden at three moments two weeks apart, so that one odd month does not decide.
    """
    split: Split = "window" if dated and (protocol == "any" or _basket_size(log) > 1.5) else "last-basket"
    whole = hide(log, split=split, protocol=protocol)
    if len(whole.users) < _FEWEST:
        return None
    random = np.random.default_rng(0)
    held = random.random(len(log.users)) < 0.25
    moments = (0.0, *_BACK) if split == "window" else (0.0,)
    most = _CASES // len(moments)
    parts = [_examples(whole, random.permutation(whole.users)[:most], dated=dated, settings=settings)]
    for back in moments[1:]:
        earlier = hide(log, split=split, protocol=protocol, back=back)
        users = earlier.users[~held[earlier.users]]
        if len(users) >= _FEWEST:
            some = random.permutation(users)[:most]
            parts.append(_examples(earlier, some, dated=dated, settings=settings))
    return _train(_together(parts), held)


@dataclass(frozen=True, slots=True)
class _Examples:
    users: Ints
    table: Floats
    labels: Floats
    wanted: Ints


def _together(parts: list[_Examples]) -> _Examples:
    return _Examples(
        np.concatenate([part.users for part in parts]),
        np.concatenate([part.table for part in parts]),
        np.concatenate([part.labels for part in parts]),
        np.concatenate([part.wanted for part in parts]),
    )


def _examples(hidden: Hidden, users: Ints, *, dated: bool, settings: TableSettings | None) -> _Examples:
    log = hidden.history
    tables = ItemTables.fit(log, dated=dated, settings=settings)
    shoppers, own = Shoppers.of(log), Own.of(log)
    parts: list[Floats] = []
    labels: list[Floats] = []
    for some in chunks(users, len(log.items)):
        picked = pick(shoppers, tables, some, hidden.protocol, CANDIDATES)
        parts.append(features(shoppers, tables, own, some, picked))
        labels.append(np.isin(some[:, None] * len(log.items) + picked.items, hidden.targets).astype(np.float32))
    buyers = hidden.targets // len(log.items)
    wanted = np.searchsorted(buyers, users, "right") - np.searchsorted(buyers, users)
    return _Examples(users, np.concatenate(parts), np.concatenate(labels), wanted.astype(np.int64))


def _train(examples: _Examples, held: npt.NDArray[np.bool_]) -> Ranker | None:
    boosting: Any = import_module("lightgbm")
    width = examples.labels.shape[1]
    use: npt.NDArray[np.bool_] = np.asarray(examples.labels.any(axis=1), np.bool_)
    test = held[examples.users]
    if min((use & ~test).sum(), (use & test).sum()) < 20:
        return None

    trees = _boost(boosting, examples, use & ~test)
    table = examples.table[np.repeat(test, width)]
    base = table[:, BLEND_AT].reshape(-1, width)
    learnt = np.asarray(trees.predict(table, num_threads=1), np.float32).reshape(-1, width)
    ways: dict[Mix, Floats] = {"learnt": learnt, "mean": _mean(learnt, base), "blend": base}
    ndcg = {name: _ndcg(scores, examples.labels[test], examples.wanted[test]) for name, scores in ways.items()}
    mix = max(ways, key=lambda name: ndcg[name])
    final = trees if mix == "blend" else _boost(boosting, examples, use)
    return Ranker(final, mix, {str(name): value for name, value in ndcg.items()}, len(use))


def _boost(boosting: Any, examples: _Examples, keep: npt.NDArray[np.bool_]) -> Any:
    """A fixed number of small trees: stopping early on so few purchases stops by chance."""
    width = examples.labels.shape[1]
    groups = np.full(int(keep.sum()), width)
    data = boosting.Dataset(examples.table[np.repeat(keep, width)], examples.labels[keep].ravel(), group=groups)
    return boosting.train(_SETTINGS, data, _TREES)


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
