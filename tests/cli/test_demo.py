"""`zhanggui demo`: one day through the real services leaves everything that the tour shows."""

import os
import subprocess
import sys
from typing import Any, cast

import pytest

from tests.conftest import TESTER
from zhanggui.app import App, build
from zhanggui.desk import Filter, Inbox, State
from zhanggui.kernel.storage import MerchantStore
from zhanggui.settings import Settings
from zhanggui.support import ComplaintStore, MoodStore, find_articles

pytestmark = [pytest.mark.slow, pytest.mark.timeout(600)]


@pytest.fixture(scope="module")
def played(tmp_path_factory: pytest.TempPathFactory) -> tuple[App, str]:
    """The demo's installation after its day, and what it printed; without any model."""
    folder = tmp_path_factory.mktemp("demo")
    environment = {**os.environ, "ZHANGGUI_DATA_DIR": str(folder), "ZHANGGUI_MODEL": "none", "COLUMNS": "200"}
    run = subprocess.run(
        [sys.executable, "-m", "zhanggui", "demo", "--no-serve"],
        env=environment, capture_output=True, text=True, cwd=folder, timeout=500, check=False,
    )  # fmt: skip
    assert run.returncode == 0, run.stderr
    return build(Settings(data_dir=folder / "demo", model="none", merchant="demo", locale="zh-CN")), run.stdout


def _tour(app: App) -> dict[str, str]:
    with app.database.begin("demo", TESTER, read_only=True) as uow:
        kept = cast(dict[str, Any], MerchantStore.setting(uow, "demo.tour"))
    return cast(dict[str, str], kept["stations"])


def test_it_tells_what_was_done_and_leaves_every_station_of_the_tour(played: tuple[App, str]) -> None:
    app, printed = played
    for words in ("listings proposed", "is blocked", "in trouble", "purchase orders", "complaints", "campaign"):
        assert words in printed
    stations = _tour(app)
    assert set(stations) == {"claim", "parcel", "angry", "restock", "campaign", "undo", "mood"}
    assert stations["angry"].startswith("/handovers?id=")
    assert stations["parcel"].startswith("/inbox?id=")


def test_each_station_is_what_it_says(played: tuple[App, str]) -> None:
    app, _ = played
    stations = _tour(app)
    number = {name: address.rpartition("=")[2] for name, address in stations.items()}
    with app.database.begin("demo", TESTER, read_only=True) as uow:
        claim, undone = Inbox.get(uow, number["claim"]), Inbox.get(uow, number["undo"])
        assert claim.state is State.WAITING and claim.blocked and claim.kind == "listing-copy"
        assert undone.state is State.UNDONE and undone.reason
        restock, parcel = Inbox.get(uow, number["restock"]), Inbox.get(uow, number["parcel"])
        assert restock.kind == "restock" and parcel.kind == "message-customer"
        assert restock.state is State.WAITING and parcel.state is State.WAITING
        outcome = cast(dict[str, Any], Inbox.get(uow, number["campaign"]).outcome)
        overall = outcome["overall"]
        assert overall["lower"] <= overall["difference"] <= overall["upper"]
        assert {arm["name"] for arm in outcome["arms"]} == {"A", "holdout"}
        waiting = app.chat.handovers.inbox(uow)
        assert [one.id for one in waiting] == [number["angry"]]
        assert ComplaintStore(uow).of_source("message", f"{waiting[0].conversation_id}:1") is not None
        assert app.exceptions.counts(uow) and find_articles(uow, "发货")
        now = uow.clock.now()
        texts, _negative = MoodStore(uow).totals(now.replace(year=now.year - 1), now)
        assert texts > 50
        assert Inbox.page(uow, Filter(states=(State.APPLIED,), kinds=("message-customer",))).items
    app.close()
