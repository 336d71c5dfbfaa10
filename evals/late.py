"""Late delivery on `olist_10k`, split by time: ours beside a small LightGBM tuned on the same training rows.

`python -m evals.late` (= `make eval-late`). A row is what is known at the moment of purchase.
"""

import csv
from collections import defaultdict
from datetime import datetime, timedelta
from typing import Any

import lightgbm
import numpy as np
from sklearn.metrics import roc_auc_score

from evals.figures import SHARED_DATA, record
from zhanggui.orders.service.late_risk import late_risk

FOLDER = SHARED_DATA / "olist_10k"
FILES = [FOLDER / name for name in ("orders.csv", "order_items.csv", "customers.csv", "products.csv")]
COMMAND = "python -m evals.late"
TEST_SHARE = 0.3
SEED = 7
WEEK = timedelta(days=7)
Rows = list[dict[str, str]]


def read(name: str) -> Rows:
    with (FOLDER / name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def flat_rows() -> Rows:
    """One row a delivered order, as a shop would export it at purchase, in time order, with its label."""
    customers = {row["customer_id"]: row for row in read("customers.csv")}
    products = {row["product_id"]: row for row in read("products.csv")}
    lines: dict[str, Rows] = defaultdict(list)
    for line in read("order_items.csv"):
        lines[line["order_id"]].append(line)
    rows: Rows = []
    for order in read("orders.csv"):
        if not order["order_delivered_customer_date"] or not lines[order["order_id"]]:
            continue
        held = lines[order["order_id"]]
        first, goods = held[0], [products.get(line["product_id"], {}) for line in held]
        customer = customers[order["customer_id"]]
        delivered, promised = order["order_delivered_customer_date"], order["order_estimated_delivery_date"]
        late = datetime.fromisoformat(delivered) > datetime.fromisoformat(promised)
        rows.append(
            {
                "id": order["order_id"],
                "late": str(int(late)),
                "known_at": min(delivered, (datetime.fromisoformat(promised) + timedelta(days=1)).isoformat(sep=" ")),
                "purchased_at": order["order_purchase_timestamp"],
                "dispatch_limit": max(line["shipping_limit_date"] for line in held),
                "promised_at": promised,
                "items": str(len(held)),
                "sellers": str(len({line["seller_id"] for line in held})),
                "price": str(sum(float(line["price"]) for line in held)),
                "freight": str(sum(float(line["freight_value"]) for line in held)),
                "weight": str(sum(float(good.get("product_weight_g") or 0) for good in goods)),
                "seller": first["seller_id"],
                "category": goods[0].get("product_category_name", ""),
                "state": customer["customer_state"],
                "city": customer["customer_city"],
                "zone": customer["customer_zip_code_prefix"].zfill(5)[:2] + "x",
            }
        )
    return sorted(rows, key=lambda row: row["purchased_at"])


def peer_features(rows: Rows, codes: dict[str, dict[str, int]]) -> np.ndarray:
    """The usual table for LightGBM: numbers, times as parts and gaps, categories as codes."""
    lines: list[list[float]] = []
    for row in rows:
        bought, limit, promised = (
            datetime.fromisoformat(row[name]) for name in ("purchased_at", "dispatch_limit", "promised_at")
        )
        line = [float(row[name]) for name in ("items", "sellers", "price", "freight", "weight")]
        line += [bought.hour, bought.weekday(), bought.month, (promised - bought).days, (limit - bought).days]
        line += [codes[name].setdefault(row[name], len(codes[name])) for name in codes]
        lines.append([float(value) for value in line])
    return np.asarray(lines)


def peer_scores(train: Rows, test: Rows) -> np.ndarray:
    """A small LightGBM, its leaves and rounds chosen on the last 30 % of the training rows by time."""
    codes: dict[str, dict[str, int]] = {name: {} for name in ("seller", "category", "state", "city", "zone")}
    features, labels = peer_features(train, codes), np.asarray([int(row["late"]) for row in train])
    unseen = peer_features(test, codes)
    cut = int(len(train) * 0.7)
    kinds = list(range(features.shape[1] - len(codes), features.shape[1]))
    best: tuple[float, dict[str, Any], int] = (0.0, {}, 0)
    for leaves in (4, 8, 16):
        for floor in (20, 60):
            settings: dict[str, Any] = {
                "objective": "binary",
                "learning_rate": 0.03,
                "num_leaves": leaves,
                "min_data_in_leaf": floor,
                "feature_fraction": 0.7,
                "verbosity": -1,
                "num_threads": 1,
                "seed": SEED,
                "deterministic": True,
            }
            data = lightgbm.Dataset(features[:cut], labels[:cut], categorical_feature=kinds)
            booster = lightgbm.train(settings, data, num_boost_round=300)
            for rounds in (50, 100, 200, 300):
                score = roc_auc_score(labels[cut:], booster.predict(features[cut:], num_iteration=rounds))
                if score > best[0]:
                    best = (float(score), settings, rounds)
    data = lightgbm.Dataset(features, labels, categorical_feature=kinds)
    return np.asarray(lightgbm.train(best[1], data, num_boost_round=best[2]).predict(unseen))


def calibration_error(risk: np.ndarray, late: np.ndarray, bins: int = 10) -> float:
    """Expected calibration error over bins of equal count."""
    parts = np.array_split(np.argsort(risk, kind="stable"), bins)
    return float(sum(len(part) * abs(risk[part].mean() - late[part].mean()) for part in parts) / len(risk))


def calibration_by_width(risk: np.ndarray, late: np.ndarray, bins: int = 10) -> float:
    """Expected calibration error over bins of equal width, as Guo et al. 2017 define it."""
    place = np.minimum((risk * bins).astype(int), bins - 1)
    held = [(place == number) for number in range(bins) if (place == number).any()]
    return float(sum(part.sum() * abs(risk[part].mean() - late[part].mean()) for part in held) / len(risk))


def interval(scores: np.ndarray, late: np.ndarray, other: np.ndarray | None = None) -> tuple[float, float]:
    """A 95 % bootstrap interval of the AUC, or of its lead over another model's on the same rows."""
    chance = np.random.default_rng(SEED)
    values: list[float] = []
    for _ in range(500):
        pick = chance.integers(0, len(late), len(late))
        value = roc_auc_score(late[pick], scores[pick])
        values.append(float(value if other is None else value - roc_auc_score(late[pick], other[pick])))
    low, high = np.quantile(values, [0.025, 0.975])
    return float(low), float(high)


def refitted(rows: Rows, cut: int) -> np.ndarray:
    """Risks of the rows from `cut` on, learnt anew every week from what was delivered (or overdue) by then."""
    risks: list[float] = []
    at = cut
    while at < len(rows):
        now = datetime.fromisoformat(rows[at]["purchased_at"])
        until = (now + WEEK).isoformat(sep=" ")
        week = [row for row in rows[at:] if row["purchased_at"] < until]
        known = [row for row in rows[:at] if row["known_at"] <= rows[at]["purchased_at"]]
        answers = late_risk([told(row) for row in known], [told(row, "late") for row in week], label="late")
        risks += [float(str(answer["risk"])) for answer in answers]
        at += len(week)
    return np.asarray(risks)


def told(row: dict[str, str], *without: str) -> dict[str, str]:
    """A row as the models may see it: nothing that is known only afterwards."""
    return {name: value for name, value in row.items() if name not in ("known_at", *without)}


def main() -> None:
    """Fit both on the first 70 % of the rows by time, score the last 30 %, record the figures."""
    if not FOLDER.is_dir():
        raise SystemExit("the public set olist_10k is not here; set ZHANGGUI_SHARED_DATA")
    rows = flat_rows()
    cut = int(len(rows) * (1 - TEST_SHARE))
    train, test = [told(row) for row in rows[:cut]], [told(row) for row in rows[cut:]]
    late = np.asarray([int(row["late"]) for row in test])
    asked = [told(row, "late") for row in test]
    ours = np.asarray([answer["risk"] for answer in late_risk(train, asked, label="late")], dtype=float)
    weekly, theirs = refitted(rows, cut), peer_scores(train, test)
    shares = sum(int(row["late"]) for row in train) / cut, float(late.mean())
    note = f"{len(test)} orders after {cut} in training; late share {shares[0]:.3f}, then {shares[1]:.3f}"
    common: dict[str, Any] = {"command": COMMAND, "dataset": "olist_10k", "files": FILES, "seed": SEED, "note": note}
    mine, peer = float(roc_auc_score(late, ours)), float(roc_auc_score(late, theirs))
    record("late-auc", mine, interval=interval(ours, late), **common)
    record("late-auc-peer-lightgbm", peer, interval=interval(theirs, late), **common)
    record("late-auc-lead", mine - peer, interval=interval(ours, late, theirs), **common)
    record("late-calibration-error", calibration_error(ours, late), **common)
    record("late-calibration-error-width", calibration_by_width(ours, late), **common)
    common["note"] = f"learnt anew every week from what was delivered by then; {note}"
    record("late-auc-weekly", float(roc_auc_score(late, weekly)), interval=interval(weekly, late), **common)
    record("late-calibration-error-weekly", calibration_error(weekly, late), **common)
    record("late-calibration-error-width-weekly", calibration_by_width(weekly, late), **common)


if __name__ == "__main__":
    main()
