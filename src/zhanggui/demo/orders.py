"""Two years of orders, day by day: who comes, what they want that season, what is in stock, what they pay."""

from bisect import bisect
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from itertools import accumulate

from zhanggui.demo.mailing import MailPlan
from zhanggui.demo.people import Person
from zhanggui.demo.products import CATEGORIES, Sheet, sheets, vocabulary
from zhanggui.demo.records import ShopSizes
from zhanggui.demo.seasons import Year
from zhanggui.demo.source import bilingual, colours, instant, poisson, stream
from zhanggui.demo.stock import Shelf, Storeroom
from zhanggui.kernel.commerce import OrderLine
from zhanggui.kernel.types import Money

# Local hours at which people order: a lunch-time and a late evening peak.
_HOURS = (2, 1, 1, 0, 0, 1, 2, 4, 6, 8, 10, 11, 12, 10, 8, 8, 8, 8, 9, 12, 16, 18, 14, 7)
_HOURS_SO_FAR = tuple(accumulate(_HOURS))
_COUPONS = {"618", "double-11"}


@dataclass(slots=True)
class Draft:
    """An order while it is being made up; money in fen."""

    id: str
    person: Person
    placed_at: datetime
    day: date
    lines: tuple[OrderLine, ...]
    goods: int
    discount: int
    shipping: int
    event: str
    cancelled: bool

    @property
    def total(self) -> int:
        """What the customer pays: goods - discount + shipping."""
        return self.goods - self.discount + self.shipping


@dataclass(slots=True)
class Memory:
    """What the simulation remembers of a customer."""

    gone: bool = False
    last: date | None = None
    orders: int = 0
    spend: int = 0
    bought: dict[str, date] = field(default_factory=dict[str, date])


class Simulation:
    """Runs the shop over a span of days. Read `drafts`, `store` and `mail` afterwards."""

    def __init__(self, seed: int, days: tuple[date, ...], people: tuple[Person, ...], year: Year) -> None:
        """Nothing has happened yet. `days` are the local days to simulate, in order."""
        self.drafts: list[Draft] = []
        self.memory = {person.record.id: Memory() for person in people}
        self._rng = stream(seed, "orders")
        self._days, self._people, self._year = days, people, year
        self._pool: list[Person] = []
        self._sheet = {sheet.id: sheet for _, sheet in sheets()}
        self._category = {sheet.id: category for category, sheet in sheets()}
        self._companions: dict[str, list[tuple[str, float]]] = {}
        for anchor, companion, chance in vocabulary().baskets:
            self._companions.setdefault(anchor, []).append((companion, chance))
        self._today: dict[str, tuple[list[Sheet], list[float], float]] = {}

    def run(self, sizes: ShopSizes, store: Storeroom, mail: MailPlan) -> None:
        """Every day: deliveries, new customers, mailing, orders, closing."""
        coming = iter(self._people)
        upcoming = next(coming, None)
        for day in self._days:
            new: list[Person] = []
            while upcoming and upcoming.profile.joined <= day:
                self._pool += [upcoming] * max(1, round(upcoming.rate * 3))
                if upcoming.profile.joined == day:
                    new.append(upcoming)
                upcoming = next(coming, None)
            store.open_day(day)
            self._weigh(day)
            if day == mail.day:
                mail.send(self._people, self.memory)
            buyers = self._buyers(day, sizes, new, mail)
            for number, (person, category) in enumerate(buyers, 1):
                self._order(day, number, (person, category), store)
            store.close_day(day)

    def _buyers(self, day: date, sizes: ShopSizes, new: list[Person], mail: MailPlan) -> list[tuple[Person, str]]:
        """Who orders today, and the category that a mail put in their head ("" = their own idea)."""
        chosen = {person.record.id: (person, "") for person in new if self._rng.random() < 0.85}
        for person in mail.moved(day):
            chosen[person.record.id] = (person, mail.category)
        wanted = poisson(self._rng, sizes.orders_per_day * self._year.factors[day])
        for _ in range(wanted * 4):
            if len(chosen) >= wanted or not self._pool:
                break
            person = self._rng.choice(self._pool)
            memory = self.memory[person.record.id]
            if not memory.gone and person.record.id not in chosen and not mail.kept_away(person, day):
                chosen[person.record.id] = (person, "")
        return list(chosen.values())

    def _weigh(self, day: date) -> None:
        """The pull of every product today, by category: demand, season, sale."""
        seasons = vocabulary().seasons
        for category in CATEGORIES:
            members = [sheet for name, sheet in sheets() if name == category and self._sold_on(sheet, day)]
            pull = 1 + 0.03 * self._year.percent(day, category)
            # Seasons blend from month to month instead of jumping.
            share = (day.day - 1) / 31
            weights = [
                sheet.demand
                * ((1 - share) * seasons[sheet.season][day.month - 1] + share * seasons[sheet.season][day.month % 12])
                for sheet in members
            ]
            level = sum(weights) / sum(sheet.demand for sheet in members)
            self._today[category] = (members, list(accumulate(weights)), level * pull)

    def _sold_on(self, sheet: Sheet, day: date) -> bool:
        last = self._days[-1]
        begun = not sheet.launch or day >= last - timedelta(days=sheet.launch - 1)
        return begun and (not sheet.end or day <= last - timedelta(days=sheet.end))

    def _order(self, day: date, number: int, who: tuple[Person, str], store: Storeroom) -> None:
        person, category = who
        memory = self.memory[person.record.id]
        lines: list[tuple[Shelf, int]] = []
        for product_id in self._basket(day, person, category, memory):
            shelf = store.take(product_id, self._rng, self._quantity(product_id, day))
            if shelf:
                lines.append(shelf)
                memory.bought[product_id] = day
        if not lines:
            return
        draft = self._price(day, number, person, lines)
        self.drafts.append(draft)
        memory.last, memory.orders, memory.spend = day, memory.orders + 1, memory.spend + draft.total
        memory.gone = self._rng.random() < person.leaves

    def _basket(self, day: date, person: Person, category: str, memory: Memory) -> list[str]:
        """Product ids wanted, each once: a refill that is due, or something new, and what goes with it."""
        rng = self._rng
        wanted = [
            product_id
            for product_id, bought in memory.bought.items()
            if (cycle := self._sheet[product_id].repeat)
            and 0.6 < (day - bought).days / cycle < 1.9
            and rng.random() < 0.45
            and self._sold_on(self._sheet[product_id], day)
        ][:3]
        if not wanted or rng.random() < 0.3:
            wanted.append(self._pick(person, category, memory))
        if rng.random() < 0.16:
            wanted.append(self._pick(person, "", memory))
        for product_id in tuple(wanted):
            for companion, chance in self._companions.get(product_id, ()):
                if (
                    rng.random() < chance
                    and companion not in memory.bought
                    and self._sold_on(self._sheet[companion], day)
                ):
                    wanted.append(companion)
        return list(dict.fromkeys(wanted))

    def _pick(self, person: Person, category: str, memory: Memory) -> str:
        rng = self._rng
        if not category:
            pulls = [taste * self._today[name][2] for name, taste in person.profile.taste]
            category = rng.choices(CATEGORIES, pulls)[0]
        members, weights, _ = self._today[category]
        chosen = rng.choices(members, cum_weights=weights)[0]
        if chosen.id in memory.bought and not chosen.repeat:
            chosen = rng.choices(members, cum_weights=weights)[0]
        return chosen.id

    def _quantity(self, product_id: str, day: date) -> int:
        consumable = self._sheet[product_id].repeat > 0
        more = 0.2 if consumable else 0.05
        if self._year.percent(day, self._category[product_id]) >= 15:
            more *= 1.6
        units = 1
        while units < 6 and self._rng.random() < more:
            units += 1
        return units

    def _price(self, day: date, number: int, person: Person, chosen: list[tuple[Shelf, int]]) -> Draft:
        rng = self._rng
        lines = tuple(self._line(day, person, shelf, units) for shelf, units in chosen)
        goods = sum(line.unit_price.minor * line.quantity for line in lines)
        sale = self._year.sales.get(day)
        discount = 0
        if sale and sale.key in _COUPONS:
            discount = min(6000, goods // 20000 * 2000)
        elif self.memory[person.record.id].orders == 0 and goods > 3000 and rng.random() < 0.4:
            discount = 500
        abroad = person.profile.locale == "en"
        shipping = 3000 if abroad else (0 if goods - discount >= 9900 else 800)
        hour = bisect(_HOURS_SO_FAR, rng.random() * _HOURS_SO_FAR[-1])
        return Draft(
            id=f"ZG{day:%Y%m%d}{number:04d}",
            person=person,
            placed_at=instant(day, hour * 3600 + rng.randrange(3600)),
            day=day,
            lines=lines,
            goods=goods,
            discount=discount,
            shipping=shipping,
            event=sale.key if sale else "",
            cancelled=rng.random() < 0.025,
        )

    def _line(self, day: date, person: Person, shelf: Shelf, units: int) -> OrderLine:
        percent = self._year.percent(day, self._category[shelf.product_id])
        price = Money.parse(shelf.sheet.price, "CNY").minor * (100 - percent) // 1000 * 10
        zh = person.profile.locale == "zh-CN"
        name = bilingual(shelf.sheet.name)
        parts = shelf.sku.split("-", 2)[2]
        colour = next(key for key in shelf.sheet.colours.split() if parts.startswith(key.upper()))
        chosen = {"颜色" if zh else "Colour": colours()[colour][0].of(person.profile.locale)}
        if size := parts[len(colour) + 1 :]:
            chosen["尺码" if zh else "Size"] = size
        return OrderLine(
            sku=shelf.sku,
            title=name.of(person.profile.locale),
            quantity=units,
            unit_price=Money(price, "CNY"),
            product_id=shelf.product_id,
            options=chosen,
        )
