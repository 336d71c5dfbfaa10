"""What speaks for each item for each shopper: scores of every table, the shopper's own history, the item's sales."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from zhanggui.marketing.models.recommendation import DAY, Doubles, EventLog, Floats, Ints, Protocol
from zhanggui.marketing.service.recommend_tables import ItemTables, basket_sizes, shopper_matrix, weighted

SOURCES = (
    "after",
    "after-last",
    "beside",
    "walk-two",
    "walk-after",
    "linear",
    "linear-all",
    "popular",
    "lately",
    "again",
)
# Used where there is too little history to learn weights from; each source is divided by its highest value first.
_BLEND = {
    "after": 1.0, "after-last": 0.2, "beside": 0.3, "walk-two": 0.3, "walk-after": 0.1, "linear": 0.3,
    "linear-all": 0.3, "popular": 0.1, "lately": 0.1, "again": 2.0,
}  # fmt: skip
_HALF = 2.0


@dataclass(frozen=True, slots=True)
class Shoppers:
    """The histories of a log as matrices [users, items], ready to be multiplied with tables.

    Attributes:
        recent: weights that fall by e every two baskets.
        last: the last basket only.
        wide: weights that fall by e every four baskets.
        seen: ones.
        again: how often, falling with the shopper's own baskets since.
    """

    log: EventLog
    recent: Any
    last: Any
    wide: Any
    seen: Any
    again: Any

    @classmethod
    def of(cls, log: EventLog) -> "Shoppers":
        """Weigh every row by its age in baskets."""
        starts = log.starts
        final = log.basket[np.maximum(starts[1:] - 1, 0)] if len(log.user) else np.zeros(len(log.users), np.int64)
        age = (final[log.user] - log.basket).astype(np.float64)
        size = basket_sizes(log) ** -0.25
        return cls(
            log=log,
            recent=weighted(log, np.exp(-age / _HALF) * size),
            last=weighted(log, (age == 0) * size),
            wide=weighted(log, np.exp(-age / (2 * _HALF)) * size),
            seen=shopper_matrix(log),
            again=weighted(log, np.exp(-age / 8)),
        )


def source_scores(shoppers: Shoppers, tables: ItemTables, users: Ints) -> Floats:
    """[sources, users, items], each row of a source divided by its highest value."""
    recent, last, wide = shoppers.recent[users], shoppers.last[users], shoppers.wide[users]
    step = recent @ tables.walk
    shape = (len(users), len(tables.shoppers))
    scores = np.zeros((len(SOURCES), *shape), np.float32)
    for place, matrix in enumerate((
        recent @ tables.after, last @ tables.after, wide @ tables.beside, step @ tables.walk, step @ tables.after,
    )):  # fmt: skip
        scores[place] = matrix.toarray()
    if tables.linear is not None:
        for name, history in (("linear", wide), ("linear-all", shoppers.seen[users])):
            scores[SOURCES.index(name)] = np.maximum(np.asarray(history @ tables.linear), 0)
    scores[SOURCES.index("popular")] = np.log1p(tables.shoppers)
    scores[SOURCES.index("lately")] = np.log1p(tables.lately)
    scores[SOURCES.index("again")] = shoppers.again[users].toarray()
    scores /= np.maximum(scores.max(axis=2, keepdims=True), 1e-9)
    return scores


def blend(scores: Floats) -> Floats:
    """[users, items]: the sources with fixed weights."""
    return np.tensordot(np.array([_BLEND[name] for name in SOURCES], np.float32), scores, axes=1)


def forbid(total: Floats, shoppers: Shoppers, users: Ints, protocol: Protocol) -> None:
    """Nothing that a shopper has, where only unseen items are asked for."""
    if protocol == "next-unseen":
        seen = shoppers.seen[users].tocoo()
        total[seen.row, seen.col] = -np.inf


def best(total: Floats, most: int) -> Ints:
    """[users, most]: places of the highest, best first; ties by place."""
    most = min(most, total.shape[1])
    near = np.sort(np.argpartition(-total, most - 1, axis=1)[:, :most], axis=1)
    order = np.argsort(-np.take_along_axis(total, near, axis=1), axis=1, kind="stable")
    return np.take_along_axis(near, order, axis=1).astype(np.int64)


@dataclass(frozen=True, slots=True)
class Own:
    """What each shopper did with each item of his, as one row a pair, found by `user * items + item`."""

    keys: Ints
    times: Doubles
    last: Doubles
    last_basket: Ints
    first: Doubles
    quantity: Doubles

    @classmethod
    def of(cls, log: EventLog) -> "Own":
        """Group the log by shopper and item."""
        keys, place = np.unique(log.user * len(log.items) + log.item, return_inverse=True)
        last, first = np.full(len(keys), -np.inf), np.full(len(keys), np.inf)
        last_basket = np.zeros(len(keys), np.int64)
        np.maximum.at(last, place, log.at)
        np.minimum.at(first, place, log.at)
        np.maximum.at(last_basket, place, log.basket)
        quantity: Doubles = np.bincount(place, weights=log.quantity, minlength=len(keys)).astype(np.float64)
        return cls(keys, np.bincount(place, minlength=len(keys)).astype(float), last, last_basket, first, quantity)

    def find(self, user: Ints, item: Ints, items: int) -> tuple[Ints, "np.ndarray[Any, np.dtype[np.bool_]]"]:
        """The row of each pair, and whether there is one."""
        wanted = user * items + item
        place = np.minimum(np.searchsorted(self.keys, wanted), max(len(self.keys) - 1, 0)).astype(np.int64)
        return place, (self.keys[place] == wanted) if len(self.keys) else np.zeros(len(wanted), bool)


def features(shoppers: Shoppers, tables: ItemTables, own: Own, users: Ints, scores: Floats, picked: Ints) -> Floats:
    """[users * picked, features] for the ranker, in the order of `picked` [users, candidates]."""
    width = int(picked.shape[1])
    rows = np.repeat(np.arange(len(users)), width)
    item = picked.ravel()
    user = users[rows]
    total = blend(scores)
    table = [scores[place][rows, item] for place in range(len(SOURCES))]
    table += [total[rows, item], np.tile(np.arange(width, dtype=np.float32), len(users))]
    table += _of_item(tables, item)
    table += _of_shopper(shoppers, tables, user)
    table += _of_pair(shoppers, tables, own, user, item)
    table += _of_support(shoppers, tables, users, rows, item)
    return np.column_stack(table).astype(np.float32)


def _of_support(shoppers: Shoppers, tables: ItemTables, users: Ints, rows: Ints, item: Ints) -> list[Any]:
    """Shoppers with the last basket's items and this one, how many of the shopper's items speak for it, likeness."""
    last, seen = shoppers.last[users], shoppers.seen[users]
    both = np.asarray((last @ tables.both)[rows, item], np.float32).ravel()
    speak = np.asarray((seen @ tables.linked)[rows, item], np.float32).ravel()
    alike = np.asarray((last @ tables.beside)[rows, item], np.float32).ravel()
    return [both, both / np.maximum(tables.shoppers, 1)[item], speak, alike]


def _of_item(tables: ItemTables, item: Ints) -> list[Any]:
    sold, lately = tables.shoppers, tables.lately
    days = max((tables.now - float(tables.first.min(initial=tables.now))) / DAY, 1.0)
    trend = lately * days / 28.0 / np.maximum(sold, 1)
    return [
        np.log1p(sold)[item],
        np.log1p(lately)[item],
        trend[item] if tables.dated else np.zeros(len(item)),
        (tables.now - tables.first[item]) / DAY if tables.dated else np.zeros(len(item)),
        (tables.baskets / np.maximum(sold, 1))[item],
    ]


def _of_shopper(shoppers: Shoppers, tables: ItemTables, user: Ints) -> list[Any]:
    log = shoppers.log
    starts = log.starts
    rows = np.diff(starts)
    end = np.maximum(starts[1:] - 1, 0)
    baskets = np.where(rows > 0, log.basket[end] + 1, 0)
    idle = np.where(rows > 0, (tables.now - log.at[end]) / DAY, -1.0) if tables.dated else np.zeros(len(rows))
    return [np.log1p(rows)[user], baskets[user], idle[user], (rows / np.maximum(baskets, 1))[user]]


def _of_pair(shoppers: Shoppers, tables: ItemTables, own: Own, user: Ints, item: Ints) -> list[Any]:
    log = shoppers.log
    place, known = own.find(user, item, len(log.items))
    ends = np.maximum(log.starts[1:] - 1, 0)
    baskets = log.basket[ends][user] + 1
    times = np.where(known, own.times[place], 0.0)
    since = np.where(known, (tables.now - own.last[place]) / DAY, -1.0) if tables.dated else np.zeros(len(item))
    gap = np.where(times > 1, (own.last[place] - own.first[place]) / DAY / np.maximum(times - 1, 1), -1.0)
    return [
        times,
        times / baskets,
        since,
        np.where(known, baskets - 1 - own.last_basket[place], -1),
        gap if tables.dated else np.zeros(len(item)),
        np.where((gap > 0) & tables.dated, since / np.maximum(gap, 0.5), -1.0),
        np.log1p(np.where(known, own.quantity[place], 0.0)),
    ]


def chunks(users: Sequence[int] | Ints, items: int) -> list[Ints]:
    """Shoppers in pieces whose scores fit in some 200 MB."""
    size = max(8, min(1024, 4_000_000 // max(items, 1)))
    array = np.asarray(users, np.int64)
    return [array[at : at + size] for at in range(0, len(array), size)]
