"""How a training is going, in a small file beside its task's models: whoever looks sees the curve while it grows."""

import json
import os
import secrets
from collections.abc import Callable
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Any, Final, Literal, cast

from zhanggui.kernel.textmodels.training import Epoch

RunState = Literal["running", "finished", "broken off"]
_PATTERN: Final = "run-*.json"


@dataclass(frozen=True, slots=True)
class Run:
    """The newest training of an algorithm for a task.

    Attributes:
        process: number of the process that trains, on the machine where it trains.
        began, told: ISO times in UTC: when it began, and when it was last heard of.
        epochs: passes over the rows at most.
        curve: every epoch so far; a training that went on after a kill tells those since then.
        state: `broken off` when its process is gone and it never finished.
    """

    task: str
    algorithm: str
    process: int
    began: str
    told: str
    epochs: int
    curve: tuple[Epoch, ...] = ()
    state: RunState = "running"


class RunLog:
    """Writes one training's file; a file that cannot be written stops no training."""

    def __init__(self, folder: Path, run: Run, now: Callable[[], datetime]) -> None:
        self._path, self._run, self._now = folder / f"run-{run.algorithm}.json", run, now
        self._write()

    def epoch(self, epoch: Epoch) -> None:
        """Add an epoch."""
        self._run = replace(self._run, curve=(*self._run.curve, epoch), told=self._now().isoformat())
        self._write()

    def finish(self) -> None:
        """It went through."""
        self._run = replace(self._run, state="finished", told=self._now().isoformat())
        self._write()

    def _write(self) -> None:
        draft = self._path.with_name(f".{self._path.name}.{secrets.token_hex(4)}")
        try:
            draft.write_text(json.dumps(asdict(self._run)), encoding="utf-8")
            draft.replace(self._path)
        except OSError:
            draft.unlink(missing_ok=True)


def log_run(folder: Path, task: str, algorithm: str, epochs: int, now: Callable[[], datetime]) -> RunLog:
    """Begin a file for a training that begins now; the one before of the same algorithm is forgotten."""
    began = now().isoformat()
    return RunLog(folder, Run(task, algorithm, os.getpid(), began, began, epochs), now)


def runs_in(folder: Path) -> tuple[Run, ...]:
    """The newest training of each algorithm in a task's folder, last heard of first; unreadable files are left out."""
    found: list[Run] = []
    for path in sorted(folder.glob(_PATTERN)) if folder.is_dir() else ():
        try:
            row = cast(dict[str, Any], json.loads(path.read_bytes()))
            curve = tuple(Epoch(**epoch) for epoch in row.pop("curve"))
            run = Run(**row, curve=curve)
            lost = run.state == "running" and not _alive(int(run.process))
        except (OSError, ValueError, KeyError, TypeError, AttributeError):
            continue
        found.append(replace(run, state="broken off") if lost else run)
    return tuple(sorted(found, key=lambda run: run.told, reverse=True))


def _alive(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except PermissionError:  # it is there, and somebody else's
        return True
    return True
