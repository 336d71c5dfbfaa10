"""Everything the orders keep: tellings, lives written out, deliveries, connections, imports. All their SQL."""

from zhanggui.orders.store.connections import Connection, ConnectionStore, Purpose, SyncCursor
from zhanggui.orders.store.deliveries import Delivery, DeliveryKey, DeliveryStore
from zhanggui.orders.store.imports import Before, OrderImport, OrderImportStore
from zhanggui.orders.store.orders import KnownOrder, OrderStore, TimelineStep, decided, make_head, read_told
from zhanggui.orders.store.search import OrderQuery, OrderSummary, order_summary, search_orders
from zhanggui.orders.store.tracking import TrackingStore
from zhanggui.orders.store.written import Head, Kept

__all__ = [
    "Before",
    "Connection",
    "ConnectionStore",
    "Delivery",
    "DeliveryKey",
    "DeliveryStore",
    "Head",
    "Kept",
    "KnownOrder",
    "OrderImport",
    "OrderImportStore",
    "OrderQuery",
    "OrderStore",
    "OrderSummary",
    "Purpose",
    "SyncCursor",
    "TimelineStep",
    "TrackingStore",
    "decided",
    "make_head",
    "order_summary",
    "read_told",
    "search_orders",
]
