"""A training's file: what it tells while it runs, afterwards, and when its process was killed."""

import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

from zhanggui.kernel.textmodels import Epoch, log_run, registry_of, runs_in

NOW = datetime(2026, 3, 4, 5, 6, tzinfo=UTC)


def test_a_run_tells_its_curve_while_it_grows_and_that_it_finished(tmp_path: Path) -> None:
    log = log_run(tmp_path, "sentiment", "textcnn", 4, lambda: NOW)
    assert [(run.state, run.curve) for run in runs_in(tmp_path)] == [("running", ())]
    log.epoch(Epoch(1, 0.5, 0.8))
    log.epoch(Epoch(2, 0.4, 0.9))
    (run,) = runs_in(tmp_path)
    assert (run.state, run.epochs, [epoch.loss for epoch in run.curve]) == ("running", 4, [0.5, 0.4])
    log.finish()
    assert runs_in(tmp_path)[0].state == "finished"
    assert not list(tmp_path.glob(".run-*"))


def test_a_run_whose_process_is_gone_is_broken_off(tmp_path: Path) -> None:
    code = (
        "from datetime import UTC, datetime; from pathlib import Path; from zhanggui.kernel.textmodels import log_run;"
        f"log_run(Path({str(tmp_path)!r}), 'intent', 'bert', 3, lambda: datetime.now(UTC))"
    )
    subprocess.run([sys.executable, "-c", code], check=True)
    assert [run.state for run in runs_in(tmp_path)] == ["broken off"]


def test_damaged_files_are_left_out_and_an_unwritable_folder_stops_nothing(tmp_path: Path) -> None:
    (tmp_path / "run-bert.json").write_text("{", encoding="utf-8")
    (tmp_path / "run-gpt.json").write_text('{"curve": 3}', encoding="utf-8")
    assert runs_in(tmp_path) == ()
    log = log_run(tmp_path / "absent", "intent", "bert", 3, lambda: NOW)
    log.epoch(Epoch(1, 0.5, 0.8))
    assert runs_in(tmp_path / "absent") == ()


def test_the_registry_lists_the_trainings_of_all_tasks(tmp_path: Path) -> None:
    registry = registry_of(tmp_path, "default")
    assert registry.runs() == ()
    for task in ("copy", "sentiment"):
        registry.folder(task).mkdir(parents=True)
        log_run(registry.folder(task), task, "seq2seq", 2, lambda: NOW)
    assert sorted(run.task for run in registry.runs()) == ["copy", "sentiment"]
