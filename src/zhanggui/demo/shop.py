"""Makes the whole demo shop: catalogue, people, two years of days, and everything that follows from them."""

from datetime import date, datetime, timedelta

from zhanggui.demo.afterwards import finish
from zhanggui.demo.mailing import MailPlan
from zhanggui.demo.orders import Simulation
from zhanggui.demo.parcels import Dispatcher
from zhanggui.demo.people import make_people
from zhanggui.demo.pictures import make_pictures
from zhanggui.demo.products import make_products, vocabulary
from zhanggui.demo.records import SYNTHETIC, DemoShop, ShopSizes
from zhanggui.demo.reviews import make_reviews
from zhanggui.demo.seasons import make_year
from zhanggui.demo.source import instant, local_day
from zhanggui.demo.stock import Storeroom
from zhanggui.demo.talk import make_articles, make_conversations, make_questions, make_searches
from zhanggui.kernel.errors import BadInput

DEMO_TODAY = date(2026, 1, 5)
# Units in an average order, to fill the storeroom for the first weeks.
_UNITS = 1.45


def make_shop(seed: int = 7, today: date = DEMO_TODAY, sizes: ShopSizes | None = None) -> DemoShop:
    """The shop as it stands at nine in the morning (shop time) of `today`; the books end with the day before.

    The same seed, day and sizes give the same shop on every machine.

    Raises:
        BadInput: a size is not positive, or the days lie outside the published lunar calendar (2022 to 2032).
    """
    sizes = sizes or ShopSizes()
    _check(today, sizes)
    first, last = today - timedelta(days=sizes.days), today - timedelta(days=1)
    days = tuple(first + timedelta(days=offset) for offset in range(sizes.days))
    now = instant(today, 9 * 3600)
    year, people = make_year(first, last), make_people(seed, first, last, sizes.customers)
    store, mail = Storeroom(seed, first, last, sizes.orders_per_day * _UNITS), MailPlan(seed, today, first)
    run = Simulation(seed, days, people, year)
    run.run(sizes, store, mail)
    run.drafts.sort(key=lambda draft: (draft.placed_at, draft.id))
    dispatcher = Dispatcher(seed, year, now, sizes.parcel_payload_days)
    sold = [(draft, dispatcher.ship(draft)) for draft in run.drafts]
    shipped = [(draft, parcel) for draft, parcel in sold if parcel]
    supplies = store.supplies()
    products = make_products(today, first, {supply.sku: supply.on_hand for supply in supplies})
    by_id = {product.id: product for product in products}
    done = finish(seed, now, sold, by_id)
    return DemoShop(
        seed=seed,
        today=today,
        now=now,
        label=SYNTHETIC,
        products=products,
        supplies=supplies,
        histories=store.histories(),
        events=year.events,
        baskets=tuple(vocabulary().baskets),
        customers=tuple(person.record for person in people),
        profiles=tuple(person.profile for person in people),
        orders=done.orders,
        details=done.details,
        returns=done.returns,
        shipments=tuple(parcel.shipment for _, parcel in shipped),
        parcels=tuple(parcel.story for _, parcel in shipped),
        reviews=make_reviews(seed, now, shipped, by_id, sizes.reviews),
        questions=make_questions(seed, now, people, products, sizes.questions),
        conversations=make_conversations(seed, now, sold, by_id, sizes.conversations),
        articles=make_articles(today, first),
        mailing=mail.mailing(),
        mailing_results=mail.results(run.drafts),
        searches=make_searches(seed, now, people, products, sizes.searches),
        pictures=make_pictures(),
    )


def story_day(now: datetime) -> date:
    """The last day whose nine o'clock (shop time) is over, within the lunar calendar: a story that ends now."""
    return min(local_day(now - timedelta(hours=9)), date(2032, 12, 31))


def _check(today: date, sizes: ShopSizes) -> None:
    if sizes.customers < 1 or sizes.days < 1 or sizes.orders_per_day <= 0:
        raise BadInput(field="sizes", expected="at least one customer, one day and some orders", found=str(sizes))
    if today.year > 2032 or (today - timedelta(days=sizes.days)).year < 2022:
        raise BadInput(field="today", expected="days between 2022 and 2032", found=today.isoformat())
