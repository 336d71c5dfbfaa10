"""Uplift on `hillstrom_email`: ours beside S-, T-, X-learners, an uplift forest and a response model.

`python -m evals.uplift` (= `make eval-uplift`). 30 % of the rows are held back by seed; nothing was chosen by looking
at them. The figure is the area between the uplift curve and that of a random order, visits per 1,000 treated customers.
"""

import csv
from typing import Any

import numpy as np

from evals import uplift_peers as peers
from evals.figures import SHARED_DATA, record
from zhanggui.marketing import UpliftModel, read_trial, uplift_lines
from zhanggui.marketing.rules.uplift_curves import area_over_random, uplift_at

FILE = SHARED_DATA / "hillstrom_email" / "hillstrom.csv"
COMMAND = "python -m evals.uplift"
TEST_SHARE = 0.3
SEED = 2026
ROUNDS = 400
CONTROL = "No E-Mail"
AFTERWARDS = ("treatment", "visit", "conversion", "spend")
PEERS = {
    "s-learner": peers.s_learner,
    "t-learner": peers.t_learner,
    "x-learner": peers.x_learner,
    "uplift-forest": peers.uplift_forest,
    "response-model": peers.response_model,
}
Rows = list[dict[str, str]]


def split(rows: Rows) -> tuple[Rows, Rows]:
    """To learn from, and held back."""
    held = np.random.default_rng(SEED).random(len(rows)) < TEST_SHARE
    return [row for row, out in zip(rows, held, strict=True) if not out], [
        row for row, out in zip(rows, held, strict=True) if out
    ]


def our_scores(train: Rows, test: Rows) -> np.ndarray:
    """What `batch uplift` answers for rows without arm and outcome."""
    asked = [{name: value for name, value in row.items() if name not in AFTERWARDS} for row in test]
    trial = read_trial(train, treatment="treatment", control=CONTROL, outcome="visit")
    model = UpliftModel.fit(trial, asked, ignore=("treatment", "visit", "id"))
    return np.asarray([line["uplift"] for line in uplift_lines(model, asked)], dtype=float)


def known(rows: Rows) -> tuple[np.ndarray, np.ndarray]:
    """Who was contacted, who came."""
    return (
        np.asarray([float(row["treatment"] != CONTROL) for row in rows]),
        np.asarray([float(row["visit"]) for row in rows]),
    )


def bootstrap(scores: dict[str, np.ndarray], treated: np.ndarray, outcome: np.ndarray) -> dict[str, np.ndarray]:
    """The area of each ranking on the same redrawn rows, x 1,000."""
    chance = np.random.default_rng(SEED)
    values: dict[str, list[float]] = {name: [] for name in scores}
    for _ in range(ROUNDS):
        pick = chance.integers(0, len(outcome), len(outcome))
        for name, score in scores.items():
            values[name].append(1000 * area_over_random(score[pick], treated[pick], outcome[pick]))
    return {name: np.asarray(found) for name, found in values.items()}


def interval(values: np.ndarray) -> tuple[float, float]:
    low, high = np.quantile(values, [0.025, 0.975])
    return float(low), float(high)


def compare(name: str, train: Rows, test: Rows) -> None:
    """Fit all on `train`, score `test`, record."""
    treated, outcome = known(test)
    learnt, learnt_outcome = known(train)
    x, z = peers.plain_features(train), peers.plain_features(test)
    scores = {"ours": our_scores(train, test)}
    scores |= {peer: fit(x, learnt, learnt_outcome)(z) for peer, fit in PEERS.items()}
    areas = {peer: 1000 * area_over_random(score, treated, outcome) for peer, score in scores.items()}
    drawn = bootstrap(scores, treated, outcome)
    unit = "visits per 1,000 treated, area over random"
    common: dict[str, Any] = {"command": COMMAND, "dataset": "hillstrom_email", "files": [FILE], "seed": SEED}
    note = f"{len(test)} customers held back, {len(train)} learnt from; {name} against no e-mail"
    for peer, area in areas.items():
        figure = f"uplift-{name}" + ("" if peer == "ours" else f"-peer-{peer}")
        record(figure, area, interval=interval(drawn[peer]), unit=unit, note=note, **common)
    best = max((peer for peer in PEERS if peer != "response-model"), key=areas.__getitem__)
    for rival, label in ((best, "best-peer"), ("response-model", "response-model")):
        bounds = interval(drawn["ours"] - drawn[rival])
        verdict = "not distinguishable" if bounds[0] <= 0 <= bounds[1] else "distinguishable"
        said = f"against {rival}: {verdict}. {note}"
        lead = areas["ours"] - areas[rival]
        record(f"uplift-{name}-lead-over-{label}", lead, interval=bounds, unit=unit, note=said, **common)
        print(f"{name}: ours {areas['ours']:.2f}, {rival} {areas[rival]:.2f}: {verdict}")
    top = uplift_at(0.3, scores["ours"], treated, outcome)
    record(f"uplift-{name}-at-30", 100 * top, unit="points of visits, best 30 %", note=note, **common)


def main() -> None:
    """Any e-mail against none, then the women's e-mail against none."""
    if not FILE.is_file():
        raise SystemExit("the public set hillstrom_email is not here; set ZHANGGUI_SHARED_DATA")
    with FILE.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    train, test = split(rows)
    compare("any-email", train, test)
    only = ("Womens E-Mail", CONTROL)
    compare("womens-email", *([row for row in part if row["treatment"] in only] for part in (train, test)))


if __name__ == "__main__":
    main()
