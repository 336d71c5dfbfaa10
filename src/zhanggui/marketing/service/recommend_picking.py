"""Candidates for shoppers: what every source says of every item, and the items that all of them together put first.

Shops with few items have every score of every item in memory at once. In large ones only items that a source knows of
are looked at, and as many of the best sellers as could come among the first; the items picked are the same.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from zhanggui.marketing.models.recommendation import Floats, Ints, Protocol
from zhanggui.marketing.service.recommend_histories import Shoppers
from zhanggui.marketing.service.recommend_tables import ItemTables, strongest

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
_WEIGHTS = np.array([_BLEND[name] for name in SOURCES], np.float32)
_SPARSE = ("after", "after-last", "beside", "walk-two", "walk-after", "again")
_STEP = 200  # items reached by the first step that the second starts from, the strongest
_TINY = 1e-9


@dataclass(frozen=True, slots=True)
class Picked:
    """The candidates of some shoppers, best first by the blend.

    Attributes:
        items: [users, candidates] places of items.
        scores: [sources, users, candidates], each source divided by its highest value for the shopper.
        blend: [users, candidates] the sources with fixed weights.
        allowed: [users, candidates] False fills up where a shopper has fewer candidates.
        support: [3, users, candidates]: shoppers with the last basket's items and this one, how many of the shopper's
            items speak for it, likeness to the last basket.
    """

    items: Ints
    scores: Floats
    blend: Floats
    allowed: npt.NDArray[np.bool_]
    support: Floats


def pick(shoppers: Shoppers, tables: ItemTables, users: Ints, protocol: Protocol, most: int) -> Picked:
    """The `most` best items of each shopper; none that a shopper has, where only unseen ones are asked for."""
    sources = _sources(shoppers, tables, users)
    unseen = _of(shoppers.seen, users) if protocol == "next-unseen" else None
    if tables.linear is not None:
        items, scores, allowed = _from_all(shoppers, tables, users, sources, unseen, most)
    else:
        items, scores, allowed = _from_known(tables, sources, unseen, most)
    last, seen = _of(shoppers.last, users), _of(shoppers.seen, users)
    both, speak, alike = last @ tables.both, seen @ tables.linked, last @ tables.beside
    support = np.stack([values_at(matrix, items) for matrix in (both, speak, alike)])
    return Picked(items, scores, np.tensordot(_WEIGHTS, scores, axes=1), allowed, support)


def best(total: Floats, most: int) -> Ints:
    """[users, most]: places of the highest, best first; ties by place."""
    most = min(most, total.shape[1])
    near = np.sort(np.argpartition(-total, most - 1, axis=1)[:, :most], axis=1)
    order = np.argsort(-np.take_along_axis(total, near, axis=1), axis=1, kind="stable")
    return np.take_along_axis(near, order, axis=1).astype(np.int64)


def values_at(matrix: Any, items: Ints) -> Floats:
    """[rows, columns]: the values of a csr [rows, items] at the places `items` [rows, columns]."""
    found = np.zeros(items.shape, np.float32)
    row = np.zeros(matrix.shape[1], np.float32)
    for at in range(len(items)):
        where = slice(matrix.indptr[at], matrix.indptr[at + 1])
        row[matrix.indices[where]] = matrix.data[where]
        found[at] = row[items[at]]
        row[matrix.indices[where]] = 0
    return found


def chunks(users: Sequence[int] | Ints, items: int) -> list[Ints]:
    """Shoppers in pieces whose scores fit in some 200 MB."""
    size = max(8, min(1024, 4_000_000 // max(items, 1)))
    array = np.asarray(users, np.int64)
    return [array[at : at + size] for at in range(0, len(array), size)]


def _sources(shoppers: Shoppers, tables: ItemTables, users: Ints) -> dict[str, Any]:
    """csr [users, items] of each sparse source, each row divided by its highest value."""
    recent, last, wide = (_of(matrix, users) for matrix in (shoppers.recent, shoppers.last, shoppers.wide))
    step = strongest(recent @ tables.walk, _STEP)
    found = (
        recent @ tables.after, last @ tables.after, wide @ tables.beside, step @ tables.walk, step @ tables.after,
        _of(shoppers.again, users).copy(),
    )  # fmt: skip
    return {name: _levelled(matrix) for name, matrix in zip(_SPARSE, found, strict=True)}


def _of(matrix: Any, users: Ints) -> Any:
    """Their rows; one shopper's matrix is that row already."""
    return matrix if matrix.shape[0] == 1 else matrix[users]


def _levelled(matrix: Any) -> Any:
    counts = np.diff(matrix.indptr)
    highest = np.zeros(len(counts), np.float32)
    full = np.flatnonzero(counts)
    if len(full):
        highest[full] = np.maximum.reduceat(matrix.data, matrix.indptr[full])
    matrix.data /= np.repeat(np.maximum(highest, _TINY), counts)
    return matrix


def _from_all(
    shoppers: Shoppers, tables: ItemTables, users: Ints, sources: dict[str, Any], unseen: Any, most: int
) -> tuple[Ints, Floats, npt.NDArray[np.bool_]]:
    scores = np.zeros((len(SOURCES), len(users), len(tables.shoppers)), np.float32)
    for name, matrix in sources.items():
        scores[SOURCES.index(name)] = matrix.toarray()
    for name, history in (("linear", shoppers.wide[users]), ("linear-all", shoppers.seen[users])):
        value = np.maximum(np.asarray(history @ tables.linear), 0)
        scores[SOURCES.index(name)] = value / np.maximum(value.max(axis=1, keepdims=True), _TINY)
    scores[SOURCES.index("popular")], scores[SOURCES.index("lately")] = tables.sold_level, tables.lately_level
    total = np.tensordot(_WEIGHTS, scores, axes=1)
    if unseen is not None:
        told = unseen.tocoo()
        total[told.row, told.col] = -np.inf
    items = best(total, most)
    allowed = np.isfinite(np.take_along_axis(total, items, axis=1))
    return items, np.take_along_axis(scores, items[None], axis=2), allowed


def _from_known(
    tables: ItemTables, sources: dict[str, Any], unseen: Any, most: int
) -> tuple[Ints, Floats, npt.NDArray[np.bool_]]:
    weights = np.array([_BLEND["popular"], _BLEND["lately"]], np.float32)
    base: Floats = tables.sold_level * weights[0] + tables.lately_level * weights[1]
    users = next(iter(sources.values())).shape[0]
    most = min(most, len(base))
    items = np.zeros((users, most), np.int64)
    allowed = np.zeros((users, most), np.bool_)
    for at in range(users):
        total = base.copy()
        for name, matrix in sources.items():
            where = slice(matrix.indptr[at], matrix.indptr[at + 1])
            total[matrix.indices[where]] += matrix.data[where] * np.float32(_BLEND[name])
        if unseen is not None:
            total[unseen.indices[unseen.indptr[at] : unseen.indptr[at + 1]]] = -np.inf
        # As many items as are asked for reach what the last of these best sellers has without any source.
        sellers = total[tables.sellers[: most + np.count_nonzero(total == -np.inf)]]
        near = np.flatnonzero(total >= sellers[np.isfinite(sellers)].min(initial=np.inf))
        near = near if len(near) >= most else np.arange(len(total))
        row = near[best(total[None, near], most)[0]]
        items[at], allowed[at] = row, np.isfinite(total[row])
    scores = np.zeros((len(SOURCES), users, most), np.float32)
    for name, matrix in sources.items():
        scores[SOURCES.index(name)] = values_at(matrix, items)
    scores[SOURCES.index("popular")] = tables.sold_level[items]
    scores[SOURCES.index("lately")] = tables.lately_level[items]
    return items, scores, allowed
