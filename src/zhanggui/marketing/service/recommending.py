"""Recommendations from a log: candidates from item tables, an order learnt from the log itself, a reason for each."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from zhanggui.kernel.errors import BadInput
from zhanggui.marketing.models.recommendation import (
    EventLog,
    Floats,
    Ints,
    Protocol,
    Recommendation,
    RecommendReason,
)
from zhanggui.marketing.service.recommend_events import in_places_of
from zhanggui.marketing.service.recommend_features import features
from zhanggui.marketing.service.recommend_histories import Own, Shoppers
from zhanggui.marketing.service.recommend_picking import Picked, best, chunks, pick, values_at
from zhanggui.marketing.service.recommend_ranker import CANDIDATES, Ranker, is_dated, learn
from zhanggui.marketing.service.recommend_tables import ItemTables, TableSettings


@dataclass(frozen=True, slots=True)
class RecommendModel:
    """A fitted model of one log for one protocol. Only read after `fit`; the same log gives the same answers.

    `people` is how many shoppers it was fitted on, whoever is asked about later.
    """

    log: EventLog
    protocol: Protocol
    tables: ItemTables
    shoppers: Shoppers
    own: Own
    ranker: Ranker | None
    places: Mapping[str, int]
    item_places: Mapping[str, int]
    people: int

    @classmethod
    def fit(
        cls, log: EventLog, *, protocol: Protocol = "any", settings: TableSettings | None = None
    ) -> "RecommendModel":
        """Learn the order on a part of the log, then count tables over all of it.

        Raises:
            BadInput: the log is empty.
        """
        if not len(log.user):
            raise BadInput(field="events", expected="at least one purchase", found="none")
        dated = is_dated(log)
        ranker = learn(log, dated=dated, protocol=protocol, settings=settings)
        return cls(
            log=log,
            protocol=protocol,
            tables=ItemTables.fit(log, dated=dated, settings=settings),
            shoppers=Shoppers.of(log),
            own=Own.of(log),
            ranker=ranker,
            item_places={item: at for at, item in enumerate(log.items)},
            places={user: at for at, user in enumerate(log.users)},
            people=len(log.users),
        )

    def asked_with(self, log: EventLog) -> "RecommendModel":
        """The same tables and order, asked with newer histories: fresh without learning anew."""
        known = in_places_of(log, self.log.items, self.item_places)
        return replace(
            self,
            log=known,
            shoppers=Shoppers.of(known),
            own=Own.of(known),
            places={user: at for at, user in enumerate(known.users)},
        )

    def recommend(self, users: Sequence[str], k: int = 20) -> Iterator[tuple[str, list[Recommendation]]]:
        """For each shopper in the order asked, the k best items; one nobody knows gets what is popular."""
        unknown: list[Recommendation] | None = None
        for at in range(0, len(users), 1024):
            some = users[at : at + 1024]
            known = [self.places[user] for user in some if user in self.places]
            answers: dict[int, list[Recommendation]] = {}
            for chunk in chunks(known, len(self.log.items)):
                answers.update(zip(chunk.tolist(), self._answer(chunk, k), strict=True))
            for user in some:
                place = self.places.get(user)
                if place is None:
                    unknown = unknown if unknown is not None else self.popular(k)
                yield user, answers[place] if place is not None else list(unknown or ())

    def popular(self, k: int) -> list[Recommendation]:
        """What most shoppers bought, lately where the log has dates."""
        tables = self.tables
        lately = tables.dated and int((tables.lately > 0).sum()) >= k
        counts = (tables.lately if lately else tables.shoppers) + tables.shoppers * 1e-6
        order: list[int] = best(counts.astype(np.float32)[None, :], k)[0].tolist()
        return [
            Recommendation(self.log.items[item], float(counts[item]), self._popular(item, lately=lately))
            for item in order
        ]

    def rank(self, users: Ints, k: int) -> list[tuple[Ints, Floats]]:
        """For each place of a shopper: the places of the k best items, and what they are ordered by."""
        picked = pick(self.shoppers, self.tables, users, self.protocol, max(CANDIDATES, k))
        order = self._order(users, picked)
        order[~picked.allowed] = -np.inf
        ranked = best(order, k)
        chosen = np.take_along_axis(picked.items, ranked, axis=1)
        values = np.take_along_axis(order, ranked, axis=1)
        kept = np.isfinite(values)
        return [(chosen[row][kept[row]], values[row][kept[row]]) for row in range(len(users))]

    def _answer(self, users: Ints, k: int) -> list[list[Recommendation]]:
        found = zip(users.tolist(), self.rank(users, k), strict=True)
        return [self._explained(user, items, values) for user, (items, values) in found]

    def _order(self, users: Ints, picked: Picked) -> Floats:
        if self.ranker is None:
            return picked.blend.copy()
        return self.ranker.order(
            features(self.shoppers, self.tables, self.own, users, picked), int(picked.items.shape[1])
        )

    def _explained(self, user: int, items: Ints, values: Floats) -> list[Recommendation]:
        reasons = self.reasons(user, items)
        named: list[int] = items.tolist()
        return [
            Recommendation(self.log.items[item], float(value), reason)
            for item, value, reason in zip(named, values.tolist(), reasons, strict=True)
        ]

    def reasons(self, user: int, items: Ints) -> list[RecommendReason]:
        """Why each item, from the tables that it was found with."""
        log, tables = self.log, self.tables
        start, end = int(self.shoppers.starts[user]), int(self.shoppers.starts[user + 1])
        past: Ints = np.unique(log.item[max(start, end - 30) : end])
        both = _at(tables.both, past, items)
        strength = both / np.sqrt(tables.shoppers[past])[:, None]
        place, known = self.own.find(np.full(len(items), user), items, len(log.items))
        direct = known | (strength.max(axis=0, initial=0) > 0)
        indirect = dict(zip(items[~direct].tolist(), self._indirect(past, items[~direct]), strict=True))
        told: list[RecommendReason] = []
        for column, item in enumerate(items.tolist()):
            if known[column]:
                last = float(self.own.last[place[column]]) if tables.dated else None
                told.append(RecommendReason("again", shoppers=int(self.own.times[place[column]]), last=last))
            elif direct[column]:
                by = int(strength[:, column].argmax())
                among = int(tables.shoppers[past[by]])
                told.append(RecommendReason("bought-after", log.items[int(past[by])], int(both[by, column]), among))
            else:
                told.append(indirect[item])
        return told

    def _indirect(self, past: Ints, items: Ints) -> list[RecommendReason]:
        """Through items in between, else for what many bought."""
        if not len(items) or not len(past):
            return [self._popular(item, lately=False) for item in items.tolist()]
        shared = np.asarray((self.tables.walk[past] @ self.tables.walk[items].T).todense())
        return [
            RecommendReason("related", self.log.items[int(past[int(shared[:, column].argmax())])])
            if shared[:, column].max() > 0
            else self._popular(item, lately=False)
            for column, item in enumerate(items.tolist())
        ]

    def _popular(self, item: int, *, lately: bool) -> RecommendReason:
        counts = self.tables.lately if lately else self.tables.shoppers
        return RecommendReason("popular", shoppers=int(counts[item]), among=self.people, lately=lately)


def _at(matrix: Any, rows: Ints, columns: Ints) -> Floats:
    """[rows, columns] of a csr."""
    return values_at(matrix[rows], np.broadcast_to(columns, (len(rows), len(columns))))
