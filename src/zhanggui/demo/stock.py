"""The storeroom of the simulation: what is on hand, what is on its way, and a buyer who reorders a little too late."""

import math
import random
from dataclasses import dataclass, field
from datetime import date, timedelta

from zhanggui.demo.products import Sheet, options, sheets, sku_of
from zhanggui.demo.records import SkuHistory, Supply
from zhanggui.demo.source import stream
from zhanggui.kernel.types import Money

_SIZE_SHARE = {"S": 0.7, "M": 1.3, "L": 1.3, "XL": 0.8, "XXL": 0.4, "28": 0.6, "30": 1.2, "32": 1.4, "34": 1.0}


@dataclass(slots=True)
class Shelf:
    """One SKU's shelf while the simulation runs."""

    sku: str
    product_id: str
    sheet: Sheet
    weight: float
    first_day: date
    last_day: date
    on_hand: int = 0
    rate: float = 0.0
    review_on: int = 0
    incoming: list[tuple[date, int]] = field(default_factory=list[tuple[date, int]])
    sold: list[int] = field(default_factory=list[int])
    opening: list[int] = field(default_factory=list[int])
    received: list[int] = field(default_factory=list[int])
    today: int = 0

    @property
    def terms(self) -> tuple[float, float, int, int]:
        """Lead time mean and deviation in days, minimum order, pack size."""
        lead, deviation, minimum, pack = (float(part) for part in self.sheet.supply.split())
        return lead, deviation, int(minimum), int(pack)


class Storeroom:
    """All shelves; each day opens with `open_day`, sells with `take` and closes with `close_day`."""

    def __init__(self, seed: int, first: date, last: date, units_a_day: float) -> None:
        """Shelves for every variant, filled for the first weeks. `units_a_day` is the whole shop's expected level."""
        self._rng = stream(seed, "stock")
        self.shelves: dict[str, list[Shelf]] = {}
        total = sum(sheet.demand for _, sheet in sheets())
        for _, sheet in sheets():
            begin = last - timedelta(days=sheet.launch - 1) if sheet.launch else first
            end = last - timedelta(days=sheet.end) if sheet.end else last
            self.shelves[sheet.id] = self._shelves_of(sheet, max(begin, first), end, units_a_day * sheet.demand / total)

        shelves = [shelf for group in self.shelves.values() for shelf in group]
        # The days on which the set of open shelves changes.
        self._edges = {shelf.first_day for shelf in shelves} | {shelf.last_day + timedelta(days=1) for shelf in shelves}
        self._open: list[Shelf] = []

    def _shelves_of(self, sheet: Sheet, first: date, last: date, units_a_day: float) -> list[Shelf]:
        first_colour = sheet.colours.split()[0]
        shares = [
            (1.6 if colour == first_colour else 0.9) * _SIZE_SHARE.get(size, 1.0) for colour, size in options(sheet)
        ]
        made: list[Shelf] = []
        for (colour, size), share in zip(options(sheet), shares, strict=True):
            shelf = Shelf(sku_of(sheet.id, colour, size), sheet.id, sheet, share, first, last)
            shelf.rate = max(0.02, units_a_day * share / sum(shares))
            shelf.on_hand = max(3, math.ceil(shelf.rate * (shelf.terms[0] + 25)))
            shelf.review_on = self._rng.randrange(7)
            made.append(shelf)
        return made

    def open_day(self, day: date) -> None:
        """Deliveries come in; the books of the day are opened."""
        for shelf in self._live(day):
            arrived = 0
            if shelf.incoming:
                arrived = sum(units for due, units in shelf.incoming if due <= day)
                shelf.incoming = [(due, units) for due, units in shelf.incoming if due > day]
                shelf.on_hand += arrived
            shelf.received.append(arrived)
            shelf.opening.append(shelf.on_hand)
            shelf.today = 0

    def take(self, product_id: str, rng: random.Random, wanted: int) -> tuple[Shelf, int] | None:
        """Choose a variant that is in stock and take up to `wanted` units; None when the product is sold out."""
        group = self.shelves[product_id]
        preferred = rng.choices(group, [shelf.weight for shelf in group])[0]
        if preferred.on_hand <= 0:
            shelves = [shelf for shelf in group if shelf.on_hand > 0]
            # Half of those whose variant is missing take another one.
            if not shelves or rng.random() < 0.5:
                return None
            preferred = rng.choice(shelves)
        units = min(wanted, preferred.on_hand)
        preferred.on_hand -= units
        preferred.today += units
        return preferred, units

    def close_day(self, day: date) -> None:
        """The day's sales are written down; the buyer looks at each shelf once a week."""
        weekday = day.weekday()
        for shelf in self._live(day):
            shelf.sold.append(shelf.today)
            if shelf.opening[-1] > 0:
                shelf.rate += 0.045 * (shelf.today - shelf.rate)
            if weekday == shelf.review_on and (shelf.last_day - day).days > 20:
                self._reorder(shelf, day)

    def _reorder(self, shelf: Shelf, day: date) -> None:
        lead, deviation, minimum, pack = shelf.terms
        position = shelf.on_hand + sum(units for _, units in shelf.incoming)
        if position > shelf.rate * (lead + 2):
            return
        wanted = max(minimum, math.ceil(shelf.rate * (lead + 32)) - position)
        due = day + timedelta(days=max(2, round(self._rng.gauss(lead, deviation))))
        shelf.incoming.append((due, math.ceil(wanted / pack) * pack))

    def _live(self, day: date) -> list[Shelf]:
        if day not in self._edges:
            return self._open
        shelves = [shelf for group in self.shelves.values() for shelf in group]
        self._open = [shelf for shelf in shelves if shelf.first_day <= day <= shelf.last_day]
        return self._open

    def histories(self) -> tuple[SkuHistory, ...]:
        """The daily books."""
        return tuple(
            SkuHistory(
                shelf.sku,
                shelf.product_id,
                shelf.first_day,
                tuple(shelf.sold),
                tuple(shelf.opening),
                tuple(shelf.received),
                tuple(units > 0 for units in shelf.opening),
            )
            for group in self.shelves.values()
            for shelf in group
        )

    def supplies(self) -> tuple[Supply, ...]:
        """How each SKU is bought, and what is on hand and coming at the end."""
        return tuple(_supply(shelf) for group in self.shelves.values() for shelf in group)


def _supply(shelf: Shelf) -> Supply:
    lead, deviation, minimum, pack = shelf.terms
    coming = min(shelf.incoming) if shelf.incoming else None
    return Supply(
        sku=shelf.sku,
        product_id=shelf.product_id,
        supplier=f"供应商-{shelf.sheet.brand}",
        cost=Money.parse(shelf.sheet.cost, "CNY"),
        lead_days=lead,
        lead_days_sd=deviation,
        minimum_order=minimum,
        pack_size=pack,
        shelf_life_days=shelf.sheet.life or None,
        on_hand=shelf.on_hand,
        incoming=sum(units for _, units in shelf.incoming),
        incoming_on=coming[0] if coming else None,
    )
