"""Shoppers' histories, ready to be multiplied with tables, and what each did with each item of theirs."""

from dataclasses import dataclass
from typing import Any

import numpy as np

from zhanggui.marketing.models.recommendation import Doubles, EventLog, Ints
from zhanggui.marketing.service.recommend_tables import basket_sizes, shopper_matrix, weighted

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
        starts: [users + 1] where each shopper's rows begin.
    """

    log: EventLog
    recent: Any
    last: Any
    wide: Any
    seen: Any
    again: Any
    starts: Ints

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
            starts=starts,
        )


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
