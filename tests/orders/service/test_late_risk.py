"""Late-delivery risk: learns what is there, leaks nothing, says why, and refuses what it cannot read."""

import random
from datetime import datetime, timedelta
from typing import Any

import numpy as np
import pytest
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import roc_auc_score

from zhanggui.kernel.errors import BadInput
from zhanggui.orders.service.late_features import Columns, Traffic, read_moment, with_zones
from zhanggui.orders.service.late_risk import _calibrate, late_risk


def history(count: int, seed: int = 3) -> list[dict[str, str]]:
    """Orders whose lateness comes from a short promise to a far region; the delivery time would give it away."""
    chance = random.Random(seed)
    rows: list[dict[str, str]] = []
    for number in range(count):
        bought = datetime(2026, 1, 1) + timedelta(hours=number)
        far, promised = chance.random() < 0.4, chance.randint(3, 20)
        late = chance.random() < (0.6 if far and promised < 8 else 0.05)
        rows.append(
            {
                "id": f"o{number}",
                "late": "1" if late else "0",
                "bought": bought.isoformat(),
                "promised": (bought + timedelta(days=promised)).isoformat(),
                "delivered": (bought + timedelta(days=promised + (2 if late else -1))).isoformat(),
                "region": "far" if far else "near",
                "weight": str(chance.randint(1, 50)),
            }
        )
    return rows


def asked(rows: list[dict[str, str]]) -> list[dict[str, str]]:
    return [{name: value for name, value in row.items() if name not in ("late", "delivered")} for row in rows]


def test_it_learns_ranks_is_calibrated_and_says_why() -> None:
    rows = history(2_000)
    train, test = rows[:1_400], rows[1_400:]
    answers = list(late_risk(train, asked(test), label="late"))
    risks, late = [a["risk"] for a in answers], [int(row["late"]) for row in test]
    assert [answer["id"] for answer in answers] == [row["id"] for row in test]
    assert roc_auc_score(late, risks) > 0.75
    assert abs(np.mean(risks) - np.mean(late)) < 0.05
    riskiest = max(answers, key=lambda answer: answer["risk"])
    assert any("promised" in why and "raises the risk" in why for why in riskiest["reasons"])
    assert not any("delivered" in why for answer in answers for why in answer["reasons"]), "known only afterwards"


def test_the_same_files_give_the_same_answers() -> None:
    rows = history(400)
    assert list(late_risk(rows, asked(rows[:20]), label="late")) == list(
        late_risk(rows, asked(rows[:20]), label="late")
    )


def test_rows_without_a_label_or_with_holes_still_get_an_answer() -> None:
    rows = history(400)
    rows[3] = rows[3] | {"late": ""}
    holes = asked(rows[:3])
    holes[0] |= {"region": "", "weight": "nan", "promised": "soon"}
    assert all(0 < answer["risk"] < 1 for answer in late_risk(rows, holes, label="late"))


@pytest.mark.parametrize(
    ("change", "field"),
    [
        (lambda rows: rows[7].update(late="perhaps"), "late"),
        (lambda rows: rows[7].pop("late"), "late"),
        (lambda rows: [row.update(late="0") for row in rows], "train"),
        (lambda rows: rows.clear(), "rows"),
    ],
)
def test_what_cannot_be_learnt_from(change: Any, field: str) -> None:
    rows = history(200)
    predict = asked(rows[:5])
    change(rows)
    with pytest.raises(BadInput) as caught:
        list(late_risk(rows, predict, label="late"))
    assert caught.value.field == field


def test_calibration_finds_the_weights_of_a_logistic_regression_and_the_level_asked_for() -> None:
    chance = np.random.default_rng(1)
    scores = chance.normal(size=(40_000, 2))
    labels = (chance.random(40_000) < 1 / (1 + np.exp(-(scores @ [0.7, 0.4] - 2)))).astype(float)
    curve = _calibrate(scores, labels, level=0.2)
    peer = LogisticRegression(C=1e6).fit(scores, labels)
    assert curve.weights == pytest.approx(peer.coef_[0], abs=0.03)
    plain = 1 / (1 + np.exp(-(scores @ curve.weights + curve.offset)))
    assert plain.mean() == pytest.approx(0.2, abs=1e-6)
    assert curve.risk(scores).mean() == pytest.approx(labels.mean(), abs=0.01), "many rows: their own shape counts"


def test_a_model_that_ranks_the_wrong_way_gets_no_weight() -> None:
    chance = np.random.default_rng(2)
    scores = chance.normal(size=(2_000, 2))
    labels = (chance.random(2_000) < 1 / (1 + np.exp(-(2 * scores[:, 1] - scores[:, 0] - 3)))).astype(float)
    curve = _calibrate(scores, labels, level=float(labels.mean()))
    assert curve.weights[0] == 0 and curve.weights[1] > 0.5
    risks = curve.risk(scores)
    assert np.all(np.diff(risks[np.argsort(scores[:, 1])]) >= 0) and 0 < risks.min() <= risks.max() < 1


def test_a_postal_code_gets_its_zone_and_its_zeros_back() -> None:
    rows = with_zones([{"customer_zip_code": "1037"}, {"customer_zip_code": "18682"}, {"customer_zip_code": ""}])
    assert [row["zone of customer_zip_code"] for row in rows] == ["01x", "18x", ""]
    assert with_zones([{"price": "3"}]) == [{"price": "3"}]


def test_traffic_counts_only_what_came_before() -> None:
    start = datetime(2026, 1, 1)
    days = [0, 1, 2, 20, 21, 22, 23, 24]
    rows = [{"at": (start + timedelta(days=day)).isoformat(), "seller": "s"} for day in days]
    traffic = Traffic(Columns((), ("at",), ("seller",), ()), rows)
    assert traffic.line(rows[0]) == [pytest.approx(0.0), 0.0]
    busy, same = traffic.line(rows[-1])
    assert same == pytest.approx(np.log1p(4)) and busy == pytest.approx(np.log((4 + 5) / (7 * 7 / 28 + 5)))
    assert np.isnan(traffic.line({"at": "soon", "seller": "s"})).all()
    assert Traffic(Columns(("x",), (), (), ()), rows).line(rows[0]) == []


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("2026-01-05", datetime(2026, 1, 5)),
        ("2026/1/5 9:07", datetime(2026, 1, 5, 9, 7)),
        ("2026.01.05 09:07:30", datetime(2026, 1, 5, 9, 7, 30)),
        (" 2026-01-05T09:07:30Z ", datetime(2026, 1, 5, 9, 7, 30)),
        ("2026-01-05 09:07:30.250+08:00", datetime(2026, 1, 5, 9, 7, 30, 250_000)),
        ("05/01/2026", None),
        ("2026-13-05", None),
        ("2026-01/05", None),
        ("20260105", None),
        ("", None),
    ],
)
def test_times_are_read_where_their_order_is_sure(text: str, wanted: datetime | None) -> None:
    assert read_moment(text) == wanted


def test_slashed_dates_and_chinese_labels_give_the_same_answers() -> None:
    rows = history(400)
    words = {"1": "是", "0": "否"}
    other = [
        {k: words[v] if k == "late" else v.replace("-", "/").replace("T", " ") for k, v in row.items()} for row in rows
    ]
    found = list(late_risk(other, asked(other[:20]), label="late"))
    assert [one["risk"] for one in found] == [one["risk"] for one in late_risk(rows, asked(rows[:20]), label="late")]
