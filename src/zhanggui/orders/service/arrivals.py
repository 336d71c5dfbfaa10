"""When an order's parcels will arrive, told from the shop's parcels that arrived lately."""

from zhanggui.kernel.commerce import SourceOrder
from zhanggui.kernel.storage import UnitOfWork
from zhanggui.orders.rules.arrival import Arrival, Journey, Trip, expected_arrival
from zhanggui.orders.store import OrderQuery, OrderStore, read_told, search_orders

_MOST = 500


def journeys_of(uow: UnitOfWork) -> list[Journey]:
    """The parcels of the newest 500 delivered orders whose shop told when they were handed over and delivered."""
    found = search_orders(uow, OrderQuery(delivery_state="delivered", limit=_MOST)).items
    told = OrderStore(uow).told([one.id for one in found])
    return [journey for order in told.values() for journey in _journeys(order)]


def expected_arrivals(uow: UnitOfWork, order_id: str) -> dict[str, Arrival]:
    """Parcel id -> its expected arrival, for every parcel that is on its way and of which enough is known.

    Raises:
        NotFound: there is no such order.
    """
    order = read_told(OrderStore(uow).head(order_id).told)
    region = order.shipping_address.region if order.shipping_address else ""
    open_parcels = [parcel for parcel in order.parcels if parcel.state == "sent" and parcel.ended_at is None]
    if not open_parcels:
        return {}
    journeys, now = journeys_of(uow), uow.clock.now()
    told = {
        parcel.id: expected_arrival(journeys, Trip(parcel.carrier, region, parcel.at, order.promised_at), now)
        for parcel in open_parcels
    }
    return {name: arrival for name, arrival in told.items() if arrival is not None}


def _journeys(order: SourceOrder) -> list[Journey]:
    region = order.shipping_address.region if order.shipping_address else ""
    return [
        Journey(parcel.carrier, region, (parcel.ended_at - parcel.at).total_seconds() / 86_400)
        for parcel in order.parcels
        if parcel.state == "delivered" and parcel.ended_at is not None and parcel.ended_at > parcel.at
    ]
