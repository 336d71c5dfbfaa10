"""The recommender of one installation: learns each shop's purchases, keeps what it learnt, answers from the present.

A fit is kept in memory with its time and replaced every night; a shopper's own orders, the stock and the switch of
personalisation are read at every question, so they count at once.
"""

import random
import threading
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

import numpy as np

from zhanggui.kernel.errors import BadInput
from zhanggui.kernel.storage import UnitOfWork
from zhanggui.marketing.models.recommendation import Recommendation, RecommendReason
from zhanggui.marketing.models.serving import Answer, NotPersonal, Question, Served
from zhanggui.marketing.ports import Purchases, Shelf, Ware
from zhanggui.marketing.service.purchases import (
    Purchase,
    Shopper,
    all_purchases,
    one_log,
    own_purchases,
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
_NEWEST_KEPT = timedelta(minutes=1)
_FEW = 5
_ME = "me"


@dataclass(frozen=True, slots=True)
class Fitted:
    """What was learnt of one shop.

    Attributes:
        at: when.
        anything: the model for buying again; None where nothing was bought yet.
        unseen: the same tables with an order learnt for items that are new to a shopper.
        sold: shoppers of each item.
        popular: what is shown where nothing is known, best first.
    """

    at: datetime
    anything: RecommendModel | None
    unseen: RecommendModel | None
    sold: dict[str, int]
    popular: tuple[Recommendation, ...] = ()


@dataclass(frozen=True, slots=True)
class Found:
    """Items, best first, with their reasons; None where `asked` tells the reason, which only what is shown needs."""

    reasons: dict[str, RecommendReason | None]
    asked: RecommendModel | None = None

    def told(self, items: Sequence[str]) -> dict[str, RecommendReason]:
        """These items with their reasons."""
        open_ = [one for one in items if self.reasons[one] is None]
        found: dict[str, RecommendReason] = {}
        if self.asked is not None and open_:
            places = np.array([self.asked.item_places[one] for one in open_], np.int64)
            found = dict(zip(open_, self.asked.reasons(0, places), strict=True))
        return {one: self.reasons[one] or found[one] for one in items}

    def again(self) -> "Found":
        """Only what was bought before."""
        kept = {one: reason for one, reason in self.told(list(self.reasons)).items() if reason.kind == "again"}
        return Found(dict(kept))


@dataclass(frozen=True, slots=True)
class Wanted:
    """Where new items are shown: `given` says it for each item that is there, and up to `limit` they fill up."""

    chance: random.Random
    given: tuple[bool, ...]
    limit: int

    @property
    def places(self) -> int:
        """How many new items are needed."""
        return sum(self.given) + self.limit - len(self.given)


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
        self._newest: dict[str, tuple[datetime, tuple[str, ...]]] = {}
        self._locks: defaultdict[str, threading.Lock] = defaultdict(threading.Lock)
        self._guard = threading.Lock()

    def gather(self, uow: UnitOfWork) -> list[Purchase]:
        """Everything that is learnt from."""
        return all_purchases(uow, self._purchases, self._shelf)

    def learn(self, merchant_id: str, purchases: Sequence[Purchase], now: datetime) -> Fitted:
        """Learn from purchases and answer with it from now on. Needs no transaction."""
        if not purchases:
            fitted = Fitted(now, None, None, {})
        else:
            log = purchase_log(purchases)
            anything = RecommendModel.fit(log)
            ranker = learn(log, dated=is_dated(log), protocol="next-unseen")
            sold = dict(zip(log.items, anything.tables.shoppers.astype(int).tolist(), strict=True))
            unseen = replace(anything, protocol="next-unseen", ranker=ranker)
            fitted = Fitted(now, anything, unseen, sold, tuple(unseen.popular(_CANDIDATES)))
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
        told = [one for one in question.items if one not in fitted.sold]
        sold = self._shelf.products_of(uow, told) if told else dict[str, str]()
        basket = tuple(sold.get(one, one) for one in question.items)
        asked = replace(question, items=tuple(dict.fromkeys(basket)))
        without = {*asked.items, *(one.item for one in own if question.kind != "again")}
        shown: list[Served] = []
        # Hundreds are asked for only where few of the first are in stock.
        for most in (_AHEAD * question.limit + len(without), _CANDIDATES):
            found = self._candidates(uow, fitted, asked, basis, personal, most=min(most, _CANDIDATES))
            shown = self._in_stock(uow, found, without, question.limit)
            if len(shown) == question.limit or most >= _CANDIDATES:
                break
        if question.kind == "for-you":
            who = question.customer if personal == "" else ""
            # The same all day, so that a page that is opened again shows the same.
            chance = random.Random(f"{uow.merchant_id}:{who}:{uow.clock.now().date()}")  # noqa: S311 - no secret
            wanted = _wanted(chance, len(shown), question.limit, self._explore)
            new = self._new(uow, fitted, without | {one.item for one in shown}, wanted)
            shown = _mixed(shown, new, wanted)[: question.limit]
        until = max((one.at for one in own), default=None)
        return Answer(question.kind, personal, fitted.at if fitted.anything else None, until, tuple(shown))

    def _history(self, uow: UnitOfWork, fitted: Fitted, shopper: Shopper) -> list[Purchase]:
        """What this person ordered until now."""
        return own_purchases(uow, self._purchases, self._shelf, shopper, fitted.sold)

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
    ) -> Found:
        if asked.kind == "similar":
            return Found(
                {
                    item: RecommendReason("similar", like, words=words)
                    for item, _, like, words in self._shelf.alike(uow, asked.items, most)
                }
            )
        if fitted.anything is None or fitted.unseen is None:
            return Found({})
        if asked.kind == "again":
            return _ranked(fitted.anything, own, _CANDIDATES).again() if personal == "" else Found({})
        history = own if asked.kind == "for-you" and personal == "" else []
        if asked.kind == "together":
            history = [Purchase(_ME, item, uow.clock.now(), 1, "basket") for item in asked.items]
        found = _ranked(fitted.unseen, history, most)
        rest = {one.item: one.reason for one in fitted.popular if one.item not in found.reasons}
        return replace(found, reasons=found.reasons | rest)

    def _in_stock(self, uow: UnitOfWork, found: Found, without: set[str], limit: int) -> list[Served]:
        order = [one for one in found.reasons if one not in without]
        wares: dict[str, Ware] = {}
        chosen: list[str] = []
        for at in range(0, len(order), _AHEAD * limit):
            piece = order[at : at + _AHEAD * limit]
            wares.update(self._shelf.wares(uow, piece))
            chosen += [item for item in piece if item in wares and wares[item].sellable]
            if len(chosen) >= limit:
                break
        told = found.told(chosen[:limit])
        unnamed = {one.because for one in told.values() if one.because} - set(wares)
        if unnamed:
            wares.update(self._shelf.wares(uow, sorted(unnamed)))
        return [_served(wares[item], reason, wares.get(reason.because)) for item, reason in told.items()]

    def _new(self, uow: UnitOfWork, fitted: Fitted, without: set[str], wanted: Wanted) -> list[Served]:
        """What came last and few have bought, in the order of chance."""
        kept = self._newest.get(uow.merchant_id)
        if kept is None or uow.clock.now() - kept[0] >= _NEWEST_KEPT:
            newest = tuple(one.id for one in self._shelf.newest(uow, _NEWEST))
            kept = (uow.clock.now(), newest)
            if len(newest) == _NEWEST:  # reading all of a small shelf costs nothing
                self._newest[uow.merchant_id] = kept
        untried = [one for one in kept[1] if fitted.sold.get(one, 0) < _FEW and one not in without]
        wanted.chance.shuffle(untried)
        # Twice as many as are needed, should some be sold out by now.
        few = untried[: 2 * wanted.places]
        wares = self._shelf.wares(uow, few) if few else dict[str, Ware]()
        shown = [wares[one] for one in untried if one in wares and wares[one].sellable]
        return [_served(ware, RecommendReason("new"), None) for ware in shown]


def _wanted(chance: random.Random, shown: int, limit: int, share: float) -> Wanted:
    """Some places behind the first for new items, and all of them after the last."""
    return Wanted(chance, tuple(place > 0 and chance.random() < share for place in range(shown)), limit)


def _mixed(shown: list[Served], new: list[Served], wanted: Wanted) -> list[Served]:
    ahead = iter(new)
    mixed = [next(ahead, one) if given else one for one, given in zip(shown, wanted.given, strict=True)]
    return [*mixed, *ahead]


def _personal(fitted: Fitted, shopper: Shopper | None, own: Sequence[Purchase]) -> NotPersonal:
    if shopper is None:
        return "nobody"
    if not shopper.personalised:
        return "opted-out"
    if fitted.anything is None:
        return "nothing-learnt"
    return "" if own else "unknown"


def _ranked(model: RecommendModel, history: Sequence[Purchase], most: int) -> Found:
    """The best items for one history, none where nothing is known of it."""
    if not any(one.item in model.item_places for one in history):
        return Found({})
    asked = model.asked_with(one_log(history))
    [(items, _)] = asked.rank(np.zeros(1, np.int64), most)
    return Found({asked.log.items[item]: None for item in items.tolist()}, asked)


def _served(ware: Ware, reason: RecommendReason, because: Ware | None) -> Served:
    named = replace(reason, because=because.title) if because is not None else reason
    return Served(ware.id, ware.title, ware.image, ware.price, named)
