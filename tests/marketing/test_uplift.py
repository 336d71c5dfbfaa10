"""Uplift: known effects are found, results of the contact stay out, bad files are named."""

import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from zhanggui.kernel.errors import BadInput
from zhanggui.marketing import UpliftModel, read_trial, uplift_lines
from zhanggui.marketing.rules.uplift_curves import area_over_random, uplift_at, uplift_curve
from zhanggui.marketing.service.uplift_table import find_table, read_number

Row = dict[str, str]


def experiment(count: int = 6_000, seed: int = 1) -> list[Row]:
    """Women of the shop come 20 points more often when written to, the others 5 points less often."""
    chance = np.random.default_rng(seed)
    rows: list[Row] = []
    for number in range(count):
        women, recency = int(chance.random() < 0.5), int(chance.integers(1, 13))
        written = chance.random() < 0.5
        visit = chance.random() < 0.2 + 0.01 * recency + written * (0.2 if women else -0.05)
        rows.append(
            {
                "id": f"c{number}",
                "women": str(women),
                "recency": str(recency),
                "band": f"{1 + recency // 4}) from {recency // 4 * 4}",
                "town": str(chance.choice(["Rural", "Urban", "Suburban"])),
                "row": str(number),
                "arm": "letter" if written else "none",
                "visit": str(int(visit)),
                "spend": f"{chance.gamma(2, 20):.2f}" if visit else "0",
            }
        )
    return rows


@pytest.fixture(scope="module")
def model() -> UpliftModel:
    trial = read_trial(experiment(), treatment="arm", control="none", outcome="visit")
    return UpliftModel.fit(trial, ignore=("id", "arm", "visit"))


def test_known_effects_are_inside_the_intervals_and_named(model: UpliftModel) -> None:
    asked = [{"women": women, "recency": "6", "band": "2) from 4", "town": "Urban"} for women in ("1", "0")]
    moved, disturbed = list(uplift_lines(model, asked))
    assert isinstance(moved, dict) and isinstance(disturbed, dict)
    assert moved["lower"] <= 0.2 <= moved["upper"]
    assert disturbed["lower"] <= -0.05 <= disturbed["upper"]
    assert moved["segment"] == "persuadable"
    assert "women = 1 raises" in moved["reasons"][0]
    assert moved["id"] == "1" and disturbed["id"] == "2"


def test_results_of_the_contact_and_row_numbers_are_left_out(model: UpliftModel) -> None:
    assert {name for name, _ in model.table.left_out} == {"spend", "row"}


def test_an_unnamed_result_is_found_by_what_it_does() -> None:
    rows = [{**row, "basket": str(int(row["visit"] == "1" and float(row["spend"]) > 30))} for row in experiment()]
    trial = read_trial(rows, treatment="arm", control="none", outcome="visit")
    table = find_table(trial.rows, (), trial.treated(), trial.outcome, ("id", "arm", "visit"))
    assert "basket" in {name for name, _ in table.left_out}


def test_a_trait_that_differs_between_the_arms_was_measured_afterwards() -> None:
    rows = [{**row, "logins": str(int(row["arm"] == "letter") + int(row["recency"]) % 3)} for row in experiment()]
    trial = read_trial(rows, treatment="arm", control="none", outcome="visit")
    table = find_table(trial.rows, (), trial.treated(), trial.outcome, ("id", "arm", "visit"))
    assert "logins" in {name for name, _ in table.left_out}


def test_no_difference_between_customers_is_said() -> None:
    chance = np.random.default_rng(5)
    rows = [{**row, "visit": str(int(chance.random() < 0.3))} for row in experiment(3_000)]
    trial = read_trial(rows, treatment="arm", control="none", outcome="visit")
    fitted = UpliftModel.fit(trial, ignore=("id", "arm", "visit"))
    assert not fitted.confirmed
    lines = [line for line in uplift_lines(fitted, rows[:50]) if isinstance(line, dict)]
    assert all(line["segment"] not in ("persuadable",) or line["lower"] > 0 for line in lines)
    assert all("not confirmed" in line["reasons"][-1] for line in lines)


def test_several_contacts_count_as_treated_and_the_strongest_is_named() -> None:
    chance = np.random.default_rng(9)
    rows = [{**row, "arm": row["arm"] if row["arm"] == "none" else str(chance.choice(["sms", "mail"]))} for row in
            experiment()]  # fmt: skip
    trial = read_trial(rows, treatment="arm", control="NONE", outcome="visit")
    fitted = UpliftModel.fit(trial, ignore=("id", "arm", "visit"))
    line = next(iter(uplift_lines(fitted, rows, locale="zh-CN")))
    assert isinstance(line, dict)
    assert "触达方式" in line["reasons"][-1]
    assert 0.4 < trial.treated().mean() < 0.6


def test_missing_and_unknown_values_are_judged_junk_is_an_error(model: UpliftModel) -> None:
    asked = [{"women": "", "recency": "n/a", "town": "Mars", "band": ""}, {"women": "1", "recency": "<script>"}]
    first, second = list(uplift_lines(model, asked))
    assert isinstance(first, dict) and np.isfinite(first["uplift"])
    assert isinstance(second, BadInput) and second.field == "recency"


@pytest.mark.parametrize(
    ("change", "field"),
    [({"treatment": "no"}, "no"), ({"outcome": "no"}, "no"), ({"control": "nobody"}, "arm")],
)
def test_a_wrong_column_or_control_is_named(change: dict[str, str], field: str) -> None:
    given_columns = {"treatment": "arm", "control": "none", "outcome": "visit"} | change
    with pytest.raises(BadInput) as found:
        read_trial(experiment(300), **given_columns)
    assert found.value.field == field


def test_too_little_to_learn_from_is_said() -> None:
    with pytest.raises(BadInput, match="at least 200 rows"):
        read_trial(experiment(150), treatment="arm", control="none", outcome="visit")


def test_rows_without_arm_or_outcome_are_left_out_and_named() -> None:
    rows = experiment(400)
    rows[3]["visit"], rows[4]["arm"], rows[5]["visit"] = "", "", "often"
    trial = read_trial(rows, treatment="arm", control="none", outcome="visit")
    assert [(bad.row, bad.field) for bad in trial.problems] == [(5, "visit"), (6, "arm"), (7, "visit")]


def test_the_command_reads_gb18030_carries_ids_and_goes_on_after_a_bad_row(tmp_path: Path) -> None:
    rows = experiment(1_500)
    header = list(rows[0])
    past, asked, answers = tmp_path / "past.csv", tmp_path / "asked.csv", tmp_path / "out.jsonl"
    body = [",".join(row[name] for name in header).replace("Urban", "城市") for row in rows]
    past.write_bytes("\n".join([",".join(header), *body]).encode("gb18030"))
    asked.write_text("town,id,women,recency\n城市,a,1,3\nRural,b,0,4,9,9\nRural,c,0,\n", encoding="utf-8-sig")
    arguments = ["batch", "uplift", "--experiment", str(past), "--treatment", "arm", "--control", "none"]
    command = [sys.executable, "-m", "zhanggui", *arguments, "--outcome", "visit", "--in", str(asked)]
    done = subprocess.run([*command, "--out", str(answers)], capture_output=True, check=False, cwd=tmp_path)
    assert done.returncode == 1
    first, second, third = [json.loads(line) for line in answers.read_text().splitlines()]
    assert [first["id"], third["id"]] == ["a", "c"]
    assert second["error"]["field"] == "row"
    assert set(first) == {"id", "uplift", "lower", "upper", "segment", "reasons"}


def test_area_of_a_perfect_and_of_a_reversed_order() -> None:
    # Four moved customers among eight pairs: found first, the curve rises to 0.5 at half and stays.
    treated = np.asarray([1.0, 0.0] * 8)
    outcome = np.asarray([1.0, 0.0] * 4 + [0.0, 0.0] * 4)
    scores = np.repeat([1.0, 0.0], 8)
    curve = uplift_curve(scores, treated, outcome)
    assert curve[-1] == pytest.approx(0.5)
    assert area_over_random(scores, treated, outcome) > 0.08
    assert area_over_random(-scores, treated, outcome) < -0.08
    assert uplift_at(0.5, scores, treated, outcome) == 1.0


@given(st.text(max_size=12))
def test_numbers_are_finite_or_none(text: str) -> None:
    value = read_number(text)
    assert value is None or np.isfinite(value)
