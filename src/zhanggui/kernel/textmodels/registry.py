"""A merchant's models: candidate, shadow, live, retired. Files and one list, replaced whole; no database needed.

A model's file is written and hashed before the list names it, and the list is replaced in one step under a lock: a kill
at any instant leaves the old live model live and at worst a file that nobody names.
"""

import fcntl
import hashlib
import json
import os
import re
import secrets
from collections.abc import Generator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field, replace
from datetime import datetime
from pathlib import Path
from typing import Any, Final, Literal, Protocol, cast
from urllib.parse import quote

from zhanggui.kernel.errors import BadInput, Conflict, NotFound, OperatorError
from zhanggui.kernel.textmodels.agreement import Lead
from zhanggui.kernel.textmodels.model import ModelCard
from zhanggui.kernel.textmodels.runs import Run, runs_in
from zhanggui.kernel.types import JsonObject, empty_object

State = Literal["candidate", "shadow", "live", "retired"]
_NAME: Final = re.compile(r"[a-z0-9][a-z0-9_-]{0,40}")
_LIST: Final = "registry.json"


def registry_of(data_dir: Path, merchant: str) -> "Registry":
    """The models of a merchant in an installation's data folder."""
    return Registry(data_dir / "textmodels" / quote(merchant, safe=""))


@dataclass(frozen=True, slots=True)
class Version:
    """A trained model of a task.

    Attributes:
        number: 1, 2, ... within the task.
        state: where it stands.
        file: its name within the task's folder.
        sha256: of the file's bytes.
        created: ISO time in UTC.
        verdict: how it did against the live one on the frozen test: mean, low, high, rows.
        went_live: how often; the last of those that went live is what a rollback brings back.
    """

    number: int
    algorithm: str
    state: State
    file: str
    sha256: str
    created: str
    verdict: JsonObject = field(default_factory=empty_object)
    went_live: int = 0


class Savable(Protocol):
    """Any trained model."""

    @property
    def card(self) -> ModelCard:
        """Where it comes from."""
        ...

    def save(self, path: Path) -> None:
        """Write it to one file, whole or not at all."""
        ...


class Registry:
    """The models of one merchant, a folder a task."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def tasks(self) -> tuple[str, ...]:
        """Tasks that have a model."""
        if not self._folder.is_dir():
            return ()
        return tuple(sorted(entry.name for entry in self._folder.iterdir() if (entry / _LIST).is_file()))

    def runs(self) -> tuple[Run, ...]:
        """The newest trainings of every task, running or not, last heard of first."""
        folders = sorted(self._folder.iterdir()) if self._folder.is_dir() else ()
        found = [run for folder in folders if folder.is_dir() for run in runs_in(folder)]
        return tuple(sorted(found, key=lambda run: run.told, reverse=True))

    def versions(self, task: str) -> tuple[Version, ...]:
        """All models of a task, oldest first.

        Raises:
            BadInput: a task is not named by small letters, digits, `-` and `_`.
            OperatorError: the list is damaged.
        """
        path = self.folder(task) / _LIST
        if not path.is_file():
            return ()
        try:
            rows = cast(list[dict[str, Any]], json.loads(path.read_bytes())["versions"])
            return tuple(Version(**row) for row in rows)
        except (ValueError, KeyError, TypeError) as broken:
            raise OperatorError(f"the list of models is damaged: {path} ({broken})") from broken

    def live(self, task: str) -> Version | None:
        """The model that answers, if any went live."""
        return next((one for one in self.versions(task) if one.state == "live"), None)

    def path(self, task: str, version: Version) -> Path:
        """A model's file, its bytes checked against the list.

        Raises:
            OperatorError: it is gone or altered.
        """
        path = self.folder(task) / version.file
        if not path.is_file() or _hash(path) != version.sha256:
            raise OperatorError(f"model {version.number} of {task} is gone or altered: {path}")
        return path

    def folder(self, task: str) -> Path:
        """Where a task's files are."""
        if not _NAME.fullmatch(task):
            raise BadInput(field="task", expected="small letters, digits, - and _", found=task)
        return self._folder / task

    def add(self, task: str, model: Savable, now: datetime) -> Version:
        """Save a model as a candidate."""
        folder = self.folder(task)
        folder.mkdir(parents=True, exist_ok=True)
        name = f"{now:%Y%m%dT%H%M%S}-{model.card.algorithm}-{secrets.token_hex(3)}.npz"
        model.save(folder / name)
        digest = _hash(folder / name)
        with self._changing(task) as rows:
            number = max((row.number for row in rows), default=0) + 1
            made = Version(number, model.card.algorithm, "candidate", name, digest, now.isoformat())
            rows.append(made)
        return made

    def shadow(self, task: str, number: int) -> Version:
        """Let a candidate answer beside the live one, unseen.

        Raises:
            NotFound: no such model.
            Conflict: it is no candidate.
        """
        with self._changing(task) as rows:
            place = _find(rows, task, number)
            if rows[place].state != "candidate":
                raise Conflict(f"model {number} of {task} is {rows[place].state}, not a candidate")
            rows[place] = replace(rows[place], state="shadow")
            return rows[place]

    def promote(self, task: str, number: int, verdict: Lead) -> Version:
        """Make a candidate or shadow the live one, the live one retired; only with a sure lead over it.

        Raises:
            NotFound: no such model.
            Conflict: it is live or retired already, or its lead is not sure; the verdict is kept all the same.
        """
        with self._changing(task) as rows:
            place = _find(rows, task, number)
            one = replace(rows[place], verdict=cast(JsonObject, asdict(verdict)))
            if one.state not in ("candidate", "shadow"):
                raise Conflict(f"model {number} of {task} is {one.state}: only a candidate or shadow can go live")
            rows[place] = one
            if verdict.sure:
                _make_live(rows, place)
        if not verdict.sure:
            raise Conflict(
                f"model {number} of {task} stays {one.state}: its lead of {verdict.mean:+.4f} "
                f"[{verdict.low:+.4f}, {verdict.high:+.4f}] on {verdict.rows} rows is not sure"
            )
        return rows[place]

    def rollback(self, task: str) -> Version:
        """Bring back the model that was live before.

        Raises:
            Conflict: there was none before.
        """
        with self._changing(task) as rows:
            earlier = [place for place, row in enumerate(rows) if row.state == "retired" and row.went_live]
            if not earlier:
                raise Conflict(f"no model of {task} was live before")
            place = max(earlier, key=lambda number: rows[number].went_live)
            # Out of the line of succession: rolling back twice goes further back, not to and fro.
            for other, row in enumerate(rows):
                if row.state == "live":
                    rows[other] = replace(row, state="retired", went_live=0)
            rows[place] = replace(rows[place], state="live")
            return rows[place]

    def retire(self, task: str, number: int) -> Version:
        """Take a model out of use; a task without a live model answers by the shipped default, where there is one.

        Raises:
            NotFound: no such model.
        """
        with self._changing(task) as rows:
            place = _find(rows, task, number)
            rows[place] = replace(rows[place], state="retired")
            return rows[place]

    @contextmanager
    def _changing(self, task: str) -> Generator[list[Version]]:
        folder = self.folder(task)
        folder.mkdir(parents=True, exist_ok=True)
        with (folder / ".lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            rows = list(self.versions(task))
            yield rows
            _write_list(folder / _LIST, rows)


def _make_live(rows: list[Version], place: int) -> None:
    turn = max(row.went_live for row in rows) + 1
    for other, row in enumerate(rows):
        if row.state == "live":
            rows[other] = replace(row, state="retired")
    rows[place] = replace(rows[place], state="live", went_live=turn)


def _find(rows: Sequence[Version], task: str, number: int) -> int:
    for place, row in enumerate(rows):
        if row.number == number:
            return place
    raise NotFound(f"there is no model {number} of {task}")


def _write_list(path: Path, rows: Sequence[Version]) -> None:
    text = json.dumps({"versions": [asdict(row) for row in rows]}, ensure_ascii=False, indent=1)
    draft = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    with draft.open("w", encoding="utf-8") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    draft.replace(path)


def _hash(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()
