"""The registry: only a sure lead goes live, nothing half-written, rollback; agreement against plain oracles."""

import json
import os
from collections import Counter
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pytest

from zhanggui.kernel.errors import BadInput, Conflict, NotFound, OperatorError
from zhanggui.kernel.textmodels import (
    Lead,
    LinearModel,
    Plan,
    Registry,
    Request,
    chrf,
    frozen_split,
    lead,
    load,
    registry_of,
    train_task,
)

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)
SURE, UNSURE = Lead(0.1, 0.05, 0.15, 100), Lead(0.1, -0.01, 0.2, 100)


def rows(count: int = 400) -> tuple[list[str], list[str]]:
    words = ("refund", "parcel")
    return [f"{words[n % 2]} number {n}" for n in range(count)], [words[n % 2] for n in range(count)]


@pytest.fixture(scope="module")
def model() -> LinearModel:
    return LinearModel.fit(*rows(60), task="wants")


@pytest.fixture
def registry(tmp_path: Path) -> Registry:
    return registry_of(tmp_path, "shop/1")


def test_a_model_goes_live_by_a_sure_lead_only(registry: Registry, model: LinearModel) -> None:
    first = registry.add("wants", model, NOW)
    assert first.state == "candidate" and registry.live("wants") is None
    with pytest.raises(Conflict, match="is not sure"):
        registry.promote("wants", 1, UNSURE)
    assert registry.versions("wants")[0].verdict["low"] == -0.01
    registry.promote("wants", 1, SURE)
    live = registry.live("wants")
    assert live is not None and live.number == 1
    assert load(registry.path("wants", live)).labels == model.labels
    with pytest.raises(Conflict, match="is live"):
        registry.promote("wants", 1, SURE)
    assert registry.tasks() == ("wants",)


def test_shadow_retire_and_rollback(registry: Registry, model: LinearModel) -> None:
    for _ in range(3):
        registry.add("wants", model, NOW)
    for number in (1, 2, 3):
        registry.shadow("wants", number)
        registry.promote("wants", number, SURE)
    assert [one.state for one in registry.versions("wants")] == ["retired", "retired", "live"]
    assert registry.rollback("wants").number == 2
    assert registry.rollback("wants").number == 1
    assert [one.state for one in registry.versions("wants")] == ["live", "retired", "retired"]
    with pytest.raises(Conflict, match="live before"):
        registry.rollback("wants")
    with pytest.raises(Conflict, match="not a candidate"):
        registry.shadow("wants", 2)
    registry.retire("wants", 1)
    assert registry.live("wants") is None
    with pytest.raises(NotFound):
        registry.retire("wants", 9)


def test_names_of_tasks_cannot_leave_the_folder(registry: Registry) -> None:
    for name in ("../up", "A", "", "a/b"):
        with pytest.raises(BadInput, match="task"):
            registry.versions(name)


def test_a_kill_while_adding_leaves_the_live_model(registry: Registry, model: LinearModel) -> None:
    registry.add("wants", model, NOW)
    registry.promote("wants", 1, SURE)
    child = os.fork()
    if child == 0:

        class Dying:
            card = model.card

            def save(self, path: Path) -> None:
                path.write_bytes(b"half")
                os.kill(os.getpid(), 9)

        registry.add("wants", Dying(), NOW)
        os._exit(0)
    assert os.waitpid(child, 0)[1] == 9
    live = registry.live("wants")
    assert live is not None and live.number == 1 and len(registry.versions("wants")) == 1
    assert load(registry.path("wants", live)).labels == model.labels
    assert registry.add("wants", model, NOW).number == 2


def test_an_altered_model_or_list_is_refused(registry: Registry, model: LinearModel) -> None:
    one = registry.add("wants", model, NOW)
    file = registry.path("wants", one)
    file.write_bytes(file.read_bytes() + b"x")
    with pytest.raises(OperatorError, match="gone or altered"):
        registry.path("wants", one)
    (registry.folder("wants") / "registry.json").write_text(json.dumps({"versions": [{"number": 1}]}))
    with pytest.raises(OperatorError, match="damaged"):
        registry.versions("wants")


def test_training_goes_live_once_and_not_again_with_the_same_rows(registry: Registry) -> None:
    texts, labels = rows()
    outcome = train_task(registry, Request("wants", "linear", texts, labels), Plan(), NOW)
    assert outcome.live and outcome.verdict.low > 0
    again = train_task(registry, Request("wants", "linear", texts, labels), Plan(), NOW)
    assert not again.live and "not sure" in again.reason
    live = registry.live("wants")
    assert live is not None and live.number == 1
    card = load(registry.path("wants", live)).card
    assert card.figures["frozen"]["accuracy"] == 1.0 and "slices" in card.figures["frozen"]


def test_few_rows_never_go_live_and_bad_rows_write_nothing(registry: Registry, tmp_path: Path) -> None:
    texts, labels = rows(40)
    outcome = train_task(registry, Request("wants", "linear", texts, labels), Plan(), NOW)
    assert not outcome.live and "nothing goes live" in outcome.reason
    other = registry_of(tmp_path, "other")
    for bad in ((["a", "b", "c"], ["x", "y", "x"]), (texts, ["x"] * 40), (["same"] * 40, labels), ([""] * 40, labels)):
        with pytest.raises(BadInput):
            train_task(other, Request("wants", "linear", *bad), Plan(), NOW)
    with pytest.raises(BadInput, match="--model"):
        train_task(other, Request("wants", "forest", *rows()), Plan(), NOW)
    assert other.tasks() == ()


def test_a_text_is_on_the_same_side_whatever_file_it_comes_in() -> None:
    texts, labels = rows()
    first, second = frozen_split(texts, labels), frozen_split(texts[::-1][:200], labels[::-1][:200])
    assert {text for text, _ in second.test} <= {text for text, _ in first.test}
    assert not {text for text, _ in first.train} & {text for text, _ in first.test}


def plain_chrf(given: str, wanted: str) -> float:
    """chrF2 as Popović 2015 writes it, n by n."""
    precision: list[float] = []
    recall: list[float] = []
    for n in range(1, 7):
        mine = [given[i : i + n] for i in range(len(given) - n + 1)]
        theirs = [wanted[i : i + n] for i in range(len(wanted) - n + 1)]
        if mine or theirs:
            left = Counter(theirs)
            matched = 0
            for gram in mine:
                if left[gram] > 0:
                    left[gram] -= 1
                    matched += 1
            precision.append(matched / len(mine) if mine else 0)
            recall.append(matched / len(theirs) if theirs else 0)
    p, r = np.mean(precision), np.mean(recall)
    return float(5 * p * r / (4 * p + r)) if p + r else 0.0


@pytest.mark.parametrize(("given", "wanted"), [("红色连衣裙", "红色长裙"), ("abc", "abc"), ("a", "bcd"), ("", "x")])
def test_agreement_of_texts(given: str, wanted: str) -> None:
    assert chrf(given, wanted) == pytest.approx(plain_chrf(given, wanted))


def test_a_lead_is_sure_only_when_it_is() -> None:
    better, worse = [1.0] * 90 + [0.0] * 10, [1.0] * 50 + [0.0] * 50
    assert lead(better, worse).sure and not lead(worse, better).sure
    assert not lead(better, better).sure
    few = lead([1, 0, 1, 1], [1, 0, 0, 1])
    assert not few.sure and few.mean == pytest.approx(0.25)
    assert lead([], []).rows == 0
