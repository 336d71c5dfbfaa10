"""The recommender of one installation: learns each shop's purchases, keeps what it learnt, answers from the present.

A fit is kept in memory with its time and replaced every night; a shopper's own orders, the stock and the switch of
personalisation are read at every question, so they count at once.
"""

import random
import threading
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

from zhanggui.kernel.errors import BadInput
from zhanggui.kernel.storage import UnitOfWork
from zhanggui.marketing.models.recommendation import Recommendation, RecommendReason
from zhanggui.marketing.models.serving import Answer, NotPersonal, Question, Served
from zhanggui.marketing.ports import Purchases, Shelf, Ware
from zhanggui.marketing.service.purchases import (
    OVERLAP,
    Purchase,
    Shopper,
    all_purchases,
    fresh_purchases,
    purchase_log,
    shopper_of,
)
from zhanggui.marketing.service.recommend_ranker import is_dated, learn
from zhanggui.marketing.service.recommending import RecommendModel
from zhanggui.marketing.store.events import EventStore

# A nightly job that did not run must not leave a shop with last month's tastes.
_STALE = timedelta(hours=36)
_CANDIDATES = 500
_AHEAD = 3
_LOOKED_BACK, _LOOKED = timedelta(days=60), 50
_NEWEST = 60
_FEW = 5
_ME = "me"


@dataclass(frozen=True, slots=True)
class Fitted:
    """What was learnt of one shop.

    Attributes:
        at: when.
        anything: the model for buying again; None where nothing was bought yet.
        unseen: the same tables with an order learnt for items that are new to a shopper.
        orders: orders placed shortly before `at` that are in it.
        sold: shoppers of each item.
        popular: what is shown where nothing is known, best first.
    """

    at: datetime
    anything: RecommendModel | None
    unseen: RecommendModel | None
    orders: frozenset[str]
    sold: dict[str, int]
    popular: tuple[Recommendation, ...] = ()


class Recommender:
    """Answers for every merchant of an installation; safe to use from several threads.

    Args:
        purchases: the shop's orders.
        shelf: the shop's products.
        explore: the share of places behind the first that new items get, chosen by the day and the shopper.
    """

    def __init__(self, purchases: Purchases, shelf: Shelf, *, explore: float = 0.1) -> None:
        self._purchases, self._shelf, self._explore = purchases, shelf, explore
        self._kept: dict[str, Fitted] = {}
        self._locks: defaultdict[str, threading.Lock] = defaultdict(threading.Lock)
        self._guard = threading.Lock()

    def gather(self, uow: UnitOfWork) -> list[Purchase]:
        """Everything that is learnt from."""
        return all_purchases(uow, self._purchases, self._shelf)

    def learn(self, merchant_id: str, purchases: Sequence[Purchase], now: datetime) -> Fitted:
        """Learn from purchases and answer with it from now on. Needs no transaction."""
        if not purchases:
            fitted = Fitted(now, None, None, frozenset(), {})
        else:
            log = purchase_log(purchases)
            anything = RecommendModel.fit(log)
            ranker = learn(log, dated=is_dated(log), protocol="next-unseen")
            recent = frozenset(one.order_id for one in purchases if one.at >= now - OVERLAP)
            sold = dict(zip(log.items, anything.tables.shoppers.astype(int).tolist(), strict=True))
            unseen = replace(anything, protocol="next-unseen", ranker=ranker)
            fitted = Fitted(now, anything, unseen, recent, sold, tuple(unseen.popular(_CANDIDATES)))
        self._kept[merchant_id] = fitted
        return fitted

    def ready(self, merchant_id: str) -> bool:
        """Whether a question will be answered without learning the whole shop first."""
        return merchant_id in self._kept

    def forget(self, merchant_id: str) -> None:
        """Drop what was learnt of a shop, as when somebody in it was erased; it is learnt anew when asked."""
        self._kept.pop(merchant_id, None)

    def fitted(self, uow: UnitOfWork) -> Fitted:
        """What is known of the shop; learnt first where nothing is, or where it is too old."""
        kept = self._kept.get(uow.merchant_id)
        if kept is not None and uow.clock.now() - kept.at < _STALE:
            return kept
        with self._guard:
            lock = self._locks[uow.merchant_id]
        if not lock.acquire(blocking=kept is None) and kept is not None:
            return kept  # somebody else learns already; what is old serves meanwhile
        try:
            newer = self._kept.get(uow.merchant_id)
            if newer is not None and newer is not kept:
                return newer
            return self.learn(uow.merchant_id, self.gather(uow), uow.clock.now())
        finally:
            lock.release()

    def answer(self, uow: UnitOfWork, question: Question) -> Answer:
        """Items to show, in stock, best first, each with its reason; popular ones where the person is not known.

        Raises:
            BadInput: a limit out of 1 to 100, or no items where they are needed.
        """
        if not 1 <= question.limit <= 100:
            raise BadInput(field="limit", expected="1 to 100", found=str(question.limit))
        if question.kind in ("together", "similar") and not question.items:
            raise BadInput(field="items", expected=f"at least one product for {question.kind}", found="none")
        fitted = self.fitted(uow)
        shopper = shopper_of(uow, question.customer) if question.customer else None
        own = self._history(uow, fitted, shopper) if shopper is not None and shopper.personalised else []
        # What somebody looked at stands in where they never bought: learnt as a taste, never shown as bought.
        basis = own or (self._looked(uow, fitted, shopper) if question.kind == "for-you" else [])
        personal = _personal(fitted, shopper, basis)
        basket = tuple(self._shelf.products_of(uow, question.items).get(one, one) for one in question.items)
        asked = replace(question, items=tuple(dict.fromkeys(basket)))
        without = {*asked.items, *(one.item for one in own if question.kind != "again")}
        shown: list[Served] = []
        # A reason for each of hundreds costs most of an answer: that many are asked for only where few are in stock.
        for most in (_AHEAD * question.limit + len(without), _CANDIDATES):
            found = self._candidates(uow, fitted, asked, basis, personal, most=min(most, _CANDIDATES))
            shown = self._in_stock(uow, found, without, question.limit)
            if len(shown) == question.limit or most >= _CANDIDATES:
                break
        if question.kind == "for-you":
            who = question.customer if personal == "" else ""
            # The same all day, so that a page that is opened again shows the same.
            chance = random.Random(f"{uow.merchant_id}:{who}:{uow.clock.now().date()}")  # noqa: S311 - no secret
            new = self._new(uow, fitted, without | {one.item for one in shown})
            shown = _mixed(shown, new, chance, self._explore)[: question.limit]
        until = max((one.at for one in own), default=None)
        return Answer(question.kind, personal, fitted.at if fitted.anything else None, until, tuple(shown))

    def _history(self, uow: UnitOfWork, fitted: Fitted, shopper: Shopper) -> list[Purchase]:
        """What was learnt of this person, and what they ordered since."""
        fresh = fresh_purchases(uow, self._purchases, self._shelf, shopper, fitted.at)
        found = [one for one in fresh if one.order_id not in fitted.orders]
        if fitted.anything is None:
            return found
        log, starts = fitted.anything.log, fitted.anything.log.starts
        for place in (fitted.anything.places[name] for name in shopper.names if name in fitted.anything.places):
            for row in range(int(starts[place]), int(starts[place + 1])):
                at = datetime.fromtimestamp(float(log.at[row]), UTC)
                basket = f"{place}:{int(log.basket[row])}"
                found.append(Purchase(_ME, log.items[int(log.item[row])], at, int(log.quantity[row]), basket))
        return found

    def _looked(self, uow: UnitOfWork, fitted: Fitted, shopper: Shopper | None) -> list[Purchase]:
        """What somebody put into a cart or looked at lately, as a weak sign of their taste."""
        if shopper is None or not shopper.personalised:
            return []
        seen = EventStore(uow).of(shopper.names, since=uow.clock.now() - _LOOKED_BACK, limit=_LOOKED)
        products = self._shelf.products_of(uow, [one.product_id for one in seen if one.product_id])
        return [
            Purchase(_ME, products.get(one.product_id, one.product_id), one.at, 2 if one.kind == "cart" else 1, one.id)
            for one in seen
            if products.get(one.product_id, one.product_id) in fitted.sold
        ]

    def _candidates(
        self, uow: UnitOfWork, fitted: Fitted, asked: Question, own: list[Purchase], personal: NotPersonal, *, most: int
    ) -> list[Recommendation]:
        if asked.kind == "similar":
            alike = self._shelf.alike(uow, asked.items, most)
            return [
                Recommendation(item, score, RecommendReason("similar", like, words=words))
                for item, score, like, words in alike
            ]
        if fitted.anything is None or fitted.unseen is None:
            return []
        if asked.kind == "again":
            found = _ranked(fitted, fitted.anything, own, _CANDIDATES) if personal == "" else []
            return [one for one in found if one.reason.kind == "again"]
        history = own if asked.kind == "for-you" and personal == "" else []
        if asked.kind == "together":
            history = [Purchase(_ME, item, uow.clock.now(), 1, "basket") for item in asked.items]
        return [*_ranked(fitted, fitted.unseen, history, most), *fitted.popular]

    def _in_stock(
        self, uow: UnitOfWork, found: Sequence[Recommendation], without: set[str], limit: int
    ) -> list[Served]:
        once = {one.item: one for one in reversed(found) if one.item not in without}
        order = [one for one in dict.fromkeys(one.item for one in found) if one in once]
        wares: dict[str, Ware] = {}
        chosen: list[str] = []
        for at in range(0, len(order), _AHEAD * limit):
            piece = order[at : at + _AHEAD * limit]
            wares.update(self._shelf.wares(uow, piece))
            chosen += [item for item in piece if item in wares and wares[item].sellable]
            if len(chosen) >= limit:
                break
        chosen = chosen[:limit]
        because = [once[item].reason.because for item in chosen]
        names = self._shelf.wares(uow, list({one for one in because if one}))
        return [
            _served(wares[item], once[item].reason, names.get(why)) for item, why in zip(chosen, because, strict=True)
        ]

    def _new(self, uow: UnitOfWork, fitted: Fitted, without: set[str]) -> list[Served]:
        """What came last and few have bought."""
        newest = self._shelf.newest(uow, _NEWEST)
        untried = [one for one in newest if fitted.sold.get(one.id, 0) < _FEW and one.id not in without]
        return [_served(ware, RecommendReason("new"), None) for ware in untried]


def _mixed(shown: list[Served], new: list[Served], chance: random.Random, share: float) -> list[Served]:
    """Some places behind the first for new items, and all of them after the last."""
    chance.shuffle(new)
    mixed: list[Served] = []
    for place, one in enumerate(shown):
        mixed.append(new.pop() if new and place and chance.random() < share else one)
    return mixed + new


def _personal(fitted: Fitted, shopper: Shopper | None, own: Sequence[Purchase]) -> NotPersonal:
    if shopper is None:
        return "nobody"
    if not shopper.personalised:
        return "opted-out"
    if fitted.anything is None:
        return "nothing-learnt"
    return "" if own else "unknown"


def _ranked(fitted: Fitted, model: RecommendModel, history: Sequence[Purchase], most: int) -> list[Recommendation]:
    """The best items for one history, none where nothing is known of it."""
    if not any(one.item in fitted.sold for one in history):
        return []
    log = purchase_log(replace(one, user=_ME) for one in history)
    return next(found for _, found in model.asked_with(log).recommend([_ME], most))


def _served(ware: Ware, reason: RecommendReason, because: Ware | None) -> Served:
    named = replace(reason, because=because.title) if because is not None else reason
    return Served(ware.id, ware.title, ware.image, ware.price, named)
