"""Late-delivery risk: learns what is there, leaks nothing, says why, and refuses what it cannot read."""

import random
from datetime import datetime, timedelta
from typing import Any

import numpy as np
import pytest
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import roc_auc_score

from zhanggui.kernel.errors import BadInput
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


def test_calibration_agrees_with_a_logistic_regression() -> None:
    chance = np.random.default_rng(1)
    scores = chance.normal(size=4_000)
    labels = (chance.random(4_000) < 1 / (1 + np.exp(-(0.7 * scores - 2)))).astype(float)
    slope, offset = _calibrate(scores, labels)
    peer = LogisticRegression(C=1e6).fit(scores.reshape(-1, 1), labels)
    assert slope == pytest.approx(peer.coef_[0][0], abs=0.02) and offset == pytest.approx(peer.intercept_[0], abs=0.02)
