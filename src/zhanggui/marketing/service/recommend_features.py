"""What speaks for each candidate of each shopper, as columns that an order is learnt from."""

from typing import Any

import numpy as np

from zhanggui.marketing.models.recommendation import DAY, Floats, Ints
from zhanggui.marketing.service.recommend_histories import Own, Shoppers
from zhanggui.marketing.service.recommend_picking import Picked
from zhanggui.marketing.service.recommend_tables import ItemTables


def features(shoppers: Shoppers, tables: ItemTables, own: Own, users: Ints, picked: Picked) -> Floats:
    """[users * candidates, features] for the ranker, in the order of `picked`."""
    width = int(picked.items.shape[1])
    item = picked.items.ravel()
    user = np.repeat(users, width)
    table = [scores.ravel() for scores in picked.scores]
    table += [picked.blend.ravel(), np.tile(np.arange(width, dtype=np.float32), len(users))]
    table += _of_item(tables, item)
    table += _of_shopper(shoppers, tables, user)
    table += _of_pair(shoppers, tables, own, user, item)
    both, speak, alike = (values.ravel() for values in picked.support)
    table += [both, both / np.maximum(tables.shoppers[item], 1), speak, alike]
    return np.column_stack(table).astype(np.float32)


def _of_item(tables: ItemTables, item: Ints) -> list[Any]:
    sold, lately = tables.shoppers[item], tables.lately[item]
    days = max((tables.now - tables.opened) / DAY, 1.0)
    return [
        np.log1p(sold),
        np.log1p(lately),
        lately * days / 28.0 / np.maximum(sold, 1) if tables.dated else np.zeros(len(item)),
        (tables.now - tables.first[item]) / DAY if tables.dated else np.zeros(len(item)),
        tables.baskets[item] / np.maximum(sold, 1),
    ]


def _of_shopper(shoppers: Shoppers, tables: ItemTables, user: Ints) -> list[Any]:
    log, starts = shoppers.log, shoppers.starts
    rows = starts[user + 1] - starts[user]
    end = np.maximum(starts[user + 1] - 1, 0)
    baskets = np.where(rows > 0, log.basket[end] + 1, 0)
    idle = np.where(rows > 0, (tables.now - log.at[end]) / DAY, -1.0) if tables.dated else np.zeros(len(rows))
    return [np.log1p(rows), baskets, idle, rows / np.maximum(baskets, 1)]


def _of_pair(shoppers: Shoppers, tables: ItemTables, own: Own, user: Ints, item: Ints) -> list[Any]:
    log = shoppers.log
    place, known = own.find(user, item, len(log.items))
    baskets = log.basket[np.maximum(shoppers.starts[user + 1] - 1, 0)] + 1
    times = np.where(known, own.times[place], 0.0)
    since = np.where(known, (tables.now - own.last[place]) / DAY, -1.0) if tables.dated else np.zeros(len(item))
    gap = np.where(times > 1, (own.last[place] - own.first[place]) / DAY / np.maximum(times - 1, 1), -1.0)
    return [
        times,
        times / baskets,
        since,
        np.where(known, baskets - 1 - own.last_basket[place], -1),
        gap if tables.dated else np.zeros(len(item)),
        np.where((gap > 0) & tables.dated, since / np.maximum(gap, 0.5), -1.0),
        np.log1p(np.where(known, own.quantity[place], 0.0)),
    ]
