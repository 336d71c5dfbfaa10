"""Item-to-item tables from a log, all sparse: who came after whom, who goes with whom, and steps of a walk over both.

`after` are sequential rules with weights 1/distance (Ludewig and Jannach 2018, "Evaluation of session-based
recommendation algorithms"); `beside` is cosine; `walk` is the normalised item graph whose second step reaches items
that no shopper has bought together yet (graph filters; Shen et al. 2021, "How powerful is graph convolution for
recommendation?"). Shops with few items get EASE (Steck 2019) as well, which needs their square in memory.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy import sparse  # pyright: ignore[reportMissingTypeStubs] - scipy ships none

from zhanggui.kernel.retrieval.collaborative import ease
from zhanggui.marketing.models.recommendation import DAY, Doubles, EventLog, Floats, Ints

_SPARSE: Any = sparse  # without types; what comes out is narrowed by np.asarray


@dataclass(frozen=True, slots=True)
class TableSettings:
    """Sizes and weights of the tables.

    Attributes:
        longest: rows of one shopper that count, the latest.
        steps: pairs within so many rows of each other.
        neighbours: kept for an item in `walk`.
        dense_items: EASE only up to so many items (float64, its square in memory twice).
        ridge: of EASE, in weighted baskets.
        recent_days: what counts as lately.
    """

    longest: int = 200
    steps: int = 40
    neighbours: int = 100
    dense_items: int = 5000
    ridge: float = 10.0
    recent_days: float = 28.0


@dataclass(frozen=True, slots=True)
class ItemTables:
    """All tables of one log. csr [items, items] from an item to others, unless said otherwise.

    Attributes:
        after, beside, walk: as in the module's text.
        both: shoppers with both items.
        linked: ones where `both` is not zero.
        linear: [items, items] EASE, or nothing.
        shoppers: [items] shoppers who bought it.
        lately: [items] the same in the recent days; all zero where timestamps are positions.
        baskets: [items] baskets with it.
        sold_level, lately_level: [items] logarithms of `shoppers` and `lately`, divided by the highest.
        sellers: [items] places of items, those with most of both first.
        first: [items] when it was first bought.
        opened: the first of them.
        now: the log's last moment.
        dated: timestamps are dates and shoppers' times overlap.
    """

    after: Any
    beside: Any
    walk: Any
    both: Any
    linked: Any
    linear: Floats | None
    shoppers: Doubles
    lately: Doubles
    baskets: Doubles
    sold_level: Floats
    lately_level: Floats
    sellers: Ints
    first: Doubles
    opened: float
    now: float
    dated: bool

    @classmethod
    def fit(cls, log: EventLog, *, dated: bool, settings: TableSettings | None = None) -> "ItemTables":
        """Count everything once."""
        settings = settings or TableSettings()
        recent = latest(log, settings.longest)
        bought = shopper_matrix(recent)
        both: Any = (bought.T @ bought).tocsr()
        shoppers = np.asarray(shopper_matrix(log).sum(axis=0), np.float64).ravel()
        scale = _diagonal(np.maximum(shoppers, 1) ** -0.5)
        now = float(log.at.max(initial=0.0))
        first = np.full(len(log.items), now)
        np.minimum.at(first, log.item, log.at)
        lately = _lately(log, now - settings.recent_days * DAY) if dated else np.zeros(len(log.items))
        sold_level, lately_level = _level(shoppers), _level(lately)
        return cls(
            after=(scale @ _after(recent, settings.steps)).astype(np.float32).tocsr(),
            beside=_without_self(scale @ both @ scale),
            walk=_walk(bought, scale, settings.neighbours),
            both=both,
            linked=_SPARSE.csr_matrix((np.ones_like(both.data), both.indices, both.indptr), shape=both.shape),
            linear=_linear(recent, settings) if len(log.items) <= settings.dense_items else None,
            shoppers=shoppers,
            lately=lately,
            baskets=np.bincount(log.item, minlength=len(log.items)).astype(np.float64),
            sold_level=sold_level,
            lately_level=lately_level,
            sellers=np.argsort(-(sold_level + lately_level), kind="stable"),
            first=first,
            opened=float(first.min(initial=now)),
            now=now,
            dated=dated,
        )  # fmt: skip


def latest(log: EventLog, most: int) -> EventLog:
    """The last `most` rows of each shopper."""
    ends = log.starts[1:]
    return log.rows(ends[log.user] - np.arange(len(log.user)) <= most)


def shopper_matrix(log: EventLog) -> Any:
    """csr [users, items] of ones where a shopper bought an item."""
    shape = (len(log.users), len(log.items))
    matrix = _SPARSE.csr_matrix((np.ones(len(log.user), np.float32), (log.user, log.item)), shape=shape)
    matrix.data[:] = 1.0
    return matrix


def weighted(log: EventLog, weights: Doubles) -> Any:
    """csr [users, items] of weights, added up where an item comes twice."""
    shape = (len(log.users), len(log.items))
    return _SPARSE.csr_matrix((weights.astype(np.float32), (log.user, log.item)), shape=shape)


def basket_sizes(log: EventLog) -> Doubles:
    """[rows]: how many rows the row's basket has."""
    new = np.ones(len(log.user), bool)
    new[1:] = (np.diff(log.user) != 0) | (np.diff(log.basket) != 0)
    number = np.cumsum(new) - 1
    return np.bincount(number)[number].astype(np.float64) if len(number) else np.zeros(0)


def _after(log: EventLog, steps: int) -> Any:
    items = len(log.items)
    total: Any = _SPARSE.csr_matrix((items, items), dtype=np.float64)
    weight = basket_sizes(log) ** -0.25
    for step in range(1, min(steps, max(len(log.user) - 1, 0)) + 1):
        at = np.flatnonzero(log.user[step:] == log.user[:-step])
        if not len(at):
            break
        gap = log.basket[at + step] - log.basket[at]
        value = weight[at] * weight[at + step] / np.maximum(gap, 1)
        source, target = log.item[at], log.item[at + step]
        total = total + _SPARSE.csr_matrix((value, (source, target)), shape=(items, items))
        same = gap == 0
        if same.any():
            total = total + _SPARSE.csr_matrix((value[same], (target[same], source[same])), shape=(items, items))
    return _without_self(total)


def _walk(bought: Any, scale: Any, neighbours: int) -> Any:
    length = np.maximum(np.asarray(bought.sum(axis=1)).ravel(), 1)
    return strongest(_without_self(scale @ (bought.T @ _diagonal(1 / length) @ bought) @ scale), neighbours)


def strongest(matrix: Any, most: int) -> Any:
    """Only the `most` highest entries of each row."""
    counts: Ints = np.diff(matrix.indptr).astype(np.int64)
    if not len(counts) or counts.max(initial=0) <= most:
        return matrix
    rows: Ints = np.repeat(np.arange(len(counts)), counts)
    order = np.lexsort((np.asarray(-matrix.data), rows))
    place = np.arange(len(rows)) - matrix.indptr[rows]
    keep = order[place < most]
    return _SPARSE.csr_matrix((matrix.data[keep], (rows[keep], matrix.indices[keep])), shape=matrix.shape)


def _linear(log: EventLog, settings: TableSettings) -> Floats:
    size = basket_sizes(log)
    new = np.ones(len(log.user), np.int64)
    new[1:] = (np.diff(log.user) != 0) | (np.diff(log.basket) != 0)
    number: Ints = np.cumsum(new) - 1
    shape = (int(number[-1]) + 1 if len(number) else 0, len(log.items))
    baskets: Any = _SPARSE.csr_matrix((size**-0.25, (number, log.item)), shape=shape)
    people = shopper_matrix(log)
    length = np.maximum(np.asarray(people.sum(axis=1)).ravel(), 1)
    gram: Any = baskets.T @ baskets + people.T @ _diagonal(length**-0.5) @ people
    return ease(np.asarray(gram.todense(), np.float64), settings.ridge).astype(np.float32)


def _level(counts: Doubles) -> Floats:
    grown = np.log1p(counts).astype(np.float32)
    return grown / max(float(grown.max(initial=0.0)), 1e-9)


def _lately(log: EventLog, since: float) -> Doubles:
    return np.asarray(shopper_matrix(log.rows(log.at > since)).sum(axis=0), np.float64).ravel()


def _without_self(matrix: Any) -> Any:
    plain = matrix.tocsr().astype(np.float32)
    plain.setdiag(0)
    plain.eliminate_zeros()
    return plain


def _diagonal(values: Any) -> Any:
    return _SPARSE.diags(values)
