"""When parcels arrive, on `olist_10k` by time: told at hand-over from the parcels that had arrived by then.

`python -m evals.arrival` (= `make eval-arrival`). Peers on the same parcels: the median of all journeys, and the date
that the marketplace promised.
"""

import csv
from datetime import datetime
from statistics import fmean, median
from typing import Any

from evals.figures import SHARED_DATA, record
from zhanggui.orders.rules.arrival import Journey, Trip, expected_arrival

FOLDER = SHARED_DATA / "olist_10k"
FILES = [FOLDER / name for name in ("orders.csv", "customers.csv")]
COMMAND = "python -m evals.arrival"
TEST_SHARE = 0.3
LATELY = 2_000


def parcels() -> list[tuple[str, datetime, datetime, datetime]]:
    """(state, handed over, delivered, promised) of each delivered parcel, in the order of handing over."""
    with FILES[1].open(encoding="utf-8", newline="") as file:
        states = {row["customer_id"]: row["customer_state"] for row in csv.DictReader(file)}
    names = ("order_delivered_carrier_date", "order_delivered_customer_date", "order_estimated_delivery_date")
    found: list[tuple[str, datetime, datetime, datetime]] = []
    with FILES[0].open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            if all(row[name] for name in names):
                sent, came, promised = (datetime.fromisoformat(row[name]) for name in names)
                if came > sent:
                    found.append((states[row["customer_id"]], sent, came, promised))
    return sorted(found, key=lambda one: one[1])


def main() -> None:
    """Tell the last 30 %, each from what had arrived by then; record."""
    if not FOLDER.is_dir():
        raise SystemExit("the public set olist_10k is not here; set ZHANGGUI_SHARED_DATA")
    rows = parcels()
    cut = int(len(rows) * (1 - TEST_SHARE))
    journeys = [(Journey("", state, (came - sent).total_seconds() / 86_400), came) for state, sent, came, _ in rows]
    ours: list[float] = []
    plain: list[float] = []
    promises: list[float] = []
    inside: list[bool] = []
    kept: list[tuple[float, bool]] = []
    for state, sent, came, promised in rows[cut:]:
        past = [journey for journey, end in journeys if end < sent][-LATELY:]
        told = expected_arrival(past, Trip("", state, sent, promised), sent)
        if told is None:
            continue
        true = (came - sent).total_seconds() / 86_400
        ours.append(abs((told.likely - came).total_seconds()) / 86_400)
        plain.append(abs(median(one.days for one in past) - true))
        promises.append(abs((promised - came).total_seconds()) / 86_400)
        inside.append(told.early <= came <= told.late)
        kept.append((told.by_promise or 0.0, came <= promised))
    note = f"{len(ours)} parcels after {cut}; told at hand-over from at most {LATELY} that had arrived"
    common: dict[str, Any] = {"command": COMMAND, "dataset": "olist_10k", "files": FILES, "seed": 0, "note": note}
    record("arrival-days-off", fmean(ours), unit="days", **common)
    record("arrival-days-off-one-median", fmean(plain), unit="days", **common)
    record("arrival-days-off-promise", fmean(promises), unit="days", **common)
    record("arrival-within-80", fmean(inside), **common)
    record("arrival-promise-kept-told", fmean(chance for chance, _ in kept), **common)
    record("arrival-promise-kept-true", fmean(held for _, held in kept), **common)


if __name__ == "__main__":
    main()
